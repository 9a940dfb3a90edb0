"""What a scenario says of crews and their vehicles, from YAML to the figures of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import twin
from models.errors import ScenarioError
from scenarios import Scenario

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
