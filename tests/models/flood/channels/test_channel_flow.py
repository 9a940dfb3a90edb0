"""Channels narrower than a cell: how they convey, store, spill and exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np
import pytest
from scipy.optimize import brentq

from models.errors import NumericalError
from models.flood import FloodState, Forcing
from models.flood.links import GATE, PUMP
from models.flood.structures import Controls, Structures, link_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.flood import FloodSolver
    from models.flood.channels import Channels

    Straight = Callable[..., Channels]
    Canal = Callable[..., FloodSolver]

ROW, SIZE_M = 2, 20.0


def inflow(solver: FloodSolver, m3_s: float, column: int = 0) -> Forcing:
    cell = ROW * solver.domain.grid.columns + column
    return Forcing(inflow_cells=np.array([cell]), inflow_m3_s=np.array([m3_s]))


def held(*level_m: float) -> Forcing:
    return Forcing(level_start_m=np.array(level_m), level_end_m=np.array(level_m))


@pytest.mark.parametrize("width_m", [2.0, 6.0, 15.0])
def test_steady_flow_runs_at_the_normal_depth_of_manning(
    canal: Canal, straight: Straight, width_m: float
) -> None:
    slope, discharge = 4e-4, 0.4 * width_m
    ground = np.tile(3.0 - slope * SIZE_M * np.arange(30), (5, 1))
    rim = np.zeros(ground.shape, bool)
    rim[ROW, -1] = True
    bed = ground[ROW] - 2.5
    solver = canal(ground, straight(bed, width_m=width_m), open_edge=rim, edge_slope=slope)
    for k in range(1, 13):
        solver.advance(1800.0 * k, inflow(solver, discharge))

    def surplus(h: float) -> float:
        area = width_m * h
        radius = area / (width_m + 2 * h)
        return float(area * radius ** (2 / 3) * np.sqrt(slope) / 0.03 - discharge)

    normal = brentq(surplus, 0.01, 10.0)
    assert solver.channel_level_m - bed == pytest.approx(normal, rel=1e-3)
    assert solver.channel_discharge_m3_s == pytest.approx(discharge, rel=1e-3)
    assert not solver.depth_m.any()
    assert solver.ledger.closure < 1e-12


def test_a_channel_as_wide_as_its_cells_is_the_burnt_in_canal(
    canal: Canal, straight: Straight
) -> None:
    # The same tide into the same dead end, 3 km long, once by cells and once by the channel.
    columns = 150
    zone = np.zeros((5, columns), np.int16)
    zone[ROW, 0] = 1
    bed = np.full(columns, -2.0)
    ground = np.full((5, columns), 5.0)
    burnt = ground.copy()
    burnt[ROW] = bed
    depth = np.zeros_like(ground)
    depth[ROW] = 2.0
    by_cells = canal(burnt, None, zone=zone, depth_m=depth)
    channel = canal(
        ground, straight(bed, width_m=SIZE_M, side_friction=False), zone=zone,
        level_m=np.zeros(columns),
    )  # fmt: skip
    apart, tides = [], []
    for k in range(1, 73):
        begin, end = (0.8 * np.sin(2 * np.pi * t / 12) for t in ((k - 1) / 6, k / 6))
        forcing = Forcing(level_start_m=np.array([begin]), level_end_m=np.array([end]))
        by_cells.advance(600.0 * k, forcing)
        channel.advance(600.0 * k, forcing)
        levels = by_cells.depth_m[ROW] + bed
        apart.append(np.abs(levels - channel.channel_level_m).max())
        tides.append(channel.channel_level_m[-1])
    assert max(apart) < 0.01
    assert max(tides) > 0.8
    assert min(tides) < -0.7
    assert channel.ledger.closure < 1e-12


def test_filling_and_spilling_lose_no_drop(canal: Canal, straight: Straight) -> None:
    ground = np.full((5, 24), 1.0)
    ground[ROW] = 0.9
    solver = canal(ground, straight(np.full(24, -1.0)))
    room = 1.9 * 23 * SIZE_M * 6.0
    levels, spilt = [], []
    for k in range(1, 11):
        solver.advance(600.0 * k, inflow(solver, 1.5, 12))
        ledger = solver.ledger
        assert abs(ledger.residual_m3) <= 1e-12 * ledger.throughput_m3
        assert ledger.stored_m3 == pytest.approx(900.0 * k, rel=1e-12)
        levels.append(solver.channel_level_m[12])
        spilt.append(solver.depth_m.sum() * SIZE_M**2)
        assert solver.channel_m3 == pytest.approx(900.0 * k - spilt[-1], rel=1e-12)
    before = [k for k in range(10) if 900.0 * (k + 1) < 0.9 * room]
    assert len(before) >= 3
    assert all(spilt[k] == 0.0 for k in before)
    assert spilt[-1] > 3000.0
    assert solver.channel_m3 == pytest.approx(room, rel=1e-9)
    # Above the bank, channel and cell have one level.
    assert solver.channel_level_m == pytest.approx(solver.depth_m[ROW] + 0.9, rel=1e-12)
    assert levels == sorted(levels)
    assert solver.depth_m[0].max() > 0.05


def test_rain_and_water_from_the_banks_run_into_the_channel(
    canal: Canal, straight: Straight
) -> None:
    ground = np.tile(np.array([[1.4], [1.2], [1.0], [1.2], [1.4]]), (1, 20))
    solver = canal(ground, straight(np.full(20, -1.0)))
    solver.advance(3600.0, Forcing(rain_m_s=20e-3 / 3600.0))
    solver.advance(7200.0, Forcing())
    assert solver.depth_m[ROW].max() == 0.0
    assert solver.channel_m3 > 0.9 * 0.02 * 100 * SIZE_M**2
    assert solver.ledger.closure < 1e-12


def test_water_at_one_level_stays_at_rest(canal: Canal, straight: Straight) -> None:
    ground = np.full((5, 20), 1.0)
    zone = np.zeros((5, 20), np.int16)
    ground[ROW, 0], zone[ROW, 0] = -3.0, 1
    ground[ROW, 15:] = -1.5
    bed = np.linspace(-1.9, -1.1, 20)
    bed[15:] = np.nan
    channels = straight(
        bed[:16], node_row=np.full(16, ROW), node_column=np.arange(16),
        reach_a=np.arange(15), reach_b=np.arange(1, 16),
    )  # fmt: skip
    depth = np.zeros_like(ground)
    depth[ROW, 15:] = 2.0
    solver = canal(
        ground, channels, zone=zone, depth_m=depth, level_m=np.full(16, 0.5)
    )  # fmt: skip
    solver.advance(3600.0, held(0.5))
    assert solver.channel_level_m == pytest.approx(0.5, abs=1e-12)
    assert np.abs(solver.channel_discharge_m3_s).max() < 1e-10
    assert solver.depth_m[ROW, 15:] == pytest.approx(2.0, abs=1e-12)


def test_a_channel_joins_a_tidal_river_with_a_canal_of_cells(
    canal: Canal, straight: Straight
) -> None:
    ground = np.full((5, 20), 1.0)
    zone = np.zeros((5, 20), np.int16)
    ground[ROW, 0], zone[ROW, 0] = -3.0, 1
    ground[ROW, 15:] = -1.5
    bed = np.full(16, -1.5)
    bed[15] = np.nan
    solver = canal(ground, straight(bed), zone=zone)
    for k in range(1, 25):
        solver.advance(3600.0 * k, held(0.5))
    assert solver.depth_m[ROW, 15:] == pytest.approx(2.0, abs=0.01)
    ledger = solver.ledger
    # Basin and canal swing for a while: water goes out as well.
    assert 0.0 < ledger.level_out_m3 < ledger.level_in_m3
    assert ledger.closure < 1e-12
    for k in range(25, 60):
        solver.advance(3600.0 * k, held(-1.2))
    assert solver.depth_m[ROW, 15:] == pytest.approx(0.3, abs=0.02)
    assert solver.ledger.closure < 1e-12


def test_a_mouth_high_over_the_tide_runs_out_no_faster_than_critical(
    canal: Canal, straight: Straight
) -> None:
    ground = np.full((5, 20), 2.0)
    zone = np.zeros((5, 20), np.int16)
    ground[ROW, 0], zone[ROW, 0] = -6.0, 1
    bed = np.zeros(20)
    bed[0] = np.nan
    channels = straight(bed)
    solver = canal(ground, channels, zone=zone, level_m=np.full(20, 1.5))
    for k in range(1, 31):
        solver.advance(20.0 * k, held(-5.0))
        depth = solver.channel_level_m[1]
        assert -solver.channel_discharge_m3_s[0] < 6.0 * 1.7 * 1.5**1.5
        assert 0.0 <= depth <= 1.6
    solver.advance(7200.0, held(-5.0))
    assert solver.channel_level_m[1:].max() < 0.15
    assert solver.ledger.closure < 1e-12


def mixed(canal: Canal, straight: Straight, **parameters: object) -> FloodSolver:
    """Return a canal with a tide, a side arm, a gate and a pump, on ground that dips."""
    row, column = np.indices((9, 40))
    ground = 1.0 + 0.02 * np.abs(row - ROW) - 0.3 * np.exp(-(((column - 25) / 4.0) ** 2))
    zone = np.zeros(ground.shape, np.int16)
    ground[:, 0], zone[:, 0] = -3.0, 1
    nodes = np.arange(40)
    arm = np.arange(40, 45)
    bed = np.append(np.full(40, -1.0), np.full(5, -0.8))
    bed[0] = np.nan
    channels = straight(
        bed, node_row=np.append(np.full(40, ROW), np.arange(3, 8)),
        node_column=np.append(nodes, np.full(5, 20)),
        reach_a=np.concatenate([nodes[:-1], [20], arm[:-1]]),
        reach_b=np.concatenate([nodes[1:], arm]),
    )  # fmt: skip
    one = np.zeros(1, np.int64)
    structures = Structures(
        face_row=one + ROW, face_column=one + 10, face_axis=one, face_group=one,
        group_kind=one + GATE, group_names=("gate",),
        link_row_a=one + 7, link_column_a=one + 20, link_row_b=one + 8, link_column_b=one + 30,
        link_kind=one + PUMP, link_params=link_parameters(
            PUMP, flow_1_m3_s=0.3, suction_level_m=-0.7, outlet_level_m=0.0
        )[np.newaxis, :], link_names=("pump",),
    )  # fmt: skip
    return canal(
        ground, channels, zone=zone, structures=structures, level_m=np.full(45, -0.2), **parameters
    )


def drive(solver: FloodSolver, first: int, last: int) -> None:
    controls = Controls(
        crest_m=np.array([2.0]), opening_m=np.array([0.6]), sill_m=np.array([-1.0]),
        direction=np.array([0]), link_opening=np.ones(1), link_running=np.ones(1, np.int64),
    )  # fmt: skip
    for k in range(first, last):
        levels = [1.3 * np.sin(2 * np.pi * t / 36) for t in (k, k + 1)]
        solver.advance(
            600.0 * (k + 1),
            Forcing(
                rain_m_s=20e-3 / 3600.0 if 3 <= k < 9 else 0.0,
                level_start_m=np.array(levels[:1]), level_end_m=np.array(levels[1:]),
                inflow_cells=np.array([ROW * 40 + 35, ROW * 40 + 5]),
                inflow_m3_s=np.array([1.2 if k < 14 else -0.2, 0.1]), controls=controls,
            ),
        )  # fmt: skip


def bytes_of(solver: FloodSolver) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in solver.state.to_arrays().items()}


def test_a_busy_network_keeps_every_drop_and_spills(canal: Canal, straight: Straight) -> None:
    solver = mixed(canal, straight)
    drive(solver, 0, 24)
    assert solver.ledger.closure < 1e-12
    assert solver.max_depth_m[:, 1:].max() > 0.1
    assert solver.ledger.level_in_m3 > 0.0
    assert solver.ledger.level_out_m3 > 0.0
    assert solver.structure_m3[1] > 0.0
    assert (solver.depth_m >= 0.0).all()
    # What limits the step is counted at the cells of the channel.
    assert solver.limiting_steps[ROW].sum() > 0.9 * solver.steps


def test_active_ground_gives_the_bytes_of_the_whole_grid(canal: Canal, straight: Straight) -> None:
    found = []
    for active in (True, False):
        solver = mixed(canal, straight, active_tiles=active)
        drive(solver, 0, 24)
        found.append(bytes_of(solver))
    assert found[0] == found[1]


def test_a_restored_solver_continues_bit_for_bit(canal: Canal, straight: Straight) -> None:
    whole = mixed(canal, straight)
    drive(whole, 0, 24)
    for stop in (5, 12, 17):
        first = mixed(canal, straight)
        drive(first, 0, stop)
        state = FloodState.from_arrays(first.state.to_arrays())
        second = mixed(canal, straight)
        second.restore(state)
        drive(second, stop, 24)
        assert bytes_of(second) == bytes_of(whole)


def test_one_thread_gives_the_bytes_of_two(
    canal: Canal, straight: Straight, monkeypatch: pytest.MonkeyPatch
) -> None:
    if nb.config.NUMBA_NUM_THREADS < 2:  # type: ignore[attr-defined]  # set at run time
        pytest.skip("one thread only")
    monkeypatch.setattr("models.flood.inertial.SMALL_CELLS", 0)
    found = []
    before = nb.get_num_threads()
    try:
        for threads in (1, 2):
            nb.set_num_threads(threads)
            solver = mixed(canal, straight)
            drive(solver, 0, 24)
            found.append(bytes_of(solver))
    finally:
        nb.set_num_threads(before)
    assert found[0] == found[1]


def test_a_shut_gate_shuts_the_channel_too(canal: Canal, straight: Straight) -> None:
    ground = np.full((5, 20), 3.0)
    one = np.zeros(1, np.int64)
    structures = Structures(
        face_row=one + ROW, face_column=one + 10, face_axis=one, face_group=one,
        group_kind=one + GATE, group_names=("gate",),
    )  # fmt: skip
    level = np.where(np.arange(20) < 10, 1.5, 0.0)
    solver = canal(ground, straight(np.full(20, -1.0)), structures=structures, level_m=level)

    def lifted(opening_m: float) -> Forcing:
        return Forcing(
            controls=Controls(
                crest_m=np.array([3.0]), opening_m=np.array([opening_m]), sill_m=np.array([-1.0]),
                direction=np.array([0]), link_opening=np.zeros(0),
                link_running=np.zeros(0, np.int64),
            )
        )  # fmt: skip

    solver.advance(600.0, lifted(0.0))
    assert solver.structure_m3[0] == 0.0
    assert solver.channel_level_m == pytest.approx(level, abs=1e-9)
    before = solver.channel_m3
    solver.advance(660.0, lifted(0.3))
    jet_m3_s = 6.0 * 0.61 * 0.3 * np.sqrt(2 * 9.81 * 1.5)
    assert 0.3 * jet_m3_s < solver.structure_m3[0] / 60.0 < 1.1 * jet_m3_s
    assert solver.channel_m3 == pytest.approx(before, rel=1e-12)
    west = 9.5 * SIZE_M * 6.0 * 2.5
    volume = (solver.channel_level_m[:10] + 1.0) * 6.0 * SIZE_M
    assert volume.sum() - 0.5 * volume[0] == pytest.approx(west - solver.structure_m3[0], rel=1e-9)


def test_no_more_is_taken_from_a_channel_than_it_holds(canal: Canal, straight: Straight) -> None:
    ground = np.full((5, 8), 1.0)
    solver = canal(ground, straight(np.full(8, -1.0)), level_m=np.full(8, 0.0))
    held_m3 = solver.channel_m3
    assert held_m3 == pytest.approx(7 * SIZE_M * 6.0)
    solver.advance(3600.0, inflow(solver, -2.0, 3))
    assert -solver.inflow_m3[0] == pytest.approx(held_m3 - solver.channel_m3, rel=1e-12)
    assert solver.channel_m3 < 0.05 * held_m3
    assert (solver.channel_level_m >= -1.0).all()
    assert solver.ledger.closure < 1e-12


def test_a_flood_that_fails_in_a_channel_says_where(canal: Canal, straight: Straight) -> None:
    solver = canal(np.full((5, 8), 1.0), straight(np.full(8, -1.0)))
    state = solver.state
    state.channel_volume_m3[3] = np.nan
    solver.restore(state)
    with pytest.raises(NumericalError, match="row 2, column"):
        solver.advance(60.0, Forcing())


def test_channels_cost_nothing_where_there_are_none(canal: Canal) -> None:
    ground = np.random.default_rng(1).uniform(0.0, 1.0, (9, 30))
    solver = canal(ground, None, depth_m=np.full((9, 30), 0.3))
    solver.advance(600.0, Forcing())
    assert solver.channel_level_m.size == 0
    assert solver.channel_m3 == 0.0
    assert solver.state.to_arrays()["channel_volume_m3"].size == 0
