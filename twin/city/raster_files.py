"""
Raster files, opened with care.

A file is recognised by its first bytes, not by its name, and only three formats are let in. The
size is checked before any value is read.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import rasterio
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from models.errors import CityError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from twin.city.terrain_recipe import RasterSource

__all__ = ["MAX_PIXELS", "nodata_value", "open_raster"]

#: Largest raster that is opened, pixels.
MAX_PIXELS = 100_000_000
_MAGIC = (
    (b"II*\x00", "GTiff"),
    (b"MM\x00*", "GTiff"),
    (b"II+\x00", "GTiff"),
    (b"MM\x00+", "GTiff"),
    (b"CDF\x01", "netCDF"),
    (b"CDF\x02", "netCDF"),
    (b"CDF\x05", "netCDF"),
    (b"\x89HDF\r\n\x1a\n", "netCDF"),
)
_GDAL = {
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "none",
    "AAIGRID_DATATYPE": "Float64",
    "GDAL_CACHEMAX": 64,
}


@contextmanager
def open_raster(source: RasterSource, base: Path) -> Iterator[tuple[rasterio.DatasetReader, CRS]]:
    """
    Open the file of *source* with its reference system, having checked what can be checked.

    Raises
    ------
    CityError
        If the file is missing, of another format, too large, without georeferencing or reference
        system, or breaks while it is being read.
    """
    path = base / source.file
    if not path.is_file():
        raise CityError(
            "the raster file does not exist",
            where=str(path),
            remedy="File names are relative to the recipe.",
        )
    driver = _driver(path)
    name = str(path)
    if source.variable is not None:
        if driver != "netCDF":
            raise CityError(
                "only netCDF files have variables", where=str(path), value=source.variable
            )
        name = f'NETCDF:"{path}":{source.variable}'
    try:
        with warnings.catch_warnings(), rasterio.Env(**_GDAL):
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(name, driver=driver) as dataset:
                _check(dataset, source, path)
                yield dataset, _own_crs(dataset, source, path)
    except RasterioError as error:
        cause = error.__cause__ if error.__cause__ is not None else error
        raise CityError(
            f"the raster cannot be read ({_one_line(cause)})",
            where=f"{path}:{source.variable}" if source.variable else str(path),
            remedy="Check the file with gdalinfo; it may be cut short or of another format.",
        ) from error


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def _driver(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            head = handle.read(512)
    except OSError as error:
        raise CityError(f"the file cannot be read ({error.strerror})", where=str(path)) from error
    for magic, driver in _MAGIC:
        if head.startswith(magic):
            return driver
    if head.lstrip().lower().startswith((b"ncols", b"nrows")):
        return "AAIGrid"
    raise CityError(
        "the file is not a raster of a format that is read",
        where=str(path),
        value=head[:12],
        remedy="Give a GeoTIFF, an ESRI ASCII grid or a netCDF file.",
    )


def _check(dataset: rasterio.DatasetReader, source: RasterSource, path: Path) -> None:
    if dataset.width * dataset.height > MAX_PIXELS:
        raise CityError(
            f"the raster is larger than {MAX_PIXELS:,} pixels",
            where=str(path),
            value=f"{dataset.width} x {dataset.height}",
            remedy="Cut it to the city, or coarsen it, with gdalwarp.",
        )
    if dataset.count == 0:
        names = [str(name).rsplit(":", 1)[-1] for name in dataset.subdatasets]
        raise CityError(
            "the file holds several variables" if names else "the file holds no raster",
            where=str(path),
            value=names or None,
            remedy="Name one of them as variable." if names else None,
        )
    if source.band > dataset.count:
        raise CityError(
            f"the raster has only {dataset.count} band(s)",
            where=str(path),
            value=source.band,
            remedy="Give another band.",
        )
    if np.dtype(dataset.dtypes[source.band - 1]).kind not in "iuf":
        raise CityError(
            "the raster does not hold real numbers", where=str(path), value=dataset.dtypes[0]
        )
    if dataset.transform.is_identity or dataset.transform.is_degenerate:
        raise CityError(
            "the raster does not say where it lies (no georeferencing)",
            where=str(path),
            remedy="Add it, e.g. with gdal_translate -a_ullr west north east south.",
        )


def _own_crs(dataset: rasterio.DatasetReader, source: RasterSource, path: Path) -> CRS:
    box = tuple(round(float(edge), 3) for edge in dataset.bounds)
    if source.crs is None and dataset.crs is None:
        degrees = max(abs(edge) for edge in box) <= 360.0
        raise CityError(
            "the raster has no reference system",
            where=str(path),
            value={"bounds": box},
            remedy="Add crs to its entry in the recipe"
            + (", such as EPSG:4326: its bounds look like degrees." if degrees else "."),
        )
    try:
        crs = CRS.from_user_input(source.crs if source.crs is not None else dataset.crs.to_wkt())
    except CRSError as error:
        raise CityError(
            "the raster's reference system is not known",
            where=f"{path}: crs",
            value=source.crs,
            remedy="Give an authority code such as EPSG:32648.",
        ) from error
    if crs.is_geographic and max(abs(box[1]), abs(box[3])) > 91.0:
        raise CityError(
            "the raster's reference system is in degrees, but its bounds are not",
            where=str(path),
            value={"crs": crs.name, "bounds": box},
            remedy="Give the reference system in metres that it is really in, as crs.",
        )
    return crs


def nodata_value(dataset: rasterio.DatasetReader, source: RasterSource) -> float | None:
    """Return the value that means "no data", the recipe's before the file's."""
    value = source.nodata if source.nodata is not None else dataset.nodatavals[source.band - 1]
    return None if value is None else float(value)
