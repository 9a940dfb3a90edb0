"""``twin serve`` and ``twin users``: what this layer adds to the command line."""

from __future__ import annotations

import ipaddress
import socket
import subprocess
import sys
import time
import webbrowser
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import InvalidInputError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dash_app.security import Accounts, Audit

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
    users = typer.Typer(
        name="users", help="Say who may use the app from other machines.", no_args_is_help=True
    )
    users.command("add")(add_user)
    users.command("list")(list_users)
    users.command("remove")(remove_user)
    users.command("passwd")(change_password)
    users.command("log")(show_log)
    app.add_typer(users)


def serve(
    *,
    store: Store = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port.")] = 8050,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the browser.")
    ] = True,
    city: Annotated[
        list[Path] | None,
        typer.Option("--city", help="Folder of a city to offer; may be given again."),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, max=64, help="Runs to compute at once.")
    ] = 1,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="PEM file, to serve by https.")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Its private key, PEM.")] = None,
) -> None:
    """Serve the app to browsers. Ctrl-C ends it; runs that are being computed go on."""
    _require_packages()
    import uvicorn

    from dash_app.app import create_app
    from dash_app.cities import list_cities
    from dash_app.library import sweep
    from twin.city.city import open_city

    local = is_loopback(host)
    app = create_app(store, local=local, slots=jobs)
    services = app.state.services
    if not local and not services.accounts.exist():
        raise InvalidInputError(
            "this address can be reached from other machines, and there are no users yet",
            where="--host",
            value=host,
            remedy="Add one with `twin users add NAME --role admin`, or leave --host out.",
        )
    if (certificate is None) != (key is None):
        raise InvalidInputError("a certificate needs its key, and a key its certificate")
    for folder in city or []:
        found = open_city(folder)
        services.store.keep_city(folder, found.digest)
    sweep(services)
    require_free(host, port)
    scheme = "http" if certificate is None else "https"
    address = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/"
    if not local and certificate is None:
        typer.echo(
            "Passwords go over the network unencrypted: give --certificate and --key, "
            "or put a proxy with TLS before it.",
            err=True,
        )
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    server = uvicorn.Server(config)
    if not list_cities(services.store):
        make_bundled_city(services.store.root)
    typer.echo(f"The app is at {address} (Ctrl-C ends it)")
    if browser:
        _later(1.0, lambda: webbrowser.open(address))
    server.run()


Name = Annotated[str, typer.Argument(help="Name of the user.")]


def add_user(
    name: Name,
    role: Annotated[
        str,
        typer.Option(
            "--role", help="viewer looks, planner also runs and changes, admin does everything."
        ),
    ] = "viewer",
    store: Store = None,
) -> None:
    """Add a user; the password is asked for, or read from a pipe."""
    accounts, audit = _accounts(store)
    accounts.add(name, _password(), role, now_s=time.time())
    audit.add("command line", "user added", {"name": name, "role": role}, now=datetime.now(UTC))
    typer.echo(f"{name} may sign in as {role}.")


def list_users(store: Store = None) -> None:
    """List the users."""
    accounts, _ = _accounts(store)
    for account in accounts.all():
        created = datetime.fromtimestamp(account.created_s, UTC).astimezone()
        typer.echo(f"{account.name:<24} {account.role:<10} since {created:%Y-%m-%d}")


def remove_user(name: Name, store: Store = None) -> None:
    """Remove a user; their sessions end at once."""
    accounts, audit = _accounts(store)
    accounts.remove(name)
    audit.add("command line", "user removed", {"name": name}, now=datetime.now(UTC))
    typer.echo(f"{name} may not sign in any more.")


def change_password(name: Name, store: Store = None) -> None:
    """Give a user another password; their sessions end at once."""
    accounts, audit = _accounts(store)
    accounts.set_password(name, _password())
    audit.add("command line", "password changed", {"name": name}, now=datetime.now(UTC))
    typer.echo(f"{name} has another password.")


def show_log(store: Store = None) -> None:
    """Show who did what, and check that no line was altered."""
    _, audit = _accounts(store)
    for line in audit.lines():
        typer.echo(f"{line.number:>6} {line.at} {line.who} {line.what} {line.detail}")
    broken = audit.first_broken()
    if broken is not None:
        raise StoreError(
            "the log was altered",
            where=f"line {broken}",
            remedy="Compare it with a copy; what follows this line cannot be trusted.",
        )
    typer.echo("The log is whole.", err=True)


def _accounts(store: Path | None) -> tuple[Accounts, Audit]:
    _require_packages()
    from dash_app.security import Accounts, Audit
    from dash_app.security.database import Database
    from twin.results.open import store_folder

    database = Database(store_folder(store))
    return Accounts(database), Audit(database)


def _password() -> str:
    """Ask for a password twice, or read one line where nobody types."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _require_packages() -> None:
    missing = [name for name in ("argon2", "dash", "fastapi", "uvicorn") if find_spec(name) is None]
    if missing:
        raise InvalidInputError(
            f"the app needs packages that are not here: {', '.join(missing)}",
            where="twin",
            remedy="Install them with `pip install 'city-twin[app]'`.",
        )


def make_bundled_city(root: Path) -> None:
    """Have the bundled city made in a process of its own, so that there is one to begin with."""
    subprocess.Popen(  # noqa: S603 - our own module, and a folder that was opened before
        [sys.executable, "-m", "dash_app.bundled", str(root)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


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
