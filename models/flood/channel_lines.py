"""Centre lines of channels on the grid: chains of cells that share sides, and their lengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError
from models.flood.channels import SHORTEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from models.grid import Grid

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    Cell = tuple[int, int]
    Chain = list[tuple[Cell, float]]

__all__ = ["Network", "network_along"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """
    Cells and reaches along lines.

    Parameters
    ----------
    row, column
        Cells, each once, shape (nodes,).
    a, b
        Nodes that each reach joins, shape (reaches,).
    length_m
        Length along the line, m, at least half a cell.
    line
        The line that each reach follows: the widest where several share one.
    """

    row: IntArray
    column: IntArray
    a: IntArray
    b: IntArray
    length_m: FloatArray
    line: IntArray


def network_along(
    grid: Grid,
    lines: Sequence[tuple[FloatArray, FloatArray]],
    width_m: FloatArray,
    *,
    usable: NDArray[np.bool_],
) -> Network:
    """
    Return the network of lines on the grid.

    Each line becomes the chain of cells that it runs through, without the bumps that a line along
    the side of cells makes. Lines that share a cell are joined there. A reach has the length of
    the line from the middle of its way through one cell to that in the next; the ends count whole,
    so that no length is lost. A line within a single cell gives no reach.

    Parameters
    ----------
    grid
        The grid.
    lines
        Eastings and northings of the vertices of each line, m.
    width_m
        Width of each line, m; the widest wins where two share a reach.
    usable
        Cells that may be part of it, shape (rows, columns): lines are cut elsewhere.

    Raises
    ------
    InvalidQuantityError
        If a vertex is not finite.
    """
    pieces: list[tuple[int, Chain, float]] = []
    for number, (x, y) in enumerate(lines):
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise InvalidQuantityError("a vertex is not finite", where=f"channels, line {number}")
        pieces += [(number, *piece) for piece in _pieces(grid, x, y, usable)]
    kept = {chain[n][0] for _, chain, _ in pieces for n in (0, -1)}
    found: dict[tuple[Cell, Cell], tuple[float, float, int]] = {}
    for number, whole, total_m in pieces:
        chain = _without_bumps(whole, kept)
        ends = [*(at for _, at in chain), total_m]
        own = np.diff(ends)
        for n in range(len(chain) - 1):
            length = 0.5 * (own[n] + own[n + 1])
            length += 0.5 * own[0] * (n == 0) + 0.5 * own[-1] * (n == len(chain) - 2)
            length = max(float(length), SHORTEST * grid.cell_size_m)
            first, second = sorted((chain[n][0], chain[n + 1][0]))
            entry = (float(width_m[number]), length, number)
            if (first, second) not in found or entry[0] > found[first, second][0]:
                found[first, second] = entry
    cells = sorted({cell for pair in found for cell in pair})
    at = {cell: n for n, cell in enumerate(cells)}
    pairs = sorted(found)
    return Network(
        row=np.array([row for row, _ in cells], np.int64),
        column=np.array([column for _, column in cells], np.int64),
        a=np.array([at[first] for first, _ in pairs], np.int64),
        b=np.array([at[second] for _, second in pairs], np.int64),
        length_m=np.array([found[pair][1] for pair in pairs], np.float64),
        line=np.array([found[pair][2] for pair in pairs], np.int64),
    )


def _pieces(
    grid: Grid, x: FloatArray, y: FloatArray, usable: NDArray[np.bool_]
) -> Iterator[tuple[Chain, float]]:
    """Yield the pieces of a line on usable cells: cells with the distance at entry, and length."""
    chain: Chain = []
    begin = 0.0
    walk = list(_walk(grid, x, y))
    walk.append(((-1, -1), float(np.hypot(np.diff(x), np.diff(y)).sum())))
    for (row, column), at in walk:
        inside = 0 <= row < grid.rows and 0 <= column < grid.columns
        if inside and usable[row, column]:
            if not chain:
                begin = at
            chain.append(((row, column), at - begin))
        elif chain:
            yield chain, at - begin
            chain = []


def _walk(grid: Grid, x: FloatArray, y: FloatArray) -> Iterator[tuple[Cell, float]]:
    """Yield the cells that a line enters, each sharing a side with the one before, and where."""
    u = ((x - grid.west_m) / grid.cell_size_m).tolist()
    v = ((grid.north_m - y) / grid.cell_size_m).tolist()
    column, row = int(np.floor(u[0])), int(np.floor(v[0]))
    yield (row, column), 0.0
    begin = 0.0
    for n in range(len(u) - 1):
        du, dv = u[n + 1] - u[n], v[n + 1] - v[n]
        length = float(np.hypot(du, dv)) * grid.cell_size_m
        columns, rows = int(np.floor(u[n + 1])) - column, int(np.floor(v[n + 1])) - row
        east, south = (1 if columns > 0 else -1), (1 if rows > 0 else -1)
        columns, rows = abs(columns), abs(rows)
        while columns + rows > 0:
            # The share of the segment at which the next side of each direction is crossed.
            across = (column + (east > 0) - u[n]) / du if columns else np.inf
            down = (row + (south > 0) - v[n]) / dv if rows else np.inf
            if across <= down:
                column += east
                columns -= 1
            else:
                row += south
                rows -= 1
            share = min(max(min(across, down), 0.0), 1.0)
            yield (row, column), begin + share * length
        begin += length


def _without_bumps(chain: Chain, kept: set[Cell]) -> Chain:
    """Return *chain* without spurs and without ways round two sides of a cell, but for *kept*."""
    out: Chain = []
    for cell, at in chain:
        if len(out) > 1 and out[-2][0] == cell and out[-1][0] not in kept:
            out.pop()
        elif (
            len(out) > 2
            and abs(out[-3][0][0] - cell[0]) + abs(out[-3][0][1] - cell[1]) == 1
            and not {out[-1][0], out[-2][0]} & kept
        ):
            del out[-2:]
            out.append((cell, at))
        else:
            out.append((cell, at))
    return out
