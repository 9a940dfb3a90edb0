"""What stands on and below the map: layers, playback, legend, tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from dash_app.icons import icon
from dash_app.viewer.texts import say
from twin.language import label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

__all__ = ["SPEEDS", "act", "layer_picks", "map_area", "now_cards", "playback"]

#: Simulated seconds per second, offered in the bar.
SPEEDS = (60, 300, 600, 1800)
#: In the order of the keys 1 to 6.
LAYERS = ("depth", "hazard_class", "max_speed", "arrival_time", "duration", "none")
_STEP = {-1: "M17 6l-8 6 8 6M7 6v12", 1: "M7 6l8 6-8 6M17 6v12"}
_PAUSE = "M8 5v14M16 5v14"
_LAYERS_ICON = "M12 4 3 9l9 5 9-5zM3 14l9 5 9-5"
_FIT = "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"
_PICTURE = "M4 7h4l2-3h4l2 3h4v12H4zM12 10a3 3 0 1 0 0 6 3 3 0 0 0 0-6z"
_LINK = "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1"
_PANEL = "M4 5h16v14H4zM14 5v14"


def act(
    action: str, *children: Component | str, title: str = "", class_name: str = "act"
) -> Component:
    """Return a button that the map in the browser answers."""
    named = {"aria-label": title} if title else {}
    return html.Button(
        list(children),
        type="button",
        className=class_name,
        title=title or None,
        **{"data-act": action, "aria-pressed": "false", **named},
    )


def map_area(language: str, fields: Sequence[str], vehicles: Sequence[str]) -> Component:
    """Return the map with what lies on it."""
    return html.Div(
        className="viewer-stage",
        children=[
            html.Div(id="viewer-map", className="viewer-map"),
            html.Div(
                className="viewer-left",
                children=[
                    layer_card(language, fields, vehicles),
                    html.Div(id="viewer-legend", className="viewer-card viewer-legend"),
                ],
            ),
            tools(language),
            html.Div(id="viewer-tip", className="viewer-tip", hidden=True),
            html.Div(id="viewer-note", className="viewer-note", role="status", hidden=True),
        ],
    )


def layer_card(language: str, fields: Sequence[str], vehicles: Sequence[str]) -> Component:
    """Return the picker of layers: what there is in the run."""
    roads = [
        act(f"roads:{name}", _vehicle(name, language), class_name="chip")
        for name in ("none", *vehicles)
    ]
    also = [
        act(name, say(text, language), class_name="chip")
        for name, text in (
            ("rivers", "rivers"),
            ("units", "show_units"),
            ("trails", "trails"),
            ("incidents", "incidents"),
            ("smooth", "smooth"),
        )
    ]
    return html.Details(
        className="viewer-card viewer-layers",
        open=True,
        children=[
            html.Summary([icon(_LAYERS_ICON, size=16), say("layers", language)]),
            layer_picks(language, fields) if fields else None,
            html.Div(say("roads_layer", language), className="card-label") if vehicles else None,
            html.Div(roads, className="chips") if vehicles else None,
            html.Div(say("more", language), className="card-label"),
            html.Div(also, className="chips"),
        ],
    )


def layer_picks(language: str, fields: Sequence[str]) -> Component:
    """Return the water layers that a run has, each with its key."""
    water = [
        act(
            f"layer:{name}",
            html.Kbd(str(key)),
            html.Span(say(f"field.{name}", language)),
            class_name="pick",
        )
        for key, name in enumerate(LAYERS, start=1)
        if name == "none" or name in fields
    ]
    return html.Div(water, className="pick-list")


def _vehicle(name: str, language: str) -> str:
    return say("roads_none", language) if name == "none" else label("vehicle", name, language)


def tools(language: str) -> Component:
    """Return the small buttons at the edge of the map."""
    return html.Div(
        className="viewer-tools",
        children=[
            act(name, icon(path, size=17), title=say(name, language), class_name="tool")
            for name, path in (
                ("fit", _FIT),
                ("picture", _PICTURE),
                ("share", _LINK),
                ("panel", _PANEL),
            )
        ],
    )


def playback(language: str) -> Component:
    """Return the bar of time."""
    speeds = [
        act(
            f"speed:{speed}",
            f"\N{MULTIPLICATION SIGN}{speed}",
            title=_speed(speed, language),
            class_name="chip",
        )
        for speed in SPEEDS
    ]
    return html.Div(
        className="viewer-playback",
        children=[
            html.Div(
                className="play-buttons",
                children=[
                    act("step:-1", icon(_STEP[-1]), title=say("back", language)),
                    act(
                        "play",
                        html.Span(icon("play", size=20), className="when-paused"),
                        html.Span(icon(_PAUSE, size=20), className="when-playing"),
                        title=say("play", language),
                        class_name="act primary",
                    ),
                    act("step:1", icon(_STEP[1]), title=say("forward", language)),
                ],
            ),
            html.Div(
                className="moment",
                children=[
                    html.Div(id="viewer-clock", className="moment-clock"),
                    html.Div(id="viewer-elapsed", className="moment-date"),
                ],
            ),
            html.Div(id="viewer-timeline", className="timeline"),
            html.Div(
                speeds,
                className="chips speeds",
                role="group",
                **{"aria-label": say("speed", language)},
            ),
        ],
    )


def _speed(speed: int, language: str) -> str:
    return say("minutes_per_second", language, n=f"{speed / 60:g}")


def now_cards(language: str, shown: Mapping[str, bool]) -> Component:
    """Return the figures of the moment, which the browser fills in."""
    cards = [
        html.Div(
            className="now-card",
            children=[
                html.Div(say(f"now_{name}", language), className="now-label"),
                html.Div(
                    [
                        html.Span("\N{EN DASH}", className="now-value"),
                        html.Span(unit, className="now-unit"),
                    ]
                ),
                html.Div(_detail(name, language), className="now-detail"),
            ],
            **{"data-now": name},
        )
        for name, unit in (("flooded", "ha"), ("people", ""), ("closed", "km"), ("calls", ""))
        if shown.get(name)
    ]
    return html.Div(cards, className="now-cards")


def _detail(name: str, language: str) -> str:
    key = f"now_{name}_note"
    return say(key, language) if key in say.sentences else ""
