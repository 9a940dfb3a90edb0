"""Flood extents that were seen: polygons or a raster, kept as a file until a grid asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidInputError
from twin.observed.rows import ordinary

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from models.grid import Grid

__all__ = ["extent_on"]

_RASTERS = {".tif", ".tiff", ".asc", ".vrt"}


def extent_on(
    path: Path, grid: Grid, crs: str, *, wet_from: float | None = None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """
    Return which cells were seen wet, and which were seen at all, shape (ny, nx).

    Parameters
    ----------
    path
        Polygons of what was wet, or a raster whose values above 0, or from *wet_from* on, were.
        Polygons leave nothing unseen; a raster does not see where it has no data.
    grid, crs
        Where to bring it.

    Raises
    ------
    InvalidInputError
        If it cannot be read, or has no reference system.
    """
    ordinary(path)
    if path.suffix.lower() in _RASTERS:
        return _of_raster(path, grid, crs, wet_from)
    return _of_polygons(path, grid, crs)


def _of_polygons(path: Path, grid: Grid, crs: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    import geopandas as gpd  # noqa: PLC0415 - few readers need it
    from rasterio.features import rasterize  # noqa: PLC0415 - as above
    from rasterio.transform import from_origin  # noqa: PLC0415 - as above

    try:
        shapes = gpd.read_file(path)
    except Exception as error:  # whatever the reader of a format raises
        raise InvalidInputError(
            f"the polygons cannot be read ({error})",
            where=str(path),
            remedy="Give GeoPackage, GeoJSON or Shapefile.",
        ) from error
    if shapes.crs is None:
        raise InvalidInputError("the polygons have no reference system", where=str(path))
    area = shapes.to_crs(crs).geometry
    area = area[area.notna() & ~area.is_empty]
    north_m = grid.bounds[3]
    transform = from_origin(grid.west_m, north_m, grid.cell_size_m, grid.cell_size_m)
    shape = (grid.rows, grid.columns)
    wet = (
        rasterize(area, out_shape=shape, transform=transform).astype(np.bool_)
        if len(area)
        else np.zeros(shape, np.bool_)
    )
    return wet, np.ones(shape, np.bool_)


def _of_raster(
    path: Path, grid: Grid, crs: str, wet_from: float | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    import rasterio  # noqa: PLC0415 - few readers need it
    from rasterio.transform import from_origin  # noqa: PLC0415 - as above
    from rasterio.warp import Resampling, reproject  # noqa: PLC0415 - as above

    try:
        with rasterio.open(path) as source:
            if source.crs is None:
                raise InvalidInputError("the raster has no reference system", where=str(path))
            values = np.full((grid.rows, grid.columns), np.nan, np.float64)
            reproject(
                source.read(1, masked=True).astype(np.float64).filled(np.nan),
                values,
                src_transform=source.transform,
                src_crs=source.crs,
                src_nodata=np.nan,
                dst_transform=from_origin(
                    grid.west_m, grid.bounds[3], grid.cell_size_m, grid.cell_size_m
                ),
                dst_crs=crs,
                dst_nodata=np.nan,
                resampling=Resampling.nearest,
            )
    except rasterio.errors.RasterioError as error:
        raise InvalidInputError(
            f"the raster cannot be read ({error})", where=str(path), remedy="Give a GeoTIFF."
        ) from error
    seen = np.isfinite(values)
    wet = values > 0.0 if wet_from is None else values >= wet_from
    return wet & seen, seen
