"""A log of who changed what, in which every line carries the hash of all before it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from twin.store.layout import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash_app.security.database import Database

__all__ = ["Audit", "Line"]

_FIRST = "0" * 64


class Line(NamedTuple):
    """One line: its number, when (ISO, UTC), who, what, more of it (JSON), and the hash."""

    number: int
    at: str
    who: str
    what: str
    detail: str
    digest: str


class Audit:
    """
    The log of a store.

    A line that was altered, put in or taken out breaks the chain behind it. Lines cut off at the
    end are seen only by whoever kept a later hash: copy that of the last line elsewhere.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, who: str, what: str, detail: Mapping[str, object], *, now: datetime) -> None:
        """Add a line."""
        at = now.astimezone(UTC).isoformat(timespec="milliseconds")
        text = canonical_json(dict(detail))
        with self._database.connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            last = connection.execute(
                "SELECT number, digest FROM audit ORDER BY number DESC LIMIT 1"
            ).fetchone()
            number, before = (last[0] + 1, last[1]) if last else (1, _FIRST)
            digest = _digest(before, number, at, who, what, text)
            row = (number, at, who, what, text, digest)
            connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)", row)

    def lines(self) -> list[Line]:
        """Return all lines, oldest first."""
        with self._database.connect() as connection:
            rows = connection.execute(
                "SELECT number, at, who, what, detail, digest FROM audit ORDER BY number"
            )
            return [Line(*row) for row in rows]

    def first_broken(self) -> int | None:
        """Return the number of the first line that does not follow from those before, or None."""
        before = _FIRST
        for expected, line in enumerate(self.lines(), start=1):
            digest = _digest(before, expected, line.at, line.who, line.what, line.detail)
            if line.number != expected or digest != line.digest:
                return expected
            before = line.digest
        return None


def _digest(before: str, *fields: object) -> str:
    text = canonical_json([before, *fields])
    return hashlib.sha256(text.encode()).hexdigest()
