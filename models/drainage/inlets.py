"""
Drains of which only the capacity is known: inlets of a given rate, and outlets that may be shut.

Where a city has no data of its pipes, this is what can be said honestly: water in a street goes
down its inlets no faster than they and the outlet take it, and not while the water outside stands
as high as that in the street. Each window takes water at one end and hands it over at the other
end in the next one; what is on its way is in the books.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["InletDrains", "InletLedger", "Outlets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """
    Where drains end.

    Parameters
    ----------
    capacity_m3_s
        What each passes at most, shape (outlets,); inf where that is not known.
    shut_level_m
        Level of the water outside from which an outlet passes nothing more, m; inf where none.
    flap
        Whether water outside is kept from coming back through it, shape (outlets,).
    computed
        Whether it ends in a computed cell; else in water of a prescribed level, or out of the
        model, shape (outlets,).
    closing_m
        Range below the shut level over which it closes, m.

    Raises
    ------
    InvalidQuantityError
        If a capacity is negative, or the range is not positive.
    """

    capacity_m3_s: FloatArray
    shut_level_m: FloatArray
    flap: NDArray[np.bool_]
    computed: NDArray[np.bool_]
    closing_m: float = 0.05

    def __post_init__(self) -> None:
        if not (self.capacity_m3_s >= 0.0).all():
            raise InvalidQuantityError(
                "a capacity is negative or no number",
                where="outlets",
                value=self.capacity_m3_s.min(),
            )
        if not self.closing_m > 0.0:
            raise InvalidQuantityError("must be positive", where="closing_m", value=self.closing_m)

    def opening(self, level_m: FloatArray) -> FloatArray:
        """Return how far each is open at the levels outside, 0 to 1."""
        with np.errstate(invalid="ignore"):  # no level outside and no shut level: always open
            room = (self.shut_level_m - level_m) / self.closing_m
        return np.where(np.isnan(room), 1.0, np.clip(room, 0.0, 1.0))


@dataclass(slots=True, kw_only=True)
class InletLedger:
    """
    Volumes since the start, m³; all are non-negative.

    Parameters
    ----------
    from_streets_m3, to_streets_m3
        Through inlets, down and up.
    to_water_m3, from_water_m3
        Through outlets into computed canals and ponds, and back.
    left_m3, entered_m3
        Out of the model, or into water of a prescribed level, and back.
    """

    from_streets_m3: float = 0.0
    to_streets_m3: float = 0.0
    to_water_m3: float = 0.0
    from_water_m3: float = 0.0
    left_m3: float = 0.0
    entered_m3: float = 0.0

    @property
    def in_pipes_m3(self) -> float:
        """Volume that was taken and not yet handed over, m³."""
        return (self.from_streets_m3 + self.from_water_m3 + self.entered_m3) - (
            self.to_streets_m3 + self.to_water_m3 + self.left_m3
        )


@dataclass(kw_only=True)
class InletDrains:
    """
    Inlets that drain to outlets.

    Parameters
    ----------
    bed_m
        Ground at every cell with inlets, m, shape (cells,).
    capacity_m3_s
        What the inlets of the cell take at most, shape (cells,).
    outlet
        Number of the outlet to which the cell drains, shape (cells,).
    outlets
        The outlets.
    cell_area_m2
        Area of a cell.
    total_m3_s
        What all of them together take at most; inf where that is not known.
    full_head_m
        Difference of level from street to water outside at which the full capacity flows, m;
        below it, proportionally less.

    Raises
    ------
    InvalidQuantityError
        If a capacity is negative or not finite, or a cell names an outlet that is not there.
    """

    bed_m: FloatArray
    capacity_m3_s: FloatArray
    outlet: IntArray
    outlets: Outlets
    cell_area_m2: float
    total_m3_s: float = np.inf
    full_head_m: float = 0.1
    waiting_cell_m3: FloatArray = field(init=False)
    waiting_outlet_m3: FloatArray = field(init=False)
    ledger: InletLedger = field(init=False, default_factory=InletLedger)

    def __post_init__(self) -> None:
        if not ((self.capacity_m3_s >= 0.0) & np.isfinite(self.capacity_m3_s)).all():
            raise InvalidQuantityError(
                "a capacity is negative or not finite",
                where="inlets",
                value=float(self.capacity_m3_s.min()),
            )
        count = self.outlets.capacity_m3_s.size
        if self.outlet.size and not (self.outlet.min() >= 0 and self.outlet.max() < count):
            raise InvalidQuantityError(
                f"there are {count} outlets", where="inlets", value=int(self.outlet.max())
            )
        self.waiting_cell_m3 = np.zeros(self.bed_m.size)
        self.waiting_outlet_m3 = np.zeros(count)

    def discharge_m3_s(
        self, depth_m: FloatArray, outside_m: FloatArray, window_s: float
    ) -> FloatArray:
        """
        Return what passes the inlets of every cell, positive down the drain, shape (cells,).

        Parameters
        ----------
        depth_m
            Depth at the cells, m.
        outside_m
            Level of the water before every outlet, m; -inf where there is none.
        window_s
            Length of the window.
        """
        head = self.bed_m + depth_m - outside_m[self.outlet]
        part = np.clip(head / self.full_head_m, -1.0, 1.0)
        part = np.where(self.outlets.flap[self.outlet], np.maximum(part, 0.0), part)
        part *= self.outlets.opening(outside_m)[self.outlet]
        flow = part * self.capacity_m3_s
        # Never past equal levels, nor more than is there.
        level = 0.5 * np.abs(head) * self.cell_area_m2 / window_s
        there = depth_m * self.cell_area_m2 / window_s
        flow = np.clip(flow, -level, np.minimum(level, there))
        total = np.bincount(self.outlet, weights=np.abs(flow), minlength=outside_m.size)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.minimum(1.0, self.outlets.capacity_m3_s / total)
        flow = flow * np.where(total > 0.0, scale, 0.0)[self.outlet]
        whole = float(np.abs(flow).sum())
        return np.asarray(flow * (min(1.0, self.total_m3_s / whole) if whole > 0.0 else 1.0))

    def hand_over(self) -> tuple[FloatArray, FloatArray]:
        """Return what is on its way to every cell and outlet, m³, and count it as arrived."""
        cells, outlets = self.waiting_cell_m3, self.waiting_outlet_m3
        self.waiting_cell_m3 = np.zeros_like(cells)
        self.waiting_outlet_m3 = np.zeros_like(outlets)
        computed = self.outlets.computed
        self.ledger.to_streets_m3 += float(cells.sum())
        self.ledger.to_water_m3 += float(outlets[computed].sum())
        self.ledger.left_m3 += float(outlets[~computed].sum())
        return cells, outlets

    def take(self, wanted_m3_s: FloatArray, cell_m3: FloatArray, outlet_m3: FloatArray) -> None:
        """
        Book what the surface gave.

        Parameters
        ----------
        wanted_m3_s
            The discharges of this window.
        cell_m3
            What every cell gave, m³, shape (cells,); 0 where none was wanted.
        outlet_m3
            What came back through every outlet, m³, shape (outlets,).
        """
        count = outlet_m3.size
        self.waiting_outlet_m3 += np.bincount(self.outlet, weights=cell_m3, minlength=count)
        back = np.maximum(-wanted_m3_s, 0.0)
        total = np.bincount(self.outlet, weights=back, minlength=count)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(total > 0.0, outlet_m3 / total, 0.0)
        self.waiting_cell_m3 += back * share[self.outlet]
        computed = self.outlets.computed
        self.ledger.from_streets_m3 += float(cell_m3.sum())
        self.ledger.from_water_m3 += float(outlet_m3[computed].sum())
        self.ledger.entered_m3 += float(outlet_m3[~computed].sum())
