"""From documents of older versions to the current one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from models.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

    from scenarios.loader import Document

__all__ = ["CURRENT", "migrate"]

CURRENT = 1

#: From version n to n + 1, by n.
MIGRATIONS: Mapping[int, Callable[[dict[str, JsonValue]], dict[str, JsonValue]]] = {}


def migrate(
    document: Document,
    *,
    current: int = CURRENT,
    migrations: Mapping[int, Callable[[dict[str, JsonValue]], dict[str, JsonValue]]] = MIGRATIONS,
) -> Document:
    """
    Bring *document* to the version *current*, one step at a time.

    Raises
    ------
    ScenarioError
        If it names no version, or one that is newer than this program, or too old.
    """
    version = document.data.get("schema")
    if "schema" not in document.data:
        raise ScenarioError(
            "the version of the format is missing",
            where=document.place(()),
            remedy=f"Begin the document with `schema: {current}`.",
        )
    where = document.place(("schema",))
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ScenarioError(
            "schema must be a whole number from 1",
            where=where,
            value=version,
            remedy=f"Write `schema: {current}`.",
        )
    if version > current:
        raise ScenarioError(
            "the document was written for a newer version of this program",
            where=where,
            value=version,
            remedy=f"This one reads schema 1 to {current}; install a newer one.",
        )
    data = document.data
    while version < current:
        if version not in migrations:
            raise ScenarioError(
                "documents of this version can no longer be read",
                where=where,
                value=version,
                remedy=f"Rewrite it for schema {current}.",
            )
        data = {**migrations[version](data), "schema": version + 1}
        version += 1
    return document if data is document.data else replace(document, data=data)
