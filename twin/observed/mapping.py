"""The mapping: a document that says which column of a file is what, in which zone and unit."""

import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from models.errors import InvalidInputError
from scenarios.loader import Document, parse_model, read_yaml
from scenarios.schema.base import Fraction, Identifier, Many, Model, Positive, Text
from scenarios.schema.places import Place
from scenarios.schema.time import Interval, ZonedDatetime
from twin.observed.fields import FIELDS, REQUIRED

__all__ = ["Mapping", "Table", "Window", "Words", "load_mapping", "presets"]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


_Columns = dict[Text, Annotated[Many[Text], BeforeValidator(_listed), Field(min_length=1)]]


class Table(Model):
    """One file and its columns."""

    file: Text | None = None
    """Path, absolute or from the folder of the mapping; may begin with `${TWIN_DATA}/`."""
    format: Literal["csv", "sensorthings"] = "csv"
    """`csv`, or the JSON of an OGC SensorThings service."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    """Character between the columns."""
    encoding: Text = "utf-8-sig"
    """Encoding of the text."""
    decimal: Literal[".", ","] = "."
    """Decimal sign."""
    missing: Many[str] = ("", "NA", "N/A", "NULL", "null", "nan", "NaN", "-")
    """What stands where nothing is known."""
    columns: _Columns = Field(default_factory=dict)
    """Our field: header of the column, or several headers whose texts are joined by a space."""
    constants: dict[Text, Text] = Field(default_factory=dict)
    """Our field: what holds for every row."""
    time_formats: Many[Text] = ()
    """Formats of times as of `strptime`, tried in turn; without any, ISO 8601."""
    units: dict[Text, Literal["m", "cm", "mm", "ft", "in", "km", "mm/h", "s", "min"]] = Field(
        default_factory=dict
    )
    """Units of the columns of numbers; without it, m, and mm for rain."""


class Window(Model):
    """A time within which rows count."""

    start: ZonedDatetime
    """From when."""
    end: ZonedDatetime
    """Until when."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end <= self.start:
            raise ValueError("the end is not later than the start")
        return self


