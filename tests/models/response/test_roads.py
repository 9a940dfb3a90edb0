"""Roads that change under way: re-planning, stranding, turning back, waiting, and their cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

# 0 - 1 - 2 - 3 in a row, 60 s each, and a detour 1 - 4 - 3 of 100 s each.
RING = [(0, 1, 60.0), (1, 2, 60.0), (2, 3, 60.0), (1, 4, 100.0), (4, 3, 100.0)]


def test_a_leg_on_quiet_roads_costs_one_timeout(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0])
    r.call("c", 5)
    r.until(1.0)
    assert [at_s for at_s, *_ in r.env._queue if at_s > 1.0] == [300.0]
    r.until(299.0)
    assert [at_s for at_s, *_ in r.env._queue if at_s > 299.0] == [300.0]
    assert r.of("unit_arrived") == []


def test_a_flooded_edge_ahead_makes_the_unit_take_another_way(graph: Any, run: Any) -> None:
    r = run(graph(RING), ambulances=[0])
    r.call("c", 3)
    r.until(30.0)
    r.change("close", (2, 3), (3, 2))
    r.until(5_000.0)
    assert r.one("unit_rerouted").detail == {"reason": "blocked", "purpose": "to_scene"}
    assert r.one("unit_arrived").time_s == pytest.approx(260.0)
    leg = r.of("unit_drove")[0]
    ways = [(0, 1), (1, 4), (4, 3)]
    assert leg.detail["edges"] == [r.network.edge(a, b) for a, b in ways]


def test_a_slower_way_is_left_only_for_a_quicker_one(graph: Any, run: Any) -> None:
    r = run(graph(RING), ambulances=[0])
    r.call("c", 3)
    r.until(30.0)
    r.network.set_seconds({r.network.edge(2, 3): 90.0})
    r.model.roads_changed()
    r.until(40.0)
    assert r.of("unit_rerouted") == []
    r.network.set_seconds({r.network.edge(2, 3): 500.0})
    r.model.roads_changed()
    r.until(5_000.0)
    assert r.one("unit_rerouted").detail["reason"] == "slower"
    assert r.one("unit_arrived").time_s == pytest.approx(260.0)


def test_speed_is_integrated_while_it_changes(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0])
    r.call("c", 1)
    r.until(30.0)  # half the edge at 60 s, a quarter at 240 s, the last quarter at 120 s
    edge = line.edge(0, 1)
    line.set_seconds({edge: 240.0})
    r.model.roads_changed()
    r.until(90.0)
    line.set_seconds({edge: 120.0})
    r.model.roads_changed()
    r.until(5_000.0)
    assert r.one("unit_arrived").time_s == pytest.approx(30.0 + 60.0 + 30.0)


def test_who_sets_off_later_never_arrives_earlier(line: Any, run: Any) -> None:
    generator = np.random.default_rng(5)
    r = run(line, ambulances=[0] * 12, transport_probability=0.0)
    for k in range(12):
        r.call(f"c{k:02d}", 5)
        for _ in range(4):
            r.until(r.env.now + 5.0)
            line.set_seconds({e: float(generator.uniform(20, 300)) for e in range(10)})
            r.model.roads_changed()
    r.until(20_000.0)
    arrivals = {event.incident: event.time_s for event in r.of("unit_arrived")}
    assert [arrivals[name] for name in sorted(arrivals)] == sorted(arrivals.values())
    assert len(arrivals) == 12


def test_water_under_a_unit_strands_it_and_another_is_sent(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0, 5], transport_probability=0.0)
    r.call("c", 2)
    r.until(90.0)
    r.change("close", (1, 2), (2, 1))
    r.until(2_000.0)
    stranded = r.one("unit_stranded")
    assert (stranded.unit, stranded.time_s, stranded.x_m) == ("A0", 90.0, 150.0)
    assert stranded.detail == {
        "edge": line.edge(1, 2),
        "fraction": 0.5,
        "purpose": "to_scene",
    }
    assert r.one("incident_redispatched").detail["reason"] == "stranded"
    assert r.one("unit_arrived").unit == "A1"
    assert r.one("unit_arrived").time_s == pytest.approx(90.0 + 180.0)
    r.change("open", (1, 2), (2, 1))
    r.until(5_000.0)
    assert r.one("unit_freed").value == pytest.approx(1_910.0)
    assert r.one("unit_idle", unit="A0").time_s == pytest.approx(2_000.0 + 30.0 + 60.0)


def test_a_stranded_unit_is_recovered_only_if_the_road_stays_passable(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], stranding_recovery_s=600.0)
    r.call("c", 2)
    r.until(90.0)
    r.change("close", (1, 2), (2, 1))
    r.until(200.0)
    r.change("open", (1, 2), (2, 1))
    r.until(500.0)
    r.change("close", (1, 2), (2, 1))
    r.until(2_000.0)
    assert r.of("unit_freed") == []
    r.change("open", (1, 2), (2, 1))
    r.until(10_000.0)
    assert r.one("unit_freed").time_s == pytest.approx(2_600.0)


def test_a_unit_still_stranded_at_the_end_is_lost(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0])
    r.call("c", 2)
    r.until(90.0)
    r.change("close", (1, 2), (2, 1))
    r.until(1_000.0)
    r.model.finish()
    assert r.one("unit_lost").value == pytest.approx(910.0)
    assert r.one("incident_unserved").detail["reason"] == "no unit free"


def test_a_patient_on_board_goes_on_when_the_water_falls(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], hospitals={5: 1})
    r.call("c", 1)
    r.until(690.0)
    r.change("close", (1, 2), (2, 1))
    assert r.model.hospitals[0].kept == 1
    r.until(1_000.0)
    assert r.one("unit_stranded").detail["purpose"] == "to_hospital"
    assert r.model.hospitals[0].kept == 0
    r.change("open", (1, 2), (2, 1))
    r.until(20_000.0)
    assert r.one("hospital_reached").time_s == pytest.approx(1_000.0 + 30.0 + 180.0)
    assert r.one("incident_closed").detail["transported"] == 1


def test_a_barrier_behind_a_unit_does_not_strand_it(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0])
    r.call("c", 2)
    r.until(90.0)
    r.change("bar", (1, 2), (2, 1))
    r.until(5_000.0)
    assert r.of("unit_stranded") == []
    assert r.one("unit_arrived").time_s == pytest.approx(120.0)


def test_a_unit_recalled_on_a_barred_edge_drives_on_to_its_end(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], transport_probability=0.0)
    r.call("c", 3)
    r.until(90.0)
    r.change("bar", (1, 2), (2, 1))
    r.model.set_unit_service("A0", in_service=False)
    r.until(1_000.0)
    assert r.one("unit_waiting").node == 2
    assert r.one("unit_waiting").time_s == pytest.approx(120.0)


def test_a_unit_turns_round_where_its_way_leads_back(graph: Any, run: Any) -> None:
    detour = [(0, 1, 60.0), (1, 2, 100.0), (2, 3, 60.0), (0, 4, 200.0), (4, 3, 200.0)]
    r = run(graph(detour), ambulances=[0])
    r.call("c", 3)
    r.until(30.0)
    r.change("close", (1, 2), (2, 1))
    r.until(5_000.0)
    assert r.one("unit_rerouted").detail["reason"] == "turned_back"
    assert r.one("unit_arrived").time_s == pytest.approx(30.0 + 30.0 + 400.0)
    ended = [(leg.detail["ended"], leg.value) for leg in r.of("unit_drove")[:2]]
    assert ended == [("blocked", pytest.approx(50.0)), ("arrived", pytest.approx(250.0))]


def test_a_unit_cannot_turn_round_on_a_one_way_street(graph: Any, run: Any) -> None:
    ways = [(0, 1, 60.0), (1, 2, 60.0), (1, 3, 90.0), (3, 0, 90.0), (0, 4, 90.0), (4, 2, 90.0)]
    r = run(graph(ways, both_ways=False), ambulances=[0])
    r.call("c", 2)
    r.until(30.0)
    r.change("close", (1, 2))
    r.until(1_000.0)
    assert r.one("unit_rerouted").detail["reason"] == "blocked"
    assert r.one("unit_arrived").time_s == pytest.approx(60.0 + 4 * 90.0)


def test_without_any_way_left_the_incident_goes_to_another_unit(graph: Any, run: Any) -> None:
    ways = [(0, 1, 60.0), (1, 2, 60.0), (2, 3, 600.0), (1, 4, 100.0), (4, 3, 100.0)]
    r = run(graph(ways), ambulances=[0, 3], transport_probability=0.0)
    r.call("c", 2)
    r.until(1.0)
    assert r.one("unit_assigned").unit == "A0"
    r.change("close", (1, 2), (2, 1), (1, 4), (4, 1))
    r.until(5_000.0)
    assert r.one("incident_redispatched").detail["reason"] == "no way to the scene"
    assert r.one("unit_arrived").unit == "A1"
    assert r.of("unit_idle", unit="A0") != []


def test_an_incident_out_of_reach_is_tried_again_when_the_roads_open(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0])
    line.close((2, 3), (3, 2))
    r.call("cut off", 4)
    r.call("near", 1)
    r.until(1_000.0)
    assert r.one("incident_queued").detail["reason"] == "no free unit can reach it"
    assert r.one("unit_arrived").incident == "near"
    r.change("open", (2, 3), (3, 2))
    r.until(5_000.0)
    assert r.one("unit_arrived", incident="cut off").time_s == pytest.approx(1_240.0)


def test_an_incident_out_of_reach_to_the_end_is_a_result(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0])
    line.close((2, 3), (3, 2))
    r.call("cut off", 4)
    r.until(1_000.0)
    r.model.finish()
    assert r.one("incident_unserved").detail["reason"] == "no free unit can reach it"


def test_unreachable_requests_are_not_searched_for_again_without_cause(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0, 0])
    line.close((3, 4), (4, 3))
    for k in range(50):
        r.call(f"c{k}", 5)
    r.until(1.0)
    asked = line.queries
    r.call("near", 1)  # one unit goes and comes back: one new candidate per waiting request
    r.until(5_000.0)
    assert line.queries - asked <= 50 + 10


def test_a_unit_without_a_way_home_waits_and_can_still_be_sent(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], transport_probability=0.0)
    r.call("c", 4)
    r.until(300.0)
    r.change("close", (0, 1), (1, 0))
    r.until(2_000.0)
    assert r.one("unit_waiting").detail["reason"] == "no way to the station"
    r.call("d", 5)
    r.until(4_000.0)
    assert r.one("unit_arrived", incident="d").time_s == pytest.approx(2_060.0)
    r.change("open", (0, 1), (1, 0))
    r.until(9_000.0)
    assert r.one("unit_resumed").time_s == pytest.approx(4_000.0)
    assert r.one("unit_idle").time_s == pytest.approx(4_300.0)


def test_a_day_of_changes_every_minute_is_cheap_where_nothing_changes_ahead(
    graph: Any, run: Any
) -> None:
    network = graph([*[(k, k + 1, 60.0) for k in range(2_000)], (2_000, 2_001, 1.0)])
    r = run(network, ambulances=[0] * 60)
    for k in range(60):
        r.call(f"c{k}", 1_500)
    r.until(1.0)
    asked = network.queries
    far = network.edge(2_000, 2_001)
    for minute in range(1, 1_441):
        r.until(60.0 * minute)
        network.set_seconds({far: 1.0 + minute % 2})
        r.model.roads_changed()
    assert network.queries == asked
    assert r.of("unit_rerouted") == []


@pytest.mark.parametrize("hospitals", [{}, {5: None}, {5: 1, 4: None}])
def test_a_driver_who_meets_what_nobody_knew_ends_there_and_never_hangs(
    line: Any, run: Any, hospitals: Any
) -> None:
    line.known_s = line.dry_s  # nobody hears of closures
    r = run(line, ambulances=[0, 0], hospitals=hospitals, transport_wait_limit_s=900.0)
    line.close((2, 3), (3, 2))
    r.call("near", 2)
    r.call("beyond", 4)
    r.until(20_000.0)
    r.model.finish()
    met = [leg for leg in r.of("unit_drove") if leg.detail["ended"] == "blocked"]
    assert {leg.node for leg in met} == {2}
    assert r.one("unit_arrived").incident == "near"
    assert r.one("incident_closed").detail["treated_on_scene"] == 1
    assert r.one("incident_unserved").incident == "beyond"
    assert {event.unit for event in r.of("unit_idle")} == {"A0", "A1"}
