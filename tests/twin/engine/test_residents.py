"""Residents in a whole run: the same people at the end, whatever is written and when it stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import twin
from models.errors import ScenarioError
from models.residents import STATUS
from scenarios import Scenario
from twin.running import Interrupted

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City

WARNING = {"do": "warn_residents", "message": "evacuate", "channel": "siren"}


def scenario(**changes: Any) -> Scenario:
    document = {
        "schema": 1,
        "name": "residents",
        "period": {"start": "2025-10-22T00:00+07:00", "duration": "90 min"},
        "seed": 5,
        "flood": "none",
        "fleet": {"ambulances": 3, "fire_engines": 2},
        "residents": {"people": {"total": 3000}},
        "closures": [{"road": {"segments": [5]}, "start": "20 min"}],
        "timeline": [
            {**WARNING, "at": "3 min 20 s"},
            {**WARNING, "at": "30 min", "channel": "sms", "message": "shelter"},
        ],
        "outputs": {"checkpoint_interval": "20 min"},
    }
    return Scenario.from_dict({**document, **changes})


class _StopAt:
    def __init__(self, exchange: int) -> None:
        self._left = exchange

    def __call__(self) -> bool:
        self._left -= 1
        return self._left < 0


def _sums(table: pd.DataFrame) -> list[int]:
    return sorted(set(table[list(STATUS)].sum(axis=1)))


def test_residents_show_in_series_events_and_figures(small_city: City, store: Path) -> None:
    done = twin.run(scenario(), small_city, store=store)
    table = done.series("residents")
    assert _sums(table) == [3000]
    assert list(table["time_s"]) == [60.0 * k for k in range(91)]
    figures = done.kpis["residents"]
    assert figures["people"] == 3000
    assert figures["ever"]["safe"] >= table["safe"].iloc[-1] > 0
    warned = done.events[done.events["kind"] == "residents_warned"]
    assert list(warned["time_s"]) == [200.0, 1800.0]
    calls = done.events[done.events["kind"] == "residents_called"]
    assert len(calls) == figures["calls"] > 0
    received = done.events[done.events["kind"] == "call_received"]
    assert sorted(received["incident"]) == sorted(calls["incident"])
    fetched = done.events[done.events["kind"] == "residents_fetched"]
    assert fetched["value"].sum() == table["rescued"].iloc[-1] > 0
    assert (np.diff(done.events["time_s"]) >= 0.0).all()


@pytest.mark.parametrize("exchange", [2, 3, 30, 67])
def test_a_stopped_run_ends_like_one_that_never_stopped(
    small_city: City, store: Path, exchange: int
) -> None:
    whole = twin.run(scenario(), small_city, store=store)
    with pytest.raises(Interrupted) as stopped:
        twin.run(scenario(), small_city, store=store, should_stop=_StopAt(exchange))
    assert twin.resume(stopped.value.run_id, store=store).digest == whole.digest


def test_output_settings_change_nothing_about_residents(small_city: City, store: Path) -> None:
    first = twin.run(scenario(), small_city, store=store)
    chatty = {"frame_interval": "1 min", "checkpoint_interval": "1 min"}
    other = twin.run(scenario(outputs=chatty), small_city, store=store)
    pd.testing.assert_frame_equal(first.series("residents"), other.series("residents"))


def test_another_fleet_meets_the_same_people(small_city: City, store: Path) -> None:
    first = twin.run(scenario(), small_city, store=store)
    other = twin.run(scenario(fleet={}), small_city, store=store)
    columns = ["safe", "on_the_way", "warned"]
    left, right = first.series("residents")[columns], other.series("residents")[columns]
    pd.testing.assert_frame_equal(left, right)
    assert other.series("residents")["rescued"].max() == 0
    assert not (other.events["kind"] == "call_received").any()


def test_a_warning_reaches_its_area_alone(small_city: City, store: Path) -> None:
    everywhere = twin.run(scenario(), small_city, store=store)
    circle = {"circle": {"center": {"facility": "hospital-1"}, "radius_m": 200}}
    here = twin.run(
        scenario(timeline=[{**WARNING, "at": "3 min 20 s", "area": circle}]),
        small_city,
        store=store,
    )
    heard = [run.series("residents")["warned"].iloc[-1] for run in (here, everywhere)]
    assert 0 < heard[0] < 0.5 * heard[1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"residents": {"shelter_kinds": []}}, "residents.shelters"),
        (
            {
                "timeline": [
                    {
                        **WARNING,
                        "at": "5 min",
                        "area": {"xy_m": [{"x_m": x, "y_m": 0} for x in (0, 1, 2)]},
                    }
                ]
            },
            "no household lives",
        ),
        ({"residents": None}, "residents"),
        ({"timeline": [{**WARNING, "at": "5 min", "channel": "pigeon"}]}, "pigeon"),
        ({"residents": {"calls": {"kind": "party"}}}, "party"),
        ({"residents": {"channels": {"pigeon": {"reach": 0.5}}}}, "delay_median"),
        ({"residents": {"people": {"household_size": [0.5, 0.1]}}}, "sum to 1"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    small_city: City, store: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ScenarioError, match=message):
        twin.run(scenario(**changes), small_city, store=store)


@pytest.mark.slow
def test_people_in_a_flood_are_the_same_after_a_stop_and_fewer_are_caught_if_warned_early(
    small_city: City, store: Path
) -> None:
    flood: dict[str, Any] = {
        "flood": {},
        "period": {"start": "2025-10-22T00:00+07:00", "duration": "3 h"},
        "rain": {"hyetograph": {"times": ["0 min", "120 min"], "rates_mm_h": [180, 0]}},
        "tide": {
            "series": {"times": ["0 h", "3 h"], "levels_m": [0.6, 2.6]},
            "applies_to": ["river", "canal_mouths"],
        },
    }
    caught = {}
    for at in ("1 min", "100 min 20 s"):
        changed = scenario(**flood, timeline=[{**WARNING, "at": at}])
        done = twin.run(changed, small_city, store=store)
        assert _sums(done.series("residents")) == [3000]
        ever = done.kpis["residents"]["ever"]
        caught[at] = ever["stranded"] + ever["trapped"]
        with pytest.raises(Interrupted) as stopped:
            twin.run(changed, small_city, store=store, should_stop=_StopAt(110))
        assert twin.resume(stopped.value.run_id, store=store).digest == done.digest
    assert 0 < caught["1 min"] < caught["100 min 20 s"]
