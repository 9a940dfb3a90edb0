from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.errors import InvalidQuantityError, NumericalError
from models.flood import FloodParameters, FloodState, Forcing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from models.flood import FloodSolver

    Make = Callable[..., FloodSolver]

SHAPE = (13, 21)
beds = arrays(np.float64, SHAPE, elements=st.floats(-3.0, 3.0, width=32))
depths = arrays(np.float64, SHAPE, elements=st.floats(0.0, 2.0, width=32))


def levels(*start: float, end: tuple[float, ...] | None = None) -> dict[str, NDArray[np.float64]]:
    return {
        "level_start_m": np.array(start),
        "level_end_m": np.array(start if end is None else end),
    }


def everything(solver: FloodSolver) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in solver.state.to_arrays().items()}


@settings(max_examples=40, deadline=None)
@given(bed_m=beds)
def test_lake_at_rest_stays_at_rest(flood: Make, bed_m: NDArray[np.float64]) -> None:
    depth_m = np.maximum(1.0 - bed_m, 0.0)
    solver = flood(bed_m, depth_m)
    solver.advance(300.0, Forcing())
    assert np.abs(solver.depth_m - depth_m).max() <= 1e-12
    assert np.abs(solver.state.discharge_x_m2_s).max() <= 1e-12
    assert np.abs(solver.state.discharge_y_m2_s).max() <= 1e-12


@settings(max_examples=40, deadline=None)
@given(bed_m=beds, depth_m=depths)
def test_closed_basin_keeps_every_drop(
    flood: Make, bed_m: NDArray[np.float64], depth_m: NDArray[np.float64]
) -> None:
    solver = flood(bed_m, depth_m)
    solver.advance(200.0, Forcing())
    assert solver.depth_m.min() >= 0.0
    assert solver.depth_m.sum() == pytest.approx(depth_m.sum(), rel=1e-12, abs=1e-300)
    assert solver.ledger.closure <= 1e-12


def test_water_levels_out_in_a_closed_basin(flood: Make) -> None:
    depth_m = np.zeros(SHAPE)
    depth_m[:, :5] = 1.0
    solver = flood(np.zeros(SHAPE), depth_m)
    for hour in range(1, 5):
        solver.advance(3600.0 * hour, Forcing())
    assert solver.depth_m == pytest.approx(depth_m.mean(), abs=2e-3)


@pytest.mark.parametrize(("time_s", "expected_m"), [(3600.0, 0.7326), (9000.0, 1.0850)])
def test_wave_on_a_plane_follows_the_exact_solution(
    flood: Make, time_s: float, expected_m: float
) -> None:
    # Hunter et al. (2005): h = [(7/3) n² u² (ut - x)]^(3/7).
    u, n, dx = 0.4, 0.03, 25.0
    zone = np.zeros((3, 200), np.int16)
    zone[:, 0] = 1
    solver = flood(np.zeros((3, 200)), cell_size_m=dx, manning=n, level_zone=zone, courant=0.5)

    def at_inlet(t: float) -> float:
        return float((7.0 / 3.0 * n**2 * u**3 * t) ** (3.0 / 7.0))

    for t in np.arange(0.0, time_s, 60.0):
        solver.advance(t + 60.0, Forcing(**levels(at_inlet(t), end=(at_inlet(t + 60.0),))))
    assert at_inlet(time_s) == pytest.approx(expected_m, abs=1e-4)
    x = np.arange(200) * dx
    exact_m = (7.0 / 3.0 * n**2 * u**2 * np.maximum(u * time_s - x, 0.0)) ** (3.0 / 7.0)
    error_m = np.abs(solver.depth_m[1] - exact_m)
    assert np.sqrt(np.mean(error_m**2)) < 0.015
    front_m = x[solver.depth_m[1] > 0.01].max()
    assert front_m == pytest.approx(u * time_s, abs=4.0 * dx)
    assert np.array_equal(solver.depth_m[0], solver.depth_m[2])


def test_symmetric_dam_break_stays_symmetric_to_the_last_bit(flood: Make) -> None:
    y, x = np.mgrid[-20:21, -20:21]
    depth_m = np.where(x**2 + y**2 <= 36, 2.0, 0.0)
    bed_m = 0.05 * (np.cos(x * 0.7) * np.cos(y * 0.7))
    solver = flood(bed_m, depth_m)
    for t in (20.0, 60.0, 180.0):
        solver.advance(t, Forcing())
        depth = solver.depth_m
        assert np.array_equal(depth, depth[::-1])
        assert np.array_equal(depth, depth[:, ::-1])
        assert np.array_equal(depth, depth.T)
    assert depth[20, 0] > 0.0


