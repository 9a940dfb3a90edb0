"""What drives the water: rain, tide, inflows, and the water that is there at the start."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.tides import ARGUMENTS, TIDAL_SPEEDS_DEG_H
from scenarios.schema.base import (
    Identifier,
    Level,
    Many,
    Model,
    Series,
    Text,
    exactly_one,
)
from scenarios.schema.places import Place
from scenarios.schema.time import SeriesMoment, increasing

__all__ = [
    "TIDAL_SPEEDS_DEG_H",
    "Constituent",
    "CsvSeries",
    "Harmonic",
    "Hyetograph",
    "Inflow",
    "InitialWater",
    "LevelPoints",
    "Tide",
    "WaterLevel",
]

_LONGEST = 200_000

#: More than twice the highest rate on record over one minute; catches a wrong unit.
Rate = Annotated[float, Field(ge=0, le=5000)]
#: More than any storm on record; catches a wrong unit.
RainDepth = Annotated[float, Field(ge=0, le=10_000)]
#: More than any river.
Flow = Annotated[float, Field(ge=0, le=500_000)]


class CsvSeries(Model):
    """A series in a CSV file; when a run is stored, its values are written in its place."""

    file: Text
    """Path, absolute or from the folder of the scenario; may begin with `${TWIN_DATA}/`."""
    time_column: Text
    """Header of the column of times."""
    value_column: Text
    """Header of the column of values, in the unit of the field that this series stands for."""
    time_zone: Text | None = None
    """Zone of datetimes that name none: `+07:00` or `Asia/Ho_Chi_Minh`."""
    time_unit: Literal["s", "min", "h", "d"] | None = None
    """Unit of a column of numbers since the start of the period, instead of datetimes."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    """Character between the columns."""

    @model_validator(mode="after")
    def _zone_or_unit(self) -> Self:
        if self.time_zone is not None and self.time_unit is not None:
            raise ValueError("times are either numbers (time_unit) or datetimes (time_zone)")
        return self


SeriesTimes = Annotated[Series[SeriesMoment], Field(min_length=1, max_length=_LONGEST)]


class _Series(Model):
    """Times with values of one kind, inline or in a CSV file."""

    times: SeriesTimes | None = None
    """Increasing times."""
    csv: CsvSeries | None = None
    """The series in a file, instead of inline."""

    def _check(self, values: tuple[float, ...] | None, name: str) -> None:
        if self.csv is not None:
            if self.times is not None or values is not None:
                raise ValueError(f"give either csv, or times and {name}")
            return
        if self.times is None or values is None:
            raise ValueError(f"give times and {name}, or csv")
        if len(self.times) != len(values):
            raise ValueError(
                f"there are {len(self.times)} times, but {len(values)} {name}; they go in pairs"
            )
        increasing(self.times)


class Hyetograph(_Series):
    """Rain whose intensity is uniform in space, and constant from each time to the next."""

    rates_mm_h: Annotated[Series[Rate], Field(max_length=_LONGEST)] | None = None
    """Rate from each time until the next, mm/h. The last one must be 0: it ends the rain."""
    depths_mm: Annotated[Series[RainDepth], Field(max_length=_LONGEST)] | None = None
    """Instead of rates: depth that falls from each time until the next, mm; the last is 0."""
    csv_quantity: Literal["rate_mm_h", "depth_mm"] = "rate_mm_h"
    """What the values of `csv` are."""

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if self.rates_mm_h is not None and self.depths_mm is not None:
            raise ValueError("give either rates_mm_h or depths_mm")
        values = self.depths_mm if self.depths_mm is not None else self.rates_mm_h
        self._check(values, "rates_mm_h or depths_mm")
        if values is not None and values[-1] != 0.0:
            raise ValueError(
                "the last value must be 0, at the time when the rain ends; "
                f"without it the end is unknown (it is {values[-1]})"
            )
        return self


class LevelPoints(_Series):
    """Water levels at times."""

    levels_m: Annotated[Series[Level], Field(max_length=_LONGEST)] | None = None
    """Level at each time, m above the datum of the series."""

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        self._check(self.levels_m, "levels_m")
        return self


class Constituent(Model):
    """One harmonic constituent: amplitude_m · cos(speed · t - phase)."""

    name: Annotated[str, Field(min_length=1, max_length=10)]
    """Name, such as M2 or K1."""
    amplitude_m: Annotated[float, Field(ge=0, le=20)]
    """Amplitude, m."""
    phase_deg: Annotated[float, Field(ge=-360, le=360)]
    """Phase, degrees: at the reference time, or the lag on Greenwich (see `phases`)."""
    speed_deg_h: Annotated[float, Field(gt=0, le=360)] | None = None
    """Speed, degrees per hour; taken from the table where the name is known."""

    @model_validator(mode="after")
    def _known_speed(self) -> Self:
        if self.speed_deg_h is None and self.name.upper() not in TIDAL_SPEEDS_DEG_H:
            known = ", ".join(TIDAL_SPEEDS_DEG_H)
            raise ValueError(f"the speed of {self.name} is not known; give speed_deg_h ({known})")
        return self

    @property
    def speed(self) -> float:
        """Speed, degrees per hour."""
        if self.speed_deg_h is not None:
            return self.speed_deg_h
        return TIDAL_SPEEDS_DEG_H[self.name.upper()]


class Harmonic(Model):
    """A tide out of constituents.

    With `phases: at_reference`, amplitudes and phases hold as they are given; nodal corrections of
    the year belong in them already. With `phases: greenwich`, they are harmonic constants as tide
    authorities publish them; the astronomical arguments and nodal corrections are computed.
    """

    mean_level_m: Level = 0.0
    """Mean level, m."""
    constituents: Annotated[Many[Constituent], Field(min_length=1, max_length=200)]
    """The constituents."""
    phases: Literal["at_reference", "greenwich"] = "at_reference"
    """What the phases are: phases at `reference`, or lags on Greenwich as they are published."""
    reference: SeriesMoment = 0.0
    """Time at which the phases hold, with `phases: at_reference`."""

    @model_validator(mode="after")
    def _greenwich_known(self) -> Self:
        if self.phases == "at_reference":
            return self
        if "reference" in self.model_fields_set:
            raise ValueError("reference goes with `phases: at_reference` only")
        for constituent in self.constituents:
            if constituent.name.upper() not in ARGUMENTS:
                raise ValueError(
                    f"the astronomical argument of {constituent.name} is not known; leave it out "
                    f"if it is small, or use `phases: at_reference` ({', '.join(ARGUMENTS)})"
                )
            if constituent.speed_deg_h is not None:
                raise ValueError(
                    f"the speed of {constituent.name} is known with `phases: greenwich`; leave "
                    "speed_deg_h out"
                )
        return self

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        names = [c.name.upper() for c in self.constituents]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the constituent {twice[0]} stands there twice")
        return self


class WaterLevel(Model):
    """A level over time: a series, high and low waters, or harmonics."""

    series: LevelPoints | None = None
    """Levels, straight between the times."""
    extremes: LevelPoints | None = None
    """High and low waters, half a cosine between one and the next."""
    harmonic: Harmonic | None = None
    """Harmonic constituents."""
    offset_m: Annotated[float, Field(ge=-20, le=20)] = 0.0
    """Added to every level: surge, sea-level rise, a what-if, m."""
    datum_offset_m: Annotated[float, Field(ge=-100, le=100)] = 0.0
    """Added too: the height of the datum of the levels above the vertical datum of the city, m."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        what = "the tide" if isinstance(self, Tide) else "the level"
        form = exactly_one(self, ("series", "extremes", "harmonic"), what)
        points = getattr(self, form)
        if form != "harmonic" and points.times is not None and len(points.times) < 2:
            raise ValueError(f"{form} needs at least two times")
        return self


