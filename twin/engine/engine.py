"""The loop that drives a run: response, flood, commands and roads, stop by stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from models.errors import InternalError, NumericalError, TwinError
from twin.engine.recorder import BLOCK

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import simpy
    from numpy.typing import NDArray

    from models.response import ResponseModel
    from twin.engine.clock import Schedule
    from twin.engine.commands import Command, CommandQueue
    from twin.engine.emergencies import Emergencies
    from twin.engine.flooding import Flooding
    from twin.engine.recorder import Recorder
    from twin.engine.residents import Residents
    from twin.engine.roads import Roads
    from twin.store.writer import RoadStates

    type _Arrays = dict[str, NDArray[Any]]

__all__ = ["Assembly", "Engine", "Progress", "Stopped", "Water"]

#: A run fails when the volume that is not accounted for exceeds this share of the throughput.
LARGEST_CLOSURE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run has come."""

    simulated_s: float
    end_s: float
    wet_cells: int = 0
    max_depth_m: float = 0.0
    time_step_s: float = float("nan")
    open_incidents: int = 0
    busy_units: int = 0
    repeating: bool = False


@dataclass(kw_only=True)
class Assembly:
    """Everything that a run consists of, put together from a scenario and a city."""

    env: simpy.Environment
    schedule: Schedule
    commands: CommandQueue
    flooding: Flooding | None
    roads: Roads | None
    response: ResponseModel | None
    emergencies: Emergencies | None
    residents: Residents | None = None


class Water(Protocol):
    """Recorded water, over which a response runs whose assembly has no flood."""

    def put_on(self, roads: Roads, exchange: int) -> None:
        """Put the water that was recorded at exchange number *exchange* on the roads."""


class Stopped(Exception):  # noqa: N818 - not an error: someone asked for it
    """The run was asked to stop, and can be resumed."""


