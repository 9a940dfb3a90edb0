"""The page of one run: ``/runs/{run_id}``."""

from dash_app.viewer.page import PAGE, layout, register

__all__ = ["PAGE", "layout", "register"]
