"""What a run writes, and how often; outputs never change a result."""

from itertools import pairwise
from typing import Annotated

from pydantic import Field, field_validator

from scenarios.schema.base import Identifier, Many, Model, Positive
from scenarios.schema.places import Place
from scenarios.schema.structures import Line
from scenarios.schema.time import Interval

__all__ = ["CrossSection", "Gauge", "Outputs"]


class Gauge(Model):
    """A point at which depth and level are recorded."""

    name: Identifier
    """Name in outputs."""
    location: Place
    """Where."""
    interval: Interval | None = None
    """Time between its records, a multiple of `flood.exchange_interval`; without it,
    `outputs.gauge_interval`."""


class CrossSection(Model):
    """A line through which the discharge is recorded, with level, wet width and area."""

    name: Identifier
    """Name in outputs."""
    line: Line
    """Where; discharge is positive from its left to its right as it is drawn."""
    interval: Interval | None = None
    """Time between its records, a multiple of `flood.exchange_interval`; without it,
    `outputs.gauge_interval`."""


class Outputs(Model):
    """What a run writes, and how often."""

    frame_interval: Interval = 300.0
    """Time between maps of depth and of roads; a multiple of `flood.exchange_interval`."""
    gauge_interval: Interval = 60.0
    """Time between records of gauges, cross-sections and structures; a multiple of
    `flood.exchange_interval`."""
    checkpoint_interval: Interval = 3600.0
    """Time between checkpoints, from which an interrupted run goes on."""
    depth_thresholds_m: Annotated[Many[Positive], Field(min_length=1, max_length=20)] = (
        0.1,
        0.3,
        0.5,
        1.0,
    )
    """Depths over which flooded areas, and how long they lasted, are reported, m, rising."""

    hazard_limits: Annotated[Many[Positive], Field(min_length=3, max_length=3)] = (0.75, 1.25, 2.0)
    """Hazard ratings d (v + 0.5) + DF from which there is danger for some, for most and for all
    people (DEFRA 2006); some documents draw the last line at 2.5."""

    @field_validator("depth_thresholds_m", "hazard_limits")
    @classmethod
    def _rising(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        for before, after in pairwise(value):
            if after <= before:
                raise ValueError("the values must rise")
        return value
