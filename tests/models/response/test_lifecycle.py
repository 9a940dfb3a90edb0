"""One unit, one incident: the phases in their order and at their times."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import InternalError, InvalidQuantityError
from models.response import Constant


def test_an_ambulance_passes_through_every_phase_at_its_time(line: Any, run: Any) -> None:
    r = run(
        line,
        ambulances=[0],
        hospitals={5: None},
        call_taking=Constant(30.0),
        dispatch_delay=Constant(20.0),
        turnout={"ambulance": Constant(60.0), "fire": Constant(80.0)},
        loading=Constant(15.0),
        clearing=Constant(45.0),
    )
    r.call("c", 2)
    r.until(10_000.0)
    r.model.finish()
    told = [(event.kind, event.time_s) for event in r.events]
    assert told == [
        ("call_received", 0.0),
        ("call_answered", 30.0),
        ("unit_assigned", 50.0),
        ("unit_mobile", 110.0),
        ("unit_drove", 230.0),
        ("unit_arrived", 230.0),
        ("on_scene_done", 830.0),
        ("patient_loaded", 845.0),
        ("hospital_chosen", 845.0),
        ("unit_drove", 1025.0),
        ("hospital_reached", 1025.0),
        ("handover_started", 1025.0),
        ("handover_done", 1325.0),
        ("incident_closed", 1370.0),
        ("unit_returning", 1370.0),
        ("unit_drove", 1670.0),
        ("unit_idle", 1670.0),
    ]
    arrival = r.one("unit_arrived")
    assert arrival.value == 230.0
    assert (arrival.node, arrival.x_m, arrival.y_m) == (2, 200.0, 0.0)
    assert arrival.detail == {
        "first": True,
        "complete": True,
        "target_s": 900.0,
        "within_target": True,
    }


def test_every_leg_tells_the_edges_that_were_driven(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], hospitals={5: None})
    r.call("c", 2)
    r.until(10_000.0)
    legs = r.of("unit_drove")
    assert [leg.detail["purpose"] for leg in legs] == ["to_scene", "to_hospital", "to_station"]
    assert [leg.value for leg in legs] == [200.0, 300.0, 500.0]
    assert legs[0].detail["edges"] == [line.edge(0, 1), line.edge(1, 2)]
    assert [(leg.detail["node_from"], leg.detail["node_to"]) for leg in legs] == [
        (0, 2),
        (2, 5),
        (5, 0),
    ]


def test_a_returning_unit_is_sent_from_where_it_is(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], transport_probability=0.0)
    r.call("first", 5)
    r.until(990.0)  # on its way home since 900 s, halfway between nodes 4 and 3
    r.call("second", 2)
    r.until(5_000.0)
    assigned = r.one("unit_assigned", incident="second")
    assert assigned.value == pytest.approx(30.0 + 60.0)
    assert r.one("unit_arrived", incident="second").time_s == pytest.approx(1080.0)
    recalled = next(leg for leg in r.of("unit_drove") if leg.detail["ended"] == "recalled")
    assert recalled.value == pytest.approx(150.0)
    assert recalled.detail["end_fraction"] == pytest.approx(0.5)


def test_waiting_incidents_are_served_by_priority_and_then_in_order(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], transport_probability=0.0)
    r.call("busy", 1, priority=3)
    r.until(1.0)
    for name, priority in (("low", 3), ("high-1", 1), ("high-2", 1), ("middle", 2)):
        r.call(name, 1, priority=priority)
        r.until(r.env.now + 1.0)
    r.until(50_000.0)
    order = [event.incident for event in r.of("unit_arrived")]
    assert order == ["busy", "high-1", "high-2", "middle", "low"]
    assert [e.incident for e in r.of("incident_queued")] == ["low", "high-1", "high-2", "middle"]
    assert {e.detail["reason"] for e in r.of("incident_queued")} == {"no unit free"}


def test_no_fleet_leaves_every_call_unserved_and_says_why(line: Any, run: Any) -> None:
    r = run(line, hospitals={5: None})
    r.call("c", 1)
    r.until(100.0)
    r.model.finish()
    assert r.one("incident_queued").detail["reason"] == "no unit in service"
    assert r.one("incident_unserved").detail == {
        "reason": "no unit in service",
        "arrived": {},
        "missing": {"ambulance": 1},
    }


def test_no_hospital_means_treatment_on_scene(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0])
    r.call("c", 1)
    r.until(5_000.0)
    assert r.one("treated_on_scene").detail["reason"] == "no hospital"
    assert r.one("incident_closed").detail["treated_on_scene"] == 1


def test_a_patient_whom_no_hospital_can_take_is_kept_within_the_limit(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], hospitals={5: None}, transport_wait_limit_s=1_000.0)
    line.close((4, 5), (5, 4))
    r.call("c", 1)
    r.until(5_000.0)
    assert r.one("unit_waiting").time_s == pytest.approx(660.0)
    given_up = r.one("treated_on_scene")
    assert given_up.detail["reason"] == "no hospital can be reached"
    assert given_up.time_s == pytest.approx(1_660.0)
    assert r.one("incident_closed").detail["treated_on_scene"] == 1


def test_a_waiting_patient_leaves_as_soon_as_a_road_opens(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], hospitals={5: None})
    line.close((4, 5), (5, 4))
    r.call("c", 1)
    r.until(1_000.0)
    r.change("open", (4, 5), (5, 4))
    r.until(5_000.0)
    assert r.one("unit_resumed").value == pytest.approx(340.0)
    assert r.one("hospital_reached").time_s == pytest.approx(1_240.0)


def test_each_casualty_gets_an_ambulance(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0, 0, 0], hospitals={5: None})
    r.call("c", 1, kind="trauma", casualties=3)
    r.until(9_000.0)
    assert len(r.of("unit_arrived")) == 3
    assert [e.detail["complete"] for e in r.of("unit_arrived")] == [False, False, True]
    assert r.one("incident_closed").detail["transported"] == 3


def test_a_unit_out_of_service_on_its_way_is_replaced(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0, 5], transport_probability=0.0)
    r.call("c", 2)
    r.until(30.0)
    r.model.set_unit_service("A0", in_service=False)
    r.until(5_000.0)
    assert r.one("unit_stood_down").unit == "A0"
    assert r.one("incident_redispatched").detail["reason"] == "unit out of service"
    assert r.one("unit_arrived").unit == "A1"
    assert r.one("unit_out_of_service").unit == "A0"
    r.model.set_unit_service("A0", in_service=True)
    r.call("d", 1)
    r.until(10_000.0)
    assert r.one("unit_arrived", incident="d").unit == "A0"


def test_a_unit_at_work_finishes_before_it_goes_out_of_service(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], transport_probability=0.0)
    r.call("c", 2)
    r.until(300.0)
    r.model.set_unit_service("A0", in_service=False)
    r.call("d", 2)
    r.until(5_000.0)
    r.model.finish()
    assert r.one("incident_closed").incident == "c"
    assert r.one("unit_out_of_service").time_s == pytest.approx(840.0)
    assert r.one("incident_unserved").incident == "d"


def test_a_run_that_ends_under_way_accounts_for_everything(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0, 0])
    r.call("reached", 1)
    r.until(70.0)
    r.call("coming", 5)
    r.until(100.0)
    r.model.finish()
    assert r.one("incident_unfinished").incident == "reached"
    unserved = r.one("incident_unserved")
    assert unserved.incident == "coming"
    assert unserved.detail["reason"] == "the run ended before arrival"
    leg = r.one("unit_drove", unit="A1")
    assert leg.detail["ended"] == "run_end"
    assert leg.value == pytest.approx(50.0)
    with pytest.raises(InternalError, match="finished"):
        r.call("late", 1)


def test_a_name_is_used_once(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0])
    r.call("c", 1)
    with pytest.raises(InvalidQuantityError, match="already reported"):
        r.call("c", 2)


def test_an_unknown_kind_is_refused_with_those_there_are(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0])
    with pytest.raises(InvalidQuantityError, match="house_fire"):
        r.call("c", 1, kind="meteor")


def test_looking_at_units_changes_nothing(line: Any, run: Any) -> None:
    def events(*, look: bool) -> list[Any]:
        r = run(line, ambulances=[0, 5], hospitals={3: 1})
        for k in range(6):
            r.call(f"c{k}", k % 5)
            for _ in range(7):
                r.until(r.env.now + 13.7)
                if look:
                    r.model.unit_positions()
                    r.model.snapshot()
        r.until(20_000.0)
        return [(e.time_s, e.kind, e.unit, e.incident) for e in r.events]

    assert events(look=True) == events(look=False)


def test_positions_lie_on_the_way(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0])
    r.call("c", 3)
    r.until(90.0)
    where = r.model.unit_positions()
    assert where.x_m[0] == pytest.approx(150.0)
    assert (where.node[0], where.edge[0]) == (2, line.edge(1, 2))
    assert where.fraction[0] == pytest.approx(0.5)
