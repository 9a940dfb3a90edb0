"""Units that go by order: at their time, waiting, refused, and handed back to the policy."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import InvalidQuantityError
from models.response import KnownCourse, KnownWork


def test_by_orders_the_ordered_unit_goes_though_another_is_nearer(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0, 4])
    r.model.dispatch_by(orders_only=True)
    r.call("a", 5)
    r.until(100.0)
    assert not r.of("unit_assigned")
    r.model.order("A0", "a")
    r.until(1000.0)
    assert r.one("unit_assigned").time_s == 100.0
    assert r.one("unit_arrived", unit="A0").value == 400.0
    assert not r.of("unit_arrived", unit="A1")


def test_an_order_beside_the_policy_takes_a_place_before_the_policy_fills_it(
    run: Any, line: Any
) -> None:
    r = run(line, ambulances=[0, 4])
    r.call("a", 5, known=KnownCourse(alert_after_s=120.0))
    r.until(30.0)
    r.model.order("A0", "a")
    r.until(2000.0)
    assert [event.unit for event in r.of("unit_assigned")] == ["A0"]
    assert r.one("incident_closed").detail["arrived"] == {"ambulance": 1}


def test_an_order_to_a_busy_unit_waits_until_it_is_free(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0], transport_probability=0.0)
    r.model.dispatch_by(orders_only=True)
    r.call("a", 1)
    r.call("b", 2)
    r.until(1.0)
    r.model.order("A0", "a")
    r.model.order("A0", "b")
    r.until(5000.0)
    assert r.one("order_waiting").detail["reason"] == "not free"
    # 60 s to a, 600 s there, 60 s on to b
    assert r.one("unit_arrived", incident="b").time_s == 1.0 + 60.0 + 600.0 + 60.0


def test_an_order_without_a_way_is_obeyed_when_the_road_opens(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0])
    r.model.dispatch_by(orders_only=True)
    r.change("close", (2, 3), (3, 2))
    r.call("a", 5)
    r.until(10.0)
    r.model.order("A0", "a")
    r.until(500.0)
    assert r.one("order_waiting").detail["reason"] == "no way to the scene"
    r.change("open", (2, 3), (3, 2))
    r.until(2000.0)
    assert r.one("unit_arrived").time_s == 800.0


def test_a_unit_that_is_stranded_under_orders_is_sent_again_when_freed(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0])
    r.model.dispatch_by(orders_only=True)
    r.call("a", 5)
    r.until(1.0)
    r.model.order("A0", "a")
    r.until(90.0).change("close", (1, 2), (2, 1))
    r.until(1000.0).change("open", (1, 2), (2, 1))
    r.until(5000.0)
    assert len(r.of("unit_stranded")) == 1
    assert r.one("unit_arrived").unit == "A0"


def test_an_order_for_which_no_place_is_left_is_refused(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0, 1])
    r.call("a", 5)
    r.until(10.0)
    r.model.order("A0", "a")
    assert r.one("order_refused").detail["reason"] == "no unit of its service is wanted"
    r.until(9000.0)
    r.model.order("A0", "a")
    assert r.of("order_refused")[-1].detail["reason"] == "over"


def test_when_the_policy_takes_over_it_serves_what_waits(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0, 4])
    r.model.dispatch_by(orders_only=True)
    r.call("a", 5)
    r.until(300.0)
    r.model.dispatch_by(orders_only=False)
    r.until(1000.0)
    assert r.one("unit_arrived").unit == "A1"
    assert r.one("unit_arrived").time_s == 360.0


def test_known_durations_stand_in_for_drawn_ones(run: Any, line: Any) -> None:
    work = KnownWork(
        turnout_s=33.0, on_scene_s=77.0, transported=True, handover_s=11.0, clearing_s=5.0
    )
    known = KnownCourse(alert_after_s=44.0, work={"ambulance": (work,)})
    r = run(line, ambulances=[0], hospitals={5: None})
    r.call("a", 2, known=known)
    r.until(5000.0)
    assert r.one("unit_assigned").time_s == 44.0
    assert r.one("unit_mobile").value == 33.0
    assert r.one("on_scene_done").value == 77.0
    assert r.one("handover_done").value == 11.0
    assert r.one("incident_closed").time_s == 44.0 + 33.0 + 120.0 + 77.0 + 180.0 + 11.0 + 5.0


def test_a_known_time_on_scene_replaces_the_fire(run: Any, line: Any) -> None:
    known = KnownCourse(work={"fire": (KnownWork(on_scene_s=50.0),)})
    r = run(line, engines=[0], hydrants=[1])
    r.call("a", 2, kind="house_fire", needs={"fire": 1}, known=known)
    r.until(5000.0)
    assert r.one("on_scene_done").value == 50.0
    assert not r.of("fire_out")


def test_a_unit_that_was_asked_for_later_is_asked_for_then(run: Any, line: Any) -> None:
    work = (KnownWork(on_scene_s=900.0), KnownWork(asked_after_s=600.0))
    r = run(line, engines=[0, 0])
    r.call("a", 2, kind="house_fire", needs={"fire": 2}, known=KnownCourse(work={"fire": work}))
    r.until(5000.0)
    assert [event.time_s for event in r.of("unit_assigned")] == [0.0, 600.0]


def test_orders_to_nobody_or_to_no_incident_are_refused_loudly(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0])
    with pytest.raises(InvalidQuantityError, match="no such incident"):
        r.model.order("A0", "a")
    with pytest.raises(InvalidQuantityError, match="no such unit"):
        r.model.order("A9", "a")
    with pytest.raises(InvalidQuantityError, match="on_scene_s"):
        KnownWork(on_scene_s=-1.0)
