"""Points: every design, every law, every list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

from models.errors import ScenarioError
from scenarios import Sweep
from twin.ensembles.designs import design_points

if TYPE_CHECKING:
    from pathlib import Path

UNIFORM = {"name": "a", "path": "x.a", "uniform": {"low": -1.0, "high": 3.0}}
NORMAL = {"name": "b", "path": "x.b", "normal": {"mean": 5.0, "standard_deviation": 2.0}}
TRIANGLE = {"name": "c", "path": "x.c", "triangular": {"low": 0.0, "mode": 1.0, "high": 4.0}}
WORDS = {"name": "d", "path": "x.d", "values": ["p", "q"], "weights": [1, 3]}


def points(design: dict[str, Any], *factors: dict[str, Any], **more: Any) -> list[Any]:
    document = {"sweep": 1, "name": "s", "base": "b", "factors": list(factors), "design": design}
    return design_points(Sweep.from_dict({**document, **more}))


def column(found: list[Any], name: str) -> np.ndarray:
    return np.asarray([point.chosen[name] for point in found])


def test_a_full_factorial_holds_every_combination_once() -> None:
    axes = [{"name": n, "path": n, "values": v} for n, v in (("a", [1, 2, 3]), ("b", ["x", "y"]))]
    found = [tuple(p.chosen.values()) for p in points({"full_factorial": {}}, *axes)]
    assert found == [(1, "x"), (1, "y"), (2, "x"), (2, "y"), (3, "x"), (3, "y")]


def test_levels_of_a_uniform_law_take_its_limits() -> None:
    found = points({"full_factorial": {}}, {**UNIFORM, "levels": 3})
    assert column(found, "a").tolist() == [-1.0, 1.0, 3.0]


def test_a_sweep_without_factors_has_one_point() -> None:
    assert [p.chosen for p in points({"full_factorial": {}})] == [{}]


def test_a_latin_hypercube_draws_every_stratum_once() -> None:
    found = points({"latin_hypercube": {"points": 40}}, UNIFORM, NORMAL)
    strata = np.floor((column(found, "a") + 1.0) / 4.0 * 40).astype(int)
    assert sorted(strata) == list(range(40))


@pytest.mark.parametrize(
    ("factor", "law"),
    [
        (UNIFORM, stats.uniform(-1.0, 4.0)),
        (NORMAL, stats.norm(5.0, 2.0)),
        (TRIANGLE, stats.triang(0.25, 0.0, 4.0)),
    ],
)
def test_values_follow_their_law(factor: dict[str, Any], law: Any) -> None:
    drawn = column(points({"latin_hypercube": {"points": 400}}, factor), factor["name"])
    assert stats.kstest(drawn, law.cdf).statistic < 0.01


def test_a_normal_law_is_cut_at_its_limits() -> None:
    cut = {**NORMAL, "normal": {**NORMAL["normal"], "low": 4.0, "high": 5.0}}
    drawn = column(points({"morris": {"trajectories": 8}}, cut, UNIFORM), "b")
    assert drawn.min() == pytest.approx(4.0)
    assert drawn.max() == pytest.approx(5.0)


def test_choices_come_as_often_as_their_weights_say() -> None:
    drawn = column(points({"latin_hypercube": {"points": 200}}, WORDS), "d")
    assert (drawn == "q").mean() == pytest.approx(0.75, abs=0.01)


def test_whole_numbers_are_whole() -> None:
    drawn = points({"latin_hypercube": {"points": 9}}, {**UNIFORM, "whole": True})
    assert {type(point.chosen["a"]) for point in drawn} == {int}


@pytest.mark.parametrize(
    ("design", "count"),
    [
        ({"sobol": {"base": 8}}, 8 * 4),
        ({"sobol": {"base": 8, "second_order": True}}, 8 * 6),
        ({"morris": {"trajectories": 5}}, 5 * 3),
    ],
)
def test_designs_for_indices_have_their_number_of_points(
    design: dict[str, Any], count: int
) -> None:
    assert len(points(design, UNIFORM, TRIANGLE)) == count


def test_the_seed_decides_the_points() -> None:
    design = {"latin_hypercube": {"points": 5}}
    first, again = points(design, UNIFORM, seed=3), points(design, UNIFORM, seed=3)
    assert [p.chosen for p in first] == [p.chosen for p in again]
    assert [p.chosen for p in first] != [p.chosen for p in points(design, UNIFORM, seed=4)]


def test_a_list_is_taken_as_it_is_and_from_a_file(tmp_path: Path) -> None:
    factors = [{"name": "a", "path": "x"}, {"name": "b", "path": "y"}]
    rows = [{"a": 0.5, "b": "high"}, {"a": 2, "b": "low"}]
    assert [p.chosen for p in points({"points": rows}, *factors)] == rows
    (tmp_path / "points.csv").write_text("b,a\nhigh,0.5\n\nlow,2\n", "utf-8")
    document = {
        "sweep": 1, "name": "s", "base": "b", "factors": factors,
        "design": {"csv": {"file": "points.csv"}},
    }  # fmt: skip
    found = design_points(Sweep.from_dict(document, base=tmp_path))
    assert [p.chosen for p in found] == rows


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1\n", "1 values for 2 columns"),
        ("a\n1\n", "lacks b"),
        ("a,b,c\n1,2,3\n", "no such factor"),
        ("a,b\n", "no points"),
        ("a,a\n1,2\n", "once"),
    ],
)
def test_a_wrong_file_of_points_names_its_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "p.csv").write_text(text, "utf-8")
    factors = [{"name": "a", "path": "x"}, {"name": "b", "path": "y"}]
    document = {
        "sweep": 1, "name": "s", "base": "b", "factors": factors,
        "design": {"csv": {"file": "p.csv"}},
    }  # fmt: skip
    with pytest.raises(ScenarioError, match=told) as caught:
        design_points(Sweep.from_dict(document, base=tmp_path))
    assert "p.csv" in str(caught.value)


def test_a_missing_file_of_points_is_named(tmp_path: Path) -> None:
    document = {
        "sweep": 1, "name": "s", "base": "b", "factors": [{"name": "a", "path": "x"}],
        "design": {"csv": {"file": "none.csv"}},
    }  # fmt: skip
    with pytest.raises(ScenarioError, match=r"none\.csv"):
        design_points(Sweep.from_dict(document, base=tmp_path))


def test_an_unknown_case_is_refused() -> None:
    factor = {"name": "a", "cases": {"on": {}, "off": {}}}
    with pytest.raises(ScenarioError, match="no such case"):
        points({"points": [{"a": "broken"}]}, factor)


def test_too_many_members_are_refused_before_they_are_made() -> None:
    many = [{"name": f"f{k}", "path": "x", "values": list(range(100))} for k in range(5)]
    with pytest.raises(ScenarioError, match="more than"):
        points({"full_factorial": {}}, *many)
