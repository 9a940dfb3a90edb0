from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr

from models.errors import InvalidInputError
from twin.results.export import EXPORTS, export_run

if TYPE_CHECKING:
    from pathlib import Path

    from twin.results import Run


def test_rasters_lie_where_the_grid_does(run: Run, tmp_path: Path) -> None:
    export_run(run, tmp_path, formats=["geotiff"])
    with rasterio.open(tmp_path / "max-depth.tif") as raster:
        assert raster.crs.to_epsg() == 32648
        assert tuple(raster.bounds) == (600_000.0, 1_190_000.0, 600_200.0, 1_190_200.0)
        values = raster.read(1, masked=True)
        assert raster.tags(1)["units"] == "m"
        assert "terrain/ground_level" in raster.tags()["assumed"]
    np.testing.assert_array_equal(values.filled(np.nan), run.flood["max_depth"].to_numpy())
    with rasterio.open(tmp_path / "arrival-time.tif") as raster:
        assert raster.read(1, masked=True).mask.sum() == 400 - 16


def test_the_geopackage_tells_when_roads_closed(run: Run, tmp_path: Path) -> None:
    export_run(run, tmp_path, formats=["geopackage"])
    roads = gpd.read_file(tmp_path / "run.gpkg", layer="roads")
    assert roads["ambulance_first_closed"].tolist() == [pd.Timestamp("2025-10-22 12:10")] * 2
    assert roads["ambulance_reopened"][0] == pd.Timestamp("2025-10-22 12:30")
    assert pd.isna(roads["ambulance_reopened"][1])
    assert roads["ambulance_closed_at_end"].tolist() == [False, True]
    assert pd.isna(roads["fire_engine_first_closed"][0])
    np.testing.assert_allclose(roads["max_depth_m"], 0.4, rtol=1e-6)
    assert roads.crs.to_epsg() == 32648


def test_the_geopackage_holds_routes_and_incidents(run: Run, tmp_path: Path) -> None:
    export_run(run, tmp_path, formats=["geopackage"])
    routes = gpd.read_file(tmp_path / "run.gpkg", layer="routes")
    assert routes.geometry.length.tolist() == [140.0]
    assert routes["unit"].tolist() == ["A1"]
    incidents = gpd.read_file(tmp_path / "run.gpkg", layer="incidents")
    assert len(incidents) == 5
    assert incidents["outcome"].value_counts().to_dict() == {"unserved": 3, "served": 2}


def test_tables_hold_local_times(run: Run, tmp_path: Path) -> None:
    export_run(run, tmp_path, formats=["csv"])
    events = pd.read_csv(tmp_path / "events.csv")
    assert len(events) == 14
    assert events["local_time"][0] == "2025-10-22 12:00:00"
    kpis = pd.read_csv(tmp_path / "kpis.csv").set_index("name")["value"]
    assert float(kpis["flooded_area_m2.0.1"]) == 1500.0
    assert float(kpis["within_target.ambulance.n"]) == 3.0


def test_netcdf_equals_the_run(run: Run, tmp_path: Path) -> None:
    export_run(run, tmp_path, formats=["netcdf"])
    with xr.open_dataset(tmp_path / "flood.nc", engine="netcdf4") as flood:
        np.testing.assert_array_equal(flood["depth"].to_numpy(), run.flood["depth"].to_numpy())
        assert flood.attrs["digest"] == run.digest
        assert flood["depth"].attrs["grid_mapping"] == "spatial_ref"
        assert flood["time"].to_numpy()[0] == np.datetime64("2025-10-22T05:00:00")


def test_what_the_run_lacks_is_left_out(flood_only: Run, dry: Run, tmp_path: Path) -> None:
    names = {path.name for path in export_run(flood_only, tmp_path / "flood")}
    assert "flood.nc" in names
    assert "run.gpkg" not in names
    names = {path.name for path in export_run(dry, tmp_path / "dry")}
    assert "run.gpkg" in names
    assert not any(name.endswith((".tif", ".nc")) for name in names)


def test_an_unknown_format_is_refused_before_anything_is_written(run: Run, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=", ".join(EXPORTS)):
        export_run(run, tmp_path / "out", formats=["shapefile"])
    assert not (tmp_path / "out").exists()
