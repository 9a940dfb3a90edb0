"""Inlets of given capacity among the drains of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from models.drainage.inlets import InletDrains

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["InletPart"]


class InletPart:
    """
    Inlets of given capacity.

    Parameters
    ----------
    drains
        The inlets and outlets.
    inlet_cells, outlet_cells
        Flat positions of the cells, (inlets,) and (outlets,); -1 for an outlet out of the model.
    outlet_bed_m
        Ground at the outlets, m, shape (outlets,).
    outlet_zone
        Zone that prescribes the level at an outlet, 0 where it is computed.
    names
        Names of the outlets that are recorded, by number.
    """

    def __init__(
        self,
        drains: InletDrains,
        *,
        inlet_cells: IntArray,
        outlet_cells: IntArray,
        outlet_bed_m: FloatArray,
        outlet_zone: IntArray,
        names: Mapping[str, int],
    ) -> None:
        self._drains = drains
        self._bed_m = outlet_bed_m
        self._zone = outlet_zone
        self._names = names
        self._real = np.flatnonzero(drains.outlets.computed)
        self._inlets = inlet_cells.size
        self.cells = np.concatenate((inlet_cells, outlet_cells[self._real]))
        self.is_street = np.arange(self.cells.size) < self._inlets
        self._wanted = np.zeros(self._inlets)
        self._brought = np.zeros(self.cells.size)
        self._asked_back = np.zeros(outlet_cells.size)
        self._passed_m3 = np.zeros(outlet_cells.size)
        self._given_m3 = self._taken_m3 = 0.0

    @property
    def continuity(self) -> float:
        """Inlets make no water and lose none."""
        return 0.0

    def before(
        self, depth_m: FloatArray, zone_m: FloatArray, end_s: float, window_s: float
    ) -> FloatArray:
        """Return what is on its way to the cells, less what the drains ask of them."""
        del end_s
        outside = self._outside_m(depth_m[self._inlets :], zone_m)
        self._wanted = self._drains.discharge_m3_s(
            # Below zero means a canal under the cell, which is no water at the inlet.
            np.maximum(depth_m[: self._inlets], 0.0), outside, window_s,
        )  # fmt: skip
        to_cells, to_outlets = self._drains.hand_over()
        self._passed_m3 += to_outlets
        self._asked_back = window_s * np.bincount(
            self._drains.outlet, weights=np.maximum(-self._wanted, 0.0), minlength=outside.size
        )
        self._brought = np.concatenate((to_cells, to_outlets[self._real]))
        ask = np.concatenate(
            (np.maximum(self._wanted, 0.0) * window_s, self._asked_back[self._real])
        )
        # A cell either gets or gives in one window, so that the surface limits each alone.
        give = self._brought - ask
        return np.asarray(give, np.float64)

    def _outside_m(self, depth_m: FloatArray, zone_m: FloatArray) -> FloatArray:
        outside = np.full(self._bed_m.size, -np.inf)
        outside[self._real] = self._bed_m[self._real] + depth_m
        tidal = self._zone > 0
        if tidal.any():
            level = zone_m.mean(axis=0)[self._zone[tidal] - 1]
            outside[tidal] = np.maximum(level, self._bed_m[tidal])
        return outside

    def after(self, given_m3: FloatArray) -> None:
        """Book what the surface really gave."""
        taken = self._brought - given_m3
        back = self._asked_back.copy()
        back[self._real] = taken[self._inlets :]
        self._drains.take(self._wanted, taken[: self._inlets], back)
        self._passed_m3 -= back
        self._given_m3 += float(np.maximum(given_m3, 0.0).sum())
        self._taken_m3 += float(np.maximum(-given_m3, 0.0).sum())

    def terms(self) -> dict[str, float]:
        """Return the volumes of the ledger."""
        ledger = self._drains.ledger
        waiting = self._drains.waiting_cell_m3.sum() + self._drains.waiting_outlet_m3.sum()
        return {
            "drain_taken_m3": self._taken_m3,
            "drain_given_m3": self._given_m3,
            "drain_left_m3": ledger.left_m3,
            "drain_entered_m3": ledger.entered_m3,
            "drain_stored_m3": float(waiting),
            "drain_mismatch_m3": ledger.in_pipes_m3 - float(waiting),
        }

    def columns(self) -> dict[str, float]:
        """Return what passed the named outlets since the start, m³, positive out of the drains."""
        return {f"outlet_m3_{n}": float(self._passed_m3[k]) for n, k in self._names.items()}

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what :meth:`restore` needs."""
        d = self._drains
        names = d.ledger.__slots__
        return {
            "waiting_cell_m3": d.waiting_cell_m3,
            "waiting_outlet_m3": d.waiting_outlet_m3,
            "passed_m3": self._passed_m3.copy(),
            "sums_m3": np.asarray([self._given_m3, self._taken_m3]),
            "ledger_m3": np.asarray([getattr(d.ledger, name) for name in names]),
        }

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Go on from *arrays*."""
        d = self._drains
        d.waiting_cell_m3 = arrays["waiting_cell_m3"].copy()
        d.waiting_outlet_m3 = arrays["waiting_outlet_m3"].copy()
        self._passed_m3 = arrays["passed_m3"].copy()
        self._given_m3, self._taken_m3 = arrays["sums_m3"].tolist()
        for name, value in zip(d.ledger.__slots__, arrays["ledger_m3"].tolist(), strict=True):
            setattr(d.ledger, name, value)
