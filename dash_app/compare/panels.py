"""The panel of the comparison: figures, response times, what differs first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from dash import html

from dash_app.compare.texts import say
from dash_app.viewer.figures import COLOURS, chart
from twin.language import label, number
from twin.results.compare import compare_notes, compare_runs, figure_name, figure_scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from twin.results.compare import Figure
    from twin.results.open import Run

__all__ = ["causes_panel", "figures_panel", "response_panel"]

_MOST_CALLS = 12


def figures_panel(first: Run, second: Run, language: str) -> list[Component]:
    """Return the figures of both runs with their changes, and what makes them hard to compare."""
    notes = compare_notes(first, second, language)
    rows = [_row(figure, language) for figure in compare_runs(first, second)]
    head = [say(key, language) for key in ("figure", "first", "second", "change")]
    return [
        html.Ul([html.Li(note) for note in notes], className="assumed-note compare-notes")
        if notes
        else None,
        html.Table(
            [html.Thead(html.Tr([html.Th(text) for text in head])), html.Tbody(rows)],
            className="compare-table",
        ),
    ]


def _row(figure: Figure, language: str) -> Component:
    scale, unit, decimals = figure_scale(figure)
    values = [
        number(None if value is None else value * scale, language, decimals)
        for value in (figure.first, figure.second)
    ]
    change, kind = _change(figure, language, scale, decimals)
    name = figure_name(figure, language) + (f", {unit}" if unit else "")
    said = (
        {"worse": "\N{BALLOT X} ", "better": "\N{CHECK MARK} "}.get(kind, "")
        if figure.worse
        else ""
    )
    title = say(kind, language) if kind else None
    return html.Tr(
        [
            html.Th(name, scope="row"),
            *(html.Td(value) for value in values),
            html.Td(f"{said}{change}" if kind else change, className=f"delta {kind}", title=title),
        ]
    )


def _change(figure: Figure, language: str, scale: float, decimals: int) -> tuple[str, str]:
    change = figure.difference
    if change is None:
        return "\N{EN DASH}", ""
    shown = number(abs(change * scale), language, decimals)
    if not any(digit in shown for digit in "123456789"):
        return "0", ""
    sign = "+" if change > 0 else "\N{MINUS SIGN}"
    worse = figure.worse * change
    return f"{sign}{shown}", "worse" if worse > 0 else "better" if worse < 0 else ""


def response_panel(first: Run, second: Run, language: str) -> list[Component]:
    """Return the distributions of response times, and the calls that change most."""
    if not len(first.incidents) or not len(second.incidents):
        return [html.P(say("no_calls", language), className="hint")]
    parts: list[Component] = []
    services = sorted(set(first.incidents["service"]) | set(second.incidents["service"]))
    for service in [name for name in services if name]:
        parts += [
            html.Div(
                f"{label('service', service, language)}: {say('response', language)}",
                className="chart-title",
            ),
            _distribution(first, second, service, language),
        ]
    parts.append(html.P(say("response_note", language), className="where"))
    return [*parts, *_changed_calls(first, second, language)]


def _distribution(first: Run, second: Run, service: str, language: str) -> Component:
    figure = go.Figure()
    for place, (name, run) in enumerate((("A", first), ("B", second))):
        calls = run.incidents[run.incidents["service"] == service]["response_s"]
        reached = np.sort(calls.to_numpy(np.float64)[np.isfinite(calls.to_numpy(np.float64))])
        share = 100.0 * np.arange(1, reached.size + 1) / max(1, len(calls))
        figure.add_scatter(
            x=np.concatenate([[0.0], reached / 60.0]).tolist(),
            y=np.concatenate([[0.0], share]).tolist(),
            name=f"{name} ({reached.size}/{len(calls)})",
            mode="lines",
            line={
                "shape": "hv",
                "color": COLOURS[place],
                "width": 2,
                "dash": "solid" if not place else "dash",
            },
        )
    figure.update_yaxes(range=[0, 100], ticksuffix=" %")
    figure.update_xaxes(rangemode="tozero")
    return chart(figure, language, height=190, of_time=False)


def _changed_calls(first: Run, second: Run, language: str) -> list[Component]:
    keys = ["incident", "service"]
    both = first.incidents.merge(second.incidents, on=keys, suffixes=("_a", "_b"))
    a, b = both["response_s_a"].to_numpy(np.float64), both["response_s_b"].to_numpy(np.float64)
    lost = np.isnan(a) != np.isnan(b)
    weight = np.where(lost, 1e12, np.abs(np.nan_to_num(b - a)))
    order = np.argsort(-weight, kind="stable")[:_MOST_CALLS]
    order = order[weight[order] >= 30.0]
    if not order.size:
        return []

    def minutes(value: float) -> str:
        if not np.isfinite(value):
            return say("not_reached", language)
        return number(value / 60.0, language, 1)

    rows = [
        html.Tr(
            [
                html.Th(f"{both['incident'].iloc[k]} · {_kind(both, k, language)}", scope="row"),
                html.Td(minutes(a[k])),
                html.Td(minutes(b[k])),
            ]
        )
        for k in order
    ]
    head = html.Tr([html.Th(say("call", language)), html.Th("A (min)"), html.Th("B (min)")])
    return [
        html.H3(say("pairs", language)),
        html.Table([html.Thead(head), html.Tbody(rows)], className="compare-table"),
    ]


def _kind(both: pd.DataFrame, row: int, language: str) -> str:
    return label("incident", str(both["kind_a"].iloc[row]), language)


def causes_panel(
    found: Sequence[tuple[float, str]], start: pd.Timestamp, language: str
) -> list[Component]:
    """Return what differs first, in order of time; a time is a button that goes there."""
    if not found:
        return [html.P(say("no_difference", language), className="hint")]
    entries: list[Any] = [
        html.Li(
            [
                html.Button(
                    f"{start + pd.Timedelta(seconds=at):%H:%M}",
                    type="button",
                    className="log-time",
                    **{"data-act": f"time:{at:.0f}"},
                ),
                html.Span(said),
            ]
        )
        for at, said in found
    ]
    return [
        html.P(say("causes_note", language), className="where"),
        html.Ol(entries, className="log"),
    ]
