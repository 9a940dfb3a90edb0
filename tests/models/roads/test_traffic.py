"""Slow hours, and the traffic of closed roads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.roads import VEHICLE_CLASSES, RoadConditions, RoadGraph, build_graph, traffic
from models.roads.traffic import (
    LOAD_BY_HOUR,
    SPEED_BY_HOUR,
    Displacement,
    displace,
    main_roads,
    road_capacity,
    speed_by_hour,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Make = Callable[..., RoadGraph]

FIGURES = Displacement(share=1.0, capacity_per_lane={"primary": 1000.0})


def town(*streets: tuple[int, int], length_m: Sequence[float] = (), **columns: Any) -> RoadGraph:
    """Return streets of class primary of one lane and both directions between nodes."""
    ends = np.array(streets)
    nodes = int(ends.max()) + 1
    defaults: dict[str, Any] = {
        "direction": ["both"] * len(streets),
        "road_class": ["primary"] * len(streets),
        "lanes": np.full(len(streets), 2.0),
    }
    return build_graph(
        node_id=np.arange(nodes),
        node_x_m=np.arange(nodes) * 100.0,
        node_y_m=np.zeros(nodes),
        from_node=ends[:, 0],
        to_node=ends[:, 1],
        length_m=np.array(length_m or [1000.0] * len(streets)),
        **(defaults | columns),
    )


def edges(graph: RoadGraph, *streets: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.isin(graph.segment, streets)


#: Street 0 from 0 to 1; two parallel ways: streets 1, 2 and streets 3, 4; in and out: 5 and 6.
PARALLEL = [(0, 1), (0, 2), (2, 1), (0, 3), (3, 1), (4, 0), (1, 5)]


def test_a_closed_road_gives_its_traffic_to_the_parallel_one() -> None:
    graph = town(*PARALLEL, length_m=[1000, 600, 600, 9000, 9000, 500, 500])
    once = Displacement(share=1.0, capacity_per_lane={"primary": 1000.0}, iterations=1)
    found = displace(graph, edges(graph, 0), 0.6, once)
    assert found.moved == pytest.approx(2 * 600.0)  # both directions
    assert found.lost == 0.0
    np.testing.assert_allclose(found.load[edges(graph, 1, 2)], 1.2)
    np.testing.assert_allclose(found.load[edges(graph, 3, 4, 5, 6)], 0.6)
    # BPR: t = t0 (1 + 0.15 x^4), against the time at 0.6.
    slower = (1 + 0.15 * 0.6**4) / (1 + 0.15 * 1.2**4)
    np.testing.assert_allclose(found.speed_share[edges(graph, 1, 2)], slower)
    np.testing.assert_array_equal(found.speed_share[edges(graph, 3, 4, 5, 6)], 1.0)


def test_more_assignments_spread_the_traffic_over_ways_that_are_alike() -> None:
    graph = town(*PARALLEL)
    found = displace(graph, edges(graph, 0), 0.6, FIGURES)
    load = found.load[edges(graph, 1, 2, 3, 4)]
    np.testing.assert_allclose(load.sum(), 8 * 0.6 + 4 * 0.6)
    assert load.max() < 1.2 - 0.1
    assert load.min() > 0.6 + 0.1


def test_a_long_closed_stretch_moves_its_traffic_once() -> None:
    row = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 5), (5, 4)]
    graph = town(*row)
    found = displace(graph, edges(graph, 0, 1, 2, 3), 0.5, FIGURES)
    assert found.moved == pytest.approx(2 * 500.0)
    np.testing.assert_allclose(found.load[edges(graph, 4, 5)], 1.0)


def test_traffic_without_another_way_is_lost_and_slows_nobody() -> None:
    graph = town((0, 1), (1, 2), (2, 3))
    found = displace(graph, edges(graph, 1), 0.5, FIGURES)
    assert found.moved == 0.0
    assert found.lost == pytest.approx(1000.0)
    np.testing.assert_array_equal(found.speed_share, 1.0)


def test_only_the_share_that_looks_for_a_way_is_moved() -> None:
    graph = town(*PARALLEL)
    half = Displacement(share=0.5, capacity_per_lane={"primary": 1000.0})
    found = displace(graph, edges(graph, 0), 0.6, half)
    assert found.moved == pytest.approx(600.0)


def test_on_one_way_carriageways_drivers_leave_at_the_junction_before() -> None:
    #  0 -> 1 -> 2 -> 3 with the stretch 1 -> 2 closed; 0 -> 4 -> 3 goes round.
    graph = town((0, 1), (1, 2), (2, 3), (0, 4), (4, 3), (5, 0), (3, 6), direction=["forward"] * 7)
    found = displace(graph, edges(graph, 1), 0.5, FIGURES)
    assert found.moved == pytest.approx(1000.0)  # two lanes of 1,000, half full
    assert found.lost == 0.0
    np.testing.assert_allclose(found.load[edges(graph, 3, 4)], 1.0)
    np.testing.assert_array_equal(found.speed_share[edges(graph, 0, 1, 2, 5, 6)], 1.0)


def test_side_streets_neither_lose_nor_take_traffic() -> None:
    graph = town(*PARALLEL, road_class=["primary"] + ["residential"] * 4 + ["primary"] * 2)
    found = displace(graph, edges(graph, 0, 1), 0.5, FIGURES)
    assert found.moved == 0.0
    np.testing.assert_array_equal(found.speed_share, 1.0)
    assert not main_roads(graph, FIGURES)[edges(graph, 1, 2, 3, 4)].any()


def test_lanes_of_the_map_make_the_capacity_and_a_class_makes_it_without() -> None:
    graph = town((0, 1), (1, 2), (2, 3), lanes=[6.0, np.nan, np.nan],
                 road_class=["primary", "primary", "secondary"],
                 direction=["both", "both", "forward"])  # fmt: skip
    capacity = road_capacity(graph, Displacement())
    assert set(capacity[edges(graph, 0)]) == {3600.0}
    assert set(capacity[edges(graph, 1)]) == {2400.0}
    assert set(capacity[edges(graph, 2)]) == {900.0}


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), load=st.floats(0.0, 2.0), part=st.floats(0.0, 1.0))
def test_no_car_is_made_and_no_road_becomes_faster(seed: int, load: float, part: float) -> None:
    rng = np.random.default_rng(seed)
    streets = [tuple(rng.integers(0, 10, 2).tolist()) for _ in range(25)]
    graph = town(*streets, (10, 11))
    closed = rng.random(graph.n_edges) < part
    found = displace(graph, closed, load, FIGURES)
    capacity = road_capacity(graph, FIGURES)
    assert found.moved + 1e-6 >= 0.0
    main = main_roads(graph, FIGURES)
    shut = traffic._dead_ends(graph, main, main & closed)  # roads that lead into closed ones alone
    assert found.moved + found.lost <= load * capacity[shut].sum() + 1e-6
    assert (found.speed_share <= 1.0).all()
    assert (found.speed_share >= FIGURES.least_share).all()
    again = displace(graph, closed, load, FIGURES)
    np.testing.assert_array_equal(found.speed_share, again.speed_share)


def test_ways_are_bounded_and_the_rest_is_counted() -> None:
    graph = town(*PARALLEL)
    one = Displacement(share=1.0, capacity_per_lane={"primary": 1000.0}, most_ways=1)
    found = displace(graph, edges(graph, 0), 0.6, one)
    assert found.moved == pytest.approx(600.0)
    assert found.lost == pytest.approx(600.0)


def test_hours_slow_the_classes_that_they_name() -> None:
    graph = town((0, 1), (1, 2), road_class=["primary", "service"])
    hours = speed_by_hour(graph)
    assert hours.shape == (24, graph.n_edges)
    assert set(hours[17, edges(graph, 0)]) == {0.6}
    assert set(hours[12]) == {1.0}
    assert set(hours[17, edges(graph, 1)]) == {1.0}
    assert len(LOAD_BY_HOUR) == 24
    assert all(len(row) == 24 for row in SPEED_BY_HOUR.values())


def test_congestion_slows_each_class_by_its_share_and_water_on_top(chain: Make) -> None:
    graph = chain(2)
    car, ambulance = VEHICLE_CLASSES["car"], VEHICLE_CLASSES["ambulance"]
    roads = RoadConditions(graph, [car, ambulance])
    dry_s = roads.travel_time_s.copy()
    roads.set_traffic(np.full(graph.n_edges, 0.6))
    np.testing.assert_array_equal(roads.travel_time_s, dry_s)  # not before the next update
    assert roads.update(np.zeros(graph.n_edges)) == graph.n_edges
    np.testing.assert_allclose(dry_s[0] / roads.travel_time_s[0], 0.6)
    np.testing.assert_allclose(dry_s[1] / roads.travel_time_s[1], 0.8)  # half of the delay
    np.testing.assert_array_equal(roads.dry_travel_time_s, dry_s)
    roads.update(np.full(graph.n_edges, 0.15))
    np.testing.assert_allclose(dry_s[0] / roads.travel_time_s[0], 0.6 * 0.25)
    assert roads.update_known(np.zeros(graph.n_edges)) == graph.n_edges
    np.testing.assert_allclose(dry_s[0] / roads.known_travel_time_s[0], 0.6)
    roads.set_traffic(np.ones(graph.n_edges))
    roads.update(np.zeros(graph.n_edges))
    np.testing.assert_array_equal(roads.travel_time_s, dry_s)


@pytest.mark.parametrize("share", [0.0, -0.5, 1.01, np.nan])
def test_impossible_shares_of_speed_are_refused(chain: Make, share: float) -> None:
    graph = chain(2)
    roads = RoadConditions(graph, [VEHICLE_CLASSES["car"]])
    with pytest.raises(InvalidQuantityError, match="speed_share"):
        roads.set_traffic(np.full(graph.n_edges, share))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"alpha": 0.0}, "alpha must be positive"),
        ({"least_share": 1.5}, "least_share must not be above 1"),
        ({"share": 0.0}, "share must be positive"),
        ({"capacity_per_lane": {"avenue": 1.0}}, "no such class of road"),
        ({"capacity_per_lane": {"primary": -1.0}}, "capacity of a lane"),
    ],
)
def test_impossible_figures_are_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidQuantityError, match=says):
        Displacement(**wrong)


@pytest.mark.parametrize("hours", [{"primary": [1.0] * 23}, {"primary": [0.0] * 24}])
def test_impossible_hours_are_refused(hours: dict[str, list[float]]) -> None:
    with pytest.raises(InvalidQuantityError, match="24 numbers"):
        speed_by_hour(town((0, 1)), hours)
