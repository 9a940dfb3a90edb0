"""What a run says of its input: sentences in both languages, with the right figures."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from rich.console import Console

import twin
from scenarios import Scenario
from twin.results.export import export_run
from twin.results.show import show_run

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City


def warnings(run: twin.Run) -> list[dict[str, Any]]:
    """Return the warnings, but for that on canals, which the small city is full of."""
    told: list[dict[str, Any]] = run.manifest["warnings"]
    assert [each["kind"] for each in told].count("channels_burnt") == 1
    return [each for each in told if each["kind"] != "channels_burnt"]


def kinds(run: twin.Run) -> list[str]:
    return [each["kind"] for each in warnings(run)]


def shown(run: twin.Run, language: str) -> str:
    file = StringIO()
    console = Console(width=400, file=file)
    for part in show_run(run, language):
        console.print(part)
    return file.getvalue()


@pytest.fixture
def brief(document: dict[str, Any]) -> Scenario:
    """Return five minutes of the storm, with one call."""
    document["period"]["duration"] = "5 min"
    document["timeline"] = []
    document["incidents"] = {"generated": {"count": 1}}
    document["outputs"] = {"frame_interval": "5 min"}
    return Scenario.from_dict(document)


def test_a_city_that_fits_needs_no_notes(small_city: City, brief: Scenario, store: Path) -> None:
    assert kinds(twin.run(brief, small_city, store=store)) == []


def test_roads_where_no_water_is_computed_are_counted(
    small_city: City, brief: Scenario, store: Path, tmp_path: Path
) -> None:
    assert small_city.terrain is not None
    terrain = small_city.terrain.copy(deep=True)
    half = terrain.sizes["x"] // 2
    terrain["ground_level"][:, half:] = np.nan
    cut = small_city.replace(terrain=terrain).save(tmp_path / "cut")
    done = twin.run(brief, cut, store=store)
    (told,) = warnings(done)
    assert told["kind"] == "roads_outside"
    assert small_city.grid is not None
    east = shapely.box(*small_city.grid.bounds)
    middle = small_city.grid.west_m + half * small_city.grid.cell_size_m
    kept = shapely.intersection(east, shapely.box(0, 0, middle, 1e7))
    roads = small_city.layer("roads").geometry.to_numpy()
    outside = shapely.length(shapely.difference(roads, kept))
    far = outside > small_city.grid.cell_size_m
    km = float(told["en"].split("(")[1].split(" km")[0].replace(",", ""))
    assert km == pytest.approx(outside[far].sum() / 1000.0, rel=0.03)
    assert int(told["en"].split()[0].replace(",", "")) == pytest.approx(far.sum(), rel=0.03)
    assert told["en"] in shown(done, "en")
    assert told["vi"] in shown(done, "vi")


def test_hospitals_that_are_missing_or_far_from_roads_are_told(
    small_city: City, brief: Scenario, store: Path, tmp_path: Path
) -> None:
    facilities = small_city.layer("facilities").copy()
    hospital = facilities["kind"] == "hospital"
    far = facilities.geometry.translate(xoff=5_000.0)
    facilities.loc[hospital, "geometry"] = far[hospital]
    facilities = facilities[facilities["kind"].isin(["hospital", "fire_station", "health_station"])]
    layers = {**small_city.layers, "facilities": facilities}
    city = small_city.replace(layers=layers).save(tmp_path / "far")
    here = {"x_m": float(far.x.median() - 5_000.0), "y_m": float(far.y.median())}
    fleet = {
        "ambulances": 1,
        "ambulance_station_kinds": ["ambulance_station"],
        "stations": [{"id": "base", "location": here, "services": ["ambulance"]}],
    }
    done = twin.run(brief.replace(fleet=fleet), city, store=store)
    assert kinds(done) == ["no_hospitals", "facilities_off_network"]
    for language, words in (("en", "take no part: hospital-"), ("vi", "không tham gia: hospital-")):
        text = shown(done, language)
        assert words in text
        assert "no_hospitals" not in text
        assert "off_network" not in text


def test_a_place_far_from_roads_is_shown_with_its_distance(
    small_city: City, brief: Scenario, store: Path
) -> None:
    done = twin.run(brief, small_city, store=store)
    done.manifest["snapped"] = [
        {"kind": "hospital", "name": "hospital-1", "distance_m": 320},
        *({"kind": "clinic", "name": f"c{n}", "distance_m": 210 + n} for n in range(9)),
    ]
    text = shown(done, "vi")
    assert "Bệnh viện hospital-1 cách đường gần nhất 320 m" in text
    assert "… và 2 nơi khác" in text
    assert "Place c8 lies 218 m from the nearest road" in shown(done, "en")


def test_a_table_of_gauges_is_written_only_where_there_are_gauges(
    small_city: City, brief: Scenario, store: Path, tmp_path: Path
) -> None:
    without = twin.run(brief, small_city, store=store)
    names = {path.name for path in export_run(without, tmp_path / "a", formats=["csv"])}
    assert "ledger.csv" in names
    assert "gauges.csv" not in names
    station = small_city.layer("facilities")["facility_id"].iloc[0]
    gauge = {"name": "g", "location": {"facility": str(station)}}
    run = twin.run(brief.replace(gauges=[gauge]), small_city, store=store)
    names = {path.name for path in export_run(run, tmp_path / "b", formats=["csv"])}
    assert "gauges.csv" in names
