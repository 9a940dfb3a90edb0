"""Which cells a boundary means: a side of the ground, the cells under a line, or within a ring."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from models.errors import ScenarioError
from twin.city.city import WATER_CANAL, WATER_LAND, WATER_RIVER
from twin.engine.setup_lines import Ground, line_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.grid import Grid
    from scenarios.schema.boundaries import Boundary, EdgeStretch
    from twin.engine.places import PlaceFinder
    from twin.engine.setup_boundaries import Site

    type Flags = NDArray[np.bool_]

__all__ = ["boundary_cells", "rim_of"]

#: Kinds that concern the rim of the ground alone.
_RIM_KINDS = ("free", "closed")
_KINDS = {
    "water": (WATER_CANAL, WATER_RIVER),
    "canal": (WATER_CANAL,),
    "river": (WATER_RIVER,),
    "land": (WATER_LAND,),
}


def boundary_cells(
    boundary: Boundary, site: Site, places: PlaceFinder, where: str
) -> NDArray[np.int64]:
    """
    Return the flat positions of the cells of a boundary that have ground, rising.

    Where the boundary concerns the rim of the ground alone, these are the cells of the rim in it,
    or beside it by up to one cell.

    Parameters
    ----------
    boundary, where
        The boundary, and its field.
    site, places
        Where it lies.

    Raises
    ------
    ScenarioError
        If there is none, or a place lies off the grid.
    """
    grid, ground, water = site.grid, site.ground, site.water
    near_rim = boundary.kind in _RIM_KINDS
    if boundary.edge is not None:
        chosen = _edge(boundary.edge, grid, ground, places, f"{where}.edge")
    elif boundary.line is not None:
        points = line_points(boundary.line, _plain(grid, ground, water), places, f"{where}.line")
        chosen = _under(points, grid)
    elif boundary.area is not None:
        points = line_points(boundary.area, _plain(grid, ground, water), places, f"{where}.area")
        chosen = _within(points, grid, f"{where}.area")
    else:
        raise ScenarioError("a boundary needs a place", where=where)
    if near_rim:
        chosen = _widened(chosen) & rim_of(ground)
    chosen &= ground
    if not chosen.any():
        raise ScenarioError(
            "none of its cells lies on the rim of the ground"
            if near_rim
            else "none of its cells has ground",
            where=where,
            remedy=f"The grid covers {tuple(round(b) for b in grid.bounds)} m; move the boundary "
            "to where the terrain has data.",
        )
    kept = _only(boundary.only, chosen, water, where)
    return np.flatnonzero(kept)


def rim_of(ground: Flags) -> Flags:
    """Return the cells with ground beside the end of the grid or beside a cell without."""
    padded = np.pad(ground, 1, constant_values=False)
    around = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.asarray(ground & ~around, np.bool_)


def _plain(grid: Grid, ground: Flags, water: NDArray[np.int8] | None) -> Ground:
    return Ground(
        grid=grid,
        bed_m=np.where(ground, 0.0, np.nan),
        water=None if water is None else water != WATER_LAND,
        prescribed=np.zeros(grid.shape, np.bool_),
    )


def _only(only: str, chosen: Flags, water: NDArray[np.int8] | None, where: str) -> Flags:
    if only == "any":
        return chosen
    if water is None:
        raise ScenarioError(
            "the terrain of the city does not say where its water is",
            where=f"{where}.only",
            value=only,
            remedy="Leave it out, and draw the boundary along the water.",
        )
    kept = chosen & np.isin(water, _KINDS[only])
    if not kept.any():
        raise ScenarioError(
            f"none of its {int(chosen.sum())} cells is {only}", where=f"{where}.only", value=only
        )
    return kept


def _edge(
    stretch: EdgeStretch, grid: Grid, ground: Flags, places: PlaceFinder, where: str
) -> Flags:
    """Return the first cells with ground, seen from a side, between two places."""
    sides = ("north", "east", "south", "west") if stretch.side == "all" else (stretch.side,)
    chosen = np.zeros(grid.shape, np.bool_)
    for side in sides:
        along = 1 if side in {"west", "east"} else 0
        seen = np.flip(ground, along) if side in {"east", "south"} else ground
        first = seen.argmax(axis=along)
        if side in {"east", "south"}:
            first = grid.shape[along] - 1 - first
        lines = np.flatnonzero(ground.any(axis=along))
        if along == 1:
            chosen[lines, first[lines]] = True
        else:
            chosen[first[lines], lines] = True
    if stretch.from_location is None or stretch.to_location is None:
        return chosen
    ends = []
    for name, place in (("from", stretch.from_location), ("to", stretch.to_location)):
        x, y = places.point(place, where=f"{where}.{name}_location")
        row = int(np.clip((grid.north_m - y) / grid.cell_size_m, 0, grid.rows - 1))
        column = int(np.clip((x - grid.west_m) / grid.cell_size_m, 0, grid.columns - 1))
        ends.append(row if stretch.side in {"west", "east"} else column)
    low, high = min(ends), max(ends)
    part = np.zeros(grid.shape, np.bool_)
    if stretch.side in {"west", "east"}:
        part[low : high + 1, :] = True
    else:
        part[:, low : high + 1] = True
    return chosen & part


def _under(points: NDArray[np.float64], grid: Grid) -> Flags:
    """Return the cells that a line passes."""
    chosen = np.zeros(grid.shape, np.bool_)
    for (x0, y0), (x1, y1) in pairwise(points):
        count = int(np.hypot(x1 - x0, y1 - y0) / grid.cell_size_m * 4) + 2
        row, column, inside = grid.locate(np.linspace(x0, x1, count), np.linspace(y0, y1, count))
        chosen[row[inside], column[inside]] = True
    return chosen


def _within(points: NDArray[np.float64], grid: Grid, where: str) -> Flags:
    """Return the cells whose centres lie within a ring."""
    ring = shapely.Polygon(points)
    if not ring.is_valid:
        raise ScenarioError(
            f"the ring is not one area ({shapely.is_valid_reason(ring)[:80]})",
            where=where,
            remedy="Draw it once around, without crossing itself.",
        )
    x, y = np.meshgrid(grid.x_m, grid.y_m)
    return np.asarray(shapely.contains_xy(ring, x, y), np.bool_)


def _widened(chosen: Flags) -> Flags:
    """Return the cells and their eight neighbours."""
    padded = np.pad(chosen, 1)
    rows, columns = chosen.shape
    wide = np.zeros_like(chosen)
    for j in range(3):
        for i in range(3):
            wide |= padded[j : j + rows, i : i + columns]
    return wide
