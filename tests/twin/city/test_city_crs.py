"""One reference system for a whole city, told at the door where it is not so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pyogrio
import pytest
import shapely

from models.errors import CityError
from twin.city.city import City, open_city

if TYPE_CHECKING:
    from pathlib import Path

LOCAL = "+proj=tmerc +lat_0=0 +lon_0=107.75 +k=0.9999 +x_0=500000 +ellps=WGS84 +units=m +no_defs"
VN2000 = "EPSG:9210"  # a national system, on another ellipsoid and with its own shift


def city(crs: str) -> City:
    points = gpd.GeoDataFrame(
        {"hydrant_id": ["h-1", "h-2"]},
        geometry=[shapely.Point(500_000, 1_770_000), shapely.Point(500_400, 1_770_500)],
        crs=crs,
    )
    return City(name="small", crs=crs, layers={"hydrants": points})


@pytest.mark.parametrize("crs", ["EPSG:32648", "EPSG:3405", VN2000, LOCAL])
def test_a_city_in_any_metric_system_opens_as_it_was_saved(crs: str, tmp_path: Path) -> None:
    saved = city(crs).save(tmp_path / "city")
    again = open_city(tmp_path / "city")
    assert again.digest == saved.digest
    assert len(again.layer("hydrants")) == 2


@pytest.mark.parametrize("other", ["EPSG:4326", "EPSG:32649", "EPSG:3857"])
def test_a_layer_in_another_system_is_named_when_the_city_is_opened(
    other: str, tmp_path: Path
) -> None:
    city("EPSG:32648").save(tmp_path / "city")
    path = tmp_path / "city" / "layers.gpkg"
    moved = pyogrio.read_dataframe(path, layer="hydrants").to_crs(other)
    path.unlink()
    pyogrio.write_dataframe(moved, path, layer="hydrants", driver="GPKG")
    with pytest.raises(CityError, match="layer hydrants: this layer is not in") as caught:
        open_city(tmp_path / "city")
    message = str(caught.value)
    assert other in message
    assert "EPSG:32648" in message
    assert str(tmp_path) in message


def test_a_layer_without_a_system_is_refused() -> None:
    bare = gpd.GeoDataFrame({"hydrant_id": ["h"]}, geometry=[shapely.Point(0, 0)])
    with pytest.raises(CityError, match="got 'none'"):
        City(name="small", crs="EPSG:32648", layers={"hydrants": bare})
