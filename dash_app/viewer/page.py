"""The viewer of one run: the map with its time, and the panel beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html, no_update

from dash_app.context import current
from dash_app.pages import Page
from dash_app.results.fields import field_specs_of
from dash_app.results.scene import bounds_of
from dash_app.results.sharing import opened_runs, preparer_of
from dash_app.shell import message_page
from dash_app.viewer.controls import map_area, now_cards, playback
from dash_app.viewer.figures import depth_names, series_chart, vehicle_lines
from dash_app.viewer.panels import banner, data_panel, figure_cards, layer_names
from dash_app.viewer.selected import selected_panel
from dash_app.viewer.texts import BROWSER_KEYS, say
from dash_app.web_assets import MAP_STYLES, is_built
from models.errors import TwinError
from twin.language import LANGUAGES, label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from dash_app.backend import TwinDash
    from dash_app.context import Context
    from dash_app.results.opened import OpenRun

__all__ = ["PAGE", "layout", "register"]

PAGE = Page(
    key="viewer",
    path="/runs/{run_id}",
    title=("Kết quả", "Results"),
    icon="play",
    full_bleed=True,
)

_MOUNT = """
async (config) => {
  if (!config) return window.dash_clientside.no_update;
  const { mountViewer } = await import('/web/viewer.js');
  return await mountViewer(config);
}
"""
_STYLES = (*MAP_STYLES, "/web/viewer.css")


def layout(context: Context, run_id: str) -> Component:
    """Return the page of a run, or what is the matter with it."""
    if not is_built():
        return message_page(context, "not_built")
    try:
        opened = opened_runs(context.services).get(run_id)
    except TwinError as error:
        return _trouble(context, run_id, error)
    run, language = opened.run, context.language
    fields = [name for name in field_specs_of(opened) if name != "water"]
    has_calls = bool(run.kpis.get("incidents"))
    shown = {
        "flooded": opened.grid is not None,
        "people": opened.grid is not None,
        "closed": bool(opened.vehicles),
        "calls": has_calls,
    }
    return html.Div(
        id="viewer",
        className="viewer",
        children=[
            *(html.Link(rel="stylesheet", href=path) for path in _STYLES),
            dcc.Store(id="viewer-config", data=_config(opened, context)),
            dcc.Store(id="viewer-mounted"),
            dcc.Store(id="viewer-time"),
            dcc.Store(id="viewer-pick"),
            dcc.Store(id="viewer-course"),
            html.H1(_title(run.manifest, language), className="unseen"),
            html.Div(
                className="viewer-main",
                children=[
                    banner(run, language),
                    map_area(language, fields, opened.vehicles),
                    playback(language),
                ],
            ),
            html.Aside(
                className="viewer-panel",
                children=[now_cards(language, shown), _tabs(opened, context)],
                **{"aria-label": say("tab_overview", language)},
            ),
        ],
    )


def _title(manifest: Mapping[str, Any], language: str) -> str:
    scenario = manifest.get("scenario")
    named: dict[str, Any] = scenario if isinstance(scenario, dict) else {"name": str(scenario)}
    title = named.get("title") or {}
    return str(title.get(language) or title.get("en") or named.get("name", ""))


def _config(opened: OpenRun, context: Context) -> dict[str, Any]:
    run, language = opened.run, context.language
    city = run.manifest.get("city") or {}
    place = LANGUAGES.index(language)
    texts = {key: say.sentences[key][place] for key in BROWSER_KEYS}
    texts |= {f"vehicle.{name}": label("vehicle", name, language) for name in opened.vehicles}
    kinds = set(run.incidents["kind"]) if len(run.incidents) else set()
    texts |= {f"incident.{kind}": label("incident", kind, language) for kind in kinds}
    licences = sorted(
        {
            entry.get("licence", "")
            for entry in run.provenance.values()
            if entry.get("licence", "") not in {"", "none", "unknown"}
        }
    )
    lines = [f"{run.id} · {run.digest[:12]} · {'; '.join(licences)}".strip(" ·")]
    if run.assumed:
        names = layer_names(sorted(run.assumed), language)
        lines.insert(0, say("assumed_banner", language, layers=names))
    return {
        "run": run.id,
        "language": language,
        "title": _title(run.manifest, language),
        "bounds": bounds_of(opened),
        "city_url": f"/api/v1/cities/{city['digest']}" if city.get("digest") else None,
        "texts": texts,
        "credits": lines,
        "state": say("state_finished", language),
    }


def _tabs(opened: OpenRun, context: Context) -> Component:
    language = context.language
    names = ("overview", "selected", "units", "data")
    panels: dict[str, list[Component]] = {
        "overview": [
            html.H2(say("whole", language), className="panel-title"),
            html.Div(figure_cards(opened.run, language), className="figure-cards"),
            html.Div(html.P(say("counting", language), className="hint"), id="viewer-charts"),
        ],
        "selected": [
            dcc.Loading(
                html.Div(
                    html.P(say("nothing_selected", language), className="hint"),
                    id="viewer-selected",
                ),
                delay_show=400,
                type="dot",
            )
        ],
        "units": [
            html.Div(id="viewer-unit-legend", className="units-legend"),
            html.Div(id="viewer-units", className="unit-list"),
        ],
        "data": data_panel(opened.run, context),
    }
    return dmc.Tabs(
        value="overview",
        id="viewer-tabs",
        keepMounted=True,
        children=[
            dmc.TabsList(
                [
                    dmc.TabsTab(say(f"tab_{name}", language), value=name, id=f"viewer-tab-{name}")
                    for name in names
                ]
            ),
            *(dmc.TabsPanel(panels[name], value=name, className="panel-body") for name in names),
        ],
    )


def _trouble(context: Context, run_id: str, error: TwinError) -> Component:
    language = context.language
    unfinished = error.what == "the run is not finished"
    missing = error.what.startswith("there is no such")
    key = "not_finished" if unfinished else "no_run" if missing else "damaged"
    why = say(f"{key}_why", language) if f"{key}_why" in say.sentences else str(error)
    return dmc.Center(
        className="message-page",
        children=dmc.Stack(
            [
                dmc.Title(say(key, language), order=1, size="h2"),
                dmc.Text(run_id, ff="monospace", size="sm"),
                dmc.Text(why, c="dimmed", maw=480, ta="center"),
                dmc.Anchor(say("to_runs", language), href=context.href("/runs"), fw=600),
            ],
            align="center",
            gap="sm",
        ),
    )


def register(dash: TwinDash) -> None:
    """Add the callbacks: the map starts in the browser, the panel follows what is clicked."""
    dash.clientside_callback(
        _MOUNT, Output("viewer-mounted", "data"), Input("viewer-config", "data")
    )

    @dash.callback(
        Output("viewer-selected", "children"),
        Input("viewer-pick", "data"),
        State("viewer-config", "data"),
        prevent_initial_call=True,
    )
    def select(pick: dict[str, Any] | None, config: dict[str, Any]) -> Any:  # noqa: ANN401 - components
        context = current()
        language = str(config.get("language"))
        if language not in LANGUAGES:
            language = context.language
        try:
            opened = opened_runs(context.services).get(str(config["run"]))
            return selected_panel(opened, preparer_of(context.services), pick, language)
        except TwinError as error:
            return html.P(str(error), className="hint", role="alert")

    @dash.callback(
        Output("viewer-charts", "children"),
        Input("viewer-course", "data"),
        State("viewer-config", "data"),
        prevent_initial_call=True,
    )
    def draw(course: dict[str, Any] | None, config: dict[str, Any]) -> Any:  # noqa: ANN401 - components
        if not course:
            return no_update
        opened = opened_runs(current().services).get(str(config["run"]))
        return _charts(opened, course, str(config["language"]))


def _charts(opened: OpenRun, course: Mapping[str, Any], language: str) -> list[Component]:
    start = opened.run.start
    parts: list[Component] = []
    water = course.get("water")
    if water:
        names = depth_names(water["thresholds_m"], language)
        hectares = [[v / 1e4 for v in row] for row in water["flooded_area_m2"]]
        parts += [
            html.Div(say("chart_flooded", language), className="chart-title"),
            series_chart(
                start, water["times_s"], dict(zip(names, hectares, strict=True)), language
            ),
        ]
        if water.get("people"):
            people = dict(zip(names, water["people"], strict=True))
            parts += [
                html.Div(say("chart_people", language), className="chart-title"),
                series_chart(start, water["times_s"], people, language),
            ]
    roads = course.get("roads") or {}
    if roads.get("time_s"):
        parts += [
            html.Div(say("chart_closed", language), className="chart-title"),
            series_chart(start, roads["time_s"], vehicle_lines(roads, language), language),
        ]
    gauges = opened.run.gauges
    levels = {
        str(name).removesuffix("_level_m"): gauges[name].tolist()
        for name in gauges.columns
        if str(name).endswith("_level_m")
    }
    if levels:
        parts += [
            html.Div(say("chart_gauge", language), className="chart-title"),
            series_chart(start, gauges["time_s"].tolist(), levels, language),
        ]
    if parts:
        parts.append(html.P(say("chart_click", language), className="where"))
    return parts
