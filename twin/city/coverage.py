"""
Shapes onto grid cells: which cells they cover, how much, and which they run through.

Canals are often narrower than a cell. What must not happen then is that water stops where a
rasteriser skipped a cell, so :func:`cells_along` and :func:`conducting_cells` promise connection
across cell edges (4-neighbourhood), the only way in which water flows on the grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from rasterio.features import rasterize
from rasterio.transform import from_origin
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.compile import kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.grid import Grid

__all__ = [
    "CellRun",
    "cells_along",
    "cells_inside",
    "conducting_cells",
    "cover_share",
    "index_of_shape",
    "strip_width_m",
]

_SUB = 4
_BAND_CELLS = 1_000_000

type Shapes = Sequence[shapely.Geometry] | NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class CellRun:
    """Cells that lines run through: rows, columns, and the number of the line of each."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    line: NDArray[np.int64]


def _transform(grid: Grid, *, row: int = 0, parts: int = 1) -> object:
    size = grid.cell_size_m
    return from_origin(grid.west_m, grid.north_m - row * size, size / parts, size / parts)


def _sound(shapes: Shapes) -> list[tuple[int, shapely.Geometry]]:
    return [
        (k, shape) for k, shape in enumerate(shapes) if shape is not None and not shape.is_empty
    ]


def index_of_shape(shapes: Shapes, grid: Grid, *, all_touched: bool) -> NDArray[np.int32]:
    """Return the number of the shape at each cell (the last one drawn), -1 where there is none."""
    drawn = [(shape, k) for k, shape in _sound(shapes)]
    if not drawn:
        return np.full(grid.shape, -1, np.int32)
    found = rasterize(
        drawn,
        out_shape=grid.shape,
        fill=-1,
        transform=_transform(grid),
        all_touched=all_touched,
        dtype=np.int32,
    )
    return np.asarray(found, dtype=np.int32)


def cells_inside(shapes: Shapes, grid: Grid) -> NDArray[np.bool_]:
    """Return which cells have their centre in one of the shapes."""
    return np.asarray(index_of_shape(shapes, grid, all_touched=False) >= 0)


