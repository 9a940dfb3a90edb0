"""How calls are handled: durations, dispatch, hospitals and fires."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.schema.base import Count, Fraction, Identifier, Model, Positive, exactly_one
from scenarios.schema.time import Duration, Interval

__all__ = [
    "INCIDENT_KINDS",
    "Distribution",
    "IncidentKind",
    "Response",
]


class Exponential(Model):
    """Exponential."""

    mean: Interval
    """Mean."""


class Lognormal(Model):
    """Lognormal: the logarithm of the seconds is normal."""

    mu: Annotated[float, Field(ge=-20, le=20)]
    """Mean of ln(seconds)."""
    sigma: Annotated[float, Field(gt=0, le=5)]
    """Standard deviation of ln(seconds)."""


class Weibull(Model):
    """Weibull."""

    shape: Annotated[float, Field(gt=0, le=50)]
    """Shape."""
    scale: Interval
    """Scale."""


class Uniform(Model):
    """Uniform between two limits."""

    low: Duration
    """Shortest."""
    high: Interval
    """Longest."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.high <= self.low:
            raise ValueError("high must be longer than low")
        return self


class Triangular(Model):
    """Triangular between two limits."""

    low: Duration
    """Shortest."""
    mode: Duration
    """Most likely."""
    high: Interval
    """Longest."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.mode <= self.high or self.high <= self.low:
            raise ValueError("low, mode and high must rise")
        return self


class Distribution(Model):
    """How long something takes: exactly one of these."""

    constant: Duration | None = None
    """Always the same."""
    exponential: Exponential | None = None
    """Exponential."""
    lognormal: Lognormal | None = None
    """Lognormal."""
    weibull: Weibull | None = None
    """Weibull."""
    uniform: Uniform | None = None
    """Uniform."""
    triangular: Triangular | None = None
    """Triangular."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        _ = self.form
        return self

    @property
    def form(self) -> str:
        """Which one it is."""
        forms = ("constant", "exponential", "lognormal", "weibull", "uniform", "triangular")
        return exactly_one(self, forms, "a distribution")


def _default(written: dict[str, object]) -> Distribution:
    return Distribution.model_validate(written)


class IncidentKind(Model):
    """What a kind of incident asks for."""

    ambulances: Annotated[int, Field(ge=0, le=100)] = 0
    """Ambulances to send."""
    fire_engines: Annotated[int, Field(ge=0, le=100)] = 0
    """Fire engines to send."""
    priority: Annotated[int, Field(ge=1, le=9)] = 2
    """Priority of a call that names none; 1 is the most urgent."""
    fire_area_m2: Annotated[float, Field(ge=0, le=1e6)] = 0.0
    """Burning area when the call is made, m²; 0 where nothing burns."""
    casualties: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Patients, where the incident names no number."""

    @model_validator(mode="after")
    def _someone_goes(self) -> Self:
        if self.ambulances + self.fire_engines == 0:
            raise ValueError("an incident needs at least one ambulance or fire engine")
        return self


#: Assumed numbers of units, to be replaced by the run cards of the service.
INCIDENT_KINDS: dict[str, IncidentKind] = {
    "medical": IncidentKind(ambulances=1, casualties=1, priority=2),
    "cardiac_arrest": IncidentKind(ambulances=1, casualties=1, priority=1),
    "trauma": IncidentKind(ambulances=1, casualties=1, priority=1),
    "childbirth": IncidentKind(ambulances=1, casualties=1, priority=2),
    "drowning": IncidentKind(ambulances=1, fire_engines=1, casualties=1, priority=1),
    "electrocution": IncidentKind(ambulances=1, casualties=1, priority=1),
    "house_fire": IncidentKind(fire_engines=2, priority=1, fire_area_m2=40.0),
    "apartment_fire": IncidentKind(
        ambulances=1, fire_engines=3, priority=1, fire_area_m2=80.0, casualties=1
    ),
    "market_fire": IncidentKind(fire_engines=3, priority=1, fire_area_m2=150.0),
    "factory_fire": IncidentKind(fire_engines=4, priority=1, fire_area_m2=300.0),
    "water_rescue": IncidentKind(fire_engines=1, priority=1),
}


class Targets(Model):
    """Response times to meet, from the call to the first unit on scene."""

    ambulance: Interval = 900.0
    """Ambulances; 15 min is the plan of Vietnam's 115 service (unverified)."""
    fire: Interval = 480.0
    """Fire engines; 8 min after NFPA 1710 for the full alarm."""


class Response(Model):
    """
    Parameters of the response.

    Sources of the defaults: call taking and dispatch within the 40 to 180 s of the JEMSS city
    models; turnout 60 s and 80 s from NFPA 1710; on scene and handover Exp(12 min), Auckland.
    """

    dispatch_policy: Literal["closest"] = "closest"
    """`closest`: the nearest free suitable unit by current travel time."""
    hospital_policy: Literal["nearest_with_beds"] = "nearest_with_beds"
    """`nearest_with_beds`: the soonest reached hospital with a free bed."""
    call_takers: Annotated[int, Field(ge=1, le=10_000)] = 4
    """Call takers on duty; further calls wait."""
    call_taking: Distribution = _default({"constant": "60 s"})
    """From answering a call until it is known who is needed where."""
    dispatch: Distribution = _default({"constant": "30 s"})
    """From then until a unit is alerted."""
    turnout_ambulance: Distribution = _default({"constant": "60 s"})
    """From the alert until an ambulance moves."""
    turnout_fire: Distribution = _default({"constant": "80 s"})
    """From the alert until a fire engine moves."""
    on_scene: Distribution = _default({"exponential": {"mean": "12 min"}})
    """Ambulance: from arrival until it leaves the scene."""
    handover: Distribution = _default({"exponential": {"mean": "12 min"}})
    """From arrival at the hospital until the ambulance is free."""
    fire_clearing: Distribution = _default({"constant": "900 s"})
    """Fire engine: from the end of the fire until it is free."""
    transport_probability: Fraction = 0.8
    """Share of patients who are taken to a hospital."""
    hospital_beds: Count = 20
    """Beds free at the start in a hospital whose number is not known."""
    max_wait: Interval = 7200.0
    """A call for which no unit could be sent within this time is counted as unserved."""
    incident_kinds: dict[Identifier, IncidentKind] = Field(default_factory=dict)
    """Changes to the kinds of incident, and new ones, by name."""
    targets: Targets = Targets()
    """Response times to meet."""
    engine_flow_m3_s: Positive = 0.03
    """Water that one fire engine brings onto a fire, m³/s."""

    @property
    def kinds(self) -> dict[str, IncidentKind]:
        """Every kind of incident by name: those of this scenario over the known ones."""
        return {**INCIDENT_KINDS, **self.incident_kinds}
