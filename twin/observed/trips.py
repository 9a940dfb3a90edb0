"""Checks of incident and dispatch logs: orders of times, doubles, calls without a place."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from twin.observed.fields import PLACE, TRIP_TIMES
from twin.observed.parsing import ROW

if TYPE_CHECKING:
    from twin.observed.finding import Findings
    from twin.observed.mapping import Mapping

__all__ = ["check_calls", "check_trips", "match_calls", "split_calls"]

#: A leg that takes longer than this is reported, s (assumed).
LONGEST_S: Final = {
    ("dispatch", "mobile"): 1800.0,
    ("mobile", "arrival"): 7200.0,
    ("arrival", "leave"): 43200.0,
}
_CALL_COLUMNS: Final = ("incident", "call", "kind", "priority", *PLACE)


def split_calls(log: pd.DataFrame) -> pd.DataFrame:
    """Return the calls of a log that has one row a trip: the first row of every incident."""
    first = log.sort_values(["call", ROW], kind="stable").drop_duplicates("incident")
    return first.loc[:, [*_CALL_COLUMNS, ROW]].sort_values(ROW).reset_index(drop=True)


def check_calls(calls: pd.DataFrame, mapping: Mapping, findings: Findings) -> pd.DataFrame:
    """Return the calls that can be used, with ``priority`` as a number, NaN where unknown."""
    calls = _without(calls, calls["incident"].isna(), "missing", "incident", findings)
    calls = _without(calls, calls["call"].isna(), "missing", "call", findings)
    double = calls["incident"].duplicated()
    calls = _without(calls, double, "double_call", "incident", findings)
    swapped = (calls["lat"].abs() > 90.0) | (calls["lon"].abs() > 180.0)
    swapped |= (calls["lat"] == 0.0) & (calls["lon"] == 0.0)
    findings.add("no_coordinates", calls.loc[swapped, ROW], used=True, column="lon, lat")
    calls.loc[swapped, ["lon", "lat"]] = np.nan
    placed = calls[["lon", "x_m"]].notna().any(axis=1)
    placed |= calls[["street", "facility"]].notna().any(axis=1)
    findings.add("no_place", calls.loc[~placed, ROW], used=True, column="lon, lat")
    priority = calls["priority"].map(lambda text: _priority(text, mapping))
    unknown = calls["priority"].notna() & priority.isna()
    _example(calls, unknown, "unknown_priority", "priority", findings)
    kinds = calls["kind"].map(lambda kind: mapping.kinds.get(kind) if kind is not pd.NA else None)
    _example(calls, calls["kind"].notna() & kinds.isna(), "unknown_kind", "kind", findings)
    return calls.assign(
        priority=priority.astype("float64"), label=calls["kind"], kind=kinds.astype("string")
    )


def _priority(text: object, mapping: Mapping) -> float:
    if not isinstance(text, str):
        return np.nan
    if text in mapping.priorities:
        return float(mapping.priorities[text])
    return float(text) if not mapping.priorities and text in set("123456789") else np.nan


def check_trips(trips: pd.DataFrame, mapping: Mapping, findings: Findings) -> pd.DataFrame:
    """Return the trips that can be used, with ``service`` as the scenario names it."""
    for column in ("incident", "unit", "dispatch"):
        trips = _without(trips, trips[column].isna(), "missing", column, findings)
    trips = _without(
        trips, trips.duplicated(["incident", "unit", "dispatch"]), "double_trip", "", findings
    )
    service = trips["service"].map(
        lambda name: mapping.services.get(name, name) if isinstance(name, str) else pd.NA
    )
    known = service.isin(["ambulance", "fire"]).to_numpy(np.bool_, na_value=False)
    _example(trips, ~known, "unknown_service", "service", findings, used=False)
    trips = trips.assign(service=service.astype("string"))[known]
    trips = _in_order(trips, findings)
    for time in TRIP_TIMES[1:]:
        if trips[time].notna().any():  # a column that is empty throughout is not in the log
            findings.add("missing", trips.loc[trips[time].isna(), ROW], used=True, column=time)
    for (begin, end), limit_s in LONGEST_S.items():
        lasted_s = (trips[end] - trips[begin]).dt.total_seconds()
        long = lasted_s > limit_s
        findings.add("long_leg", trips.loc[long, ROW], used=True, column=f"{begin} - {end}")
    _two_places(trips, findings)
    return trips.drop(columns=[c for c in _CALL_COLUMNS if c != "incident"]).reset_index(drop=True)


def _in_order(trips: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Leave out trips whose times cannot follow each other."""
    wrong = pd.Series(data=False, index=trips.index)
    for begin, end in combinations(("call", *TRIP_TIMES), 2):
        backwards = (trips[end] < trips[begin]).fillna(value=False) & ~wrong
        shown = "" if not backwards.any() else _pair(trips, backwards, begin, end)
        findings.add(
            "impossible_order",
            trips.loc[backwards, ROW],
            used=False,
            column=f"{end} < {begin}",
            example=shown,
        )
        wrong |= backwards
    return trips[~wrong]


def _pair(trips: pd.DataFrame, chosen: pd.Series[bool], begin: str, end: str) -> str:
    first = trips[chosen].iloc[0]
    return f"{end} {first[end]:%Y-%m-%d %H:%M:%S} < {begin} {first[begin]:%Y-%m-%d %H:%M:%S}"


def _two_places(trips: pd.DataFrame, findings: Findings) -> None:
    """Count trips that begin before the one before them of the same unit is over."""
    ordered = trips.sort_values(["unit", "dispatch", ROW], kind="stable")
    over = ordered["clear"].fillna(ordered["leave"])
    before = over.groupby(ordered["unit"]).shift()
    early = (ordered["dispatch"] < before).fillna(value=False)
    findings.add("two_places", ordered.loc[early, ROW], used=True, column="unit")


def match_calls(calls: pd.DataFrame, trips: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Return the trips that belong to a call and do not begin before it; count all others."""
    orphan = ~trips["incident"].isin(calls["incident"])
    findings.add("no_call", trips.loc[orphan, ROW], used=False, column="incident")
    alone = ~calls["incident"].isin(trips["incident"])
    findings.add("nobody_sent", calls.loc[alone, ROW], used=True, column="incident")
    trips = trips[~orphan]
    called = trips["incident"].map(calls.set_index("incident")["call"])
    early = trips["dispatch"] < called
    findings.add("impossible_order", trips.loc[early, ROW], used=False, column="dispatch < call")
    return trips[~early].reset_index(drop=True)


def _without(
    table: pd.DataFrame, wrong: pd.Series[bool], kind: str, column: str, findings: Findings
) -> pd.DataFrame:
    findings.add(kind, table.loc[wrong, ROW], used=False, column=column)
    return table[~wrong]


def _example(
    table: pd.DataFrame,
    chosen: object,
    kind: str,
    column: str,
    findings: Findings,
    *,
    used: bool = True,
) -> None:
    rows = table[np.asarray(chosen, np.bool_)]
    names = sorted({str(value) for value in rows[column].dropna()})
    findings.add(kind, rows[ROW], used=used, column=column, example=", ".join(names[:6]))