def cover_share(shapes: Shapes, grid: Grid) -> NDArray[np.float64]:
    """Return the share of each cell under the shapes, in sixteenths."""
    share = np.zeros(grid.shape)
    drawn = [(shape, 1) for _, shape in _sound(shapes)]
    if not drawn:
        return share
    step = max(1, _BAND_CELLS // grid.columns)
    for row in range(0, grid.rows, step):
        rows = min(step, grid.rows - row)
        fine = rasterize(
            drawn,
            out_shape=(rows * _SUB, grid.columns * _SUB),
            transform=_transform(grid, row=row, parts=_SUB),
            dtype=np.uint8,
        )
        blocks = fine.reshape(rows, _SUB, grid.columns, _SUB)
        share[row : row + rows] = blocks.sum(axis=(1, 3), dtype=np.int64) / _SUB**2
    return share


def cells_along(lines: Shapes, grid: Grid) -> CellRun:
    """
    Return the cells that lines run through, each cell sharing an edge with the one before.

    Cells beyond the grid are left out; a cell appears once for each time a line enters it.
    """
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    numbers: list[NDArray[np.int64]] = []
    box = shapely.box(*grid.bounds)
    for k, shape in _sound(lines):
        for part in shapely.get_parts(shapely.intersection(shape, box)):
            # The parts may be points, and lines shorter than a rounding error come out empty.
            if part.is_empty or not isinstance(part, shapely.LineString | shapely.LinearRing):
                continue
            row, column = _walk(shapely.get_coordinates(part), grid)
            rows.append(row)
            columns.append(column)
            numbers.append(np.full(row.size, k, np.int64))
    if not rows:
        none = np.empty(0, np.int64)
        return CellRun(none, none, none)
    return CellRun(np.concatenate(rows), np.concatenate(columns), np.concatenate(numbers))


def _walk(xy: NDArray[np.float64], grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    length = np.hypot(*np.diff(xy, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(length)])
    count = int(along[-1] / (grid.cell_size_m / 4.0)) + 2
    at = np.union1d(np.linspace(0.0, along[-1], count), along)
    column = (np.interp(at, along, xy[:, 0]) - grid.west_m) / grid.cell_size_m
    row = (grid.north_m - np.interp(at, along, xy[:, 1])) / grid.cell_size_m
    # A line that ends on the rim of the grid belongs to the last cell.
    row = np.clip(np.floor(row).astype(np.int64), 0, grid.rows - 1)
    column = np.clip(np.floor(column).astype(np.int64), 0, grid.columns - 1)
    moved = np.concatenate([[True], (np.diff(row) != 0) | (np.diff(column) != 0)])
    row, column = row[moved], column[moved]
    # Steps are a quarter of a cell, so a move is to a neighbour; go round the corner if diagonal.
    corner = np.flatnonzero((np.diff(row) != 0) & (np.diff(column) != 0))
    return np.insert(row, corner + 1, row[corner]), np.insert(
        column, corner + 1, column[corner + 1]
    )


def conducting_cells(areas: Shapes, grid: Grid) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """
    Return the cells that stand for *areas*, and which of them are there for connection alone.

    A cell belongs to an area when its centre does. Where an area is too narrow for that, the
    cells that it touches are thinned to a path of one cell in width, without cutting it. Areas
    that do not touch each other are thinned apart, so that a dyke between two ponds is kept
    wherever it covers the centre of a cell.
    """
    core = index_of_shape(areas, grid, all_touched=False)
    touched = index_of_shape(areas, grid, all_touched=True)
    group = np.append(_groups(areas), 0)
    label = np.where(core >= 0, group[core], group[touched])
    candidates = (touched >= 0) & (core < 0)
    if candidates.any():
        share = cover_share(areas, grid)
        row, column = np.nonzero(candidates)
        order = np.lexsort((column, row, share[row, column]))
        padded = np.pad(label, 1)
        fixed = np.pad(core >= 0, 1)
        row, column = row[order] + 1, column[order] + 1
        while _thin(padded, fixed, row, column):
            pass
        label = padded[1:-1, 1:-1]
    return label > 0, (label > 0) & (core < 0)


def _groups(areas: Shapes) -> NDArray[np.int32]:
    """Return the number, from 1, of the connected part that each shape belongs to."""
    shapes = np.asarray(areas, dtype=np.object_)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    links = coo_array((np.ones(one.size, np.int8), (one, other)), shape=(shapes.size, shapes.size))
    _, number = connected_components(links, directed=False)
    return np.asarray(number + 1, dtype=np.int32)


@kernel
def _thin(
    w: NDArray[np.int32], f: NDArray[np.bool_], row: NDArray[np.int64], column: NDArray[np.int64]
) -> int:
    """
    Take away candidate cells whose loss cuts no path, least covered first; return how many.

    A cell is simple when those of its neighbours with the same label that share an edge with it
    belong to one 4-connected part of its 3 x 3 surroundings, and those are not all filled (Kong
    and Rosenfeld 1989). Ends of lines stay unless they lean on a wide part (``f``).
    """
    ring_j = np.array([-1, -1, 0, 1, 1, 1, 0, -1])
    ring_i = np.array([0, 1, 1, 1, 0, -1, -1, -1])
    taken = 0
    for k in range(row.size):
        j, i = row[k], column[k]
        own = w[j, i]
        if own == 0:
            continue
        filled, edges, parts = 0, 0, 0
        leans = False
        for m in range(8):
            here = w[j + ring_j[m], i + ring_i[m]] == own
            filled += here
            if m % 2 == 0 and here:
                edges += 1
                leans = leans or f[j + ring_j[m], i + ring_i[m]]
                # A part begins where the way back along the ring is broken.
                before = w[j + ring_j[m - 1], i + ring_i[m - 1]] == own
                two_before = w[j + ring_j[m - 2], i + ring_i[m - 2]] == own
                if not (before and two_before):
                    parts += 1
        if filled < 8 and parts == 1 and (edges > 1 or leans):
            w[j, i] = 0
            taken += 1
    return taken


def strip_width_m(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """
    Return the width of each area seen as a long strip, m.

    The strip of the same area *A* and perimeter *P* has the width that solves
    ``w (P/2 - w) = A``; for a compact area that has none, the diameter of the circle.
    """
    area, perimeter = shapely.area(shapes), shapely.length(shapes)
    half = perimeter / 4.0
    root = np.sqrt(np.maximum(half**2 - area, 0.0))
    return np.where(half**2 > area, half - root, np.sqrt(4.0 * area / np.pi))
