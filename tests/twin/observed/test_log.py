"""Dispatch logs: presets, impossible orders, and calls without a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.errors import InvalidInputError
from twin.observed import presets, read_observed

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "incident,call,priority,lon,lat,unit,service,station,dispatch,mobile,arrival,leave\n"
MAPPING = (
    "kind: responses\npreset: response_log\ntime_zone: '+07:00'\n"
    "columns: {kind: null, hospital: null, clear: null}\n"
)


def row(incident: str, unit: str, *times: str, lon: str = "106.7") -> str:
    call, *rest = (f"2025-10-22 {time}" if time else "" for time in times)
    return f"{incident},{call},1,{lon},10.7,{unit},fire,S1,{','.join(rest)}\n"


def test_a_sound_log_is_used_whole(read: Any) -> None:
    rows = row("a", "F1", "08:00", "08:01", "08:02", "08:08", "08:30")
    rows += row("a", "F2", "08:00", "08:05", "08:07", "08:15", "08:30")
    found = read(HEAD + rows, MAPPING)
    assert found.report.findings == ()
    assert len(found.tables["calls"]) == 1
    assert len(found.tables["trips"]) == 2
    assert found.tables["calls"]["priority"].tolist() == [1.0]


def test_impossible_orders_doubles_and_two_places_are_counted(read: Any) -> None:
    rows = row("a", "F1", "08:00", "08:01", "08:02", "08:08", "08:30")
    rows += row("a", "F1", "08:00", "08:01", "08:02", "08:08", "08:30")
    rows += row("b", "F1", "08:10", "08:11", "08:12", "08:20", "08:40")
    rows += row("c", "F3", "08:00", "08:05", "08:07", "08:06", "08:30")
    rows += row("d", "F4", "09:00", "08:55", "09:02", "09:10", "09:30")
    found = read(HEAD + rows, MAPPING)
    counts = {(f.kind, f.column): f.count for f in found.report.findings}
    assert counts["double_trip", ""] == 1
    assert counts["two_places", "unit"] == 1
    assert counts["impossible_order", "arrival < mobile"] == 1
    assert counts["impossible_order", "dispatch < call"] == 1
    assert sorted(found.table["incident"]) == ["a", "b"]


def test_calls_without_a_place_or_a_unit_are_kept_and_counted(read: Any) -> None:
    rows = row("a", "F1", "08:00", "08:01", "08:02", "08:08", "08:30", lon="")
    found = read(HEAD + rows, MAPPING)
    assert found.report.count("no_place") == 1
    assert len(found.tables["calls"]) == 1


def test_a_missing_column_is_named_with_those_that_are_there(read: Any) -> None:
    rows = HEAD.replace("dispatch", "dispatched")
    with pytest.raises(InvalidInputError, match=r"row 1.*near: dispatched.*got 'dispatch'"):
        read(rows, MAPPING)


def test_an_unknown_field_of_the_mapping_is_refused(read: Any) -> None:
    with pytest.raises(InvalidInputError, match="no field arived"):
        read(HEAD, MAPPING + "constants: {arived: x}\n")


def test_words_of_a_service_that_nobody_knows_leave_the_trip_out(read: Any) -> None:
    rows = row("a", "F1", "08:00", "08:01", "08:02", "08:08", "08:30").replace("fire", "navy")
    found = read(HEAD + rows, MAPPING)
    assert found.report.count("unknown_service") == 1
    assert not len(found.table)


def test_every_preset_is_a_valid_mapping_once_it_has_a_file(tmp_path: Path) -> None:
    for name in presets():
        text = presets()[name].read_text("utf-8")
        assert "observed: 1" in text
        (tmp_path / f"{name}.yaml").write_text(f"observed: 1\npreset: {name}\nfile: none.csv\n")
        with pytest.raises(InvalidInputError, match=r"none\.csv"):
            read_observed(tmp_path / f"{name}.yaml")


@pytest.mark.realdata
def test_the_london_log_is_read_by_its_preset(tmp_path: Path, real_data: Path) -> None:
    folder = real_data / "response" / "lfb"
    (tmp_path / "lfb.yaml").write_text(
        "observed: 1\npreset: london_fire_brigade\n"
        f"file: {folder / 'LFB_Mobilisation_data.csv'}\n"
        f"calls: {{file: {folder / 'LFB_Incident_data.csv'}}}\n"
    )
    found = read_observed(tmp_path / "lfb.yaml")
    assert found.report.rows_used == {"calls": 20, "trips": 20}
    first = found.table.iloc[0]
    assert first["unit"] == "H271"
    call = found.tables["calls"].set_index("incident").loc["235138081", "call"]
    assert (first["dispatch"] - call).total_seconds() == 110.0
    assert found.report.count("nobody_sent") == 4
