"""
The frame around every page: a header that is always visible, and the page below it.

Pages fill the header through these ids, from callbacks or in the browser with
``dash_clientside.set_props``: ``HEADER_RISK``, ``HEADER_SCENARIO``, ``HEADER_STATE`` and
``HEADER_CLOCK`` (``children``), and ``NOTICES`` (``sendNotifications``, a list of mappings as
:func:`notice` returns them). The theme is the attribute ``data-mantine-color-scheme`` of the
document's root element, ``light`` or ``dark``.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html, no_update

from dash_app.context import current
from dash_app.icons import icon
from dash_app.pages import find_page
from dash_app.shell_texts import say
from twin.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from dash_app.backend import TwinDash
    from dash_app.context import Context
    from dash_app.pages import Page, PageModule

__all__ = [
    "HEADER_CLOCK",
    "HEADER_RISK",
    "HEADER_SCENARIO",
    "HEADER_STATE",
    "NOTICES",
    "URL",
    "frame",
    "message_page",
    "notice",
    "register",
]

URL = "url"
NOTICES = "notices"
HEADER_RISK = "header-risk"
HEADER_SCENARIO = "header-scenario"
HEADER_STATE = "header-state"
HEADER_CLOCK = "header-clock"

#: Mantine's shades for the dark theme, bluish as the rest of it.
_DARK = (
    *("#e6edf3", "#b4c2ce", "#9fb0be", "#6b7d8c", "#3b4a57"),
    *("#2c3640", "#212b35", "#171f27", "#10161c", "#0b1015"),
)
_LOG = logging.getLogger("dash_app")
_KEYS = (
    ("?", "help"),
    ("g h", "home"),
    ("g r", "runs"),
    ("g l", "language"),
    ("g t", "theme"),
    ("Space", "play"),
    ("← →", "step"),
    ("1 … 6", "layers"),
    ("Ctrl Z", "undo"),
)


def frame() -> Component:
    """Return what stands on every page before the address is known."""
    return dmc.MantineProvider(
        id="mantine",
        defaultColorScheme="auto",
        theme={
            "primaryColor": "cyan",
            "colors": {"dark": _DARK},
            "primaryShade": {"light": 8, "dark": 7},
            "defaultRadius": "md",
            "fontFamily": "var(--twin-font)",
            "headings": {"fontFamily": "var(--twin-font)", "fontWeight": "650"},
            "autoContrast": True,
        },
        children=[
            dcc.Location(id=URL, refresh="callback-nav"),
            dcc.Store(id="shown"),
            dmc.NotificationContainer(id=NOTICES, position="bottom-right", sendNotifications=[]),
            html.Div(id="shell", children=html.Div(className="starting", role="status")),
        ],
    )


def register(dash: TwinDash, pages: Sequence[PageModule]) -> None:
    """Lay out the page of the address, and lay it out anew when the address changes."""

    @dash.callback(
        Output("shell", "children"),
        Output("shown", "data"),
        Input(URL, "pathname"),
        Input(URL, "search"),
        State("shown", "data"),
    )
    def show(path: str | None, search: str | None, shown: list[Any] | None) -> Any:  # noqa: ANN401 - components, or no_update
        context = current().at(path or "/", search or "")
        found = find_page(pages, context.path)
        fields = () if found is None else found.module.PAGE.query
        marks = [context.path, context.language, *(context.query.get(f, "") for f in fields)]
        if marks == shown:
            return no_update, no_update
        if found is None:
            return _shell(context, pages, None, message_page(context, "no_page")), marks
        page = found.module.PAGE
        if not context.may(page.role):
            return _shell(context, pages, page, message_page(context, "not_allowed")), marks
        try:
            body = found.module.layout(context, **found.parameters)
        except Exception:  # noqa: BLE001 - the frame must stand whatever a page does
            _LOG.exception("the page %s could not be laid out", context.path)
            body = message_page(context, "fault")
        return _shell(context, pages, page, body), marks


def message_page(context: Context, key: str) -> Component:
    """Return a page that says why there is nothing else on it, and leads back."""
    why = f"{key}_why"
    return dmc.Center(
        className="message-page",
        children=dmc.Stack(
            [
                dmc.ThemeIcon(icon("warning", size=28), size=56, radius="xl", variant="light"),
                dmc.Title(say(key, context.language), order=1, size="h2"),
                dmc.Text(say(why, context.language), c="dimmed", maw=440, ta="center")
                if why in say.sentences
                else None,
                dmc.Anchor(say("home", context.language), href=context.href("/"), fw=600),
            ],
            align="center",
            gap="sm",
        ),
    )


def notice(title: str, message: str = "", *, kind: str = "info", key: str = "") -> dict[str, Any]:
    """
    Return a notification for ``NOTICES``.

    Parameters
    ----------
    title, message
        What happened, and what follows from it.
    kind
        ``info``, ``good`` or ``bad``; a bad one stays until it is closed.
    key
        Its id; a later one with the same id replaces it.
    """
    colours = {"info": "cyan", "good": "teal", "bad": "red"}
    shown: dict[str, Any] = {
        "action": "show",
        "title": title,
        "message": message,
        "color": colours[kind],
        "autoClose": False if kind == "bad" else 6000,
    }
    return {**shown, "id": key} if key else shown


def _shell(
    context: Context, pages: Sequence[PageModule], page: Page | None, body: Component
) -> list[Component]:
    language = context.language
    classes = ["main"]
    if page is not None:
        classes += [f"page-{page.key}", "full-bleed" if page.full_bleed else "margins"]
    return [
        html.A(say("skip", language), href="#main", className="skip-link"),
        html.Header(
            className="header",
            children=[
                html.A(
                    [icon("wave", size=22), html.Span(say("name", language))],
                    href=context.href("/"),
                    className="brand",
                    id="brand",
                ),
                _navigation(context, pages, page),
                html.Div(
                    className="header-status",
                    children=[
                        html.Div(id=HEADER_RISK, className="header-risk"),
                        html.Div(id=HEADER_SCENARIO, className="header-scenario"),
                        html.Div(id=HEADER_STATE, className="header-state"),
                        html.Div(id=HEADER_CLOCK, className="header-clock"),
                    ],
                ),
                html.Div(className="header-tools", children=_tools(context)),
            ],
        ),
        html.Main(body, id="main", className=" ".join(classes), lang=language, tabIndex="-1"),
        _keyboard(language),
        html.Div(
            say("offline", language), id="offline", className="offline", role="alert", hidden=True
        ),
    ]


def _navigation(context: Context, pages: Sequence[PageModule], shown: Page | None) -> Component:
    links = [
        html.A(
            [icon(page.icon or "arrow"), html.Span(page.title[LANGUAGES.index(context.language)])],
            href=context.href(page.path),
            className="nav-link active" if page is shown else "nav-link",
            id=f"nav-{page.key}",
            **({"aria-current": "page"} if page is shown else {}),
        )
        for page in (module.PAGE for module in pages)
        if page.in_navigation and context.may(page.role)
    ]
    return html.Nav(links, className="nav", **{"aria-label": say("navigation", context.language)})


def _tools(context: Context) -> list[Component]:
    language = context.language
    other = next(code for code in LANGUAGES if code != language)
    query = {key: value for key, value in context.query.items() if key != "lang"}
    tools = [
        html.A(
            other.upper(),
            id="switch-language",
            className="tool-link",
            href=replace(context, language=other).href(context.path, **query),
            lang=other,
            title=say(other, other),
            **{"aria-label": say(other, other)},
        ),
        dmc.ColorSchemeToggle(
            lightIcon=icon("moon"),
            darkIcon=icon("sun"),
            id="switch-theme",
            variant="subtle",
            color="gray",
            size="lg",
            **{"aria-label": say("theme", language)},
        ),
        html.Button(
            icon("keyboard"),
            id="show-keys",
            className="tool-button",
            title=say("keys_hint", language),
            **{"aria-label": say("keys_hint", language)},
        ),
    ]
    return [*tools, _who(context)]


def _who(context: Context) -> Component:
    language = context.language
    role = say(f"role.{context.role}", language)
    if context.user == "local":
        return html.Span(
            [icon("user", size=16), html.Span(say("local", language))],
            className="who",
            title=role,
        )
    return html.Form(
        [
            html.Span(
                [icon("user", size=16), html.Span(context.user)], className="who", title=role
            ),
            html.Button(
                icon("out", label=say("sign_out", language)),
                className="tool-button",
                title=say("sign_out", language),
            ),
        ],
        action="/sign-out",
        method="POST",
        className="who-form",
    )


def _keyboard(language: str) -> Component:
    rows = [
        html.Div([html.Dt(html.Kbd(keys)), html.Dd(say(f"key.{name}", language))])
        for keys, name in _KEYS
    ]
    return html.Dialog([html.H2(say("keys", language)), html.Dl(rows)], id="keys", className="keys")
