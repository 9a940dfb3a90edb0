"""Who is sent: the requests that wait, the units that are free, and bringing them together."""

from __future__ import annotations

import operator
from bisect import insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from models.errors import ScenarioError
from models.response.context import wake
from models.response.incidents import AMBULANCE
from models.response.orders import Orders
from models.response.policies import Candidates, DispatchRequest
from models.response.units import OFF_DUTY, UnitState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.response.alarms import Aid
    from models.response.context import Context
    from models.response.events import Json
    from models.response.incidents import Incident, Slot
    from models.response.moveup import Mover
    from models.response.policies import DispatchPolicy, QueuePolicy
    from models.response.units import Unit

__all__ = ["Dispatcher", "Request"]

#: States from which a unit can be taken for an incident of higher priority.
_UNDER_WAY: Final = (UnitState.TURNOUT, UnitState.TO_SCENE)


@dataclass(slots=True, eq=False)
class Request:
    """The slots of one service, at one place, that an incident still waits to have filled."""

    incident: Incident
    service: str
    key: tuple[float, ...]
    waiting: list[Slot]
    failed_version: int = -1
    failed_stamp: int = -1


@dataclass(slots=True)
class Dispatcher:
    """
    Sends units to incidents.

    ``queues`` holds for each service the waiting requests, the first to be served first. A request
    that no free unit can reach is not tried again until the roads change, and before that only
    with units that became free since.
    """

    context: Context
    units: Sequence[Unit]
    policy: DispatchPolicy
    order: QueuePolicy
    queues: dict[str, list[Request]] = field(default_factory=dict)
    free: dict[str, dict[int, Unit]] = field(default_factory=dict)
    stamp: int = 0
    sequence: int = 0
    diverted: list[Slot] = field(default_factory=list)
    mover: Mover | None = None
    aid: list[Aid] = field(default_factory=list)
    bring_aid: Callable[[Aid], None] | None = None
    orders: Orders = field(init=False)

    def __post_init__(self) -> None:
        self.orders = Orders(self)

    def submit(self, incident: Incident, service: str, slots: list[Slot]) -> list[Slot]:
        """Ask for units; return the slots that find neither a unit nor a place in the queue."""
        request = self._enqueue(incident, service, slots)
        self.dispatch(service)
        if not request.waiting:
            return []
        capacity = self.context.parameters.queue_capacity
        queue = self.queues[service]
        if capacity is not None and len(queue) > capacity:
            queue.remove(request)
            return request.waiting
        self._tell_queued(request)
        return []

    def resubmit(self, slot: Slot, reason: str) -> None:
        """Look for another unit for a slot whose unit is lost to it."""
        incident = slot.incident
        self.context.emit(
            "incident_redispatched",
            incident=incident,
            service=slot.service,
            detail={"reason": reason},
        )
        queue = self.queues[slot.service]
        same = (r for r in queue if r.incident is incident and r.waiting[0].aboard is slot.aboard)
        request = next(same, None)
        if request is None:
            request = self._enqueue(incident, slot.service, [slot])
        else:
            insort(request.waiting, slot, key=lambda waiting: waiting.number)
        self.dispatch(slot.service)
        if slot.unit is None:
            self._tell_queued(request)
        self.orders.renew(slot)

    def renew(self, incident: Incident, service: str) -> None:
        """Look for units for an incident again, since they are wanted at another place now."""
        for request in self.queues.get(service, ()):
            if request.incident is incident:
                request.failed_version = -1
                for slot in request.waiting:
                    slot.refused.clear()
        self.dispatch(service)

    def cancel(self, slots: Sequence[Slot]) -> None:
        """Take waiting slots out of the queue."""
        for slot in slots:
            queue = self.queues.get(slot.service, [])
            for request in queue:
                if slot in request.waiting:
                    request.waiting.remove(slot)
                    if not request.waiting:
                        queue.remove(request)
                    break

    def _enqueue(self, incident: Incident, service: str, slots: list[Slot]) -> Request:
        self.sequence += 1
        key = (*self.order(incident.spec, incident.received_s), float(self.sequence))
        request = Request(incident, service, key, slots)
        insort(self.queues.setdefault(service, []), request, key=lambda waiting: waiting.key)
        return request

    def _tell_queued(self, request: Request) -> None:
        self.context.emit(
            "incident_queued",
            incident=request.incident,
            service=request.service,
            value=float(len(request.waiting)),
            detail={"reason": self.reason(request)},
        )

    def reason(self, request: Request) -> str:
        """Return why a request waits."""
        service = request.service
        on_duty = [
            unit
            for unit in self.units
            if unit.spec.service == service and unit.state not in OFF_DUTY and not unit.withdrawn
        ]
        if not on_duty:
            return "no unit in service"
        if self.orders.alone:
            return "no unit ordered"
        return "no unit free" if request.failed_version < 0 else "no free unit can reach it"

    def refresh(self, unit: Unit) -> None:
        """Take note of whether a unit can be sent."""
        free = self.free.setdefault(unit.spec.service, {})
        if unit.available:
            if unit.index not in free:
                self.stamp += 1
                unit.free_since = self.stamp
                free[unit.index] = unit
        else:
            free.pop(unit.index, None)

    def unit_free(self, unit: Unit) -> None:
        """Take note of a unit that became free, and send it where it is needed."""
        self.refresh(unit)
        self.dispatch(unit.spec.service)
        if unit.available:
            self._move_up(unit.spec.service, unit)

    def _move_up(self, service: str, freed: Unit | None) -> None:
        """Let free ambulances cover what is left uncovered."""
        if self.mover is not None and service == AMBULANCE:
            free = self.free.get(service, {})
            self.mover.review([unit for _, unit in sorted(free.items())], freed)

    def dispatch_all(self) -> None:
        """Try every waiting request again, because the roads changed."""
        self.orders.obey()
        for service in self.queues:
            self.dispatch(service)

    def dispatch(self, service: str) -> None:
        """Obey orders, and serve the waiting requests of a service in order, if units can."""
        self.orders.obey()
        if self.orders.alone:
            return
        queue = self.queues.get(service)
        free = self.free.setdefault(service, {})
        place, before = 0, len(free)
        while queue and place < len(queue):
            request = queue[place]
            under_way = self._divertible(request)
            if not free and not under_way:
                if self.context.parameters.divert_for_priority is None:
                    break
                place += 1
                continue
            self._serve(request, free, under_way)
            if request.waiting:
                place += 1
            else:
                del queue[place]
        self._review_triage()
        self._review_aid(service)
        if len(free) < before:
            self._move_up(service, None)
        while self.diverted:
            self.resubmit(self.diverted.pop(0), "diverted")

    def _divertible(self, request: Request) -> list[Unit]:
        """Return the units under way to incidents of lower priority, if it may take them."""
        highest = self.context.parameters.divert_for_priority
        priority = request.incident.spec.priority
        if highest is None or priority > highest:
            return []
        return [
            unit
            for unit in self.units
            if unit.state in _UNDER_WAY
            and unit.task is not None
            and unit.spec.service == request.service
            and not unit.withdrawn
            and unit.task.incident.spec.priority > priority
        ]

    def _review_triage(self) -> None:
        """Begin or end triage by the number of incidents that wait for an ambulance."""
        context, parameters = self.context, self.context.parameters
        if parameters.triage_queue is None:
            return
        count = len(self.queues.get(AMBULANCE, ()))
        if context.triage:
            begins, ends = False, count <= parameters.triage_end_queue
        else:
            begins, ends = count >= parameters.triage_queue, False
        if begins or ends:
            context.triage = begins
            context.emit(
                "triage_started" if begins else "triage_ended",
                service=AMBULANCE,
                value=float(count),
            )

    def _review_aid(self, service: str) -> None:
        """Call the neighbours whose help is wanted for a queue of this length."""
        count = len(self.queues.get(service, ()))
        for aid in tuple(self.aid):
            if aid.service == service and aid.queue is not None and count >= aid.queue:
                self._call(aid, "queue")

    def call_aid(self, level: int, services: Sequence[str]) -> None:
        """Call the neighbours whose help is wanted at this alarm."""
        for aid in tuple(self.aid):
            if aid.service in services and aid.alarm is not None and level >= aid.alarm:
                self._call(aid, "alarm")

    def _call(self, aid: Aid, reason: str) -> None:
        self.aid.remove(aid)
        detail: dict[str, Json] = {"aid": aid.id, "delay_s": aid.delay_s, "reason": reason}
        self.context.emit(
            "aid_called", service=aid.service, value=float(len(aid.units)), detail=detail
        )
        if self.bring_aid is not None:
            self.bring_aid(aid)

    def _serve(self, request: Request, free: dict[int, Unit], under_way: Sequence[Unit]) -> None:
        context = self.context
        version = context.network.version
        since = request.failed_stamp if request.failed_version == version else -1
        refused = {
            index
            for slot in request.waiting
            for index, refused_at in slot.refused.items()
            if refused_at == version
        }
        units = [
            unit
            for _, unit in sorted(free.items())
            if unit.free_since > since and unit.index not in refused
        ]
        units += [unit for unit in under_way if unit.index not in refused]
        sent = 0
        if units:
            incident = request.incident
            wanted = DispatchRequest(
                incident=request.waiting[0].spec,
                service=request.service,
                count=len(request.waiting),
                waited_s=context.env.now - incident.received_s,
                diversion_gain_s=context.parameters.diversion_gain_s,
            )
            chosen = self.policy(wanted, self._candidates(units), context.network)
            for unit, seconds in self._checked(chosen, units, len(request.waiting)):
                self.assign(unit, request.waiting.pop(0), seconds)
                sent += 1
        if request.waiting and (sent < len(units) or not units):
            request.failed_version, request.failed_stamp = version, self.stamp

    def _candidates(self, units: Sequence[Unit]) -> Candidates:
        origins = [self.context.origin(unit) for unit in units]
        return Candidates(
            unit=np.array([unit.index for unit in units], dtype=np.int64),
            node=np.array([node for node, _ in origins], dtype=np.int64),
            offset_s=np.array([offset_s for _, offset_s in origins], dtype=np.float64),
            vehicle_class=np.array([unit.spec.vehicle_class for unit in units], dtype=np.int64),
            task_priority=np.array(
                [0 if unit.task is None else unit.task.incident.spec.priority for unit in units],
                dtype=np.int64,
            ),
        )

    def _checked(
        self, chosen: Sequence[tuple[int, float]], units: Sequence[Unit], count: int
    ) -> list[tuple[Unit, float]]:
        """Return the units that a policy chose, if that makes sense."""
        try:
            pairs = [(operator.index(place), float(seconds)) for place, seconds in chosen]
        except (TypeError, ValueError) as error:
            raise ScenarioError(
                f"a dispatch policy must return pairs of numbers ({error})",
                where=f"dispatch policy {self.context.parameters.dispatch_policy!r}",
                value=repr(chosen)[:200],
                remedy="Return pairs of (place among the candidates, seconds).",
            ) from error
        places = [place for place, _ in pairs]
        sensible = (
            len(places) <= count
            and len(set(places)) == len(places)
            and all(0 <= place < len(units) for place in places)
        )
        if not sensible:
            raise ScenarioError(
                f"a dispatch policy must choose at most {count} different places among "
                f"{len(units)} candidates",
                where=f"dispatch policy {self.context.parameters.dispatch_policy!r}",
                value=places,
                remedy="Return pairs of (place among the candidates, seconds).",
            )
        return [(units[place], seconds) for place, seconds in pairs]

    def assign(self, unit: Unit, slot: Slot, seconds: float) -> None:
        """Send *unit* to *slot*, which it reaches in *seconds* by what is known."""
        left = unit.task
        if left is not None:
            left.unit = None
            self.diverted.append(left)
            self.context.emit(
                "unit_diverted",
                unit=unit,
                incident=left.incident,
                value=float(left.incident.spec.priority),
                detail={"to": slot.incident.spec.id, "priority": slot.incident.spec.priority},
            )
        unit.order(slot)
        slot.unit = unit
        self.context.enter(
            unit, UnitState.TURNOUT, "unit_assigned", incident=slot.incident, value=seconds
        )
        self.refresh(unit)
        wake(unit)
