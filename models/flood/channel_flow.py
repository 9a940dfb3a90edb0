"""
Channels inside the time step: levels, discharges, and the split at the bank.

Momentum of a reach, after Neal, Schumann & Bates (2012), Water Resour. Res. 48, W11506, eqs. 5-8:
``Q' = (Q + g A Δt S) / (1 + g Δt n² |Q| / (R^{4/3} A))`` with ``A = w h`` and ``R = A / P``, where
``h`` reaches from the higher bed to the higher level, and ``P`` counts the sides up to the bank.
The level behind a fall counts as that of the bed over which the water falls, and no discharge is
faster than critical: a channel that ends high over the tide runs out freely. At an open rim the
flow is normal, at the slope of the bed.

The cells have let water pass over their whole width by then. What the channel moves besides is its
own discharge less what went over its width as if it were ground.
"""

# mypy: disable-error-code="arg-type,return-value,call-arg,var-annotated,unreachable,assignment"
# mypy: disable-error-code="no-any-return"
# (numba's integers and intrinsics are not what Python's type system takes them for)
# ruff: noqa: PLR0917 - kernels take many arrays by position: numba compiles no keywords

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models.compile import kernel
from models.flood.kernels import KEEP, PAD, bits, deep_block
from models.flood.links import wall_flow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.barriers import Walls
    from models.flood.packing import Packed, Runs

    F8 = NDArray[np.float64]
    I8 = NDArray[np.int64]

__all__ = [
    "Canals", "canal_depth", "canal_levels", "canal_surface", "canal_water", "lower", "move_canals",
]  # fmt: skip

#: Nothing below this position is a cell.
FIRST = 2 * PAD
#: No cell can hold this much, m³: the computation has failed.
TOO_MUCH = 1.0e12


class Canals(NamedTuple):
    """
    Channels as the kernels want them.

    By node: padded row, packed position, bed and bank, m, surface below the bank, m², volume up to
    the bank, m³, zone (-1 where computed), the most that a depth beside it counts for the time
    step. By reach: nodes ``a`` (west or north) and ``b`` (-1 outside), axis and packed position of
    the face, width, length, m, n², depth of the sides that rub, m, weight of its depth for the time
    step, the reaches before and behind (itself where there is none) and whether they point the same
    way, position in the list of walled faces (-1 for none). Then the state: volume below the bank,
    m³, by node, and discharge, m³/s, by reach. The rest is for computing.
    """

    row: I8
    cell: I8
    bed: F8
    bank: F8
    surface: F8
    room: F8
    zone: I8
    stiff: F8
    a: I8
    b: I8
    axis: I8
    face: I8
    width: F8
    length: F8
    n2: F8
    sides: F8
    weight: F8
    before: I8
    behind: I8
    same: F8
    wall: I8
    volume: F8
    flow: F8
    level: F8
    out: F8
    moved: F8
    extra: F8
    flow_next: F8


@kernel
def canal_level(canals: Canals, n: int, h: float) -> float:
    """Return the level of the water at node ``n``, where the ground bears depth ``h``."""
    if canals.volume[n] < canals.room[n]:
        return canals.bed[n] + canals.volume[n] / canals.surface[n]
    return canals.bank[n] + h


@kernel
def canal_levels(canals: Canals, packed: Packed, p: int, level: F8) -> tuple[float, int]:
    """
    Find the levels at all nodes.

    Returns the depth that the time step must be right for, and the node that it belongs to.
    """
    h = packed.h[p]
    for n in range(canals.cell.size):
        if canals.zone[n] >= 0:
            canals.level[n] = max(level[canals.zone[n]], canals.bed[n])
        else:
            canals.level[n] = canal_level(canals, n, h[canals.cell[n]])
    most = 0.0
    where = np.int64(0)
    for f in range(canals.a.size):
        a, b = canals.a[f], canals.b[f]
        up, floor = canals.level[a], canals.bed[a]
        if b >= 0:
            up, floor = max(up, canals.level[b]), max(floor, canals.bed[b])
        x = (up - floor) * canals.weight[f]
        if x > most:
            most = x
            where = a if canals.zone[a] < 0 and (b < 0 or canals.level[a] >= up) else b
            if canals.zone[where] >= 0:
                where = a
    return most, where


