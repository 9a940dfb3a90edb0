"""Rain curves, rain between gauges and on other grids, and rain on roofs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.flood import rainfall
from models.flood.intensity import IntensityCurve
from models.flood.rainfall import Hyetograph
from models.flood.rainfields import GaugeRain, GriddedRain, overlap_weights
from models.flood.roofs import route_roofs
from models.grid import Grid

MM_H = 1e-3 / 3600.0
GRID = Grid(west_m=100.0, north_m=460.0, cell_size_m=10.0, rows=6, columns=8)


def steady(rate_mm_h: float, end_s: float = 3600.0) -> Hyetograph:
    """Return rain of one rate."""
    return Hyetograph(times_s=np.array([0.0, end_s]), rates_m_s=np.array([rate_mm_h * MM_H]))


# Intensity curves


def test_a_curve_in_litres_per_second_and_hectare_is_read_in_its_unit() -> None:
    curve = IntensityCurve.of_minutes(
        a=5000.0, b_min=20.0, n=0.8, unit="l_s_ha", c=0.6, return_period_years=10.0
    )
    litres = 5000.0 * 1.6 / (60.0 + 20.0) ** 0.8
    assert curve.intensity_m_s(3600.0) == pytest.approx(litres * 1e-7, rel=1e-12)
    assert curve.depth_m(3600.0) * 1000.0 == pytest.approx(litres * 0.36, rel=1e-12)


@pytest.mark.parametrize("peak", [0.0, 0.3, 0.5, 1.0])
def test_the_heaviest_hour_of_a_chicago_storm_is_that_of_its_curve(peak: float) -> None:
    curve = IntensityCurve.of_minutes(a=2000.0, b_min=15.0, n=0.7, unit="mm_h")
    storm = rainfall.chicago(
        depth_m=curve.depth_m(10_800.0), duration_s=10_800.0, b_s=curve.b_s, c=curve.n,
        peak=peak, step_s=60.0,
    )  # fmt: skip
    for length_s in (600.0, 3600.0, 7200.0, 10_800.0):
        starts = np.arange(0.0, 10_800.0 - length_s + 1.0, 60.0)
        heaviest = max(storm.depth_between_m(start, start + length_s) for start in starts)
        assert heaviest <= curve.depth_m(length_s) * (1 + 1e-9)
        assert heaviest == pytest.approx(curve.depth_m(length_s), rel=0.01)


def test_alternating_blocks_hold_the_curve_at_every_number_of_blocks() -> None:
    curve = IntensityCurve.of_minutes(a=2000.0, b_min=15.0, n=0.7, unit="mm_h")
    storm = rainfall.alternating_block(
        depth_of_duration_m=curve.depth_m, duration_s=7200.0, step_s=600.0
    )
    blocks = storm.rates_m_s * 600.0
    for count in range(1, 13):
        heaviest = max(blocks[k : k + count].sum() for k in range(13 - count))
        assert heaviest == pytest.approx(curve.depth_m(count * 600.0), rel=1e-12)


def test_a_curve_that_falls_with_the_duration_is_refused() -> None:
    curve = IntensityCurve.of_minutes(a=2000.0, b_min=10.0, n=1.2, unit="mm_h")
    assert curve.depth_m(3000.0) > curve.depth_m(2000.0)
    with pytest.raises(InvalidQuantityError, match="a longer rain brings less") as caught:
        curve.depth_m(3100.0)
    assert "3000 s" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"unit": "mm"}, "no unit"), ({"a": -1.0}, "positive"), ({"c": 0.5}, "return period")],
)
def test_impossible_curves_are_refused(changes: dict[str, object], said: str) -> None:
    fields = {"a": 1000.0, "b_min": 10.0, "n": 0.7, "unit": "mm_h", **changes}
    with pytest.raises(InvalidQuantityError, match=said):
        IntensityCurve.of_minutes(**fields)  # type: ignore[arg-type]


# Gauges


def test_each_cell_takes_the_rain_of_its_nearest_gauge() -> None:
    rain = GaugeRain(
        [steady(10.0), steady(20.0), steady(30.0)],
        x_m=np.array([100.0, 180.0, 5000.0]), y_m=np.array([430.0, 430.0, 430.0]), grid=GRID,
    )  # fmt: skip
    field = rain.mean_rate_m_s(0.0, 60.0)
    assert np.unique(field[:, :4]).tolist() == [10.0 * MM_H]
    assert np.unique(field[:, 4:]).tolist() == [20.0 * MM_H]
    assert rain.used.tolist() == [True, True, False]


@given(power=st.floats(0.5, 6.0), rates=st.lists(st.floats(0, 100), min_size=3, max_size=3))
@settings(max_examples=20, deadline=None)
def test_interpolated_rain_lies_between_its_gauges(power: float, rates: list[float]) -> None:
    rain = GaugeRain(
        [steady(rate) for rate in rates], x_m=np.array([105.0, 175.0, 140.0]),
        y_m=np.array([455.0, 405.0, 0.0]), grid=GRID, method="inverse_distance", power=power,
    )  # fmt: skip
    field = rain.mean_rate_m_s(0.0, 60.0)
    assert (field >= min(rates) * MM_H * (1 - 1e-12)).all()
    assert (field <= max(rates) * MM_H * (1 + 1e-12)).all()
    if power >= 2.0:
        assert field[0, 0] == pytest.approx(rates[0] * MM_H, rel=1e-3, abs=1e-10)


def test_inverse_distance_weighs_by_the_power() -> None:
    rain = GaugeRain(
        [steady(10.0), steady(40.0)], x_m=np.array([95.0, 135.0]), y_m=np.array([455.0, 455.0]),
        grid=GRID, method="inverse_distance", power=1.0,
    )  # fmt: skip
    expected = (10.0 / 10.0 + 40.0 / 30.0) / (1 / 10.0 + 1 / 30.0)
    assert rain.mean_rate_m_s(0.0, 60.0)[0, 0] == pytest.approx(expected * MM_H, rel=1e-12)


def test_no_depth_of_a_gauge_is_lost_between_windows() -> None:
    gauge = Hyetograph(
        times_s=np.array([0.0, 130.0, 700.0, 1000.0]),
        rates_m_s=np.array([3.0, 50.0, 7.0]) * MM_H,
    )
    rain = GaugeRain([gauge], x_m=np.array([0.0]), y_m=np.array([0.0]), grid=GRID)
    ends = [0.0, 60.0, 61.0, 300.0, 900.0, 1800.0]
    depth = sum(rain.mean_rate_m_s(a, b) * (b - a) for a, b in pairwise(ends))
    assert depth == pytest.approx(np.full(GRID.shape, gauge.depth_m), rel=1e-12)


def test_impossible_gauges_are_refused() -> None:
    one = {"x_m": np.zeros(1), "y_m": np.zeros(1), "grid": GRID}
    with pytest.raises(InvalidQuantityError, match="at least one"):
        GaugeRain([], x_m=np.zeros(0), y_m=np.zeros(0), grid=GRID)
    with pytest.raises(InvalidQuantityError, match="same spot"):
        GaugeRain([steady(1), steady(2)], x_m=np.zeros(2), y_m=np.zeros(2), grid=GRID)
    with pytest.raises(InvalidQuantityError, match="power"):
        GaugeRain([steady(1)], power=0.0, **one)
    with pytest.raises(InvalidQuantityError, match="one place for each"):
        GaugeRain([steady(1), steady(2)], **one)


# Grids


def faces(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return the faces of *grid* in its own coordinates."""
    x = grid.west_m + np.arange(grid.columns + 1) * grid.cell_size_m
    y = grid.north_m - np.arange(grid.rows + 1) * grid.cell_size_m
    return np.tile(x, (grid.rows, 1)), np.tile(y[:, None], (1, grid.columns))


