"""Files of a scenario: series written out into the document, rasters by their checksums."""

from __future__ import annotations

import csv
import math
import os
import re
import stat
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from models.errors import ScenarioError
from scenarios.lines import inline_lines, needs_lines
from scenarios.networks import inline_network, needs_network
from scenarios.policies import needs_policies, pin_policies
from scenarios.rasters import needs_checksums, pin_files
from scenarios.schema.forcing import CsvSeries
from scenarios.schema.time import Clock, format_seconds
from scenarios.zones import zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

    from pydantic import JsonValue

__all__ = ["inline_files", "needs_files"]

_MAX_BYTES = 16 << 20
_MAX_ROWS = 500_000
_UNIT_S = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def _series(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield place, group and name of the values of every series that is in a file."""
    rain, tide, inflows = data.get("rain"), data.get("tide"), data.get("inflows")
    groups: list[tuple[str, Any, str]] = []
    if isinstance(rain, dict):
        group = rain.get("hyetograph")
        depth = isinstance(group, dict) and group.get("csv_quantity") == "depth_mm"
        groups.append(("rain.hyetograph", group, "depths_mm" if depth else "rates_mm_h"))
        groups += _gauge_series(rain)
    if isinstance(tide, dict):
        groups += [(f"tide.{form}", tide.get(form), "levels_m") for form in ("series", "extremes")]
    for index, inflow in enumerate(inflows if isinstance(inflows, list) else []):
        group = inflow.get("discharge") if isinstance(inflow, dict) else None
        groups.append((f"inflows[{index}].discharge", group, "discharges_m3_s"))
    groups += _boundary_series(data.get("boundaries"))
    for place, group, values in groups:
        if isinstance(group, dict) and group.get("csv") is not None:
            yield place, group, values


def _gauge_series(rain: dict[str, Any]) -> Iterator[tuple[str, Any, str]]:
    gauges = rain.get("gauges")
    stations = gauges.get("stations") if isinstance(gauges, dict) else None
    for index, station in enumerate(stations if isinstance(stations, list) else []):
        group = station.get("rain") if isinstance(station, dict) else None
        depth = isinstance(group, dict) and group.get("csv_quantity") == "depth_mm"
        name = "depths_mm" if depth else "rates_mm_h"
        yield f"rain.gauges.stations[{index}].rain", group, name


def _boundary_series(boundaries: object) -> Iterator[tuple[str, Any, str]]:
    for index, boundary in enumerate(boundaries if isinstance(boundaries, list) else []):
        place = f"boundaries[{index}]"
        level = boundary.get("level") if isinstance(boundary, dict) else None
        if isinstance(level, dict):
            for form in ("series", "extremes"):
                yield f"{place}.level.{form}", level.get(form), "levels_m"
        if isinstance(boundary, dict):
            yield f"{place}.discharge", boundary.get("discharge"), "discharges_m3_s"


def needs_files(data: dict[str, JsonValue]) -> bool:
    """Tell whether any series of a valid document is in a file."""
    others = (needs_network, needs_lines, needs_checksums, needs_policies)
    return next(_series(data), None) is not None or any(needs(data) for needs in others)


def inline_files(
    data: dict[str, JsonValue],
    *,
    clock: Clock,
    base: Path | None,
    name: str,
    variables: Mapping[str, str] | None,
    confined: bool,
    left_out: dict[str, int] | None = None,
) -> dict[str, JsonValue]:
    """
    Write the series of files into *data*, in place, and return it.

    Only what the period needs is taken: the values inside, and the nearest one on each side; how
    many rows of each file stayed out is noted in *left_out*, by place. Rasters stay in their
    files, whose whole path and checksum are written.

    Raises
    ------
    ScenarioError
        If a file is missing, too large, or a row does not hold what it should.
    """
    for place, group, values in _series(cast("dict[str, Any]", data)):
        source = CsvSeries.model_validate(group["csv"])
        where = f"{name}: {place}.csv.file"
        path = _locate(source.file, base, variables, where, confined=confined)
        times, texts, numbers = _read(path, source, clock)
        first, last = _window(times, clock.duration_s)
        if left_out is not None and last - first < len(times):
            left_out[place] = len(times) - (last - first)
        del group["csv"]
        group.pop("csv_quantity", None)
        group["times"] = texts[first:last]
        group[values] = numbers[first:last]
        if place.startswith("rain") and last < len(times):
            group[values][-1] = 0.0  # what falls after the period does not count

    def locate(text: str, where: str) -> Path:
        return _locate(text, base, variables, f"{name}: {where}", confined=confined)

    inline_network(data, locate)
    inline_lines(data, locate)
    pin_policies(cast("dict[str, Any]", data), locate)
    pin_files(data, locate)
    return data


def _window(times: list[float], duration_s: float) -> tuple[int, int]:
    first = max((i for i, t in enumerate(times) if t <= 0), default=0)
    last = min((i for i, t in enumerate(times) if t >= duration_s), default=len(times) - 1)
    return (first, last + 1) if first <= last else (0, len(times))


def _locate(
    text: str,
    base: Path | None,
    variables: Mapping[str, str] | None,
    where: str,
    *,
    confined: bool,
) -> Path:
    named = re.match(r"\$\{([A-Za-z_]+)\}", text)
    if named is not None:
        # Only this one: the environment may hold secrets, and messages show paths.
        own = {"TWIN_DATA": os.environ["TWIN_DATA"]} if "TWIN_DATA" in os.environ else {}
        values = own if variables is None else variables
        if named[1] not in values:
            raise ScenarioError(
                f"the folder {named[0]} is not known",
                where=where,
                value=text,
                remedy=f"Set the environment variable {named[1]} to the folder of the data."
                if named[1] == "TWIN_DATA"
                else "Only ${TWIN_DATA} may be used.",
            )
        text = values[named[1]] + text[named.end() :]
    path = Path(text)
    if not path.is_absolute():
        path = (base or Path()) / path
    if confined and not (
        base is not None and path.resolve().is_relative_to(base.resolve()) and named is None
    ):
        raise ScenarioError(
            "files outside the scenario's folder are not read",
            where=where,
            value=text,
            remedy="Write the series into the scenario.",
        )
    return path


def _read(
    path: Path, source: CsvSeries, clock: Clock
) -> tuple[list[float], list[str], list[float]]:
    """Return times in seconds, times as the document writes them, and values."""
    zone = zone_of(source.time_zone, str(path), error=ScenarioError)
    times: list[float] = []
    texts: list[str] = []
    values: list[float] = []
    for row, time_text, value_text in _rows(path, source):
        seconds, shown = _time(time_text, source, zone, clock, f"{path}: row {row}")
        if times and seconds <= times[-1]:
            raise ScenarioError(
                "the times must increase, but this one is not later than the one before it",
                where=f"{path}: row {row}, column {source.time_column}",
                value=time_text,
                remedy="Sort the rows, and decide which of two equal times holds.",
            )
        times.append(seconds)
        texts.append(shown)
        values.append(_value(value_text, source, f"{path}: row {row}"))
    if not times:
        raise ScenarioError("the file has no rows", where=str(path))
    return times, texts, values


def _rows(path: Path, source: CsvSeries) -> Iterator[tuple[int, str, str]]:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ScenarioError("this is not an ordinary file", where=str(path))
        if status.st_size > _MAX_BYTES:
            raise ScenarioError(f"the file is larger than {_MAX_BYTES} bytes", where=str(path))
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, delimiter=source.delimiter, strict=True)
            header = [name.strip() for name in next(reader, [])]
            columns = [_column(header, n, path) for n in (source.time_column, source.value_column)]
            for number, cells in enumerate(reader, start=2):
                if not any(cell.strip() for cell in cells):
                    continue
                if number > _MAX_ROWS:
                    raise ScenarioError(f"the file has more than {_MAX_ROWS} rows", where=str(path))
                if len(cells) <= max(columns):
                    raise ScenarioError(
                        f"the row has {len(cells)} cells, the header {len(header)}",
                        where=f"{path}: row {number}",
                    )
                yield number, cells[columns[0]].strip(), cells[columns[1]].strip()
    except FileNotFoundError:
        raise ScenarioError(
            "there is no such file", where=str(path), remedy="Check the path."
        ) from None
    except UnicodeDecodeError:
        raise ScenarioError(
            "this is not UTF-8 text", where=str(path), remedy="Save it as UTF-8."
        ) from None
    except (OSError, ValueError, csv.Error) as cause:
        raise ScenarioError(f"the file cannot be read ({cause})", where=str(path)) from cause


def _column(header: list[str], name: str, path: Path) -> int:
    if header.count(name) != 1:
        raise ScenarioError(
            "there is no such column" if name not in header else "two columns have this name",
            where=f"{path}: row 1",
            value=name,
            remedy=f"The columns are {', '.join(header)[:200]}.",
        )
    return header.index(name)


def _time(
    text: str, source: CsvSeries, zone: tzinfo | None, clock: Clock, where: str
) -> tuple[float, str]:
    where = f"{where}, column {source.time_column}"
    if source.time_unit is not None:
        seconds = _finite(text, where) * _UNIT_S[source.time_unit]
        return seconds, format_seconds(seconds)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ScenarioError(
            "this is not an ISO date and time",
            where=where,
            value=text,
            remedy="Write 2025-10-22T04:30+07:00, or give time_unit for a column of numbers.",
        ) from None
    if moment.tzinfo is None:
        if zone is None:
            raise ScenarioError(
                "the time names no zone",
                where=where,
                value=text,
                remedy="Give time_zone, such as +07:00.",
            )
        moment = moment.replace(tzinfo=zone)
    return clock.seconds(moment), moment.isoformat()


def _value(text: str, source: CsvSeries, where: str) -> float:
    return _finite(text, f"{where}, column {source.value_column}")


def _finite(text: str, where: str) -> float:
    remedy = "Write the decimal sign as a point." if "," in text else "Fill or remove the row."
    try:
        number = float(text) if "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ScenarioError("this is not a number", where=where, value=text, remedy=remedy)
    return number
