"""Every example on the page about drains is a valid scenario."""

import re
from pathlib import Path

from scenarios import Scenario
from twin.engine.drainage import LEDGER_TERMS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "features" / "drainage.md").read_text(
    "utf-8"
)
HEAD = "schema: 1\nname: example\nperiod: {start: 2025-10-22T00:00+07:00, duration: 4 h}\n"


def test_the_examples_can_be_read() -> None:
    examples = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    read = [Scenario.parse(HEAD + example, name="drainage.md") for example in examples]
    assert any(s.drainage is not None and s.drainage.network is not None for s in read)
    assert sum(s.drainage is not None and s.drainage.inlets is not None for s in read) == 2


def test_every_column_of_the_ledger_is_explained() -> None:
    for name in LEDGER_TERMS:
        assert f"`{name}`" in PAGE, name
