"""
Active ground side by side in memory.

Wet ground in a city is scattered. A step that walked over the whole grid would wait for a new
place of memory at every canal, so the blocks of eight cells that are active are copied behind one
another, row by row, and a step reads them in that order. The grid keeps everything else: its
arrays are the *home* of a cell, those of the active blocks are *packed*.

Blocks that are neighbours in a row are neighbours in the packed arrays. Before, between and behind
runs of such blocks stands a *ghost*, closed and dry for ever, which is what inactive ground looks
like from active ground; the block to the north or south is found by ``up`` and ``down``, which
point at a ghost where it is inactive. Eight cells that are seen past a corner, one cell further
west in the row below or one further east in the row above, begin at ``low`` and ``high``.
Positions 0 to 15 are ghosts.
"""

# mypy: disable-error-code="arg-type,return-value,call-arg,var-annotated,unreachable,assignment"
# (numba's integers and intrinsics are not what Python's type system takes them for)
# ruff: noqa: PLR0917 - kernels take many arrays by position: numba compiles no keywords

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models.compile import kernel
from models.flood.kernels import PAD, WALL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F4 = NDArray[np.float32]
    F8 = NDArray[np.float64]
    I4 = NDArray[np.int32]
    I8 = NDArray[np.int64]
    U1 = NDArray[np.uint8]

__all__ = [
    "BESIDE", "EAST", "GHOST", "LIMBO", "MIXED", "WEST", "Home", "Packed", "Runs",
    "discharges_row", "fetch_row", "join_row", "map_cells", "pack_row", "place_rows", "unpack_row",
]  # fmt: skip

#: Position of the ghost that stands for all inactive ground.
LIMBO = PAD
#: Blocks for which there is room behind the active ones of a row.
SPARE_BLOCKS = 8
#: What is said of a block: an inactive neighbour to the north or south, one to the west, one to
#: the east (water at that rim makes the ground grow), cells that are not computed, a ghost.
BESIDE, WEST, EAST, MIXED, GHOST = 1, 2, 4, 8, 16


class Home(NamedTuple):
    """
    What the grid knows of each cell, in padded arrays of shape (size,).

    Depth (of inactive cells), bed, Manning's n, whether computed; largest depth, the largest that
    a sample has seen, statistics; land class; rain, most loss, lost depth (without size where
    nothing is lost); steps that the cell limited.
    """

    h: F8
    z: F8
    nm: F8
    wt: U1
    top: F8
    ref: F8
    when: F4
    arrival: F4
    duration: F4
    fastest: F4
    worst: F4
    product: F4
    land: U1
    gain: F8
    loss: F8
    lost: F8
    limiting: I4


class Packed(NamedTuple):
    """
    The active blocks: h, qx, qy now and after the step, shape (2, room); see ``kernels.py``.

    All are of the solver's precision, but what was lost, a sum of many small depths.
    """

    h: F8
    qx: F8
    qy: F8
    z: F8
    nm: F8
    wt: F8
    top: F8
    gain: F8
    loss: F8
    lost: F8
    taken: F8
    up: I4
    down: I4
    low: I4
    high: I4
    flag: U1


class Runs(NamedTuple):
    """
    Which blocks are active.

    ``count`` runs in each row; ``span`` their first and last columns in pairs; ``place`` the
    packed position of the first run of each row; ``slot`` the packed block of each block of the
    grid, shape (2, blocks): now, and while it is packed anew.
    """

    count: I4
    span: I4
    place: I4
    slot: I4


