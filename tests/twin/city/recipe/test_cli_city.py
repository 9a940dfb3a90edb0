from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from models.errors import CityError
from twin.cli.city import app

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = """\
recipe: 1
name: drawn
title: {vi: Vẽ tay, en: Drawn}
crs: EPSG:32648
extent: {bounds: [687000, 1187000, 687500, 1187500]}
sources: {osm: {file: drawn.osm}}
layers: {roads: {source: osm}}
terrain: {ground: {assumed: {mean_level_m: 2}}}
"""


@pytest.fixture
def recipe(drawing: Any, tmp_path: Path) -> Path:
    drawing.line(1, [(0, 100), (400, 100)], {"highway": "residential"})
    drawing.write(tmp_path / "drawn.osm")
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_build_ends_with_one_json_object(recipe: Path, tmp_path: Path) -> None:
    result = run("build", recipe, "-o", tmp_path / "city", "--json", "--cell-size", "20")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["grid"] == {"rows": 25, "columns": 25, "cell_size_m": 20.0}
    assert document["layers"]["roads"]["count"] == 1
    assert document["layers"]["roads"]["basis"] == "measured"
    assert document["terrain"]["ground_level"]["basis"] == "assumed"
    assert document["digest"]
    shown = json.loads(run("show", tmp_path / "city", "--json").stdout)
    assert shown["digest"] == document["digest"]
    assert shown["title"] == {"vi": "Vẽ tay", "en": "Drawn"}


def test_build_prints_counts_and_bases_for_people(recipe: Path, tmp_path: Path) -> None:
    result = run("build", recipe, "-o", tmp_path / "city")
    assert result.exit_code == 0, result.output
    assert "roads" in result.stdout
    assert "assumed" in result.stdout
    assert "ASSUMED" in result.stdout


def test_building_over_something_else_is_refused_before_any_work(
    recipe: Path, tmp_path: Path
) -> None:
    other = tmp_path / "documents"
    other.mkdir()
    (other / "letter.txt").write_text("dear", encoding="utf-8")
    result = run("build", recipe, "-o", other)
    assert isinstance(result.exception, CityError)
    assert (other / "letter.txt").read_text(encoding="utf-8") == "dear"


def test_a_failed_build_leaves_nothing_behind(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "drawn.osm").write_text("<osm>", encoding="utf-8")
    result = run("build", recipe, "-o", tmp_path / "city")
    assert isinstance(result.exception, CityError)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["drawn.osm", "recipe.yaml"]


def test_check_reports_what_it_finds(recipe: Path, tmp_path: Path) -> None:
    run("build", recipe, "-o", tmp_path / "city", "--json")
    result = run("check", tmp_path / "city", "--json")
    report = json.loads(result.stdout)
    assert report["city"] == "drawn"
    assert result.exit_code == (0 if report["sound"] else 2)
    assert run("check", tmp_path / "city", "--lang", "vi").exit_code == result.exit_code
    assert isinstance(run("check", tmp_path / "city", "--lang", "fr").exception, CityError)
