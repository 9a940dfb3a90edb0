"""The interface for programs, ``/api/v1``; the app's own pages use it too."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from fastapi import APIRouter

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["PREFIX", "add_api"]

PREFIX = "/api/v1"
#: Each has a ``router``.
MODULES = (
    "dash_app.api.cities",
    "dash_app.api.scenarios",
    "dash_app.api.runs",
    "dash_app.api.results",
    "dash_app.api.jobs",
)


def add_api(server: FastAPI) -> None:
    """Add every part of the interface to *server*."""
    whole = APIRouter(prefix=PREFIX)
    for name in MODULES:
        if find_spec(name) is not None:
            whole.include_router(import_module(name).router)
    server.include_router(whole)
