"""What a scenario says of crews and their vehicles, from YAML to the figures of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import twin
from models.errors import ScenarioError
from scenarios import Scenario
from twin.running import Interrupted

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City

NIGHT = {"start": "22:00", "end": "06:00", "ambulance": {"constant": "321 s"}}


def scenario(start: str = "2025-10-22T21:00+07:00", **response: Any) -> Scenario:
    """Return a few calls on dry roads."""
    document = {
        "schema": 1,
        "name": "crews",
        "period": {"start": start, "duration": "4 h"},
        "seed": 5,
        "flood": "none",
        "fleet": {"ambulances": 4},
        "response": {"turnout": {"ambulance": {"constant": "10 s"}}, **response},
        "incidents": {"generated": {"count": 8, "mix": {"medical": 1}}},
    }
    return Scenario.from_dict(document)


def test_crews_turn_out_by_the_hour_of_the_scenarios_own_zone(
    small_city: City, store: Path
) -> None:
    done = twin.run(scenario(turnout_hours=[NIGHT]), small_city, store=store)
    events = done.events
    assigned = events[events["kind"] == "unit_assigned"]
    alerted = dict(zip(assigned["incident"], assigned["time_s"], strict=True))
    left = events[(events["kind"] == "unit_mobile") & (events["value"] > 0.0)]
    taken = {(alerted[row.incident] >= 3600.0, row.value) for row in left.itertuples()}
    assert taken == {(False, 10.0), (True, 321.0)}


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        ([NIGHT, {"start": "05:00", "end": "07:00", "factor": 2}], "overlap"),
        ([{"start": "22:00", "end": "06:00"}], "give factor"),
        ([{"start": "22:00", "end": "25:00", "factor": 2}], "24:00"),
        ([{"start": "22:00", "end": "06:00", "factor": 0}], "more than 0"),
    ],
)
def test_hours_that_make_no_sense_are_refused(hours: list[Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        scenario(turnout_hours=hours)


def test_breakdowns_show_in_the_log_and_the_figures_and_are_the_same_after_a_stop(
    small_city: City, store: Path
) -> None:
    broken = {"driven_between": "1 min", "repair": {"constant": "5 min"}}
    done = twin.run(scenario(breakdowns=broken), small_city, store=store)
    events = done.events
    count = int((events["kind"] == "unit_broken_down").sum())
    assert done.kpis["breakdowns"] == count > 0
    assert done.kpis["taken_over"] == int((events["kind"] == "patient_taken_over").sum())
    again = twin.run(scenario(breakdowns=broken), small_city, store=store / "again")
    assert again.digest == done.digest
    asked = iter([False] * 20)
    with pytest.raises(Interrupted) as stopped:
        twin.run(
            scenario(breakdowns=broken),
            small_city,
            store=store / "third",
            should_stop=lambda: next(asked, True),
        )
    assert twin.resume(stopped.value.run_id, store=store / "third").digest == done.digest


def test_no_vehicle_breaks_down_or_is_lost_unless_asked_for(small_city: City, store: Path) -> None:
    done = twin.run(scenario(), small_city, store=store)
    assert (done.kpis["breakdowns"], done.kpis["written_off"], done.kpis["taken_over"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("response", "message"),
    [
        ({"breakdowns": {"driven_between": "0 s", "repair": {"constant": "1 h"}}}, "more than 0"),
        ({"breakdowns": {"driven_between": "9 h"}}, "repair"),
        ({"lost_to_water": {}}, "share or depth_m"),
        ({"lost_to_water": {"share": 2}}, "1"),
    ],
)
def test_mishaps_that_make_no_sense_are_refused(response: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        scenario(**response)


def test_refuelling_shows_in_the_log_and_the_figures(small_city: City, store: Path) -> None:
    fuel = {"after_km": 0.2, "duration": {"constant": "6 min"}, "services": ["ambulance"]}
    done = twin.run(scenario(refuelling=fuel), small_city, store=store)
    refuelling = done.events[done.events["kind"] == "unit_refuelling"]
    assert done.kpis["refuelled"] == len(refuelling) > 0
    assert set(refuelling["value"]) == {360.0}
    with pytest.raises(ScenarioError, match="more than 0"):
        scenario(refuelling={**fuel, "after_km": 0})
