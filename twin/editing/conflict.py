"""What is wrong where an edit no longer applies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from twin.editing.documents import Path

__all__ = ["ConflictKind", "EditConflict"]

type ConflictKind = Literal["gone", "no_group", "no_list", "exists"]


class EditConflict(Exception):  # noqa: N818 - not a fault: the draft reports it and goes on
    """
    An edit cannot be applied to the document as it stands.

    Parameters
    ----------
    kind
        ``gone``: what it changes is not there (any more); ``exists``: what it adds is there
        already; ``no_group`` and ``no_list``: something else stands where it wants to write.
    path
        Where.
    name
        The entry, where one is meant.
    """

    def __init__(self, kind: ConflictKind, path: Path, name: str = "") -> None:
        super().__init__(f"{kind}: {'.'.join(map(str, path))} {name}".rstrip())
        self.kind = kind
        self.path = path
        self.name = name
