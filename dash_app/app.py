"""The web server: pages by Dash, the interface for programs under ``/api/v1``, and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles

from dash_app import shell
from dash_app.api import add_api
from dash_app.backend import Backend, TwinDash
from dash_app.gate import Gate
from dash_app.pages import find_page, load_pages
from dash_app.services import Services
from dash_app.web_assets import is_built, web_folder
from twin.results.open import store_folder

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI, Request
    from fastapi.responses import HTMLResponse

__all__ = ["create_app"]


def create_app(store: str | Path | None = None, *, local: bool = True, slots: int = 1) -> FastAPI:
    """
    Return the web server over a store of runs.

    Parameters
    ----------
    store
        Folder of the store, made if absent; None takes ``TWIN_STORE``, or ``runs``.
    local
        Whether it is served to this machine alone; then nobody signs in until there are accounts.
    slots
        How many runs may be computed at once.

    Raises
    ------
    StoreError
        If the store cannot be used.
    """
    root = store_folder(store).absolute()
    services = Services.over(root, slots=slots)
    pages = load_pages()
    dash = TwinDash(
        name="dash_app",
        backend=Backend,
        title="City twin",
        update_title=None,
        suppress_callback_exceptions=True,
        add_log_handler=False,
    )
    dash.layout = shell.frame
    server: FastAPI = dash.server
    server.state.services = services
    server.state.dash = dash
    shell.register(dash, pages)
    for module in pages:
        module.register(dash)
    dash._setup_server()  # noqa: SLF001 - else done at the first callback, after the first page
    add_api(server)
    if is_built():
        server.mount("/web", StaticFiles(directory=web_folder()), name="web")

    def health(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    def page(request: Request) -> HTMLResponse:
        known = find_page(pages, request.url.path) is not None
        return dash.page(request, status=200 if known else 404)

    server.add_route("/health", health, methods=["GET"], include_in_schema=False)
    server.add_route("/{path:path}", page, methods=["GET"], include_in_schema=False)
    server.add_middleware(Gate, services=services, local=local)
    return server
