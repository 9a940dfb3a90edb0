"""
People in the water: taken aboard, and brought to where ambulances get, load by load.

The shore is the nearest place from which ambulances still get about; it moves with the water, and
is looked for anew for every load. A unit that brings patients stays with them until an ambulance
is there, or for as long as the parameters say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from models.response.context import Steps, pause
from models.response.driving import FERRY, Outcome, drive
from models.response.incidents import ON_SCENE_DRAW, RESCUE
from models.response.shore import shore_from, way_to
from models.response.units import UnitState

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.response.incidents import Incident, Slot
    from models.response.lifecycle import Lifecycle
    from models.response.units import Unit

__all__ = ["Rescue"]


@dataclass(slots=True)
class Rescue:
    """The work of rescue units, which else live like all others."""

    life: Lifecycle

    def work(self, unit: Unit, slot: Slot) -> Steps[None]:
        """Take people out of the water and bring them ashore, as often as it takes."""
        context, incident = self.life.context, slot.incident
        parameters = context.parameters
        searching_s = slot.known.on_scene_s
        if searching_s is None:
            searching_s = parameters.on_scene[RESCUE].at(slot.draws[ON_SCENE_DRAW])
        yield context.env.timeout(searching_s)
        while incident.in_water > 0:
            count = min(unit.spec.capacity, incident.in_water)
            incident.in_water -= count
            yield context.env.timeout(parameters.boarding_s * count)
            context.emit("people_aboard", unit=unit, incident=incident, value=float(count))
            unit.enter(UnitState.FERRYING, context.env.now)
            to_shore = partial(shore_from, context, unit, self.life.calls.more.onward_class)
            yield from self._ferry(unit, incident, to_shore)
            context.enter(
                unit,
                UnitState.AT_SHORE,
                "people_ashore",
                incident=incident,
                value=float(count),
                detail={"left": incident.in_water},
            )
            yield context.env.timeout(parameters.ashore_s)
            yield from self._stay_with_patients(incident, unit)
            if incident.in_water > 0:
                unit.enter(UnitState.FERRYING, context.env.now)
                back = partial(way_to, context, unit, incident.spec.node)
                yield from self._ferry(unit, incident, back)
                unit.enter(UnitState.ON_SCENE, context.env.now)

    def _stay_with_patients(self, incident: Incident, unit: Unit) -> Steps[None]:
        """Let ambulances come to where patients are ashore, and stay until one is there."""
        env = self.life.context.env
        if self.life.calls.more.bring_together(incident, unit.node) and incident.met is not None:
            yield incident.met | env.timeout(self.life.context.parameters.shore_wait_s)

    def _ferry(self, unit: Unit, incident: Incident, goal: Callable[[], int]) -> Steps[None]:
        """Go where *goal* says, asking it again whenever the way there turns out to be shut."""
        context = self.life.context
        while True:
            target = goal()
            if target < 0:
                yield from self._wait_for_water(unit, incident)
                continue
            outcome = yield from drive(context, unit, target, FERRY)
            if outcome is Outcome.ARRIVED:
                return
            if outcome is Outcome.STRANDED:
                self.life.mishaps.strand(unit, FERRY, incident)
                yield from self.life.mishaps.sit_out(unit, afloat=True)
                stranded_s = context.env.now - unit.since_s
                context.enter(
                    unit, UnitState.FERRYING, "unit_freed", incident=incident, value=stranded_s
                )
            elif outcome is Outcome.NO_ROUTE:
                yield from self._wait_for_water(unit, incident)

    def _wait_for_water(self, unit: Unit, incident: Incident) -> Steps[None]:
        """Wait until the roads or the water change."""
        context = self.life.context
        context.enter(
            unit,
            UnitState.WAITING,
            "unit_waiting",
            incident=incident,
            detail={"reason": "no way through or over the water"},
        )
        context.waiting[unit.index] = unit
        yield from pause(unit, context.env.event())
        context.waiting.pop(unit.index, None)
        waited_s = context.env.now - unit.since_s
        context.enter(unit, UnitState.FERRYING, "unit_resumed", incident=incident, value=waited_s)
