"""From what somebody clicked, typed or drew to edits; without any web."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from dash_app.editor.curves import steps_of
from dash_app.editor.texts import say
from scenarios.schema.time import format_seconds
from twin.editing import (
    MISSING,
    AddItem,
    RemoveField,
    RemoveItem,
    ReplaceItem,
    SetField,
    identity,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dash_app.editor.city import CityFacts
    from scenarios import Scenario
    from twin.editing import Edit
    from twin.editing.documents import Path
    from twin.editing.edits import Document

__all__ = ["act", "closure_of", "draw", "fresh_id", "rain_of_kind", "set_cell", "set_field"]

_CLOSURES, _TIMELINE = ("closures",), ("timeline",)
_STRUCTURES, _STATIONS, _UNITS = ("structures",), ("fleet", "stations"), ("fleet", "units")
#: A tide to begin with: a mean tide of the coast, half a cosine from low to high water.
_FIRST_TIDE = {"extremes": {"times": ["-6 h", "6 h", "18 h"], "levels_m": [-0.5, 1.2, -0.5]}}
_FIRST_STORM = {"pattern": "chicago", "depth_mm": 100, "duration": "90 min", "start": "1 h"}
_MOST_STEPS = 24


def set_field(path: Path, value: Any, document: Document) -> list[Edit]:  # noqa: ANN401 - of any component
    """Return the edit that gives a field what its component holds; none where it does already."""
    found = value_at(document, path)
    if value is None or value == "":
        return [] if found is MISSING else [RemoveField(path)]
    if isinstance(value, float):
        value = round(value, 9)
        value = int(value) if value.is_integer() and isinstance(found, int) else value
    if found == value and not isinstance(found, bool):
        return []
    if path == ("initial", "canals") and "initial" in document:
        return [SetField(("initial",), {"canals": value})]
    if path == ("initial", "canals_level_m"):
        return [SetField(("initial",), {"canals_level_m": value})]
    if path == ("period", "duration"):
        start = value_at(document, ("period", "start"))
        return [SetField(("period",), {"start": start, "duration": value})]
    return [SetField(path, value)]


def set_cell(
    path: Path,
    column: str,
    row: int,
    value: Any,  # noqa: ANN401 - as above
    document: Document,
) -> list[Edit]:
    """Return the edit of one cell of a series."""
    values = value_at(document, (*path, column))
    if not isinstance(values, list) or not 0 <= row < len(values):
        return []
    if values[row] == value or str(values[row]) == value:
        return []
    if value is None or value == "":
        return []
    return [SetField((*path, column), [*values[:row], value, *values[row + 1 :]])]


def act(do: str, arg: str, document: Document, times: Mapping[str, Any]) -> list[Edit]:
    """
    Return the edits of a button.

    Parameters
    ----------
    do, arg
        What it does, and with what: text, or JSON.
    document
        The document as it is now.
    times
        ``from``, ``until`` and ``at`` as chosen beside it.
    """
    function = _ACTS.get(do)
    return [] if function is None else function(arg, document, times)


def closure_of(road: Mapping[str, Any], document: Document) -> Any:  # noqa: ANN401 - an entry or None
    """Return the first closure of a road, or None."""
    found = value_at(document, _CLOSURES)
    items = found if isinstance(found, list) else []
    return next((i for i in items if isinstance(i, dict) and i.get("road") == road), None)


def _close(road: Mapping[str, Any], document: Document, times: Mapping[str, Any]) -> list[Edit]:
    item: dict[str, Any] = {"road": dict(road)}
    if times.get("from") not in {None, "", "0"}:
        item["start"] = times["from"]
    if times.get("until") not in {None, "", "end"}:
        item["end"] = times["until"]
    there = closure_of(road, document)
    if there is not None:
        return [] if there == item else [ReplaceItem(_CLOSURES, there, item)]
    return [AddItem(_CLOSURES, item)]


def _command(arg: str, _document: Document, times: Mapping[str, Any]) -> list[Edit]:
    at = times.get("at") or "0"
    return [AddItem(_TIMELINE, {"at": "0 min" if at == "0" else at, **json.loads(arg)})]


def _tide_by(arg: str, document: Document, _times: Mapping[str, Any]) -> list[Edit]:
    old = value_at(document, ("tide", "offset_m"))
    was = float(old) if isinstance(old, int | float) else 0.0
    level = round(was + float(arg), 3)
    if level == 0.0 and old is MISSING:
        return []
    return [SetField(("tide", "offset_m"), level)]


def _remove(arg: str, _document: Document, _times: Mapping[str, Any]) -> list[Edit]:
    given = json.loads(arg)
    return [RemoveItem(tuple(given["path"]), given["item"])]


def _add_unit(arg: str, document: Document, _times: Mapping[str, Any]) -> list[Edit]:
    given = json.loads(arg)
    stem = "fire-engine-new" if given["service"] == "fire" else "ambulance-new"
    unit = {
        "id": fresh_id(stem, document),
        "service": given["service"],
        "station": given["station"],
    }
    return [AddItem(_UNITS, unit)]


def _station_at_facility(arg: str, document: Document, _times: Mapping[str, Any]) -> list[Edit]:
    name = fresh_id("station", document)
    return [AddItem(_STATIONS, {"id": name, "location": {"facility": arg}})]


def _row_add(arg: str, document: Document, _times: Mapping[str, Any]) -> list[Edit]:
    given = json.loads(arg)
    path, group = tuple(given["path"]), {}
    found = value_at(document, path)
    for name in given["columns"]:
        values = value_at(document, (*path, name))
        if not isinstance(values, list) or not values:
            return []
        last = values[-1]
        group[name] = [*values, _later(last) if name == "times" else last]
    return [SetField(path, {**found, **group})]


def _row_drop(arg: str, document: Document, _times: Mapping[str, Any]) -> list[Edit]:
    given = json.loads(arg)
    path = tuple(given["path"])
    found = value_at(document, path)
    lists = {name: value_at(document, (*path, name)) for name in given["columns"]}
    if not all(isinstance(v, list) and len(v) > 2 for v in lists.values()):
        return []
    group = {name: values[:-1] for name, values in lists.items()}
    if "rates_mm_h" in group:
        group["rates_mm_h"][-1] = 0
    return [SetField(path, {**found, **group})]


def _later(text: object) -> str:
    """Return a moment an hour after another, as it is written; the same where it is a date."""
    from scenarios.schema.time import parse_moment  # noqa: PLC0415 - kept beside its only use

    try:
        return format_seconds(parse_moment(text, None, inside=False) + 3600.0)
    except ValueError:
        return str(text)


_ACTS: dict[str, Callable[[str, Document, Mapping[str, Any]], list[Edit]]] = {
    "tide_by": _tide_by,
    "tide_add": lambda _a, _d, _t: [SetField(("tide",), _FIRST_TIDE)],
    "close_bridge": lambda arg, d, t: _close({"bridge": arg}, d, t),
    "close_road": lambda arg, d, t: _close({"segments": [int(arg)]}, d, t),
    "close_street": lambda arg, d, t: _close({"street": arg}, d, t),
    "command": _command,
    "remove": _remove,
    "add_unit": _add_unit,
    "station_at": _station_at_facility,
    "put": lambda arg, d, t: draw(json.loads(arg), d, None, t),
    "row_add": _row_add,
    "row_drop": _row_drop,
}


def rain_of_kind(kind: str, document: Document, base: Document, now: Scenario | None) -> list[Edit]:
    """Return the edit that makes the rain one of a kind: ``none``, ``storm`` or ``drawn``."""
    rain = value_at(document, ("rain",))
    if kind == "none":
        return [] if rain is MISSING else [RemoveField(("rain",))]
    before = value_at(base, ("rain",))
    field = "design_storm" if kind == "storm" else "hyetograph"
    if kind not in {"storm", "drawn"} or (isinstance(rain, dict) and field in rain):
        return []
    if isinstance(before, dict) and field in before:
        return [SetField(("rain",), before)]
    if kind == "storm":
        return [SetField(("rain",), {"design_storm": dict(_FIRST_STORM)})]
    return [SetField(("rain",), {"hyetograph": _drawn(now)})]


def _drawn(now: Scenario | None) -> dict[str, Any]:
    """Return the present rain as steps that can be dragged; a shower where there is none."""
    steps = None if now is None else steps_of(now)
    if steps is None:
        return {"times": ["1 h", "90 min", "2 h"], "rates_mm_h": [40, 40, 0]}
    times, rates = steps
    first, last = float(times[0]), float(times[-1])
    for step in (300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 86400.0):
        if (last - first) / step <= _MOST_STEPS:
            break
    ends, depths = [first], []
    while ends[-1] < last - 1e-6:
        ends.append(min(ends[-1] + step, last))
        depths.append(_fallen(times, rates, ends[-2], ends[-1]))
    return {
        "times": [format_seconds(round(t)) for t in ends],
        "rates_mm_h": [*(round(d, 1) for d in depths), 0],
    }


def _fallen(times: Any, rates: Any, start: float, end: float) -> float:  # noqa: ANN401 - arrays
    """Return the mean rate between two times, mm/h."""
    total = 0.0
    for t0, t1, rate in zip(times[:-1], times[1:], rates[:-1], strict=True):
        total += max(0.0, min(end, float(t1)) - max(start, float(t0))) * float(rate)
    return total / (end - start)


def draw(  # noqa: PLR0911 - one answer a tool
    drawn: Mapping[str, Any], document: Document, facts: CityFacts | None, times: Mapping[str, Any]
) -> list[Edit]:
    """Return the edits of something drawn on the map: ``{tool, arg, coordinates}``."""
    tool, points = str(drawn.get("tool")), drawn.get("coordinates") or []
    points = _rounded(points)
    if tool in {"barrier", "wall", "dyke"} and len(points) > 1:
        return [AddItem(_STRUCTURES, _line(tool, points, document))]
    if tool == "area" and facts is not None:
        segments = facts.roads_within(points)
        return _close({"segments": segments}, document, times) if segments else []
    if not points:
        return []
    location = {"lon": points[0][0], "lat": points[0][1]}
    match tool:
        case "station":
            return [AddItem(_STATIONS, {"id": fresh_id("station", document), "location": location})]
        case "incident":
            at = times.get("at") or "0"
            incident = {
                "id": fresh_id("call", document),
                "kind": "medical",
                "location": location,
                "at": "0 min" if at == "0" else at,
            }
            return [AddItem(("incidents", "listed"), incident)]
        case "gauge":
            gauge = {"name": fresh_id("gauge", document), "location": location}
            return [AddItem(("gauges",), gauge)]
        case "breach":
            breach = {"location": location, "width_m": 20, "at": times.get("at") or "1 h"}
            return [AddItem((*_STRUCTURES, str(drawn.get("arg")), "breaches"), breach)]
        case "move":
            return [SetField((*str(drawn.get("arg")).split("/"), "location"), location)]
        case _:
            return []


def _line(tool: str, points: list[list[float]], document: Document) -> dict[str, Any]:
    name = fresh_id(tool, document)
    number = name.rsplit("_", 1)[-1]
    item: dict[str, Any] = {
        "id": name,
        "kind": tool,
        "title": {lang: say(f"name.{tool}", lang, number=number) for lang in ("vi", "en")},
        "line": {"lonlat": points},
        "height_m": 1.0,
    }
    return {**item, "initial": "closed"} if tool == "barrier" else item


def _rounded(points: Any) -> list[list[float]]:  # noqa: ANN401 - from the browser
    if not isinstance(points, list):
        return []
    pairs = [points] if points and isinstance(points[0], int | float) else points
    return [[round(float(p[0]), 6), round(float(p[1]), 6)] for p in pairs]


def fresh_id(stem: str, document: Document) -> str:
    """Return ``stem_<n>`` that nothing in the document is called yet."""
    text = json.dumps(document, ensure_ascii=False)
    number = 1
    while re.search(rf'"{re.escape(stem)}_{number}"', text):
        number += 1
    return f"{stem}_{number}"


def names_of(path: Path, document: Document) -> list[str]:
    """Return the identities of the entries of a list."""
    found = value_at(document, path)
    items = found if isinstance(found, list) else []
    return [name for name in map(identity, items) if name is not None]