@settings(max_examples=40, deadline=None)
@given(
    size=st.floats(1.5, 90.0), west=st.floats(-80.0, 0.0), south=st.floats(-80.0, 0.0),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_rain_on_other_pixels_keeps_its_volume(
    size: float, west: float, south: float, seed: int
) -> None:
    x_edges = np.arange(100.0 + west, 180.0 + 2 * size, size)
    y_edges = np.arange(400.0 + south, 460.0 + 2 * size, size)
    weights = overlap_weights(*faces(GRID), x_edges, y_edges)
    pixels = np.random.default_rng(seed).random((y_edges.size - 1, x_edges.size - 1))
    rain = GriddedRain(
        times_s=np.array([0.0, 600.0]), rates_m_s=pixels.reshape(1, -1) * 1e-5, weights=weights,
        shape=GRID.shape,
    )  # fmt: skip
    wide = np.diff(np.clip(x_edges, 100.0, 180.0))
    high = np.diff(np.clip(y_edges, 400.0, 460.0))
    volume = float((pixels * np.outer(high, wide)).sum()) * 1e-5
    assert rain.covered.all()
    got = rain.mean_rate_m_s(0.0, 600.0).sum() * GRID.cell_area_m2
    assert got == pytest.approx(volume, rel=1e-12)


def test_gridded_rain_keeps_its_depth_in_time() -> None:
    weights = overlap_weights(*faces(GRID), np.array([0.0, 140.0, 500.0]), np.array([0.0, 500.0]))
    rates = np.array([[1.0, 2.0], [0.0, 5.0], [3.0, 1.0]]) * 1e-6
    rain = GriddedRain(
        times_s=np.array([-300.0, 100.0, 250.0, 900.0]), rates_m_s=rates, weights=weights,
        shape=GRID.shape,
    )  # fmt: skip
    ends = [0.0, 60.0, 120.0, 600.0, 1200.0]
    depth = sum(rain.mean_rate_m_s(a, b) * (b - a) for a, b in pairwise(ends))
    expected = rates[0] * 100.0 + rates[1] * 150.0 + rates[2] * 650.0
    assert depth[:, :4] == pytest.approx(np.full((6, 4), expected[0]), rel=1e-12)
    assert depth[:, 4:] == pytest.approx(np.full((6, 4), expected[1]), rel=1e-12)
    assert (rain.mean_rate_m_s(900.0, 960.0) == 0.0).all()


def test_cells_beyond_the_pixels_are_known() -> None:
    weights = overlap_weights(*faces(GRID), np.array([0.0, 125.0]), np.array([0.0, 500.0]))
    rain = GriddedRain(
        times_s=np.array([0.0, 60.0]), rates_m_s=np.array([[1e-6]]), weights=weights,
        shape=GRID.shape,
    )  # fmt: skip
    assert rain.covered[:, :3].all()
    assert not rain.covered[:, 3:].any()
    assert rain.mean_rate_m_s(0.0, 60.0)[0, :4].tolist() == [1e-6, 1e-6, 1e-6, 0.0]


def test_impossible_gridded_rain_is_refused() -> None:
    weights = overlap_weights(*faces(GRID), np.array([0.0, 500.0]), np.array([0.0, 500.0]))
    times, rates = np.array([0.0, 60.0]), np.array([[-1.0]])
    with pytest.raises(InvalidQuantityError, match="between 0"):
        GriddedRain(times_s=times, rates_m_s=rates, weights=weights, shape=GRID.shape)
    with pytest.raises(InvalidQuantityError, match="rise"):
        GriddedRain(times_s=times[::-1], rates_m_s=rates, weights=weights, shape=GRID.shape)
    with pytest.raises(InvalidQuantityError, match="one rate for each"):
        GriddedRain(times_s=times, rates_m_s=rates, weights=weights, shape=(2, 2))


# Roofs


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 999), drains=st.floats(0.0, 1.0), share=st.floats(0.05, 0.8),
    away=st.booleans(), uniform=st.booleans(),
)  # fmt: skip
def test_no_rain_on_a_roof_is_lost(
    seed: int, drains: float, share: float, *, away: bool, uniform: bool
) -> None:
    draw = np.random.default_rng(seed)
    roofs = draw.random((7, 9)) * (draw.random((7, 9)) < share)
    blocked = roofs > 0.5
    blocked[3, 3] = False
    outside = np.zeros_like(blocked)
    outside[0, :4] = True
    blocked &= ~outside
    computed = ~blocked & ~outside
    canal = np.zeros_like(blocked)
    canal[3, 3] = True
    routed = route_roofs(
        roof_share=roofs, blocked=blocked, computed=computed, drain_share=drains,
        drain_to=None if away else canal,
    )  # fmt: skip
    rain = 1e-5 if uniform else draw.random((7, 9)) * 1e-5
    reached = routed.route(rain)
    fell = np.broadcast_to(rain, (7, 9))[computed | blocked].sum()
    assert (reached[blocked] == 0.0).all()
    assert reached[computed].sum() + routed.away_m_s(rain) == pytest.approx(fell, rel=1e-12)
    if away:
        drained = (np.broadcast_to(rain, (7, 9)) * roofs)[~outside].sum() * drains
        assert routed.away_m_s(rain) == pytest.approx(drained, rel=1e-12, abs=1e-20)


