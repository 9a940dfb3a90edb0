"""
The finite-volume solver: for fast water, dam and dyke breaks, steep ground and hydraulic jumps.

It solves the full shallow-water equations to second order, keeps a lake at rest, and lets no depth
become negative. A step costs about four times one of the local inertial solver, and is shorter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from models.errors import InvalidQuantityError, NumericalError
from models.flood.base import STATISTICS, SolverBase
from models.flood.fv_kernels import TABLE_ROWS
from models.flood.fv_layout import VolumeLayout, aligned_zeros, lay_out_volumes
from models.flood.fv_state import FiniteVolumeState
from models.flood.fv_stats import Notes, new_notes
from models.flood.fv_sweep import HALO
from models.flood.fv_window import advance_window
from models.flood.inertial import AdvanceReport
from models.flood.lanes import WIDTH
from models.flood.ledger import Ledger

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.domain import FloodDomain, FloodParameters, Forcing

    FloatArray = NDArray[np.float64]

__all__ = ["FiniteVolumeSolver"]

#: Below this many active cells one thread does the work; the result is the same bytes.
SMALL_CELLS = 10_000
#: Largest Courant number: waves along both axes may add up to one cell a step (Toro 2001, 16.3).
COURANT = 0.5
#: Ledger terms, in order.
_TERMS = ("rain", "level_in", "level_out", "outflow_edges", "inflow", "abstraction")


class FiniteVolumeSolver(SolverBase[VolumeLayout]):
    """
    Advance the water on a domain.

    Parameters
    ----------
    domain
        Ground, roughness, prescribed levels and open edges.
    parameters
        Numbers that steer the solver; ``theta`` has no meaning here, and the Courant number is
        at most 0.5.
    initial_depth_m
        Depth at the start, shape (rows, columns), m; dry where absent. Cells of a prescribed
        level and cells without ground ignore it.
    start_s
        Time at the start, s.
    dry_depth_m
        Depth at or below which nothing flows, m; at most ``flow_depth_m`` is taken.

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
        dry_depth_m: float = 1.0e-5,
    ) -> None:
        self._adopt(domain, parameters)
        if not 0.0 < dry_depth_m < np.inf:
            raise InvalidQuantityError(
                "must be positive", where="dry_depth_m", value=dry_depth_m,
                remedy="A hundredth of a millimetre, 1e-5 m, is usual.",
            )  # fmt: skip
        self._dry_m = min(dry_depth_m, parameters.flow_depth_m)
        self._layout = lay_out_volumes(
            domain, gravity_m_s2=parameters.gravity_m_s2, default_land_class=len(self._debris) - 1
        )
        self._allocate()
        depth_m = self._checked_depth(initial_depth_m)
        self._layout.view(self._h)[...] = np.where(self._layout.computed, depth_m, 0.0)
        self._clock[:2] = start_s
        self._first_sample(self._h[: self._layout.size])
        self._initial_m3 = self._stored_m3()

    def _allocate(self) -> None:
        """Make every array that a step needs."""
        lay = self._layout
        self._parts = max(1, nb.get_num_threads())
        whole = lay.size + self._parts * 2 * HALO * lay.stride
        self._h, self._u, self._v = (aligned_zeros(whole) for _ in range(3))
        self._notes = new_notes(lay.size, lay.land)
        self._zone_depth_m = np.zeros(lay.zone_cells.size)
        # time, last sample, smallest step, last step, wave speed that limited the last step
        self._clock = np.array([0.0, 0.0, np.inf, 0.0, 0.0])
        self._terms = np.zeros(len(_TERMS))
        # steps, whether all ground must be looked at, and the most cells with fast flow
        self._book = np.array([0, 1, 0], dtype=np.int64)
        blocks = (lay.rows + 2, lay.stride // WIDTH)
        self._wet, self._always, self._touched = (
            np.zeros(lay.size // WIDTH, np.uint8) for _ in range(3)
        )
        self._touched[:] = 1
        self._active = np.zeros(blocks, np.uint8)
        self._low, self._high = (np.zeros(lay.rows + 2, np.int32) for _ in range(2))
        self._fastest = np.zeros(lay.rows + 2, np.int64)
        self._table = np.zeros((self._parts, TABLE_ROWS * lay.stride))
        self._gate_flow = np.zeros(lay.gates.row.size)
        self._nothing = np.zeros(WIDTH)
        self._rain, self._loss, self._lost = self._nothing, self._nothing, self._nothing
        self._rain_sum = 0.0
        self._present_m = self._dry_m
        self._uniform_rain = 0.0
        self._losing = False
        self._inflow_m3 = np.zeros(0)

    def _stored_m3(self) -> float:
        """Return the volume in computed cells, summed row by row."""
        rows = self._layout.view(self._h).sum(axis=1)
        return float(sum(rows.tolist())) * self.domain.grid.cell_area_m2

    @property
    def _kept(self) -> Notes:
        return self._notes

    @property
    def steps(self) -> int:
        """Time steps so far."""
        return int(self._book[0])

    def advance(self, until_s: float, forcing: Forcing) -> AdvanceReport:
        """
        Advance to exactly *until_s* under *forcing*.

        Parameters
        ----------
        until_s
            Time at which to stop, s, later than :attr:`time_s`.
        forcing
            Rain, loss, levels and inflows of the window.

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
        self._check_window(until_s, forcing)
        steps = self.steps
        self._clock[2] = np.inf
        self._book[2] = 0
        if self._compute(until_s, forcing) != 0:
            raise self._not_finite()
        self._sample_zones(begin_s, until_s, forcing)
        taken = self.steps - steps
        depth_m = self._layout.view(self._h)
        row, column = divmod(int(np.argmax(depth_m)), self._layout.columns)
        return AdvanceReport(
            steps=taken,
            smallest_step_s=float(self._clock[2]),
            mean_step_s=(until_s - begin_s) / taken,
            wet_cells=int(np.count_nonzero(depth_m > self.parameters.flow_depth_m)),
            active_cells=int(self._active[1:-1].sum()) * WIDTH,
            max_depth_m=float(depth_m[row, column]),
            row=row,
            column=column,
            fast_cells=int(self._book[2]),
        )

    def _take_weather(self, forcing: Forcing) -> bool:
        """Lay rain and loss out for the kernels; return whether there is any."""
        lay, rain, loss = self._layout, forcing.rain_m_s, forcing.loss_m_s
        raining = bool(np.any(np.asarray(rain) > 0.0))
        if (raining or loss is not None) and self._rain is self._nothing:
            self._rain, self._loss, self._lost = (aligned_zeros(lay.size) for _ in range(3))
        if isinstance(rain, np.ndarray):
            if self._rain is not self._nothing:
                lay.view(self._rain)[...] = np.where(lay.computed, rain, 0.0)
                self._rain_sum = float(lay.view(self._rain).sum())
            self._uniform_rain = np.nan
        elif rain != self._uniform_rain and self._rain is not self._nothing:
            lay.view(self._rain)[...] = np.where(lay.computed, rain, 0.0)
            self._rain_sum = float(lay.view(self._rain).sum())
            self._uniform_rain = rain
        if self._loss is not self._nothing and (loss is not None or self._losing):
            lay.view(self._loss)[...] = 0.0 if loss is None else np.where(lay.computed, loss, 0.0)
        self._losing = loss is not None
        present_m = 0.0 if self._losing else self._dry_m
        if present_m != self._present_m:
            self._present_m = present_m
            self._book[1] = 1
        return raining or self._losing

    def _compute(self, until_s: float, forcing: Forcing) -> int:
        """Hand all arrays to the compiled window."""
        lay, p, gates = self._layout, self.parameters, self._layout.gates
        weather = self._take_weather(forcing)
        self._reach_gates(forcing)
        cells = forcing.inflow_cells.astype(np.int64)
        self._inflow_m3 = np.zeros(cells.size)
        threads = nb.get_num_threads()
        small = self._book[1] == 0 and int(self._active.sum()) * WIDTH < SMALL_CELLS
        used = 1 if small else min(threads, self._parts, lay.rows)
        nb.set_num_threads(used)
        try:
            status = advance_window(
                float(until_s), self._clock, self._terms, self._book,
                self._rain_sum > 0.0 or not p.active_tiles, weather, self._rain_sum,
                self._h, self._u, self._v, lay.bed_m, lay.drag, self._notes,
                self._rain, self._loss, self._lost,
                self._wet, self._always, self._touched, self._active, self._low, self._high,
                np.zeros(used + 1, np.int64), self._table, self._fastest,
                np.zeros(used, np.uint8),
                gates.first, gates.row, gates.column, gates.side, gates.zone, gates.bed_m,
                self._gate_flow,
                np.ascontiguousarray(forcing.level_start_m, dtype=np.float64),
                np.ascontiguousarray(forcing.level_end_m, dtype=np.float64),
                np.zeros(self.domain.zones),
                lay.index(cells // lay.columns, cells % lay.columns),
                np.ascontiguousarray(forcing.inflow_m3_s, dtype=np.float64), self._inflow_m3,
                lay.stride, p.cell_size_m, p.gravity_m_s2, min(p.courant, COURANT),
                p.max_time_step_s, self._dry_m, self._present_m, p.edge_slope, self._how,
                np.zeros(lay.rows + 2, np.int64),
            )  # fmt: skip
        finally:
            nb.set_num_threads(threads)
        self._inflow_m3 *= self.domain.grid.cell_area_m2
        return status

    def _reach_gates(self, forcing: Forcing) -> None:
        """Keep the computed cells active that a prescribed level may reach in this window."""
        gates, zones = self._layout.gates, self.domain.zones
        self._always[:] = 0
        if gates.row.size == 0 or zones == 0:
            return
        highest_m = np.append(np.maximum(forcing.level_start_m, forcing.level_end_m), -np.inf)
        k = gates.row * self._layout.stride + gates.column
        floor_m = np.maximum(self._layout.bed_m[k], gates.bed_m)
        reached = highest_m[gates.zone] > floor_m
        self._always[k[reached] // WIDTH] = 1

    def _not_finite(self) -> NumericalError:
        view = self._layout.view
        h, u, v = view(self._h), view(self._u), view(self._v)
        good = (np.abs(h) < 1.0e4) & (np.abs(u) < 1.0e4) & (np.abs(v) < 1.0e4)
        row, column = (int(i) for i in np.argwhere(~good)[0]) if not good.all() else (0, 0)
        return NumericalError(
            "the water depth or velocity is not finite, or beyond 10 km or 10 km/s",
            where=f"flood at {self.time_s:.3f} s, row {row}, column {column}",
            value=float(h[row, column]),
            remedy="Look at the ground and the forcing there, or take a smaller Courant number.",
        )

    @property
    def depth_m(self) -> FloatArray:
        """Depth, m, shape (rows, columns): 0 outside, level minus bed in prescribed cells."""
        lay = self._layout
        if lay.zone_cells.size == 0:
            depth = lay.view(self._h)
            depth.flags.writeable = False
            return depth
        flat = self._h[: lay.size].copy()
        flat[lay.zone_cells] = self._zone_depth_m
        return lay.view(flat)

    @property
    def velocity_m_s(self) -> tuple[FloatArray, FloatArray]:
        """Eastward and southward velocity now, m/s, shape (rows, columns)."""
        return self._layout.view(self._u).copy(), self._layout.view(self._v).copy()

    def speed_m_s(self) -> FloatArray:
        """Flow speed now, m/s; 0 where the water is shallower than ``flow_depth_m``."""
        u, v = self.velocity_m_s
        deep = self._layout.view(self._h) > self.parameters.flow_depth_m
        return np.where(deep, np.hypot(u, v), 0.0)

    @property
    def lost_m(self) -> FloatArray:
        """Depth that the loss took since the start, m, shape (rows, columns)."""
        if self._lost is self._nothing:
            return np.zeros(self.domain.grid.shape)
        return self._layout.view(self._lost).copy()

    @property
    def inflow_m3(self) -> FloatArray:
        """What the inflows of the last window really gave, and took where negative, m³."""
        return self._inflow_m3.copy()

    @property
    def structure_m3(self) -> FloatArray:
        """What passed structures in the last window, m³: this solver has none."""
        return np.zeros(0)

    @property
    def ledger(self) -> Ledger:
        """Volumes since the start, m³."""
        area_m2 = self.domain.grid.cell_area_m2
        terms = {
            f"{name}_m3": float(x) * area_m2 for name, x in zip(_TERMS, self._terms, strict=True)
        }
        return Ledger(
            initial_m3=self._initial_m3,
            stored_m3=self._stored_m3(),
            infiltration_m3=float(self.lost_m.sum()) * area_m2,
            **terms,
        )

    @property
    def state(self) -> FiniteVolumeState:
        """A copy of everything that the next step depends on."""
        u, v = self.velocity_m_s
        return FiniteVolumeState(
            time_s=self.time_s,
            last_sample_s=float(self._clock[1]),
            smallest_step_s=float(self._clock[2]),
            steps=self.steps,
            initial_m3=self._initial_m3,
            terms_m=self._terms.copy(),
            depth_m=self.depth_m.copy(),
            velocity_x_m_s=u,
            velocity_y_m_s=v,
            lost_m=self.lost_m,
            **{name: self._statistic(name) for name in STATISTICS},
        )

    def restore(self, state: FiniteVolumeState) -> None:
        """
        Continue from *state*, which a solver of the same domain and parameters gave.

        Raises
        ------
        InvalidQuantityError
            If an array has another shape than the grid.
        """
        names = (*STATISTICS, "depth_m", "velocity_x_m_s", "velocity_y_m_s", "lost_m")
        state.require_shapes(dict.fromkeys(names, self.domain.grid.shape), "another grid")
        self._allocate()
        lay = self._layout
        lay.view(self._h)[...] = state.depth_m
        self._zone_depth_m = self._h[lay.zone_cells]
        self._h[lay.zone_cells] = 0.0
        lay.view(self._u)[...] = state.velocity_x_m_s
        lay.view(self._v)[...] = state.velocity_y_m_s
        for name, short in STATISTICS.items():
            lay.view(getattr(self._notes, short))[...] = getattr(state, name)
        if state.lost_m.any():
            self._rain, self._loss, self._lost = (aligned_zeros(lay.size) for _ in range(3))
            lay.view(self._lost)[...] = state.lost_m
        self._clock[:] = (state.time_s, state.last_sample_s, state.smallest_step_s, 0.0, 0.0)
        self._terms[:] = state.terms_m
        self._book[:] = (state.steps, 1, 0)
        self._initial_m3 = state.initial_m3
