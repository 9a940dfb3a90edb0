"""The benchmark of residents measures what it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks import residents

if TYPE_CHECKING:
    import pytest


def test_the_benchmark_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert residents.main(["--json", "--households", "2000", "--steps", "30"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["residents_step_ms"] > 0.0
    assert row["steps"] == 29
    assert 1900 < row["households"] < 2100
