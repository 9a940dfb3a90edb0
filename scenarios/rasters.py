"""Files that are too large to be written into a document: their whole path and their checksum."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

from models.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pydantic import JsonValue

__all__ = ["checksum_of", "needs_checksums", "pin_files"]

#: Parts of a document in which such files are named.
_PARTS = ("rain", "losses")


def _groups(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield place and group of every such file."""
    waiting: list[tuple[str, Any]] = [(part, data.get(part)) for part in _PARTS]
    while waiting:
        place, node = waiting.pop(0)
        if isinstance(node, dict):
            if "file" in node or "files" in node:
                yield place, node
            waiting += [(f"{place}.{key}", part) for key, part in node.items() if key != "csv"]
        elif isinstance(node, list):
            waiting += [(f"{place}[{index}]", part) for index, part in enumerate(node)]


def needs_checksums(data: dict[str, JsonValue]) -> bool:
    """Tell whether a valid document names a file without its checksum."""
    return any("sha256" not in group for _, group in _groups(cast("dict[str, Any]", data)))


def pin_files(data: dict[str, JsonValue], locate: Callable[[str, str], Path]) -> None:
    """
    Write path and checksum of every such file into *data*, in place.

    Raises
    ------
    ScenarioError
        If a file is missing or cannot be read.
    """
    for place, group in _groups(cast("dict[str, Any]", data)):
        if "sha256" in group:
            continue
        texts = group["files"] if "files" in group else [group["file"]]
        paths = [locate(text, place) for text in texts]
        sums = [checksum_of(path, where=place) for path in paths]
        names = [str(path.resolve()) for path in paths]
        if "files" in group:
            group["files"], group["sha256"] = names, sums
        else:
            group["file"], group["sha256"] = names[0], sums[0]


def checksum_of(path: Path, *, where: str) -> str:
    """
    Return the SHA-256 of a file.

    Raises
    ------
    ScenarioError
        If it is missing or cannot be read.
    """
    try:
        if not path.is_file():
            raise ScenarioError(
                "there is no such file", where=f"{where}: {path}", remedy="Check the path."
            )
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as cause:
        raise ScenarioError(
            f"the file cannot be read ({cause.strerror})", where=f"{where}: {path}"
        ) from cause
