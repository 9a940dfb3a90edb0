"""Grids, runs and measures that the cases share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.flood import FloodDomain, FloodParameters, Forcing
from models.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from benchmarks.verification.solvers import Maker, Solver

    FloatArray = NDArray[np.float64]

__all__ = [
    "SMOOTH",
    "Channel",
    "centres",
    "data_folder",
    "domain_over",
    "order",
    "relative_l1",
    "run",
    "settle",
]

#: Manning's n of a case without friction: the domain asks for a positive one.
SMOOTH = 1.0e-6


def data_folder(name: str) -> Path:
    """Return the folder of real data *name*, which may be absent."""
    named = os.environ.get("TWIN_DATA")
    base = Path(named) if named else Path(__file__).parents[3] / "shared" / "data"
    return base / name


def domain_over(
    bed_m: FloatArray,
    *,
    cell_size_m: float,
    manning: float | FloatArray,
    level_zone: NDArray[np.int16] | None = None,
    open_edge: NDArray[np.bool_] | None = None,
    west_m: float = 0.0,
    south_m: float = 0.0,
) -> FloodDomain:
    """Return a domain over *bed_m*, whose lower left corner lies at the given point."""
    rows, columns = bed_m.shape
    grid = Grid(
        west_m=west_m,
        north_m=south_m + rows * cell_size_m,
        cell_size_m=cell_size_m,
        rows=rows,
        columns=columns,
    )
    return FloodDomain(
        grid=grid,
        bed_m=np.ascontiguousarray(bed_m, dtype=np.float64),
        manning=np.broadcast_to(np.asarray(manning, dtype=np.float64), bed_m.shape).copy(),
        level_zone=level_zone,
        open_edge=open_edge,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """
    A channel one cell wide, along x.

    Parameters
    ----------
    x_m
        Evenly spaced centres of the cells, m.
    bed_m
        Level of the bed, m.
    manning
        Manning's n, s/m^⅓.
    ends
        What stands at the two ends: ``closed``, ``open`` (free outflow), or ``level`` (the
        outermost cell holds a prescribed level; zones count from the left).
    flow_depth_m
        See :class:`FloodParameters`.
    """

    x_m: FloatArray
    bed_m: FloatArray
    manning: float
    ends: tuple[str, str] = ("closed", "closed")
    flow_depth_m: float = 1.0e-3

    @property
    def dx_m(self) -> float:
        """Edge length of a cell, m."""
        return float(self.x_m[1] - self.x_m[0])

    def solver(self, make: Maker, depth_m: ArrayLike = 0.0) -> Solver:
        """Return a solver at rest with *depth_m*."""
        count = self.x_m.size
        zone = np.zeros((1, count), np.int16)
        edge = np.zeros((1, count), np.bool_)
        for end, at in zip(self.ends, (0, -1), strict=True):
            edge[0, at] = end == "open"
            zone[0, at] = int(zone.max()) + 1 if end == "level" else 0
        domain = domain_over(
            self.bed_m[np.newaxis, :],
            cell_size_m=self.dx_m,
            manning=self.manning,
            level_zone=zone,
            open_edge=edge,
            west_m=float(self.x_m[0]) - 0.5 * self.dx_m,
        )
        parameters = FloodParameters(
            cell_size_m=self.dx_m, flow_depth_m=self.flow_depth_m, max_time_step_s=10.0
        )
        depth = np.broadcast_to(np.asarray(depth_m, dtype=np.float64), (1, count)).copy()
        return make(domain, parameters, initial_depth_m=depth)

    def forcing(
        self,
        q_m2_s: float,
        cells: NDArray[np.int64],
        *,
        rain_m_s: float | FloatArray = 0.0,
        level_m: FloatArray | None = None,
    ) -> Forcing:
        """Return a forcing that spreads a discharge per width over *cells*."""
        level = np.empty(0) if level_m is None else level_m
        return Forcing(
            rain_m_s=rain_m_s,
            level_start_m=level,
            level_end_m=level,
            inflow_cells=cells,
            inflow_m3_s=np.full(cells.size, q_m2_s * self.dx_m / cells.size),
        )


def centres(first: int, last: int, dx_m: float) -> FloatArray:
    """Return the centres of cells *first* to *last*, the latter left out, m."""
    return np.asarray((np.arange(first, last) + 0.5) * dx_m, dtype=np.float64)


def run(
    solver: Solver,
    until_s: float,
    forcing: Forcing | Callable[[float, float], Forcing],
    *,
    window_s: float,
    watch: Callable[[Solver], None] | None = None,
) -> None:
    """Advance to *until_s* in windows; *forcing* may depend on the ends of each window."""
    begin = solver.time_s
    windows = max(1, round((until_s - begin) / window_s))
    for number in range(windows):
        now = begin + (until_s - begin) * number / windows
        then = begin + (until_s - begin) * (number + 1) / windows
        solver.advance(then, forcing(now, then) if callable(forcing) else forcing)
        if watch is not None:
            watch(solver)


def settle(
    solver: Solver, forcing: Forcing, *, window_s: float, limit_s: float, change_m: float
) -> float:
    """
    Advance until no depth changes by more than *change_m* in a window, or to *limit_s*.

    Returns
    -------
    float
        The last change, m.
    """
    change = np.inf
    before = np.array(solver.depth_m)
    while change > change_m and solver.time_s < limit_s:
        solver.advance(solver.time_s + window_s, forcing)
        now = np.array(solver.depth_m)
        change = float(np.abs(now - before).max())
        before = now
    return change


def relative_l1(computed: FloatArray, exact: FloatArray) -> float:
    """Return the sum of errors over the sum of the exact values."""
    return float(np.abs(computed - exact).sum() / np.abs(exact).sum())


def order(cells: Sequence[float], errors: Sequence[float]) -> float:
    """Return the order of convergence: the slope of log error over log cell size."""
    return float(-np.polyfit(np.log(cells), np.log(errors), 1)[0])
