"""From a log to a scenario: calls, closures and orders become commands at their times."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from models.errors import InvalidInputError
from scenarios.schema.time import format_duration
from twin.inputs import find_city, load_scenario
from twin.observed.closures import road_of
from twin.observed.finding import Findings
from twin.observed.places import place_of, with_city
from twin.observed.read import Observed, read_observed
from twin.replays.course import known_course
from twin.replays.fleet import fleet_of_log
from twin.replays.names import identifiers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from scenarios import Scenario
    from twin.city.city import City
    from twin.observed.finding import Finding
    from twin.observed.mapping import Mapping

__all__ = ["Follow", "ReplayPlan", "plan_replay"]

type Follow = Literal["record", "policy"]
type _Entry = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ReplayPlan:
    """
    A scenario in which a log happens again.

    Parameters
    ----------
    scenario
        It holds every call, closure and order as a command of its timeline.
    counts
        How many ``calls``, ``closures``, ``orders`` and ``units`` of the log it holds.
    findings
        What of the log it does not hold, and why.
    """

    scenario: Scenario
    counts: dict[str, int]
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Log:
    """Calls and trips of one log, as far as they can happen in the city and the period."""

    mapping: Mapping
    calls: pd.DataFrame
    trips: pd.DataFrame
    names: dict[str, str] = field(default_factory=dict)


def plan_replay(
    scenario: Scenario | str | Path,
    city: City | str | Path | None,
    observed: Iterable[Observed | Path | str],
    *,
    follow: Follow = "record",
    fleet: Literal["record", "scenario"] = "record",
    take_over_s: float | None = None,
) -> ReplayPlan:
    """
    Return the scenario of a replay.

    Parameters
    ----------
    scenario, city
        What the log happens in. Generated incidents of the scenario give way to those of the log.
    observed
        Logs of responses (one at most) and of closures, or the mappings of them.
    follow
        ``record``: units go as the log says; ``policy``: as the scenario's policy says.
    fleet
        Under a policy: the units of the log, or those of the scenario ("what if we had …").
    take_over_s
        Under a policy: follow the log until then, s after the start.

    Raises
    ------
    InvalidInputError
        If the data is of another kind, a station is not known, or nothing is left to replay.
    """
    base = load_scenario(scenario)
    place = find_city(base, city)
    data = [each if isinstance(each, Observed) else read_observed(each) for each in observed]
    logs = [each for each in data if each.kind == "responses"]
    _require_kinds(data, logs)
    data = [with_city(each, place) for each in data]
    logs = [each for each in data if each.kind == "responses"]
    if follow == "record" and not logs:
        raise InvalidInputError(
            "no dispatch log is given that units could follow", where="replay: follow: record"
        )
    if fleet == "scenario" and (follow == "record" or take_over_s):
        raise InvalidInputError(
            "units of the scenario cannot follow the record of others",
            where="replay: fleet",
            remedy="Take the fleet of the record, or let the policy dispatch from the start.",
        )
    found = Findings("replay")
    start = pd.Timestamp(base.period.start)
    timeline: list[_Entry] = []
    counts = {"calls": 0, "closures": 0, "orders": 0, "units": 0}
    changes: dict[str, Any] = {}
    document: Any = base.to_dict()
    for each in data:
        if each.kind == "closures":
            timeline += _closures(each, base, start, found, counts)
    if logs:
        log = _usable(logs[0], base, found)
        orders_until_s = base.duration_s if follow == "record" else take_over_s or 0.0
        if fleet == "record":
            changes["fleet"], log.names = fleet_of_log(log.trips, log.mapping, base, place)
            counts["units"] = len(log.names)
        timeline += _calls(log, start, counts)
        timeline += _orders(log, start, orders_until_s, counts)
        if orders_until_s > 0.0:
            timeline.append({"at": format_duration(0.0), "do": "dispatch_by", "by": "orders"})
        if 0.0 < orders_until_s < base.duration_s:
            at = format_duration(orders_until_s)
            timeline.append({"at": at, "do": "dispatch_by", "by": "policy"})
        kinds = (document.get("response") or {}).get("incident_kinds") or {}
        changes["response.incident_kinds"] = {**_KINDS, **kinds}
        if base.incidents.generated is not None:
            changes["incidents.generated"] = None
    changes["timeline"] = [*(document.get("timeline") or ()), *timeline]
    changes["name"] = f"{base.name}-{follow}"[:80]
    return ReplayPlan(
        scenario=base.replace(**changes),
        counts=counts,
        findings=(*(f for each in data for f in each.report.findings if not f.used), *found.all()),
    )


#: Kinds of incident of a log that says no more than who was sent.
_KINDS: dict[str, Any] = {
    "logged_ambulance": {"needs": {"ambulance": 1}, "casualties": 1, "fire_area_m2": 0.0},
    "logged_fire": {"needs": {"fire": 1}, "casualties": 0, "fire_area_m2": 0.0},
}


def _require_kinds(data: Sequence[Observed], logs: Sequence[Observed]) -> None:
    other = [each for each in data if each.kind not in {"responses", "closures"}]
    if other:
        raise InvalidInputError(
            f"a replay takes logs of responses and closures, not {other[0].kind}",
            where=f"mapping {other[0].mapping.name}",
            remedy="Put levels and rain into the scenario; compare the rest by `twin evaluate`.",
        )
    if len(logs) > 1:
        raise InvalidInputError(
            "a replay takes one log of responses",
            where=f"mapping {logs[1].mapping.name}",
            remedy="Join the logs in one file.",
        )


def _usable(observed: Observed, scenario: Scenario, found: Findings) -> _Log:
    calls, trips = observed.tables["calls"], observed.tables["trips"]
    start, end = (pd.Timestamp(scenario.period.datetime_at(s)) for s in (0, scenario.duration_s))
    outside = (calls["call"] < start) | (calls["call"] > end)
    found.add("outside_period", calls.loc[outside, "row"], used=False, column="call")
    calls = calls[~outside]
    late = trips["dispatch"] > end
    found.add("outside_period", trips.loc[late, "row"], used=False, column="dispatch")
    trips = trips[~late & trips["incident"].isin(calls["incident"])]
    alone = ~calls["incident"].isin(trips["incident"])
    found.add("nobody_sent", calls.loc[alone, "row"], used=False, column="incident")
    calls = calls[~alone]
    if not len(calls):
        raise InvalidInputError(
            "no call of the log lies in the period and the city, and has a unit sent to it",
            where=f"mapping {observed.mapping.name}",
            value=f"{start.isoformat()} to {end.isoformat()}",
            remedy="Check the period of the scenario, the time zone of the log and the city with "
            "`twin observed check --city`.",
        )
    trips = trips.sort_values(["dispatch", "row"], kind="stable")
    return _Log(observed.mapping, calls.reset_index(drop=True), trips.reset_index(drop=True))


def _calls(log: _Log, start: pd.Timestamp, counts: dict[str, int]) -> list[_Entry]:
    names = identifiers(log.calls["incident"].astype(str), "incidents")
    to_hospital = bool(log.trips["hospital"].notna().any())
    by_incident = dict(iter(log.trips.groupby("incident", sort=False)))
    entries = []
    for _, call in log.calls.iterrows():
        trips = by_incident[call["incident"]]
        needs = {str(k): int(n) for k, n in trips["service"].value_counts(sort=False).items()}
        service = "ambulance" if "ambulance" in needs else "fire"
        kind = f"logged_{service}" if pd.isna(call["kind"]) else str(call["kind"])
        incident: _Entry = {
            "id": names[str(call["incident"])],
            "kind": kind,
            "location": place_of(call),
            "needs": needs,
            "known": known_course(call["call"], trips, to_hospital=to_hospital),
        }
        if to_hospital and "ambulance" in needs:
            incident["casualties"] = needs["ambulance"]
        if pd.notna(call["priority"]):
            incident["priority"] = int(call["priority"])
        at = format_duration((call["call"] - start).total_seconds())
        entries.append({"at": at, "do": "report_incident", "incident": incident})
    counts["calls"] = len(entries)
    return entries


def _orders(log: _Log, start: pd.Timestamp, until_s: float, counts: dict[str, int]) -> list[_Entry]:
    names = identifiers(log.calls["incident"].astype(str), "incidents")
    entries = []
    for _, trip in log.trips.iterrows():
        at_s = (trip["dispatch"] - start).total_seconds()
        if at_s >= until_s:
            continue
        entries.append(
            {
                "at": format_duration(at_s),
                "do": "send_unit",
                "unit": log.names[str(trip["unit"])],
                "incident": names[str(trip["incident"])],
            }
        )
    counts["orders"] = len(entries)
    return entries


def _closures(
    observed: Observed,
    scenario: Scenario,
    start: pd.Timestamp,
    found: Findings,
    counts: dict[str, int],
) -> list[_Entry]:
    entries: list[_Entry] = []
    for _, closure in observed.table.iterrows():
        begin_s = (closure["start"] - start).total_seconds()
        end_s = (closure["end"] - start).total_seconds() if pd.notna(closure["end"]) else None
        if begin_s > scenario.duration_s or (end_s is not None and end_s <= 0.0):
            found.add("outside_period", [closure["row"]], used=False, column="start, end")
            continue
        road = road_of(closure)
        note = f"{observed.mapping.name}, row {closure['row']}"
        if pd.notna(closure["reason"]):
            note = f"{note}: {closure['reason']}"
        each = {"road": road, "note": note[:4000]}
        at = format_duration(max(begin_s, 0.0))
        entries.append({"at": at, "do": "close_road", **each})
        if end_s is not None and end_s <= scenario.duration_s:
            entries.append({"at": format_duration(end_s), "do": "open_road", **each})
        counts["closures"] += 1
    return entries
