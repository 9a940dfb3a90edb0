"""The page of all runs."""

from dash_app.runs.page import PAGE, layout, register

__all__ = ["PAGE", "layout", "register"]
