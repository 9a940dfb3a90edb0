"""What people wrote on runs: title, tags, archived, deleted; kept beside the runs, in SQLite."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dash_app.sqlite_files import connected

if TYPE_CHECKING:
    import sqlite3
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = ["UNDO_S", "Label", "Labels"]

#: How long a deleted run can be brought back, s.
UNDO_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """
    What people wrote on one run.

    Parameters
    ----------
    title
        What people call it; empty takes the title of the scenario.
    tags
        Words to find it by, sorted.
    archived
        Whether it is kept out of the usual list.
    deleted_s
        When it was deleted, in seconds since 1970; 0 where it was not.
    """

    title: str = ""
    tags: tuple[str, ...] = ()
    archived: bool = False
    deleted_s: float = 0.0


class Labels:
    """
    The labels of the runs of the store in *root*.

    Raises
    ------
    StoreError
        If the file cannot be used.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / "labels.sqlite"
        with self._connect() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS labels (run_id TEXT PRIMARY KEY, title TEXT NOT NULL, "
                "tags TEXT NOT NULL, archived INTEGER NOT NULL, deleted_s REAL NOT NULL)"
            )

    def all(self) -> dict[str, Label]:
        """Return the labels by run; runs without one are absent."""
        with self._connect() as connection:
            rows = connection.execute("SELECT run_id, title, tags, archived, deleted_s FROM labels")
            return {
                run_id: Label(
                    title=title,
                    tags=tuple(json.loads(tags)),
                    archived=bool(archived),
                    deleted_s=deleted_s,
                )
                for run_id, title, tags, archived, deleted_s in rows
            }

    def get(self, run_id: str) -> Label:
        """Return the label of a run; an empty one where it has none."""
        return self.all().get(run_id, Label())

    def put(self, run_id: str, label: Label) -> None:
        """Keep the label of a run."""
        row = (run_id, label.title, json.dumps(label.tags), label.archived, label.deleted_s)
        with self._connect() as connection:
            connection.execute("INSERT OR REPLACE INTO labels VALUES (?, ?, ?, ?, ?)", row)

    def drop(self, run_id: str) -> None:
        """Forget the label of a run."""
        with self._connect() as connection:
            connection.execute("DELETE FROM labels WHERE run_id = ?", (run_id,))

    def _connect(self) -> AbstractContextManager[sqlite3.Connection]:
        return connected(
            self._path,
            what="the file of the labels of the runs",
            remedy="Check the disk, or move the file away to begin anew.",
        )
