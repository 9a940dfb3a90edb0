"""Policies of a user's own: Python files that a scenario names, pinned by their checksums."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from models.errors import ScenarioError
from scenarios.rasters import checksum_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pydantic import JsonValue

__all__ = [
    "POLICY_FIELDS",
    "file_and_function",
    "needs_policies",
    "pin_policies",
    "refuse_policies",
]

#: Fields of ``response`` that may name a function in a file.
POLICY_FIELDS = ("dispatch_policy", "queue_policy", "hospital_policy", "move_up_policy")
_SHORT = re.compile(r"(?P<file>.+\.py):(?P<function>[A-Za-z_]\w*)", re.DOTALL)


def file_and_function(value: object) -> object:
    """Return ``my_file.py:function`` as its two parts, and anything else as it is."""
    found = _SHORT.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else found.groupdict()


def _own(data: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield place, field and parts of every policy that is in a file."""
    response = data.get("response")
    if not isinstance(response, dict):
        return
    for field in POLICY_FIELDS:
        parts = file_and_function(response.get(field))
        if isinstance(parts, dict):
            yield f"response.{field}", field, dict(parts)


def needs_policies(data: Mapping[str, JsonValue]) -> bool:
    """Tell whether a valid document names a policy without its checksum."""
    return any("sha256" not in parts for _, _, parts in _own(data))


def refuse_policies(data: Mapping[str, JsonValue], name: str) -> None:
    """
    Refuse policies in files: whoever may name one may run any code on this machine.

    Raises
    ------
    ScenarioError
        If there is one.
    """
    for place, _, parts in _own(data):
        raise ScenarioError(
            "a policy of one's own is program code, and is not taken from this document",
            where=f"{name}: {place}",
            value=parts.get("file"),
            remedy="Name a policy by its name, or run the scenario from the command line.",
        )


def pin_policies(data: dict[str, Any], locate: Callable[[str, str], Path]) -> None:
    """
    Write path and checksum of every such file into *data*, in place.

    Raises
    ------
    ScenarioError
        If a file is missing or cannot be read.
    """
    for place, field, parts in _own(data):
        if "sha256" not in parts:
            path = locate(parts["file"], place).resolve()
            parts |= {"file": str(path), "sha256": checksum_of(path, where=place)}
        data["response"][field] = parts
