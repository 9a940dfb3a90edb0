"""Vehicles that refuel at their station."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import InvalidQuantityError
from models.response import Constant, Refuelling

AMBULANCES = ("ambulance",)


def plan(after_m: float) -> Refuelling:
    return Refuelling(after_m=after_m, duration=Constant(500.0), services=AMBULANCES)


def test_a_unit_low_on_fuel_refuels_before_its_next_call(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], transport_probability=0.0, refuelling=plan(200.0))
    r.call("first", 2)
    r.until(10.0)
    r.call("second", 2)
    r.until(20_000.0)
    low = r.of("unit_low_on_fuel")
    assert (low[0].time_s, low[0].value) == (720.0, 200.0)
    assert r.of("unit_refuelling")[0].time_s == 840.0  # back at its station, 120 s away
    assert r.one("unit_assigned", incident="second").time_s == 840.0 + 500.0
    assert len(r.of("incident_closed")) == 2


def test_a_unit_with_fuel_left_is_sent_at_once(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], transport_probability=0.0, refuelling=plan(201.0))
    r.call("first", 2)
    r.until(10.0)
    r.call("second", 2)
    r.until(800.0)
    assert r.one("unit_assigned", incident="second").time_s == 720.0
    assert not r.of("unit_low_on_fuel")


def test_other_services_do_not_refuel(line: Any, run: Any) -> None:
    r = run(line, engines=[0], refuelling=plan(1.0))
    r.call("c", 2, needs={"fire": 1}, casualties=0, fire_area_m2=0.0)
    r.until(20_000.0)
    assert len(r.of("incident_closed")) == 1
    assert not r.of("unit_refuelling")


def test_a_unit_withdrawn_while_it_refuels_goes_out_of_service(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], transport_probability=0.0, refuelling=plan(1.0))
    r.call("c", 2)
    r.until(900.0)
    r.model.set_unit_service("A0", in_service=False)
    r.until(20_000.0)
    assert r.one("unit_out_of_service").time_s == 840.0 + 500.0
    assert not r.of("unit_idle")


@pytest.mark.parametrize("after_m", [0.0, float("inf")])
def test_a_distance_that_makes_no_sense_is_refused(after_m: float) -> None:
    with pytest.raises(InvalidQuantityError):
        plan(after_m)
