"""
Scenarios under change: edits as values, drafts with undo, and YAML that keeps its comments.

It lies in ``twin`` and not in the app, since a researcher branches scenarios the same way: the
edits are data, are told as sentences, and lead to a document like any other.

>>> from twin.editing import Base, Draft, SetField
>>> draft = Draft(base=Base(name="storm", text=path.read_text()))       # doctest: +SKIP
>>> draft = draft.do(SetField(("tide", "offset_m"), 0.2))               # doctest: +SKIP
>>> twin.run(twin.Scenario.parse(draft.yaml), city)                     # doctest: +SKIP
"""

from twin.editing.conflict import EditConflict
from twin.editing.differences import applied, difference
from twin.editing.documents import MISSING, identity, value_at
from twin.editing.draft import Base, Draft, Row
from twin.editing.drafts import DraftStore, StoredDraft, Submission, open_base
from twin.editing.edits import (
    AddItem,
    Edit,
    RemoveField,
    RemoveItem,
    ReplaceItem,
    SetField,
    edit_from_json,
    edit_to_json,
)
from twin.editing.folding import Change
from twin.editing.names import city_names
from twin.editing.problems import Problem, problems_of
from twin.editing.sentences import sentence

__all__ = [
    "MISSING",
    "AddItem",
    "Base",
    "Change",
    "Draft",
    "DraftStore",
    "Edit",
    "EditConflict",
    "Problem",
    "RemoveField",
    "RemoveItem",
    "ReplaceItem",
    "Row",
    "SetField",
    "StoredDraft",
    "Submission",
    "applied",
    "city_names",
    "difference",
    "edit_from_json",
    "edit_to_json",
    "identity",
    "open_base",
    "problems_of",
    "sentence",
    "value_at",
]
