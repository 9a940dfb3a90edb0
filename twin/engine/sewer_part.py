"""A network of pipes among the drains of a run."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import NumericalError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from models.drainage.coupling import Coupling
    from twin.engine.sewer_process import SewerProcess

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["SewerPart"]


class SewerPart:
    """
    A network of pipes, run by SWMM beside the surface.

    The network decides in its own short steps what passes, from the water that stood in the
    street at the start of the window. Where the street has less by the time, it owes the rest and
    gives it later. Every window's question to the network is kept, in the single precision in
    which it is asked: a run that is resumed asks them all again, and SWMM, which cannot save its
    state to the last digit, comes back to the identical one.
    """

    def __init__(
        self,
        process: SewerProcess,
        coupling: Coupling,
        flat_cells: IntArray,
        *,
        routing_step_s: float,
    ) -> None:
        self._process = process
        self._coupling = coupling
        self._step_s = routing_step_s
        self._computed = np.flatnonzero(coupling.cell_zone == 0)
        self.cells = flat_cells[self._computed]
        self.is_street = np.zeros(self.cells.size, np.bool_)
        self._depth = np.zeros(flat_cells.size)
        self._owed = np.zeros(flat_cells.size)
        self._time_s = 0.0
        self._zones = 0
        self._asked: list[NDArray[np.float32]] = []
        self._packed: list[bytes] = []
        self._node_m3 = np.zeros(len(coupling.nodes))
        self._outfall_m3 = np.zeros(len(coupling.outfalls))
        self._head_m = np.full(len(coupling.nodes), np.nan)
        self._taken_m3 = self._given_m3 = 0.0
        self._left_m3 = self._entered_m3 = 0.0

    def before(
        self, depth_m: FloatArray, zone_m: FloatArray, end_s: float, window_s: float
    ) -> FloatArray:
        """Let the network run up to *end_s*, and return what the surface shall get."""
        del window_s  # the network has its own steps
        steps = int(np.floor((end_s - self._time_s) / self._step_s + 1e-6))
        if steps > 0:
            self._zones = zone_m.shape[1]
            self._depth[self._computed] = depth_m
            question = np.concatenate(
                ([float(steps)], self._depth, self._owed, zone_m.ravel())
            ).astype(np.float32)
            self._asked.append(question)
            result = self._process.advance([self._window(question)])
            self._time_s += steps * self._step_s
            self._head_m = result.head_m
            self._book(result.node_m3, result.outfall_m3)
        return -self._owed[self._computed]

    def _window(self, question: NDArray[np.float32]) -> tuple[int, FloatArray, FloatArray, Any]:
        count, asked = self._depth.size, question.astype(np.float64)
        return (
            int(asked[0]),
            asked[1 : 1 + count],
            asked[1 + count : 1 + 2 * count],
            asked[1 + 2 * count :].reshape(2, -1),
        )

    def _book(self, node_m3: FloatArray, outfall_m3: FloatArray) -> None:
        """Count what passed, and owe it to the cells."""
        c = self._coupling
        self._node_m3 += node_m3
        self._outfall_m3 += outfall_m3
        drained = np.bincount(c.cell, weights=node_m3, minlength=self._owed.size)
        here = c.outfall_cell >= 0
        drained -= np.bincount(
            c.outfall_cell[here], weights=outfall_m3[here], minlength=self._owed.size
        )
        self._owed[self._computed] += drained[self._computed]
        away = -drained[c.cell_zone > 0]
        away = np.concatenate((away, outfall_m3[~here]))
        self._left_m3 += float(np.maximum(away, 0.0).sum())
        self._entered_m3 += float(np.maximum(-away, 0.0).sum())

    def after(self, given_m3: FloatArray) -> None:
        """Settle what the surface gave or took."""
        self._owed[self._computed] += given_m3
        self._given_m3 += float(np.maximum(given_m3, 0.0).sum())
        self._taken_m3 += float(np.maximum(-given_m3, 0.0).sum())

    def terms(self) -> dict[str, float]:
        """Return the volumes of the ledger."""
        sewer, owed = self._process.ledger, float(self._owed.sum())
        surface = self._taken_m3 - self._given_m3 + self._entered_m3 - self._left_m3 + owed
        pipes = (
            sewer.from_streets_m3 - sewer.to_streets_m3
            + sewer.from_outfalls_m3 - sewer.to_outfalls_m3
        )  # fmt: skip
        return {
            "drain_taken_m3": self._taken_m3,
            "drain_given_m3": self._given_m3,
            "drain_left_m3": self._left_m3,
            "drain_entered_m3": self._entered_m3,
            "drain_own_m3": sewer.own_inflow_m3,
            "drain_lost_m3": sewer.lost_m3,
            "drain_stored_m3": sewer.stored_m3,
            "drain_initial_m3": sewer.initial_m3,
            "drain_owed_m3": owed,
            "drain_mismatch_m3": surface - pipes,
            "drain_made_m3": sewer.residual_m3,
        }

    @property
    def continuity(self) -> float:
        """Share of the water that the network's equations made or lost."""
        return self._process.ledger.continuity

    def columns(self) -> dict[str, float]:
        """Return exchange since the start and head of every manhole, and outflow of outfalls."""
        c = self._coupling
        row: dict[str, float] = {}
        for name, volume, head in zip(c.nodes, self._node_m3, self._head_m, strict=True):
            row[f"drained_m3_{name}"] = float(volume)
            row[f"head_m_{name}"] = float(head)
        for name, volume in zip(c.outfalls, self._outfall_m3, strict=True):
            row[f"outfall_m3_{name}"] = float(volume)
        return row

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what :meth:`restore` needs."""
        if self._asked:
            self._packed.append(zlib.compress(np.concatenate(self._asked).tobytes(), 1))
            self._asked.clear()
        return {
            "asked": np.frombuffer(b"".join(self._packed), np.uint8),
            "sizes": np.asarray([len(block) for block in self._packed], np.int64),
            "owed_m3": self._owed.copy(),
            "sums_m3": np.asarray(
                [self._taken_m3, self._given_m3, self._left_m3, self._entered_m3]
            ),
            "node_m3": self._node_m3.copy(),
            "outfall_m3": self._outfall_m3.copy(),
            "head_m": self._head_m.copy(),
            "zones": np.asarray([self._zones], np.int64),
        }

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """
        Ask the network again all that it was asked.

        Raises
        ------
        NumericalError
            If it does not come back to the same heads.
        """
        self._packed, at, data = [], 0, arrays["asked"].tobytes()
        for size in arrays["sizes"].tolist():
            self._packed.append(data[at : at + size])
            at += size
        questions = [zlib.decompress(block) for block in self._packed]
        self._owed = arrays["owed_m3"].copy()
        sums = arrays["sums_m3"].tolist()
        self._taken_m3, self._given_m3, self._left_m3, self._entered_m3 = sums
        self._node_m3 = arrays["node_m3"].copy()
        self._outfall_m3 = arrays["outfall_m3"].copy()
        self._head_m = arrays["head_m"].copy()
        flat = np.frombuffer(b"".join(questions), np.float32)
        if flat.size == 0:
            return
        self._zones = int(arrays["zones"][0])
        width = 1 + 2 * self._depth.size + 2 * self._zones
        windows = [self._window(question) for question in flat.reshape(-1, width)]
        result = self._process.advance(windows)
        self._time_s = sum(window[0] for window in windows) * self._step_s
        if not np.array_equal(result.head_m, self._head_m, equal_nan=True):
            raise NumericalError(
                "the network of drains did not come back to where it was",
                where="drainage.network",
                remedy="Run the scenario anew; was SWMM exchanged for another version?",
            )
