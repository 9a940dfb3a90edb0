"""Structures in a scenario: what is wrong is said at its own line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

from models.errors import ScenarioError
from scenarios.schema import Scenario
from scenarios.schema.structures import Dyke

if TYPE_CHECKING:
    from pathlib import Path

BASE = """\
schema: 1
name: gates
period: {start: 2025-01-01T00:00+07:00, duration: 6 h}
tide: {series: {times: [0, 6 h], levels_m: [1, 2]}}
gauges: [{name: canal, location: {x_m: 1, y_m: 1}}]
structures:
  - id: gate
    kind: gate
    line: {across: {lon: 106.7, lat: 10.7}}
    inside: {lon: 106.7, lat: 10.7}
    top_m: 2.5
    open_when: inside - outside > 0.05 m
    close_when: level(canal) < 3 m and tide > 1.2 m
  - id: pump
    kind: pump
    from_location: {structure: p1}
    to_location: outside
    capacity_m3_s: 12
    start_level_m: 1.0
    stop_level_m: 0.5
  - id: dyke
    kind: dyke
    line: {xy_m: [[0, 1], [5, 6]]}
    crest_m: 2
timeline:
  - {at: 1 h, do: fail_structure, structure: pump, how: no_power}
  - {at: 2 h, do: operate_structure, structure: gate, action: close}
"""


def test_scenario_with_structures_reads_back_to_itself() -> None:
    scenario = Scenario.parse(BASE)
    assert [each.kind for each in scenario.structures] == ["gate", "pump", "dyke"]
    assert Scenario.parse(scenario.to_yaml()) == scenario
    assert Scenario.parse(scenario.to_yaml()).digest == scenario.digest


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("outside > 0.05 m", "outside > 0.05", r":12: .*needs its unit"),
        ("level(canal)", "level(cnal)", r":13: .*Did you mean canal"),
        ("    inside: {lon: 106.7, lat: 10.7}\n", "", "needs `inside`"),
        ("structure: pump,", "structure: pomp,", r"timeline\[0\].structure: .*Did you mean pump"),
        ("how: no_power", "how: breach", "a pump cannot fail in this way"),
        ("action: close", "action: start", "a gate cannot do this"),
        ("id: dyke", "id: pump", "another structure has this id"),
        ("    stop_level_m: 0.5\n", "", "go together"),
        ("stop_level_m: 0.5", "stop_level_m: 1.5", "start above the level"),
        ("to_location: outside", "to_location: nowhere", "a place is written as"),
        ("    to_location: outside\n", "", "to_location: the field is missing"),
        ("    capacity_m3_s: 12\n", "", "exactly one of capacity_m3_s, curve"),
        ("    crest_m: 2\n", "", "exactly one of crest_m, crests_m, height_m"),
        ("across: {lon: 106.7, lat: 10.7}", "xy_m: [[0, 0]]", "a list that is longer"),
        ("kind: dyke", "kind: dike", "must be"),
    ],
)
def test_fault_is_named_at_its_place(old: str, new: str, says: str) -> None:
    assert old in BASE
    with pytest.raises(ScenarioError, match=says):
        Scenario.parse(BASE.replace(old, new))


def test_rule_about_the_tide_needs_a_tide() -> None:
    text = BASE.replace("tide: {series: {times: [0, 6 h], levels_m: [1, 2]}}\n", "flood: {}\n")
    with pytest.raises(ScenarioError, match="the rule names the tide"):
        Scenario.parse(text)


@pytest.mark.parametrize("form", ["geojson", "gpkg"])
def test_line_of_a_file_is_written_into_the_scenario(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"walls.{form}"
    lines = [[[106.70, 10.70], [106.71, 10.71]], [[106.72, 10.72], [106.73, 10.73]]]
    if form == "gpkg":
        frame = gpd.GeoDataFrame(
            {"name": ["west", "east"]},
            geometry=[shapely.LineString(line) for line in lines],
            crs="EPSG:4326",
        )
        frame.to_crs("EPSG:32648").to_file(path)
    else:
        features = [
            {
                "type": "Feature",
                "properties": {"name": name},
                "geometry": {"type": "LineString", "coordinates": line},
            }
            for name, line in zip(("west", "east"), lines, strict=True)
        ]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    text = BASE.replace("xy_m: [[0, 1], [5, 6]]", f"file: {{file: {path.name}, name: east}}")
    scenario = Scenario.parse(text, base=tmp_path).resolve()
    dyke = scenario.structures[2]
    assert isinstance(dyke, Dyke)
    points = dyke.line.lonlat
    assert points is not None
    assert [x for point in points for x in point] == pytest.approx([106.72, 10.72, 106.73, 10.73])
    with pytest.raises(ScenarioError, match="0 features of the file bear this name"):
        Scenario.parse(text.replace("name: east", "name: north"), base=tmp_path).resolve()
