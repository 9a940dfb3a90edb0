"""
Rasters from files onto the grid of a city.

Values are read in windows, freed of nodata, scaled and bounded *before* they are resampled, so
that an undeclared -9999 cannot leak into an average.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS, Geod
from rasterio.errors import RasterioError
from rasterio.features import rasterize
from rasterio.transform import from_origin
from rasterio.warp import (
    Resampling,
    calculate_default_transform,
    reproject,
    transform,
    transform_geom,
)
from rasterio.windows import Window

from models.errors import CityError
from twin.city.provenance import Basis, Provenance
from twin.city.raster_files import nodata_value, open_raster

if TYPE_CHECKING:
    from pathlib import Path

    import rasterio
    from numpy.typing import NDArray

    from models.grid import Grid
    from twin.city.terrain_recipe import RasterSource

__all__ = [
    "RasterInfo",
    "describe_raster",
    "extent_on_grid",
    "provenance_of",
    "read_onto_grid",
]

#: Source pixels that are held in memory at once.
_WINDOW_PIXELS = 4_000_000
_BLOCK_CELLS = 1024
_RESAMPLING = {
    "average": Resampling.average,
    "bilinear": Resampling.bilinear,
    "nearest": Resampling.nearest,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterInfo:
    """
    What a raster says about itself, with the recipe's overrides applied.

    Parameters
    ----------
    crs
        Reference system as WKT.
    bounds
        West, south, east, north of the city's reference system that the raster was described in.
    cell_size_m
        Size of its cells there, m.
    rows, columns
        Shape.
    nodata
        The value that means "no data", or None.
    """

    driver: str
    crs: str
    bounds: tuple[float, float, float, float]
    cell_size_m: float
    rows: int
    columns: int
    nodata: float | None


def provenance_of(*sources: RasterSource) -> Provenance:
    """Return the provenance of what rasters give together: the weakest basis counts."""
    order = list(Basis)
    return Provenance(
        source="; ".join(f.source or PurePath(f.file).name for f in sources),
        basis=max((Basis(f.basis) for f in sources), key=order.index),
        licence="; ".join(dict.fromkeys(f.licence for f in sources)),
        date="; ".join(dict.fromkeys(f.date for f in sources)),
        note="; ".join(dict.fromkeys(f.note for f in sources if f.note)),
    )


def describe_raster(source: RasterSource, *, base: Path, crs: str) -> RasterInfo:
    """
    Describe *source* as seen from the reference system *crs*, without reading its values.

    Raises
    ------
    CityError
        If the file is missing, of another format, too large, or without a reference system.
    """
    with open_raster(source, base) as (dataset, own_crs):
        west, south, east, north, size = _seen_from(dataset, own_crs, crs, source.file)
        return RasterInfo(
            driver=str(dataset.driver),
            crs=own_crs.to_wkt(),
            bounds=(west, south, east, north),
            cell_size_m=size,
            rows=int(dataset.height),
            columns=int(dataset.width),
            nodata=nodata_value(dataset, source),
        )


def extent_on_grid(source: RasterSource, *, grid: Grid, crs: str, base: Path) -> NDArray[np.bool_]:
    """Return which cells of *grid* have their centre within the frame of the file."""
    with open_raster(source, base) as (dataset, own_crs):
        steps = np.linspace(0.0, 1.0, 33)[:-1]
        columns = np.concatenate([steps, steps * 0 + 1, 1 - steps, steps * 0]) * dataset.width
        rows = np.concatenate([steps * 0, steps, steps * 0 + 1, 1 - steps]) * dataset.height
        x, y = dataset.transform @ (columns, rows)
        ring = [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
        frame = transform_geom(
            own_crs.to_wkt(), crs, {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        )
    covered = rasterize([(frame, 1)], out_shape=grid.shape, transform=_affine(grid), dtype=np.uint8)
    return np.asarray(covered, dtype=np.bool_)


def read_onto_grid(
    source: RasterSource,
    *,
    grid: Grid,
    crs: str,
    base: Path,
    per_area: bool = False,
    may_be_empty: bool = False,
) -> NDArray[np.float64]:
    """
    Read *source*, resampled onto *grid*.

    Parameters
    ----------
    source
        The file and how to read it.
    grid, crs
        The city's grid and its reference system.
    base
        Folder that relative file names start from.
    per_area
        Divide each value by the area of its own cell first, so that counts become densities
        (per m²) and survive resampling; where there is no value, the density is 0.
    may_be_empty
        Whether a file without any value on the grid is fine.

    Returns
    -------
    ndarray
        Shape of the grid, NaN where the file has no value.

    Raises
    ------
    CityError
        As :func:`describe_raster`, and if a value cannot be read, lies beyond ``limits`` with
        ``outside_limits: error``, or no value at all falls on the grid.
    """
    values = np.full(grid.shape, np.nan)
    with open_raster(source, base) as (dataset, own_crs):
        size = _seen_from(dataset, own_crs, crs, source.file)[4]
        method = source.resampling
        if method == "auto":
            method = "average" if grid.cell_size_m >= size * (1.0 - 1e-6) else "bilinear"
        margin = math.ceil(grid.cell_size_m / size) + 3 if per_area else 0
        cells = math.isqrt(int(_WINDOW_PIXELS * (size / grid.cell_size_m) ** 2))
        step = min(max(cells, 8), _BLOCK_CELLS)
        for row in range(0, grid.rows, step):
            for column in range(0, grid.columns, step):
                block = values[row : row + step, column : column + step]
                origin = (
                    grid.west_m + column * grid.cell_size_m,
                    grid.north_m - row * grid.cell_size_m,
                )
                _warp_block(
                    dataset,
                    own_crs,
                    source,
                    block=block,
                    origin=origin,
                    size=grid.cell_size_m,
                    crs=crs,
                    method=_RESAMPLING[method],
                    margin=margin,
                )
    if not may_be_empty and not np.isfinite(values).any():
        raise CityError(
            "the raster has no value anywhere on the grid",
            where=source.file,
            value={"grid (west, south, east, north)": grid.bounds},
            remedy="Check its nodata value, its limits, and that it covers the city.",
        )
    return values


def _affine(grid: Grid) -> rasterio.Affine:
    return from_origin(grid.west_m, grid.north_m, grid.cell_size_m, grid.cell_size_m)


def _seen_from(
    dataset: rasterio.DatasetReader, own_crs: CRS, crs: str, name: str
) -> tuple[float, float, float, float, float]:
    """Return bounds and cell size of the dataset in *crs*."""
    box = dataset.bounds
    left, right = sorted((box.left, box.right))
    bottom, top = sorted((box.bottom, box.top))
    try:
        affine, width, height = calculate_default_transform(
            own_crs.to_wkt(), crs, dataset.width, dataset.height, left, bottom, right, top
        )
    except RasterioError as error:
        raise CityError(
            "the raster cannot be brought into the city's reference system",
            where=name,
            value={"raster": own_crs.name, "bounds": (left, bottom, right, top)},
            remedy="Check crs of the raster and of the city.",
        ) from error
    size = abs(float(affine.a))
    north, west = float(affine.f), float(affine.c)
    return west, north - height * size, west + width * size, north, size


def _warp_block(
    dataset: rasterio.DatasetReader,
    own_crs: CRS,
    source: RasterSource,
    *,
    block: NDArray[np.float64],
    origin: tuple[float, float],
    size: float,
    crs: str,
    method: Resampling,
    margin: int,
) -> None:
    """
    Fill *block*, whose north-western corner is *origin*, in place.

    With a *margin* (pixels, 0 for none) values are counts, and made densities.
    """
    window = _window(dataset, own_crs, shape=block.shape, origin=origin, size=size, crs=crs)
    if window is None:
        return
    raw = dataset.read(source.band, window=window)
    values = raw.astype(np.float64)
    nodata = nodata_value(dataset, source)
    if nodata is not None:
        # A float32 file holds -3.4e38 rounded; an int16 file cannot hold -99999 at all.
        told = np.float32(nodata) if raw.dtype == np.float32 else nodata
        values[raw == told] = np.nan
    values[~np.isfinite(values)] = np.nan
    scale = dataset.scales[source.band - 1] * source.scale
    offset = dataset.offsets[source.band - 1] * source.scale + source.offset
    if (scale, offset) != (1.0, 0.0):
        values *= scale
        values += offset
    affine = dataset.window_transform(window)
    _limit(values, source, affine)
    if margin:
        values /= _cell_areas(values.shape, affine, own_crs)
        # Nobody lives where nobody was counted: a cell half off the file gets half the mean.
        values = np.pad(np.nan_to_num(values), margin)
        affine = affine @ affine.translation(-margin, -margin)
    result = np.full(block.shape, np.nan)
    reproject(
        values,
        result,
        src_transform=affine,
        src_crs=own_crs.to_wkt(),
        src_nodata=np.nan,
        dst_transform=from_origin(*origin, size, size),
        dst_crs=crs,
        dst_nodata=np.nan,
        resampling=method,
        num_threads=1,
    )
    block[...] = result


def _window(
    dataset: rasterio.DatasetReader,
    own_crs: CRS,
    *,
    shape: tuple[int, ...],
    origin: tuple[float, float],
    size: float,
    crs: str,
) -> Window | None:
    """Return the part of the file under a block, with a margin, or None where there is none."""
    across = np.linspace(0.0, shape[1] * size, 9)
    down = np.linspace(0.0, shape[0] * size, 9)
    x, y = (a.ravel() for a in np.meshgrid(origin[0] + across, origin[1] - down))
    own_x, own_y = (np.asarray(a) for a in transform(crs, own_crs.to_wkt(), x, y))
    sound = np.isfinite(own_x) & np.isfinite(own_y)
    if not sound.any():
        return None
    columns, rows = ~dataset.transform @ (own_x[sound], own_y[sound])
    left = max(math.floor(columns.min()) - 3, 0)
    right = min(math.ceil(columns.max()) + 3, dataset.width)
    top = max(math.floor(rows.min()) - 3, 0)
    bottom = min(math.ceil(rows.max()) + 3, dataset.height)
    if left >= right or top >= bottom:
        return None
    return Window(left, top, right - left, bottom - top)


def _limit(values: NDArray[np.float64], source: RasterSource, affine: rasterio.Affine) -> None:
    if source.limits is None:
        return
    low, high = source.limits
    if source.outside_limits == "clamp":
        np.clip(values, low, high, out=values)
        return
    beyond = (values < low) | (values > high)
    if source.outside_limits == "error" and beyond.any():
        row, column = (int(k) for k in np.argwhere(beyond)[0])
        x, y = affine @ (column + 0.5, row + 0.5)
        raise CityError(
            f"the raster has values beyond its limits {low:g} to {high:g}",
            where=f"{source.file}: x {x:.6g}, y {y:.6g}",
            value=float(values[row, column]),
            remedy="Correct the limits, the unit or the nodata value.",
        )
    values[beyond] = np.nan


def _cell_areas(
    shape: tuple[int, ...], affine: rasterio.Affine, crs: CRS
) -> NDArray[np.float64] | float:
    """Return the area of the source's own cells, m²: one number, or a column by row."""
    if crs.is_projected:
        factor = float(crs.axis_info[0].unit_conversion_factor)
        return abs(float(affine.determinant)) * factor**2
    geod: Geod = crs.get_geod() or Geod(ellps="WGS84")
    latitude = affine.f + affine.e * (np.arange(shape[0] + 1))
    areas = [
        abs(
            geod.polygon_area_perimeter(
                [0.0, affine.a, affine.a, 0.0],
                [latitude[k], latitude[k], latitude[k + 1], latitude[k + 1]],
            )[0]
        )
        for k in range(shape[0])
    ]
    return np.asarray(areas)[:, None]
