from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from models.errors import InvalidInputError, StoreError
from twin.cli import results
from twin.results.show import show_run

if TYPE_CHECKING:
    from pathlib import Path

    from twin.results import Run


def shown(run: Run, language: str, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width)
    for part in show_run(run, language):
        console.print(part)
    text = console.file.getvalue()  # type: ignore[attr-defined] # the StringIO from above
    return str(text)


def test_assumed_layers_are_flagged_before_any_figure(run: Run) -> None:
    text = shown(run, "en")
    assert text.index("ASSUMED") < text.index("Flood")
    assert "GIẢ ĐỊNH" in shown(run, "vi")


def test_the_figures_are_shown(run: Run) -> None:
    text = shown(run, "en")
    for words in ("0.60 m", "0.1 ha", "0.1 km, at 12:10 22/10", "not reached", "67 %", "A2"):
        assert words in text, words
    assert "one address was moved" in text
    assert "0,60 m" in shown(run, "vi")


def test_tables_fit_eighty_columns(run: Run, flood_only: Run, dry: Run) -> None:
    for language in ("vi", "en"):
        for case in (run, flood_only, dry):
            assert all(len(line) <= 80 for line in shown(case, language, 80).splitlines())


def test_what_the_run_lacks_is_not_shown(flood_only: Run, dry: Run) -> None:
    assert "Emergency response" not in shown(flood_only, "en")
    assert "Largest depth" not in shown(dry, "en")


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    results.register(app)
    return app


def ask(app: typer.Typer, *words: str) -> str:
    answer = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_commands_answer_in_json(app: typer.Typer, run: Run, tmp_path: Path) -> None:
    store = ["--store", str(run.folder.parent.parent), "--json"]
    assert json.loads(ask(app, "runs", *store))["runs"][0]["run_id"] == run.id
    found = json.loads(ask(app, "show", *store))
    assert found["kpis"]["incidents"] == 4
    assert found["assumed"] == ["terrain/ground_level"]
    assert json.loads(ask(app, "verify", *store))["ok"] is True
    output = ["-o", str(tmp_path)]
    files = json.loads(ask(app, "export", "latest", "-f", "csv", *output, *store))["files"]
    assert str(tmp_path / "events.csv") in files
    files = json.loads(ask(app, "plot", "latest", "--at", "12:20", *output, *store))["files"]
    assert str(tmp_path / "timeline.png") in files


def test_commands_answer_people(app: typer.Typer, run: Run) -> None:
    store = ["--store", str(run.folder.parent.parent)]
    assert run.id in ask(app, "runs", *store, "--lang", "vi")
    assert "Sự cố" in ask(app, "show", *store, "--lang", "vi")
    assert "every file as it was" in ask(app, "verify", *store, "--lang", "en")


def test_mistakes_are_typed_errors(app: typer.Typer, run: Run, tmp_path: Path) -> None:
    store = ["--store", str(run.folder.parent.parent)]
    for words, error in (
        (["show", "nothing", *store], StoreError),
        (["runs", "--store", str(tmp_path / "none")], StoreError),
        (["show", *store, "--lang", "fr"], InvalidInputError),
        (["plot", *store, "--at", "noon"], InvalidInputError),
    ):
        with pytest.raises(error):
            ask(app, *words)


def test_verify_fails_loudly_on_damage(app: typer.Typer, run: Run) -> None:
    path = run.folder / "kpis.json"
    before = path.read_bytes()
    try:
        path.write_bytes(before.replace(b"4", b"5", 1))
        answer = CliRunner().invoke(app, ["verify", "--store", str(run.folder.parent.parent)])
    finally:
        path.write_bytes(before)
    assert answer.exit_code == 1
    assert "kpis.json was altered" in answer.stdout
