"""The charts beside the map; all of them share its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import plotly.graph_objects as go
from dash import dcc

from dash_app.viewer.texts import say
from twin.language import label, short_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

__all__ = [
    "COLOURS",
    "PLAIN",
    "chart",
    "depth_chart",
    "depth_names",
    "profile_chart",
    "series_chart",
    "time_axis",
    "vehicle_lines",
]

#: Distinct in lightness as well as in hue (Okabe & Ito, 2008).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
DASHES = ("solid", "dash", "dot", "dashdot")
PLAIN: dict[str, Any] = {"displayModeBar": False, "responsive": True, "showSendToCloud": False}


def time_axis(start: pd.Timestamp, times_s: Sequence[float]) -> list[str]:
    """Return local times of the city, without a zone, so that no browser shifts them."""
    local = start.tz_localize(None)
    return [(local + pd.Timedelta(seconds=float(t))).isoformat() for t in times_s]


def chart(
    figure: go.Figure, language: str, *, height: int = 170, of_time: bool = True
) -> Component:
    """Return a chart; one over time takes the map's time and gives it."""
    figure.update_layout(
        height=height,
        margin={"l": 40, "r": 10, "t": 8, "b": 28},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "Noto Sans, sans-serif", "size": 11.5},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 11}},
        hovermode="x unified" if of_time else "closest",
        dragmode=False,
        separators=",." if language == "vi" else ".,",
    )
    figure.update_xaxes(showgrid=False, zeroline=False, fixedrange=True, ticks="outside")
    if of_time:
        figure.update_xaxes(tickformat="%H:%M\n%d/%m", hoverformat="%d/%m %H:%M")
    figure.update_yaxes(
        zeroline=False, fixedrange=True, rangemode="tozero" if of_time else "normal"
    )
    return dcc.Graph(
        figure=figure,
        config=PLAIN,
        className="chart time-chart" if of_time else "chart",
        style={"height": f"{height}px"},
    )


def series_chart(
    start: pd.Timestamp,
    times_s: Sequence[float],
    lines: Mapping[str, Sequence[float | None]],
    language: str,
    *,
    height: int = 180,
    fill_first: bool = False,
) -> Component:
    """Return several series over time; they differ in colour and in dashes."""
    figure = go.Figure()
    axis = time_axis(start, times_s)
    for place, (name, values) in enumerate(lines.items()):
        figure.add_scatter(
            x=axis,
            y=list(values),
            name=name,
            mode="lines",
            line={
                "color": COLOURS[place % len(COLOURS)],
                "width": 1.8,
                "dash": DASHES[place % len(DASHES)],
            },
            fill="tozeroy" if fill_first and not place else None,
        )
    figure.update_layout(showlegend=len(lines) > 1)
    return chart(figure, language, height=height)


def depth_chart(start: pd.Timestamp, place: Mapping[str, Any], language: str) -> Component:
    """Return the depth at one place over time."""
    name = say("field.depth", language)
    return series_chart(
        start, place["times_s"], {name: place["depth_m"]}, language, height=180, fill_first=True
    )


def profile_chart(found: Mapping[str, Any], language: str, *, at: str) -> Component:
    """Return ground and water along a line."""
    along = found["distance_m"]
    figure = go.Figure()
    figure.add_scatter(
        x=along,
        y=found["max_level_m"],
        name=say("level_max", language),
        mode="lines",
        line={"color": COLOURS[5], "width": 1.4, "dash": "dot"},
    )
    if "level_m" in found:
        figure.add_scatter(
            x=along,
            y=found["level_m"],
            name=say("level_now", language, time=at),
            mode="lines",
            line={"color": COLOURS[0], "width": 2},
        )
    figure.add_scatter(
        x=along,
        y=found["ground_m"],
        name=say("ground", language),
        mode="lines",
        line={"color": "#8a7355", "width": 1.6},
    )
    figure.update_xaxes(title={"text": say("metres_along", language), "standoff": 4})
    figure.update_yaxes(title={"text": "m", "standoff": 4})
    shown = chart(figure, language, height=240, of_time=False)
    figure.update_layout(margin={"l": 48, "b": 40})
    return shown


def depth_names(thresholds_m: Sequence[float], language: str) -> list[str]:
    """Return how thresholds are called in legends."""
    return [f"≥ {short_number(value, language)} m" for value in thresholds_m]


def vehicle_lines(roads: Mapping[str, Sequence[float]], language: str) -> dict[str, Any]:
    """Return closed kilometres by the name of the vehicle."""
    prefix = "closed_km_"
    return {
        label("vehicle", name.removeprefix(prefix), language): values
        for name, values in roads.items()
        if name.startswith(prefix)
    }