def city(flood: Make, **parameters: object) -> FloodSolver:
    generator = np.random.default_rng(3)
    bed_m = generator.random((70, 95)) * 2.0 + np.linspace(0.0, 2.0, 95)
    bed_m[30:33, 40:60] = np.nan
    zone = np.zeros(bed_m.shape, np.int16)
    zone[:, :6] = 1
    bed_m[:, :6] = -5.0
    zone[20:22, 50] = 2
    bed_m[20:22, 50] = -1.0
    open_edge = np.zeros(bed_m.shape, bool)
    open_edge[:, -1] = True
    open_edge[0, 50:] = True
    open_edge[29, 45] = True
    depth_m = np.nan_to_num(np.where(bed_m < 1.0, 1.0 - bed_m, 0.0))
    return flood(bed_m, depth_m, level_zone=zone, open_edge=open_edge, **parameters)


def drive(solver: FloodSolver, first: int, last: int) -> None:
    for window in range(first, last):
        solver.advance(
            60.0 * (window + 1),
            Forcing(
                rain_m_s=3e-5 if 2 < window < 9 else 0.0,
                inflow_cells=np.array([40 * 95 + 70]),
                inflow_m3_s=np.array([2.0 if window > 6 else 0.0]),
                **levels(1.0 + 0.05 * window, 0.5, end=(1.05 + 0.05 * window, 0.5)),
            ),
        )


def test_every_term_of_the_ledger_moves_and_it_closes(flood: Make) -> None:
    solver = city(flood)
    drive(solver, 0, 20)
    ledger = solver.ledger
    assert min(ledger.rain_m3, ledger.level_in_m3, ledger.level_out_m3) > 1.0
    assert min(ledger.inflow_m3, ledger.outflow_edges_m3) > 1.0
    assert ledger.inflow_m3 == pytest.approx(2.0 * 60.0 * 13)
    assert ledger.closure <= 1e-12


def test_active_ground_gives_the_bytes_of_the_whole_grid(flood: Make) -> None:
    some, whole = city(flood), city(flood, active_tiles=False)
    drive(some, 0, 14)
    drive(whole, 0, 14)
    assert everything(some) == everything(whole)


def test_drying_ground_gives_the_bytes_of_the_whole_grid(flood: Make) -> None:
    bed_m = np.linspace(3.0, 0.0, 120)[None, :] * np.ones((40, 1))
    depth_m = np.zeros(bed_m.shape)
    depth_m[10:16, 8:12] = 2.0
    solvers = [flood(bed_m, depth_m, active_tiles=tiles) for tiles in (True, False)]
    fewest = []
    for solver in solvers:
        reports = [solver.advance(60.0 * n, Forcing()) for n in range(1, 30)]
        fewest.append(min(report.active_cells for report in reports))
    assert everything(solvers[0]) == everything(solvers[1])
    assert fewest[0] < bed_m.size / 2 < fewest[1]


def test_ground_that_grows_here_and_there_gives_the_bytes_of_the_whole_grid(flood: Make) -> None:
    bed_m = np.random.default_rng(8).random((160, 70)) * 0.05 + np.linspace(0.4, 0.0, 70)
    bed_m += 0.3 * np.abs(np.sin(np.arange(160) / 9.0))[:, None]
    depth_m = np.zeros(bed_m.shape)
    depth_m[40:44, 5:9] = 0.6
    depth_m[110, 20:60] = 0.2
    solvers = [flood(bed_m, depth_m, active_tiles=tiles) for tiles in (True, False)]
    near = 0
    for n in range(1, 40):
        for solver in solvers:
            solver.advance(20.0 * n, Forcing())
        near += bool(solvers[0]._parts.near.any())
        assert everything(solvers[0]) == everything(solvers[1])
    assert near > 20, "the ground grew by rows"


def test_one_thread_gives_the_bytes_of_two(flood: Make) -> None:
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("one thread only")
    results = []
    threads = numba.get_num_threads()
    for count in (1, 2):
        numba.set_num_threads(count)
        try:
            solver = city(flood)
            drive(solver, 0, 10)
        finally:
            numba.set_num_threads(threads)
        results.append(everything(solver))
    assert results[0] == results[1]


