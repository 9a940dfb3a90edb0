"""Compare two runs: swipe, side by side, difference, figures, response times, first causes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html, no_update

from dash_app import library
from dash_app.compare.causes import first_differences
from dash_app.compare.panels import causes_panel, figures_panel, response_panel
from dash_app.compare.texts import BROWSER_KEYS, say
from dash_app.context import current
from dash_app.icons import icon
from dash_app.pages import Page
from dash_app.results.fields import field_specs_of
from dash_app.results.scene import bounds_of
from dash_app.results.sharing import opened_runs, preparer_of
from dash_app.shell import URL, message_page
from dash_app.viewer import texts as viewer_texts
from dash_app.viewer.controls import act, layer_picks, playback
from dash_app.viewer.panels import banner
from dash_app.web_assets import MAP_STYLES, is_built
from dash_app.wording import moment
from models.errors import TwinError
from twin.language import LANGUAGES

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dash_app.backend import TwinDash
    from dash_app.context import Context
    from dash_app.results.opened import OpenRun

__all__ = ["PAGE", "layout", "register"]

PAGE = Page(
    key="compare",
    path="/compare",
    title=("So sánh", "Compare"),
    icon="compare",
    in_navigation=True,
    query=("a", "b"),
    full_bleed=True,
)

_MOUNT = """
async (config) => {
  if (!config || !config.a) return window.dash_clientside.no_update;
  const { mountComparison } = await import('/web/compare.js');
  return await mountComparison(config);
}
"""
_STYLES = (*MAP_STYLES, "/web/viewer.css")
_VIEWS = ("swipe", "side", "difference")
_SWAP = "M7 4 3 8l4 4M3 8h14M17 12l4 4-4 4M21 16H7"


def layout(context: Context) -> Component:
    """Return the comparison of the runs ``a`` and ``b`` of the address, or a choice of them."""
    if not is_built():
        return message_page(context, "not_built")
    names = [context.query.get(side, "") for side in ("a", "b")]
    trouble = ""
    opened: list[OpenRun] = []
    if all(names):
        try:
            opened = [opened_runs(context.services).get(name) for name in names]
        except TwinError as error:
            trouble = str(error)
    styles = [html.Link(rel="stylesheet", href=path) for path in _STYLES]
    chooser = _chooser(context, names)
    if len(opened) < 2:
        return html.Div(
            [*styles, _invitation(context, chooser, trouble)], className="compare-start"
        )
    return _page(context, opened, chooser, styles)


def _invitation(context: Context, chooser: Component, trouble: str) -> Component:
    language = context.language
    return dmc.Stack(
        [
            dmc.Title(say("choose", language), order=1, size="h2"),
            dmc.Text(say("choose_why", language), c="dimmed"),
            dmc.Alert(trouble, title=say("gone", language), color="red") if trouble else None,
            chooser,
        ],
        className="compare-invitation",
        gap="md",
    )


def _chooser(context: Context, names: list[str]) -> Component:
    language = context.language
    entries = library.list_runs(context.services, state="finished")
    options = [
        {
            "value": entry.run_id,
            "label": f"{entry.title_in(language)} · {moment(entry.created, language)}",
        }
        for entry in entries
    ]
    known = {option["value"] for option in options}
    picks = [
        dmc.Select(
            id=f"compare-{side}",
            data=options,
            value=name if name in known else None,
            searchable=True,
            size="sm",
            leftSection=html.B(say(key, language), className=f"side-{side}"),
            className="compare-select",
            **{"aria-label": say(key, language)},
        )
        for side, key, name in zip("ab", ("first", "second"), names, strict=True)
    ]
    swap = html.Button(
        icon(_SWAP),
        id="compare-swap",
        type="button",
        className="act",
        title=say("swap", language),
        **{"aria-label": say("swap", language)},
    )
    return html.Div([picks[0], swap, picks[1]], className="compare-chooser")


def _page(
    context: Context, opened: list[OpenRun], chooser: Component, styles: list[Component]
) -> Component:
    language = context.language
    shared = [name for name in field_specs_of(opened[0]) if name in field_specs_of(opened[1])]
    fields = [name for name in shared if name != "water"]
    views = [
        act(f"view:{view}", say(f"view_{view}", language), class_name="chip") for view in _VIEWS
    ]
    return html.Div(
        id="compare",
        className="viewer compare",
        children=[
            *styles,
            dcc.Store(id="compare-config", data=_config(opened, context)),
            dcc.Store(id="compare-mounted"),
            html.H1(say("title", language), className="unseen"),
            html.Div(
                className="viewer-main",
                children=[
                    html.Div(
                        [
                            chooser,
                            html.Div(
                                views,
                                className="chips",
                                role="group",
                                **{"aria-label": say("view", language)},
                            ),
                        ],
                        className="compare-bar",
                    ),
                    banner(opened[1].run, language),
                    _stage(language, fields),
                    playback(language),
                ],
            ),
            html.Aside(_tabs(opened, context), className="viewer-panel"),
        ],
    )


def _stage(language: str, fields: list[str]) -> Component:
    return html.Div(
        className="viewer-stage compare-stage",
        children=[
            html.Div(
                [
                    html.Div(id="compare-map-a", className="viewer-map"),
                    html.Span("A", className="side-badge side-a"),
                    html.Span("B", className="side-badge side-b swipe-only"),
                    html.Div(
                        id="compare-handle",
                        className="swipe-handle",
                        role="slider",
                        tabIndex="0",
                        title=say("drag", language),
                        **{
                            "aria-label": say("drag", language),
                            "aria-valuemin": "0",
                            "aria-valuemax": "100",
                            "aria-valuenow": "50",
                        },
                    ),
                    html.Div(
                        className="viewer-left",
                        children=[
                            html.Details(
                                [
                                    html.Summary(viewer_texts.say("layers", language)),
                                    layer_picks(language, fields),
                                ],
                                className="viewer-card viewer-layers",
                                open=True,
                            ),
                            html.Div(id="viewer-legend", className="viewer-card viewer-legend"),
                        ],
                    ),
                    html.Div(id="viewer-note", className="viewer-note", role="status", hidden=True),
                ],
                className="compare-pane",
            ),
            html.Div(
                [
                    html.Div(id="compare-map-b", className="viewer-map"),
                    html.Span("B", className="side-badge side-b"),
                ],
                className="compare-pane second",
            ),
        ],
    )


def _config(opened: list[OpenRun], context: Context) -> dict[str, Any]:
    language = context.language
    place = LANGUAGES.index(language)
    texts = {key: viewer_texts.say.sentences[key][place] for key in viewer_texts.BROWSER_KEYS}
    texts |= {key: say.sentences[key][place] for key in BROWSER_KEYS}
    city = opened[0].run.manifest.get("city") or {}
    return {
        "a": opened[0].run.id,
        "b": opened[1].run.id,
        "language": language,
        "title": say("title", language),
        "bounds": bounds_of(opened[0]),
        "city_url": f"/api/v1/cities/{city['digest']}" if city.get("digest") else None,
        "texts": texts,
    }


def _tabs(opened: list[OpenRun], context: Context) -> Component:
    language = context.language
    first, second = (one.run for one in opened)
    panels = {
        "figures": figures_panel(first, second, language),
        "response": response_panel(first, second, language),
        "causes": [html.Div(id="compare-causes")],
    }
    return dmc.Tabs(
        value="figures",
        children=[
            dmc.TabsList(
                [dmc.TabsTab(say(f"tab_{name}", language), value=name) for name in panels]
            ),
            *(
                dmc.TabsPanel(parts, value=name, className="panel-body")
                for name, parts in panels.items()
            ),
        ],
    )


def register(dash: TwinDash) -> None:
    """Add the callbacks: the maps start in the browser, the address follows the choice."""
    dash.clientside_callback(
        _MOUNT, Output("compare-mounted", "data"), Input("compare-config", "data")
    )
    dash.clientside_callback(
        """
        (a, b, swap, search) => {
          const triggered = window.dash_clientside.callback_context.triggered_id;
          if (triggered === undefined || (!a && !b)) return window.dash_clientside.no_update;
          const query = new URLSearchParams(search || '');
          if (triggered === 'compare-swap') [a, b] = [b, a];
          if ((query.get('a') || null) === a && (query.get('b') || null) === b) {
            return window.dash_clientside.no_update;
          }
          for (const [name, value] of [['a', a], ['b', b]]) {
            if (value) query.set(name, value); else query.delete(name);
          }
          return `?${query}`;
        }
        """,
        Output(URL, "search", allow_duplicate=True),
        Input("compare-a", "value"),
        Input("compare-b", "value"),
        Input("compare-swap", "n_clicks"),
        State(URL, "search"),
        prevent_initial_call=True,
    )

    @dash.callback(
        Output("compare-causes", "children"),
        Input("compare-mounted", "data"),
        State("compare-config", "data"),
        prevent_initial_call=True,
    )
    def explain(mounted: Any, config: dict[str, Any]) -> Any:  # noqa: ANN401 - components
        if not mounted:
            return no_update
        context = current()
        runs = opened_runs(context.services)
        try:
            first, second = runs.get(str(config["a"])), runs.get(str(config["b"]))
            found = first_differences(
                first, second, preparer_of(context.services), str(config["language"])
            )
        except TwinError as error:
            return html.P(str(error), className="hint", role="alert")
        return causes_panel(found, first.run.start, str(config["language"]))
