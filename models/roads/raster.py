"""
Loops over the cells under the streets, compiled.

``u`` and ``v`` are coordinates in cells, from the western and the northern edge of the grid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.compile import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Floats = NDArray[np.float64]
    type Longs = NDArray[np.int64]
    type Flags = NDArray[np.bool_]

__all__ = ["deepest", "fastest", "trace"]


@kernel
def trace(  # noqa: C901, PLR0917  # arrays by position; one loop, kept whole for the compiler
    first: Longs,
    u: Floats,
    v: Floats,
    lead: Longs,
    rows: int,
    columns: int,
    skip: Flags,
    over: Flags,
    seen: Longs,
    start: Longs,
    cell: Longs,
) -> None:
    """
    Write the cells of every street from ``start[s]`` on; with an empty ``cell``, only count them.

    Counting puts the number of cells of street ``s`` in ``start[s + 1]``. ``seen`` is -1 on
    entry. Cells of ``skip`` are left out, but not of streets that lead ``over`` them.
    """
    for s in range(lead.size):
        a, b = first[lead[s]], first[lead[s] + 1]
        at = 0
        for p in range(a, max(b - 1, a + 1)):
            q = min(p + 1, b - 1)
            inside, t0, t1 = clip(u[p], v[p], u[q], v[q], rows, columns)
            if not inside:
                continue
            du, dv = u[q] - u[p], v[q] - v[p]
            i, j, last_i, last_j = ends(u[p], v[p], du, dv, t0, t1, rows, columns)
            step_i = 1 if du > 0.0 else -1
            step_j = 1 if dv > 0.0 else -1
            while True:
                c = j * columns + i
                if seen[c] != s and (over[s] or not skip[c]):
                    seen[c] = s
                    if cell.size > 0:
                        cell[start[s] + at] = c
                    at += 1
                if i == last_i and j == last_j:
                    break
                # The next border in each direction; a direction that has arrived moves no more.
                next_u = np.inf
                next_v = np.inf
                if i != last_i:
                    next_u = ((i + 1 if step_i > 0 else i) - u[p]) / du
                if j != last_j:
                    next_v = ((j + 1 if step_j > 0 else j) - v[p]) / dv
                if next_u <= next_v:
                    i += step_i
                if next_v <= next_u:
                    j += step_j
        if cell.size == 0:
            start[s + 1] = at


@kernel
def clip(  # noqa: PLR0917  # a kernel takes its arrays by position
    u0: float, v0: float, u1: float, v1: float, rows: int, columns: int
) -> tuple[bool, float, float]:
    """Return whether a piece of line meets the grid, and between which fractions of its length."""
    t0, t1 = 0.0, 1.0
    for axis in range(2):
        start = u0 if axis == 0 else v0
        step = u1 - u0 if axis == 0 else v1 - v0
        limit = float(columns if axis == 0 else rows)
        if step == 0.0:
            if start < 0.0 or start >= limit:
                return False, 0.0, 0.0
            continue
        near = -start / step
        far = (limit - start) / step
        t0 = max(t0, min(near, far))
        t1 = min(t1, max(near, far))
    return t0 <= t1, t0, t1


@kernel
def ends(  # noqa: PLR0917  # a kernel takes its arrays by position
    u: float, v: float, du: float, dv: float, t0: float, t1: float, rows: int, columns: int
) -> tuple[int, int, int, int]:
    """Return column and row of the two ends of a clipped piece of line."""
    i0 = min(max(int(np.floor(u + t0 * du)), 0), columns - 1)
    j0 = min(max(int(np.floor(v + t0 * dv)), 0), rows - 1)
    i1 = min(max(int(np.floor(u + t1 * du)), 0), columns - 1)
    j1 = min(max(int(np.floor(v + t1 * dv)), 0), rows - 1)
    return i0, j0, i1, j1


@kernel
def deepest(  # noqa: PLR0917  # a kernel takes its arrays by position
    depth: Floats,
    bed: Floats,
    first: Longs,
    bridge: Flags,
    deck: Floats,
    out: Floats,
) -> None:
    """Write the deepest water over each street, over the deck if it is a bridge."""
    for s in range(first.size - 1):
        most = 0.0
        if not (bridge[s] and np.isnan(deck[s])):
            for k in range(first[s], first[s + 1]):
                h = depth[k]
                z = bed[k]
                if h > 0.0 and not np.isnan(z):
                    most = max(most, h + z - deck[s] if bridge[s] else h)
        out[s] = most


@kernel
def fastest(speed: Floats, first: Longs, out: Floats) -> None:
    """Write the fastest flow over each street; NaN counts as still."""
    for s in range(first.size - 1):
        most = 0.0
        for k in range(first[s], first[s + 1]):
            u = speed[k]
            if u > most:  # noqa: PLR1730  # false for NaN, which max() would keep
                most = u
        out[s] = most
