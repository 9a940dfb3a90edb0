"""Canals narrower than a cell in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import twin
from models.errors import ScenarioError
from models.flood import FloodDomain, FloodParameters, FloodSolver, Forcing
from scenarios import Scenario
from scenarios.schema.flood import Flood
from twin.engine.assembly import set_scene
from twin.engine.sections import face_discharges
from twin.engine.setup_channels import set_up_channels
from twin.engine.setup_flood import set_up_flood

if TYPE_CHECKING:
    from twin.city.city import City
    from twin.engine.flooding import Flooding


@pytest.fixture(scope="module")
def city() -> City:
    """Return a synthetic city with canals from 4 to 110 m wide."""
    return twin.synthesise(area_km2=1.0, cell_size_m=20.0, seed=3)


def build(city: City, flood: dict[str, Any] | None = None, **more: Any) -> Flooding:
    document = {
        "schema": 1,
        "name": "canals",
        "period": {"start": "2025-10-22T00:00+07:00", "duration": "1 h"},
        "seed": 1,
        "flood": flood or {},
        "tide": {
            "series": {"times": ["0 h", "2 h"], "levels_m": [0.6, 1.0]},
            "applies_to": ["river", "canal_mouths"],
        },
    } | more
    scene = set_scene(Scenario.from_dict(document), city)
    assert scene.terrain is not None
    assert scene.grid is not None
    return set_up_flood(scene.scenario, scene.terrain, scene.grid, scene.places)


def water(flooding: Flooding) -> FloodSolver:
    solver = flooding.solver
    assert isinstance(solver, FloodSolver)
    return solver


def kinds(flooding: Flooding) -> list[str]:
    return [each["kind"] for each in flooding.notes if isinstance(each, dict)]


def test_canals_stay_burnt_in_unless_asked_and_the_planner_is_told(city: City) -> None:
    flooding = build(city)
    assert water(flooding).channels.nodes == 0
    assert kinds(flooding) == ["channels_burnt"]


def test_canals_narrower_than_a_cell_become_channels_of_their_own_width(city: City) -> None:
    flooding = build(city, {"channels": "subgrid"})
    channels = water(flooding).channels
    lines = city.layer("waterways")
    narrow = lines[lines["width_m"] < 20.0]
    assert set(channels.width_m) <= set(narrow["width_m"])
    assert channels.length_m.sum() == pytest.approx(narrow.length.sum(), rel=0.25)
    assert "channels_made" in kinds(flooding)
    # The ground over them is the bank, and wider water is as it was.
    own = ~np.isnan(channels.node_bed_m)
    at = channels.node_row[own], channels.node_column[own]
    assert (flooding.bed_m[at] > channels.node_bed_m[own] + 0.09).all()
    assert city.terrain is not None
    before = city.terrain["ground_level"].values
    kind = city.terrain["water"].values
    filled = flooding.bed_m > before + 1e-9
    assert filled.any()
    assert (kind[filled] == 1).all()
    # They begin at the level of the tide, as burnt-in canals do.
    assert water(flooding).channel_level_m[own] == pytest.approx(
        np.clip(0.6, channels.node_bed_m[own], flooding.bed_m[at])
    )


def test_the_tide_moves_in_them_and_every_drop_is_kept(city: City) -> None:
    flooding = build(city, {"channels": "subgrid"})
    for k in range(1, 61):
        flooding.advance(60.0 * k)
    own = ~np.isnan(water(flooding).channels.node_bed_m)
    level = water(flooding).channel_level_m[own]
    assert np.median(level) == pytest.approx(0.8, abs=0.05)
    assert flooding.ledger_row()["closure"] < 1e-12
    # A burnt-in canal is wider than the canal, and stores more.
    burnt = build(city)
    for k in range(1, 61):
        burnt.advance(60.0 * k)
    assert burnt.ledger_row()["level_in_m3"] > flooding.ledger_row()["level_in_m3"]


def test_gauges_and_sections_see_the_water_in_the_channel(city: City) -> None:
    first = build(city, {"channels": "subgrid"})
    channels, grid = water(first).channels, water(first).domain.grid
    own = np.flatnonzero(~np.isnan(channels.node_bed_m))
    node = int(own[np.argmin(np.abs(own - own.size // 2))])
    place = {
        "x_m": float(grid.x_m[channels.node_column[node]]),
        "y_m": float(grid.y_m[channels.node_row[node]]),
    }
    flooding = build(city, {"channels": "subgrid"}, gauges=[{"name": "canal", "location": place}])
    depth, level = flooding.gauge_values()
    assert depth[0] == 0.0
    assert level[0] == pytest.approx(water(flooding).channel_level_m[node])
    assert level[0] < flooding.bed_m[channels.node_row[node], channels.node_column[node]]
    flooding.advance(600.0)
    x, y = face_discharges(water(flooding))
    reach = int(np.flatnonzero(channels.reach_a == node)[0])
    a, b = channels.reach_a[reach], channels.reach_b[reach]
    row, column = channels.node_row, channels.node_column
    face = (x if row[a] == row[b] else y)[max(row[a], row[b]), max(column[a], column[b])]
    flow = water(flooding).channel_discharge_m3_s[reach]
    assert abs(flow) > 1e-6
    assert face * grid.cell_size_m == pytest.approx(flow, rel=1e-9)


def test_the_finite_volume_solver_refuses_them(city: City) -> None:
    with pytest.raises(ScenarioError, match=r"flood\.channels"):
        build(city, {"channels": "subgrid", "solver": "finite-volume"})


def test_a_run_goes_on_from_a_checkpoint_bit_for_bit(city: City) -> None:
    whole = build(city, {"channels": "subgrid"})
    for k in range(1, 21):
        whole.advance(60.0 * k)
        if k == 10:
            arrays = {name: array.copy() for name, array in whole.to_arrays().items()}
    other = build(city, {"channels": "subgrid"})
    other.restore(arrays)
    for k in range(11, 21):
        other.advance(60.0 * k)
    ended = whole.to_arrays()
    for name, array in other.to_arrays().items():
        assert array.tobytes() == ended[name].tobytes(), name


def test_channels_that_end_at_the_rim_are_mouths_for_the_tide(city: City) -> None:
    assert city.terrain is not None
    whole = water(build(city, {"channels": "subgrid"}))
    # Without the ground to the east, and to the south, canals end at a rim.
    bed = whole.domain.bed_m.copy()
    bed[:, int(np.median(whole.channels.node_column)) :] = np.nan
    bed[int(np.median(whole.channels.node_row)) :] = np.nan
    domain = FloodDomain(grid=whole.domain.grid, bed_m=bed, manning=whole.domain.manning)
    setup = set_up_channels(
        Flood(channels="subgrid"), city, city.terrain, grid=domain.grid, bed_m=bed,
        water=city.terrain["water"].values, keep=np.zeros(domain.grid.shape, np.bool_),
        rim=domain.rim(),
    )  # fmt: skip
    channels = setup.channels
    assert channels is not None
    cells = channels.node_row * domain.grid.columns + channels.node_column
    joined = np.bincount(np.concatenate([channels.reach_a, channels.reach_b]))
    last = (joined == 1) & domain.rim()[channels.node_row, channels.node_column]
    own = ~np.isnan(channels.node_bed_m)
    assert set(setup.ends.tolist()) == set(cells[last & own].tolist())
    assert set(setup.mouths.tolist()) <= set(setup.ends.tolist())
    assert setup.mouths.size > 0
    # As zones, their level is that of the tide, over the bed of the channel as a sill.
    zones = np.zeros(domain.grid.shape, np.int16)
    zones.flat[setup.mouths] = 1
    solver = FloodSolver(
        FloodDomain(
            grid=domain.grid, bed_m=setup.bed_m, manning=domain.manning, level_zone=zones
        ),
        FloodParameters(cell_size_m=20.0), channels=channels,
    )  # fmt: skip
    low = np.array([0.2])
    solver.advance(1800.0, Forcing(level_start_m=low, level_end_m=low))
    assert solver.ledger.level_in_m3 > 0.0
    assert solver.ledger.closure < 1e-12
