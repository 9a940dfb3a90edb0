"""
Rain that differs from place to place: several gauges, and grids in time.

Every source of rain gives the mean rate over a window from exact integrals in time, so that no
depth is lost between windows; before its first and after its last time it gives none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

import numba as nb
import numpy as np
from scipy.sparse import csr_array

from models.compile import kernel, parallel_kernel
from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.flood.rainfall import Hyetograph
    from models.grid import Grid

    type F8 = NDArray[np.float64]
    type I8 = NDArray[np.int64]

__all__ = ["GaugeRain", "GriddedRain", "RainSource", "overlap_weights"]

#: More rain than this was never measured, m/s (3.6 m in an hour).
_EXTREME_M_S = 1.0e-3


class RainSource(Protocol):
    """Rain in time: a hyetograph, gauges or a grid."""

    def mean_rate_m_s(self, start_s: float, end_s: float) -> float | F8:
        """Return the mean rate of a window, m/s: one number, or shape (rows, columns)."""


@parallel_kernel
def _inverse_distance(x: F8, y: F8, gx: F8, gy: F8, rate: F8, half: float, out: F8) -> None:  # noqa: PLR0917 - a kernel takes no keywords
    """Fill ``out`` with the mean of the rates, weighted by distance to the power ``-2 half``."""
    for j in nb.prange(y.size):
        for i in range(x.size):
            total, weights = 0.0, 0.0
            for k in range(gx.size):
                d2 = (x[i] - gx[k]) ** 2 + (y[j] - gy[k]) ** 2
                # Nearer than a centimetre the gauge itself speaks.
                w = 1.0 / max(d2, 1e-4) if half == 1.0 else max(d2, 1e-4) ** -half
                total += w * rate[k]
                weights += w
            out[j, i] = total / weights


class GaugeRain:
    """
    Rain between gauges.

    Parameters
    ----------
    gauges
        Their hyetographs, n of them.
    x_m, y_m
        Where they stand, m, shape (n,).
    grid
        The grid that the rain falls on.
    method
        ``nearest`` gives each cell the rain of its nearest gauge (of equally near ones the first;
        Thiessen 1911); ``inverse_distance`` the mean of all, weighted by distance (Shepard 1968).
    power
        Of the distance, for the latter.

    Raises
    ------
    InvalidQuantityError
        If there is no gauge, two stand on one spot, or the power is not positive.
    """

    def __init__(
        self,
        gauges: Sequence[Hyetograph],
        *,
        x_m: F8,
        y_m: F8,
        grid: Grid,
        method: Literal["nearest", "inverse_distance"] = "nearest",
        power: float = 2.0,
    ) -> None:
        self._gauges = tuple(gauges)
        self._x = np.array(x_m, np.float64)
        self._y = np.array(y_m, np.float64)
        one_each = {self._x.shape, self._y.shape} == {(len(self._gauges),)}
        if not self._gauges or not one_each:
            raise InvalidQuantityError(
                "needs at least one gauge, and one place for each",
                where="rain gauges",
                value=(len(self._gauges), self._x.shape, self._y.shape),
            )
        places = np.unique(np.stack([self._x, self._y]), axis=1)
        if places.shape[1] < len(self._gauges):
            raise InvalidQuantityError(
                "two gauges stand on the same spot", where="rain gauges",
                remedy="Leave one of them out.",
            )  # fmt: skip
        if not 0.0 < power <= 20.0:
            raise InvalidQuantityError(
                "must be positive and at most 20", where="rain gauges, power", value=power
            )
        self._grid = grid
        self._half = power / 2.0
        self._nearest = self._nearest_gauge() if method == "nearest" else None
        self._rates = np.full(len(self._gauges), np.nan)
        self._field = np.zeros(grid.shape)

    def _nearest_gauge(self) -> NDArray[np.int32]:
        least = np.full(self._grid.shape, np.inf)
        nearest = np.zeros(self._grid.shape, np.int32)
        for k in range(len(self._gauges)):
            squared = (self._grid.x_m[None, :] - self._x[k]) ** 2 + (
                self._grid.y_m[:, None] - self._y[k]
            ) ** 2
            closer = squared < least
            nearest[closer] = k
            least[closer] = squared[closer]
        return nearest

    @property
    def used(self) -> NDArray[np.bool_]:
        """Which gauges have a say anywhere on the grid, shape (n,)."""
        if self._nearest is None:
            return np.ones(len(self._gauges), np.bool_)
        return np.bincount(self._nearest.ravel(), minlength=len(self._gauges)) > 0

    def mean_rate_m_s(self, start_s: float, end_s: float) -> F8:
        """Return the mean rate of a window, m/s, shape (rows, columns); not to be written to."""
        rates = np.array([gauge.mean_rate_m_s(start_s, end_s) for gauge in self._gauges])
        if not np.array_equal(rates, self._rates):
            self._rates = rates
            if self._nearest is not None:
                self._field = rates[self._nearest]
            else:
                self._field = np.empty(self._grid.shape)
                _inverse_distance(
                    self._grid.x_m, self._grid.y_m, self._x, self._y, rates, self._half,
                    self._field,
                )  # fmt: skip
        return self._field


@kernel
def _overlaps(  # noqa: PLR0917 - a kernel takes no keywords
    x_faces: F8, y_faces: F8, x_edges: F8, y_edges: F8, first: I8, index: I8, weight: F8
) -> None:
    """Fill the shares of each cell in pixels; with an empty ``index``, only count them."""
    rows, columns = x_faces.shape[0], y_faces.shape[1]
    across = x_edges.size - 1
    count = 0
    for j in range(rows):
        for i in range(columns):
            west = min(x_faces[j, i], x_faces[j, i + 1])
            east = max(x_faces[j, i], x_faces[j, i + 1])
            south = min(y_faces[j, i], y_faces[j + 1, i])
            north = max(y_faces[j, i], y_faces[j + 1, i])
            area = (east - west) * (north - south)
            i0 = max(np.searchsorted(x_edges, west, side="right") - 1, 0)
            i1 = min(np.searchsorted(x_edges, east, side="left"), across)
            j0 = max(np.searchsorted(y_edges, south, side="right") - 1, 0)
            j1 = min(np.searchsorted(y_edges, north, side="left"), y_edges.size - 1)
            for q in range(j0, j1):
                high = min(north, y_edges[q + 1]) - max(south, y_edges[q])
                for p in range(i0, i1):
                    wide = min(east, x_edges[p + 1]) - max(west, x_edges[p])
                    if index.size:
                        index[count] = q * across + p
                        weight[count] = wide * high / area
                    count += 1
            first[j * columns + i + 1] = count


def overlap_weights(x_faces: F8, y_faces: F8, x_edges: F8, y_edges: F8) -> csr_array:
    """
    Return the share of each cell's area that lies in each pixel of another grid.

    Parameters
    ----------
    x_faces
        Where the western and eastern faces of the cells lie in the coordinates of the pixels,
        shape (rows, columns + 1).
    y_faces
        The northern and southern faces, shape (rows + 1, columns).
    x_edges, y_edges
        Edges of the pixels, rising, shapes (nx + 1,) and (ny + 1,).

    Returns
    -------
    csr_array
        Shape (rows · columns, ny · nx). A row sums to 1 where the pixels cover the whole cell.

    Notes
    -----
    First-order conservative remapping (Jones 1999, Mon. Weather Rev. 127, eq. 6) with cells taken
    as upright rectangles in the coordinates of the pixels: exact where the axes of both grids are
    parallel, and neighbours share their faces everywhere.
    """
    rows, columns = x_faces.shape[0], y_faces.shape[1]
    first = np.zeros(rows * columns + 1, np.int64)
    faces = (np.ascontiguousarray(x_faces), np.ascontiguousarray(y_faces))
    edges = (np.ascontiguousarray(x_edges), np.ascontiguousarray(y_edges))
    _overlaps(*faces, *edges, first, np.empty(0, np.int64), np.empty(0))
    index, weight = np.empty(first[-1], np.int64), np.empty(first[-1])
    if index.size:
        _overlaps(*faces, *edges, first, index, weight)
    shape = (rows * columns, (y_edges.size - 1) * (x_edges.size - 1))
    return csr_array((weight, index, first), shape=shape)


class GriddedRain:
    """
    Rain on pixels of another grid, constant in intervals of time.

    Parameters
    ----------
    times_s
        Ends of the intervals, s, rising, shape (n + 1,).
    rates_m_s
        Rate in each interval and pixel, m/s, shape (n, pixels), finite.
    weights
        From :func:`overlap_weights`, shape (cells, pixels); rows are made to sum to 1 where they
        do not vanish.
    shape
        Of the grid, (rows, columns).

    Raises
    ------
    InvalidQuantityError
        If the times do not rise, shapes do not fit, or a rate is negative or beyond any rain.
    """

    def __init__(
        self, *, times_s: F8, rates_m_s: F8, weights: csr_array, shape: tuple[int, int]
    ) -> None:
        self._times_s = np.array(times_s, np.float64)
        self._rates_m_s = rates_m_s
        if self._times_s.size < 2 or not (np.diff(self._times_s) > 0.0).all():
            raise InvalidQuantityError("times must rise", where="gridded rain")
        pixels = weights.shape[1]
        if rates_m_s.shape != (self._times_s.size - 1, pixels) or weights.shape[0] != (
            shape[0] * shape[1]
        ):
            raise InvalidQuantityError(
                "needs one rate for each interval and pixel, and weights for each cell",
                where="gridded rain",
                value=(rates_m_s.shape, weights.shape, shape),
            )
        good = (rates_m_s >= 0.0) & (rates_m_s <= _EXTREME_M_S)
        if not good.all():
            interval, pixel = (int(i) for i in np.argwhere(~good)[0])
            raise InvalidQuantityError(
                f"a rain rate must lie between 0 and {_EXTREME_M_S} m/s",
                where=f"gridded rain, interval {interval}, pixel {pixel}",
                value=float(rates_m_s[interval, pixel]),
                remedy="Check the unit and the value that stands for no data.",
            )
        total = np.asarray(weights.sum(axis=1)).ravel()
        scale = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0.0)
        self.covered = (total > 0.0).reshape(shape)
        self._weights = csr_array(
            (weights.data * np.repeat(scale, np.diff(weights.indptr)), weights.indices,
             weights.indptr), shape=weights.shape,
        )  # fmt: skip
        self._shape = shape
        self._shares: F8 = np.empty(0)
        self._field = np.zeros(shape)

    def mean_rate_m_s(self, start_s: float, end_s: float) -> F8:
        """Return the mean rate of a window, m/s, shape (rows, columns); not to be written to."""
        if not start_s < end_s:
            raise InvalidQuantityError("an empty interval", where="gridded rain", value=end_s)
        shares = np.diff(np.clip(self._times_s, start_s, end_s)) / (end_s - start_s)
        if not np.array_equal(shares, self._shares):
            self._shares = shares
            pixels = np.zeros(self._weights.shape[1])
            for k in np.flatnonzero(shares):
                pixels += shares[k] * self._rates_m_s[k]
            self._field = np.asarray(self._weights @ pixels).reshape(self._shape)
        return self._field
