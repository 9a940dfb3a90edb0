"""Emergencies: listed one by one, or generated."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.schema.base import Identifier, Many, Model, NonNegative, Positive, exactly_one
from scenarios.schema.places import Place
from scenarios.schema.response import Needs
from scenarios.schema.time import Duration, Moment

__all__ = [
    "GeneratedIncidents",
    "Incident",
    "IncidentDetails",
    "Incidents",
    "KnownCourse",
    "KnownWork",
]


class KnownWork(Model):
    """What the work of one unit took, as a log says; what is not given is drawn."""

    asked_after: Duration | None = None
    """From the call until it was asked for, where that was later than for the first unit."""
    turnout: Duration | None = None
    """From the alert until it moved."""
    on_scene: Duration | None = None
    """From its arrival until it left; where something burns, instead of the time to put it out."""
    transported: bool | None = None
    """Whether a patient was taken to a hospital."""
    handover: Duration | None = None
    """From arrival at the hospital until the patient was handed over."""
    clearing: Duration | None = None
    """From then, or from leaving the scene without a patient, until it was free."""


class KnownCourse(Model):
    """How an incident went, as a log says; it holds for whichever units are sent."""

    alert_after: Duration | None = None
    """From the call until units were alerted, instead of call taking and the delay after it."""
    ambulance: Annotated[Many[KnownWork], Field(max_length=10_000)] = ()
    """Work of the first, second, … ambulance."""
    fire: Annotated[Many[KnownWork], Field(max_length=10_000)] = ()
    """Work of the first, second, … fire engine."""


class IncidentDetails(Model):
    """An emergency, but for its time."""

    id: Identifier
    """Name in outputs."""
    kind: Identifier
    """A kind of incident, such as `medical` or `house_fire`."""
    location: Place
    """Where."""
    priority: Annotated[int, Field(ge=1, le=9)] | None = None
    """1 is the most urgent; without it, that of the kind."""
    casualties: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Patients; without it, those of the kind."""
    people: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """People to bring out of the water; without it, those of the kind."""
    fire_area_m2: Annotated[float, Field(ge=0, le=1e6)] | None = None
    """Burning area when the call is made, m²; without it, that of the kind."""
    needs: Needs | None = None
    """Units to send; without it, those of the kind. A casualty takes an ambulance anyhow."""
    known: KnownCourse | None = None
    """Durations that a log gives, instead of drawn ones."""


class Incident(IncidentDetails):
    """An emergency with the time of its call."""

    at: Moment
    """When the call is made."""


class GeneratedIncidents(Model):
    """
    Emergencies drawn from a non-homogeneous Poisson process.

    With `count`, the number is fixed, and times are drawn by the profile; with `rate_per_day`,
    the number is drawn too.
    """

    count: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    """Their number in the period."""
    rate_per_day: Annotated[float, Field(ge=0, le=1e6)] | None = None
    """Their mean number a day."""
    start: Moment | None = None
    """From when; without it, from the start of the period."""
    end: Moment | None = None
    """Until when; without it, to the end of the period."""
    hourly_profile: Annotated[Many[NonNegative], Field(min_length=24, max_length=24)] | None = None
    """Weights of the hours 0 to 23 of the day, in the zone of the period; even without it."""
    weight: Literal["population", "buildings", "uniform"] = "population"
    """Where: by `population` (raster, else buildings, else roads), `buildings`, or `uniform`."""
    mix: dict[Identifier, Positive] = Field(default_factory=lambda: dict(DEFAULT_MIX))
    """Weights of the kinds."""
    id_prefix: Identifier = "g"
    """Their names are this and a number."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        exactly_one(self, ("count", "rate_per_day"), "generated")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("the end is not later than the start")
        if self.hourly_profile is not None and sum(self.hourly_profile) == 0:
            raise ValueError("hourly_profile has no weight in any hour")
        if not self.mix:
            raise ValueError("mix names no kind of incident")
        return self


#: Assumed shares, to be replaced by the log of the service.
DEFAULT_MIX: dict[str, float] = {
    "medical": 0.62,
    "trauma": 0.20,
    "cardiac_arrest": 0.05,
    "childbirth": 0.03,
    "house_fire": 0.06,
    "drowning": 0.02,
    "electrocution": 0.02,
}


class Incidents(Model):
    """The demand."""

    listed: Annotated[Many[Incident], Field(max_length=100_000)] = ()
    """Emergencies one by one."""
    generated: GeneratedIncidents | None = None
    """Emergencies drawn at random."""

    @model_validator(mode="after")
    def _ids_once(self) -> Self:
        seen: set[str] = set()
        for incident in self.listed:
            if incident.id in seen:
                raise ValueError(f"the incident {incident.id} stands there twice")
            seen.add(incident.id)
        return self
