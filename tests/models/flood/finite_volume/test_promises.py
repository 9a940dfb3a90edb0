from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.errors import InvalidQuantityError, NumericalError
from models.flood import Forcing
from models.flood.fv_state import FiniteVolumeState

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from models.flood.finite_volume import FiniteVolumeSolver

    Make = Callable[..., FiniteVolumeSolver]

SHAPE = (13, 21)
beds = arrays(np.float64, SHAPE, elements=st.floats(-3.0, 3.0, width=32))
depths = arrays(np.float64, SHAPE, elements=st.floats(0.0, 2.0, width=32))


def levels(*start: float, end: tuple[float, ...] | None = None) -> dict[str, NDArray[np.float64]]:
    return {
        "level_start_m": np.array(start),
        "level_end_m": np.array(start if end is None else end),
    }


def everything(solver: FiniteVolumeSolver) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in solver.state.to_arrays().items()}


@settings(max_examples=40, deadline=None)
@given(bed_m=beds)
def test_lake_at_rest_stays_at_rest(volumes: Make, bed_m: NDArray[np.float64]) -> None:
    depth_m = np.maximum(1.0 - bed_m, 0.0)
    solver = volumes(bed_m, depth_m)
    solver.advance(300.0, Forcing())
    assert np.abs(solver.depth_m - depth_m).max() <= 1e-12
    assert solver.speed_m_s().max() <= 1e-12


@settings(max_examples=20, deadline=None)
@given(bed_m=beds)
def test_lake_at_rest_stays_at_rest_before_a_prescribed_level(
    volumes: Make, bed_m: NDArray[np.float64]
) -> None:
    zone = np.zeros(SHAPE, np.int16)
    zone[:, :3] = 1
    zone[5, 10] = 1
    depth_m = np.maximum(1.0 - bed_m, 0.0)
    solver = volumes(bed_m, depth_m, level_zone=zone, manning=1e-4)
    solver.advance(300.0, Forcing(**levels(1.0)))
    assert np.abs(solver.depth_m - depth_m).max() <= 1e-12
    assert solver.speed_m_s().max() <= 1e-12


@settings(max_examples=40, deadline=None)
@given(bed_m=beds, depth_m=depths)
def test_closed_basin_keeps_every_drop(
    volumes: Make, bed_m: NDArray[np.float64], depth_m: NDArray[np.float64]
) -> None:
    solver = volumes(bed_m, depth_m)
    solver.advance(200.0, Forcing())
    assert solver.depth_m.min() >= 0.0
    assert solver.depth_m.sum() == pytest.approx(depth_m.sum(), rel=1e-12, abs=1e-300)
    assert solver.ledger.closure <= 1e-12


def test_water_levels_out_in_a_closed_basin(volumes: Make) -> None:
    depth_m = np.zeros(SHAPE)
    depth_m[:, :5] = 1.0
    solver = volumes(np.zeros(SHAPE), depth_m)
    for hour in range(1, 5):
        solver.advance(3600.0 * hour, Forcing())
    assert solver.depth_m == pytest.approx(depth_m.mean(), abs=2e-3)


def test_symmetric_dam_break_stays_symmetric_to_the_last_bit(volumes: Make) -> None:
    y, x = np.mgrid[-20:21, -20:21]
    depth_m = np.where(x**2 + y**2 <= 36, 2.0, 0.0)
    bed_m = 0.05 * (np.cos(x * 0.7) * np.cos(y * 0.7))
    solver = volumes(bed_m, depth_m)
    for t in (20.0, 60.0, 180.0):
        solver.advance(t, Forcing())
        depth = solver.depth_m
        assert np.array_equal(depth, depth[::-1])
        assert np.array_equal(depth, depth[:, ::-1])
        assert np.array_equal(depth, depth.T)
    assert depth[20, 0] > 0.0


def city(volumes: Make, **parameters: object) -> FiniteVolumeSolver:
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
    return volumes(bed_m, depth_m, level_zone=zone, open_edge=open_edge, **parameters)


def drive(solver: FiniteVolumeSolver, first: int, last: int) -> None:
    for window in range(first, last):
        solver.advance(
            60.0 * (window + 1),
            Forcing(
                rain_m_s=3e-5 if 2 < window < 5 else 0.0,
                inflow_cells=np.array([40 * 95 + 70]),
                inflow_m3_s=np.array([2.0 if window > 3 else 0.0]),
                **levels(1.0 + 0.05 * window, 0.5, end=(1.05 + 0.05 * window, 0.5)),
            ),
        )


