"""The editor of scenarios: the page on which it begins; ``page`` holds the editor itself."""

from dash_app.editor.choose import PAGE, layout, register

__all__ = ["PAGE", "layout", "register"]
