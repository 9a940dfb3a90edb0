"""Creeks that a map draws as part of a big river: cut off, so that they count as canals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["cut_branches"]

#: A branch is at least this many times as long as the narrowest river is wide.
LEAST_LENGTH: Final = 2.0


def cut_branches(areas: gpd.GeoDataFrame, *, river_width_m: float) -> tuple[gpd.GeoDataFrame, int]:
    """
    Return *areas* with the narrow branches of rivers as canals of their own, and their number.

    Parameters
    ----------
    areas
        Polygons with ``kind`` and ``width_m``, in metres.
    river_width_m
        What is narrower than this is no river, m.

    Notes
    -----
    The opening of a river by half that width (erosion, then dilation: Serra 1982) is the river
    without its narrow parts. Of the rest, what is long, thin and joined to the river at one end is
    a branch; coves, corners and the channels around islands stay with the river. A branch has the
    width of a strip, 2 A / P.
    """
    if river_width_m <= 0.0 or not len(areas):
        return areas, 0
    shapes = areas.geometry.to_numpy().copy()
    rows: list[int] = []
    branches: list[shapely.Geometry] = []
    for row in np.flatnonzero((areas["kind"] == "river").to_numpy()):
        half = 0.5 * river_width_m
        core = shapely.buffer(shapely.buffer(shapes[row], -half), 1.02 * half)
        rest = shapely.get_parts(shapely.difference(shapes[row], core))
        length = 0.5 * shapely.length(rest)
        thin = shapely.area(rest) < 0.5 * river_width_m * length
        rest = rest[thin & (length >= LEAST_LENGTH * river_width_m)]
        narrow = rest[_mouths(rest, core) == 1]
        if narrow.size:
            shapes[row] = shapely.difference(shapes[row], shapely.union_all(narrow))
            rows.extend([int(row)] * narrow.size)
            branches.extend(narrow)
    if not branches:
        return areas, 0
    creeks: NDArray[np.object_] = np.array(branches, dtype=object)
    cut = areas.iloc[rows].set_geometry(creeks, crs=areas.crs)
    width = 2.0 * shapely.area(creeks) / shapely.length(creeks)
    kept = areas.set_geometry(shapes, crs=areas.crs)
    cut = cut.assign(kind="canal", name="", width_m=width)
    return pd.concat([kept, cut], ignore_index=True), len(branches)


def _mouths(parts: NDArray[np.object_], core: shapely.Geometry) -> NDArray[np.int64]:
    """Return at how many places each part meets the core."""
    shared = shapely.line_merge(shapely.intersection(shapely.boundary(parts), core))
    pieces, owner = shapely.get_parts(shared, return_index=True)
    long = shapely.length(pieces) > 1.0  # neighbours may meet at a point by rounding
    return np.bincount(owner[long], minlength=len(parts)).astype(np.int64)