class Engine:
    """
    Runs an assembly to its end.

    At every stop the order is: response up to the stop, flood up to the stop, commands, roads,
    the response hears of them (see ``docs/adr/0001``), and the residents act, whose calls the
    response takes from there.
    """

    def __init__(
        self,
        assembly: Assembly,
        recorder: Recorder,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        water: Water | None = None,
    ) -> None:
        self._parts = assembly
        self._water = water
        self._recorder = recorder
        self._on_progress = on_progress or (lambda _progress: None)
        self._should_stop = should_stop or (lambda: False)
        self._resumed_exchange = -1
        self._recalled: RoadStates | None = None
        self._recalled_from = 0

    def run(self) -> None:
        """
        Run to the end, from the start or from the newest checkpoint.

        Raises
        ------
        Stopped
            If *should_stop* said so; a checkpoint has been written.
        NumericalError
            If the flood is no longer finite, or its volume no longer closes.
        """
        state, people = self._take_up()
        times = self._parts.schedule.times_s
        for exchange in range(times.size):
            self._commands_before(float(times[exchange]))
            self._exchange(exchange)
            if exchange == self._resumed_exchange:
                self._restore(float(times[exchange]), state, people)
            self._keep(exchange)
            if self._should_stop() and exchange + 1 < times.size:
                if not self._repeats(exchange):
                    self._checkpoint(exchange)
                raise Stopped
        if self._parts.response is not None:
            self._parts.response.finish()

    def _take_up(self) -> tuple[_Arrays | None, _Arrays | None]:
        """Return the arrays of flood and residents of the newest checkpoint, None without one."""
        restored = self._recorder.restore()
        if restored is None:
            return None, None
        self._resumed_exchange, state, people = restored
        flooding, residents = self._parts.flooding, self._parts.residents
        if state is not None and flooding is not None:
            flooding.recall(state)
        if people is not None and residents is not None:
            residents.recall(people)
        return state, people

    def _restore(self, now_s: float, state: _Arrays | None, people: _Arrays | None) -> None:
        flooding, residents = self._parts.flooding, self._parts.residents
        for name, part, arrays in (("flood", flooding, state), ("residents", residents, people)):
            if part is None:
                continue
            if arrays is None:
                raise InternalError(f"the checkpoint holds no {name}", where=f"{now_s} s")
            part.restore(arrays)

    def _repeats(self, exchange: int) -> bool:
        """Return whether this exchange lies in the past of a resumed run."""
        return exchange <= self._resumed_exchange

    # One stop

    def _commands_before(self, stop_s: float) -> None:
        """Apply every command before the exchange at *stop_s*, each at its own time."""
        queue = self._parts.commands
        while queue.next_time_s < stop_s:
            now_s = queue.next_time_s
            self._respond_until(now_s)
            due = queue.due(now_s)
            if any(command.stops_flood for command in due):
                self._flood_until(now_s)
            if self._apply(due):
                self._refresh_roads()

    def _exchange(self, exchange: int) -> None:
        now_s = float(self._parts.schedule.times_s[exchange])
        self._respond_until(now_s)
        roads, flooding = self._parts.roads, self._parts.flooding
        if self._repeats(exchange):
            if flooding is not None:
                flooding.repeat_until(now_s)
            if roads is not None and flooding is not None:
                self._recall_water(roads, exchange)
        else:
            self._flood_until(now_s)
            if roads is not None and flooding is not None:
                roads.take_water(flooding.depth_m, flooding.bed_m, flooding.speed_at)
            if roads is not None and self._water is not None:
                self._water.put_on(roads, exchange)
        self._apply(self._parts.commands.due(now_s))
        self._refresh_roads()
        residents = self._parts.residents
        if residents is None:
            return
        if self._repeats(exchange):
            residents.repeat()
        else:
            residents.step(now_s, flooding)

    def _warn(self, command: Command) -> None:
        residents = self._parts.residents
        if residents is None:
            return
        if command.time_s <= self._resumed_time_s:
            residents.repeat()
        else:
            residents.warn(command)

    def _respond_until(self, now_s: float) -> None:
        if now_s > self._parts.env.now:
            try:
                self._parts.env.run(until=now_s)
            except TwinError as error:
                # SimPy raises a copy without its fields, from the error itself.
                cause = error.__cause__
                raise (cause if isinstance(cause, TwinError) else error) from None

    def _flood_until(self, now_s: float) -> None:
        flooding = self._parts.flooding
        if flooding is None:
            return
        if now_s <= self._resumed_time_s:
            flooding.repeat_until(now_s)
            return
        flooding.advance(now_s)

    @property
    def _resumed_time_s(self) -> float:
        if self._resumed_exchange < 0:
            return -1.0
        return float(self._parts.schedule.times_s[self._resumed_exchange])

    def _apply(self, commands: list[Command]) -> bool:
        """Apply *commands*, and return whether one of them concerned the roads."""
        changed = [self._apply_one(command) for command in commands]
        return any(changed)

    def _apply_one(self, command: Command) -> bool:
        payload = command.payload
        match command.kind:
            case "close_road" | "open_road" | "close_bridge" | "open_bridge":
                if self._parts.roads is not None:
                    close = command.kind.startswith("close")
                    self._parts.roads.order(payload["segments"], close=close)
                    return True
            case (
                "set_rain"
                | "set_tide_offset"
                | "operate_structure"
                | "fail_structure"
                | "repair_structure"
            ):
                if self._parts.flooding is not None:
                    self._parts.flooding.apply(command)
            case "report_incident":
                if self._parts.response is not None and self._parts.emergencies is not None:
                    self._parts.response.report(self._parts.emergencies.incident(command))
            case (
                "unit_out_of_service"
                | "unit_in_service"
                | "send_unit"
                | "dispatch_by"
                | "set_hospital"
            ):
                if self._parts.response is not None:
                    _direct(self._parts.response, command)
            case "warn_residents":
                self._warn(command)
            case _:
                raise InternalError("a command is not handled", value=command.kind)
        return False

    def _refresh_roads(self) -> None:
        roads, response = self._parts.roads, self._parts.response
        if roads is not None and roads.refresh(float(self._parts.env.now)) and response is not None:
            response.roads_changed()

    def _recall_water(self, roads: Roads, exchange: int) -> None:
        """Put the recorded water of a past exchange on the roads."""
        if self._recalled is None or exchange >= self._recalled_from + len(self._recalled.depth_m):
            last = min(exchange + BLOCK, self._resumed_exchange + 1)
            self._recalled = self._recorder.road_states(exchange, last)
            self._recalled_from = exchange
        row = exchange - self._recalled_from
        roads.depth_m = self._recalled.depth_m[row].copy()
        roads.velocity_m_s = self._recalled.velocity_m_s[row].copy()

    # What is kept

    def _keep(self, exchange: int) -> None:
        schedule = self._parts.schedule
        roads, flooding = self._parts.roads, self._parts.flooding
        now_s = float(schedule.times_s[exchange])
        if roads is not None:
            row = {"time_s": now_s} | {
                f"closed_km_{name}": km for name, km in roads.closed_km().items()
            }
            self._recorder.road_state(exchange, roads, row)
        if not self._repeats(exchange):
            if flooding is not None:
                self._keep_flood(exchange, now_s, flooding)
            if schedule.checkpoints[exchange]:
                self._checkpoint(exchange)
        self._on_progress(self._progress(now_s, repeating=self._repeats(exchange)))

    def _keep_flood(self, exchange: int, now_s: float, flooding: Flooding) -> None:
        schedule = self._parts.schedule
        row = flooding.ledger_row()
        if row["closure"] > LARGEST_CLOSURE:
            raise NumericalError(
                "the volume of water no longer closes",
                where=f"{now_s:.0f} s",
                value=f"{row['closure']:.2%} of the throughput",
                remedy="Lower flood.courant and report the case.",
            )
        self._recorder.flood_row({"time_s": now_s, **row})
        if schedule.frames[exchange]:
            self._recorder.frame(schedule.frame_index(exchange), flooding.depth_m)
        due = schedule.gauge_due(exchange)
        if due.any():
            values = (np.where(due, each, np.nan) for each in flooding.gauge_values())
            self._recorder.gauge_row(now_s, *values)
        if flooding.sections is not None:
            flooding.sections.record(now_s, flooding.solver, schedule.section_due(exchange))
        if schedule.gauges[exchange]:
            if flooding.boundaries is not None:
                flooding.boundaries.record(now_s, flooding.depth_m)
            if flooding.drainage is not None:
                flooding.drainage.record(now_s)
            if flooding.structures is not None:
                flooding.structures.record(flooding.surroundings(now_s))

    def _checkpoint(self, exchange: int) -> None:
        flooding = self._parts.flooding
        time_s = float(self._parts.schedule.times_s[exchange])
        residents = self._parts.residents
        self._recorder.checkpoint(
            exchange,
            time_s,
            flooding.to_arrays() if flooding else None,
            residents=residents.to_arrays() if residents else None,
        )

    def _progress(self, now_s: float, *, repeating: bool) -> Progress:
        flooding, response = self._parts.flooding, self._parts.response
        report = flooding.last_report if flooding is not None else None
        counts = response.snapshot() if response is not None else {}
        return Progress(
            simulated_s=now_s,
            end_s=self._parts.schedule.end_s,
            wet_cells=report.wet_cells if report else 0,
            max_depth_m=report.max_depth_m if report else 0.0,
            time_step_s=report.mean_step_s if report else float("nan"),
            open_incidents=_count(counts.get("open_incidents")),
            busy_units=_count(counts.get("busy_units")),
            repeating=repeating,
        )


def _direct(response: ResponseModel, command: Command) -> None:
    """Give an order to a unit or a hospital, or say who sends units from now on."""
    payload = command.payload
    match command.kind:
        case "send_unit":
            response.order(payload["unit"], payload["incident"])
        case "set_hospital":
            response.set_hospital(
                payload["facility"],
                is_open=payload.get("open"),
                beds=payload.get("beds"),
                power=payload.get("power"),
            )
        case "dispatch_by":
            response.dispatch_by(orders_only=payload["by"] == "orders")
        case _:
            in_service = command.kind == "unit_in_service"
            response.set_unit_service(payload["unit"], in_service=in_service)


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
