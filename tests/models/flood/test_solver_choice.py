from __future__ import annotations

import numpy as np
import pytest

from models.errors import InvalidQuantityError
from models.flood import FloodDomain, FloodParameters, Forcing
from models.flood.solver import SwitchingSolver, make_solver, read_state
from models.grid import Grid

SHAPE = (20, 60)


def domain(bed_m: np.ndarray) -> FloodDomain:
    grid = Grid(west_m=0.0, north_m=0.0, cell_size_m=5.0, rows=SHAPE[0], columns=SHAPE[1])
    return FloodDomain(grid=grid, bed_m=bed_m, manning=np.full(SHAPE, 0.02))


def dam_break() -> SwitchingSolver:
    bed_m = np.linspace(3.0, 0.0, SHAPE[1])[None, :] * np.ones((SHAPE[0], 1))
    depth_m = np.zeros(SHAPE)
    depth_m[:, :12] = 3.0
    parameters = FloodParameters(cell_size_m=5.0, statistics_interval_s=1.0)
    solver = make_solver("auto", domain(bed_m), parameters, initial_depth_m=depth_m)
    assert isinstance(solver, SwitchingSolver)
    return solver


def test_slow_water_stays_with_the_inertial_solver() -> None:
    depth_m = np.ones(SHAPE)
    depth_m[5:8, 5:8] = 1.1
    parameters = FloodParameters(cell_size_m=5.0, statistics_interval_s=1.0)
    solver = make_solver("auto", domain(np.zeros(SHAPE)), parameters, initial_depth_m=depth_m)
    solver.advance(60.0, Forcing())
    assert solver.switched_s is None


def test_fast_water_goes_over_to_the_finite_volume_solver_without_losing_any() -> None:
    solver = dam_break()
    for t in np.arange(2.0, 42.0, 2.0):
        solver.advance(float(t), Forcing())
    assert solver.switched_s is not None
    assert "velocity_x_m_s" in solver.state.to_arrays()
    assert solver.depth_m.sum() == pytest.approx(SHAPE[0] * 36.0, rel=1e-12)
    assert solver.ledger.closure <= 1e-12
    assert solver.max_depth_m.max() >= 3.0


def test_a_change_of_solver_survives_a_restart_bit_for_bit() -> None:
    straight, first, second = dam_break(), dam_break(), dam_break()
    times = np.arange(2.0, 42.0, 2.0)
    for t in times:
        straight.advance(float(t), Forcing())
    for t in times[:12]:
        first.advance(float(t), Forcing())
    second.restore(read_state(first.state.to_arrays()))
    for t in times[12:]:
        second.advance(float(t), Forcing())
    assert second.depth_m.tobytes() == straight.depth_m.tobytes()
    assert second.max_speed_m_s.tobytes() == straight.max_speed_m_s.tobytes()


def test_an_unknown_solver_is_refused() -> None:
    with pytest.raises(InvalidQuantityError, match="finite-volume"):
        make_solver("sph", domain(np.zeros(SHAPE)), FloodParameters(cell_size_m=5.0))
