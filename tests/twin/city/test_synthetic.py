from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import label
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.errors import InvalidQuantityError
from twin.city.city import WATER_CANAL, WATER_LAND, WATER_RIVER, City, content_digest, open_city
from twin.city.synthetic import Inventory, synthesise
from twin.city.synthetic.buildings import share_out
from twin.language import say
from twin.results.cityplot import plot_city

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

CROSS = [[0, 1, 0], [1, 1, 1], [0, 1, 0]]


@pytest.fixture(scope="module")
def district() -> City:
    return synthesise()


@pytest.fixture(scope="module")
def hamlet() -> City:
    return synthesise(area_km2=1.0, cell_size_m=5.0)


def strongly_connected_share(city: City) -> float:
    """Return the share of road nodes in the largest part that reaches itself by legal driving."""
    roads = city.layers["roads"]
    tail, head = roads["from_node"].to_numpy(), roads["to_node"].to_numpy()
    back = roads["direction"].to_numpy() == "both"
    start, end = np.concatenate([tail, head[back]]), np.concatenate([head, tail[back]])
    count = len(city.layers["road_nodes"])
    matrix = coo_array((np.ones(start.size), (start, end)), shape=(count, count))
    _, part = connected_components(matrix, directed=True, connection="strong")
    return float(np.bincount(part).max() / count)


def wet_segments(city: City, roads: gpd.GeoDataFrame) -> np.ndarray:
    """Return which segments touch a water area."""
    tree = shapely.STRtree(city.layers["water_areas"].geometry.to_numpy())
    hit, _ = tree.query(roads.geometry.to_numpy(), predicate="intersects")
    wet = np.zeros(len(roads), bool)
    wet[hit] = True
    return wet


def assert_sound(city: City) -> None:
    """Check what must hold in a district of any size."""
    roads = city.layers["roads"]
    bridge = roads["is_bridge"].to_numpy()
    wet = wet_segments(city, roads)
    assert not roads[wet & ~bridge].shape[0]
    assert wet[bridge].all()
    assert strongly_connected_share(city) >= 0.98
    points = city.layers["facilities"].geometry.to_numpy()
    _, gap = shapely.STRtree(roads.geometry.to_numpy()).query_nearest(
        points, return_distance=True, all_matches=False
    )
    assert gap.max() < 100.0
    assert_tidal(city)
    assert city.terrain is not None
    residents = city.layers["buildings"]["residents"].sum()
    assert float(city.terrain["population"].sum()) == residents


def assert_tidal(city: City) -> None:
    """Check that every canal reaches the river over the edges of cells."""
    assert city.terrain is not None
    water = city.terrain["water"].values
    parts, _ = label(water > WATER_LAND, structure=CROSS)
    fed = np.unique(parts[water == WATER_RIVER])
    assert np.isin(parts[water == WATER_CANAL], fed).all()


def test_default_district_has_exactly_the_inventory(district: City) -> None:
    counts = Inventory()
    roads = district.layers["roads"]
    alley = roads["road_class"] == "alley"
    names = roads["name"][~alley]
    assert names[names != ""].nunique() == counts.roads
    assert roads["name"][alley].nunique() == counts.alleys
    assert (roads["name"][alley] != "").all()
    assert len(district.layers["waterways"]) == counts.canals
    assert len(district.layers["bridges"]) == counts.bridges == int(roads["is_bridge"].sum())
    assert len(district.layers["hydrants"]) == counts.hydrants
    kinds = district.layers["facilities"]["kind"].value_counts()
    assert kinds["hospital"] == counts.hospitals
    assert kinds["health_station"] == counts.health_stations
    assert kinds["pharmacy"] == counts.pharmacies
    assert kinds["clinic"] == counts.general_clinics + counts.specialist_clinics
    assert kinds["convenience"] == counts.convenience_stores
    assert kinds["market"] + kinds["supermarket"] == counts.markets
    assert kinds["mall"] == counts.malls
    assert kinds["restaurant"] == counts.food_businesses
    assert kinds["fire_station"] == counts.fire_stations
    buildings = district.layers["buildings"]
    assert int((buildings["kind"] == "apartments").sum()) == counts.apartment_blocks
    assert buildings["residents"].sum() == counts.population
    assert buildings["household_businesses"].sum() == counts.household_businesses
    assert buildings["enterprises"].sum() == counts.enterprises
    assert 25_000 <= len(buildings) <= 42_000
    assert district.layers["boundary"].area.sum() == pytest.approx(35.3e6, rel=1e-9)


def test_default_district_is_sound(district: City) -> None:
    assert_sound(district)


def test_ground_is_low_and_beds_are_below_it(district: City) -> None:
    assert district.terrain is not None
    level, water = district.terrain["ground_level"].values, district.terrain["water"].values
    land = level[(water == WATER_LAND) & np.isfinite(level)]
    assert 0.85 <= land.min() < 1.1
    assert land.max() < 3.0
    assert np.median(level[water == WATER_CANAL]) < 0.5 < np.median(land)
    assert np.nanmin(level[water == WATER_RIVER]) < -5.0
    inside = district.terrain["inside"].values > 0
    assert np.isfinite(level[inside]).all()


