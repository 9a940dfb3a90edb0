"""All runs: find, open, compare, name, tag, archive and delete them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import Input, Output, State, ctx, dcc, html, no_update

from dash_app import library
from dash_app.context import current
from dash_app.icons import icon
from dash_app.labels import UNDO_S
from dash_app.pages import Page, address_of
from dash_app.runs.table import rows_of, table
from dash_app.runs.texts import say
from dash_app.shell import NOTICES, URL, notice
from dash_app.wording import size
from models.errors import TwinError
from twin.language import number

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dash_app.backend import TwinDash
    from dash_app.context import Context
    from dash_app.library import RunEntry

__all__ = ["PAGE", "layout", "register"]

PAGE = Page(
    key="runs", path="/runs", title=("Các lượt chạy", "Runs"), icon="runs", in_navigation=True
)
VIEWS = ("current", "archived", "deleted")


def layout(context: Context) -> Component:
    """Return the page of all runs."""
    language = context.language
    return html.Div(
        className="runs",
        children=[
            dcc.Store(id="runs-undo", data=[]),
            html.Div(
                [
                    html.H1(say("title", language)),
                    html.Span(_storage(context), id="runs-storage", className="runs-storage"),
                ],
                className="runs-head",
            ),
            html.Div(
                [
                    dmc.TextInput(
                        id="runs-find",
                        placeholder=say("find", language),
                        className="runs-find",
                        **{"aria-label": say("find", language)},
                    ),
                    dmc.SegmentedControl(
                        id="runs-view",
                        value="current",
                        data=[
                            {"value": view, "label": say(f"view.{view}", language)}
                            for view in VIEWS
                        ],
                    ),
                ],
                className="runs-filter",
            ),
            html.Div(
                [
                    html.Div(_tools(context, "current", []), id="runs-tools"),
                    html.Div(
                        _undo_bar(context, []),
                        id="runs-undo-bar",
                        className="undo-bar",
                        hidden=True,
                    ),
                ],
                className="runs-bar",
            ),
            table(context, library.list_runs(context.services)),
            _editor(language),
        ],
    )


def register(dash: TwinDash) -> None:
    """Filter the list, and act on what is chosen in it."""
    _register_list(dash)
    _register_actions(dash)
    _register_editor(dash)


def _register_list(dash: TwinDash) -> None:
    @dash.callback(
        Output("runs-table", "rowData"),
        Output("runs-table", "selectedRows"),
        Output("runs-storage", "children"),
        Input("runs-find", "value"),
        Input("runs-view", "value"),
        State(URL, "search"),
        prevent_initial_call=True,
    )
    def find(text: str | None, view: str, search: str) -> Any:  # noqa: ANN401 - data
        context = current().at("/runs", search or "")
        return rows_of(context, _runs(context, view, text or "")), [], _storage(context)

    @dash.callback(
        Output("runs-tools", "children"),
        Input("runs-table", "selectedRows"),
        State("runs-view", "value"),
        State(URL, "search"),
        prevent_initial_call=True,
    )
    def choose(rows: list[dict[str, Any]] | None, view: str, search: str) -> Any:  # noqa: ANN401 - components
        return _tools(current().at("/runs", search or ""), view, rows or [])


def _register_actions(dash: TwinDash) -> None:
    @dash.callback(
        Output("runs-table", "rowData", allow_duplicate=True),
        Output("runs-table", "selectedRows", allow_duplicate=True),
        Output("runs-storage", "children", allow_duplicate=True),
        Output("runs-undo", "data"),
        Output("runs-undo-bar", "children"),
        Output("runs-undo-bar", "hidden"),
        Output(NOTICES, "sendNotifications", allow_duplicate=True),
        Input({"type": "runs-act", "act": "archive"}, "n_clicks"),
        Input({"type": "runs-act", "act": "delete"}, "n_clicks"),
        Input({"type": "runs-act", "act": "undo"}, "n_clicks"),
        Input({"type": "runs-act", "act": "resume"}, "n_clicks"),
        State("runs-table", "selectedRows"),
        State("runs-undo", "data"),
        State("runs-view", "value"),
        State("runs-find", "value"),
        State(URL, "search"),
        prevent_initial_call=True,
        role="planner",
    )
    def act(  # noqa: PLR0917 - what Dash hands over
        archive: int | None,
        delete: int | None,
        undo: int | None,
        resume: int | None,
        rows: list[dict[str, Any]] | None,
        undoable: list[str],
        view: str,
        text: str | None,
        search: str,
    ) -> Any:  # noqa: ANN401 - data and components
        asked = (ctx.triggered_id or {}).get("act")
        clicks = {"archive": archive, "delete": delete, "undo": undo, "resume": resume}
        if not asked or not clicks[asked]:
            return [no_update] * 7
        context = current().at("/runs", search or "")
        chosen = [str(row["run_id"]) for row in rows or []]
        try:
            deleted = _carry_out(context, asked, view, chosen, undoable or [])
        except TwinError as error:
            told = notice(say("error", context.language), str(error), kind="bad")
            return [no_update] * 6 + [[told]]
        return [
            rows_of(context, _runs(context, view, text or "")),
            [],
            _storage(context),
            deleted,
            _undo_bar(context, deleted),
            not deleted,
            [notice(say("resumed", context.language))] if asked == "resume" else no_update,
        ]


def _carry_out(
    context: Context, asked: str, view: str, chosen: list[str], undoable: list[str]
) -> list[str]:
    """Do what was asked, and return the runs that can be brought back with one click."""
    services = context.services
    if asked == "resume":
        for run_id in chosen:
            library.resume_run(services, run_id, by=context.user)
        return []
    if asked == "archive":
        for run_id in chosen:
            library.change_run(services, run_id, archived=view != "archived")
        return []
    if asked == "undo" or view == "deleted":
        for run_id in undoable if asked == "undo" else chosen:
            library.restore_run(services, run_id)
        return []
    library.sweep(services)
    for run_id in chosen:
        library.delete_run(services, run_id)
    return chosen


def _register_editor(dash: TwinDash) -> None:
    @dash.callback(
        Output("runs-editor", "opened"),
        Output("runs-name", "value"),
        Output("runs-tags", "value"),
        Input({"type": "runs-act", "act": "edit"}, "n_clicks"),
        Input("runs-cancel", "n_clicks"),
        State("runs-table", "selectedRows"),
        prevent_initial_call=True,
    )
    def open_editor(
        edit: int | None, _cancel: int | None, rows: list[dict[str, Any]] | None
    ) -> Any:  # noqa: ANN401 - data
        if ctx.triggered_id == "runs-cancel" or not rows:
            return False, no_update, no_update
        if not edit:
            return no_update, no_update, no_update
        return True, rows[0]["name"], rows[0]["tag_list"]

    @dash.callback(
        Output("runs-editor", "opened", allow_duplicate=True),
        Output("runs-table", "rowData", allow_duplicate=True),
        Output(NOTICES, "sendNotifications", allow_duplicate=True),
        Input("runs-save", "n_clicks"),
        Input("runs-name", "n_submit"),
        State("runs-name", "value"),
        State("runs-tags", "value"),
        State("runs-table", "selectedRows"),
        State("runs-view", "value"),
        State("runs-find", "value"),
        State(URL, "search"),
        prevent_initial_call=True,
        role="planner",
    )
    def save(  # noqa: PLR0917 - what Dash hands over
        clicks: int | None,
        submits: int | None,
        name: str | None,
        tags: list[str] | None,
        rows: list[dict[str, Any]] | None,
        view: str,
        text: str | None,
        search: str,
    ) -> Any:  # noqa: ANN401 - data
        if not (clicks or submits) or not rows:
            return no_update, no_update, no_update
        context = current().at("/runs", search or "")
        title = name if name != rows[0]["name"] else None  # else it would stop being translated
        run_id = str(rows[0]["run_id"])
        try:
            library.change_run(context.services, run_id, title=title, tags=tags or [])
        except TwinError as error:
            told = notice(say("error", context.language), str(error), kind="bad")
            return no_update, no_update, [told]
        return False, rows_of(context, _runs(context, view, text or "")), no_update


def _runs(context: Context, view: str, text: str) -> list[RunEntry]:
    if view == "deleted":
        return library.list_runs(context.services, archived=None, deleted=True, text=text)
    return library.list_runs(context.services, archived=view == "archived", text=text)


def _storage(context: Context) -> str:
    runs = library.list_runs(context.services, archived=None)
    total = size(sum(run.size_bytes for run in runs), context.language)
    count = number(len(runs), context.language)
    return say("storage", context.language, count=count, size=total)


def _tools(context: Context, view: str, rows: list[dict[str, Any]]) -> list[Component]:
    language, one = context.language, len(rows) == 1
    opened = [str(row["run_id"]) for row in rows if row["state_key"] == "finished"]
    tools: list[Component] = []
    if view != "deleted":
        viewer = address_of("viewer", run_id=opened[0]) if one and opened else None
        compare = address_of("compare") if len(opened) == 2 and len(rows) == 2 else None
        if viewer is not None:
            tools.append(_link(say("open", language), context.href(viewer), "play"))
        if compare is not None:
            target = context.href(compare, a=opened[1], b=opened[0])
            tools.append(_link(say("compare", language), target, "compare"))
    # All buttons are always there, since a callback listens to each; most are hidden.
    shown = bool(rows) and context.may("planner")
    deleted = view == "deleted"
    stopped = one and rows[0]["state_key"] in {"interrupted", "failed"} and not deleted
    names = {
        "archive": say("unarchive" if view == "archived" else "archive", language),
        "delete": say("restore" if deleted else "delete", language),
    }
    edit, resume = say("edit", language), say("resume", language)
    tools += [
        _button("edit", edit, "tag", hidden=not (shown and one and not deleted)),
        _button("archive", names["archive"], "archive", hidden=not shown or deleted),
        _button("resume", resume, "play", hidden=not (shown and stopped)),
        _button("delete", names["delete"], "replay" if deleted else "trash", hidden=not shown),
    ]
    if rows:
        told = say("chosen", language, count=len(rows))
        tools.append(html.Span(told, className="runs-chosen"))
    elif view == "current":
        tools.append(html.Span(say("compare_hint", language), className="runs-chosen"))
    return tools


def _undo_bar(context: Context, deleted: list[str]) -> list[Component]:
    language = context.language
    told = say("deleted", language, count=len(deleted))
    until = say("undo_until", language, minutes=round(UNDO_S / 60.0))
    button = _button("undo", say("undo", language), "replay", hidden=not deleted)
    return [html.Span([html.B(told), " ", until] if deleted else ""), button]


def _link(text: str, href: str, picture: str) -> Component:
    return html.A([icon(picture, size=16), text], href=href, className="bar-button primary")


def _button(act: str, text: str, picture: str, *, hidden: bool) -> Component:
    return html.Button(
        [icon(picture, size=16), text],
        id={"type": "runs-act", "act": act},
        className="bar-button",
        hidden=hidden,
    )


def _editor(language: str) -> Component:
    return dmc.Modal(
        id="runs-editor",
        title=say("edit", language),
        opened=False,
        children=dmc.Stack(
            [
                dmc.TextInput(id="runs-name", label=say("name", language)),
                dmc.TagsInput(
                    id="runs-tags",
                    label=say("tags", language),
                    placeholder=say("tags_hint", language),
                    maxTags=20,
                    value=[],
                ),
                dmc.Group(
                    [
                        dmc.Button(say("cancel", language), id="runs-cancel", variant="default"),
                        dmc.Button(say("save", language), id="runs-save"),
                    ],
                    justify="flex-end",
                ),
            ]
        ),
    )
