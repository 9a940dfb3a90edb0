"""The network of a run with rescue units: roads for vehicles, and water for boats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from models.response.network import Route
from models.roads import (
    Waterways,
    Workspace,
    boat_ways,
    nearest_units,
    shortest_path,
    times_from,
    times_to,
)
from models.roads.boats import ON_STREET
from twin.engine.network import RoadNetwork

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from models.response.network import FloatArray, IntArray
    from models.roads import Afloat
    from twin.city.city import City
    from twin.engine.roads import Roads

__all__ = ["WaterNetwork", "waterways_of"]

#: Waterways that a boat can use; ditches and streams are too small.
NAVIGABLE = ("river", "canal")
#: Points of a waterway lie no further apart than this, so that it has banks along its way, m.
POINT_EVERY_M = 50.0


def waterways_of(city: City) -> Waterways | None:
    """Return the centre lines of the canals and rivers of *city*, joined where they touch."""
    table = city.layer("waterways")
    lines = table[table["kind"].astype(str).isin(NAVIGABLE)].geometry.to_numpy()
    if not lines.size:
        return None
    points, line = shapely.get_coordinates(
        shapely.segmentize(lines, POINT_EVERY_M), return_index=True
    )
    spots, place = np.unique(np.round(points, 2), axis=0, return_inverse=True)
    place = place.reshape(-1).astype(np.int64)
    follows = (line[1:] == line[:-1]) & (place[1:] != place[:-1])
    pairs = np.unique(np.sort(np.column_stack([place[:-1], place[1:]])[follows], axis=1), axis=0)
    return Waterways(x_m=spots[:, 0], y_m=spots[:, 1], tail=pairs[:, 0], head=pairs[:, 1])


class WaterNetwork(RoadNetwork):
    """
    A road network with boats on it.

    Nodes and edges of the roads keep their numbers; those that only boats use follow them. Boats
    see the water as it is.

    Parameters
    ----------
    roads, places
        As for :class:`RoadNetwork`.
    waterways
        Canals and rivers; None where there are none.
    """

    def __init__(
        self, roads: Roads, places: Iterable[int] = (), *, waterways: Waterways | None = None
    ) -> None:
        super().__init__(roads, places)
        classes = roads.conditions.classes
        self._boats: dict[int, Afloat] = {
            row: vehicle.afloat for row, vehicle in enumerate(classes) if vehicle.afloat is not None
        }
        self._row = {row: place for place, row in enumerate(self._boats)}
        bank_m = max((boat.bank_m for boat in self._boats.values()), default=0.0)
        self._ways = boat_ways(roads.graph, waterways, bank_m=bank_m)
        self._water = self._ways.graph
        self._first = roads.graph.n_edges
        self._heads = np.concatenate([roads.graph.head, self._water.head])
        self._tails = np.concatenate([roads.graph.tail, self._water.tail])
        self._lengths_m = np.concatenate([roads.graph.length_m, self._water.length_m])
        self._afloat_s = np.full((len(self._boats), self._water.n_edges), np.nan)
        self._search = Workspace(self._water)
        self._seen: tuple[object, ...] = ()
        self._stamp = 0
        self._ashore: dict[int, tuple[int, NDArray[np.bool_]]] = {}

    def _renew(self) -> None:
        """Find the travel times of boats anew where water or roads are others than before."""
        roads, version = self._roads, self._conditions.version
        if self._seen and self._seen[0] is roads.depth_m and self._seen[1] == version:
            return
        self._seen = (roads.depth_m, version)
        depth_m, speed_m_s = (
            array.astype(np.float64) for array in (roads.depth_m, roads.velocity_m_s)
        )
        changed = False
        for row, boat in self._boats.items():
            trailer_s = self._conditions.travel_time_s[row]
            seconds = self._ways.seconds(trailer_s, depth_m, speed_m_s, boat)
            place = self._row[row]
            changed |= not np.array_equal(seconds, self._afloat_s[place])
            self._afloat_s[place] = seconds
        self._stamp += changed

    @property
    def version(self) -> int:
        """Grows whenever a travel time changes, by road or by water."""
        self._renew()
        return super().version + self._stamp

    def nearest(
        self, target: int, origins: IntArray, vehicle_classes: IntArray, count: int
    ) -> Sequence[tuple[int, float]]:
        """Return (index into *origins*, s) of those that reach *target* soonest."""
        self._renew()
        by_water = np.isin(vehicle_classes, list(self._boats))
        if not by_water.any():
            return super().nearest(target, origins, vehicle_classes, count)
        found: list[tuple[float, int]] = []
        road, boat = np.flatnonzero(~by_water), np.flatnonzero(by_water)
        if road.size:
            some = super().nearest(target, origins[road], vehicle_classes[road], count)
            found += [(seconds, int(road[place])) for place, seconds in some]
        rows = np.array([self._row[int(row)] for row in vehicle_classes[boat]], np.int64)
        units, seconds = nearest_units(
            self._water, self._afloat_s, target, origins[boat], rows, count, workspace=self._search
        )
        found += [(float(each), int(boat[unit])) for unit, each in zip(units, seconds, strict=True)]
        return [(place, each) for each, place in sorted(found)[:count]]

    def route(self, vehicle_class: int, origin: int, target: int) -> Route | None:
        """Return the quickest way, or None."""
        if vehicle_class not in self._boats:
            return super().route(vehicle_class, origin, target)
        seconds, edges = shortest_path(
            self._water, self._times(vehicle_class), origin, target, workspace=self._search
        )
        return Route(edges + self._first, seconds) if np.isfinite(seconds) else None

    def times_from(self, vehicle_class: int, origin: int, targets: IntArray) -> FloatArray:
        """Return travel times from *origin* to each target, s."""
        if vehicle_class not in self._boats:
            return super().times_from(vehicle_class, origin, targets)
        return times_from(
            self._water,
            self._times(vehicle_class),
            origin,
            targets=targets,
            workspace=self._search,
        )

    def times_to(self, vehicle_class: int, target: int, origins: IntArray) -> FloatArray:
        """Return travel times from each origin to *target*, s."""
        if vehicle_class not in self._boats:
            return super().times_to(vehicle_class, target, origins)
        return times_to(
            self._water,
            self._times(vehicle_class),
            target,
            origins=origins,
            workspace=self._search,
        )

    def _times(self, vehicle_class: int) -> FloatArray:
        self._renew()
        return np.asarray(self._afloat_s[self._row[vehicle_class]], np.float64)

    def edge_seconds(self, vehicle_class: int, edges: IntArray) -> FloatArray:
        """Return the true travel time of each edge now, s; inf where impassable."""
        if vehicle_class not in self._boats:
            return super().edge_seconds(vehicle_class, edges)
        return np.asarray(self._times(vehicle_class)[edges - self._first], np.float64)

    def edge_heads(self, edges: IntArray) -> IntArray:
        """Return the node at which each edge ends."""
        return self._heads[edges]

    def edge_tails(self, edges: IntArray) -> IntArray:
        """Return the node at which each edge begins."""
        return self._tails[edges]

    def edge_reverse(self, edge: int) -> int:
        """Return the opposite edge, or -1."""
        if edge < self._first:
            return super().edge_reverse(edge)
        back = int(self._water.reverse_edge[edge - self._first])
        return back if back < 0 else back + self._first

    def edge_length_m(self, edges: IntArray) -> FloatArray:
        """Return the length of each edge, m."""
        return self._lengths_m[edges]

    def node_xy(self, node: int) -> tuple[float, float]:
        """Return easting and northing of a node, m."""
        return float(self._water.x_m[node]), float(self._water.y_m[node])

    def edge_under_water(self, vehicle_class: int, edge: int) -> bool:
        """Return whether water strands this class on *edge*: a boat goes on to its end."""
        if vehicle_class in self._boats:
            return False
        return super().edge_under_water(vehicle_class, edge)

    def edge_depth_m(self, edge: int) -> float:
        """Return the depth of water on a road now, m; 0 for what only boats use."""
        return super().edge_depth_m(edge) if edge < self._first else 0.0

    def known_seconds(self, vehicle_class: int, edges: IntArray) -> FloatArray:
        """Return the travel time of each edge as known, s: boats see the water as it is."""
        if vehicle_class in self._boats:
            return self.edge_seconds(vehicle_class, edges)
        return super().known_seconds(vehicle_class, edges)

    def meet(self, edge: int, now_s: float) -> bool:
        """Let a driver tell what is true of an edge, and return whether it was news."""
        return edge < self._first and super().meet(edge, now_s)

    # Numbers that readers of a log know

    def road_edges(self, edges: IntArray) -> IntArray:
        """Return those of *edges* that are roads, by their numbers there, in order."""
        own = np.asarray(edges, np.int64)
        place = np.maximum(own - self._first, 0)
        source = self._ways.road_edge[place]
        against = (self._ways.kind[place] == ON_STREET) & ~self._water.is_along[place]
        back = self._graph.reverse_edge[np.maximum(source, 0)].astype(np.int64)
        found = np.where(own < self._first, own, np.where(against, back, source))
        return found[found >= 0]

    def road_node(self, node: int) -> int:
        """Return the node of the roads at the place of *node*, -1 on a waterway."""
        count = self._graph.n_nodes
        return node % count if 0 <= node < 2 * count else -1

    # The shore

    def is_ashore(self, vehicle_class: int, node: int) -> bool:
        """Return whether *node* lies on the largest part of the roads that this class can use."""
        return bool(self._part(vehicle_class)[node])

    def landing(self, vehicle_class: int, onward_class: int, node: int) -> tuple[int, float] | None:
        """Return where *vehicle_class* gets from *node* to *onward_class* ashore soonest, and s."""
        shore = np.flatnonzero(self._part(onward_class))
        if not shore.size:
            return None
        seconds = self.times_from(vehicle_class, node, shore)
        best = int(np.argmin(seconds))
        return (int(shore[best]), float(seconds[best])) if np.isfinite(seconds[best]) else None

    def _part(self, vehicle_class: int) -> NDArray[np.bool_]:
        """Return the nodes of the largest strongly connected part by road, shape (n_nodes,)."""
        version = self._conditions.version
        kept = self._ashore.get(vehicle_class)
        if kept is not None and kept[0] == version:
            return kept[1]
        graph = self._graph
        usable = np.isfinite(self._conditions.travel_time_s[vehicle_class])
        ones = np.ones(int(usable.sum()), np.int8)
        shape = (graph.n_nodes, graph.n_nodes)
        matrix = csr_array((ones, (graph.tail[usable], graph.head[usable])), shape=shape)
        _, label = connected_components(matrix, directed=True, connection="strong")
        size = np.bincount(label)
        part = (label == int(np.argmax(size))) & (size.max() > 1)
        self._ashore[vehicle_class] = (version, part)
        return np.asarray(part, np.bool_)
