"""The flood of a run: the solver, what drives it, and the commands that change that."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import InternalError
from models.flood import FloodState, Forcing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from models.flood import AdvanceReport, FloodSolver
    from models.flood.boundaries import LevelSeries
    from models.flood.rainfall import Hyetograph
    from twin.engine.commands import Command

__all__ = ["Flooding", "ForcingProvider", "Source"]

MM_H = 1e-3 / 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    Water that enters evenly at some cells.

    Parameters
    ----------
    name
        Name of the inflow.
    cells
        Flat positions of the cells, shape (k,).
    times_s, discharge_m3_s
        Discharge over time, straight between the times and 0 outside them, shape (n,).
    """

    name: str
    cells: NDArray[np.int64]
    times_s: NDArray[np.float64]
    discharge_m3_s: NDArray[np.float64]

    def mean_m3_s(self, start_s: float, end_s: float) -> float:
        """Return the mean discharge from *start_s* to *end_s*, exact for straight pieces."""
        inner = self.times_s[(self.times_s > start_s) & (self.times_s < end_s)]
        knots = np.concatenate(([start_s], inner, [end_s]))
        inside = (knots >= self.times_s[0]) & (knots <= self.times_s[-1])
        flow = np.where(inside, np.interp(knots, self.times_s, self.discharge_m3_s), 0.0)
        return float(np.trapezoid(flow, knots) / (end_s - start_s))


@dataclass(kw_only=True)
class ForcingProvider:
    """
    What drives the flood over a window, as the scenario says and as commands have changed it.

    Parameters
    ----------
    rain
        The rain of the scenario, or None.
    level
        The tide, m above the city's datum before *level_offset_m*; None where no level is
        prescribed.
    level_offset_m
        Added to the tide.
    sources
        Inflows.
    """

    rain: Hyetograph | None = None
    level: LevelSeries | None = None
    level_offset_m: float = 0.0
    sources: Sequence[Source] = ()
    rain_factor: float = 1.0
    rain_rate_m_s: float | None = field(default=None, init=False)

    def level_m(self, time_s: float) -> float:
        """Return the prescribed level at one time, m; NaN where none is prescribed."""
        if self.level is None:
            return float("nan")
        return self.level.level_m(time_s) + self.level_offset_m

    def rain_m_s(self, start_s: float, end_s: float) -> float:
        """Return the mean rate of rain over a window, m/s."""
        if self.rain_rate_m_s is not None:
            return self.rain_rate_m_s
        if self.rain is None:
            return 0.0
        return self.rain.mean_rate_m_s(start_s, end_s) * self.rain_factor

    def window(self, start_s: float, end_s: float) -> Forcing:
        """Return the forcing from *start_s* to *end_s*."""
        cells = [source.cells for source in self.sources]
        flows = [
            np.full(source.cells.size, source.mean_m3_s(start_s, end_s) / source.cells.size)
            for source in self.sources
        ]
        levels = [] if self.level is None else [self.level_m(start_s)]
        return Forcing(
            rain_m_s=self.rain_m_s(start_s, end_s),
            level_start_m=np.asarray(levels, np.float64),
            level_end_m=np.asarray([self.level_m(end_s)] if levels else [], np.float64),
            inflow_cells=np.concatenate(cells) if cells else np.empty(0, np.int64),
            inflow_m3_s=np.concatenate(flows) if flows else np.empty(0, np.float64),
        )

    def apply(self, command: Command) -> None:
        """Take over a command that changes rain or tide."""
        payload = command.payload
        match command.kind:
            case "set_rain":
                if payload.get("rate_mm_h") is not None:
                    self.rain_rate_m_s = float(payload["rate_mm_h"]) * MM_H
                else:
                    self.rain_rate_m_s = None
                    self.rain_factor = float(payload["multiplier"])
            case "set_tide_offset":
                self.level_offset_m = float(payload["offset_m"])
            case _:
                raise InternalError("not a command for the flood", value=command.kind)


@dataclass(kw_only=True)
class Flooding:
    """
    The flood as the engine sees it.

    Parameters
    ----------
    solver, forcing
        The water, and what drives it.
    gauge_cells
        Row and column of every gauge, shape (n, 2).
    initial_depth_m
        Depth at the start, m, shape (rows, columns).
    """

    solver: FloodSolver
    forcing: ForcingProvider
    gauge_cells: NDArray[np.int64]
    last_report: AdvanceReport | None = field(default=None, init=False)
    initial_depth_m: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self.initial_depth_m = self.solver.depth_m.copy()

    @property
    def depth_m(self) -> NDArray[np.float64]:
        """Depth now, m, shape (rows, columns)."""
        return self.solver.depth_m

    @property
    def bed_m(self) -> NDArray[np.float64]:
        """Ground level, m, shape (rows, columns)."""
        return self.solver.domain.bed_m

    @property
    def speed_m_s(self) -> NDArray[np.float64]:
        """Speed of the water now, m/s, shape (rows, columns)."""
        return self.solver.speed_m_s()

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that a checkpoint must hold."""
        return dict(self.solver.state.to_arrays())

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what :meth:`to_arrays` returned."""
        self.solver.restore(FloodState.from_arrays(arrays))

    def advance(self, until_s: float) -> None:
        """Compute the flood exactly up to *until_s*."""
        now_s = self.solver.time_s
        if until_s > now_s:
            self.last_report = self.solver.advance(until_s, self.forcing.window(now_s, until_s))

    def apply(self, command: Command) -> None:
        """Take over a command that changes what drives the flood."""
        self.forcing.apply(command)

    def gauge_values(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return depth and level at every gauge, m."""
        rows, columns = self.gauge_cells[:, 0], self.gauge_cells[:, 1]
        depth = self.depth_m[rows, columns]
        return depth, depth + self.bed_m[rows, columns]

    def ledger_row(self) -> dict[str, float]:
        """Return the volumes so far, m³, and how well they close."""
        ledger, now_s = self.solver.ledger, self.solver.time_s
        report = self.last_report
        return {
            **asdict(ledger),
            "residual_m3": ledger.residual_m3,
            "throughput_m3": ledger.throughput_m3,
            "closure": ledger.closure,
            "tide_m": self.forcing.level_m(now_s),
            "rain_mm_h": self.forcing.rain_m_s(max(0.0, now_s - 60.0), max(60.0, now_s)) / MM_H,
            "steps": float(self.solver.steps),
            "wet_cells": float(report.wet_cells if report else 0),
            "max_depth_m": float(report.max_depth_m if report else 0.0),
        }
