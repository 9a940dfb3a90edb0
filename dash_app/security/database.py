"""The file with accounts, sessions and the log; readable for its owner alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dash_app.sqlite_files import connected
from twin.store.files import guarded, make_folder

if TYPE_CHECKING:
    import sqlite3
    from contextlib import AbstractContextManager
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

    def connect(self) -> AbstractContextManager[sqlite3.Connection]:
        """Return a connection; what is done is kept if nothing is raised, and undone if it is."""
        return connected(
            self.path,
            what="the file of the accounts",
            remedy="Check the disk and the rights on the file.",
        )
