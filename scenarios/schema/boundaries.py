"""Boundaries: where water enters and leaves the domain, and by which law."""

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.schema.base import Identifier, Level, Many, Model, Positive, exactly_one
from scenarios.schema.forcing import Discharge, WaterLevel
from scenarios.schema.places import Place
from scenarios.schema.structures import Line

__all__ = [
    "Boundary",
    "ClosedBoundary",
    "DischargeBoundary",
    "EdgeStretch",
    "FreeBoundary",
    "LevelBoundary",
    "NormalDepthBoundary",
    "PowerCurve",
    "RatingCurveBoundary",
    "RatingPoint",
    "TideBoundary",
]

Slope = Annotated[float, Field(gt=0, le=1)]


class EdgeStretch(Model):
    """A side of the ground that is computed, or a part of it: the first cells seen from there."""

    side: Literal["north", "east", "south", "west", "all"]
    """Which side."""
    from_location: Place | None = None
    """One end of the part; only its northing (west, east) or easting (north, south) counts."""
    to_location: Place | None = None
    """The other end."""

    @model_validator(mode="after")
    def _both_ends(self) -> Self:
        if (self.from_location is None) != (self.to_location is None):
            raise ValueError("give from_location and to_location, or neither")
        if self.side == "all" and self.from_location is not None:
            raise ValueError("a part belongs to one side; write one of them instead of 'all'")
        return self


class _Boundary(Model):
    name: Identifier
    """Name, for messages and results."""
    edge: EdgeStretch | None = None
    """Along a side of the domain;"""
    line: Line | None = None
    """or the cells under a line;"""
    area: Line | None = None
    """or the cells whose centres lie within a ring."""
    only: Literal["any", "water", "canal", "river", "land"] = "any"
    """Which of these cells: canals and ponds, rivers and sea, all of them, or land."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        form = exactly_one(self, ("edge", "line", "area"), "a boundary")
        if form == "area" and self.area is not None:
            ring = self.area.lonlat or self.area.xy_m
            if self.area.across is not None or (ring is not None and len(ring) < 3):
                raise ValueError("an area is a ring of three points or more: lonlat, xy_m or file")
        return self


class LevelBoundary(_Boundary):
    """Water whose level is given: it gives and takes what it must."""

    kind: Literal["level"]
    """Kind."""
    level: WaterLevel
    """The level over time."""


class TideBoundary(_Boundary):
    """Water whose level is that of `tide`, wherever it lies; the timeline moves it, too."""

    kind: Literal["tide"]
    """Kind."""


class DischargeBoundary(_Boundary):
    """Water that enters, spread by what each cell conveys under one level."""

    kind: Literal["discharge"]
    """Kind."""
    discharge: Discharge
    """How much, over time."""
    multiplier: Annotated[float, Field(ge=0, le=100)] = 1.0
    """Factor on every discharge."""


class RatingPoint(Model):
    """A point of a rating curve."""

    level_m: Level
    """Level, m."""
    discharge_m3_s: Annotated[float, Field(ge=0, le=500_000)]
    """Discharge at it, m³/s."""


class PowerCurve(Model):
    """Discharge factor · (level - zero_level_m) ^ exponent."""

    factor: Positive
    """Discharge at 1 m above the zero, m³/s."""
    exponent: Annotated[float, Field(ge=0.5, le=5)]
    """Exponent: 1.5 for a weir, about 1.67 for a wide channel."""
    zero_level_m: Level
    """Level at which the flow ceases, m."""


class RatingCurveBoundary(_Boundary):
    """Water that leaves by the level there, as a gauging station or a weir downstream says."""

    kind: Literal["rating_curve"]
    """Kind."""
    points: Annotated[Many[RatingPoint], Field(min_length=2, max_length=10_000)] | None = None
    """Points of the curve, straight in between, the first with discharge 0; above the last the
    last slope goes on."""
    power: PowerCurve | None = None
    """The curve as a formula, instead."""

    @model_validator(mode="after")
    def _curve(self) -> Self:
        exactly_one(self, ("points", "power"), "a rating curve")
        points = self.points or ()
        if points and points[0].discharge_m3_s != 0.0:
            raise ValueError("the first discharge must be 0: begin where the flow ceases")
        for n, (low, high) in enumerate(pairwise(points), start=1):
            if high.level_m <= low.level_m or high.discharge_m3_s < low.discharge_m3_s:
                raise ValueError(
                    f"points[{n}]: levels must rise, and discharges must not fall "
                    f"({high.level_m} m, {high.discharge_m3_s} m³/s)"
                )
        if points and points[-1].discharge_m3_s <= 0.0:
            raise ValueError("every discharge of the curve is 0; write kind: closed for that")
        return self


class NormalDepthBoundary(_Boundary):
    """Water that leaves as uniform flow by Manning at a slope, at most critical."""

    kind: Literal["normal_depth"]
    """Kind."""
    slope: Slope
    """Slope of the channel beyond, m/m."""


class FreeBoundary(_Boundary):
    """Limited free outflow: by the slope of the surface, at least 0.001; nothing ever enters."""

    kind: Literal["free"]
    """Kind."""


class ClosedBoundary(_Boundary):
    """A wall, where `flood.edges` is free."""

    kind: Literal["closed"]
    """Kind."""


#: A boundary, told apart by `kind`.
Boundary = Annotated[
    LevelBoundary
    | TideBoundary
    | DischargeBoundary
    | RatingCurveBoundary
    | NormalDepthBoundary
    | FreeBoundary
    | ClosedBoundary,
    Field(discriminator="kind"),
]
