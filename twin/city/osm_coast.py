"""The sea from coastlines, which OpenStreetMap draws with the land on their left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["sea_areas"]

_ASIDE_M = 0.5


def sea_areas(
    coastlines: NDArray[np.object_], box: shapely.Geometry
) -> tuple[list[shapely.Geometry], int]:
    """
    Return the parts of *box* that are sea, and how many parts could not be told.

    Parameters
    ----------
    coastlines
        Directed LineStrings in metres, land on the left.
    box
        The rectangle to divide.

    Notes
    -----
    The coast and the rim of the box are polygonised; a part is sea where the coast runs with the
    part on its right. A coast that ends inside the box divides nothing: its part sees both sides
    and is counted as not told.
    """
    near = coastlines[shapely.intersects(coastlines, box)] if coastlines.size else coastlines
    if not near.size:
        return [], 0
    pieces = shapely.get_parts(shapely.intersection(near, box))
    pieces = pieces[shapely.get_type_id(pieces) == 1]
    noded = shapely.union_all(np.concatenate([pieces, [shapely.boundary(box)]]))
    parts = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    right, left = (_votes(pieces, parts, side) for side in (1.0, -1.0))
    sea = (right > 0) & (left == 0)
    return list(parts[sea]), int(((right > 0) & (left > 0)).sum())


def _votes(
    coast: NDArray[np.object_], parts: NDArray[np.object_], side: float
) -> NDArray[np.int64]:
    """Count, per part, the edges of the coast that have it on their right (1) or left (-1)."""
    vertices, line = shapely.get_coordinates(coast, return_index=True)
    same = line[1:] == line[:-1]
    start, end = vertices[:-1][same], vertices[1:][same]
    along = end - start
    length = np.hypot(along[:, 0], along[:, 1])
    long = length > 4.0 * _ASIDE_M
    start, end, along, length = start[long], end[long], along[long], length[long]
    aside = np.column_stack([along[:, 1], -along[:, 0]]) / length[:, None] * _ASIDE_M * side
    _, part = shapely.STRtree(parts).query(
        shapely.points(0.5 * (start + end) + aside), predicate="within"
    )
    return np.bincount(part, minlength=len(parts)).astype(np.int64)
