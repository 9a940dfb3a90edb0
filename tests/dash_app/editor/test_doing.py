from __future__ import annotations

import json
from typing import Any

import pytest

from dash_app.editor.acting import _by_hand, _dragged
from dash_app.editor.cards import moments
from dash_app.editor.doing import act, draw, fresh_id, rain_of_kind, set_cell, set_field
from dash_app.editor.fields import path_of, read, text_of
from dash_app.editor.sketch import sketch_of
from scenarios import Scenario, library
from scenarios.loader import read_yaml
from twin.editing import (
    AddItem,
    Base,
    Draft,
    RemoveField,
    RemoveItem,
    ReplaceItem,
    SetField,
    applied,
    value_at,
)
from twin.editing.wording import Words

TIMES: dict[str, Any] = {"from": "0", "until": "end", "at": "0"}


@pytest.fixture
def document() -> dict[str, Any]:
    return read_yaml(library()["cloudburst_high_tide"]).data


def test_the_tide_goes_up_by_steps_and_back_to_where_it_was(document: dict[str, Any]) -> None:
    up = act("tide_by", "0.1", document, TIMES)
    assert up == [SetField(("tide", "offset_m"), 0.1)]
    higher = applied(document, up)
    assert act("tide_by", "0.1", higher, TIMES) == [SetField(("tide", "offset_m"), 0.2)]
    assert act("tide_by", "-0.1", higher, TIMES) == [SetField(("tide", "offset_m"), 0.0)]


def test_a_bridge_is_closed_for_the_whole_run_or_between_two_times(
    document: dict[str, Any],
) -> None:
    road = {"bridge": "bridge-2"}
    whole = act("close_bridge", "bridge-2", document, TIMES)
    assert whole == [AddItem(("closures",), {"road": road})]
    part = act("close_bridge", "bridge-2", document, {"from": "01:00", "until": "02:30"})
    item = {"road": road, "start": "01:00", "end": "02:30"}
    assert part == [AddItem(("closures",), item)]
    closed = applied(document, whole)
    again = act("close_bridge", "bridge-2", closed, {"from": "01:00", "until": "02:30"})
    assert again == [ReplaceItem(("closures",), {"road": road}, item)]
    assert act("close_bridge", "bridge-2", closed, TIMES) == []


def test_a_field_that_shows_what_the_document_says_changes_nothing(
    document: dict[str, Any],
) -> None:
    depth = ("rain", "design_storm", "depth_mm")
    assert set_field(depth, 204, document) == []
    assert set_field(depth, 150.0, document) == [SetField(depth, 150)]
    assert set_field(depth, "", document) == [RemoveField(depth)]
    assert set_field(("grid", "cell_size_m"), "", document) == []


@pytest.mark.parametrize("kind", ["storm", "drawn"])
def test_every_kind_of_rain_makes_a_valid_scenario(document: dict[str, Any], kind: str) -> None:
    dry = {name: value for name, value in document.items() if name != "rain"}
    changed = applied(dry, rain_of_kind(kind, dry, dry, None))
    assert Scenario.from_dict(changed).rain is not None


def test_drawn_rain_begins_with_what_falls_now(document: dict[str, Any]) -> None:
    now = Scenario.from_dict(document)
    changed = Scenario.from_dict(applied(document, rain_of_kind("drawn", document, document, now)))
    assert changed.rain is not None
    drawn = changed.rain.hyetograph
    assert drawn is not None
    assert drawn.times is not None
    assert drawn.rates_mm_h is not None
    hours = [(b - a) / 3600 for a, b in zip(drawn.times, drawn.times[1:], strict=False)]
    total = sum(r * h for r, h in zip(drawn.rates_mm_h, hours, strict=False))
    assert total == pytest.approx(204, rel=0.01)


def test_no_rain_can_be_taken_back(document: dict[str, Any]) -> None:
    edits = rain_of_kind("none", document, document, None)
    assert edits == [RemoveField(("rain",))]
    dry = applied(document, edits)
    assert rain_of_kind("storm", dry, document, None) == [SetField(("rain",), document["rain"])]


def test_cells_of_a_series_change_one_by_one(document: dict[str, Any]) -> None:
    path = ("tide", "extremes")
    assert set_cell(path, "levels_m", 1, 1.8, document) == [
        SetField((*path, "levels_m"), [-0.60, 1.8, 0.10])
    ]
    assert set_cell(path, "levels_m", 9, 1.8, document) == []
    arg = json.dumps({"path": list(path), "columns": ["times", "levels_m"]})
    longer = applied(document, act("row_add", arg, document, TIMES))
    assert Scenario.from_dict(longer).tide is not None
    assert len(value_at(longer, (*path, "times"))) == 4
    assert applied(longer, act("row_drop", arg, longer, TIMES)) == document