def test_a_restored_solver_continues_bit_for_bit(flood: Make) -> None:
    straight = city(flood)
    drive(straight, 0, 12)
    first = city(flood)
    drive(first, 0, 5)
    arrays_ = {name: array.copy() for name, array in first.state.to_arrays().items()}
    second = city(flood)
    second.restore(FloodState.from_arrays(arrays_))
    assert everything(second) == everything(first)
    drive(second, 5, 12)
    assert everything(second) == everything(straight)


def test_rain_volume_is_exact_on_ground_that_stays_dry(flood: Make) -> None:
    solver = flood(np.linspace(0.0, 5.0, 40 * 50).reshape(40, 50))
    report = solver.advance(60.0, Forcing(rain_m_s=1e-6))
    assert solver.depth_m == pytest.approx(60e-6, rel=1e-12)
    assert report.wet_cells == 0
    for window in range(2, 60):
        solver.advance(60.0 * window, Forcing(rain_m_s=1e-6))
    expected_m3 = 1e-6 * 60.0 * 59 * 2000 * 100.0
    assert solver.ledger.rain_m3 == pytest.approx(expected_m3, rel=1e-12)
    assert solver.ledger.stored_m3 == pytest.approx(expected_m3, rel=1e-12)


def test_a_prescribed_level_fills_and_drains_and_its_depth_does_not_limit_the_step(
    flood: Make,
) -> None:
    bed_m = np.zeros((10, 30))
    bed_m[:, :3] = -20.0
    zone = np.zeros(bed_m.shape, np.int16)
    zone[:, :3] = 1
    solver = flood(bed_m, level_zone=zone)
    report = None
    for window in range(60):
        report = solver.advance(60.0 * (window + 1), Forcing(**levels(1.0)))
    assert report is not None
    assert report.smallest_step_s > 1.5  # 0.7 · 10 / √(9.81 · 20) would be 0.5 s
    assert solver.depth_m[:, 5:] == pytest.approx(1.0, abs=0.05)
    assert solver.depth_m[:, 0] == pytest.approx(21.0)
    for window in range(60, 200):
        solver.advance(60.0 * (window + 1), Forcing(**levels(-1.0)))
    assert solver.depth_m[:, 3:].max() < 0.1
    assert solver.ledger.closure <= 1e-9


def test_an_open_edge_drains_and_never_feeds(flood: Make) -> None:
    bed_m = np.linspace(1.0, 0.0, 30)[None, :] * np.ones((6, 1))
    open_edge = np.zeros(bed_m.shape, bool)
    open_edge[:, -1] = True
    closed = flood(bed_m, np.full(bed_m.shape, 0.5))
    solver = flood(bed_m, np.full(bed_m.shape, 0.5), open_edge=open_edge)
    stored_m3 = [solver.ledger.stored_m3]
    for window in range(1, 40):
        solver.advance(60.0 * window, Forcing())
        stored_m3.append(solver.ledger.stored_m3)
        assert solver.state.discharge_x_m2_s[:, -1].min() >= 0.0
    assert np.all(np.diff(stored_m3) <= 0.0)
    assert stored_m3[-1] < 0.2 * stored_m3[0]
    assert solver.ledger.closure <= 1e-12
    closed.advance(600.0, Forcing())
    assert closed.ledger.outflow_edges_m3 == 0.0


def test_ground_without_a_level_is_a_wall(flood: Make) -> None:
    bed_m = np.zeros((9, 21))
    bed_m[:, 10] = np.nan
    depth_m = np.zeros(bed_m.shape)
    depth_m[:, :10] = 3.0
    solver = flood(bed_m, depth_m)
    solver.advance(600.0, Forcing(rain_m_s=0.0))
    assert np.array_equal(solver.depth_m, depth_m)


