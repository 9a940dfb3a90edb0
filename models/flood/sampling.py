"""Statistics that are kept while the water moves, and sums over the grid."""

# mypy: disable-error-code="arg-type,return-value,call-arg,var-annotated,unreachable,assignment"
# (numba's integers and intrinsics are not what Python's type system takes them for)
# ruff: noqa: PLR0917 - kernels take many arrays by position: numba compiles no keywords

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numba as nb
import numpy as np

from models.compile import kernel, parallel_kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.packing import Home, Packed, Runs

    F4 = NDArray[np.float32]
    F8 = NDArray[np.float64]
    I8 = NDArray[np.int64]

__all__ = [
    "NOTABLE_M", "Sampling", "active_speed", "flow_speed", "sample_row", "sample_zone",
    "speed_of", "summarise_rows",
]  # fmt: skip

#: Flow shallower than this, m, does not count as fast: films on slopes always are.
NOTABLE_M = 0.05


class Sampling(NamedTuple):
    """
    How statistics are sampled.

    Depths of flow, of arrival, of duration, m; Froude number from which flow counts as fast;
    gravity; interval, s; debris factors by land class and depth.
    """

    hd: float
    arrive: float
    stay: float
    froude: float
    g: float
    interval: float
    debris: F8


@kernel
def note_depths(
    h: F8, wt: F8, top: F8, home: Home, a: int, k: int, n: int, t: float, since: float,
    how: Sampling,
) -> None:  # fmt: skip
    """Sample arrival, duration and the time of the largest depth of ``n`` cells from ``k`` on."""
    ref, when, arrival, duration = home.ref, home.when, home.arrival, home.duration
    new = False
    come = False
    for m in range(np.uint64(n)):
        x = h[k + m] * wt[k + m]
        most = max(top[k + m], x)
        top[k + m] = most
        most = most * wt[k + m]
        new |= most > ref[a + m]
        come |= (most >= how.arrive) & (arrival[a + m] != arrival[a + m])
        duration[a + m] = duration[a + m] + np.float32(since if x >= how.stay else 0.0)
    if new:
        for m in range(np.uint64(n)):
            most = top[k + m] * wt[k + m]
            if most > ref[a + m]:
                if most > how.hd:
                    when[a + m] = t
                ref[a + m] = most
    if come:
        for m in range(np.uint64(n)):
            if top[k + m] * wt[k + m] >= how.arrive and np.isnan(arrival[a + m]):
                arrival[a + m] = t


