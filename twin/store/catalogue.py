"""The catalogue: one row per finished run, in SQLite, durable once it is committed."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from models.errors import StoreError
from twin.store.layout import canonical_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Catalogue", "RunRecord"]

VERSION = 1

_tables = sa.MetaData()
_store = sa.Table(
    "store",
    _tables,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)
_runs = sa.Table(
    "runs",
    _tables,
    sa.Column("run_id", sa.String, primary_key=True),
    sa.Column("scenario", sa.String, nullable=False),
    sa.Column("city", sa.String, nullable=False),
    sa.Column("created", sa.String, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("checksums", sa.String, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """
    One line of the list of runs.

    Parameters
    ----------
    run_id, scenario, city, created
        What was run, where, and when (ISO time).
    state
        ``finished``, ``running``, ``interrupted`` or ``failed``.
    folder
        Where its files are.
    digest
        Of the results; empty until finished.
    checksums
        SHA-256 of the list of file checksums; empty until finished.
    summary
        What ``twin run --json`` printed; empty until finished.
    reason
        Why it stopped, where it did not finish.
    """

    run_id: str
    scenario: str
    city: str
    created: str
    state: str
    folder: Path
    digest: str = ""
    checksums: str = ""
    summary: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


class Catalogue:
    """
    The catalogue of a store, made if absent.

    Parameters
    ----------
    path, runs
        The file of an SQLite catalogue, and the folder of the runs.
    url
        SQLAlchemy URL of a database instead of the file; one database serves one store.

    Raises
    ------
    StoreError
        If the database cannot be used, is damaged, or was written by a newer version.
    """

    def __init__(self, path: Path, runs: Path, *, url: str = "") -> None:
        self._path: Path | str = path
        self._runs = runs
        if url:
            self._engine, self._path = _engine_at(url)
        else:
            self._engine = sa.create_engine(f"sqlite:///{path}", poolclass=NullPool)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _set_up)
        with self._connect() as connection:
            try:
                _tables.create_all(connection)
                found = _version(connection)
            except (IntegrityError, ProgrammingError):  # somebody else made it this moment
                connection.rollback()
                found = _version(connection)
        if found is not None and not found.isdecimal():
            raise StoreError(
                "the catalogue is damaged",
                where=str(self._path),
                value=f"format {found}",
                remedy="Rebuild it from the run folders with `twin verify --repair`.",
            )
        if found is not None and int(found) > VERSION:
            raise StoreError(
                "the store was written by a newer version of this program",
                where=str(self._path),
                value=f"format {found}",
                remedy=f"This version reads up to format {VERSION}; update it.",
            )

    def add(self, record: RunRecord) -> None:
        """Add or replace the row of a finished run; when this returns, it is durable."""
        row = {
            "run_id": record.run_id,
            "scenario": record.scenario,
            "city": record.city,
            "created": record.created,
            "digest": record.digest,
            "checksums": record.checksums,
            "summary": canonical_json(dict(record.summary)),
        }
        with self._connect() as connection:
            connection.execute(sa.delete(_runs).where(_runs.c.run_id == record.run_id))
            connection.execute(sa.insert(_runs), row)
            _commit(connection)

    def drop(self, run_id: str) -> None:
        """Remove the row of a run, if there is one."""
        with self._connect() as connection:
            connection.execute(sa.delete(_runs).where(_runs.c.run_id == run_id))
            _commit(connection)

    def records(self) -> list[RunRecord]:
        """Return all rows, oldest first."""
        with self._connect() as connection:
            rows = connection.execute(sa.select(_runs).order_by(_runs.c.created, _runs.c.run_id))
            return [self._record(dict(row)) for row in rows.mappings()]

    def _record(self, row: Mapping[str, Any]) -> RunRecord:
        return RunRecord(
            run_id=row["run_id"],
            scenario=row["scenario"],
            city=row["city"],
            created=row["created"],
            state="finished",
            folder=self._runs / row["run_id"],
            digest=row["digest"],
            checksums=row["checksums"],
            summary=json.loads(row["summary"]),
        )

    @contextmanager
    def _connect(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._explain(error) from error

    def _explain(self, error: SQLAlchemyError) -> StoreError:
        text = str(error.orig) if isinstance(error, DatabaseError) else str(error)
        if "malformed" in text or "not a database" in text:
            return StoreError(
                "the catalogue is damaged",
                where=str(self._path),
                remedy="Rebuild it from the run folders with `twin verify --repair`.",
            )
        if isinstance(self._path, str):
            return StoreError(
                f"the database of the catalogue cannot be used ({' '.join(text.split())[:200]})",
                where=self._path,
                remedy="Check that the server runs, and the URL in TWIN_CATALOGUE.",
            )
        if "full" in text:
            return StoreError(
                "the disk is full",
                where=str(self._path),
                remedy="Free some space, then run `twin verify --repair`.",
            )
        return StoreError(
            f"the catalogue cannot be used ({text})",
            where=str(self._path),
            remedy="Check the disk and the rights on the folder, then run `twin verify --repair`.",
        )


def _engine_at(url: str) -> tuple[sa.Engine, str]:
    """Return the engine of a database, and how messages name it: without its password."""
    try:
        parsed = sa.make_url(url)
        shown = parsed.render_as_string(hide_password=True)
        wait = {"connect_timeout": 10} if parsed.get_backend_name() == "postgresql" else {}
        return sa.create_engine(parsed, poolclass=NullPool, connect_args=wait), shown
    except (SQLAlchemyError, ImportError) as error:
        raise StoreError(
            f"the catalogue cannot be used ({' '.join(str(error).split())[:120]})",
            where="TWIN_CATALOGUE",
            remedy="Give an SQLAlchemy URL such as postgresql+psycopg://user@host/database, and "
            "install its driver (`pip install city-twin[postgres]`).",
        ) from error


def _version(connection: sa.Connection) -> str | None:
    """Return the format that the catalogue was written in; write this one's into a new one."""
    found = connection.execute(sa.select(_store.c.value).where(_store.c.key == "version")).scalar()
    if found is None:
        connection.execute(sa.insert(_store), {"key": "version", "value": str(VERSION)})
        _commit(connection)
    return found


def _set_up(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA busy_timeout=30000")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _commit(connection: sa.Connection) -> None:
    connection.commit()
