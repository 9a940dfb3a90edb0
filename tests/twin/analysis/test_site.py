from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
from shapely import Point

import twin
from models.errors import InvalidInputError, InvalidQuantityError
from twin.analysis.plot import plot_siting
from twin.analysis.show import siting_document
from twin.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City
    from twin.results import Run


def test_one_station_stands_where_most_people_are_near(city: City) -> None:
    plan = twin.site(city, count=1, within_min=0.41)
    assert plan.answer.objective == 150.0  # corners four to six
    assert plan.answer.gap == 0.0
    assert plan.table.loc[0, "within"] == 150.0
    assert plan.sites.geometry.x.tolist() == [600_010.0 + 800.0]


def test_water_changes_where_a_second_station_belongs(run: Run) -> None:
    wet = twin.site(run=run, at=600, count=2, problem="p_median", keep="fire_station")
    assert wet.solved_on == "2025-10-22 12:10"
    flooded = wet.table[wet.table["state"] == wet.solved_on].set_index("choice")
    assert flooded.loc["before", "reached"] == 150.0
    assert flooded.loc["plan", "reached"] == 210.0
    assert wet.sites["kept"].sum() == 1


def test_every_problem_places_as_many_as_were_asked_for(city: City) -> None:
    for problem in ("mclp", "mexclp", "p_median", "p_centre"):
        plan = twin.site(city, count=2, problem=problem, within_min=0.41)
        assert 1 <= plan.answer.units.sum() <= 2
        assert siting_document(plan)["proven"] is True


def test_candidates_may_be_facilities_or_places_of_ones_own(city: City) -> None:
    plan = twin.site(city, count=1, candidates=["school", "hospital"], within_min=0.41)
    assert plan.sites["name"].tolist() == ["Trường"]
    own = gpd.GeoDataFrame({"name": ["A"]}, geometry=[Point(600_015.0, 1_190_100.0)], crs=city.crs)
    assert twin.site(city, count=1, candidates=own).sites["name"].tolist() == ["A"]


def test_what_cannot_be_placed_is_refused(city: City) -> None:
    with pytest.raises(InvalidInputError, match="no such location problem"):
        twin.site(city, count=1, problem="best")
    with pytest.raises(InvalidQuantityError, match="cannot be placed"):
        twin.site(city, count=99)
    with pytest.raises(InvalidInputError, match="a time needs a run"):
        twin.site(city, count=1, at="12:00")
    with pytest.raises(InvalidInputError, match="a city or a run"):
        twin.site(count=1)
    with pytest.raises(InvalidInputError, match="no such facilities"):
        twin.site(city, count=1, keep="harbour")


def test_the_picture_is_drawn(run: Run, tmp_path: Path) -> None:
    plan = twin.site(run=run, at=600, count=2, keep="fire_station")
    assert plot_siting(plan, tmp_path / "x.png", language="vi").stat().st_size


def ask(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *words: object
) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["twin", *map(str, words)])
    capfd.readouterr()
    with pytest.raises(SystemExit) as left:
        main()
    out, err = capfd.readouterr()
    return int(left.value.code or 0), out, err


@pytest.mark.parametrize(
    "words",
    [
        ("reach", "{run}", "--at", "12:10"),
        ("reach", "{run}", "--to", "fire_station", "--minutes", "3"),
        ("exposure", "{run}", "--at", "600"),
        ("site", "--run", "{run}", "--at", "12:10", "--count", "2", "--keep", "fire_station"),
    ],
)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_command_answers_in_both_languages_and_as_json(
    run: Run,
    words: tuple[str, ...],
    language: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    given = [word.format(run=run.folder) for word in words]
    code, out, err = ask(monkeypatch, capfd, *given, "--lang", language)
    assert (code, err) == (0, "")
    assert out.strip()
    code, out, _ = ask(monkeypatch, capfd, *given, "--json")
    assert code == 0
    assert isinstance(json.loads(out), dict)


def test_mistakes_on_the_command_line_are_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    junk = tmp_path / "junk.gpkg"
    junk.write_bytes(b"junk")
    site = ("site", "--run", run.folder, "--count", "2")
    for words in (
        ("reach", run.folder, "--minutes", "nan"),
        ("reach", run.folder, "--at", "-5"),
        ("reach", run.folder, "--picture", tmp_path),
        ("exposure", run.folder, "--depth-spread", "nan"),
        ("exposure", run.folder, "--curves", tmp_path / "none.yaml"),
        ("exposure", run.folder, "--curves", junk),
        (*site, "--within", "nan"),
        (*site, "--gap", "nan"),
        (*site, "--time-limit", "0"),
        (*site, "--problem", "mexclp", "--busy", "nan"),
        (*site, "--candidates", junk),
        (*site, "--at", "99999999"),
        (*site, "--vehicle", "tank"),
        ("reach", run.folder, "--to", "harbour"),
        ("exposure", run.folder, "--at", "noon"),
        ("site", "--run", run.folder, "--count", "2", "--problem", "best"),
    ):
        code, _, err = ask(monkeypatch, capfd, *words)
        assert code == 2
        assert err.startswith("twin: ")
        assert len(err.strip().splitlines()) == 1
