"""
Which cells of the flood grid a street crosses, and how deep the water on it is.

The depth on an edge is that of its deepest cell. A bridge is under water only where the water
level (bed plus depth) stands above its deck; a bridge whose deck level is not known is taken to
stand above the water. A tunnel is treated as a street on the ground above it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models.errors import InvalidQuantityError
from models.roads.raster import deepest, fastest, trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.grid import Grid
    from models.roads.graph import RoadGraph

__all__ = ["EdgeCells", "EdgeGeometry", "edge_depth_m", "edge_velocity_m_s", "map_edges_to_cells"]


class EdgeGeometry(NamedTuple):
    """
    The drawn line of every edge, in the direction of the edge.

    The points of edge ``e`` are ``x_m[first[e]:first[e + 1]]`` and likewise ``y_m``; ``first`` has
    shape (n_edges + 1,).
    """

    first: NDArray[np.int64]
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EdgeCells:
    """
    The cells that every street crosses; both directions of a street share one row.

    Parameters
    ----------
    grid
        The grid of the cells.
    first, cell
        The cells of street ``s`` are ``cell[first[s]:first[s + 1]]``, flat positions (row times
        columns plus column), each once, in the order in which they are crossed.
    street
        Street of every edge, shape (n_edges,).
    """

    grid: Grid
    first: NDArray[np.int64]
    cell: NDArray[np.int64]
    street: NDArray[np.int32]

    def gather(self, field: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values of *field*, shape (rows, columns), in the order of ``cell``."""
        row, column = np.divmod(self.cell, self.grid.columns)
        return field[row, column]

    def of_edge(self, edge: int) -> NDArray[np.int64]:
        """Return the flat positions of the cells that an edge crosses."""
        s = int(self.street[edge])
        return self.cell[self.first[s] : self.first[s + 1]]

    @property
    def is_uncovered(self) -> NDArray[np.bool_]:
        """Whether an edge crosses no cell at all, shape (n_edges,): its depth is always zero."""
        return np.asarray((np.diff(self.first) == 0)[self.street], np.bool_)


def map_edges_to_cells(
    geometry: EdgeGeometry,
    grid: Grid,
    graph: RoadGraph,
    *,
    ignored: NDArray[np.bool_] | None = None,
) -> EdgeCells:
    """
    Find every cell that the drawn line of each edge crosses.

    The traversal is exact (Amanatides and Woo 1987): no cell is missed, however coarse the grid
    or short the piece of line; a line through a corner does not count the two cells that it only
    touches there. What lies off the grid is left out and so counts as dry.

    Parameters
    ----------
    geometry
        Lines of the edges; at least one point each, all finite.
    ignored
        Cells that tell nothing about a street's surface, shape (rows, columns): those of canals
        and rivers, which a street beside them or on an unmapped culvert would else seem to lie
        in. Bridges keep them, as it is their water that rises to the deck. Default: none.

    Raises
    ------
    InvalidQuantityError
        If the arrays do not fit the graph or the grid, or a coordinate is not finite.
    """
    first = np.ascontiguousarray(geometry.first, np.int64)
    x, y = (np.ascontiguousarray(v, np.float64) for v in (geometry.x_m, geometry.y_m))
    _check_geometry(first, x, y, graph.n_edges)
    skip = np.zeros(grid.shape, np.bool_) if ignored is None else np.asarray(ignored, np.bool_)
    if skip.shape != grid.shape:
        raise InvalidQuantityError(
            "ignored does not have the shape of the grid", where="roads", value=skip.shape
        )
    _, lead, street = np.unique(graph.segment, return_index=True, return_inverse=True)
    u = (x - grid.west_m) / grid.cell_size_m
    v = (grid.north_m - y) / grid.cell_size_m
    seen = np.full(grid.rows * grid.columns, -1, np.int64)
    flat, over = np.ascontiguousarray(skip).ravel(), graph.is_bridge[lead]
    count = np.zeros(lead.size + 1, np.int64)
    shape = (grid.rows, grid.columns)
    leads = lead.astype(np.int64)
    trace(first, u, v, leads, *shape, flat, over, seen, count, np.empty(0, np.int64))
    cells_first = np.cumsum(count)
    cell = np.empty(int(cells_first[-1]), np.int64)
    seen[:] = -1
    trace(first, u, v, leads, *shape, flat, over, seen, cells_first, cell)
    return EdgeCells(grid=grid, first=cells_first, cell=cell, street=street.astype(np.int32))


