from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.errors import InvalidQuantityError
from models.flood import FloodState, Forcing
from models.flood.links import DYKE, GATE, PUMP
from models.flood.structures import Controls, Structures, link_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from models.flood import FloodSolver

    Make = Callable[..., FloodSolver]

SHAPE = (24, 37)


def hills() -> NDArray[np.float64]:
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return np.asarray(0.5 * np.sin(x / 5.0) * np.cos(y / 4.0) + 0.02 * x)


def uneven_rain() -> NDArray[np.float64]:
    rain = np.zeros(SHAPE)
    rain[5:15, 10:30] = np.linspace(1e-5, 8e-5, 20)
    return rain


def everything(solver: FloodSolver) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in solver.state.to_arrays().items()}


def storm(solver: FloodSolver, first: int, last: int) -> None:
    loss = np.full(SHAPE, 4e-6)
    loss[:, :12] = 0.0
    for window in range(first, last):
        rain = uneven_rain() if window < 8 else 0.0
        inflow = Forcing(
            rain_m_s=rain, loss_m_s=loss, inflow_cells=np.array([400, 500]),
            inflow_m3_s=np.array([0.5, -0.2]),
        )  # fmt: skip
        solver.advance(60.0 * (window + 1), inflow)


def test_rain_that_differs_by_cell_is_counted_cell_by_cell(flood: Make) -> None:
    solver = flood(hills())
    solver.advance(600.0, Forcing(rain_m_s=uneven_rain()))
    assert solver.ledger.rain_m3 == pytest.approx(uneven_rain().sum() * 600.0 * 100.0, rel=1e-12)
    assert solver.ledger.closure <= 1e-12


def test_losses_take_what_is_there_and_no_more(flood: Make) -> None:
    depth_m = np.full(SHAPE, 0.01)
    solver = flood(np.zeros(SHAPE), depth_m)
    loss = np.zeros(SHAPE)
    loss[:, :10] = 1e-5
    solver.advance(500.0, Forcing(loss_m_s=np.where(loss > 0.0, 1e-5, 0.0)))
    assert solver.lost_m[:, 10:].max() == 0.0
    assert solver.lost_m.sum() == pytest.approx(240 * 5e-3, rel=1e-9)
    solver.advance(1e5, Forcing(loss_m_s=loss))
    assert solver.depth_m.min() >= 0.0
    assert solver.ledger.infiltration_m3 == pytest.approx(solver.lost_m.sum() * 100.0)
    assert solver.ledger.closure <= 1e-12


def test_rain_losses_and_wells_close_the_ledger_with_active_ground_as_without(flood: Make) -> None:
    some, whole = flood(hills()), flood(hills(), active_tiles=False)
    for solver in (some, whole):
        storm(solver, 0, 20)
        ledger = solver.ledger
        assert min(ledger.rain_m3, ledger.infiltration_m3, ledger.inflow_m3) > 1.0
        assert ledger.abstraction_m3 > 1.0
        assert ledger.closure <= 1e-12
    assert everything(some) == everything(whole)


def test_a_storm_with_losses_continues_bit_for_bit_after_a_restart(flood: Make) -> None:
    straight, first, second = (flood(hills()) for _ in range(3))
    storm(straight, 0, 16)
    storm(first, 0, 7)
    second.restore(FloodState.from_arrays(first.state.to_arrays()))
    storm(second, 7, 16)
    assert everything(second) == everything(straight)


def test_a_well_takes_no_more_than_its_cell_holds(flood: Make) -> None:
    depth_m = np.zeros(SHAPE)
    depth_m[3, 4] = 0.0009
    solver = flood(np.zeros(SHAPE), depth_m)
    cell = np.array([3 * SHAPE[1] + 4])
    solver.advance(60.0, Forcing(inflow_cells=cell, inflow_m3_s=np.array([-5.0])))
    assert solver.inflow_m3[0] == pytest.approx(-0.09)
    assert solver.depth_m[3, 4] == 0.0
    assert solver.ledger.abstraction_m3 == pytest.approx(0.09)


def wall_across(column: int) -> Structures:
    rows = np.arange(SHAPE[0])
    return Structures(
        face_row=rows, face_column=np.full(rows.size, column), face_axis=np.zeros(rows.size, int),
        face_group=np.zeros(rows.size, int), group_kind=np.array([DYKE]), group_names=("dyke",),
    )  # fmt: skip


