"""
Where every unit was, and what it did, read from the event log.

The log gives the streets of every leg and when it began and ended; along a leg a unit is drawn at
an even speed. A leg that was still being driven when the run ended is logged as well.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import CityError, StoreError
from twin.city.roads import edge_geometry, road_graph
from twin.results.incidents import parse_detail, records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from dash_app.results.opened import OpenRun
    from models.roads import EdgeGeometry

__all__ = ["UNIT_STATES", "incidents_of", "mission_of", "units_of"]

#: What a unit is doing, as the map draws it.
UNIT_STATES = ("idle", "responding", "on_scene", "transporting", "returning", "stranded")
_BECOMES = {
    "unit_assigned": "responding",
    "unit_mobile": "responding",
    "unit_arrived": "on_scene",
    "hospital_chosen": "transporting",
    "hospital_reached": "on_scene",
    "people_aboard": "transporting",
    "people_ashore": "on_scene",
    "unit_returning": "returning",
    "unit_moved_up": "returning",
    "unit_stood_down": "returning",
    "unit_idle": "idle",
    "unit_out_of_service": "idle",
    "unit_in_service": "idle",
    "unit_refuelling": "idle",
    "unit_stranded": "stranded",
    "unit_broken_down": "stranded",
    "unit_written_off": "stranded",
    "patient_taken_over": "on_scene",
}
_ENDS = ("incident_closed", "incident_unserved", "incident_unfinished")


def units_of(opened: OpenRun) -> list[dict[str, Any]]:
    """
    Return every unit: its service, station, way (``t`` s, ``lon``, ``lat`` degrees) and states.

    ``states`` holds rows of time, s, state and incident; before the first, a unit is idle.
    """
    events = opened.run.events
    known = {str(unit["id"]): dict(unit) for unit in opened.run.manifest.get("units") or []}
    if not len(events):
        return [_unit(opened, unit, [], []) for unit in known.values()]
    moved: dict[str, list[dict[str, Any]]] = {}
    states: dict[str, list[list[Any]]] = {}
    for event in records(
        events[events["unit"] != ""], *_BECOMES, "unit_freed", "unit_repaired", "unit_drove"
    ):
        unit = str(event["unit"])
        known.setdefault(unit, {"id": unit, "service": event["service"], "station": ""})
        if event["kind"] == "unit_drove":
            moved.setdefault(unit, []).append(event)
            continue
        _note_state(states.setdefault(unit, []), event)
    lines = _edge_lines(opened) if moved else None
    return [
        _unit(opened, unit, _way(moved.get(name, []), lines), states.get(name, []))
        for name, unit in known.items()
    ]


def _note_state(states: list[list[Any]], event: Mapping[str, Any]) -> None:
    kind = str(event["kind"])
    if kind in ("unit_freed", "unit_repaired"):
        before = [row for row in states if row[1] != "stranded"]
        becomes = before[-1][1] if before else "idle"
    else:
        becomes = _BECOMES[kind]
    states.append([round(float(event["time_s"]), 1), becomes, str(event["incident"])])


def _unit(
    opened: OpenRun,
    unit: Mapping[str, Any],
    way: Sequence[tuple[float, float, float]],
    states: list[list[Any]],
) -> dict[str, Any]:
    """Return one unit; one that never drove stands at its station, if that is known."""
    points = list(way)
    home = _station(opened, str(unit.get("station", "")))
    if home is not None and (not points or points[0][0] > 0.0):
        points = [(0.0, *home), *([(points[0][0], *home)] if points else []), *points]
    t, x, y = (np.array([p[k] for p in points], np.float64) for k in range(3))
    lon, lat = opened.degrees(x, y) if points else (x, y)
    return {
        "id": str(unit["id"]),
        "service": str(unit.get("service", "")),
        "station": str(unit.get("station", "")),
        "vehicle": str(unit.get("vehicle_class", unit.get("vehicle", "")) or ""),
        "t": np.round(t, 1).tolist(),
        "lon": np.round(lon, 6).tolist(),
        "lat": np.round(lat, 6).tolist(),
        "states": states,
    }


def _station(opened: OpenRun, name: str) -> tuple[float, float] | None:
    facilities = opened.run.city.layer("facilities")
    found = facilities[facilities["facility_id"].astype(str) == name] if name else facilities[:0]
    if not len(found):
        return None
    point = found.geometry.iloc[0].representative_point()
    return float(point.x), float(point.y)


def _edge_lines(opened: OpenRun) -> EdgeGeometry | None:
    """Return the line of every edge, or None where the stored roads are not those of the city."""
    try:
        graph = road_graph(opened.run.city)
        if opened.run.has_roads and opened.run.roads.sizes["edge"] != graph.n_edges:
            graph = road_graph(opened.run.city, against_one_way=True)
        roads = opened.run.roads
    except (CityError, StoreError):
        return None
    same = roads.sizes["edge"] == graph.n_edges and all(
        np.array_equal(roads[name].to_numpy(), getattr(graph, name)) for name in ("tail", "head")
    )
    return edge_geometry(opened.run.city, graph) if same else None


def _way(
    legs: Sequence[Mapping[str, Any]], lines: EdgeGeometry | None
) -> list[tuple[float, float, float]]:
    """Return the way as rows of time, s, and place, m; a unit stands still between two legs."""
    way: list[tuple[float, float, float]] = []
    for leg in legs:
        detail = parse_detail(leg["detail"])
        end = float(leg["time_s"])
        start = float(detail.get("start_s", end))
        path = _path(detail, lines)
        if path is None:
            place = (float(leg["x_m"]), float(leg["y_m"]))
            path = np.array([place]) if all(map(math.isfinite, place)) else None
        if path is None:
            continue
        if way and start > way[-1][0]:
            way.append((start, way[-1][1], way[-1][2]))
        step = np.hypot(*np.diff(path, axis=0).T) if len(path) > 1 else np.zeros(0)
        along = np.concatenate([[0.0], np.cumsum(step)])
        share = along / along[-1] if along[-1] > 0.0 else np.ones(along.size)
        way += [
            (start + float(s) * (end - start), float(x), float(y))
            for s, (x, y) in zip(share, path, strict=True)
        ]
    return way


def _path(detail: Mapping[str, Any], lines: EdgeGeometry | None) -> NDArray[np.float64] | None:
    """Return the points of a leg, m, shape (n, 2), cut where it began and ended on an edge."""
    edges = detail.get("edges") or []
    if lines is None or not edges or max(edges) + 1 >= lines.first.size:
        return None
    parts = []
    for place, edge in enumerate(edges):
        at = slice(int(lines.first[edge]), int(lines.first[edge + 1]))
        points = np.column_stack([lines.x_m[at], lines.y_m[at]])
        begin = float(detail.get("start_fraction") or 0.0) if place == 0 else 0.0
        last = place == len(edges) - 1
        given = detail.get("end_fraction")
        stop = float(given) if last and given is not None else 1.0
        parts.append(_cut(points, begin, stop))
    whole = np.concatenate(parts)
    keep = np.ones(len(whole), np.bool_)
    keep[1:] = np.any(np.diff(whole, axis=0) != 0.0, axis=1)
    return np.asarray(whole[keep])


def _cut(points: NDArray[np.float64], begin: float, stop: float) -> NDArray[np.float64]:
    """Return the part of a line between two shares of its length."""
    if begin <= 0.0 and stop >= 1.0:
        return points
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    ends = np.clip(np.array([begin, max(begin, stop)]), 0.0, 1.0) * along[-1]
    inner = (along > ends[0]) & (along < ends[1])
    at = np.concatenate([ends[:1], along[inner], ends[1:]])
    return np.column_stack([np.interp(at, along, points[:, k]) for k in (0, 1)])


def mission_of(opened: OpenRun, unit: str) -> list[dict[str, Any]]:
    """
    Return what happened to one unit, in order: time, s, kind, incident, facility, value, detail.

    Raises
    ------
    StoreError
        If the run has no such unit.
    """
    events = opened.run.events
    rows = events[events["unit"] == unit] if len(events) else events
    units = {str(entry["id"]) for entry in opened.run.manifest.get("units") or []}
    if not len(rows) and unit not in units:
        raise StoreError("there is no such unit in the run", where=opened.run.id, value=unit)
    return event_rows(rows)


def event_rows(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return events as JSON: NaN as null, the streets driven left out."""
    found = []
    for row in rows.to_dict("records") if len(rows) else []:
        detail = parse_detail(row["detail"])
        detail.pop("edges", None)
        found.append(
            {
                "time_s": float(row["time_s"]),
                "kind": row["kind"],
                **{key: row[key] for key in ("incident", "unit", "facility", "service")},
                "value": _number(row["value"]),
                "detail": detail,
            }
        )
    return found


