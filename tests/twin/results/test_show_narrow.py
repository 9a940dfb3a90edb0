"""A figure on a narrow screen is whole, or it is a wrong figure."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from twin.results import show

SPREAD = {
    "n": 1034,
    "not_reached": 226,
    "mean": 6678.0,
    "p50": 6306.0,
    "p90": 8394.0,
    "ci95": [4000.0, 12102.0],
}
KPIS = {
    "response_time_s": {"ambulance": SPREAD, "fire": SPREAD},
    "within_target": {
        service: {"n": 1260, "count": 1026, "share": 0.81} for service in ("ambulance", "fire")
    },
}


def rendered(renderable: Any, width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(renderable)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_response_figures_are_whole_on_eighty_columns(language: str) -> None:
    run: Any = SimpleNamespace(kpis=KPIS)
    thousand, point = (".", ",") if language == "vi" else (",", ".")
    text = rendered(show._services(run, language), 80)
    for figure in (
        f"1{thousand}260",
        f"1{thousand}034",
        f"111{point}3±90{point}4",
        f"105{point}1",
        f"139{point}9",
        "81 %",
        "234",
    ):
        assert text.count(f" {figure} ") == len(KPIS["response_time_s"]), figure


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_list_of_runs_keeps_names_and_figures_whole_on_eighty_columns(language: str) -> None:
    record: Any = SimpleNamespace(
        run_id="cloudburst-high-tide-20261121-220533-0185c4",
        state="interrupted",
        reason="the process was stopped",
        summary={"incidents": 4321, "unserved": 1234},
    )
    text = rendered(show.runs_table([record], "runs", language), 80).replace(".", ",")
    assert record.run_id in text
    assert "4,321" in text
    assert "1,234" in text
