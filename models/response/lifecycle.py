"""
The life of a unit as one process.

Station, turnout, travel, scene, loading, transport, handover, clearing, return; a unit is
available again from the moment it sets off for its station. Every step is a state of the table in
``units`` and an event in the log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from models.response.context import Steps, pause
from models.response.driving import (
    TO_HOSPITAL,
    TO_SCENE,
    TO_STATION,
    Outcome,
    drive,
)
from models.response.fire import Fire, WaterMap, extinguish
from models.response.fuel import Fuel
from models.response.hospitals import ISOLATION
from models.response.incidents import (
    BED_DRAW,
    CLEARING_DRAW,
    FIRE,
    HANDOVER_DRAW,
    LOADING_DRAW,
    ON_SCENE_DRAW,
    RESCUE,
    TRANSPORT_DRAW,
)
from models.response.mishaps import Mishaps
from models.response.rescue import Rescue
from models.response.turnout import turnout_s
from models.response.units import OFF_DUTY, UnitState

if TYPE_CHECKING:
    from models.response.calls import Calls
    from models.response.context import Context
    from models.response.dispatch import Dispatcher
    from models.response.events import Json
    from models.response.hospitals import Hospital, Hospitals
    from models.response.incidents import Incident, Slot
    from models.response.units import Unit

__all__ = ["Lifecycle"]

_RESTING: Final = frozenset({UnitState.IDLE, *OFF_DUTY})


@dataclass(slots=True)
class Journey:
    """A patient on the way; ``barred`` are hospitals and the roads' version that bars them."""

    slot: Slot
    loaded_s: float
    barred: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Lifecycle:
    """What every unit's process needs: who sends it, where it takes patients, where water is."""

    context: Context
    dispatcher: Dispatcher
    calls: Calls
    hospitals: Hospitals
    water: WaterMap
    mishaps: Mishaps = field(init=False)
    fuel: Fuel = field(init=False)

    def __post_init__(self) -> None:
        self.mishaps = Mishaps(self.context, self.calls)
        self.fuel = Fuel(self.context, self.calls.streams)

    def live(self, unit: Unit) -> Steps[None]:
        """Wait, serve and return, until the run ends."""
        env = self.context.env
        while True:
            if unit.task is not None:
                yield from self._serve(unit, unit.task)
            elif unit.state in _RESTING:
                yield from pause(unit, env.event())
            elif unit.state is UnitState.TURNOUT:
                self._return(unit)  # sent and called off at one moment
            else:
                yield from self._go_home(unit)

    # Incidents

    def _serve(self, unit: Unit, slot: Slot) -> Steps[None]:
        context = self.context
        ready_s = 0.0
        if unit.edge < 0 and unit.node == unit.home:
            ready_s = turnout_s(context.parameters, slot, context.env.now)
        if ready_s > 0.0:
            yield from pause(unit, context.env.timeout(ready_s))
        if unit.task is not slot:
            self._leave(unit)
            return
        incident = slot.incident
        context.enter(unit, UnitState.TO_SCENE, "unit_mobile", incident=incident, value=ready_s)
        outcome = yield from drive(context, unit, slot.node, TO_SCENE)
        if outcome is Outcome.ARRIVED:
            yield from self._attend(unit, slot)
        elif outcome is Outcome.RECALLED:
            self._leave(unit)
        elif outcome is Outcome.NO_ROUTE:
            slot.refused[unit.index] = context.network.version
            self.calls.give_up(slot)
            self._return(unit, "no way to the scene")
            self.dispatcher.resubmit(slot, "no way to the scene")
            self.calls.more.consider_boat(incident)
        elif outcome is Outcome.BROKEN_DOWN:
            self.calls.give_up(slot)
            repair_s = self.mishaps.break_down(unit, TO_SCENE, incident)
            self.dispatcher.resubmit(slot, "vehicle broke down")
            yield from self.mishaps.repair(unit, repair_s)
            self._return(unit)
        else:
            self.calls.give_up(slot)
            self.mishaps.strand(unit, TO_SCENE, incident)
            self.dispatcher.resubmit(slot, "stranded")
            self.calls.more.consider_boat(incident)
            yield from self._free(unit)

    def _free(self, unit: Unit) -> Steps[None]:
        """Let a stranded unit go home when it can drive again; one that is lost stays."""
        if (yield from self.mishaps.sit_out(unit)):
            self._return(unit)

    def _leave(self, unit: Unit) -> None:
        """Turn away from an incident before it was reached: home, or on to another one."""
        if unit.task is None:
            self._return(unit)

    def _attend(self, unit: Unit, slot: Slot) -> Steps[None]:
        """Work on scene, bring a patient to a hospital, and get ready again."""
        if slot.aboard is not None:
            self.mishaps.take_over(unit, slot)
            yield from self._transport(unit, slot)
        else:
            yield from self._work(unit, slot)
        if unit.state is UnitState.WRITTEN_OFF:
            return
        if slot.unit is unit:
            yield from self._clear(slot)
        self._return(unit)

    def _clear(self, slot: Slot) -> Steps[None]:
        """Get a unit ready again after its work."""
        context, clearing_s = self.context, slot.known.clearing_s
        if clearing_s is None:
            clearing_s = context.parameters.clearing.at(slot.draws[CLEARING_DRAW])
            if slot.has_patient and slot.incident.kind.bed == ISOLATION:
                clearing_s += context.parameters.unit_decontamination_s
        if clearing_s > 0.0:
            yield context.env.timeout(clearing_s)
        self.calls.done(slot)

    def _work(self, unit: Unit, slot: Slot) -> Steps[None]:
        context, incident = self.context, slot.incident
        self.calls.arrived(unit, slot)
        began_s = context.env.now
        if slot.service == RESCUE:
            yield from Rescue(self).work(unit, slot)
        elif slot.known.on_scene_s is not None:
            yield context.env.timeout(slot.known.on_scene_s)
        elif slot.service == FIRE and incident.fire_area_m2 > 0.0:
            yield from self._fight(unit, incident)
        else:
            on_scene = context.parameters.on_scene[slot.service]
            yield context.env.timeout(on_scene.at(slot.draws[ON_SCENE_DRAW]))
        on_scene_s = context.env.now - began_s
        if slot.has_patient and self._needs_hospital(unit, slot):
            context.enter(
                unit, UnitState.LOADING, "on_scene_done", incident=incident, value=on_scene_s
            )
            yield from self._transport(unit, slot)
        else:
            context.enter(
                unit, UnitState.CLEARING, "on_scene_done", incident=incident, value=on_scene_s
            )

    def _fight(self, unit: Unit, incident: Incident) -> Steps[None]:
        """Put out a fire together: the first engine begins, all stay until it is out."""
        fire = self.calls.fires.setdefault(incident.spec.id, Fire(incident))
        fire.engines.append(unit)
        fire.tank_l += unit.spec.water_tank_l
        if fire.out is None:
            fire.out = self.context.env.process(extinguish(self.context, self.water, fire))
        yield fire.out
        self.calls.fire_out(incident)

    # Patients

    def _needs_hospital(self, unit: Unit, slot: Slot) -> bool:
        """Return whether a patient goes to a hospital; if not, write why."""
        probability = slot.incident.kind.transport_probability
        if probability is None:
            probability = self.context.parameters.transport_probability
        transported = slot.known.transported
        if transported is None:
            transported = slot.draws[TRANSPORT_DRAW] < probability
        if not transported:
            self._treat_here(unit, slot, "no need of a hospital")
            return False
        if not self.hospitals.hospitals:
            self._treat_here(unit, slot, "no hospital")
            return False
        return True

    def _treat_here(self, unit: Unit, slot: Slot, reason: str) -> None:
        slot.incident.treated_on_scene += 1
        self.context.emit(
            "treated_on_scene", unit=unit, incident=slot.incident, detail={"reason": reason}
        )

    def _transport(self, unit: Unit, slot: Slot) -> Steps[None]:
        """Take a patient to a hospital, as long as one can be reached and the unit can go on."""
        context, incident = self.context, slot.incident
        loading_s = context.parameters.loading.at(slot.draws[LOADING_DRAW])
        if loading_s > 0.0:
            yield context.env.timeout(loading_s)
        unit.has_patient = True
        context.emit("patient_loaded", unit=unit, incident=incident, value=loading_s)
        journey = Journey(slot, float(context.env.now))
        while True:
            choice = yield from self._find_hospital(unit, journey)
            if choice is None:
                unit.has_patient = False
                context.enter(
                    unit,
                    UnitState.CLEARING,
                    "treated_on_scene",
                    incident=incident,
                    detail={"reason": "no hospital can be reached"},
                )
                incident.treated_on_scene += 1
                return
            hospital, seconds = choice
            if (yield from self._bring(unit, journey, hospital, seconds)) or slot.unit is not unit:
                return

    def _find_hospital(self, unit: Unit, journey: Journey) -> Steps[tuple[Hospital, float] | None]:
        """Choose a hospital, waiting within the limit until one can be reached."""
        context = self.context
        deadline_s = context.env.now + context.parameters.transport_wait_limit_s
        began_s = context.env.now
        while True:
            node, offset_s = context.origin(unit)
            version = context.network.version
            closed = {h for h, barred_at in journey.barred.items() if barred_at == version}
            bed = journey.slot.incident.kind.bed
            choice = self.hospitals.choose(unit.spec.vehicle_class, node, closed, bed)
            if choice is not None:
                if unit.state is UnitState.WAITING:
                    context.emit(
                        "unit_resumed",
                        unit=unit,
                        incident=journey.slot.incident,
                        value=context.env.now - began_s,
                    )
                return choice[0], choice[1] + offset_s
            if unit.state is not UnitState.WAITING:
                context.enter(
                    unit,
                    UnitState.WAITING,
                    "unit_waiting",
                    incident=journey.slot.incident,
                    detail={"reason": "no hospital can be reached"},
                )
            context.waiting[unit.index] = unit
            woken = yield from pause(unit, context.env.timeout(deadline_s - context.env.now))
            context.waiting.pop(unit.index, None)
            if not woken:
                return None

    def _bring(
        self, unit: Unit, journey: Journey, hospital: Hospital, seconds: float
    ) -> Steps[bool]:
        """Drive to a hospital and hand over there; return False where that came to nothing."""
        context, incident, facility = self.context, journey.slot.incident, hospital.spec.id
        kept = self.hospitals.keep(hospital)
        chosen: dict[str, Json] = {"bed": kept or hospital.beds is None}
        if unit.state is UnitState.TO_HOSPITAL:
            context.emit(
                "hospital_chosen",
                unit=unit,
                incident=incident,
                facility=facility,
                value=seconds,
                detail=chosen,
            )
        else:
            context.enter(
                unit,
                UnitState.TO_HOSPITAL,
                "hospital_chosen",
                incident=incident,
                facility=facility,
                value=seconds,
                detail=chosen,
            )
        self.hospitals.coming[unit.index] = (unit, hospital)
        outcome = yield from drive(context, unit, hospital.spec.node, TO_HOSPITAL)
        del self.hospitals.coming[unit.index]
        unit.redirected = False
        if outcome is not Outcome.ARRIVED:
            if kept:
                self.hospitals.release(hospital)
            if outcome is Outcome.NO_ROUTE:
                journey.barred[hospital.index] = context.network.version
            if outcome is Outcome.BROKEN_DOWN:
                yield from self.mishaps.hold_up(unit, journey.slot, TO_HOSPITAL)
            if outcome is Outcome.STRANDED:
                yield from self._sit_out_with_patient(unit, incident)
            return False
        context.enter(
            unit,
            UnitState.AT_HOSPITAL,
            "hospital_reached",
            incident=incident,
            facility=facility,
            value=context.env.now - journey.loaded_s,
        )
        return (yield from self._hand_over(unit, journey.slot, hospital, kept=kept))

    def _sit_out_with_patient(self, unit: Unit, incident: Incident) -> Steps[None]:
        self.mishaps.strand(unit, TO_HOSPITAL, incident)
        if (yield from self.mishaps.sit_out(unit)):
            self.context.enter(
                unit,
                UnitState.TO_HOSPITAL,
                "unit_freed",
                incident=incident,
                value=self.context.env.now - unit.since_s,
            )

    def _hand_over(self, unit: Unit, slot: Slot, hospital: Hospital, *, kept: bool) -> Steps[bool]:
        """Wait for a bed and hand the patient over; return False where the hospital closes."""
        context, parameters = self.context, self.context.parameters
        incident, facility = slot.incident, hospital.spec.id
        reached_s = context.env.now
        door = self.hospitals.enter(hospital, kept=kept)
        if door is not None:
            context.emit(
                "hospital_full",
                unit=unit,
                incident=incident,
                facility=facility,
                value=float(len(hospital.queue)),
            )
            if not (yield door):
                return False
        context.enter(
            unit,
            UnitState.HANDOVER,
            "handover_started",
            incident=incident,
            facility=facility,
            value=context.env.now - reached_s,
        )
        handover_s = slot.known.handover_s
        if handover_s is None:
            handover_s = parameters.handover.at(slot.draws[HANDOVER_DRAW])
        if handover_s > 0.0:
            yield context.env.timeout(handover_s)
        self.hospitals.stay(hospital, parameters.bed_stay.at(slot.draws[BED_DRAW]))
        unit.has_patient = False
        incident.transported += 1
        context.enter(
            unit,
            UnitState.CLEARING,
            "handover_done",
            incident=incident,
            facility=facility,
            value=handover_s,
        )
        return True

    # The way home

    def _return(self, unit: Unit, reason: str = "") -> None:
        """Set off for the station, available from now on."""
        unit.task = None
        detail: dict[str, Json] = {"reason": reason} if reason else {}
        freed_s = self.context.env.now - unit.since_s
        if unit.state is UnitState.STRANDED:
            self.context.enter(unit, UnitState.RETURNING, "unit_freed", value=freed_s)
        else:
            self.context.enter(unit, UnitState.RETURNING, "unit_returning", detail=detail)
        self.fuel.check(unit)
        self.dispatcher.unit_free(unit)

    def _go_home(self, unit: Unit) -> Steps[None]:
        """Drive to the station, or wait for a way; end early where the unit is sent again."""
        context = self.context
        outcome = yield from drive(context, unit, unit.home, TO_STATION)
        unit.redirected = False
        if outcome is Outcome.ARRIVED:
            refuels = unit.low_on_fuel
            if refuels:
                yield from self.fuel.refuel(unit)
            if unit.withdrawn:
                unit.withdrawn = False
                context.enter(unit, UnitState.OUT_OF_SERVICE, "unit_out_of_service")
            else:
                context.enter(unit, UnitState.IDLE, "unit_idle")
            self.dispatcher.refresh(unit)
            if refuels:
                self.dispatcher.unit_free(unit)
        elif outcome is Outcome.STRANDED:
            self.mishaps.strand(unit, TO_STATION, None)
            yield from self._free(unit)
        elif outcome is Outcome.BROKEN_DOWN:
            yield from self.mishaps.repair(unit, self.mishaps.break_down(unit, TO_STATION, None))
            self._return(unit)
        elif outcome is Outcome.NO_ROUTE:
            yield from self._wait_for_way_home(unit)

    def _wait_for_way_home(self, unit: Unit) -> Steps[None]:
        context = self.context
        began_s, orders = context.env.now, unit.orders
        context.enter(
            unit, UnitState.WAITING, "unit_waiting", detail={"reason": "no way to the station"}
        )
        self.dispatcher.refresh(unit)
        vehicle_class = unit.spec.vehicle_class
        while unit.state is UnitState.WAITING:
            context.waiting[unit.index] = unit
            yield from pause(unit, context.env.event())
            context.waiting.pop(unit.index, None)
            if unit.orders != orders:
                return
            if context.network.route(vehicle_class, unit.node, unit.home) is not None:
                context.enter(
                    unit, UnitState.RETURNING, "unit_resumed", value=context.env.now - began_s
                )
