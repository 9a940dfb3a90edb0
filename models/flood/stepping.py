"""
One exchange window in compiled code: step, limit, account, sample, until the time is reached.

The work of a step is shared among threads by rows. Every number is computed by one thread in an
order of its own, and sums run over fixed lists, so the result does not depend on the number of
threads.
"""

# mypy: disable-error-code="arg-type,return-value,call-arg,var-annotated,unreachable,assignment"
# (numba's integers and intrinsics are not what Python's type system takes them for)
# ruff: noqa: PLR0917, FBT003 - kernels take many arrays by position: numba compiles no keywords

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from models.compile import kernel, parallel_kernel
from models.flood.kernels import (
    PAD,
    WALL,
    bits,
    depth_row,
    flux_row,
    from_bits,
    inverse_cube_root,
    largest_bits,
    limit_row,
    mend_row,
)
from models.flood.tiles import refresh, share_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F8 = NDArray[np.float64]
    I4 = NDArray[np.int32]
    I8 = NDArray[np.int64]
    U1 = NDArray[np.uint8]

__all__ = ["QUEUE", "advance_window", "flow_speed", "sample_zone", "summarise_rows"]

#: Rain that may wait for inactive ground, in steps.
QUEUE = 64
#: Bits of the depth, 10 km, beyond which, as for NaN, the computation has failed.
TOO_DEEP_BITS = 0x40C3880000000000


@kernel
def greatest(values: I8) -> int:
    """Return the largest of *values*; a call of its own keeps it on one thread."""
    most = np.int64(0)
    for n in range(values.size):
        most = max(most, values[n])
    return most


@kernel
def active_blocks(count: I4, span: I4) -> int:
    """Count the columns of all active runs."""
    total = 0
    for j in range(count.size):
        for s in range(count[j]):
            total += span[j, 2 * s + 1] - span[j, 2 * s]
    return total


@kernel
def edge_row(
    j: int, edge_first: I8, edge_cell: I8, edge_inner: I8, edge_face: I8, edge_side: I8,
    h: F8, z: F8, nm: F8, qxn: F8, qyn: F8, g: float, rdx: float, slope: float, hd: float,
) -> None:  # fmt: skip
    """
    Discharges out of the open faces that are stored in row ``j``.

    Normal flow by Manning at the slope of the water surface towards the rim, at least ``slope``,
    and not faster than critical. Nothing ever enters.
    """
    for f in range(edge_first[j], edge_first[j + 1]):
        k = edge_cell[f]
        i = edge_inner[f]
        q = 0.0
        if h[k] > hd:
            fall = slope
            if z[i] < WALL:
                fall = max(fall, (h[i] + z[i] - h[k] - z[k]) * rdx)
            r = inverse_cube_root(h[k])
            q = min(h[k] * h[k] * r * np.sqrt(fall) / nm[k], h[k] * np.sqrt(g * h[k]))
        side = edge_side[f]
        if side == 0:
            qxn[edge_face[f]] = -q
        elif side == 1:
            qxn[edge_face[f]] = q
        elif side == 2:
            qyn[edge_face[f]] = -q
        else:
            qyn[edge_face[f]] = q


@kernel
def guards_wet(
    j: int, count: I4, span: I4, guard_count: I4, guard: I4, hn: F8, w: int, last: int, hd: float
) -> bool:
    """Whether water has come to the rim of the active ground in row ``j``."""
    wet = False
    for s in range(count[j]):
        a = span[j, 2 * s]
        b = span[j, 2 * s + 1]
        wet |= (a > 8) & (hn[j * w + a] > hd)
        wet |= (b < last) & (hn[j * w + b - 1] > hd)
    most = np.int64(0)
    for s in range(guard_count[j]):
        most = max(most, largest_bits(hn, j * w + guard[j, 2 * s], j * w + guard[j, 2 * s + 1]))
    return wet | (from_bits(most) > hd)


