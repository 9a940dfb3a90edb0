"""Every example on the page about structures is a valid scenario, and each kind has one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import yaml

from scenarios.schema import Scenario, Structure

PAGE = Path(__file__).parents[2] / "docs" / "features" / "structures.md"
BASE: dict[str, Any] = {
    "schema": 1,
    "name": "example",
    "period": {"start": "2025-01-01T00:00+07:00", "duration": "3 h"},
    "tide": {"series": {"times": [0, "3 h"], "levels_m": [0.5, 1.5]}},
}


def examples() -> list[dict[str, Any]]:
    return [
        yaml.safe_load(text)
        for text in re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    ]


def test_examples_are_valid_scenarios() -> None:
    assert examples()
    for example in examples():
        Scenario.from_dict({**BASE, **example})


def test_every_kind_of_structure_has_an_example() -> None:
    shown = {each["kind"] for example in examples() for each in example["structures"]}
    models = get_args(get_args(Structure)[0])
    kinds = {kind for model in models for kind in get_args(model.model_fields["kind"].annotation)}
    assert kinds - shown == {"wall"}
