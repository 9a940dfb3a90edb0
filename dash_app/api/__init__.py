"""The interface for programs, ``/api/v1``; the app's own pages use it too."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from dash_app.api.errors import NotFoundError, Problem, add_error_handlers

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
#: What any endpoint may answer instead.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text}
    for status, text in (
        (400, "The request cannot be understood."),
        (401, "Nobody is signed in."),
        (403, "The role does not allow it."),
        (404, "There is no such thing."),
        (409, "It does not fit the present state."),
        (413, "The request is too large."),
        (415, "The request is not JSON."),
        (422, "The request is wrong."),
        (503, "The store cannot be used."),
    )
}


def add_api(server: FastAPI) -> None:
    """Add every part of the interface to *server*."""
    add_error_handlers(server)
    whole = APIRouter(prefix=PREFIX, responses=PROBLEMS)
    for name in MODULES:
        whole.include_router(import_module(name).router)

    @whole.get("/{path:path}", include_in_schema=False)
    def nothing(path: str) -> None:
        raise NotFoundError("there is no such address", where=PREFIX, value=path)

    server.include_router(whole)
