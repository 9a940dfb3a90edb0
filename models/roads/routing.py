"""
Soonest ways on travel times that change while the program runs.

All functions take the travel times as an argument, so that the same graph serves what is true and
what the dispatcher believes. What cannot be reached is a result: infinite seconds, or no edges.
Of ways that take equally long always the same one is found; units that need equally long come in
the order of their index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from models.errors import InvalidQuantityError
from models.roads.buckets import explore
from models.roads.kernels import OK, OVERFLOW, find_nearest, find_path

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from models.roads.graph import RoadGraph

    type Floats = NDArray[np.float64]

__all__ = ["Workspace", "nearest_units", "shortest_path", "times_from", "times_to"]

_BUCKETS: Final = 2048
_ALL: Final = np.zeros(0, np.int64)
_NO_BOUND: Final = np.zeros(0, np.float64)


class Workspace:
    """
    Arrays that searches on one graph use again and again.

    A search touches only the nodes that it reaches, and leaves the arrays as it found them. Give
    each thread a workspace of its own.
    """

    __slots__ = (
        "chain",
        "dist",
        "end",
        "follow",
        "items",
        "keys",
        "n_edges",
        "n_nodes",
        "path",
        "top",
        "touched",
        "via",
    )

    def __init__(self, graph: RoadGraph) -> None:
        self.n_nodes, self.n_edges = graph.n_nodes, graph.n_edges
        self.dist = np.full(self.n_nodes, np.inf)
        self.chain = np.zeros(self.n_nodes, np.int32)
        self.via = np.empty(self.n_nodes, np.int32)
        self.touched = np.empty(self.n_nodes, np.int32)
        self.path = np.empty(self.n_nodes, np.int32)
        self.keys = np.empty(2 * self.n_edges + 8)
        self.items = np.empty(2 * self.n_edges + 8, np.int32)
        self.follow = np.empty(2 * self.n_edges + 8, np.int32)
        self.top = np.empty(_BUCKETS, np.int32)
        self.end = np.empty(_BUCKETS, np.int32)

    @classmethod
    def of(cls, graph: RoadGraph, given: Workspace | None) -> Workspace:
        """Return the given workspace, or a new one; refuse one of another graph."""
        if given is None:
            return cls(graph)
        if (given.n_nodes, given.n_edges) != (graph.n_nodes, graph.n_edges):
            raise InvalidQuantityError(
                "the workspace belongs to another graph",
                where="routing",
                value=(given.n_nodes, given.n_edges),
                remedy="Make one with Workspace(graph).",
            )
        return given


def nearest_units(  # noqa: PLR0917  # one question, always asked with all six
    graph: RoadGraph,
    travel_time_s: Floats,
    target: int,
    unit_node: ArrayLike,
    unit_class: ArrayLike,
    count: int,
    *,
    unit_offset_s: ArrayLike | None = None,
    workspace: Workspace | None = None,
) -> tuple[NDArray[np.int64], Floats]:
    """
    Return the units that reach a node soonest.

    One search backward from the target per vehicle class that is present; it ends where no unit
    further out can be among the first *count*.

    Parameters
    ----------
    travel_time_s
        Seconds by vehicle class and edge, infinite where impassable, shape (n_classes, n_edges).
    target
        Node to be reached.
    unit_node, unit_class
        Node and vehicle class (row of *travel_time_s*) of every unit, shape (n_units,).
    count
        How many units are wanted, at least 1.
    unit_offset_s
        Seconds that a unit needs to get to its node, shape (n_units,); default: none.

    Returns
    -------
    tuple
        Positions in *unit_node* and seconds, soonest first and ties by position; fewer than
        *count* where fewer can come.

    Raises
    ------
    InvalidQuantityError
        If a node, class, offset, count or weight is not possible.
    """
    space = Workspace.of(graph, workspace)
    weight = _weights(graph, travel_time_s, dimensions=2)
    nodes, classes = np.asarray(unit_node, np.int64), np.asarray(unit_class, np.int64)
    offset = np.zeros(nodes.size) if unit_offset_s is None else np.asarray(unit_offset_s, float)
    if nodes.ndim != 1 or classes.shape != nodes.shape or offset.shape != nodes.shape:
        raise InvalidQuantityError(
            "unit_node, unit_class and unit_offset_s must have one shape",
            where="nearest_units",
            value=(nodes.shape, classes.shape, offset.shape),
        )
    _within(nodes, graph.n_nodes, "unit_node")
    _within(classes, weight.shape[0], "unit_class")
    if count < 1:
        raise InvalidQuantityError("count must be at least 1", where="nearest_units", value=count)
    if not (offset >= 0.0).all():
        raise InvalidQuantityError(
            "unit_offset_s must not be negative or NaN", where="nearest_units", value=offset.min()
        )
    kept = min(count, nodes.size)
    best, seconds = np.full(kept, -1, np.int64), np.full(kept, np.inf)
    if not kept:
        return best, seconds
    status, found = find_nearest(
        graph.first_in,
        graph.in_tail,
        graph.in_edge,
        weight,
        _node(graph, target, "target"),
        nodes,
        classes,
        offset,
        best,
        seconds,
        space.chain,
        np.empty(nodes.size, np.int64),
        space.dist,
        space.touched,
        space.keys,
        space.items,
    )
    _judge(status)
    return best[:found], seconds[:found]


def shortest_path(
    graph: RoadGraph,
    weight_s: Floats,
    source: int,
    target: int,
    *,
    lower_bound_s: Floats | None = None,
    workspace: Workspace | None = None,
) -> tuple[float, NDArray[np.int32]]:
    """
    Return the seconds and the edges of the soonest way from one node to another.

    Parameters
    ----------
    weight_s
        Seconds per edge, infinite where impassable, shape (n_edges,).
    lower_bound_s
        Seconds from every node to *target* that no way undercuts, shape (n_nodes,): makes the
        search go towards the target. ``times_to`` on the weights of the dry network gives one
        that stays valid whatever the water does, as water never makes a road faster.

    Returns
    -------
    tuple
        Infinite seconds and no edges where there is no way.

    Raises
    ------
    InvalidQuantityError
        If a node or weight is not possible, or the bounds contradict the weights.
    """
    space = Workspace.of(graph, workspace)
    weight = _weights(graph, weight_s, dimensions=1)
    bound = _NO_BOUND
    if lower_bound_s is not None:
        bound = np.ascontiguousarray(lower_bound_s, np.float64)
        if bound.shape != (graph.n_nodes,) or not (bound >= 0.0).all():
            raise InvalidQuantityError(
                "lower_bound_s must hold a number that is not negative for every node",
                where="shortest_path",
                value=bound.shape,
            )
    status, edges, seconds = find_path(
        graph.first_out,
        graph.head,
        graph.out_edge,
        weight,
        _node(graph, source, "source"),
        _node(graph, target, "target"),
        bound,
        space.dist,
        space.via,
        space.touched,
        space.keys,
        space.items,
        space.path,
        graph.tail,
    )
    _judge(status)
    return float(seconds), space.path[:edges][::-1].copy()


def times_from(
    graph: RoadGraph,
    weight_s: Floats,
    source: int,
    *,
    targets: ArrayLike | None = None,
    workspace: Workspace | None = None,
) -> Floats:
    """
    Return the seconds from one node to all nodes, or to some.

    Parameters
    ----------
    weight_s
        Seconds per edge, infinite where impassable, shape (n_edges,).
    targets
        Nodes, shape (n,); the search ends when all are settled. Default: every node.

    Returns
    -------
    array
        Seconds per target, or per node; infinite where there is no way.

    Raises
    ------
    InvalidQuantityError
        If a node or weight is not possible.
    """
    side = (graph.first_out, graph.head, graph.out_edge)
    return _times(graph, side, weight_s, source, goals=targets, workspace=workspace)


def times_to(
    graph: RoadGraph,
    weight_s: Floats,
    target: int,
    *,
    origins: ArrayLike | None = None,
    workspace: Workspace | None = None,
) -> Floats:
    """As :func:`times_from`, but from all nodes, or from *origins*, to one node."""
    side = (graph.first_in, graph.in_tail, graph.in_edge)
    return _times(graph, side, weight_s, target, goals=origins, workspace=workspace)


def _times(
    graph: RoadGraph,
    side: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]],
    weight_s: Floats,
    source: int,
    *,
    goals: ArrayLike | None,
    workspace: Workspace | None,
) -> Floats:
    space = Workspace.of(graph, workspace)
    weight = _weights(graph, weight_s, dimensions=1)
    start = _node(graph, source, "node")
    wanted = _ALL if goals is None else np.ascontiguousarray(goals, np.int64)
    _within(wanted, graph.n_nodes, "nodes")
    if goals is not None and not wanted.size:
        return np.zeros(0)
    first, other, edge = side
    if edge is graph.in_edge:
        weight = weight[edge]
    width = _bucket_width_s(weight)
    keys, items, follow = space.keys, space.items, space.follow
    while True:
        dist = np.full(graph.n_nodes, np.inf)
        queue = (keys, items, follow, space.top, space.end)
        status = explore(first, other, weight, start, width, wanted, dist, *queue)
        if status != OVERFLOW:
            break
        keys = np.empty(2 * keys.size)
        items, follow = np.empty(keys.size, np.int32), np.empty(keys.size, np.int32)
    _judge(status if status >= 0 else -1 - int(edge[-1 - status]))
    return dist if goals is None else dist[wanted]


def _bucket_width_s(weight: Floats) -> float:
    """
    Return about half a usual weight; the result of a search does not depend on it.

    Where most weights are tiny, the long ones decide, so that the window of buckets stays wide.
    """
    sample = weight[:: max(1, weight.size // 512)]
    usable = np.sort(sample[np.isfinite(sample) & (sample > 0.0)])
    if not usable.size:
        return 1.0
    usual, long = usable[usable.size // 2], usable[(9 * usable.size) // 10]
    return max(0.5 * float(usual), 0.01 * float(long), 1e-9)


def _weights(graph: RoadGraph, weight_s: Floats, *, dimensions: int) -> Floats:
    weight = np.ascontiguousarray(weight_s, np.float64)
    if weight.ndim != dimensions or weight.shape[-1] != graph.n_edges:
        raise InvalidQuantityError(
            "the travel times have the wrong shape",
            where="routing",
            value=weight.shape,
            remedy=f"Give {dimensions} dimension(s), the last of {graph.n_edges} edges.",
        )
    return weight


def _node(graph: RoadGraph, node: int, name: str) -> int:
    if not 0 <= node < graph.n_nodes:
        raise InvalidQuantityError(
            f"{name} is not a node of the graph",
            where="routing",
            value=node,
            remedy=f"Give a position below {graph.n_nodes}.",
        )
    return int(node)


def _within(values: NDArray[np.int64], limit: int, name: str) -> None:
    if values.size and not (values.min() >= 0 and values.max() < limit):
        bad = values[(values < 0) | (values >= limit)][0]
        raise InvalidQuantityError(
            f"{name} must lie from 0 to {limit - 1}", where="routing", value=int(bad)
        )


def _judge(status: int) -> None:
    if status == OK:
        return
    if status == OVERFLOW:
        raise InvalidQuantityError(
            "the lower bounds are not consistent with the travel times",
            where="shortest_path",
            remedy="Take them from times_to on travel times that are nowhere longer.",
        )
    raise InvalidQuantityError(
        "a travel time is NaN or negative", where=f"routing, edge {-1 - status}"
    )
