"""
The local inertial solver: fast, for slow and shallow water on low ground.

Not for supercritical flow or dam breaks: where the Froude number nears 1 the scheme delays waves,
and at very low roughness it underestimates their celerity (de Almeida & Bates 2013).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from models.errors import InvalidQuantityError, NumericalError
from models.flood.kernels import PAD
from models.flood.layout import NOWHERE, aligned_zeros, lay_out
from models.flood.ledger import Ledger
from models.flood.state import FloodState
from models.flood.stepping import QUEUE, advance_window, flow_speed, sample_zone, summarise_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.domain import FloodDomain, FloodParameters, Forcing

    FloatArray = NDArray[np.float64]

__all__ = ["AdvanceReport", "FloodSolver"]

#: Below this many active cells one thread does the work: threads meet several times a step, and
#: wait for one another long where the machine is shared. The result is the same bytes.
SMALL_CELLS = 40_000
#: Rows of the array of statistics.
_STATISTICS = (
    "max_depth_m", "sampled_max_depth_m", "time_of_max_s", "arrival_s", "duration_s",
    "max_speed_m_s", "max_hazard",
)  # fmt: skip
_MAX_DEPTH, _SAMPLED, _TIME_OF_MAX, _ARRIVAL, _DURATION, _SPEED, _HAZARD = range(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceReport:
    """
    What happened in one exchange window.

    Parameters
    ----------
    steps
        Time steps taken.
    smallest_step_s, mean_step_s
        Of the steps of this window.
    wet_cells
        Computed cells deeper than ``flow_depth_m`` at the end.
    active_cells
        Cells that the last step worked on.
    max_depth_m, row, column
        Deepest computed cell at the end: it limits the time step.
    """

    steps: int
    smallest_step_s: float
    mean_step_s: float
    wet_cells: int
    active_cells: int
    max_depth_m: float
    row: int
    column: int


class FloodSolver:
    """
    Advance the water on a domain.

    Parameters
    ----------
    domain
        Ground, roughness, prescribed levels and open edges.
    parameters
        Numbers that steer the solver.
    initial_depth_m
        Depth at the start, shape (rows, columns), m; dry where absent. Cells of a prescribed
        level and cells without ground ignore it.
    start_s
        Time at the start, s.

    Raises
    ------
    InvalidQuantityError
        If the depth is negative, not finite or of another shape, or the cell sizes differ.
    """

    def __init__(
        self,
        domain: FloodDomain,
        parameters: FloodParameters,
        *,
        initial_depth_m: FloatArray | None = None,
        start_s: float = 0.0,
    ) -> None:
        if domain.grid.cell_size_m != parameters.cell_size_m:
            raise InvalidQuantityError(
                f"differs from the cell size of the grid, {domain.grid.cell_size_m} m",
                where="flood parameter cell_size_m",
                value=parameters.cell_size_m,
            )
        debris = np.array(parameters.debris_factor, dtype=np.float64)
        if domain.land_class is not None and int(domain.land_class.max()) >= len(debris):
            raise InvalidQuantityError(
                f"only {len(debris)} land classes have debris factors",
                where="land_class",
                value=int(domain.land_class.max()),
            )
        self.domain = domain
        self.parameters = parameters
        self._debris = debris
        self._layout = lay_out(domain, default_land_class=len(debris) - 1)
        self._allocate()
        depth = self._checked_depth(initial_depth_m)
        self._view(self._h[0])[...] = depth
        self._h[0] *= self._layout.fixed[2]
        self._h[1] = self._h[0]
        self._clock[:2] = start_s
        self._first_sample()
        self._initial_m3 = self._summarise()[0]

    def _allocate(self) -> None:
        """Make every array that a step needs; nothing is allocated later."""
        lay = self._layout
        self._h = aligned_zeros(2, lay.size)
        self._qx = aligned_zeros(2, lay.size)
        self._qy = aligned_zeros(2, lay.size)
        self._stats = aligned_zeros(len(_STATISTICS), lay.size)
        self._stats[_TIME_OF_MAX] = np.nan
        self._stats[_ARRIVAL] = np.nan
        self._zone_depth_m = np.zeros(lay.zone_cells.size)
        self._reached: NDArray[np.bool_] | None = None
        # time, last sample, smallest step, last step, depth that limited the last step
        self._clock = np.array([0.0, 0.0, np.inf, 0.0, 0.0])
        self._terms = np.zeros(5)
        # buffer of the present, steps, whether the active ground is unknown, and whether it rained
        self._book = np.array([0, 0, 1, 0], dtype=np.int64)
        blocks = lay.stride // PAD
        self._mark = np.zeros(lay.size, np.uint8)
        self._soon = np.zeros(lay.size, np.uint8)
        self._active = np.zeros((lay.rows + 2, blocks), np.uint8)
        self._fresh = np.zeros((lay.rows + 2, blocks), np.uint8)
        self._count = np.zeros(lay.rows + 2, np.int32)
        self._span = np.zeros((lay.rows + 2, blocks + 2), np.int32)
        self._guard_count = np.zeros(lay.rows + 2, np.int32)
        self._guard = np.zeros((lay.rows + 2, blocks + 2), np.int32)
        self._queue = np.zeros(QUEUE)
        self._dry = np.zeros(lay.rows + 2)
        self._largest = np.zeros(lay.rows + 2, np.int64)
        self._owed = np.zeros(lay.rows + 2, np.int32)
        self._owing = np.zeros((lay.rows + 2, blocks), np.int32)
        self._row_sums = np.zeros(lay.rows + 2)
        self._row_wet = np.zeros(lay.rows + 2, np.int64)
        self._row_deepest = np.zeros(lay.rows + 2, np.int64)

    def _checked_depth(self, depth_m: FloatArray | None) -> FloatArray:
        ground = ~np.isnan(self.domain.bed_m)
        if depth_m is None:
            return np.zeros(self.domain.grid.shape)
        if depth_m.shape != self.domain.grid.shape:
            raise InvalidQuantityError(
                f"has another shape than the grid, {self.domain.grid.shape}",
                where="initial_depth_m",
                value=depth_m.shape,
            )
        bad = ground & ~((depth_m >= 0.0) & np.isfinite(depth_m))
        if bad.any():
            row, column = (int(i) for i in np.argwhere(bad)[0])
            raise InvalidQuantityError(
                "a depth must be finite and not negative",
                where=f"initial_depth_m, row {row}, column {column}",
                value=float(depth_m[row, column]),
            )
        return np.where(ground, depth_m, 0.0)

    def _first_sample(self) -> None:
        """Count what is wet at the start as arrived at the start."""
        h = self._h[0]
        stats = self._stats
        stats[_MAX_DEPTH] = h
        stats[_SAMPLED] = h
        start_s = self._clock[0]
        stats[_TIME_OF_MAX, h > self.parameters.flow_depth_m] = start_s
        stats[_ARRIVAL, h >= self.parameters.arrival_depth_m] = start_s

    def _view(self, flat: FloatArray, *, more_rows: int = 0, more_columns: int = 0) -> FloatArray:
        return self._layout.view(flat, more_rows=more_rows, more_columns=more_columns)

    def _summarise(self) -> tuple[float, int, float, int, int]:
        """Return volume, wet cells, largest depth and its row and column."""
        lay = self._layout
        h = self._h[self._book[0]]
        summarise_rows(
            h, lay.fixed[2], self._row_sums, self._row_wet, self._row_deepest, lay.stride,
            self.parameters.flow_depth_m,
        )  # fmt: skip
        deepest = h[self._row_deepest] * lay.fixed[2, self._row_deepest]
        k = int(self._row_deepest[int(np.argmax(deepest))])
        row, column = divmod(k, lay.stride)
        volume = sum(self._row_sums.tolist()) * self.domain.grid.cell_area_m2
        return volume, int(self._row_wet.sum()), float(deepest.max()), row - 1, column - PAD

    @property
    def time_s(self) -> float:
        """Simulated time, s."""
        return float(self._clock[0])

    @property
    def steps(self) -> int:
        """Time steps so far."""
        return int(self._book[1])

    def advance(self, until_s: float, forcing: Forcing) -> AdvanceReport:
        """
        Advance to exactly *until_s* under *forcing*.

        Parameters
        ----------
        until_s
            Time at which to stop, s, later than :attr:`time_s`.
        forcing
            Rain, levels and inflows of the window.

        Returns
        -------
        AdvanceReport
            Steps, and what limited them.

        Raises
        ------
        InvalidQuantityError
            If the time does not lie ahead, or the forcing does not fit the domain.
        NumericalError
            At the first depth that is not finite, naming time, row and column.
        """
        begin_s = self.time_s
        if not begin_s < until_s < np.inf:
            raise InvalidQuantityError(
                f"the flood stands at {begin_s} s and cannot advance to this time",
                where="until_s",
                value=until_s,
            )
        forcing.check(self.domain)
        steps = self.steps
        self._clock[2] = np.inf
        status = self._compute(until_s, forcing)
        if status != 0:
            raise self._not_finite()
        self._sample_zones(begin_s, until_s, forcing)
        taken = self.steps - steps
        _, wet, deepest_m, row, column = self._summarise()
        return AdvanceReport(
            steps=taken,
            smallest_step_s=float(self._clock[2]),
            mean_step_s=(until_s - begin_s) / taken,
            wet_cells=wet,
            active_cells=int(self._active.sum()) * PAD,
            max_depth_m=deepest_m,
            row=row,
            column=column,
        )

    def _compute(self, until_s: float, forcing: Forcing) -> int:
        """Hand all arrays to the compiled window."""
        lay = self._layout
        shore = lay.shore
        edge = lay.edge
        p = self.parameters
        threads = nb.get_num_threads()
        used = 1 if self._is_small() else threads
        inflow = forcing.inflow_cells.astype(np.int64)
        inflow = lay.index(inflow // lay.columns, inflow % lay.columns)
        nb.set_num_threads(used)
        try:
            return advance_window(
                float(until_s), self._clock, self._terms, self._book, not p.active_tiles,
                self._h, self._qx, self._qy, lay.fixed, lay.land, self._stats,
                self._mark, self._soon, self._active, self._fresh, self._count, self._span,
                self._guard_count, self._guard,
                np.concatenate([self._reached_shore(forcing), inflow]), self._queue, self._dry,
                np.zeros(used + 1, np.int64), self._largest, self._owed, self._owing,
                np.zeros(used, np.uint8),
                shore.shore_first, shore.shore, shore.shore_zone,
                np.append(forcing.level_start_m, NOWHERE), np.append(forcing.level_end_m, NOWHERE),
                np.zeros(self.domain.zones + 1),
                shore.face, shore.axis, shore.sign, shore.zone_cell, shore.computed_cell,
                shore.copy_to, shore.copy_from, shore.copy_axis,
                edge.first, edge.cell, edge.inner, edge.face, edge.side,
                inflow, np.ascontiguousarray(forcing.inflow_m3_s, dtype=np.float64),
                float(forcing.rain_m_s),
                lay.stride, p.cell_size_m, p.gravity_m_s2, p.theta, p.stable_courant,
                p.max_time_step_s, p.flow_depth_m, p.edge_slope, p.statistics_interval_s,
                p.arrival_depth_m, p.duration_depth_m, self._debris,
            )  # fmt: skip
        finally:
            nb.set_num_threads(threads)

    def _reached_shore(self, forcing: Forcing) -> NDArray[np.int64]:
        """Return the computed cells that a prescribed level reaches: they stay active."""
        shore, lay = self._layout.shore, self._layout
        if shore.computed_cell.size == 0:
            return shore.computed_cell
        zone = lay.zone_of[np.searchsorted(lay.zone_cells, shore.zone_cell)]
        highest_m = np.maximum(forcing.level_start_m, forcing.level_end_m)
        reached = highest_m[zone] > lay.fixed[0][shore.computed_cell]
        if self._reached is None or bool((reached & ~self._reached).any()):
            self._book[3] = 1  # ground that may be inactive must be looked at
        self._reached = reached
        return np.asarray(shore.computed_cell[reached], np.int64)

    def _is_small(self) -> bool:
        """Return whether so little ground is active that a second thread does not pay."""
        return self._book[2] == 0 and int(self._active.sum()) * PAD < SMALL_CELLS

    def _not_finite(self) -> NumericalError:
        h = self._view(self._h[self._book[0]])
        bad = np.argwhere(~(np.abs(h) < 1.0e4))
        row, column = (int(i) for i in bad[0])
        return NumericalError(
            "the water depth is not finite, or beyond 10 km",
            where=f"flood at {self.time_s:.3f} s, row {row}, column {column}",
            value=float(h[row, column]),
            remedy="Look at the ground and the forcing there, or take a smaller Courant number.",
        )

    def _sample_zones(self, begin_s: float, until_s: float, forcing: Forcing) -> None:
        lay = self._layout
        if lay.zone_cells.size == 0:
            return
        p = self.parameters
        end_m = np.ascontiguousarray(forcing.level_end_m, dtype=np.float64)
        sample_zone(
            lay.zone_cells, lay.zone_bed_m,
            np.ascontiguousarray(forcing.level_start_m, dtype=np.float64), end_m, lay.zone_of,
            self._stats, lay.land, begin_s, float(until_s), p.flow_depth_m, p.arrival_depth_m,
            p.duration_depth_m, self._debris,
        )  # fmt: skip
        self._zone_depth_m = np.maximum(end_m[lay.zone_of] - lay.zone_bed_m, 0.0)

    @property
    def depth_m(self) -> FloatArray:
        """Depth, m, shape (rows, columns): 0 outside, level minus bed in prescribed cells."""
        lay = self._layout
        if lay.zone_cells.size == 0:
            depth = self._view(self._h[self._book[0]])
            depth.flags.writeable = False
            return depth
        flat = self._h[self._book[0]].copy()
        flat[lay.zone_cells] = self._zone_depth_m
        return self._view(flat)

    def speed_m_s(self) -> FloatArray:
        """Flow speed now, m/s: mean discharge through opposite faces over the depth."""
        p, lay = self._book[0], self._layout
        speed = np.empty(self.domain.grid.shape)
        flow_speed(
            self._h[p], self._qx[p], self._qy[p], lay.fixed[2], lay.stride,
            self.parameters.flow_depth_m, speed,
        )  # fmt: skip
        return speed

    @property
    def max_depth_m(self) -> FloatArray:
        """Largest depth at any step, m."""
        return np.maximum(self._view(self._stats[_MAX_DEPTH]), self.depth_m)

    @property
    def max_speed_m_s(self) -> FloatArray:
        """Largest sampled speed, m/s."""
        return self._view(self._stats[_SPEED]).copy()

    @property
    def max_hazard(self) -> FloatArray:
        """Largest sampled hazard rating ``h (v + 0.5) + DF`` (DEFRA 2006), 0 where dry."""
        return self._view(self._stats[_HAZARD]).copy()

    @property
    def arrival_s(self) -> FloatArray:
        """Time at which ``arrival_depth_m`` was first seen, s; NaN where never."""
        return self._view(self._stats[_ARRIVAL]).copy()

    @property
    def duration_s(self) -> FloatArray:
        """Time at or above ``duration_depth_m``, s."""
        return self._view(self._stats[_DURATION]).copy()

    @property
    def time_of_max_s(self) -> FloatArray:
        """Time of the largest depth, s; NaN where it never passed ``flow_depth_m``."""
        return self._view(self._stats[_TIME_OF_MAX]).copy()

    @property
    def ledger(self) -> Ledger:
        """Volumes since the start, m³."""
        area_m2 = self.domain.grid.cell_area_m2
        rain, level_in, level_out, inflow, outflow = (float(x) * area_m2 for x in self._terms)
        return Ledger(
            initial_m3=self._initial_m3,
            stored_m3=self._summarise()[0],
            rain_m3=rain * float(self._layout.fixed[2].sum()),
            level_in_m3=level_in,
            level_out_m3=level_out,
            inflow_m3=inflow,
            outflow_edges_m3=outflow,
        )

    @property
    def state(self) -> FloodState:
        """A copy of everything that the next step depends on."""
        p = self._book[0]
        statistics = {
            name: self._view(self._stats[row]).copy() for row, name in enumerate(_STATISTICS)
        }
        return FloodState(
            time_s=self.time_s,
            last_sample_s=float(self._clock[1]),
            smallest_step_s=float(self._clock[2]),
            steps=self.steps,
            initial_m3=self._initial_m3,
            terms_m=self._terms.copy(),
            depth_m=self.depth_m.copy(),
            discharge_x_m2_s=self._view(self._qx[p], more_columns=1).copy(),
            discharge_y_m2_s=self._view(self._qy[p], more_rows=1).copy(),
            **statistics,
        )

    def restore(self, state: FloodState) -> None:
        """
        Continue from *state*, which a solver of the same domain and parameters gave.

        Raises
        ------
        InvalidQuantityError
            If an array has another shape than the grid.
        """
        rows, columns = self.domain.grid.shape
        shapes = dict.fromkeys((*_STATISTICS, "depth_m"), (rows, columns))
        shapes |= {"discharge_x_m2_s": (rows, columns + 1), "discharge_y_m2_s": (rows + 1, columns)}
        for name, shape in shapes.items():
            if getattr(state, name).shape != shape:
                raise InvalidQuantityError(
                    f"the state belongs to another grid; this one needs {shape}",
                    where=f"flood state {name}",
                    value=getattr(state, name).shape,
                )
        self._allocate()
        lay = self._layout
        self._view(self._h[0])[...] = state.depth_m
        self._zone_depth_m = self._h[0, lay.zone_cells]
        self._h[0] *= lay.fixed[2]
        self._h[1] = self._h[0]
        self._view(self._qx[0], more_columns=1)[...] = state.discharge_x_m2_s
        self._view(self._qy[0], more_rows=1)[...] = state.discharge_y_m2_s
        for row, name in enumerate(_STATISTICS):
            self._view(self._stats[row])[...] = getattr(state, name)
        self._clock[:] = (state.time_s, state.last_sample_s, state.smallest_step_s, 0.0, 0.0)
        self._terms[:] = state.terms_m
        self._book[:] = (0, state.steps, 1, 1)
        self._initial_m3 = state.initial_m3
