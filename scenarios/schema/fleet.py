"""Vehicles, units and the stations from which they start."""

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.schema.base import Count, Fraction, Identifier, Many, Model, Text
from scenarios.schema.places import Place
from scenarios.schema.time import Duration, SeriesMoment

__all__ = ["Fleet", "MutualAid", "Service", "Shift", "Station", "UnitChoice", "VehicleClassChoice"]

Service = Literal["ambulance", "fire", "rescue"]


class VehicleClassChoice(Model):
    """What differs from a known vehicle class; what is not given stays as it is there."""

    based_on: Identifier | None = None
    """For a new class: the class that it starts from."""
    wading_limit_m: Annotated[float, Field(gt=0, le=10)] | None = None
    """Depth from which it does not drive, m."""
    critical_depth_m: Annotated[float, Field(gt=0, le=10)] | None = None
    """Depth w_c at which v = v_free (1 - w / w_c)² reaches 0, m, at least the wading limit."""
    emergency_speed_factor: Annotated[float, Field(ge=1, le=3)] | None = None
    """Speed under lights and sirens over the usual speed."""
    max_speed_km_h: Annotated[float, Field(gt=0, le=200)] | None = None
    """Highest speed on any road, km/h."""
    crawl_speed_km_h: Annotated[float, Field(gt=0, le=50)] | None = None
    """Speed below which water that it can drive through does not slow it, km/h."""
    depth_velocity_limit_m2_s: Annotated[float, Field(gt=0, le=10)] | None = None
    """Depth times velocity from which it does not drive, m²/s."""
    total_head_limit_m: Annotated[float, Field(gt=0, le=10)] | None = None
    """Depth plus velocity head from which it does not drive, m."""
    draught_m: Annotated[float, Field(gt=0, le=10)] | None = None
    """For a boat: depth that it needs, m; all other limits hold for its trailer on the road."""
    water_speed_km_h: Annotated[float, Field(gt=0, le=100)] | None = None
    """For a boat: speed in still water, km/h."""
    max_current_m_s: Annotated[float, Field(gt=0, le=10)] | None = None
    """For a boat: speed of the water from which it does not go, m/s."""
    launch: Duration | None = None
    """For a boat: time from the trailer into the water and out again, at each water's edge."""
    at_water: Literal["turn_back", "wait", "stall"] | None = None
    """What a driver does before impassable water that nobody knew of: look for another way, wait
    for it to fall, or drive into it and strand."""
    wait_at_water: Duration | None = None
    """Longest wait before water; then the driver turns back."""
    congestion_share: Fraction | None = None
    """Part of the delay of ordinary traffic that it suffers in congestion."""


class Station(Model):
    """A place where units wait, in addition to the stations of the city."""

    id: Identifier
    """Name in outputs."""
    location: Place
    """Where; `{facility: …}` makes a facility of the city a station."""
    services: Annotated[Many[Service], Field(min_length=1)] = ("ambulance", "fire", "rescue")
    """Services whose units it takes."""


class Shift(Model):
    """Time on duty; both ends may lie outside the period."""

    start: SeriesMoment
    """When it begins."""
    end: SeriesMoment
    """When it ends: a unit at work finishes first, one under way to a call is called off."""

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.end <= self.start:
            raise ValueError("the end is not later than the start")
        return self


class UnitChoice(Model):
    """One unit."""

    id: Identifier
    """Name in outputs and commands."""
    service: Service
    """Service to which it belongs."""
    station: Text
    """A station of this scenario, or a facility of the city, by id."""
    vehicle_class: Identifier | None = None
    """Its vehicle class; without it, that of its service: `ambulance`, `fire_engine` or `boat`."""
    crew: Annotated[int, Field(ge=1, le=50)] | None = None
    """People on board."""
    water_tank_l: Annotated[float, Field(ge=0, le=100_000)] | None = None
    """Water that a fire engine carries, l; without it, that of the fleet."""
    capacity: Annotated[int, Field(ge=1, le=1000)] | None = None
    """People whom a rescue unit carries beside its crew; without it, the default of the models."""
    on_duty: Annotated[Many[Shift], Field(max_length=10_000)] = ()
    """Its shifts, in order; without any, it is always there. A unit of a neighbouring district that
    comes to help has one that begins when it arrives at its station."""

    @model_validator(mode="after")
    def _shifts_follow(self) -> Self:
        for before, after in pairwise(self.on_duty):
            if after.start <= before.end:
                raise ValueError("each shift must begin after the one before it has ended")
        return self


