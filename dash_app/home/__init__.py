"""The start page."""

from dash_app.home.page import PAGE, layout, register

__all__ = ["PAGE", "layout", "register"]
