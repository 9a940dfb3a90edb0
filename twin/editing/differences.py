"""From two documents to the edits that lead from the one to the other."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

from twin.editing.conflict import EditConflict
from twin.editing.documents import identity, keyed
from twin.editing.edits import (
    AddItem,
    RemoveField,
    RemoveItem,
    ReplaceItem,
    SetField,
    same,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from twin.editing.documents import Path
    from twin.editing.edits import Document, Edit

__all__ = ["applied", "difference"]


def applied(document: Document, edits: Iterable[Edit]) -> Document:
    """
    Return *document* with *edits*, one after the other.

    Raises
    ------
    EditConflict
        If one of them does not apply.
    """
    for edit in edits:
        document = edit.apply(document)
    return document


def difference(before: Document, after: Document) -> tuple[Edit, ...]:
    """Return edits that turn *before* into *after*, the fewest and smallest that read well."""
    return tuple(_groups(before, after, ()))


def _groups(before: Mapping[str, Any], after: Mapping[str, Any], path: Path) -> list[Edit]:
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    if path and gone and new:  # one way of saying it in place of another
        return [SetField(path, dict(after))]
    edits: list[Edit] = [RemoveField((*path, name)) for name in gone]
    for name, value in after.items():
        here = (*path, name)
        if name in new:
            edits += _new(value, here)
        elif not same(before[name], value):
            edits += _values(before[name], value, here)
    return edits


def _new(value: Any, path: Path) -> list[Edit]:  # noqa: ANN401 - any value of a document
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        names = [identity(item) for item in value if identity(item) is not None]
        if len(set(names)) == len(names):
            return [AddItem(path, item) for item in value]
    return [SetField(path, value)]


def _values(before: Any, after: Any, path: Path) -> list[Edit]:  # noqa: ANN401 - as above
    if isinstance(before, dict) and isinstance(after, dict):
        return _groups(before, after, path)
    if isinstance(before, list) and isinstance(after, list) and _entries(before, after):
        edits = _lists(before, after, path)
        try:
            # The entries of a list are checked alone: the order counts, and twins are possible.
            found = applied({"list": before}, [_moved(edit, path) for edit in edits])
        except EditConflict:
            found = {}
        if same(found.get("list"), after):
            return edits
    return [SetField(path, after)]


def _moved(edit: Edit, path: Path) -> Edit:
    """Return *edit* as it would be in a document that is the list alone."""
    fields = {name: getattr(edit, name) for name in edit.__dataclass_fields__}
    return type(edit)(**{**fields, "path": ("list", *edit.path[len(path) :])})


def _entries(before: list[Any], after: list[Any]) -> bool:
    return all(isinstance(item, dict) for item in (*before, *after))


def _lists(before: list[Any], after: list[Any], path: Path) -> list[Edit]:
    if keyed(before) and keyed(after):
        return _keyed_lists(before, after, path)
    edits: list[Edit] = []
    texts = [[json.dumps(item, sort_keys=True) for item in items] for items in (before, after)]
    matcher = difflib.SequenceMatcher(None, texts[0], texts[1], autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            continue
        pairs = min(i2 - i1, j2 - j1)
        edits += [
            ReplaceItem(path, old, new)
            for old, new in zip(before[i1 : i1 + pairs], after[j1 : j1 + pairs], strict=True)
        ]
        edits += [RemoveItem(path, item) for item in before[i1 + pairs : i2]]
        edits += [
            AddItem(path, after[index], None if i2 == len(before) else index)
            for index in range(j1 + pairs, j2)
        ]
    return edits


def _keyed_lists(before: list[Any], after: list[Any], path: Path) -> list[Edit]:
    old = {identity(item): item for item in before}
    new = {identity(item): item for item in after}
    edits: list[Edit] = [RemoveItem(path, item) for name, item in old.items() if name not in new]
    stayed = sum(name in new for name in old)
    for index, (name, item) in enumerate(new.items()):
        if name not in old:
            last = index >= stayed and all(other not in old for other in list(new)[index:])
            edits.append(AddItem(path, item, None if last else index))
        elif not same(old[name], item):
            edits += _values(old[name], item, (*path, str(name)))
    return edits
