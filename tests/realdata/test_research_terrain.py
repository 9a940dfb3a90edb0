"""Elevation models of other places, alone: a benchmark with a known outcome, and a real city."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin

import twin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.realdata.conftest import Twin

pytestmark = pytest.mark.realdata

#: Depth at which the basin around a gauge spills, m, on cells of 20 m (SOURCE.md of the data).
SILL_M, SILL_WEST_M = 0.323, 0.353

EA2_CITY = """\
recipe: 1
name: ea_test_2
crs: EPSG:27700
cell_size_m: 20
extent: {raster: "${TWIN_DATA}/flood/ea2/ea_test2_dem_20m.asc", crs: EPSG:27700}
terrain:
  ground:
    files:
      - {file: "${TWIN_DATA}/flood/ea2/ea_test2_dem_20m.asc", crs: EPSG:27700, licence: OGL-3.0}
"""

EA2_SCENARIO = """\
schema: 1
name: ea_test_2
period: {start: 2010-05-01T00:00Z, duration: 48 h}
flood: {manning: 0.03, edges: closed, theta: 0.8}
inflows:
  - name: west
    location: {x_m: 10, y_m: 1910}
    to_location: {x_m: 10, y_m: 1990}
    discharge:
      csv:
        file: ${TWIN_DATA}/flood/ea2/Test2_BC.csv
        time_column: Time (min)
        value_column: Inflow (cumecs)
        time_unit: min
gauges:
GAUGES
outputs: {frame_interval: 12 h, gauge_interval: 1 h, checkpoint_interval: 48 h}
"""

CARLISLE_CITY = """\
recipe: 1
name: carlisle
crs: EPSG:27700
cell_size_m: 10
extent: {raster: carlisle.tif}
terrain: {ground: {files: [{file: carlisle.tif}]}}
"""

CARLISLE_SCENARIO = """\
schema: 1
name: carlisle
period: {start: 2005-01-07T12:00Z, duration: 20 min}
flood: {manning: 0.055}
inflows:
  - name: eden
    location: {x_m: 342600, y_m: 557550}
    to_location: {x_m: 342760, y_m: 557550}
    discharge: {times: [0 h, 1 h], discharges_m3_s: [0, 300]}
