"""Ordinary traffic in whole runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import twin
from models.errors import ScenarioError
from models.response import Event
from models.roads import VEHICLE_CLASSES, RoadConditions, build_graph
from scenarios import Scenario
from twin.engine.traffic import set_up_traffic
from twin.running import Interrupted

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City


def scenario(start: str = "06:30", **changes: Any) -> Scenario:
    closed = {"road": {"segments": list(range(5, 60, 4))}, "start": "10 min", "end": "40 min"}
    document = {
        "schema": 1,
        "name": "traffic",
        "period": {"start": f"2025-10-22T{start}+07:00", "duration": "1 h"},
        "seed": 5,
        "flood": "none",
        "fleet": {"ambulances": 3, "fire_engines": 2},
        "incidents": {"generated": {"count": 30}},
        "closures": [closed],
        "outputs": {"checkpoint_interval": "20 min"},
    }
    return Scenario.from_dict({**document, **changes})


def conditions() -> RoadConditions:
    """Return two parallel ways, a primary and a secondary road, between 0 and 1."""
    graph = build_graph(
        node_id=np.arange(3),
        node_x_m=np.arange(3) * 100.0,
        node_y_m=np.zeros(3),
        from_node=[0, 0, 2],
        to_node=[1, 2, 1],
        direction=["both"] * 3,
        road_class=["primary", "secondary", "secondary"],
        length_m=[1000.0] * 3,
    )
    return RoadConditions(graph, [VEHICLE_CLASSES["car"], VEHICLE_CLASSES["ambulance"]])


def speeds(start: str, roads: RoadConditions, times_s: list[float], traffic: Any) -> list[float]:
    """Return the speed of a car on the primary road over its dry one at some times."""
    flow = set_up_traffic(scenario(start, traffic=traffic), roads, lambda _event: None)
    assert flow is not None
    found = []
    dry = np.zeros(roads.graph.n_edges)
    for time_s in times_s:
        flow.flow(time_s)
        roads.update(dry)
        found.append(float(roads.dry_travel_time_s[0, 0] / roads.travel_time_s[0, 0]))
    return found


def test_the_hours_are_those_of_the_local_day() -> None:
    times_s = [0.0, 1799.0, 1800.0, 5400.0, 86400.0 - 1800.0]
    found = speeds("06:30", conditions(), times_s, {"by_hour": {}})
    assert found == pytest.approx([0.85, 0.85, 0.65, 0.65, 0.85])


def test_a_scenario_gives_hours_of_its_own() -> None:
    row = {"road_classes": ["primary"], "speed_share": [0.5] * 12 + [0.25] * 12}
    found = speeds("11:30", conditions(), [0.0, 1800.0], {"by_hour": {"roads": [row]}})
    assert found == pytest.approx([0.5, 0.25])


def test_traffic_comes_back_when_the_road_is_open_again() -> None:
    roads, events = conditions(), list[Event]()
    flow = set_up_traffic(
        scenario("10:00", traffic={"displaced": {"load": [0.5] * 24, "share": 1}}),
        roads,
        events.append,
    )
    assert flow is not None
    dry, closed = np.zeros(roads.graph.n_edges), roads.graph.segment == 0
    shares = []
    for time_s, shut in ((0.0, False), (900.0, True), (960.0, True), (1800.0, False)):
        roads.update(dry, closed & shut)
        flow.flow(time_s)
        roads.update(dry, closed & shut)
        shares.append(float(roads.dry_travel_time_s[0, 2] / roads.travel_time_s[0, 2]))
    assert shares[0] == shares[3] == 1.0
    assert shares[1] == shares[2] < 0.6
    assert [event.kind for event in events] == ["traffic_displaced"] * 2
    # Two lanes of 1,200 cars per hour, half full, in both directions.
    assert [event.value for event in events] == pytest.approx([2400.0, 0.0])
    assert events[0].detail["streets_closed"] == 1


def test_traffic_is_off_by_default_and_slows_the_response(small_city: City, store: Path) -> None:
    rush = scenario("17:00", closures=[], traffic={"by_hour": {}})
    free = twin.run(scenario("17:00", closures=[]), small_city, store=store)
    slow = twin.run(rush, small_city, store=store)
    off = twin.run(scenario("17:00", closures=[], traffic={}), small_city, store=store)
    mean = {run.id: run.kpis["response_time_s"]["ambulance"]["mean"] for run in (free, slow)}
    assert mean[slow.id] > mean[free.id]
    assert off.kpis["response_time_s"] == free.kpis["response_time_s"]
    assert free.kpis["traffic_displaced_cars_h"] == 0.0


@pytest.mark.parametrize("exchange", [14, 33])
def test_a_stopped_run_ends_like_one_that_never_stopped(
    small_city: City, store: Path, exchange: int
) -> None:
    case = scenario(traffic={"by_hour": {}, "displaced": {}}, knowledge={"orders_known": False})
    whole = twin.run(case, small_city, store=store)
    left = [exchange]

    def stop() -> bool:
        left[0] -= 1
        return left[0] < 0

    with pytest.raises(Interrupted) as stopped:
        twin.run(case, small_city, store=store, should_stop=stop)
    assert twin.resume(stopped.value.run_id, store=store).digest == whole.digest
    assert "traffic_displaced" in set(whole.events["kind"])


@pytest.mark.parametrize(
    "traffic",
    [
        {"displaced": {"capacity_per_lane": {"avenue": 900}}},
        {"by_hour": {"roads": [{"road_classes": ["avenue"], "speed_share": [1] * 24}]}},
    ],
)
def test_a_class_of_road_that_does_not_exist_is_refused(
    small_city: City, store: Path, traffic: Any
) -> None:
    with pytest.raises(ScenarioError, match=r"traffic: .*no such class of road"):
        twin.run(scenario(traffic=traffic), small_city, store=store)


@pytest.mark.parametrize("shares", [[1.0] * 23, [0.0] * 24, [1.2] * 24])
def test_hours_must_be_a_whole_day_of_possible_shares(shares: list[float]) -> None:
    row = {"road_classes": ["primary"], "speed_share": shares}
    with pytest.raises(ScenarioError, match="speed_share"):
        scenario(traffic={"by_hour": {"roads": [row]}})
