"""The start page: three doors, recent runs, the bundled city."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc

from dash_app.pages import Page

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dash_app.backend import TwinDash
    from dash_app.context import Context

__all__ = ["PAGE", "layout", "register"]

PAGE = Page(key="home", path="/", title=("Trang chủ", "Start"), icon="home", in_navigation=True)


def layout(context: Context) -> Component:
    """Return the start page."""
    return dmc.Title("Hello" if context.language == "en" else "Chào", order=1)


def register(dash: TwinDash) -> None:
    """Add nothing yet."""
