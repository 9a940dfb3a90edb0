"""
Units that are asked for after the call: boats where water lies between, and further alarms.

Their durations hang on the incident and on why they are asked for, so that they shift no others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.response.incidents import AMBULANCE, RESCUE, SLOT_DRAWS, Slot, incident_index
from models.response.shore import cut_off

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.response.alarms import Alarm
    from models.response.calls import Calls
    from models.response.context import Steps
    from models.response.events import Json
    from models.response.incidents import Incident
    from models.response.units import Unit

__all__ = ["MoreUnits"]


@dataclass(slots=True)
class MoreUnits:
    """What is asked for while an incident is open."""

    calls: Calls

    @property
    def onward_class(self) -> int:
        """The vehicle class that people ashore go on with: that of the first ambulance."""
        units = self.calls.dispatcher.units
        found = (u.spec.vehicle_class for u in units if u.spec.service == AMBULANCE)
        return next(found, units[0].spec.vehicle_class)

    def review_boats(self) -> None:
        """Call for boats where ambulances no longer get to incidents that wait for one."""
        for request in tuple(self.calls.dispatcher.queues.get(AMBULANCE, ())):
            self.consider_boat(request.incident)

    def consider_boat(self, incident: Incident) -> None:
        """Ask for a rescue unit where water keeps every ambulance from the patients."""
        units = self.calls.dispatcher.units
        waits = any(
            slot.service == AMBULANCE and slot.is_open and slot.aboard is None
            for slot in incident.slots
        )
        if RESCUE in incident.needs or incident.shore >= 0 or incident.pending < 1 or not waits:
            return
        classes = {u.spec.vehicle_class for u in units if u.spec.service == AMBULANCE}
        boats = any(unit.spec.service == RESCUE for unit in units)
        if not (boats and cut_off(self.calls.context, sorted(classes), incident.spec.node)):
            return
        slots = self._add_slots(incident, {RESCUE: 1}, "boat")
        self.calls.context.emit(
            "boat_called", incident=incident, service=RESCUE, value=float(incident.in_water)
        )
        self._ask_more(incident, slots)

    # Units that are asked for after the call

    def _add_slots(self, incident: Incident, needs: Mapping[str, int], purpose: str) -> list[Slot]:
        """Make room for further units, whose durations hang on the incident and the purpose."""
        generator = self.calls.streams(purpose, incident_index(incident.spec.id))
        added = []
        for service, count in sorted(needs.items()):
            before = incident.needs.get(service, 0)
            if before == 0:
                incident.called_on.add(service)
            incident.needs = {**incident.needs, service: before + count}
            for number in range(before, before + count):
                draws = tuple(generator.random(SLOT_DRAWS).tolist())
                added.append(Slot(incident, service, number, has_patient=False, draws=draws))
        incident.pending += len(added)
        incident.slots.extend(added)
        return added

    def _ask_more(self, incident: Incident, slots: Sequence[Slot]) -> None:
        for service in sorted({slot.service for slot in slots}):
            wanted = [slot for slot in slots if slot.service == service]
            for slot in self.calls.dispatcher.submit(incident, service, wanted):
                self.calls.cancel(slot)

    def raise_alarms(self, incident: Incident) -> Steps[None]:
        """Raise the further alarms of a run card, each at its time, while the incident lasts."""
        context, env = self.calls.context, self.calls.context.env
        fire = context.parameters.fire
        card = context.parameters.run_cards[incident.spec.kind]
        first_m2 = incident.fire_area_m2
        for level, alarm in enumerate(card[1:], start=2):
            grown_s = fire.burning_s(first_m2, alarm.area_m2) if first_m2 > 0.0 else math.inf
            by_area = grown_s < alarm.after_s
            due_s = incident.received_s + min(grown_s, alarm.after_s)
            if not math.isfinite(due_s):
                continue
            yield env.timeout(max(due_s - env.now, 0.0))
            if incident.spec.id not in self.calls.incidents:
                return
            if by_area and incident.water_on:
                if not math.isfinite(alarm.after_s):
                    continue
                by_area = False
                yield env.timeout(max(incident.received_s + alarm.after_s - env.now, 0.0))
                if incident.spec.id not in self.calls.incidents:
                    return
            burning = self.calls.fires.get(incident.spec.id)
            if first_m2 > 0.0 and burning is not None and burning.is_out:
                return
            self._raise_alarm(incident, level, alarm, "area" if by_area else "time")

    def _raise_alarm(self, incident: Incident, level: int, alarm: Alarm, reason: str) -> None:
        slots = self._add_slots(incident, alarm.needs, f"alarm-{level}")
        incident.alarm = level
        detail: dict[str, Json] = {"units": dict(alarm.needs), "reason": reason}
        if incident.fire_area_m2 > 0.0:
            burning_s = (
                0.0 if incident.water_on else self.calls.context.env.now - incident.received_s
            )
            fire = self.calls.context.parameters.fire
            detail["area_m2"] = fire.area_m2(incident.fire_area_m2, burning_s)
        self.calls.context.emit(
            "alarm_raised", incident=incident, value=float(level), detail=detail
        )
        self._ask_more(incident, slots)
        self.calls.dispatcher.call_aid(level, tuple(alarm.needs))

    def bring_together(self, incident: Incident, node: int) -> bool:
        """Let ambulances come to patients ashore at *node*; return whether one is waited for."""
        waiting = [slot for slot in incident.slots if slot.service == AMBULANCE and slot.is_open]
        if not waiting or incident.arrived.get(AMBULANCE):
            return False
        incident.shore = node
        incident.met = self.calls.context.env.event()
        self.calls.dispatcher.renew(incident, AMBULANCE)
        return True

    def relieve_boat(self, unit: Unit, incident: Incident, response_s: float) -> None:
        """Let a rescue unit go that was called because no ambulance came through."""
        if incident.met is not None and not incident.met.triggered:
            incident.met.succeed()
            self.calls.context.emit("met_ashore", unit=unit, incident=incident, value=response_s)
        if RESCUE not in incident.called_on or incident.shore >= 0:
            return
        late = [s for s in incident.slots if s.service == RESCUE and not (s.arrived or s.closed)]
        self.calls.dispatcher.cancel([slot for slot in late if slot.unit is None])
        for slot in late:
            self.calls.stand_down(slot, "an ambulance came through")
            self.calls.cancel(slot)
