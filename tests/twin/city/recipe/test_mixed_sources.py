"""A city out of hand-made files alone: four formats, three reference systems, other names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from twin.city.build import build_city
from twin.city.checks import check_city

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City

#: VN-2000 / TM-3 105-45 of Ho Chi Minh City, and the UTM zone in which the city is built.
VN2000, UTM = "EPSG:9210", "EPSG:32648"
WEST, SOUTH = 687_000.0, 1_187_000.0

RECIPE = """\
recipe: 1
name: by_hand
crs: EPSG:32648
cell_size_m: 10
extent: {bounds: [687000, 1187000, 688000, 1188000]}
layers:
  roads:
    file: streets.geojson
    columns: {road_class: loai, name: ten, lanes: lan}
  water_areas:
    file: water.shp
    columns: {kind: LOAI, name: TEN}
  waterways: {file: lines.gpkg, columns: {kind: loai}}
  facilities:
    file: places.csv
    crs: EPSG:4326
    columns: {x: kinh_do, y: vi_do, kind: loai, facility_id: ma, name: ten, beds: giuong}
  hydrants: {file: hydrants.gpkg, columns: {hydrant_id: ma_so}}
terrain: {ground: {assumed: {mean_level_m: 1.7}}}
"""


def frame(shapes: list[shapely.Geometry], **columns: list[object]) -> gpd.GeoDataFrame:
    """Return *shapes*, given in metres from the corner of the city, in its system."""
    moved = [shapely.transform(shape, lambda p: p + np.array([WEST, SOUTH])) for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=moved, crs=UTM)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    folder: Path = tmp_path_factory.mktemp("by_hand")
    streets = [
        shapely.LineString([(100, 500), (500, 500), (900, 500)]),
        shapely.LineString([(500, 500), (500, 900)]),
    ]
    named = {"loai": ["primary", "residential"], "ten": ["Trục Chính", "Ngõ 1"], "lan": [4, 1]}
    frame(streets, **named).to_crs("EPSG:4326").to_file(folder / "streets.geojson")
    canal = shapely.box(0, 180, 1000, 220)
    frame([canal], LOAI=["canal"], TEN=["Rạch Mẫu"]).to_crs(VN2000).to_file(
        folder / "water.shp", encoding="utf-8"
    )
    line = shapely.LineString([(0, 200), (1000, 200)])
    frame([line], loai=["canal"]).to_crs(VN2000).to_file(folder / "lines.gpkg")
    place = frame([shapely.Point(510, 520)]).to_crs("EPSG:4326").geometry.iloc[0]
    pd.DataFrame(
        {"ma": ["bv1"], "ten": ["Bệnh viện Mẫu"], "loai": ["hospital"], "giuong": [120]}
        | {"kinh_do": [place.x], "vi_do": [place.y]}
    ).to_csv(folder / "places.csv", index=False)
    frame([shapely.Point(300, 505)], ma_so=["T-1"]).to_crs(VN2000).to_file(folder / "hydrants.gpkg")
    (folder / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    return build_city(folder / "recipe.yaml")


def offset(geometry: shapely.Geometry) -> np.ndarray:
    return shapely.get_coordinates(geometry) - np.array([WEST, SOUTH])


def test_everything_lands_within_centimetres_of_where_it_was_drawn(city: City) -> None:
    layers = city.layers
    assert offset(layers["facilities"].geometry.iloc[0])[0] == pytest.approx((510, 520), abs=0.05)
    assert offset(layers["hydrants"].geometry.iloc[0])[0] == pytest.approx((300, 505), abs=0.05)
    corners = offset(layers["water_areas"].geometry.iloc[0])
    assert corners.min(axis=0) == pytest.approx((0, 180), abs=0.05)
    assert corners.max(axis=0) == pytest.approx((1000, 220), abs=0.05)
    assert {layer.crs.to_epsg() for layer in layers.values()} == {32648}


def test_columns_of_other_names_arrive_under_ours(city: City) -> None:
    roads, hospital = city.layers["roads"], city.layers["facilities"].iloc[0]
    assert set(roads["name"]) == {"Trục Chính", "Ngõ 1"}
    assert set(roads.loc[roads["road_class"] == "primary", "lanes"]) == {4.0}
    assert (hospital["facility_id"], hospital["name"]) == ("bv1", "Bệnh viện Mẫu")
    assert hospital["beds"] == 120.0
    assert list(city.layers["hydrants"]["hydrant_id"]) == ["T-1"]


def test_the_canal_is_cut_into_the_grid_where_it_was_drawn(city: City) -> None:
    water = city.terrain["water"].to_numpy() == 1
    rows = np.unique(np.nonzero(water)[0])
    centres = np.sort(city.terrain["y"].to_numpy()[rows] - SOUTH)
    assert centres.tolist() == [185.0, 195.0, 205.0, 215.0]
    assert city.terrain["ground_level"].to_numpy()[water].max() < 0.0


def test_the_checks_find_only_what_is_so(city: City) -> None:
    # The hydrant stands amid a street of 400 m, 200 m from either end.
    kinds = set(check_city(city).table()["kind"])
    assert kinds <= {"no_tidal_water", "sinks", "hydrants_off_network"}
