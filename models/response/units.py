"""Units: what they are, and the states that they may pass through."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from models.errors import InternalError, InvalidQuantityError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import simpy

    from models.response.incidents import Slot
    from models.response.trips import Trip

__all__ = ["OFF_DUTY", "TRANSITIONS", "Unit", "UnitSpec", "UnitState"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSpec:
    """
    A vehicle with its crew.

    Parameters
    ----------
    id
        Unique name.
    service
        ``ambulance``, ``fire``, or any service that the parameters give times for.
    vehicle_class
        Index of the network's vehicle class.
    station
        Identifier of the facility that it belongs to.
    crew
        People on board.
    water_tank_l
        Water on board of a fire engine, l. The default is assumed.
    capacity
        People whom a rescue unit carries beside its crew. The default is assumed.
    in_service
        Whether it is in service at the start, where *on_duty* is empty.
    on_duty
        Shifts as pairs of start and end, s since the scenario's start, in order and apart; empty
        for a unit that is always there.
    """

    id: str
    service: str
    vehicle_class: int
    station: str
    crew: int = 2
    water_tank_l: float = 3000.0
    capacity: int = 6
    in_service: bool = True
    on_duty: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        where = f"unit {self.id!r}"
        if not self.id:
            raise InvalidQuantityError("a unit needs a name", remedy="Give it an id.")
        if self.vehicle_class < 0:
            raise InvalidQuantityError(
                "vehicle_class must be an index", where=where, value=self.vehicle_class
            )
        if self.crew < 0:
            raise InvalidQuantityError("crew must be zero or more", where=where, value=self.crew)
        if self.capacity < 1:
            raise InvalidQuantityError(
                "capacity must be one or more", where=where, value=self.capacity
            )
        edges = [moment for shift in self.on_duty for moment in shift]
        if any(not after > before for before, after in pairwise(edges)):
            raise InvalidQuantityError(
                "shifts must end after they begin, and follow each other",
                where=where,
                value=self.on_duty,
            )
        if not (math.isfinite(self.water_tank_l) and self.water_tank_l >= 0.0):
            raise InvalidQuantityError(
                "water_tank_l must be zero or more and finite", where=where, value=self.water_tank_l
            )

    @property
    def starts_in_service(self) -> bool:
        """Whether it is in service when the scenario starts."""
        if not self.on_duty:
            return self.in_service
        return any(start_s <= 0.0 < end_s for start_s, end_s in self.on_duty)


class UnitState(StrEnum):
    """What a unit is doing."""

    OUT_OF_SERVICE = "out_of_service"
    IDLE = "idle"
    TURNOUT = "turnout"
    TO_SCENE = "to_scene"
    ON_SCENE = "on_scene"
    LOADING = "loading"
    TO_HOSPITAL = "to_hospital"
    AT_HOSPITAL = "at_hospital"
    HANDOVER = "handover"
    CLEARING = "clearing"
    RETURNING = "returning"
    WAITING = "waiting"
    STRANDED = "stranded"
    FERRYING = "ferrying"
    AT_SHORE = "at_shore"
    BROKEN_DOWN = "broken_down"
    WRITTEN_OFF = "written_off"
    REFUELLING = "refuelling"


_S = UnitState

#: From each state, the states that may follow it.
TRANSITIONS: Final[Mapping[UnitState, frozenset[UnitState]]] = MappingProxyType(
    {
        _S.OUT_OF_SERVICE: frozenset({_S.IDLE}),
        _S.IDLE: frozenset({_S.TURNOUT, _S.OUT_OF_SERVICE, _S.RETURNING}),
        _S.TURNOUT: frozenset({_S.TO_SCENE, _S.RETURNING, _S.TURNOUT}),
        _S.TO_SCENE: frozenset(
            {_S.ON_SCENE, _S.STRANDED, _S.RETURNING, _S.TURNOUT, _S.BROKEN_DOWN}
        ),
        _S.ON_SCENE: frozenset({_S.LOADING, _S.CLEARING, _S.FERRYING}),
        _S.LOADING: frozenset({_S.TO_HOSPITAL, _S.WAITING}),
        _S.TO_HOSPITAL: frozenset({_S.AT_HOSPITAL, _S.STRANDED, _S.WAITING, _S.BROKEN_DOWN}),
        _S.AT_HOSPITAL: frozenset({_S.HANDOVER, _S.TO_HOSPITAL, _S.WAITING}),
        _S.HANDOVER: frozenset({_S.CLEARING}),
        _S.CLEARING: frozenset({_S.RETURNING}),
        _S.RETURNING: frozenset(
            {
                *(_S.TURNOUT, _S.IDLE, _S.OUT_OF_SERVICE),
                *(_S.STRANDED, _S.WAITING, _S.BROKEN_DOWN, _S.REFUELLING),
            }
        ),
        _S.WAITING: frozenset({_S.TURNOUT, _S.RETURNING, _S.TO_HOSPITAL, _S.CLEARING, _S.FERRYING}),
        _S.STRANDED: frozenset({_S.RETURNING, _S.TO_HOSPITAL, _S.FERRYING, _S.WRITTEN_OFF}),
        _S.FERRYING: frozenset({_S.AT_SHORE, _S.ON_SCENE, _S.STRANDED, _S.WAITING}),
        _S.AT_SHORE: frozenset({_S.FERRYING, _S.CLEARING}),
        _S.BROKEN_DOWN: frozenset({_S.RETURNING, _S.TO_HOSPITAL, _S.WAITING}),
        _S.WRITTEN_OFF: frozenset(),
        _S.REFUELLING: frozenset({_S.IDLE, _S.OUT_OF_SERVICE}),
    }
)

#: States in which a unit without a task can be sent.
FREE_STATES: Final = frozenset({_S.IDLE, _S.RETURNING, _S.WAITING})
#: States of units that cannot be counted on.
OFF_DUTY: Final = frozenset({_S.OUT_OF_SERVICE, _S.WRITTEN_OFF})


@dataclass(slots=True, eq=False)
class Unit:
    """
    A unit while the run lasts.

    ``node`` is where it stands, or the node that its present edge leads to. ``edge`` is the edge
    on which it stands between two nodes, -1 at a node, ``fraction`` the part of it driven, and
    ``edge_s`` the travel time of the whole edge when it was last driven on. ``orders`` counts how
    often it was sent or called off.
    While it drives, ``trip`` holds these instead. ``drives_s`` is how long it still drives until it
    breaks down, ``driven_m`` how far it drove since it was refuelled, and ``low_on_fuel`` says that
    it must be, before it is sent again.
    """

    index: int
    spec: UnitSpec
    home: int
    node: int
    state: UnitState
    edge: int = -1
    fraction: float = 0.0
    edge_s: float = math.inf
    trip: Trip | None = None
    task: Slot | None = None
    orders: int = 0
    free_since: int = 0
    withdrawn: bool = False
    redirected: bool = False
    has_patient: bool = False
    since_s: float = 0.0
    process: simpy.Process | None = None
    interruptible: bool = False
    woken: bool = False
    drives_s: float = math.inf
    driven_m: float = 0.0
    low_on_fuel: bool = False

    @property
    def available(self) -> bool:
        """Whether it can be sent to an incident."""
        return (
            self.task is None
            and not self.withdrawn
            and not self.has_patient
            and not self.low_on_fuel
            and self.state in FREE_STATES
        )

    def order(self, task: Slot | None) -> None:
        """Send the unit to a slot, or call it off."""
        self.task = task
        self.orders += 1

    def enter(self, state: UnitState, now_s: float) -> None:
        """
        Pass into another state.

        Raises
        ------
        InternalError
            If the table of transitions does not allow it.
        """
        if state not in TRANSITIONS[self.state]:
            raise InternalError(
                f"a unit cannot pass from {self.state} to {state}",
                where=f"unit {self.spec.id!r} at {now_s:.3f} s",
                remedy="Report this, with the scenario.",
            )
        self.state = state
        self.since_s = now_s

    def stand_at(self, node: int) -> None:
        """Put the unit at a node."""
        self.node = node
        self.edge = -1
        self.fraction = 0.0
        self.trip = None
