# ruff: noqa: ANN001, ANN201, E501, ISC004, PT017 - documents on one line; parametrised values of many types; tests return nothing
from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ScenarioError
from scenarios import Scenario

TIDE = "tide: {extremes: {times: [0 h, 6 h], levels_m: [0, 1]}%s}\n"
CALL = "incidents: {listed: [{id: a, at: 1 h, kind: medical, location: {lon: 106.7, lat: 10.7}}]}"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("rian: {}", "case.yaml:4: rian: there is no such field. Did you mean rain?"),
        (TIDE % ", ofset_m: 1", "tide.ofset_m: there is no such field. Did you mean offset_m?"),
        (TIDE % ", zzz: 1", "tide.zzz: there is no such field. Known here are applies_to,"),
        (TIDE % ", offset_m: '0,2'", "got '0,2'. Write the decimal sign as a point."),
        (TIDE % ", offset_m: 20 cm", "must be a number, got '20 cm'. Write the number alone"),
        (TIDE % ", offset_m: true", "tide.offset_m: must be a number, got True"),
        (TIDE % ", offset_m: .nan", "tide.offset_m: must be a finite number"),
        (TIDE % ", offset_m: 1e999", "must be a finite number"),
        (
            TIDE % ", applies_to: [rivr]",
            "must be river, canal_mouths or low_edges, got 'rivr'. Did you mean",
        ),
        (TIDE % ", applies_to: []", "tide.applies_to"),
        ("seed: 1.5", "seed: must be a whole number, got 1.5"),
        ("seed: -1", "seed: must be at least 0, got -1"),
        ("seed: '7'", "seed: must be a whole number, got '7'. Write it without quotes"),
        ("title: {en: 7}", "title.en: must be text, got 7. Put it in quotes."),
        ("gauges: {name: a}", "gauges: must be a list"),
        ("rain: 20", "rain: must be a group of fields, got 20"),
        ("rain: {}", "exactly one of hyetograph, design_storm, gauges, gridded; found none"),
        ("tide: {}", "exactly one of series, extremes, harmonic; found none"),
        ("fleet: {ambulances: -2}", "fleet.ambulances: must be at least 0, got -2"),
        ("flood: dry", "flood: must be a group of fields, got 'dry'"),
        ("flood:", "flood: must be a group of fields"),
        (
            "flood: {solver: inertia}",
            "must be inertial, finite-volume or auto, got 'inertia'. Did you mean inertial?",
        ),
        ("flood: {courant: 1.5}", "flood.courant: must be at most 1, got 1.5"),
        ("flood: {theta: 0}", "flood.theta: must be at least 0.5, got 0"),
        ("flood: {max_time_step: 60}", "a time needs a unit"),
        ("flood: {max_time_step: 0 s}", "flood.max_time_step: must be more than 0"),
        ("flood: {}\noutputs: {frame_interval: 90 s}", "must be a multiple of"),
        ("outputs: {depth_thresholds_m: [0.3, 0.1]}", "the values must rise"),
        (
            CALL.replace("7}", "7}, casualties: -1"),
            "incidents.listed[0].casualties: must be at least 0",
        ),
        (CALL.replace("medical", "medicl"), "got 'medicl'. Did you mean medical?"),
        (CALL.replace("lat: 10.7", "lat: 107"), "listed[0].location.lat: must be at most 90"),
        (CALL.replace(", lat: 10.7", ""), "listed[0].location.lat: the field is missing"),
        (CALL.replace("lon: 106.7, lat: 10.7", ""), "a place is written as {lon, lat}"),
        (CALL.replace("1 h", "7 h"), "outside the period (2025-10-22T00:00:00+07:00 to"),
        (CALL.replace("1 h", "3600"), "incidents.listed[0].at: a time needs a unit"),
        (CALL.replace("1 h", "2025-10-22T01:00"), "the time zone is missing"),
        ("timeline: [{at: 1 h, do: close_raod}]", "Did you mean close_road?"),
        ("timeline: [{at: 1 h}]", "timeline[0].do: the field is missing"),
        ("timeline: [{at: 1 h, do: close_road}]", "timeline[0].road: the field is missing"),
        (
            "timeline: [{at: 1 h, do: close_bridge, bridge: b, brigde: c}]",
            "timeline[0].brigde: there is no such field. Did you mean bridge?",
        ),
        (
            "timeline: [{at: 1 h, do: close_road, road: {street: a, betwen: [b, c]}}]",
            "timeline[0].road.betwen: there is no such field. Did you mean between?",
        ),
        ("timeline: [{at: 1 h, do: set_rain}]", "exactly one of rate_mm_h, multiplier"),
        ("timeline: [{at: 1 h, do: set_rain, rate_mm_h: -3}]", "must be at least 0, got -3"),
        (
            "closures: [{road: {bridge: b}, start: 2 h, end: 1 h}]",
            "closures[0].end: the end is not later than the start",
        ),
        (
            "inflows: [{name: a, location: {x_m: 0, y_m: 0}, discharge: {times: [0 h, 1 h], "
            "discharges_m3_s: [1, -1]}}]",
            "inflows[0].discharge.discharges_m3_s[1]: must be at least 0, got -1",
        ),
        (
            "gauges: [{name: a, location: {x_m: 0, y_m: 0}}, {name: a, location: {x_m: 1, y_m: 1}}]",
            "gauges[1].name: another of the gauges has this name",
        ),
        ("initial: {canals: tide}", "there is no tide from which to take the level"),
        ("response: {handover: {}}", "exactly one of constant, uniform"),
        (
            "response: {handover: {constant: 1 min, gamma: {shape: 1, scale: 1 s}}}",
            "found constant",
        ),
        ("response: {incident_kinds: {flood_panic: {}}}", "must give needs"),
        (
            "response: {incident_kinds: {medical: {priority_share: [0.5, 0.4]}}}",
            "must sum to 1, not 0.9",
        ),
        (
            "incidents: {generated: {count: 3, mix: {medikal: 1}}}",
            "Did you mean medical?",
        ),
        ("incidents: {generated: {count: 3, rate_per_day: 3}}", "count and rate_per_day"),
        ("incidents: {generated: {count: 3, hourly_profile: [1, 2]}}", "hourly_profile"),
    ],
)
def test_a_fault_is_named_with_its_field_and_what_was_expected(fault, body, says):
    message = fault(body)
    assert says in message
    assert re.match(r"case\.yaml:\d+: ", message)
    assert "\n" not in message


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("series: {times: [0 h], levels_m: [1]}", "at least two times"),
        ("series: {times: [0 h, 6 h], levels_m: [1]}", "2 times, but 1 levels_m"),
        ("series: {times: [0 h, 6 h]}", "give times and levels_m, or csv"),
        ("series: {times: [0 h, 3 h, 2 h, 6 h], levels_m: [1, 1, 1, 1]}", "entry 3 (02:00:00)"),
        ("series: {times: [0 h, 0 h, 6 h], levels_m: [1, 1, 1]}", "must increase"),
        ("series: {times: [0 h, 5 h], levels_m: [1, 1]}", "must cover the whole period"),
        ("extremes: {times: [1 h, 7 h], levels_m: [1, 1]}", "goes from 01:00:00 to 07:00:00"),
        (
            "harmonic: {constituents: [{name: X9, amplitude_m: 1, phase_deg: 0}]}",
            "give speed_deg_h",
        ),
        (
            "harmonic: {constituents: [{name: M2, amplitude_m: 1, phase_deg: 0}, "
            "{name: m2, amplitude_m: 1, phase_deg: 0}]}",
            "stands there twice",
        ),
        ("harmonic: {constituents: [{name: M2, amplitude_m: -1, phase_deg: 0}]}", "at least 0"),
    ],
)
def test_a_tide_that_cannot_be_is_refused(fault, form, says):
    assert says in fault(f"tide: {{{form}}}\n")


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("hyetograph: {times: [0 h, 1 h], rates_mm_h: [10, 5]}", "the last value must be 0"),
        ("hyetograph: {times: [1 h, 0 h], rates_mm_h: [10, 0]}", "must increase"),
        ("hyetograph: {times: [7 h, 8 h], rates_mm_h: [10, 0]}", "no rain falls in the period"),
        ("hyetograph: {times: [-2 h, -1 h], rates_mm_h: [10, 0]}", "no rain falls in the period"),
        ("hyetograph: {times: [0 h, 1 h], rates_mm_h: [-10, 0]}", "must be at least 0, got -10"),
        ("hyetograph: {times: [0 h, 1 h], rates_mm_h: [9000, 0]}", "must be at most 5000"),
        (
            "hyetograph: {times: [0 h, 1 h], rates_mm_h: [1, 0], depths_mm: [1, 0]}",
            "either rates_mm_h or depths_mm",
        ),
        ("design_storm: {pattern: chicago, depth_mm: -1, duration: 1 h}", "must be more than 0"),
        (
            "design_storm: {pattern: chicago, depth_mm: 1, duration: 1 h, start: 5 h 30 min}",
            "the storm ends at 06:30:00, after the period",
        ),
        ("design_storm: {pattern: chikago, depth_mm: 1, duration: 1 h}", "Did you mean chicago?"),
    ],
)
def test_rain_that_cannot_be_is_refused(fault, form, says):
    assert says in fault(f"rain: {{{form}}}\n")


