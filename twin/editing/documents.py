"""
Plain documents, walked and changed by path without touching the original.

A path is a tuple of steps: the name of a field, or, in a list, the ``id`` or ``name`` of an entry
or its number. ``("structures", "gate_1", "crest_m")`` survives that other entries come and go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from twin.editing.conflict import EditConflict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import JsonValue

__all__ = ["MISSING", "Path", "Step", "changed", "dotted", "identity", "keyed", "value_at", "where"]

type Step = str | int
type Path = tuple[Step, ...]


class _Missing:
    """The value of a field that is not there; not the same as None, which a file may say."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


def identity(item: object) -> str | None:
    """Return the ``id`` of an entry, else its ``name``, or None where it has neither."""
    if not isinstance(item, dict):
        return None
    found = item.get("id", item.get("name"))
    return found if isinstance(found, str) else None


def keyed(items: Sequence[object]) -> bool:
    """Tell whether every entry has an identity of its own."""
    names = [identity(item) for item in items]
    return None not in names and len(set(names)) == len(names)


def where(items: Sequence[object], step: Step) -> int | None:
    """Return the index of an entry by its identity or number, or None where it is not there."""
    if isinstance(step, int):
        return step if 0 <= step < len(items) else None
    return next((index for index, item in enumerate(items) if identity(item) == step), None)


def value_at(document: object, path: Path) -> Any:  # noqa: ANN401 - whatever the document holds
    """Return the value at *path*, or ``MISSING``."""
    here: Any = document
    for step in path:
        if isinstance(here, list):
            index = where(here, step)
            here = MISSING if index is None else here[index]
        elif isinstance(here, dict) and isinstance(step, str):
            here = here.get(step, MISSING)
        else:
            return MISSING
    return here


def changed(document: JsonValue, path: Path, change: Callable[[Any], Any]) -> JsonValue:
    """
    Return *document* with another value at *path*; the parts beside the path are shared.

    Parameters
    ----------
    document, path
        Where; groups of fields that are missing on the way are made.
    change
        Gets the value there, or ``MISSING``, and returns the new one, or ``MISSING`` to remove it.

    Raises
    ------
    EditConflict
        If the way leads through an entry that is not there, or through a value that is no group.
    """
    return cast("JsonValue", _changed(document, path, 0, change))


def _changed(node: Any, path: Path, depth: int, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - any node of a document
    if depth == len(path):
        return change(node)
    step = path[depth]
    if isinstance(node, list):
        index = where(node, step)
        if index is None:
            raise EditConflict("gone", path[: depth + 1])
        fresh = _changed(node[index], path, depth + 1, change)
        return [*node[:index], *([] if fresh is MISSING else [fresh]), *node[index + 1 :]]
    if node is MISSING or node is None:
        node = {}
    if not isinstance(node, dict) or not isinstance(step, str):
        raise EditConflict("no_group", path[:depth])
    fresh = _changed(node.get(step, MISSING), path, depth + 1, change)
    if fresh is MISSING:
        return {name: value for name, value in node.items() if name != step}
    return {**node, step: fresh}


def dotted(path: Path) -> str:
    """Return a path as people write it: ``structures[gate_1].crest_m``."""
    text = ""
    lists = {
        "structures", "stations", "units", "listed", "gauges", "inflows", "boundaries",
        "cross_sections", "shelters", "constituents", "breaches", "timeline", "closures",
    }  # fmt: skip
    inside = False
    for step in path:
        entry = isinstance(step, int) or inside
        text += f"[{step}]" if entry else f".{step}" if text else str(step)
        inside = step in lists and not entry
    return text