@kernel
def canal_water(canals: Canals, n: int, h: float, area: float) -> float:
    """Return the water at node ``n``, m³."""
    return canals.volume[n] + h * area


@kernel
def canal_surface(canals: Canals, n: int, area: float) -> float:
    """Return the surface of the water at node ``n``, m²."""
    return canals.surface[n] if canals.volume[n] < canals.room[n] else area


@kernel
def canal_depth(canals: Canals, n: int, water: float, area: float) -> float:
    """Return the depth that the time step must be right for where node ``n`` holds ``water``."""
    room = canals.room[n]
    if room == 0.0:
        return water / area
    if water < room:
        return canals.stiff[n] * water / canals.surface[n]
    return canals.stiff[n] * (canals.bank[n] - canals.bed[n] + (water - room) / area)


@kernel
def reach_flow(
    canals: Canals, f: int, dt: float, g: float, th: float, hd: float, slope: float
) -> float:
    """Return the discharge of a reach after the step, m³/s."""
    a, b = canals.a[f], canals.b[f]
    ea, za = canals.level[a], canals.bed[a]
    w, n2, d = canals.width[f], canals.n2[f], canals.length[f]
    if b < 0:
        hf = ea - za
        if hf <= hd:
            return 0.0
        section = w * hf
        radius = section / (w + 2.0 * min(hf, canals.sides[f]))
        at = canals.before[f]
        if at != f:
            beyond = canals.a[at] + canals.b[at] - a
            slope = max(slope, (canals.bed[beyond] - za) / canals.length[at])
        q = section * np.cbrt(radius * radius) * np.sqrt(slope / n2)
        return min(q, section * np.sqrt(g * hf))
    eb, zb = canals.level[b], canals.bed[b]
    floor = max(za, zb)
    hf = max(ea, eb) - floor
    if hf <= hd:
        return 0.0
    section = w * hf
    radius = section / (w + 2.0 * min(hf, canals.sides[f]))
    q = canals.flow[f]
    push = g * section * dt * (max(ea, floor) - max(eb, floor)) / d
    mean = th * q + 0.5 * (1.0 - th) * (
        canals.flow[canals.before[f]] * canals.same[2 * f]
        + canals.flow[canals.behind[f]] * canals.same[2 * f + 1]
    )
    if mean * push < 0.0:
        mean = q
    q = (mean + push) / (1.0 + g * dt * n2 * abs(q) / (radius * np.cbrt(radius) * section))
    fastest = section * np.sqrt(g * hf)
    return min(max(q, -fastest), fastest)


@kernel
def find_flows(
    canals: Canals, walls: Walls, packed: Packed, p: int, dt: float, g: float, th: float,
    hd: float, slope: float,
) -> None:  # fmt: skip
    """Discharges of all reaches after the step, and what they move besides the ground."""
    qx, qy = packed.qx[p], packed.qy[p]
    for f in range(canals.a.size):
        a, b = canals.a[f], canals.b[f]
        q = reach_flow(canals, f, dt, g, th, hd, slope)
        over = 0.0
        if b >= 0:
            if canals.wall[f] >= 0:
                m = walls.group[canals.wall[f]]
                q = canals.width[f] * wall_flow(
                    walls.kind[m], walls.crest[m], walls.opening[m], walls.sill[m],
                    walls.direction[m], canals.level[a], canals.bed[a], canals.level[b],
                    canals.bed[b], q / canals.width[f], g,
                )  # fmt: skip
            k = canals.face[f]
            if k >= FIRST:
                over = canals.width[f] * (qx[k] if canals.axis[f] == 0 else qy[k])
        canals.flow_next[f] = q
        canals.extra[f] = q - over


