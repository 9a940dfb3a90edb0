"""Instruments: gauges, the outflow through edges, arrivals, and the closure of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.verification.case import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.verification.solvers import Solver

    FloatArray = NDArray[np.float64]

__all__ = ["Gauges", "Outflow", "arrival", "closure"]


class Gauges:
    """Depth at cells, noted after each window."""

    def __init__(self, cells: Sequence[tuple[int, int]]) -> None:
        self._rows = np.array([row for row, _ in cells])
        self._columns = np.array([column for _, column in cells])
        self._times: list[float] = []
        self._depths: list[FloatArray] = []

    def __call__(self, solver: Solver) -> None:
        """Note the depths of now."""
        self._times.append(solver.time_s)
        self._depths.append(np.array(solver.depth_m[self._rows, self._columns]))

    def arrays(self) -> tuple[FloatArray, FloatArray]:
        """Return times, s, and depths, m, shape (times, gauges)."""
        return np.array(self._times), np.array(self._depths)


class Outflow:
    """Mean outflow through open edges in each window, m³/s, at the middle of the window."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._flows: list[float] = []
        self._last = (0.0, 0.0)

    def __call__(self, solver: Solver) -> None:
        """Note what has left since the last call."""
        now, out = solver.time_s, solver.ledger.outflow_edges_m3
        then, before = self._last
        self._times.append(0.5 * (now + then))
        self._flows.append((out - before) / (now - then))
        self._last = (now, out)

    def arrays(self) -> tuple[FloatArray, FloatArray]:
        """Return times, s, and flows, m³/s."""
        return np.array(self._times), np.array(self._flows)


def arrival(times: FloatArray, depth: FloatArray, at_least: float) -> float:
    """Return when *depth* first reaches *at_least*, linear between samples; NaN if never."""
    above = np.flatnonzero(depth >= at_least)
    if above.size == 0:
        return float("nan")
    k = int(above[0])
    if k == 0:
        return float(times[0])
    share = (at_least - depth[k - 1]) / (depth[k] - depth[k - 1])
    return float(times[k - 1] + share * (times[k] - times[k - 1]))


def closure(solver: Solver) -> Figure:
    """Return the closure of the ledger as a figure."""
    return Figure(
        name="closure of the ledger",
        value=solver.ledger.closure,
        at_most=1e-9,
        source="the ledger closes to 1e-9",
    )
