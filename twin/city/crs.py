"""Reference systems: those that a city may have, and whether two of them are one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from models.errors import CityError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["any_crs", "metric_crs", "same_places"]


def any_crs(text: str) -> CRS:
    """
    Return a reference system by its authority code or WKT.

    Raises
    ------
    CityError
        If it is not known.
    """
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise CityError(
            "the reference system is not known",
            value=text,
            remedy="Give an authority code such as EPSG:32648.",
        ) from error


def metric_crs(text: str) -> CRS:
    """
    Return a projected reference system in metres.

    Raises
    ------
    CityError
        If it is not known, geographic, or in another unit.
    """
    crs = any_crs(text)
    units = {axis.unit_name for axis in crs.axis_info[:2]}
    if not crs.is_projected or units != {"metre"}:
        raise CityError(
            "a city needs a projected reference system in metres, this one is in "
            f"{' and '.join(sorted(units)) or 'no unit'}",
            value=text,
            remedy="Choose the UTM zone of the place, such as EPSG:32648 for southern Vietnam.",
        )
    return crs


def same_places(own: CRS, other: CRS, frame: GeoDataFrame) -> bool:
    """Return whether the coordinates of *frame* mean the same places in both systems, to 0.1 m."""
    if own.equals(other, ignore_axis_order=True):
        return True
    west, south, east, north = frame.total_bounds
    x, y = np.array([west, west, east, east]), np.array([south, north, south, north])
    try:
        moved = Transformer.from_crs(own, other, always_xy=True).transform(x, y)
    except ProjError:
        return False
    return bool((np.hypot(moved[0] - x, moved[1] - y) < 0.1).all())
