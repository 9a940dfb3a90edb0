"""The command ``twin`` and how it speaks of errors."""

from __future__ import annotations

import errno
import sys
import tempfile
import traceback
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console

from models.errors import TwinError

__all__ = ["app", "main"]

_DISK_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS}

app = typer.Typer(
    name="twin",
    help="A digital twin of floods and emergency response in cities.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"twin {version('city-twin')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Build a city, run a scenario on it, and read the result."""


def _register() -> None:
    from twin.cli import city, results, run, scenario  # noqa: PLC0415 - the error net is up first

    app.add_typer(city.app, name="city")
    for module in (run, results, scenario):
        module.register(app)


def main() -> None:
    """Run the command line; exit with 0, 2 for the user's mistakes, 1 for ours, 130 on Ctrl-C."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        _register()
        app()
    except TwinError as error:
        _say(console, str(error))
        sys.exit(error.exit_code)
    except MemoryError:
        _say(console, "there is not enough memory. Choose a coarser cell or a smaller extent.")
        sys.exit(2)
    except OSError as error:
        if error.errno not in _DISK_FAULTS:
            sys.exit(_our_fault(console))
        place = error.filename or "the disk"
        _say(console, f"{place}: {error.strerror}. Free some space or name another folder.")
        sys.exit(2)
    except Exception:  # noqa: BLE001 - the last net: no traceback is thrown at a planner
        sys.exit(_our_fault(console))


def _say(console: Console, text: str) -> None:
    console.print(f"twin: {text}", markup=False)


def _our_fault(console: Console) -> int:
    with tempfile.NamedTemporaryFile(
        "w", prefix="twin-fault-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(traceback.format_exc())
    reason = traceback.format_exc().strip().splitlines()[-1]
    _say(
        console,
        f"a fault of ours, not of yours: {reason}. "
        f"The details are in {file.name}; please report them.",
    )
    return 1
