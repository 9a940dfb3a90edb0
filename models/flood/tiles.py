"""
Active ground: only cells that water can reach within a step cost time.

Each row keeps runs of active blocks of eight columns. The promise that makes this exact is that
every wet cell, and every face that carries water, lies on active ground together with its four
neighbours. As soon as water comes to the rim of active ground, the ground is looked at again
before the next step, so the result is the same, byte for byte, as that of the whole grid. Ground
that dried is let go only after a sample of the statistics has seen it.

Rain on inactive ground, and what it loses, wait in a queue of time steps and are settled later by
the same additions in the same order.
"""

# mypy: disable-error-code="arg-type,return-value,call-arg,var-annotated,unreachable,assignment"
# (numba's integers and intrinsics are not what Python's type system takes them for)
# ruff: noqa: PLR0917 - kernels take many arrays by position: numba compiles no keywords

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numba as nb
import numpy as np

from models.compile import kernel, parallel_kernel
from models.flood.kernels import PAD
from models.flood.packing import (
    Home,
    Packed,
    Runs,
    discharges_row,
    fetch_row,
    join_row,
    pack_row,
    place_rows,
    unpack_row,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F8 = NDArray[np.float64]
    I8 = NDArray[np.int64]
    U1 = NDArray[np.uint8]

__all__ = [
    "Marks", "activate_row", "active_columns", "collect_row", "discharges", "fetch", "foresee_row",
    "mark_row", "refresh", "settle", "share_rows", "unpack",
]  # fmt: skip

#: A block whose eight cells are all marked.
FULL = 0x0101010101010101
#: A dry cell this little above the water beside it counts as about to be wet, m.
NEAR_M = 0.02


class Marks(NamedTuple):
    """
    How active ground is found.

    ``mark`` what holds or carries water and ``soon`` what is about to, by cell; ``active`` and
    ``fresh`` now and next, and ``idle`` never, by block, shape (rows, blocks); ``always`` the
    cells that stay active; ``dry`` the deepest film of inactive ground, by row.
    """

    mark: U1
    soon: U1
    active: U1
    fresh: U1
    idle: U1
    always: I8
    dry: F8


@kernel
def settle_row(
    j: int, active: U1, home: Home, w: int, queue: F8, queued: int, raining: bool
) -> None:
    """Let the inactive blocks of row ``j`` have the rain, and the losses, of the queued steps."""
    losing = home.lost.size > 0
    for block in range(1, active.shape[1] - 1):
        if active[j, block] != 0:
            continue
        a = j * w + PAD * block
        for k in range(a, a + PAD):
            x = home.h[k]
            rain = home.gain[k] if raining else 0.0
            if x == 0.0 and rain == 0.0:
                continue
            for n in range(queued):
                if raining:
                    x = x + rain * queue[n]
                if losing:
                    taken = max(min(home.loss[k] * queue[n], x), 0.0)
                    x = x - taken
                    home.lost[k] += taken
                home.top[k] = max(home.top[k], x)
            home.h[k] = x


@kernel
def mark_row(
    j: int, everywhere: bool, fixed: bool, runs: Runs, packed: Packed, p: int, home: Home,
    qx: F8, qy: F8, active: U1, mark: U1, w: int, hd: float, threshold: float,
) -> None:  # fmt: skip
    """Mark the cells of row ``j`` that hold or carry water; ``fixed`` at a start or restart."""
    h = home.h
    for k in range(j * w, (j + 1) * w):
        mark[k] = 0
    if everywhere:
        for block in range(1, active.shape[1] - 1):
            if fixed or active[j, block] == 0:
                a = j * w + PAD * block
                for k in range(a, a + PAD):
                    unseen = (home.top[k] > home.ref[k]) & (home.top[k] > hd)
                    mark[k] = (home.wt[k] != 0) & ((h[k] > threshold) | unseen)
    if fixed and qx.size > 0:
        for k in range(j * w, (j + 1) * w):
            mark[k] |= (qx[k] != 0.0) | (qy[k] != 0.0)
    i = runs.place[j]
    for s in range(runs.count[j]):
        a = j * w + runs.span[j, 2 * s]
        n = runs.span[j, 2 * s + 1] - runs.span[j, 2 * s]
        for m in range(n):
            wet = (home.wt[a + m] != 0) & (h[a + m] > threshold)
            mark[a + m] = wet | (packed.qx[p, i + m] != 0.0) | (packed.qy[p, i + m] != 0.0)
        i += n + PAD


@kernel
def foresee_row(
    j: int, mark: U1, soon: U1, mark8: I8, soon8: I8, h: F8, z: F8, w: int, blocks: int
) -> None:
    """Copy the marks of row ``j``, and mark dry cells that the water beside them will overtop."""
    w8 = w // PAD
    for block in range(w8):
        soon8[j * w8 + block] = mark8[j * w8 + block]
    for block in range(1, blocks + 1):
        b = j * w8 + block
        own = mark8[b]
        if own == FULL:
            continue
        if (own | mark8[b - 1] | mark8[b + 1] | mark8[b - w8] | mark8[b + w8]) == 0:
            continue
        for k in range(b * PAD, b * PAD + PAD):
            if mark[k] == 0:
                bed = z[k] - NEAR_M
                if (
                    (mark[k - 1] != 0 and h[k - 1] + z[k - 1] > bed)
                    or (mark[k + 1] != 0 and h[k + 1] + z[k + 1] > bed)
                    or (mark[k - w] != 0 and h[k - w] + z[k - w] > bed)
                    or (mark[k + w] != 0 and h[k + w] + z[k + w] > bed)
                ):
                    soon[k] = 1


@kernel
def activate_row(
    j: int, whole: bool, grow: bool, soon: U1, soon8: I8, active: U1, fresh: U1, idle: U1, w: int
) -> None:
    """Activate the blocks of row ``j`` that hold a marked cell or a neighbour of one."""
    w8 = w // PAD
    blocks = active.shape[1] - 2
    for block in range(1, blocks + 1):
        b = j * w8 + block
        near = (soon8[b] | soon8[b - w8] | soon8[b + w8]) != 0
        near = near | (soon[b * PAD - 1] != 0) | (soon[b * PAD + PAD] != 0)
        wanted = near | whole | (grow & (active[j, block] != 0))
        fresh[j, block] = wanted & (idle[j, block] == 0)


@kernel
def collect_row(j: int, fresh: U1, runs: Runs) -> None:
    """Write the runs of active blocks of row ``j`` as pairs of columns."""
    n = 0
    for block in range(1, fresh.shape[1]):
        if fresh[j, block] != fresh[j, block - 1]:
            if fresh[j, block] != 0:
                runs.span[j, 2 * n] = PAD * block
            else:
                runs.span[j, 2 * n + 1] = PAD * block
                n += 1
    runs.count[j] = n


@kernel
def deepest_inactive(j: int, active: U1, h: F8, wt: U1, w: int) -> float:
    """Largest depth on inactive ground of row ``j``."""
    most = 0.0
    for block in range(1, active.shape[1] - 1):
        if active[j, block] == 0:
            for k in range(j * w + PAD * block, j * w + PAD * block + PAD):
                most = max(most, h[k] if wt[k] != 0 else 0.0)
    return most


@parallel_kernel
def settle(
    rows: int, marks: Marks, home: Home, w: int, queue: F8, queued: int, raining: bool
) -> float:
    """Settle what waits for inactive ground; return the depth of its deepest film, m."""
    active = marks.active
    dry = marks.dry
    for j in nb.prange(1, rows + 1):
        settle_row(j, active, home, w, queue, queued, raining)
        dry[j] = deepest_inactive(j, active, home.h, home.wt, w)
    return dry.max()


@parallel_kernel
def unpack(rows: int, runs: Runs, packed: Packed, p: int, home: Home, w: int) -> None:
    """Bring home what has changed on active ground."""
    for j in nb.prange(1, rows + 1):
        unpack_row(j, runs, packed, p, home, w)


@parallel_kernel
def fetch(rows: int, runs: Runs, packed: Packed, home: Home, w: int) -> None:
    """Bring the losses that hold from now on to active ground."""
    for j in nb.prange(1, rows + 1):
        fetch_row(j, runs, packed, home, w)


@parallel_kernel
def discharges(rows: int, runs: Runs, packed: Packed, p: int, qx: F8, qy: F8, w: int) -> None:
    """Write the discharges of active ground into ``qx`` and ``qy`` of the grid."""
    for j in nb.prange(1, rows + 1):
        discharges_row(j, runs, packed, p, qx, qy, w)


@parallel_kernel
def refresh(
    whole: bool, fixed: bool, grow: bool, raining: bool, rows: int, marks: Marks, runs: Runs,
    packed: Packed, p: int, home: Home, qx: F8, qy: F8, queue: F8, queued: int, w: int, hd: float,
) -> float:  # fmt: skip
    """
    Find the active ground again, and pack it into the buffer that is not the present one.

    Parameters
    ----------
    whole
        Keep every cell active.
    fixed
        At a start or restart: all is home, discharges in ``qx`` and ``qy`` unless without size.
    grow
        Let no ground go.
    raining
        Take films that rain will soon deepen as wet, and look at all cells.
    p
        Which of the two buffers is the present.
    queue, queued
        Time steps, s, that inactive ground has not lived through yet, and how many.

    Returns
    -------
    float
        Largest depth on inactive ground, m; 0 unless it rains.
    """
    mark, soon, active, fresh, idle, always, dry = marks
    blocks = active.shape[1] - 2
    mark8 = mark.view(np.int64)
    soon8 = soon.view(np.int64)
    flat_idle = idle.reshape(idle.size)
    threshold = 0.5 * hd if raining else hd
    for j in nb.prange(1, rows + 1):
        if queued > 0:
            settle_row(j, active, home, w, queue, queued, raining)
        unpack_row(j, runs, packed, p, home, w)
        mark_row(
            j, fixed or raining, fixed, runs, packed, p, home, qx, qy, active, mark, w, hd,
            threshold,
        )  # fmt: skip
    for n in range(always.size):
        mark[always[n]] = 1
    for j in nb.prange(1, rows + 1):
        foresee_row(j, mark, soon, mark8, soon8, home.h, home.z, w, blocks)
    for j in nb.prange(1, rows + 1):
        activate_row(j, whole, grow, soon, soon8, active, fresh, idle, w)
        collect_row(j, fresh, runs)
    place_rows(runs, packed.z.size)
    for j in nb.prange(1, rows + 1):
        pack_row(j, runs, packed, p, home, qx, qy, w, raining)
    for j in nb.prange(1, rows + 1):
        join_row(j, runs, packed, p, flat_idle, w)
        for block in range(active.shape[1]):
            active[j, block] = fresh[j, block]
        dry[j] = deepest_inactive(j, fresh, home.h, home.wt, w) if raining else 0.0
    slot = runs.slot
    for b in nb.prange(slot.shape[1]):
        slot[0, b] = slot[1, b]
    return dry.max()


@kernel
def active_columns(runs: Runs) -> int:
    """Count the columns of all active runs."""
    total = 0
    for j in range(runs.count.size):
        for s in range(runs.count[j]):
            total += runs.span[j, 2 * s + 1] - runs.span[j, 2 * s]
    return total


@kernel
def share_rows(rows: int, runs: Runs, bounds: I8) -> None:
    """Cut the rows into runs of about the same active ground: ``bounds[i]`` to ``bounds[i+1]``."""
    count, span, _, _ = runs
    parts = bounds.size - 1
    total = 0
    for j in range(1, rows + 1):
        total += PAD
        for s in range(count[j]):
            total += span[j, 2 * s + 1] - span[j, 2 * s] + PAD
    bounds[0] = 1
    seen = 0
    part = 1
    for j in range(1, rows + 1):
        seen += PAD
        for s in range(count[j]):
            seen += span[j, 2 * s + 1] - span[j, 2 * s] + PAD
        while part < parts and seen * parts >= total * part:
            bounds[part] = j + 1
            part += 1
    while part < parts:
        bounds[part] = rows + 1
        part += 1
    bounds[parts] = rows + 1
