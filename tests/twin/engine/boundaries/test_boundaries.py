"""Boundaries of a scenario do what they say, and are refused where they cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import twin
from models.errors import ScenarioError, TwinError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from scenarios import Scenario
    from twin.city.city import City
    from twin.results import Run

#: The channel of the fixtures.
WEST, NORTH, MANNING = 500_000.0, 1_000_000.0, 0.03
Q = 30.0
WEIR = {"factor": 20, "exponent": 1.5, "zero_level_m": -0.3}
#: A steep curve: 30 cm from nothing to 60 m³/s.
STEEP = [{"level_m": 0.5, "discharge_m3_s": 0}, {"level_m": 0.8, "discharge_m3_s": 60}]


def inflow(m3_s: float, *, side: str = "west", **fields: Any) -> dict[str, Any]:
    """Return a discharge over an edge."""
    series = {"times": ["0 h", "100 h"], "discharges_m3_s": [m3_s, m3_s]}
    return {
        "name": "in", "kind": "discharge", "edge": {"side": side}, "only": "canal",
        "discharge": series, **fields,
    }  # fmt: skip


def outlet(kind: str, **fields: Any) -> dict[str, Any]:
    """Return what lets the water out in the east."""
    return {"name": "out", "kind": kind, "edge": {"side": "east"}, "only": "canal", **fields}


def at_level(*levels_m: float, **fields: Any) -> dict[str, Any]:
    """Return a level that goes through *levels_m*, an hour each."""
    times = [f"{n} h" for n in range(len(levels_m))]
    return {
        "name": "sea", "kind": "level", "edge": {"side": "east"}, "only": "canal",
        "level": {"series": {"times": times, "levels_m": list(levels_m)}}, **fields,
    }  # fmt: skip


def rows(run: Run, name: str) -> pd.DataFrame:
    table = run.series("boundaries")
    return table[table["boundary"] == name]


def kinds(run: Run) -> list[str]:
    return [each["kind"] for each in run.summary["warnings"] if "kind" in each]


@pytest.mark.parametrize(
    "case",
    [
        (outlet("rating_curve", power=WEIR), -0.3 + (Q / 20.0) ** (2.0 / 3.0)),
        (outlet("rating_curve", points=STEEP), 0.65),
        (outlet("normal_depth", slope=1e-3), -0.39 + (Q * MANNING / 20 / 1e-3**0.5) ** 0.6),
    ],
    ids=["weir", "steep", "normal"],
)
def test_a_channel_comes_to_the_exact_steady_level(
    channel: Callable[..., City],
    scenario: Callable[..., Scenario],
    tmp_path: Path,
    case: tuple[dict[str, Any], float],
) -> None:
    law, level_m = case
    told = scenario(inflow(Q), law, minutes=60)
    run = twin.run(told, channel(), store=tmp_path / "runs")
    last = rows(run, "out").iloc[-10:]
    np.testing.assert_allclose(last["level_m"], level_m, atol=1e-3)
    np.testing.assert_allclose(last["discharge_m3_s"], -Q, rtol=2e-3)
    assert rows(run, "in")["discharge_m3_s"].iloc[1:].to_numpy() == pytest.approx(Q)
    final = run.ledger.iloc[-1]
    assert run.summary["volume_error"] < 1e-12
    assert final["inflow_m3"] == pytest.approx(Q * 3600.0)
    assert final["abstraction_m3"] == pytest.approx(-rows(run, "out")["volume_m3"].iloc[-1])


def test_the_exchange_interval_does_not_move_the_steady_level(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    levels = []
    for interval in ("10 s", "5 min"):
        flood = {"exchange_interval": interval, "statistics_interval": "10 s"}
        told = scenario(
            inflow(Q), outlet("rating_curve", power=WEIR), flood=flood,
            outputs={"gauge_interval": "30 min"}, minutes=60,
        )  # fmt: skip
        run = twin.run(told, channel(), store=tmp_path / "runs")
        levels.append(float(rows(run, "out")["level_m"].iloc[-1]))
    assert levels[0] == pytest.approx(levels[1], abs=1e-4)


def test_a_level_fills_the_channel_behind_an_edge(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    told = scenario(at_level(1.0, 1.0, 1.0), minutes=120)
    run = twin.run(told, channel(), store=tmp_path / "runs")
    surface = run.flood["depth"][-1].to_numpy() + run.flood["ground_level"].to_numpy()
    np.testing.assert_allclose(surface[1:3], 1.0, atol=0.02)
    assert (run.flood["depth"][-1].to_numpy()[[0, -1]] == 0.0).all()
    assert rows(run, "sea")["level_m"].iloc[-1] == pytest.approx(1.0)
    assert run.ledger.iloc[-1]["level_in_m3"] > 5000.0


def test_an_offset_and_a_datum_raise_a_level(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    sea = at_level(0.5, 0.5, 0.5)
    sea["level"] |= {"offset_m": 0.2, "datum_offset_m": 0.3}
    run = twin.run(scenario(sea), channel(), store=tmp_path / "runs")
    assert rows(run, "sea")["level_m"].iloc[-1] == pytest.approx(1.0)


def test_two_levels_and_the_tide_stand_beside_one_another(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    part = [WEST + 150.0, WEST + 210.0]
    ring = [[x, y] for x in part for y in (NORTH, NORTH - 40.0)]
    pond = at_level(
        0.8, 0.8, name="pond", edge=None, area={"xy_m": [ring[k] for k in (0, 1, 3, 2)]}
    )
    tide = {"series": {"times": ["0 h", "1 h"], "levels_m": [0.2, 0.4]}}
    told = scenario(
        {"name": "mouth", "kind": "tide", "edge": {"side": "east"}, "only": "water"},
        at_level(1.2, 1.2, name="lake", edge={"side": "west"}),
        {key: value for key, value in pond.items() if value is not None},
        tide=tide,
        timeline=[{"at": "30 min", "do": "set_tide_offset", "offset_m": 0.5}],
    )
    run = twin.run(told, channel(), store=tmp_path / "runs")
    found = {name: rows(run, name)["level_m"].iloc[-1] for name in ("mouth", "lake", "pond")}
    assert found == pytest.approx({"mouth": 0.9, "lake": 1.2, "pond": 0.8})


def test_a_harmonic_level_is_that_of_its_constituents(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    constituent = {"name": "M2", "amplitude_m": 0.4, "phase_deg": 0}
    harmonic = {"mean_level_m": 0.5, "constituents": [constituent]}
    told = scenario(at_level(name="sea", level={"harmonic": harmonic}), minutes=120)
    run = twin.run(told, channel(), store=tmp_path / "runs")
    level = rows(run, "sea").set_index("time_s")["level_m"]
    expected = 0.5 + 0.4 * np.cos(np.radians(28.9841042 * np.array([1.0, 2.0])))
    np.testing.assert_allclose(level[[3600.0, 7200.0]], expected, atol=1e-6)


def test_a_part_of_an_edge_is_what_lies_between_two_places(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    places = {
        "from_location": {"x_m": WEST + 5.0, "y_m": NORTH - 12.0},
        "to_location": {"x_m": WEST + 5.0, "y_m": NORTH - 18.0},
    }
    told = scenario(inflow(1.0, only="any", edge={"side": "west", **places}), minutes=1)
    run = twin.run(told, channel(), store=tmp_path / "runs")
    depth = run.flood["max_depth"].to_numpy()
    assert depth[1, 0] > depth[2, 0] >= 0.0
    assert depth[1, 0] == depth.max()


def test_free_and_closed_change_a_part_of_the_rim(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    city, left = channel(), {}
    cases = {
        "closed": [],
        "opened": [outlet("free")],
        "shut": [outlet("closed")],
        "free": [],
    }
    for name, more in cases.items():
        edges = "free" if name in {"shut", "free"} else "closed"
        told = scenario(inflow(5.0), *more, flood={"edges": edges}, name=name)
        run = twin.run(told, city, store=tmp_path / "runs")
        left[name] = float(run.ledger.iloc[-1]["outflow_edges_m3"])
    assert left["closed"] == 0.0
    assert left["opened"] > 1000.0
    assert left["free"] > left["shut"]


def test_a_run_cut_short_goes_on_to_the_same_bytes(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    told = scenario(
        inflow(Q), outlet("rating_curve", power=WEIR), minutes=30,
        cross_sections=[
            {"name": "mid", "line": {"xy_m": [[WEST + 200, NORTH - 40], [WEST + 200, NORTH]]}}
        ],
        outputs={"checkpoint_interval": "5 min", "frame_interval": "10 min"},
    )  # fmt: skip
    city = channel()
    whole = twin.run(told, city, store=tmp_path / "whole")
    calls = 0

    def stop() -> bool:
        nonlocal calls
        calls += 1
        return calls == 13

    with pytest.raises(twin.Interrupted) as caught:
        twin.run(told, city, store=tmp_path / "cut", should_stop=stop)
    assert twin.resume(caught.value.run_id, store=tmp_path / "cut").digest == whole.digest


@pytest.mark.slow
def test_the_finite_volume_solver_comes_to_the_same_level(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    law = outlet("rating_curve", power=WEIR)
    told = scenario(inflow(Q), law, minutes=90, flood={"solver": "finite-volume"})
    run = twin.run(told, channel(), store=tmp_path / "runs")
    level_m = -0.3 + (Q / 20.0) ** (2.0 / 3.0)
    assert rows(run, "out")["level_m"].iloc[-1] == pytest.approx(level_m, abs=1e-3)


@pytest.mark.parametrize(
    ("boundaries", "says"),
    [
        ([inflow(1.0, edge={"side": "west"}, only="river")], "none of its 4 cells is river"),
        ([at_level(-5.0, -5.0)], "never reaches the lowest ground"),
        ([outlet("rating_curve", points=[{"level_m": -9, "discharge_m3_s": 0},
                                         {"level_m": -8, "discharge_m3_s": 5}])], "curve ends at"),
        ([at_level(1.0, 1.0), at_level(1.0, 1.0, name="other")], "prescribes the level of"),
        ([at_level(1.0, 1.0), outlet("normal_depth", slope=0.001)], "no discharge can hold"),
        ([at_level(1.0, 1.0), outlet("closed")], "could have no effect"),
        ([{**outlet("normal_depth", slope=0.001), "edge": None,
           "line": {"xy_m": [[WEST - 900, NORTH], [WEST - 800, NORTH]]}}], "outside|off|beyond"),
    ],
)  # fmt: skip
def test_a_boundary_that_could_do_nothing_is_refused(
    channel: Callable[..., City],
    scenario: Callable[..., Scenario],
    tmp_path: Path,
    boundaries: list[dict[str, Any]],
    says: str,
) -> None:
    whole = [{k: v for k, v in each.items() if v is not None} for each in boundaries]
    with pytest.raises(ScenarioError, match=says):
        twin.run(scenario(*whole), channel(), store=tmp_path / "runs")


def test_what_stands_in_the_dry_is_told_with_its_figure(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    part = {
        f"{end}_location": {"x_m": WEST + far, "y_m": NORTH}
        for end, far in (("from", 105.0), ("to", 195.0))
    }
    short = [{"level_m": -0.3, "discharge_m3_s": 0}, {"level_m": -0.2, "discharge_m3_s": 2}]
    told = scenario(
        inflow(Q, only="land"),
        outlet("rating_curve", points=short),
        {**at_level(2.0, 8.0, name="high"), "edge": {"side": "north", **part}, "only": "land"},
        minutes=30,
    )
    run = twin.run(told, channel(), store=tmp_path / "runs")
    found = kinds(run)
    for kind in ("boundary_inflow_dry", "boundary_starts_dry", "boundary_level_dry"):
        assert kind in found
    (high,) = [each for each in run.summary["warnings"] if each["kind"] == "boundary_level_dry"]
    assert "10 of its 10" in high["en"]
    assert "10 trên 10" in high["vi"]
    assert "rating_curve_exceeded" in found


def test_an_inflow_where_the_level_is_prescribed_is_refused(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    series = {"times": ["0 h", "1 h"], "discharges_m3_s": [1, 1]}
    place = {"x_m": WEST + 395.0, "y_m": NORTH - 15.0}
    told = scenario(
        at_level(1.0, 1.0), inflows=[{"name": "in", "location": place, "discharge": series}]
    )
    with pytest.raises(ScenarioError, match="no discharge can hold"):
        twin.run(told, channel(), store=tmp_path / "runs")


@pytest.mark.parametrize(
    ("boundary", "says"),
    [
        ({"kind": "tide"}, "no tide"),
        ({"kind": "normal_depth"}, "slope"),
        ({"kind": "rating_curve"}, "exactly one of points, power"),
        ({"kind": "rating_curve", "points": [{"level_m": 0, "discharge_m3_s": 1},
                                             {"level_m": 1, "discharge_m3_s": 2}]}, "must be 0"),
        ({"kind": "level", "level": {"series": {"times": ["0 h", "1 min"], "levels_m": [1, 1]}}},
         "cover the whole period"),
        ({"kind": "closed", "edge": {"side": "all", "from_location": {"x_m": 1, "y_m": 1}}},
         "from_location and to_location"),
        ({"kind": "closed", "line": {"xy_m": [[0, 0], [1, 1]]}}, "exactly one of edge, line"),
        ({"kind": "discharge",
          "discharge": {"times": ["5 h", "6 h"], "discharges_m3_s": [1, 1]}}, "nothing flows"),
    ],
)  # fmt: skip
def test_a_boundary_that_is_written_wrong_is_refused(
    scenario: Callable[..., Scenario], boundary: dict[str, Any], says: str
) -> None:
    with pytest.raises(TwinError, match=says):
        scenario({"name": "b", "edge": {"side": "east"}, **boundary})


def test_levels_in_a_file_are_taken_over(
    channel: Callable[..., City], scenario: Callable[..., Scenario], tmp_path: Path
) -> None:
    file = tmp_path / "levels.csv"
    file.write_text("hours,level\n0,0.6\n1,0.9\n2,1.0\n", encoding="utf-8")
    csv = {"file": str(file), "time_column": "hours", "value_column": "level", "time_unit": "h"}
    told = scenario(at_level(name="sea", level={"series": {"csv": csv}}))
    run = twin.run(told, channel(), store=tmp_path / "runs")
    assert rows(run, "sea")["level_m"].iloc[-1] == pytest.approx(0.9)
    assert run.scenario["boundaries"][0]["level"]["series"]["levels_m"] == [0.6, 0.9]