def test_every_term_of_the_ledger_moves_and_it_closes(volumes: Make) -> None:
    solver = city(volumes)
    drive(solver, 0, 12)
    ledger = solver.ledger
    assert min(ledger.rain_m3, ledger.level_in_m3, ledger.level_out_m3) > 1.0
    assert min(ledger.inflow_m3, ledger.outflow_edges_m3) > 1.0
    assert ledger.inflow_m3 == pytest.approx(2.0 * 60.0 * 8)
    assert solver.inflow_m3 == pytest.approx([120.0])
    assert ledger.closure <= 1e-12


def test_active_ground_gives_the_bytes_of_the_whole_grid(volumes: Make) -> None:
    some, whole = city(volumes), city(volumes, active_tiles=False)
    drive(some, 0, 9)
    drive(whole, 0, 9)
    assert everything(some) == everything(whole)


def test_drying_ground_gives_the_bytes_of_the_whole_grid(volumes: Make) -> None:
    bed_m = np.linspace(3.0, 0.0, 120)[None, :] * np.ones((40, 1))
    depth_m = np.zeros(bed_m.shape)
    depth_m[10:16, 8:12] = 2.0
    solvers = [
        volumes(bed_m, depth_m, active_tiles=tiles, dry_depth_m=1e-3) for tiles in (True, False)
    ]
    fewest = []
    for solver in solvers:
        reports = [solver.advance(60.0 * n, Forcing()) for n in range(1, 30)]
        fewest.append(min(report.active_cells for report in reports))
    assert everything(solvers[0]) == everything(solvers[1])
    assert fewest[0] < bed_m.size / 2 < fewest[1]


