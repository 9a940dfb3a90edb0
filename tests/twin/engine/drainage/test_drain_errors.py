"""What a planner may write wrong about drains, and what is said then."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.errors import ScenarioError
from scenarios import Scenario
from twin.city.city import City
from twin.engine.assembly import assemble, set_scene

Refused = Callable[..., str]


@pytest.fixture
def refused(small_city: City, wet: dict[str, Any]) -> Refused:
    """Return a function that gives the error of a scenario with some drains."""

    def message(**drainage: object) -> str:
        wet["drainage"] = drainage
        with pytest.raises(ScenarioError) as caught:
            assemble(set_scene(Scenario.from_dict(wet).resolve(), small_city), lambda _event: None)
        return str(caught.value)

    return message


def test_nodes_off_the_grid_are_counted_and_named(refused: Refused, drain_text: str) -> None:
    moved = "\n".join(
        f"{line.split()[0]} 100 200" if line.startswith(("M2 5", "M5 5")) else line
        for line in drain_text.splitlines()
    )
    said = refused(network={"text": moved})
    assert "2 of 8 manholes lie off the grid" in said
    assert "M2, M5" in said
    assert "outside: seal" in said


def test_nodes_without_a_place_are_counted_and_named(refused: Refused, drain_text: str) -> None:
    lines = [line for line in drain_text.splitlines() if not line.startswith("M3 5")]
    said = refused(network={"text": "\n".join(lines)})
    assert "1 of 8 manholes stand in no line of [COORDINATES]" in said


def test_a_wrong_reference_system_puts_every_node_off_the_grid(
    refused: Refused, drain_text: str
) -> None:
    assert "8 of 8 manholes" in refused(network={"text": drain_text, "crs": "EPSG:32647"})
    assert "not known" in refused(network={"text": drain_text, "crs": "EPSG:1"})


def test_another_vertical_datum_is_noticed(refused: Refused, drain_text: str) -> None:
    said = refused(network={"text": drain_text, "datum_offset_m": 30.0})
    assert "rims lie 30.0 m or more above the ground" in said
    assert "datum_offset_m" in said


def test_a_file_that_swmm_does_not_take_is_said_with_its_line(
    refused: Refused, drain_text: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.inp"
    path.write_text(drain_text.replace("P3 M3 M4", "P3 M3 M99"), encoding="utf-8")
    line = next(n for n, s in enumerate(drain_text.splitlines(), 1) if s.startswith("P3 M3"))
    said = refused(network={"file": str(path)})
    assert f"undefined object M99 at line {line} of [CONDUIT] section" in said


def test_a_file_that_does_not_parse_is_said_with_file_and_line(
    refused: Refused, drain_text: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.inp"
    path.write_text(drain_text.replace("[OUTFALLS]", "[DRAINS]"), encoding="utf-8")
    said = refused(network={"file": str(path)})
    assert f"{path}: line" in said
    assert "not known to SWMM" in said
    assert "no such file" in refused(network={"file": str(tmp_path / "none.inp")})


def test_unknown_nodes_and_roads_are_named(refused: Refused, drain_text: str) -> None:
    said = refused(network={"text": drain_text, "nodes": [{"nodes": ["M99"], "sealed": True}]})
    assert "no such node, got 'M99'" in said
    said = refused(inlets={"rules": [{"name": "a", "roads": ["primry"], "capacity_mm_h": 10}]})
    assert "Did you mean primary?" in said


def test_an_outlet_outside_the_city_is_refused(refused: Refused) -> None:
    said = refused(
        inlets={
            "rules": [{"name": "a", "capacity_mm_h": 10}],
            "to": "outlets",
            "outlets": [{"name": "o", "location": {"x_m": 0.0, "y_m": 0.0}}],
        }
    )
    assert "outlets[0] (o).location: the place lies outside the city" in said


@pytest.mark.parametrize(
    ("drainage", "words"),
    [
        ({}, "give network, inlets, or both"),
        ({"network": {}}, "exactly one of file, text"),
        ({"network": {"file": "a.inp", "interval": "30 s"}}, "longer than 10 s"),
        ({"network": {"file": "a.inp", "routing_step": "3 s"}}, "not a multiple of routing_step"),
        ({"inlets": {"rules": [{"name": "a"}]}}, "capacity_mm_h, inlet_l_s"),
        (
            {"inlets": {"rules": [{"name": "a", "roads": ["x_x"], "inlet_l_s": 5}]}},
            "inlet_l_s and spacing_m go together",
        ),
        (
            {"inlets": {"rules": [{"name": "a", "capacity_mm_h": 5}], "to": "outlets"}},
            "give outlets, and `to: outlets`",
        ),
    ],
)
def test_what_does_not_go_together_is_said_at_its_field(
    wet: dict[str, Any], drainage: dict[str, Any], words: str
) -> None:
    wet["drainage"] = drainage
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_dict(wet)
    assert words in str(caught.value)


def test_drains_without_a_flood_are_refused(wet: dict[str, Any]) -> None:
    for key in ("rain", "tide", "timeline"):
        del wet[key]
    wet["drainage"] = {"inlets": {"rules": [{"name": "a", "capacity_mm_h": 5}]}}
    with pytest.raises(ScenarioError, match="no flood that drains could take water from"):
        Scenario.from_dict(wet)