@kernel
def zone_faces(
    face_k: I8, face_axis: I8, face_sign: F8, face_zone: I8, face_cell: I8,
    h: F8, z: F8, qx: F8, qy: F8,
) -> tuple[float, float, float]:  # fmt: skip
    """Sum of discharges into and out of computed cells, m²/s, and the deepest flow depth."""
    gain = 0.0
    loss = 0.0
    most = 0.0
    for f in range(face_k.size):
        a = face_zone[f]
        b = face_cell[f]
        most = max(most, max(h[a] + z[a], h[b] + z[b]) - max(z[a], z[b]))
        q = (qx[face_k[f]] if face_axis[f] == 0 else qy[face_k[f]]) * face_sign[f]
        gain += max(q, 0.0)
        loss += max(-q, 0.0)
    return gain, loss, most


@kernel
def edge_sum(edge_face: I8, edge_side: I8, qx: F8, qy: F8) -> float:
    """Sum of the discharges through open faces, m²/s."""
    total = 0.0
    for f in range(edge_face.size):
        total += abs(qx[edge_face[f]] if edge_side[f] < 2 else qy[edge_face[f]])
    return total


@kernel
def note_depths(
    h: F8, top: F8, ref: F8, when: F8, arrival: F8, duration: F8, a: int, b: int,
    hd: float, t: float, since: float, arrive: float, stay: float,
) -> None:  # fmt: skip
    """Sample arrival, duration and the time of the largest depth of cells ``a`` to ``b``."""
    new = False
    come = False
    for k in range(np.uint64(a), np.uint64(b)):
        x = h[k]
        m = max(top[k], x)
        top[k] = m
        new |= m > ref[k]
        come |= (m >= arrive) & (arrival[k] != arrival[k])
        duration[k] = duration[k] + (since if x >= stay else 0.0)
    if new:
        for k in range(np.uint64(a), np.uint64(b)):
            when[k] = t if (top[k] > ref[k]) & (top[k] > hd) else when[k]
            ref[k] = max(ref[k], top[k])
    if come:
        for k in range(a, b):
            if top[k] >= arrive and np.isnan(arrival[k]):
                arrival[k] = t


@kernel
def note_flow(
    h: F8, qx: F8, qy: F8, land: U1, fastest: F8, worst: F8, a: int, b: int, w: int,
    hd: float, debris: F8,
) -> None:  # fmt: skip
    """
    Sample speed and hazard of cells ``a`` to ``b``.

    Speed is the mean of the discharges through opposite faces over the depth. The hazard rating is
    that of DEFRA (2006), FD2321: ``h (v + 0.5) + DF``.
    """
    o = np.uint64(1)
    for k in range(np.uint64(a), np.uint64(b)):
        x = h[k]
        u = 0.5 * (qx[k] + qx[k + o])
        v = 0.5 * (qy[k] + qy[k + w])
        speed = np.sqrt(u * u + v * v) / max(x, hd)
        df0 = debris[land[k], 0]
        df1 = debris[land[k], 1]
        df2 = debris[land[k], 2]
        df = df0 if x <= 0.25 else (df1 if x <= 0.75 else df2)
        rating = x * (speed + 0.5) + df
        fastest[k] = speed if (x > hd) & (speed > fastest[k]) else fastest[k]
        worst[k] = rating if (x > hd) & (rating > worst[k]) else worst[k]


@kernel
def sample_row(
    j: int, count: I4, span: I4, h: F8, qx: F8, qy: F8, z: F8, land: U1, stats: F8, w: int,
    shore_first: I8, shore: I8, shore_zone: I8, level: F8,
    hd: float, t: float, since: float, arrive: float, stay: float, debris: F8,
) -> None:  # fmt: skip
    """Sample the running statistics of the active computed cells of row ``j`` at time ``t``."""
    wu = np.uint64(w)
    for f in range(shore_first[j], shore_first[j + 1]):
        h[shore[f]] = 0.0
    for s in range(count[j]):
        a = j * w + span[j, 2 * s]
        b = j * w + span[j, 2 * s + 1]
        note_depths(
            h, stats[0], stats[1], stats[2], stats[3], stats[4], a, b, hd, t, since, arrive, stay
        )
        note_flow(h, qx, qy, land, stats[5], stats[6], a, b, wu, hd, debris)
    for f in range(shore_first[j], shore_first[j + 1]):
        k = shore[f]
        h[k] = max(level[shore_zone[f]] - z[k], 0.0)


