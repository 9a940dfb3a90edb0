"""
Ordinary traffic: how it slows by the hour, and where it goes when streets close.

By the hour, a road of a class is driven at a share of its free speed. When a main road closes, its
traffic takes the quickest way over the main roads that are open, and slows them by the function of
the Bureau of Public Roads (1964), ``t = t0 (1 + 0.15 x^4)`` with ``x`` volume over capacity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.errors import InvalidQuantityError
from models.roads.classes import ROAD_CLASSES
from models.roads.routing import Workspace, shortest_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from models.roads.graph import RoadGraph

    type Floats = NDArray[np.float64]
    type Flags = NDArray[np.bool_]

__all__ = [
    "CAPACITY_PER_LANE",
    "LOAD_BY_HOUR",
    "SPEED_BY_HOUR",
    "Displaced",
    "Displacement",
    "displace",
    "main_roads",
    "road_capacity",
    "speed_by_hour",
]

_MAIN: Final = ("motorway", "trunk", "primary", "secondary")
_RUSH: Final = {6: 0.85, 7: 0.65, 8: 0.65, 9: 0.9, 16: 0.85, 17: 0.6, 18: 0.6, 19: 0.8}

#: Speed by hour of the day over the free speed, by class of road, *assumed*: rush hours of a
#: Vietnamese city on working days. The free speeds are those of ordinary daytime already, so that
#: the hours between have 1. Classes that are not named are never slowed.
SPEED_BY_HOUR: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        f"{name}{end}": tuple(_RUSH.get(hour, 1.0) for hour in range(24))
        for name in _MAIN
        for end in ("", "_link")
    }
    | {
        name: tuple(0.5 + 0.5 * _RUSH.get(hour, 1.0) for hour in range(24))
        for name in ("tertiary", "tertiary_link", "unclassified", "residential", "living_street")
    }
)

#: Volume over capacity on main roads by hour of the day, *assumed*.
LOAD_BY_HOUR: Final = (
    *(0.10, 0.10, 0.10, 0.10, 0.10, 0.25, 0.50, 0.90, 0.90, 0.60, 0.60, 0.60),
    *(0.60, 0.60, 0.60, 0.60, 0.75, 0.90, 0.90, 0.70, 0.50, 0.40, 0.25, 0.15),
)

#: Capacity of a lane, cars per hour, by class of main road, *assumed*: of the size that models of
#: urban traffic take for motorways, divided roads, arterial and collector streets.
CAPACITY_PER_LANE: Mapping[str, float] = MappingProxyType(
    {
        "motorway": 2000.0,
        "motorway_link": 1500.0,
        "trunk": 1500.0,
        "trunk_link": 1200.0,
        "primary": 1200.0,
        "primary_link": 900.0,
        "secondary": 900.0,
        "secondary_link": 700.0,
        "tertiary": 600.0,
        "tertiary_link": 600.0,
    }
)

#: Lanes of one direction where the map does not give them, *assumed*.
_LANES: Final = {"motorway": 3.0, "trunk": 2.0, "primary": 2.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Displacement:
    """
    Figures of displaced traffic.

    Parameters
    ----------
    alpha, beta
        Of the function of the Bureau of Public Roads.
    iterations
        Assignments whose mean is taken (method of successive averages).
    most_ways
        Ways that are looked for in each; the traffic of further ones, the smallest, goes nowhere.
    share
        Part of the cars that look for another way over main roads, in (0, 1]; the others stay, wait
        or take side streets.
    least_share
        No road becomes slower than this share of its speed.
    capacity_per_lane
        Cars per hour, by class of main road; classes that are not named take no part.

    Raises
    ------
    InvalidQuantityError
        If a figure is not possible, or a class of road is not known.
    """

    alpha: float = 0.15
    beta: float = 4.0
    iterations: int = 4
    most_ways: int = 200
    share: float = 0.5
    least_share: float = 0.1
    capacity_per_lane: Mapping[str, float] = field(default_factory=lambda: CAPACITY_PER_LANE)

    def __post_init__(self) -> None:
        for name in ("alpha", "beta", "iterations", "most_ways", "share", "least_share"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InvalidQuantityError(
                    f"{name} must be positive", where="displaced traffic", value=value
                )
        for name in ("share", "least_share"):
            if getattr(self, name) > 1.0:
                raise InvalidQuantityError(
                    f"{name} must not be above 1",
                    where="displaced traffic",
                    value=getattr(self, name),
                )
        _check_classes(self.capacity_per_lane, "displaced traffic")
        for name, value in self.capacity_per_lane.items():
            if not (math.isfinite(value) and value > 0.0):
                raise InvalidQuantityError(
                    "the capacity of a lane must be positive",
                    where=f"displaced traffic, {name}",
                    value=value,
                )


class Displaced(NamedTuple):
    """
    Where the traffic of closed main roads has gone.

    ``speed_share`` is the speed over that without the displaced cars, and ``load`` volume over
    capacity, both (n_edges,); ``moved`` and ``lost`` are cars per hour that found another way over
    main roads and that did not.
    """

    speed_share: Floats
    load: Floats
    moved: float
    lost: float


def speed_by_hour(
    graph: RoadGraph, hours: Mapping[str, Sequence[float]] = SPEED_BY_HOUR
) -> NDArray[np.float64]:
    """
    Return the share of the free speed by hour of the day and edge, shape (24, n_edges).

    Raises
    ------
    InvalidQuantityError
        If a class is not known, or its shares are not 24 numbers in (0, 1].
    """
    _check_classes(hours, "traffic by the hour")
    by_class = np.ones((24, len(ROAD_CLASSES)))
    for name, shares in hours.items():
        row = np.asarray(shares, np.float64)
        if row.shape != (24,) or not ((row > 0.0) & (row <= 1.0)).all():
            raise InvalidQuantityError(
                "the shares of speed must be 24 numbers above 0 and at most 1",
                where=f"traffic by the hour, {name}",
                value=list(shares),
            )
        by_class[:, ROAD_CLASSES.index(name)] = row
    return by_class[:, graph.road_class]


def main_roads(graph: RoadGraph, figures: Displacement) -> Flags:
    """Return which edges take part in displacement, shape (n_edges,)."""
    codes = [ROAD_CLASSES.index(name) for name in figures.capacity_per_lane]
    found: Flags = np.isin(graph.road_class, codes) & ~graph.is_against_one_way
    return found


def road_capacity(graph: RoadGraph, figures: Displacement) -> Floats:
    """Return the capacity of every edge, cars per hour; NaN off the main roads."""
    per_lane = np.full(len(ROAD_CLASSES), np.nan)
    lanes = np.ones(len(ROAD_CLASSES))
    for name, value in figures.capacity_per_lane.items():
        per_lane[ROAD_CLASSES.index(name)] = value
    for name, value in _LANES.items():
        lanes[ROAD_CLASSES.index(name)] = value
    of_street = np.where(graph.reverse_edge >= 0, graph.lanes / 2.0, graph.lanes)
    known = np.isfinite(of_street) & (of_street > 0.0)
    own = np.where(known, np.maximum(of_street, 1.0), lanes[graph.road_class])
    capacity: Floats = per_lane[graph.road_class] * own
    return capacity


def displace(graph: RoadGraph, closed: Flags, load: float, figures: Displacement) -> Displaced:
    """
    Send the traffic of closed main roads over those that are open.

    Parameters
    ----------
    graph
        The network.
    closed
        Edges that cars cannot drive now, shape (n_edges,).
    load
        Volume over capacity of every main road before anything closed.
    figures
        Function, capacities and bounds.

    Notes
    -----
    Carriageways that lead into closed road alone count as part of it: drivers leave before. A
    stretch of closed road loses, at each end at which traffic would enter it, the volume of the
    road there less what comes to that node over other closed roads. It is shared among the other
    ends of the same connected closed stretch at which traffic would leave, in proportion to what
    would leave there, and goes there by the quickest way. Other ends of a journey, other modes and
    trips not made are what ``share`` leaves out. A load far above 1 says that the roads that are
    left cannot carry it; queues are not computed.
    """
    main = main_roads(graph, figures)
    own = road_capacity(graph, figures)
    capacity, volume = np.where(main, own, np.inf), np.where(main, load * own, 0.0)
    shut = _dead_ends(graph, main, main & closed)
    ways, lost = _ways(graph, shut, np.where(shut, figures.share * volume, 0.0), figures.most_ways)
    free_s = np.where(main & ~shut, graph.length_m / graph.free_speed_m_s, np.inf)
    added = np.zeros(graph.n_edges)
    space = Workspace(graph)
    moved = stuck = 0.0
    for turn in range(1, figures.iterations + 1 if ways else 1):
        x = load + added / capacity
        seconds = free_s * (1.0 + figures.alpha * x**figures.beta)
        fresh = np.zeros(graph.n_edges)
        moved = stuck = 0.0
        for source, target, cars in ways:
            taken, edges = shortest_path(graph, seconds, source, target, workspace=space)
            if math.isinf(taken):
                stuck += cars
            else:
                fresh[edges] += cars
                moved += cars
        added += (fresh - added) / turn
    x = np.where(main & ~shut, load + added / capacity, 0.0)
    before = 1.0 + figures.alpha * load**figures.beta
    share = np.where(added > 0.0, before / (1.0 + figures.alpha * x**figures.beta), 1.0)
    return Displaced(np.clip(share, figures.least_share, 1.0), x, moved, lost + stuck)


def _dead_ends(graph: RoadGraph, main: Flags, shut: Flags) -> Flags:
    """Return closed edges with those that lead nowhere else, or that nobody else can come to."""
    blocked = shut.copy()
    edges = np.flatnonzero(main)
    tail, head = graph.tail[edges], graph.head[edges]
    n = graph.n_nodes
    while True:
        b = blocked[edges]
        dead = np.bincount(tail[b], minlength=n) > 0
        dead &= np.bincount(tail[~b], minlength=n) == 0
        unfed = np.bincount(head[b], minlength=n) > 0
        unfed &= np.bincount(head[~b], minlength=n) == 0
        more = ~b & (dead[head] | unfed[tail])
        if not more.any():
            return blocked
        blocked[edges[more]] = True


def _ways(
    graph: RoadGraph, shut: Flags, volume: Floats, most: int
) -> tuple[list[tuple[int, int, float]], float]:
    """Return (from, to, cars per hour) over closed stretches, and the cars without an other end."""
    edges = np.flatnonzero(shut)
    if not edges.size:
        return [], 0.0
    tail, head = graph.tail[edges].astype(np.int64), graph.head[edges].astype(np.int64)
    n = graph.n_nodes
    links = coo_array((np.ones(edges.size), (tail, head)), shape=(n, n))
    _, stretch = connected_components(links, directed=False)
    back = graph.reverse_edge[edges]
    returns = np.where(back >= 0, volume[back], 0.0)
    into = np.bincount(head, weights=volume[edges], minlength=n)
    out_of = np.bincount(tail, weights=volume[edges], minlength=n)
    entering = np.maximum(volume[edges] - (into[tail] - returns), 0.0)
    leaving = np.maximum(volume[edges] - (out_of[head] - returns), 0.0)
    enters = np.bincount(tail, weights=entering, minlength=n)
    leaves = np.bincount(head, weights=leaving, minlength=n)
    ends: dict[int, list[int]] = {}
    for node in np.flatnonzero(leaves > 0.0).tolist():
        ends.setdefault(int(stretch[node]), []).append(node)
    ways: list[tuple[int, int, float]] = []
    lost = 0.0
    for node in np.flatnonzero(enters > 0.0).tolist():
        others = [end for end in ends.get(int(stretch[node]), ()) if end != node]
        whole = float(leaves[others].sum())
        if not others:
            lost += float(enters[node])
        ways += [(node, end, float(enters[node] * leaves[end] / whole)) for end in others]
    ways.sort(key=lambda way: (-way[2], way[0], way[1]))
    return ways[:most], lost + sum(cars for _, _, cars in ways[most:])


def _check_classes(names: Mapping[str, object], where: str) -> None:
    unknown = [name for name in names if name not in ROAD_CLASSES]
    if unknown:
        raise InvalidQuantityError(
            "there is no such class of road",
            where=where,
            value=unknown[0],
            remedy=f"Choose from {', '.join(ROAD_CLASSES)}.",
        )
