"""Plain data: what a document is made of, and how one value in it is changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from models.errors import ScenarioError

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["plain", "put"]


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever people hand over, made plain
    """
    Return *value* as a new tree of dict, list, str, int, float, bool and None.

    Models, dates, durations, paths and numpy arrays become what a file would say. What is of no
    such kind is kept, so that validation reports it at its place.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return plain(value.tolist())
    return _leaf(value)


def _leaf(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds()!r} s"
    return str(value) if isinstance(value, Path) else value


def put(data: dict[str, JsonValue], path: str, value: object, *, where: str) -> None:
    """
    Set one value in *data*, in place.

    Parameters
    ----------
    data
        The document.
    path
        Names and numbers of entries with points between: ``timeline.0.at``. An entry of a list may
        also be named by its ``id`` or ``name``, and ``+`` at the end appends one.
    value
        The new value; a mapping is merged into one that is there, None removes the field.
    where
        The document, for messages.

    Raises
    ------
    ScenarioError
        If the path leads through something that is no group of fields and no list.
    """
    *way, last = path.split(".")
    here: Any = data
    for step, name in enumerate(way):
        if isinstance(here, dict):
            if here.get(name) is None:
                here[name] = [] if [*way, last][step + 1] == "+" else {}
            here = here[name]
        else:
            here = here[_entry(here, name, path, where)]
    fresh = plain(value)
    if isinstance(here, list):
        if last == "+":
            here.append(fresh)
        else:
            here[_entry(here, last, path, where)] = fresh
    elif isinstance(here, dict) and last != "+":
        _put_into(here, last, fresh, where=where)
    else:
        raise ScenarioError("this path leads nowhere", where=where, value=path)


def _put_into(group: dict[str, JsonValue], name: str, fresh: Any, *, where: str) -> None:  # noqa: ANN401 - plain data
    """Set, merge or remove one field of a group."""
    here = group.get(name)
    if fresh is None:
        group.pop(name, None)
    elif isinstance(fresh, dict) and isinstance(here, dict):
        for inner, item in fresh.items():
            put(here, inner, item, where=where)
    else:
        group[name] = fresh


def _entry(here: object, name: str, path: str, where: str) -> int:
    if isinstance(here, list):
        if name.isdecimal() and int(name) < len(here):
            return int(name)
        for index, entry in enumerate(here):
            if isinstance(entry, dict) and name in {entry.get("id"), entry.get("name")}:
                return index
    raise ScenarioError(
        "this path leads nowhere",
        where=where,
        value=path,
        remedy=f"There is no {name!r} there.",
    )