def edge_depth_m(
    depth_m: NDArray[np.float64],
    bed_m: NDArray[np.float64],
    edge_cells: EdgeCells,
    graph: RoadGraph,
) -> NDArray[np.float64]:
    """
    Return the depth of water on every edge.

    Parameters
    ----------
    depth_m, bed_m
        Depth and ground level, m, shape (rows, columns) or (cells,), as
        :meth:`EdgeCells.gather` gives. Cells where either is NaN count as dry.

    Returns
    -------
    array
        Depth, m, shape (n_edges,), finite and not negative.

    Raises
    ------
    InvalidQuantityError
        If an array does not fit the grid or the graph.
    """
    depth_at, bed_at = (
        _at_cells(name, field, edge_cells, graph)
        for name, field in (("depth_m", depth_m), ("bed_m", bed_m))
    )
    streets = edge_cells.first.size - 1
    bridge, deck = np.zeros(streets, np.bool_), np.full(streets, np.nan)
    bridge[edge_cells.street] = graph.is_bridge
    deck[edge_cells.street] = graph.deck_level_m
    depth = np.zeros(streets)
    deepest(depth_at, bed_at, edge_cells.first, bridge, deck, depth)
    return depth[edge_cells.street]


def edge_velocity_m_s(
    speed_m_s: NDArray[np.float64],
    edge_depth_m: NDArray[np.float64],
    edge_cells: EdgeCells,
    graph: RoadGraph,
) -> NDArray[np.float64]:
    """
    Return the velocity of the water on every edge: that of the fastest cell it crosses.

    Depth and velocity of an edge may come from different cells, so that their product is never
    too low. Where *edge_depth_m* is zero (dry, or a bridge above the water) it is zero.

    Parameters
    ----------
    speed_m_s
        Magnitude of the velocity, m/s, shape (rows, columns) or (cells,), as
        :meth:`EdgeCells.gather` gives. NaN counts as still.
    edge_depth_m
        Depth on every edge, m, shape (n_edges,), from :func:`edge_depth_m`.

    Returns
    -------
    array
        Velocity, m/s, shape (n_edges,), not negative.

    Raises
    ------
    InvalidQuantityError
        If an array does not fit the grid or the graph.
    """
    speed_at = _at_cells("speed_m_s", speed_m_s, edge_cells, graph)
    if edge_depth_m.shape != (graph.n_edges,):
        raise InvalidQuantityError(
            "edge_depth_m has the wrong shape", where="edge_velocity_m_s", value=edge_depth_m.shape
        )
    velocity = np.zeros(edge_cells.first.size - 1)
    fastest(speed_at, edge_cells.first, velocity)
    return np.where(edge_depth_m > 0.0, velocity[edge_cells.street], 0.0)


def _at_cells(
    name: str, field: NDArray[np.float64], edge_cells: EdgeCells, graph: RoadGraph
) -> NDArray[np.float64]:
    """Return *field* at the cells that streets cross, or raise where it does not fit."""
    if edge_cells.street.size != graph.n_edges:
        raise InvalidQuantityError(
            "the cells belong to another graph", where="roads", value=edge_cells.street.size
        )
    if field.shape == edge_cells.grid.shape:
        field = edge_cells.gather(field)
    elif field.shape != edge_cells.cell.shape:
        raise InvalidQuantityError(
            f"{name} does not have the shape of the grid {edge_cells.grid.shape}",
            where="water on roads",
            value=field.shape,
        )
    return np.ascontiguousarray(field, np.float64)


def _check_geometry(
    first: NDArray[np.int64], x: NDArray[np.float64], y: NDArray[np.float64], edges: int
) -> None:
    if first.shape != (edges + 1,) or x.shape != y.shape or x.ndim != 1:
        raise InvalidQuantityError(
            "the geometry does not fit the graph",
            where="roads",
            value=(first.shape, x.shape, y.shape),
            remedy=f"Give {edges + 1} starts and as many x as y.",
        )
    if first[0] != 0 or first[-1] != x.size or (np.diff(first) < 1).any():
        raise InvalidQuantityError(
            "every edge needs at least one point", where="roads", value=int(first[-1])
        )
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.all():
        point = int(np.argmin(finite))
        edge = int(np.searchsorted(first, point, side="right")) - 1
        raise InvalidQuantityError(
            "a line has a coordinate that is not finite",
            where=f"roads, edge {edge}",
            value=(float(x[point]), float(y[point])),
        )
