"""The sea out of the ground: what connects to the chosen sides, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pydantic import ValidationError
from scipy import ndimage

from models.errors import CityError
from models.grid import Grid
from twin.city.build import build_city
from twin.city.city import WATER_CANAL, WATER_LAND, WATER_RIVER, open_city
from twin.city.sea import sea_areas, sea_cells
from twin.city.terrain_recipe import SeaRecipe, TerrainRecipe
from twin.language import say

if TYPE_CHECKING:
    from pathlib import Path

CRS = "EPSG:32649"
GRID = Grid(west_m=0.0, north_m=600.0, cell_size_m=100.0, rows=6, columns=8)

#: Sea in the north-east, a polder behind a dyke, a pond at the western side; "." is no data.
COAST = """\
. 0 0 0 0 0 0 0
. 3 3 3 0 0 0 0
. 3 0 3 3 0 0 0
3 3 3 3 3 3 0 0
0 3 3 0 0 3 3 0
0 3 3 3 3 3 3 3
"""


def ground() -> Any:
    rows = [line.replace(".", "nan").split() for line in COAST.splitlines()]
    return np.array(rows, np.float64)


def sea_of(level: Any, **fields: Any) -> Any:
    land = np.full(level.shape, WATER_LAND, np.int8)
    told = SeaRecipe.model_validate({"below_m": 0.5, "minimum_area_km2": 0.0, **fields})
    return sea_cells(level, land, told, GRID)


def test_low_ground_behind_higher_ground_stays_land() -> None:
    sea = sea_of(ground(), sides=["north", "east"])
    assert sea[0, 1]  # the first cell with data from the north-west is sea too
    assert sea[4, 7]
    assert not sea[2, 2]
    assert not sea[4, 3]
    assert not sea[4, 0]
    assert sea.sum() == 17


def test_only_the_sides_that_are_named_have_sea() -> None:
    assert sea_of(ground(), sides=["west"])[4, 0]
    assert not sea_of(ground(), sides=["north", "east"])[4, 0]


def test_pieces_that_are_too_small_stay_land() -> None:
    every = sea_of(ground(), minimum_area_km2=0.05)
    assert not every[4, 0]
    assert every[0, 5]


def test_mapped_water_keeps_its_kind() -> None:
    water = np.full(GRID.shape, WATER_LAND, np.int8)
    water[0, 3] = WATER_CANAL
    sea = sea_cells(ground(), water, SeaRecipe(below_m=0.5, minimum_area_km2=0.0), GRID)
    assert not sea[0, 3]
    assert sea[0, 4]


def test_a_level_below_all_ground_is_refused_with_the_lowest_ground() -> None:
    with pytest.raises(CityError, match=r"below_m.*got -1.*lowest ground is 0\.00 m"):
        sea_of(ground(), below_m=-1.0)


@settings(max_examples=60, deadline=None)
@given(arrays.arrays(np.float64, GRID.shape, elements=st.sampled_from([0.0, 1.0, np.nan])))
def test_every_piece_of_sea_is_low_and_none_touches_low_land(level: Any) -> None:
    try:
        sea = sea_of(level)
    except CityError:
        return
    assert (level[sea] < 0.5).all()
    low_land = (level < 0.5) & ~sea
    beside = ndimage.binary_dilation(sea) & ~sea
    assert not (beside & low_land).any()


def test_outlines_cover_the_cells() -> None:
    sea = sea_of(ground())
    areas = sea_areas(sea, GRID, CRS)
    assert set(areas["kind"]) == {"sea"}
    assert areas["tidal"].all()
    assert areas.area.sum() == pytest.approx(sea.sum() * GRID.cell_area_m2)


def test_assumed_ground_has_no_sea() -> None:
    with pytest.raises(ValidationError, match=r"ground\.files"):
        TerrainRecipe.model_validate(
            {"ground": {"assumed": {"mean_level_m": 1.0}}, "sea": {"below_m": 0.5}}
        )
    with pytest.raises(ValidationError, match="bed_m"):
        SeaRecipe(below_m=0.5, bed_m=1.0)


def test_a_city_of_ground_alone_gets_a_sea_that_a_tide_can_move(tmp_path: Path) -> None:
    rows = "\n".join(line.replace(".", "-9999") for line in COAST.splitlines())
    header = "ncols 8\nnrows 6\nxllcorner 850000\nyllcorner 1770000\ncellsize 100\n"
    (tmp_path / "dem.asc").write_text(f"{header}NODATA_value -9999\n{rows}\n", encoding="utf-8")
    recipe = tmp_path / "city.yaml"
    recipe.write_text(
        f"recipe: 1\nname: coast\ncrs: {CRS}\ncell_size_m: 100\n"
        f"extent: {{raster: {{file: dem.asc, crs: {CRS}}}}}\n"
        "terrain:\n"
        f"  ground: {{files: [{{file: dem.asc, crs: {CRS}}}], gaps: leave}}\n"
        "  sea: {below_m: 0.5, sides: [north, east], bed_m: -4}\n",
        encoding="utf-8",
    )
    city = open_city(build_city(recipe).save(tmp_path / "city").folder or tmp_path)
    assert city.terrain is not None
    sea = city.terrain["water"].to_numpy() == WATER_RIVER
    assert sea.sum() == 17
    assert (city.terrain["ground_level"].to_numpy()[sea] == -4.0).all()
    assert city.terrain["ground_level"].attrs["bed_basis"] == "assumed"
    assert city.provenance["water_areas"].basis == "derived"
    assert set(city.layer("water_areas")["kind"]) == {"sea"}
    said = " ".join(say(note, "en") for note in city.notes)
    assert "derived from the ground" in said
    assert "-4 m, is ASSUMED" in said
