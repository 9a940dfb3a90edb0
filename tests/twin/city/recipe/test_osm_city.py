"""Cities from small drawn extracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from models.errors import CityError
from twin.city.build import build_city
from twin.city.city import City, open_city
from twin.city.provenance import Basis
from twin.language import say

if TYPE_CHECKING:
    from pathlib import Path

ROAD = {"highway": "residential"}


def write_recipe(
    folder: Path, text: str = "", *, layers: str = "roads", bounds: Any = None
) -> Path:
    west, south, east, north = bounds or (686_900, 1_186_900, 688_500, 1_188_500)
    lines = "\n".join(f"  {layer}: {{source: osm}}" for layer in layers.split())
    path = folder / "city.recipe.yaml"
    path.write_text(
        "recipe: 1\nname: drawn\ncrs: EPSG:32648\ncell_size_m: 10\n"
        f"extent: {{bounds: [{west}, {south}, {east}, {north}]}}\n"
        "sources:\n  osm: {file: drawn.osm, licence: ODbL 1.0, date: 2026-01-01}\n"
        f"layers:\n{lines}\n{text}",
        encoding="utf-8",
    )
    return path


def build(drawing: Any, folder: Path, **options: Any) -> City:
    drawing.write(folder / "drawn.osm")
    return build_city(write_recipe(folder, **options))


def test_a_roundabout_is_one_way_and_joins_its_arms(drawing: Any, tmp_path: Path) -> None:
    for number, place in enumerate([(100, 90), (110, 100), (100, 110), (90, 100)], start=1):
        drawing.node(number, *place)
    drawing.node(5, 100, 0)
    drawing.node(6, 0, 100)
    drawing.way(1, [1, 2, 3, 4, 1], {"highway": "tertiary", "junction": "roundabout"})
    drawing.way(2, [5, 1], {"highway": "tertiary"})
    drawing.way(3, [6, 4], {"highway": "tertiary"})
    roads = build(drawing, tmp_path).layers["roads"]
    ring = roads[roads.way_id == 1]
    assert set(ring.direction) == {"forward"}
    assert set(zip(ring.from_node, ring.to_node, strict=True)) == {(1, 4), (4, 1)}
    assert set(roads[roads.way_id != 1].direction) == {"both"}


def test_oneway_minus_one_runs_against_the_drawing(drawing: Any, tmp_path: Path) -> None:
    drawing.line(1, [(0, 0), (100, 0)], {**ROAD, "oneway": "-1", "name": "Hẻm 12"})
    road = build(drawing, tmp_path).layers["roads"].iloc[0]
    assert road.direction == "backward"
    assert road["name"] == "Hẻm 12"
    west = shapely.get_coordinates(road.geometry)[0, 0]
    assert west == pytest.approx(687_000.0, abs=0.05)


def test_roads_have_every_column_and_true_lengths(drawing: Any, tmp_path: Path) -> None:
    drawing.line(
        7,
        [(0, 0), (300, 400)],
        {"highway": "primary", "lanes": "4", "maxspeed": "50 mph", "access": "private"},
    )
    road = build(drawing, tmp_path).layers["roads"].iloc[0]
    assert road.geometry.length == pytest.approx(500.0, abs=0.05)
    assert (road.road_class, road.lanes, road.access) == ("primary", 4.0, "private")
    assert road.max_speed_km_h == pytest.approx(80.4672)
    assert not road.is_bridge
    assert np.isnan(road.deck_level_m)


def test_segments_that_touch_the_extent_are_kept_whole(drawing: Any, tmp_path: Path) -> None:
    drawing.line(1, [(50, 50), (5_000, 50)], ROAD)
    drawing.line(2, [(5_000, 500), (6_000, 500)], ROAD)
    roads = build(drawing, tmp_path).layers["roads"]
    assert list(roads.way_id) == [1]
    assert roads.geometry.iloc[0].length == pytest.approx(4_950.0, abs=0.1)


def test_a_way_whose_nodes_were_cut_off_keeps_what_is_there(drawing: Any, tmp_path: Path) -> None:
    for number in range(1, 5):
        drawing.node(number, 100.0 * number, 0.0)
    drawing.way(1, [1, 2, 999, 3, 4], ROAD)
    city = build(drawing, tmp_path)
    assert len(city.layers["roads"]) == 2
    assert any("w1" in say(note, "en") for note in city.notes)


def draw_canal(drawing: Any, width_m: float = 40.0) -> None:
    """Draw a canal from west to east whose centre line runs off the middle."""
    south, north = 500.0, 500.0 + width_m
    ring = [(0, south), (1_000, south), (1_000, north), (0, north), (0, south)]
    drawing.line(10, ring, {"natural": "water", "water": "canal"})
    middle = south + 0.25 * width_m
    drawing.line(11, [(0, middle), (1_000, middle)], {"waterway": "canal", "name": "Kênh Thử"})


def test_a_canal_is_as_wide_as_from_bank_to_bank(drawing: Any, tmp_path: Path) -> None:
    draw_canal(drawing)
    city = build(drawing, tmp_path, layers="water")
    assert city.layers["waterways"].width_m.iloc[0] == pytest.approx(40.0, abs=0.1)
    assert city.layers["water_areas"].width_m.iloc[0] == pytest.approx(40.0, abs=0.1)
    assert city.layers["water_areas"].kind.iloc[0] == "canal"
    assert city.provenance["waterways/width_m"].basis is Basis.DERIVED


def test_a_bridge_over_a_canal_is_one_bridge_with_the_canals_name(
    drawing: Any, tmp_path: Path
) -> None:
    draw_canal(drawing)
    bridge = {"highway": "primary", "bridge": "yes", "name": "Cầu Thử", "oneway": "yes"}
    drawing.line(20, [(300, 480), (300, 560)], bridge)
    drawing.line(21, [(320, 560), (320, 480)], bridge)
    drawing.line(22, [(800, 480), (800, 560)], {"highway": "service", "bridge": "yes"})
    city = build(drawing, tmp_path, layers="roads water")
    bridges = city.layers["bridges"].set_index("way_id")
    assert list(bridges.index) == [20, 22]
    assert bridges.loc[20, "name"] == "Cầu Thử"
    assert bridges.loc[20, "over"] == "Kênh Thử"
    assert bridges.loc[20, "over_water"]
    assert bridges.loc[20, "segments"] == 2
    assert np.isnan(bridges.deck_level_m).all()
    assert "bridge_name" not in city.layers["roads"]


def test_decks_are_assumed_above_the_banks_and_say_so(drawing: Any, tmp_path: Path) -> None:
    draw_canal(drawing)
    drawing.line(20, [(300, 400), (300, 480)], {"highway": "service"})
    drawing.line(21, [(300, 480), (300, 560)], {"highway": "service", "bridge": "yes"})
    text = (
        "bridges: {clearance_m: 2}\n"
        "terrain: {ground: {assumed: {mean_level_m: 3, relief_m: 0, water_drop_m: 0, "
        "bank_raise_m: 0}}}\n"
    )
    city = build(drawing, tmp_path, layers="roads water", text=text)
    assert city.layers["bridges"].deck_level_m.iloc[0] == pytest.approx(5.0, abs=0.1)
    roads = city.layers["roads"].set_index("way_id")
    assert roads.loc[21, "deck_level_m"] == city.layers["bridges"].deck_level_m.iloc[0]
    assert np.isnan(roads.loc[20, "deck_level_m"])
    assert city.provenance["bridges/deck_level_m"].basis is Basis.ASSUMED
    assert any("Deck levels" in say(note, "en") for note in city.notes)
    assert city.grid is not None
    assert city.grid.cell_size_m == 10.0


def draw_river(drawing: Any) -> None:
    """Draw a river 400 m wide with an island, out of two half banks, and a canal into it."""
    drawing.line(30, [(0, 600), (1_000, 600)], {})
    refs = [drawing.node(n, *p) for n, p in ((51, (0, 1_000)), (52, (1_000, 1_000)))]
    drawing.way(31, [1001, refs[0], refs[1], 1002], {})
    drawing.line(32, [(400, 750), (600, 750), (600, 850), (400, 850), (400, 750)], {})
    members = [(30, "outer"), (31, "outer"), (32, "inner")]
    drawing.relation(
        33, members, {"type": "multipolygon", "waterway": "riverbank", "name": "Sông Thử"}
    )
    drawing.line(34, [(500, 0), (510, 0), (510, 600), (500, 600), (500, 0)], {"natural": "water"})
    drawing.line(35, [(505, 0), (505, 620)], {"waterway": "stream"})
    drawing.line(36, [(50, 50), (90, 50), (90, 90), (50, 90), (50, 50)], {"natural": "water"})


def test_a_river_keeps_its_island_and_gives_the_tide_to_its_canals(
    drawing: Any, tmp_path: Path
) -> None:
    draw_river(drawing)
    areas = build(drawing, tmp_path, layers="water").layers["water_areas"].set_index("kind")
    assert set(areas.index) == {"river", "canal", "pond"}
    assert len(areas.loc["river", "geometry"].interiors) == 1
    assert areas.loc["river", "geometry"].area == pytest.approx(380_000.0, rel=1e-3)
    assert areas.loc["river", "name"] == "Sông Thử"
    assert areas.loc["river", "reaches_tide"]
    assert areas.loc["canal", "reaches_tide"]
    assert areas.loc["canal", "width_m"] == pytest.approx(10.0, abs=0.2)
    assert not areas.loc["pond", "reaches_tide"]
    # The stream that ends in the river says nothing about the river's width: 2 A / P.
    assert areas.loc["river", "width_m"] == pytest.approx(2 * 380_000 / 3_400, rel=1e-3)


def test_a_creek_drawn_as_part_of_a_river_becomes_a_canal(drawing: Any, tmp_path: Path) -> None:
    river = [(0, 800), (1_400, 800), (1_400, 1_200), (0, 1_200), (0, 800)]
    creek = [(700, 800), (700, 100), (730, 100), (730, 800)]
    ring = [river[0], *creek, *river[1:]]
    drawing.line(1, ring, {"waterway": "riverbank", "name": "Sông Thử"})
    city = build(drawing, tmp_path, layers="water")
    areas = city.layers["water_areas"].set_index("kind")
    assert set(areas.index) == {"river", "canal"}
    assert areas.loc["canal", "geometry"].area == pytest.approx(30 * 700, rel=0.1)
    assert areas.loc["canal", "width_m"] == pytest.approx(30.0, rel=0.1)
    assert areas.loc["canal", "reaches_tide"]
    assert areas.geometry.area.sum() == pytest.approx(1_400 * 400 + 30 * 700, rel=1e-3)
    assert any("1 narrow branches" in say(note, "en") for note in city.notes)


def test_a_river_below_the_limit_counts_as_a_canal(drawing: Any, tmp_path: Path) -> None:
    draw_river(drawing)
    city = build(drawing, tmp_path, layers="water", text="water: {river_width_m: 1000}\n")
    assert "river" not in set(city.layers["water_areas"].kind)
    assert any("count as canals" in say(note, "en") for note in city.notes)


def test_water_is_cut_at_the_edge_but_its_width_is_measured_before(
    drawing: Any, tmp_path: Path
) -> None:
    draw_canal(drawing)
    box = (686_900, 1_186_900, 687_500, 1_187_510)  # takes the southern ten metres of the canal
    areas = build(drawing, tmp_path, layers="water", bounds=box).layers["water_areas"]
    assert areas.geometry.iloc[0].area == pytest.approx(5_000.0, rel=1e-3)
    assert areas.width_m.iloc[0] == pytest.approx(40.0, abs=0.1)


def test_the_sea_lies_right_of_the_coastline(drawing: Any, tmp_path: Path) -> None:
    drawing.line(40, [(-500, 800), (2_500, 800)], {"natural": "coastline"})
    drawing.line(41, [(300, 400), (500, 400), (500, 600), (300, 600), (300, 400)],
                 {"natural": "coastline"})  # fmt: skip
    areas = build(drawing, tmp_path, layers="water").layers["water_areas"]
    assert list(areas.kind) == ["sea"]
    box = (687_000 + 600, 1_187_000 + 500)
    assert areas.geometry.iloc[0].covers(shapely.Point(*box))
    assert not areas.geometry.iloc[0].covers(shapely.Point(687_400, 1_187_500))
    assert not areas.geometry.iloc[0].covers(shapely.Point(687_400, 1_188_000))


def test_a_coastline_that_ends_within_the_extent_makes_no_sea(drawing: Any, tmp_path: Path) -> None:
    drawing.line(40, [(-500, 800), (500, 800)], {"natural": "coastline"})
    city = build(drawing, tmp_path, layers="water")
    assert not len(city.layers["water_areas"])
    assert any("coastline does not close" in say(note, "en") for note in city.notes)


def test_a_hospital_mapped_twice_is_one(drawing: Any, tmp_path: Path) -> None:
    ground = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    drawing.line(1, ground, {"amenity": "hospital", "name": "Bệnh viện Thử", "building": "yes"})
    drawing.node(2, 50, 50, amenity="hospital", name="Test Hospital", beds="120")
    drawing.node(3, 110, 50, amenity="hospital", name="Another Hospital")
    drawing.node(4, 300, 300, shop="convenience", name="A")
    drawing.node(5, 305, 300, shop="convenience", name="B")
    drawing.node(6, 310, 300, amenity="clinic", name="Trạm y tế phường 1")
    drawing.node(7, 320, 300, emergency="fire_hydrant", fire_hydrant__type="pillar")
    city = build(drawing, tmp_path, layers="facilities hydrants buildings")
    places = city.layers["facilities"].set_index("facility_id")
    assert set(places.index) == {"w1", "n3", "n4", "n5", "n6"}
    assert places.loc["w1", "beds"] == 120.0
    assert places.loc["n6", "kind"] == "health_station"
    assert list(city.layers["hydrants"].hydrant_id) == ["n7"]
    assert list(city.layers["buildings"].kind) == ["hospital"]


def draw_boundary(drawing: Any) -> None:
    drawing.line(60, [(0, 0), (1_000, 0), (1_000, 1_000)], {})
    drawing.way(61, [1003, drawing.node(70, 0, 1_000), 1001], {})
    drawing.line(62, [(400, 400), (600, 400), (600, 600), (400, 600), (400, 400)], {})
    drawing.relation(
        63,
        [(60, "outer"), (61, "outer"), (62, "inner")],
        {"type": "boundary", "boundary": "administrative", "name": "Quận Thử"},
    )
    drawing.line(64, [(100, 100), (900, 100)], ROAD)


def within_relation(folder: Path, relation: int, margin_m: float = 0.0) -> Path:
    path = write_recipe(folder)
    lines = path.read_text(encoding="utf-8").splitlines()
    extent = f"extent: {{boundary: {{osm_relation: {relation}}}, margin_m: {margin_m}}}"
    kept = [extent if line.startswith("extent") else line for line in lines]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return path


def test_a_boundary_relation_becomes_one_polygon_with_its_hole(
    drawing: Any, tmp_path: Path
) -> None:
    draw_boundary(drawing)
    drawing.write(tmp_path / "drawn.osm")
    city = build_city(within_relation(tmp_path, 63))
    boundary = city.layers["boundary"]
    assert list(boundary["name"]) == ["Quận Thử"]
    assert boundary.area.iloc[0] == pytest.approx(960_000.0, rel=1e-4)
    assert "63" in city.provenance["boundary"].source


def test_a_boundary_that_is_not_in_the_extract_is_refused(drawing: Any, tmp_path: Path) -> None:
    draw_boundary(drawing)
    drawing.write(tmp_path / "drawn.osm")
    with pytest.raises(CityError, match="not in the extract") as caught:
        build_city(within_relation(tmp_path, 2_764_875))
    assert "2764875" in str(caught.value)


def test_a_boundary_with_missing_ways_says_how_many(drawing: Any, tmp_path: Path) -> None:
    draw_boundary(drawing)
    del drawing.ways[61]
    drawing.write(tmp_path / "drawn.osm")
    with pytest.raises(CityError, match="1 of its 3 member ways"):
        build_city(within_relation(tmp_path, 63))


def test_an_empty_extract_is_refused_where_roads_are_asked_for(
    drawing: Any, tmp_path: Path
) -> None:
    with pytest.raises(CityError, match="no roads within the extent"):
        build(drawing, tmp_path)


def test_a_layer_that_the_extract_does_not_have_is_empty_and_noted(
    drawing: Any, tmp_path: Path
) -> None:
    drawing.line(1, [(0, 0), (100, 0)], ROAD)
    city = build(drawing, tmp_path, layers="roads water buildings facilities hydrants")
    assert not len(city.layers["buildings"])
    assert any(
        say(note, "en").startswith("buildings: the sources hold none") for note in city.notes
    )


def test_a_place_outside_the_zone_of_the_system_is_refused(drawing: Any, tmp_path: Path) -> None:
    drawing.line(1, [(0, 0), (100, 0)], ROAD)
    drawing.write(tmp_path / "drawn.osm")
    path = write_recipe(tmp_path)
    text = path.read_text(encoding="utf-8").replace("EPSG:32648", "EPSG:32635")
    path.write_text(text.replace("bounds: [686900, 1186900, 688500, 1188500]",
                                 "bounds: [106.7, 10.7, 106.8, 10.8], crs: EPSG:4326"),
                    encoding="utf-8")  # fmt: skip
    with pytest.raises(CityError, match="outside the area of its reference system"):
        build_city(path)


def test_the_same_recipe_gives_the_same_city(drawing: Any, tmp_path: Path) -> None:
    draw_canal(drawing)
    draw_river(drawing)
    drawing.line(90, [(300, 0), (300, 900)], {**ROAD, "bridge": "yes"})
    layers = "roads water buildings facilities hydrants"
    first = build(drawing, tmp_path, layers=layers).save(tmp_path / "a")
    second = build(drawing, tmp_path, layers=layers).save(tmp_path / "b")
    assert first.digest == second.digest
    reopened = open_city(tmp_path / "a")
    assert reopened.digest == first.digest
    assert reopened.notes == first.notes
    assert len(reopened.layer("roads")) == len(first.layers["roads"])
    assert dict(reopened.provenance) == dict(first.provenance)
