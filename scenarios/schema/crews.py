"""Crews and vehicles through the day: turnout by the hour, breakdowns, vehicles lost to water."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from scenarios.schema.base import Fraction, Many, Model
from scenarios.schema.distributions import Distribution
from scenarios.schema.fleet import Service
from scenarios.schema.time import Duration, Interval

__all__ = ["Breakdowns", "HoursOfTurnout", "LostToWater", "Refuelling", "TurnoutHours"]

_DAY_S = 86400.0


def _of_day(seconds: float) -> float:
    if seconds > _DAY_S:
        raise ValueError("a time of day lies between 00:00 and 24:00")
    return seconds


#: Time of the local day, s since midnight.
TimeOfDay = Annotated[Duration, AfterValidator(_of_day)]


class TurnoutHours(Model):
    """Hours of the day, in the zone of the period's start, with a turnout of their own."""

    start: TimeOfDay
    """When they begin, such as "22:00"."""
    end: TimeOfDay
    """When they end; an end that is not later than the start is on the next day."""
    factor: Annotated[float, Field(gt=0, lt=100)] | None = None
    """Times the usual turnout, for services without one of their own here."""
    ambulance: Distribution | None = None
    """Turnout of ambulances in these hours."""
    fire: Distribution | None = None
    """Turnout of fire engines in these hours."""
    rescue: Distribution | None = None
    """Turnout of rescue units in these hours."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(v is None for v in (self.factor, self.ambulance, self.fire, self.rescue)):
            raise ValueError("give factor, or the turnout of a service")
        return self

    @property
    def parts(self) -> list[tuple[float, float]]:
        """The hours within one day, in one part or two."""
        if self.start < self.end:
            return [(self.start, self.end)]
        return [part for part in ((self.start, _DAY_S), (0.0, self.end)) if part[0] < part[1]]


def _apart(rows: tuple[TurnoutHours, ...]) -> tuple[TurnoutHours, ...]:
    parts = sorted(part for row in rows for part in row.parts)
    if any(start < end for (_, end), (start, _) in pairwise(parts)):
        raise ValueError("two of the turnout hours overlap; let each end where the next begins")
    return rows


#: Hours of the day, none of them twice.
HoursOfTurnout = Annotated[Many[TurnoutHours], Field(max_length=48), AfterValidator(_apart)]


class Breakdowns(Model):
    """Vehicles that break down on the road."""

    driven_between: Interval
    """Mean time of driving between two breakdowns of one vehicle; the time is exponential."""
    repair: Distribution
    """From the breakdown until the vehicle drives again, where it stands."""
    services: Annotated[Many[Service], Field(min_length=1)] = ("ambulance", "fire", "rescue")
    """Whose vehicles break down."""


class LostToWater(Model):
    """Stranded vehicles that are lost for the rest of the run; one or both of these."""

    share: Fraction | None = None
    """Probability that a vehicle is lost when it strands."""
    depth_m: Annotated[float, Field(gt=0, le=10)] | None = None
    """A vehicle that stands stranded is lost when the water on its road is as deep, m."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.share is None and self.depth_m is None:
            raise ValueError("give share or depth_m")
        return self


class Refuelling(Model):
    """Vehicles that need fuel; every run begins with full tanks."""

    after_km: Annotated[float, Field(gt=0, le=10_000)]
    """Distance driven since the last time from which a unit that is done with a call drives to its
    station for fuel, and cannot be sent before; the range less a reserve, km."""
    duration: Distribution
    """From its arrival there until it can be sent."""
    services: Annotated[Many[Service], Field(min_length=1)] = ("ambulance", "fire", "rescue")
    """Whose vehicles refuel."""
