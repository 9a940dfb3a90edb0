from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import CityError
from twin.city.checks import CheckReport, check_city
from twin.city.checks_terrain import filled_level_m
from twin.city.city import City
from twin.city.names import plain_name, why_suspicious
from twin.city.terrain import build_terrain
from twin.city.terrain_recipe import TerrainRecipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.grid import Grid


CRS = "EPSG:32648"
WEST, NORTH = 680_000.0, 1_190_000.0


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(WEST + x, NORTH - y)


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(WEST + x, NORTH - y) for x, y in points])


def frame(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def water(shapes: list[Any], kind: str = "canal", width_m: float = 20.0) -> gpd.GeoDataFrame:
    n = len(shapes)
    return frame(shapes, kind=[kind] * n, name=[""] * n, width_m=[width_m] * n)


def city(grid: Grid | None = None, ground: dict[str, Any] | None = None, **layers: Any) -> City:
    terrain = None
    if grid is not None:
        flat = {"mean_level_m": 1.6, "water_drop_m": 0.0, "relief_m": 0.02}
        told = TerrainRecipe.model_validate({"ground": {"assumed": {**flat, **(ground or {})}}})
        built = build_terrain(grid=grid, crs=CRS, recipe=told, layers=layers, base=Path())
        terrain = built.dataset
    return City(name="try", crs=CRS, terrain=terrain, layers=layers)


def found(report: CheckReport) -> dict[str, Any]:
    return {finding.kind: finding for finding in report.findings}


def square(make_roads: Callable[..., gpd.GeoDataFrame], **columns: Any) -> dict[str, Any]:
    """Return a ring of four two-way roads, and one road far off."""
    corners = [(100, 100), (500, 100), (500, 500), (100, 500)]
    lines = [line(corners[k], corners[(k + 1) % 4]) for k in range(4)]
    lines.append(line((700, 100), (700, 200)))
    roads = make_roads(lines, from_node=[0, 1, 2, 3, 4], to_node=[1, 2, 3, 0, 5], **columns)
    places = [point(*c) for c in [*corners, (700, 100), (700, 200)]]
    return {"roads": roads, "road_nodes": frame(places, node_id=np.arange(6))}


def test_a_road_over_a_canal_is_flagged_and_a_bridge_is_not(
    make_grid: Callable[..., Grid], make_roads: Callable[..., gpd.GeoDataFrame]
) -> None:
    canal = water([line((0, 300), (800, 300)).buffer(10.0)])
    roads = make_roads(
        [line((x, 0), (x, 600)) for x in (200, 400, 600)],
        is_bridge=[False, True, False],
        is_tunnel=[False, False, True],
        name=["không cầu", "cầu", "hầm"],
    )
    finding = found(check_city(city(make_grid(), water_areas=canal, roads=roads)))["roads_on_water"]
    assert finding.count == 1
    assert list(finding.places["detail"]) == ["không cầu"]
    assert finding.places.geometry.iloc[0].length == pytest.approx(20.0)


def test_a_road_over_the_centre_line_of_a_canal_is_flagged(
    make_roads: Callable[..., gpd.GeoDataFrame],
) -> None:
    lines = water([line((0, 300), (800, 300)), line((0, 500), (800, 500))])
    lines["kind"] = ["canal", "drain"]
    roads = make_roads([line((200, 200), (200, 400)), line((400, 450), (400, 600))])
    finding = found(check_city(city(waterways=lines, roads=roads)))["roads_on_water"]
    assert list(finding.places["segment_id"]) == [0]


def test_canals_that_reach_neither_river_nor_rim_are_listed(make_grid: Callable[..., Grid]) -> None:
    canals = [line((0, 100), (300, 100)).buffer(10.0), line((400, 300), (600, 300)).buffer(10.0)]
    pond = water([point(700, 500).buffer(40.0)], kind="pond")
    layer = gpd.GeoDataFrame(gpd.pd.concat([water(canals), pond], ignore_index=True), crs=CRS)
    findings = found(check_city(city(make_grid(), water_areas=layer)))
    alone = findings["canals_without_tide"]
    assert alone.count == 1
    assert alone.places.geometry.iloc[0].contains(point(500, 300))
    assert "no_tidal_water" in findings


def test_the_largest_part_and_what_is_cut_off_are_told(
    make_roads: Callable[..., gpd.GeoDataFrame],
) -> None:
    layers = square(make_roads)
    finding = found(check_city(city(**layers)))["roads_not_connected"]
    assert finding.value == pytest.approx(4 / 6)
    assert finding.severity == "warning"
    assert set(finding.places["node_id"]) == {4, 5}
    one_way = square(make_roads, direction=["forward", "forward", "forward", "backward", "both"])
    assert found(check_city(city(**one_way)))["roads_not_connected"].value == pytest.approx(2 / 6)


def test_a_road_that_names_no_node_is_an_error(
    make_roads: Callable[..., gpd.GeoDataFrame],
) -> None:
    layers = square(make_roads)
    layers["roads"].loc[0, "to_node"] = 77
    report = check_city(city(**layers))
    assert found(report)["roads_without_nodes"].count == 1
    assert not report.sound


def test_facilities_off_the_network_come_with_their_distance(
    make_roads: Callable[..., gpd.GeoDataFrame],
) -> None:
    places = [point(100, 110), point(100, 250), point(705, 150)]
    facilities = frame(
        places,
        facility_id=["near", "far", "isolated"],
        kind=["hospital"] * 3,
        name=["A", "B", "C"],
        beds=[1.0, 2.0, 3.0],
    )
    findings = found(check_city(city(**square(make_roads), facilities=facilities)))
    off = findings["facilities_off_network"].places.set_index("id")["distance_m"]
    assert off["far"] == pytest.approx(150.0)
    assert "near" not in off.index
    assert "isolated" in off.index  # 200 m from the main network, though a road is beside it


def test_a_facility_beside_a_cut_off_road_is_isolated(
    make_roads: Callable[..., gpd.GeoDataFrame],
) -> None:
    layers = square(make_roads)
    layers["road_nodes"].geometry = [
        point(*c) for c in [(100, 100), (500, 100), (500, 500), (100, 500), (520, 90), (700, 200)]
    ]
    facilities = frame(
        [point(530, 90)], facility_id=["h"], kind=["hospital"], name=["H"], beds=[9.0]
    )
    finding = found(check_city(city(**layers, facilities=facilities)))["facilities_isolated"]
    assert finding.places["distance_m"].iloc[0] == pytest.approx(31.6)


@pytest.mark.parametrize(
    "name",
    ["virus", "Bệnh viện VIRUS", "kkkk", "asdfgh", "Quan bui ❤️", "chxhcjc", "!!!", "na na na na",
     "x\x00y", "Q" + "uán " * 30],
)  # fmt: skip
def test_vandalised_names_are_suspicious(name: str) -> None:
    assert why_suspicious(name) is not None


@pytest.mark.parametrize(
    "name",
    ["Bệnh viện Tâm Đức", "Đường số 1", "1041/62", "Nguyễn Văn Linh", "UBND P. Tân Phú", "BHXH",
     "Cầu Kênh Tẻ 2", "Hoàng Hoa Thám", "Trường THPT Lê Thánh Tôn", "7-Eleven", "Lô C c/c H3"],
)  # fmt: skip
def test_honest_names_are_not_suspicious(name: str) -> None:
    assert why_suspicious(name) is None


def test_accents_and_case_do_not_make_a_name_another_one() -> None:
    assert plain_name("  Bệnh  Viện ĐỨC ") == plain_name("benh vien duc")


def test_suspicious_names_are_listed_and_left_alone(
    make_roads: Callable[..., gpd.GeoDataFrame],
) -> None:
    layers = square(make_roads, name=["virus", "Lê Lợi", "", "", ""])
    finding = found(check_city(city(**layers)))["suspicious_names"]
    assert finding.count == 1
    assert finding.places["layer"].iloc[0] == "roads"
    assert layers["roads"]["name"].iloc[0] == "virus"


def test_duplicates_need_one_kind_one_name_and_nearness() -> None:
    names = ["Tâm Đức", "TÂM ĐỨC", "Tâm Đức", "Tâm Đức"]
    facilities = frame(
        [point(0, 0), point(200, 0), point(5000, 0), point(100, 0)],
        facility_id=list("abcd"),
        kind=["hospital", "hospital", "hospital", "pharmacy"],
        name=names,
        beds=[1.0] * 4,
    )
    finding = found(check_city(city(facilities=facilities)))["duplicate_facilities"]
    assert sorted(finding.places["id"]) == ["a", "b"]


def test_holes_sinks_and_spikes_are_found_where_they_are(make_grid: Callable[..., Grid]) -> None:
    sound = city(make_grid(), ground={"relief_m": 0.0})
    assert sound.terrain is not None
    level = sound.terrain["ground_level"].to_numpy() + np.arange(80)[None, :] * 1e-3
    level[10:13, 10:13] = np.nan
    level[30:33, 30:33] = 0.6
    level[50, 50] = 60.0
    terrain = sound.terrain.assign(ground_level=(("y", "x"), level))
    findings = found(check_city(City(name="try", crs=CRS, terrain=terrain)))
    assert findings["nodata_holes"].places.geometry.iloc[0].area == pytest.approx(900.0)
    sink = findings["sinks"]
    assert sink.count == 1
    # Nine cells of 100 m², filled up to the lowest cell beside them, 1.629 m.
    assert sink.value == pytest.approx(9 * 100.0 * (1.629 - 0.6), rel=1e-6)
    assert sink.places.geometry.iloc[0].area == pytest.approx(900.0)
    assert findings["spikes"].count == 1
    assert "flat_terrain" not in findings


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_filled_ground_drains_and_touches_its_sills(seed: int) -> None:
    rng = np.random.default_rng(seed)
    level = rng.integers(0, 6, (9, 11)).astype(float)
    level[rng.random(level.shape) < 0.1] = np.nan
    outlet = rng.random(level.shape) < 0.05
    filled = filled_level_m(level, outlet)
    assert np.array_equal(np.isnan(filled), np.isnan(level))
    # The least height over which water must climb to leave, by relaxing over all cells.
    wanted = np.where(np.isnan(level), np.nan, np.inf)
    padded = np.pad(level, 1, constant_values=np.nan)
    around = [padded[1 + j : 10 + j, 1 + i : 12 + i] for j, i in ((0, 1), (0, -1), (1, 0), (-1, 0))]
    free = outlet | np.isnan(np.array(around)).any(axis=0)
    wanted = np.where(free, level, wanted)
    for _ in range(level.size):
        p = np.pad(wanted, 1, constant_values=np.nan)
        near = [p[1 + j : 10 + j, 1 + i : 12 + i] for j, i in ((0, 1), (0, -1), (1, 0), (-1, 0))]
        wanted = np.fmin(wanted, np.maximum(level, np.fmin.reduce(near)))
    np.testing.assert_array_equal(filled, np.where(np.isnan(level), np.nan, wanted))


def test_flat_ground_is_noticed(make_grid: Callable[..., Grid]) -> None:
    assert "flat_terrain" in found(check_city(city(make_grid(), ground={"relief_m": 0.0})))


def test_a_bed_above_its_banks_and_a_deck_below_them_are_found(
    make_grid: Callable[..., Grid],
) -> None:
    canal = water([line((0, 300), (800, 300)).buffer(10.0)])
    bridges = frame(
        [line((400, 280), (400, 320)), line((600, 280), (600, 320))],
        bridge_id=["low", "high"],
        name=["low", "high"],
        deck_level_m=[1.0, 3.0],
    )
    place = city(make_grid(), water_areas=canal, bridges=bridges)
    assert place.terrain is not None
    findings = found(check_city(place))
    assert list(findings["decks_below_banks"].places["detail"]) == ["low"]
    assert "negative_depth" not in findings
    level = place.terrain["ground_level"].to_numpy().copy()
    level[29:31, 10] = 5.0
    terrain = place.terrain.assign(ground_level=(("y", "x"), level))
    broken = City(name="try", crs=CRS, terrain=terrain, layers=place.layers)
    assert found(check_city(broken))["negative_depth"].count == 2


def test_layers_in_degrees_or_off_the_grid_or_off_the_zone_are_errors(
    make_grid: Callable[..., Grid],
) -> None:
    degrees = frame([shapely.Point(106.7, 10.7)], hydrant_id=["a"])
    findings = found(check_city(city(make_grid(), hydrants=degrees)))
    assert findings["coordinates_like_degrees"].severity == "error"
    assert findings["off_grid_hydrants"].severity == "error"
    north = frame([shapely.Point(680_000.0, -3_000_000.0)], hydrant_id=["a"])
    assert "outside_area_of_use" in found(check_city(city(hydrants=north)))


def test_a_sound_city_of_roads_alone_has_no_finding_and_says_what_was_left_out(
    make_roads: Callable[..., gpd.GeoDataFrame],
) -> None:
    layers = square(make_roads)
    layers["roads"] = layers["roads"].iloc[:4]
    layers["road_nodes"] = layers["road_nodes"].iloc[:4]
    report = check_city(city(**layers))
    assert report.findings == ()
    assert report.sound
    assert set(report.left_out) == {"canals", "terrain"}


def test_a_report_is_written_as_table_json_and_geopackage(
    tmp_path: Path, make_roads: Callable[..., gpd.GeoDataFrame]
) -> None:
    report = check_city(city(**square(make_roads, name=["virus", "", "", "", ""])))
    table = report.table("vi")
    assert list(table["kind"]) == ["roads_not_connected", "suspicious_names"]
    assert "liên thông" in table["message"].iloc[0]
    document = json.loads(report.to_json())
    assert document["sound"] is True
    assert document["findings"][0]["message"].keys() == {"vi", "en"}
    path = report.to_geopackage(tmp_path / "report.gpkg")
    assert set(pyogrio.list_layers(path)[:, 0]) == set(table["kind"])
    places = pyogrio.read_dataframe(path, layer="roads_not_connected")
    assert len(places) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["report.gpkg"]


def test_a_report_without_places_writes_no_file(tmp_path: Path) -> None:
    with pytest.raises(CityError, match="no finding has a place"):
        CheckReport(city="x", findings=()).to_geopackage(tmp_path / "none.gpkg")
    assert list(tmp_path.iterdir()) == []
