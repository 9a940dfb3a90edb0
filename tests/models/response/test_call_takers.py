"""Calls that wait while every call taker is busy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.errors import InvalidQuantityError
from models.response import Constant, Exponential, FireParameters, IncidentSpec, ResponseParameters


def test_calls_wait_in_order_while_every_taker_is_busy(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0, 1, 2, 3], call_takers=2, call_taking=Constant(60.0))
    for name in "abcd":
        r.call(name, 0, priority=2)
    r.call("urgent", 0, priority=1)  # nobody knows before the call is answered
    r.until(400.0)
    answered = {event.incident: (event.time_s, event.value) for event in r.of("call_answered")}
    assert answered["a"] == answered["b"] == (60.0, 60.0)
    assert answered["c"] == answered["d"] == (120.0, 120.0)
    assert answered["urgent"] == (180.0, 180.0)
    waiting = [(event.incident, event.value) for event in r.of("call_waiting")]
    assert waiting == [("c", 1.0), ("d", 2.0), ("urgent", 3.0)]
    assert r.one("unit_arrived", incident="c").value >= 120.0


def test_takers_that_are_never_all_busy_change_nothing(line: Any, run: Any) -> None:
    logs = []
    for takers in (None, 3):
        r = run(line, ambulances=[0, 5], call_takers=takers, call_taking=Exponential(60.0))
        for name in "abc":
            r.call(name, 2)
        r.until(5000.0)
        logs.append([repr(event) for event in r.events])  # as NaN is unlike itself
    assert logs[0] == logs[1]


def test_a_call_that_is_still_waiting_at_the_end_is_unserved(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], call_takers=1, call_taking=Constant(600.0))
    r.call("a", 0)
    r.call("b", 0)
    r.until(300.0)
    r.model.finish()
    assert {event.incident for event in r.of("incident_unserved")} == {"a", "b"}


def test_waiting_for_a_taker_is_that_of_a_queue_with_constant_service(graph: Any, run: Any) -> None:
    # M/D/1: mean wait rho s / (2 (1 - rho)) (Pollaczek 1930, Khinchine 1932).
    service_s, rho, calls = 30.0, 0.7, 4000
    generator = np.random.default_rng(5)
    times_s = np.cumsum(generator.exponential(service_s / rho, calls))
    r = run(
        graph([(0, 1, 60.0)]),
        call_takers=1,
        call_taking=Constant(service_s),
        queue_capacity=0,
        keep=lambda event: event.kind == "call_answered",
    )
    r.model.schedule(
        IncidentSpec(id=f"c{k}", time_s=float(t), kind="medical", priority=1, node=0)
        for k, t in enumerate(times_s)
    )
    r.env.run()
    waited = np.array([event.value for event in r.events]) - service_s
    means = np.array([batch.mean() for batch in np.array_split(waited, 20)])
    half = 2.861 * means.std(ddof=1) / np.sqrt(20.0)  # 99 % of Student's t, 19 degrees
    assert abs(waited.mean() - rho * service_s / (2.0 * (1.0 - rho))) < half


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: ResponseParameters(call_takers=0), "call_takers"),
        (lambda: FireParameters(hydrant_credit=((100.0, 10.0), (50.0, 5.0))), "hydrant_credit"),
        (lambda: FireParameters(engines_by_area=((np.inf, 0),)), "engines_by_area"),
    ],
)
def test_tables_that_cannot_be_are_refused(make: Any, says: str) -> None:
    with pytest.raises(InvalidQuantityError, match=says):
        make()
