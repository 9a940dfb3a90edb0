"""
Residents on the clock of a run: water and roads in, calls for help out, and news of help back.

The state of the residents is arrays, and is kept in checkpoints like that of the flood. The
response is simulated again on resume, and needs what the residents told it: so every event and
call that they gave goes into a journal, which a checkpoint holds and a resumed run plays back
step by step.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from models.errors import ScenarioError
from models.residents import STATUS, Water, nearest_target
from models.response import FIRE, Event, IncidentSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from models.residents import Call, ResidentsModel
    from models.response import ResponseModel
    from models.roads import VehicleClass
    from scenarios.schema.places import XY, LonLat
    from scenarios.schema.residents import WarningArea
    from scenarios.schema.scenario import Scenario
    from twin.engine.commands import Command
    from twin.engine.emergencies import Emergencies
    from twin.engine.flooding import Flooding
    from twin.engine.places import PlaceFinder
    from twin.engine.roads import Roads
    from twin.language import Note

__all__ = ["CallPolicy", "Residents"]

_PREFIX = "residents-"
#: What is told of by an event when people are in it for the first time.
_TOLD = {
    "stranded": "residents_stranded",
    "trapped": "residents_trapped",
    "safe": "residents_arrived",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """
    What a call of residents becomes.

    Parameters
    ----------
    kind, priority, most_hurt
        The incident, and the most casualties that one brings.
    vehicle
        The class whose roads the place of the incident must lie on.
    report
        Takes the incident.
    """

    kind: str
    priority: int
    most_hurt: int
    vehicle: VehicleClass
    report: Callable[[IncidentSpec], None]


@dataclass(kw_only=True)
class Residents:
    """
    The residents of a run.

    Parameters
    ----------
    model
        The agents.
    roads
        The roads, whose nodes are those of the model.
    cells
        Cell of the grid in which each household sees the water, -1 outside, shape (n,).
    along
        Arcs of the model that run along their edge, shape (n_arcs,).
    hospitals
        Nodes of hospitals, shape (n_nodes,).
    access
        Nearest node to each node at which the vehicle of *ambulance* can stop: who lives in an
        alley is fetched from there; shape (n_nodes,).
    ambulance
        Row of the vehicle class that must reach one.
    log
        Takes events.
    notes
        What people should know.
    calls
        What calls become; None where no service answers.
    """

    model: ResidentsModel
    roads: Roads
    cells: NDArray[np.int64]
    along: NDArray[np.bool_]
    hospitals: NDArray[np.bool_]
    access: NDArray[np.int64]
    ambulance: int
    log: Callable[[Event], None]
    notes: list[Note] = field(default_factory=list)
    calls: CallPolicy | None = None
    _stage: int = 0
    _journal: list[dict[str, Any]] = field(default_factory=list)
    _waiting: dict[str, int] = field(default_factory=dict)
    _heard: list[tuple[str, bool]] = field(default_factory=list)
    _told: dict[str, int] = field(default_factory=dict)
    _looked_s: float = -np.inf
    _played: int = 0

    # What the response says

    def hear(self, event: Event) -> None:
        """Take note of an event of the response that concerns a call of residents."""
        if event.incident not in self._waiting:
            return
        if event.kind == "on_scene_done":
            self._heard.append((event.incident, True))
        elif event.kind in {"incident_closed", "incident_unserved"}:
            self._heard.append((event.incident, False))

    def _answers(self) -> list[tuple[str, int, bool]]:
        """Return incident, call and whether help came, for what was heard since the last step."""
        found = []
        for incident, reached in self._heard:
            number = self._waiting.pop(incident, None)
            if number is not None:
                found.append((incident, number, reached))
        self._heard.clear()
        return found

    def answer_by(
        self, scenario: Scenario, emergencies: Emergencies, response: ResponseModel
    ) -> None:
        """Let the services answer calls as the scenario says."""
        calls = None if scenario.residents is None else scenario.residents.calls
        if calls is None or calls == "none":
            return
        kind = emergencies.parameters.kinds[calls.kind]
        fire = kind.fire_area_m2 > 0.0 or kind.needs.get(FIRE, 0) > 0
        conditions = self.roads.conditions
        name = scenario.fleet.fire_engine_class if fire else scenario.fleet.ambulance_class
        self.calls = CallPolicy(
            kind=calls.kind,
            priority=calls.priority,
            most_hurt=calls.most_hurt,
            vehicle=conditions.classes[conditions.class_index(name)],
            report=response.report,
        )

    # What happens

    def area(
        self, choice: WarningArea | None, places: PlaceFinder, *, where: str
    ) -> dict[str, Any]:
        """
        Return the area of a warning as plain values, in the city's system, m.

        Raises
        ------
        ScenarioError
            If a place is not in the city, or nobody lives in the area.
        """
        found: dict[str, Any] = {}
        if choice is not None and choice.circle is not None:
            x, y = places.point(choice.circle.center, where=f"{where}.circle.center")
            found = {"x_m": x, "y_m": y, "radius_m": choice.circle.radius_m}
        elif choice is not None:
            ring: tuple[LonLat | XY, ...] = choice.lonlat or choice.xy_m or ()
            corners = (
                places.point(corner, where=f"{where}[{n}]", inside=False)
                for n, corner in enumerate(ring)
            )
            found = {"ring_m": [list(corner) for corner in corners]}
        if not self.within(found).any():
            raise ScenarioError(
                "no household lives in the area of the warning",
                where=where,
                remedy="Draw it around houses, or leave it out to warn the whole city.",
            )
        return found

    def within(self, area: Mapping[str, Any]) -> NDArray[np.bool_]:
        """Return the households in an area: a circle, a ring, or (empty) the whole city."""
        x, y = self.model.households.x_m, self.model.households.y_m
        if "ring_m" in area:
            return np.asarray(shapely.contains_xy(shapely.Polygon(area["ring_m"]), x, y), np.bool_)
        if "radius_m" in area:
            return np.asarray(np.hypot(x - area["x_m"], y - area["y_m"]) <= area["radius_m"])
        return np.ones(x.size, np.bool_)

    def warn(self, command: Command) -> None:
        """Issue a warning to the households in its area."""
        payload = command.payload
        where = self.within(payload["area"])
        persons = self.model.warn_at(
            command.time_s, where, advice=payload["message"], channel=payload["channel"]
        )
        self._tell(
            time_s=command.time_s,
            kind="residents_warned",
            value=float(persons),
            detail={
                "message": payload["message"],
                "channel": payload["channel"],
                "households": int(where.sum()),
            },
        )
        self._stage += 1

    def step(self, now_s: float, flooding: Flooding | None) -> None:
        """Go on to *now_s*, in the water of *flooding* if any; call for help where people do."""
        for incident, number, reached in self._answers():
            fetched = self.model.answer(number, reached=reached)
            if fetched:
                self._tell(
                    time_s=now_s, kind="residents_fetched", incident=incident, value=float(fetched)
                )
        if now_s - self._looked_s >= self.model.behaviour.access_s and self.hospitals.any():
            self._looked_s = now_s
            self.model.see_access(self._reach())
        due = self.model.advance(now_s, self._water(flooding))
        self._tell_news(now_s)
        for call in due:
            self._report(call)
        self._stage += 1

    def _tell_news(self, now_s: float) -> None:
        state, persons = self.model.state, self.model.households.persons
        for name, kind in _TOLD.items():
            bit = np.int16(1 << STATUS.index(name))
            total = int(persons[(state.was & bit) != 0].sum())
            more = total - self._told.get(name, 0)
            if more > 0:
                self._told[name] = total
                self._tell(time_s=now_s, kind=kind, value=float(more))

    def _water(self, flooding: Flooding | None) -> Water:
        n = self.cells.size
        depth, speed = np.zeros(n), np.zeros(n)
        if flooding is not None:
            seen = self.cells >= 0
            cells = self.cells[seen]
            row, column = np.divmod(cells, flooding.bed_m.shape[1])
            depth[seen] = np.nan_to_num(flooding.depth_m[row, column])
            speed[seen] = np.nan_to_num(flooding.speed_at(cells))
        return Water(
            home_depth_m=depth,
            home_speed_m_s=speed,
            edge_depth_m=self.roads.depth_m.astype(np.float64),
            edge_speed_m_s=self.roads.velocity_m_s.astype(np.float64),
            closed=self.roads.closed,
        )

    def _reach(self) -> NDArray[np.bool_]:
        """Return from which nodes an ambulance can drive to a hospital now."""
        travel = self.roads.conditions.travel_time_s[self.ambulance]
        ways = self.model.ways
        seconds = np.where(self.along, travel[ways.edge], np.inf)
        found, _ = nearest_target(ways, seconds, self.hospitals)
        return np.isfinite(found[self.access])

    # Calls and the journal

    def _report(self, call: Call) -> None:
        graph = self.roads.graph
        x, y = float(graph.x_m[call.node]), float(graph.y_m[call.node])
        policy = self.calls
        name = "" if policy is None else f"{_PREFIX}{call.number + 1:05d}"
        self._tell(
            time_s=call.time_s,
            kind="residents_called",
            incident=name,
            node=call.node,
            x_m=x,
            y_m=y,
            value=float(call.persons),
            detail={"hurt": call.hurt},
        )
        if policy is None:
            return
        node, distance = graph.nearest_node(x, y, vehicle_class=policy.vehicle)
        self._hand_over(
            call.number,
            {
                "id": name,
                "time_s": call.time_s,
                "kind": policy.kind,
                "priority": policy.priority,
                "node": node,
                "x_m": x,
                "y_m": y,
                "casualties": min(call.hurt, policy.most_hurt),
                "people": call.persons,
                "detail": {"snap_m": round(distance, 1), "residents": call.persons},
            },
        )

    def _tell(self, **fields: Any) -> None:  # noqa: ANN401 - the fields of an event
        self._journal.append({"stage": self._stage, "event": fields})
        self.log(Event(**fields))

    def _hand_over(self, number: int, fields: dict[str, Any]) -> None:
        self._journal.append({"stage": self._stage, "call": number, "incident": fields})
        self._give(number, fields)

    def _give(self, number: int, fields: dict[str, Any]) -> None:
        if self.calls is not None:
            self._waiting[fields["id"]] = number
            self.calls.report(IncidentSpec(**fields))

    # Checkpoints

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that the next step depends on, and the journal."""
        journal = json.dumps(self._journal, ensure_ascii=False, sort_keys=True).encode()
        return {
            **self.model.to_arrays(),
            "journal": np.frombuffer(journal, np.uint8).copy(),
            "looked_s": np.array([self._looked_s]),
            "told": np.array([self._told.get(name, 0) for name in _TOLD], np.int64),
        }

    def recall(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over the journal of a checkpoint, before its past is played back."""
        self._journal = json.loads(arrays["journal"].tobytes().decode())
        self._played = 0

    def repeat(self) -> None:
        """Play back one step, or one warning, of the past."""
        self._answers()
        while self._played < len(self._journal):
            entry = self._journal[self._played]
            if entry["stage"] != self._stage:
                break
            self._played += 1
            if "event" in entry:
                self.log(Event(**entry["event"]))
            else:
                self._give(int(entry["call"]), entry["incident"])
        self._stage += 1

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over the state of a checkpoint."""
        self.model.restore(arrays)
        self._looked_s = float(arrays["looked_s"][0])
        self._told = {name: int(n) for name, n in zip(_TOLD, arrays["told"], strict=True) if n}

    # Results

    def table(self) -> pd.DataFrame:
        """Return persons by status, exposure and access over time."""
        table = pd.DataFrame(self.model.series())
        if not self.hospitals.any():
            table = table.drop(columns="cut_off_from_hospital")
        return table
