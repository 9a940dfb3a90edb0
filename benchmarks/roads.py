"""
Speed of dispatch and of searches over a whole city, beside scipy's Dijkstra.

``python -m benchmarks roads [--city DIR] [--json]``. Without a city, a made-up one: blocks of
streets with bends and gaps, a quarter of them one-way.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from models.roads import (
    VEHICLE_CLASSES,
    RoadConditions,
    RoadGraph,
    Workspace,
    build_graph,
    nearest_units,
    times_from,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["made_up_city", "main", "one_to_all"]

_CLASSES = (VEHICLE_CLASSES["ambulance"], VEHICLE_CLASSES["fire_engine"])
_SMALL = 54_000
_QUERIES, _UNITS, _WANTED = 1000, 100, 3


class Setting(NamedTuple):
    """A graph with water on it, and the places of calls and units."""

    roads: RoadConditions
    depth_m: np.ndarray
    calls: np.ndarray
    units: np.ndarray


def made_up_city(nodes: int, *, bends: float = 0.6, seed: int = 0) -> RoadGraph:
    """
    Return a graph of about *nodes* nodes: a jittered grid with gaps, and bends within streets.

    Parameters
    ----------
    bends
        Bends per street, on average; each is a node of its own.
    """
    rng = np.random.default_rng(seed)
    side = int(np.sqrt(nodes / (1.0 + 1.5 * bends)))
    column, row = np.arange(side * side) % side, np.arange(side * side) // side
    x, y = (k * 90.0 + rng.normal(0.0, 15.0, side * side) for k in (column, row))
    east, south = np.flatnonzero(column < side - 1), np.flatnonzero(row < side - 1)
    tail = np.concatenate([east, south])
    head = np.concatenate([east + 1, south + side])
    kept = rng.random(tail.size) < 0.78
    tail, head = tail[kept], head[kept]
    bent = np.flatnonzero(rng.random(tail.size) < bends)
    middle = side * side + np.arange(bent.size)
    x = np.append(x, (x[tail[bent]] + x[head[bent]]) / 2 + rng.normal(0.0, 8.0, bent.size))
    y = np.append(y, (y[tail[bent]] + y[head[bent]]) / 2 + rng.normal(0.0, 8.0, bent.size))
    street = np.append(np.arange(tail.size), bent)
    ends = np.append(head, head[bent])
    ends[bent] = middle
    starts = np.append(tail, middle)
    kind = rng.choice(["primary", "tertiary", "residential", "service"], tail.size)[street]
    way = rng.choice(["both", "both", "both", "forward"], tail.size)[street]
    number = rng.permutation(x.size)
    return build_graph(
        node_id=number,
        node_x_m=x,
        node_y_m=y,
        from_node=number[starts],
        to_node=number[ends],
        direction=way.tolist(),
        road_class=kind.tolist(),
        length_m=np.hypot(x[starts] - x[ends], y[starts] - y[ends]),
    )


def _setting(graph: RoadGraph) -> Setting:
    rng = np.random.default_rng(1)
    inside = np.flatnonzero(graph.components(_CLASSES[1]).in_largest)
    return Setting(
        RoadConditions(graph, _CLASSES),
        np.where(rng.random(graph.n_edges) < 0.1, rng.uniform(0.0, 0.6, graph.n_edges), 0.0),
        rng.choice(inside, _QUERIES),
        rng.choice(inside, _UNITS),
    )


def _timed(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the median wall time, s, after one round that does not count."""
    work()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def _dispatch_s(setting: Setting) -> tuple[float, float]:
    """Return the seconds of a weight change with 1,000 dispatches, and of the change alone."""
    roads, depth, calls, units = setting
    kinds = np.arange(units.size) % len(_CLASSES)
    space = Workspace(roads.graph)
    state = {"wet": False}

    def change() -> None:
        state["wet"] = not state["wet"]
        roads.update(depth if state["wet"] else depth[::-1])

    def work() -> None:
        change()
        for call in calls:
            nearest_units(
                roads.graph, roads.travel_time_s, int(call), units, kinds, _WANTED, workspace=space
            )

    return _timed(work), _timed(change)


def _one_to_all(setting: Setting) -> tuple[float, float]:
    """Return the median ms of one search to all nodes, and scipy's time over ours."""
    roads = setting.roads
    graph = roads.graph
    roads.update(setting.depth_m)
    weight = roads.travel_time_s[0]
    space = Workspace(graph)
    shape = (graph.n_nodes, graph.n_nodes)
    first = graph.first_out.astype(np.int32)
    matrix = csr_array((weight, graph.head.astype(np.int32), first), shape=shape)
    ours, theirs = [], []
    for k, source in enumerate(setting.calls[:16]):
        start = time.perf_counter()
        found = times_from(graph, weight, int(source), workspace=space)
        middle = time.perf_counter()
        reference = dijkstra(matrix, indices=int(source))
        end = time.perf_counter()
        if not np.allclose(found, reference, rtol=1e-12):
            raise RuntimeError("scipy finds other travel times")
        if k:
            ours.append(middle - start)
            theirs.append(end - middle)
    return statistics.median(ours) * 1e3, statistics.median(theirs) / statistics.median(ours)


def one_to_all(graph: RoadGraph) -> tuple[float, float]:
    """Return the median ms of one search to all nodes of a graph, and scipy's time over ours."""
    return _one_to_all(_setting(graph))


def _city_graph(folder: str) -> RoadGraph:
    from twin.city.city import open_city  # noqa: PLC0415  # only where a city is named
    from twin.city.roads import road_graph  # noqa: PLC0415  # as above

    return road_graph(open_city(folder))


def _measure(graph: RoadGraph) -> dict[str, float | int]:
    setting = _setting(graph)
    dispatch_s, change_s = _dispatch_s(setting)
    one_to_all_ms, ratio = _one_to_all(setting)
    return {
        "nodes": graph.n_nodes,
        "edges": graph.n_edges,
        "dispatch_1000_s": round(dispatch_s, 4),
        "weight_change_ms": round(change_s * 1e3, 3),
        "one_to_all_ms": round(one_to_all_ms, 3),
        "ratio_scipy": round(ratio, 3),
    }


def main(argv: list[str]) -> int:
    """Measure, print a table or one JSON object, and return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks roads", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--city", metavar="DIR", help="take the roads of this city")
    parser.add_argument("--nodes", type=int, default=150_000, help="size of the made-up city")
    options = parser.parse_args(argv)
    if options.city:
        rows = {options.city: _measure(_city_graph(options.city))}
    else:
        rows = {"made up": _measure(made_up_city(options.nodes))}
        if options.nodes > _SMALL:
            rows["made up, of a middling size"] = _measure(made_up_city(_SMALL))
    if options.json:
        (main_row, *others) = rows.values()
        small = {f"{name}_54k": value for row in others for name, value in row.items()}
        print(json.dumps({**main_row, **small}))
        return 0
    for title, row in rows.items():
        print(title)
        for name, value in row.items():
            print(f"  {name:<18} {value:>14,}")
    return 0
