"""A run against observations taken from itself, and shifted by known amounts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import twin
from models.errors import InvalidInputError
from twin.evaluation import evaluate
from twin.evaluation.certainty import flooded_share, street_certainty
from twin.evaluation.page import page_of
from twin.evaluation.show import show_evaluation
from twin.results.report import report_html

if TYPE_CHECKING:
    from pathlib import Path

    from scenarios import Scenario
    from twin.city.city import City
    from twin.results.open import Run


def write(folder: Path, rows: str, mapping: str) -> Path:
    (folder / "data.csv").write_text(rows, "utf-8")
    path = folder / "mapping.yaml"
    path.write_text(f"observed: 1\nname: seen\nfile: data.csv\n{mapping}", "utf-8")
    return path


def levels(run: Run, folder: Path, *, shift_m: float = 0.0, late_min: float = 0.0) -> Path:
    gauge = run.gauges
    rows = ["t,s,h"]
    for time_s, level in zip(gauge["time_s"], gauge["level_m_Middle"], strict=True):
        moment = run.start + pd.Timedelta(seconds=time_s + 60 * late_min)
        rows.append(f"{moment.isoformat()},middle,{level + shift_m}")
    mapping = "kind: levels\ncolumns: {time: t, station: s, level: h}\n"
    return write(folder, "\n".join(rows) + "\n", mapping)


REPORTS = (
    "kind: street_reports\ntime_zone: '+07:00'\n"
    "columns: {time: t, x_m: x, y_m: y, depth: d, state: wet}\n"
)


def reports(folder: Path, rows: list[tuple[str, float, float, object, object]]) -> Path:
    text = "t,x,y,d,wet\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows)
    return write(folder, text, REPORTS)


def test_levels_of_the_run_itself_are_met_in_full(wet: Run, folder: Path) -> None:
    found = evaluate(wet, [levels(wet, folder)])
    assert found.score("nse").estimate.value == pytest.approx(1.0)
    assert found.score("kge_2012").estimate.value == pytest.approx(1.0)
    assert found.score("rmse").estimate.value == pytest.approx(0.0, abs=1e-6)
    assert found.score("rmse").estimate.n == 13


def test_a_shift_of_the_levels_is_the_bias(wet: Run, folder: Path) -> None:
    found = evaluate(wet, [levels(wet, folder, shift_m=0.25)])
    assert found.score("bias").estimate.value == pytest.approx(-0.25, abs=1e-5)
    assert found.score("rmse").estimate.value == pytest.approx(0.25, abs=1e-5)


def test_levels_of_another_time_or_place_are_refused(wet: Run, folder: Path) -> None:
    with pytest.raises(InvalidInputError, match="no station of the observations"):
        evaluate(wet, [levels(wet, folder, late_min=600.0)])


def test_a_report_at_the_deepest_street_is_met_and_a_dry_one_is_not(
    wet: Run, deepest: tuple[float, float, float], folder: Path
) -> None:
    x_m, y_m, depth_m = deepest
    rows: list[tuple[str, float, float, object, object]] = [
        ("2025-10-22 16:45", x_m, y_m, round(depth_m, 3), ""),
        ("2025-10-22 16:45", x_m, y_m, "", "dry"),
        ("2025-10-22 16:45", x_m, y_m, round(depth_m + 0.5, 3), ""),
    ]
    found = evaluate(wet, [reports(folder, rows)], tolerance_m=30.0)
    table = found.parts[0].table
    assert table["wet"].tolist() == [True, True, True]
    assert table["beyond_m"].iloc[0] == 0.0
    assert table["beyond_m"].iloc[2] == pytest.approx(-0.45, abs=0.02)
    assert found.score("report_hit_rate").estimate.value == 1.0
    assert found.score("report_dry_rate").estimate.value == 0.0
    chance = found.score("report_chance").estimate.value
    assert 0.0 < chance <= 1.0


def test_reports_elsewhere_or_at_another_time_are_counted_or_refused(
    wet: Run, deepest: tuple[float, float, float], folder: Path
) -> None:
    x_m, y_m, _ = deepest
    rows: list[tuple[str, float, float, object, object]] = [
        ("2025-10-22 16:45", x_m, y_m, 0.3, ""),
        ("2025-10-23 16:45", x_m, y_m, 0.3, ""),
        ("2025-10-22 16:45", x_m + 90_000.0, y_m, 0.3, ""),
    ]
    found = evaluate(wet, [reports(folder, rows)])
    notes = dict(found.parts[0].notes)
    assert notes["evaluate.reports_outside"] == {"count": 1}
    assert notes["evaluate.reports_elsewhere"] == {"count": 1}
    with pytest.raises(InvalidInputError, match="no report lies in the city and the period"):
        evaluate(wet, [reports(folder, rows[1:])])


def test_the_extent_of_the_run_itself_is_hit_but_for_edges_of_cells(wet: Run, folder: Path) -> None:
    import rasterio  # noqa: PLC0415 - only this needs it
    from rasterio.transform import from_origin  # noqa: PLC0415 - as above

    from twin.evaluation.extents import grid_of  # noqa: PLC0415 - as above

    grid = grid_of(wet)
    deep = (np.nan_to_num(wet.flood["max_depth"].to_numpy()) >= 0.1).astype(np.uint8)
    with rasterio.open(
        folder / "seen.tif",
        "w",
        driver="GTiff",
        height=grid.rows,
        width=grid.columns,
        count=1,
        dtype="uint8",
        crs=wet.city.crs,
        transform=from_origin(grid.west_m, grid.north_m, grid.cell_size_m, grid.cell_size_m),
    ) as target:
        target.write(deep, 1)
    mapping = folder / "extent.yaml"
    mapping.write_text("observed: 1\nkind: extents\nname: radar\nfile: seen.tif\n")
    found = evaluate(wet, [mapping])
    assert found.score("critical_success_index").estimate.value == 1.0
    assert found.score("false_alarm_ratio").estimate.value == 0.0


def test_a_run_that_was_fitted_to_the_event_says_so_everywhere(
    storm: Scenario, small_city: City, wet: Run, folder: Path, tmp_path: Path
) -> None:
    fit = {
        "name": "levels",
        "start": "2025-10-22T16:10+07:00",
        "end": "2025-10-22T16:50+07:00",
        "fields": ["flood.manning"],
    }
    changed = storm.replace(fitted=[fit])
    assert changed.digest == storm.digest
    run = twin.run(changed, small_city, store=tmp_path / "runs", threads=1)
    found = evaluate(run, [levels(wet, folder)])
    assert found.parts[0].fitted
    assert all(score.fitted for score in found.scores)
    assert "FITTED" in page_of(found, "en")
    assert "ĐÃ HIỆU CHỈNH" in page_of(found, "vi")
    other = evaluate(wet, [levels(wet, folder)])
    assert not other.parts[0].fitted


def test_pages_and_json_hold_the_figures(
    wet: Run, deepest: tuple[float, float, float], folder: Path
) -> None:
    x_m, y_m, depth_m = deepest
    rows: list[tuple[str, float, float, object, object]] = [
        ("2025-10-22 16:45", x_m, y_m, round(depth_m, 3), "")
    ]
    found = evaluate(wet, [reports(folder, rows)])
    text = json.dumps(found.as_dict(), allow_nan=False)
    assert '"report_hit_rate"' in text
    for language in ("vi", "en"):
        page = page_of(found, language)
        assert page.count("data:image/png;base64") == 2
        assert "http" not in page.replace("http://www.w3.org", "")
        assert list(show_evaluation(found, language))


def test_what_cannot_be_compared_is_refused(wet: Run, folder: Path) -> None:
    rain = write(
        folder,
        "t,r\n2025-10-22 16:10,3\n",
        "kind: rain\ntime_zone: '+07:00'\ncolumns: {time: t, rain: r}\n",
    )
    with pytest.raises(InvalidInputError, match="what a run is given"):
        evaluate(wet, [rain])
    with pytest.raises(InvalidInputError, match="nothing to compare"):
        evaluate(wet, [])


def test_the_certainty_of_one_member_is_all_or_nothing(wet: Run) -> None:
    share = flooded_share([wet, wet], 0.1)
    assert set(np.unique(share)) <= {0.0, 1.0}
    streets = street_certainty([wet, wet], least_m=20.0)
    assert set(streets["members"]) <= {0.0, 1.0}
    wet_ones = streets[streets["members"] > 0]
    assert len(wet_ones)
    assert (wet_ones["deepest_low_m"] == wet_ones["deepest_high_m"]).all()
    assert wet_ones["from_s"].notna().all()
    with pytest.raises(InvalidInputError, match="at least one member"):
        flooded_share([], 0.1)


def test_a_level_that_the_run_was_given_is_said_to_prove_nothing(
    storm: Scenario, small_city: City, folder: Path, tmp_path: Path
) -> None:
    terrain = small_city.terrain
    assert terrain is not None
    row, column = np.argwhere(terrain["water"].to_numpy() == 2)[0]
    place = {"x_m": float(terrain["x"][column]), "y_m": float(terrain["y"][row])}
    tidal = storm.replace(
        tide={"series": {"times": ["0 h", "1 h"], "levels_m": [0.5, 1.0]}},
        rain=None,
        gauges=[{"name": "Middle", "location": place, "interval": "5 min"}],
    )
    run = twin.run(tidal, small_city, store=tmp_path / "runs", threads=1)
    found = evaluate(run, [levels(run, folder)])
    assert dict(found.parts[0].notes)["evaluate.prescribed"] == {"names": "middle"}


def test_a_report_holds_the_comparison_with_its_sample_size(wet: Run, folder: Path) -> None:
    found = evaluate(wet, [levels(wet, folder, shift_m=0.25)])
    page = report_html(wet, evaluation=found)
    assert "compares the result with no observation" not in page
    assert "Compared with observations" in page
    assert '<td class="n">−0.25 m</td>' in page  # noqa: RUF001 - the minus sign of text
    assert '<td class="n">13</td>' in page
