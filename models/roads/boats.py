"""
Where boats go: by road on a trailer, along flooded streets afloat, and on canals and rivers.

A boat sees two layers of the road network, one by road and one afloat, with the waterways beside
them. At every node it can be launched; that takes time where a vehicle can still stand, and none
where the water around is too deep for one, since a boat there is afloat already. It comes ashore
in no time: the launch counts for both. So the water's edge is wherever the two layers meet, and
moves with the water.

Assumed: a street is deep enough where its deepest point is (the crew pulls the boat over the
rest), canals and rivers always are, the trailer is there where the boat comes ashore, and no
bridge is too low. Closures hold for the trailer alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.spatial import cKDTree

from models.roads.build import assemble
from models.roads.classes import road_class_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.roads.graph import RoadGraph
    from models.roads.vehicles import Afloat

    type Floats = NDArray[np.float64]
    type Longs = NDArray[np.int64]

__all__ = ["BoatWays", "Waterways", "boat_ways"]

#: What an edge is.
BY_ROAD: Final = 0
ON_STREET: Final = 1
LAUNCH: Final = 2
ASHORE: Final = 3
ON_WATERWAY: Final = 4
BANK: Final = 5
#: From the water onto the shore: as good as nothing, but no way may take no time at all, s.
STEP_S: Final = 1.0
#: Pace at which a crew brings a boat over a bank, m/s (assumed).
PORTAGE_M_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterways:
    """
    Centre lines of canals and rivers as points in a row.

    Parameters
    ----------
    x_m, y_m
        Points, m, shape (w,).
    tail, head
        Points that follow each other, shape (k,).
    """

    x_m: Floats
    y_m: Floats
    tail: Longs
    head: Longs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoatWays:
    """
    The graph of boats; its first nodes are those of the roads, in their order.

    Parameters
    ----------
    graph
        By road: nodes 0 to n - 1; afloat at the same places: n to 2 n - 1; then the waterways.
    kind
        What each edge is, shape (n_edges,).
    road_edge
        The edge of the road graph whose water and travel time count, -1 for others, (n_edges,).
    n_road_nodes
        How many nodes the roads have.
    """

    graph: RoadGraph
    kind: NDArray[np.int8]
    road_edge: Longs
    n_road_nodes: int

    def seconds(
        self, trailer_s: Floats, depth_m: Floats, velocity_m_s: Floats, boat: Afloat
    ) -> Floats:
        """
        Return the travel time of every edge, s, shape (n_edges,); inf where there is no way.

        Parameters
        ----------
        trailer_s
            Travel time of the trailer on every edge of the roads, s.
        depth_m, velocity_m_s
            Water on every edge of the roads, m and m/s.
        boat
            What it needs.
        """
        kind, source, length_m = self.kind, self.road_edge, self.graph.length_m
        floats = (depth_m >= boat.draught_m) & (velocity_m_s < boat.max_current_m_s)
        seconds = np.full(kind.size, STEP_S)
        road, street = kind == BY_ROAD, kind == ON_STREET
        seconds[road] = trailer_s[source[road]]
        afloat_s = length_m[street] / boat.speed_m_s
        seconds[street] = np.where(floats[source[street]], afloat_s, np.inf)
        water = kind == ON_WATERWAY
        seconds[water] = length_m[water] / boat.speed_m_s
        bank = kind == BANK
        over_s = length_m[bank] / PORTAGE_M_S
        seconds[bank] = np.where(length_m[bank] <= boat.bank_m, over_s, np.inf)
        at_edge = np.zeros(self.n_road_nodes, np.bool_)
        reached = np.isfinite(seconds) & road
        at_edge[self.graph.tail[reached]] = True
        at_edge[self.graph.head[reached]] = True
        launch = kind == LAUNCH
        seconds[launch] = np.where(at_edge[self.graph.tail[launch]], boat.launch_s, STEP_S)
        least_s = np.where(kind >= LAUNCH, STEP_S, 0.0)
        return np.asarray(np.maximum(seconds, least_s), np.float64)


def boat_ways(roads: RoadGraph, waterways: Waterways | None, *, bank_m: float) -> BoatWays:
    """
    Build the graph of boats over *roads*.

    Parameters
    ----------
    roads
        The road network.
    waterways
        Canals and rivers; None where there are none.
    bank_m
        Points of a waterway further than this from every road node have no bank, m.
    """
    n = roads.n_nodes
    edge = np.arange(roads.n_edges, dtype=np.int64)
    other = roads.reverse_edge.astype(np.int64)
    along = (other < 0) | (edge < other)
    street = np.where(along, edge, other)
    once = edge[along & ~roads.is_tunnel]
    node = np.arange(n, dtype=np.int64)
    tail, head = roads.tail.astype(np.int64), roads.head.astype(np.int64)
    m = roads.n_edges
    parts = [
        _part(BY_ROAD, tail, head, street, along, edge, roads.length_m),
        *_both(ON_STREET, tail[once] + n, head[once] + n, m + once, once, roads.length_m[once]),
        _part(LAUNCH, node, node + n, 2 * m + node, node >= 0, node * 0 - 1, np.zeros(n)),
        _part(ASHORE, node + n, node, 2 * m + node, node < 0, node * 0 - 1, np.zeros(n)),
    ]
    x_m, y_m = [roads.x_m, roads.x_m], [roads.y_m, roads.y_m]
    if waterways is not None and waterways.x_m.size:
        x_m.append(waterways.x_m)
        y_m.append(waterways.y_m)
        parts += _water(roads, waterways, bank_m, 2 * m + n)
    columns = {
        name: np.concatenate([part[name] for part in parts])
        for name in ("kind", "tail", "head", "segment", "is_along", "road_edge", "length_m")
    }
    kind, source = columns.pop("kind"), columns.pop("road_edge")
    size = kind.size
    # ``lanes`` carries the place of each edge through the sorting of ``assemble``.
    graph = assemble(
        node_id=np.arange(sum(part.size for part in x_m), dtype=np.int64),
        x_m=np.concatenate(x_m),
        y_m=np.concatenate(y_m),
        **columns,
        is_against_one_way=np.zeros(size, np.bool_),
        free_speed_m_s=np.ones(size),
        road_class=np.full(size, road_class_code("ferry"), np.int16),
        access=np.zeros(size, np.int8),
        lanes=np.arange(size, dtype=np.float64),
        is_bridge=np.zeros(size, np.bool_),
        is_tunnel=np.zeros(size, np.bool_),
        deck_level_m=np.full(size, np.nan),
    )
    place = graph.lanes.astype(np.int64)
    return BoatWays(
        graph=graph, kind=kind[place].astype(np.int8), road_edge=source[place], n_road_nodes=n
    )


def _part(  # noqa: PLR0917  # the columns of a table, always all of them
    kind: int,
    tail: Longs,
    head: Longs,
    segment: Longs,
    along: NDArray[np.bool_],
    road_edge: Longs,
    length_m: Floats,
) -> dict[str, NDArray[np.generic]]:
    return {
        "kind": np.full(tail.size, kind, np.int64),
        "tail": tail,
        "head": head,
        "segment": segment,
        "is_along": along,
        "road_edge": road_edge,
        "length_m": length_m,
    }


def _both(  # noqa: PLR0917  # as above
    kind: int, tail: Longs, head: Longs, segment: Longs, road_edge: Longs, length_m: Floats
) -> list[dict[str, NDArray[np.generic]]]:
    yes = np.ones(tail.size, np.bool_)
    return [
        _part(kind, tail, head, segment, yes, road_edge, length_m),
        _part(kind, head, tail, segment, ~yes, road_edge, length_m),
    ]


def _water(
    roads: RoadGraph, water: Waterways, bank_m: float, first_segment: int
) -> list[dict[str, NDArray[np.generic]]]:
    """Return the edges along waterways, and those over their banks to the nearest road node."""
    n, count = roads.n_nodes, water.tail.size
    none = np.full(count, -1, np.int64)
    length_m = np.hypot(
        water.x_m[water.head] - water.x_m[water.tail], water.y_m[water.head] - water.y_m[water.tail]
    )
    segment = first_segment + np.arange(count, dtype=np.int64)
    parts = _both(ON_WATERWAY, water.tail + 2 * n, water.head + 2 * n, segment, none, length_m)
    tree = cKDTree(np.column_stack([roads.x_m, roads.y_m]))
    found = tree.query(np.column_stack([water.x_m, water.y_m]))
    far_m, near = np.asarray(found[0], np.float64), np.asarray(found[1], np.int64)
    point = np.flatnonzero(far_m <= bank_m).astype(np.int64)
    afloat = near[point] + n
    over = first_segment + count + np.arange(point.size, dtype=np.int64)
    none = np.full(point.size, -1, np.int64)
    return parts + _both(BANK, afloat, point + 2 * n, over, none, far_m[point])