class Words(Model):
    """What people say of a depth, and what it is worth."""

    vi: Many[Text] = ()
    """In Vietnamese."""
    en: Many[Text] = ()
    """In English."""
    low_m: Annotated[float, Field(ge=0, le=5)]
    """Least depth that is meant, m."""
    high_m: Annotated[float, Field(ge=0, le=5)]
    """Greatest depth that is meant, m."""
    basis: Text | None = None
    """Why."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.high_m < self.low_m:
            raise ValueError("high_m is less than low_m")
        return self


class Mapping(Table):
    """How to read observed data: one kind, from one file, or from two for calls and trips."""

    observed: Literal[1]
    """Version of this format."""
    kind: Literal["responses", "closures", "levels", "rain", "street_reports", "extents"]
    """What it is."""
    name: Identifier = "observed"
    """Name in reports."""
    title: Text | None = None
    """Title for people."""
    preset: Text | None = None
    """A mapping that comes with the program, on which this one builds."""
    source: Text | None = None
    """Where the data came from, and under which licence."""
    time_zone: Text | None = None
    """Zone of times that name none: `Asia/Ho_Chi_Minh` or `+07:00`."""
    period: Window | None = None
    """Rows outside are counted and left out."""
    calls: Table | None = None
    """For responses: the table of calls, where it is another file than that of the trips."""
    kinds: dict[Text, Identifier] = Field(default_factory=dict)
    """For responses: kind of incident of the scenario, by what stands in the column `kind`."""
    priorities: dict[Text, Annotated[int, Field(ge=1, le=9)]] = Field(default_factory=dict)
    """For responses: priority, 1 the most urgent, by what stands in the column `priority`."""
    services: dict[Text, Literal["ambulance", "fire"]] = Field(default_factory=dict)
    """For responses: service, by what stands in the column `service`."""
    stations: dict[Text, Place] = Field(default_factory=dict)
    """For responses: where stations are that the city does not know, by name."""
    place_of: dict[Text, Place] = Field(default_factory=dict)
    """For levels and rain: where the stations are, by name."""
    datum: Text | None = None
    """For levels: the vertical datum of the series."""
    datum_offset_m: Annotated[float, Field(ge=-500, le=500)] = 0.0
    """For levels: added to them to count from the datum of the city, m."""
    limits: Annotated[Many[float], Field(min_length=2, max_length=2)] | None = None
    """For levels and rain: least and greatest value that can be true, in m and mm."""
    longest_gap: Interval | None = None
    """For levels and rain: a longer time between two rows is reported; else 3 usual steps."""
    fastest_change_m_h: Positive = 3.0
    """For levels: a faster change is reported as a jump."""
    quantity: Literal["depth_mm", "rate_mm_h", "total_mm"] = "depth_mm"
    """For rain: depth since the row before, rate until the next row, or a running total."""
    words: Many[Words] | None = None
    """For street reports: what words mean; without it, the table that comes with the program."""
    depth_uncertainty_m: Annotated[float, Field(ge=0, le=2)] = 0.05
    """For street reports: half the range that a single number stands for, m."""
    deepest_m: Positive = 3.0
    """For street reports: a greater depth is taken for an error."""
    time_tolerance: Interval = 1800.0
    """For street reports: how far a single time may be off."""
    at: ZonedDatetime | None = None
    """For extents: when the extent was seen; without it, the largest extent of the event."""
    certain: Fraction | None = None
    """For extents of a raster: values from this one on are wet; else all above 0."""

    @model_validator(mode="after")
    def _known_fields(self) -> Self:
        tables: list[tuple[str, Table]] = []
        if self.kind in FIELDS:
            tables.append((self.kind, self))
        if self.calls is not None:
            if self.kind != "responses":
                raise ValueError("calls go with the kind responses")
            tables.append(("calls", self.calls))
        for name, table in tables:
            known = FIELDS[name]
            given = {*table.columns, *table.constants}
            unknown = sorted(given - set(known))
            if unknown:
                raise ValueError(f"{name} have no field {unknown[0]}; known are {', '.join(known)}")
            lacking = [f for f in REQUIRED[name] if f not in given]
            if lacking:
                raise ValueError(f"{name} need a column for {', '.join(lacking)}")
        return self


def presets() -> dict[str, Path]:
    """Return the mappings that come with the program, by name."""
    folder = Path(str(files("twin.observed") / "presets"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_mapping(path: Path | str | Mapping) -> tuple[Mapping, Path]:
    """
    Read a mapping, with its preset under it; return it and the folder of its file.

    Raises
    ------
    InvalidInputError
        If it cannot be read, or anything in it is wrong.
    """
    if isinstance(path, Mapping):
        return path, Path()
    file = Path(path)
    document = read_yaml(file, error=InvalidInputError)
    data = dict(document.data)
    named = data.get("preset")
    if named is not None:
        known = presets()
        if named not in known:
            raise InvalidInputError(
                "there is no such preset",
                where=document.place(("preset",)),
                value=named,
                remedy=f"Choose from {', '.join(known)}.",
            )
        base = read_yaml(known[str(named)], error=InvalidInputError).data
        data = _merged(base, data)
    whole = Document(name=document.name, data=data, marks=document.marks)
    return parse_model(Mapping, whole, error=InvalidInputError), file.parent


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return *base* with what *over* says; a field that it sets to null is taken out."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if value is None:
            merged.pop(key, None)
            continue
        both = isinstance(below, dict) and isinstance(value, dict)
        merged[key] = _merged(below, value) if both else value  # type: ignore[arg-type]  # both are
    return merged


def locate(text: str | None, folder: Path, where: str) -> Path:
    """
    Return the path of a file that a mapping names.

    Raises
    ------
    InvalidInputError
        If it names none, or a folder that is not known.
    """
    if text is None:
        raise InvalidInputError(
            "the mapping names no file", where=where, remedy="Write it under `file`."
        )
    named = re.match(r"\$\{([A-Za-z_]+)\}", text)
    if named is not None:
        value = os.environ.get("TWIN_DATA") if named[1] == "TWIN_DATA" else None
        if value is None:
            raise InvalidInputError(
                f"the folder {named[0]} is not known",
                where=where,
                value=text,
                remedy="Set the environment variable TWIN_DATA to the folder of the data.",
            )
        text = value + text[named.end() :]
    path = Path(text)
    return path if path.is_absolute() else folder / path
