"""Cities out of tables, vector files and rasters, without any map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from models.errors import CityError
from twin.city.build import build_city
from twin.city.city import open_city
from twin.city.provenance import Basis
from twin.language import say

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
recipe: 1
name: files
crs: EPSG:32648
cell_size_m: 10
extent: {bounds: [687000, 1187000, 687400, 1187200]}
"""
FLAT = "terrain: {ground: {assumed: {mean_level_m: 2}}}\n"


def recipe(folder: Path, layers: str, tail: str = "") -> Path:
    path = folder / "recipe.yaml"
    path.write_text(f"{HEAD}layers:\n{layers}\n{tail}", encoding="utf-8")
    return path


def write_lines(path: Path, lines: list[list[tuple[float, float]]], **columns: object) -> None:
    gpd.GeoDataFrame(
        columns, geometry=[shapely.LineString(line) for line in lines], crs="EPSG:32648"
    ).to_file(path)


def test_terrain_alone_makes_a_city(tmp_path: Path) -> None:
    levels = "\n".join(" ".join(str(row + column) for column in range(8)) for row in range(4))
    (tmp_path / "dem.asc").write_text(
        "ncols 8\nnrows 4\nxllcorner 687000\nyllcorner 1187000\ncellsize 50\nnodata_value -9999\n"
        f"{levels}\n",
        encoding="ascii",
    )
    path = tmp_path / "recipe.yaml"
    path.write_text(
        "recipe: 1\nname: dem\ncrs: EPSG:32648\ncell_size_m: 50\n"
        "extent: {raster: {file: dem.asc, crs: EPSG:32648}}\n"
        "terrain: {ground: {files: [{file: dem.asc, crs: EPSG:32648}]}}\n",
        encoding="utf-8",
    )
    city = build_city(path).save(tmp_path / "city")
    assert city.layers == {}
    again = open_city(tmp_path / "city")
    assert again.terrain is not None
    assert again.grid is not None
    assert again.grid.bounds == (687_000.0, 1_187_000.0, 687_400.0, 1_187_200.0)
    np.testing.assert_allclose(again.terrain["ground_level"].to_numpy()[3], np.arange(3.0, 11.0))


def test_the_cell_size_may_be_chosen_for_one_build(tmp_path: Path) -> None:
    path = recipe(tmp_path, "  {}", FLAT)
    grids = [build_city(path, cell_size_m=size).grid for size in (10.0, 20.0)]
    assert [grid.shape for grid in grids if grid is not None] == [(20, 40), (10, 20)]
    with pytest.raises(CityError, match="must be positive"):
        build_city(path, cell_size_m=0.0)
    with pytest.raises(CityError, match="cells"):
        build_city(path, cell_size_m=0.001)


def test_roads_of_a_file_are_joined_where_they_touch(tmp_path: Path) -> None:
    write_lines(
        tmp_path / "roads.gpkg",
        [
            [(687_000, 1_187_100), (687_200, 1_187_100), (687_400, 1_187_100)],
            [(687_200.01, 1_187_100), (687_200, 1_187_200)],
        ],
        sort=["primary", "alley"],
        one=["forward", "both"],
    )
    layers = "  roads: {file: roads.gpkg, columns: {road_class: sort, direction: one}}"
    city = build_city(recipe(tmp_path, layers))
    roads, nodes = city.layers["roads"], city.layers["road_nodes"]
    assert list(roads.road_class) == ["primary", "primary", "alley"]
    assert list(roads.direction) == ["forward", "forward", "both"]
    assert len(nodes) == 4
    assert roads.to_node.iloc[0] == roads.from_node.iloc[1] == roads.from_node.iloc[2]
    assert set(roads.from_node) | set(roads.to_node) == set(nodes.node_id)
    assert city.terrain is None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("{road_class: street}", "road_class is not known"),
        ("{road_class: primary, direction: left}", "direction is not known"),
        ("{}", "needs road_class"),
    ],
)
def test_a_road_of_no_known_class_or_direction_is_refused(
    tmp_path: Path, values: str, said: str
) -> None:
    write_lines(tmp_path / "roads.gpkg", [[(687_000, 1_187_100), (687_200, 1_187_100)]])
    with pytest.raises(CityError, match=said) as caught:
        build_city(recipe(tmp_path, f"  roads: {{file: roads.gpkg, values: {values}}}"))
    assert "roads.gpkg" in str(caught.value)


