"""The Python examples of the pages on reach, siting and exposure run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import twin

if TYPE_CHECKING:
    from twin.results import Run

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "features"
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", ["reach", "siting", "exposure"])
def test_the_examples_run(
    page: str, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(twin, "open_run", lambda _: run, raising=False)
    examples = _PYTHON.findall((FOLDER / f"{page}.md").read_text("utf-8"))
    assert examples
    for example in examples:
        exec(compile(example, page, "exec"), {})  # noqa: S102 - ours
    assert capsys.readouterr().out.strip()