@kernel
def place_rows(runs: Runs, room: int) -> None:
    """Give every row its packed position in ``room``, and some room to grow in while there is."""
    count, span, place, _ = runs
    used = 2 * PAD
    for j in range(count.size):
        for s in range(count[j]):
            used += span[j, 2 * s + 1] - span[j, 2 * s] + PAD
    spare = min(SPARE_BLOCKS, (room - used) // PAD // count.size) * PAD
    position = 2 * PAD
    for j in range(count.size):
        place[j] = position
        for s in range(count[j]):
            position += span[j, 2 * s + 1] - span[j, 2 * s] + PAD
        position += spare


@kernel
def unpack_row(j: int, runs: Runs, packed: Packed, p: int, home: Home, w: int) -> None:
    """Bring depths, maxima and losses of the active blocks of row ``j`` home."""
    count, span, place, _ = runs
    h = packed.h[p]
    top = packed.top
    losing = home.lost.size > 0
    i = place[j]
    for s in range(count[j]):
        a = j * w + span[j, 2 * s]
        n = span[j, 2 * s + 1] - span[j, 2 * s]
        for m in range(np.uint64(n)):
            home.h[a + m] = h[i + m]
            home.top[a + m] = max(home.top[a + m], top[i + m])
        if losing:
            for m in range(np.uint64(n)):
                home.lost[a + m] = packed.lost[i + m]
        i += n + PAD


@kernel
def pack_row(  # noqa: C901 - field after field
    j: int, runs: Runs, packed: Packed, p: int, home: Home, qx: F8, qy: F8, w: int, raining: bool
) -> None:
    """
    Copy row ``j`` into its new place.

    Depths come from home; discharges from the present buffer ``p``, or from home (``qx``, ``qy``,
    at a restart); both go to the other buffer, where the new place may overlay an old one.
    """
    count, span, place, slot = runs
    w8 = w // PAD
    other = 1 - p
    losing = home.lost.size > 0
    for b in range(j * w8, (j + 1) * w8):
        slot[1, b] = LIMBO // PAD
    i = place[j]
    close_ghost(packed, other, i - PAD)
    for s in range(count[j]):
        for column in range(span[j, 2 * s], span[j, 2 * s + 1], PAD):
            k = j * w + column
            slot[1, k // PAD] = i // PAD
            old = slot[0, k // PAD] * PAD
            for m in range(np.uint64(PAD)):
                packed.h[other, i + m] = home.h[k + m]
                packed.z[i + m] = home.z[k + m]
                packed.nm[i + m] = home.nm[k + m]
                packed.wt[i + m] = home.wt[k + m]
                packed.top[i + m] = home.top[k + m]
            if qx.size > 0:
                for m in range(np.uint64(PAD)):
                    packed.qx[other, i + m] = qx[k + m]
                    packed.qy[other, i + m] = qy[k + m]
            else:
                for m in range(np.uint64(PAD)):
                    packed.qx[other, i + m] = packed.qx[p, old + m]
                    packed.qy[other, i + m] = packed.qy[p, old + m]
            if raining:
                for m in range(np.uint64(PAD)):
                    packed.gain[i + m] = home.gain[k + m]
            if losing:
                for m in range(np.uint64(PAD)):
                    packed.loss[i + m] = home.loss[k + m]
                    packed.lost[i + m] = home.lost[k + m]
            i += PAD
        close_ghost(packed, other, i)
        i += PAD


@kernel
def close_ghost(packed: Packed, p: int, i: int) -> None:
    """Make the block at ``i`` closed and dry in buffer ``p``."""
    for m in range(np.uint64(PAD)):
        packed.h[p, i + m] = 0.0
        packed.qx[p, i + m] = 0.0
        packed.qy[p, i + m] = 0.0
        packed.z[i + m] = WALL
        packed.nm[i + m] = 1.0
        packed.wt[i + m] = 0.0


@kernel
def mark_ghost(packed: Packed, p: int, i: int) -> None:
    """Close the block at ``i`` in buffer ``p``, and call it a ghost."""
    close_ghost(packed, p, i)
    packed.up[i // PAD] = LIMBO
    packed.down[i // PAD] = LIMBO
    packed.flag[i // PAD] = GHOST


@kernel
def join_row(j: int, runs: Runs, packed: Packed, p: int, idle: U1, w: int) -> None:
    """
    Tell the blocks of row ``j`` their neighbours.

    ``idle`` is what a block of the grid never needs to be active for; ``p`` is the buffer that
    the row was not packed into.
    """
    count, span, place, slot = runs
    w8 = w // PAD
    i = place[j]
    mark_ghost(packed, p, i - PAD)
    for s in range(count[j]):
        first = span[j, 2 * s]
        last = span[j, 2 * s + 1] - PAD
        for column in range(first, last + PAD, PAD):
            b = (j * w + column) // PAD
            up = slot[1, b - w8] * PAD
            down = slot[1, b + w8] * PAD
            packed.up[i // PAD] = up
            packed.down[i // PAD] = down
            # Beside an inactive block stands a ghost, so the lanes that are not seen are zero.
            low = down - 1
            if down == LIMBO and slot[1, b + w8 - 1] * PAD != LIMBO:
                low = slot[1, b + w8 - 1] * PAD + PAD - 1
            high = up + 1 if up != LIMBO else LIMBO
            if up == LIMBO and slot[1, b - w8 + 1] * PAD != LIMBO:
                high = slot[1, b - w8 + 1] * PAD - PAD + 1
            packed.low[i // PAD] = low
            packed.high[i // PAD] = high
            said = 0
            if (up == LIMBO and idle[b - w8] == 0) or (down == LIMBO and idle[b + w8] == 0):
                said |= BESIDE
            if column == first and idle[b - 1] == 0:
                said |= WEST
            if column == last and idle[b + 1] == 0:
                said |= EAST
            for m in range(PAD):
                if packed.wt[i + m] == 0.0:
                    said |= MIXED
            packed.flag[i // PAD] = said
            i += PAD
        mark_ghost(packed, p, i)
        i += PAD


@kernel
def fetch_row(j: int, runs: Runs, packed: Packed, home: Home, w: int) -> None:
    """Bring the losses that hold from now on to the active blocks of row ``j``."""
    i = runs.place[j]
    for s in range(runs.count[j]):
        a = j * w + runs.span[j, 2 * s]
        n = runs.span[j, 2 * s + 1] - runs.span[j, 2 * s]
        for m in range(np.uint64(n)):
            packed.loss[i + m] = home.loss[a + m]
        i += n + PAD


@kernel
def discharges_row(j: int, runs: Runs, packed: Packed, p: int, qx: F8, qy: F8, w: int) -> None:
    """Bring the discharges of row ``j`` home."""
    i = runs.place[j]
    for s in range(runs.count[j]):
        a = j * w + runs.span[j, 2 * s]
        n = runs.span[j, 2 * s + 1] - runs.span[j, 2 * s]
        for m in range(np.uint64(n)):
            qx[a + m] = packed.qx[p, i + m]
            qy[a + m] = packed.qy[p, i + m]
        i += n + PAD


@kernel
def map_cells(cells: I8, slot: I4, packed: I8) -> None:
    """Write the packed positions of *cells*: in limbo where inactive, -1 for what is no cell."""
    for f in range(cells.size):
        packed[f] = slot[0, cells[f] // PAD] * PAD + cells[f] % PAD if cells[f] >= 0 else -1
