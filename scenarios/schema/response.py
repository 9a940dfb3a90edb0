"""
How calls are handled: durations, dispatch, hospitals and fires.

What is not given stays at the default of the models, where each has its source; ``None`` here
means exactly that.
"""

from itertools import pairwise
from pathlib import PurePath
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from scenarios.policies import file_and_function
from scenarios.schema.base import Count, Fraction, Identifier, Many, Model, Positive, Text
from scenarios.schema.crews import Breakdowns, HoursOfTurnout, LostToWater, Refuelling
from scenarios.schema.distributions import Distribution
from scenarios.schema.time import Duration, Interval

__all__ = [
    "INCIDENT_KINDS",
    "Alarm",
    "Beds",
    "ByService",
    "Diversion",
    "EnginesByArea",
    "FireResponse",
    "FlowByHose",
    "IncidentKind",
    "MoveUp",
    "PolicyFile",
    "Response",
    "Targets",
    "Triage",
]

#: The kinds of incident that the models know.
INCIDENT_KINDS: tuple[str, ...] = (
    "cardiac_arrest",
    "trauma",
    "medical",
    "childbirth",
    "electrocution",
    "drowning",
    "rescue",
    "infectious",
    "hospital_evacuation",
    "water_rescue",
    "house_fire",
    "apartment_fire",
    "market_fire",
)

Units = Annotated[int, Field(ge=0, le=100)]


class Needs(Model):
    """Units to send, by service."""

    ambulance: Units = 0
    """Ambulances."""
    fire: Units = 0
    """Fire engines."""
    rescue: Units = 0
    """Boats, or trucks for high water."""

    @model_validator(mode="after")
    def _someone_goes(self) -> Self:
        if self.ambulance + self.fire + self.rescue == 0:
            raise ValueError("at least one ambulance, fire engine or rescue unit must be sent")
        return self


BedKind = Literal["general", "intensive", "isolation"]


class Beds(Model):
    """Beds of one hospital."""

    facility: Text
    """The hospital, by the id of the facility."""
    general: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """Emergency beds; without it, those of the city."""
    intensive: Count = 0
    """Beds for intensive care."""
    isolation: Count = 0
    """Isolation beds, each decontaminated after its patient."""


