"""Losses and buildings as a scenario writes them, laid on the cells of a city."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin
from scipy.special import lambertw

from models.errors import ScenarioError
from scenarios import Scenario
from twin.engine.setup_buildings import set_up_buildings
from twin.engine.setup_losses import set_up_losses

if TYPE_CHECKING:
    from pathlib import Path

    from models.grid import Grid
    from twin.city.city import City
    from twin.engine.setup_buildings import BuiltGround

type Made = Callable[..., Scenario]

MM_H = 1e-3 / 3600.0
CONSTANT = {"kind": "constant", "rate_mm_h": 36}


def rates(scenario: Scenario, city: City, grid: Grid) -> tuple[np.ndarray, dict[str, str]]:
    """Return the capacity in the first minute, mm/h, and the notes by kind in English."""
    assert scenario.losses is not None
    assert city.terrain is not None
    losses, notes = set_up_losses(scenario.losses, city.terrain, grid=grid, city=city)
    rain = 100 * MM_H
    got = losses.capacity_m_s(0.0, 60.0, depth_m=np.ones(grid.shape), rain_m_s=rain) / MM_H
    return got.copy(), {note["kind"]: note["en"] for note in notes if not isinstance(note, str)}


def test_ground_takes_water_by_its_unpaved_share_and_canal_beds_none(
    city: City, grid: Grid, scenario_of: Made
) -> None:
    found, notes = rates(
        scenario_of(losses={"soil": CONSTANT, "evaporation_mm_d": 4.8}), city, grid
    )
    evaporation = 4.8 / 24.0
    assert found[:, 3] == pytest.approx(np.full(10, evaporation))
    assert np.delete(found, 3, axis=1) == pytest.approx(np.full((10, 11), 18.0 + evaporation))
    assert notes == {}


def test_one_imperviousness_replaces_that_of_the_city(
    city: City, grid: Grid, scenario_of: Made
) -> None:
    losses = {"soil": CONSTANT, "imperviousness": 0.25}
    assert rates(scenario_of(losses=losses), city, grid)[0][0, 0] == pytest.approx(27.0)


def test_a_city_that_does_not_know_its_paved_ground_needs_a_number(
    city: City, grid: Grid, scenario_of: Made
) -> None:
    assert city.terrain is not None
    bare = city.replace(terrain=city.terrain.drop_vars("imperviousness"))
    with pytest.raises(ScenarioError, match="which ground is paved"):
        rates(scenario_of(losses={"soil": CONSTANT}), bare, grid)
    assert (
        rates(scenario_of(losses={"soil": CONSTANT, "imperviousness": 0}), bare, grid)[0].max()
        == 36.0
    )
    assert rates(scenario_of(losses={"evaporation_mm_d": 24}), bare, grid)[0] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("soil", "first_minute_mm_h"),
    [
        (CONSTANT, 36.0),
        ({"kind": "horton", "initial_mm_h": 80, "final_mm_h": 10, "decay_per_h": 3}, 78.274),
        (
            {"kind": "green_ampt", "conductivity_mm_h": 5, "suction_mm": 100, "deficit": 0.3},
            -1800 * (1 + lambertw(-math.exp(-1 - 5 / 1800), -1).real),  # 30 mm scale, in a minute
        ),
        ({"kind": "curve_number", "number": 80, "abstraction_ratio": 0.0}, 97.44),
    ],
)  # fmt: skip
def test_each_soil_takes_what_its_formula_gives(
    soil: dict[str, Any], first_minute_mm_h: float, city: City, grid: Grid, scenario_of: Made
) -> None:
    found, _ = rates(scenario_of(losses={"soil": soil, "imperviousness": 0}), city, grid)
    assert found[0, 0] == pytest.approx(first_minute_mm_h, rel=2e-4)


def write_classes(path: Path, codes: np.ndarray) -> None:
    """Write whole numbers on the cells of the plain."""
    profile = {
        "driver": "GTiff", "height": 10, "width": 12, "count": 1, "dtype": "int16",
        "crs": "EPSG:32648", "nodata": -1,
        "transform": from_origin(688_000.0, 1_187_000.0, 100.0, 100.0),
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(codes.astype(np.int16), 1)


@pytest.fixture
def land_use(tmp_path: Path) -> dict[str, Any]:
    """Return three classes by rows, and a raster with a fourth in its last row."""
    codes = np.repeat([10, 10, 10, 20, 20, 20, 30, 30, 30, 77], 12).reshape(10, 12)
    write_classes(tmp_path / "use.tif", codes)
    return {
        "raster": {"file": "use.tif"},
        "classes": [
            {"codes": [10, 11], "soil": CONSTANT, "imperviousness": 0.0},
            {"codes": [20], "soil": {"kind": "constant", "rate_mm_h": 10}},
            {"codes": [30]},
        ],
    }


def test_each_land_use_has_its_ground(
    city: City, grid: Grid, scenario_of: Made, land_use: dict[str, Any]
) -> None:
    losses = {"land_use": land_use | {"others": "soil"}, "soil": {**CONSTANT, "rate_mm_h": 2}}
    found, notes = rates(scenario_of(losses=losses), city, grid)
    assert found[[0, 3, 6, 9], 0].tolist() == pytest.approx([36.0, 5.0, 0.0, 1.0])
    assert notes["land_use_others_soil"].startswith("11 of 110 land cells")
    assert "1 kinds" in notes["land_use_absent"]
    assert "11" in notes["land_use_absent"]


def test_the_land_use_of_the_city_may_be_taken(city: City, grid: Grid, scenario_of: Made) -> None:
    quarters = gpd.GeoDataFrame(
        {"kind": ["old", "park"]},
        geometry=[shapely.box(688_000, 1_186_000, 689_200, 1_187_000),
                  shapely.box(688_500, 1_186_000, 689_200, 1_186_500)],
        crs=city.crs,
    )  # fmt: skip
    green = city.replace(layers={"land_use": quarters})
    classes = [
        {"kinds": ["park"], "soil": CONSTANT, "imperviousness": 0.0},
        {"kinds": ["old", "villa"], "soil": {"kind": "constant", "rate_mm_h": 10}},
    ]
    losses: dict[str, Any] = {"land_use": {"layer": "land_use", "classes": classes}}
    found, notes = rates(scenario_of(losses=losses), green, grid)
    assert (found[0, 0], found[9, 11]) == pytest.approx((5.0, 36.0))
    assert "villa" in notes["land_use_absent"]
    with pytest.raises(ScenarioError, match="no such layer with kinds"):
        rates(scenario_of(losses=losses), city, grid)
    losses["land_use"]["classes"] = classes[:1]
    with pytest.raises(ScenarioError, match="75 of 110 land cells") as caught:
        rates(scenario_of(losses=losses), green, grid)
    assert "'old'" in str(caught.value)


def test_unknown_land_use_stops_the_run_unless_it_is_told_what_it_is(
    city: City, grid: Grid, scenario_of: Made, land_use: dict[str, Any]
) -> None:
    with pytest.raises(ScenarioError, match="11 of 110 land cells") as caught:
        rates(scenario_of(losses={"land_use": land_use}), city, grid)
    assert "77" in str(caught.value)
    found, notes = rates(
        scenario_of(losses={"land_use": land_use | {"others": "none"}}), city, grid
    )
    assert (found[9] == 0.0).all()
    assert "land_use_others_none" in notes


def test_curve_numbers_may_come_from_a_raster(
    tmp_path: Path, city: City, grid: Grid, scenario_of: Made
) -> None:
    numbers = np.full((10, 12), 100)
    numbers[2:4] = 60
    write_classes(tmp_path / "cn.tif", numbers)
    soil = {"kind": "curve_number", "raster": {"file": "cn.tif"}}
    found, _ = rates(scenario_of(losses={"soil": soil, "imperviousness": 0}), city, grid)
    assert found[2:4, 0].tolist() == pytest.approx([100.0, 100.0])
    assert (found[4:] == 0.0).all()
    numbers[0, 0] = -1
    write_classes(tmp_path / "cn.tif", numbers)
    with pytest.raises(ScenarioError, match="1 of 110 land cells have no curve number"):
        rates(scenario_of(losses={"soil": soil, "imperviousness": 0}), city, grid)


def test_a_raster_that_changed_since_is_refused(
    tmp_path: Path, city: City, grid: Grid, scenario_of: Made, land_use: dict[str, Any]
) -> None:
    scenario = scenario_of(losses={"land_use": land_use | {"others": "none"}})
    write_classes(tmp_path / "use.tif", np.full((10, 12), 10))
    with pytest.raises(ScenarioError, match="has changed since"):
        rates(scenario, city, grid)


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ({}, "give soil, land_use or evaporation_mm_d"),
        ({"soil": {"kind": "horton", "initial_mm_h": 5, "final_mm_h": 9, "decay_per_h": 1}},
         "final_mm_h is larger"),
        ({"soil": {"kind": "hortn", "rate_mm_h": 1}}, "Did you mean horton?"),
        ({"soil": {"kind": "curve_number"}}, "either number or raster"),
        ({"soil": CONSTANT, "imperviousness": 1.5}, "at most 1"),
        ({"land_use": {"layer": "land_use", "classes": [{"codes": [1]}]}}, "need kinds, not codes"),
        ({"land_use": {"layer": "a", "classes": [{"kinds": ["x"]}, {"kinds": ["x"]}]}},
         "x stands in two classes"),
        ({"soil": {"kind": "constant", "rate_mm_h": -1}}, "at least 0"),
    ],
)  # fmt: skip
def test_unclear_losses_are_refused(losses: dict[str, Any], said: str, scenario_of: Made) -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario_of(losses=losses)
    assert said in str(caught.value)


# Buildings


@pytest.fixture
def built_city(city: City) -> City:
    """Return the plain with three houses, of which a road crosses one and water another."""
    shapes = [
        shapely.box(688_600, 1_186_400, 688_800, 1_186_600),  # cells (4..5, 6..7)
        shapely.box(688_300, 1_186_800, 688_500, 1_186_900),  # cells (1, 3..4), 3 is canal
        shapely.box(688_000, 1_186_000, 688_075, 1_186_050),  # cell (9, 0), 38 %
    ]
    houses = gpd.GeoDataFrame(
        {"building_id": [1, 2, 3], "kind": "house", "name": "", "levels": [4.0, np.nan, 1.0]},
        geometry=shapes, crs=city.crs,
    )  # fmt: skip
    roads = gpd.GeoDataFrame(
        {"segment_id": [0], "from_node": [0], "to_node": [1], "direction": "both",
         "road_class": "residential", "name": "", "way_id": [0], "lanes": np.nan,
         "max_speed_km_h": np.nan, "is_bridge": False, "is_tunnel": False, "layer": 0,
         "access": "yes", "deck_level_m": np.nan},
        geometry=[shapely.LineString([(688_650, 1_186_000), (688_650, 1_186_450)])],
        crs=city.crs,
    )  # fmt: skip
    return city.replace(layers={"buildings": houses, "roads": roads})


def build(scenario: Scenario, city: City, grid: Grid) -> BuiltGround:
    """Put the buildings of the city into its ground."""
    assert city.terrain is not None
    bed = city.terrain["ground_level"].values
    return set_up_buildings(
        scenario.buildings, city, bed_m=bed, water=city.terrain["water"].values,
        computed=~np.isnan(bed), grid=grid,
    )  # fmt: skip


def test_buildings_close_their_cells_but_neither_roads_nor_canals(
    built_city: City, grid: Grid, scenario_of: Made
) -> None:
    built = build(scenario_of(buildings={"cells": "blocked"}), built_city, grid)
    assert np.argwhere(built.blocked).tolist() == [[1, 4], [4, 6], [4, 7], [5, 7]]
    assert (np.isnan(built.bed_m) == built.blocked).all()
    assert built.roofs is not None
    reached = built.roofs.route(1.0)
    assert reached.sum() == pytest.approx(120.0)
    assert (reached[built.blocked] == 0.0).all()
    (note,) = built.notes
    assert not isinstance(note, str)
    assert "4 cells under buildings are closed to water; 1 more stay open" in note["en"]


def test_the_threshold_and_the_roads_are_the_planners_choice(
    built_city: City, grid: Grid, scenario_of: Made
) -> None:
    options = {"cells": "blocked", "threshold": 0.3, "keep_roads": False}
    built = build(scenario_of(buildings=options), built_city, grid)
    assert np.argwhere(built.blocked).tolist() == [[1, 4], [4, 6], [4, 7], [5, 6], [5, 7], [9, 0]]


@pytest.mark.parametrize(("raise_m", "expected"), [(0.45, 1.45), ("levels", 1.0 + 4 * 3.5)])
def test_buildings_may_stand_higher_than_the_street(
    raise_m: float | str, expected: float, built_city: City, grid: Grid, scenario_of: Made
) -> None:
    options = {"cells": "raised", "raise_m": raise_m, "storey_m": 3.5}
    built = build(scenario_of(buildings=options), built_city, grid)
    assert built.bed_m[4, 6] == pytest.approx(expected)
    assert built.bed_m[5, 6] == 1.0
    assert built.bed_m[0, 0] == 1.0
    assert built.roofs is None
    assert not built.blocked.any()


def test_roofs_drain_to_the_canal_or_away(built_city: City, grid: Grid, scenario_of: Made) -> None:
    roofs = {"drain_share": 0.5, "drains_to": "canal"}
    built = build(scenario_of(buildings={"roofs": roofs}), built_city, grid)
    assert built.roofs is not None
    reached = built.roofs.route(1.0)
    assert reached.sum() == pytest.approx(120.0)
    assert reached[:, 3].sum() > 10.0
    assert reached[4, 7] == pytest.approx(0.5)
    roofs["drains_to"] = "away"
    built = build(scenario_of(buildings={"cells": "blocked", "roofs": roofs}), built_city, grid)
    assert built.roofs is not None
    away = built.roofs.away_m_s(1.0)
    assert away == pytest.approx(0.5 * (4 + 2 + 0.375), abs=0.1)
    assert built.roofs.route(1.0).sum() + away == pytest.approx(120.0)


def test_a_city_without_buildings_or_canals_says_so(
    city: City, built_city: City, grid: Grid, scenario_of: Made
) -> None:
    with pytest.raises(ScenarioError, match="has no buildings"):
        build(scenario_of(buildings={"cells": "blocked"}), city, grid)
    assert city.terrain is not None
    dry = built_city.replace(terrain=city.terrain.assign(water=city.terrain["water"] * 0))
    with pytest.raises(ScenarioError, match="no cell can take") as caught:
        build(scenario_of(buildings={"roofs": {"drain_share": 0.5}}), dry, grid)
    assert "drains_to: away" in str(caught.value)
