"""
One step of the finite volumes over a band of rows, in place, by a sweep from north to south.

While row ``r`` gets its states and fluxes, row ``r - 1`` is limited and row ``r - 2`` updated:
nothing but a few rows of states and fluxes is ever stored, and each cell is read and written once
a step. A band needs three rows of its neighbours as they were, which are copied beforehand to the
end of the arrays; the rows at its rim are computed by both, alike, so the result does not depend
on how the rows are shared.

Only active blocks of eight columns are computed: those that hold a wet cell, or a cell beside
one. All else stays as it is, to the byte.
"""

# mypy: disable-error-code="arg-type,return-value,call-arg,var-annotated,unreachable,assignment"
# mypy: disable-error-code="no-untyped-call, no-any-return"
# (numba's integers and intrinsics are not what Python's type system takes them for)
# ruff: noqa: PLR0917, FBT003 - kernels take many arrays by position: numba compiles no keywords
# ruff: noqa: PLR1714 - two comparisons compile better than a set

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.compile import kernel
from models.flood.fv_kernels import (
    FLUX,
    HIGH,
    KEEP,
    WALL,
    flux_x_block,
    flux_y_block,
    overdrawn_block,
    rainy_state_block,
    state_block,
    update_block,
    weather_block,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F8 = NDArray[np.float64]
    I8 = NDArray[np.int64]
    I4 = NDArray[np.int32]
    U1 = NDArray[np.uint8]

__all__ = ["HALO", "boundary", "keep_halo", "sweep_band"]

#: Rows of its neighbours that a band needs on either side.
HALO = 3
#: Discharge over the crest of a wide weir over ``H sqrt(g H)``: (2/3)^{3/2}.
WEIR = 0.5443310539518174


@kernel
def boundary(  # noqa: PLR0911 - one case after the other, as in the theory
    h: float, un: float, depth: float, g: float, hd: float
) -> tuple[float, float]:
    """
    Depth and outward velocity at a face where the level beyond is given.

    The outgoing Riemann invariant of the cell meets ``depth``, the height of the level above the
    bed of the face (Toro 2001, ch. 6); outflow is at most critical there unless the cell itself
    is faster, inflow at most what the head can drive over a weir.
    """
    if h <= hd:
        if depth <= hd:
            return 0.0, 0.0
        return 2.0 / 3.0 * depth, -np.sqrt(2.0 / 3.0 * g * depth)
    ci = np.sqrt(g * h)
    if un >= ci:
        return h, un
    cb = np.sqrt(g * max(depth, 0.0))
    ub = un + 2.0 * (ci - cb)
    if ub > cb:
        ub = max(un + 2.0 * ci, 0.0) / 3.0
        return ub * ub / g, ub
    if depth <= hd:
        return 0.0, 0.0
    if ub < -WEIR * cb:
        return 2.0 / 3.0 * depth, -np.sqrt(2.0 / 3.0 * g * depth)
    return depth, ub


@kernel
def free_outflow(h: float, un: float, gn: float, slope: float, g: float, hd: float) -> float:
    """
    Outward velocity through an open edge; never inward.

    What the cell itself brings, or normal flow by Manning at ``slope`` if that is more; the
    latter at most critical.
    """
    if h <= hd:
        return 0.0
    return max(un, min(h ** (2.0 / 3.0) * np.sqrt(slope * g / gn), np.sqrt(g * h)))


@kernel
def fall_inside(k: int, side: int, z: F8, w: int) -> float:
    """Return by how much the bed falls from the cell opposite a gate to cell ``k`` at it, m."""
    opposite = k + (1 if side == 0 else -1 if side == 1 else w if side == 2 else -w)
    return 0.0 if z[opposite] > HIGH else max(z[opposite] - z[k], 0.0)


@kernel
def tilt_row(
    j: int, z: F8, gate_first: I8, gate_column: I8, gate_side: I8, gate_zone: I8, zones: int,
    active: U1, table: F8, w: int, g: float,
) -> None:  # fmt: skip
    """Let the cells of row ``j`` at open edges fall towards them as the bed did before."""
    for f in range(gate_first[j], gate_first[j + 1]):
        side = gate_side[f]
        i = gate_column[f]
        if gate_zone[f] < zones or active[j, i // 8] == 0:
            continue
        fall = fall_inside(j * w + i, side, z, w)
        s = (j & 1) * w + i
        rim = s + 8 * side * w
        table[rim + 6 * w] -= 0.5 * fall
        table[s + 8 * (side ^ 1) * w + 6 * w] += 0.5 * fall
        source = (FLUX + (j & 3)) * w + i + 4 * (8 + side // 2) * w
        table[source] += g * table[rim] * (fall if side == 0 or side == 2 else -fall)


@kernel
def gate_row(
    j: int, south: bool, z0: F8, gate_first: I8, gate_column: I8, gate_side: I8,
    gate_zone: I8, gate_bed: F8, level: F8, gn: F8, active: U1, table: F8, w: int,
    g: float, hd: float, slope: float, dx: float,
) -> None:  # fmt: skip
    """Set the fluxes of row ``j`` through the faces where a level is given or an edge is open."""
    for f in range(gate_first[j], gate_first[j + 1]):
        side = gate_side[f]
        i = gate_column[f]
        if (side == 3) != south or active[j, i // 8] == 0:
            continue
        s = (j & 1) * w + i + 8 * side * w
        h = table[s]
        sign = 1.0 if side == 1 or side == 3 else -1.0
        un = sign * table[s + (2 if side < 2 else 4) * w]
        ut = table[s + (4 if side < 2 else 2) * w]
        z = table[s + 6 * w]
        if gate_zone[f] == level.size:
            fall = fall_inside(j * w + i, side, z0, w)
            hb = h
            ub = free_outflow(h, un, gn[j * w + i], slope, g, hd)
            pull = g * h * max(slope * dx - fall, 0.0)
        else:
            bed = max(z, gate_bed[f])
            h = max(h - (bed - z), 0.0)
            hb, ub = boundary(h, un, level[gate_zone[f]] - bed, g, hd)
            pull = 0.0
        out = hb * ub
        push = 0.0
        if out != 0.0 or hb > 0.0:
            push = out * ub + 0.5 * g * (hb - h) * (hb + h) - pull
        row = j + 1 if side == 3 else j
        k = (FLUX + (row & 3)) * w + i + (1 if side == 1 else 0) + (0 if side < 2 else 16 * w)
        table[k] = sign * out
        table[k + 4 * w] = push
        table[k + 8 * w] = push
        table[k + 12 * w] = sign * out * (ut if out > 0.0 else 0.0)


@kernel
def state_row(
    r: int, base: int, north: int, south: int, rows: int, low: I4, high: I4, active: U1,
    h: F8, u: F8, v: F8, z: F8, gn: F8, table: F8, weather: bool, rain: F8, w: int, c: float,
    dt: float, g: float, hd: float,
) -> None:  # fmt: skip
    """States of the active cells of row ``r``; beyond them a wall, or dry ground."""
    place = (r & 1) * w
    source = (FLUX + (r & 3)) * w
    last = active.shape[1] - 2
    if r == 0 or r == rows + 1:
        for side in range(2, 4):
            for i in range(8 * low[r], 8 * high[r]):
                s = place + i + 8 * side * w
                table[s] = 0.0
                table[s + 2 * w] = 0.0
                table[s + 4 * w] = 0.0
                table[s + 6 * w] = WALL
        return
    for block in range(low[r], high[r]):
        if active[r, block] != 0:
            i = 8 * block
            if weather:
                rainy_state_block(
                    h, u, v, z, gn, table, rain, base + i, north + i, south + i, r * w + i, w,
                    place + i, source + i, c, dt, g, hd,
                )  # fmt: skip
            else:
                state_block(
                    h, u, v, z, gn, table, rain, base + i, north + i, south + i, r * w + i, w,
                    place + i, source + i, c, dt, g, hd,
                )  # fmt: skip
            if active[r, block - 1] == 0:
                s = place + i - 1 + 8 * w
                table[s] = 0.0
                table[s + 2 * w] = 0.0
                table[s + 4 * w] = 0.0
                table[s + 6 * w] = WALL
            if block == last:
                s = place + i + 8
                table[s] = 0.0
                table[s + 2 * w] = 0.0
                table[s + 4 * w] = 0.0
                table[s + 6 * w] = WALL


@kernel
def flux_row(  # noqa: C901 - the two directions share their row
    r: int, rows: int, low: I4, high: I4, active: U1, table: F8, w: int, g: float, hd: float
) -> None:
    """Fluxes through the western faces of row ``r`` and those between it and the row north."""
    place = (r & 1) * w
    behind = ((r - 1) & 1) * w
    flux = (FLUX + (r & 3)) * w
    last = active.shape[1] - 2
    if r <= rows:
        for block in range(low[r], high[r]):
            if active[r, block] != 0:
                i = 8 * block
                flux_x_block(table, place + i - 1, place + i, flux + i, w, g, hd)
                if block == last:
                    flux_x_block(table, place + i + 7, place + i + 8, flux + i + 8, w, g, hd)
                elif active[r, block + 1] == 0:
                    for n in range(4):
                        table[flux + i + 8 + 4 * n * w] = 0.0
    if high[r] == low[r] and high[r - 1] == low[r - 1]:
        return
    for block in range(min(low[r], low[r - 1]), max(high[r], high[r - 1])):
        one = active[r, block] != 0
        two = active[r - 1, block] != 0
        i = 8 * block
        if one and two:
            flux_y_block(table, behind + i, place + i, flux + i, w, g, hd)
        elif one or two:
            for n in range(4, 8):
                for k in range(flux + i + 4 * n * w, flux + i + 8 + 4 * n * w):
                    table[k] = 0.0


@kernel
def limit_row(
    j: int, base: int, low: I4, high: I4, active: U1, h: F8, u: F8, v: F8, z: F8, table: F8,
    w: int, c: float,
) -> None:  # fmt: skip
    """
    Scale what leaves each overdrawn cell of row ``j`` to the water that it holds.

    Every face has one donor, so the order of cells does not matter. The pressure stays.
    """
    flux = (FLUX + (j & 3)) * w
    south = (FLUX + ((j + 1) & 3)) * w
    for block in range(low[j], high[j]):
        if active[j, block] == 0:
            continue
        a = 8 * block
        if overdrawn_block(h, z, table, base + a, j * w + a, flux + a, south + a, w, c) >= 0:
            continue
        for i in range(a, a + 8):
            if z[j * w + i] > HIGH:
                continue
            faces = (flux + i, flux + i + 1, flux + i + 16 * w, south + i + 16 * w)
            out = (max(-table[faces[0]], 0.0) + max(table[faces[1]], 0.0)) + (
                max(-table[faces[2]], 0.0) + max(table[faces[3]], 0.0)
            )
            if out * c > h[base + i] * KEEP:
                share = h[base + i] / (out * c) * KEEP
                for n in range(4):
                    k = faces[n]
                    if (table[k] < 0.0) == (n == 0 or n == 2) and table[k] != 0.0:
                        less = (share - 1.0) * table[k] * (u[base + i] if n < 2 else v[base + i])
                        table[k] *= share
                        table[k + 4 * w] += less
                        table[k + 8 * w] += less
                        table[k + 12 * w] *= share


@kernel
def update_row(
    j: int, weather: bool, low: I4, high: I4, active: U1, h: F8, u: F8, v: F8, z: F8, gn: F8,
    top: F8, table: F8, rain: F8, loss: F8, lost: F8, wet: U1, w: int, c: float, dt: float,
    g: float, hd: float, present: float,
) -> tuple[int, int]:  # fmt: skip
    """Update the active cells of row ``j``; return its fastest wave, and if wet cells changed."""
    flux = (FLUX + (j & 3)) * w
    south = (FLUX + ((j + 1) & 3)) * w
    most = np.int64(0)
    changed = np.int64(0)
    for block in range(low[j], high[j]):
        if active[j, block] != 0:
            i = 8 * block
            mark = j * active.shape[1] + block
            if weather:
                bits, change = weather_block(
                    h, u, v, z, gn, top, table, rain, loss, lost, wet, j * w + i, mark,
                    flux + i, south + i, w, c, dt, g, hd, present,
                )  # fmt: skip
            else:
                bits, change = update_block(
                    h, u, v, z, gn, top, table, rain, loss, lost, wet, j * w + i, mark,
                    flux + i, south + i, w, c, dt, g, hd, present,
                )  # fmt: skip
            most = max(most, bits)
            changed |= change
    return most, changed


@kernel
def record_row(
    j: int, gate_first: I8, gate_column: I8, gate_side: I8, gate_flow: F8, active: U1, table: F8,
    w: int,
) -> None:  # fmt: skip
    """Note what finally leaves row ``j`` through its gates, m²/s, outward."""
    for f in range(gate_first[j], gate_first[j + 1]):
        side = gate_side[f]
        i = gate_column[f]
        if active[j, i // 8] == 0:
            gate_flow[f] = 0.0
            continue
        row = j + 1 if side == 3 else j
        k = (FLUX + (row & 3)) * w + i + (1 if side == 1 else 0) + (0 if side < 2 else 16 * w)
        gate_flow[f] = table[k] if side == 1 or side == 3 else -table[k]


@kernel
def keep_halo(bounds: I8, rows: int, h: F8, u: F8, v: F8, w: int) -> None:
    """Copy the rows beside each band to the end of the arrays."""
    for part in range(bounds.size - 1):
        for side in range(2):
            first = bounds[part] - HALO if side == 0 else bounds[part + 1]
            for n in range(HALO):
                if 0 <= first + n <= rows + 1:
                    a = (first + n) * w
                    b = (rows + 2 + part * 2 * HALO + side * HALO + n) * w
                    for i in range(w):
                        h[b + i] = h[a + i]
                        u[b + i] = u[a + i]
                        v[b + i] = v[a + i]


@kernel
def place_of(r: int, a: int, b: int, part: int, rows: int, w: int) -> int:
    """Where row ``r`` stands as it was before the step, for the band of rows ``a`` to ``b``."""
    if r < a:
        return (rows + 2 + part * 2 * HALO + r - a + HALO) * w
    if r >= b:
        return (rows + 2 + part * 2 * HALO + HALO + r - b) * w
    return r * w


@kernel
def sweep_band(
    part: int, a: int, b: int, rows: int, weather: bool, low: I4, high: I4, active: U1, wet: U1,
    h: F8, u: F8, v: F8, z: F8, gn: F8, top: F8, rain: F8, loss: F8, lost: F8, table: F8,
    gate_first: I8, gate_column: I8, gate_side: I8, gate_zone: I8, gate_bed: F8, gate_flow: F8,
    level: F8, fastest: I8, w: int, c: float, dt: float, g: float, hd: float, present: float,
    slope: float,
) -> bool:  # fmt: skip
    """Advance rows ``a`` to ``b`` by a step; return whether a cell fell dry or became wet."""
    changed = np.int64(0)
    for r in range(max(a - 2, 0), b + 2):
        if r <= rows + 1:
            state_row(
                r, place_of(r, a, b, part, rows, w), place_of(r - 1, a, b, part, rows, w),
                place_of(r + 1, a, b, part, rows, w), rows, low, high, active, h, u, v, z, gn,
                table, weather, rain, w, c, dt, g, hd,
            )  # fmt: skip
            if 1 <= r <= rows:
                tilt_row(
                    r, z, gate_first, gate_column, gate_side, gate_zone, level.size, active,
                    table, w, g,
                )  # fmt: skip
            if r >= max(a - 1, 1):
                flux_row(r, rows, low, high, active, table, w, g, hd)
                gate_row(
                    r - 1, True, z, gate_first, gate_column, gate_side, gate_zone, gate_bed,
                    level, gn, active, table, w, g, hd, slope, dt / c,
                )  # fmt: skip
                gate_row(
                    r, False, z, gate_first, gate_column, gate_side, gate_zone, gate_bed,
                    level, gn, active, table, w, g, hd, slope, dt / c,
                )  # fmt: skip
        if max(a - 1, 1) <= r - 1 <= min(b, rows):
            limit_row(
                r - 1, place_of(r - 1, a, b, part, rows, w), low, high, active, h, u, v, z,
                table, w, c,
            )  # fmt: skip
        j = r - 2
        if j >= a:
            record_row(j, gate_first, gate_column, gate_side, gate_flow, active, table, w)
            most, change = update_row(
                j, weather, low, high, active, h, u, v, z, gn, top, table, rain, loss, lost, wet,
                w, c, dt, g, hd, present,
            )  # fmt: skip
            fastest[j] = most
            changed |= change
    return changed != 0
