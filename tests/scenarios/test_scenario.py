# ruff: noqa: ANN001, ANN201 - parametrised values of many types; tests return nothing
from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.errors import ScenarioError
from scenarios import Scenario
from scenarios.loader import read_yaml
from scenarios.migrate import migrate
from scenarios.schema import Flood, LonLat, Period, Tide

STORM = "rain: {design_storm: {pattern: chicago, depth_mm: 80, duration: 90 min, start: 01:30}}\n"
TIDE = "tide: {series: {times: [0 h, 6 h], levels_m: [0, 1]}}\n"


def test_moments_are_seconds_since_the_start(read):
    scenario = read(
        "timeline:\n"
        "  - {at: 02:15, do: close_bridge, bridge: b}\n"
        "  - {at: 2025-10-22T01:00+07:00, do: open_bridge, bridge: b}\n"
        "  - {at: 2025-10-21T18:00Z, do: open_bridge, bridge: b}\n"
    )
    assert [command.at for command in scenario.timeline] == [8100.0, 3600.0, 3600.0]


def test_water_is_computed_only_where_something_drives_it(read):
    assert read("").flood == "none"
    assert read("flood: {}").flood == Flood()
    assert read(STORM).flood == Flood()
    assert read(TIDE).flood == Flood()
    assert read(STORM + "flood: none").flood == "none"
    assert read("inflows: []").flood == "none"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("seed: 4\n" + TIDE, TIDE + "# a note\nseed: 4\n"),
        (STORM, STORM.replace("90 min", "01:30").replace("01:30}", "1 h 30 min}")),
        (STORM, STORM.replace("depth_mm: 80", "depth_mm: 80.0")),
        (STORM, STORM.replace("start: 01:30", "start: 2025-10-21T18:30Z")),
        (STORM, STORM + "flood: {courant: 0.7}\nseed: 0\n"),
        (TIDE, TIDE + "title: {vi: Triều}\ncity: elsewhere\n"),
    ],
)
def test_the_digest_depends_on_what_is_said_and_not_on_how(read, one, other):
    assert read(one).digest == read(other).digest


def test_the_digest_of_json_is_that_of_yaml(tmp_path, read):
    scenario = read(STORM + TIDE)
    path = tmp_path / "case.json"
    path.write_text(
        '{"schema": 1, "name": "case", "seed": 0, "tide": {"series": {"levels_m": [0, 1], '
        '"times": ["0 h", "6 h"]}}, "rain": {"design_storm": {"pattern": "chicago", "depth_mm": '
        '80, "duration": "90 min", "start": "01:30"}}, "period": {"duration": "6 h", "start": '
        '"2025-10-22T00:00+07:00"}}'
    )
    assert Scenario.load(path).digest == scenario.digest


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"tide.offset_m": 0.2},
        {"rain.design_storm.start": "02:00"},
        {"flood": "none"},
        {"period.duration": "5 h"},
        {"fleet.ambulances": 1},
        {"outputs.frame_interval": "10 min"},
    ],
)
def test_every_change_of_substance_changes_the_digest(read, change):
    scenario = read(STORM + TIDE)
    assert scenario.replace(**change).digest != scenario.digest
    assert scenario.replace(**change).replace(**change) == scenario.replace(**change)


def test_replace_takes_paths_and_nested_fields(read):
    scenario = read(TIDE + "timeline: [{at: 1 h, do: close_bridge, bridge: b}]")
    changed = scenario.replace(
        **{"tide.offset_m": np.float64(0.2), "timeline.0.at": timedelta(hours=2)},
        fleet={"ambulances": np.int64(3)},
        outputs={"depth_thresholds_m": np.array([0.1, 0.5])},
    )
    assert changed.tide.offset_m == 0.2
    assert changed.timeline[0].at == 7200.0
    assert changed.fleet.ambulances == 3
    assert changed.outputs.depth_thresholds_m == (0.1, 0.5)
    assert changed.tide.series == scenario.tide.series
    assert scenario.tide.offset_m == 0.0
    assert changed.replace(tide=None).tide is None


def test_dates_stay_where_they_are_when_the_period_moves(read):
    scenario = read("timeline: [{at: 2025-10-22T02:00+07:00, do: open_bridge, bridge: b}]")
    moved = scenario.replace(**{"period.start": datetime(2025, 10, 21, 18, tzinfo=UTC)})
    assert scenario.timeline[0].at == 7200.0
    assert moved.timeline[0].at == 3600.0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tide.offset": 1}, "Did you mean"),
        ({"tide.offset_m": "much"}, "must be a number, got 'much'"),
        ({"tide.offset_m": float("nan")}, "finite"),
        ({"tide.series.times.9": "1 h"}, "nowhere"),
        ({"name.x": 1}, "nowhere"),
        ({"fleet": {"ambulances": object()}}, "whole number"),
    ],
)
def test_replace_refuses_what_is_not_valid(read, change, says):
    with pytest.raises(ScenarioError, match=says):
        read(TIDE).replace(**change)


def test_a_scenario_cannot_be_changed_in_place(read):
    scenario = read(TIDE)
    with pytest.raises(ValidationError, match="frozen"):
        scenario.seed = 3
    data = scenario.to_dict()
    data["seed"] = 3
    assert scenario.seed == 0
    assert "seed" not in scenario.to_dict()


def test_yaml_written_reads_back_to_the_same_scenario_and_text(read):
    scenario = read(STORM + TIDE + "seed: 3\ngrid: {cell_size_m: 1e1}")
    text = scenario.to_yaml()
    again = Scenario.parse(text)
    assert again == scenario
    assert again.to_yaml() == text
    assert hash(again) == hash(scenario)
    assert again.digest == scenario.digest


