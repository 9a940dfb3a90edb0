"""The recipes of the documentation, on the real data, against known counts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer

from twin.city.build import build_city
from twin.city.city import WATER_LAND, WATER_RIVER, City, open_city
from twin.city.osm import read_boundary, read_extract
from twin.city.provenance import Basis
from twin.language import say

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.realdata

RECIPES = Path(__file__).parents[4] / "docs" / "recipes"


@pytest.fixture(scope="module", autouse=True)
def _data_folder(real_data: Path) -> Iterator[None]:
    """Let the recipes find the data."""
    patch = pytest.MonkeyPatch()
    patch.setenv("TWIN_DATA", str(real_data))
    yield
    patch.undo()


@pytest.fixture(scope="module")
def district(_data_folder: None) -> City:
    return build_city(RECIPES / "district7.yaml")


def inside(city: City, layer: str) -> np.ndarray:
    """Return which rows of *layer* touch the district."""
    boundary = city.layers["boundary"].geometry.iloc[0]
    return np.asarray(shapely.intersects(city.layers[layer].geometry.to_numpy(), boundary))


def test_the_district_has_the_area_that_its_relation_has(district: City) -> None:
    boundary = district.layers["boundary"]
    assert list(boundary["name"]) == ["Quận 7"]
    assert boundary.area.iloc[0] / 1e6 == pytest.approx(35.35, rel=0.01)


def test_the_extract_holds_the_known_ways_of_the_district(real_data: Path) -> None:
    path = real_data / "district7" / "hcm_2018.osm.pbf"
    roads = read_extract(path, themes=["roads"]).roads
    _, boundary = read_boundary(path, 2_764_875)
    lines = roads.lines()
    shapely.prepare(boundary)
    touching = shapely.intersects(lines, boundary)
    # 2,117 ways and 429.6 km were counted independently, footways and steps among them; those
    # that no vehicle may use are left out here.
    kilometres = sum(
        Geod(ellps="WGS84").geometry_length(line)
        for line in shapely.intersection(lines[touching], boundary)
    )
    assert 1_980 <= touching.sum() <= 2_117
    assert kilometres / 1e3 == pytest.approx(420.0, rel=0.03)


def test_roads_are_as_long_as_known_by_class(district: City) -> None:
    boundary = district.layers["boundary"].geometry.iloc[0]
    roads = district.layers["roads"][inside(district, "roads")]
    cut = shapely.length(shapely.intersection(roads.geometry.to_numpy(), boundary)) / 1e3
    by_class = roads.assign(km=cut).groupby("road_class").km.sum()
    known = {"residential": 231.1, "tertiary": 35.0, "secondary": 25.8, "trunk": 2.0}
    for name, kilometres in known.items():
        assert by_class[name] == pytest.approx(kilometres, rel=0.06, abs=0.5), name
    assert by_class["service"] + by_class["alley"] == pytest.approx(75.2, rel=0.05)


def test_every_segment_ends_at_the_nodes_that_it_names(district: City) -> None:
    roads, nodes = district.layers["roads"], district.layers["road_nodes"]
    place = nodes.set_index("node_id").geometry
    for end, column in ((0, "from_node"), (-1, "to_node")):
        points = shapely.get_point(roads.geometry.to_numpy(), end)
        assert shapely.distance(points, place.loc[roads[column]].to_numpy()).max() < 1e-6
    assert nodes.node_id.is_unique
    assert roads.segment_id.is_unique


@pytest.mark.parametrize(
    ("name", "width_m"),
    [
        ("Kênh Tẻ", 105.0),
        ("Rạch Ông Lớn", 107.0),
        ("Rạch Đỉa", 124.0),
        ("Rạch Thầy Tiêu", 67.0),
        ("Rạch Bàng", 49.0),
        ("Rạch Tư Dinh", 50.0),
        ("Sông Nhà Bè", 1_464.0),
    ],
)
def test_canals_and_rivers_are_as_wide_as_measured_elsewhere(
    district: City, name: str, width_m: float
) -> None:
    lines = district.layers["waterways"]
    assert lines[lines["name"] == name].width_m.max() == pytest.approx(width_m, rel=0.06)


def test_big_rivers_are_rivers_and_canals_reach_the_tide(district: City) -> None:
    areas = district.layers["water_areas"]
    rivers = areas[areas.kind == "river"]
    assert {"Sông Sài Gòn", "Sông Nhà Bè"} <= set(rivers["name"])
    assert (rivers.width_m > 150.0).all()
    canals = areas[areas.kind == "canal"]
    assert canals[canals.reaches_tide].area.sum() > 0.9 * canals.area.sum()
    in_district = areas[inside(district, "water_areas")]
    boundary = district.layers["boundary"].geometry.iloc[0]
    union = shapely.union_all(in_district.geometry.to_numpy())
    assert shapely.intersection(union, boundary).area / 1e6 == pytest.approx(8.18, rel=0.03)


def test_the_known_bridges_are_there_once(district: City) -> None:
    bridges = district.layers["bridges"][inside(district, "bridges")]
    named = bridges["name"].value_counts()
    for name in ("Cầu Phú Mỹ", "Cầu Kênh Tẻ", "Cầu Tân Thuận 1", "Cầu Tân Thuận 2", "Cầu Ông Lớn",
                 "Cầu Him Lam", "Cầu Phú Xuân", "Cầu Ánh Sao"):  # fmt: skip
        assert named[name] == 1, name
    assert 40 <= len(bridges) <= 79
    assert bridges.over_water.mean() > 0.9
    assert bridges.deck_level_m.between(1.5, 8.0).all()
    assert district.provenance["bridges/deck_level_m"].basis is Basis.ASSUMED


def test_hospitals_and_the_fire_station_are_found_by_position(district: City) -> None:
    places = district.layers["facilities"][inside(district, "facilities")]
    count = places.kind.value_counts()
    # Four are mapped; Tâm Đức twice.
    assert count["hospital"] == 3
    assert places["name"].str.contains("Tâm Đức").sum() == 1
    assert count["fire_station"] == 1
    assert count["police"] == 6
    station = places[places.kind == "fire_station"].to_crs("EPSG:4326").geometry.iloc[0]
    assert (station.x, station.y) == pytest.approx((106.74023, 10.75258), abs=5e-4)


def test_the_ground_is_assumed_and_says_so_at_both_cell_sizes(district: City) -> None:
    coarse = build_city(RECIPES / "district7.yaml", cell_size_m=20.0)
    for city, size in ((district, 10.0), (coarse, 20.0)):
        assert city.grid is not None
        assert city.grid.cell_size_m == size
        assert city.terrain is not None
        assert city.provenance["terrain/ground_level"].basis is Basis.ASSUMED
        assert any("ASSUMED" in say(note, "en") for note in city.notes)
        ground = city.terrain["ground_level"].to_numpy()
        assert np.isfinite(ground[city.terrain["inside"].to_numpy() > 0]).all()
        assert 0.5 < np.isfinite(ground).mean() < 0.8  # half a kilometre around, not the box
    assert len(coarse.layers["facilities"]) == pytest.approx(
        len(district.layers["facilities"]), rel=0.01
    )


def test_all_roads_of_the_city_build_in_two_minutes() -> None:
    started = time.monotonic()
    city = build_city(RECIPES / "ho_chi_minh_roads.yaml")
    assert time.monotonic() - started < 120.0
    assert city.terrain is None
    roads = city.layers["roads"]
    assert len(roads) == 77_606
    assert roads.way_id.nunique() > 30_000
    assert len(city.layers["facilities"]) > 4_000


def test_da_nang_is_a_city_of_terrain_alone(tmp_path: Path) -> None:
    build_city(RECIPES / "danang.yaml").save(tmp_path / "danang")
    city = open_city(tmp_path / "danang")
    assert set(city.layers) == {"water_areas"}
    assert city.terrain is not None
    level = city.terrain["ground_level"].to_numpy()
    assert np.nanmax(level) == pytest.approx(686.0, abs=15.0)
    assert np.isfinite(level).mean() > 0.95
    assert city.provenance["terrain/ground_level"].basis is Basis.MEASURED
    assert city.provenance["water_areas"].basis is Basis.DERIVED


def test_da_nang_has_its_bay_and_its_beach_as_tidal_sea() -> None:
    city = build_city(RECIPES / "danang.yaml", cell_size_m=90.0)
    assert city.terrain is not None
    assert city.grid is not None
    to_city = Transformer.from_crs("EPSG:4326", city.crs, always_xy=True)
    places = {
        "bay": (108.18, 16.11, WATER_RIVER),
        "off My Khe beach": (108.27, 16.06, WATER_RIVER),
        "Hai Chau": (108.215, 16.06, WATER_LAND),
        "Hoa Tien, inland": (108.17, 15.98, WATER_LAND),
        "Ba Na hills": (108.09, 16.02, WATER_LAND),
    }
    water = city.terrain["water"].to_numpy()
    for name, (longitude, latitude, kind) in places.items():
        row, column, inside = city.grid.locate(*to_city.transform(longitude, latitude))
        assert inside, name
        assert water[row, column] == kind, name
    assert 140.0 < (water == WATER_RIVER).sum() * city.grid.cell_area_m2 / 1e6 < 170.0


def test_an_unseen_city_builds_and_tells_that_its_coast_is_cut_off(
    real_data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "helsinki.yaml"
    path.write_text(
        "recipe: 1\nname: helsinki\ncrs: EPSG:3067\ncell_size_m: 10\n"
        "extent: {bounds: [24.935, 60.155, 24.96, 60.175], crs: EPSG:4326}\n"
        f"sources: {{osm: {{file: {real_data}/response/helsinki/Helsinki.osm.pbf}}}}\n"
        "layers:\n  roads: {source: osm}\n  water: {source: osm}\n  buildings: {source: osm}\n"
        "  facilities: {source: osm}\n  hydrants: {source: osm}\n"
        "terrain: {ground: {assumed: {mean_level_m: 5}}}\n",
        encoding="utf-8",
    )
    city = build_city(path)
    assert len(city.layers["roads"]) > 500
    assert len(city.layers["buildings"]) > 200
    assert city.terrain is not None
    direction = city.layers["roads"].direction.value_counts()
    assert direction["forward"] > 100
    assert any("coastline does not close" in say(note, "en") for note in city.notes)