@pytest.mark.parametrize(
    ("period", "says"),
    [
        ("{start: 2025-10-22T00:00, duration: 6 h}", "period.start: the time zone is missing"),
        ("{start: 22/10/2025, duration: 6 h}", "not a date and time"),
        ("{start: 2025-13-22T00:00Z, duration: 6 h}", "not a date and time"),
        ("{start: 2025-10-22T00:00Z}", "exactly one of end, duration; found none"),
        ("{start: 2025-10-22T00:00Z, end: 2025-10-21T00:00Z}", "ends before it starts"),
        ("{start: 2025-10-22T00:00Z, duration: 0 h}", "must be more than 0"),
        ("{start: 2025-10-22T00:00Z, duration: 400 d}", "longer than 366 days"),
    ],
)
def test_a_period_that_cannot_be_hides_what_follows_from_it(period, says):
    text = f"schema: 1\nname: a\nperiod: {period}\n" + TIDE.replace("0 h", "2025-10-22T00:00Z") % ""
    with pytest.raises(ScenarioError) as caught:
        Scenario.parse(text, name="case.yaml")
    assert says in str(caught.value)
    assert "valid period" not in str(caught.value)


def test_all_faults_are_listed_in_the_order_of_their_lines(fault):
    message = fault(
        "fleet: {ambulances: -1}\ngrid: {cell_size: 10}\nname2: a\n"
        "incidents:\n  listed:\n    - {id: a, at: 9 h, kind: x, location: {facility: h}}\n"
    )
    lines = message.splitlines()
    assert lines[0] == "case.yaml: 4 things are wrong:"
    numbers = [int(line.split(":")[1]) for line in lines[1:]]
    assert numbers == [4, 5, 6, 9]


