"""Names of a log as identifiers of a scenario."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from models.errors import InvalidInputError
from twin.observed.words import folded

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["identifiers"]

_SOUND = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,79}")


def identifiers(names: Iterable[str], what: str) -> dict[str, str]:
    """
    Return an identifier for every name: itself where it is one, else its plain letters.

    Raises
    ------
    InvalidInputError
        If two names would become the same.
    """
    found: dict[str, str] = {}
    taken: dict[str, str] = {}
    for name in sorted(set(names)):
        plain = name if _SOUND.fullmatch(name) else folded(name).replace(" ", "-")[:80]
        if not plain or plain in taken:
            raise InvalidInputError(
                f"two {what} of the log cannot be told apart by their plain letters",
                where=f"{what} {taken.get(plain, '')!r} and {name!r}",
                remedy="Rename one of them in the log.",
            )
        taken[plain] = name
        found[name] = plain
    return found
