"""Incidents from the call to the end: what they need, who came, and what became of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import simpy

from models.errors import InvalidQuantityError
from models.response.context import wake
from models.response.incidents import (
    AMBULANCE,
    CALL_DRAWS,
    FIRE,
    RESCUE,
    SLOT_DRAWS,
    Incident,
    IncidentSpec,
    Slot,
    incident_index,
)
from models.response.more_units import MoreUnits
from models.response.units import UnitState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from models.response.context import Context, Steps
    from models.response.dispatch import Dispatcher
    from models.response.events import Json
    from models.response.fire import Fire
    from models.response.units import Unit

__all__ = ["Calls", "Streams"]

type Streams = Callable[[str, int], np.random.Generator]


@dataclass(slots=True)
class Calls:
    """All incidents of a run; ``incidents`` holds the open ones."""

    context: Context
    dispatcher: Dispatcher
    streams: Streams
    incidents: dict[str, Incident] = field(default_factory=dict)
    fires: dict[str, Fire] = field(default_factory=dict)
    reported: set[str] = field(default_factory=set)
    takers: simpy.Resource | None = field(init=False)
    more: MoreUnits = field(init=False)

    def __post_init__(self) -> None:
        count = self.context.parameters.call_takers
        self.more = MoreUnits(self)
        self.takers = None if count is None else simpy.Resource(self.context.env, count)

    def report(self, spec: IncidentSpec) -> None:
        """Take a call now."""
        if spec.id in self.reported:
            raise InvalidQuantityError(
                "an incident of this name was already reported",
                where=f"incident {spec.id!r} at {self.context.env.now:.3f} s",
                remedy="Give every incident its own id.",
            )
        incident = self._open(spec)
        self.reported.add(spec.id)
        self.incidents[spec.id] = incident
        detail: dict[str, Json] = {
            **spec.detail,
            "kind": spec.kind,
            "needs": dict(incident.needs),
            "casualties": incident.casualties,
            "fire_area_m2": incident.fire_area_m2,
            "targets_s": self._targets(incident),
        }
        if RESCUE in incident.needs:
            detail["people"] = incident.in_water
        self.context.emit(
            "call_received", incident=incident, value=float(spec.priority), detail=detail
        )
        self.context.env.process(self._answer(incident))

    def _targets(self, incident: Incident) -> dict[str, Json]:
        """Return the target of every service that the incident needs, s, where one is set."""
        parameters, priority = self.context.parameters, incident.spec.priority
        targets = {name: parameters.target_s(name, priority) for name in incident.needs}
        return {name: target for name, target in targets.items() if not math.isnan(target)}

    def _open(self, spec: IncidentSpec) -> Incident:
        parameters = self.context.parameters
        kind = parameters.kinds.get(spec.kind)
        if kind is None:
            raise InvalidQuantityError(
                "there is no such kind of incident",
                where=f"incident {spec.id!r}",
                value=spec.kind,
                remedy=f"Take one of {', '.join(sorted(parameters.kinds))}, or add it.",
            )
        area_m2 = kind.fire_area_m2 if spec.fire_area_m2 is None else spec.fire_area_m2
        casualties = kind.casualties if spec.casualties is None else spec.casualties
        card = None if spec.needs is not None else parameters.run_cards.get(spec.kind)
        needs = dict(kind.needs if spec.needs is None else spec.needs)
        if card is not None:
            needs = dict(card[0].needs)
        elif area_m2 > 0.0 and spec.needs is None:
            needs[FIRE] = max(needs.get(FIRE, 0), parameters.fire.engines(area_m2))
        if casualties > needs.get(AMBULANCE, 0):
            needs[AMBULANCE] = casualties
        if area_m2 > 0.0 and needs.get(FIRE, 0) == 0:
            raise InvalidQuantityError(
                "a fire needs at least one fire engine",
                where=f"incident {spec.id!r}",
                value=needs,
                remedy="Ask for one, or set fire_area_m2 to 0.",
            )
        people = kind.people if spec.people is None else spec.people
        needs = {service: needs[service] for service in sorted(needs) if needs[service] > 0}
        for service in needs:
            if service not in parameters.on_scene or service not in parameters.turnout:
                raise InvalidQuantityError(
                    "an incident needs a service without a turnout and an on-scene time",
                    where=f"incident {spec.id!r}",
                    value=service,
                    remedy="Give both in the response parameters.",
                )
        count = sum(needs.values())
        generator = self.streams("incident", incident_index(spec.id))
        draws = tuple(generator.random(CALL_DRAWS + SLOT_DRAWS * count).tolist())
        patience = parameters.patience
        patience_s = math.inf if patience is None else patience.at(float(generator.random()))
        incident = Incident(
            spec=spec,
            kind=kind,
            needs=needs,
            casualties=casualties,
            fire_area_m2=area_m2,
            received_s=float(self.context.env.now),
            call_draws=(draws[0], draws[1]),
            patience_s=patience_s,
            pending=count,
            in_water=max(people, casualties),
        )
        for service, wanted in needs.items():
            for number in range(wanted):
                first = CALL_DRAWS + SLOT_DRAWS * len(incident.slots)
                incident.slots.append(
                    Slot(
                        incident=incident,
                        service=service,
                        number=number,
                        has_patient=service == AMBULANCE and number < casualties,
                        draws=draws[first : first + SLOT_DRAWS],
                    )
                )
        return incident

    def _answer(self, incident: Incident) -> Steps[None]:
        """Take the call, decide, and ask for units."""
        if not (yield from self._talk(incident)):
            self._drop(incident, "the caller gave up")
            return
        if self._advised(incident):
            return
        if incident.spec.needs is None and incident.spec.kind in self.context.parameters.run_cards:
            self.context.env.process(self.more.raise_alarms(incident))
        for asked_s in sorted({_asked_s(slot) for slot in incident.slots}):
            later_s = incident.received_s + asked_s - self.context.env.now
            if later_s > 0.0:
                yield self.context.env.timeout(later_s)
            self._ask(incident, [slot for slot in incident.slots if _asked_s(slot) == asked_s])

    def _ask(self, incident: Incident, slots: Sequence[Slot]) -> None:
        """Ask for the units of some slots that nobody was sent to by order."""
        for service in incident.needs:
            wanted = [slot for slot in slots if slot.service == service and slot.is_open]
            for slot in self.dispatcher.submit(incident, service, wanted) if wanted else ():
                self.cancel(slot)
        self.more.consider_boat(incident)

    def _talk(self, incident: Incident) -> Steps[bool]:
        """Take the call and decide; return False where the caller gave up before that."""
        env, parameters, known = self.context.env, self.context.parameters, incident.spec.known
        if known is not None and known.alert_after_s is not None:
            if known.alert_after_s > 0.0:
                yield env.timeout(known.alert_after_s)
            self.context.emit("call_answered", incident=incident, value=known.alert_after_s)
            return True
        call_taking_s = parameters.call_taking.at(incident.call_draws[0])
        waited_s = yield from self._take(incident, call_taking_s)
        if waited_s is None:
            return incident.attended
        self.context.emit("call_answered", incident=incident, value=waited_s + call_taking_s)
        delay_s = parameters.dispatch_delay.at(incident.call_draws[1])
        if delay_s > 0.0:
            yield env.timeout(delay_s)
        return True

    def _advised(self, incident: Incident) -> bool:
        """Under triage, give advice by phone instead of an ambulance where that may do."""
        context = self.context
        only_ambulance = tuple(incident.needs) == (AMBULANCE,)
        lowest = incident.spec.priority >= context.parameters.advice_from_priority
        if incident.attended or not (context.triage and only_ambulance and lowest):
            return False
        context.emit("advice_given", incident=incident, value=float(incident.spec.priority))
        self._drop(incident, "advice by phone")
        return True

    def _drop(self, incident: Incident, reason: str) -> None:
        """End an incident to which nobody is sent."""
        for slot in incident.slots:
            slot.closed = True
        incident.cancelled, incident.pending = len(incident.slots), 0
        del self.incidents[incident.spec.id]
        self._unserved(incident, reason)

    def _take(self, incident: Incident, call_taking_s: float) -> Steps[float | None]:
        """
        Take a call, as soon as a call taker is free.

        Returns how long it waited, s; None where the caller gave up before that.
        """
        env = self.context.env
        if self.takers is None:
            if call_taking_s > 0.0:
                yield env.timeout(call_taking_s)
            return 0.0
        with self.takers.request() as turn:
            if not turn.triggered:
                count = float(len(self.takers.queue))
                self.context.emit("call_waiting", incident=incident, value=count)
            if incident.patience_s < math.inf:
                yield turn | env.timeout(incident.patience_s)
                if not turn.triggered:
                    waited_s = float(env.now) - incident.received_s
                    self.context.emit("call_abandoned", incident=incident, value=waited_s)
                    return None
            else:
                yield turn
            waited_s = float(env.now) - incident.received_s
            yield env.timeout(call_taking_s)
        return waited_s

    # What becomes of a slot

    def arrived(self, unit: Unit, slot: Slot) -> None:
        """Write the arrival of a unit at the scene."""
        incident, service = slot.incident, slot.service
        slot.arrived = True
        count = incident.arrived.get(service, 0) + 1
        incident.arrived[service] = count
        response_s = self.context.env.now - incident.received_s
        target_s = self.context.parameters.target_s(service, incident.spec.priority)
        no_target = math.isnan(target_s)
        detail: dict[str, Json] = {
            "first": count == 1,
            "complete": count == incident.needs[service],
            "target_s": None if no_target else target_s,
            "within_target": None if no_target else response_s <= target_s,
        }
        self.context.enter(
            unit,
            UnitState.ON_SCENE,
            "unit_arrived",
            incident=incident,
            value=response_s,
            detail=detail,
        )
        if service == AMBULANCE:
            self.more.relieve_boat(unit, incident, response_s)

    def give_up(self, slot: Slot) -> None:
        """Part a slot from a unit that will not reach it."""
        if slot.unit is not None:
            slot.unit.order(None)
            slot.unit = None

    def stand_down(self, slot: Slot, reason: str) -> None:
        """Call off the unit of a slot before it reaches the scene."""
        unit = slot.unit
        if unit is None:
            return
        self.context.emit(
            "unit_stood_down", unit=unit, incident=slot.incident, detail={"reason": reason}
        )
        self.give_up(slot)
        wake(unit)

    def fire_out(self, incident: Incident) -> None:
        """Call off the engines that have not arrived at a fire that is out."""
        late = [
            slot
            for slot in incident.slots
            if slot.service == FIRE and not slot.arrived and not slot.closed
        ]
        self.dispatcher.cancel([slot for slot in late if slot.unit is None])
        for slot in late:
            self.stand_down(slot, "fire out")
            self.cancel(slot)

    def done(self, slot: Slot) -> None:
        """Take note that a unit is done with an incident."""
        slot.unit = None
        self._close(slot)

    def cancel(self, slot: Slot) -> None:
        """Close a slot to which nobody goes."""
        slot.incident.cancelled += 1
        self._close(slot)

    def _close(self, slot: Slot) -> None:
        incident = slot.incident
        slot.closed = True
        incident.pending -= 1
        if incident.pending > 0:
            return
        del self.incidents[incident.spec.id]
        self.fires.pop(incident.spec.id, None)
        if incident.unreached_services:
            self._unserved(incident, "no unit free and no place in the queue")
            return
        self.context.emit(
            "incident_closed",
            incident=incident,
            value=self.context.env.now - incident.received_s,
            detail={
                "arrived": dict(incident.arrived),
                "transported": incident.transported,
                "treated_on_scene": incident.treated_on_scene,
                "cancelled": incident.cancelled,
            },
        )

    def _unserved(self, incident: Incident, reason: str) -> None:
        self.context.emit(
            "incident_unserved",
            incident=incident,
            detail={
                "reason": reason,
                "arrived": dict(incident.arrived),
                "missing": dict(incident.missing),
            },
        )

    def finish(self) -> None:
        """Write what became of every incident that is still open."""
        reasons = {
            (request.incident.spec.id, service): self.dispatcher.reason(request)
            for service, queue in self.dispatcher.queues.items()
            for request in queue
        }
        for incident in self.incidents.values():
            unreached = incident.unreached_services
            if unreached:
                name = incident.spec.id
                self._unserved(
                    incident, reasons.get((name, unreached[0]), "the run ended before arrival")
                )
            else:
                self.context.emit(
                    "incident_unfinished",
                    incident=incident,
                    value=self.context.env.now - incident.received_s,
                    detail={"arrived": dict(incident.arrived), "missing": dict(incident.missing)},
                )
        self.incidents.clear()


def _asked_s(slot: Slot) -> float:
    """Return when a unit is asked for, s after the call; 0 where no log says so."""
    return slot.known.asked_after_s or 0.0


def by_time(incidents: Sequence[IncidentSpec]) -> list[IncidentSpec]:
    """Return incidents in order of time, then of their names."""
    return sorted(incidents, key=lambda spec: (spec.time_s, spec.id))
