"""How a unit gets from where it is to a node, whatever the roads do meanwhile."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from models.response.context import Steps, pause
from models.response.meeting import Outcome, look_down, meet
from models.response.trips import Change, Trip

if TYPE_CHECKING:
    from models.response.context import Context
    from models.response.events import Json
    from models.response.network import IntArray
    from models.response.units import Unit

__all__ = ["FERRY", "TO_HOSPITAL", "TO_SCENE", "TO_STATION", "Outcome", "drive", "settle"]

TO_SCENE: Final = "to_scene"
TO_HOSPITAL: Final = "to_hospital"
TO_STATION: Final = "to_station"
FERRY: Final = "ferry"

_LOOK_AGAIN: Final = (Change.BLOCKED, Change.SLOWER, Change.WARNED)


def drive(context: Context, unit: Unit, target: int, purpose: str) -> Steps[Outcome]:
    """
    Drive to *target*, re-planning where the roads ask for it.

    Returns ``ARRIVED`` at the target; ``RECALLED`` where the unit's task changed or it was
    redirected; ``STRANDED`` on a flooded edge; ``BROKEN_DOWN`` wherever that happens;
    ``NO_ROUTE`` where no way is left: then the unit stands at a node, or, on its way to a scene,
    wherever it is.
    """
    orders, again = unit.orders, False
    while True:
        trip = yield from _set_off(context, unit, target, purpose)
        if isinstance(trip, Outcome):
            return trip
        if again and trip.turned:
            _tell_reroute(context, unit, trip, "turned_back")
        outcome = yield from _follow(context, unit, trip)
        if unit.orders != orders:
            return Outcome.RECALLED
        again = True
        if outcome is Outcome.BLOCKED:
            continue
        if outcome is Outcome.ARRIVED and unit.node != target:
            continue
        return outcome


def _set_off(context: Context, unit: Unit, target: int, purpose: str) -> Steps[Trip | Outcome]:
    """Return the trip on which a unit sets off, or how the drive ends where there is none."""
    while True:
        look_down(context, unit)
        if unit.edge >= 0 and _impassable(context, unit):
            return Outcome.STRANDED
        trip = _plan(context, unit, target, purpose)
        if trip is not None and (trip.reach or not trip.edges.size):
            return trip
        if unit.edge >= 0 and purpose != TO_SCENE:
            return _begin(
                context, unit, unit.node, purpose, edges=_edges(unit.edge), fraction=unit.fraction
            )
        met = None
        if trip is not None and unit.edge < 0:
            met = yield from meet(context, unit, trip)
        if met is not Outcome.BLOCKED:
            return met or Outcome.NO_ROUTE


def _impassable(context: Context, unit: Unit) -> bool:
    """Return whether the edge under a unit between two nodes is impassable because of water."""
    vehicle_class = unit.spec.vehicle_class
    seconds = context.network.edge_seconds(vehicle_class, _edges(unit.edge))
    return math.isinf(seconds[0]) and context.flooded(vehicle_class, unit.edge)


def _plan(context: Context, unit: Unit, target: int, purpose: str) -> Trip | None:
    """Return the quickest trip from where a unit is; on a two-way road it may turn round."""
    network = context.network
    vehicle_class = unit.spec.vehicle_class
    route = network.route(vehicle_class, unit.node, target)
    if unit.edge < 0:
        if route is None:
            return None
        return _begin(context, unit, target, purpose, edges=route.edges, fraction=0.0)
    if route is None:
        return None
    if _turns_round(context, unit.edge, route.edges):
        fraction = 1.0 - unit.fraction
        trip = _begin(context, unit, target, purpose, edges=route.edges, fraction=fraction)
        trip.turned = True
        return trip
    edges = np.concatenate([_edges(unit.edge), route.edges])
    return _begin(context, unit, target, purpose, edges=edges, fraction=unit.fraction)


def _turns_round(context: Context, edge: int, ahead: IntArray) -> bool:
    """Return whether the way from the end of an edge leads straight back along it."""
    return bool(ahead.size) and int(ahead[0]) == context.network.edge_reverse(edge)


def _begin(
    context: Context, unit: Unit, target: int, purpose: str, *, edges: IntArray, fraction: float
) -> Trip:
    start_node = unit.node
    if fraction > 0.0:
        start_node = int(context.network.edge_tails(edges[:1])[0])
    return Trip.begin(
        context.network,
        vehicle_class=unit.spec.vehicle_class,
        purpose=purpose,
        target=target,
        task=unit.task,
        edges=edges,
        start_node=start_node,
        fraction=fraction,
        now_s=float(context.env.now),
        present_s=unit.edge_s,
    )


def _follow(context: Context, unit: Unit, trip: Trip) -> Steps[Outcome]:
    """Drive a trip to its end, or until it can or need not go on."""
    env, orders = context.env, unit.orders
    unit.trip = trip
    context.moving[unit.index] = unit
    while True:
        remaining_s = trip.reach_s - env.now
        woken = False
        if remaining_s > 0.0:
            woken = yield from _roll(context, unit, remaining_s, trip.purpose)
        if not woken and unit.drives_s <= 0.0:
            settle(context, unit, "broken_down")
            return Outcome.BROKEN_DOWN
        if not woken and trip.reach < trip.edges.size:
            settle(context, unit, "blocked", place=trip.reach)
            return (yield from meet(context, unit, trip)) or Outcome.BLOCKED
        if not woken:
            settle(context, unit, "arrived", place=trip.reach)
            return Outcome.ARRIVED
        if unit.orders != orders or unit.redirected:
            settle(context, unit, "recalled")
            return Outcome.RECALLED
        if trip.change is Change.STRANDED:
            settle(context, unit, "stranded")
            look_down(context, unit)
            return Outcome.STRANDED
        if trip.change in _LOOK_AGAIN and not _reroute(context, unit, trip):
            settle(context, unit, "blocked")
            return Outcome.BLOCKED


def _roll(context: Context, unit: Unit, seconds: float, purpose: str) -> Steps[bool]:
    """Drive for *seconds*, or until a breakdown; return whether the unit was woken before."""
    env, began_s = context.env, float(context.env.now)
    if math.isinf(unit.drives_s) or purpose == FERRY:
        return (yield from pause(unit, env.timeout(seconds)))
    breaks = unit.drives_s < seconds
    woken = yield from pause(unit, env.timeout(min(unit.drives_s, seconds)))
    left_s = unit.drives_s - (env.now - began_s)
    # Round-off must neither break a vehicle down at its target nor keep it going after its time.
    unit.drives_s = 0.0 if breaks and not woken else max(left_s, math.ulp(1.0))
    return woken


def _reroute(context: Context, unit: Unit, trip: Trip) -> bool:
    """
    Look for a better way from the next node on.

    Returns False where the trip must end here: no way is passable, or the unit turns round.
    """
    network, now_s = context.network, float(context.env.now)
    blocked, warned = trip.change is Change.BLOCKED, trip.change is Change.WARNED
    node, edge, fraction = context.position(unit)
    route = network.route(unit.spec.vehicle_class, node, trip.target)
    if route is None:
        return not (blocked or warned)
    _, offset_s = context.origin(unit)
    turns = edge >= 0 and _turns_round(context, edge, route.edges)
    if turns:
        back_s = float(network.edge_seconds(unit.spec.vehicle_class, route.edges[:1])[0])
        offset_s = (fraction - 1.0) * back_s
    if warned or now_s + offset_s + route.seconds < trip.arrival_s:
        if turns:
            return False
        before = trip.edges
        trip.follow(network, route.edges, now_s)
        if not np.array_equal(before, trip.edges):
            reason = "blocked" if blocked else "warned" if warned else "slower"
            _tell_reroute(context, unit, trip, reason)
    else:
        trip.planned_s = trip.arrival_s
    return True


def _tell_reroute(context: Context, unit: Unit, trip: Trip, reason: str) -> None:
    remaining_s = trip.arrival_s - context.env.now
    incident = None if trip.task is None else trip.task.incident
    context.emit(
        "unit_rerouted",
        unit=unit,
        incident=incident,
        value=remaining_s,
        detail={"reason": reason, "purpose": trip.purpose},
    )


def settle(context: Context, unit: Unit, ended: str, *, place: int | None = None) -> None:
    """End a unit's trip where it is now, or at the start of an edge, and write the leg driven."""
    trip = unit.trip
    if trip is None:
        return
    network = context.network
    context.moving.pop(unit.index, None)
    fraction = 0.0
    if place is None:
        place, fraction = trip.locate(context.env.now)
    driven = trip.edges[: place + (1 if fraction > 0.0 else 0)]
    if fraction > 0.0:
        unit.edge, unit.fraction = int(driven[-1]), fraction
        unit.edge_s = float(trip.seconds[place - trip.first])
        unit.node = int(network.edge_heads(driven[-1:])[0])
        unit.trip = None
    else:
        unit.stand_at(int(network.edge_heads(driven[-1:])[0]) if place else trip.start_node)
    stayed = trip.start_s == context.env.now and fraction == trip.start_fraction
    if not driven.size or (stayed and place == 0):
        return
    end_fraction = fraction if fraction > 0.0 else 1.0
    lengths_m = network.edge_length_m(driven)
    length_m = float(
        lengths_m.sum() - trip.start_fraction * lengths_m[0] - (1.0 - end_fraction) * lengths_m[-1]
    )
    unit.driven_m += length_m
    detail: dict[str, Json] = {
        "purpose": trip.purpose,
        "start_s": trip.start_s,
        "node_from": trip.start_node,
        "node_to": unit.node,
        "length_m": length_m,
        "start_fraction": trip.start_fraction,
        "end_fraction": end_fraction,
        "ended": ended,
    }
    if context.parameters.record_routes:
        boats = context.boats
        roads = driven if boats is None else boats.road_edges(driven)
        detail["edges"] = roads.tolist()
    incident = None if trip.task is None else trip.task.incident
    context.emit("unit_drove", unit=unit, incident=incident, value=length_m, detail=detail)


def _edges(edge: int) -> IntArray:
    return np.array([edge], dtype=np.int64)
