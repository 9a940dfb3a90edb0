"""
What a step does to one row of active blocks: fluxes, open edges, depths, the limiter.

Every number is computed by one thread in an order of its own, so that how rows are shared among
threads leaves no trace.
"""

# mypy: disable-error-code="arg-type,return-value,call-arg,var-annotated,unreachable,assignment"
# (numba's integers and intrinsics are not what Python's type system takes them for)
# ruff: noqa: PLR0917 - kernels take many arrays by position: numba compiles no keywords

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models.compile import kernel
from models.flood.kernels import (
    KEEP,
    KEEP_SINGLE,
    PAD,
    WALL,
    deep_block,
    depth_block,
    flux_block,
    from_bits,
    inverse_cube_root,
    lose_block,
    mask_block,
    rain_block,
)
from models.flood.packing import BESIDE, EAST, GHOST, MIXED, WEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.packing import Packed

    F8 = NDArray[np.float64]
    I4 = NDArray[np.int32]
    I8 = NDArray[np.int64]
    U1 = NDArray[np.uint8]

__all__ = [
    "Edges", "Owing", "Shore", "Weather", "depth_row", "edge_row", "edge_sum", "flux_row",
    "limit_row", "lose_row", "mend_row", "zone_faces",
]  # fmt: skip

#: Nothing below this position is a cell.
FIRST = 2 * PAD


class Shore(NamedTuple):
    """
    Where computed cells meet cells of a prescribed level; see ``layout.ShoreFaces``.

    ``first`` and ``zone`` of the cells whose level is set, by row, ``cell`` their packed
    positions; the faces between the two kinds, and those that copy a discharge, all packed.
    """

    first: I8
    zone: I8
    cell: I8
    face: I8
    axis: I8
    sign: F8
    face_zone: I8
    face_cell: I8
    copy_to: I8
    copy_from: I8
    copy_axis: I8


class Edges(NamedTuple):
    """Open faces by the row that stores them; see ``layout.EdgeFaces``; positions are packed."""

    first: I8
    cell: I8
    inner: I8
    face: I8
    side: I8


class Owing(NamedTuple):
    """Blocks with a cell that would give more than it holds: how many by row, and which."""

    count: I4
    block: I4


class Weather(NamedTuple):
    """Whether it rains, whether water is lost, and the time step of both, s."""

    raining: bool
    losing: bool
    dt: float


@kernel
def flux_row(
    j: int, count: I4, span: I4, place: I4, h: F8, z: F8, nm: F8, qx: F8, qy: F8, qxn: F8,
    qyn: F8, top: F8, up: I4, down: I4, low: I4, high: I4,
    gt: float, rdx: float, th: float, hd: float,
) -> None:  # fmt: skip
    """Discharges through the western and northern faces of the active cells of row ``j``."""
    k = place[j]
    for s in range(count[j]):
        end = k + span[j, 2 * s + 1] - span[j, 2 * s]
        for i in range(k, end, PAD):
            b = np.uint64(i) >> np.uint64(3)
            flux_block(
                h, z, nm, qx, qy, qxn, qyn, top, i, np.int64(up[b]), np.int64(down[b]),
                np.int64(low[b]), np.int64(high[b]), gt, rdx, th, hd,
            )  # fmt: skip
        k = end + PAD


@kernel
def edge_row(
    j: int, edges: Edges, packed: Packed, p: int, g: float, gt: float, rdx: float, slope: float,
    hd: float,
) -> None:  # fmt: skip
    """
    Discharges out of the open faces that are stored in row ``j``.

    Beyond the rim the water is as deep as before it, and its surface goes on to fall as it does
    towards the rim, at least by ``slope``: a face like all others, with inertia and friction, that
    comes to normal flow. It is not faster than critical, and nothing ever enters.
    """
    first, cell, inner, face, sides = edges
    if first[j] == first[j + 1]:
        return
    h, z, nm = packed.h[p], packed.z, packed.nm
    qx, qy = packed.qx[p], packed.qy[p]
    qxn, qyn = packed.qx[1 - p], packed.qy[1 - p]
    for f in range(first[j], first[j + 1]):
        k = cell[f]
        if k < FIRST:
            continue
        i = inner[f]
        q = 0.0
        if h[k] > hd:
            fall = slope
            if z[i] < WALL:
                fall = max(fall, (h[i] + z[i] - h[k] - z[k]) * rdx)
            before = abs(qx[face[f]] if sides[f] < 2 else qy[face[f]])
            r = inverse_cube_root(h[k])
            drag = gt * nm[k] * nm[k] * before * r**7
            q = (before + gt * h[k] * fall + drag * before) / (1.0 + 2.0 * drag)
            q = min(q, h[k] * np.sqrt(g * h[k]))
        side = sides[f]
        if side == 0:
            qxn[face[f]] = -q
        elif side == 1:
            qxn[face[f]] = q
        elif side == 2:
            qyn[face[f]] = -q
        else:
            qyn[face[f]] = q


