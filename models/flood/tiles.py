"""
Active ground: only cells that water can reach within a step cost time.

Each row keeps runs of active blocks of eight columns. The promise that makes this exact is that
every wet cell, and every face that carries water, lies on active ground together with its four
neighbours. *Guard* cells are active cells beside inactive ground: as soon as one of them is wet,
the ground is refreshed before the next step, so the result is the same, byte for byte, as that of
the whole grid. Ground that dried is let go only after a sample of the statistics has seen it.

Rain on inactive ground is queued and added later in the same order of additions.
"""

# mypy: disable-error-code="arg-type,return-value,call-arg,var-annotated,unreachable,assignment"
# (numba's integers and intrinsics are not what Python's type system takes them for)
# ruff: noqa: PLR0917 - kernels take many arrays by position: numba compiles no keywords

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from models.compile import kernel, parallel_kernel
from models.flood.kernels import PAD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F8 = NDArray[np.float64]
    I4 = NDArray[np.int32]
    I8 = NDArray[np.int64]
    U1 = NDArray[np.uint8]

__all__ = ["refresh", "share_rows"]

#: A block whose eight cells are all marked.
FULL = 0x0101010101010101
#: A dry cell this little above the water beside it counts as about to be wet, m.
NEAR_M = 0.02


@kernel
def settle_rain(
    j: int, active: U1, h0: F8, h1: F8, wt: F8, top: F8, w: int, queue: F8, queued: int
) -> None:
    """Add the queued rain to the inactive blocks of row ``j``, in the order in which it fell."""
    for block in range(1, active.shape[1] - 1):
        if active[j, block] == 0:
            a = j * w + PAD * block
            for k in range(a, a + PAD):
                x = h0[k]
                for n in range(queued):
                    x = x + queue[n] * wt[k]
                h0[k] = x
                h1[k] = x
                top[k] = max(top[k], x)


@kernel
def mark_row(
    j: int, everywhere: bool, count: I4, span: I4, h: F8, qx: F8, qy: F8, top: F8, ref: F8,
    mark: U1, w: int, hd: float, threshold: float,
) -> None:  # fmt: skip
    """Mark the cells of row ``j`` that hold or carry water."""
    for k in range(j * w, (j + 1) * w):
        mark[k] = 0
    if everywhere:
        for k in range(j * w + PAD, (j + 1) * w - PAD):
            unseen = (top[k] > ref[k]) & (top[k] > hd)
            mark[k] = (h[k] > threshold) | (qx[k] != 0.0) | (qy[k] != 0.0) | unseen
    else:
        for s in range(count[j]):
            for k in range(j * w + span[j, 2 * s], j * w + span[j, 2 * s + 1]):
                mark[k] = (h[k] > threshold) | (qx[k] != 0.0) | (qy[k] != 0.0)


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
    j: int, whole: bool, grow: bool, soon: U1, soon8: I8, active: U1, fresh: U1, w: int
) -> None:
    """Activate the blocks of row ``j`` that hold a marked cell or a neighbour of one."""
    w8 = w // PAD
    blocks = active.shape[1] - 2
    for block in range(1, blocks + 1):
        b = j * w8 + block
        near = (soon8[b] | soon8[b - w8] | soon8[b + w8]) != 0
        near = near | (soon[b * PAD - 1] != 0) | (soon[b * PAD + PAD] != 0)
        fresh[j, block] = near | whole | (grow & (active[j, block] != 0))
    for block in range(2, blocks):  # a gap of one block costs more than it saves
        if fresh[j, block - 1] != 0 and fresh[j, block + 1] != 0:
            fresh[j, block] = 1


@kernel
def collect_row(j: int, fresh: U1, count: I4, span: I4) -> None:
    """Write the runs of active blocks of row ``j`` as pairs of columns."""
    n = 0
    for block in range(1, fresh.shape[1]):
        if fresh[j, block] != fresh[j, block - 1]:
            if fresh[j, block] != 0:
                span[j, 2 * n] = PAD * block
            else:
                span[j, 2 * n + 1] = PAD * block
                n += 1
    count[j] = n