def test_statistics_agree_with_what_was_seen(flood: Make) -> None:
    depth_m = np.zeros((15, 40))
    depth_m[:, :6] = 2.0
    solver = flood(np.zeros(depth_m.shape), depth_m, statistics_interval_s=10.0)
    deepest, fastest = depth_m.copy(), np.zeros(depth_m.shape)
    flooded_s = np.zeros(depth_m.shape)
    for step in range(1, 60):
        solver.advance(10.0 * step, Forcing())  # each window ends on a sample
        deepest = np.maximum(deepest, solver.depth_m)
        fastest = np.maximum(fastest, solver.speed_m_s())
        flooded_s += np.where(solver.depth_m >= 0.1, 10.0, 0.0)
    assert np.all(solver.max_depth_m >= deepest)
    assert np.array_equal(solver.max_speed_m_s, fastest.astype(np.float32))
    assert np.array_equal(np.isnan(solver.arrival_s), solver.max_depth_m < 0.1)
    assert np.all(np.diff(np.nan_to_num(solver.arrival_s[7], nan=1e9)) >= 0.0)
    assert solver.arrival_s[7, 0] == 0.0
    assert solver.duration_s == pytest.approx(flooded_s)
    assert flooded_s.max() > 300.0
    assert solver.max_hazard.max() > 2.0


def test_time_lands_exactly(flood: Make) -> None:
    solver = flood(np.zeros((5, 5)), np.ones((5, 5)))
    for until_s in (0.1, 60.0, 60.0 + 1e-6, 1000.0 / 3.0):
        solver.advance(until_s, Forcing())
        assert solver.time_s == until_s


def test_the_first_depth_that_is_not_finite_is_named(flood: Make) -> None:
    solver = flood(np.zeros((12, 20)), np.ones((12, 20)))
    state = solver.state
    state.depth_m[7, 11] = np.nan
    solver.restore(state)
    with pytest.raises(NumericalError, match=r"0\.000 s, row 7, column 11"):
        solver.advance(60.0, Forcing())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bed_m": np.where(np.eye(4) > 2, 0.0, np.full((4, 4), np.nan))}, "no cell has ground"),
        ({"manning": np.where(np.arange(16).reshape(4, 4) == 6, 0.0, 0.03)}, "row 1, column 2"),
        ({"level_zone": -np.eye(4, dtype=np.int16)}, "row 0, column 0"),
        ({"open_edge": np.arange(16).reshape(4, 4) == 5}, "row 1, column 1"),
        ({"depth_m": np.where(np.arange(16).reshape(4, 4) == 9, -1.0, 0.0)}, "row 2, column 1"),
        ({"courant": 1.5}, "courant"),
        ({"theta": 0.1}, "theta"),
        ({"arrival_depth_m": 0.0}, "arrival_depth_m"),
    ],
)
def test_bad_input_is_named(flood: Make, change: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidQuantityError, match=message):
        flood(**({"bed_m": np.zeros((4, 4))} | change))  # type: ignore[arg-type]  # bad on purpose


@pytest.mark.parametrize(
    ("forcing", "message"),
    [
        (Forcing(rain_m_s=-1.0), "rain"),
        (Forcing(rain_m_s=float("nan")), "rain"),
        (Forcing(level_start_m=np.zeros(1)), "level_start_m"),
        (Forcing(inflow_cells=np.array([99]), inflow_m3_s=np.ones(1)), "99"),
        (Forcing(inflow_cells=np.array([6]), inflow_m3_s=np.full(1, np.nan)), "row 1, column 2"),
    ],
)
def test_bad_forcing_is_named(flood: Make, forcing: Forcing, message: str) -> None:
    with pytest.raises(InvalidQuantityError, match=message):
        flood(np.zeros((4, 4))).advance(60.0, forcing)


def test_time_cannot_stand_still(flood: Make) -> None:
    with pytest.raises(InvalidQuantityError, match="cannot advance"):
        flood(np.zeros((4, 4))).advance(0.0, Forcing())


@pytest.mark.slow  # compiles everything a second time
def test_single_precision_stays_within_a_tenth_of_a_millimetre_of_double(flood: Make) -> None:
    generator = np.random.default_rng(5)
    bed_m = 300.0 + 0.3 * generator.random((40, 50))
    depth_m = np.zeros(bed_m.shape)
    depth_m[:, :20] = 1.0
    double, single = flood(bed_m, depth_m), flood(bed_m, depth_m, precision="single")
    for solver in (double, single):
        solver.advance(600.0, Forcing(rain_m_s=1e-5))
    assert np.abs(double.depth_m - single.depth_m).max() < 1e-3
    assert np.abs(double.depth_m - single.depth_m).mean() < 1e-4
    assert 0.0 < single.ledger.closure < 1e-5


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(InvalidQuantityError, match="single"):
        FloodParameters(cell_size_m=1.0, precision="half")
