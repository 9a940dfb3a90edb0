"""Drivers meet what is true, where the dispatcher knows something else."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.response import AtWater, MeetsTruth

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RING = [(0, 1, 60.0), (1, 2, 60.0), (2, 3, 60.0), (1, 4, 100.0), (4, 3, 100.0)]


@pytest.fixture
def unaware(graph: Any) -> Callable[..., Any]:
    """Return the maker of networks whose closures nobody knows until a driver tells."""

    class Unaware(graph):  # type: ignore[misc]  # the class comes from a fixture
        knows_all = False

        def __init__(self, edges: Any, way: AtWater) -> None:
            super().__init__(edges)
            self.known_s = self.dry_s.copy()
            self.way = way

        def known_seconds(self, vehicle_class: int, edges: NDArray[np.int64]) -> Any:
            del vehicle_class
            return self.known_s[edges]

        def meet(self, edge: int, now_s: float) -> bool:
            del now_s
            edges = [edge, self.edge_reverse(edge)]
            news = bool((np.isinf(self.now_s[edges]) != np.isinf(self.known_s[edges])).any())
            self.known_s[edges] = self.now_s[edges]
            self.version += news
            return news

        def at_water(self, vehicle_class: int) -> AtWater:
            del vehicle_class
            return self.way

    def make(edges: Any = RING, does: str = "turn_back", wait_s: float = 0.0) -> Unaware:
        network = Unaware(edges, AtWater(does, wait_s))
        assert isinstance(network, MeetsTruth)
        return network

    return make


def test_a_driver_finds_out_turns_back_and_loses_the_detour(unaware: Any, run: Any) -> None:
    network = unaware()
    r = run(network, ambulances=[0], transport_probability=0.0)
    network.close((2, 3), (3, 2))
    r.call("c", 3)
    r.until(2_000.0)
    found = r.one("road_found_closed")
    assert found.time_s == pytest.approx(120.0)
    assert found.node == 2
    # From node 2: 60 s were expected; back to 1 and over 4 takes 260 s.
    assert found.value == pytest.approx(200.0)
    assert found.detail == {
        "edge": network.edge(2, 3),
        "purpose": "to_scene",
        "does": "turn_back",
        "water": True,
        "way_left": True,
    }
    assert r.one("unit_arrived").time_s == pytest.approx(380.0)


def test_what_one_driver_found_the_next_one_knows(unaware: Any, run: Any) -> None:
    network = unaware()
    r = run(network, ambulances=[0, 0], transport_probability=0.0)
    network.close((2, 3), (3, 2))
    r.call("first", 3)
    r.until(130.0)
    r.call("second", 3)
    r.until(3_000.0)
    assert len(r.of("road_found_closed")) == 1
    assert r.one("unit_arrived", incident="second").time_s == pytest.approx(130.0 + 260.0)


def test_a_unit_under_way_is_warned_before_it_gets_there(unaware: Any, run: Any) -> None:
    network = unaware()
    r = run(network, ambulances=[0], transport_probability=0.0)
    r.call("c", 3)
    r.until(30.0)
    network.close((2, 3), (3, 2))
    r.model.roads_changed()
    r.until(50.0)
    assert not r.of("unit_rerouted")
    network.meet(network.edge(2, 3), 50.0)  # somebody else tells
    r.model.roads_changed()
    r.until(2_000.0)
    assert r.one("unit_rerouted").detail["reason"] == "warned"
    assert r.one("unit_arrived").time_s == pytest.approx(60.0 + 200.0)
    assert not r.of("road_found_closed")


def test_a_unit_that_hears_that_no_way_is_left_gives_up(unaware: Any, run: Any) -> None:
    network = unaware([(k, k + 1, 60.0) for k in range(4)])
    r = run(network, ambulances=[0], transport_probability=0.0)
    r.call("c", 4)
    r.until(90.0)
    network.close((2, 3), (3, 2))
    network.meet(network.edge(2, 3), 90.0)
    r.model.roads_changed()
    r.until(2_000.0)
    r.model.finish()
    assert r.one("unit_returning").detail["reason"] == "no way to the scene"
    assert r.one("incident_unserved").detail["reason"] == "no free unit can reach it"


def test_where_no_way_is_left_another_unit_is_looked_for_and_nothing_hangs(
    unaware: Any, run: Any
) -> None:
    network = unaware([(k, k + 1, 60.0) for k in range(4)])
    r = run(network, ambulances=[0, 0, 0], transport_probability=0.0)
    network.close((2, 3), (3, 2))
    r.call("c", 4)
    r.until(10_000.0)
    r.model.finish()
    found = r.one("road_found_closed")
    assert math.isnan(found.value)
    assert found.detail["way_left"] is False
    assert r.one("incident_unserved").detail["reason"] == "no free unit can reach it"
    assert len(r.of("unit_assigned")) == 1


def test_a_unit_before_closed_water_at_its_own_door_finds_every_way_out(
    unaware: Any, run: Any
) -> None:
    network = unaware([(0, 1, 60.0), (0, 2, 70.0), (0, 3, 80.0), (1, 4, 1.0), (2, 4, 1.0),
                       (3, 4, 1.0)])  # fmt: skip
    r = run(network, ambulances=[0], transport_probability=0.0)
    network.close((0, 1), (1, 0), (0, 2), (2, 0))
    r.call("c", 4)
    r.until(2_000.0)
    assert [event.time_s for event in r.of("road_found_closed")] == [0.0, 0.0]
    assert r.one("unit_arrived").time_s == pytest.approx(81.0)


@pytest.mark.parametrize(
    ("falls_at_s", "passed", "arrives_s"), [(300, True, 360), (900, False, 980)]
)
def test_a_driver_may_wait_for_the_water_to_fall(
    unaware: Any, run: Any, falls_at_s: float, passed: bool, arrives_s: float
) -> None:
    network = unaware(does="wait", wait_s=600.0)
    r = run(network, ambulances=[0], transport_probability=0.0)
    network.close((2, 3), (3, 2))
    r.call("c", 3)
    r.until(falls_at_s)
    r.change("open", (2, 3), (3, 2))
    r.until(3_000.0)
    waited = r.one("waited_at_water")
    assert waited.detail["passed"] is passed
    assert waited.value == pytest.approx(min(falls_at_s - 120.0, 600.0))
    assert waited.detail["lost_s"] == pytest.approx(waited.value + (0.0 if passed else 200.0))
    assert r.one("unit_arrived").time_s == pytest.approx(arrives_s)


def test_a_waiting_driver_can_be_called_off(unaware: Any, run: Any) -> None:
    network = unaware(does="wait", wait_s=6_000.0)
    r = run(network, ambulances=[0], transport_probability=0.0)
    network.close((2, 3), (3, 2))
    r.call("c", 3)
    r.until(300.0)
    r.model.set_unit_service("A0", in_service=False)
    r.until(1_000.0)
    assert r.one("waited_at_water").value == pytest.approx(180.0)
    assert r.one("unit_out_of_service").time_s == pytest.approx(420.0)


def test_a_vehicle_that_stalls_strands_in_the_water_until_it_falls(unaware: Any, run: Any) -> None:
    network = unaware(does="stall")
    r = run(network, ambulances=[0, 0], transport_probability=0.0)
    network.close((2, 3), (3, 2))
    r.call("c", 3)
    r.until(1_000.0)
    stranded = r.one("unit_stranded")
    assert stranded.time_s == pytest.approx(120.0)
    assert stranded.detail["edge"] == network.edge(2, 3)
    assert r.one("unit_arrived").unit == "A1"
    r.change("open", (2, 3), (3, 2))
    r.until(3_000.0)
    assert r.one("unit_freed").time_s == pytest.approx(1_000.0)
    assert "unit_idle" in r.kinds(unit="A0")


def test_nobody_stalls_or_waits_at_a_barrier(unaware: Any, run: Any) -> None:
    network = unaware(does="stall")
    r = run(network, ambulances=[0], transport_probability=0.0)
    network.bar((2, 3), (3, 2))
    r.call("c", 3)
    r.until(2_000.0)
    assert not r.of("unit_stranded")
    assert r.one("road_found_closed").detail["does"] == "turn_back"


def test_a_patient_is_driven_round_what_the_driver_finds(unaware: Any, run: Any) -> None:
    network = unaware()
    r = run(network, ambulances=[0], hospitals={3: None})
    network.close((2, 3), (3, 2))
    r.call("c", 0)
    r.until(4_000.0)
    assert r.one("road_found_closed").detail["purpose"] == "to_hospital"
    assert r.one("hospital_reached").value == pytest.approx(380.0)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.integers(0, 100_000),
    does=st.sampled_from(["turn_back", "wait", "stall"]),
    told=st.floats(0.0, 1.0),
)
def test_every_call_ends_once_whatever_closes_and_whoever_hears_of_it(
    unaware: Any, run: Any, seed: int, does: str, told: float
) -> None:
    rng = np.random.default_rng(seed)
    ways = [(k, int(rng.integers(0, k)), float(rng.integers(20, 200))) for k in range(1, 12)]
    ways += [(int(a), int(b), 90.0) for a, b in rng.integers(0, 12, (8, 2)) if a != b]
    network = unaware(list({frozenset(way[:2]): way for way in ways}.values()), does, 400.0)
    r = run(network, ambulances=[0, 0, 3], engines=[5], hospitals={1: 2, 7: None})
    for k in range(60):
        a, b, _ = ways[int(rng.integers(0, len(ways)))]
        both = ((a, b), (b, a))
        getattr(network, str(rng.choice(["close", "close", "bar", "open"])))(*both)
        if rng.random() < told:
            network.meet(network.edge(a, b), float(r.env.now))
        r.model.roads_changed()
        if k < 20:
            r.call(f"c{k}", int(rng.integers(0, 12)), str(rng.choice(["medical", "house_fire"])))
        r.until(120.0 * (k + 1))
    r.until(60_000.0)
    r.model.finish()
    ends = ("incident_closed", "incident_unserved", "incident_unfinished")
    assert sorted(e.incident for kind in ends for e in r.of(kind)) == sorted(
        f"c{k}" for k in range(20)
    )
    assert len(r.events) < 5_000
    assert all(a.time_s <= b.time_s for a, b in pairwise(r.events))
