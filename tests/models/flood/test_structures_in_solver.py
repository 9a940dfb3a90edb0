"""Structures inside the solver: watertight, one-way, limited, and every drop in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.flood import FloodDomain, FloodParameters, FloodSolver, Forcing
from models.flood.faces import LineFaces, faces_along
from models.flood.links import (
    CULVERT_ROUND,
    DYKE,
    GATE,
    PUMP,
    SLUICE,
    WALL,
    wall_flow,
)
from models.flood.structures import Controls, Structures, link_parameters
from models.grid import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRID = Grid(west_m=0.0, north_m=200.0, cell_size_m=10.0, rows=20, columns=30)


def ints(*values: int) -> NDArray[np.int64]:
    return np.asarray(values, np.int64)


def walls(faces: LineFaces, kind: int) -> Structures:
    """Two groups: faces whose western or northern cell lies left of the line, and the others."""
    return Structures(
        face_row=faces.row,
        face_column=faces.column,
        face_axis=faces.axis,
        face_group=(~faces.left_is_a).astype(np.int64),
        group_kind=ints(kind, kind),
        group_names=("left", "right"),
    )


def link(kind: int, a: tuple[int, int], b: tuple[int, int], **values: float) -> Structures:
    return Structures(
        link_row_a=ints(a[0]), link_column_a=ints(a[1]), link_row_b=ints(b[0]),
        link_column_b=ints(b[1]), link_kind=ints(kind), link_names=("link",),
        link_params=link_parameters(kind, **values)[None, :],
    )  # fmt: skip


def controls(
    s: Structures, crest: float = 0.0, opening: float = 0.0, sill: float = -9.0, way: int = 0
) -> Controls:
    sides = np.array([1, -1], np.int64)[: s.groups]
    return Controls(
        crest_m=np.full(s.groups, crest),
        opening_m=np.full(s.groups, opening),
        sill_m=np.full(s.groups, sill),
        direction=way * sides,
        link_opening=np.full(s.links, 1.0),
        link_running=np.ones(s.links, np.int64),
    )


def solver(
    s: Structures,
    depth: NDArray[np.float64],
    *,
    zone: NDArray[np.int16] | None = None,
    bed: NDArray[np.float64] | None = None,
) -> FloodSolver:
    domain = FloodDomain(
        grid=GRID,
        bed_m=np.zeros(GRID.shape) if bed is None else bed,
        manning=np.full(GRID.shape, 0.03),
        level_zone=zone,
    )
    parameters = FloodParameters(cell_size_m=10.0, max_time_step_s=10.0)
    return FloodSolver(domain, parameters, initial_depth_m=depth, structures=s)


def ring() -> LineFaces:
    angle = np.linspace(0.0, 2.0 * np.pi, 24)
    angle[-1] = 0.0
    return faces_along(GRID, 150.0 + 67.0 * np.cos(angle), 100.0 + 61.0 * np.sin(angle))


def inside_ring() -> NDArray[np.bool_]:
    x, y = np.meshgrid(GRID.x_m - 150.0, GRID.y_m - 100.0)
    return np.hypot(x, y) < 45.0


@pytest.mark.parametrize("kind", [DYKE, WALL, GATE])
def test_closed_ring_keeps_the_water_outside(kind: int) -> None:
    s = walls(ring(), kind)
    depth = np.zeros(GRID.shape)
    depth[:, :5] = 2.0
    flood = solver(s, depth)
    flood.advance(1800.0, Forcing(controls=controls(s, crest=4.0)))
    assert flood.depth_m[inside_ring()].max() == 0.0
    assert flood.depth_m[:, 0].min() > 0.2
    assert flood.ledger.closure < 1e-12
    assert np.abs(flood.structure_m3).max() == 0.0


def test_ring_keeps_its_rain_and_the_rest_runs_round_it() -> None:
    s = walls(ring(), WALL)
    flood = solver(s, np.where(inside_ring(), 1.0, 0.0))
    held = flood.depth_m.sum()
    flood.advance(1800.0, Forcing(controls=controls(s, crest=5.0)))
    assert flood.depth_m[0, 0] == 0.0
    assert flood.depth_m.sum() == pytest.approx(held, rel=1e-12)


def middle() -> LineFaces:
    return faces_along(GRID, [150.0, 150.0], [0.0, 200.0])


def stepped(west: float, east: float) -> NDArray[np.float64]:
    depth = np.full(GRID.shape, east)
    depth[:, :15] = west
    return depth


def test_overtopped_dyke_passes_what_the_weir_says() -> None:
    s = walls(middle(), DYKE)
    flood = solver(s, stepped(2.0, 0.0))
    flood.advance(1.0, Forcing(controls=controls(s, crest=1.5)))
    rate = wall_flow(DYKE, 1.5, 0.0, 0.0, 0, 2.0, 0.0, 0.0, 0.0, 99.0, 9.81)
    assert flood.structure_m3.sum() == pytest.approx(rate * 200.0, rel=0.1)
    west = stepped(1.0, 0.0) > 0.0
    assert flood.depth_m[~west].sum() * 100.0 == pytest.approx(flood.structure_m3.sum(), rel=1e-9)


def test_open_gate_is_not_there() -> None:
    s = walls(middle(), GATE)
    gated, free = solver(s, stepped(2.0, 0.5)), solver(Structures(), stepped(2.0, 0.5))
    gated.advance(600.0, Forcing(controls=controls(s, crest=3.0, opening=np.inf)))
    free.advance(600.0, Forcing())
    assert gated.depth_m == pytest.approx(free.depth_m, abs=1e-12)


@pytest.mark.parametrize(("way", "passes"), [(1, True), (-1, False)])
def test_flap_lets_the_canal_out_and_the_tide_not_in(way: int, passes: bool) -> None:
    s = walls(middle(), GATE)
    zone = np.zeros(GRID.shape, np.int16)
    zone[:, 25:] = 1
    flood = solver(s, stepped(1.0, 0.2), zone=zone)
    low = np.array([0.2])
    forcing = Forcing(
        level_start_m=low, level_end_m=low,
        controls=controls(s, crest=9.0, opening=np.inf, way=way),
    )  # fmt: skip
    flood.advance(3600.0, forcing)
    assert bool(flood.depth_m[:, :15].max() < 0.5) is passes
    assert flood.ledger.closure < 1e-12


def test_partly_open_gate_lets_less_pass_than_an_open_one() -> None:
    moved = []
    for opening in (0.0, 0.1, 0.3, np.inf):
        s = walls(middle(), GATE)
        flood = solver(s, stepped(2.0, 0.5))
        flood.advance(20.0, Forcing(controls=controls(s, crest=3.0, opening=opening, sill=0.0)))
        moved.append(float(flood.structure_m3.sum()))
    assert moved[0] == 0.0
    assert moved == sorted(moved)
    assert len(set(moved)) == 4


def test_culvert_levels_two_basins_and_books_its_volume() -> None:
    faces = middle()
    both = walls(faces, DYKE)
    pipe = link(
        CULVERT_ROUND, (10, 14), (10, 15), height_m=1.0, length_m=20.0, manning=0.013,
        entrance_loss=0.5,
    )  # fmt: skip
    s = Structures(
        **{
            name: getattr(both if name.startswith(("face", "group")) else pipe, name)
            for name in Structures.__dataclass_fields__
        }
    )
    flood = solver(s, stepped(1.2, 0.4))
    total = 0.0
    for end in (1800.0, 3600.0, 6 * 3600.0, 12 * 3600.0):
        flood.advance(end, Forcing(controls=controls(s, crest=9.0)))
        total += float(flood.structure_m3[s.groups])
    assert flood.depth_m[:, :15] == pytest.approx(0.8, abs=0.02)
    assert total == pytest.approx(100.0 * (1.2 * 300 - flood.depth_m[:, :15].sum()), rel=1e-9)
    assert flood.ledger.closure < 1e-12


def test_pump_to_the_outside_is_in_the_ledger_and_never_takes_more_than_there_is() -> None:
    s = link(PUMP, (10, 10), (-1, -1), flow_1_m3_s=5.0, suction_level_m=-1.0, outlet_level_m=3.0)
    flood = solver(s, np.full(GRID.shape, 0.05))
    flood.advance(3600.0, Forcing(controls=controls(s)))
    assert flood.depth_m.min() >= 0.0
    assert 0.0 < flood.structure_m3[0] <= 5.0 * 3600.0
    assert flood.depth_m.sum() * 100.0 + flood.structure_m3[0] == pytest.approx(3000.0, rel=1e-9)
    assert flood.ledger.closure < 1e-12


def test_pump_in_deep_water_gives_its_capacity() -> None:
    s = link(PUMP, (10, 10), (-1, -1), flow_1_m3_s=0.5, suction_level_m=0.0)
    flood = solver(s, np.full(GRID.shape, 2.0))
    flood.advance(600.0, Forcing(controls=controls(s)))
    assert flood.structure_m3[0] == pytest.approx(300.0, rel=1e-9)


def test_same_bytes_whatever_the_window_holds_and_after_a_checkpoint() -> None:
    faces = middle()
    s = walls(faces, GATE)
    shut, opened = (controls(s, crest=1.0, opening=x, sill=0.0) for x in (0.0, 0.4))
    one = solver(s, stepped(1.5, 0.2))
    one.advance(300.0, Forcing(controls=shut))
    state = one.state
    one.advance(900.0, Forcing(controls=opened))
    other = solver(s, stepped(1.5, 0.2))
    other.restore(state)
    other.advance(900.0, Forcing(controls=opened))
    assert other.depth_m.tobytes() == one.depth_m.tobytes()
    assert other.structure_m3.tobytes() == one.structure_m3.tobytes()


def test_sluice_between_cells_follows_its_lift() -> None:
    s = link(SLUICE, (10, 14), (10, 15), sill_m=0.0, width_m=4.0, height_m=2.0, top_m=9.0)
    flood = solver(s, stepped(0.0, 0.0), bed=stepped(0.0, 0.0))
    flood.advance(60.0, Forcing(controls=controls(s)))
    assert flood.structure_m3[0] == 0.0
