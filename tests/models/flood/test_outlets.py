"""Rating curves, normal depth, and how a discharge follows a level window by window."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.flood.outlets import (
    RatingCurve,
    conveyance,
    filled_conveyance,
    normal_discharge,
    relaxed,
)


def points(*pairs: tuple[float, float]) -> RatingCurve:
    levels, flows = zip(*pairs, strict=True)
    return RatingCurve(levels_m=np.array(levels), discharges_m3_s=np.array(flows))


def test_a_curve_is_straight_between_its_points_and_goes_on_above_them() -> None:
    curve = points((0.5, 0.0), (1.0, 0.0), (2.0, 10.0), (3.0, 40.0))
    assert curve.discharge_m3_s(0.2) == 0.0
    assert curve.discharge_m3_s(1.5) == 5.0
    assert curve.discharge_m3_s(4.0) == 70.0
    assert (curve.lowest_m, curve.highest_m) == (1.0, 3.0)
    assert curve.slope_m2_s(2.5) == pytest.approx(30.0)


def test_a_power_is_the_formula() -> None:
    curve = RatingCurve.power(12.0, 1.5, 0.4)
    assert curve.discharge_m3_s(0.3) == 0.0
    assert curve.discharge_m3_s(1.4) == pytest.approx(12.0)
    assert curve.slope_m2_s(1.4) == pytest.approx(18.0, rel=1e-3)
    assert curve.highest_m == np.inf


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        (((0.0, 0.0),), "at least two"),
        (((0.0, 0.0), (0.0, 1.0)), "levels must rise"),
        (((0.0, 0.0), (1.0, 2.0), (2.0, 1.0)), "must not fall"),
        (((0.0, 1.0), (1.0, 2.0)), "first discharge must be 0"),
        (((0.0, 0.0), (1.0, np.nan)), "not finite"),
    ],
)
def test_what_is_no_curve_is_refused(pairs: tuple[tuple[float, float], ...], says: str) -> None:
    with pytest.raises(InvalidQuantityError, match=says):
        points(*pairs)


def test_normal_depth_is_manning_and_never_faster_than_critical() -> None:
    depth, manning = np.array([0.0, 1.0, 1.0]), np.array([0.03, 0.03, 0.001])
    flow = normal_discharge(depth, manning, 1e-3, 10.0, 9.81)
    assert flow[0] == 0.0
    assert flow[1] == pytest.approx(10.0 * np.sqrt(1e-3) / 0.03)
    assert flow[2] == pytest.approx(10.0 * np.sqrt(9.81))


def test_a_dry_channel_takes_the_water_in_its_bed() -> None:
    bed = np.array([3.0, 0.0, 0.1, 3.0])
    dry = filled_conveyance(bed, np.zeros(4), np.full(4, 0.03), 0.01)
    assert dry.sum() == pytest.approx(1.0)
    assert (dry[[0, 3]] == 0.0).all()
    assert dry[1] > dry[2] > 0.0
    full = filled_conveyance(bed, np.array([0.0, 4.0, 3.9, 1.0]), np.full(4, 0.03), 0.01)
    assert (full > 0.0).all()


def test_water_leaves_where_it_is_conveyed() -> None:
    share = conveyance(np.array([0.0, 1.0, 2.0]), np.full(3, 0.05), 0.01)
    assert share[0] == 0.0
    assert share[2] / share[1] == pytest.approx(2.0 ** (5.0 / 3.0))
    assert (conveyance(np.zeros(3), np.full(3, 0.05), 0.01) == 0.0).all()


@given(
    steady_m=st.floats(0.05, 5.0),
    exponent=st.floats(0.5, 4.0),
    windows=st.floats(0.05, 1.0),
    inflow=st.floats(0.01, 50.0),
)
@settings(max_examples=50, deadline=None)
def test_a_tank_comes_to_the_level_of_its_curve(
    steady_m: float, exponent: float, windows: float, inflow: float
) -> None:
    curve = RatingCurve.power(inflow / steady_m**exponent, exponent, 0.0)
    area_m2, level_m, left = 100.0 * inflow, 0.7 * steady_m, np.zeros(())
    window_s = windows * area_m2 / curve.slope_m2_s(1.5 * steady_m)
    for _ in range(20_000):
        wanted, slope = curve.discharge_m3_s(level_m), curve.slope_m2_s(level_m)
        left = relaxed(left, np.asarray(wanted), np.asarray(slope), area_m2, window_s)
        rise_m = (inflow - float(left)) * window_s / area_m2
        level_m += rise_m
        if abs(rise_m) < 1e-9 * steady_m:
            break
    assert level_m == pytest.approx(steady_m, rel=1e-3)


def test_a_long_window_moves_the_discharge_only_part_of_the_way() -> None:
    moved = relaxed(np.array([2.0]), np.array([10.0]), np.array([5.0]), 100.0, 40.0)
    assert moved[0] == pytest.approx(2.0 + 0.5 * 8.0)
    assert relaxed(np.array([2.0]), np.array([0.0]), np.array([5.0]), 100.0, 1.0)[0] == 0.0
