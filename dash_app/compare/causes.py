"""What differs first between two runs: in water, roads, orders and the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dash_app.compare.texts import say
from dash_app.results.tracks import event_rows
from dash_app.viewer.events import event_text
from twin.language import label, number

if TYPE_CHECKING:
    from dash_app.results.opened import OpenRun
    from dash_app.results.prepared import Preparer

__all__ = ["first_differences"]

#: Less than this is no difference: ground, m², and streets, km.
_AREA_M2 = 2000.0
_LENGTH_KM = 0.05


def first_differences(
    first: OpenRun, second: OpenRun, preparer: Preparer, language: str
) -> list[tuple[float, str]]:
    """
    Return what differs first in each part of two runs, as time, s, and a sentence, by time.

    Counts that are still being made are left out.
    """
    found = [
        _water(first, second, preparer, language),
        *_roads(first, second, language),
        _orders(first, second, language),
        _events(first, second, language),
    ]
    return sorted((entry for entry in found if entry is not None), key=lambda entry: entry[0])


def _water(
    first: OpenRun, second: OpenRun, preparer: Preparer, language: str
) -> tuple[float, str] | None:
    one, other = preparer.over_time(first), preparer.over_time(second)
    if one is None or other is None or one["times_s"] != other["times_s"]:
        return None
    a, b = (np.asarray(side["flooded_area_m2"][0]) for side in (one, other))
    apart = np.flatnonzero(np.abs(a - b) > _AREA_M2)
    if not apart.size:
        return None
    k = int(apart[0])
    shown = {"a": number(a[k] / 1e4, language, 1), "b": number(b[k] / 1e4, language, 1)}
    return float(one["times_s"][k]), say("cause_water", language, **shown)


def _roads(first: OpenRun, second: OpenRun, language: str) -> list[tuple[float, str] | None]:
    one, other = first.run.series("roads"), second.run.series("roads")
    if not len(one) or not len(other):
        return []
    both = one.merge(other, on="time_s", suffixes=("_a", "_b"))
    found: list[tuple[float, str] | None] = []
    for vehicle in [name for name in first.vehicles if name in second.vehicles]:
        a, b = (both[f"closed_km_{vehicle}_{side}"].to_numpy(np.float64) for side in "ab")
        apart = np.flatnonzero(np.abs(a - b) > _LENGTH_KM)
        if apart.size:
            k = int(apart[0])
            said = say(
                "cause_roads",
                language,
                vehicle=label("vehicle", vehicle, language),
                a=number(a[k], language, 1),
                b=number(b[k], language, 1),
            )
            found.append((float(both["time_s"].iloc[k]), said))
    return found


def _orders(first: OpenRun, second: OpenRun, language: str) -> tuple[float, str] | None:
    one, other = first.run.commands, second.run.commands
    for place in range(max(len(one), len(other))):
        pair = [side[place] if place < len(side) else None for side in (one, other)]
        keys = [_order(entry) for entry in pair]
        if keys[0] != keys[1]:
            times = [float(e["time_s"]) for e in pair if e is not None and "time_s" in e]
            shown = [key or say("nothing", language) for key in keys]
            return (
                min(times, default=0.0),
                say("cause_order", language, a=f"{shown[0]}.", b=f"{shown[1]}."),
            )
    return None


def _order(entry: dict[str, Any] | None) -> str:
    if entry is None:
        return ""
    payload = entry.get("payload") or {}
    named = ", ".join(f"{k} {v}" for k, v in payload.items() if isinstance(v, str | int | float))
    return f"{str(entry.get('kind', '')).replace('_', ' ')} {named}".strip()


def _events(first: OpenRun, second: OpenRun, language: str) -> tuple[float, str] | None:
    one, other = first.run.events, second.run.events
    if not len(one) or not len(other):
        return None
    keys = ["kind", "incident", "unit", "facility"]
    count = min(len(one), len(other))
    same = np.abs(one["time_s"].to_numpy()[:count] - other["time_s"].to_numpy()[:count]) < 0.05
    for key in keys:
        same &= one[key].to_numpy()[:count] == other[key].to_numpy()[:count]
    apart = np.flatnonzero(~same)
    if not apart.size:
        return None
    k = int(apart[0])
    rows = [event_rows(pd.DataFrame(side.iloc[k : k + 1]))[0] for side in (one, other)]
    told = []
    for run, row in zip((first.run, second.run), rows, strict=True):
        at = f"{run.start + pd.Timedelta(seconds=row['time_s']):%H:%M}"
        said = event_text(row, language) or str(row["kind"]).replace("_", " ")
        told.append(f"{at} {said}.")
    at_s = min(float(row["time_s"]) for row in rows)
    return at_s, say("cause_event", language, a=told[0], b=told[1])
