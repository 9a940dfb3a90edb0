"""
What a driver does who meets a closed road that nobody knew of.

Ways are planned with what is known; the road is what it is. A driver before an edge that cannot be
passed tells the others, and turns back, waits or drives into the water, as the vehicle class says.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING, Final

import numpy as np

from models.response.context import Steps, pause
from models.response.network import AtWater, MeetsTruth

if TYPE_CHECKING:
    from models.response.context import Context
    from models.response.network import IntArray
    from models.response.trips import Trip
    from models.response.units import Unit

__all__ = ["Outcome", "look_down", "meet"]

#: How far a vehicle that stalls gets into the water, m, and how fast, m/s; both assumed.
INTO_WATER_M: Final = 5.0
INTO_WATER_M_S: Final = 1.4


class Outcome(Enum):
    """How a drive ended."""

    ARRIVED = "arrived"
    RECALLED = "recalled"
    STRANDED = "stranded"
    BLOCKED = "blocked"
    NO_ROUTE = "no_route"
    BROKEN_DOWN = "broken_down"


def look_down(context: Context, unit: Unit) -> None:
    """Tell what is true of the edge under a unit between two nodes."""
    if unit.edge >= 0 and isinstance(context.network, MeetsTruth):
        context.network.meet(unit.edge, float(context.env.now))


def meet(context: Context, unit: Unit, trip: Trip) -> Steps[Outcome | None]:
    """
    Let a unit at a node meet the impassable edge that comes next on its trip.

    Returns None where everybody knew of it; ``BLOCKED`` where another way must be looked for,
    ``STRANDED`` where the vehicle stalled in the water, ``RECALLED`` where it was called off
    while it waited.
    """
    network, now_s = context.network, float(context.env.now)
    if not isinstance(network, MeetsTruth):
        return None
    vehicle_class = unit.spec.vehicle_class
    edge = int(trip.edges[trip.reach])
    ahead_s = float(network.known_seconds(vehicle_class, trip.edges[trip.reach :]).sum())
    if not network.meet(edge, now_s):
        return None
    route = context.network.route(vehicle_class, unit.node, trip.target)
    detour_s = math.nan if route is None else route.seconds - ahead_s
    under_water = context.flooded(vehicle_class, edge)
    way = network.at_water(vehicle_class) if under_water else AtWater()
    context.emit(
        "road_found_closed",
        unit=unit,
        incident=None if trip.task is None else trip.task.incident,
        value=detour_s if way.does == "turn_back" else math.nan,
        detail={
            "edge": edge,
            "purpose": trip.purpose,
            "does": way.does,
            "water": under_water,
            "way_left": route is not None,
        },
    )
    if way.does == "stall":
        _stall(context, unit, edge)
        return Outcome.STRANDED
    if way.does == "wait":
        return (yield from _wait(context, unit, trip, limit_s=way.wait_s, detour_s=detour_s))
    return Outcome.BLOCKED


def _stall(context: Context, unit: Unit, edge: int) -> None:
    network = context.network
    length_m = float(network.edge_length_m(_one(edge))[0])
    unit.edge, unit.node = edge, int(network.edge_heads(_one(edge))[0])
    unit.fraction = 0.5 if length_m <= 2.0 * INTO_WATER_M else INTO_WATER_M / length_m
    unit.edge_s = length_m / INTO_WATER_M_S


def _wait(
    context: Context, unit: Unit, trip: Trip, *, limit_s: float, detour_s: float
) -> Steps[Outcome]:
    """Wait before the next edge of a trip until it can be passed, for a while."""
    env, orders = context.env, unit.orders
    edge = int(trip.edges[trip.reach])
    began_s = float(env.now)
    while True:
        context.waiting[unit.index] = unit
        woken = yield from pause(unit, env.timeout(max(began_s + limit_s - env.now, 0.0)))
        context.waiting.pop(unit.index, None)
        recalled = unit.orders != orders or unit.redirected
        seconds = context.network.edge_seconds(unit.spec.vehicle_class, _one(edge))
        passed = math.isfinite(seconds[0])
        if recalled or passed or not woken:
            break
    waited_s = float(env.now) - began_s
    in_vain_s = 0.0 if passed or recalled or math.isnan(detour_s) else detour_s
    context.emit(
        "waited_at_water",
        unit=unit,
        incident=None if trip.task is None else trip.task.incident,
        value=waited_s,
        detail={"edge": edge, "passed": passed, "lost_s": waited_s + in_vain_s},
    )
    if recalled:
        return Outcome.RECALLED
    if passed and isinstance(context.network, MeetsTruth):
        context.network.meet(edge, float(env.now))
    return Outcome.BLOCKED


def _one(edge: int) -> IntArray:
    return np.array([edge], dtype=np.int64)