def test_a_house_sheds_its_rain_evenly_beside_itself() -> None:
    blocked = np.zeros((5, 5), np.bool_)
    blocked[2, 2] = True
    routed = route_roofs(roof_share=blocked * 1.0, blocked=blocked, computed=~blocked)
    reached = routed.route(4.0)
    assert [reached[1, 2], reached[3, 2], reached[2, 1], reached[2, 3]] == [5.0] * 4
    assert reached[2, 2] == 0.0
    assert reached.sum() == pytest.approx(100.0)


def test_rain_on_the_inner_cells_of_a_block_comes_down_at_its_rim() -> None:
    blocked = np.zeros((7, 7), np.bool_)
    blocked[1:6, 1:6] = True
    routed = route_roofs(roof_share=blocked * 1.0, blocked=blocked, computed=~blocked)
    assert routed.route(1.0).sum() == pytest.approx(49.0)
    assert (routed.route(1.0)[blocked] == 0.0).all()


def test_roofs_that_nothing_can_drain_are_refused() -> None:
    everywhere = np.ones((3, 3), np.bool_)
    with pytest.raises(InvalidQuantityError, match="no open cell"):
        route_roofs(roof_share=everywhere * 1.0, blocked=everywhere, computed=~everywhere)
    with pytest.raises(InvalidQuantityError, match="no cell can take"):
        route_roofs(
            roof_share=everywhere * 1.0, blocked=~everywhere, computed=everywhere,
            drain_share=0.5, drain_to=~everywhere,
        )  # fmt: skip
