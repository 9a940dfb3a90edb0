"""Ordinary traffic: slow hours, and where it goes when streets close."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from scenarios.schema.base import Many, Model, Positive
from scenarios.schema.time import Interval

__all__ = ["DisplacedTraffic", "HoursOfRoads", "Traffic", "TrafficByHour"]

RoadClass = Annotated[str, StringConstraints(pattern=r"^[a-z_]{3,40}$")]
Share = Annotated[float, Field(ge=0.02, le=1)]
Load = Annotated[float, Field(ge=0, le=2)]


class HoursOfRoads(Model):
    """Speeds of some classes of road through the day."""

    road_classes: Annotated[Many[RoadClass], Field(min_length=1, max_length=40)]
    """Classes of road, as OpenStreetMap's `highway`."""
    speed_share: Annotated[Many[Share], Field(min_length=24, max_length=24)]
    """Speed over the free speed, one number for each hour of the local day from midnight on."""


class TrafficByHour(Model):
    """Speeds by the hour of the local day."""

    roads: Annotated[Many[HoursOfRoads], Field(max_length=40)] = ()
    """Rows by class of road; without any, the rush hours that the models assume."""

    @model_validator(mode="after")
    def _classes_once(self) -> Self:
        names = [name for row in self.roads for name in row.road_classes]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the class of road {twice[0]} stands there twice")
        return self


class DisplacedTraffic(Model):
    """The traffic of main roads that cars cannot pass goes over the others and slows them."""

    load: Annotated[Many[Load], Field(min_length=24, max_length=24)] | None = None
    """Volume over capacity on main roads by hour of the local day; without it, as assumed."""
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    """Part of the cars that look for another way over main roads; without it, half."""
    capacity_per_lane: Annotated[dict[RoadClass, Positive], Field(min_length=1)] | None = None
    """Cars per hour and lane by class of main road; without it, as assumed. Roads of other classes
    neither lose nor take traffic."""
    alpha: Annotated[float, Field(gt=0, le=10)] | None = None
    """Of the function of the Bureau of Public Roads; without it, 0.15."""
    beta: Annotated[float, Field(ge=1, le=12)] | None = None
    """Its exponent; without it, 4."""
    iterations: Annotated[int, Field(ge=1, le=20)] | None = None
    """Assignments whose mean is taken; without it, 4."""


class Traffic(Model):
    """Ordinary traffic; how much of its delay a vehicle suffers is its `congestion_share`."""

    by_hour: TrafficByHour | None = None
    """Slow hours, `{}` for those that the models assume; without it, none."""
    displaced: DisplacedTraffic | None = None
    """Traffic of closed roads, `{}` for the defaults; without it, it vanishes."""
    interval: Interval = 900.0
    """Time after which speeds and ways of the traffic are found anew."""
