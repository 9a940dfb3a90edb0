"""The editor: tools, the map, the list of changes, the YAML, and Run."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.cities import find_city
from dash_app.editor import acting, looking, running, showing
from dash_app.editor.city import city_digest, read_facts
from dash_app.editor.panels import sections
from dash_app.editor.session import open_named
from dash_app.editor.texts import say
from dash_app.icons import icon
from dash_app.pages import Page
from dash_app.shell import message_page
from dash_app.web_assets import is_built
from models.errors import TwinError

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dash_app.backend import TwinDash
    from dash_app.context import Context
    from dash_app.editor.city import CityFacts
    from twin.editing import StoredDraft

__all__ = ["PAGE", "layout", "register"]

PAGE = Page(
    key="draft",
    path="/edit/{scenario}",
    title=("Soạn kịch bản", "Edit a scenario"),
    icon="edit",
    full_bleed=True,
)


def layout(context: Context, scenario: str) -> Component:
    """Return the editor of a draft, a shipped scenario, or a run."""
    services = context.services
    try:
        stored = open_named(services, scenario)
    except TwinError:
        return message_page(context, "no_page")
    if not stored.key and context.query.get("city"):
        stored = replace(stored, city=context.query["city"])
    digest = city_digest(services, stored.draft.document, stored.city)
    facts = read_facts(services, digest)
    return html.Div(
        className="editor",
        id="editor",
        **{"data-pane": "map"},
        children=[
            *_stores(stored, scenario),
            html.Section(
                _tools(context, stored, facts),
                className="editor-tools",
                **{"aria-label": say("panel_label", context.language)},
            ),
            html.Section(
                _map(context, digest),
                className="editor-map",
                **{"aria-label": say("map_label", context.language)},
            ),
            html.Section(
                _outcome(context, stored),
                className="editor-changes",
                **{"aria-label": say("changes_label", context.language)},
            ),
            _switcher(context),
        ],
    )


def register(dash: TwinDash) -> None:
    """Add the callbacks of the editor."""
    acting.register(dash)
    showing.register(dash)
    looking.register(dash)
    running.register(dash)


def _stores(stored: StoredDraft, name: str) -> list[Component]:
    return [
        dcc.Store(
            id="edit-state",
            data={
                "key": stored.key,
                "name": name,
                "city": stored.city,
                "at": stored.changed.isoformat() if stored.key else "",
                "by": "",
                "token": secrets.token_hex(4),  # so that two quick clicks begin one draft
            },
        ),
        dcc.Store(id="edit-pick"),
        dcc.Store(id="edit-drawn"),
        dcc.Store(id="edit-shortcut"),
        dcc.Store(id="edit-sketch"),
        dcc.Store(id="edit-selected"),
        dcc.Store(id="edit-stir"),
        dcc.Store(id="edit-touched"),
        dcc.Interval(id="edit-tick", interval=1000, disabled=not stored.submissions),
    ]


def _tools(context: Context, stored: StoredDraft, facts: CityFacts | None) -> list[Component]:
    language = context.language
    return [
        dmc.Select(
            id="edit-find",
            data=looking.choices(stored, facts, language),
            placeholder=say("find", language),
            searchable=True,
            clearable=True,
            limit=60,
            nothingFoundMessage=say("nothing_found", language),
            leftSection=icon("M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5", size=16),
            size="md",
            className="editor-find",
            maxDropdownHeight=360,
            **{"aria-label": say("find", language)},
        ),
        html.Div(id="edit-card", className="editor-card", **{"aria-live": "polite"}),
        html.Fieldset(
            sections(stored, language),
            disabled=not context.may("planner"),
            className="editor-sections",
        ),
    ]


def _map(context: Context, digest: str) -> list[Component]:
    language = context.language
    if not digest:
        return [html.P(say("no_map", language), className="editor-no-map")]
    if not is_built():
        return [message_page(context, "not_built")]
    entry = find_city(context.services.store, digest)
    hints = {key: say(f"hint.{key}", language) for key in ("line", "polygon", "point")}
    return [
        html.Div(
            id="edit-map",
            className="editor-canvas",
            **{
                "data-city": f"/api/v1/cities/{digest}",
                "data-bounds": json.dumps(entry.bounds),
                "data-language": language,
                "data-hints": json.dumps(hints, ensure_ascii=False),
            },
        ),
        html.Div(say("map_hint", language), id="edit-hint", className="editor-hint"),
    ]


def _outcome(context: Context, stored: StoredDraft) -> list[Component]:
    language = context.language
    return [
        html.Div(
            [
                dmc.SegmentedControl(
                    id="edit-tab",
                    value="changes",
                    data=[
                        {"value": "changes", "label": say("tab.changes", language)},
                        {"value": "yaml", "label": "YAML"},
                    ],
                    size="sm",
                    **{"aria-label": say("tabs", language)},
                ),
                html.Span(id="edit-saved", className="editor-saved", role="status"),
                _step("undo", "M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6", language),
                _step("redo", "M15 7l5 5-5 5M20 12H10a6 6 0 0 0-6 6", language),
            ],
            className="editor-head",
        ),
        html.Div(id="edit-changes", className="editor-list"),
        html.Div(
            [
                html.P(say("yaml_hint", language), className="editor-note"),
                html.Div(
                    [
                        html.Pre(
                            id="edit-gutter", className="yaml-gutter", **{"aria-hidden": "true"}
                        ),
                        dmc.Textarea(
                            id="edit-yaml",
                            value=stored.typed or stored.draft.yaml,
                            debounce=700,
                            spellCheck=False,
                            readOnly=not context.may("planner"),
                            className="yaml-text",
                            **{"aria-label": "YAML"},
                        ),
                    ],
                    className="yaml",
                ),
            ],
            id="edit-yaml-pane",
            className="editor-yaml",
            hidden=True,
        ),
        html.Div(id="edit-problems", className="editor-problems", role="alert"),
        html.Div(
            [
                html.Div(id="edit-estimate", className="editor-estimate"),
                html.Div(id="edit-run-choice"),
                html.Div(id="edit-jobs", className="editor-jobs"),
            ],
            className="editor-run",
        ),
    ]


def _step(do: str, path: str, language: str) -> Component:
    return html.Button(
        icon(path, size=18),
        id={"type": "eb", "do": do, "arg": ""},
        className="tool-button",
        title=say(f"{do}_hint", language),
        disabled=True,
        **{"aria-label": say(do, language)},
    )


def _switcher(context: Context) -> Component:
    """Return the bar with which a phone chooses between tools, map and changes."""
    panes: list[tuple[str, str]] = [
        ("tools", "edit"),
        ("map", "M9 4 3 6.500v13l6-2.500 6 2.500 6-2.500v-13l-6 2.500zM9 4v13M15 6.500v13"),
        ("changes", "runs"),
    ]
    buttons: list[Any] = [
        html.Button(
            [icon(picture, size=20), html.Span(say(f"expand.{pane}", context.language))],
            className="pane-button",
            **{"data-pane": pane},
        )
        for pane, picture in panes
    ]
    return html.Div(buttons, className="editor-switcher")
