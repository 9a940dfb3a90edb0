"""Orders: which unit goes where, as a log or a person says it, instead of or beside a policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from models.response.units import OFF_DUTY

if TYPE_CHECKING:
    from models.response.dispatch import Dispatcher
    from models.response.incidents import Incident, Slot
    from models.response.units import Unit

__all__ = ["Order", "Orders"]


@dataclass(slots=True, eq=False)
class Order:
    """A unit that is to go to an incident; ``told`` says that its waiting is in the log."""

    unit: Unit
    incident: Incident
    told: bool = False


@dataclass(slots=True)
class Orders:
    """
    Orders that wait to be obeyed.

    An order waits while its unit is at work elsewhere or finds no way. Where units go by order
    only, it holds until the unit has arrived: one that is stranded or blocked is sent again as
    soon as it can drive.

    Parameters
    ----------
    dispatcher
        Who sends units.
    alone
        Whether units go by order only; otherwise the policy serves whatever is left.
    """

    dispatcher: Dispatcher
    alone: bool = False
    waiting: list[Order] = field(default_factory=list)

    def give(self, unit: Unit, incident: Incident) -> None:
        """Order *unit* to *incident*."""
        self.waiting.append(Order(unit, incident))
        self.obey()

    def renew(self, slot: Slot) -> None:
        """Let the order hold by which a unit was sent that is now lost to its slot."""
        if not self.alone or not slot.ordered or not slot.is_open:
            return
        unit = next(u for u in self.dispatcher.units if u.spec.id == slot.ordered)
        slot.ordered = ""
        if not unit.withdrawn:
            self.waiting.append(Order(unit, slot.incident))

    def stand_alone(self, *, alone: bool) -> None:
        """Let units go by order only, or by the policy again; then what still waits is void."""
        self.alone = alone
        if not alone:
            for order in self.waiting:
                self._refuse(order, "the policy takes over")
            self.waiting.clear()
            self.dispatcher.dispatch_all()

    def obey(self) -> None:
        """Send every unit that was ordered and can go, in the order of the orders."""
        if not self.waiting:
            return
        left = []
        for order in self.waiting:
            slot = _open_slot(order)
            if slot is None:
                self._refuse(order, "no unit of its service is wanted")
            elif not self._sent(order, slot):
                left.append(order)
        self.waiting = left

    def _sent(self, order: Order, slot: Slot) -> bool:
        unit = order.unit
        reason = "not free"
        if unit.state in OFF_DUTY or unit.withdrawn:
            reason = "not in service"
        elif unit.available:
            seconds = self._seconds(unit, slot)
            if seconds is not None:
                self.dispatcher.cancel([slot])
                slot.ordered = unit.spec.id
                self.dispatcher.assign(unit, slot, seconds)
                return True
            reason = "no way to the scene"
        if not order.told:
            order.told = True
            self._tell("order_waiting", order, reason)
        return False

    def _seconds(self, unit: Unit, slot: Slot) -> float | None:
        """Return the expected travel time, s; None where there is no way, or none was found."""
        context = self.dispatcher.context
        if slot.refused.get(unit.index) == context.network.version:
            return None
        node, offset_s = context.origin(unit)
        found = context.network.nearest(
            slot.node,
            np.array([node], dtype=np.int64),
            np.array([unit.spec.vehicle_class], dtype=np.int64),
            1,
        )
        return found[0][1] + offset_s if found else None

    def _refuse(self, order: Order, reason: str) -> None:
        self._tell("order_refused", order, reason)

    def _tell(self, kind: str, order: Order, reason: str) -> None:
        self.dispatcher.context.emit(
            kind, unit=order.unit, incident=order.incident, detail={"reason": reason}
        )


def _open_slot(order: Order) -> Slot | None:
    """Return the first place at the incident that the unit could fill."""
    service = order.unit.spec.service
    return next((s for s in order.incident.slots if s.service == service and s.is_open), None)
