"""Levels and rain: gaps, doubles, jumps and stuck sensors are reported, and nothing is mended."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import InvalidInputError

LEVELS = "kind: levels\ntime_zone: '+07:00'\ncolumns: {time: t, level: h}\n"
RAIN = "kind: rain\ntime_zone: '+07:00'\ncolumns: {time: t, rain: r}\n"


def hours(values: list[object], head: str = "t,h") -> str:
    return "\n".join([head, *(f"2025-10-22 {k:02d}:00,{v}" for k, v in enumerate(values))]) + "\n"


def test_a_clean_series_has_no_findings(read: Any) -> None:
    found = read(hours([0.1, 0.5, 0.9, 0.6]), LEVELS)
    assert found.report.findings == ()
    assert found.table["level_m"].tolist() == [0.1, 0.5, 0.9, 0.6]


def test_units_and_datum_are_brought_to_the_city(read: Any) -> None:
    found = read(hours([100, 150]), LEVELS + "units: {level: cm}\ndatum_offset_m: -0.25\n")
    assert found.table["level_m"].tolist() == [0.75, 1.25]


def test_a_decimal_comma_is_read_where_it_is_said(read: Any) -> None:
    rows = "t;h\n2025-10-22 00:00;1,25\n"
    more = "delimiter: ';'\n"
    assert read(rows, LEVELS + more).report.count("no_number") == 1
    assert read(rows, LEVELS + more + "decimal: ','\n").table["level_m"].tolist() == [1.25]


def test_gaps_jumps_doubles_and_conflicts_are_counted(read: Any) -> None:
    rows = (
        "t,h\n2025-10-22 00:00,1.0\n2025-10-22 01:00,1.1\n2025-10-22 01:00,1.1\n"
        "2025-10-22 02:00,1.2\n2025-10-22 02:00,1.9\n2025-10-22 03:00,1.3\n"
        "2025-10-22 09:00,1.4\n2025-10-22 10:00,9.4\n2025-10-22 08:00,1.4\n"
        "2025-10-22 11:00,\n2025-10-22 12:00,x\n2025-10-22 13:00,99999\n"
    )
    found = read(rows, LEVELS)
    counts = {f.kind: f.count for f in found.report.findings}
    assert counts["double_row"] == 1
    assert counts["two_values"] == 2
    assert counts["gap"] == 1
    assert counts["jump"] == 1
    assert counts["not_in_order"] == 1
    assert counts["no_number"] == 1
    assert counts["beyond_limits"] == 1
    assert found.table["level_m"].tolist() == [1.0, 1.1, 1.3, 1.4, 1.4, 9.4]


def test_a_stuck_sensor_is_told(read: Any) -> None:
    found = read(hours([0.1, *[0.7] * 14, 0.9]), LEVELS)
    assert found.report.count("flat") == 1
    assert len(found.table) == 16


def test_rain_by_depth_rate_and_total_agree(read: Any) -> None:
    depth = read(hours([0, 5, 0, 10], "t,r"), RAIN)
    rate = read(hours([5, 0, 10, 0], "t,r"), RAIN + "quantity: rate_mm_h\n")
    total = read(hours([7, 12, 12, 22], "t,r"), RAIN + "quantity: total_mm\n")
    for found in (depth, rate, total):
        assert found.table["depth_mm"].tolist()[1:] == [5.0, 0.0, 10.0]


def test_a_counter_that_was_emptied_leaves_a_hole(read: Any) -> None:
    found = read(hours([7, 12, 1, 4], "t,r"), RAIN + "quantity: total_mm\n")
    assert found.report.count("counter_reset") == 1
    assert found.table["depth_mm"].isna().tolist() == [True, False, True, False]


def test_negative_rain_is_left_out(read: Any) -> None:
    found = read(hours([1, -3, 2], "t,r"), RAIN)
    assert found.report.count("beyond_limits") == 1
    assert len(found.table) == 2


def test_sensorthings_observations_are_read_in_each_form(read: Any) -> None:
    mapping = "kind: levels\npreset: sensorthings_level\n"
    plain = {
        "value": [
            {"phenomenonTime": "2025-10-22T00:00:00Z", "result": 1.5, "Datastream": {"name": "A"}},
            {"phenomenonTime": "2025-10-22T01:00:00Z", "result": 1.6, "Datastream": {"name": "A"}},
        ]
    }
    table = {
        "value": [
            {
                "Datastream": {"name": "A", "unitOfMeasurement": {"symbol": "m"}},
                "components": ["phenomenonTime", "result"],
                "dataArray": [["2025-10-22T00:00:00Z", 1.5], ["2025-10-22T01:00:00Z", 1.6]],
            }
        ]
    }
    nested = {
        "value": [{"name": "A", "Observations": [dict(plain["value"][0]), dict(plain["value"][1])]}]
    }
    for document in (plain, table, nested):
        found = read(json.dumps(document), mapping, name="data.json")
        assert found.table["level_m"].tolist() == [1.5, 1.6]
        assert found.table["station"].tolist() == ["A", "A"]


def test_sensorthings_in_another_unit_is_refused(read: Any) -> None:
    document = {
        "name": "A",
        "unitOfMeasurement": {"symbol": "cm"},
        "Observations": [{"phenomenonTime": "2025-10-22T00:00:00Z", "result": 150}],
    }
    mapping = "kind: levels\npreset: sensorthings_level\n"
    with pytest.raises(InvalidInputError, match="are in cm"):
        read(json.dumps(document), mapping, name="data.json")
    found = read(json.dumps(document), mapping + "units: {level: cm}\n", name="data.json")
    assert found.table["level_m"].tolist() == [1.5]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200))
def test_any_file_gives_a_table_or_a_typed_error(read: Any, text: str) -> None:
    try:
        found = read(text.encode("utf-8", "ignore").decode(), LEVELS)
    except InvalidInputError:
        return
    assert set(found.table.columns) == {"time", "station", "level_m", "row"}
