from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import CityError
from twin.city.build import build_city
from twin.city.crs import metric_crs
from twin.city.recipe import Recipe, expand_path, read_recipe

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
recipe: 1
name: somewhere
title: {vi: Nơi nào đó, en: Somewhere}
crs: EPSG:32648
vertical_datum: Hòn Dấu
cell_size_m: 10
extent: {bounds: [686000, 1186000, 688000, 1188000], margin_m: 100}
sources:
  osm: {file: map.osm.pbf, date: 2018-01-01}
layers:
  roads: {source: osm}
  hydrants:
    - {source: osm}
    - {file: hydrants.csv, crs: EPSG:4326, columns: {x: lon, y: lat}}
terrain:
  ground: {assumed: {mean_level_m: 1.5}}
"""


def read(folder: Path, text: str) -> Recipe:
    path = folder / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    return read_recipe(path)


def test_a_recipe_is_read_with_one_origin_or_several_per_layer(tmp_path: Path) -> None:
    recipe = read(tmp_path, GOOD)
    assert [origin.source for origin in recipe.layers.roads] == ["osm"]
    assert [origin.file for origin in recipe.layers.hydrants] == [None, "hydrants.csv"]
    assert recipe.sources["osm"].date == "2018-01-01"
    assert recipe.terrain is not None


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("cell_size_m: 10", "cell_size_m: ten", 6, "cell_size_m"),
        ("cell_size_m: 10", "cell_size_m: -10", 6, "more than 0"),
        ("cell_size_m: 10", "cell_sise_m: 10", 6, "cell_size_m?"),
        ("recipe: 1", "recipe: 2", 1, "recipe"),
        ("EPSG:32648", "EPSG:4326", 4, "projected"),
        ("EPSG:32648", "EPSG:99999", 4, "not known"),
        ("EPSG:32648", "EPSG:2263", 4, "foot"),
        ("name: somewhere", "name: Some Where", 2, "name"),
        ("margin_m: 100", "margin_m: -1", 7, "margin_m"),
        ("[686000, 1186000, 688000, 1188000]", "[1, 2, 3]", 7, "bounds"),
        ("[686000, 1186000, 688000, 1188000]", "[688000, 1186000, 686000, 1188000]", 7, "west"),
        ("roads: {source: osm}", "roads: {source: osm, file: a.gpkg}", 11, "either source"),
        ("roads: {source: osm}", "roads: {}", 11, "either source"),
        ("roads: {source: osm}", "rodas: {source: osm}", 11, "roads?"),
        ("roads: {source: osm}", "roads: {source: map}", 1, "'map'"),
        ("mean_level_m: 1.5", "mean_level_m: high", 16, "mean_level_m"),
        ("recipe: 1\n", "recipe: 1\nrecipe: 1\n", 2, "twice"),
        ("cell_size_m: 10", "cell_size_m: &a 10", 6, "anchors"),
    ],
)
def test_a_fault_names_line_and_field(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    assert old in GOOD
    with pytest.raises(CityError) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    message = str(caught.value)
    assert said in message
    assert f"recipe.yaml:{line}" in message


@pytest.mark.parametrize(
    "extent",
    [
        "{}",
        "{bounds: [1, 2, 3, 4], raster: dem.tif}",
        "{boundary: {osm_relation: 5, file: a.gpkg}}",
        "{boundary: {}}",
        "everything",
        "{boundary: {osm_relation: 1}, crs: EPSG:4326}",
    ],
)
def test_an_extent_has_exactly_one_origin(tmp_path: Path, extent: str) -> None:
    text = GOOD.replace("{bounds: [686000, 1186000, 688000, 1188000], margin_m: 100}", extent)
    with pytest.raises(CityError, match="extent"):
        read(tmp_path, text)


def test_all_there_is_has_no_terrain(tmp_path: Path) -> None:
    start, end = GOOD.index("extent"), GOOD.index("sources")
    text = GOOD[:start] + "extent: all\n" + GOOD[end:]
    with pytest.raises(CityError, match="needs an extent with edges"):
        read(tmp_path, text)
    assert read(tmp_path, text[: text.index("terrain")]).extent.everything


def test_a_missing_recipe_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(CityError, match="no such file"):
        read_recipe(tmp_path / "none.yaml")


def test_a_variable_of_the_environment_names_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWIN_DATA", str(tmp_path / "data"))
    assert expand_path("${TWIN_DATA}/a.pbf", tmp_path) == tmp_path / "data" / "a.pbf"
    assert expand_path("${TWIN_DATA:-../x}/a.pbf", tmp_path) == tmp_path / "data" / "a.pbf"
    monkeypatch.delenv("TWIN_DATA")
    assert expand_path("${TWIN_DATA:-sub/../x}/a.pbf", tmp_path) == tmp_path / "x" / "a.pbf"
    with pytest.raises(CityError, match="TWIN_DATA of the environment is not set"):
        expand_path("${TWIN_DATA}/a.pbf", tmp_path)


def test_a_projected_system_in_metres_is_accepted() -> None:
    assert metric_crs("EPSG:32648").is_projected


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_damaged_recipe_gives_a_typed_error_or_a_recipe(
    tmp_path: Path, data: st.DataObject
) -> None:
    raw = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.yaml"
    path.write_bytes(bytes(raw))
    try:
        recipe = read_recipe(path)
    except CityError as error:
        assert "damaged.yaml" in str(error)  # noqa: PT017 - both outcomes are right
    else:
        assert isinstance(recipe, Recipe)


@pytest.mark.parametrize(
    ("extent", "says"),
    [
        ("crs: banana", "extent.crs: the reference system is not known, got 'banana'"),
        ("crs: EPSG:99999", "extent.crs: the reference system is not known"),
        ("crs: EPSG:32648", "the extent is only 0.01 m wide.*crs: EPSG:4326"),
    ],
)
def test_bounds_in_a_system_that_cannot_be_are_refused(
    tmp_path: Path, extent: str, says: str
) -> None:
    path = tmp_path / "city.yaml"
    path.write_text(
        "recipe: 1\nname: x\ncrs: EPSG:32648\n"
        f"extent: {{bounds: [106.7, 10.7, 106.71, 10.71], {extent}}}\n"
        "terrain: {ground: {assumed: {mean_level_m: 1.5}}}\n",
        encoding="utf-8",
    )
    with pytest.raises(CityError, match=says):
        build_city(path)
