# ruff: noqa: ANN001, ANN201 - parametrised values of many types; tests return nothing
from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from models.errors import ScenarioError
from scenarios import Scenario, json_schema, library
from scenarios.reference import markdown
from twin.cli import scenario as commands

NAMES = sorted(library())


def test_the_library_holds_the_shipped_scenarios():
    assert len(NAMES) == 9


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_is_valid_and_speaks_both_languages(name):
    scenario = Scenario.load(library()[name])
    assert scenario.name == name
    assert scenario.title.vi
    assert scenario.title.en
    assert scenario.description.vi
    assert scenario.description.en
    assert Scenario.parse(scenario.to_yaml()) == scenario


def test_the_inflow_of_the_benchmark_has_its_volume():
    discharge = Scenario.load(library()["terrain_only_inflow"]).inflows[0].discharge
    pairs = list(zip(discharge.times, discharge.discharges_m3_s, strict=True))
    volume = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(pairs))
    assert volume == pytest.approx(97_200.0)


def test_the_two_evenings_of_da_nang_differ_by_the_warning_alone():
    late, early = (
        Scenario.load(library()[name]).model_dump(exclude={"name", "title", "description"})
        for name in ("danang_2022-10-14", "danang_2022-10-14_warned_early")
    )
    assert [late["timeline"][0]["at"], early["timeline"][0]["at"]] == [21600.0, 1800.0]
    late["timeline"][0]["at"] = early["timeline"][0]["at"]
    assert late == early


def test_the_day_of_district_7_needs_its_folder_of_data():
    scenario = Scenario.load(library()["district7_2025-10-22"])
    with pytest.raises(ScenarioError, match="Set the environment variable TWIN_DATA"):
        scenario.resolve(variables={})


@pytest.mark.realdata
def test_the_observed_tide_brackets_the_day(real_data: Path):
    scenario = Scenario.load(library()["district7_2025-10-22"])
    whole = scenario.resolve(variables={"TWIN_DATA": str(real_data)})
    assert whole.tide.extremes.levels_m == (-0.46, 1.6, -1.07, 1.67, 0.02, 1.67)
    assert whole.tide.extremes.times == (-5400.0, 16200.0, 39600.0, 63000.0, 82800.0, 102600.0)
    assert Scenario.parse(whole.to_yaml()).digest == whole.digest


def test_the_reference_in_the_docs_is_that_of_the_schema():
    page = Path(__file__).parents[2] / "docs" / "scenario-reference.md"
    assert page.read_text(encoding="utf-8") == markdown()


def test_every_field_of_the_schema_is_described():
    parts = [json_schema(), *json_schema()["$defs"].values()]
    for part in parts:
        for name, entry in part.get("properties", {}).items():
            assert "description" in entry or "$ref" in entry, (part.get("title"), name)


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    commands.register(made)
    return made


def test_the_commands_answer(app, tmp_path):
    run = CliRunner().invoke
    assert "cloudburst_high_tide" in run(app, ["scenarios"]).output
    assert '"digest"' in run(app, ["validate", "dry_reference_day", "--json"]).output
    assert "is valid: 24 h" in run(app, ["validate", "dry_reference_day"]).output
    assert run(app, ["schema", "-o", str(tmp_path / "s.json")]).exit_code == 0
    assert '"$defs"' in (tmp_path / "s.json").read_text()
    assert isinstance(run(app, ["validate", str(tmp_path)]).exception, ScenarioError)
