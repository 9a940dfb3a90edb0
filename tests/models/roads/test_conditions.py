from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.roads import VEHICLE_CLASSES, RoadConditions, RoadGraph, speed_in_water

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.roads import VehicleClass

    Make = Callable[..., RoadGraph]

CAR, ENGINE = VEHICLE_CLASSES["car"], VEHICLE_CLASSES["fire_engine"]
#: The first example compiles, and the machine may be busy: time proves nothing here.
unhurried = settings(deadline=None)


def test_speed_falls_as_published() -> None:
    # Half of the critical depth leaves a quarter of the speed.
    assert speed_in_water(0.15, 20.0, CAR) == pytest.approx(5.0)
    # Pregnolato et al. (2017): 86.9448 km/h when dry; w_c is the depth of the fit's minimum.
    cars = dataclasses.replace(CAR, critical_depth_m=0.5529 / (2 * 0.0009) / 1000)
    for depth_mm in (0.0, 50.0, 100.0, 150.0, 200.0, 250.0, 290.0):
        published = 0.0009 * depth_mm**2 - 0.5529 * depth_mm + 86.9448
        ours = speed_in_water(depth_mm / 1000, 86.9448 / 3.6, cars) * 3.6
        assert ours == pytest.approx(published, abs=2.1)


@pytest.mark.parametrize("vehicle", VEHICLE_CLASSES.values(), ids=list(VEHICLE_CLASSES))
def test_closed_at_the_wading_limit_and_open_below(vehicle: object) -> None:
    assert speed_in_water(vehicle.wading_limit_m, 10.0, vehicle) == 0.0
    assert speed_in_water(vehicle.wading_limit_m - 1e-6, 10.0, vehicle) > 0.0


@pytest.mark.parametrize("vehicle", VEHICLE_CLASSES.values(), ids=list(VEHICLE_CLASSES))
def test_water_that_can_be_driven_never_takes_longer_than_a_crawl(vehicle: VehicleClass) -> None:
    slowest = speed_in_water(vehicle.wading_limit_m - 1e-9, 10.0, vehicle)
    assert slowest * 3.6 == pytest.approx(2.03, abs=0.01)
    # Where traffic is slower than that when dry, water does not make it faster.
    assert speed_in_water(vehicle.wading_limit_m - 1e-9, 0.2, vehicle) == pytest.approx(0.2)


@unhurried
@given(
    depth_m=st.floats(0.0, 2.0),
    more_m=st.floats(0.0, 1.0),
    velocity_m_s=st.floats(0.0, 4.0),
    dry_m_s=st.floats(0.1, 30.0),
    name=st.sampled_from(sorted(VEHICLE_CLASSES)),
)
def test_more_water_never_makes_a_vehicle_faster(
    depth_m: float, more_m: float, velocity_m_s: float, dry_m_s: float, name: str
) -> None:
    vehicle = VEHICLE_CLASSES[name]
    shallow = speed_in_water(depth_m, dry_m_s, vehicle, velocity_m_s)
    assert 0.0 <= speed_in_water(depth_m + more_m, dry_m_s, vehicle, velocity_m_s) <= shallow
    assert shallow <= speed_in_water(depth_m, dry_m_s, vehicle) <= dry_m_s


def test_moving_water_stops_a_vehicle_that_still_water_would_not() -> None:
    assert speed_in_water(0.2, 10.0, CAR) > 0.0
    assert speed_in_water(0.2, 10.0, CAR, 1.49) == 0.0  # total head above 0.3 m
    assert speed_in_water(0.2, 10.0, CAR, 1.3) > 0.0
    assert speed_in_water(0.2, 10.0, CAR, 1.6) == 0.0  # depth x velocity above 0.3 m2/s


def test_dry_speed_is_capped_by_road_vehicle_and_factor(chain: Make) -> None:
    graph = chain(1, max_speed_km_h=[18.0])
    swift = dataclasses.replace(CAR, name="swift", emergency_speed_factor=1.5)
    slow = dataclasses.replace(swift, name="slow", max_speed_m_s=3.0)
    speeds = RoadConditions(graph, [CAR, swift, slow]).speed_m_s[:, 0]
    assert speeds == pytest.approx([5.0, 7.5, 3.0])


def test_travel_time_is_length_over_speed_and_infinite_where_closed(chain: Make) -> None:
    graph = chain(3, speed_km_h={"residential": 36.0})
    roads = RoadConditions(graph, [CAR])
    depth = np.where(graph.segment == 1, 0.15, np.where(graph.segment == 2, 0.3, 0.0))
    roads.update(depth)
    expected = {0: 10.0, 1: 40.0, 2: np.inf}
    assert roads.travel_time_s[0] == pytest.approx([expected[s] for s in graph.segment.tolist()])
    assert not np.isnan(roads.speed_m_s).any()


