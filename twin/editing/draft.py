"""A draft: a scenario, what has been changed in it, and the way back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from models.errors import InvalidInputError
from scenarios.loader import read_yaml
from twin.editing.differences import difference
from twin.editing.edits import edit_from_json, edit_to_json, same
from twin.editing.folding import Change, fold, play
from twin.editing.rewriting import rewrite

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import JsonValue

    from twin.editing.conflict import EditConflict
    from twin.editing.edits import Document, Edit

__all__ = ["Base", "Draft", "Row"]

#: Steps that can be undone.
MOST_STEPS = 500

type Changes = tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """
    The scenario that a draft began with.

    Parameters
    ----------
    name
        Its name.
    text
        Its YAML, with its comments; the draft stands alone.
    origin
        Where it is from: ``shipped``, ``run``, ``draft`` or ``file``; and *key* there.
    key
        Name of the shipped scenario, id of the run, and so on.
    """

    name: str
    text: str
    origin: str = "file"
    key: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """
    A line of the list of changes.

    Parameters
    ----------
    change
        The edit, on or off.
    conflict
        Why it does not apply, where it does not.
    before
        The document as the changes above leave it, for the sentence.
    """

    change: Change
    conflict: EditConflict | None
    before: Document


@dataclass(frozen=True, kw_only=True)
class Draft:
    """
    A scenario with changes; itself never changed: each method returns another draft.

    >>> draft = Draft(base=Base(name="storm", text=yaml))              # doctest: +SKIP
    >>> draft = draft.do(SetField(("tide", "offset_m"), 0.2))          # doctest: +SKIP
    >>> scenario = Scenario.parse(draft.yaml)                          # doctest: +SKIP
    """

    base: Base
    changes: Changes = ()
    past: tuple[Changes, ...] = ()
    future: tuple[Changes, ...] = ()
    layout: str | None = field(default=None, repr=False)
    """YAML whose order and comments are kept; without it, those of the base."""

    @cached_property
    def base_document(self) -> Document:
        """The document of the base; raises ScenarioError where its text is no document."""
        return read_yaml(self.base.text, name=self.base.name).data

    @cached_property
    def _played(self) -> tuple[Document, tuple[EditConflict | None, ...]]:
        return play(self.base_document, self.changes)

    @property
    def document(self) -> Document:
        """The document with every change that is on and applies."""
        return self._played[0]

    @cached_property
    def yaml(self) -> str:
        """The document as YAML, with the comments of the base where they still belong."""
        return rewrite(self.layout or self.base.text, self.document)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The list of changes, in the order in which they apply."""
        rows = []
        for index, (change, conflict) in enumerate(zip(self.changes, self._played[1], strict=True)):
            before, _ = play(self.base_document, self.changes[:index])
            rows.append(Row(change, conflict, before))
        return tuple(rows)

    def do(self, *edits: Edit) -> Self:
        """
        Make edits, as one step that can be undone.

        Raises
        ------
        EditConflict
            If one of them does not apply; none is made then.
        """
        changes = self.changes
        for edit in edits:
            changes = fold(self.base_document, changes, edit)
        return self._step(changes)

    def switch(self, index: int, *, on: bool) -> Self:
        """Switch a change on or off; off is as if it had never been made."""
        change = replace(self.changes[index], on=on)
        return self._step((*self.changes[:index], change, *self.changes[index + 1 :]))

    def drop(self, index: int) -> Self:
        """Take a change out of the list."""
        return self._step((*self.changes[:index], *self.changes[index + 1 :]))

    def clear(self) -> Self:
        """Take every change out of the list."""
        return self._step(())

    def undo(self) -> Self:
        """Go one step back; where there is none, stay."""
        if not self.past:
            return self
        *past, changes = self.past
        future = (self.changes, *self.future)
        return replace(self, changes=changes, past=tuple(past), future=future)

    def redo(self) -> Self:
        """Go one step forward again; where there is none, stay."""
        if not self.future:
            return self
        changes, *future = self.future
        past = (*self.past, self.changes)
        return replace(self, changes=changes, past=past, future=tuple(future))

    def retype(self, text: str) -> Self:
        """
        Take over YAML as somebody typed it: what differs becomes changes, as one step.

        The order and the comments of *text* are kept from then on.

        Raises
        ------
        ScenarioError
            If it is no document; whether it is a valid scenario is another matter.
        """
        wanted = read_yaml(text, name=self.base.name).data
        changes = self.changes
        for edit in difference(self.document, wanted):
            changes = fold(self.base_document, changes, edit)
        if not same(play(self.base_document, changes)[0], wanted):
            resting = tuple(change for change in self.changes if not change.on)
            fresh = tuple(Change(edit) for edit in difference(self.base_document, wanted))
            changes = (*resting, *fresh)
        return replace(self._step(changes), layout=text)

    def _step(self, changes: Changes) -> Self:
        if changes == self.changes:
            return self
        past = (*self.past, self.changes)[-MOST_STEPS:]
        return replace(self, changes=changes, past=past, future=())

    def to_json(self) -> dict[str, JsonValue]:
        """Return everything as JSON values, the steps to undo and redo included."""
        pool: dict[str, int] = {}
        edits: list[JsonValue] = []

        def entry(change: Change) -> JsonValue:
            data = edit_to_json(change.edit)
            key = json.dumps(data)
            if key not in pool:
                pool[key] = len(edits)
                edits.append(data)
            return [pool[key], change.on]

        def states(steps: Iterable[Changes]) -> list[JsonValue]:
            return [[entry(change) for change in step] for step in steps]

        return {
            "base": {
                "name": self.base.name,
                "text": self.base.text,
                "origin": self.base.origin,
                "key": self.base.key,
            },
            "layout": self.layout,
            "changes": states([self.changes])[0],
            "past": states(self.past),
            "future": states(self.future),
            "edits": edits,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """
        Return the draft that :meth:`to_json` wrote.

        Raises
        ------
        InvalidInputError
            If *data* is no draft.
        """
        try:
            edits = [edit_from_json(edit) for edit in data["edits"]]

            def state(step: Iterable[Any]) -> Changes:
                return tuple(Change(edits[index], bool(on)) for index, on in step)

            return cls(
                base=Base(**data["base"]),
                layout=data["layout"],
                changes=state(data["changes"]),
                past=tuple(state(step) for step in data["past"]),
                future=tuple(state(step) for step in data["future"]),
            )
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as cause:
            raise InvalidInputError(
                "this is not a draft",
                where="draft",
                value=str(cause),
                remedy="Begin again from its scenario.",
            ) from None