def state_of(structures: Structures, crest_m: float = 0.0, running: int = 1) -> Controls:
    groups, links = structures.groups, structures.links
    return Controls(
        crest_m=np.full(groups, crest_m), opening_m=np.zeros(groups), sill_m=np.zeros(groups),
        direction=np.zeros(groups, np.int64), link_opening=np.ones(links),
        link_running=np.full(links, running, np.int64),
    )  # fmt: skip


def test_a_dyke_holds_until_the_water_stands_above_its_crest(flood: Make) -> None:
    structures = wall_across(15)
    depth_m = np.zeros(SHAPE)
    depth_m[:, :15] = 1.0
    solver = flood(np.zeros(SHAPE), depth_m, structures=structures)
    solver.advance(600.0, Forcing(controls=state_of(structures, crest_m=1.5)))
    assert solver.depth_m[:, 15:].max() == 0.0
    assert solver.structure_m3[0] == 0.0
    solver.advance(900.0, Forcing(controls=state_of(structures, crest_m=0.6)))
    behind_m3 = solver.depth_m[:, 15:].sum() * 100.0
    assert behind_m3 > 100.0
    assert solver.structure_m3[0] == pytest.approx(behind_m3, rel=1e-12)
    assert solver.ledger.closure <= 1e-12


def pump(end: tuple[int, int]) -> Structures:
    params = link_parameters(PUMP, points=1, head_1_m=10.0, flow_1_m3_s=2.0, suction_level_m=-9.0)
    return Structures(
        link_row_a=np.array([5]), link_column_a=np.array([6]), link_row_b=np.array([end[0]]),
        link_column_b=np.array([end[1]]), link_kind=np.array([PUMP]), link_params=params[None, :],
        link_names=("pump",),
    )  # fmt: skip


@pytest.mark.parametrize("end", [(20, 30), (-1, -1)])
def test_a_pump_moves_water_and_the_ledger_knows(flood: Make, end: tuple[int, int]) -> None:
    structures = pump(end)
    depth_m = np.zeros(SHAPE)
    depth_m[:, :15] = 1.0
    solver = flood(np.zeros(SHAPE) + (np.arange(SHAPE[1]) > 15), depth_m, structures=structures)
    solver.advance(100.0, Forcing(controls=state_of(structures)))
    moved_m3 = solver.structure_m3[0]
    assert moved_m3 == pytest.approx(200.0, rel=1e-6)
    outside = solver.ledger.structures_out_m3
    assert outside == pytest.approx(moved_m3 if end[0] < 0 else 0.0)
    assert solver.ledger.closure <= 1e-12
    solver.advance(200.0, Forcing(controls=state_of(structures, running=0)))
    assert solver.structure_m3[0] == 0.0


def test_structures_without_a_state_are_refused(flood: Make) -> None:
    solver = flood(np.zeros(SHAPE), structures=wall_across(4))
    with pytest.raises(InvalidQuantityError, match="controls"):
        solver.advance(10.0, Forcing())


def test_a_gate_is_the_same_bytes_with_active_ground_as_without(flood: Make) -> None:
    rows = np.arange(SHAPE[0])
    structures = Structures(
        face_row=rows, face_column=np.full(rows.size, 16), face_axis=np.zeros(rows.size, int),
        face_group=np.zeros(rows.size, int), group_kind=np.array([GATE]), group_names=("gate",),
    )  # fmt: skip
    depth_m = np.zeros(SHAPE)
    depth_m[10:14, :12] = 1.0
    results = []
    for tiles in (True, False):
        solver = flood(0.1 * hills(), depth_m, structures=structures, active_tiles=tiles)
        for window in range(6):
            opening = 0.5 if window % 2 else 0.0
            controls = Controls(
                crest_m=np.array([2.0]), opening_m=np.array([opening]), sill_m=np.array([0.0]),
                direction=np.array([0]), link_opening=np.zeros(0),
                link_running=np.zeros(0, np.int64),
            )  # fmt: skip
            solver.advance(60.0 * (window + 1), Forcing(controls=controls))
        assert solver.depth_m[:, 16:].sum() > 0.1
        results.append(everything(solver))
    assert results[0] == results[1]