def test_several_files_feed_one_layer_and_the_weakest_basis_counts(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,x,y\nA,687010,1187010\nB,687020,1187010\n")
    (tmp_path / "b.csv").write_text(
        "id,x,y\nA,687010,1187010\nC,690000,1187010\nD,687030,1187010\n"
    )
    origin = "crs: EPSG:32648, columns: {hydrant_id: id}"
    layers = (
        "  hydrants:\n"
        f"    - {{file: a.csv, {origin}, licence: CC0, date: 2024}}\n"
        f"    - {{file: b.csv, {origin}, licence: survey, basis: assumed}}\n"
    )
    city = build_city(recipe(tmp_path, layers))
    assert list(city.layers["hydrants"].hydrant_id) == ["A", "B", "D"]
    assert any("1 of 3 rows lie outside" in say(note, "en") for note in city.notes)
    assert any("another source gave before" in say(note, "en") for note in city.notes)
    provenance = city.provenance["hydrants"]
    assert provenance.basis is Basis.ASSUMED
    assert provenance.source == "a.csv; b.csv"
    assert provenance.licence == "CC0; survey"


def test_a_table_that_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n10.7,106.7\n10.8,106.8\n".replace("106", "76"))
    layers = "  hydrants: {file: a.csv, crs: EPSG:4326}"
    with pytest.raises(CityError, match="lie within the extent"):
        build_city(recipe(tmp_path, layers))


def test_people_are_counted_into_cells(tmp_path: Path) -> None:
    wards = gpd.GeoDataFrame(
        {"n": [100.0, 7.0]},
        geometry=[
            shapely.box(687_000, 1_187_000, 687_100, 1_187_100),
            shapely.box(687_200.5, 1_187_000.5, 687_201, 1_187_001),
        ],
        crs="EPSG:32648",
    )
    wards.to_file(tmp_path / "wards.gpkg")
    (tmp_path / "points.csv").write_text("x,y,n\n687395,1187195,3\n")
    layers = (
        "  population:\n"
        "    - {file: wards.gpkg, columns: {persons: n}}\n"
        "    - {file: points.csv, crs: EPSG:32648, columns: {persons: n}}\n"
    )
    city = build_city(recipe(tmp_path, layers, FLAT))
    assert city.terrain is not None
    people = city.terrain["population"].to_numpy()
    assert people.sum() == pytest.approx(110.0)
    assert people[10:, :10] == pytest.approx(1.0)
    assert people[0, -1] == 3.0
    assert people[19, 20] == 7.0


def test_half_a_ward_on_the_grid_counts_half_its_people(tmp_path: Path) -> None:
    ward = gpd.GeoDataFrame(
        {"persons": [200.0]},
        geometry=[shapely.box(686_900, 1_187_000, 687_100, 1_187_200)],
        crs="EPSG:32648",
    )
    ward.to_file(tmp_path / "ward.gpkg")
    city = build_city(recipe(tmp_path, "  population: {file: ward.gpkg}", FLAT))
    assert city.terrain is not None
    assert float(city.terrain["population"].sum()) == pytest.approx(100.0)


def test_structures_keep_the_columns_that_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("structure_id,x,y,width\nT1,687010,1187010,40\n")
    layers = (
        "  structures: {file: s.csv, crs: EPSG:32648, values: {kind: tidal_gate}, keep: [width]}"
    )
    frame = build_city(recipe(tmp_path, layers)).layers["structures"]
    assert frame.loc[0, ["structure_id", "kind", "width"]].tolist() == ["T1", "tidal_gate", "40"]


def test_water_of_files_is_measured_like_that_of_maps(tmp_path: Path) -> None:
    gpd.GeoDataFrame(
        {"kind": ["canal"]},
        geometry=[shapely.box(687_000, 1_187_050, 687_400, 1_187_080)],
        crs="EPSG:32648",
    ).to_file(tmp_path / "areas.gpkg")
    write_lines(tmp_path / "lines.gpkg", [[(687_000, 1_187_060), (687_400, 1_187_060)]])
    layers = (
        "  water_areas: {file: areas.gpkg}\n  waterways: {file: lines.gpkg, values: {kind: canal}}"
    )
    city = build_city(recipe(tmp_path, layers))
    assert city.layers["waterways"].width_m.iloc[0] == pytest.approx(30.0)
    assert city.layers["water_areas"].width_m.iloc[0] == pytest.approx(30.0)
