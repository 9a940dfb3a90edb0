"""Where people who were taken out of the water are brought, and when a boat is called for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.response.network import KnowsShore

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.response.context import Context
    from models.response.units import Unit

__all__ = ["cut_off", "shore_from", "way_to"]


def cut_off(context: Context, vehicle_classes: Iterable[int], node: int) -> bool:
    """Return whether none of these classes gets from *node* to most other places by road."""
    network = context.network
    return isinstance(network, KnowsShore) and not any(
        network.is_ashore(vehicle_class, node) for vehicle_class in vehicle_classes
    )


def shore_from(context: Context, unit: Unit, onward_class: int) -> int:
    """Return the node ashore that *unit* reaches soonest; -1 where it reaches none."""
    network = context.network
    if not isinstance(network, KnowsShore):
        return unit.node
    found = network.landing(unit.spec.vehicle_class, onward_class, unit.node)
    return -1 if found is None else found[0]


def way_to(context: Context, unit: Unit, node: int) -> int:
    """Return *node* where *unit* has a way to it, else -1."""
    route = context.network.route(unit.spec.vehicle_class, unit.node, node)
    return -1 if route is None else node
