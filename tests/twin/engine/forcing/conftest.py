"""A plain of a hundred cells, and rain in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xarray as xr
from pyproj import CRS

from models.grid import Grid
from scenarios import Scenario
from twin.city.city import City
from twin.engine.places import PlaceFinder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CRS_NAME = "EPSG:32648"
#: About 106.72° E, 10.73° N.
GRID = Grid(west_m=688_000.0, north_m=1_187_000.0, cell_size_m=100.0, rows=10, columns=12)


@pytest.fixture
def grid() -> Grid:
    """Return the grid of the plain."""
    return GRID


@pytest.fixture
def city() -> City:
    """Return a plain of 1 m with a canal in its fourth column, half of it paved."""
    water = np.zeros(GRID.shape, np.int8)
    water[:, 3] = 1
    ground = np.full(GRID.shape, 1.0)
    ground[:, 3] = -1.0
    paved = np.full(GRID.shape, 0.5)
    terrain = xr.Dataset(
        {
            "ground_level": (("y", "x"), ground),
            "water": (("y", "x"), water),
            "manning": (("y", "x"), np.full(GRID.shape, 0.03)),
            "imperviousness": (("y", "x"), paved),
        },
        coords={"y": GRID.y_m, "x": GRID.x_m},
        attrs={"cell_size_m": GRID.cell_size_m, "crs": CRS.from_user_input(CRS_NAME).to_wkt()},
    )
    return City(name="plain", crs=CRS_NAME, terrain=terrain)


@pytest.fixture
def places(city: City) -> PlaceFinder:
    """Return the finder of places on the plain."""
    return PlaceFinder(city)


@pytest.fixture
def scenario_of(tmp_path: Path) -> Callable[..., Scenario]:
    """Return a function that makes a resolved scenario of three hours out of its parts."""

    def make(**parts: Any) -> Scenario:
        document = {
            "schema": 1,
            "name": "case",
            "period": {"start": "2025-10-22T00:00+07:00", "duration": "3 h"},
            **parts,
        }
        return Scenario.from_dict(document, base=tmp_path).resolve()

    return make


@pytest.fixture
def write_rain(tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes a netCDF file of rain and returns its name."""

    def write(
        values: np.ndarray,
        *,
        name: str = "rain.nc",
        units: str | None = "mm h-1",
        x: np.ndarray | None = None,
        y: np.ndarray | None = None,
        crs: str | None = CRS_NAME,
        times: list[str] | None = None,
    ) -> str:
        steps, rows, columns = values.shape
        if x is None:
            x = np.linspace(688_000.0, 689_200.0, 2 * columns + 1)[1::2]
        if y is None:
            y = np.linspace(1_186_000.0, 1_187_000.0, 2 * rows + 1)[1::2]
        moments = (
            np.datetime64("2025-10-21T17:00", "ns") + np.arange(steps) * np.timedelta64(1, "h")
            if times is None
            else np.array(times, "datetime64[ns]")
        )
        field = xr.DataArray(values, dims=("time", "y", "x"))
        if units is not None:
            field.attrs["units"] = units
        dataset = xr.Dataset(
            {"rain": field},
            coords={
                "time": moments,
                "y": ("y", y, {"standard_name": "projection_y_coordinate", "units": "m"}),
                "x": ("x", x, {"standard_name": "projection_x_coordinate", "units": "m"}),
            },
        )
        if crs == "degrees":
            dataset["x"].attrs = {"units": "degrees_east"}
            dataset["y"].attrs = {"units": "degrees_north"}
        elif crs is not None:
            dataset["crs"] = xr.DataArray(0, attrs=CRS.from_user_input(crs).to_cf())
            dataset["rain"].attrs["grid_mapping"] = "crs"
        dataset.to_netcdf(tmp_path / name, engine="netcdf4")
        return name

    return write
