"""Sessions: who is signed in. They live on the server, and end there."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dash_app.security.database import Database

__all__ = ["ABSOLUTE_S", "IDLE_S", "Sessions", "Signed"]

#: A session ends after so long without a request, and after so long in any case, s.
IDLE_S, ABSOLUTE_S = 30 * 60.0, 12 * 3600.0
#: Requests within so long after one another are written down once, s.
_NOTED_S = 30.0


class Signed(NamedTuple):
    """Who is signed in, and as what."""

    name: str
    role: str


class Sessions:
    """
    The sessions of a store.

    The browser holds a random token, the file only its hash, so that nobody who reads the file can
    go on with a session.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, name: str, *, now_s: float) -> str:
        """Begin a session of *name*, and return its token."""
        token = secrets.token_urlsafe(32)
        with self._database.connect() as connection:
            connection.execute(
                "DELETE FROM sessions WHERE seen_s < ? OR created_s < ?",
                (now_s - IDLE_S, now_s - ABSOLUTE_S),
            )
            row = (_hash(token), name, now_s, now_s)
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", row)
        return token

    def find(self, token: str, *, now_s: float) -> Signed | None:
        """Return whose session it is, None where it has ended or never was; keep it awake."""
        if not token:
            return None
        key = _hash(token)
        with self._database.connect() as connection:
            row = connection.execute(
                "SELECT s.created_s, s.seen_s, a.name, a.role FROM sessions s "
                "JOIN accounts a ON a.name = s.name WHERE s.token = ?",
                (key,),
            ).fetchone()
            if row is None:
                return None
            created_s, seen_s, name, role = row
            if now_s - seen_s > IDLE_S or now_s - created_s > ABSOLUTE_S:
                connection.execute("DELETE FROM sessions WHERE token = ?", (key,))
                return None
            if now_s - seen_s > _NOTED_S:
                connection.execute("UPDATE sessions SET seen_s = ? WHERE token = ?", (now_s, key))
        return Signed(name, role)

    def end(self, token: str) -> None:
        """End a session."""
        with self._database.connect() as connection:
            connection.execute("DELETE FROM sessions WHERE token = ?", (_hash(token),))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
