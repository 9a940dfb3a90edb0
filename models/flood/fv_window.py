"""
One exchange window of the finite volumes in compiled code: step, account, sample, until it ends.

Rows are shared among threads; every number is computed in an order of its own, and sums run over
fixed lists, so the result does not depend on the number of threads.
"""

# mypy: disable-error-code="arg-type,return-value,call-arg,var-annotated,unreachable,assignment"
# mypy: disable-error-code="no-untyped-call"
# (numba's integers and intrinsics are not what Python's type system takes them for)
# ruff: noqa: PLR0917 - kernels take many arrays by position: numba compiles no keywords
# ruff: noqa: PLR1714 - two comparisons compile better than a set

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from models.compile import kernel, parallel_kernel
from models.flood.fv_stats import Notes, note_limiting, sample_row
from models.flood.fv_sweep import boundary, keep_halo, sweep_band
from models.flood.kernels import bits, from_bits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.sampling import Sampling

    F8 = NDArray[np.float64]
    I8 = NDArray[np.int64]
    I4 = NDArray[np.int32]
    U1 = NDArray[np.uint8]

__all__ = ["advance_window"]

#: Bits of the wave speed, 10 km/s, beyond which, as for NaN, the computation has failed.
TOO_FAST_BITS = 0x40C3880000000000


@kernel
def greatest(values: I8) -> int:
    """Return the largest of *values*; a call of its own keeps it on one thread."""
    most = np.int64(0)
    for n in range(values.size):
        most = max(most, values[n])
    return most


@kernel
def total(values: I8) -> int:
    """Return the sum of *values*; a call of its own keeps it on one thread."""
    most = np.int64(0)
    for n in range(values.size):
        most += values[n]
    return most


@kernel
def look_at_row(
    j: int, h: F8, u: F8, v: F8, wet: U1, blocks: int, w: int, g: float, hd: float,
    present: float,
) -> int:  # fmt: skip
    """Mark what is wet in row ``j`` after a start; return the bits of its fastest wave."""
    most = 0.0
    bad = False
    for block in range(1, blocks + 1):
        mask = 0
        for i in range(8):
            k = j * w + 8 * block + i
            mask |= (1 << i) if h[k] > present else 0
            speed = np.sqrt(g * h[k]) + max(abs(u[k]), abs(v[k]))
            speed = 0.0 if h[k] <= hd else speed
            most = max(most, speed)
            bad |= not speed < 1.0e4
        wet[j * (blocks + 2) + block] = mask
    return TOO_FAST_BITS if bad else bits(most)


@kernel
def activate_row(
    j: int, whole: bool, wet: U1, always: U1, active: U1, touched: U1, low: I4, high: I4
) -> None:
    """Find the active blocks of row ``j``: with a wet cell, or beside one."""
    n = active.shape[1]
    low[j] = n
    high[j] = 0
    for block in range(1, n - 1):
        k = j * n + block
        near = wet[k] | wet[k - n] | wet[k + n] | (wet[k - 1] & 0x80) | (wet[k + 1] & 1)
        on = whole | (near != 0) | (always[k] != 0)
        active[j, block] = on
        if on:
            touched[k] = 1
            low[j] = min(low[j], block)
            high[j] = block + 1
    if high[j] == 0:
        low[j] = 0


@parallel_kernel
def activate(whole: bool, wet: U1, always: U1, active: U1, touched: U1, low: I4, high: I4) -> None:
    """Find the active blocks of all rows; the padding goes with the rows beside it."""
    rows = low.size - 2
    for j in nb.prange(1, rows + 1):
        activate_row(j, whole, wet, always, active, touched, low, high)
    for rim, row in ((0, 1), (rows + 1, rows)):
        low[rim] = low[row]
        high[rim] = high[row]
        for block in range(active.shape[1]):
            active[rim, block] = active[row, block]


