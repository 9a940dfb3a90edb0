"""The callbacks that show what the draft says: changes, forms, curves, lists, YAML, the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Input, Output, State, html, no_update

from dash_app.context import current
from dash_app.editor.city import city_digest, read_facts
from dash_app.editor.curves import figure_of, rain_figure, read_scenario, steps_of, tide_figure
from dash_app.editor.fields import path_of, read
from dash_app.editor.listing import (
    change_rows,
    entries,
    problem_list,
    structure_list,
    table,
    unit_list,
)
from dash_app.editor.looking import choices
from dash_app.editor.panels import rain_kind
from dash_app.editor.session import load
from dash_app.editor.sketch import sketch_of
from dash_app.editor.texts import say
from models.errors import TwinError
from twin.editing import problems_of, value_at
from twin.language import short_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash_app.backend import TwinDash
    from dash_app.editor.city import CityFacts
    from twin.editing import Draft, StoredDraft

__all__ = ["register"]

_SERIES = {"extremes": "levels_m", "series": "levels_m"}


def register(dash: TwinDash) -> None:  # noqa: C901 - the callbacks stand in it
    """Add the callbacks that follow ``edit-state``."""

    @dash.callback(
        Output("edit-changes", "children"),
        Output({"type": "eb", "do": "undo", "arg": ""}, "disabled"),
        Output({"type": "eb", "do": "redo", "arg": ""}, "disabled"),
        Output("edit-saved", "children"),
        Output("edit-problems", "children"),
        Output("edit-sketch", "data"),
        Output("edit-find", "data"),
        Input("edit-state", "data"),
    )
    def show_changes(state: Any) -> Any:  # noqa: ANN401 - components
        context = current()
        stored, facts = _opened(state)
        if stored is None:
            return (no_update,) * 7
        draft, language = stored.draft, context.language
        text = stored.typed or draft.yaml
        may = context.may("planner")
        return (
            change_rows(draft, facts.names if facts else {}, language, may=may),
            not (draft.past and may),
            not (draft.future and may),
            say("saved" if stored.key else "unsaved", language),
            problem_list(problems_of(text, name=draft.base.name), language),
            sketch_of(draft.document, facts, language),
            choices(stored, facts, language),
        )

    @dash.callback(
        Output({"type": "ef", "path": ALL}, "value"),
        Output({"type": "ef", "path": ALL}, "error"),
        Input("edit-state", "data"),
        State({"type": "ef", "path": ALL}, "id"),
    )
    def show_fields(state: Any, ids: list[dict[str, str]]) -> Any:  # noqa: ANN401 - values
        stored, _ = _opened(state)
        if stored is None:
            return [no_update] * len(ids), [no_update] * len(ids)
        language = current().language
        wrong = {p.path: p.message[language] for p in problems_of(stored.draft.yaml)}
        paths = [path_of(key["path"]) for key in ids]
        document = stored.draft.document
        return (
            [read(path, document) for path in paths],
            [wrong.get(_numbered(path, document), False) for path in paths],
        )

    @dash.callback(
        Output("edit-tide", "figure"),
        Output("edit-tide-none", "hidden"),
        Output("edit-tide-some", "hidden"),
        Output("edit-tide-points", "children"),
        Output("edit-rain", "figure"),
        Output("edit-rain-box", "hidden"),
        Output("edit-rain-kind", "value"),
        Output("edit-rain-kind", "data"),
        Output("edit-rain-storm", "hidden"),
        Output("edit-rain-steps", "children"),
        Output("edit-rain-factor", "hidden"),
        Output("edit-rain-total", "children"),
        Input("edit-state", "data"),
    )
    def show_forcing(state: Any) -> Any:  # noqa: ANN401 - components
        stored, _ = _opened(state)
        if stored is None:
            return (no_update,) * 12
        return (*_tide(stored.draft), *_rain(stored.draft))

    @dash.callback(
        Output("edit-structures", "children"),
        Output("edit-fleet", "children"),
        Output("edit-incidents", "children"),
        Output("edit-timeline", "children"),
        Input("edit-state", "data"),
    )
    def show_lists(state: Any) -> Any:  # noqa: ANN401 - components
        stored, facts = _opened(state)
        if stored is None:
            return (no_update,) * 4
        language = current().language
        document, names = stored.draft.document, facts.names if facts else {}
        return (
            structure_list(document, language),
            unit_list(document, names, language),
            [
                *entries(("incidents", "listed"), document, names, language),
                *entries(("gauges",), document, names, language),
            ],
            [
                *entries(("closures",), document, names, language),
                *entries(
                    ("timeline",),
                    document,
                    names,
                    language,
                    empty="" if document.get("closures") else say("no_commands", language),
                ),
            ],
        )

    @dash.callback(
        Output("edit-yaml", "value"),
        Output("edit-gutter", "children"),
        Output("edit-yaml", "error"),
        Input("edit-state", "data"),
        prevent_initial_call=False,
    )
    def show_yaml(state: Any) -> Any:  # noqa: ANN401 - components
        stored, _ = _opened(state)
        if stored is None:
            return no_update, no_update, no_update
        language = current().language
        text = stored.typed or stored.draft.yaml
        wrong = {p.line: p.message[language] for p in problems_of(text) if p.line}
        lines = [
            html.Span(f"{n}\n", className="wrong" if n in wrong else "", title=wrong.get(n, ""))
            for n in range(1, text.count("\n") + 2)
        ]
        kept = say("yaml_kept", language) if stored.typed else False
        return (no_update if state.get("by") == "yaml" else text), lines, kept

    @dash.callback(
        Output("edit-yaml-pane", "hidden"),
        Output("edit-changes", "hidden"),
        Input("edit-tab", "value"),
    )
    def show_tab(tab: str) -> tuple[bool, bool]:
        return tab != "yaml", tab == "yaml"

    dash.clientside_callback(
        ClientsideFunction("editor", "show"),
        Output("edit-stir", "data"),
        Input("edit-sketch", "data"),
        Input("edit-selected", "data"),
        Input("edit-state", "data"),
    )


def _opened(state: Mapping[str, Any]) -> tuple[StoredDraft | None, CityFacts | None]:
    context = current()
    try:
        stored = load(context.services, state)
    except TwinError:
        return None, None
    digest = city_digest(context.services, stored.draft.document, stored.city)
    return stored, read_facts(context.services, digest)


def _numbered(path: tuple[str | int, ...], document: Any) -> tuple[str | int, ...]:  # noqa: ANN401 - a document
    """Return a path with numbers of entries in place of their names, as problems have it."""
    found: list[str | int] = []
    for depth, step in enumerate(path):
        here = value_at(document, path[:depth])
        if isinstance(here, list) and isinstance(step, str):
            names = [i.get("id", i.get("name")) if isinstance(i, dict) else None for i in here]
            found.append(names.index(step) if step in names else step)
        else:
            found.append(step)
    return tuple(found)


def _tide(draft: Draft) -> tuple[Any, ...]:
    language = current().language
    has = "tide" in draft.document
    before, after = read_scenario(draft.base.text, None), read_scenario(draft.yaml, None)
    figure = tide_figure(before, after, language) if has else None
    points: list[Any] = []
    tide = draft.document.get("tide")
    for form, column in _SERIES.items():
        group = tide.get(form) if isinstance(tide, dict) else None
        if isinstance(group, dict) and "csv" in group:
            name = str(group["csv"].get("file", "")) if isinstance(group["csv"], dict) else ""
            points = [html.P(say("in_file", language, file=name), className="editor-note")]
        elif isinstance(group, dict):
            titles = {"times": say("column.time", language), column: say("column.level", language)}
            rows = table(("tide", form), titles, draft.document, language)
            points = [html.Details([html.Summary(say("tide_points", language)), *rows])]
    if isinstance(tide, dict) and isinstance(tide.get("harmonic"), dict):
        points = _constituents(draft, language)
    return figure or figure_of([], unit="m"), has, not has, points


def _constituents(draft: Draft, language: str) -> list[Any]:
    """Return the harmonic constituents as fields."""
    from dash_app.editor.fields import control  # noqa: PLC0415 - as the table needs it alone

    found = value_at(draft.document, ("tide", "harmonic", "constituents"))
    names = [c["name"] for c in found if isinstance(c, dict) and "name" in c] if found else []
    path = ("tide", "harmonic", "constituents")
    rows = [
        html.Div(
            [
                control((*path, str(name), part), draft.document, language)
                for part in ("amplitude_m", "phase_deg")
            ],
            className="pairs",
        )
        for name in names[:20]
    ]
    return [
        html.Details(
            [
                html.Summary(say("tide_form.harmonic", language)),
                *[
                    html.Div([html.Strong(str(name)), row])
                    for name, row in zip(names, rows, strict=False)
                ],
            ]
        )
    ]


def _rain(draft: Draft) -> tuple[Any, ...]:
    language = current().language
    rain = draft.document.get("rain")
    kind = rain_kind(draft.document)
    before, after = read_scenario(draft.base.text, None), read_scenario(draft.yaml, None)
    drawn = kind == "drawn" and isinstance(rain, dict) and _inline(rain)
    figure = rain_figure(before, after, language, handles=drawn)
    titles = {"times": say("column.time", language), "rates_mm_h": say("column.rate", language)}
    steps: list[Any] = []
    if drawn:
        rows = table(("rain", "hyetograph"), titles, draft.document, language)
        steps = [html.P(say("rain_drag", language), className="editor-note"), *rows]
    total = ""
    found = None if after is None else steps_of(after)
    if found is not None:
        times, rates = found
        depth = float((rates[:-1] * (times[1:] - times[:-1])).sum()) / 3600.0
        total = say(
            "storm_total",
            language,
            total=short_number(depth, language, 0),
            peak=short_number(float(rates.max()), language, 0),
        )
    kinds = ["none", "storm", "drawn", *(["data"] if kind == "data" else [])]
    data = [{"value": k, "label": say(f"rain.{k}", language)} for k in kinds]
    shown = figure or figure_of([], unit="mm/h")
    return shown, figure is None, kind, data, kind != "storm", steps, kind == "none", total


def _inline(rain: Mapping[str, Any]) -> bool:
    group = rain.get("hyetograph")
    return isinstance(group, dict) and "times" in group
