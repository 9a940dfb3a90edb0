"""Two runs side by side: ``/compare?a=…&b=…``."""

from dash_app.compare.page import PAGE, layout, register

__all__ = ["PAGE", "layout", "register"]
