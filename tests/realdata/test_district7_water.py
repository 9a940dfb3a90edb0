"""District 7 on assumed ground: dry when the river is low, wet where it should be when high."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import ndimage

import twin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.realdata.conftest import Twin

pytestmark = pytest.mark.realdata

SCENARIO = """\
schema: 1
name: level
period: {start: 2025-10-22T00:00+07:00, duration: DURATION}
tide:
  extremes: {times: [0 h, 12 h, 24 h], levels_m: [START, END, START]}
  applies_to: [river, canal_mouths]
initial: {canals: tide}
outputs: {frame_interval: 30 min}
"""


@pytest.fixture(scope="module")
def district(twin_command: Twin, docs_recipe: Callable[[str], Path], tmp_path_factory: Any) -> Path:
    folder: Path = tmp_path_factory.mktemp("district") / "city"
    twin_command("city", "build", docs_recipe("district7"), "-o", folder, "--cell-size", 20)
    return folder


@pytest.fixture
def run_tide(twin_command: Twin, district: Path, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    def run(start_m: float, end_m: float, duration: str) -> dict[str, Any]:
        text = SCENARIO.replace("START", str(start_m)).replace("END", str(end_m))
        path = tmp_path / "tide.yaml"
        path.write_text(text.replace("DURATION", duration), encoding="utf-8")
        return twin_command("run", path, "--city", district, "--threads", 1)

    return run


@pytest.mark.parametrize(("level_m", "share"), [(0.0, 0.0), (1.2, 0.01)])
def test_land_stays_dry_and_roads_open_at_ordinary_levels(
    run_tide: Callable[..., dict[str, Any]], level_m: float, share: float
) -> None:
    result = run_tide(level_m, level_m, "30 min")
    assert result["flooded_area_m2"]["0.1"] <= share * result["land_area_m2"]
    assert result["road_km_closed"]["ambulance"] == 0.0
    assert result["volume_error"] < 1e-9


def test_no_canal_is_deep_enough_to_be_the_river(district: Path) -> None:
    # The river's bed beside a computed cell would dictate the time step of the whole grid.
    terrain = twin.open_city(district).terrain
    bed, water = terrain["ground_level"].to_numpy(), terrain["water"].to_numpy()
    assert np.nanmin(bed[water == 1]) > -5.0
    assert np.nanmin(bed[water == 2]) < -10.0


@pytest.mark.slow
def test_a_spring_tide_floods_low_ground_near_the_water(
    run_tide: Callable[..., dict[str, Any]], district: Path
) -> None:
    result = run_tide(-0.6, 1.67, "13 h")
    share = result["flooded_area_m2"]["0.1"] / result["land_area_m2"]
    assert 0.05 < share < 0.5
    terrain = twin.open_city(district).terrain
    depth = twin.open_run(result["folder"]).flood["max_depth"].to_numpy()
    level, water = terrain["ground_level"].to_numpy(), terrain["water"].to_numpy()
    away_m = ndimage.distance_transform_edt(water == 0) * 20.0
    wet = (depth >= 0.1) & (water == 0)
    dry = (depth < 0.05) & (water == 0) & np.isfinite(level)
    assert np.median(level[wet]) < np.median(level[dry]) - 0.15
    assert np.median(away_m[wet]) < np.median(away_m[dry])
    assert np.nanmax(level[wet]) < 1.67