@parallel_kernel
def advance_window(  # noqa: C901, PLR0912, PLR0915 - one loop, kept whole for the compiler
    until: float, clock: F8, terms: F8, book: I8, whole: bool,
    h: F8, qx: F8, qy: F8, fixed: F8, land: U1, stats: F8,
    mark: U1, soon: U1, active: U1, fresh: U1, count: I4, span: I4, guard_count: I4, guard: I4,
    always: I8, queue: F8, dry: F8, bounds: I8, largest: I8, owed: I4, owing: I4, hit: U1,
    shore_first: I8, shore: I8, shore_zone: I8, level_start: F8, level_end: F8, level: F8,
    face_k: I8, face_axis: I8, face_sign: F8, face_zone: I8, face_cell: I8, copy_to: I8,
    copy_from: I8, copy_axis: I8,
    edge_first: I8, edge_cell: I8, edge_inner: I8, edge_face: I8, edge_side: I8,
    inflow_cell: I8, inflow_rate: F8, rain_rate: float,
    w: int, dx: float, g: float, th: float, courant: float, max_dt: float, hd: float,
    edge_slope: float, interval: float, arrive: float, stay: float, debris: F8,
) -> int:  # fmt: skip
    """
    Advance to ``until``; return 0, or 1 at the first depth that is NaN or absurd.

    ``clock`` holds time, last sample, smallest and last step, s, and the depth that limited the
    last step; ``terms`` the volumes of the ledger over the cell area, m; ``book`` the buffer of
    the present, the count of steps, whether this is the first window, and whether it rained.
    """
    z = fixed[0]
    nm = fixed[1]
    wt = fixed[2]
    top = stats[0]
    ref = stats[1]
    rows = active.shape[0] - 2
    parts = bounds.size - 1
    last_column = 8 * (active.shape[1] - 1)
    rdx = 1.0 / dx
    p = book[0]
    t = clock[0]
    begin = t
    since_sample = clock[1]
    raining = rain_rate > 0.0
    queued = 0
    queued_m = 0.0
    patience = 1
    idle = 1
    status = 0

    for n in range(level.size):
        level[n] = level_start[n]
    for f in range(shore.size):
        h[p, shore[f]] = max(level[shore_zone[f]] - z[shore[f]], 0.0)
    dry_m = 0.0
    # What is active, and the largest depths, are known from the window before, unless something
    # acts on ground that may be inactive.
    if book[2] == 1 or raining or book[3] == 1 or inflow_cell.size > 0:
        for j in nb.prange(1, rows + 1):
            most = np.int64(0)
            for k in range(j * w, (j + 1) * w):
                most = max(most, bits(h[p, k] * wt[k]) & 0x7FFFFFFFFFFFFFFF)
            largest[j] = most
        dry_m = refresh(
            whole, book[2] == 1, True, raining, h, qx, qy, p, z, wt, top, ref, mark, soon, active,
            fresh, count, span, guard_count, guard, always, queue, 0, dry, w, hd,
        )  # fmt: skip
    share_rows(count, span, bounds)
    book[3] = raining
    book[2] = 0
    _, _, most_shore = zone_faces(
        face_k, face_axis, face_sign, face_zone, face_cell, h[p], z, qx[p], qy[p]
    )
    if greatest(largest) >= TOO_DEEP_BITS:
        return 1

    while t < until:
        deepest = from_bits(greatest(largest))
        deepest = max(deepest, most_shore)
        dt = max_dt
        if deepest > hd:
            dt = min(dt, courant * dx / np.sqrt(g * deepest))
        for f in range(inflow_cell.size):  # the step must be right for the water it brings, too
            x = h[p, inflow_cell[f]] + inflow_rate[f] * dt * rdx * rdx
            if x > hd:
                dt = min(dt, courant * dx / np.sqrt(g * x))
        left = until - t
        lands = dt >= left * (1.0 - 1e-12)
        if lands:
            dt = left
        elif 2.0 * dt > left:
            dt = 0.5 * left
        tn = until if lands else t + dt
        c = dt * rdx
        gt = g * dt
        rain = rain_rate * dt
        for n in range(level.size):
            level[n] = level_start[n] + (level_end[n] - level_start[n]) * (
                (tn - begin) / (until - begin)
            )
        n_p = 1 - p

        for part in nb.prange(parts):
            wet = False
            for j in range(bounds[part], bounds[part + 1]):
                flux_row(
                    j, count, span, h[p], z, nm, qx[p], qy[p], qx[n_p], qy[n_p], top,
                    w, gt, rdx, th, hd,
                )  # fmt: skip
                edge_row(
                    j, edge_first, edge_cell, edge_inner, edge_face, edge_side,
                    h[p], z, nm, qx[n_p], qy[n_p], g, rdx, edge_slope, hd,
                )  # fmt: skip
                if j == rows:
                    edge_row(
                        j + 1, edge_first, edge_cell, edge_inner, edge_face, edge_side,
                        h[p], z, nm, qx[n_p], qy[n_p], g, rdx, edge_slope, hd,
                    )  # fmt: skip
                i = j - 1
                if i >= bounds[part]:
                    owed[i] = depth_row(
                        i, count, span, h[p], qx[n_p], qy[n_p], h[n_p], z, wt, w, c,
                        rain, shore_first, shore, shore_zone, level, largest, owing,
                    )  # fmt: skip
                    wet |= guards_wet(
                        i, count, span, guard_count, guard, h[n_p], w, last_column, hd
                    )
            hit[part] = wet
        overdrawn = False
        for part in range(parts):
            i = bounds[part + 1] - 1
            if i >= bounds[part]:
                owed[i] = depth_row(
                    i, count, span, h[p], qx[n_p], qy[n_p], h[n_p], z, wt, w, c,
                    rain, shore_first, shore, shore_zone, level, largest, owing,
                )  # fmt: skip
                hit[part] |= guards_wet(
                    i, count, span, guard_count, guard, h[n_p], w, last_column, hd
                )
        for j in range(1, rows + 1):
            overdrawn |= owed[j] != 0
        if overdrawn:
            for part in nb.prange(parts):
                for j in range(bounds[part], bounds[part + 1]):
                    limit_row(j, owed, owing, h[p], qx[n_p], qy[n_p], w, c)
            for part in nb.prange(parts):
                for j in range(bounds[part], bounds[part + 1]):
                    mend_row(
                        j, owed, owing, active, count, span, h[p], qx[n_p], qy[n_p], h[n_p],
                        z, wt, w, c, rain, shore_first, shore, shore_zone, level, largest,
                    )  # fmt: skip

        gain, loss, most_shore = zone_faces(
            face_k, face_axis, face_sign, face_zone, face_cell, h[n_p], z, qx[n_p], qy[n_p]
        )
        terms[1] += gain * c
        terms[2] += loss * c
        terms[4] += edge_sum(edge_face, edge_side, qx[n_p], qy[n_p]) * c
        for f in range(copy_to.size):
            if copy_axis[f] == 0:
                qx[n_p, copy_to[f]] = qx[n_p, copy_from[f]]
            else:
                qy[n_p, copy_to[f]] = qy[n_p, copy_from[f]]
        for f in range(inflow_cell.size):
            k = inflow_cell[f]
            x = inflow_rate[f] * dt * rdx * rdx
            h[n_p, k] += x
            terms[3] += x
            largest[k // w] = max(largest[k // w], bits(h[n_p, k]))
        p = n_p
        t = tn
        terms[0] += rain
        book[1] += 1
        clock[2] = min(clock[2], dt)
        clock[3] = dt
        clock[4] = deepest
        if raining and not whole:
            queue[queued] = rain
            queued += 1
            queued_m += rain

        if greatest(largest) >= TOO_DEEP_BITS:
            status = 1
            break

        grow = False
        for part in range(parts):
            grow |= hit[part] != 0
        grow |= raining and not whole and (dry_m + queued_m > 0.999 * hd or queued == QUEUE)
        grow |= t >= until and queued > 0
        sampled = np.floor(t / interval) > np.floor(since_sample / interval)
        if sampled:
            lapse = t - since_sample
            for part in nb.prange(parts):
                for j in range(bounds[part], bounds[part + 1]):
                    sample_row(
                        j, count, span, h[p], qx[p], qy[p], z, land, stats, w,
                        shore_first, shore, shore_zone, level, hd, t, lapse, arrive, stay, debris,
                    )  # fmt: skip
            since_sample = t
        if sampled:
            idle -= 1
        shrink = sampled and idle <= 0
        if (grow or shrink) and not whole:
            before = active_blocks(count, span) if shrink else 0
            dry_m = refresh(
                whole, False, not shrink, raining, h, qx, qy, p, z, wt, top, ref, mark, soon,
                active, fresh, count, span, guard_count, guard, always, queue, queued, dry, w, hd,
            )  # fmt: skip
            queued = 0
            queued_m = 0.0
            share_rows(count, span, bounds)
            if shrink:  # ground that stays wet need not be searched for dry cells at each sample
                patience = min(2 * patience, 16)
                if active_blocks(count, span) * 50 < before * 49:
                    patience = 1
                idle = patience

    book[0] = p
    clock[0] = t
    clock[1] = since_sample
    return status


@parallel_kernel
def summarise_rows(h: F8, wt: F8, sums: F8, wet: I8, deepest: I8, w: int, hd: float) -> None:
    """Sum the depths of the computed cells of each row, m; count wet ones; find the deepest."""
    for j in nb.prange(sums.size):
        total = 0.0
        cells = 0
        best = j * w
        most = -1.0
        for k in range(j * w, (j + 1) * w):
            x = h[k] * wt[k]
            total += x
            if x > hd:
                cells += 1
            if x > most:
                most = x
                best = k
        sums[j] = total
        wet[j] = cells
        deepest[j] = best


@parallel_kernel
def flow_speed(h: F8, qx: F8, qy: F8, wt: F8, w: int, hd: float, speed: F8) -> None:
    """Write the speed of every cell: mean discharge through opposite faces over the depth."""
    for j in nb.prange(speed.shape[0]):
        a = (j + 1) * w + PAD
        for i in range(speed.shape[1]):
            k = a + i
            if h[k] * wt[k] > hd:
                u = 0.5 * (qx[k] + qx[k + 1])
                v = 0.5 * (qy[k] + qy[k + w])
                speed[j, i] = np.sqrt(u * u + v * v) / h[k]
            else:
                speed[j, i] = 0.0


@parallel_kernel
def sample_zone(
    cells: I8, bed: F8, start: F8, end: F8, zone: I8, stats: F8, land: U1,
    t0: float, t1: float, hd: float, arrive: float, stay: float, debris: F8,
) -> None:  # fmt: skip
    """Statistics of cells of a prescribed level over a window in which the level is linear."""
    for f in nb.prange(cells.size):
        k = cells[f]
        x0 = max(start[zone[f]] - bed[f], 0.0)
        x1 = max(end[zone[f]] - bed[f], 0.0)
        x = max(x0, x1)
        when = t0 if x0 >= x1 else t1
        if x > stats[1, k]:
            stats[0, k] = max(stats[0, k], x)
            stats[1, k] = x
            if x > hd:
                stats[2, k] = when
        if x >= arrive and np.isnan(stats[3, k]):
            stats[3, k] = t0 if x0 >= arrive else t1
        if x0 >= stay and x1 >= stay:
            stats[4, k] += t1 - t0
        elif x >= stay:
            stats[4, k] += (t1 - t0) * (x - stay) / abs(x1 - x0)
        df = debris[land[k], 0 if x <= 0.25 else (1 if x <= 0.75 else 2)]
        if x > hd:
            stats[6, k] = max(stats[6, k], 0.5 * x + df)
