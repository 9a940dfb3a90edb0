from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.flood import Forcing

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.flood.finite_volume import FiniteVolumeSolver

    Make = Callable[..., FiniteVolumeSolver]

G = 9.81


def held(level_m: float) -> Forcing:
    return Forcing(level_start_m=np.array([level_m]), level_end_m=np.array([level_m]))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
def test_supercritical_flow_runs_out_at_its_normal_depth(
    volumes: Make, turned: bool, mirrored: bool
) -> None:
    slope, n, q, dx, columns = 0.05, 0.02, 1.0, 2.0, 60
    bed_m = slope * dx * np.arange(columns)[::-1] * np.ones((2, 1))
    open_edge = np.zeros(bed_m.shape, bool)
    open_edge[:, -1] = True
    feed = np.zeros(bed_m.shape, bool)
    feed[:, 0] = True
    arrays = [bed_m, open_edge, feed]
    if mirrored:
        arrays = [each[:, ::-1] for each in arrays]
    if turned:
        arrays = [each.T for each in arrays]
    bed_m, open_edge, feed = (each.copy() for each in arrays)
    solver = volumes(bed_m, cell_size_m=dx, manning=n, open_edge=open_edge, edge_slope=1e-12)
    cells = np.flatnonzero(feed.ravel())
    solver.advance(300.0, Forcing(inflow_cells=cells, inflow_m3_s=np.full(2, q * dx)))
    depth_m = solver.depth_m[open_edge]
    normal_m = (n * q / np.sqrt(slope)) ** 0.6
    assert depth_m == pytest.approx(normal_m, rel=0.01)
    assert solver.speed_m_s()[open_edge] == pytest.approx(q / normal_m, rel=0.01)
    assert solver.speed_m_s()[open_edge].min() > 2.0 * np.sqrt(G * normal_m)


def test_open_edges_let_water_out_and_never_in(volumes: Make) -> None:
    bed_m = 0.3 * np.random.default_rng(4).random((25, 30))
    open_edge = np.zeros(bed_m.shape, bool)
    open_edge[[0, -1]] = True
    open_edge[:, [0, -1]] = True
    solver = volumes(bed_m, np.maximum(0.8 - bed_m, 0.0), open_edge=open_edge)
    stored_m3 = solver.ledger.stored_m3
    for n in range(1, 200):
        solver.advance(3.0 * n, Forcing())
        assert solver.ledger.stored_m3 <= stored_m3 * (1.0 + 1e-14)
        assert solver._gate_flow.min() >= 0.0
        stored_m3 = solver.ledger.stored_m3
    assert stored_m3 < 0.3 * solver.ledger.initial_m3
    assert solver.ledger.closure < 1e-12


def test_a_high_level_fills_dry_ground_no_faster_than_over_a_weir(volumes: Make) -> None:
    bed_m = np.zeros((4, 40))
    bed_m[:, 0] = -6.0
    zone = np.zeros(bed_m.shape, np.int16)
    zone[:, 0] = 1
    solver = volumes(bed_m, level_zone=zone)
    report = solver.advance(5.0, held(0.6))
    most_m3_s = 4 * 10.0 * (2.0 / 3.0) ** 1.5 * np.sqrt(G) * 0.6**1.5
    assert 0.2 * most_m3_s < solver.ledger.level_in_m3 / 5.0 <= most_m3_s * (1.0 + 1e-9)
    assert report.smallest_step_s > 1.0
    solver.advance(7200.0, held(0.6))
    assert solver.depth_m[:, 1:] == pytest.approx(0.6, abs=1e-2)
    assert solver.ledger.closure < 1e-12


def test_the_depth_of_prescribed_cells_does_not_limit_the_step(volumes: Make) -> None:
    steps = []
    for deep_m in (1.0, 60.0):
        bed_m = np.zeros((5, 20))
        bed_m[:, :3] = -deep_m
        zone = np.where(bed_m < 0.0, 1, 0).astype(np.int16)
        solver = volumes(bed_m, np.full(bed_m.shape, 0.5), level_zone=zone)
        solver.advance(100.0, held(0.5))
        steps.append(solver.steps)
    assert steps[0] == steps[1]
    assert steps[0] < 1.1 * 100.0 * np.sqrt(G * 0.5) / (0.5 * 10.0) + 2


def test_a_falling_level_drains_the_ground_over_the_shore(volumes: Make) -> None:
    bed_m = np.linspace(0.3, 0.0, 30)[None, :] * np.ones((3, 1))
    zone = np.zeros(bed_m.shape, np.int16)
    zone[:, -1] = 1
    bed_m[:, -1] = -3.0
    solver = volumes(bed_m, np.maximum(1.0 - bed_m, 0.0), level_zone=zone)
    solver.advance(3600.0, held(-2.0))
    solver.advance(4 * 3600.0, held(-2.0))
    ledger = solver.ledger
    assert ledger.level_in_m3 == 0.0
    assert ledger.stored_m3 < 0.02 * ledger.initial_m3
    assert ledger.closure < 1e-12


def test_rain_of_each_cell_falls_where_it_says(volumes: Make) -> None:
    bed_m = np.zeros((6, 20))
    bed_m[2:4, 5:9] = np.nan
    rain = np.full(bed_m.shape, 1e-9)
    rain[:, 10:] = 3e-9
    rain[2:4, 5:9] = np.nan
    solver = volumes(bed_m)
    for n in range(1, 11):
        solver.advance(60.0 * n, Forcing(rain_m_s=rain))
    assert solver.depth_m[0, 0] == pytest.approx(6e-7, rel=1e-12)
    assert solver.depth_m[0, 15] == pytest.approx(18e-7, rel=1e-12)
    assert solver.ledger.rain_m3 == pytest.approx(100.0 * 600.0 * np.nansum(rain), rel=1e-12)
    assert solver.ledger.closure < 1e-12


def test_each_step_is_counted_for_the_cell_that_limits_it(volumes: Make) -> None:
    depth_m = np.full((5, 20), 0.2)
    depth_m[2, 11] = 3.0
    solver = volumes(np.zeros(depth_m.shape), depth_m)
    solver.advance(60.0, Forcing())
    assert solver.limiting_steps.sum() == solver.steps
    assert solver.limiting_steps[1:4, 10:13].sum() > 0
