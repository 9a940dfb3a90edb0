"""Read observed data by its mapping: tables of what can be used, and a report of what was found."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from models.errors import InvalidInputError
from twin.observed.closures import check_closures
from twin.observed.finding import Findings, Report
from twin.observed.mapping import Mapping, load_mapping, locate
from twin.observed.parsing import ROW, read_table
from twin.observed.series import check_levels, check_rain
from twin.observed.street import check_reports
from twin.observed.trips import check_calls, check_trips, match_calls, split_calls

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Observed", "read_observed"]


@dataclass(frozen=True, kw_only=True)
class Observed:
    """
    Observed data that can be used.

    Parameters
    ----------
    mapping
        How it was read.
    tables
        By name: ``calls`` and ``trips`` of responses, else the kind itself. All times are UTC.
    report
        What was read and what was found.
    files
        The files, with the SHA-256 of each.
    """

    mapping: Mapping
    tables: dict[str, pd.DataFrame]
    report: Report
    files: dict[Path, str]

    @property
    def kind(self) -> str:
        """Kind of the data."""
        return self.mapping.kind

    @property
    def table(self) -> pd.DataFrame:
        """The one table of a kind that has one; the trips of responses."""
        return self.tables["trips" if self.kind == "responses" else self.kind]


def read_observed(
    mapping: Path | str | Mapping,
    *,
    folder: Path | None = None,
    period: tuple[datetime, datetime] | None = None,
) -> Observed:
    """
    Read observed data.

    Parameters
    ----------
    mapping
        The mapping, or its file.
    folder
        From which files are found; by default that of the mapping.
    period
        Rows outside are counted and left out, as outside that of the mapping.

    Raises
    ------
    InvalidInputError
        If the mapping or a file is wrong; what is wrong with single rows is in the report.
    """
    wanted, home = load_mapping(mapping)
    place = home if folder is None else folder
    windows = [] if wanted.period is None else [(wanted.period.start, wanted.period.end)]
    windows += [] if period is None else [period]
    if wanted.kind == "responses":
        tables, found, read = _responses(wanted, place, windows)
    elif wanted.kind == "extents":
        tables, found, read = {}, [Findings("extents")], {}
    else:
        tables, found, read = _one_table(wanted, place, windows)
    times = [time for table in tables.values() for time in _times_of(table)]
    named = [wanted.file] if wanted.calls is None else [wanted.file, wanted.calls.file]
    paths = [locate(file, place, f"mapping {wanted.name}") for file in named if file is not None]
    return Observed(
        mapping=wanted,
        tables=tables,
        report=Report(
            kind=wanted.kind,
            name=wanted.name,
            rows_read=read,
            rows_used={name: len(table) for name, table in tables.items()},
            first=min(times, default=None),
            last=max(times, default=None),
            findings=tuple(finding for each in found for finding in each.all()),
        ),
        files={path: _checksum(path) for path in dict.fromkeys(paths)},
    )


type _Window = tuple[datetime, datetime]
type _Result = tuple[dict[str, pd.DataFrame], list[Findings], dict[str, int]]


def _responses(mapping: Mapping, folder: Path, windows: list[_Window]) -> _Result:
    of_trips, of_calls = Findings("trips"), Findings("calls")
    log, count = read_table(mapping, "responses", mapping, folder, of_trips)
    read = {"trips": count}
    if mapping.calls is None:
        if "call" not in {*mapping.columns, *mapping.constants}:
            raise InvalidInputError(
                "the mapping says nowhere when calls were made",
                where=f"mapping {mapping.name}",
                remedy="Name the column `call`, or the table of calls under `calls`.",
            )
        calls = split_calls(log[log["incident"].notna()])
    else:
        calls, read["calls"] = read_table(mapping.calls, "calls", mapping, folder, of_calls)
    calls = check_calls(calls, mapping, of_calls)
    calls = _inside(calls, ["call"], windows, of_calls)
    trips = check_trips(log, mapping, of_trips)
    trips = _inside(trips, ["dispatch"], windows, of_trips)
    trips = match_calls(calls, trips, of_trips)
    return {"calls": calls.reset_index(drop=True), "trips": trips}, [of_calls, of_trips], read


def _one_table(mapping: Mapping, folder: Path, windows: list[_Window]) -> _Result:
    kind, findings = mapping.kind, Findings(mapping.kind)
    table, count = read_table(mapping, kind, mapping, folder, findings)
    match kind:
        case "levels":
            table = check_levels(table, mapping, findings)
            times = ["time"]
        case "rain":
            table = check_rain(table, mapping, findings)
            times = ["time"]
        case "closures":
            table = check_closures(table, findings)
            times = ["start", "end"]
        case _:
            table = check_reports(table, mapping, findings)
            times = ["start", "peak", "end"]
    table = _inside(table, times, windows, findings)
    return {kind: table.reset_index(drop=True)}, [findings], {kind: count}


def _inside(
    table: pd.DataFrame, times: list[str], windows: list[_Window], findings: Findings
) -> pd.DataFrame:
    """Leave out the rows that lie wholly outside a window."""
    for start, end in windows:
        first = table[times].min(axis=1)
        last = table[times].max(axis=1)
        if times == ["start", "end"]:
            last = last.mask(table["end"].isna(), pd.Timestamp.max.tz_localize("UTC"))
        outside = (last < pd.Timestamp(start)) | (first > pd.Timestamp(end))
        shown = "" if not outside.any() else f"{first[outside].iloc[0]:%Y-%m-%d %H:%M} UTC"
        findings.add(
            "outside_period",
            table.loc[outside, ROW],
            used=False,
            column=", ".join(times),
            example=shown,
        )
        table = table[~outside]
    return table


def _times_of(table: pd.DataFrame) -> list[datetime]:
    found: list[datetime] = []
    for name in table.columns:
        column = table[name]
        if isinstance(column.dtype, pd.DatetimeTZDtype) and column.notna().any():
            found += [column.min().to_pydatetime(), column.max().to_pydatetime()]
    return found


def _checksum(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
