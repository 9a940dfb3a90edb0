"""Accounts: names, roles and passwords, with a limit on wrong guesses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from dash_app.context import ROLES
from models.errors import InvalidInputError

if TYPE_CHECKING:
    from dash_app.security.database import Database

__all__ = ["SHORTEST_PASSWORD", "Account", "Accounts", "TooManyError"]

SHORTEST_PASSWORD = 12
_LONGEST_PASSWORD = 256
#: So many wrong guesses for one name, or from one address, within so many seconds; then no more.
_MOST_PER_NAME, _MOST_PER_ADDRESS, _WINDOW_S = 5, 30, 900.0
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


class TooManyError(InvalidInputError):
    """There were too many wrong guesses; nobody is let in for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who may use the app, and as what."""

    name: str
    role: str
    created_s: float


class Accounts:
    """
    The accounts of a store.

    Passwords are kept as argon2id hashes (RFC 9106, second recommended option: 64 MiB, 3 passes).
    """

    def __init__(self, database: Database, *, hasher: PasswordHasher | None = None) -> None:
        self._database = database
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash("nobody has this name")

    def exist(self) -> bool:
        """Return whether there is any account."""
        with self._database.connect() as connection:
            return connection.execute("SELECT 1 FROM accounts LIMIT 1").fetchone() is not None

    def all(self) -> list[Account]:
        """Return the accounts, by name."""
        with self._database.connect() as connection:
            rows = connection.execute("SELECT name, role, created_s FROM accounts ORDER BY name")
            return [Account(name=n, role=r, created_s=c) for n, r, c in rows]

    def add(self, name: str, password: str, role: str, *, now_s: float) -> None:
        """
        Add an account.

        Raises
        ------
        InvalidInputError
            If name, password or role are not allowed, or the name is taken.
        """
        if not _NAME.fullmatch(name):
            raise InvalidInputError(
                "this cannot be the name of a user",
                where="name",
                value=name,
                remedy="Use at most 40 small letters, digits, and . _ -.",
            )
        self._require_role(role)
        self._require_password(name, password)
        if any(account.name == name for account in self.all()):
            raise InvalidInputError(
                "there is a user of this name already",
                where="name",
                value=name,
                remedy=f"Change the password with `twin users passwd {name}`.",
            )
        row = (name, role, self._hasher.hash(password), now_s)
        with self._database.connect() as connection:
            connection.execute("INSERT INTO accounts VALUES (?, ?, ?, ?)", row)

    def remove(self, name: str) -> None:
        """
        Remove an account; its sessions end at once.

        Raises
        ------
        InvalidInputError
            If there is none, or no administrator would be left.
        """
        account = self._find(name)
        admins = [a for a in self.all() if a.role == "admin"]
        if account.role == "admin" and len(admins) == 1 and len(self.all()) > 1:
            raise InvalidInputError(
                "no administrator would be left",
                where=name,
                remedy="Make another administrator first.",
            )
        with self._database.connect() as connection:
            connection.execute("DELETE FROM sessions WHERE name = ?", (name,))
            connection.execute("DELETE FROM accounts WHERE name = ?", (name,))

    def set_password(self, name: str, password: str) -> None:
        """
        Give an account another password; its sessions end at once.

        Raises
        ------
        InvalidInputError
            If there is none, or the password is not allowed.
        """
        self._find(name)
        self._require_password(name, password)
        with self._database.connect() as connection:
            connection.execute("DELETE FROM sessions WHERE name = ?", (name,))
            connection.execute("DELETE FROM failures WHERE what = ?", (f"name {name}",))
            connection.execute(
                "UPDATE accounts SET hash = ? WHERE name = ?", (self._hasher.hash(password), name)
            )

    def check(self, name: str, password: str, address: str, *, now_s: float) -> bool:
        """
        Return whether name and password belong together.

        An unknown name takes as long as a known one.

        Raises
        ------
        TooManyError
            If there were too many wrong guesses for this name or from this address.
        """
        name, password = name[:80], password[: _LONGEST_PASSWORD + 1]
        guesses = {f"name {name}": _MOST_PER_NAME, f"address {address}": _MOST_PER_ADDRESS}
        with self._database.connect() as connection:
            connection.execute("DELETE FROM failures WHERE at_s < ?", (now_s - _WINDOW_S,))
            for what, most in guesses.items():
                query = "SELECT COUNT(*) FROM failures WHERE what = ?"
                if connection.execute(query, (what,)).fetchone()[0] >= most:
                    raise TooManyError(
                        "there were too many wrong passwords",
                        where="sign-in",
                        remedy=f"Try again in {_WINDOW_S / 60.0:g} minutes.",
                    )
            # Counted before it is checked, so that guesses at the same time do not slip through.
            connection.executemany(
                "INSERT INTO failures VALUES (?, ?)", [(what, now_s) for what in guesses]
            )
            row = connection.execute("SELECT hash FROM accounts WHERE name = ?", (name,)).fetchone()
        try:
            self._hasher.verify(self._nobody if row is None else row[0], password)
            right = row is not None
        except (Argon2Error, InvalidHashError):
            right = False
        if right:
            with self._database.connect() as connection:
                for what in guesses:
                    connection.execute(
                        "DELETE FROM failures WHERE what = ? AND at_s = ?", (what, now_s)
                    )
        return right

    def _find(self, name: str) -> Account:
        for account in self.all():
            if account.name == name:
                return account
        raise InvalidInputError(
            "there is no such user",
            where="name",
            value=name,
            remedy="List them with `twin users list`.",
        )

    @staticmethod
    def _require_role(role: str) -> None:
        if role not in ROLES:
            raise InvalidInputError(
                "there is no such role",
                where="role",
                value=role,
                remedy=f"Choose from {', '.join(ROLES)}.",
            )

    @staticmethod
    def _require_password(name: str, password: str) -> None:
        if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
            raise InvalidInputError(
                f"a password has {SHORTEST_PASSWORD} to {_LONGEST_PASSWORD} letters",
                where="password",
                remedy="Choose a longer one; a sentence is easy to remember.",
            )
        if len(set(password)) < 5 or name in password.lower():
            raise InvalidInputError(
                "this password is easy to guess",
                where="password",
                remedy="Choose one with more different letters and without the user's name.",
            )
