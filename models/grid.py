"""The regular grid that everything spatial shares: row 0 is north, metres, square cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Grid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """
    A north-up grid of square cells.

    Parameters
    ----------
    west_m, north_m
        Easting of the western edge and northing of the northern edge, m.
    cell_size_m
        Edge length of a cell, m.
    rows, columns
        Number of cells from north to south and from west to east.

    Raises
    ------
    InvalidQuantityError
        If the cell size or a count is not positive, or the origin is not finite.
    """

    west_m: float
    north_m: float
    cell_size_m: float
    rows: int
    columns: int

    def __post_init__(self) -> None:
        if not (np.isfinite(self.cell_size_m) and self.cell_size_m > 0.0):
            raise InvalidQuantityError(
                "the cell size must be positive",
                where="grid",
                value=self.cell_size_m,
                remedy="Give it in metres.",
            )
        if self.rows < 1 or self.columns < 1:
            raise InvalidQuantityError(
                "a grid needs at least one row and one column",
                where="grid",
                value=(self.rows, self.columns),
            )
        if not (np.isfinite(self.west_m) and np.isfinite(self.north_m)):
            raise InvalidQuantityError(
                "the origin of the grid must be finite",
                where="grid",
                value=(self.west_m, self.north_m),
            )

    @property
    def shape(self) -> tuple[int, int]:
        """``(rows, columns)``."""
        return (self.rows, self.columns)

    @property
    def east_m(self) -> float:
        """Easting of the eastern edge, m."""
        return self.west_m + self.columns * self.cell_size_m

    @property
    def south_m(self) -> float:
        """Northing of the southern edge, m."""
        return self.north_m - self.rows * self.cell_size_m

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """``(west, south, east, north)``, m."""
        return (self.west_m, self.south_m, self.east_m, self.north_m)

    @property
    def cell_area_m2(self) -> float:
        """Area of one cell, m²."""
        return self.cell_size_m * self.cell_size_m

    @property
    def x_m(self) -> NDArray[np.float64]:
        """Eastings of the cell centres, shape (columns,)."""
        return self.west_m + (np.arange(self.columns, dtype=np.float64) + 0.5) * self.cell_size_m

    @property
    def y_m(self) -> NDArray[np.float64]:
        """Northings of the cell centres, shape (rows,), falling."""
        return self.north_m - (np.arange(self.rows, dtype=np.float64) + 0.5) * self.cell_size_m

    def locate(
        self, x_m: ArrayLike, y_m: ArrayLike
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Return row, column and whether the point lies on the grid, for each point."""
        column = np.floor((np.asarray(x_m, float) - self.west_m) / self.cell_size_m)
        row = np.floor((self.north_m - np.asarray(y_m, float)) / self.cell_size_m)
        inside = (row >= 0) & (row < self.rows) & (column >= 0) & (column < self.columns)
        row = np.where(inside, row, 0).astype(np.int64)
        column = np.where(inside, column, 0).astype(np.int64)
        return row, column, inside

    @classmethod
    def covering(
        cls, west_m: float, south_m: float, east_m: float, north_m: float, *, cell_size_m: float
    ) -> Grid:
        """Return the smallest grid over the box, with edges on multiples of the cell size."""
        west = np.floor(west_m / cell_size_m) * cell_size_m
        north = np.ceil(north_m / cell_size_m) * cell_size_m
        columns = max(1, int(np.ceil(round((east_m - west) / cell_size_m, 9))))
        rows = max(1, int(np.ceil(round((north - south_m) / cell_size_m, 9))))
        return cls(
            west_m=float(west),
            north_m=float(north),
            cell_size_m=float(cell_size_m),
            rows=rows,
            columns=columns,
        )
