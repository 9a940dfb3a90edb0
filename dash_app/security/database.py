"""The file with accounts, sessions and the log; readable for its owner alone."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from models.errors import StoreError
from twin.store.files import guarded, make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Database"]

_TABLES = """
CREATE TABLE IF NOT EXISTS accounts (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, hash TEXT NOT NULL, created_s REAL NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY, name TEXT NOT NULL, created_s REAL NOT NULL, seen_s REAL NOT NULL);
CREATE TABLE IF NOT EXISTS failures (what TEXT NOT NULL, at_s REAL NOT NULL);
CREATE INDEX IF NOT EXISTS failures_what ON failures (what, at_s);
CREATE TABLE IF NOT EXISTS audit (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
    detail TEXT NOT NULL, digest TEXT NOT NULL);
"""


class Database:
    """
    The database of the store in *root*, made if absent.

    Raises
    ------
    StoreError
        If the file cannot be used.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / "users.sqlite"
        with guarded(self.path):
            make_folder(root)
            if not self.path.exists():
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        with self.connect() as connection:
            connection.executescript(_TABLES)

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection; what is done is kept if nothing is raised, and undone if it is."""
        try:
            with guarded(self.path):
                connection = sqlite3.connect(self.path, timeout=10.0)
                try:
                    with connection:
                        yield connection
                finally:
                    connection.close()
        except sqlite3.Error as error:
            raise StoreError(
                f"the file of the accounts cannot be used ({error})",
                where=str(self.path),
                remedy="Check the disk and the rights on the file.",
            ) from error
