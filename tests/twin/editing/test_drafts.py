from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from models.errors import InvalidInputError, StoreError
from twin.editing import (
    AddItem,
    DraftStore,
    SetField,
    StoredDraft,
    Submission,
    open_base,
    problems_of,
)

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def store(tmp_path: Path) -> DraftStore:
    return DraftStore(tmp_path)


@pytest.fixture
def stored(store: DraftStore) -> StoredDraft:
    return store.create(open_base("cloudburst_high_tide"), title="Bão", now=NOW, owner="lan")


def test_a_draft_is_there_again_with_everything_in_it(
    store: DraftStore, stored: StoredDraft, tmp_path: Path
) -> None:
    def change(old: StoredDraft) -> StoredDraft:
        draft = old.draft.do(SetField(("tide", "offset_m"), 0.2)).do(SetField(("seed",), 1)).undo()
        submission = Submission(job="j1", role="after", content="abc")
        return replace(old.with_draft(draft), typed="schema: [", submissions=(submission,))

    saved = store.update(stored.key, change, now=LATER)
    again = DraftStore(tmp_path).load(stored.key)
    assert again == saved
    assert again.changed == LATER
    assert again.draft.redo().document["seed"] == 1


def test_two_at_once_lose_nothing(store: DraftStore, stored: StoredDraft) -> None:
    def add(index: int) -> None:
        item = {"road": {"segments": [index]}}
        store.update(
            stored.key,
            lambda old: old.with_draft(old.draft.do(AddItem(("closures",), item))),
            now=NOW,
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(16)))
    assert len(store.load(stored.key).draft.changes) == 16


def test_a_deleted_draft_can_be_brought_back(store: DraftStore, stored: StoredDraft) -> None:
    store.delete(stored.key)
    assert store.keys() == []
    with pytest.raises(StoreError, match="no such draft"):
        store.load(stored.key)
    store.restore(stored.key)
    assert store.keys() == [stored.key]
    assert store.load(stored.key) == stored


@pytest.mark.parametrize("key", ["../x", "draft-../../etc", "draft-a/b", "", "draft-Ab", "x" * 300])
def test_no_name_leads_out_of_the_folder(store: DraftStore, stored: StoredDraft, key: str) -> None:
    assert store.keys() == [stored.key]
    with pytest.raises(StoreError, match="no such draft"):
        store.load(key)
    with pytest.raises(StoreError, match="no such draft"):
        store.delete(key)


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b"\xff", b'{"format": 2}'])
def test_a_damaged_file_is_told_and_not_fatal(
    store: DraftStore, stored: StoredDraft, damage: bytes
) -> None:
    (store.folder / f"{stored.key}.json").write_bytes(damage)
    assert store.keys() == [stored.key]
    with pytest.raises(StoreError, match="cannot be read"):
        store.load(stored.key)


def test_the_plain_text_lies_beside_it_and_whoever_changes_that_changes_the_draft(
    store: DraftStore, stored: StoredDraft
) -> None:
    text = store.folder / f"{stored.key}.yaml"
    assert text.read_text() == stored.draft.yaml
    text.write_text(text.read_text().replace("depth_mm: 204", "depth_mm: 100"))
    changed = store.load(stored.key)
    assert [change.edit for change in changed.draft.changes] == [
        SetField(("rain", "design_storm", "depth_mm"), 100)
    ]
    text.write_text("schema: [")
    assert store.load(stored.key).typed == "schema: ["


def test_a_scenario_that_is_not_shipped_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="no such scenario"):
        open_base("atlantis")


def test_problems_name_line_and_field_in_both_languages() -> None:
    text = open_base("cloudburst_high_tide").text.replace("depth_mm: 204", "depth_mm: -3")
    (problem,) = problems_of(text)
    assert problem.path == ("rain", "design_storm", "depth_mm")
    assert text.splitlines()[problem.line - 1].strip() == "depth_mm: -3"
    assert problem.message == {"vi": "Phải lớn hơn 0", "en": "Must be more than 0"}


def test_text_that_is_no_document_is_a_problem_at_its_line() -> None:
    (problem,) = problems_of("schema: 1\nname: [\n")
    assert (problem.path, problem.line) == ((), 3)
    assert problems_of(open_base("dry_reference_day").text) == ()
