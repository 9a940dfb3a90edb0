"""The card of what is selected: its name, how it stands, and what can be done to it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import html

from dash_app.editor.doing import closure_of, names_of
from dash_app.editor.fields import control
from dash_app.editor.panels import button, draw_button
from dash_app.editor.texts import say
from twin.editing import value_at
from twin.editing.wording import Words
from twin.language import label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from dash_app.editor.city import CityFacts
    from twin.editing.edits import Document

__all__ = ["card_of", "moments"]

#: Fields of a structure that the card shows, where it has them or may have them, by kind.
_SHOWN: dict[str, tuple[str, ...]] = {
    "barrier": ("height_m", "crest_m"),
    "wall": ("height_m", "crest_m"),
    "dyke": ("height_m", "crest_m"),
    "gate": ("top_m", "open_when", "close_when"),
    "pump": ("capacity_m3_s", "start_level_m", "stop_level_m", "start_when", "stop_when"),
}
_MOST_MOMENTS = 200


def card_of(
    selected: Mapping[str, Any],
    document: Document,
    facts: CityFacts | None,
    language: str,
    *,
    may: bool,
) -> list[Component]:
    """Return the card; empty where the thing is gone."""
    kind, _, key = str(selected["what"]).partition(":")
    names = facts.names if facts is not None else {}
    words = Words(language, document, names)
    thing = facts.things.get(f"{kind}:{key}") if facts is not None else None
    match kind:
        case "bridge":
            body = _road(words.bridge(key), {"bridge": key}, "close_bridge", key, document, words)
        case "road":
            body = _segment(key, document, words)
        case "street":
            body = _road(key, {"street": key}, "close_street", key, document, words)
        case "structure" if key in names_of(("structures",), document):
            body = _structure(key, document, words)
        case "station" if key in names_of(("fleet", "stations"), document):
            body = _station(key, key, document, words, own=True)
        case "unit" if key in names_of(("fleet", "units"), document):
            body = _unit(key, words)
        case "facility" if thing is not None:
            body = _facility(thing.key, thing.name, thing.sort, document, words)
        case "place":
            at = {"lon": selected["lon"], "lat": selected["lat"]}
            body = _place(words.place(at), at, words)
        case _:
            return []
    shut = html.Button(
        "×",  # noqa: RUF001 - typography
        id="edit-card-shut",
        className="tool-button card-shut",
        **{"aria-label": say("remove", language), "data-shut": "1"},
    )
    return [html.Fieldset([shut, *body], disabled=not may, className="card-body")]


def moments(words: Words) -> list[dict[str, str]]:
    """Return times of the period to choose from, by quarters of an hour or more."""
    clock = words.clock
    if clock is None:
        return [{"value": "0", "label": say("start_of_run", words.language)}]
    step = 900.0
    while clock.duration_s / step > _MOST_MOMENTS:
        step *= 2.0
    found = []
    seconds = step
    while seconds < clock.duration_s:
        whole = int(seconds)
        value = f"{whole // 3600:02d}:{whole // 60 % 60:02d}"
        moment = clock.start + timedelta(seconds=seconds)
        day = "" if moment.date() == clock.start.date() else f" ({moment.day}/{moment.month})"
        found.append({"value": value, "label": f"{moment:%H:%M}{day}"})
        seconds += step
    return [{"value": "0", "label": say("start_of_run", words.language)}, *found]


def _times(names: tuple[str, ...], words: Words) -> Component:
    """Return selects for moments: ``from``, ``until``, ``at``."""
    language = words.language
    options = moments(words)
    parts = []
    for name in names:
        data = (
            options
            if name != "until"
            else [
                *options[1:],
                {"value": "end", "label": say("end_of_run", language)},
            ]
        )
        parts.append(
            dmc.Select(
                id={"type": "ec", "name": name},
                label=say(f"{name}_time", language),
                data=data,
                value="end" if name == "until" else "0",
                allowDeselect=False,
                searchable=True,
                size="xs",
            )
        )
    return html.Div(parts, className="pairs")


def _head(title: str, sort: str = "") -> Component:
    return html.Div(
        [html.Strong(title), html.Span(sort, className="card-facts")], className="card-head"
    )


def _road(  # noqa: PLR0917 - one card of several roads
    title: str, road: dict[str, Any], do: str, arg: str, document: Document, words: Words
) -> list[Component]:
    language = words.language
    there = closure_of(road, document)
    name = {"close_bridge": "close_it", "close_street": "close_street"}.get(do, "close_road")
    if there is None:
        return [
            _head(title[:1].upper() + title[1:]),
            button(say(name, language), do, arg, look="main", **{"data-first": "1"}),
            _times(("from", "until"), words),
        ]
    span = words.span(there.get("start"), there.get("end"))
    return [
        _head(title[:1].upper() + title[1:], say("closed_now", language, span=span)),
        button(say("open_again", language), "remove", {"path": ["closures"], "item": there}),
    ]


def _segment(key: str, document: Document, words: Words) -> list[Component]:
    road = {"segments": [int(key)]} if key.isdecimal() else {}
    street = words.names.get(f"segment:{key}")
    body = _road(words.road(road), road, "close_road", key, document, words)
    if street:
        body.insert(2, button(say("close_street", words.language), "close_street", street))
    return body


def _structure(key: str, document: Document, words: Words) -> list[Component]:
    language = words.language
    item = value_at(document, ("structures", key))
    kind = str(item.get("kind"))
    where = ("structures", key)
    acts: list[Component] = []

    def order(text: str, **command: str) -> Component:
        return button(say(text, language), "command", {"structure": key, **command})

    if kind in {"gate", "barrier", "sluice"}:
        acts += [
            order("gate.open", do="operate_structure", action="open"),
            order("gate.close", do="operate_structure", action="close"),
        ]
    if kind == "pump":
        acts += [
            order("pump.start", do="operate_structure", action="start"),
            order("pump.stop", do="operate_structure", action="stop"),
            order("fail.no_power", do="fail_structure", how="no_power"),
        ]
    if kind in {"gate", "pump", "barrier", "sluice", "culvert", "siphon"}:
        acts += [
            order("auto", do="operate_structure", action="auto"),
            order("fail.stuck", do="fail_structure", how="stuck"),
            order("repair", do="repair_structure"),
        ]
    shown = [name for name in _SHOWN.get(kind, ()) if name in item]
    parts: list[Component] = [
        _head(words.called("structure", key), label("structure", kind, language))
    ]
    if acts:
        parts += [_times(("at",), words), html.Div(acts, className="row")]
    if shown:
        controls = [control((*where, name), document, language) for name in shown]
        parts.append(html.Div(controls, className="pairs"))
    tail = []
    if kind in {"dyke", "wall"}:
        tail.append(draw_button("breach", "point", language, key))
    tail.append(
        button(say("remove", language), "remove", {"path": ["structures"], "item": {"id": key}})
    )
    return [*parts, html.Div(tail, className="row")]


def _units_at(station: str, document: Document, words: Words) -> list[Component]:
    language = words.language
    found = value_at(document, ("fleet", "units"))
    here = [
        unit
        for unit in (found if isinstance(found, list) else [])
        if isinstance(unit, dict) and unit.get("station") == station
    ]
    rows = [
        html.Li(
            html.Button(
                str(unit.get("id")),
                id={"type": "choose", "what": f"unit:{unit.get('id')}"},
                className="link-button",
            )
        )
        for unit in here
    ]
    return [
        html.Span(say("units_here", language), className="card-facts") if rows else None,
        html.Ul(rows, className="entries") if rows else None,
        html.Div(
            [
                button(say(text, language), "add_unit", {"service": service, "station": station})
                for text, service in (("add_ambulance", "ambulance"), ("add_fire", "fire"))
            ],
            className="row",
        ),
    ]


def _station(
    key: str, title: str, document: Document, words: Words, *, own: bool
) -> list[Component]:
    parts = [_head(title, say("kind.station", words.language)), *_units_at(key, document, words)]
    if own:
        item = {"path": ["fleet", "stations"], "item": {"id": key}}
        parts.append(
            html.Div(
                [
                    draw_button("move", "point", words.language, f"fleet/stations/{key}"),
                    button(say("remove", words.language), "remove", item),
                ],
                className="row",
            )
        )
    return parts


def _facility(key: str, title: str, sort: str, document: Document, words: Words) -> list[Component]:
    language = words.language
    fleet = document.get("fleet")
    fleet = fleet if isinstance(fleet, dict) else {}
    kinds = {
        *fleet.get("ambulance_station_kinds", ("ambulance_station", "hospital")),
        *fleet.get("fire_station_kinds", ("fire_station",)),
    }
    shown = label("facility", sort, language)
    parts: list[Component] = [_head(title, shown)]
    if sort in kinds:
        parts += _units_at(key, document, words)
    else:
        parts.append(button(say("station_here", language), "station_at", key))
    return parts


def _unit(key: str, words: Words) -> list[Component]:
    language = words.language
    out = {"do": "unit_out_of_service", "unit": key}
    back = {"do": "unit_in_service", "unit": key}
    gone = {"path": ["fleet", "units"], "item": {"id": key}}
    return [
        _head(key, say("kind.unit", language)),
        _times(("at",), words),
        html.Div(
            [
                button(say("unit_out", language), "command", out),
                button(say("unit_back", language), "command", back),
                button(say("remove", language), "remove", gone),
            ],
            className="row",
        ),
    ]


def _place(title: str, at: dict[str, Any], words: Words) -> list[Component]:
    language = words.language
    point = [at["lon"], at["lat"]]
    return [
        _head(title),
        _times(("at",), words),
        html.Div(
            [
                button(say(f"put.{tool}", language), "put", {"tool": tool, "coordinates": point})
                for tool in ("incident", "station", "gauge")
            ],
            className="row",
        ),
    ]
