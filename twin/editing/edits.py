"""
Edits: small values, each of which turns one document into another.

Five of them are enough for everything that a scenario can say, so that tools, forms and a change
typed in YAML end up as the same values, are told in the same sentences, and can be stored, undone
and switched off alike.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from models.errors import InvalidInputError
from twin.editing.conflict import EditConflict
from twin.editing.documents import MISSING, changed, identity, where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from twin.editing.documents import Path

__all__ = [
    "AddItem",
    "Edit",
    "RemoveField",
    "RemoveItem",
    "ReplaceItem",
    "SetField",
    "edit_from_json",
    "edit_to_json",
    "same",
]

type Document = dict[str, Any]


def same(one: object, other: object) -> bool:
    """Tell whether two values say the same: ``1`` and ``1.0`` do, ``1`` and ``true`` do not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@dataclass(frozen=True, slots=True)
class SetField:
    """Give the field at *path* a value, whatever stood there."""

    path: Path
    value: Any

    def apply(self, document: Document) -> Document:
        """Return *document* with this value; raises EditConflict where there is no such place."""
        return cast("Document", changed(document, self.path, lambda _: self.value))


@dataclass(frozen=True, slots=True)
class RemoveField:
    """Take the field at *path* away, so that its default holds."""

    path: Path

    def apply(self, document: Document) -> Document:
        """Return *document* without the field; raises EditConflict where it is not there."""

        def drop(value: object) -> object:
            if value is MISSING:
                raise EditConflict("gone", self.path)
            return MISSING

        return cast("Document", changed(document, self.path, drop))


@dataclass(frozen=True, slots=True)
class AddItem:
    """Add an entry to the list at *path*, at *position* or at its end."""

    path: Path
    item: Any
    position: int | None = None

    def apply(self, document: Document) -> Document:
        """Return *document* with the entry; raises EditConflict where its name is taken."""
        name = identity(self.item)

        def add(items: object) -> object:
            found = _list(items, self.path)
            if name is not None and where(found, name) is not None:
                raise EditConflict("exists", self.path, name)
            place = len(found) if self.position is None else min(self.position, len(found))
            return [*found[:place], self.item, *found[place:]]

        return cast("Document", changed(document, self.path, add))


@dataclass(frozen=True, slots=True)
class RemoveItem:
    """Take an entry from the list at *path*: the one of the same name, else the same one."""

    path: Path
    item: Any

    def apply(self, document: Document) -> Document:
        """Return *document* without the entry; raises EditConflict where it is not there."""

        def remove(items: object) -> object:
            found = _list(items, self.path)
            index = _index(found, self.item, self.path)
            return [*found[:index], *found[index + 1 :]]

        return cast("Document", changed(document, self.path, remove))


@dataclass(frozen=True, slots=True)
class ReplaceItem:
    """Put *item* where *old* stands in the list at *path*; for entries that have no name."""

    path: Path
    old: Any
    item: Any

    def apply(self, document: Document) -> Document:
        """Return *document* with the new entry; raises EditConflict where the old one is gone."""

        def replace(items: object) -> object:
            found = _list(items, self.path)
            index = _index(found, self.old, self.path)
            return [*found[:index], self.item, *found[index + 1 :]]

        return cast("Document", changed(document, self.path, replace))


type Edit = SetField | RemoveField | AddItem | RemoveItem | ReplaceItem

_KINDS: dict[str, type[Any]] = {
    "set": SetField,
    "unset": RemoveField,
    "add": AddItem,
    "remove": RemoveItem,
    "replace": ReplaceItem,
}


def edit_to_json(edit: Edit) -> dict[str, JsonValue]:
    """Return an edit as JSON values; :func:`edit_from_json` reads it back."""
    kind = next(name for name, form in _KINDS.items() if isinstance(edit, form))
    fields = {name: getattr(edit, name) for name in edit.__dataclass_fields__}
    if fields.get("position", 0) is None:
        del fields["position"]
    return {"do": kind, **fields, "path": list(edit.path)}


def edit_from_json(data: Mapping[str, Any]) -> Edit:
    """
    Return the edit that *data* says.

    Raises
    ------
    InvalidInputError
        If it says none.
    """
    form = _KINDS.get(str(data.get("do")))
    fields = {name: value for name, value in data.items() if name != "do"}
    path = fields.get("path")
    if (
        form is None
        or not isinstance(path, list)
        or not all(isinstance(step, str | int) for step in path)
        or not isinstance(fields.get("position", 0), int)
    ):
        raise _unreadable(data)
    try:
        return cast("Edit", form(**{**fields, "path": tuple(path)}))
    except TypeError:
        raise _unreadable(data) from None


def _unreadable(data: object) -> InvalidInputError:
    return InvalidInputError(
        "this is not an edit",
        where="edit",
        value=json.dumps(data, ensure_ascii=False, default=str),
        remedy=f"It names `do` ({', '.join(_KINDS)}), `path`, and what goes there.",
    )


def _list(value: object, path: Path) -> list[JsonValue]:
    if value is MISSING or value is None:
        return []
    if not isinstance(value, list):
        raise EditConflict("no_list", path)
    return value


def _index(items: list[JsonValue], wanted: JsonValue, path: Path) -> int:
    name = identity(wanted)
    if name is not None:
        index = where(items, name)
    else:
        index = next((i for i, item in enumerate(items) if same(item, wanted)), None)
    if index is None:
        raise EditConflict("gone", path, name or "")
    return index
