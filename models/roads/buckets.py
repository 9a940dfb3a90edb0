"""
Seconds from one node to all others, by buckets instead of a heap, compiled.

A queue of buckets (Dial 1969) as wide as a short edge: nodes wait in the bucket of their label and
leave it first in, first out; a label that still falls inside its bucket is corrected by passing
again (delta-stepping, Meyer and Sanders 2003, on one thread). Every label ends as the least sum
over all ways, to the same bits as with Dijkstra's algorithm, whatever the width. Labels beyond the
window of buckets wait in a list apart, which is dealt out when the window is empty.

==========  =====================================================================
``w``       seconds per edge, infinite where impassable, in the order of ``other``
``dist``    label per node, infinite where not reached
``key``     label that an entry was queued with; outdated if ``dist`` is lower
``item``    node of an entry
``next``    next entry of the same list, -1 none
``top``     first entry of each bucket, -1 none
``end``     last entry of each bucket
==========  =====================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.compile import kernel
from models.roads.kernels import OK, OVERFLOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Floats = NDArray[np.float64]
    type Ints = NDArray[np.int32]
    type Longs = NDArray[np.int64]

__all__ = ["explore"]


@kernel
def explore(  # noqa: C901, PLR0912, PLR0915, PLR0917  # one loop, kept whole for the compiler
    first: Longs,
    other: Ints,
    w: Floats,
    source: int,
    width: float,
    goals: Longs,
    dist: Floats,
    key: Floats,
    item: Ints,
    follow: Ints,
    top: Ints,
    end: Ints,
) -> int:
    """
    Fill ``dist``, infinite on entry, with the seconds between *source* and every node.

    With ``goals``, stop once they are settled: the labels of other nodes may then be too high.
    Return ``OK``, ``OVERFLOW`` if the entries do not suffice, or minus one minus the first place
    in ``w`` that is NaN or negative.
    """
    buckets = top.size
    per_second = 1.0 / width
    top[:] = -1
    used = 1  # entries ever taken; given back, they wait in the list ``free``
    free = -1
    far = -1
    base = 0.0
    now = 0
    waiting = 1  # entries in buckets
    left = goals.size  # the goals before this place may still be open
    dist[source] = 0.0
    key[0] = 0.0
    item[0] = source
    follow[0] = -1
    top[0] = 0
    end[0] = 0
    while True:
        if waiting == 0:
            # Deal out the far list over a new window, which starts at its least label.
            least = np.inf
            entry = far
            while entry >= 0:
                if key[entry] <= dist[item[entry]]:
                    least = min(least, key[entry])
                entry = follow[entry]
            if least == np.inf:
                return OK
            base = least
            now = 0
            entry = far
            far = -1
            while entry >= 0:
                after = follow[entry]
                place = (key[entry] - base) * per_second
                if key[entry] > dist[item[entry]]:
                    follow[entry] = free
                    free = entry
                elif place < buckets:
                    slot = int(place)
                    follow[entry] = top[slot]
                    if top[slot] < 0:
                        end[slot] = entry
                    top[slot] = entry
                    waiting += 1
                else:
                    follow[entry] = far
                    far = entry
                entry = after
        while top[now] >= 0:
            entry = top[now]
            here = key[entry]
            node = item[entry]
            top[now] = follow[entry]
            follow[entry] = free
            free = entry
            waiting -= 1
            if here > dist[node]:
                continue
            for k in range(first[node], first[node + 1]):
                weight = w[k]
                if not weight >= 0.0:
                    return -1 - k
                then = here + weight
                to = other[k]
                if then < dist[to]:
                    dist[to] = then
                    if free >= 0:
                        entry = free
                        free = follow[entry]
                    elif used < key.size:
                        entry = used
                        used += 1
                    else:
                        return OVERFLOW
                    key[entry] = then
                    item[entry] = to
                    place = (then - base) * per_second
                    if place < buckets:
                        goal = int(place)
                        follow[entry] = -1
                        if top[goal] < 0:
                            top[goal] = entry
                        else:
                            follow[end[goal]] = entry
                        end[goal] = entry
                        waiting += 1
                    else:
                        follow[entry] = far
                        far = entry
        while left > 0 and (dist[goals[left - 1]] - base) * per_second < now + 1:
            left -= 1
        if left == 0 and goals.size > 0:
            return OK
        now += 1