@kernel
def note_flow(packed: Packed, p: int, home: Home, a: int, k: int, n: int, how: Sampling) -> int:
    """
    Sample speed, hazard and depth times speed of ``n`` cells from ``k`` on; count fast ones.

    Speed is the mean of the discharges through opposite faces over the depth. The hazard rating is
    that of DEFRA (2006), FD2321: ``h (v + 0.5) + DF``.
    """
    h, wt, qx, qy, down = packed.h[p], packed.wt, packed.qx[p], packed.qy[p], packed.down
    land, fastest, worst, product = home.land, home.fastest, home.worst, home.product
    debris = how.debris
    limit = how.froude * how.froude * how.g
    fast = 0
    for first in range(0, n, 8):
        s = down[(k + first) // 8]
        for lane in range(np.uint64(8)):
            i = np.uint64(k + first) + lane
            c = np.uint64(a + first) + lane
            x = h[i] * wt[i]
            u = 0.5 * (qx[i] + qx[i + np.uint64(1)])
            v = 0.5 * (qy[i] + qy[np.uint64(s) + lane])
            speed = np.sqrt(u * u + v * v) / max(x, how.hd)
            df0 = debris[land[c], 0]
            df1 = debris[land[c], 1]
            df2 = debris[land[c], 2]
            rating = x * (speed + 0.5) + (df0 if x <= 0.25 else (df1 if x <= 0.75 else df2))
            wet = x > how.hd
            fastest[c] = speed if wet & (speed > fastest[c]) else fastest[c]
            worst[c] = rating if wet & (rating > worst[c]) else worst[c]
            product[c] = x * speed if wet & (x * speed > product[c]) else product[c]
            fast += np.int64((x > NOTABLE_M) & (speed * speed > limit * x))
    return fast


@kernel
def sample_row(
    j: int, runs: Runs, packed: Packed, p: int, home: Home, w: int, t: float, since: float,
    how: Sampling,
) -> int:  # fmt: skip
    """Sample the active computed cells of row ``j`` at time ``t``; count where flow is fast."""
    count, span, place, _ = runs
    fast = 0
    k = place[j]
    for s in range(count[j]):
        a = j * w + span[j, 2 * s]
        n = span[j, 2 * s + 1] - span[j, 2 * s]
        note_depths(packed.h[p], packed.wt, packed.top, home, a, k, n, t, since, how)
        fast += note_flow(packed, p, home, a, k, n, how)
        k += n + 8
    return fast


@parallel_kernel
def summarise_rows(
    rows: int, h: F8, wt: NDArray[np.uint8], sums: F8, wet: I8, deepest: I8, w: int, hd: float
) -> None:
    """Sum the depths of the computed cells of each row, m; count wet ones; find the deepest."""
    for j in nb.prange(1, rows + 1):
        total = 0.0
        cells = 0
        best = j * w
        most = -1.0
        for k in range(j * w, (j + 1) * w):
            if wt[k] != 0:
                x = h[k]
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
def flow_speed(
    rows: int, h: F8, qx: F8, qy: F8, wt: NDArray[np.uint8], w: int, hd: float, speed: F8
) -> None:
    """Write the speed of every cell: mean discharge through opposite faces over the depth."""
    for j in nb.prange(1, rows + 1):
        for k in range(j * w, (j + 1) * w):
            speed[k] = 0.0
            if wt[k] != 0 and h[k] > hd:
                u = 0.5 * (qx[k] + qx[k + 1])
                v = 0.5 * (qy[k] + qy[k + w])
                speed[k] = np.sqrt(u * u + v * v) / h[k]


@kernel
def packed_speed(packed: Packed, p: int, i: int, hd: float) -> float:
    """Speed of the packed cell ``i``, as in :func:`flow_speed`; zero in limbo."""
    x = packed.h[p, i]
    if packed.wt[i] == 0 or x <= hd:
        return 0.0
    u = 0.5 * (packed.qx[p, i] + packed.qx[p, i + 1])
    v = 0.5 * (packed.qy[p, i] + packed.qy[p, packed.down[i // 8] + i % 8])
    return float(np.sqrt(u * u + v * v) / x)


@parallel_kernel
def active_speed(
    rows: int, runs: Runs, packed: Packed, p: int, w: int, hd: float, speed: F8
) -> None:
    """Write the speed of every active cell; elsewhere nothing flows."""
    count, span, place, _ = runs
    for j in nb.prange(1, rows + 1):
        k = place[j]
        for s in range(count[j]):
            a = j * w + span[j, 2 * s]
            n = span[j, 2 * s + 1] - span[j, 2 * s]
            for m in range(n):
                speed[a + m] = packed_speed(packed, p, k + m, hd)
            k += n + 8


@parallel_kernel
def speed_of(cells: I8, runs: Runs, packed: Packed, p: int, hd: float, speed: F8) -> None:
    """Write the speed of some cells, by their home positions."""
    slot = runs.slot
    for f in nb.prange(cells.size):
        i = slot[0, cells[f] // 8] * 8 + cells[f] % 8
        speed[f] = packed_speed(packed, p, i, hd)


@parallel_kernel
def sample_zone(
    cells: I8, bed: F8, start: F8, end: F8, zone: I8, top: F8, ref: F8, when: F4, arrival: F4,
    duration: F4, worst: F4, land: NDArray[np.uint8], t0: float, t1: float, how: Sampling,
) -> None:  # fmt: skip
    """Statistics of cells of a prescribed level over a window in which the level is linear."""
    debris = how.debris
    for f in nb.prange(cells.size):
        k = cells[f]
        x0 = max(start[zone[f]] - bed[f], 0.0)
        x1 = max(end[zone[f]] - bed[f], 0.0)
        x = max(x0, x1)
        at = t0 if x0 >= x1 else t1
        if x > ref[k]:
            top[k] = max(top[k], x)
            ref[k] = x
            if x > how.hd:
                when[k] = at
        if x >= how.arrive and np.isnan(arrival[k]):
            arrival[k] = t0 if x0 >= how.arrive else t1
        if x0 >= how.stay and x1 >= how.stay:
            duration[k] += t1 - t0
        elif x >= how.stay:
            duration[k] += (t1 - t0) * (x - how.stay) / abs(x1 - x0)
        df = debris[land[k], 0 if x <= 0.25 else (1 if x <= 0.75 else 2)]
        if x > how.hd:
            worst[k] = max(worst[k], 0.5 * x + df)
