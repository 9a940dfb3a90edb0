"""The command as people meet it: words in; exit code, output and messages out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

import twin
from scenarios.loader import write_yaml
from twin.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from twin.city.city import City

type Document = dict[str, Any]
type Ask = Callable[..., Answer]


@dataclass(frozen=True)
class Answer:
    """What the command answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Document:
        """The one JSON object on the output, in which nothing may be NaN or infinite."""

        def refuse(word: str) -> None:
            raise ValueError(word)

        return dict(json.loads(self.out, parse_constant=refuse))


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """Return a synthetic city of 1 km², saved."""
    made = twin.synthesise(area_km2=1.0, cell_size_m=20.0, seed=7)
    return made.save(tmp_path_factory.mktemp("city") / "small")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return the folder of a store that is not there yet."""
    return tmp_path / "runs"


@pytest.fixture
def document() -> Document:
    """Return ten minutes of rain on a rising tide, with two calls."""
    return {
        "schema": 1,
        "name": "short",
        "period": {"start": "2025-10-22T00:00+07:00", "duration": "10 min"},
        "seed": 5,
        "rain": {"hyetograph": {"times": ["0 min", "5 min"], "rates_mm_h": [100, 0]}},
        "tide": {
            "series": {"times": ["0 h", "2 h"], "levels_m": [0.6, 1.8]},
            "applies_to": ["river", "canal_mouths"],
        },
        "fleet": {"ambulances": 2, "fire_engines": 1},
        "incidents": {"generated": {"count": 2}},
    }


@pytest.fixture
def dry(document: Document) -> Document:
    """Return the same without water, which is computed in no time."""
    return {k: v for k, v in document.items() if k not in {"rain", "tide"}} | {"flood": "none"}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Document | str], Path]:
    """Return what writes a scenario to a file."""

    def write(content: Document | str) -> Path:
        path = tmp_path / "case.yaml"
        if isinstance(content, dict):
            content = write_yaml(content)
        path.write_text(content, encoding="utf-8")
        return path

    return write


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Ask:
    """Return what runs the command in this process."""

    def ask(*words: object) -> Answer:
        monkeypatch.setattr("sys.argv", ["twin", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capfd.readouterr()
        return Answer(int(left.value.code or 0), out, err)

    return ask