@kernel
def share_rows(low: I4, high: I4, bounds: I8) -> None:
    """Cut the rows into runs of about the same work: ``bounds[i]`` to ``bounds[i + 1]``."""
    rows = low.size - 2
    parts = bounds.size - 1
    total = 0
    for j in range(1, rows + 1):
        total += 1 + high[j] - low[j]
    bounds[0] = 1
    seen = 0
    part = 1
    for j in range(1, rows + 1):
        seen += 1 + high[j] - low[j]
        while part < parts and seen * parts >= total * part:
            bounds[part] = j + 1
            part += 1
    while part <= parts:
        bounds[part] = rows + 1
        part += 1


@kernel
def gate_speed(
    gate_column: I8, gate_row_of: I8, gate_side: I8, gate_zone: I8, gate_bed: F8, level: F8,
    h: F8, u: F8, v: F8, z: F8, w: int, g: float, hd: float,
) -> float:  # fmt: skip
    """Fastest wave at the faces where a level is given."""
    most = 0.0
    for f in range(gate_column.size):
        if gate_zone[f] < level.size:
            k = gate_row_of[f] * w + gate_column[f]
            side = gate_side[f]
            sign = 1.0 if side == 1 or side == 3 else -1.0
            un = sign * (u[k] if side < 2 else v[k])
            bed = max(z[k], gate_bed[f])
            hb, ub = boundary(max(h[k] - (bed - z[k]), 0.0), un, level[gate_zone[f]] - bed, g, hd)
            most = max(most, abs(ub) + np.sqrt(g * hb))
    return most


@kernel
def exchange_points(
    cells: I8, rates: F8, volumes: F8, h: F8, u: F8, v: F8, top: F8, wet: U1, fastest: I8,
    blocks: int, w: int, dt: float, rdx: float, g: float, hd: float, present: float, terms: F8,
) -> bool:  # fmt: skip
    """Add and take water at points, without momentum; return whether a cell changed sides."""
    changed = False
    for n in range(cells.size):
        k = cells[n]
        x = max(rates[n] * dt * rdx * rdx, -h[k])
        after = h[k] + x
        share = h[k] / after if after > hd else 0.0
        u[k] *= min(share, 1.0)
        v[k] *= min(share, 1.0)
        h[k] = after
        top[k] = max(top[k], after)
        volumes[n] += x
        if x > 0.0:
            terms[4] += x
        else:
            terms[5] -= x
        j = k // w
        bit = 1 << (k % 8)
        mark = j * (blocks + 2) + (k - j * w) // 8
        new = (wet[mark] | bit) if after > present else (wet[mark] & (255 - bit))
        changed |= new != wet[mark]
        wet[mark] = new
        if after > hd:
            fastest[j] = max(fastest[j], bits(np.sqrt(g * after) + max(abs(u[k]), abs(v[k]))))
    return changed


