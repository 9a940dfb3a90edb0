"""The road network as the response sees it: dispatch by what is known, driving by what is true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.response.network import AtWater, Route
from models.roads import Workspace, nearest_units, shortest_path, times_from, times_to
from models.roads.tables import PlaceTables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.response.network import FloatArray, IntArray
    from twin.engine.roads import Roads

__all__ = ["RoadNetwork"]


class RoadNetwork:
    """
    Answers the questions of ``models.response.network.Network`` from the roads of a run.

    Parameters
    ----------
    roads
        The roads, as known and as they are.
    places
        Nodes of stations and hospitals, for which travel times are kept until they change.
    """

    def __init__(self, roads: Roads, places: Iterable[int] = ()) -> None:
        self._roads = roads
        self._tables = PlaceTables(roads.graph, places)
        self._graph = roads.graph
        self._conditions = roads.conditions
        self._space = Workspace(roads.graph)

    @property
    def version(self) -> int:
        """Grows whenever a travel time changes, in truth or in what is known."""
        return self._conditions.version + self._conditions.known_version

    def nearest(
        self, target: int, origins: IntArray, vehicle_classes: IntArray, count: int
    ) -> Sequence[tuple[int, float]]:
        """Return (index into *origins*, s) of those that reach *target* soonest, as known."""
        if len(origins) == 0:
            return []
        known = self._conditions.known_travel_time_s
        self._tables.renew(self._conditions.known_version)
        found = self._tables.nearest(known, target, origins, vehicle_classes, count)
        if found is not None:
            return found
        units, seconds = nearest_units(
            self._graph,
            known,
            target,
            origins,
            vehicle_classes,
            count,
            workspace=self._space,
        )
        return list(zip(units.tolist(), seconds.tolist(), strict=True))

    def route(self, vehicle_class: int, origin: int, target: int) -> Route | None:
        """Return the quickest way as known, or None."""
        known = self._conditions.known_travel_time_s[vehicle_class]
        self._tables.renew(self._conditions.known_version)
        found = self._tables.route(known, vehicle_class, origin, target)
        if found is None:
            found = shortest_path(self._graph, known, origin, target, workspace=self._space)
        seconds, edges = found
        return Route(edges, seconds) if np.isfinite(seconds) else None

    def times_from(self, vehicle_class: int, origin: int, targets: IntArray) -> FloatArray:
        """Return travel times from *origin* to each target, s, as known."""
        known = self._conditions.known_travel_time_s[vehicle_class]
        self._tables.renew(self._conditions.known_version)
        seconds = self._tables.seconds_to(known, vehicle_class, origin, targets)
        if seconds is not None:
            return seconds
        return times_from(self._graph, known, origin, targets=targets, workspace=self._space)

    def times_to(self, vehicle_class: int, target: int, origins: IntArray) -> FloatArray:
        """Return travel times from each origin to *target*, s, as known."""
        return times_to(
            self._graph,
            self._conditions.known_travel_time_s[vehicle_class],
            target,
            origins=origins,
            workspace=self._space,
        )

    def edge_seconds(self, vehicle_class: int, edges: IntArray) -> FloatArray:
        """Return the true travel time of each edge now, s; inf where impassable."""
        seconds: FloatArray = self._conditions.travel_time_s[vehicle_class, edges]
        return seconds

    def edge_heads(self, edges: IntArray) -> IntArray:
        """Return the node at which each edge ends."""
        return self._graph.head[edges]

    def edge_tails(self, edges: IntArray) -> IntArray:
        """Return the node at which each edge begins."""
        return self._graph.tail[edges]

    def edge_reverse(self, edge: int) -> int:
        """Return the opposite edge, or -1."""
        return int(self._graph.reverse_edge[edge])

    def edge_length_m(self, edges: IntArray) -> FloatArray:
        """Return the length of each edge, m."""
        return self._graph.length_m[edges]

    def node_xy(self, node: int) -> tuple[float, float]:
        """Return easting and northing of a node, m."""
        return float(self._graph.x_m[node]), float(self._graph.y_m[node])

    def edge_under_water(self, vehicle_class: int, edge: int) -> bool:
        """Return whether water, and not an order, makes *edge* impassable for this class now."""
        return bool(self._conditions.flooded[vehicle_class, edge])

    def edge_depth_m(self, edge: int) -> float:
        """Return the depth of water on *edge* now, m."""
        return float(self._roads.depth_m[edge])

    @property
    def knows_all(self) -> bool:
        """Whether what is known is always what is true."""
        return self._roads.knowledge is None

    def known_seconds(self, vehicle_class: int, edges: IntArray) -> FloatArray:
        """Return the travel time of each edge as known, s; inf where known as closed."""
        seconds: FloatArray = self._conditions.known_travel_time_s[vehicle_class, edges]
        return seconds

    def meet(self, edge: int, now_s: float) -> bool:
        """Let a driver tell what is true of an edge, and return whether it was news."""
        knowledge = self._roads.knowledge
        return knowledge is not None and knowledge.meet(edge, now_s)

    def at_water(self, vehicle_class: int) -> AtWater:
        """Return what a driver of this class does before water."""
        vehicle = self._conditions.classes[vehicle_class]
        return AtWater(vehicle.at_water, vehicle.wait_at_water_s)