@kernel
def shore_row(j: int, first: I8, cell: I8, zone: I8, hn: F8, z: F8, level: F8) -> None:
    """Set the depths of the prescribed cells of row ``j``."""
    for f in range(first[j], first[j + 1]):
        k = cell[f]
        if k >= FIRST:
            hn[k] = max(level[zone[f]] - z[k], 0.0)


@kernel
def lose_row(j: int, count: I4, span: I4, place: I4, lost: F8, taken: F8) -> None:
    """Add to ``lost`` what the step has taken from row ``j``."""
    k = place[j]
    for s in range(count[j]):
        n = span[j, 2 * s + 1] - span[j, 2 * s]
        for i in range(np.uint64(k), np.uint64(k + n)):
            lost[i] += taken[i]
        k += n + PAD


@kernel
def depth_row(
    j: int, count: I4, span: I4, place: I4, h: F8, qxn: F8, qyn: F8, hn: F8, z: F8, wt: F8,
    gain: F8, loss: F8, taken: F8, down: I4, flag: U1, c: float, weather: Weather,
    shore_first: I8, shore_cell: I8, shore_zone: I8, level: F8, largest: I8, owed: I4, owing: I4,
    hd: float,
) -> bool:  # fmt: skip
    """
    Depths of the active cells of row ``j`` after the step, and the largest of computed cells.

    Returns whether water has come to the rim of the active ground.
    """
    raining, losing, dt = weather
    found = 0
    most = np.int64(0)
    wet = False
    k = place[j]
    for s in range(count[j]):
        end = k + span[j, 2 * s + 1] - span[j, 2 * s]
        for i in range(k, end, PAD):
            b = np.uint64(i) >> np.uint64(3)
            said = flag[b]
            sign, deep = depth_block(h, qxn, qyn, hn, i, np.int64(down[b]), c)
            if raining:
                deep = rain_block(hn, gain, i, dt)
            if losing:
                deep = lose_block(hn, loss, taken, i, dt)
            if said & MIXED != 0:
                deep = mask_block(hn, wt, i)
            most = max(most, deep)
            if said & (BESIDE | WEST | EAST) != 0 and from_bits(deep) > hd:
                wet |= said & BESIDE != 0
                wet |= (said & WEST != 0) & (hn[i] > hd)
                wet |= (said & EAST != 0) & (hn[i + PAD - 1] > hd)
            if sign < 0:
                owing[j, found] = i
                found += 1
        k = end + PAD
    owed[j] = found
    largest[j] = most
    shore_row(j, shore_first, shore_cell, shore_zone, hn, z, level)
    return wet


