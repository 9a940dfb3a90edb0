"""Rain: hyetographs, design storms, gauges and grids."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.schema.base import (
    Fraction,
    Identifier,
    Many,
    Model,
    Positive,
    Text,
    exactly_one,
)
from scenarios.schema.forcing import Hyetograph
from scenarios.schema.places import Place
from scenarios.schema.time import Interval, Moment, SeriesMoment

__all__ = ["DesignStorm", "GriddedRain", "IntensityCurve", "Rain", "RainGauge", "RainGauges"]


class IntensityCurve(Model):
    """
    An intensity-duration-frequency curve: intensity = a · (1 + c · lg P) / (t + b)^n.

    *t* is the duration in minutes and *P* the return period in years. With `unit: l_s_ha` and
    all five coefficients it is the form of TCVN 7957, whose A, C, b and n stand there by city;
    with `c` left out it is the general form a / (t + b)^n of one return period.
    """

    a: Positive
    """Coefficient a, in `unit` (times minutes to the power n)."""
    b_min: Annotated[float, Field(ge=0, le=1000)]
    """Offset of the duration, minutes."""
    n: Annotated[float, Field(gt=0, le=3)]
    """Exponent."""
    unit: Literal["mm_h", "mm_min", "l_s_ha"]
    """Unit of the intensity: mm/h, mm/min, or litres per second and hectare (0.36 mm/h)."""
    c: Annotated[float, Field(ge=0, le=10)] = 0.0
    """Coefficient of the return period."""
    return_period_years: Annotated[float, Field(ge=0.05, le=10_000)] | None = None
    """P, years; needed where there is a `c`."""

    @model_validator(mode="after")
    def _period(self) -> Self:
        if self.c > 0.0 and self.return_period_years is None:
            raise ValueError("a curve with c needs return_period_years")
        return self


class DesignStorm(Model):
    """A storm by depth, or by an intensity curve, with length and shape."""

    pattern: Literal["constant", "triangular", "chicago", "alternating_block"]
    """Shape over time."""
    depth_mm: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Total depth, mm; without it, that of `idf` for the length of the storm."""
    idf: IntensityCurve | None = None
    """Curve that gives the depth, and the shape of chicago and alternating_block."""
    duration: Interval
    """Length of the storm."""
    start: Moment = 0.0
    """When the rain begins."""
    peak_fraction: Fraction = 0.4
    """Time to the peak over the length of the storm (not for constant)."""
    step: Interval = 300.0
    """Length of the blocks in which the storm is cut."""
    idf_offset: Interval = 600.0
    """Without `idf`: b of intensity = a / (t + b)^n, for chicago and alternating_block."""
    idf_exponent: Annotated[float, Field(gt=0, le=1.5)] = 0.7
    """Without `idf`: n of intensity = a / (t + b)^n; a follows from the depth."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.step > self.duration:
            raise ValueError("the step is longer than the storm")
        if self.depth_mm is None and self.idf is None:
            raise ValueError("a design storm needs depth_mm or idf")
        twice = {"idf_offset", "idf_exponent"} & self.model_fields_set
        if self.idf is not None and twice:
            raise ValueError(f"{min(twice)} stands for a curve, and idf gives one")
        return self


class RainGauge(Model):
    """A gauge and its rain."""

    name: Identifier
    """Name, for messages."""
    location: Place
    """Where it stands; it may stand outside the city."""
    rain: Hyetograph
    """What it measured."""


class RainGauges(Model):
    """Rain between several gauges."""

    stations: Annotated[Many[RainGauge], Field(min_length=1, max_length=1000)]
    """The gauges."""
    interpolation: Literal["nearest", "inverse_distance"] = "inverse_distance"
    """Rain of the nearest gauge, or the mean of all weighted by distance."""
    power: Annotated[float, Field(gt=0, le=20)] = 2.0
    """Power of the distance in the weights."""

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        names = [gauge.name for gauge in self.stations]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the gauge {twice[0]} stands there twice")
        return self


class GriddedRain(Model):
    """
    Rain on a grid in time: one netCDF file, or GeoTIFFs whose bands follow each other in time.

    The rain is brought onto the grid of the run by area, so that its mean is kept. It is constant
    in each interval of the file.
    """

    files: Annotated[Many[Text], Field(min_length=1, max_length=10_000)]
    """One netCDF file, or GeoTIFFs in order of time; paths as those of CSV files."""
    variable: Text | None = None
    """Variable of the netCDF file, where it holds several."""
    crs: Text | None = None
    """Reference system, where the file names none or a wrong one: `EPSG:4326`."""
    quantity: Literal["rate_mm_h", "rate_mm_s", "depth_mm"] | None = None
    """What the values are: mm/h, mm/s (kg m-2 s-1), or mm in each interval. Without it, by the
    units that the file states."""
    stamp: Literal["start", "end"] | None = None
    """Whether the times of a netCDF file begin or end their intervals. Needed without bounds."""
    time_zone: Text | None = None
    """Zone of the times of a netCDF file, where it is not UTC: `+07:00`."""
    first: SeriesMoment | None = None
    """GeoTIFF: start of the first interval."""
    step: Interval | None = None
    """GeoTIFF: length of every interval."""
    gaps: Literal["error", "zero"] = "error"
    """Cells and times without a value: refuse them, or take them as dry (with a warning)."""
    sha256: Many[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] | None = None
    """Checksums of the files; written when a run is stored."""

    @model_validator(mode="after")
    def _times(self) -> Self:
        if (self.first is None) != (self.step is None):
            raise ValueError("give first and step together (for GeoTIFF), or neither (netCDF)")
        if self.first is None and len(self.files) > 1:
            raise ValueError("several files are GeoTIFFs, and need first and step")
        if self.first is not None and (self.stamp or self.time_zone or self.variable):
            raise ValueError("stamp, time_zone and variable belong to netCDF, first and step not")
        if self.sha256 is not None and len(self.sha256) != len(self.files):
            raise ValueError("there must be one checksum for each file")
        return self


class Rain(Model):
    """Rain over the city: a hyetograph, a design storm, gauges or a grid."""

    hyetograph: Hyetograph | None = None
    """Rates over time, the same everywhere."""
    design_storm: DesignStorm | None = None
    """A storm by depth or curve, length and shape, the same everywhere."""
    gauges: RainGauges | None = None
    """Several gauges."""
    gridded: GriddedRain | None = None
    """Radar, satellite or forecast."""
    multiplier: Annotated[float, Field(ge=0, le=100)] = 1.0
    """Factor on every rate."""
    after_end: Literal["dry", "error"] = "dry"
    """Where data of rain do not cover the whole period: no rain falls then, and a warning counts
    the hours; or the scenario is refused."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        exactly_one(self, ("hyetograph", "design_storm", "gauges", "gridded"), "rain")
        return self