outputs: {frame_interval: 10 min}
"""


@pytest.fixture(scope="module")
def basin(twin_command: Twin, real_data: Path, tmp_path_factory: Any) -> tuple[dict[str, Any], Any]:
    """Return the result of EA test 2, and its run."""
    folder = tmp_path_factory.mktemp("ea2")
    points = pd.read_csv(real_data / "flood" / "ea2" / "Test2output.csv")
    gauges = "\n".join(
        f"  - {{name: p{row['Point ID']}, location: {{x_m: {row['X']}, y_m: {row['Y']}}}}}"
        for row in points.to_dict("records")
    )
    (folder / "city.yaml").write_text(EA2_CITY, encoding="utf-8")
    scenario = folder / "ea2.yaml"
    scenario.write_text(EA2_SCENARIO.replace("GAUGES", gauges), encoding="utf-8")
    twin_command("city", "build", folder / "city.yaml", "-o", folder / "city")
    result = twin_command("run", scenario, "--city", folder / "city", "--threads", 1)
    return result, twin.open_run(result["folder"])


def test_every_drop_of_the_inflow_is_in_the_basin_at_the_end(
    basin: tuple[dict[str, Any], Any],
) -> None:
    result, run = basin
    end = run.ledger.iloc[-1]
    assert result["volume_error"] < 1e-9
    assert end["inflow_m3"] == pytest.approx(97_200.0, rel=1e-9)
    assert end["stored_m3"] == pytest.approx(97_200.0, rel=1e-9)


def test_ponds_settle_at_their_sills_and_the_east_stays_dry(
    basin: tuple[dict[str, Any], Any],
) -> None:
    depths = basin[1].gauges.filter(like="depth_m_").iloc[-1]
    at = {name.removeprefix("depth_m_"): float(value) for name, value in depths.items()}
    assert len(at) == 16
    for number in range(1, 17):
        sill = SILL_WEST_M if number in {1, 5, 9} else SILL_M
        # A pond that still spills stands a little above its sill: over 20 m by a centimetre.
        assert at[f"p{number}"] <= sill + 0.015, number
    assert [at[f"p{number}"] for number in (13, 14, 15, 16)] == [0.0] * 4
    # The ponds in the north-west, where the water enters, are full.
    assert all(at[f"p{number}"] > SILL_M - 0.02 for number in (3, 4))


def test_a_settled_pond_is_level(basin: tuple[dict[str, Any], Any]) -> None:
    flood = basin[1].flood
    depth = flood["depth"].isel(time=-1).to_numpy()
    level = flood["ground_level"].to_numpy() + depth
    pond = level[36:39, 11:15]  # around p3
    assert depth[36:39, 11:15].min() > 0.2
    assert float(np.ptp(pond)) < 0.002


def test_a_real_urban_model_in_another_format_builds_and_starts(
    twin_command: Twin, real_data: Path, tmp_path: Path
) -> None:
    with gzip.open(real_data / "flood" / "carlisle2005" / "carlisle-5m.dem.raw.gz", "rt") as file:
        head = dict(next(file).split() for _ in range(6))
        values = np.loadtxt(file, dtype=np.float32)
    size, rows = float(head["cellsize"]), int(head["nrows"])
    west, south = float(head["xllcorner"]), float(head["yllcorner"])
    with rasterio.open(
        tmp_path / "carlisle.tif",
        "w",
        driver="GTiff",
        width=values.shape[1],
        height=rows,
        count=1,
        dtype="float32",
        crs="EPSG:27700",
        nodata=float(head["NODATA_value"]),
        transform=from_origin(west, south + rows * size, size, size),
    ) as dataset:
        dataset.write(values, 1)
    (tmp_path / "city.yaml").write_text(CARLISLE_CITY, encoding="utf-8")
    (tmp_path / "flood.yaml").write_text(CARLISLE_SCENARIO, encoding="utf-8")
    built = twin_command("city", "build", tmp_path / "city.yaml", "-o", tmp_path / "city")
    assert built["terrain"]["ground_level"]["basis"] == "measured"
    result = twin_command(
        "run", tmp_path / "flood.yaml", "--city", tmp_path / "city", "--threads", 1
    )
    assert result["volume_error"] < 1e-9
    flood = twin.open_run(result["folder"]).flood
    deepest = flood["max_depth"].where(flood["max_depth"] > 0.0)
    assert 0.3 < float(deepest.max()) < 8.0
    north, south_end = values.shape[0] * size + south, south
    assert float(flood["y"].max()) <= north
    assert float(flood["y"].min()) >= south_end


def test_a_surface_model_in_degrees_floods_under_a_night_of_rain(
    twin_command: Twin, tmp_path: Path, docs_recipe: Callable[[str], Path]
) -> None:
    scenario = tmp_path / "night.yaml"
    scenario.write_text(
        """\
schema: 1
name: da_nang_night
period: {start: 2022-10-14T19:00+07:00, duration: 20 min}
flood: {manning: 0.05}
rain: {hyetograph: {times: [0 h, 6 h, 11 h], depths_mm: [500, 295, 0]}}
tide: {series: {times: [0 h, 1 h], levels_m: [0.2, 2.0]}}
inflows:
  - name: cu-de
    location: {lon: 108.11, lat: 16.10}
    discharge: {times: [0 h, 3 h], discharges_m3_s: [100, 800]}
gauges: [{name: centre, location: {lon: 108.215, lat: 16.06}}]
outputs: {frame_interval: 10 min}
""",
        encoding="utf-8",
    )
    twin_command("city", "build", docs_recipe("danang"), "-o", tmp_path / "city", "--cell-size", 90)
    result = twin_command("run", scenario, "--city", tmp_path / "city", "--threads", 1)
    assert result["volume_error"] < 1e-9
    run = twin.open_run(result["folder"])
    end = run.ledger.iloc[-1]
    area_m2 = end["rain_m3"] / (500.0 / 1000.0 / 18.0)  # a third of an hour of six
    sea = run.flood["ground_level"].to_numpy() == -5.0
    sea_km2 = float(sea.sum()) * 0.09**2
    # The model covers 25.7 km by 27.7 km; rain on the sea, whose level is given, does not count.
    assert area_m2 / 1e6 + sea_km2 == pytest.approx(711.0, rel=0.02)
    assert sea_km2 == pytest.approx(155.0, rel=0.1)
    # From 100 m³/s by 700 m³/s in three hours.
    mean_m3_s = 100.0 + 700.0 * (1.0 / 9.0) / 2.0
    assert end["inflow_m3"] == pytest.approx(mean_m3_s * 1200.0, rel=1e-6)
    # The tide rises by 0.6 m in bay and sea, which are there out of the ground alone.
    assert end["tide_m"] == pytest.approx(0.8, abs=0.03)
    last = run.flood["depth"].isel(time=-1).to_numpy()
    np.testing.assert_allclose(last[sea], 5.8, atol=0.03)
