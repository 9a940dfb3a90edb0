"""Rain and tide of a draft as curves, before and after."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dash_app.editor.texts import say
from models.errors import TwinError
from scenarios import Scenario
from scenarios.schema import SetTideOffset
from twin.engine.setup_forcing import level_series
from twin.engine.setup_rain import hyetograph

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GRAPH", "figure_of", "rain_figure", "read_scenario", "steps_of", "tide_figure"]

#: What every graph of the editor says to plotly: nothing leaves the machine.
GRAPH = {
    "showSendToCloud": False,
    "displayModeBar": False,
    "scrollZoom": False,
    "doubleClick": False,
}

_INK, _GRID = "#8795a1", "rgba(135,149,161,0.22)"
_BEFORE, _AFTER, _RAIN = "#8795a1", "#0c8599", "#1c7ed6"


@lru_cache(maxsize=32)
def read_scenario(yaml: str, base: str | None) -> Scenario | None:
    """Return a scenario with its files read, or None where it is not valid or they are not here."""
    folder = None if base is None else Path(base)
    try:
        return Scenario.parse(yaml, base=folder).resolve(confined=True)
    except TwinError:
        return None


def figure_of(traces: list[dict[str, Any]], *, unit: str) -> dict[str, Any]:
    """Return a figure in the colours of both themes."""
    axis = {"gridcolor": _GRID, "zerolinecolor": _GRID, "tickfont": {"color": _INK, "size": 11}}
    return {
        "data": traces,
        "layout": {
            "autosize": True,
            "margin": {"l": 38, "r": 8, "t": 8, "b": 24},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "showlegend": False,
            "dragmode": False,
            "hovermode": "x unified",
            "hoverlabel": {"font": {"size": 12}},
            "font": {"family": "Noto Sans, sans-serif"},
            "xaxis": {**axis, "type": "date", "fixedrange": True, "tickformat": "%H:%M"},
            "yaxis": {
                **axis,
                "fixedrange": True,
                "title": {"text": unit, "font": {"color": _INK, "size": 11}, "standoff": 4},
            },
        },
    }


def tide_figure(
    before: Scenario | None, after: Scenario | None, language: str
) -> dict[str, Any] | None:
    """Return the level of the tide before and after; None where there is none to draw."""
    traces = []
    for scenario, key, colour, dash in (
        (before, "before", _BEFORE, "dot"),
        (after, "after", _AFTER, "solid"),
    ):
        found = None if scenario is None else _levels(scenario)
        if scenario is not None and found is not None:
            seconds, levels = found
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": say(key, language),
                    "x": _dates(scenario, seconds),
                    "y": levels.round(3).tolist(),
                    "line": {"color": colour, "width": 2.5, "dash": dash},
                    "hovertemplate": "%{y:.2f} m",
                }
            )
    return figure_of(traces, unit="m") if traces else None


def rain_figure(
    before: Scenario | None, after: Scenario | None, language: str, *, handles: bool = False
) -> dict[str, Any] | None:
    """
    Return the rain before and after; None where there is none to draw.

    With *handles*, each step of the rain after can be dragged up and down.
    """
    traces, shapes = [], []
    for scenario, key, colour in ((after, "after", _RAIN), (before, "before", _BEFORE)):
        steps = None if scenario is None else steps_of(scenario)
        if scenario is None or steps is None:
            continue
        times, rates = steps
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": say(key, language),
                "x": _dates(scenario, times),
                "y": [*rates.round(2).tolist()],
                "line": {
                    "color": colour,
                    "width": 2 if key == "after" else 1.5,
                    "shape": "hv",
                    "dash": "solid" if key == "after" else "dot",
                },
                "fill": "tozeroy" if key == "after" else "none",
                "hovertemplate": "%{y:.1f} mm/h",
            }
        )
        if key == "after" and handles:
            dates = _dates(scenario, times)
            shapes = [
                {
                    "type": "line",
                    "x0": start,
                    "x1": end,
                    "y0": rate,
                    "y1": rate,
                    "line": {"color": "#e8590c", "width": 5},
                    "editable": True,
                }
                for start, end, rate in zip(dates, dates[1:], rates.tolist(), strict=False)
            ]
    if not traces:
        return None
    figure = figure_of(traces, unit="mm/h")
    figure["layout"]["yaxis"]["rangemode"] = "tozero"
    figure["layout"]["shapes"] = shapes
    return figure


def steps_of(scenario: Scenario) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return times, s, and rates, mm/h, of rain that is the same everywhere, else None."""
    if scenario.rain is None:
        return None
    try:
        rain = hyetograph(scenario.rain)
    except TwinError:
        return None
    times = np.asarray(rain.times_s, np.float64)
    rates = np.asarray(rain.rates_m_s, np.float64) * 3.6e6 * scenario.rain.multiplier
    if len(rates) == len(times) - 1:
        rates = np.append(rates, 0.0)
    return times, rates


def _levels(scenario: Scenario) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    if scenario.tide is None:
        return None
    end_s = scenario.duration_s
    seconds = np.linspace(0.0, end_s, 145)
    try:
        series = level_series(scenario.tide, end_s, scenario.period.start)
    except TwinError:
        return None
    levels = np.array([series.level_m(float(t)) for t in seconds])
    offsets = np.full_like(seconds, scenario.tide.offset_m)
    commands = [c for c in scenario.timeline if isinstance(c, SetTideOffset)]
    for command in sorted(commands, key=lambda c: c.at):
        offsets[seconds >= command.at] = command.offset_m
    return seconds, levels + offsets


def _dates(scenario: Scenario, seconds: NDArray[np.float64]) -> list[str]:
    start = scenario.period.start.replace(tzinfo=None)  # shown in the zone of the scenario
    return [(start + timedelta(seconds=float(s))).isoformat() for s in seconds]
