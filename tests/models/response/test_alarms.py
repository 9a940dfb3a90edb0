"""Run cards: how many of what at which alarm; and neighbours that come to help."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from models.errors import InvalidQuantityError
from models.response import Aid, Alarm, Constant, FireParameters, ResponseParameters, most_asked

if TYPE_CHECKING:
    from collections.abc import Callable

CARD = (
    Alarm(needs={"fire": 1}),
    Alarm(needs={"fire": 1, "ambulance": 1}, after_s=900.0),
    Alarm(needs={"fire": 1}, after_s=1800.0),
)


def test_a_run_card_sends_more_units_alarm_by_alarm(line: Any, run: Callable[..., Any]) -> None:
    fire = FireParameters(work=Constant(3000.0), set_up_s=0.0, reference_area_m2=100.0)
    r = run(line, engines=[0, 0, 0], ambulances=[0], fire=fire, run_cards={"house_fire": CARD})
    r.call("f", 2, "house_fire")
    r.until(4 * 3600)
    assert [(e.value, e.time_s) for e in r.of("alarm_raised")] == [(2.0, 900.0), (3.0, 1800.0)]
    assert [e.time_s for e in r.of("unit_assigned", service="fire")] == [0.0, 900.0, 1800.0]
    assert r.one("unit_assigned", service="ambulance").time_s == 900.0
    assert len(r.of("incident_closed")) == 1
    assert r.of("incident_unserved") == []


def test_an_incident_that_is_over_raises_no_alarm(line: Any, run: Callable[..., Any]) -> None:
    card = (Alarm(needs={"ambulance": 1}), Alarm(needs={"ambulance": 1}, after_s=2000.0))
    r = run(line, ambulances=[0, 0], hospitals={1: None}, run_cards={"medical": card})
    r.call("m", 1)
    r.until(4 * 3600)
    assert r.of("alarm_raised") == []
    assert len(r.of("unit_assigned")) == 1


def test_a_fire_that_grows_raises_its_alarm_by_area(line: Any, run: Callable[..., Any]) -> None:
    fire = FireParameters(
        work=Constant(600.0), set_up_s=60.0, growth_kw_s2=0.0469, heat_kw_m2=250.0
    )
    card = (Alarm(needs={"fire": 1}), Alarm(needs={"fire": 1}, area_m2=120.0))
    r = run(line, engines=[0, 0], fire=fire, run_cards={"house_fire": card})
    r.call("f", 5, "house_fire", fire_area_m2=100.0)
    r.until(4 * 3600)
    raised = r.one("alarm_raised")
    grown_s = math.sqrt(20.0 * 250.0 / 0.0469)
    assert raised.time_s == pytest.approx(grown_s)
    assert grown_s < 300.0 + 60.0  # before there is water on it
    assert raised.detail["reason"] == "area"
    area_m2 = r.one("fire_out").detail["area_m2"]
    assert area_m2 == pytest.approx(100.0 + 0.0469 * 360.0**2 / 250.0)


def test_water_in_time_keeps_a_fire_from_growing(line: Any, run: Callable[..., Any]) -> None:
    fire = FireParameters(work=Constant(600.0), set_up_s=0.0, growth_kw_s2=0.0469)
    card = (Alarm(needs={"fire": 1}), Alarm(needs={"fire": 1}, area_m2=200.0))
    r = run(line, engines=[0, 0], fire=fire, run_cards={"house_fire": card})
    r.call("f", 1, "house_fire", fire_area_m2=100.0)
    r.until(4 * 3600)
    assert r.of("alarm_raised") == []


def test_neighbours_come_when_the_queue_is_long(line: Any, run: Callable[..., Any]) -> None:
    aid = Aid(id="next", service="ambulance", units=("A1",), delay_s=1200.0, queue=2)
    r = run(line, ambulances=[0, 0], hospitals={1: None}, aid=[aid])
    for name in ("a", "b", "c"):
        r.call(name, 1)
    r.until(10)
    assert r.one("aid_called").detail["reason"] == "queue"
    assert {e.unit for e in r.of("unit_assigned")} == {"A0"}
    r.until(1201)
    assert r.one("unit_in_service").unit == "A1"
    r.until(4 * 3600)
    assert len(r.of("incident_closed")) == 3
    assert len(r.of("aid_called")) == 1


def test_a_card_that_asks_for_nobody_or_for_ever_is_refused() -> None:
    for card in (
        (),
        (Alarm(needs={"fire": 0}),),
        (Alarm(needs={"fire": 1}), Alarm(needs={"fire": 1})),
        (CARD[0], CARD[2], CARD[1]),
    ):
        with pytest.raises(InvalidQuantityError):
            ResponseParameters(run_cards={"house_fire": card})
    assert most_asked(CARD) == {"fire": 3, "ambulance": 1}
