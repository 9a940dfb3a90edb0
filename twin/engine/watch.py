"""What is watched while the water flows: how long it stood over depths, and how fast it ran."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from models.flood.durations import add_durations
from models.flood.solver import is_noticeable
from twin.language import note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from models.flood import AdvanceReport
    from twin.language import Note

__all__ = ["FlowWatch"]


@dataclass(kw_only=True)
class FlowWatch:
    """
    Keeps what the solver does not.

    Durations are sampled at exchanges: an interval counts whole where the depth is reached at both
    of its ends, and half where it is at one.

    Parameters
    ----------
    thresholds_m
        Depths over which durations are kept, rising, m, shape (k,).
    depth_m
        Depth at the start, m, shape (rows, columns).
    """

    thresholds_m: Sequence[float]
    depth_m: NDArray[np.float64]
    seconds: NDArray[np.float32] = field(init=False)
    _before_m: NDArray[np.float64] = field(init=False)
    #: Cells with fast flow, wet cells and time, s, of the window with the largest share of them.
    fastest: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self.look(self.depth_m)
        self.seconds = np.zeros((len(self.thresholds_m), *self.depth_m.shape), np.float32)
        self.fastest = np.zeros(3)

    def see(self, report: AdvanceReport, now_s: float) -> None:
        """Look at how a window that ended at *now_s* went."""
        if not is_noticeable(report):
            return
        cells, wet, _ = self.fastest
        if report.fast_cells * max(wet, 1.0) > cells * report.wet_cells:
            self.fastest[:] = report.fast_cells, report.wet_cells, now_s

    def lapse(self, depth_m: NDArray[np.float64], lapse_s: float) -> None:
        """Count the time since the last exchange, at whose end there is *depth_m*."""
        thresholds = np.asarray(self.thresholds_m, np.float64)
        add_durations(self._before_m, depth_m, thresholds, 0.5 * lapse_s, self.seconds)

    def notes(self, limit: float) -> list[Note]:
        """Return the warning of fast flow, past a Froude number of *limit*, if there was any."""
        cells, wet, time_s = self.fastest.tolist()
        if cells == 0.0:
            return []
        share = 100.0 * cells / max(wet, cells)
        return [note("fast_flow", hours=time_s / 3600.0, cells=cells, share=share, limit=limit)]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that a checkpoint must hold."""
        return {"seconds": self.seconds, "fastest": self.fastest}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what :meth:`to_arrays` returned; then :meth:`look`."""
        self.seconds = np.asarray(arrays["seconds"], np.float32).copy()
        self.fastest = np.asarray(arrays["fastest"], np.float64).copy()

    def look(self, depth_m: NDArray[np.float64]) -> None:
        """Begin an interval at *depth_m*."""
        self._before_m = np.array(depth_m, np.float64)
