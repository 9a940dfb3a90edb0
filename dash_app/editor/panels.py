"""The tools on the left: what stands there before anything has been changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.editor.curves import GRAPH
from dash_app.editor.fields import control
from dash_app.editor.texts import say
from dash_app.icons import icon

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from twin.editing import StoredDraft
    from twin.editing.edits import Document

__all__ = ["button", "draw_button", "rain_kind", "sections"]

_ICONS = {
    "tide": "wave",
    "rain": "water",
    "structures": "M4 20V8M20 20V8M4 12h16M8 12v8M12 12v8M16 12v8M2 20h20",
    "fleet": "siren",
    "incidents": "warning",
    "timeline": "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4l3 2",
    "general": "M4 7h10M18 7h2M4 17h4M12 17h8M16 5v4M10 15v4",
}


def button(
    label: str,
    do: str,
    arg: Any = "",  # noqa: ANN401 - JSON
    *,
    look: str = "plain",
    **more: Any,  # noqa: ANN401 - JSON
) -> Component:
    """Return a button that changes the draft: *do* with *arg*."""
    text = arg if isinstance(arg, str) else json.dumps(arg, ensure_ascii=False, sort_keys=True)
    return html.Button(
        label, id={"type": "eb", "do": do, "arg": text}, className=f"act act-{look}", **more
    )


def draw_button(tool: str, mode: str, language: str, arg: str = "") -> Component:
    """Return a button that begins to draw on the map; the browser sees to it."""
    return html.Button(
        [icon("M4 20l4-1 11-11-3-3L5 16z", size=15), html.Span(say(f"draw.{tool}", language))],
        className="act act-draw",
        **{"data-draw": tool, "data-mode": mode, "data-arg": arg},
    )


def sections(stored: StoredDraft, language: str) -> Component:
    """Return the sections, the first ones open."""
    document = stored.draft.document
    bodies = {
        "tide": _tide(document, language),
        "rain": _rain(document, language),
        "structures": _structures(language),
        "fleet": _fleet(document, language),
        "incidents": _incidents(document, language),
        "timeline": [html.Div(id="edit-timeline")],
        "general": _general(document, language),
    }
    return dmc.Accordion(
        multiple=True,
        value=["tide", "rain"],
        variant="default",
        chevronPosition="right",
        children=[
            dmc.AccordionItem(
                value=key,
                children=[
                    dmc.AccordionControl(
                        say(f"section.{key}", language), icon=icon(_ICONS[key], size=20)
                    ),
                    dmc.AccordionPanel(html.Div(body, className="section")),
                ],
            )
            for key, body in bodies.items()
        ],
    )


def _graph(key: str, *, handles: bool = False) -> Component:
    config = {**GRAPH, "edits": {"shapePosition": True}} if handles else GRAPH
    return html.Div(
        dcc.Graph(id=key, config=config, responsive=True, style={"height": "150px"}),
        id=f"{key}-box",
    )


def _tide(document: Document, language: str) -> list[Component]:
    return [
        html.Div(
            [html.P(say("no_tide", language)), button(say("add_tide", language), "tide_add")],
            id="edit-tide-none",
            hidden="tide" in document,
        ),
        html.Div(
            [
                html.Div(
                    [
                        button("−0,1" if language == "vi" else "−0.1", "tide_by", "-0.1"),  # noqa: RUF001 - typography
                        control(("tide", "offset_m"), document, language),
                        button("+0,1" if language == "vi" else "+0.1", "tide_by", "0.1"),
                    ],
                    className="stepper",
                ),
                _graph("edit-tide"),
                html.Div(id="edit-tide-points"),
            ],
            id="edit-tide-some",
            hidden="tide" not in document,
        ),
    ]


def rain_kind(document: Document) -> str:
    """Return which kind of rain a scenario has: ``none``, ``storm``, ``drawn`` or ``data``."""
    rain = document.get("rain")
    if not isinstance(rain, dict):
        return "none"
    return "storm" if "design_storm" in rain else "drawn" if "hyetograph" in rain else "data"


def _rain(document: Document, language: str) -> list[Component]:
    storm = ("rain", "design_storm")
    return [
        dmc.SegmentedControl(
            id="edit-rain-kind",
            data=[
                {"value": kind, "label": say(f"rain.{kind}", language)}
                for kind in ("none", "storm", "drawn", "data")
            ],
            value=rain_kind(document),
            size="sm",
            fullWidth=True,
            **{"aria-label": say("rain_kind", language)},
        ),
        _graph("edit-rain", handles=True),
        html.P(id="edit-rain-total", className="editor-note"),
        html.Div(
            [
                control((*storm, name), document, language)
                for name in ("pattern", "depth_mm", "duration", "start", "peak_fraction")
            ],
            id="edit-rain-storm",
            className="pairs",
        ),
        html.Div(id="edit-rain-steps"),
        html.Div(
            control(("rain", "multiplier"), document, language),
            id="edit-rain-factor",
            className="pairs",
        ),
    ]


def _structures(language: str) -> list[Component]:
    return [
        html.Div(
            [draw_button(tool, "line", language) for tool in ("barrier", "wall", "dyke")],
            className="row",
        ),
        html.Div(id="edit-structures"),
    ]


def _fleet(document: Document, language: str) -> list[Component]:
    return [
        html.P(say("numbers", language), className="editor-note"),
        html.Div(
            [
                control(("fleet", kind), document, language)
                for kind in ("ambulances", "fire_engines")
            ],
            className="pairs",
        ),
        html.Div(draw_button("station", "point", language), className="row"),
        html.Div(id="edit-fleet"),
    ]


def _incidents(document: Document, language: str) -> list[Component]:
    return [
        html.Div(
            control(("incidents", "generated", "count"), document, language), className="pairs"
        ),
        html.Div(
            [
                draw_button("incident", "point", language),
                draw_button("gauge", "point", language),
                draw_button("area", "polygon", language),
            ],
            className="row",
        ),
        html.Div(id="edit-incidents"),
    ]


def _general(document: Document, language: str) -> list[Component]:
    paths: tuple[tuple[str, ...], ...] = (
        ("period", "start"),
        ("period", "duration"),
        ("grid", "cell_size_m"),
        ("flood", "solver"),
        ("flood", "manning"),
        ("initial", "canals"),
        ("initial", "canals_level_m"),
        ("outputs", "frame_interval"),
        ("seed",),
    )
    return [html.Div([control(path, document, language) for path in paths], className="pairs")]
