"""``city: synthetic``: made once, and whoever waits for it sees why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import twin
from twin.city import default

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("language", "says"), [("vi", "Đang tạo"), ("en", "Making up")])
def test_making_up_the_district_is_told_once(
    *,
    ask: Any,
    write: Any,
    dry: dict[str, Any],
    store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    says: str,
) -> None:
    def small(progress: Any) -> Any:
        return twin.synthesise(area_km2=1.0, cell_size_m=50.0, seed=3, progress=progress)

    monkeypatch.setattr(default, "synthesise", small)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = write({**dry, "city": "synthetic"})
    first = ask("run", path, "--store", store, "--lang", language, "--json")
    assert first.code == 0, first.err
    assert says in first.err
    again = ask("run", path, "--store", store, "--lang", language, "--json")
    assert says not in again.err
    assert again.document["digest"] == first.document["digest"]
