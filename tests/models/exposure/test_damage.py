from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.exposure import DamageCurve, still_water_class
from models.flood.hazard import aidr_class

CURVE = DamageCurve("homes", (0.0, 1.0, 3.0), (0.0, 0.5, 0.9), spread=0.2)


def test_a_curve_is_straight_between_points_and_flat_beyond() -> None:
    assert CURVE.share([0.0, 0.5, 2.0, 9.0]).tolist() == pytest.approx([0.0, 0.25, 0.7, 0.9])


def test_the_spread_stays_within_nothing_and_all_and_dry_stays_dry() -> None:
    assert CURVE.share([0.0, 0.2, 3.0], side=-1).tolist() == pytest.approx([0.0, 0.0, 0.7])
    assert CURVE.share([0.0, 0.2, 3.0], side=1).tolist() == pytest.approx([0.0, 0.3, 1.0])


@given(st.lists(st.floats(0.0, 20.0), min_size=2, max_size=20))
def test_deeper_water_never_takes_less(depths: list[float]) -> None:
    shares = CURVE.share(sorted(depths))
    assert (np.diff(shares) >= 0.0).all()


@pytest.mark.parametrize(
    ("depths", "shares", "spread"),
    [
        ((0.0,), (0.0,), 0.0),
        ((0.1, 1.0), (0.0, 1.0), 0.0),
        ((0.0, 1.0), (0.5, 0.4), 0.0),
        ((0.0, 1.0), (0.0, 1.1), 0.0),
        ((0.0, 1.0), (0.0, float("nan")), 0.0),
        ((0.0, 1.0), (0.0, 1.0), 1.5),
    ],
)
def test_a_curve_that_cannot_be_is_refused(
    depths: tuple[float, ...], shares: tuple[float, ...], spread: float
) -> None:
    with pytest.raises(InvalidQuantityError, match="homes"):
        DamageCurve("homes", depths, shares, spread)


def test_depths_that_cannot_be_are_refused() -> None:
    for depth in (np.nan, -1.0, np.inf):
        with pytest.raises(InvalidQuantityError):
            CURVE.share([depth])
    with pytest.raises(InvalidQuantityError):
        still_water_class([np.nan])


@given(st.floats(0.05, 10.0))
def test_the_class_of_still_water_is_that_of_the_rating_without_speed(depth: float) -> None:
    assert still_water_class([depth])[0] == aidr_class([depth], [0.0])[0]


def test_shallow_water_has_no_class() -> None:
    assert still_water_class([0.0, 0.04]).tolist() == [0, 0]