@kernel
def limit_row(j: int, h: F8, qxn: F8, qyn: F8, down: I4, owed: I4, owing: I4, c: float) -> None:
    """
    Scale the discharges out of each overdrawn cell of row ``j`` to the water that it holds.

    Every face has one donor, so the order of cells does not matter.
    """
    keep = KEEP if h.itemsize == 8 else KEEP_SINGLE
    for n in range(owed[j]):
        a = owing[j, n]
        below = down[a // PAD] - a
        for k in range(a, a + PAD):
            west = qxn[k]
            east = qxn[k + 1]
            north = qyn[k]
            south = qyn[k + below]
            out = (max(-west, 0.0) + max(east, 0.0)) + (max(-north, 0.0) + max(south, 0.0))
            if out * c > h[k] * keep:
                share = h[k] / (out * c) * keep
                if west < 0.0:
                    qxn[k] = west * share
                if east > 0.0:
                    qxn[k + 1] = east * share
                if north < 0.0:
                    qyn[k] = north * share
                if south > 0.0:
                    qyn[k + below] = south * share


@kernel
def mend_row(  # noqa: C901, PLR0912 - one loop over neighbours
    j: int, count: I4, span: I4, place: I4, h: F8, qxn: F8, qyn: F8, hn: F8, z: F8, wt: F8,
    gain: F8, loss: F8, taken: F8, up: I4, down: I4, flag: U1, c: float, weather: Weather,
    shore_first: I8, shore_cell: I8, shore_zone: I8, level: F8, largest: I8, owed: I4, owing: I4,
) -> None:  # fmt: skip
    """Compute again the depths of row ``j`` beside faces that were limited."""
    if (owed[j - 1] | owed[j] | owed[j + 1]) == 0:
        return
    raining, losing, dt = weather
    stale = False
    most = np.int64(0)
    for row in range(j - 1, j + 2):
        for n in range(owed[row]):
            at = owing[row, n]
            first, last = at - PAD, at + PAD
            if row != j:
                first = last = np.int64(down[at // PAD] if row < j else up[at // PAD])
            for i in range(first, last + PAD, PAD):
                said = flag[i // PAD]
                if said & GHOST == 0:
                    stale |= deep_block(hn, wt, i) >= largest[j]
                    depth_block(h, qxn, qyn, hn, i, np.int64(down[i // PAD]), c)
                    if raining:
                        rain_block(hn, gain, i, dt)
                    if losing:
                        lose_block(hn, loss, taken, i, dt)
                    if said & MIXED != 0:
                        mask_block(hn, wt, i)
                    most = max(most, deep_block(hn, wt, i))
    if stale:  # the largest may have been one of those that were computed again
        most = np.int64(0)
        k = place[j]
        for s in range(count[j]):
            end = k + span[j, 2 * s + 1] - span[j, 2 * s]
            for i in range(k, end, PAD):
                most = max(most, deep_block(hn, wt, i))
            k = end + PAD
        largest[j] = most
    else:
        largest[j] = max(largest[j], most)
    shore_row(j, shore_first, shore_cell, shore_zone, hn, z, level)


@kernel
def zone_faces(shore: Shore, packed: Packed, p: int) -> tuple[float, float, float]:
    """Sum of discharges into and out of computed cells, m²/s, and the deepest flow depth."""
    h, z, qx, qy = packed.h[p], packed.z, packed.qx[p], packed.qy[p]
    gain = 0.0
    loss = 0.0
    most = 0.0
    for f in range(shore.face.size):
        a = shore.face_zone[f]
        b = shore.face_cell[f]
        if b < FIRST or a < FIRST:
            continue
        most = max(most, max(h[a] + z[a], h[b] + z[b]) - max(z[a], z[b]))
        q = (qx[shore.face[f]] if shore.axis[f] == 0 else qy[shore.face[f]]) * shore.sign[f]
        gain += max(q, 0.0)
        loss += max(-q, 0.0)
    return gain, loss, most


@kernel
def copy_faces(shore: Shore, packed: Packed, p: int) -> None:
    """Let faces behind the shore carry what the shore carries."""
    qx, qy = packed.qx[p], packed.qy[p]
    for f in range(shore.copy_to.size):
        if shore.copy_to[f] >= FIRST and shore.copy_from[f] >= FIRST:
            if shore.copy_axis[f] == 0:
                qx[shore.copy_to[f]] = qx[shore.copy_from[f]]
            else:
                qy[shore.copy_to[f]] = qy[shore.copy_from[f]]


@kernel
def edge_sum(edges: Edges, packed: Packed, p: int) -> float:
    """Sum of the discharges through open faces, m²/s."""
    qx, qy = packed.qx[p], packed.qy[p]
    total = 0.0
    for f in range(edges.face.size):
        if edges.face[f] >= FIRST:
            total += abs(qx[edges.face[f]] if edges.side[f] < 2 else qy[edges.face[f]])
    return total