@pytest.mark.parametrize(
    ("tool", "points"),
    [
        ("barrier", [[105.82, 10.05], [105.83, 10.06]]),
        ("wall", [[105.82, 10.05], [105.83, 10.06]]),
        ("dyke", [[105.82, 10.05], [105.83, 10.06]]),
        ("station", [105.82, 10.05]),
        ("incident", [105.82, 10.05]),
        ("gauge", [105.82, 10.05]),
    ],
)
def test_whatever_is_drawn_makes_a_valid_scenario_and_shows_on_the_map(
    document: dict[str, Any], tool: str, points: list[Any]
) -> None:
    drawn = {"tool": tool, "coordinates": points}
    once = applied(document, draw(drawn, document, None, TIMES))
    twice = applied(once, draw(drawn, once, None, TIMES))
    Scenario.from_dict(twice)
    assert len(sketch_of(twice, None, "en")["features"]) == 2


def test_a_breach_is_put_into_the_wall_it_belongs_to(document: dict[str, Any]) -> None:
    wall = {"tool": "dyke", "coordinates": [[105.82, 10.05], [105.83, 10.06]]}
    walled = applied(document, draw(wall, document, None, TIMES))
    breach = {"tool": "breach", "arg": "dyke_1", "coordinates": [105.825, 10.055]}
    broken = applied(walled, draw(breach, walled, None, {**TIMES, "at": "02:00"}))
    assert value_at(broken, ("structures", "dyke_1", "breaches"))[0]["at"] == "02:00"
    Scenario.from_dict(broken)


def test_units_are_added_and_taken_out_of_service(document: dict[str, Any]) -> None:
    station = applied(
        document, draw({"tool": "station", "coordinates": [105.82, 10.05]}, document, None, TIMES)
    )
    arg = json.dumps({"service": "fire", "station": "station_1"})
    with_unit = applied(station, act("add_unit", arg, station, TIMES))
    command = json.dumps({"do": "unit_out_of_service", "unit": "fire-engine-new_1"})
    out = applied(with_unit, act("command", command, with_unit, {"at": "01:30"}))
    assert Scenario.from_dict(out).timeline[-1].at == 5400.0
    gone = json.dumps({"path": ["fleet", "units"], "item": {"id": "fire-engine-new_1"}})
    assert act("remove", gone, out, TIMES) == [
        RemoveItem(("fleet", "units"), {"id": "fire-engine-new_1"})
    ]


def test_names_are_new(document: dict[str, Any]) -> None:
    assert fresh_id("gauge", document) == "gauge_1"
    assert fresh_id("gauge", {"gauges": [{"name": "gauge_1"}]}) == "gauge_2"


def test_a_button_that_is_not_known_does_nothing(document: dict[str, Any]) -> None:
    assert act("launch", "", document, TIMES) == []


def test_paths_survive_the_ids_of_components(document: dict[str, Any]) -> None:
    path = ("structures", "gate_1", "breaches", 2, "width_m")
    assert path_of(text_of(path)) == path
    assert read(("tide", "offset_m"), document) == 0.0
    assert read(("seed",), document) == 20160926


def test_moments_to_choose_from_lie_in_the_period(document: dict[str, Any]) -> None:
    found = moments(Words("en", document))
    assert found[0]["value"] == "0"
    assert found[1] == {"value": "00:15", "label": "15:15"}
    assert found[-1] == {"value": "05:45", "label": "20:45"}
    weeks = {"period": {"start": "2025-01-01T00:00Z", "duration": "30 d"}}
    assert len(moments(Words("en", weeks))) <= 201


def test_a_step_of_rain_that_is_dragged_changes_its_rate_alone(document: dict[str, Any]) -> None:
    rain = {"hyetograph": {"times": ["1 h", "2 h", "3 h"], "rates_mm_h": [40, 20, 0]}}
    text = json.dumps({**document, "rain": {**rain, "multiplier": 2.0}})
    draft = Draft(base=Base(name="drawn", text=text))
    moved = {"shapes[1].x0": "2016-09-26T17:00", "shapes[1].y0": 60.0, "shapes[1].y1": 60.0}
    assert _dragged(moved, draft) == [SetField(("rain", "hyetograph", "rates_mm_h"), [40, 30, 0])]
    assert _dragged({"shapes[0].y0": -5.0}, draft)[0].value == [0, 20, 0]  # type: ignore[union-attr]  # a SetField
    assert _dragged({"autosize": True}, draft) == []


def test_only_fields_that_were_touched_count_as_typed_in() -> None:
    key = {"type": "ef", "path": "tide/offset_m"}
    assert not _by_hand(key, None)
    assert _by_hand(key, ['{"path":"tide/offset_m","type":"ef"}'])
    assert not _by_hand(key, ["edit-yaml"])
    assert _by_hand({"type": "eb", "do": "undo", "arg": ""}, None)
    assert _by_hand("edit-yaml", ["edit-yaml"])
    assert not _by_hand("edit-rain-kind", [])
