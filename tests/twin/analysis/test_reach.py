from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

import twin
from models.errors import CityError, InvalidInputError, StoreError
from twin.analysis.critical import bridge_numbers
from twin.analysis.plot import plot_reach
from twin.analysis.show import reach_document

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City
    from twin.results import Run

#: 200 m of a residential street at 25 km/h, times 1.2 under lights and sirens.
BLOCK_MIN = 0.4


def test_dry_minutes_follow_from_length_and_speed(city: City) -> None:
    table = twin.reach(city, minutes=[BLOCK_MIN * 1.01, BLOCK_MIN * 3.01]).table
    assert table["state"].tolist() == ["dry"]
    within = [name for name in table if str(name).startswith("within")]
    assert table[within].iloc[0].tolist() == [30.0, 100.0]
    assert table["reached"].iloc[0] == 210.0
    mean = np.average(np.arange(6) * BLOCK_MIN, weights=[10, 20, 30, 40, 50, 60])
    assert table["mean_min"].iloc[0] == pytest.approx(mean)
    assert table["p90_min"].iloc[0] == pytest.approx(5 * BLOCK_MIN)


def test_water_on_the_bridge_cuts_off_who_lives_beyond(run: Run) -> None:
    found = run.reach(at=["12:00", "12:10", 1800])
    assert found.table["cut_off"].tolist() == [0.0, 0.0, 150.0, 0.0]
    assert found.table["reached"].tolist() == [210.0, 210.0, 60.0, 210.0]
    lost = found.by_facility.query("state == '2025-10-22 12:10'").iloc[0]
    assert lost["share_of_dry"] == pytest.approx(60.0 / 210.0)
    assert not lost["cut_off"]


def test_stations_send_out_and_hospitals_are_gone_to(run: Run) -> None:
    assert run.reach(to="hospital").direction == "to"
    station = run.reach(to="fire_station")
    assert station.direction == "from"
    assert station.streets.vehicle.name == "fire_engine"
    assert len(station.states) == 5


def test_a_street_is_worth_what_lies_behind_it(city: City) -> None:
    table = twin.reach(city, minutes=[60.0]).critical()
    assert table["name"].tolist() == ["Một", "Hai", "Cầu Ba", "Bốn", "Năm"]
    assert table["cut_off"].tolist() == [200.0, 180.0, 150.0, 110.0, 60.0]
    assert table["what"].tolist() == ["street", "street", "bridge", "street", "street"]
    assert table["segments"].tolist() == [[100], [101], [102], [103], [104]]


def test_both_carriageways_are_one_bridge_and_another_name_is_another() -> None:
    lines = [LineString([(0, y), (100, y)]) for y in (0.0, 20.0, 25.0, 500.0)]
    roads = gpd.GeoDataFrame(
        {"is_bridge": [True] * 4 + [False], "name": ["A", "A", "B", "A", "A"]},
        geometry=[*lines, lines[0]],
    )
    number = bridge_numbers(roads)
    assert number[0] == number[1]
    assert len({number[0], number[2], number[3]}) == 3
    assert number[4] == -1


def test_an_isochrone_covers_the_streets_within_the_minutes(city: City) -> None:
    found = twin.reach(city)
    near, far = found.isochrone(0.01), found.isochrone(30.0)
    assert far.covers(near)
    assert near.length > 0.0
    assert far.bounds[2] > near.bounds[2]


def test_the_document_is_plain_and_the_picture_is_drawn(run: Run, tmp_path: Path) -> None:
    found = run.reach(at=600)
    document = reach_document(found)
    assert document["states"][0]["time_s"] is None
    assert document["critical"][0]["cut_off"] == 200.0
    for language in ("vi", "en"):
        assert plot_reach(found, tmp_path / f"{language}.png", language=language).stat().st_size


def test_what_cannot_be_asked_is_refused(run: Run, city: City, nobody: City) -> None:
    with pytest.raises(InvalidInputError, match="no such facilities"):
        run.reach(to="harbour")
    with pytest.raises(InvalidInputError, match="no such vehicle class"):
        twin.reach(city, vehicle="tank")
    with pytest.raises(InvalidInputError, match="positive minutes"):
        twin.reach(city, minutes=[0.0])
    with pytest.raises(InvalidInputError, match="no such direction"):
        twin.reach(city, direction="up")
    with pytest.raises(StoreError, match="outside the run"):
        run.reach(at=99999)
    with pytest.raises(InvalidInputError, match="not a time"):
        run.reach(at="noon")
    with pytest.raises(CityError, match="where people live"):
        twin.reach(nobody)


def test_a_hospital_across_the_river_is_left_out_and_named(city: City) -> None:
    facilities = city.layer("facilities")
    far = facilities.assign(geometry=facilities.geometry.translate(yoff=400.0))
    both = pd.concat([facilities, far.assign(facility_id=["h2", "f2", "s2"], name="Xa")])
    wider = replace(city, layers={**city.layers, "facilities": both.reset_index(drop=True)})
    found = twin.reach(wider)
    assert found.left_out == ("Xa",)
    assert found.facilities["facility_id"].tolist() == ["h"]
    assert found.notes["facilities_left_out"] == ["Xa"]
    only = replace(city, layers={**city.layers, "facilities": far})
    with pytest.raises(InvalidInputError, match="within 300 m"):
        twin.reach(only)


def test_people_far_from_every_road_are_reached_by_nobody(city: City) -> None:
    assert city.terrain is not None
    terrain = city.terrain.copy(deep=True)
    terrain = terrain.assign_coords(y=terrain["y"] + 400.0)
    found = twin.reach(replace(city, terrain=terrain))
    assert found.table["reached"].tolist() == [0.0]
    assert found.notes["people_off_road"] == 210.0
    assert np.isnan(found.table["mean_min"].iloc[0])
