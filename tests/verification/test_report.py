"""What the verification says of its cases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.verification.case import INERTIAL, Case, Figure, Outcome, Panel, line
from benchmarks.verification.catalogue import all_cases
from benchmarks.verification.command import main
from benchmarks.verification.record import (
    FAILED,
    NOT_MEANT,
    PASSED,
    SKIPPED,
    answer,
    pairs,
    summary,
)
from benchmarks.verification.report import write

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.verification.solvers import Maker


def case(value: float, **more: object) -> Case:
    def run(make: Maker) -> Outcome:
        assert make.kind in {"", INERTIAL}
        panel = Panel(
            title="a curve", x_label="x", y_label="y",
            lines=(line("exact", [0, 1], [0, 1], "reference"), line("", [0, 1], [0, value])),
        )  # fmt: skip
        figure = Figure(name="error", value=value, unit="m", at_most=0.5, source="a book")
        return Outcome(figures=(figure, Figure(name="note", value=3.0)), panels=(panel,))

    given = {"name": "one", "title": "One", "what": "A case.", "source": "A book", "solvers": ()}
    return Case(**{**given, "run": run, **more})  # type: ignore[arg-type]  # of the right kinds


@pytest.mark.parametrize(("value", "verdict"), [(0.5, PASSED), (0.6, FAILED), (np.nan, FAILED)])
def test_figure_beyond_its_limit_fails_the_case(value: float, verdict: str) -> None:
    record = answer(case(value), "")
    assert record.verdict == verdict
    found = summary([record])
    assert (found["cases"], found["passed"]) == (1, int(verdict == PASSED))
    if verdict == FAILED:
        (entry,) = found["failed"]
        assert entry["name"] == "one"
        assert entry["tolerance"] == "≤ 0.5"
        assert entry["figure"] == (None if np.isnan(value) else value)


def test_case_that_a_solver_is_not_meant_for_is_reported_with_its_figure() -> None:
    unsuited = case(9.0, solvers=(INERTIAL,), not_meant_for={INERTIAL: "too fast"})
    record = answer(unsuited, INERTIAL)
    assert record.verdict == NOT_MEANT
    found = summary([record])
    assert found["failed"] == []
    assert found["passed"] == 0
    assert found["not_meant_for"][0]["reason"] == "too fast"
    assert found["not_meant_for"][0]["figures"][0]["figure"] == 9.0


def test_case_that_stops_fails_with_its_reason() -> None:
    def broken(make: Maker) -> Outcome:
        raise ValueError(f"no {make.kind}")

    record = answer(case(0.0, run=broken), "")
    assert record.verdict == FAILED
    assert "ValueError" in summary([record])["failed"][0]["source"]


def test_case_without_its_data_is_skipped_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWIN_DATA", "/nowhere")
    record = answer(case(0.0, data="flood/ea2"), "")
    assert record.verdict == SKIPPED
    assert "TWIN_DATA" in record.reason
    assert summary([record])["cases"] == 0


def test_every_case_has_a_name_of_its_own() -> None:
    names = [found.name for found in all_cases()]
    assert len(names) == len(set(names))
    assert len(list(pairs(all_cases()))) > len(names)


def test_command_gives_json_and_a_report_with_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "verification.md"
    assert main(["--json", "--docs", str(path), "--case", "infiltration", "structures"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["cases"] == 2
    assert found["passed"] == 2
    assert found["failed"] == []
    text = path.read_text("utf-8")
    assert "images/verification/infiltration.png" in text
    assert (tmp_path / "images" / "verification" / "infiltration.png").stat().st_size < 200_000


def test_unknown_case_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--case", "no-such-case"])
    assert "no-such-case" in capsys.readouterr().err


def test_report_names_what_fails(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    write([answer(all_cases()[0], INERTIAL), answer(case(0.6), "")], path)
    text = path.read_text("utf-8")
    assert "| one | error | 0.6 m | ≤ 0.5 |" in text


def test_report_in_docs_is_never_written_from_a_part_of_the_cases(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--docs", "--case", "infiltration"])
    assert "every case" in capsys.readouterr().err
