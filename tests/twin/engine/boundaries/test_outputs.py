"""What is recorded of a flood: sections, gauges at their own interval, durations, fast flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import twin
from models.errors import ScenarioError, TwinError
from models.flood import AdvanceReport
from twin.engine.watch import FlowWatch
from twin.results.export import export_run
from twin.results.plot import PICTURES, plot_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scenarios import Scenario
    from twin.city.city import City

WEST, NORTH = 500_000.0, 1_000_000.0
Q = 30.0


def inflow() -> dict[str, Any]:
    series = {"times": ["0 h", "100 h"], "discharges_m3_s": [Q, Q]}
    return {
        "name": "in", "kind": "discharge", "edge": {"side": "west"}, "only": "canal",
        "discharge": series,
    }  # fmt: skip


def section(name: str, *points: tuple[float, float], **fields: Any) -> dict[str, Any]:
    xy = [[WEST + x, NORTH - y] for x, y in points]
    return {"name": name, "line": {"xy_m": xy}, **fields}


def report(fast: int, wet: int) -> AdvanceReport:
    return AdvanceReport(
        steps=1, smallest_step_s=1.0, mean_step_s=1.0, wet_cells=wet, active_cells=wet,
        max_depth_m=1.0, row=0, column=0, fast_cells=fast,
    )  # fmt: skip


def test_a_section_measures_what_flows_whichever_way_it_is_drawn(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    told = scenario(
        inflow(),
        {"name": "out", "kind": "normal_depth", "edge": {"side": "east"}, "only": "canal",
         "slope": 1e-3},
        cross_sections=[
            section("north", (200, 40), (200, 0)),
            section("south", (200, 0), (200, 40)),
            section("slanted", (180, 40), (220, 0)),
            section("seldom", (300, 40), (300, 0), interval="10 min"),
        ],
        gauges=[
            {"name": "often", "location": {"x_m": WEST + 205, "y_m": NORTH - 15}},
            {"name": "seldom", "location": {"x_m": WEST + 205, "y_m": NORTH - 25},
             "interval": "15 min"},
        ],
    )  # fmt: skip
    run = twin.run(told, channel(), store=tmp_path / "runs")
    table = run.series("cross_sections")
    last = table.groupby("section").last()
    assert last["discharge_m3_s"].to_dict() == pytest.approx(
        {"north": Q, "south": -Q, "slanted": Q, "seldom": Q}, rel=0.01
    )
    north = {
        name: float(last[name].to_dict()["north"]) for name in ("width_m", "speed_m_s", "area_m2")
    }
    assert north["width_m"] == pytest.approx(20.0)
    assert north["speed_m_s"] == pytest.approx(Q / north["area_m2"], rel=0.01)
    assert (table["section"] == "seldom").sum() == 7
    gauges = run.gauges
    assert gauges["depth_m_often"].notna().all()
    assert gauges["depth_m_seldom"].notna().sum() == 5
    pictures = plot_run(run, tmp_path / "pictures", language="vi", only=PICTURES)
    names = {path.name for path in pictures}
    assert {"cross-sections.png", "gauges.png", "boundaries.png", "ledger.png"} <= names
    assert {"limiting-steps.png", "duration-over-0.3m.png", "aidr-class.png"} <= names
    files = {path.name for path in export_run(run, tmp_path / "export")}
    assert {"cross-sections.csv", "boundaries.csv", "limiting-steps.tif"} <= files
    assert {"time-of-max.tif", "duration-over-0.1m.tif"} <= files
    with pytest.raises(TwinError, match="no such picture"):
        plot_run(run, tmp_path / "pictures", only=["weather"])


def test_a_section_off_the_grid_and_an_interval_that_does_not_fit_are_refused(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    far = scenario(inflow(), cross_sections=[section("far", (-900, 0), (-800, 0))])
    with pytest.raises(ScenarioError, match=r"off|outside|beyond"):
        twin.run(far, channel(), store=tmp_path / "runs")
    with pytest.raises(TwinError, match="multiple of"):
        scenario(inflow(), cross_sections=[section("s", (0, 0), (9, 9), interval="90 s")])


def test_fast_flow_is_told_with_its_figure_and_slow_flow_is_not(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    told = scenario(inflow(), {"name": "out", "kind": "free", "edge": {"side": "east"}}, minutes=20)
    steep = twin.run(told, channel(0.02), store=tmp_path / "runs")
    (found,) = [w for w in steep.summary["warnings"] if w["kind"] == "fast_flow"]
    assert "finite-volume" in found["en"]
    assert "0,8" in found["vi"]
    slow = twin.run(told, channel(0.0005), store=tmp_path / "runs")
    assert all(w["kind"] != "fast_flow" for w in slow.summary["warnings"])


def test_the_worst_share_of_fast_flow_counts() -> None:
    watch = FlowWatch(thresholds_m=(0.1,), depth_m=np.zeros((2, 2)))
    for fast, wet in ((20, 100), (30, 100_000), (30, 1000), (40, 900), (50, 4000)):
        watch.see(report(fast, wet), 60.0 * fast)
    np.testing.assert_array_equal(watch.fastest, [40, 900, 2400.0])


def test_durations_count_halves_at_rise_and_fall_and_survive_a_checkpoint() -> None:
    watch = FlowWatch(thresholds_m=(0.1, 0.5), depth_m=np.zeros((1, 1)))
    for depth in (0.2, 0.6):
        watch.lapse(np.full((1, 1), depth), 60.0)
    again = FlowWatch(thresholds_m=(0.1, 0.5), depth_m=np.zeros((1, 1)))
    again.restore(watch.to_arrays())
    again.look(np.full((1, 1), 0.6))
    for each in (watch, again):
        for depth in (0.3, 0.0):
            each.lapse(np.full((1, 1), depth), 60.0)
        np.testing.assert_array_equal(each.seconds[:, 0, 0], [180.0, 60.0])


def test_durations_over_depths_agree_with_the_solver(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    told = scenario(inflow(), minutes=20, outputs={"depth_thresholds_m": [0.1, 0.5]})
    flood = twin.run(told, channel(), store=tmp_path / "runs").flood
    apart = flood["duration_over_0.1m"] - flood["duration"]
    assert float(np.abs(apart).max()) <= 60.0
    assert (flood["duration_over_0.5m"] <= flood["duration_over_0.1m"]).all()
    assert int(flood["limiting_steps"].sum()) > 0
    assert pd.api.types.is_integer_dtype(flood["limiting_steps"].dtype)
