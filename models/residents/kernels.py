"""
Loops over households.

Symbols: ``h`` depth and ``u`` speed of water at the house, ``t`` now, ``p`` the numbers of
``Behaviour.numbers``: 0 floor height, 1 depth that is noticed, 2 depth in the house at which
people act, 3 storey, 4 depth at which a motorbike is lost, 5 hasty preparation, 6 delay of a
call, 7 moving a vehicle, 8 depth of riding, 9 depth of exposure, 10 depth from which nobody who
has an upper floor sets out. ``limit`` holds wading depth and product of able and slow, ``lead``
the time to prepare of every household, s.

Households are independent of each other within a step, so that their order does not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.compile import kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    type Floats = NDArray[np.float64]
    type Ints = NDArray[np.int64]
    type Bytes = NDArray[np.int8]
    type Flags = NDArray[np.bool_]

__all__ = ["count_people", "decide", "hazard_class", "set_paces", "travel"]

# Kept equal to models.residents.households, whose names mean the same.
_HOME, _UP, _WAY, _SAFE, _STUCK, _TRAPPED = 0, 1, 2, 3, 4, 5
_V_HOME, _V_SAFE, _V_LOST, _V_TAKEN = 1, 2, 3, 4
_FROM_HOME, _AT_NODE = -1, -2
_EVACUATE = 3


@kernel
def set_paces(
    h: Floats,
    u: Floats,
    closed: Flags,
    edge: Ints,
    walkable: Flags,
    rideable: Flags,
    limit: Floats,
    wade: float,
    ride_m_s: float,
    ride_depth: float,
    pace: Floats,
) -> None:
    """
    Write what each arc allows, from the water on its edge.

    Rows 0 and 1 of *pace*: share of the dry walking speed of able and slow, which falls in
    proportion to depth down to *wade* at the limit; row 2: riding speed, m/s.
    """
    for a in range(edge.size):
        e = edge[a]
        for m in range(2):
            pace[m, a] = 0.0
            if walkable[a] and h[e] < limit[m, 0] and h[e] * u[e] < limit[m, 1]:
                pace[m, a] = 1.0 - (1.0 - wade) * h[e] / limit[m, 0]
        dry_enough = rideable[a] and not closed[e] and h[e] < ride_depth
        pace[2, a] = ride_m_s if dry_enough else 0.0


@kernel
def hazard_class(h: float, u: float, classes: Floats) -> int:
    """Return 1 to 6 by product, depth and speed (AIDR 2017)."""
    for k in range(classes.shape[0]):
        if h * u <= classes[k, 0] and h <= classes[k, 1] and u <= classes[k, 2]:
            return k + 1
    return int(classes.shape[0]) + 1


@kernel
def decide(
    t: float,
    h_home: Floats,
    u_home: Floats,
    mobility: Ints,
    upper: Flags,
    draws: Floats,
    lead: Floats,
    node: Ints,
    way_s: Floats,
    high_s: Floats,
    leave: Floats,
    move: Floats,
    limit: Floats,
    p: Floats,
    status: Bytes,
    heard: Floats,
    advice: Bytes,
    noticed: Flags,
    depart: Floats,
    riding: Flags,
    vehicle: Bytes,
    vehicle_s: Floats,
    call_due: Floats,
    called: Ints,
) -> None:
    """Let everybody who is at home hear, notice, decide, leave, go upstairs or be trapped."""
    for k in range(status.size):
        s = status[k]
        if s not in (_HOME, _UP, _TRAPPED):
            continue
        h, u, m = h_home[k], u_home[k], mobility[k]
        inside = max(h - p[0], 0.0)
        if vehicle[k] == _V_HOME:
            if vehicle_s[k] <= t:
                vehicle[k] = _V_SAFE
            elif h >= p[4]:
                vehicle[k] = _V_LOST
        # What is new to them
        news = -1
        for level in range(heard.shape[0]):
            if heard[level, k] <= t:
                heard[level, k] = float("inf")
                if level > advice[k]:
                    advice[k] = level
                    news = level
        if not noticed[k] and h >= p[1]:
            noticed[k] = True
            if advice[k] == 0:
                news = 0
        if news >= 0 and s != _TRAPPED:
            if draws[k, 0] < leave[news]:
                if m < 2:
                    depart[k] = min(depart[k], t + lead[k])
                elif called[k] < 0:
                    call_due[k] = min(call_due[k], t + p[6])
            if vehicle[k] == _V_HOME and draws[k, 1] < move[news] and depart[k] == float("inf"):
                vehicle_s[k] = min(vehicle_s[k], t + p[7] + high_s[node[k]])
        # Out of the door
        slow = min(m, 1)
        can_wade = h < limit[slow, 0] and h * u < limit[slow, 1]
        goes = can_wade and (h < p[10] or not upper[k])
        if depart[k] <= t and m < 2 and goes:
            rides = vehicle[k] == _V_HOME and h < p[8] and way_s[2, node[k]] < float("inf")
            if rides or way_s[slow, node[k]] < float("inf"):
                status[k] = _WAY
                depart[k] = float("inf")
                call_due[k] = float("inf")
                riding[k] = rides
                if rides:
                    vehicle[k] = _V_TAKEN
                continue
        # Water in the house
        if inside >= p[2]:
            if upper[k] and inside < p[3]:
                if s == _HOME:
                    status[k] = _UP
                    depart[k] = float("inf")
            else:
                helpless = m >= 2 or not can_wade
                if helpless and s != _TRAPPED:
                    status[k] = _TRAPPED
                    if called[k] < 0:
                        call_due[k] = min(call_due[k], t + p[6])
                elif not helpless:
                    depart[k] = min(depart[k], t + p[5])
        elif s in (_UP, _TRAPPED) and inside < 0.5 * p[2]:
            status[k] = _HOME


@kernel
def travel(
    dt: float,
    h_home: Floats,
    wet: Floats,
    mobility: Ints,
    walk: Floats,
    pace: Floats,
    next_arc: NDArray[np.int32],
    targets: Flags,
    head: Ints,
    length: Floats,
    edge: Ints,
    first_out: Ints,
    limit: Floats,
    wade: float,
    status: Bytes,
    riding: Flags,
    node: Ints,
    arc: Ints,
    left: Floats,
    vehicle: Bytes,
) -> None:
    """
    Move everybody on the way by *dt* seconds.

    Who rides into water too deep leaves the motorbike and walks. Who walks into water too deep or
    too swift is stranded, and goes on when it falls. Who finds no open way waits at a node, and
    is stranded there when water closes every street.
    """
    for k in range(status.size):
        if status[k] not in (_WAY, _STUCK):
            continue
        m = min(mobility[k], 1)
        time = dt
        while time > 0.0:
            if arc[k] == _AT_NODE:
                i = node[k]
                if targets[i]:
                    status[k] = _SAFE
                    break
                a = next_arc[2 if riding[k] else m, i]
                if riding[k] and (a < 0 or pace[2, a] <= 0.0) and next_arc[m, i] >= 0:
                    riding[k] = False
                    vehicle[k] = _V_LOST
                    a = next_arc[m, i]
                if a < 0 or pace[2 if riding[k] else m, a] <= 0.0:
                    open_way, water = False, False
                    for b in range(first_out[i], first_out[i + 1]):
                        open_way = open_way or pace[m, b] > 0.0
                        water = water or wet[edge[b]] > 0.0
                    status[k] = _STUCK if water and not open_way else _WAY
                    break
                status[k] = _WAY
                arc[k] = a
                left[k] = length[a]
            if arc[k] == _FROM_HOME:
                v = 0.0
                if h_home[k] < limit[m, 0]:
                    v = walk[m] * (1.0 - (1.0 - wade) * h_home[k] / limit[m, 0])
            elif riding[k]:
                v = pace[2, arc[k]]
                if v <= 0.0 and pace[m, arc[k]] > 0.0:
                    riding[k] = False
                    vehicle[k] = _V_LOST
                    v = walk[m] * pace[m, arc[k]]
            else:
                v = walk[m] * pace[m, arc[k]]
            if v <= 0.0:
                # A rider before a barrier on dry ground waits; water strands.
                deep = arc[k] == _FROM_HOME or wet[edge[arc[k]]] > 0.0
                status[k] = _STUCK if deep else _WAY
                break
            status[k] = _WAY
            if v * time < left[k]:
                left[k] -= v * time
                break
            time -= left[k] / v
            left[k] = 0.0
            if arc[k] != _FROM_HOME:
                node[k] = head[arc[k]]
            arc[k] = _AT_NODE


@kernel
def count_people(
    h_home: Floats,
    u_home: Floats,
    h_edge: Floats,
    u_edge: Floats,
    edge: Ints,
    persons: Ints,
    node: Ints,
    arc: Ints,
    reach: Flags,
    classes: Floats,
    least: float,
    status: Bytes,
    worst: Bytes,
    was: NDArray[np.int16],
    by_status: Ints,
    by_class: Ints,
    cut_off: Ints,
) -> None:
    """Count persons by status, by hazard class at their place, and cut off from any hospital."""
    by_status[:] = 0
    by_class[:] = 0
    cut_off[0] = 0
    for k in range(status.size):
        s = status[k]
        n = persons[k]
        by_status[s] += n
        was[k] |= 1 << s
        if s == _SAFE or s > _TRAPPED:
            continue
        if not reach[node[k]]:
            cut_off[0] += n
        h, u = h_home[k], u_home[k]
        if s in (_WAY, _STUCK) and arc[k] >= 0:
            e = edge[arc[k]]
            h, u = h_edge[e], u_edge[e]
        elif s in (_WAY, _STUCK) and arc[k] == _AT_NODE:
            h, u = 0.0, 0.0
        if h >= least:
            c = hazard_class(h, u, classes)
            by_class[c] += n
            worst[k] = max(worst[k], c)