def incidents_of(opened: OpenRun) -> list[dict[str, Any]]:
    """Return every incident with its place, its needs, and when it was called, reached and over."""
    table = opened.run.incidents
    if not len(table):
        return []
    events = opened.run.events
    end: dict[str, float] = {}
    for event in records(events, *_ENDS):
        if event["kind"] != "incident_unfinished":
            end[str(event["incident"])] = float(event["time_s"])
    lon, lat = opened.degrees(table["x_m"].to_numpy(), table["y_m"].to_numpy())
    rows = table.assign(lon=lon, lat=lat).to_dict("records")
    merged: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = str(row["incident"])
        call, response = float(row["call_s"]), _number(row["response_s"])
        one = merged.setdefault(
            name,
            {
                "incident": name,
                "kind": row["kind"],
                "priority": _number(row["priority"]),
                "lon": _number(row["lon"]),
                "lat": _number(row["lat"]),
                "call_s": call,
                "reached_s": None,
                "end_s": end.get(name),
                "outcome": row["outcome"],
                "services": [],
            },
        )
        reached = None if response is None else call + response
        if reached is not None:
            one["reached_s"] = (
                reached if one["reached_s"] is None else min(one["reached_s"], reached)
            )
        one["services"].append(
            {
                "service": row["service"],
                "response_s": response,
                "target_s": _number(row["target_s"]),
                "within_target": bool(row["within_target"]),
                "unit": row["unit"],
            }
        )
    return list(merged.values())


def _number(value: Any) -> float | None:  # noqa: ANN401 - a cell of a table
    number = float(value)
    return number if math.isfinite(number) else None