class Tide(WaterLevel):
    """The level of the tidal water: a series, high and low waters, or harmonics."""

    applies_to: Annotated[
        Many[Literal["river", "canal_mouths", "low_edges"]], Field(min_length=1)
    ] = ("river",)
    """Waters whose level is the tide: rivers and sea; canals where they leave the grid; and, where
    no map shows the sea, ground at the edge of the grid below the highest tide of the run."""


class Discharge(_Series):
    """Discharge over time, straight between the times; before and after them, 0."""

    discharges_m3_s: Annotated[Series[Flow], Field(max_length=_LONGEST)] | None = None
    """Discharge at each time, m³/s."""

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        self._check(self.discharges_m3_s, "discharges_m3_s")
        return self


class Inflow(Model):
    """Water that enters at a point, or along a line between two points."""

    name: Identifier
    """Name, for outputs."""
    location: Place
    """Where."""
    to_location: Place | None = None
    """The other end of the line along which the water enters evenly."""
    discharge: Discharge
    """How much, over time."""
    multiplier: Annotated[float, Field(ge=0, le=100)] = 1.0
    """Factor on every discharge."""


class InitialWater(Model):
    """The water in canals and ponds at the start; the land is dry."""

    canals: Literal["tide", "dry"] | None = None
    """Level of canals and ponds: that of the tide at the start, or dry."""
    canals_level_m: Level | None = None
    """Or a level, m; cells whose bed lies lower are filled up to it."""

    @model_validator(mode="after")
    def _one_canal_level(self) -> Self:
        if self.canals is not None and self.canals_level_m is not None:
            raise ValueError("give either canals or canals_level_m")
        return self