@parallel_kernel
def advance_window(  # noqa: C901, PLR0912, PLR0915 - one loop, kept whole for the compiler
    until: float, clock: F8, terms: F8, book: I8, whole: bool, weather: bool, rain_sum: float,
    h: F8, u: F8, v: F8, z: F8, gn: F8, notes: Notes, rain: F8, loss: F8, lost: F8,
    wet: U1, always: U1, touched: U1, active: U1, low: I4, high: I4, bounds: I8, table: F8,
    fastest: I8, changed: U1,
    gate_first: I8, gate_row_of: I8, gate_column: I8, gate_side: I8, gate_zone: I8, gate_bed: F8,
    gate_flow: F8, level_start: F8, level_end: F8, level: F8,
    inflow_cell: I8, inflow_rate: F8, inflow_volume: F8,
    w: int, dx: float, g: float, courant: float, max_dt: float, hd: float, present: float,
    slope: float, how: Sampling, fast: I8,
) -> int:  # fmt: skip
    """
    Advance to ``until``; return 0, or 1 at the first wave speed that is NaN or absurd.

    ``clock`` holds time, last sample, smallest and last step, s, and the speed that limited the
    last step; ``terms`` the volumes of the ledger over the cell area, m; ``book`` the count of
    steps, whether all ground must be looked at, and the most
    cells with fast flow in any sample of the window.
    """
    rows = active.shape[0] - 2
    blocks = active.shape[1] - 2
    parts = bounds.size - 1
    rdx = 1.0 / dx
    t = clock[0]
    begin = t
    since_sample = clock[1]
    if book[1] != 0:
        for j in nb.prange(1, rows + 1):
            fastest[j] = look_at_row(j, h, u, v, wet, blocks, w, g, hd, present)
        book[1] = 0
    activate(whole, wet, always, active, touched, low, high)
    share_rows(low, high, bounds)

    while t < until:
        if greatest(fastest) >= TOO_FAST_BITS:
            clock[0] = t
            return 1
        for n in range(level.size):
            level[n] = level_start[n] + (level_end[n] - level_start[n]) * (
                (t - begin) / (until - begin)
            )
        speed = max(
            from_bits(greatest(fastest)),
            gate_speed(
                gate_column, gate_row_of, gate_side, gate_zone, gate_bed, level, h, u, v, z, w, g,
                hd,
            ),
        )  # fmt: skip
        note_limiting(greatest(fastest), fastest, low, high, active, h, u, v, notes, w, g)
        dt = max_dt
        if speed > 0.0:
            dt = min(dt, courant * dx / speed)
        for f in range(inflow_cell.size):  # the step must be right for the water it brings, too
            k = inflow_cell[f]
            x = h[k] + max(inflow_rate[f], 0.0) * dt * rdx * rdx
            if x > hd:
                dt = min(dt, courant * dx / (np.sqrt(g * x) + max(abs(u[k]), abs(v[k]))))
        left = until - t
        lands = dt >= left * (1.0 - 1e-12)
        if lands:
            dt = left
        elif 2.0 * dt > left:
            dt = 0.5 * left
        tn = until if lands else t + dt
        c = dt * rdx
        for n in range(level.size):
            level[n] = level_start[n] + (level_end[n] - level_start[n]) * (
                (0.5 * (t + tn) - begin) / (until - begin)
            )
        if parts > 1:
            keep_halo(bounds, rows, h, u, v, w)
        for part in nb.prange(parts):
            changed[part] = sweep_band(
                part, bounds[part], bounds[part + 1], rows, weather, low, high, active, wet,
                h, u, v, z, gn, notes.top, rain, loss, lost, table[part],
                gate_first, gate_column, gate_side, gate_zone, gate_bed, gate_flow, level,
                fastest, w, c, dt, g, hd, present, slope,
            )  # fmt: skip
        for f in range(gate_flow.size):
            x = gate_flow[f] * c
            if gate_zone[f] == level.size:
                terms[3] += x
            elif x > 0.0:
                terms[2] += x
            else:
                terms[1] -= x
        again = exchange_points(
            inflow_cell, inflow_rate, inflow_volume, h, u, v, notes.top, wet, fastest, blocks, w,
            dt, rdx, g, hd, present, terms,
        )  # fmt: skip
        for part in range(parts):
            again |= changed[part] != 0
        t = tn
        terms[0] += rain_sum * dt
        book[0] += 1
        clock[2] = min(clock[2], dt)
        clock[3] = dt
        clock[4] = speed
        if again and not whole:
            activate(whole, wet, always, active, touched, low, high)
            share_rows(low, high, bounds)
        if np.floor(t / how.interval) > np.floor(since_sample / how.interval):
            for j in nb.prange(1, rows + 1):
                fast[j] = sample_row(
                    j, touched, active, h, u, v, notes, w, t, t - since_sample, how
                )
            book[2] = max(book[2], total(fast))
            since_sample = t

    clock[0] = t
    clock[1] = since_sample
    return 1 if greatest(fastest) >= TOO_FAST_BITS else 0
