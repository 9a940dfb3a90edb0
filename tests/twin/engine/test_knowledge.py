"""What is known of the roads, by whom and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import twin
from models.errors import ScenarioError
from models.response import Constant, Event, Exponential
from models.roads import VEHICLE_CLASSES, RoadConditions, build_graph
from scenarios import Scenario
from twin.engine.knowledge import Channels, Knowledge
from twin.engine.streams import Streams
from twin.running import Interrupted

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City

STREETS = 40
NONE = np.empty(0, np.int64)
ALL = np.arange(STREETS, dtype=np.int64)


class Town:
    """A row of streets of both directions; street k has the segment 100 + k."""

    def __init__(self, seed: int = 1, **channels: Any) -> None:
        graph = build_graph(
            node_id=np.arange(STREETS + 1),
            node_x_m=np.arange(STREETS + 1) * 100.0,
            node_y_m=np.zeros(STREETS + 1),
            from_node=np.arange(STREETS),
            to_node=np.arange(STREETS) + 1,
            direction=["both"] * STREETS,
            road_class=["residential"] * STREETS,
            length_m=np.full(STREETS, 100.0),
        )
        self.roads = RoadConditions(graph, [VEHICLE_CLASSES["ambulance"]])
        self.events: list[Event] = []
        self.depth_m = np.zeros(graph.n_edges)
        self.closed = np.zeros(graph.n_edges, np.bool_)
        self.knowledge = Knowledge(
            self.roads,
            100 + ALL,
            Channels(**{"monitored": NONE, "patrolled": NONE, **channels}),
            Streams(seed),
            self.events.append,
            fleet=np.ones(1, np.bool_),
        )

    def edges(self, *streets: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.flatnonzero(np.isin(self.roads.graph.segment, streets))

    def flood(self, *streets: int, depth_m: float = 0.5) -> None:
        self.depth_m[self.edges(*streets)] = depth_m

    def step(self, now_s: float) -> bool:
        self.roads.update(self.depth_m, self.closed)
        return self.knowledge.learn(now_s, self.depth_m, 0.0 * self.depth_m, self.closed)

    def known_closed(self) -> set[int]:
        shut = np.isinf(self.roads.known_travel_time_s[0])
        return set(self.roads.graph.segment[shut].tolist())

    def learnt(self, kind: str = "road_known_closed") -> dict[int, tuple[float, Any]]:
        return {
            segment - 100: (event.time_s, event.detail["source"])
            for event in self.events
            if event.kind == kind
            for segment in _list(event.detail["segments"])
        }


def _list(value: Any) -> list[int]:
    return list(value)


def test_what_is_so_at_the_start_is_known_without_a_word() -> None:
    town = Town()
    town.flood(3)
    town.step(0.0)
    assert town.known_closed() == {3}
    assert town.events == []


def test_a_sensor_tells_after_its_delay_both_that_water_comes_and_that_it_goes() -> None:
    town = Town(monitored=np.array([2, 3]), sensor_delay_s=120.0)
    town.step(0.0)
    town.flood(3, 4)
    for k in range(1, 11):
        if k == 5:
            town.flood(3, 4, depth_m=0.0)
        town.step(60.0 * k)
        assert town.known_closed() == ({3} if 3 <= k < 7 else set())
    assert town.learnt() == {3: (180.0, "sensor")}
    assert town.learnt("road_known_open") == {3: (420.0, "sensor")}


def test_a_report_tells_what_was_seen_and_a_later_sight_stands_against_it() -> None:
    town = Town(report_probability=1.0, report_delay=Constant(600.0))
    town.step(0.0)
    town.flood(3)
    town.step(60.0)
    town.flood(3, depth_m=0.0)
    town.step(300.0)
    assert town.knowledge.meet(int(town.edges(3)[0]), 310.0) is False  # open, and thought open
    town.step(660.0)
    assert town.known_closed() == {3}  # the report of the water comes when it has gone
    assert town.knowledge.meet(int(town.edges(3)[0]), 700.0) is True
    assert town.known_closed() == set()
    town.flood(3)
    town.step(720.0)
    assert town.knowledge.meet(int(town.edges(3)[1]), 730.0) is True
    town.step(900.0)  # now comes the report that it was open, seen at 300 s
    assert town.known_closed() == {3}


def test_only_so_many_changes_are_reported() -> None:
    town = Town(report_probability=0.5, report_delay=Constant(0.0))
    town.step(0.0)
    town.flood(*range(STREETS))
    town.step(60.0)
    town.step(120.0)
    assert 10 < len(town.known_closed()) < 30


def test_reports_are_the_same_whatever_drivers_tell() -> None:
    times = []
    for drivers in (False, True):
        town = Town(report_probability=0.9, report_delay=Exponential(900.0))
        town.step(0.0)
        for k in range(1, 120):
            town.flood(k % STREETS, depth_m=0.5 * (k < STREETS))
            town.step(60.0 * k)
            if drivers and k % 3 == 0:
                town.knowledge.meet(int(town.edges(k % STREETS)[0]), 60.0 * k + 1.0)
        by_driver = {k for k, (_, source) in town.learnt().items() if source == "driver"}
        assert bool(by_driver) is drivers
        times.append({k: v for k, v in town.learnt().items() if k % 3 and k not in by_driver})
    assert times[0] == times[1] != {}


def test_patrols_find_everything_within_one_round_and_spread_over_it() -> None:
    town = Town(patrolled=ALL, patrol_interval_s=3600.0)
    town.step(0.0)
    town.flood(*range(STREETS))
    for k in range(1, 62):
        town.step(60.0 * k)
    found = sorted(time_s for time_s, _ in town.learnt().values())
    assert len(found) == STREETS
    assert found[-1] <= 3660.0
    assert len(set(found)) > STREETS // 2


def test_a_driver_tells_of_both_directions_at_once_and_the_next_stop_hears_of_it() -> None:
    town = Town()
    town.step(0.0)
    town.flood(3, 4)
    town.step(60.0)
    assert town.known_closed() == set()
    before = town.roads.known_version
    assert town.knowledge.meet(int(town.edges(3)[0]), 75.0) is True
    assert town.known_closed() == {3}
    assert town.roads.known_version > before
    assert np.isinf(town.roads.known_travel_time_s[0, town.edges(3)]).all()
    assert town.events[0].time_s == 75.0
    assert town.events[0].detail == {"source": "driver", "segments": [103], "delay_s": 15.0}
    assert town.step(120.0) is True
    assert town.step(180.0) is False


@pytest.mark.parametrize("orders_known", [True, False])
def test_orders_are_known_at_once_where_the_scenario_says_so(orders_known: bool) -> None:
    town = Town(orders_known=orders_known)
    town.step(0.0)
    town.closed[town.edges(7)] = True
    town.flood(8)
    town.step(60.0)
    assert town.known_closed() == ({7} if orders_known else set())
    town.closed[:] = False
    town.step(120.0)
    assert town.known_closed() == set()


# In whole runs


def scenario(**changes: Any) -> Scenario:
    closed = {"road": {"segments": list(range(5, 60, 2))}, "start": "10 min", "end": "40 min"}
    document = {
        "schema": 1,
        "name": "unknown_roads",
        "period": {"start": "2025-10-22T00:00+07:00", "duration": "1 h"},
        "seed": 5,
        "flood": "none",
        "fleet": {"ambulances": 3, "fire_engines": 2},
        "incidents": {"generated": {"count": 30}},
        "closures": [closed],
        "knowledge": {
            "orders_known": False,
            "sensors": {"road_classes": ["primary"], "delay": "1 min"},
            "reports": {},
            "patrols": {"interval": "1 h"},
        },
        "outputs": {"checkpoint_interval": "20 min"},
    }
    return Scenario.from_dict({**document, **changes})


def test_perfect_knowledge_is_the_default_and_drivers_find_nothing(
    small_city: City, store: Path
) -> None:
    done = twin.run(scenario(knowledge="perfect"), small_city, store=store)
    assert (
        done.digest == twin.run(scenario().replace(knowledge=None), small_city, store=store).digest
    )
    assert done.kpis["unknown_closures"] == 0
    assert done.kpis["lost_to_unknown_closures_s"] == 0.0
    assert not done.events["kind"].str.startswith("road_").any()


def test_who_knows_less_meets_more_and_the_roads_are_the_same(
    small_city: City, store: Path
) -> None:
    some = twin.run(scenario(), small_city, store=store)
    only = {"orders_known": False}
    none = twin.run(scenario(knowledge=only), small_city, store=store)
    assert 0 < some.kpis["unknown_closures"] < none.kpis["unknown_closures"]
    assert none.kpis["lost_to_unknown_closures_s"] > 0.0
    assert some.kpis["road_km_closed"] == none.kpis["road_km_closed"]
    told = some.events[some.events["kind"] == "road_known_closed"]
    assert told["value"].min() >= 1
    assert (np.diff(some.events["time_s"]) >= 0.0).all()


class _StopAt:
    def __init__(self, exchange: int) -> None:
        self._left = exchange

    def __call__(self) -> bool:
        self._left -= 1
        return self._left < 0


@pytest.mark.parametrize("exchange", [11, 33])
def test_a_stopped_run_knows_at_the_end_what_one_knows_that_never_stopped(
    small_city: City, store: Path, exchange: int
) -> None:
    whole = twin.run(scenario(), small_city, store=store)
    with pytest.raises(Interrupted) as stopped:
        twin.run(scenario(), small_city, store=store, should_stop=_StopAt(exchange))
    assert twin.resume(stopped.value.run_id, store=store).digest == whole.digest


def test_a_class_of_road_that_does_not_exist_is_refused(small_city: City, store: Path) -> None:
    wrong = scenario(knowledge={"sensors": {"road_classes": ["avenue"]}})
    with pytest.raises(ScenarioError, match=r"sensors\.road_classes.*class of road"):
        twin.run(wrong, small_city, store=store)