def test_roads_that_a_vehicle_may_not_use_stay_impassable(chain: Make) -> None:
    graph = chain(2, road_class=["alley", "residential"])
    roads = RoadConditions(graph, [ENGINE])
    assert np.isinf(roads.travel_time_s[0][graph.segment == 0]).all()
    roads.update(np.zeros(graph.n_edges))
    assert np.isinf(roads.travel_time_s[0][graph.segment == 0]).all()
    assert np.isfinite(roads.travel_time_s[0][graph.segment == 1]).all()


def test_version_grows_exactly_when_a_travel_time_changes(chain: Make) -> None:
    graph = chain(3)
    roads = RoadConditions(graph, [CAR, ENGINE])
    dry = np.zeros(graph.n_edges)
    wet = np.where(graph.segment == 1, 0.1, 0.0)
    assert (roads.update(dry), roads.version) == (0, 0)
    assert (roads.update(wet), roads.version) == (2, 1)
    assert set(graph.segment[roads.changed].tolist()) == {1}
    assert (roads.update(wet), roads.version) == (0, 1)
    deep = np.where(graph.segment == 1, 0.4, 0.0)  # still open to the fire engine alone
    assert (roads.update(deep), roads.version) == (2, 2)
    assert (roads.update(deep, graph.segment == 1), roads.version) == (2, 3)
    assert (roads.update(deep + 1.0, np.ones(graph.n_edges, bool)), roads.version) == (4, 4)
    assert (roads.update(dry), roads.version) == (6, 5)
    np.testing.assert_array_equal(roads.travel_time_s, roads.dry_travel_time_s)


@unhurried
@given(depths=st.lists(st.floats(0.0, 1.0), min_size=6, max_size=6))
def test_no_travel_time_undercuts_the_dry_one(chain: Make, depths: list[float]) -> None:
    roads = RoadConditions(chain(3), list(VEHICLE_CLASSES.values()))
    roads.update(np.array(depths))
    assert (roads.travel_time_s >= roads.dry_travel_time_s).all()


def test_the_dispatcher_knows_only_what_was_told(chain: Make) -> None:
    graph = chain(3)
    roads = RoadConditions(graph, [CAR])
    roads.update(np.full(graph.n_edges, 1.0))
    assert np.isfinite(roads.known_travel_time_s).all()
    assert roads.reveal(np.array([2])) == 1
    assert np.flatnonzero(np.isinf(roads.known_travel_time_s[0])).tolist() == [2]
    assert roads.reveal(np.array([2])) == 0
    assert roads.reveal() == 5
    np.testing.assert_array_equal(roads.known_travel_time_s, roads.travel_time_s)
    assert roads.known_version == 2
    assert roads.update_known(np.zeros(graph.n_edges)) == 6
    assert np.isinf(roads.travel_time_s).all()
    assert (roads.version, roads.known_version) == (1, 3)


def test_flooded_is_what_water_closes_and_no_barrier(chain: Make) -> None:
    graph = chain(4, road_class=["residential", "residential", "residential", "alley"])
    roads = RoadConditions(graph, [CAR, ENGINE])
    depth = np.where(graph.segment == 0, 0.0, 0.4)
    roads.update(depth, graph.segment <= 1)
    for row, streets in enumerate([{1, 2}, set()]):
        assert set(graph.segment[roads.flooded[row]].tolist()) == streets
    swift = np.full(graph.n_edges, 3.0)
    roads.update(depth, edge_velocity_m_s=swift)
    assert set(graph.segment[roads.flooded[1]].tolist()) == {1, 2}


def test_a_street_without_length_is_open_when_dry_and_closed_when_flooded(chain: Make) -> None:
    graph = chain(1, length_m=[0.0])
    roads = RoadConditions(graph, [CAR])
    assert roads.travel_time_s.tolist() == [[0.0, 0.0]]
    roads.update(np.full(2, 1.0))
    assert roads.travel_time_s.tolist() == [[np.inf, np.inf]]


@pytest.mark.parametrize("bad", [np.nan, -0.1, np.inf])
def test_depth_that_is_no_depth_is_refused_with_its_edge(chain: Make, bad: float) -> None:
    roads = RoadConditions(chain(3), [CAR])
    depth = np.zeros(6)
    depth[4] = bad
    with pytest.raises(InvalidQuantityError, match="edge 4"):
        roads.update(depth)


def test_wrong_shapes_and_names_are_refused(chain: Make) -> None:
    graph = chain(1)
    roads = RoadConditions(graph, [CAR])
    with pytest.raises(InvalidQuantityError, match="edge_depth_m has the wrong shape"):
        roads.update(np.zeros(5))
    with pytest.raises(InvalidQuantityError, match="closed has the wrong shape"):
        roads.update(np.zeros(2), np.zeros(5, bool))
    with pytest.raises(InvalidQuantityError, match="distinct names"):
        RoadConditions(graph, [])
    with pytest.raises(InvalidQuantityError, match="distinct names"):
        RoadConditions(graph, [CAR, CAR])
    with pytest.raises(InvalidQuantityError, match="no such vehicle class"):
        roads.class_index("boat")
    assert roads.class_index("car") == 0
