"""
The road network as arrays: every driving direction of a street is an edge of its own.

Edges are sorted by tail, so that the edges out of node ``i`` are ``first_out[i]:first_out[i + 1]``
(compressed sparse rows). The edges into node ``i`` are ``in_edge[first_in[i]:first_in[i + 1]]``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from models.errors import InvalidQuantityError
from models.roads.vehicles import VehicleClass, allowed_edges

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Components", "RoadGraph"]


class Components(NamedTuple):
    """
    Strongly connected parts of a graph: within one, every node can be reached from every other.

    ``label`` has shape (n_nodes,); part 0 is the largest, and parts of one size are ordered by
    their lowest node. ``size`` has shape (n_parts,), falling. The graph of a vehicle class counts
    nodes that no usable edge touches as parts of one node.
    """

    n_parts: int
    label: NDArray[np.int32]
    size: NDArray[np.int64]

    @property
    def in_largest(self) -> NDArray[np.bool_]:
        """Whether each node, shape (n_nodes,), belongs to the largest part."""
        return np.equal(self.label, 0)


class _NodeIndex(NamedTuple):
    nodes: NDArray[np.int64]
    tree: cKDTree


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadGraph:
    """
    A directed road network; build it with :func:`models.roads.build.build_graph`.

    Parameters
    ----------
    node_id, x_m, y_m
        Identifier and position of every node, in the order in which they were given, (n_nodes,).
    tail, head
        Start and end of every edge as positions in the node arrays, (n_edges,).
    first_out, first_in, in_edge, in_tail
        Edges out of and into each node; ``in_tail`` is ``tail[in_edge]``.
    out_edge
        ``0 .. n_edges - 1``, the counterpart of ``in_edge``.
    reverse_edge
        The other direction of the same street, -1 where there is none, (n_edges,).
    segment
        Row of the street in the table that the graph was built from, (n_edges,).
    is_along
        Whether the edge runs along the drawn line of its segment, (n_edges,).
    is_against_one_way
        Whether the edge runs against the legal direction, (n_edges,).
    length_m, free_speed_m_s
        Length, and speed of ordinary dry traffic capped by the signed limit, (n_edges,).
    road_class, access
        Positions in ``ROAD_CLASSES`` and ``ACCESS``, (n_edges,).
    lanes
        Lanes of the street, NaN where not known, (n_edges,).
    is_bridge, is_tunnel
        Whether the edge is on a bridge or in a tunnel, (n_edges,).
    deck_level_m
        Level of the bridge deck, m above the city's datum, NaN where not known, (n_edges,).
    """

    node_id: NDArray[np.int64]
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    first_out: NDArray[np.int64]
    first_in: NDArray[np.int64]
    out_edge: NDArray[np.int32]
    in_edge: NDArray[np.int32]
    in_tail: NDArray[np.int32]
    reverse_edge: NDArray[np.int32]
    segment: NDArray[np.int64]
    is_along: NDArray[np.bool_]
    is_against_one_way: NDArray[np.bool_]
    length_m: NDArray[np.float64]
    free_speed_m_s: NDArray[np.float64]
    road_class: NDArray[np.int16]
    access: NDArray[np.int8]
    lanes: NDArray[np.float64]
    is_bridge: NDArray[np.bool_]
    is_tunnel: NDArray[np.bool_]
    deck_level_m: NDArray[np.float64]
    _components: dict[VehicleClass | None, Components] = field(
        default_factory=dict, init=False, repr=False
    )
    _indices: dict[VehicleClass | None, _NodeIndex] = field(
        default_factory=dict, init=False, repr=False
    )

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return int(self.node_id.size)

    @property
    def n_edges(self) -> int:
        """Number of directed edges."""
        return int(self.tail.size)

    def components(self, vehicle_class: VehicleClass | None = None) -> Components:
        """
        Return the strongly connected parts, of the whole graph or of what a vehicle may use.

        The whole graph (None) leaves out edges against one-way streets. Kept after the first call.
        """
        if vehicle_class not in self._components:
            self._components[vehicle_class] = self._find_components(vehicle_class)
        return self._components[vehicle_class]

    def nearest_node(
        self, x_m: float, y_m: float, *, vehicle_class: VehicleClass | None = None
    ) -> tuple[int, float]:
        """
        Return the nearest node of the largest strongly connected part, and how far it is.

        Parameters
        ----------
        x_m, y_m
            The place, m, in the city's reference system.
        vehicle_class
            Look among the nodes that this vehicle can use; None: the whole graph.

        Returns
        -------
        tuple
            Node, and straight distance to it, m. Judge the distance: this function does not.

        Raises
        ------
        InvalidQuantityError
            If the place is not finite, or no two nodes are connected for this vehicle.
        """
        nodes, distances_m = self.nearest_nodes([x_m], [y_m], vehicle_class=vehicle_class)
        return int(nodes[0]), float(distances_m[0])

    def nearest_nodes(
        self, x_m: ArrayLike, y_m: ArrayLike, *, vehicle_class: VehicleClass | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """As :meth:`nearest_node`, for arrays of places of shape (n,)."""
        places = np.column_stack([np.asarray(x_m, np.float64), np.asarray(y_m, np.float64)])
        finite = np.isfinite(places).all(axis=1)
        if not finite.all():
            row = int(np.argmin(finite))
            raise InvalidQuantityError(
                "a place needs finite coordinates",
                where=f"place {row}",
                value=tuple(places[row].tolist()),
            )
        index = self._indices.get(vehicle_class)
        if index is None:
            index = self._indices[vehicle_class] = self._build_index(vehicle_class)
        distances_m, found = index.tree.query(places)
        return index.nodes[found], np.asarray(distances_m, np.float64)

    def street_length_m(self, edges: NDArray[np.bool_]) -> float:
        """
        Return the length of the streets of which *edges*, (n_edges,), hold either direction, m.

        Raises
        ------
        InvalidQuantityError
            If there is not one value for each edge.
        """
        if edges.shape != self.length_m.shape:
            raise InvalidQuantityError(
                "edges need one value each", where="street_length_m", value=edges.shape
            )
        other = self.reverse_edge >= 0
        held = edges.copy()
        held[other] |= edges[self.reverse_edge[other]]
        once = ~other | (np.arange(held.size) < self.reverse_edge)
        return float(self.length_m[held & once].sum())

    def _find_components(self, vehicle_class: VehicleClass | None) -> Components:
        if vehicle_class is None:
            usable = ~self.is_against_one_way
        else:
            usable = allowed_edges(self, vehicle_class)
        shape = (self.n_nodes, self.n_nodes)
        ones = np.ones(int(usable.sum()), np.int8)
        matrix = csr_array((ones, (self.tail[usable], self.head[usable])), shape=shape)
        count, raw = connected_components(matrix, directed=True, connection="strong")
        size = np.bincount(raw, minlength=count)
        lowest = np.full(count, self.n_nodes, np.int64)
        np.minimum.at(lowest, raw, np.arange(self.n_nodes))
        order = np.lexsort((lowest, -size))
        rank = np.empty(count, np.int32)
        rank[order] = np.arange(count, dtype=np.int32)
        return Components(int(count), rank[raw], size[order].astype(np.int64))

    def _build_index(self, vehicle_class: VehicleClass | None) -> _NodeIndex:
        parts = self.components(vehicle_class)
        if parts.size[0] < 2:
            name = "any vehicle" if vehicle_class is None else vehicle_class.name
            raise InvalidQuantityError(
                "no two nodes of the road graph can be reached from each other",
                where=f"roads for {name}",
                value=self.n_edges,
                remedy="Check the directions, classes and access of the roads.",
            )
        nodes = np.flatnonzero(parts.in_largest).astype(np.int64)
        tree = cKDTree(np.column_stack([self.x_m[nodes], self.y_m[nodes]]))
        return _NodeIndex(nodes, tree)
