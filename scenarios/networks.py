"""Networks of drains in files of their own, written out into the document that names them."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

from models.drainage.inp import read_inp
from models.errors import InvalidInputError, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["inline_network", "needs_network"]

_MAX_BYTES = 32 << 20


def needs_network(data: dict[str, Any]) -> bool:
    """Tell whether the network of a valid document is in a file."""
    return _network(data).get("file") is not None


def _network(data: dict[str, Any]) -> dict[str, Any]:
    drainage = data.get("drainage")
    network = drainage.get("network") if isinstance(drainage, dict) else None
    return network if isinstance(network, dict) else {}


def inline_network(data: dict[str, Any], locate: Callable[[str, str], Path]) -> None:
    """
    Write the network of a file into *data*, in place, without its drawings and comments.

    Parameters
    ----------
    data
        A valid document.
    locate
        Finds a file by its path as written and the place of the field.

    Raises
    ------
    ScenarioError
        If the file is missing, too large, no text, or not a SWMM input file.
    """
    network = _network(data)
    if network.get("file") is None:
        return
    path = locate(str(network["file"]), "drainage.network.file")
    try:
        text = read_inp(_text(path), name=str(path)).text
    except ScenarioError:
        raise
    except InvalidInputError as error:
        raise ScenarioError(
            error.what, where=error.where, value=error.value, remedy=error.remedy
        ) from error
    del network["file"]
    network["text"] = text


def _text(path: Path) -> str:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ScenarioError("this is not an ordinary file", where=str(path))
        if status.st_size > _MAX_BYTES:
            raise ScenarioError(f"the file is larger than {_MAX_BYTES} bytes", where=str(path))
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ScenarioError(
            "there is no such file", where=str(path), remedy="Check the path."
        ) from None
    except OSError as cause:
        raise ScenarioError(f"the file cannot be read ({cause})", where=str(path)) from cause
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        # SWMM's own editor writes the code page of the machine; names in it stay what they are.
        return raw.decode("cp1252", errors="replace")
