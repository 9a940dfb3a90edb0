"""From rows of text to a table of our fields: times in UTC, numbers in SI, text as it is."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from models.errors import InvalidInputError
from scenarios.zones import zone_of
from twin.observed.fields import FIELDS
from twin.observed.mapping import locate
from twin.observed.moments import MomentReader
from twin.observed.rows import Rows, read_csv
from twin.observed.sensorthings import read_sensorthings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from twin.observed.finding import Findings
    from twin.observed.mapping import Mapping, Table

__all__ = ["ROW", "read_table"]

#: Column with the number of the row in the file.
ROW: Final = "row"

_FACTOR: Final = {
    "m": 1.0,
    "cm": 0.01,
    "mm": 0.001,
    "ft": 0.3048,
    "in": 0.0254,
    "km": 1000.0,
    "mm/h": 1.0,
    "s": 1.0,
    "min": 60.0,
}
#: Columns that SensorThings gives, where the mapping names none.
_OF_SENSORTHINGS: Final = {
    "levels": {"time": ("time",), "level": ("result",), "station": ("datastream",)},
    "rain": {"time": ("time",), "rain": ("result",), "station": ("datastream",)},
}


def read_table(
    table: Table, name: str, mapping: Mapping, folder: Path, findings: Findings
) -> tuple[pd.DataFrame, int]:
    """
    Read one table; return it with all our fields and ``row``, and how many rows the file has.

    Raises
    ------
    InvalidInputError
        If the file or a column is missing, or a time names no zone.
    """
    path = locate(table.file, folder, f"mapping {mapping.name}: {name}.file")
    if table.format == "sensorthings":
        rows = read_sensorthings(path, findings)
        columns = {**_OF_SENSORTHINGS.get(name, {}), **table.columns}
        _same_unit(rows, table, name)
    else:
        rows = read_csv(path, table, findings)
        columns = dict(table.columns)
    reader = MomentReader(zone_of(mapping.time_zone, f"mapping {mapping.name}"), table.time_formats)
    missing = frozenset(table.missing)
    data: dict[str, object] = {ROW: np.asarray(rows.numbers, np.int64)}
    for field, sort in FIELDS[name].items():
        if field in columns:
            texts = rows.joined(columns[field], f"{name}.{field}", missing)
        elif field in table.constants:
            texts = [table.constants[field]] * len(rows.numbers)
        else:
            texts = [""] * len(rows.numbers)
        numbered = zip(rows.numbers, texts, strict=True)
        match sort:
            case "time":
                header = " + ".join(columns.get(field, ()))
                place = f"{rows.path}: column {header}"
                data[field] = _times(field, numbered, reader, place, findings)
            case "number":
                data[field] = _numbers(field, numbered, table, findings)
            case _:
                data[field] = pd.array([text or pd.NA for text in texts], dtype="string")
    return pd.DataFrame(data), len(rows.numbers) + findings.count("ragged_row")


def _times(
    field: str,
    rows: Iterable[tuple[int, str]],
    reader: MomentReader,
    place: str,
    findings: Findings,
) -> pd.Series[pd.Timestamp]:
    found: list[object] = []
    seen: dict[str, object] = {}
    for number, text in rows:
        if not text:
            found.append(None)
            continue
        if text in seen:
            found.append(seen[text])
            continue
        reading = reader.read(text, where=f"{place}, row {number}")
        if reading.wrong or reading.odd:
            kind, used = reading.wrong or reading.odd, not reading.wrong
            findings.add(kind, [number], used=used, column=field, example=text)
        else:
            seen[text] = reading.moment
        found.append(reading.moment)
    return pd.to_datetime(pd.Series(found, dtype="object"), utc=True).astype("datetime64[us, UTC]")


def _numbers(
    field: str, rows: Iterable[tuple[int, str]], table: Table, findings: Findings
) -> list[float]:
    unit = table.units.get(field)
    factor = 1.0 if unit is None or field == "rain" else _FACTOR[unit]
    if field == "rain" and unit in {"m", "cm", "in", "ft"}:
        factor = _FACTOR[unit] * 1000.0  # rain counts in mm
    values: list[float] = []
    for number, text in rows:
        value = math.nan
        if text:
            with suppress(ValueError):
                value = float(text.replace(",", ".") if table.decimal == "," else text)
            if "_" in text or not math.isfinite(value):
                value = math.nan
                findings.add("no_number", [number], used=False, column=field, example=text)
        values.append(value * factor)
    return values


def _same_unit(rows: Rows, table: Table, name: str) -> None:
    """Refuse a unit that differs from that of the mapping: a factor of 100 would go unseen."""
    given = {unit for unit in rows.texts["unit"] if unit}
    field = {"levels": "level", "rain": "rain"}.get(name, "")
    wanted = table.units.get(field, "mm" if name == "rain" else "m")
    other = sorted(given - {wanted})
    if other:
        raise InvalidInputError(
            f"the observations are in {other[0]}, the mapping says {wanted}",
            where=f"{rows.path}: unitOfMeasurement",
            remedy=f"Write units: {{{field}: {other[0]}}}, or keep series of one unit in a file.",
        )
