"""Whatever bytes a file holds, reading it ends in success or in a typed error (R11)."""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from models.grid import Grid
from scenarios import Scenario, library
from twin.city.osm import THEME_KEYS, read_extract
from twin.city.rasters import read_onto_grid
from twin.city.recipe import read_recipe
from twin.city.terrain_recipe import RasterSource
from twin.city.vectors import VectorFile, read_vector

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = "schema: 1\nname: case\nperiod: {start: 2025-10-22T00:00+07:00, duration: 6 h}\n"
RECIPE = Path(__file__).parents[2] / "docs" / "recipes" / "district7.yaml"
SERIES = b"""\
when,level,more
2025-10-21T22:00+07:00,0.1,
2025-10-22T03:00+07:00,1.2,"a, b"
2025-10-22T10:00+07:00,0.7,
"""
GEOJSON = b"""\
{"type": "FeatureCollection", "features": [
 {"type": "Feature", "properties": {"id": "a", "kind": "clinic", "beds": 3},
  "geometry": {"type": "Point", "coordinates": [106.7, 10.7]}},
 {"type": "Feature", "properties": {"id": "b", "kind": "clinic", "beds": null},
  "geometry": {"type": "Polygon", "coordinates": [[[106.7, 10.7], [106.8, 10.7], [106.8, 10.8],
   [106.7, 10.7]]]}}]}
"""
OSM = b"""\
<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <node id="1" lat="10.70" lon="106.70"/><node id="2" lat="10.71" lon="106.70"/>
 <node id="3" lat="10.71" lon="106.71"><tag k="amenity" v="hospital"/></node>
 <way id="7"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
 <way id="8"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="natural" v="water"/></way>
 <relation id="9"><member type="way" ref="8" role="outer"/>
  <tag k="type" v="multipolygon"/></relation>
</osm>
"""
ASCII = b"""\
ncols 4
nrows 3
xllcorner 680000
yllcorner 1190000
cellsize 10
NODATA_value -9999
1.0 1.5 2.0 -9999
1.1 1.6 2.1 0.4
1.2 1.7 2.2 0.5
"""
GRID = Grid(west_m=680_000.0, north_m=1_190_030.0, cell_size_m=10.0, rows=3, columns=4)


def scenario(path: Path) -> Scenario:
    return Scenario.load(path)


def series(path: Path) -> Scenario:
    text = "tide: {series: {csv: {file: %s, time_column: when, value_column: level}}}\n"
    return Scenario.parse(HEAD + text % path.name, base=path.parent).resolve()


def vector(path: Path, into: str = "facilities") -> Any:
    columns = {"facility_id": "id"} if path.suffix == ".geojson" else {"x": "x", "y": "y"}
    file = VectorFile(path=path, crs="EPSG:4326", columns=columns, constants={"kind": "clinic"})
    return read_vector(file, into=into, crs="EPSG:32648")


def raster(path: Path) -> Any:
    source = RasterSource(file=path.name, crs="EPSG:32648")
    return read_onto_grid(source, grid=GRID, crs="EPSG:32648", base=path.parent)


#: Name of the file, a sound content, and the parser.
PARSERS: dict[str, tuple[str, bytes, Callable[[Path], Any]]] = {
    "scenario": ("case.yaml", library()["cloudburst_high_tide"].read_bytes(), scenario),
    "scenario in JSON": (
        "case.json",
        b'{"schema": 1, "name": "a", "period": {"start": "2025-01-01T00:00Z", "duration": "1 h"}}',
        scenario,
    ),
    "recipe": ("city.yaml", RECIPE.read_bytes(), read_recipe),
    "series": ("tide.csv", SERIES, series),
    "GeoJSON": ("places.geojson", GEOJSON, vector),
    "table of places": ("places.csv", b"id,x,y,beds\na,106.7,10.7,3\nb,106.8,10.8,\n", vector),
    "OpenStreetMap": ("map.osm", OSM, partial(read_extract, themes=THEME_KEYS)),
    "ASCII grid": ("dem.asc", ASCII, raster),
}


@pytest.mark.parametrize("parser", sorted(PARSERS))
def test_what_is_sound_is_read(parser: str, tmp_path: Path, answered: Any) -> None:
    name, sound, parse = PARSERS[parser]
    (tmp_path / name).write_bytes(sound)
    assert answered(lambda: parse(tmp_path / name))


def fuzz(parser: str, folder: Path, answered: Any, hostile: Any, examples: int) -> None:
    name, sound, parse = PARSERS[parser]
    path = folder / name

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(hostile(sound))
    def survives(content: bytes) -> None:
        path.write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the libraries, about what they were given
            answered(lambda: parse(path))

    survives()
    assert [each.name for each in folder.iterdir()] == [name]  # nothing half-written


@pytest.mark.parametrize("parser", sorted(PARSERS))
def test_any_bytes_end_in_success_or_a_typed_error(
    parser: str, tmp_path: Path, answered: Any, hostile: Any
) -> None:
    fuzz(parser, tmp_path, answered, hostile, 60)


@pytest.mark.slow
@pytest.mark.parametrize("parser", sorted(PARSERS))
def test_any_bytes_end_so_for_long(
    parser: str, tmp_path: Path, answered: Any, hostile: Any
) -> None:
    fuzz(parser, tmp_path, answered, hostile, 1000)


@pytest.mark.parametrize("parser", sorted(PARSERS))
def test_a_file_that_is_none_is_refused(parser: str, tmp_path: Path, answered: Any) -> None:
    name, _, parse = PARSERS[parser]
    assert not answered(lambda: parse(tmp_path / name), named=name)
    (tmp_path / name).mkdir()
    assert not answered(lambda: parse(tmp_path / name))
    (tmp_path / name).rmdir()
    (tmp_path / name).symlink_to(tmp_path / name)
    assert not answered(lambda: parse(tmp_path / name))
