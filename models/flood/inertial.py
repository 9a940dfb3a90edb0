"""
The local inertial solver: fast, for slow and shallow water on low ground.

Not for supercritical flow or dam breaks: where the Froude number nears 1 the scheme delays waves,
and at very low roughness it underestimates their celerity (de Almeida & Bates 2013).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba as nb
import numpy as np

from models.errors import InvalidQuantityError, NumericalError
from models.flood.barriers import Links, Walls
from models.flood.base import STATISTICS, SolverBase
from models.flood.channel_layout import CanalPlaces, fill_canals, lay_canals
from models.flood.channels import Channels
from models.flood.kernels import PAD, WALL
from models.flood.layout import Layout, aligned_zeros, lay_out
from models.flood.ledger import Ledger
from models.flood.packing import GHOST, LIMBO, Home, Packed, Runs
from models.flood.rows import Edges, Owing, Shore
from models.flood.sampling import active_speed, flow_speed, speed_of, summarise_rows
from models.flood.state import FloodState
from models.flood.stepping import QUEUE, Constants, Inflow, Levels, Parts, Places, advance_window
from models.flood.structures import Structures
from models.flood.tiles import Marks, discharges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.channel_flow import Canals
    from models.flood.domain import FloodDomain, FloodParameters, Forcing
    from models.flood.structures import Controls

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["AdvanceReport", "FloodSolver"]

#: Below this many active cells one thread does the work: threads meet several times a step, and
#: wait for one another long where the machine is shared. The result is the same bytes.
SMALL_CELLS = 40_000
#: Ledger terms that the window counts; inflow and abstraction follow.
_WINDOW_TERMS = 6
_NOTHING = np.zeros(0)


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
    fast_cells
        The most cells, of all samples in the window, in which notable flow (over 5 cm) passed
        ``froude_limit``.
    """

    steps: int
    smallest_step_s: float
    mean_step_s: float
    wet_cells: int
    active_cells: int
    max_depth_m: float
    row: int
    column: int
    fast_cells: int = 0


def _ends(structures: Structures) -> tuple[IntArray, IntArray]:
    """Return rows and columns of the cells that links join."""
    row = np.concatenate([structures.link_row_a, structures.link_row_b])
    column = np.concatenate([structures.link_column_a, structures.link_column_b])
    return row[row >= 0], column[row >= 0]


def _no_channels() -> Channels:
    index, number = np.empty(0, np.int64), np.empty(0)
    return Channels(
        node_row=index, node_column=index, node_bed_m=number, reach_a=index, reach_b=index,
        width_m=number, length_m=number, manning=number,
    )  # fmt: skip


