"""The page on ensembles: its sweeps can be planned, and its Python names what is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

from scenarios import Scenario, Sweep, library
from twin.ensembles.designs import design_points
from twin.ensembles.members import replace_all
from twin.ensembles.results import Ensemble

PAGE = Path(__file__).resolve().parents[2] / "docs" / "ensembles.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[str]:
    return [text for found, text in BLOCK.findall(PAGE.read_text("utf-8")) if found == kind]


@pytest.mark.parametrize("text", blocks("yaml"))
def test_every_sweep_of_the_page_changes_its_base(text: str) -> None:
    sweep = Sweep.from_dict(yaml.safe_load(text))
    base = Scenario.load(library()[str(sweep.base)])
    changed = replace_all(base, list(sweep.changes.items()))
    for factor in sweep.factors:
        for changes in (factor.cases or {}).values():
            replace_all(changed, list(changes.items()))
        for path in factor.paths:
            for value in factor.values or ():
                assert replace_all(changed, [(path, value)]).name == base.name
    assert len(design_points(sweep)) >= 4


def test_every_name_that_python_uses_is_there() -> None:
    used = set()
    for text in blocks("python"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "ens":
                used.add(node.attr)
    assert len(used) > 8
    assert used <= set(dir(Ensemble))
