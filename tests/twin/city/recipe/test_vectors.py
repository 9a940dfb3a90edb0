from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS

from models.errors import CityError
from twin.city.vectors import VectorFile, read_vector

if TYPE_CHECKING:
    from pathlib import Path

CITY = CRS.from_epsg(32648)
TABLE = "id,lon,lat,beds,kind\nA,106.71,10.74,120,hospital\nB,106.72,10.75,,clinic\n"
COLUMNS = {"x": "lon", "y": "lat", "facility_id": "id"}


def read(path: Path, text: str | None = None, **options: Any) -> gpd.GeoDataFrame:
    if text is not None:
        path.write_text(text, encoding="utf-8")
    into = options.pop("into", "facilities")
    options.setdefault("crs", "EPSG:4326")
    options.setdefault("columns", COLUMNS)
    return read_vector(VectorFile(path=path, **options), into=into, crs=CITY)


def test_a_table_becomes_a_layer_in_the_system_of_the_city(tmp_path: Path) -> None:
    frame = read(tmp_path / "a.csv", TABLE)
    assert list(frame.facility_id) == ["A", "B"]
    assert frame.beds.tolist()[0] == 120.0
    assert np.isnan(frame.beds.iloc[1])
    assert list(frame["name"]) == ["", ""]
    assert frame.crs == CITY
    assert frame.geometry.x.iloc[0] == pytest.approx(687_030.0, abs=100.0)


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (TABLE, {"crs": None}, "does not say its reference system"),
        (TABLE, {"crs": "EPSG:1"}, "reference system is not known"),
        (TABLE, {"columns": {}}, "got 'x'"),
        (TABLE, {"columns": {**COLUMNS, "kind": "sort"}}, "got 'sort'"),
        (TABLE, {"crs": "EPSG:32648"}, "look like degrees"),
        (TABLE.replace("106.72", "687000"), {}, "line 3"),
        (TABLE.replace("106.72", "east"), {}, "line 3: lon is not a number, got 'east'"[8:]),
        (TABLE.replace("106.72", ""), {}, "line 3"),
        (TABLE.replace("106.72", "nan"), {}, "line 3"),
        (TABLE.replace("120", "-3"), {}, "beds is not a number of at least 0, got '-3'"),
        (TABLE.replace("120", "about 100"), {}, "line 2"),
        (TABLE.replace("B,", "A,"), {}, "stands twice, got 'A'"),
        (TABLE.replace("clinic", ""), {}, "kind is empty"),
        (TABLE.replace("kind", "sort"), {}, "the layer needs kind"),
        ("", {}, "cannot be read"),
        ("id,lon,lat,kind\n", {}, "holds no rows"),
        ("a,b\n1,2,3,4\n5\n", {}, "got 'lon'"),
    ],
)
def test_a_wrong_table_names_file_row_column_and_value(
    tmp_path: Path, text: str, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(CityError) as caught:
        read(tmp_path / "a.csv", text, **options)
    assert said in str(caught.value)
    assert "a.csv" in str(caught.value)


def test_a_value_may_stand_for_all_rows(tmp_path: Path) -> None:
    text = TABLE.replace("kind", "sort")
    frame = read(tmp_path / "a.csv", text, constants={"kind": "pharmacy"}, keep=("sort",))
    assert set(frame.kind) == {"pharmacy"}
    assert list(frame["sort"]) == ["hospital", "clinic"]


def test_rows_without_identifiers_are_numbered(tmp_path: Path) -> None:
    frame = read(tmp_path / "h.csv", "x,y\n106.7,10.7\n106.8,10.8\n", columns={}, into="hydrants")
    assert list(frame.hydrant_id) == ["h-1", "h-2"]


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp", ".fgb"])
def test_every_vector_format_gives_the_same_layer(tmp_path: Path, suffix: str) -> None:
    points = gpd.GeoDataFrame(
        {"id": [7, 8], "kind": ["hospital", "clinic"]},
        geometry=[shapely.Point(106.71, 10.74), shapely.Point(106.72, 10.75)],
        crs="EPSG:4326",
    )
    path = tmp_path / f"places{suffix}"
    points.to_file(path)
    frame = read(path, crs=None, columns={"facility_id": "id"}).sort_values("facility_id")
    assert list(frame.facility_id) == ["7", "8"]
    assert list(frame.kind) == ["hospital", "clinic"]
    assert frame.geometry.x.to_numpy() == pytest.approx([687_000, 688_100], abs=200.0)


def test_a_shapefile_without_projection_needs_one_from_the_recipe(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame({"id": [1]}, geometry=[shapely.Point(106.71, 10.74)])
    path = tmp_path / "h.shp"
    points.to_file(path)
    with pytest.raises(CityError, match="does not say its reference system"):
        read(path, crs=None, columns={}, into="hydrants")
    assert len(read(path, columns={}, into="hydrants")) == 1


def test_the_layer_of_a_geopackage_is_chosen_by_name(tmp_path: Path) -> None:
    path = tmp_path / "many.gpkg"
    for name, count in (("a", 1), ("b", 2)):
        frame = gpd.GeoDataFrame(geometry=[shapely.Point(106.7, 10.7)] * count, crs="EPSG:4326")
        frame.to_file(path, layer=name)
    assert len(read(path, layer="b", crs=None, columns={}, into="hydrants")) == 2
    with pytest.raises(CityError, match="cannot be read"):
        read(path, layer="c", crs=None, columns={}, into="hydrants")


def test_lines_do_not_pass_for_points(tmp_path: Path) -> None:
    path = tmp_path / "l.geojson"
    line = shapely.LineString([(106.7, 10.7), (106.8, 10.8)])
    gpd.GeoDataFrame(geometry=[line], crs="EPSG:4326").to_file(path)
    with pytest.raises(CityError, match="hydrants need points"):
        read(path, crs=None, columns={}, into="hydrants")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.gpkg", b"not a geopackage", "cannot be read"),
        ("a.geojson", b'{"type": "FeatureCollection"', "cannot be read"),
        ("a.shp", b"\0" * 100, "cannot be read"),
        ("a.xlsx", b"PK", "this kind of file is not read"),
        ("a.csv", b"\xff\xfe\x00x", "cannot be read"),
        ("a.shp", b"<OGRVRTDataSource></OGRVRTDataSource>", "not what its name"),
        ("a.json", b"<OGRVRTDataSource></OGRVRTDataSource>", "not what its name"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CityError, match=said):
        read(path)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(CityError, match="missing"):
        read(tmp_path / "none.csv")


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_damaged_files_give_typed_errors_or_a_layer(tmp_path: Path, data: st.DataObject) -> None:
    document = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"id": "a", "kind": "x"},
                "geometry": {"type": "Point", "coordinates": [106.7, 10.7]},
            }
        ],
    }
    name, text = data.draw(st.sampled_from([("a.csv", TABLE), ("a.json", json.dumps(document))]))
    raw = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / name
    path.write_bytes(bytes(raw))
    columns = COLUMNS if name == "a.csv" else {"facility_id": "id"}
    try:
        frame = read(path, columns=columns)
    except CityError as error:
        assert name in str(error)  # noqa: PT017 - both outcomes are right
    else:
        assert np.isfinite(frame.total_bounds).all()