class FloodSolver(SolverBase[Layout]):
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
    structures
        Walls, gates, pumps and the like; their state comes with each window.
    channels
        Channels narrower than a cell.
    channel_level_m
        Level in them at the start, m, shape (nodes,), at most at the bank; dry where absent. Water
        that *initial_depth_m* sees over a channel with room sinks into it.

    Raises
    ------
    InvalidQuantityError
        If the depth is negative, not finite or of another shape, the cell sizes differ, or the
        channels do not fit the ground.
    """

    def __init__(
        self,
        domain: FloodDomain,
        parameters: FloodParameters,
        *,
        initial_depth_m: FloatArray | None = None,
        start_s: float = 0.0,
        structures: Structures | None = None,
        channels: Channels | None = None,
        channel_level_m: FloatArray | None = None,
    ) -> None:
        self._adopt(domain, parameters)
        self.structures = structures if structures is not None else Structures()
        self.structures.check(domain)
        self.channels = channels if channels is not None else _no_channels()
        self._layout = lay_out(
            domain, default_land_class=len(self._debris) - 1, ends=_ends(self.structures)
        )
        self._allocate()
        self._home.h[:] = self._padded(self._checked_depth(initial_depth_m))
        self._home.h[:] *= self._layout.computed
        if parameters.precision == "single":
            self._home.h[:] = self._home.h.astype(np.float32)
        self._fill_channels(channel_level_m)
        self._clock[:2] = start_s
        self._first_sample(self._home.h)
        self._initial_m3 = self._summarise()[0]

    def _allocate(self) -> None:
        """Make every array that a step needs; nothing is allocated later but for rain and loss."""
        lay, p = self._layout, self.parameters
        shape = lay.idle.shape
        cells = lay.size
        single = [np.zeros(cells, np.float32) for _ in range(6)]
        h, top, ref = (np.zeros(cells) for _ in range(3))
        when, arrival, duration, fastest, worst, product = single
        self._home = Home(
            h, lay.bed, lay.manning, lay.computed, top, ref, when, arrival, duration, fastest,
            worst, product, lay.land, _NOTHING, _NOTHING, _NOTHING, np.zeros(cells, np.int32),
        )  # fmt: skip
        self._home.when[:] = np.nan
        self._home.arrival[:] = np.nan
        # Runs of active blocks need one ghost each, and are one block apart at least.
        room = (cells // PAD + shape[0] * (shape[1] // 2 + 2) + 2) * PAD
        kind: Any = np.float32 if p.precision == "single" else np.float64
        h, qx, qy = (aligned_zeros(2, room, kind) for _ in range(3))
        z, nm, wt, top = (aligned_zeros(1, room, kind)[0] for _ in range(4))
        up, down, low, high = (np.full(room // PAD, LIMBO, np.int32) for _ in range(4))
        none = np.zeros(0, kind)
        self._packed = Packed(
            h, qx, qy, z, nm, wt, top, none, none, _NOTHING, none, up, down, low, high,
            np.full(room // PAD, GHOST, np.uint8),
        )  # fmt: skip
        z[: 2 * PAD] = WALL
        nm[: 2 * PAD] = 1.0
        self._runs = Runs(
            np.zeros(shape[0], np.int32), np.zeros((shape[0], shape[1] + 2), np.int32),
            np.zeros(shape[0], np.int32), np.full((2, shape[0] * shape[1]), LIMBO // PAD, np.int32),
        )  # fmt: skip
        self._marks = Marks(
            np.zeros(cells, np.uint8), np.zeros(cells, np.uint8), np.zeros(shape, np.uint8),
            np.zeros(shape, np.uint8), lay.idle, np.zeros(0, np.int64), np.zeros(shape[0]),
        )  # fmt: skip
        rows = shape[0]
        self._parts = Parts(
            np.zeros(2, np.int64), np.zeros(rows, np.int64), np.zeros(rows, np.int64),
            np.zeros(rows, np.uint8), np.zeros(rows, np.uint8),
        )  # fmt: skip
        self._owing = Owing(np.zeros(rows, np.int32), np.zeros(shape, np.int32))
        shore, edge = lay.shore, lay.edge
        structures = self._place_structures()
        self._canals, canal = self._lay_channels(structures[0])
        self._places = Places(
            shore.shore, shore.face, shore.zone_cell, shore.computed_cell, shore.copy_to,
            shore.copy_from, edge.cell, edge.inner, edge.face,
            *(*structures, canal.cell, canal.face),
        )  # fmt: skip
        packed = [np.full(each.size, LIMBO, np.int64) for each in self._places]
        cell, face, face_zone, face_cell, copy_to, copy_from, edge_cell, inner, edge_face = packed[
            :9
        ]
        self._lay_structures(*packed[9:-2])
        self._shore = Shore(
            shore.shore_first, shore.shore_zone, cell, face, shore.axis, shore.sign, face_zone,
            face_cell, copy_to, copy_from, shore.copy_axis,
        )  # fmt: skip
        self._edges = Edges(edge.first, edge_cell, inner, edge_face, edge.side)
        self._constants = Constants(
            lay.rows + 1, lay.stride, p.cell_size_m, p.gravity_m_s2, p.theta, p.stable_courant,
            p.max_time_step_s, p.flow_depth_m, p.edge_slope, not p.active_tiles,
        )  # fmt: skip
        self._zone_depth_m = np.zeros(lay.zone_cells.size)
        # What was found out of the present, until there is another.
        self._shown: FloatArray | None = None
        self._summary: tuple[float, int, float, int, int] | None = None
        self._restored = (_NOTHING, _NOTHING)
        self._rain: float | FloatArray = 0.0
        # time, last sample, smallest step, last step, depth that limited the last step
        self._clock = np.array([0.0, 0.0, np.inf, 0.0, 0.0])
        # rain, level in, level out, outflow, in and out through links, inflow, abstraction
        self._terms = np.zeros(_WINDOW_TERMS + 2)
        # buffer of the present, steps, whether all is home, whether inactive ground may have
        # changed, and the most cells with fast flow
        self._book = np.array([0, 0, 1, 0, 0], dtype=np.int64)
        self._queue = np.zeros(QUEUE)
        self._row_sums = np.zeros(rows)
        self._row_wet = np.zeros(rows, np.int64)
        self._row_deepest = np.zeros(rows, np.int64)
        #: What the inflows of the last window really gave, and took where negative, m³.
        self.inflow_m3 = np.zeros(0)
        #: What passed each group of walled faces (east or south) and each link (from a to b) in
        #: the last window, m³: groups first.
        self.structure_m3 = np.zeros(self.structures.groups + self.structures.links)

    def _place_structures(self) -> tuple[NDArray[np.int64], ...]:
        """Return home positions of walled faces, of the cells beside them, and of ends of links."""
        lay, own = self._layout, self.structures
        face = lay.index(own.face_row, own.face_column)
        order = np.lexsort((own.face_axis, face))
        face = face[order]
        behind = face - np.where(own.face_axis[order] == 0, 1, lay.stride)
        ends = (
            np.where(row < 0, -1, lay.index(row, column))
            for row, column in (
                (own.link_row_a, own.link_column_a),
                (own.link_row_b, own.link_column_b),
            )
        )
        return face, behind, face, *ends

    def _lay_structures(
        self, face: IntArray, a: IntArray, b: IntArray, link_a: IntArray, link_b: IntArray
    ) -> None:
        """Make the lists of structures whose packed positions the arguments will hold."""
        lay, own = self._layout, self.structures
        order = np.lexsort((own.face_axis, lay.index(own.face_row, own.face_column)))
        starts = np.arange(self._parts.largest.size + 1)
        node_a, node_b = (
            self._node_of(cells) for cells in (self._places.link_a, self._places.link_b)
        )
        self._walls = Walls(
            np.searchsorted(own.face_row[order] + 1, starts).astype(np.int64), face, a, b,
            own.face_axis[order], own.face_group[order], own.group_kind, np.zeros(own.groups),
            np.zeros(own.groups), np.zeros(own.groups), np.zeros(own.groups, np.int64),
            np.zeros(own.groups),
        )  # fmt: skip
        self._links = Links(
            own.link_row_a + 1, own.link_row_b + 1, link_a, link_b, node_a, node_b, own.link_kind,
            np.ascontiguousarray(own.link_params), np.zeros(own.links),
            np.zeros(own.links, np.int64), np.zeros(own.links),
        )  # fmt: skip

    def _lay_channels(self, walled: IntArray) -> tuple[Canals, CanalPlaces]:
        """Return the channels for the kernels; *walled* are the home positions of walled faces."""
        own = self.structures
        order = np.lexsort((own.face_axis, self._layout.index(own.face_row, own.face_column)))
        return lay_canals(self.channels, self.domain, self._layout, (walled, own.face_axis[order]))

    def _node_of(self, cells: IntArray) -> IntArray:
        """Return the nodes of channels at home positions of cells, -1 for none."""
        nodes = {k: n for n, k in enumerate(self._places.canal_cell.tolist())}
        found = [nodes.get(k, -1) for k in cells.tolist()]
        narrow = self._canals.room > 0.0
        return np.array([n if n >= 0 and narrow[n] else -1 for n in found], np.int64)

    def _fill_channels(self, level_m: FloatArray | None) -> None:
        """Set the water of the channels at the start."""
        canals = self._canals
        if level_m is None:
            level_m = canals.bed
        if level_m.shape != canals.bed.shape or not np.isfinite(level_m).all():
            raise InvalidQuantityError(
                f"needs a finite level for each of {canals.bed.size} nodes",
                where="channel_level_m",
                value=level_m.shape,
            )
        at = self._places.canal_cell
        depth_m = self._home.h[at]
        fill_canals(canals, level_m, depth_m, self.domain.grid.cell_area_m2)
        self._home.h[at] = depth_m

    def _set_controls(self, controls: Controls | None) -> None:
        """Hand the state of the structures to the kernels."""
        own = self.structures
        if controls is None:
            if own.groups + own.links > 0:
                raise InvalidQuantityError(
                    "the structures need a state",
                    where="controls",
                    value=None,
                    remedy="Give Forcing.controls.",
                )
            return
        controls.check(own)
        walls, links = self._walls, self._links
        walls.crest[:] = controls.crest_m
        walls.opening[:] = controls.opening_m
        walls.sill[:] = controls.sill_m
        walls.direction[:] = controls.direction
        links.opening[:] = controls.link_opening
        links.running[:] = controls.link_running
        walls.moved[:] = 0.0
        links.moved[:] = 0.0

    def _padded(self, array: FloatArray) -> FloatArray:
        """Return an array of the grid, in padded form."""
        flat = np.zeros(self._layout.size)
        self._view(flat)[...] = array
        return flat

    def _view[T: np.generic](
        self, flat: NDArray[T], *, more_rows: int = 0, more_columns: int = 0
    ) -> NDArray[T]:
        return self._layout.view(flat, more_rows=more_rows, more_columns=more_columns)

    def _summarise(self) -> tuple[float, int, float, int, int]:
        """Return volume, wet cells, largest depth and its row and column."""
        if self._summary is not None:
            return self._summary
        lay = self._layout
        h = self._home.h
        summarise_rows(
            lay.rows, h, lay.computed, self._row_sums, self._row_wet, self._row_deepest, lay.stride,
            self.parameters.flow_depth_m,
        )  # fmt: skip
        deepest = h[self._row_deepest] * lay.computed[self._row_deepest]
        k = int(self._row_deepest[int(np.argmax(deepest))])
        row, column = divmod(k, lay.stride)
        volume = sum(self._row_sums.tolist()) * self.domain.grid.cell_area_m2
        volume += sum(self._canals.volume.tolist())
        wet = int(self._row_wet.sum())
        self._summary = volume, wet, float(deepest.max()), row - 1, column - PAD
        return self._summary

    @property
    def _kept(self) -> Home:
        return self._home

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
        self._check_window(until_s, forcing)
        steps = self.steps
        self._clock[2] = np.inf
        self._book[4] = 0
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
            active_cells=int(self._marks.active.sum()) * PAD,
            max_depth_m=deepest_m,
            row=row,
            column=column,
            fast_cells=int(self._book[4]),
        )

    def _compute(self, until_s: float, forcing: Forcing) -> int:
        """Hand all arrays to the compiled window."""
        lay = self._layout
        threads = nb.get_num_threads()
        used = 1 if self._is_small() else threads
        cells = forcing.inflow_cells.astype(np.int64)
        cells = lay.index(cells // lay.columns, cells % lay.columns)
        inflow = Inflow(
            cells, np.zeros_like(cells), self._node_of(cells),
            np.ascontiguousarray(forcing.inflow_m3_s, dtype=np.float64), np.zeros(cells.size),
        )  # fmt: skip
        levels = Levels(
            np.ascontiguousarray(forcing.level_start_m, dtype=np.float64),
            np.ascontiguousarray(forcing.level_end_m, dtype=np.float64),
            np.zeros(self.domain.zones),
        )  # fmt: skip
        self._set_controls(forcing.controls)
        ends = np.concatenate([self._places.link_a, self._places.link_b])
        self._keep_active(
            np.concatenate(
                [self._reached_shore(forcing), cells, ends[ends >= 0], self._places.canal_cell]
            )
        )
        raining = self._prepare_rain(forcing.rain_m_s)
        self._prepare_loss(forcing.loss_m_s)
        parts = self._parts._replace(bounds=np.zeros(used + 1, np.int64))
        gain = self._home.gain
        nb.set_num_threads(used)
        try:
            status = advance_window(
                float(until_s), self._clock, self._terms, self._book, self._constants, self._home,
                self._packed, self._runs, self._marks, parts, self._owing, self._places,
                self._shore, self._edges, self._walls, self._links, self._canals, levels, inflow,
                self._how, *self._restored, self._queue, raining,
                float(gain.sum()) if raining else 0.0, float(gain.max()) if raining else 0.0,
            )  # fmt: skip
        finally:
            nb.set_num_threads(threads)
        self._restored = (_NOTHING, _NOTHING)
        self._shown = self._summary = None
        for moved_m in inflow.moved.tolist():
            self._terms[_WINDOW_TERMS + (moved_m < 0.0)] += abs(moved_m)
        self.inflow_m3 = inflow.moved * self.domain.grid.cell_area_m2
        walls_m3 = self._walls.moved * self.parameters.cell_size_m
        self.structure_m3 = np.concatenate([walls_m3, self._links.moved])
        return int(status)

    def _prepare_rain(self, rain: float | FloatArray) -> bool:
        """Lay the rain out for the kernels; return whether there is any."""
        if isinstance(rain, np.ndarray):
            raining = bool((rain[~np.isnan(self.domain.bed_m)] > 0.0).any())
        else:
            raining = rain > 0.0
        if not raining:
            return False
        home, lay = self._home, self._layout
        if home.gain.size == 0:
            self._home = home = home._replace(gain=np.zeros(lay.size))
            self._packed = self._packed._replace(gain=np.zeros_like(self._packed.top))
            self._rain = 0.0
        if isinstance(rain, np.ndarray):
            self._view(home.gain)[...] = np.where(self._view(lay.computed) != 0, rain, 0.0)
            self._rain = rain
        elif isinstance(self._rain, np.ndarray) or rain != self._rain:
            np.multiply(lay.computed, rain, out=home.gain)
            self._rain = rain
        return True

    def _prepare_loss(self, loss: FloatArray | None) -> None:
        """Lay the losses out for the kernels; once there were some, there is room for them."""
        home, lay = self._home, self._layout
        if loss is None:
            if home.loss.size > 0:
                home.loss[:] = 0.0
            return
        if home.loss.size == 0:
            self._home = home = home._replace(loss=np.zeros(lay.size), lost=np.zeros(lay.size))
            top = self._packed.top
            self._packed = self._packed._replace(
                loss=np.zeros_like(top), lost=np.zeros(top.size), taken=np.zeros_like(top)
            )
            self._book[3] = 1
        self._view(home.loss)[...] = np.where(self._view(lay.computed) != 0, loss, 0.0)

    def _keep_active(self, cells: NDArray[np.int64]) -> None:
        """Keep *cells* active; what is new among them must be looked at."""
        if np.setdiff1d(cells, self._marks.always).size > 0:
            self._book[3] = 1
        self._marks = self._marks._replace(always=cells)

    def _reached_shore(self, forcing: Forcing) -> NDArray[np.int64]:
        """Return the cells on both sides of faces where a prescribed level reaches."""
        shore, lay = self._layout.shore, self._layout
        if shore.computed_cell.size == 0:
            return shore.computed_cell
        zone = lay.zone_of[np.searchsorted(lay.zone_cells, shore.zone_cell)]
        highest_m = np.maximum(forcing.level_start_m, forcing.level_end_m)
        reached = highest_m[zone] > lay.bed[shore.computed_cell]
        return np.concatenate([shore.computed_cell[reached], shore.zone_cell[reached]])

    def _is_small(self) -> bool:
        """Return whether so little ground is active that a second thread does not pay."""
        return bool(self._book[2] == 0 and int(self._marks.active.sum()) * PAD < SMALL_CELLS)

    def _not_finite(self) -> NumericalError:
        h = self._view(self._home.h)
        bad = np.argwhere(~(np.abs(h) < 1.0e4))
        row, column = (int(i) for i in bad[0])
        return NumericalError(
            "the water depth is not finite, or beyond 10 km",
            where=f"flood at {self.time_s:.3f} s, row {row}, column {column}",
            value=float(h[row, column]),
            remedy="Look at the ground and the forcing there, or take a smaller Courant number.",
        )

    @property
    def depth_m(self) -> FloatArray:
        """Depth, m, shape (rows, columns): 0 outside, level minus bed in prescribed cells."""
        lay = self._layout
        flat = self._home.h
        if lay.zone_cells.size > 0:
            if self._shown is None:
                self._shown = flat.copy()
                self._shown[lay.zone_cells] = self._zone_depth_m
            flat = self._shown
        depth = self._view(flat)
        depth.flags.writeable = False
        return depth

    def _discharges(self) -> tuple[FloatArray, FloatArray]:
        """Return the discharges per unit width through western and northern faces, padded."""
        if self._restored[0].size > 0:
            return self._restored
        qx, qy = np.zeros(self._layout.size), np.zeros(self._layout.size)
        discharges(
            self._constants.rows, self._runs, self._packed, int(self._book[0]), qx, qy,
            self._layout.stride,
        )  # fmt: skip
        return qx, qy

    def speed_m_s(self) -> FloatArray:
        """Flow speed now, m/s: mean discharge through opposite faces over the depth."""
        lay, depth_m = self._layout, self.parameters.flow_depth_m
        speed = np.zeros(lay.size)
        if self._restored[0].size > 0:
            flow_speed(
                lay.rows, self._home.h, *self._restored, lay.computed, lay.stride, depth_m, speed
            )
        else:
            active_speed(
                lay.rows, self._runs, self._packed, int(self._book[0]), lay.stride, depth_m, speed
            )
        return self._view(speed)

    def speed_at(self, cells: IntArray) -> FloatArray:
        """As :meth:`speed_m_s`, at *cells* by their flat positions in the grid alone."""
        if self._restored[0].size > 0:
            return super().speed_at(cells)
        lay = self._layout
        speed = np.empty(cells.size)
        speed_of(
            lay.index(*np.divmod(cells, lay.columns)), self._runs, self._packed,
            int(self._book[0]), self.parameters.flow_depth_m, speed,
        )  # fmt: skip
        return speed

    @property
    def lost_m(self) -> FloatArray:
        """Depth that each cell has lost to the ground and the air since the start, m."""
        lost = self._home.lost
        if lost.size == 0:
            return np.zeros(self.domain.grid.shape)
        return self._view(lost).copy()

    @property
    def channel_level_m(self) -> FloatArray:
        """
        Level of the water at each node of the channels, m; that of the bed where dry.

        A prescribed level is that of the last step, and the bed before the first.
        """
        canals = self._canals
        at = self._places.canal_cell
        below = canals.volume < canals.room
        surface = np.where(below, canals.surface, 1.0)
        over = canals.bank + self._home.h[at]
        level = np.where(below, canals.bed + canals.volume / surface, over)
        return np.where(canals.zone >= 0, canals.level, level)

    @property
    def channel_discharge_m3_s(self) -> FloatArray:
        """Discharge of each reach from its node a to its node b, m³/s, shape (reaches,)."""
        canals, count = self._canals, self.channels.reaches
        turned = canals.a[:count] != self.channels.reach_a
        return np.where(turned, -canals.flow[:count], canals.flow[:count])

    @property
    def channel_m3(self) -> float:
        """Water in the channels below their banks, m³; part of what the ledger calls stored."""
        return float(sum(self._canals.volume.tolist()))

    @property
    def ledger(self) -> Ledger:
        """Volumes since the start, m³."""
        area_m2 = self.domain.grid.cell_area_m2
        rain, level_in, level_out, outflow, links_in, links_out, inflow, abstraction = (
            float(x) * area_m2 for x in self._terms
        )
        return Ledger(
            initial_m3=self._initial_m3,
            stored_m3=self._summarise()[0],
            rain_m3=rain,
            level_in_m3=level_in,
            level_out_m3=level_out,
            inflow_m3=inflow,
            outflow_edges_m3=outflow,
            infiltration_m3=float(self._home.lost.sum()) * area_m2,
            abstraction_m3=abstraction,
            structures_in_m3=links_in,
            structures_out_m3=links_out,
        )

    @property
    def state(self) -> FloodState:
        """A copy of everything that the next step depends on."""
        qx, qy = self._discharges()
        return FloodState(
            time_s=self.time_s,
            last_sample_s=float(self._clock[1]),
            smallest_step_s=float(self._clock[2]),
            steps=self.steps,
            initial_m3=self._initial_m3,
            terms_m=self._terms.copy(),
            depth_m=self.depth_m.copy(),
            discharge_x_m2_s=self._view(qx, more_columns=1).copy(),
            discharge_y_m2_s=self._view(qy, more_rows=1).copy(),
            channel_volume_m3=self._canals.volume.copy(),
            channel_discharge_m3_s=self._canals.flow.copy(),
            lost_m=self.lost_m,
            **{name: self._statistic(name) for name in STATISTICS},
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
        shapes = dict.fromkeys((*STATISTICS, "depth_m", "lost_m"), (rows, columns))
        shapes |= {"discharge_x_m2_s": (rows, columns + 1), "discharge_y_m2_s": (rows + 1, columns)}
        shapes |= {
            "channel_volume_m3": self._canals.volume.shape,
            "channel_discharge_m3_s": self._canals.flow.shape,
        }
        state.require_shapes(shapes, "another grid or other channels")
        self._allocate()
        lay = self._layout
        self._home.h[:] = self._padded(state.depth_m)
        self._zone_depth_m = self._home.h[lay.zone_cells]
        self._home.h[:] *= lay.computed
        qx, qy = np.zeros(lay.size), np.zeros(lay.size)
        self._view(qx, more_columns=1)[...] = state.discharge_x_m2_s
        self._view(qy, more_rows=1)[...] = state.discharge_y_m2_s
        self._restored = (qx, qy)
        self._shown = self._summary = None
        self._canals.volume[:] = state.channel_volume_m3
        self._canals.flow[:] = state.channel_discharge_m3_s
        for name, short in STATISTICS.items():
            self._view(getattr(self._home, short))[...] = getattr(state, name)
        if state.lost_m.any():
            self._prepare_loss(np.zeros(self.domain.grid.shape))
            self._view(self._home.lost)[...] = state.lost_m
        self._clock[:] = (state.time_s, state.last_sample_s, state.smallest_step_s, 0.0, 0.0)
        self._terms[:] = state.terms_m
        self._book[:] = (0, state.steps, 1, 1, 0)
        self._initial_m3 = state.initial_m3