@kernel
def keep_water(canals: Canals, packed: Packed, p: int, dt: float, area: float) -> None:
    """Let no node give more than it holds: every reach has one donor."""
    h = packed.h[p]
    for n in range(canals.out.size):
        canals.out[n] = 0.0
        canals.moved[n] = 0.0
    for f in range(canals.a.size):
        if canals.extra[f] > 0.0:
            canals.out[canals.a[f]] += canals.extra[f] * dt
        elif canals.b[f] >= 0:
            canals.out[canals.b[f]] -= canals.extra[f] * dt
    for n in range(canals.out.size):
        has = max(canal_water(canals, n, h[canals.cell[n]], area), 0.0) * KEEP
        short = canals.zone[n] < 0 and canals.out[n] > has
        canals.out[n] = has / canals.out[n] if short else 1.0
    for f in range(canals.a.size):
        donor = canals.a[f] if canals.extra[f] > 0.0 else canals.b[f]
        if donor >= 0 and canals.out[donor] < 1.0:
            kept = canals.extra[f] * canals.out[donor]
            canals.flow_next[f] += kept - canals.extra[f]
            canals.extra[f] = kept
        canals.flow[f] = canals.flow_next[f]


@kernel
def lower(k: int, row: int, before: float, packed: Packed, p: int, runs: Runs, largest: I8) -> None:
    """Keep the largest depth of a row right after one of its cells has changed from ``before``."""
    h = packed.h[p]
    now = bits(h[k])
    if now >= largest[row]:
        largest[row] = now
    elif bits(before) >= largest[row]:
        most = np.int64(0)
        i = runs.place[row]
        for s in range(runs.count[row]):
            end = i + runs.span[row, 2 * s + 1] - runs.span[row, 2 * s]
            for at in range(i, end, PAD):
                most = max(most, deep_block(h, packed.wt, at))
            i = end + PAD
        largest[row] = most


@kernel
def split_at_bank(
    canals: Canals, n: int, packed: Packed, p: int, runs: Runs, largest: I8, area: float
) -> None:
    """Give the water of node ``n`` to its channel first, and to its ground what is left."""
    k = canals.cell[n]
    before = packed.h[p, k]
    room = canals.room[n]
    gain = canals.moved[n]
    if canals.volume[n] >= room:
        x = before + gain / area
        if x < 0.0:
            canals.volume[n] = max(room + x * area, 0.0)
            x = 0.0
    else:
        water = canals.volume[n] + before * area + gain
        x = 0.0
        canals.volume[n] = max(water, 0.0)
        if water > room:
            x = (water - room) / area
            canals.volume[n] = room
    if not abs(x) * area + canals.volume[n] < TOO_MUCH:
        x = np.inf
    if x != before:
        packed.h[p, k] = x
        lower(k, canals.row[n], before, packed, p, runs, largest)


@kernel
def move_canals(
    canals: Canals, walls: Walls, packed: Packed, p: int, runs: Runs, largest: I8, dt: float,
    dx: float, g: float, th: float, hd: float, slope: float,
) -> tuple[float, float, float]:  # fmt: skip
    """
    Move the water of the channels, at the levels that :func:`canal_levels` found before the step.

    Returns the volumes that came from prescribed levels, that went there, and that left the grid,
    m³.
    """
    area = dx * dx
    gained = 0.0
    gone = 0.0
    left = 0.0
    find_flows(canals, walls, packed, p, dt, g, th, hd, slope)
    keep_water(canals, packed, p, dt, area)
    for f in range(canals.a.size):
        a, b = canals.a[f], canals.b[f]
        volume = canals.extra[f] * dt
        canals.moved[a] -= volume
        if b < 0:
            left += volume
            continue
        canals.moved[b] += volume
        if canals.wall[f] >= 0:
            walls.moved[walls.group[canals.wall[f]]] += volume / dx
        if (canals.zone[a] >= 0) != (canals.zone[b] >= 0):
            inward = volume if canals.zone[a] >= 0 else -volume
            gained += max(inward, 0.0)
            gone += max(-inward, 0.0)
    for n in range(canals.cell.size):
        if canals.zone[n] < 0:
            split_at_bank(canals, n, packed, p, runs, largest, area)
    return gained, gone, left
