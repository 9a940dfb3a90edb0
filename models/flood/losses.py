"""
Water that leaves the surface: infiltration by soil, and evaporation.

The solver asks once per exchange window for a capacity, the most that a cell may lose, and takes
what is there. What it took moves the soils on (:mod:`models.flood.soils`). The capacity is the
mean over the window under water, so a cell that stays wet takes the depth of the soil's equation
whatever the length of the windows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from models.compile import parallel_kernel
from models.errors import InvalidQuantityError
from models.flood.soils import CurveNumber, advance_soil, potential_depth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from models.flood.soils import Soil

    type F8 = NDArray[np.float64]
    type I4 = NDArray[np.int32]

__all__ = ["Losses"]

#: Below this depth a cell is dry, and its soil recovers, m.
_DRY_M = 1.0e-6
#: Faster than water evaporates anywhere, m/s (36 mm/h); catches a wrong unit.
_EXTREME_EVAPORATION_M_S = 1.0e-5


@parallel_kernel
def _capacity_rows(  # noqa: PLR0917 - a kernel takes no keywords
    soil: I4, pervious: F8, table: F8, x: F8, rain: F8, h: F8, dt: float, e: float, out: F8
) -> None:
    """Fill ``out`` with the capacity of every cell, m/s, evaporation ``e`` included."""
    for j in nb.prange(soil.shape[0]):
        for i in range(soil.shape[1]):
            c = e
            k = soil[j, i]
            if k >= 0 and pervious[j, i] > 0.0:
                r = rain[j, i] if rain.size > 1 else rain[0, 0]
                c += pervious[j, i] * potential_depth(table[k], x[j, i], r, h[j, i], dt) / dt
            out[j, i] = c


@parallel_kernel
def _take_rows(  # noqa: PLR0917 - as above
    soil: I4, pervious: F8, table: F8, x: F8, rain: F8, h: F8, dt: float, e: float,
    capacity: F8, lost: F8, before: F8, infiltrated: F8, dry: float,
) -> None:  # fmt: skip
    """Split what was lost between soil and air by their capacities, and move the soils on."""
    for j in nb.prange(soil.shape[0]):
        for i in range(soil.shape[1]):
            k = soil[j, i]
            if k >= 0 and pervious[j, i] > 0.0:
                taken = max(lost[j, i] - before[j, i], 0.0)
                c = capacity[j, i]
                depth = taken * (1.0 - e / c) if c > 0.0 else 0.0
                infiltrated[j, i] += depth
                r = rain[j, i] if rain.size > 1 else rain[0, 0]
                below = depth / pervious[j, i]
                x[j, i] = advance_soil(table[k], x[j, i], below, r, h[j, i] < dry, dt)
            before[j, i] = lost[j, i]


class Losses:
    """
    The losses of a run: soils by cell, and evaporation everywhere.

    Use it in turns: :meth:`capacity_m_s` before a window, :meth:`take` after it.

    Parameters
    ----------
    soils
        The kinds of ground.
    soil_of_cell
        Index into *soils*, -1 where nothing infiltrates, shape (rows, columns).
    pervious
        Share of each cell that infiltrates, 0 to 1, shape (rows, columns); all of it where
        absent. Rates and depths of a soil hold for this share alone.
    evaporation_m_s
        Rate at which open water is lost to the air, m/s.

    Raises
    ------
    InvalidQuantityError
        If a parameter is not physical, a shape does not fit, or a cell names no soil.
    """

    def __init__(
        self,
        *,
        soils: Sequence[Soil],
        soil_of_cell: NDArray[np.integer],
        pervious: F8 | None = None,
        evaporation_m_s: float = 0.0,
    ) -> None:
        shape = soil_of_cell.shape
        if not 0.0 <= evaporation_m_s <= _EXTREME_EVAPORATION_M_S:
            raise InvalidQuantityError(
                f"must lie between 0 and {_EXTREME_EVAPORATION_M_S:g}",
                where="evaporation_m_s",
                value=evaporation_m_s,
                remedy="One mm/d is 1.16e-8 m/s.",
            )
        rows = [soil.row() for soil in soils] or [(0.0,) * 6]
        self._table = np.array(rows, np.float64)
        self._soil = np.ascontiguousarray(soil_of_cell, np.int32)
        if self._soil.size and not (
            int(self._soil.min()) >= -1 and int(self._soil.max()) < len(soils)
        ):
            raise InvalidQuantityError(
                f"names a soil that is not among the {len(soils)} given",
                where="soil_of_cell",
                value=(int(self._soil.min()), int(self._soil.max())),
            )
        if pervious is None:
            pervious = np.ones(shape)
        if pervious.shape != shape:
            raise InvalidQuantityError(
                f"has another shape than the soils, {shape}", where="pervious",
                value=pervious.shape,
            )  # fmt: skip
        good = (pervious >= 0.0) & (pervious <= 1.0)
        if not good.all():
            row, column = (int(i) for i in np.argwhere(~good)[0])
            raise InvalidQuantityError(
                "a share must lie between 0 and 1",
                where=f"pervious, row {row}, column {column}",
                value=float(pervious[row, column]),
            )
        self._pervious = np.ascontiguousarray(pervious, np.float64)
        self._evaporation_m_s = float(evaporation_m_s)
        self._progress = np.zeros(shape)
        self._infiltrated_m = np.zeros(shape)
        self._before_m = np.zeros(shape)
        self._capacity_m_s = np.zeros(shape)
        self._rain_m_s = np.zeros((1, 1))
        self._lapse_s = 0.0
        self._until_s = -np.inf
        self.by_rain = any(isinstance(soil, CurveNumber) for soil in soils)

    def capacity_m_s(
        self, start_s: float, end_s: float, *, depth_m: F8, rain_m_s: float | F8
    ) -> F8:
        """
        Return the most that each cell may lose from *start_s* to *end_s*.

        Parameters
        ----------
        start_s, end_s
            The window, s.
        depth_m
            Depth at its start, m, shape (rows, columns).
        rain_m_s
            Rain in the window, m/s, a number or shape (rows, columns).

        Returns
        -------
        ndarray
            m/s, shape (rows, columns); the next call overwrites it.

        Raises
        ------
        InvalidQuantityError
            If the window is empty.
        """
        if not start_s < end_s:
            raise InvalidQuantityError("an empty window", where="losses", value=(start_s, end_s))
        self._lapse_s, self._until_s = end_s - start_s, end_s
        rain = np.asarray(rain_m_s, np.float64)
        self._rain_m_s = rain.reshape(1, 1) if rain.ndim == 0 else np.ascontiguousarray(rain)
        _capacity_rows(
            self._soil, self._pervious, self._table, self._progress, self._rain_m_s,
            np.ascontiguousarray(depth_m), self._lapse_s, self._evaporation_m_s,
            self._capacity_m_s,
        )  # fmt: skip
        return self._capacity_m_s

    def held_m_s(self, end_s: float) -> F8 | None:
        """
        Return the last capacity where it holds up to *end_s*, else None.

        A window may be cut into short ones; the soils then move on once, at its end. Only where
        the rain decides (:attr:`by_rain`) each short window must have a capacity of its own.
        """
        return self._capacity_m_s if end_s <= self._until_s + 1e-9 else None

    def is_due(self, end_s: float) -> bool:
        """Return whether the window of the last capacity ends at *end_s*."""
        return end_s >= self._until_s - 1e-9

    def take(self, lost_m: F8, depth_m: F8) -> None:
        """
        Move the soils on by what was taken in the window of the last capacity.

        Parameters
        ----------
        lost_m
            Depth lost since the start of the run, m, shape (rows, columns).
        depth_m
            Depth now, m, shape (rows, columns).
        """
        _take_rows(
            self._soil, self._pervious, self._table, self._progress, self._rain_m_s,
            np.ascontiguousarray(depth_m), self._lapse_s, self._evaporation_m_s,
            self._capacity_m_s, np.ascontiguousarray(lost_m), self._before_m,
            self._infiltrated_m, _DRY_M,
        )  # fmt: skip

    @property
    def infiltrated_m(self) -> F8:
        """Depth that the ground has taken since the start, m over the whole cell."""
        return self._infiltrated_m

    @property
    def evaporated_m(self) -> F8:
        """Depth that the air has taken since the start, m."""
        return np.maximum(self._before_m - self._infiltrated_m, 0.0)

    def to_arrays(self) -> dict[str, F8]:
        """Return everything that a checkpoint must hold."""
        return {
            "progress": self._progress.copy(),
            "infiltrated_m": self._infiltrated_m.copy(),
            "lost_m": self._before_m.copy(),
        }

    def restore(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """
        Go on from what :meth:`to_arrays` returned.

        Raises
        ------
        InvalidQuantityError
            If an array is missing or of another shape.
        """
        held = {
            "progress": self._progress,
            "infiltrated_m": self._infiltrated_m,
            "lost_m": self._before_m,
        }
        for name, own in held.items():
            if name not in arrays or arrays[name].shape != own.shape:
                raise InvalidQuantityError(
                    "a checkpoint lacks an array of the losses, or has another shape",
                    where=name,
                    remedy="It was written by another version, or for another scenario.",
                )
            own[...] = arrays[name]