@pytest.mark.parametrize("count", [2, 3])
def test_one_thread_gives_the_bytes_of_several(
    volumes: Make, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if count > numba.config.NUMBA_NUM_THREADS:
        pytest.skip(f"fewer than {count} threads")
    monkeypatch.setattr("models.flood.finite_volume.SMALL_CELLS", 0)
    results = []
    threads = numba.get_num_threads()
    for number in (1, count):
        numba.set_num_threads(number)
        try:
            solver = city(volumes)
            drive(solver, 0, 6)
        finally:
            numba.set_num_threads(threads)
        results.append(everything(solver))
    assert results[0] == results[1]


def test_a_restored_solver_continues_bit_for_bit(volumes: Make) -> None:
    straight = city(volumes)
    drive(straight, 0, 8)
    first = city(volumes)
    drive(first, 0, 4)
    arrays_ = {name: array.copy() for name, array in first.state.to_arrays().items()}
    second = city(volumes)
    second.restore(FiniteVolumeState.from_arrays(arrays_))
    assert everything(second) == everything(first)
    drive(second, 4, 8)
    assert everything(second) == everything(straight)


def test_a_torn_state_is_refused(volumes: Make) -> None:
    arrays_ = volumes(np.zeros((4, 5))).state.to_arrays()
    del arrays_["velocity_x_m_s"]
    with pytest.raises(InvalidQuantityError, match="velocity_x_m_s"):
        FiniteVolumeState.from_arrays(arrays_)


def test_a_state_of_another_grid_is_refused(volumes: Make) -> None:
    state = volumes(np.zeros((4, 5))).state
    with pytest.raises(InvalidQuantityError, match="another grid"):
        volumes(np.zeros((5, 5))).restore(state)


def test_rain_volume_is_exact_on_dry_ground(volumes: Make) -> None:
    bed_m = np.random.default_rng(0).random((9, 30))
    solver = volumes(bed_m)
    for n in range(1, 31):
        solver.advance(60.0 * n, Forcing(rain_m_s=1e-8))
    assert solver.ledger.stored_m3 == pytest.approx(1e-8 * 1800.0 * bed_m.size * 100.0, rel=1e-12)


def test_a_taker_takes_no_more_than_there_is(volumes: Make) -> None:
    depth_m = np.full((5, 9), 0.5)
    solver = volumes(np.zeros(depth_m.shape), depth_m)
    solver.advance(
        600.0,
        Forcing(inflow_cells=np.array([2 * 9 + 4]), inflow_m3_s=np.array([-50.0])),
    )
    assert solver.depth_m.min() >= 0.0
    assert -2250.0 <= solver.inflow_m3[0] < -1500.0
    assert solver.ledger.closure <= 1e-12


def test_a_loss_takes_what_it_may_and_no_more_than_there_is(volumes: Make) -> None:
    bed_m = np.zeros((4, 20))
    depth_m = np.where(np.arange(20) < 10, 0.5, 0.0) * np.ones((4, 1))
    bed_m[:, 10:] = 2.0
    solver = volumes(bed_m, depth_m)
    forcing = Forcing(rain_m_s=1e-6, loss_m_s=np.full(bed_m.shape, 4e-6))
    solver.advance(1000.0, forcing)
    assert solver.lost_m[:, :10] == pytest.approx(4e-3, rel=1e-12)
    assert solver.lost_m[:, 10:] == pytest.approx(1e-3, rel=1e-12)
    assert solver.depth_m[:, :10] == pytest.approx(0.497, rel=1e-12)
    assert np.all(solver.depth_m[:, 10:] == 0.0)
    assert solver.ledger.closure <= 1e-13


def test_closed_ground_reflects_and_holds(volumes: Make) -> None:
    bed_m = np.zeros((12, 30))
    bed_m[4:8, 15] = np.nan
    bed_m[:3, 20] = np.nan
    depth_m = np.where(np.arange(30) < 6, 2.0, 0.2) * np.ones((12, 1))
    depth_m[np.isnan(bed_m)] = 0.0
    solver = volumes(bed_m, depth_m, cell_size_m=5.0)
    solver.advance(30.0, Forcing())
    assert np.all(solver.depth_m[np.isnan(bed_m)] == 0.0)
    assert solver.ledger.closure <= 1e-13
    assert solver.depth_m[5, 14] > solver.depth_m[5, 16]


def test_a_bore_is_reflected_by_a_wall_as_by_its_mirror_image(volumes: Make) -> None:
    depth_m = np.where(np.abs(np.arange(80) - 39.5) > 30, 1.5, 0.5) * np.ones((3, 1))
    both = volumes(np.zeros(depth_m.shape), depth_m, cell_size_m=2.0)
    half = volumes(np.zeros((3, 40)), depth_m[:, :40].copy(), cell_size_m=2.0)
    both.advance(25.0, Forcing())
    half.advance(25.0, Forcing())
    assert both.depth_m[1, 39] > 1.0
    assert np.abs(half.depth_m - both.depth_m[:, :40]).max() < 0.03


@pytest.mark.parametrize("relief_m", [3.0, 10.0])
def test_water_never_runs_faster_than_its_fall_allows(volumes: Make, relief_m: float) -> None:
    generator = np.random.default_rng(1)
    bed_m = relief_m * generator.random((40, 40)) + np.linspace(10.0, 0.0, 40)
    depth_m = np.where(generator.random((40, 40)) < 0.3, 2.0 * generator.random((40, 40)), 0.0)
    solver = volumes(bed_m, depth_m, cell_size_m=5.0, manning=0.01, statistics_interval_s=1.0)
    solver.advance(120.0, Forcing())
    head_m = (bed_m + depth_m).max() - bed_m.min()
    assert solver.max_speed_m_s.max() < np.sqrt(2.0 * 9.81 * head_m)
    assert solver.ledger.closure < 1e-12


def test_not_a_number_is_named_with_time_and_place(volumes: Make) -> None:
    solver = volumes(np.zeros((6, 20)), np.ones((6, 20)))
    solver._layout.view(solver._h)[3, 7] = np.nan
    solver._book[1] = 1
    with pytest.raises(NumericalError, match="row 3, column 7"):
        solver.advance(10.0, Forcing())


def test_bad_depths_and_sizes_are_refused(volumes: Make) -> None:
    depth_m = np.zeros((4, 5))
    depth_m[1, 2] = -1.0
    with pytest.raises(InvalidQuantityError, match="row 1, column 2"):
        volumes(np.zeros((4, 5)), depth_m)
    with pytest.raises(InvalidQuantityError, match="another shape"):
        volumes(np.zeros((4, 5)), np.zeros((5, 5)))
    with pytest.raises(InvalidQuantityError, match="cannot advance"):
        volumes(np.zeros((4, 5))).advance(0.0, Forcing())
