from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidInputError, ScenarioError
from scenarios import Scenario, library
from scenarios.loader import read_yaml
from twin.editing.conflict import EditConflict
from twin.editing.differences import applied, difference
from twin.editing.draft import Base, Draft
from twin.editing.edits import (
    AddItem,
    Edit,
    RemoveField,
    RemoveItem,
    ReplaceItem,
    SetField,
    same,
)

OFFSET = SetField(("tide", "offset_m"), 0.2)
BARRIER: dict[str, Any] = {
    "id": "barrier_1",
    "kind": "barrier",
    "line": {"lonlat": [[106.7, 10.7], [106.71, 10.7]]},
    "height_m": 1.0,
}
CLOSURE: dict[str, Any] = {"road": {"bridge": "bridge-2"}}

# Documents and edits over a small vocabulary, so that edits meet each other often.
NAMES = st.sampled_from(["a", "b", "c"])
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(["02:15", "x", "null", "# no", ""]),
)
ITEMS = st.one_of(
    st.fixed_dictionaries({"id": NAMES}, optional={"a": LEAVES, "b": LEAVES}),
    st.fixed_dictionaries({"do": NAMES}, optional={"a": LEAVES}),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.dictionaries(NAMES, inner, max_size=3),
        st.lists(ITEMS, max_size=3),
        st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=3)
PATHS = st.lists(st.one_of(NAMES, st.integers(0, 1)), min_size=1, max_size=3).map(
    lambda steps: ("a" if isinstance(steps[0], int) else steps[0], *steps[1:])
)
EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.builds(SetField, PATHS, VALUES),
    st.builds(RemoveField, PATHS),
    st.builds(AddItem, PATHS, ITEMS, st.none() | st.integers(0, 3)),
    st.builds(RemoveItem, PATHS, ITEMS),
    st.builds(ReplaceItem, PATHS, ITEMS, ITEMS),
)


def drafted(document: dict[str, Any], edits: list[Edit]) -> Draft:
    draft = Draft(base=Base(name="any", text=json.dumps(document)))
    for edit in edits:
        try:
            draft = draft.do(edit)
        except EditConflict:
            continue
    return draft


DRAFTS = st.builds(drafted, DOCUMENTS, st.lists(EDITS, max_size=6))


@given(draft=DRAFTS, edit=EDITS)
def test_an_edit_does_what_it_says_however_it_is_folded(draft: Draft, edit: Edit) -> None:
    try:
        wanted = edit.apply(draft.document)
    except EditConflict:
        with pytest.raises(EditConflict):
            draft.do(edit)
        return
    assert same(draft.do(edit).document, wanted)


@given(draft=DRAFTS, edit=EDITS)
def test_undo_takes_back_exactly_what_was_done(draft: Draft, edit: Edit) -> None:
    try:
        done = draft.do(edit)
    except EditConflict:
        return
    if done is draft:  # it changed nothing
        return
    assert done.undo().changes == draft.changes
    assert done.undo().redo().changes == done.changes


@given(draft=DRAFTS, data=st.data())
def test_a_change_that_is_off_is_as_if_it_had_never_been_made(
    draft: Draft, data: st.DataObject
) -> None:
    if not draft.changes:
        return
    index = data.draw(st.integers(0, len(draft.changes) - 1))
    off = draft.switch(index, on=False)
    assert off.document == draft.drop(index).document
    assert off.switch(index, on=True).document == draft.document


@given(draft=DRAFTS)
def test_a_draft_survives_json(draft: Draft) -> None:
    back = Draft.from_json(json.loads(json.dumps(draft.undo().to_json())))
    assert back == draft.undo()
    assert back.document == draft.undo().document


