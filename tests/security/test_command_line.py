"""Whatever words follow ``twin``, it ends with 0, or with 2 and a message (R11)."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twin.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

#: Commands that neither compute for minutes nor reach for the network, with words of theirs.
COMMANDS: list[list[str]] = [
    *(["run", "case.yaml"], ["resume", "x"], ["runs"], ["show"], ["compare", "a", "b"]),
    *(["delete", "x"], ["export"], ["plot"], ["verify"], ["validate", "case.yaml"], ["schema"]),
    *(["scenarios"], ["city", "build", "recipe.yaml"], ["city", "check", "place"], ["city"]),
    *(["city", "show", "place"], [], ["--help"], ["nonsense"], ["city", "nonsense"]),
    *(["reach"], ["reach", "--city", "place"], ["exposure"], ["site", "place", "--count", "1"]),
]
OPTIONS = [
    *("--json", "--lang", "--store", "--city", "--threads", "--output", "-o", "-f", "--format"),
    *("--at", "--vehicle", "--slowest", "--repair", "--yes", "--markdown", "--skip-files"),
    *("--cell-size", "--help", "-h", "--version", "--", "-", "--no-such", "-x", "--lang=", "-oX"),
]
VALUES = ["vi", "en", "xx", "0", "-1", "1e9", "nan", "", " ", "/dev/null", "/proc/self", "..", "~"]
words = st.lists(
    st.sampled_from(OPTIONS)
    | st.sampled_from(VALUES)
    | st.text(st.characters(exclude_characters="\0"), max_size=12).filter(
        lambda word: "/" not in word
    ),
    max_size=5,
)


def answer(arguments: list[str]) -> tuple[int, str]:
    """Return exit code and messages of ``twin`` with *arguments*, or the help where it is shown."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["twin", *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as left,
    ):
        main()
    shown = "twin: shows its help" if "Usage:" in out.getvalue() else ""
    return int(left.value.code or 0), err.getvalue() or shown


def fuzz(folder: Path, monkeypatch: pytest.MonkeyPatch, examples: int) -> None:
    (folder / "case.yaml").write_text("schema: 1\nname: case\n", encoding="utf-8")
    (folder / "recipe.yaml").write_text("recipe: 1\nname: x\n", encoding="utf-8")
    (folder / "place").mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TWIN_STORE", str(folder / "none"))

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.sampled_from(COMMANDS), words)
    def survives(command: list[str], more: list[str]) -> None:
        code, said = answer([*command, *more])
        assert code in {0, 2}, said
        assert "fault of ours" not in said
        assert "Traceback" not in said
        if code == 2:
            assert said.startswith("twin: ")

    survives()


def test_any_words_end_in_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fuzz(tmp_path, monkeypatch, 120)


@pytest.mark.slow
def test_any_words_end_so_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fuzz(tmp_path, monkeypatch, 800)


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "a\0b"],
        ["show", "x" * 5000],
        ["run", "\udcff"],
        ["validate", "/dev/full"],
        ["validate", "/dev/null"],
        ["city", "show", "/proc/1/mem"],
        ["city", "build", "/dev/null", "-o", "/dev/null"],
        ["runs", "--store", "\ud800"],
    ],
)
def test_words_that_no_file_can_bear_are_refused(arguments: list[str]) -> None:
    code, said = answer(arguments)
    assert code == 2, said
    assert said.startswith("twin: ")


def test_the_message_of_a_hostile_word_is_one_line() -> None:
    code, said = answer(["show", "a\nb\x1b[2J"])
    assert code == 2
    assert said.count("\n") == 1
    assert "\x1b" not in said
