"""What became of every incident, read from the event log."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["incident_table", "parse_detail", "records"]

_COLUMNS = [
    "incident",
    "kind",
    "priority",
    "call_s",
    "x_m",
    "y_m",
    "service",
    "response_s",
    "unit",
    "target_s",
    "within_target",
    "outcome",
]
_ENDS = {
    "incident_closed": "served",
    "incident_unfinished": "served",
    "incident_unserved": "unserved",
}


def incident_table(events: pd.DataFrame) -> pd.DataFrame:
    """
    Return one row per incident and service that it needs.

    Columns: ``incident``, ``kind``, ``priority``, ``call_s``, ``x_m``, ``y_m``, ``service``,
    ``response_s`` (NaN where never reached), ``unit`` (the first), ``target_s``,
    ``within_target``, ``outcome`` (served, unserved, open) and ``undecided``: not reached, but
    the run ended before the target had passed. Where a call does not give its target, it takes
    that of its service and priority from those that were reached.
    """
    outcome = _outcomes(events)
    first = _first_arrivals(events)
    rows = []
    for call in records(events, "call_received"):
        detail = parse_detail(call["detail"])
        targets = detail.get("targets_s", {})
        for service in _needs(detail, call["service"]):
            arrival = first.get((call["incident"], service), {})
            rows.append(
                {
                    "incident": call["incident"],
                    "kind": str(detail.get("kind", "")),
                    "priority": call["value"],
                    "call_s": call["time_s"],
                    "x_m": call["x_m"],
                    "y_m": call["y_m"],
                    "service": service,
                    "response_s": arrival.get("response_s", math.nan),
                    "unit": arrival.get("unit", ""),
                    "target_s": arrival.get("target_s", targets.get(service, math.nan)),
                    "within_target": arrival.get("within", False),
                    "outcome": outcome.get(call["incident"], "open"),
                }
            )
    return _decide(pd.DataFrame(rows, columns=_COLUMNS), float(events["time_s"].max()))


def _decide(table: pd.DataFrame, end_s: float) -> pd.DataFrame:
    for keys in (["service", "priority"], ["service"]):
        known = table.groupby(keys)["target_s"].transform("max")
        table["target_s"] = table["target_s"].fillna(known)
    waited_s = end_s - table["call_s"]
    table["undecided"] = table["response_s"].isna() & (waited_s < table["target_s"])
    return table


def parse_detail(detail: object) -> dict[str, Any]:
    """Return an event's detail, stored as JSON text, as a dict; empty where there is none."""
    if isinstance(detail, str) and detail:
        found = json.loads(detail)
        return found if isinstance(found, dict) else {}
    return dict(detail) if isinstance(detail, dict) else {}


def records(events: pd.DataFrame, *kinds: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of some kinds as plain dicts, in the order of the log."""
    chosen = events[events["kind"].isin(kinds)]
    columns = [chosen[name].tolist() for name in chosen.columns]
    for values in zip(*columns, strict=True):
        yield dict(zip(chosen.columns, values, strict=True))


def _needs(detail: Mapping[str, Any], service: str) -> list[str]:
    needs = detail.get("needs", {})
    named = [str(name) for name, units in needs.items() if units] if hasattr(needs, "items") else []
    if not named and isinstance(needs, list):
        named = [str(name) for name in needs]
    return sorted(named) or [service]


def _outcomes(events: pd.DataFrame) -> dict[str, str]:
    return {row["incident"]: _ENDS[row["kind"]] for row in records(events, *_ENDS)}


def _first_arrivals(events: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the first arrival by incident and service; the log is in the order of time."""
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for row in records(events, "unit_arrived"):
        key = (row["incident"], row["service"])
        if key in first:
            continue
        detail = parse_detail(row["detail"])
        target = detail.get("target_s")
        target_s = math.nan if target is None else float(target)
        first[key] = {
            "response_s": row["value"],
            "unit": row["unit"],
            "target_s": target_s,
            "within": bool(detail.get("within_target", row["value"] <= target_s)),
        }
    return first
