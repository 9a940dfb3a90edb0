"""
The network as people use it, and the soonest way from every node to the nearest target.

Arcs are directed and sorted by tail; a street gives one in each direction, since people on foot
obey no one-way sign. Each arc knows the edge of the road network whose water it shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.compile import kernel
from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Floats = NDArray[np.float64]
    type Ints = NDArray[np.int64]

__all__ = ["Ways", "nearest_target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """
    Arcs between nodes.

    Parameters
    ----------
    tail, head, length_m
        Ends and length, m, of every arc, sorted by tail, shape (n_arcs,).
    edge
        Edge whose water and closures it shares, shape (n_arcs,).
    walkable, rideable
        Whether people may walk, and ride a motorbike, on it when it is dry, shape (n_arcs,).
    first_out
        Arcs out of node ``i`` are ``first_out[i]:first_out[i + 1]``, shape (n_nodes + 1,).
    first_in, in_arc
        Arcs into each node, likewise.
    """

    tail: Ints
    head: Ints
    length_m: Floats
    edge: Ints
    walkable: NDArray[np.bool_]
    rideable: NDArray[np.bool_]
    first_out: Ints
    first_in: Ints
    in_arc: Ints

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return int(self.first_out.size - 1)

    @property
    def n_arcs(self) -> int:
        """Number of arcs."""
        return int(self.tail.size)

    @classmethod
    def of(
        cls,
        n_nodes: int,
        tail: NDArray[np.integer],
        head: NDArray[np.integer],
        length_m: Floats,
        *,
        walkable: NDArray[np.bool_] | None = None,
        rideable: NDArray[np.bool_] | None = None,
    ) -> Ways:
        """
        Make the arcs of directed edges, and one against each edge that has none.

        *walkable* and *rideable* are given by edge; an arc against its edge is walked, not ridden.

        Raises
        ------
        InvalidQuantityError
            If an edge ends at no node, or a length is not finite and positive.
        """
        count = tail.size
        if count and not (
            min(tail.min(), head.min()) >= 0 and max(tail.max(), head.max()) < n_nodes
        ):
            raise InvalidQuantityError("an edge ends at no node", where="ways", value=n_nodes)
        if not (np.isfinite(length_m) & (length_m >= 0.0)).all():
            raise InvalidQuantityError("lengths must be finite and not negative", where="ways")
        walk = np.ones(count, np.bool_) if walkable is None else walkable
        ride = np.ones(count, np.bool_) if rideable is None else rideable
        along = tail.astype(np.int64) * n_nodes + head
        against = ~np.isin(head.astype(np.int64) * n_nodes + tail, along)
        edge = np.concatenate([np.arange(count), np.flatnonzero(against)])
        tails = np.concatenate([tail, head[against]]).astype(np.int64)
        heads = np.concatenate([head, tail[against]]).astype(np.int64)
        may_ride = np.concatenate([ride, np.zeros(int(against.sum()), np.bool_)])
        order = np.lexsort((edge, heads, tails))
        tails, heads, edge = tails[order], heads[order], edge[order].astype(np.int64)
        return cls(
            tail=tails,
            head=heads,
            length_m=np.maximum(length_m[edge], 1e-3),
            edge=edge,
            walkable=np.ascontiguousarray(walk[edge]),
            rideable=np.ascontiguousarray(may_ride[order]),
            first_out=np.searchsorted(tails, np.arange(n_nodes + 1)).astype(np.int64),
            first_in=np.searchsorted(np.sort(heads), np.arange(n_nodes + 1)).astype(np.int64),
            in_arc=np.argsort(heads, kind="stable").astype(np.int64),
        )


def nearest_target(
    ways: Ways, seconds: Floats, targets: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.int32]]:
    """
    Return for every node the time to its nearest target, s, and the arc to take first.

    Parameters
    ----------
    seconds
        Time along every arc, s, infinite where impassable, shape (n_arcs,).
    targets
        Which nodes are targets, shape (n_nodes,).

    Returns
    -------
    tuple
        Seconds, infinite where no target can be reached, and arcs, -1 at targets and where there
        is no way; both of shape (n_nodes,).
    """
    found = np.full(ways.n_nodes, np.inf)
    first = np.full(ways.n_nodes, -1, np.int32)
    keys = np.empty(ways.n_arcs + ways.n_nodes + 1)
    items = np.empty(keys.size, np.int64)
    _search(ways.first_in, ways.in_arc, ways.tail, seconds, targets, found, first, keys, items)
    return found, first


@kernel
def _search(  # noqa: C901, PLR0917 - one search with its heap; a kernel takes arrays by position
    first_in: Ints,
    in_arc: Ints,
    tail: Ints,
    weight: Floats,
    targets: NDArray[np.bool_],
    dist: Floats,
    via: NDArray[np.int32],
    keys: Floats,
    items: Ints,
) -> None:
    """Dijkstra (1959) backward from all targets at once, with a binary heap."""
    size = 0
    for i in range(targets.size):
        if targets[i]:
            dist[i] = 0.0
            keys[size] = 0.0
            items[size] = i
            size += 1
    while size > 0:
        d, i = keys[0], items[0]
        size -= 1
        k, last = keys[size], items[size]
        at = 0
        while True:
            child = 2 * at + 1
            if child >= size:
                break
            if child + 1 < size and (
                keys[child + 1] < keys[child]
                or (keys[child + 1] == keys[child] and items[child + 1] < items[child])
            ):
                child += 1
            if k < keys[child] or (k == keys[child] and last <= items[child]):
                break
            keys[at], items[at] = keys[child], items[child]
            at = child
        keys[at], items[at] = k, last
        if d > dist[i]:
            continue
        for j in range(first_in[i], first_in[i + 1]):
            a = in_arc[j]
            t = d + weight[a]
            o = tail[a]
            if t < dist[o]:
                dist[o] = t
                via[o] = a
                at = size
                size += 1
                while at > 0:
                    up = (at - 1) // 2
                    if keys[up] < t or (keys[up] == t and items[up] <= o):
                        break
                    keys[at], items[at] = keys[up], items[up]
                    at = up
                keys[at], items[at] = t, o
