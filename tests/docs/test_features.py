"""Every example of the pages on features is a scenario, or a part of one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scenarios import Scenario

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "features"
PAGES = (
    "boats",
    "boundaries",
    "buildings",
    "crews",
    "dispatch",
    "losses",
    "outputs",
    "rain",
    "residents",
    "roads",
)
HEAD = "schema: 1\nname: example\nperiod: {start: 2025-10-22T00:00+07:00, duration: 4 h}\n"
_YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_feature_can_be_read(page: str) -> None:
    examples = _YAML.findall((FOLDER / f"{page}.md").read_text("utf-8"))
    assert examples
    for example in examples:
        assert Scenario.parse(HEAD + example, name=page).name == "example"