class MutualAid(Model):
    """
    Units of a neighbouring district that come when they are called.

    They are called once, and are called the id and a number: `next-1`, `next-2`, ….
    """

    id: Identifier
    """Name in outputs."""
    service: Service
    """Their service."""
    units: Annotated[int, Field(ge=1, le=1000)]
    """How many come."""
    station: Text
    """Where they arrive, and wait: a station of this scenario, or a facility of the city, by id."""
    delay: Duration
    """From the call for help until they are there."""
    queue: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """They are called when so many incidents wait for the service."""
    alarm: Annotated[int, Field(ge=2, le=10)] | None = None
    """They are called when a run card that adds their service reaches this alarm."""
    vehicle_class: Identifier | None = None
    """Their vehicle class; without it, that of the service."""

    @model_validator(mode="after")
    def _called(self) -> Self:
        if self.queue is None and self.alarm is None:
            raise ValueError("say when they are called: queue, alarm, or both")
        return self


class Fleet(Model):
    """
    The units: listed one by one, or by number.

    Numbers are spread over the stations in the order of their ids, one each in rotation, and the
    units are called ambulance-1, ambulance-2, …, fire-engine-1, fire-engine-2, …, and rescue-1,
    rescue-2, ….
    """

    ambulances: Count = 0
    """Number of ambulances beside the listed units."""
    fire_engines: Count = 0
    """Number of fire engines beside the listed units."""
    rescue_units: Count = 0
    """Number of boats (or trucks for high water) beside the listed units."""
    units: Annotated[Many[UnitChoice], Field(max_length=10_000)] = ()
    """Units one by one."""
    mutual_aid: Annotated[Many[MutualAid], Field(max_length=100)] = ()
    """Units of neighbouring districts that come when they are called."""
    stations: Annotated[Many[Station], Field(max_length=10_000)] = ()
    """Stations beside those of the city."""
    ambulance_station_kinds: Many[Text] = ("ambulance_station", "hospital")
    """Kinds of facility at which ambulances wait; where the list is empty, only `stations`."""
    fire_station_kinds: Many[Text] = ("fire_station",)
    """Kinds of facility at which fire engines wait."""
    rescue_station_kinds: Many[Text] = ("fire_station",)
    """Kinds of facility at which rescue units wait."""
    ambulance_class: Identifier = "ambulance"
    """Vehicle class of ambulances given by number."""
    fire_engine_class: Identifier = "fire_engine"
    """Vehicle class of fire engines given by number."""
    rescue_class: Identifier = "boat"
    """Vehicle class of rescue units given by number."""
    water_tank_l: Annotated[float, Field(ge=0, le=100_000)] | None = None
    """Water that each fire engine carries, l; without it, the default of the models."""
    vehicle_classes: dict[Identifier, VehicleClassChoice] = Field(default_factory=dict)
    """Changes to vehicle classes, and new ones, by name."""

    @model_validator(mode="after")
    def _ids_once(self) -> Self:
        for what, ids in (
            ("unit", [unit.id for unit in self.units]),
            ("station", [station.id for station in self.stations]),
            ("mutual aid", [aid.id for aid in self.mutual_aid]),
        ):
            twice = sorted({name for name in ids if ids.count(name) > 1})
            if twice:
                raise ValueError(f"the {what} {twice[0]} stands there twice")
        return self
