"""Sweep documents: what they say, and what is said of wrong ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.errors import ScenarioError
from scenarios import Scenario, Sweep, sweep_json_schema

if TYPE_CHECKING:
    from pathlib import Path


def sweep(**changes: Any) -> dict[str, Any]:
    factor = {"name": "tide", "path": "tide.offset_m", "uniform": {"low": -0.1, "high": 0.3}}
    return {
        "sweep": 1,
        "name": "study",
        "base": "dry_reference_day",
        "factors": [factor],
        "design": {"latin_hypercube": {"points": 8}},
        **changes,
    }


def test_a_document_reads_back_as_it_was_written(tmp_path: Path) -> None:
    first = Sweep.from_dict(sweep(title={"en": "A study"}))
    (tmp_path / "study.yaml").write_text(first.to_yaml(), "utf-8")
    again = Sweep.load(tmp_path / "study.yaml")
    assert again.to_dict() == first.to_dict()
    assert again.digest == first.digest
    assert again.folder == tmp_path


def test_titles_do_not_change_the_digest() -> None:
    assert Sweep.from_dict(sweep()).digest == Sweep.from_dict(sweep(description={"en": "x"})).digest
    assert Sweep.from_dict(sweep()).digest != Sweep.from_dict(sweep(seed=1)).digest


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sweep": 2}, "newer version"),
        ({"design": {"sobol": {"base": 48}}}, "power of two"),
        ({"design": {"morris": {"trajectories": 4, "levels": 3}}}, "even"),
        ({"design": {"full_factorial": {}}}, "needs levels"),
        ({"design": {"latin_hypercube": {"points": 3}, "morris": {"trajectories": 4}}}, "exactly"),
        ({"factors": [{"name": "member", "path": "seed", "values": [1]}]}, "meaning already"),
        ({"factors": [{"name": "a", "values": [1]}]}, "takes a path"),
        ({"factors": [{"name": "a", "path": "seed"}]}, "needs a law"),
        ({"factors": [{"name": "a", "path": "seed", "values": [1], "weights": [1, 2]}]}, "weight"),
        ({"factors": [{"name": "a", "path": "b", "apply": "add", "values": ["x"]}]}, "numbers"),
        ({"factors": [{"name": "a", "path": "b", "uniform": {"low": 1, "high": 1}}]}, "greater"),
        ({"factors": []}, "needs factors"),
        ({"colour": "red"}, "no such field"),
        ({"replications": 0}, "at least 1"),
    ],
)
def test_a_wrong_document_says_what_is_wrong(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        Sweep.from_dict(sweep(**changes))


def test_two_factors_of_one_name_are_refused() -> None:
    factor = sweep()["factors"][0]
    with pytest.raises(ScenarioError, match="twice"):
        Sweep.from_dict(sweep(factors=[factor, factor]))


def test_a_scenario_is_told_from_a_sweep() -> None:
    with pytest.raises(ScenarioError, match="a scenario, not a sweep"):
        Sweep.from_dict({"schema": 1, "name": "x"})


def test_the_schema_names_every_part() -> None:
    schema = sweep_json_schema()
    assert {"base", "factors", "design", "replications"} <= set(schema["properties"])


def storm(**more: Any) -> Scenario:
    return Scenario.from_dict(
        {
            "schema": 1,
            "name": "s",
            "period": {"start": "2025-01-01T00:00Z", "duration": "1 h"},
            **more,
        }
    )


def test_a_path_appends_to_a_list_and_finds_an_entry_by_its_name() -> None:
    location = {"lon": 106.7, "lat": 10.7}
    base = storm(gauges=[{"name": "low", "location": location}], flood={})
    more = base.replace(**{"gauges.+": {"name": "high", "location": location}})
    assert [gauge.name for gauge in more.gauges] == ["low", "high"]
    moved = more.replace(**{"gauges.high.name": "top"})
    assert [gauge.name for gauge in moved.gauges] == ["low", "top"]


def test_a_path_appends_to_a_list_that_is_not_there_yet() -> None:
    entry = {"at": "5 min", "do": "set_rain", "rate_mm_h": 20}
    rainy = storm(rain={"hyetograph": {"times": ["0 min", "9 min"], "rates_mm_h": [1, 0]}})
    changed = rainy.replace(**{"timeline.+": entry})
    assert [each.do for each in changed.timeline] == ["set_rain"]


def test_only_a_list_is_appended_to() -> None:
    with pytest.raises(ScenarioError, match="leads nowhere"):
        storm().replace(**{"period.+": 1})
