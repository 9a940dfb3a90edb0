from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from matplotlib.image import imread

from models.errors import StoreError
from twin.results.plot import plot_run, run_title

if TYPE_CHECKING:
    from pathlib import Path

    from twin.results import Run


def test_a_run_gives_five_pictures_with_something_on_them(run: Run, tmp_path: Path) -> None:
    written = plot_run(run, tmp_path, language="vi")
    assert [path.name for path in written] == [
        "max-depth.png",
        "depth-20251022-1220.png",
        "closures-ambulance.png",
        "response-times.png",
        "timeline.png",
    ]
    for path in written:
        picture = imread(path)
        assert min(picture.shape[:2]) > 500
        assert 0.02 < (picture[..., :3] < 0.95).any(axis=2).mean() < 0.9


def test_deep_water_is_drawn_dark(run: Run, tmp_path: Path) -> None:
    path = plot_run(run, tmp_path, at_s=1200.0)[1]
    wet = imread(path)
    path = plot_run(run, tmp_path, at_s=0.0)[1]
    dry = imread(path)
    assert path.name == "depth-20251022-1200.png"
    blue = (wet[..., 2] > wet[..., 0] + 0.3).sum() - (dry[..., 2] > dry[..., 0] + 0.3).sum()
    assert blue > 500


def test_a_run_without_roads_or_without_flood_is_drawn(
    flood_only: Run, dry: Run, tmp_path: Path
) -> None:
    names = [path.name for path in plot_run(flood_only, tmp_path / "flood")]
    assert names == ["max-depth.png", "depth-20251022-1220.png", "timeline.png"]
    names = [path.name for path in plot_run(dry, tmp_path / "dry")]
    assert names == ["closures-ambulance.png", "response-times.png", "timeline.png"]


def test_a_class_that_was_not_recorded_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="class of vehicle"):
        plot_run(run, tmp_path, vehicle="boat")


def test_the_title_says_where_what_and_when(run: Run) -> None:
    assert run_title(run, "vi").startswith("Thành phố nhỏ  ·  Mưa cực đoan  ·  12:00 22/10/2025")
    assert run_title(run, "en").endswith("12:40")
