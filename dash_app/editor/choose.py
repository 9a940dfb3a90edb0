"""The page on which work begins: scenarios that come with it, and one's drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import ALL, Input, Output, State, ctx, html, no_update

from dash_app.context import current
from dash_app.editor.session import title_of
from dash_app.editor.texts import say
from dash_app.icons import icon
from dash_app.pages import Page
from dash_app.shell import NOTICES, notice
from dash_app.wording import moment
from models.errors import TwinError
from scenarios import Scenario, library
from twin.editing import DraftStore, StoredDraft

if TYPE_CHECKING:
    from typing import Any

    from dash.development.base_component import Component

    from dash_app.backend import TwinDash
    from dash_app.context import Context

__all__ = ["PAGE", "layout", "register"]

PAGE = Page(
    key="editor",
    path="/edit",
    title=("Soạn kịch bản", "Edit"),
    icon="edit",
    in_navigation=True,
    query=("city",),
)


def layout(context: Context) -> Component:
    """Return the page."""
    language = context.language
    return html.Div(
        className="choose",
        children=[
            html.H1(say("choose", language)),
            html.P(say("choose_why", language), className="choose-why"),
            html.Div(_drafts(context), id="choose-drafts"),
            html.H2(say("shipped", language)),
            html.Div([_shipped(context, name) for name in sorted(library())], className="cards"),
        ],
    )


def register(dash: TwinDash) -> None:
    """Let drafts be deleted, and brought back."""

    @dash.callback(
        Output("choose-drafts", "children"),
        Output(NOTICES, "sendNotifications", allow_duplicate=True),
        Input({"type": "draft-delete", "key": ALL}, "n_clicks"),
        Input({"type": "draft-restore", "key": ALL}, "n_clicks"),
        State("choose-drafts", "id"),
        role="planner",
        prevent_initial_call=True,
    )
    def put_aside(deletes: list[int], restores: list[int], _id: str) -> Any:  # noqa: ANN401 - components
        if not any([*deletes, *restores]):
            return no_update, no_update
        context = current()
        drafts = DraftStore(context.services.store.root)
        key = str(ctx.triggered_id["key"])
        try:
            if ctx.triggered_id["type"] == "draft-restore":
                drafts.restore(key)
                return _drafts(context), no_update
            drafts.delete(key)
        except TwinError as error:
            return _drafts(context), [notice(str(error), kind="bad")]
        return _drafts(context, deleted=key), no_update


def _drafts(context: Context, deleted: str = "") -> list[Component]:
    """Return the drafts, and the way back for the one that was just deleted."""
    drafts = DraftStore(context.services.store.root)
    found = []
    for key in drafts.keys():  # noqa: SIM118 - a method, not a mapping
        try:
            found.append(drafts.load(key))
        except TwinError:
            continue  # damaged: it stays where it is, for whoever can repair it
    parts: list[Component] = []
    if deleted:
        parts.append(
            html.Div(
                [
                    html.Span(say("deleted", context.language)),
                    html.Button(
                        say("bring_back", context.language),
                        id={"type": "draft-restore", "key": deleted},
                        className="link-button",
                    ),
                ],
                className="bring-back",
                role="status",
            )
        )
    if found:
        parts = [html.H2(say("drafts", context.language)), *parts]
        parts.append(html.Div([_draft(context, stored) for stored in found], className="cards"))
    return parts


def _draft(context: Context, stored: StoredDraft) -> Component:
    language = context.language
    facts = [
        say("changes_count", language, count=len(stored.draft.changes)),
        moment(stored.changed.astimezone().isoformat(), language),
        stored.owner if stored.owner not in {"", "local"} else "",
    ]
    return html.Div(
        [
            html.A(
                [
                    html.Strong(title_of(stored.draft.document, stored.title, language)),
                    html.Span(" · ".join(part for part in facts if part), className="card-facts"),
                ],
                href=context.href(f"/edit/{stored.key}"),
                className="card-link",
            ),
            html.Button(
                icon("trash", size=16),
                id={"type": "draft-delete", "key": stored.key},
                className="tool-button",
                title=say("delete_draft", language),
                **{"aria-label": say("delete_draft", language)},
            )
            if context.may("planner")
            else None,
        ],
        className="card",
    )


def _shipped(context: Context, name: str) -> Component:
    scenario = Scenario.load(library()[name])
    description = getattr(scenario.description, context.language) or ""
    query = {key: value for key, value in context.query.items() if key == "city"}
    return html.Div(
        html.A(
            [
                html.Strong(title_of(scenario.to_dict(), name, context.language)),
                html.Span(" ".join(description.split()), className="card-facts"),
            ],
            href=context.href(f"/edit/{name}", **query),
            className="card-link",
        ),
        className="card",
    )