@given(before=DOCUMENTS, after=DOCUMENTS)
def test_the_difference_of_two_documents_leads_from_one_to_the_other(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert same(applied(before, difference(before, after)), after)


@given(draft=DRAFTS)
def test_yaml_says_what_the_draft_says(draft: Draft) -> None:
    assert same(read_yaml(draft.yaml).data, draft.document)


@settings(max_examples=30)
@given(edits=st.lists(EDITS, max_size=4), typed=DOCUMENTS)
def test_typed_yaml_is_taken_over(edits: list[Edit], typed: dict[str, Any]) -> None:
    draft = drafted({"a": 1}, edits).retype(json.dumps(typed))
    assert same(draft.document, typed)


@pytest.mark.parametrize("name", sorted(library()))
def test_every_shipped_scenario_keeps_its_text_until_something_changes(name: str) -> None:
    text = library()[name].read_text(encoding="utf-8")
    draft = Draft(base=Base(name=name, text=text))
    assert draft.yaml == text
    longer = draft.do(SetField(("seed",), 7))
    changed = set(longer.yaml.splitlines()) - set(text.splitlines())
    assert changed <= {"seed: 7"}
    Scenario.parse(longer.yaml)


def test_comments_stay_where_only_values_change(draft: Draft) -> None:
    higher = draft.do(OFFSET, SetField(("structures", "gate_1", "top_m"), 2.5))
    assert "    top_m: 2.5  # by the plan\n" in higher.yaml
    for comment in ("# A storm on a high tide.", "# short", "# Levels above", "# The main gate."):
        assert comment in higher.yaml
    assert Scenario.parse(higher.yaml).tide is not None


def test_a_slider_that_moves_leaves_one_change_and_every_step_can_be_undone(draft: Draft) -> None:
    moved = draft.do(SetField(("tide", "offset_m"), 0.1)).do(OFFSET)
    assert [change.edit for change in moved.changes] == [OFFSET]
    assert moved.undo().document["tide"]["offset_m"] == 0.1
    assert moved.undo().undo().document == draft.document


def test_what_comes_back_to_the_base_leaves_no_change(draft: Draft) -> None:
    depth = ("rain", "design_storm", "depth_mm")
    assert draft.do(SetField(depth, 120)).do(SetField(depth, 100)).changes == ()
    assert (
        draft.do(AddItem(("structures",), BARRIER)).do(RemoveItem(("structures",), BARRIER)).changes
        == ()
    )


def test_a_change_within_what_was_added_is_part_of_it(draft: Draft) -> None:
    raised = draft.do(AddItem(("structures",), BARRIER)).do(
        SetField(("structures", "barrier_1", "height_m"), 1.5)
    )
    assert [change.edit for change in raised.changes] == [
        AddItem(("structures",), {**BARRIER, "height_m": 1.5})
    ]


def test_an_edit_whose_ground_is_gone_is_reported_and_the_rest_holds(draft: Draft) -> None:
    breach = AddItem(
        ("structures", "wall_1", "breaches"), {"location": {"lon": 106.7, "lat": 10.7}}
    )
    changed = draft.do(breach).do(OFFSET).do(AddItem(("closures",), CLOSURE))
    bare = Base(name="bare", text="schema: 1\nname: bare\nstructures: []\ntide: none\n")
    moved = Draft(base=bare, changes=changed.changes)
    kinds = [row.conflict.kind if row.conflict else None for row in moved.rows]
    assert kinds == ["gone", "no_group", None]
    assert moved.document["closures"] == [CLOSURE]


def test_switching_off_what_another_change_needs_is_no_fault(draft: Draft) -> None:
    fleet = {"id": "s1", "location": {"lon": 106.7, "lat": 10.7}}
    changed = draft.do(AddItem(("fleet", "stations"), fleet)).do(
        SetField(("seed",), 3), RemoveItem(("structures",), {"id": "wall_1"})
    )
    off = changed.switch(0, on=False)
    assert off.document["seed"] == 3
    assert off.undo().document == changed.document


def test_a_change_typed_in_yaml_becomes_a_row_and_keeps_the_comments_typed(draft: Draft) -> None:
    typed = draft.yaml.replace("depth_mm: 100", "depth_mm: 150") + "seed: 9  # chosen\n"
    taken = draft.do(OFFSET).retype(typed)
    assert {change.edit for change in taken.changes if isinstance(change.edit, SetField)} == {
        SetField(("rain", "design_storm", "depth_mm"), 150),
        SetField(("seed",), 9),
    }
    assert "seed: 9  # chosen" in taken.do(OFFSET).yaml


def test_yaml_that_is_no_document_is_refused_with_its_line(draft: Draft) -> None:
    with pytest.raises(ScenarioError, match="storm:3"):
        draft.retype("schema: 1\nname: [\n")


@pytest.mark.parametrize(
    "data", [{}, {"edits": 3}, {"base": {}, "edits": [], "changes": [[0, True]]}, {"edits": [{}]}]
)
def test_what_is_no_draft_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        Draft.from_json(data)
