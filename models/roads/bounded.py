"""
Searches that tables of travel times guide: A* under the triangle inequality, compiled.

With the seconds from and to a few places p, no way from u to t is shorter than
``d(p, t) - d(p, u)`` or ``d(u, p) - d(t, p)`` (landmarks: Goldberg & Harrelson 2005). A search that
adds this bound to its labels goes towards its target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.compile import kernel
from models.roads.kernels import pop, push

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Floats = NDArray[np.float64]
    type Ints = NDArray[np.int32]
    type Longs = NDArray[np.int64]

__all__ = ["descend", "find_way", "least_seconds"]

#: Part of a bound that is used: the rest covers the rounding of sums.
KEPT = 1.0 - 1e-9


@kernel
def least_seconds(away: Floats, back: Floats, picked: Longs, u: int, t: int) -> float:
    """
    Return a time that no way from *u* to *t* undercuts; infinite where there is none.

    ``away[:, k]`` holds the seconds from place ``k`` to every node, ``back[:, k]`` those to it;
    ``picked`` numbers the columns of both, those of ``back`` after those of ``away``.
    """
    least = 0.0
    for column in picked:
        if column < away.shape[1]:
            bound = away[t, column] - away[u, column]
        else:
            k = column - away.shape[1]
            bound = back[u, k] - back[t, k]
        least = max(bound, least) if bound == bound else least  # noqa: PLR0124 - not NaN
    return least * KEPT


@kernel
def find_way(  # noqa: C901, PLR0917  # one loop, kept whole for the compiler
    first: Longs,
    head: Ints,
    tail: Ints,
    w: Floats,
    source: int,
    target: int,
    limit: float,
    away: Floats,
    back: Floats,
    picked: Longs,
    dist: Floats,
    bound: Floats,
    via: Ints,
    touched: Ints,
    keys: Floats,
    items: Ints,
    path: Ints,
) -> tuple[int, float]:
    """
    Return the number of edges written to ``path``, last first, and the seconds.

    ``dist`` must be infinite on entry, and is so again on return. No edges and infinite seconds
    where there is no way of at most *limit* seconds; -1 edges if the queue does not suffice.
    """
    dist[source], bound[source], via[source] = 0.0, 0.0, -1
    touched[0] = source
    n_touched, size = 1, 1
    keys[0], items[0] = 0.0, source
    steps, seconds = 0, np.inf
    while size > 0:
        key, node = keys[0], items[0]
        pop(keys, items, size)
        size -= 1
        if node == target:
            break
        if key > dist[node] + bound[node]:
            continue
        for edge in range(first[node], first[node + 1]):
            reached = dist[node] + w[edge]
            other = head[edge]
            if not reached < dist[other]:
                continue
            if dist[other] == np.inf:
                touched[n_touched] = other
                n_touched += 1
                bound[other] = least_seconds(away, back, picked, other, target)
            dist[other], via[other] = reached, edge
            if bound[other] == np.inf or reached + bound[other] > limit:
                continue
            if size == keys.size:
                steps = -1
                size = 0
                break
            push(keys, items, size, reached + bound[other], other)
            size += 1
    if steps == 0 and dist[target] <= limit and dist[target] < np.inf:
        seconds = dist[target]
        node = target
        while node != source:
            path[steps] = via[node]
            steps += 1
            node = tail[via[node]]
    for k in range(n_touched):
        dist[touched[k]] = np.inf
    return steps, seconds


@kernel
def descend(  # noqa: PLR0917  # as the search above
    first: Longs,
    other: Ints,
    edge: Ints,
    w: Floats,
    dist: Floats,
    start: int,
    end: int,
    path: Ints,
) -> int:
    """
    Walk down the labels from *start* to *end*, over the first of equally good edges.

    Return the number of edges written to ``path``; -1 where streets without length lead round in
    a circle.
    """
    node, steps = start, 0
    while node != end:
        if steps == path.size:
            return -1
        best, chosen = np.inf, -1
        for place in range(first[node], first[node + 1]):
            through = w[edge[place]] + dist[other[place]]
            if through < best:
                best, chosen = through, place
        if chosen < 0:
            return -1
        path[steps] = edge[chosen]
        steps += 1
        node = other[chosen]
    return steps
