"""``twin serve``: the commands that this layer adds to the command line."""

from __future__ import annotations

import ipaddress
import socket
import webbrowser
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["register", "serve"]

Store = Annotated[
    Path | None,
    typer.Option(
        "--store", help="Folder of runs; else TWIN_STORE, else ./runs.", show_default=False
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command("serve")(serve)


def serve(
    store: Store = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port.")] = 8050,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the browser.")
    ] = True,
) -> None:
    """Serve the app to browsers on this machine. Ctrl-C ends it; runs that compute go on."""
    import uvicorn

    from dash_app.app import create_app

    if not is_loopback(host):
        raise InvalidInputError(
            "this address can be reached from other machines, and nobody has to sign in yet",
            where="--host",
            value=host,
            remedy="Leave --host out.",
        )
    app = create_app(store)
    require_free(host, port)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", server_header=False)
    server = uvicorn.Server(config)
    typer.echo(f"The app is at {address} (Ctrl-C ends it)")
    if browser:
        _later(1.0, lambda: webbrowser.open(address))
    server.run()


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_free(host: str, port: int) -> None:
    """Refuse a port on which something listens already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InvalidInputError(
                f"this port cannot be used ({error.strerror or error})",
                where="--port",
                value=port,
                remedy="Choose another with --port, or stop what uses it.",
            ) from error


def _later(seconds: float, act: Callable[[], object]) -> None:
    timer = Timer(seconds, act)
    timer.daemon = True
    timer.start()
