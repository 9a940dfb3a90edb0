"""
Active ground grows where water has come to its rim, without looking at the rest of the grid.

Water that drains over flat ground reaches a new block every few steps. Every row of active blocks
therefore has some room behind it, so that a row can be packed anew in its place.
"""

# mypy: disable-error-code="arg-type,return-value,call-arg,var-annotated,unreachable,assignment"
# (numba's integers and intrinsics are not what Python's type system takes them for)
# ruff: noqa: PLR0917, FBT003 - kernels take many arrays by position: numba compiles no keywords

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.compile import kernel
from models.flood.kernels import PAD
from models.flood.packing import Home, Packed, Runs, join_row, pack_row, unpack_row
from models.flood.tiles import Marks, activate_row, collect_row, foresee_row, mark_row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F8 = NDArray[np.float64]
    U1 = NDArray[np.uint8]

__all__ = ["grow_near"]

#: Rows that are looked at on both sides of one that water has come to the rim of.
REACH = 3
#: With more than one row in so many of these, the whole grid is looked at instead.
FEW = 16


@kernel
def positions(j: int, runs: Runs) -> int:
    """Count the packed positions that the runs of row ``j`` need, with their ghosts."""
    total = 0
    for s in range(runs.count[j]):
        total += runs.span[j, 2 * s + 1] - runs.span[j, 2 * s] + PAD
    return total


@kernel
def find_near(came: U1, near: U1, rows: int) -> int:
    """Write how near each row is to one of ``came``, 0 where far; return how many there are."""
    found = 0
    near[:] = 0
    for j in range(1, rows + 1):
        if came[j] != 0:
            found += 1
            for i in range(max(1, j - REACH), min(rows, j + REACH) + 1):
                near[i] = max(near[i], REACH + 1 - abs(i - j))
    return found


@kernel
def replace_row(
    j: int, runs: Runs, packed: Packed, p: int, home: Home, nothing: F8, w: int
) -> None:
    """Pack row ``j`` anew in its place, in the present buffer ``p`` by way of the other."""
    pack_row(j, runs, packed, p, home, nothing, nothing, w, False)
    first = runs.place[j]
    for i in range(first, first + positions(j, runs)):
        packed.h[p, i] = packed.h[1 - p, i]
        packed.qx[p, i] = packed.qx[1 - p, i]
        packed.qy[p, i] = packed.qy[1 - p, i]


@kernel
def look_near(
    near: U1, rows: int, marks: Marks, runs: Runs, packed: Packed, p: int, home: Home,
    nothing: F8, w: int, hd: float,
) -> None:  # fmt: skip
    """Mark what holds or carries water, and what soon will, in the rows that are ``near``."""
    mark, soon, active, _, _, _, _ = marks
    mark8 = mark.view(np.int64)
    soon8 = soon.view(np.int64)
    blocks = active.shape[1] - 2
    for j in range(1, rows + 1):
        if near[j] >= 1:
            unpack_row(j, runs, packed, p, home, w)
            mark_row(
                j, False, False, runs, packed, p, home, nothing, nothing, active, mark, w, hd, hd
            )
    for j in range(1, rows + 1):
        if near[j] >= 2:
            foresee_row(j, mark, soon, mark8, soon8, home.h, home.z, w, blocks)


@kernel
def collect_near(near: U1, rows: int, marks: Marks, runs: Runs, w: int) -> bool:
    """Write the runs of the nearest rows anew; leave them where one has no room, and say so."""
    _, soon, active, fresh, idle, _, _ = marks
    soon8 = soon.view(np.int64)
    fits = True
    for j in range(1, rows + 1):
        if near[j] >= REACH:
            activate_row(j, False, True, soon, soon8, active, fresh, idle, w)
            collect_row(j, fresh, runs)
            fits &= positions(j, runs) <= runs.place[j + 1] - runs.place[j]
    if not fits:
        for j in range(1, rows + 1):
            if near[j] >= REACH:
                collect_row(j, active, runs)
    return fits


@kernel
def grow_near(
    came: U1, near: U1, rows: int, marks: Marks, runs: Runs, packed: Packed, p: int, home: Home,
    nothing: F8, w: int, hd: float,
) -> bool:  # fmt: skip
    """
    Let the active ground grow beside the rows of ``came``; return False where there is no room.

    No ground is let go. Nothing may wait for inactive ground to live through it, and no rain fall.
    """
    if find_near(came, near, rows) * FEW > rows:
        return False
    look_near(near, rows, marks, runs, packed, p, home, nothing, w, hd)
    if not collect_near(near, rows, marks, runs, w):
        return False
    for j in range(1, rows + 1):
        if near[j] >= REACH:
            replace_row(j, runs, packed, p, home, nothing, w)
    active, slot = marks.active, runs.slot
    flat_idle = marks.idle.reshape(marks.idle.size)
    w8 = w // PAD
    for j in range(1, rows + 1):
        if near[j] >= REACH - 1:
            join_row(j, runs, packed, p, flat_idle, w)
        if near[j] >= REACH:
            for b in range(j * w8, (j + 1) * w8):
                slot[0, b] = slot[1, b]
            for block in range(active.shape[1]):
                active[j, block] = marks.fresh[j, block]
    return True
