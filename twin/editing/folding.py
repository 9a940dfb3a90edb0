"""
A new edit, taken together with those that are there.

Moving a slider five times is one change and not five; taking back what was just added leaves
nothing. Whatever is folded, the document comes out as if the edit had been added at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from twin.editing.conflict import EditConflict
from twin.editing.differences import applied
from twin.editing.documents import identity, value_at
from twin.editing.edits import AddItem, RemoveField, RemoveItem, ReplaceItem, SetField, same

if TYPE_CHECKING:
    from collections.abc import Iterable

    from twin.editing.edits import Document, Edit

__all__ = ["Change", "fold", "play"]

type Changes = tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """An edit in the list of changes, switched on or off."""

    edit: Edit
    on: bool = True


def play(
    document: Document, changes: Iterable[Change]
) -> tuple[Document, tuple[EditConflict | None, ...]]:
    """Return *document* with the changes that are on, and what is wrong with each of them."""
    conflicts: list[EditConflict | None] = []
    for change in changes:
        conflict = None
        if change.on:
            try:
                document = change.edit.apply(document)
            except EditConflict as found:
                conflict = found
        conflicts.append(conflict)
    return document, tuple(conflicts)


def fold(base: Document, changes: Changes, edit: Edit) -> Changes:
    """
    Return *changes* with *edit*, joined to the change that it continues where there is one.

    Raises
    ------
    EditConflict
        If the edit does not apply to the document as the changes leave it.
    """
    document, before = play(base, changes)
    wanted = edit.apply(document)
    if same(wanted, document):
        return changes
    for index in reversed(range(len(changes))):
        if not changes[index].on or before[index] is not None:
            continue
        joined = _join(changes[index].edit, edit)
        if joined is None:
            continue
        candidate = _settled(base, changes, index, joined, edit)
        found, conflicts = play(base, candidate)
        if same(found, wanted) and _no_worse(conflicts, before):
            return candidate
    return _appended(base, changes, edit, wanted)


def _appended(base: Document, changes: Changes, edit: Edit, wanted: Document) -> Changes:
    """Return the changes with *edit* at the end, without those that it covers wholly."""
    added = (*changes, Change(edit))
    if isinstance(edit, SetField | RemoveField):
        bare = (*(c for c in changes if not (c.on and _below(c.edit, edit))), Change(edit))
        found, _ = play(base, bare)
        if same(found, wanted):
            return bare
    return added


def _below(inner: Edit, outer: SetField | RemoveField) -> bool:
    return inner.path[: len(outer.path)] == outer.path


def _no_worse(
    after: tuple[EditConflict | None, ...], before: tuple[EditConflict | None, ...]
) -> bool:
    return sum(c is not None for c in after) <= sum(c is not None for c in before)


def _settled(
    base: Document, changes: Changes, index: int, joined: tuple[Edit, ...], edit: Edit
) -> Changes:
    """Return the changes with *joined* at *index*, or without it where it changes nothing."""
    rest = (*changes[:index], *changes[index + 1 :])
    if len(joined) == 1 and isinstance(joined[0], SetField):
        plain, _ = play(base, rest)
        if same(value_at(plain, joined[0].path), joined[0].value):
            return rest
    if not joined and isinstance(edit, RemoveItem) and identity(edit.item) is not None:
        inside = (*edit.path, identity(edit.item))
        return tuple(c for c in rest if not (c.on and c.edit.path[: len(inside)] == inside))
    return (*changes[:index], *(Change(e) for e in joined), *changes[index + 1 :])


def _join(old: Edit, new: Edit) -> tuple[Edit, ...] | None:  # noqa: PLR0911 - one answer a case
    """Return what *old* and then *new* come to as one edit, or None where they are two things."""
    match old, new:
        case SetField(), SetField() | RemoveField() if old.path == new.path:
            return (new,)
        case RemoveField(), SetField() if old.path == new.path:
            return (new,)
        case AddItem(), RemoveItem() if old.path == new.path and _alike(old.item, new.item):
            return ()
        case RemoveItem(), AddItem() if old.path == new.path and same(old.item, new.item):
            return ()
        case AddItem(), ReplaceItem() if old.path == new.path and same(old.item, new.old):
            return (replace(old, item=new.item),)
        case ReplaceItem(), ReplaceItem() if old.path == new.path and same(old.item, new.old):
            return () if same(old.old, new.item) else (replace(old, item=new.item),)
        case ReplaceItem(), RemoveItem() if old.path == new.path and same(old.item, new.item):
            return (RemoveItem(old.path, old.old),)
        case _:
            return _inside(old, new)


def _alike(one: object, other: object) -> bool:
    name = identity(one)
    return name == identity(other) if name is not None else same(one, other)


def _inside(old: Edit, new: Edit) -> tuple[Edit, ...] | None:
    """Return *old* with *new* made within its value, where it reaches into that."""
    if isinstance(old, SetField):
        root = old.path
    elif isinstance(old, AddItem) and identity(old.item) is not None:
        root = (*old.path, str(identity(old.item)))
    else:
        return None
    if len(new.path) < len(root) or new.path[: len(root)] != root:
        return None
    if len(new.path) == len(root) and isinstance(new, SetField | RemoveField):
        return None
    value = old.value if isinstance(old, SetField) else old.item
    try:
        moved = replace(new, path=("value", *new.path[len(root) :]))
        fresh = applied({"value": value}, [moved])["value"]
    except EditConflict:
        return None
    return (replace(old, value=fresh) if isinstance(old, SetField) else replace(old, item=fresh),)
