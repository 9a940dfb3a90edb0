"""
Loops of the search from the nearest of several places.

``first``, ``head``: edges out of each node (compressed rows); ``w``: seconds per edge, infinite
where closed; ``dist``: seconds from the nearest source; ``via``: edge by which a node is reached,
-1 at a source, -2 where unreached; ``best``: which source.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from models.compile import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Floats = NDArray[np.float64]
    type Ints = NDArray[np.int64]

__all__ = ["close_groups", "search", "subtrees"]


@kernel
def search(
    first: Ints, head: Ints, w: Floats, sources: Ints, dist: Floats, via: Ints, best: Ints
) -> None:
    """Fill ``dist``, ``via`` and ``best``; of equal ways the one of the lower node wins."""
    queue = [(0.0, np.int64(0))]
    queue.pop()
    for k in range(sources.size):
        s = sources[k]
        if dist[s] > 0.0:
            dist[s] = 0.0
            via[s] = -1
            best[s] = k
            heapq.heappush(queue, (0.0, np.int64(s)))
    while len(queue) > 0:
        d, u = heapq.heappop(queue)
        if d > dist[u]:
            continue
        for e in range(first[u], first[u + 1]):
            v = head[e]
            t = d + w[e]
            if t < dist[v]:
                dist[v] = t
                via[v] = e
                best[v] = best[u]
                heapq.heappush(queue, (t, np.int64(v)))


@kernel
def subtrees(tail: Ints, via: Ints, begin: Ints, end: Ints, order: Ints) -> None:
    """Order the nodes so that all that are reached through one stand together, from ``begin``."""
    n = via.size
    child = np.full(n, -1, np.int64)
    sibling = np.full(n, -1, np.int64)
    for v in range(n - 1, -1, -1):
        if via[v] >= 0:
            u = tail[via[v]]
            sibling[v] = child[u]
            child[u] = v
    count = 0
    stack = np.empty(n, np.int64)
    for root in range(n):
        if via[root] != -1:
            continue
        top = 0
        stack[0] = root
        begin[root] = count
        order[count] = root
        count += 1
        while top >= 0:
            u = stack[top]
            v = child[u]
            if v >= 0:
                child[u] = sibling[v]
                begin[v] = count
                order[count] = v
                count += 1
                top += 1
                stack[top] = v
            else:
                end[u] = count
                top -= 1


@kernel
def close_groups(
    first: Ints,
    head: Ints,
    first_in: Ints,
    in_edge: Ints,
    tail: Ints,
    w: Floats,
    dist: Floats,
    via: Ints,
    begin: Ints,
    end: Ints,
    order: Ints,
    group_first: Ints,
    group_edge: Ints,
    demand: Floats,
    limits: Floats,
    lost: Floats,
    delay: Floats,
    cut: Floats,
) -> None:
    """
    Close each group of edges alone, and add up what it does to the demand behind it.

    Only nodes whose way leads over the group can change: they are searched again, entered from
    the nodes around them, whose seconds stand.
    """
    n = dist.size
    mark = np.full(n, -1, np.int64)
    closed = np.full(w.size, -1, np.int64)
    fresh = np.empty(n)
    nodes = np.empty(n, np.int64)
    for g in range(group_first.size - 1):
        for k in range(group_first[g], group_first[g + 1]):
            closed[group_edge[k]] = g
        count = 0
        for k in range(group_first[g], group_first[g + 1]):
            e = group_edge[k]
            top = head[e]
            if via[top] != e or mark[top] == g:
                continue
            for j in range(begin[top], end[top]):
                v = order[j]
                if mark[v] != g:
                    mark[v] = g
                    nodes[count] = v
                    count += 1
        if count == 0:
            continue
        queue = [(0.0, np.int64(0))]
        queue.pop()
        for k in range(count):
            v = nodes[k]
            near = np.inf
            for j in range(first_in[v], first_in[v + 1]):
                e = in_edge[j]
                if closed[e] == g or mark[tail[e]] == g:
                    continue
                near = min(near, dist[tail[e]] + w[e])
            fresh[v] = near
            if near < np.inf:
                heapq.heappush(queue, (near, np.int64(v)))
        while len(queue) > 0:
            d, u = heapq.heappop(queue)
            if d > fresh[u]:
                continue
            for e in range(first[u], first[u + 1]):
                v = head[e]
                if mark[v] != g or closed[e] == g:
                    continue
                t = d + w[e]
                if t < fresh[v]:
                    fresh[v] = t
                    heapq.heappush(queue, (t, np.int64(v)))
        for k in range(count):
            v = nodes[k]
            if demand[v] <= 0.0:
                continue
            for j in range(limits.size):
                if dist[v] <= limits[j] and fresh[v] > limits[j]:
                    lost[g, j] += demand[v]
            if fresh[v] == np.inf:
                cut[g] += demand[v]
            else:
                delay[g] += demand[v] * (fresh[v] - dist[v])