def test_bridge_decks_clear_the_banks(district: City) -> None:
    grid, bridges = district.grid, district.layers["bridges"]
    assert grid is not None
    assert district.terrain is not None
    for end in (0, -1):
        place = shapely.get_coordinates(shapely.get_point(bridges.geometry.to_numpy(), end))
        row, column, _ = grid.locate(place[:, 0], place[:, 1])
        bank = district.terrain["ground_level"].values[row, column]
        assert (bridges["deck_level_m"].to_numpy() > bank).all()


def test_every_segment_runs_from_its_first_to_its_second_node(district: City) -> None:
    roads = district.layers["roads"]
    nodes = shapely.get_coordinates(district.layers["road_nodes"].geometry.to_numpy())
    lines = roads.geometry.to_numpy()
    for column, end in (("from_node", 0), ("to_node", -1)):
        place = shapely.get_coordinates(shapely.get_point(lines, end))
        assert np.abs(place - nodes[roads[column].to_numpy()]).max() < 0.1


def test_some_streets_are_one_way(district: City) -> None:
    forward = (district.layers["roads"]["direction"] == "forward").mean()
    assert 0.005 < forward < 0.2


def test_buildings_do_not_stand_on_roads_or_in_water(district: City) -> None:
    footprints = district.layers["buildings"].geometry.to_numpy()
    for name in ("roads", "water_areas"):
        tree = shapely.STRtree(district.layers[name].geometry.to_numpy())
        hit, _ = tree.query(footprints, predicate="intersects")
        assert hit.size == 0, name


def test_everything_is_declared_as_assumed(district: City) -> None:
    assert set(district.layers) <= set(district.provenance)
    assert {str(p.basis) for p in district.provenance.values()} == {"assumed"}
    assert {p.source for p in district.provenance.values()} == {"synthetic generator, seed 7"}
    assert any("fictitious" in say(note, "en") for note in district.notes)


def test_same_seed_makes_the_same_city_and_another_seed_another() -> None:
    first = synthesise(area_km2=1.5, seed=3)
    assert content_digest(first) == content_digest(synthesise(area_km2=1.5, seed=3))
    assert content_digest(first) != content_digest(synthesise(area_km2=1.5, seed=4))


def test_one_square_kilometre_at_five_metres_has_what_a_drill_needs(hamlet: City) -> None:
    assert_sound(hamlet)
    kinds = set(hamlet.layers["facilities"]["kind"])
    assert {"hospital", "fire_station", "ambulance_station"} <= kinds
    assert len(hamlet.layers["bridges"]) >= 1
    assert (hamlet.layers["waterways"]["kind"] == "canal").any()
    assert hamlet.grid is not None
    assert hamlet.grid.cell_size_m == 5.0


@pytest.mark.parametrize(
    ("area_km2", "seed", "cell"), [(1.0, 9, 5.0), (1.3, 33, 20.0), (2.3, 5, 10.0), (4.4, 21, 30.0)]
)
def test_any_small_district_is_sound(area_km2: float, seed: int, cell: float) -> None:
    city = synthesise(area_km2=area_km2, seed=seed, cell_size_m=cell)
    assert_sound(city)
    counts = Inventory().scaled(area_km2 / 35.3)
    assert len(city.layers["bridges"]) == counts.bridges
    assert len(city.layers["waterways"]) == counts.canals


@pytest.mark.slow
@pytest.mark.parametrize("area_km2", [100.0, 300.0])
def test_large_districts_are_sound(area_km2: float) -> None:
    city = synthesise(area_km2=area_km2, cell_size_m=30.0)
    assert_sound(city)
    assert len(city.layers["bridges"]) == round(100 * area_km2 / 35.3)
    assert len(city.layers["waterways"]) == round(410 * area_km2 / 35.3)


def test_saved_district_opens_unchanged(hamlet: City, tmp_path: Path) -> None:
    saved = hamlet.save(tmp_path / "hamlet")
    opened = open_city(tmp_path / "hamlet")
    assert opened.digest == saved.digest
    assert opened.title == {"vi": "Quận mẫu ven sông", "en": "Synthetic riverside district"}
    assert set(opened.layers) == {name for name, frame in hamlet.layers.items() if len(frame)}
    assert opened.layers["roads"]["name"].tolist() == hamlet.layers["roads"]["name"].tolist()
    assert opened.terrain is not None
    assert hamlet.terrain is not None
    np.testing.assert_array_equal(
        opened.terrain["ground_level"].values, hamlet.terrain["ground_level"].values
    )


def test_progress_rises_to_one() -> None:
    told: list[tuple[str, float]] = []
    synthesise(area_km2=1.0, progress=lambda step, share: told.append((step, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize(
    ("argument", "value"),
    [("area_km2", 0.5), ("area_km2", 2e3), ("cell_size_m", 0.0), ("seed", -1)],
)
def test_argument_out_of_range_is_named(argument: str, value: float) -> None:
    with pytest.raises(InvalidQuantityError, match=argument):
        synthesise(**{argument: value})


@given(total=st.integers(0, 10_000), weight=st.lists(st.floats(0.01, 100.0), min_size=1))
def test_shares_sum_to_the_total(total: int, weight: list[float]) -> None:
    shares = share_out(total, np.array(weight))
    assert shares.sum() == total
    assert (shares >= 0).all()


def test_plot_draws_a_map_in_both_languages(hamlet: City, tmp_path: Path) -> None:
    for language in ("vi", "en"):
        path = plot_city(hamlet, tmp_path / f"{language}.png", language=language, size_px=300)
        assert path.read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "vi.png").read_bytes() != (tmp_path / "en.png").read_bytes()
