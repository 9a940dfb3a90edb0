"""
The pages of the app.

A page is a module (or package) with

``PAGE``
    a :class:`Page`: its address, its name, who may see it;
``layout(context, **parameters)``
    which returns the components, given the :class:`~dash_app.context.Context` and the parts of
    the address that stand in braces;
``register(dash)``
    which adds callbacks to the Dash app, once, at the start. A callback that changes something
    says so: ``@dash.callback(..., role="planner")``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash import Dash
    from dash.development.base_component import Component

    from dash_app.context import Context

__all__ = ["Found", "Page", "PageModule", "address_of", "find_page", "load_pages"]

#: In the order of the navigation.
MODULES = (
    "dash_app.home",
    "dash_app.editor",
    "dash_app.editor.page",
    "dash_app.runs",
    "dash_app.viewer",
    "dash_app.compare",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """
    One page.

    Parameters
    ----------
    key
        Its short name, such as ``runs``; also the CSS class ``page-<key>`` of the main area.
    path
        Its address, such as ``/runs/{run_id}``.
    title
        What people call it, in the order of ``LANGUAGES``.
    icon
        An SVG path (24 by 24) for the navigation.
    role
        The least role that may see it.
    in_navigation
        Whether it stands in the navigation.
    query
        Fields after the question mark on which its layout depends: it is laid out anew where one
        of them changes.
    full_bleed
        Whether it uses the whole window below the header, without margins (maps do).
    """

    key: str
    path: str
    title: tuple[str, str]
    icon: str = ""
    role: str = "viewer"
    in_navigation: bool = False
    query: tuple[str, ...] = ()
    full_bleed: bool = False


class PageModule(Protocol):
    """What the module of a page holds."""

    PAGE: Page

    @staticmethod
    def layout(context: Context, **parameters: str) -> Component:
        """Return the components."""

    @staticmethod
    def register(dash: Dash) -> None:
        """Add the callbacks."""


class Found(NamedTuple):
    """A page and the parts of the address that stand for the braces."""

    module: PageModule
    parameters: dict[str, str]


def load_pages(names: Sequence[str] = MODULES) -> list[PageModule]:
    """Return the modules of the pages, in the order of the navigation."""
    modules: list[Any] = [import_module(name) for name in names]
    return modules


def address_of(key: str, **parameters: str) -> str | None:
    """Return the address of the page *key*, None where the app has none of that name."""
    for module in load_pages():
        if module.PAGE.key == key:
            return module.PAGE.path.format(**parameters)
    return None


def find_page(pages: Sequence[PageModule], path: str) -> Found | None:
    """Return the page at *path*, None where there is none."""
    asked = path.rstrip("/") or "/"
    for module in pages:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(module.PAGE.path))
        match = re.fullmatch(pattern, asked)
        if match:
            return Found(module, {k: unquote(v) for k, v in match.groupdict().items()})
    return None