def test_no_more_than_ten_faults_are_listed(fault):
    message = fault("".join(f"field_{i}: 1\n" for i in range(30)))
    assert len(message.splitlines()) == 12
    assert message.endswith("and 20 more")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: a\n", "Begin the document with `schema: 1`"),
        ("schema: 2\nname: a\n", "newer version of this program, got 2. This one reads schema 1"),
        ("schema: 0\n", "whole number from 1"),
        ("schema: '1'\n", "whole number from 1"),
        ("schema: true\n", "whole number from 1"),
        ("schema: 1\n", "name: the field is missing"),
    ],
)
def test_the_version_is_looked_at_first(text, says):
    with pytest.raises(ScenarioError, match=r"case\.yaml") as caught:
        Scenario.parse(text, name="case.yaml")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        "tide: {series: {times: [" + "x, " * 45_000 + "x], levels_m: [1]}}",
        "tide: {series: {times: [0 h], levels_m: [" + "x, " * 45_000 + "x]}}",
        "gauges: [" + "{}, " * 20_000 + "{}]",
        "timeline: [" + "1, " * 45_000 + "1]",
        "closures: [" + "{start: -1 h}, " * 15_000 + "{}]",
        "name2: " + "x" * 1_000_000,
        "x" * 199 + ": 1",
        "incidents: {listed: [" + "{id: a, at: 1 h}, " * 15_000 + "]}",
    ],
)
def test_a_hostile_document_is_answered_within_two_seconds(fault, body):
    started = time.process_time()  # other work on the machine is not the reader's
    message = fault(body)
    assert time.process_time() - started < 2.0
    assert len(message) < 6000


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-10, 10**6)
    | st.floats(allow_nan=True)
    | st.sampled_from(["1 h", "none", "chicago", "medical", "a", "2025-10-22T01:00+07:00", ""]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["times", "levels_m", "series", "at", "do", "location", "lon", "lat", "design_storm",
             "listed", "generated", "count", "id", "kind", "csv", "file", "solver", "road", "x"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=10,
)  # fmt: skip


@settings(max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from([*sorted(Scenario.model_fields), "unknown", "schema"]), values, max_size=4
    )
)
def test_any_data_is_a_scenario_or_a_scenario_error(data):
    base = {
        "schema": 1,
        "name": "a",
        "period": {"start": "2025-10-22T00:00+07:00", "duration": "6 h"},
    }
    try:
        scenario = Scenario.from_dict({**base, **data})
    except ScenarioError as error:
        assert "\n" not in str(error) or "things are wrong" in str(error)
    else:
        assert Scenario.parse(scenario.to_yaml()) == scenario
