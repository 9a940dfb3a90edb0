"""What every part of the response shares: clock, roads, parameters and the log."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import simpy

from models.response.events import NO_DETAIL, Event, Json
from models.response.network import KnowsShore, KnowsWater, Network

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from models.response.incidents import Incident
    from models.response.parameters import ResponseParameters
    from models.response.units import Unit, UnitState

__all__ = ["Context", "Steps", "pause", "wake"]

type Steps[T] = Generator[simpy.Event, object, T]


@dataclass(slots=True)
class Context:
    """Clock, roads, parameters and the log."""

    env: simpy.Environment
    network: Network
    parameters: ResponseParameters
    log: Callable[[Event], None]
    moving: dict[int, Unit] = field(default_factory=dict)
    stranded: dict[int, Unit] = field(default_factory=dict)
    waiting: dict[int, Unit] = field(default_factory=dict)
    triage: bool = False
    boats: KnowsShore | None = field(init=False)

    def __post_init__(self) -> None:
        self.boats = self.network if isinstance(self.network, KnowsShore) else None

    def emit(
        self,
        kind: str,
        *,
        unit: Unit | None = None,
        incident: Incident | None = None,
        facility: str = "",
        service: str = "",
        value: float = math.nan,
        detail: Mapping[str, Json] = NO_DETAIL,
    ) -> None:
        """Write one event of now; a unit gives its place, else the incident does."""
        node, x_m, y_m = -1, math.nan, math.nan
        if unit is not None:
            service = unit.spec.service
            node, x_m, y_m = self.place(unit)
            if self.boats is not None:
                node = self.boats.road_node(node)
        elif incident is not None:
            node, x_m, y_m = incident.spec.node, incident.spec.x_m, incident.spec.y_m
            if math.isnan(x_m):
                x_m, y_m = self.network.node_xy(node)
        self.log(
            Event(
                time_s=float(self.env.now),
                kind=kind,
                incident="" if incident is None else incident.spec.id,
                unit="" if unit is None else unit.spec.id,
                facility=facility,
                service=service,
                node=node,
                x_m=x_m,
                y_m=y_m,
                value=value,
                detail=detail,
            )
        )

    def enter(
        self,
        unit: Unit,
        state: UnitState,
        kind: str,
        *,
        incident: Incident | None = None,
        facility: str = "",
        value: float = math.nan,
        detail: Mapping[str, Json] = NO_DETAIL,
    ) -> None:
        """Let a unit pass into a state, and write the event that tells of it."""
        unit.enter(state, self.env.now)
        self.emit(kind, unit=unit, incident=incident, facility=facility, value=value, detail=detail)

    def position(self, unit: Unit) -> tuple[int, int, float]:
        """Return (node stood at or driven to, edge or -1, fraction of the edge driven)."""
        trip = unit.trip
        if trip is None:
            return unit.node, unit.edge, unit.fraction
        place, fraction = trip.locate(self.env.now)
        if place == trip.edges.size:
            return trip.end_node(self.network), -1, 0.0
        edge = trip.edges[place : place + 1]
        if fraction == 0.0:
            return int(self.network.edge_tails(edge)[0]), -1, 0.0
        return int(self.network.edge_heads(edge)[0]), int(edge[0]), fraction

    def place(self, unit: Unit) -> tuple[int, float, float]:
        """Return (node stood at or driven to, easting, northing); straight along an edge."""
        node, edge, fraction = self.position(unit)
        x_m, y_m = self.network.node_xy(node)
        if edge < 0:
            return node, x_m, y_m
        tail = int(self.network.edge_tails(_one(edge))[0])
        tail_x_m, tail_y_m = self.network.node_xy(tail)
        return (
            node,
            tail_x_m + fraction * (x_m - tail_x_m),
            tail_y_m + fraction * (y_m - tail_y_m),
        )

    def origin(self, unit: Unit) -> tuple[int, float]:
        """Return the node from which a unit can choose its way, and the seconds until there."""
        node, edge, fraction = self.position(unit)
        if edge < 0:
            return node, 0.0
        trip = unit.trip
        if trip is not None:
            place = trip.locate(self.env.now)[0] - trip.first
            whole_s = float(trip.seconds[place])
        else:
            whole_s = unit.edge_s
        return node, (1.0 - fraction) * whole_s

    def flooded(self, vehicle_class: int, edge: int) -> bool:
        """Return whether it is water that makes an impassable edge impassable."""
        if isinstance(self.network, KnowsWater):
            return self.network.edge_under_water(vehicle_class, edge)
        return True


def _one(edge: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([edge], dtype=np.int64)


def pause(unit: Unit, event: simpy.Event) -> Steps[bool]:
    """Wait for *event*; return whether the unit was woken before it came."""
    unit.interruptible = True
    try:
        yield event
    except simpy.Interrupt:
        return True
    else:
        return False
    finally:
        unit.interruptible = False
        unit.woken = False


def wake(unit: Unit) -> None:
    """End a unit's :func:`pause`, once; nothing where it is not in one."""
    if unit.interruptible and not unit.woken and unit.process is not None:
        unit.woken = True
        unit.process.interrupt()
