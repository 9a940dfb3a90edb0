"""A canal of 6 m on cells of 20 m carries what it carries on cells of 2 m, in any direction."""

from __future__ import annotations

import numpy as np
import pytest

from models.flood import FloodDomain, FloodParameters, FloodSolver, Forcing
from models.flood.channel_lines import network_along
from models.flood.channels import Channels
from models.grid import Grid

WIDTH_M, BED_M, LENGTH_M = 6.0, -1.5, 600.0
HIGH_M, LOW_M = 0.15, 0.0
HELD = np.array([HIGH_M, LOW_M])


def held() -> Forcing:
    return Forcing(level_start_m=HELD, level_end_m=HELD)


def resolved() -> tuple[float, float]:
    """Return discharge, m³/s, and level in the middle, m, on cells of 2 m."""
    columns = int(LENGTH_M / 2.0) + 1
    bed = np.full((3, columns), BED_M)
    zone = np.zeros(bed.shape, np.int16)
    zone[:, 0], zone[:, -1] = 1, 2
    grid = Grid(west_m=0.0, north_m=0.0, cell_size_m=2.0, rows=3, columns=columns)
    solver = FloodSolver(
        FloodDomain(grid=grid, bed_m=bed, manning=np.full(bed.shape, 0.03), level_zone=zone),
        FloodParameters(cell_size_m=2.0),
        initial_depth_m=np.full(bed.shape, -BED_M),
    )
    solver.advance(3600.0, held())
    before = solver.ledger.level_in_m3
    solver.advance(4200.0, held())
    middle = solver.depth_m[1, columns // 2] + BED_M
    return (solver.ledger.level_in_m3 - before) / 600.0, float(middle)


def under_cells(x_m: list[float], y_m: list[float], **more: bool) -> tuple[float, float]:
    """Return discharge, m³/s, and level in the middle, m, of a line on cells of 20 m."""
    grid = Grid(west_m=0.0, north_m=800.0, cell_size_m=20.0, rows=40, columns=40)
    found = network_along(
        grid, [(np.array(x_m), np.array(y_m))], np.array([WIDTH_M]),
        usable=np.ones(grid.shape, bool),
    )  # fmt: skip
    bed = np.full(found.row.size, BED_M)
    zone = np.zeros(grid.shape, np.int16)
    for number, (x, y) in enumerate(zip((x_m[0], x_m[-1]), (y_m[0], y_m[-1]), strict=True)):
        row, column, _ = grid.locate(x, y)
        zone[row, column] = number + 1
        bed[(found.row == row) & (found.column == column)] = np.nan
    ground = np.where(zone > 0, BED_M, 2.0)
    ones = np.ones(found.a.size)
    channels = Channels(
        node_row=found.row, node_column=found.column, node_bed_m=bed, reach_a=found.a,
        reach_b=found.b, width_m=WIDTH_M * ones, length_m=found.length_m, manning=0.03 * ones,
        **more,
    )  # fmt: skip
    assert found.length_m.sum() == pytest.approx(LENGTH_M, rel=0.005)
    solver = FloodSolver(
        FloodDomain(grid=grid, bed_m=ground, manning=np.full(ground.shape, 0.03), level_zone=zone),
        FloodParameters(cell_size_m=20.0),
        channels=channels,
        channel_level_m=np.zeros(channels.nodes),
    )
    for k in range(1, 7):
        solver.advance(900.0 * k, held())
    before = solver.ledger.level_in_m3
    solver.advance(6000.0, held())
    flow = (solver.ledger.level_in_m3 - before) / 600.0
    assert np.abs(solver.channel_discharge_m3_s) == pytest.approx(flow, rel=1e-3)
    levels = solver.channel_level_m
    return flow, float(np.median(levels[~np.isnan(bed)]))


def test_a_canal_under_the_cells_carries_what_a_resolved_one_carries() -> None:
    flow, middle = resolved()
    coarse_flow, coarse_middle = under_cells([100.0, 700.0], [410.0, 410.0], side_friction=False)
    assert 3.0 < flow < 9.0
    assert coarse_flow == pytest.approx(flow, rel=0.01)
    assert coarse_middle == pytest.approx(middle, abs=0.003)


def test_banks_that_rub_slow_the_canal_down_as_the_hydraulic_radius_says() -> None:
    smooth, _ = under_cells([100.0, 700.0], [410.0, 410.0], side_friction=False)
    rough, _ = under_cells([100.0, 700.0], [410.0, 410.0])
    depth = -BED_M + 0.5 * (HIGH_M + LOW_M)
    radius = WIDTH_M * depth / (WIDTH_M + 2.0 * depth)
    assert rough / smooth == pytest.approx((radius / depth) ** (2.0 / 3.0), rel=0.01)


@pytest.mark.parametrize("turn_deg", [17.0, 30.0, 45.0, 71.0])
def test_a_canal_carries_the_same_in_every_direction(turn_deg: float) -> None:
    straight, middle = under_cells([100.0, 700.0], [410.0, 410.0])
    turn = np.radians(turn_deg)
    flow, level = under_cells(
        [103.0, 103.0 + LENGTH_M * float(np.cos(turn))],
        [107.0, 107.0 + LENGTH_M * float(np.sin(turn))],
    )
    assert flow == pytest.approx(straight, rel=0.01)
    assert level == pytest.approx(middle, abs=0.005)
