"""Run cards and mutual aid in a whole run, and what of them is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import twin
from models.errors import ScenarioError
from scenarios import Scenario

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City

CARD = [{"fire": 2}, {"fire": 1, "ambulance": 1, "after": "10 min"}]


def scenario(**changes: Any) -> Scenario:
    """Return two fires on dry roads, with one neighbour."""
    document = {
        "schema": 1,
        "name": "cards",
        "period": {"start": "2025-10-22T00:00+07:00", "duration": "4 h"},
        "seed": 5,
        "flood": "none",
        "fleet": {
            "ambulances": 1,
            "fire_engines": 3,
            "mutual_aid": [
                {
                    "id": "next",
                    "service": "fire",
                    "units": 2,
                    "station": "hospital-1",
                    "delay": "20 min",
                    "queue": 1,
                }
            ],
        },
        "response": {
            "run_cards": {"house_fire": CARD},
            "fire": {"work": {"constant": "1 h"}, "growth_kw_s2": 0.0117},
        },
        "incidents": {"generated": {"count": 2, "end": "5 min", "mix": {"house_fire": 1}}},
    }
    return Scenario.from_dict({**document, **changes})


def test_cards_and_neighbours_show_in_the_log_and_the_figures(
    small_city: City, store: Path
) -> None:
    done = twin.run(scenario(), small_city, store=store)
    events = done.events
    assert done.kpis["alarms_raised"] == 2
    assert done.kpis["aid_called"] == 1
    called = events[events["kind"] == "aid_called"].iloc[0]
    came = events[(events["kind"] == "unit_in_service")]
    assert set(came["unit"]) == {"next-1", "next-2"}
    assert (came["time_s"] == called["time_s"] + 1200.0).all()
    assert set(events[events["kind"] == "unit_arrived"]["unit"]) & {"next-1", "next-2"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"response": {"run_cards": {"house_fire": [{"fire": 9}]}}}, "has 5"),
        ({"response": {"run_cards": {"picnic": [{"fire": 1}]}}}, "picnic"),
        ({"response": {"run_cards": {"house_fire": [{"fire": 1}, {"fire": 1}]}}}, "needs after"),
        ({"response": {"run_cards": {"house_fire": [{"fire": 1, "after": "1 min"}]}}}, "first"),
        ({"response": {"run_cards": {"house_fire": [{}]}}}, "at least one"),
    ],
)
def test_a_card_that_cannot_be_kept_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        scenario(**changes)


def test_neighbours_without_a_station_are_refused(small_city: City, store: Path) -> None:
    aid = {"id": "n", "service": "fire", "units": 1, "station": "moon", "delay": "0 s", "queue": 1}
    fleet = {"ambulances": 1, "fire_engines": 3, "mutual_aid": [aid]}
    with pytest.raises(ScenarioError, match="moon"):
        twin.run(scenario(fleet=fleet), small_city, store=store)