class IncidentKind(Model):
    """A kind of incident; for a known kind, what is not given stays as it is."""

    needs: Needs | None = None
    """Units to send; a fire adds the engines of its run card. Needed for a new kind."""
    casualties: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Patients, each of whom takes one ambulance."""
    people: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """People whom rescue units bring out of the water, casualties among them."""
    bed: BedKind | None = None
    """Kind of bed that its patients need; where no hospital has that kind, a general one."""
    priority_share: Annotated[Many[Fraction], Field(min_length=1, max_length=9)] | None = None
    """Probability of priority 1, 2, 3 and so on (1 is the most urgent); they sum to 1."""
    fire_area_m2: Annotated[float, Field(ge=0, le=1e6)] | None = None
    """Floor area on fire when the call is made, m²; 0 where nothing burns."""
    transport_probability: Fraction | None = None
    """Probability that a patient is taken to a hospital; without it, the general one."""

    @model_validator(mode="after")
    def _shares_sum(self) -> Self:
        if self.priority_share is not None and abs(sum(self.priority_share) - 1) > 1e-9:
            raise ValueError(f"priority_share must sum to 1, not {sum(self.priority_share):g}")
        return self


class ByService(Model):
    """A duration for each service."""

    ambulance: Distribution | None = None
    """Ambulances."""
    fire: Distribution | None = None
    """Fire engines."""
    rescue: Distribution | None = None
    """Rescue units."""


class Targets(Model):
    """Response times to meet, from the call to the first unit on scene."""

    ambulance: Interval | None = None
    """Ambulances."""
    fire: Interval | None = None
    """Fire engines."""
    rescue: Interval | None = None
    """Rescue units."""


class Alarm(Model):
    """One alarm of a run card: the units that it adds, and when it is raised."""

    ambulance: Units = 0
    """Ambulances."""
    fire: Units = 0
    """Fire engines."""
    rescue: Units = 0
    """Boats, or trucks for high water."""
    after: Interval | None = None
    """Not in the first alarm: raised so long after the call where the incident is not over."""
    fire_area_m2: Positive | None = None
    """Not in the first alarm: raised when the fire has grown to this area without water on it."""

    @model_validator(mode="after")
    def _someone_goes(self) -> Self:
        if self.ambulance + self.fire + self.rescue == 0:
            raise ValueError("an alarm must send at least one unit")
        return self

    @property
    def units(self) -> dict[str, int]:
        """Units by service, where there are any."""
        needs = {"ambulance": self.ambulance, "fire": self.fire, "rescue": self.rescue}
        return {service: count for service, count in needs.items() if count}


RunCard = Annotated[Many[Alarm], Field(min_length=1, max_length=10)]


class EnginesByArea(Model):
    """A row of the run card."""

    up_to_m2: Positive | None = None
    """Floor area on fire up to which the row holds, m²; none in the last row."""
    engines: Annotated[int, Field(ge=1, le=100)]
    """Fire engines to send."""


class FlowByHose(Model):
    """A row of the table of flows."""

    up_to_m: Positive
    """Length of hose up to which the row holds, m."""
    flow_l_s: Positive
    """Flow, l/s."""


class FireResponse(Model):
    """How fires are put out."""

    work: Distribution | None = None
    """Work of extinguishing a fire of the reference area at the needed flow."""
    reference_area_m2: Positive | None = None
    """Floor area at which the work is as drawn, m²."""
    area_exponent: Annotated[float, Field(ge=0, le=3)] | None = None
    """Work grows with the area to this power."""
    involvement: Annotated[float, Field(gt=0, le=1)] | None = None
    """Share of the area on fire."""
    growth_kw_s2: Annotated[float, Field(ge=0, le=10)] | None = None
    """Growth until there is water on it: heat release rises by this times the time squared, kW/s²
    (slow 0.00293, medium 0.0117, fast 0.0469, ultra-fast 0.1876); without it, no fire grows."""
    heat_kw_m2: Positive | None = None
    """Heat release by floor area on fire, kW/m²: turns growth into area."""
    most_area_m2: Positive | None = None
    """No fire grows beyond this area, m²."""
    set_up: Duration | None = None
    """From arrival to the first water."""
    hose_lay_m_s: Positive | None = None
    """Speed of laying hose from a source, m/s."""
    hose_detour: Annotated[float, Field(ge=1, le=10)] | None = None
    """Hose laid per metre as the crow flies."""
    run_card: Annotated[Many[EnginesByArea], Field(min_length=1, max_length=50)] | None = None
    """How many engines are sent, by the floor area on fire; the last row has no limit."""
    hydrant_credit: Annotated[Many[FlowByHose], Field(min_length=1, max_length=50)] | None = None
    """Flow that a hydrant or open water gives, by the length of hose; beyond the last row, none."""
    look_again: Interval | None = None
    """While water is shuttled, sources are looked for this often."""
    shuttle_rate: Annotated[float, Field(gt=0, le=1)] | None = None
    """Least rate of work where sources give too little or nothing."""

    @model_validator(mode="after")
    def _rows_rise(self) -> Self:
        card = self.run_card or ()
        if card and (card[-1].up_to_m2 is not None or any(r.up_to_m2 is None for r in card[:-1])):
            raise ValueError("every row of run_card but the last gives up_to_m2, and the last none")
        for name, limits in (
            ("run_card", [row.up_to_m2 for row in card if row.up_to_m2 is not None]),
            ("hydrant_credit", [row.up_to_m for row in self.hydrant_credit or ()]),
        ):
            if any(after <= before for before, after in pairwise(limits)):
                raise ValueError(f"the limits of {name} must rise")
        return self


class Diversion(Model):
    """Taking a unit that is on its way to a call of lower priority."""

    for_priority: Annotated[int, Field(ge=1, le=9)] = 1
    """Calls of this priority, or a higher one (1 is the highest), may take a unit."""
    gain: Duration = 120.0
    """A unit is taken only if it is there sooner than a free one by this; assumed."""


class Triage(Model):
    """What changes when more calls come than the ambulances can answer."""

    queue: Annotated[int, Field(ge=1, le=1_000_000)]
    """Triage begins when so many incidents wait for an ambulance."""
    end_queue: Count = 0
    """It ends when no more than these wait; fewer than `queue`."""
    advice_from_priority: Annotated[int, Field(ge=1, le=9)] = 3
    """Calls of this priority or a lower one that need only ambulances get advice by phone."""

    @model_validator(mode="after")
    def _ends_below(self) -> Self:
        if self.end_queue >= self.queue:
            raise ValueError("end_queue must be smaller than queue")
        return self


class PolicyFile(Model):
    """
    A policy of one's own: a function in a Python file, written `my_file.py:function` for short.

    The file runs with all your rights: name only files that you would run yourself.
    """

    file: Text
    """Path of the file, absolute or from the folder of the scenario."""
    function: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]
    """Name of the function in it."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    """Checksum, written when the scenario is resolved: a changed file is refused."""

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{PurePath(self.file).name}:{self.function}"


def _policy_tag(value: object) -> str:
    parts = file_and_function(value)
    return "<file>" if isinstance(parts, dict | PolicyFile) else "<name>"


_Short = Annotated[str, Field(pattern=r"\.py:[A-Za-z_][A-Za-z0-9_]*$")]
_Own = Annotated[
    PolicyFile,
    BeforeValidator(file_and_function, json_schema_input_type=PolicyFile | _Short),
    Tag("<file>"),
]
_Either = Discriminator(_policy_tag)
DispatchPolicy = Annotated[
    Annotated[Literal["nearest_suitable"], Tag("<name>")] | _Own,
    _Either,
]
QueuePolicy = Annotated[
    Annotated[
        Literal["priority_then_time", "priority_and_age", "first_come_first_served"], Tag("<name>")
    ]
    | _Own,
    _Either,
]
HospitalPolicy = Annotated[
    Annotated[Literal["soonest_with_bed", "soonest"], Tag("<name>")] | _Own,
    _Either,
]
MoveUpPolicy = Annotated[
    Annotated[Literal["stay", "dmexclp", "compliance_table"], Tag("<name>")] | _Own,
    _Either,
]


class MoveUp(Model):
    """What moving free ambulances between stations goes by."""

    target: Interval | None = None
    """Travel time within which a station covers a place."""
    busy_share: Fraction | None = None
    """Probability that an ambulance is busy."""
    table: Annotated[Many[Many[Text]], Field(max_length=1000)] = ()
    """For `compliance_table`: ids of the stations wanted with 1, 2, 3 and so on free ambulances."""


class Response(Model):
    """Parameters of the response."""

    dispatch_policy: DispatchPolicy | None = None
    """Which unit goes: `nearest_suitable` is the nearest free one by present travel time. Instead
    of a name, each policy may be `my_file.py:function`."""
    queue_policy: QueuePolicy | None = None
    """Who is served first when units are short; under `priority_and_age`, a quarter of an hour of
    waiting weighs as much as one step of priority."""
    hospital_policy: HospitalPolicy | None = None
    """Where patients are taken."""
    move_up_policy: MoveUpPolicy | None = None
    """Where ambulances that become free wait: `stay` at their own station, `dmexclp` where they add
    most to the expected coverage of the population, or by a `compliance_table`."""
    move_up: MoveUp = MoveUp()
    """What moving them goes by."""
    queue_capacity: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    """Calls that may wait for a unit; without it, any number."""
    call_takers: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """People who answer calls; a call waits, first come first served, while all are busy. Without
    it, every call is answered at once."""
    patience: Distribution | None = None
    """How long a caller waits for an answer before giving up; without it, for ever."""
    diversion: Diversion | None = None
    """Lets urgent calls take units that are on their way to less urgent ones."""
    triage: Triage | None = None
    """Under overload: advice by phone for low priorities, and the soonest hospital for all."""
    call_taking: Distribution | None = None
    """From answering a call until it is known who is needed where."""
    dispatch_delay: Distribution | None = None
    """From then until a unit is alerted."""
    turnout: ByService = ByService()
    """From the alert until the unit moves."""
    turnout_hours: HoursOfTurnout = ()
    """Hours of the day with another turnout, none twice; without any, it is the same all day."""
    on_scene: ByService = ByService()
    """On scene: care of a patient; for fire engines, where nothing burns; for rescue units, until
    people are found."""
    loading: Distribution | None = None
    """Loading a patient, after the time on scene."""
    transport_probability: Fraction | None = None
    """Share of patients who are taken to a hospital."""
    handover: Distribution | None = None
    """From arrival at the hospital until the patient is handed over."""
    clearing: Distribution | None = None
    """From then, or from the end of a fire, until the unit is free."""
    bed_stay: Distribution | None = None
    """How long a patient keeps an emergency bed."""
    hospitals: Annotated[Many[Beds], Field(max_length=1000)] = ()
    """Beds by kind; hospitals that are not listed have general beds only."""
    bed_decontamination: Duration | None = None
    """Of an isolation bed after each patient."""
    unit_decontamination: Duration | None = None
    """Of an ambulance after a patient who needs an isolation bed, before it is free."""
    beds_without_power: Fraction | None = None
    """Share of its beds that a hospital keeps up on its generators when power is lost."""
    default_beds: Count = 20
    """Emergency beds of a hospital for which the city gives no number; assumed."""
    transport_wait_limit: Interval | None = None
    """After this, a patient whom no hospital can take is treated on scene."""
    boarding: Duration | None = None
    """Taking one person out of the water into a boat."""
    ashore: Duration | None = None
    """Letting people ashore."""
    shore_wait: Duration | None = None
    """So long a rescue unit stays with patients ashore until an ambulance comes."""
    stranding_recovery: Duration | None = None
    """From the road being passable again until a stranded vehicle drives."""
    lost_to_water: LostToWater | None = None
    """Stranded vehicles that never drive again; without it, all do."""
    breakdowns: Breakdowns | None = None
    """How often vehicles break down; without it, never."""
    refuelling: Refuelling | None = None
    """When vehicles refuel; without it, never."""
    replan_growth: Duration | None = None
    """Growth of the remaining travel time at which a driver looks for another way."""
    targets: Targets = Targets()
    """Response times to meet."""
    fire: FireResponse = FireResponse()
    """How fires are put out."""
    run_cards: dict[Identifier, RunCard] = Field(default_factory=dict)
    """By kind of incident: the units of its first alarm, instead of `needs` and of the engines by
    area, and those that each further alarm adds. The fleet, with mutual aid, must have them."""
    incident_kinds: dict[Identifier, IncidentKind] = Field(default_factory=dict)
    """Changes to the kinds of incident, and new ones, by name."""

    @model_validator(mode="after")
    def _new_kinds_are_whole(self) -> Self:
        for name, kind in self.incident_kinds.items():
            if name not in INCIDENT_KINDS and kind.needs is None:
                raise ValueError(f"the new kind of incident {name} must give needs")
        for name, card in self.run_cards.items():
            first, *further = card
            if first.after is not None or first.fire_area_m2 is not None:
                raise ValueError(f"the first alarm of the run card of {name} has no condition")
            if any(each.after is None and each.fire_area_m2 is None for each in further):
                raise ValueError(
                    f"each further alarm of the run card of {name} needs after or fire_area_m2"
                )
            for field in ("after", "fire_area_m2"):
                given = [v for each in further if (v := getattr(each, field)) is not None]
                if any(later < before for before, later in pairwise(given)):
                    raise ValueError(f"the alarms of the run card of {name} must follow each other")
        return self

    @property
    def known_kinds(self) -> tuple[str, ...]:
        """Names of all kinds of incident, those of the models first."""
        new = (name for name in self.incident_kinds if name not in INCIDENT_KINDS)
        return (*INCIDENT_KINDS, *new)
