"""Writing a file and its mapping in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from twin.observed import read_observed

if TYPE_CHECKING:
    from pathlib import Path

    from twin.observed import Observed


class Reader(Protocol):
    """Reads rows by a mapping."""

    def __call__(self, rows: str, mapping: str, *, name: str = "data.csv") -> Observed: ...


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Return a reader of rows by a mapping without `observed` and `file`."""

    def reader(rows: str, mapping: str, *, name: str = "data.csv") -> Observed:
        (tmp_path / name).write_text(rows, "utf-8")
        (tmp_path / "mapping.yaml").write_text(f"observed: 1\nfile: {name}\n{mapping}", "utf-8")
        return read_observed(tmp_path / "mapping.yaml")

    return reader
