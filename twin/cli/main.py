"""The command ``twin`` and how it speaks of errors."""

from __future__ import annotations

import errno
import os
import signal
import sys
import tempfile
import traceback
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Annotated, Any

import typer

from models.errors import TwinError

__all__ = ["main", "make_app"]

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST),
    *(errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTEMPTY),
}
#: The base of all errors about options and arguments, which typer does not export by its name.
_UsageError: type[Any] = typer.BadParameter.__mro__[1]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"twin {version('city-twin')}")
        raise typer.Exit


def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Build a city, run a scenario on it, and read the result."""


def make_app() -> typer.Typer:
    """Return the command with all that it can do."""
    from twin.cli import (
        analysis,
        calibrate,
        city,
        evaluate,
        observed,
        replay,
        reports,
        results,
        run,
        scenario,
        sweep,
    )

    app = typer.Typer(
        name="twin",
        help="A digital twin of floods and emergency response in cities.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    app.add_typer(city.app, name="city")
    app.add_typer(sweep.app, name="sweep")
    app.add_typer(observed.app, name="observed")
    for module in (run, replay, evaluate, calibrate, results, reports, analysis, scenario):
        module.register(app)
    _add_app(app)
    return app


def _add_app(app: typer.Typer) -> None:
    """Add the commands of the browser application, a layer above this one: found by its name."""
    if find_spec("dash_app.commands") is not None:
        import_module("dash_app.commands").register(app)


def main() -> None:
    """Run the command line; exit with 0, 2 for the user's mistakes, 1 for ours, 130 on Ctrl-C."""
    try:
        code = make_app()(standalone_mode=False)
        sys.stdout.flush()
    except TwinError as error:
        _leave(error.exit_code, str(error))
    except _UsageError as error:
        _leave(2, _usage(error))
    except MemoryError:
        _leave(2, "there is not enough memory. Choose a coarser cell or a smaller extent.")
    except OSError as error:
        _leave(*_system_fault(error))
    except Exception as error:  # noqa: BLE001 - the last net: no traceback is thrown at a planner
        _leave(1, _our_fault(error))
    if code == 130:  # whoever presses Ctrl-C once more has what they want, not a traceback
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code if isinstance(code, int) else 0)


def _leave(code: int, text: str) -> None:
    """Print *text* as one line, and exit with *code*."""
    try:
        sys.stdout.flush()
    except OSError:  # a full disk or a closed pipe: what is left must not fail again at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if text:
        typer.echo(f"twin: {_one_line(text)}", err=True)
    sys.exit(code)


def _one_line(text: str) -> str:
    """
    Return *text* without line breaks and without what steers a terminal.

    Indented lines, which list further faults, stay lines of their own.
    """
    lines: list[str] = []
    for line in text.splitlines():
        shown = "".join(c if c.isprintable() else " " for c in line).rstrip()
        if line.startswith("  ") or not lines:
            lines.append(shown)
        elif shown:
            lines[-1] += f" {shown.lstrip()}"
    return "\n".join(lines)


def _usage(error: Any) -> str:  # noqa: ANN401 - see _UsageError
    text = str(error.format_message()).strip()
    if not text:  # the help was asked for, and is on the screen already
        return ""
    command = error.ctx.command_path if error.ctx is not None else "twin"
    return f"{text[0].lower()}{text[1:].rstrip('.')}. See `{command} --help`."


def _system_fault(error: OSError) -> tuple[int, str]:
    """Return exit code and message where the machine refused to read or write something."""
    place, reason = error.filename or "the output", error.strerror or error
    if error.errno == errno.EPIPE:
        return 1, ""  # the reader of our output has left, and needs no message
    if error.errno in _FULL:
        return 2, f"{place}: {reason}. Free some space or name another folder."
    if error.errno in _REFUSED:
        return 2, f"{place}: {reason}. Name another place, or change the rights on this one."
    return 1, _our_fault(error)


def _our_fault(error: Exception) -> str:
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    text = f"a fault of ours, not of yours: {reason[:300].rstrip('.')}. "
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="twin-fault-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write("".join(traceback.format_exception(error)))
    except OSError:
        return f"{text}Please report it."
    return f"{text}The details are in {file.name}; please report them."
