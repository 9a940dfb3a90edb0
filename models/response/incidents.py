"""What can happen, whom it takes, and the record of one incident while it is open."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from models.errors import InvalidQuantityError
from models.response.events import NO_DETAIL, Json
from models.response.known import NOTHING_KNOWN, KnownCourse, KnownWork

if TYPE_CHECKING:
    from collections.abc import Mapping

    import simpy

    from models.response.units import Unit

__all__ = [
    "AMBULANCE",
    "FIRE",
    "INCIDENT_KINDS",
    "RESCUE",
    "Incident",
    "IncidentKind",
    "IncidentSpec",
    "Slot",
    "incident_index",
]

AMBULANCE: Final = "ambulance"
FIRE: Final = "fire"
#: Boats, and trucks for high water, that bring people out of it.
RESCUE: Final = "rescue"

#: Uniform numbers of an incident before those of its slots: call taking, dispatch delay.
CALL_DRAWS: Final = 2
#: Uniform numbers of one slot: turnout, on scene, loading, transport, handover, clearing, bed.
SLOT_DRAWS: Final = 7
TURNOUT_DRAW: Final = 0
ON_SCENE_DRAW: Final = 1
LOADING_DRAW: Final = 2
TRANSPORT_DRAW: Final = 3
HANDOVER_DRAW: Final = 4
CLEARING_DRAW: Final = 5
BED_DRAW: Final = 6


def _require_needs(needs: Mapping[str, int], where: str) -> None:
    if not needs or min(needs.values()) < 0 or max(needs.values()) < 1:
        raise InvalidQuantityError(
            "an incident needs at least one unit of one service",
            where=where,
            value=dict(needs),
            remedy="Give units by service, such as {ambulance: 1}.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentKind:
    """
    Defaults of one kind of incident.

    Parameters
    ----------
    needs
        Units by service; a fire adds the engines of its run card to it.
    casualties
        Patients, each of whom takes one ambulance.
    priority_share
        Probability of priority 1, 2, 3 … (1 is the highest); they sum to 1.
    fire_area_m2
        Floor area on fire, m2; 0 where nothing burns.
    transport_probability
        Probability that a patient is taken to a hospital; None takes the general one.
    people
        People whom a rescue unit brings out of the water; casualties are among them.
    bed
        Kind of bed that its patients need.
    """

    needs: Mapping[str, int]
    casualties: int = 0
    people: int = 0
    bed: str = "general"
    priority_share: tuple[float, ...] = (0.57, 0.245, 0.185)
    fire_area_m2: float = 0.0
    transport_probability: float | None = None

    def __post_init__(self) -> None:
        if abs(sum(self.priority_share) - 1.0) > 1e-9 or min(self.priority_share) < 0.0:
            raise InvalidQuantityError(
                "the shares of priorities must be zero or more and sum to 1",
                value=self.priority_share,
            )
        _require_needs(self.needs, "kind of incident")


def _medical(*share: float, transport: float | None = None) -> IncidentKind:
    return IncidentKind(
        needs=MappingProxyType({AMBULANCE: 1}),
        casualties=1,
        priority_share=share,
        transport_probability=transport,
    )


def _fire(area_m2: float) -> IncidentKind:
    return IncidentKind(
        needs=MappingProxyType({FIRE: 1}), priority_share=(1.0,), fire_area_m2=area_m2
    )


#: Defaults, all assumed but the general mix of priorities (57, 24.5 and 18.5 %: the Auckland
#: model of JEMSS, Ridler, Mason & Raith 2022). A scenario may change any of them.
INCIDENT_KINDS: Final[Mapping[str, IncidentKind]] = MappingProxyType(
    {
        "cardiac_arrest": _medical(1.0),
        "trauma": _medical(0.57, 0.245, 0.185),
        "medical": _medical(0.57, 0.245, 0.185),
        "childbirth": _medical(0.5, 0.5, transport=1.0),
        "electrocution": _medical(1.0),
        "drowning": IncidentKind(
            needs=MappingProxyType({AMBULANCE: 1, FIRE: 1}),
            casualties=1,
            priority_share=(1.0,),
        ),
        "rescue": IncidentKind(
            needs=MappingProxyType({AMBULANCE: 1, FIRE: 1}),
            casualties=1,
            priority_share=(0.5, 0.5),
        ),
        "infectious": IncidentKind(
            needs=MappingProxyType({AMBULANCE: 1}),
            casualties=1,
            bed="isolation",
            priority_share=(0.2, 0.8),
            transport_probability=1.0,
        ),
        "hospital_evacuation": IncidentKind(
            needs=MappingProxyType({AMBULANCE: 1}),
            casualties=10,
            priority_share=(0.0, 1.0),
            transport_probability=1.0,
        ),
        "water_rescue": IncidentKind(
            needs=MappingProxyType({RESCUE: 1}),
            people=3,
            priority_share=(0.5, 0.5),
        ),
        "house_fire": _fire(100.0),
        "apartment_fire": _fire(200.0),
        "market_fire": _fire(1500.0),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSpec:
    """
    One incident as it is reported.

    Parameters
    ----------
    id
        Unique name; the incident's random numbers hang on it and on nothing else.
    time_s
        When the call comes in, s since the scenario's start.
    kind
        A key of the parameters' table of kinds.
    priority
        1 is the highest.
    node
        Road node at which units arrive.
    x_m, y_m
        Where it is, m; hoses are measured from here.
    needs
        Units by service; None takes the kind's defaults and the run card for fires. At least one
        ambulance per casualty is sent whatever this says.
    casualties
        Patients; None takes the kind's default.
    fire_area_m2
        Floor area on fire, m2; None takes the kind's default, 0 means that nothing burns.
    people
        People to bring out of the water; None takes the kind's default.
    known
        Durations that are known, as of a call that was logged, instead of drawn.
    detail
        Whatever else is known; it goes to the log.
    """

    id: str
    time_s: float
    kind: str
    priority: int
    node: int
    x_m: float = math.nan
    y_m: float = math.nan
    needs: Mapping[str, int] | None = None
    casualties: int | None = None
    fire_area_m2: float | None = None
    people: int | None = None
    known: KnownCourse | None = None
    detail: Mapping[str, Json] = field(default=NO_DETAIL)

    def __post_init__(self) -> None:
        where = f"incident {self.id!r}"
        if not self.id:
            raise InvalidQuantityError("an incident needs a name", remedy="Give it an id.")
        if not math.isfinite(self.time_s):
            raise InvalidQuantityError("time_s must be finite", where=where, value=self.time_s)
        if self.priority < 1:
            raise InvalidQuantityError(
                "priority must be 1 (the highest) or more", where=where, value=self.priority
            )
        if self.node < 0:
            raise InvalidQuantityError(
                "the incident has no road node",
                where=where,
                value=self.node,
                remedy="Snap it to the nearest node, or leave it out.",
            )
        if self.casualties is not None and self.casualties < 0:
            raise InvalidQuantityError(
                "casualties must be zero or more", where=where, value=self.casualties
            )
        if self.people is not None and self.people < 0:
            raise InvalidQuantityError(
                "people must be zero or more", where=where, value=self.people
            )
        area = self.fire_area_m2
        if area is not None and not (math.isfinite(area) and area >= 0.0):
            raise InvalidQuantityError(
                "fire_area_m2 must be zero or more and finite", where=where, value=area
            )
        if self.needs is not None:
            _require_needs(self.needs, where)


def incident_index(incident_id: str) -> int:
    """Return the number under which an incident's random numbers are drawn, in [0, 2**63)."""
    digest = blake2b(incident_id.encode(), digest_size=8, person=b"incident").digest()
    return int.from_bytes(digest) >> 1