@kernel
def let_go_row(
    j: int, active: U1, fresh: U1, h: F8, qx: F8, qy: F8, p: int, top: F8, w: int
) -> None:
    """Leave both buffers of the blocks that row ``j`` lets go alike, and without discharge."""
    for block in range(1, active.shape[1] - 1):
        if active[j, block] != 0 and fresh[j, block] == 0:
            a = j * w + PAD * block
            for k in range(a, a + PAD):
                h[1 - p, k] = h[p, k]
                qx[1 - p, k] = 0.0
                qy[1 - p, k] = 0.0
                top[k] = max(top[k], h[p, k])


@kernel
def guard_row(j: int, rows: int, active: U1, fresh: U1, guard_count: I4, guard: I4) -> None:
    """Adopt the fresh blocks of row ``j``; find those beside an inactive block of another row."""
    n = 0
    was = False
    for block in range(1, fresh.shape[1]):
        now = fresh[j, block] != 0 and (
            (j > 1 and fresh[j - 1, block] == 0) or (j < rows and fresh[j + 1, block] == 0)
        )
        if now and not was:
            guard[j, 2 * n] = PAD * block
        if was and not now:
            guard[j, 2 * n + 1] = PAD * block
            n += 1
        was = now
        active[j, block] = fresh[j, block]
    guard_count[j] = n


@kernel
def deepest_inactive(j: int, active: U1, h: F8, w: int) -> float:
    """Largest depth on inactive ground of row ``j``."""
    most = 0.0
    for block in range(1, active.shape[1] - 1):
        if active[j, block] == 0:
            for k in range(j * w + PAD * block, j * w + PAD * block + PAD):
                most = max(most, h[k])
    return most


@parallel_kernel
def refresh(
    whole: bool, everywhere: bool, grow: bool, raining: bool,
    h: F8, qx: F8, qy: F8, p: int, z: F8, wt: F8, top: F8, ref: F8,
    mark: U1, soon: U1, active: U1, fresh: U1, count: I4, span: I4, guard_count: I4, guard: I4,
    always: I8, queue: F8, queued: int, dry: F8, w: int, hd: float,
) -> float:  # fmt: skip
    """
    Find the active ground again.

    Parameters
    ----------
    whole
        Keep every cell active.
    everywhere
        Look at all cells, not only at active ones: after a start or a restart.
    grow
        Let no ground go.
    raining
        Take films that rain will soon deepen as wet, and look at all cells.
    p
        Which of the two buffers of ``h``, ``qx``, ``qy`` is the present.
    always
        Cells that stay active.
    queue, queued
        Depths of rain, m, that inactive ground has not received yet, and how many.

    Returns
    -------
    float
        Largest depth on inactive ground, m; 0 unless it rains.
    """
    rows = active.shape[0] - 2
    blocks = active.shape[1] - 2
    mark8 = mark.view(np.int64)
    soon8 = soon.view(np.int64)
    threshold = 0.5 * hd if raining else hd
    for j in nb.prange(1, rows + 1):
        if queued > 0:
            settle_rain(j, active, h[p], h[1 - p], wt, top, w, queue, queued)
        mark_row(
            j, everywhere or raining, count, span, h[p], qx[p], qy[p], top, ref,
            mark, w, hd, threshold,
        )  # fmt: skip
    for n in range(always.size):
        mark[always[n]] = 1
    for j in nb.prange(1, rows + 1):
        foresee_row(j, mark, soon, mark8, soon8, h[p], z, w, blocks)
    for j in nb.prange(1, rows + 1):
        activate_row(j, whole, grow, soon, soon8, active, fresh, w)
        collect_row(j, fresh, count, span)
        let_go_row(j, active, fresh, h, qx, qy, p, top, w)
    for j in nb.prange(1, rows + 1):
        guard_row(j, rows, active, fresh, guard_count, guard)
        dry[j] = deepest_inactive(j, active, h[p], w) if raining else 0.0
    most = 0.0
    for j in range(rows + 2):
        most = max(most, dry[j])
    return most


@kernel
def share_rows(count: I4, span: I4, bounds: I8) -> None:
    """Cut the rows into runs of about the same active ground: ``bounds[i]`` to ``bounds[i+1]``."""
    rows = count.size - 2
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
