"""Two runs side by side, and runs that go."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

import twin
from twin.running import Interrupted
from twin.store import RunStore

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City


@pytest.fixture
def pair(document: dict[str, Any], city: City, store: Path) -> tuple[str, str]:
    """Return the names of two runs, of which the second has more rain and fewer ambulances."""
    names = []
    for rate, ambulances in ((20, 2), (250, 0)):
        document["rain"]["hyetograph"]["rates_mm_h"] = [rate, 0]
        document["fleet"] = {"ambulances": ambulances, "fire_engines": 1}
        call = {"id": "a", "at": "10 s", "kind": "medical", "location": {"facility": "hospital-1"}}
        document["incidents"] = {"listed": [call]}
        scenario = twin.Scenario.from_dict(document)
        names.append(twin.run(scenario, city, store=store).id)
    return names[0], names[1]


def test_two_runs_stand_side_by_side(ask: Any, pair: tuple[str, str], store: Path) -> None:
    found = ask("compare", *pair, "--store", store, "--json").document
    assert [run["run"] for run in found["runs"]] == list(pair)
    figures = {figure["key"]: figure for figure in found["figures"]}
    deepest = figures["max_depth_m"]
    assert deepest["second"] > deepest["first"]
    assert deepest["difference"] == deepest["second"] - deepest["first"]
    assert (figures["unserved"]["first"], figures["unserved"]["second"]) == (0, 1)
    mean = figures["response_time_s/ambulance/mean"]
    assert mean["first"] > 0
    assert mean["second"] is None
    assert mean["difference"] is None
    for run, side in zip(pair, ("first", "second"), strict=True):
        kpis = twin.open_run(run, store=store).kpis
        for depth, area in kpis["flooded_area_m2"].items():
            assert figures[f"flooded_area_m2/{depth}"][side] == area
    assert found["notes"] == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("vi", ("Chênh lệch", "Không đáp ứng được", "+1")), ("en", ("Difference", "Unserved", "+1"))],
)
def test_people_read_it_in_their_language(
    ask: Any, pair: tuple[str, str], store: Path, language: str, words: tuple[str, ...]
) -> None:
    shown = ask("compare", *pair, "--store", store, "--lang", language)
    assert shown.code == 0, shown.err
    assert all(word in shown.out for word in words)
    assert "None" not in shown.out
    assert "nan" not in shown.out


def test_what_cannot_be_compared_is_told(
    ask: Any, pair: tuple[str, str], dry: dict[str, Any], city: City, store: Path
) -> None:
    dry["seed"] = 99
    other = twin.run(twin.Scenario.from_dict(dry), city, store=store).id
    assert "seeds" in ask("compare", pair[0], other, "--store", store, "--lang", "en").out
    same = ask("compare", pair[0], pair[0], "--store", store, "--lang", "en").out
    assert "identical" in same
    assert ask("compare", pair[0], "none", "--store", store).code == 2


def test_a_run_goes_only_when_somebody_says_so(
    ask: Any, pair: tuple[str, str], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = ask("delete", pair[0], "--store", store)
    assert refused.code == 2
    assert "--yes" in refused.err
    answers = iter(["n\n", "y\n"])

    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self, *_: Any) -> str:
            return next(answers)

    monkeypatch.setattr(sys, "stdin", Terminal())
    kept = ask("delete", pair[0], "--store", store, "--lang", "en")
    assert kept.code == 1
    assert "is kept" in kept.err
    assert len(RunStore(store).runs()) == 2
    gone = ask("delete", pair[0], "--store", store, "--lang", "vi")
    assert gone.code == 0, gone.err
    assert "Đã xóa" in gone.out
    assert [run.run_id for run in RunStore(store).runs()] == [pair[1]]
    assert ask("delete", pair[1], "--yes", "--store", store, "--json").document == {
        "deleted": pair[1]
    }
    assert RunStore(store).verify().ok
    assert ask("delete", pair[1], "--yes", "--store", store).code == 2


def test_an_interrupted_run_can_be_deleted(
    ask: Any, dry: dict[str, Any], city: City, store: Path
) -> None:
    with pytest.raises(Interrupted) as stopped:
        twin.run(twin.Scenario.from_dict(dry), city, store=store, should_stop=lambda: True)
    assert ask("delete", stopped.value.run_id, "--yes", "--store", store).code == 0
    assert RunStore(store).runs() == []
    assert RunStore(store).verify().ok
