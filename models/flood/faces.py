"""Lines on the grid: a watertight chain of cell faces along a polyline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from models.grid import Grid

__all__ = ["LineFaces", "faces_along"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFaces:
    """
    Faces of the grid along a line, in its order, each once.

    Parameters
    ----------
    row, column, axis
        Axis 0 is the western face of the cell, 1 its northern face; shape (faces,).
    left_is_a
        Whether the western or northern cell lies to the left of the line as it is drawn.
    along_m
        Distance along the line to the face, m.
    """

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    axis: NDArray[np.int64]
    left_is_a: NDArray[np.bool_]
    along_m: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of faces."""
        return int(self.row.size)

    def take(self, chosen: NDArray[np.bool_]) -> LineFaces:
        """Return the faces that are *chosen*."""
        return LineFaces(
            row=self.row[chosen],
            column=self.column[chosen],
            axis=self.axis[chosen],
            left_is_a=self.left_is_a[chosen],
            along_m=self.along_m[chosen],
        )

    def cells_a(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return row and column of the western or northern cells."""
        return self.row - (self.axis == 1), self.column - (self.axis == 0)

    def cells_b(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return row and column of the eastern or southern cells."""
        return self.row, self.column


def faces_along(grid: Grid, x_m: ArrayLike, y_m: ArrayLike) -> LineFaces:
    """
    Return the faces along a polyline.

    The line is moved to the corners of the cells: from each vertex to the next along the edges of
    cells that keep closest to it. Every two neighbours of the chain share a corner, so that no
    water passes between cells that have a side in common; two lines that share a vertex, and a
    closed ring, are tight there.

    Parameters
    ----------
    grid
        The grid.
    x_m, y_m
        Vertices, m, shape (n,), n ≥ 2.

    Raises
    ------
    InvalidQuantityError
        If there are fewer than two vertices, one lies off the grid, or the line is shorter than a
        cell can show.
    """
    x, y = np.asarray(x_m, np.float64), np.asarray(y_m, np.float64)
    if x.size < 2:
        raise InvalidQuantityError("a line needs two points", where="line", value=x.size)
    u = (x - grid.west_m) / grid.cell_size_m
    v = (grid.north_m - y) / grid.cell_size_m
    good = (u >= 0.0) & (u <= grid.columns) & (v >= 0.0) & (v <= grid.rows)
    if not good.all():
        n = int(np.argmin(good))
        raise InvalidQuantityError(
            f"point {n + 1} of the line lies off the grid",
            where="line",
            value=(float(x[n]), float(y[n])),
            remedy=f"The grid covers {tuple(round(b) for b in grid.bounds)} m.",
        )
    found: dict[tuple[int, int, int], tuple[bool, float]] = {}
    begin_m = 0.0
    for n in range(x.size - 1):
        length_m = float(np.hypot(x[n + 1] - x[n], y[n + 1] - y[n]))
        steps = _walk(float(u[n]), float(v[n]), float(u[n + 1]), float(v[n + 1]))
        for k, (face, left_is_a) in enumerate(steps):
            found.setdefault(face, (left_is_a, begin_m + length_m * (k + 0.5) / len(steps)))
        begin_m += length_m
    if not found:
        raise InvalidQuantityError(
            "the line is too short for the cells",
            where="line",
            value=f"{begin_m:.1f} m",
            remedy=f"The cells measure {grid.cell_size_m:g} m.",
        )
    faces = np.asarray(list(found), np.int64)
    sides = list(found.values())
    return LineFaces(
        row=faces[:, 0],
        column=faces[:, 1],
        axis=faces[:, 2],
        left_is_a=np.asarray([left for left, _ in sides], np.bool_),
        along_m=np.asarray([along for _, along in sides], np.float64),
    )


def _walk(u0: float, v0: float, u1: float, v1: float) -> list[tuple[tuple[int, int, int], bool]]:
    """Return the faces between two points, and whether ``a`` lies to the left of each."""
    i, j = _nearest(u0), _nearest(v0)
    end_i, end_j = _nearest(u1), _nearest(v1)
    du, dv = u1 - u0, v1 - v0
    steps: list[tuple[tuple[int, int, int], bool]] = []
    while (i, j) != (end_i, end_j):
        to_i, to_j = int(np.sign(end_i - i)), int(np.sign(end_j - j))
        # Twice the area between the line and the corner that each of the two steps reaches.
        beside = abs(du * (j - v0) - dv * (i + to_i - u0)) if to_i else np.inf
        below = abs(du * (j + to_j - v0) - dv * (i - u0)) if to_j else np.inf
        if beside <= below:
            # Northern face of the cell under the edge; going east the left hand points north.
            steps.append(((j, min(i, i + to_i), 1), to_i > 0))
            i += to_i
        else:
            # Western face of the cell beside the edge; going north the left hand points west.
            steps.append(((min(j, j + to_j), i, 0), to_j < 0))
            j += to_j
    return steps


def _nearest(x: float) -> int:
    return int(np.floor(x + 0.5))