@dataclass(slots=True, eq=False)
class Slot:
    """
    The place of one unit in one incident.

    Its durations are fixed when the call comes in, so that they do not depend on which unit
    fills it, or on how often it is filled anew.
    """

    incident: Incident
    service: str
    number: int
    has_patient: bool
    draws: tuple[float, ...]
    unit: Unit | None = None
    arrived: bool = False
    closed: bool = False
    refused: dict[int, int] = field(default_factory=dict)  # unit index -> roads version
    ordered: str = ""  # the unit that an order sent, which the order goes on to hold for
    aboard: Unit | None = None  # the unit that cannot go on, with the patient to take over

    @property
    def is_open(self) -> bool:
        """Whether a unit can still be sent to it."""
        return self.unit is None and not self.arrived and not self.closed

    @property
    def node(self) -> int:
        """Where its unit is wanted."""
        return self.spec.node

    @property
    def spec(self) -> IncidentSpec:
        """The incident as a policy that chooses its unit sees it."""
        seen = self.incident.spec_for(self.service)
        return seen if self.aboard is None else replace(seen, node=self.aboard.node)

    @property
    def known(self) -> KnownWork:
        """What is known of its work."""
        course = self.incident.spec.known
        return NOTHING_KNOWN if course is None else course.of_slot(self.service, self.number)


@dataclass(slots=True, eq=False)
class Incident:
    """
    An incident while the run lasts.

    ``in_water`` are the people whom rescue units have yet to take aboard, ``shore`` where they
    were brought, -1 before that, ``met`` succeeds when an ambulance reaches it, and ``called_on``
    are the services that were asked for only after the call.
    """

    spec: IncidentSpec
    kind: IncidentKind
    needs: Mapping[str, int]
    casualties: int
    fire_area_m2: float
    received_s: float
    call_draws: tuple[float, float]
    patience_s: float = math.inf
    slots: list[Slot] = field(default_factory=list)
    arrived: dict[str, int] = field(default_factory=dict)
    pending: int = 0
    cancelled: int = 0
    transported: int = 0
    treated_on_scene: int = 0
    in_water: int = 0
    shore: int = -1
    met: simpy.Event | None = None
    called_on: set[str] = field(default_factory=set)
    water_on: bool = False
    alarm: int = 1

    def node_for(self, service: str) -> int:
        """Return where a service is wanted: ambulances where patients were brought ashore."""
        if service == AMBULANCE and self.shore >= 0:
            return self.shore
        return self.spec.node

    def spec_for(self, service: str) -> IncidentSpec:
        """Return the incident as a policy for this service sees it."""
        node = self.node_for(service)
        return self.spec if node == self.spec.node else replace(self.spec, node=node)

    @property
    def missing(self) -> dict[str, int]:
        """Units that never arrived, by service, where there are any."""
        short = {name: n - self.arrived.get(name, 0) for name, n in self.needs.items()}
        return {name: n for name, n in short.items() if n > 0}

    @property
    def attended(self) -> bool:
        """Whether any unit was sent."""
        return any(not slot.is_open for slot in self.slots)

    @property
    def unreached_services(self) -> list[str]:
        """Services of which no unit ever arrived, but those called on later."""
        return [
            name
            for name, n in self.needs.items()
            if n > 0 and not self.arrived.get(name) and name not in self.called_on
        ]
