"""The exchange between street and manhole against hand formulae."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.drainage.kernels import exchange_discharge, implicit_discharge

CREST, WEIR, AREA, CW, CO, G = 2.0, 3.83, 1.167, 0.54, 0.167, 9.81
levels = st.floats(-3.0, 6.0)


def exchange(surface: float, head: float) -> float:
    return exchange_discharge(surface, head, CREST, WEIR, AREA, CW, CO, G)


def test_a_free_weir_follows_rubinato() -> None:
    depth = 0.05
    expected = 2.0 / 3.0 * CW * WEIR * sqrt(2.0 * G) * depth**1.5
    assert exchange(CREST + depth, 1.0) == pytest.approx(expected, rel=1e-14)


def test_a_drowned_opening_is_an_orifice_in_both_directions() -> None:
    down = exchange(CREST + 1.0, CREST + 0.4)
    assert down == pytest.approx(CO * AREA * sqrt(2.0 * G * 0.6), rel=1e-12)
    assert exchange(CREST + 0.4, CREST + 1.0) == -down


def test_water_comes_up_onto_a_dry_street() -> None:
    assert exchange(CREST, CREST + 0.5) == pytest.approx(
        -CO * AREA * sqrt(2.0 * G * 0.5), rel=1e-12
    )


@given(surface=levels, head=levels)
def test_nothing_passes_below_the_crest_or_at_equal_levels(surface: float, head: float) -> None:
    q = exchange(surface, head)
    if max(surface, head) <= CREST or surface == head:
        assert q == 0.0
    elif q != 0.0:
        assert (q > 0.0) == (surface > head)


@given(surface=levels, head=levels, rise=st.floats(0.0, 0.5))
def test_more_water_above_brings_more_down_and_more_below_less(
    surface: float, head: float, rise: float
) -> None:
    q = exchange(surface, head)
    assert exchange(surface + rise, head) >= q - 1e-12
    assert exchange(surface, head + rise) <= q + 1e-12


@given(
    surface=st.floats(2.0, 6.0),
    head=levels,
    street=st.floats(1.0, 1000.0),
    manhole=st.floats(0.1, 10.0),
    step=st.floats(0.1, 10.0),
    flow=st.floats(-1.0, 1.0),
)
def test_a_step_never_carries_the_levels_past_each_other(
    surface: float,
    head: float,
    *,
    street: float,
    manhole: float,
    step: float,
    flow: float,
) -> None:
    q = implicit_discharge(surface, head, CREST, WEIR, AREA, CW, CO, G, flow, street, manhole, step)
    after = surface - q * step / street, head + (q + flow) * step / manhole
    if q > 0.0:
        assert after[0] >= after[1] - 1e-9
    if q < 0.0:
        assert after[0] <= after[1] + 1e-9


def test_a_short_step_is_the_plain_formula() -> None:
    q = implicit_discharge(CREST + 0.3, 1.0, CREST, WEIR, AREA, CW, CO, G, 0.0, 100.0, 1.0, 1e-9)
    assert q == pytest.approx(exchange(CREST + 0.3, 1.0), rel=1e-6)
