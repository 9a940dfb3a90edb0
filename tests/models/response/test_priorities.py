"""Priorities, diversion, abandonment, triage and shifts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import InvalidQuantityError, ScenarioError
from models.response import Constant, IncidentSpec, Policies, ResponseModel, ResponseParameters
from models.response.policies import DISPATCH_POLICIES, QUEUE_POLICIES

ENDINGS = ("incident_closed", "incident_unserved", "incident_unfinished")


def test_a_call_of_high_priority_takes_a_unit_under_way_to_a_lower_one(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0], divert_for_priority=1)
    r.call("low", 5, priority=3)
    r.until(90.0).call("high", 2, priority=1)
    r.until(5_000.0)
    assert r.one("unit_diverted", incident="low").detail == {"to": "high", "priority": 1}
    assert r.one("unit_arrived", incident="high").time_s == 120.0
    assert r.one("incident_redispatched", incident="low").detail["reason"] == "diverted"
    assert r.one("unit_arrived", incident="low").time_s > 120.0
    assert len(r.of("incident_closed")) == 2


def test_without_diversion_the_high_call_waits(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0])
    r.call("low", 5, priority=3)
    r.until(90.0).call("high", 2, priority=1)
    r.until(5_000.0)
    assert not r.of("unit_diverted")
    assert r.one("unit_arrived", incident="low").time_s == 300.0


@pytest.mark.parametrize("priority", [2, 3])
def test_no_unit_is_taken_for_an_equal_or_a_lesser_priority(
    run: Any, line: Any, priority: int
) -> None:
    r = run(line, ambulances=[0], divert_for_priority=2)
    r.call("first", 5, priority=2)
    r.until(90.0).call("second", 2, priority=priority)
    r.until(5_000.0)
    assert not r.of("unit_diverted")


def test_a_free_unit_goes_where_taking_another_gains_too_little(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0, 0], divert_for_priority=1, diversion_gain_s=120.0)
    r.call("low", 5, priority=3)
    r.until(60.0).call("high", 2, priority=1)
    r.until(5_000.0)
    assert not r.of("unit_diverted")
    r = run(line, ambulances=[0, 0], divert_for_priority=1, diversion_gain_s=30.0)
    r.call("low", 5, priority=3)
    r.until(60.0).call("high", 2, priority=1)
    r.until(5_000.0)
    assert r.one("unit_diverted").incident == "low"


def test_diversions_may_follow_each_other_and_end(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0], divert_for_priority=2)
    for k, priority in enumerate((3, 2, 1)):
        r.call(f"c{priority}", 5 - k, priority=priority)
    r.until(20_000.0)
    assert [e.incident for e in r.of("unit_arrived")] == ["c1", "c2", "c3"]
    assert len(r.of("incident_closed")) == 3


def test_age_lifts_a_call_over_a_younger_one_of_higher_priority() -> None:
    order = QUEUE_POLICIES["priority_and_age"]
    old = IncidentSpec(id="old", time_s=0.0, kind="medical", priority=2, node=0)
    new = IncidentSpec(id="new", time_s=0.0, kind="medical", priority=1, node=0)
    assert order(new, 800.0) < order(old, 0.0)
    assert order(old, 0.0) < order(new, 1_000.0)


def test_a_caller_gives_up_when_patience_ends_and_nobody_is_sent(run: Any, line: Any) -> None:
    r = run(
        line, ambulances=[0], call_takers=1, call_taking=Constant(100.0), patience=Constant(60.0)
    )
    r.call("a", 1)
    r.call("b", 1)
    r.until(5_000.0)
    assert r.one("call_abandoned", incident="b").value == 60.0
    assert r.one("incident_unserved", incident="b").detail["reason"] == "the caller gave up"
    assert r.one("call_answered", incident="a")
    assert not r.of("unit_assigned", incident="b")


def test_triage_gives_advice_to_low_priorities_and_ends_with_the_queue(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0], triage_queue=2, hospitals={3: None, 5: None})
    for k in range(3):
        r.call(f"c{k}", 1, priority=1)
    r.until(1.0).call("low", 1, priority=3)
    r.call("middle", 1, priority=2)
    r.until(1e5)
    assert r.one("triage_started").value == 2.0
    assert r.one("advice_given").incident == "low"
    assert r.one("incident_unserved", incident="low").detail["reason"] == "advice by phone"
    assert r.one("incident_closed", incident="middle")
    assert r.one("triage_ended").value == 0.0


def test_a_fire_gets_engines_under_triage(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0], engines=[0], triage_queue=1, advice_from_priority=1)
    r.call("a", 1)
    r.call("b", 1)
    r.until(1.0).call("fire", 1, kind="house_fire", priority=1)
    r.until(1e5)
    assert r.one("incident_closed", incident="fire")


def test_a_unit_serves_within_its_shifts(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0])
    spec = type(r.model.units[0])(
        id="late", service="ambulance", vehicle_class=0, station="S0", on_duty=((100.0, 200.0),)
    )
    model = ResponseModel(
        r.env, line, units=[spec], facilities=r.model.facilities, streams=r.model.streams,
        log=r.model.log, parameters=r.model.parameters,
    )  # fmt: skip
    for name, time_s in (("early", 0.0), ("after", 5_000.0)):
        model.schedule([IncidentSpec(id=name, time_s=time_s, kind="medical", priority=1, node=1)])
    r.until(20_000.0)
    assert r.one("unit_assigned", incident="early").time_s == 100.0
    assert r.one("unit_out_of_service", unit="late").time_s > 200.0
    assert not r.of("unit_assigned", incident="after")


@pytest.mark.parametrize("shifts", [((5.0, 5.0),), ((0.0, 10.0), (5.0, 20.0)), ((math.nan, 1.0),)])
def test_shifts_that_make_no_sense_are_refused(run: Any, line: Any, shifts: Any) -> None:
    spec = type(run(line, ambulances=[0]).model.units[0])
    with pytest.raises(InvalidQuantityError, match="shifts"):
        spec(id="u", service="ambulance", vehicle_class=0, station="S0", on_duty=shifts)


@pytest.mark.parametrize(
    "answer",
    [
        [(7, 1.0)], [(-1, 1.0)], [(0, 1.0), (0, 1.0)], [(0, 1.0), (1, 1.0)], [(0.5, 1.0)],
        [("A0", 1.0)], [(0, None)], None, 3, [0],
    ],
)  # fmt: skip
def test_a_policy_that_returns_nonsense_is_refused(run: Any, line: Any, answer: Any) -> None:
    r = run(line, ambulances=[0, 0])
    model = ResponseModel(
        r.env, line, units=r.model.units, facilities=r.model.facilities, streams=r.model.streams,
        log=r.model.log, policies=Policies(dispatch={"own": lambda *_: answer}),
        parameters=ResponseParameters(dispatch_policy="own"),
    )  # fmt: skip
    model.report(IncidentSpec(id="x", time_s=0.0, kind="medical", priority=1, node=1))
    with pytest.raises(ScenarioError, match="dispatch policy"):
        r.env.run(until=1_000.0)


def test_a_policy_that_sends_nobody_leaves_calls_waiting(run: Any, line: Any) -> None:
    assert "nearest_suitable" in DISPATCH_POLICIES
    r = run(line, ambulances=[0])
    model = ResponseModel(
        r.env, line, units=r.model.units, facilities=r.model.facilities, streams=r.model.streams,
        log=r.model.log, policies=Policies(dispatch={"nobody": lambda *_: []}),
        parameters=ResponseParameters(dispatch_policy="nobody"),
    )  # fmt: skip
    model.report(IncidentSpec(id="x", time_s=0.0, kind="medical", priority=1, node=1))
    r.env.run(until=10_000.0)
    model.finish()
    assert r.one("incident_unserved").incident == "x"


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    calls=st.lists(
        st.tuples(st.sampled_from([0, 0, 30, 100, 400]), st.integers(0, 5), st.integers(1, 3)),
        max_size=25,
    ),
    fleet=st.lists(st.integers(0, 5), max_size=4),
    divert=st.sampled_from([None, 1, 2]),
    triage=st.sampled_from([None, 1, 3]),
    beds=st.sampled_from([None, 1, 2]),
    closed=st.integers(0, 9),
    moves=st.booleans(),
)
def test_no_call_unit_or_bed_is_lost_whatever_the_policies(  # noqa: PLR0917 - a fixture each
    run: Any,
    graph: Any,
    calls: Any,
    fleet: Any,
    divert: Any,
    triage: Any,
    beds: Any,
    closed: int,
    moves: bool,
) -> None:
    network = graph([(k, k + 1, 60.0) for k in range(5)])
    r = run(
        network, ambulances=fleet, hospitals={2: beds}, divert_for_priority=divert,
        triage_queue=triage, call_takers=2, call_taking=Constant(50.0), patience=Constant(90.0),
        turnout={"ambulance": Constant(40.0), "fire": Constant(0.0)}, diversion_gain_s=20.0,
        queue_policy="priority_and_age",
        move_up_policy="compliance_table" if moves else "stay",
        compliance_table=tuple((f"S{node}",) for node in sorted(set(fleet)))[:3],
    )  # fmt: skip
    for number, (gap_s, node, priority) in enumerate(calls):
        r.until(r.env.now + gap_s)
        r.call(f"c{number}", node, priority=priority)
        if number == 5:
            r.network.set_seconds({closed: np.inf})
            r.model.roads_changed()
        tasks = [unit.task for unit in r.model.fleet if unit.task is not None]
        assert len({id(task) for task in tasks}) == len(tasks)
        assert all(unit.task.unit is unit for unit in r.model.fleet if unit.task is not None)
    r.until(r.env.now + 30_000.0)
    r.model.finish()
    assert sum(len(r.of(kind)) for kind in ENDINGS) == len(calls)
    assert all(hospital.kept >= 0 and hospital.taken >= 0 for hospital in r.model.hospitals)
    assert len(r.of("bed_taken")) >= len(r.of("bed_freed"))
