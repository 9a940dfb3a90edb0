"""Small places to build terrain for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from models.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CRS = "EPSG:32648"
WEST, NORTH = 680_000.0, 1_190_000.0


@pytest.fixture
def make_grid() -> Callable[..., Grid]:
    """Return a maker of grids whose north-western corner lies in Ho Chi Minh City."""

    def make(cell_size_m: float = 10.0, rows: int = 60, columns: int = 80) -> Grid:
        return Grid(west_m=WEST, north_m=NORTH, cell_size_m=cell_size_m, rows=rows, columns=columns)

    return make


@pytest.fixture
def write_raster(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of GeoTIFFs with the north-western corner of :func:`make_grid`."""

    def write(
        values: np.ndarray[Any, Any],
        *,
        name: str = "dem.tif",
        size_m: float = 10.0,
        crs: str | None = CRS,
        nodata: float | None = None,
        origin: tuple[float, float] = (WEST, NORTH),
        **profile: Any,
    ) -> Path:
        path = tmp_path / name
        scale, offset = profile.pop("scale", None), profile.pop("offset", None)
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            width=values.shape[1],
            height=values.shape[0],
            count=1,
            dtype=values.dtype,
            crs=crs,
            nodata=nodata,
            transform=profile.pop("transform", from_origin(*origin, size_m, size_m)),
            **profile,
        ) as dataset:
            dataset.write(values, 1)
            if scale is not None:
                dataset.scales, dataset.offsets = (scale,), (offset,)
        return path

    return write


@pytest.fixture
def make_roads() -> Callable[..., gpd.GeoDataFrame]:
    """Return a maker of road layers out of lines given as offsets from the grid's corner."""

    def make(lines: list[Any], **columns: Any) -> gpd.GeoDataFrame:
        n = len(lines)
        values: dict[str, Any] = {
            "segment_id": np.arange(n),
            "from_node": 2 * np.arange(n),
            "to_node": 2 * np.arange(n) + 1,
            "direction": ["both"] * n,
            "road_class": ["residential"] * n,
            "name": [""] * n,
            "way_id": np.arange(n),
            "lanes": np.full(n, np.nan),
            "max_speed_km_h": np.full(n, np.nan),
            "is_bridge": [False] * n,
            "is_tunnel": [False] * n,
            "layer": np.zeros(n, np.int64),
            "access": ["yes"] * n,
            "deck_level_m": np.full(n, np.nan),
        }
        return gpd.GeoDataFrame({**values, **columns}, geometry=lines, crs=CRS)

    return make
