"""The flood of a run: the solver, what drives it, and the commands that change that."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from models.errors import InternalError
from models.flood import Forcing
from models.flood.finite_volume import FiniteVolumeSolver
from models.flood.solver import SwitchingSolver, restore_solver
from twin.engine.devices import Surroundings
from twin.engine.drainage import Drainage, channel_depth_m
from twin.engine.structures import STRUCTURE_COMMANDS
from twin.language import note

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from models.flood import AdvanceReport
    from models.flood.boundaries import LevelSeries
    from models.flood.channels import Channels
    from models.flood.inertial import FloodSolver
    from models.flood.losses import Losses
    from models.flood.rainfields import RainSource
    from models.flood.roofs import RoofRunoff
    from models.flood.solver import Solver
    from twin.engine.boundaries import Boundaries
    from twin.engine.commands import Command
    from twin.engine.sections import Sections
    from twin.engine.structures import StructureControl
    from twin.engine.watch import FlowWatch
    from twin.language import Note

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
    rain_factor
        Factor on the rain of the scenario.
    roofs
        Where the rain on roofs goes; None where it falls on the cell itself.
    losses
        Infiltration and evaporation; None where nothing is lost.
    ground
        Cells on which rain counts, roofs included, shape (rows, columns); all where absent.
    more_levels
        Levels of boundaries, m, whose zones follow that of the tide.
    """

    rain: RainSource | None = None
    level: LevelSeries | None = None
    level_offset_m: float = 0.0
    sources: Sequence[Source] = ()
    rain_factor: float = 1.0
    roofs: RoofRunoff | None = None
    losses: Losses | None = None
    ground: NDArray[np.bool_] | None = None
    more_levels: Sequence[LevelSeries] = ()
    rain_rate_m_s: float | None = field(default=None, init=False)
    _routed: tuple[float, NDArray[np.float64]] | None = field(default=None, init=False)

    def level_m(self, time_s: float) -> float:
        """Return the prescribed level at one time, m; NaN where none is prescribed."""
        if self.level is None:
            return float("nan")
        return self.level.level_m(time_s) + self.level_offset_m

    def _levels_m(self, time_s: float) -> NDArray[np.float64]:
        """Return the level of every zone, m."""
        tide = [] if self.level is None else [self.level_m(time_s)]
        more = [series.level_m(time_s) for series in self.more_levels]
        return np.asarray([*tide, *more], np.float64)

    def rain_m_s(self, start_s: float, end_s: float) -> float | NDArray[np.float64]:
        """Return the mean rate of rain over a window, m/s, a number or shape (rows, columns)."""
        if self.rain_rate_m_s is not None:
            return self.rain_rate_m_s
        if self.rain is None:
            return 0.0
        rate = self.rain.mean_rate_m_s(start_s, end_s)
        return rate if self.rain_factor == 1.0 else rate * self.rain_factor

    def mean_rain_m_s(self, start_s: float, end_s: float) -> float:
        """Return the mean rate of rain over a window and over the ground, m/s."""
        rate = self.rain_m_s(start_s, end_s)
        if isinstance(rate, float):
            return rate
        return float(rate.mean() if self.ground is None else rate[self.ground].mean())

    def _loss_m_s(
        self,
        window_s: tuple[float, float, float],
        rain_m_s: float | NDArray[np.float64],
        depth_m: Callable[[], NDArray[np.float64]],
    ) -> NDArray[np.float64] | None:
        start_s, end_s, until_s = window_s
        if self.losses is None:
            return None
        held = self.losses.held_m_s(end_s)
        if held is not None:
            return held
        if not self.losses.by_rain:
            end_s = until_s
        return self.losses.capacity_m_s(start_s, end_s, depth_m=depth_m(), rain_m_s=rain_m_s)

    def _off_roofs(
        self, roofs: RoofRunoff, rain_m_s: float | NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the rain that reaches each cell; one rate for all is laid out once."""
        if not isinstance(rain_m_s, float):
            return roofs.route(rain_m_s)
        if self._routed is None or self._routed[0] != rain_m_s:
            self._routed = (rain_m_s, roofs.route(rain_m_s))
        return self._routed[1]

    def window(
        self,
        start_s: float,
        end_s: float,
        depth_m: Callable[[], NDArray[np.float64]],
        *,
        until_s: float,
    ) -> Forcing:
        """
        Return the forcing from *start_s* to *end_s*, one of the windows up to *until_s*.

        *depth_m* gives the depth at the start, where that is needed.
        """
        rain = self.rain_m_s(start_s, end_s)
        if self.roofs is not None:
            rain = self._off_roofs(self.roofs, rain)
        loss = self._loss_m_s((start_s, end_s, until_s), rain, depth_m)
        cells = [source.cells for source in self.sources]
        flows = [
            np.full(source.cells.size, source.mean_m3_s(start_s, end_s) / source.cells.size)
            for source in self.sources
        ]
        return Forcing(
            rain_m_s=rain,
            loss_m_s=loss,
            level_start_m=self._levels_m(start_s),
            level_end_m=self._levels_m(end_s),
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
    gauge_names
        Their names, for the rules of structures.
    drainage
        Drains below the streets, or None.
    structures
        Dykes, gates, pumps and the like, or None.
    boundaries
        What enters and leaves along edges, lines and in areas, or None.
    sections
        Lines through which the discharge is recorded, or None.
    watch
        Keeps durations and fast flow.
    notes
        What people should know of the input.
    roofs_away_m3
        Rain on roofs that has been led out of the model so far, m³; it never reached a cell, and
        is no part of the ledger.
    initial_depth_m
        Depth at the start, m, shape (rows, columns).
    """

    solver: Solver
    forcing: ForcingProvider
    gauge_cells: NDArray[np.int64]
    gauge_names: Sequence[str] = ()
    drainage: Drainage | None = None
    structures: StructureControl | None = None
    boundaries: Boundaries | None = None
    sections: Sections | None = None
    watch: FlowWatch | None = None
    notes: Sequence[Note] = ()
    roofs_away_m3: float = field(default=0.0, init=False)
    last_report: AdvanceReport | None = field(default=None, init=False)
    initial_depth_m: NDArray[np.float64] = field(init=False)
    _nodes: dict[int, int] | None = field(default=None, init=False)

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

    def speed_at(self, cells: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the speed of the water now at *cells*, by flat position, m/s."""
        return self.solver.speed_at(cells)

    @property
    def switched_s(self) -> float | None:
        """When the solver changed from the inertial to the finite-volume one, s; None if not."""
        return self.solver.switched_s if isinstance(self.solver, SwitchingSolver) else None

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that a checkpoint must hold."""
        arrays: dict[str, NDArray[Any]] = dict(self.solver.state.to_arrays())
        if self.forcing.losses is not None:
            losses = self.forcing.losses.to_arrays()
            arrays |= {f"loss/{name}": array for name, array in losses.items()}
        if self.drainage is not None:
            drains = self.drainage.to_arrays()
            arrays |= {f"drains/{name}": array for name, array in drains.items()}
        if self.structures is not None:
            arrays["structures"] = self.structures.to_array()
        for name, part in self._parts():
            arrays |= {f"{name}/{key}": array for key, array in part.to_arrays().items()}
        arrays["roofs_away_m3"] = np.asarray(self.roofs_away_m3)
        if self.switched_s is not None:
            arrays["switched_s"] = np.asarray(self.switched_s)
        return arrays

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what :meth:`to_arrays` returned."""
        restore_solver(self.solver, arrays)
        if self.forcing.losses is not None:
            kept = {k.removeprefix("loss/"): a for k, a in arrays.items() if k.startswith("loss/")}
            self.forcing.losses.restore(kept)
        if self.drainage is not None:
            kept = {k[7:]: a for k, a in arrays.items() if k.startswith("drains/")}
            self.drainage.restore(kept)
        if self.structures is not None:
            self.structures.restore(arrays["structures"])
        for name, part in self._parts():
            size = len(name) + 1
            kept = {k[size:]: a for k, a in arrays.items() if k.startswith(f"{name}/")}
            part.restore(kept)
        if self.watch is not None:
            self.watch.look(self.depth_m)
        self.roofs_away_m3 = float(arrays["roofs_away_m3"])
        if isinstance(self.solver, SwitchingSolver) and "switched_s" in arrays:
            self.solver.switched_s = float(arrays["switched_s"])

    def _parts(self) -> list[tuple[str, Boundaries | Sections | FlowWatch]]:
        """Return what keeps a state of its own, by its name in checkpoints."""
        every = {"boundaries": self.boundaries, "sections": self.sections, "watch": self.watch}
        return [(name, part) for name, part in every.items() if part is not None]

    def recall(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take what a run that is resumed from *arrays* has to tell again on its way there."""
        if self.structures is not None:
            self.structures.recall(arrays["structures"])

    def repeat_until(self, now_s: float) -> None:
        """Tell again what happened up to *now_s*, without computing it."""
        if self.structures is not None:
            self.structures.repeat_until(now_s)

    def advance(self, until_s: float) -> None:
        """Compute the flood exactly up to *until_s*."""
        now_s = self.solver.time_s
        if until_s <= now_s:
            return
        begin_s, moved_m3 = now_s, np.zeros(1)
        for end_s in self._stops(now_s, until_s):
            self.last_report = self.solver.advance(end_s, self._window(now_s, end_s, until_s))
            if self.structures is not None:
                moved_m3 = moved_m3 + self.solver.structure_m3
            self._settle(now_s, end_s)
            now_s = end_s
        if self.watch is not None:
            self.watch.lapse(self.depth_m, until_s - begin_s)
        if self.structures is not None:
            self.structures.look(self.surroundings(until_s), until_s - begin_s, moved_m3)

    def _window(self, now_s: float, end_s: float, until_s: float) -> Forcing:
        """Return what drives the water from *now_s* to *end_s*."""
        forcing = self.forcing.window(now_s, end_s, lambda: self.depth_m, until_s=until_s)
        if self.boundaries is not None:
            forcing = self.boundaries.add_to(forcing, self.depth_m, now_s, end_s)
        if self.drainage is not None:
            forcing = self.drainage.add_to(
                forcing, self.depth_m, now_s, end_s, channels=channel_depth_m(self.solver)
            )
        if self.structures is not None:
            forcing = replace(forcing, controls=self.structures.controls(now_s))
        return forcing

    def _channel_levels(self) -> tuple[dict[int, int], NDArray[np.float64]]:
        """Return the nodes of channels by flat cell, and the levels of all nodes, m."""
        channels: Channels | None = getattr(self.solver, "channels", None)
        if channels is None or channels.nodes == 0:
            return {}, np.empty(0)
        if self._nodes is None:
            cells = channels.node_row * self.bed_m.shape[1] + channels.node_column
            narrow = ~np.isnan(channels.node_bed_m)
            self._nodes = {int(cells[n]): int(n) for n in np.flatnonzero(narrow)}
        return self._nodes, cast("FloodSolver", self.solver).channel_level_m

    def _level_m(self, cells: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the level of the water at flat cells, m; in the channel where there is one."""
        level = self.depth_m.flat[cells] + self.bed_m.flat[cells]
        nodes, levels = self._channel_levels()
        for n, cell in enumerate(cells.tolist()):
            if cell in nodes:
                level[n] = levels[nodes[cell]]
        return np.asarray(level, np.float64)

    def _stops(self, now_s: float, until_s: float) -> list[float]:
        """Return the ends of the windows; those of drains suit boundaries, too."""
        if self.drainage is not None:
            return self.drainage.stops(now_s, until_s)
        if self.boundaries is not None:
            return self.boundaries.stops(now_s, until_s, self.depth_m)
        return [until_s]

    def surroundings(self, now_s: float) -> Surroundings:
        """Return what the rules of structures can see now."""
        gauge_depth_m, gauge_level_m = self.gauge_values()
        quantities = {
            "tide": self.forcing.level_m(now_s),
            "rain": self.forcing.mean_rain_m_s(max(0.0, now_s - 60.0), max(60.0, now_s)) / MM_H,
            "time": now_s,
        }
        for n, name in enumerate(self.gauge_names):
            quantities[f"depth({name})"] = float(gauge_depth_m[n])
            quantities[f"level({name})"] = float(gauge_level_m[n])
        return Surroundings(
            time_s=now_s,
            level_m=lambda cell: float(self._level_m(np.array([cell]))[0]),
            quantities=quantities,
        )

    def _settle(self, start_s: float, end_s: float) -> None:
        """Move on what follows from the water of a window: ground, drains, boundaries, roofs."""
        if self.boundaries is not None:
            self.boundaries.settle(self.solver.inflow_m3, end_s - start_s)
        if self.drainage is not None:
            self.drainage.settle(self.solver.inflow_m3)
        if self.watch is not None and self.last_report is not None:
            self.watch.see(self.last_report, end_s)
        losses, roofs = self.forcing.losses, self.forcing.roofs
        if losses is not None and losses.is_due(end_s):
            losses.take(self.solver.lost_m, self.depth_m)
        if roofs is not None:
            rate_m_s = roofs.away_m_s(self.forcing.rain_m_s(start_s, end_s))
            area_m2 = self.solver.domain.grid.cell_area_m2
            self.roofs_away_m3 += rate_m_s * (end_s - start_s) * area_m2

    def apply(self, command: Command) -> None:
        """Take over a command that changes what drives the flood."""
        if command.kind in STRUCTURE_COMMANDS:
            if self.structures is None:
                raise InternalError("the run has no structures", value=command.as_dict())
            self.structures.apply(command)
        else:
            self.forcing.apply(command)

    def gauge_values(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """
        Return depth and level at every gauge, m.

        Over a channel narrower than its cell, the depth is that on the ground, the level that in
        the channel.
        """
        rows, columns = self.gauge_cells[:, 0], self.gauge_cells[:, 1]
        depth = self.depth_m[rows, columns]
        return depth, self._level_m(rows * self.bed_m.shape[1] + columns)

    def final_notes(self) -> list[Note]:
        """Return what people should know of how it went."""
        found: list[Note] = []
        if self.switched_s is not None:
            found.append(note("solver_switched", hours=self.switched_s / 3600.0))
        elif self.watch is not None and not isinstance(self.solver, FiniteVolumeSolver):
            found += self.watch.notes(self.solver.parameters.froude_limit)
        if self.boundaries is not None:
            found += self.boundaries.final_notes()
        if self.drainage is not None:
            found += self.drainage.final_notes()
        return found

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the series of everything that keeps one, by name."""
        keepers = {
            "drainage": self.drainage,
            "structures": self.structures,
            "boundaries": self.boundaries,
            "cross_sections": self.sections,
        }
        return {name: part.table() for name, part in keepers.items() if part is not None}

    def ledger_row(self) -> dict[str, float]:
        """Return the volumes so far, m³, and how well they close."""
        ledger, now_s = self.solver.ledger, self.solver.time_s
        report = self.last_report
        return {
            **asdict(ledger),
            **({} if self.drainage is None else self.drainage.ledger_row()),
            "residual_m3": ledger.residual_m3,
            "throughput_m3": ledger.throughput_m3,
            "closure": ledger.closure,
            "tide_m": self.forcing.level_m(now_s),
            "rain_mm_h": self.forcing.mean_rain_m_s(max(0.0, now_s - 60.0), max(60.0, now_s))
            / MM_H,
            "roofs_away_m3": self.roofs_away_m3,
            "steps": float(self.solver.steps),
            "wet_cells": float(report.wet_cells if report else 0),
            "max_depth_m": float(report.max_depth_m if report else 0.0),
        }
