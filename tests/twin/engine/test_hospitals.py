"""Hospitals in a whole run: kinds of beds, power, evacuation, and what of it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import twin
from models.errors import ScenarioError
from scenarios import Scenario

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City


def scenario(city: City, **changes: Any) -> Scenario:
    """Return calls on dry roads, with one hospital that has an isolation bed."""
    first = hospitals(city)[0]
    document = {
        "schema": 1,
        "name": "beds",
        "period": {"start": "2025-10-22T00:00+07:00", "duration": "6 h"},
        "seed": 5,
        "flood": "none",
        "fleet": {"ambulances": 4},
        "response": {
            "hospitals": [{"facility": first, "isolation": 1}],
            "bed_stay": {"constant": "1 h"},
            "bed_decontamination": "30 min",
            "unit_decontamination": "20 min",
            "handover": {"constant": "5 min"},
        },
        "incidents": {"generated": {"count": 2, "end": "5 min", "mix": {"infectious": 1}}},
    }
    return Scenario.from_dict({**document, **changes})


def hospitals(city: City) -> list[str]:
    """Return the ids of the hospitals of a city."""
    table = city.layer("facilities")
    return sorted(table[table["kind"] == "hospital"]["facility_id"].astype(str))


def test_an_isolation_bed_is_decontaminated_before_the_next_patient(
    small_city: City, store: Path
) -> None:
    done = twin.run(scenario(small_city), small_city, store=store)
    events = done.events
    over = events[events["kind"] == "handover_done"].reset_index()
    assert set(over["facility"]) == {hospitals(small_city)[0]}
    assert len(over) == 2
    assert done.kpis["bed_waits"] == 1
    # The second patient's handover begins when the first has left and the bed is clean.
    begun = events[events["kind"] == "handover_started"]["time_s"].max()
    assert begun == pytest.approx(over["time_s"].min() + 3600 + 1800)
    first = over.iloc[0]
    free = events[(events["kind"] == "unit_returning") & (events["unit"] == first["unit"])]
    assert free["time_s"].iloc[0] == pytest.approx(first["time_s"] + 120 + 1200)


def test_without_power_a_hospital_keeps_a_share_of_its_beds(small_city: City, store: Path) -> None:
    name = hospitals(small_city)[0]
    timeline = [
        {"at": "0 min", "do": "set_hospital", "facility": name, "power": False},
        {"at": "2 h", "do": "set_hospital", "facility": name, "power": True},
    ]
    response = {"hospitals": [{"facility": name, "general": 11}], "beds_without_power": 0.5}
    done = twin.run(
        scenario(small_city, timeline=timeline, response=response), small_city, store=store
    )
    changed = done.events[done.events["kind"] == "hospital_changed"]
    assert [text.count('"beds":5') for text in changed["detail"]] == [1, 0]
    assert [text.count('"beds":11') for text in changed["detail"]] == [0, 1]


def test_an_evacuated_hospital_sends_its_patients_to_others(tmp_path: Path, store: Path) -> None:
    city = twin.synthesise(area_km2=16.0, cell_size_m=100.0, seed=3).save(tmp_path / "city")
    names = hospitals(city)
    assert len(names) > 1
    timeline = [
        {
            "at": "10 min",
            "do": "evacuate_hospital",
            "facility": names[0],
            "patients": 6,
            "incident": "move",
        }
    ]
    changes = {"incidents": {}, "response": {}, "timeline": timeline}
    done = twin.run(scenario(city, **changes), city, store=store)
    over = done.events[done.events["kind"] == "handover_done"]
    assert len(over) == 6
    assert names[0] not in set(over["facility"])


def test_a_hospital_that_is_not_there_is_refused(small_city: City, store: Path) -> None:
    for changes in (
        {"response": {"hospitals": [{"facility": "nowhere"}]}},
        {"timeline": [{"at": "1 h", "do": "set_hospital", "facility": "nowhere", "open": False}]},
    ):
        with pytest.raises(ScenarioError, match="no such hospital"):
            twin.run(scenario(small_city, **changes), small_city, store=store)
    with pytest.raises(ScenarioError, match="open, power or beds"):
        scenario(
            small_city, timeline=[{"at": "1 h", "do": "set_hospital", "facility": "hospital-1"}]
        )
