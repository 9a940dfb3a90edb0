"""Small databases beside the runs: one connection for each use."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from models.errors import StoreError
from twin.store.files import guarded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["connected"]


@contextmanager
def connected(path: Path, *, what: str, remedy: str) -> Iterator[sqlite3.Connection]:
    """
    Yield a connection; what is done is kept if nothing is raised, and undone if it is.

    Raises
    ------
    StoreError
        If the file cannot be used: *what* it is, and what can be done.
    """
    try:
        with guarded(path):
            connection = sqlite3.connect(path, timeout=10.0)
            try:
                with connection:
                    yield connection
            finally:
                connection.close()
    except sqlite3.Error as error:
        raise StoreError(
            f"{what} cannot be used ({error})", where=str(path), remedy=remedy
        ) from error
