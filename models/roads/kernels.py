"""
Loops over edges and cells, compiled.

Searches run over one side of the graph: ``first``, ``other``, ``edge`` are ``first_out``, ``head``,
``out_edge`` to go forward from a source, or ``first_in``, ``in_tail``, ``in_edge`` to go backward
from a target. The queue is a heap of four children with late removal: a node is pushed again when
its label falls, and outdated entries are dropped when they come up. With weights that are not
negative at most ``m + 1`` entries are ever pushed.

==========  =====================================================================
``w``       seconds per edge, infinite where impassable
``dist``    label per node, infinite where not reached
``via``     edge over which a node was reached, -1 none
``keys``    heap: seconds
``items``   heap: node
``size``    entries in the heap
``status``  ``OK``, or minus one minus the first edge whose weight is NaN or negative
==========  =====================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.compile import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Floats = NDArray[np.float64]
    type Ints = NDArray[np.int32]
    type Longs = NDArray[np.int64]
    type Flags = NDArray[np.bool_]

__all__ = ["OK", "OVERFLOW", "find_nearest", "find_path", "pop", "push"]

OK = 0
OVERFLOW = 1


@kernel
def push(keys: Floats, items: Ints, size: int, key: float, item: int) -> None:
    """Add an entry to a heap of *size* entries."""
    i = size
    while i > 0:
        up = (i - 1) >> 2
        if keys[up] <= key:
            break
        keys[i] = keys[up]
        items[i] = items[up]
        i = up
    keys[i] = key
    items[i] = item


@kernel
def pop(keys: Floats, items: Ints, size: int) -> None:
    """Remove the first entry of a heap of *size* entries."""
    last = size - 1
    key = keys[last]
    item = items[last]
    i = 0
    while True:
        child = 4 * i + 1
        if child >= last:
            break
        best = child
        least = keys[child]
        for c in range(child + 1, min(child + 4, last)):
            if keys[c] < least:
                least = keys[c]
                best = c
        if least >= key:
            break
        keys[i] = least
        items[i] = items[best]
        i = best
    keys[i] = key
    items[i] = item


@kernel
def find_nearest(
    first: Longs,
    other: Ints,
    edge: Ints,
    w: Floats,
    target: int,
    unit_node: Longs,
    unit_class: Longs,
    unit_offset: Floats,
    best_unit: Longs,
    best_seconds: Floats,
    chain: Ints,
    follow: Longs,
    dist: Floats,
    touched: Ints,
    keys: Floats,
    items: Ints,
) -> tuple[int, int]:
    """
    Keep the ``best_unit.size`` units that reach *target* soonest; return status and how many.

    ``w`` has a row per vehicle class. ``chain[node]`` is the first unit at a node (plus one),
    ``follow`` the next one; ``dist`` is infinite and ``chain`` zero on entry and on return.
    """
    count = best_unit.size
    found = 0
    status = OK
    for c in range(w.shape[0]):
        left = 0
        for u in range(unit_node.size):
            if unit_class[u] == c:
                follow[u] = chain[unit_node[u]]
                chain[unit_node[u]] = u + 1
                left += 1
        if left == 0:
            continue
        dist[target] = 0.0
        touched[0] = target
        reached = 1
        push(keys, items, 0, 0.0, target)
        size = 1
        while size > 0 and left > 0 and status == OK:
            key = keys[0]
            node = items[0]
            pop(keys, items, size)
            size -= 1
            if key > dist[node]:
                continue
            if found == count and key > best_seconds[count - 1]:
                break
            u = chain[node] - 1
            while u >= 0:
                left -= 1
                found = keep_best(best_unit, best_seconds, found, u, key + unit_offset[u])
                u = follow[u] - 1
            for k in range(first[node], first[node + 1]):
                weight = w[c, edge[k]]
                if not weight >= 0.0:
                    status = -1 - edge[k]
                    break
                then = key + weight
                to = other[k]
                if then < dist[to]:
                    if dist[to] == np.inf:
                        touched[reached] = to
                        reached += 1
                    dist[to] = then
                    push(keys, items, size, then, to)
                    size += 1
        for t in range(reached):
            dist[touched[t]] = np.inf
        for u in range(unit_node.size):
            if unit_class[u] == c:
                chain[unit_node[u]] = 0
    return status, found


@kernel
def keep_best(best_unit: Longs, best_seconds: Floats, found: int, unit: int, seconds: float) -> int:
    """Insert a unit into the list sorted by seconds, then unit; return the list's new length."""
    if seconds == np.inf:
        return found
    count = best_unit.size
    i = found
    while i > 0 and (
        best_seconds[i - 1] > seconds
        or (best_seconds[i - 1] == seconds and best_unit[i - 1] > unit)
    ):
        if i < count:
            best_seconds[i] = best_seconds[i - 1]
            best_unit[i] = best_unit[i - 1]
        i -= 1
    if i < count:
        best_seconds[i] = seconds
        best_unit[i] = unit
    return min(found + 1, count)


@kernel
def find_path(
    first: Longs,
    other: Ints,
    edge: Ints,
    w: Floats,
    source: int,
    target: int,
    bound: Floats,
    dist: Floats,
    via: Ints,
    touched: Ints,
    keys: Floats,
    items: Ints,
    path: Ints,
    tail: Ints,
) -> tuple[int, int, float]:
    """
    Write the soonest path, last edge first, and return status, number of edges, seconds.

    ``bound`` holds seconds to *target* that no path undercuts, and is empty for none. ``dist`` is
    infinite on entry and on return.
    """
    guided = bound.size > 0
    dist[source] = 0.0
    via[source] = -1
    touched[0] = source
    reached = 1
    size = 0
    if not guided or bound[source] < np.inf:
        push(keys, items, 0, bound[source] if guided else 0.0, source)
        size = 1
    status = OK
    while size > 0 and status == OK:
        key = keys[0]
        node = items[0]
        pop(keys, items, size)
        size -= 1
        here = dist[node]
        if key > (here + bound[node] if guided else here):
            continue
        if node == target:
            break
        for k in range(first[node], first[node + 1]):
            weight = w[edge[k]]
            if not weight >= 0.0:
                status = -1 - edge[k]
                break
            then = here + weight
            to = other[k]
            if then < dist[to]:
                if size == keys.size:
                    status = OVERFLOW
                    break
                if dist[to] == np.inf:
                    touched[reached] = to
                    reached += 1
                dist[to] = then
                via[to] = edge[k]
                ahead = then + bound[to] if guided else then
                if ahead < np.inf:
                    push(keys, items, size, ahead, to)
                    size += 1
    seconds = dist[target]
    edges = 0
    if status == OK and seconds < np.inf:
        node = target
        while via[node] >= 0:
            path[edges] = via[node]
            edges += 1
            node = tail[via[node]]
    for t in range(reached):
        dist[touched[t]] = np.inf
    return status, edges, seconds