def test_a_scenario_survives_pickling(read):
    scenario = read(STORM + TIDE)
    again = pickle.loads(pickle.dumps(scenario))  # noqa: S301 - our own bytes, to another process
    assert again == scenario
    assert again.to_yaml() == scenario.to_yaml()


def test_parts_made_in_python_make_the_same_scenario(read):
    period = Period.model_validate({"start": "2025-10-22T00:00+07:00", "duration": "6 h"})
    tide = Tide.model_validate({"series": {"times": ["0 h", "6 h"], "levels_m": [0, 1]}})
    made = Scenario.from_dict({"schema": 1, "name": "case", "period": period, "tide": tide})
    assert made == read(TIDE)
    assert made.digest == read(TIDE).digest


def test_a_place_says_in_which_form_it_is_written(read):
    places = ["{lon: 106, lat: 10}", "{x_m: 1, y_m: 2}", "{facility: h}", "{street: s}"]
    places += ["{street: s, cross_street: t}", "{bridge: b}"]
    gauges = "".join(f"  - {{name: g{i}, location: {p}}}\n" for i, p in enumerate(places))
    scenario = read("gauges:\n" + gauges)
    forms = [gauge.location.form for gauge in scenario.gauges]
    assert forms == ["lonlat", "xy", "facility", "street", "street", "bridge"]
    assert scenario.gauges[0].location == LonLat(lon=106.0, lat=10.0)


@given(st.permutations(["seed: 4", "city: c", "fleet: {ambulances: 2}", "gauges: []"]))
def test_the_order_of_fields_never_matters(lines):
    head = "schema: 1\nname: case\nperiod: {start: 2025-10-22T00:00+07:00, duration: 6 h}\n"
    scenario = Scenario.parse(head + "\n".join(lines))
    assert scenario == Scenario.parse(head + "\n".join(sorted(lines)))


def test_an_older_document_is_brought_up_one_version_at_a_time():
    steps = {
        n: lambda data, n=n: {**data, "steps": [*data.get("steps", []), n]} for n in range(1, 4)
    }
    document = read_yaml("schema: 2\na: 1\n", name="old.yaml")
    new = migrate(document, current=4, migrations=steps)
    assert new.data == {"schema": 4, "a": 1, "steps": [2, 3]}
    assert new.place(("a",)) == "old.yaml:2: a"
    with pytest.raises(ScenarioError, match="no longer be read"):
        migrate(read_yaml("schema: 1\n"), current=2, migrations={})


def test_known_kinds_and_policies_are_those_of_the_models():
    incidents = pytest.importorskip("models.response.incidents")
    policies = pytest.importorskip("models.response.policies")
    schema = Scenario.model_json_schema()["$defs"]
    assert set(Scenario.model_fields["response"].default.known_kinds) == set(
        incidents.INCIDENT_KINDS
    )
    for field, table in (
        ("dispatch_policy", policies.DISPATCH_POLICIES),
        ("queue_policy", policies.QUEUE_POLICIES),
        ("hospital_policy", policies.HOSPITAL_POLICIES),
    ):
        entry = schema["Response"]["properties"][field]["anyOf"][0]["oneOf"][0]
        assert set(entry.get("enum", [entry.get("const")])) == set(table)


def test_tidal_speeds_follow_from_the_astronomical_ones():
    """Schureman (1958): T, s, h, p in degrees per hour make the speeds of the constituents."""
    from scenarios.schema import TIDAL_SPEEDS_DEG_H  # noqa: PLC0415 - beside its use

    speeds = TIDAL_SPEEDS_DEG_H
    t, s, h, p = 15.0, 0.5490165, 0.0410686, 0.0046418
    made = {
        "M2": 2 * t - 2 * s + 2 * h,
        "S2": 2 * t,
        "N2": 2 * t - 3 * s + 2 * h + p,
        "K2": 2 * t + 2 * h,
        "K1": t + h,
        "O1": t - 2 * s + h,
        "P1": t - h,
        "Q1": t - 3 * s + h + p,
        "J1": t + s + h - p,
        "2N2": 2 * t - 4 * s + 2 * h + 2 * p,
        "MU2": 2 * t - 4 * s + 4 * h,
        "NU2": 2 * t - 3 * s + 4 * h - p,
        "L2": 2 * t - s + 2 * h - p,
        "T2": 2 * t - h,
        "R2": 2 * t + h,
        "OO1": t + 2 * s + h,
        "2Q1": t - 4 * s + h + 2 * p,
        "RHO1": t - 3 * s + 3 * h - p,
        "LAM2": 2 * t - s + p,
        "M4": 4 * (t - s + h),
        "M6": 6 * (t - s + h),
        "M8": 8 * (t - s + h),
        "M3": 3 * (t - s + h),
        "MS4": 4 * t - 2 * s + 2 * h,
        "MN4": 4 * t - 5 * s + 4 * h + p,
        "MK3": 3 * t - 2 * s + 3 * h,
        "2MK3": 3 * t - 4 * s + 3 * h,
        "2SM2": 2 * t + 2 * s - 2 * h,
        "MM": s - p,
        "MF": 2 * s,
        "MSF": 2 * s - 2 * h,
        "SA": h,
        "SSA": 2 * h,
        "S1": t, "S4": 4 * t, "S6": 6 * t,
        "M1": t - s + h + p,
    }  # fmt: skip
    assert set(made) == set(speeds)
    for name, speed in made.items():
        assert speeds[name] == pytest.approx(speed, abs=2e-6), name
    assert all(a != b for a, b in pairwise(sorted(speeds.values())))
