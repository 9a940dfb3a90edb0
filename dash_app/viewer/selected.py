"""What was clicked on the map: a place, two places, a vehicle, a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from dash import html

from dash_app.results.places import place_of, profile_of
from dash_app.results.tracks import event_rows, incidents_of, mission_of
from dash_app.viewer.events import event_text
from dash_app.viewer.figures import depth_chart, profile_chart
from dash_app.viewer.texts import say
from twin.language import label, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

    from dash_app.results.opened import OpenRun
    from dash_app.results.prepared import Preparer

__all__ = ["selected_panel"]


def selected_panel(
    opened: OpenRun, preparer: Preparer, pick: Mapping[str, Any] | None, language: str
) -> list[Component]:
    """
    Return what is known of what was clicked.

    Parameters
    ----------
    opened, preparer
        The run, and what was prepared of it.
    pick
        ``kind`` (place, unit or incident) with ``points``, ``unit`` or ``incident``; None where
        nothing was clicked yet.
    language
        ``vi`` or ``en``.
    """
    kind = (pick or {}).get("kind")
    if pick is None or kind not in {"place", "unit", "incident"}:
        return [html.P(say("nothing_selected", language), className="hint")]
    if kind == "unit":
        unit = str(pick.get("unit", ""))
        rows = mission_of(opened, unit)
        title = html.H3(say("unit_log", language, unit=unit))
        return [title, _log(opened, rows, language)]
    if kind == "incident":
        return _incident(opened, str(pick.get("incident", "")), language)
    points = [(float(p["lon"]), float(p["lat"])) for p in pick.get("points", [])][:2]
    if len(points) == 2:
        return _profile(opened, points, pick.get("time_s"), language)
    return [
        *_place(opened, preparer, points[0], str(pick.get("facility") or ""), language),
        *_beds(opened, str(pick.get("facility_id") or ""), pick.get("time_s"), language),
    ]


def _place(
    opened: OpenRun,
    preparer: Preparer,
    point: tuple[float, float],
    name: str,
    language: str,
) -> list[Component]:
    found = place_of(opened, preparer, *point)
    title = html.H3(name or say("place", language))
    where = html.P(f"{point[1]:.5f}, {point[0]:.5f}", className="where")
    if not found["inside"]:
        return [title, where, html.P(say("outside", language), className="hint")]
    start = opened.run.start

    def at(seconds: float | None) -> str:
        if seconds is None:
            return "\N{EN DASH}"
        return f"{start + pd.Timedelta(seconds=seconds):%H:%M}"

    hours = found["duration_s"]
    rows = [
        ("p_ground", f"{number(found['ground_m'], language, 2)} m"),
        ("p_max", f"{number(found['max_depth_m'], language, 2)} m, {at(found['time_of_max_s'])}"),
        ("p_arrival", at(found["arrival_s"])),
        (
            "p_duration",
            "\N{EN DASH}" if hours is None else f"{number(hours / 3600.0, language, 1)} h",
        ),
        ("p_speed", f"{number(found['max_speed_m_s'], language, 2)} m/s"),
    ]
    if found["hazard_class"] is not None and found["hazard_class"] >= 0:
        rows.append(("p_hazard", say(f"hazard_class.{int(found['hazard_class'])}", language)))
    cell = say(
        "p_cell",
        language,
        size=f"{found['cell_size_m']:g}",
        row=found["row"],
        column=found["column"],
    )
    warnings = []
    if found["water"]:
        warnings.append(html.P(say("p_water", language), className="hint"))
    if found["assumed_ground"]:
        warnings.append(html.P(say("assumed_ground", language), className="assumed-note"))
    return [
        title,
        where,
        html.Div(say("chart_depth", language), className="chart-title"),
        depth_chart(start, found, language),
        html.Dl(
            [html.Div([html.Dt(say(key, language)), html.Dd(value)]) for key, value in rows],
            className="run-facts",
        ),
        *warnings,
        html.P(cell, className="where"),
    ]


def _beds(opened: OpenRun, hospital: str, time_s: float | None, language: str) -> list[Component]:
    """Return how many beds of a hospital are free at a moment, where the run tells."""
    events = opened.run.events
    if not hospital or time_s is None or not len(events):
        return []
    told = events[
        events["kind"].isin(["bed_taken", "bed_freed"]) & (events["facility"] == hospital)
    ]
    before = told[told["time_s"] <= time_s]
    if not len(before):
        return []
    at = f"{opened.run.start + pd.Timedelta(seconds=time_s):%H:%M}"
    beds = number(float(before["value"].iloc[-1]), language)
    row = html.Div([html.Dt(say("p_beds", language, time=at)), html.Dd(beds)])
    return [html.Dl(row, className="run-facts")]


def _profile(
    opened: OpenRun,
    points: Sequence[tuple[float, float]],
    time_s: float | None,
    language: str,
) -> list[Component]:
    found = profile_of(opened, points[0], points[1], time_s)
    at = ""
    if "time_s" in found:
        at = f"{opened.run.start + pd.Timedelta(seconds=found['time_s']):%H:%M}"
    datum = str((opened.run.manifest.get("city") or {}).get("vertical_datum", ""))
    length = f"{number(found['length_m'], language)} m"
    return [
        html.H3(f"{say('chart_profile', language)} · {length}"),
        profile_chart(found, language, at=at),
        html.P(say("above", language, datum=datum), className="where"),
    ]


def _incident(opened: OpenRun, name: str, language: str) -> list[Component]:
    found = next((one for one in incidents_of(opened) if one["incident"] == name), None)
    title = html.H3(say("incident_log", language, incident=name))
    if found is None:
        return [title]
    lines = [html.P(label("incident", found["kind"], language), className="where")]
    for service in found["services"]:
        said = (
            say("not_reached", language)
            if service["response_s"] is None
            else say(
                "response", language, minutes=number(service["response_s"] / 60.0, language, 1)
            )
        )
        lines.append(html.P(f"{label('service', service['service'], language)}: {said}"))
    events = opened.run.events
    rows = event_rows(events[events["incident"] == name])
    return [title, *lines, _log(opened, rows, language)]


def _log(opened: OpenRun, rows: Sequence[Mapping[str, Any]], language: str) -> Component:
    start = opened.run.start
    entries = []
    for row in rows:
        said = event_text(row, language)
        if said:
            moment = f"{start + pd.Timedelta(seconds=row['time_s']):%H:%M:%S}"
            entries.append(
                html.Li(
                    [
                        html.Button(
                            moment,
                            type="button",
                            className="log-time",
                            **{"data-act": f"time:{row['time_s']:.0f}"},
                        ),
                        html.Span(said),
                    ]
                )
            )
    if not entries:
        return html.P(say("log_empty", language), className="hint")
    return html.Ol(entries, className="log")
