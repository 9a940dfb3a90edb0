"""The what-ifs of District 7: its gates and walls are tight, and its pumps make a difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import ndimage

import twin
from scenarios import Scenario, library
from twin.engine.assembly import set_scene
from twin.engine.setup_flood import water_kinds
from twin.engine.setup_lines import Ground
from twin.engine.setup_structures import set_up_structures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.realdata.conftest import Twin

pytestmark = pytest.mark.realdata

WORKING, FAILED = "district7_2025-11-06_gates_pumps", "district7_2025-11-06_gates_pumps_failed"


@pytest.fixture(scope="module")
def district(twin_command: Twin, docs_recipe: Callable[[str], Path], tmp_path_factory: Any) -> Path:
    folder: Path = tmp_path_factory.mktemp("district") / "city"
    twin_command("city", "build", docs_recipe("district7"), "-o", folder, "--cell-size", 20)
    return folder


def test_gates_and_walls_part_the_district_from_the_river(district: Path, real_data: Path) -> None:
    scenario = Scenario.load(library()[WORKING]).resolve(variables={"TWIN_DATA": str(real_data)})
    scene = set_scene(scenario, twin.open_city(district))
    assert scene.terrain is not None
    assert scene.grid is not None
    bed = scene.terrain["ground_level"].to_numpy()
    river = water_kinds(scene.terrain) == 2
    under = Ground(
        grid=scene.grid, bed_m=bed, water=water_kinds(scene.terrain) != 0, prescribed=river
    )
    control = set_up_structures(scenario, under, scene.places, log=lambda _event: None)
    assert control is not None
    walls = control.structures
    rows, columns = bed.shape
    ground = ~np.isnan(bed)
    open_ways = np.zeros((2 * rows + 1, 2 * columns + 1), bool)
    open_ways[1::2, 1::2] = ground
    open_ways[1::2, 2:-1:2] = ground[:, 1:] & ground[:, :-1]
    open_ways[2:-1:2, 1::2] = ground[1:] & ground[:-1]
    west = walls.face_axis == 0
    open_ways[2 * walls.face_row[west] + 1, 2 * walls.face_column[west]] = False
    open_ways[2 * walls.face_row[~west], 2 * walls.face_column[~west] + 1] = False
    parts, _ = ndimage.label(open_ways)
    parts = parts[1::2, 1::2]
    row, column, _ = scene.grid.locate(688_000.0, 1_187_000.0)
    assert not (river & (parts == parts[row, column])).any()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_pumps_keep_land_dry_that_floods_without_them(twin_command: Twin, district: Path) -> None:
    works, failed = (
        twin_command("run", name, "--city", district, "--threads", 1) for name in (WORKING, FAILED)
    )
    for result in (works, failed):
        assert result["volume_error"] < 1e-9
    assert failed["flooded_area_m2"]["0.3"] > 1.1 * works["flooded_area_m2"]["0.3"]
