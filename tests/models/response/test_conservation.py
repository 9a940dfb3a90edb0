"""Nothing is lost or doubled, whatever happens; and the same again with the same seed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.response import EVENT_KINDS, Exponential, FireParameters

NODES = 8
KINDS = ["medical", "trauma", "house_fire", "rescue", "market_fire", "childbirth"]
ENDINGS = ("incident_closed", "incident_unserved", "incident_unfinished")

node = st.integers(0, NODES - 1)
ways = st.lists(
    st.tuples(node, node, st.sampled_from([0.0, 30.0, 60.0, 200.0])), min_size=6, max_size=16
)
step = st.one_of(
    st.tuples(st.just("call"), node, st.sampled_from(KINDS), st.integers(0, 3)),
    st.tuples(
        st.just("water"), st.integers(0, 40), st.sampled_from([0.5, 3.0, np.inf]), st.just(0)
    ),
    st.tuples(st.just("bar"), st.integers(0, 40), st.just(np.inf), st.just(0)),
    st.tuples(st.just("dry"), st.just(0), st.just(0.0), st.just(0)),
    st.tuples(st.just("unit"), st.integers(0, 9), st.booleans(), st.just(0)),
    st.tuples(st.just("hospital"), st.integers(0, 9), st.booleans(), st.integers(0, 2)),
)
story = st.lists(st.tuples(st.sampled_from([0, 0, 20, 60, 300, 900]), step), max_size=60)


def play(run: Any, graph: Any, *, edges: Any, fleet: Any, hospitals: Any, told: Any) -> Any:
    """Return the finished run of a story, having checked it at every step."""
    network = graph([(NODES - 1, 0, 60.0), *edges])
    r = run(
        network,
        ambulances=fleet[0],
        engines=fleet[1],
        hospitals=hospitals,
        hydrants=[0, 3],
        on_scene={"ambulance": Exponential(600.0), "fire": Exponential(600.0)},
        handover=Exponential(300.0),
        transport_probability=0.7,
        stranding_recovery_s=120.0,
        transport_wait_limit_s=1_800.0,
        fire=FireParameters(work=Exponential(900.0)),
    )
    units = r.model.fleet
    for number, (gap_s, (what, a, b, c)) in enumerate(told):
        r.until(r.env.now + gap_s)
        if what == "call":
            r.call(f"c{number}", a, kind=b, casualties=c, priority=1 + number % 3)
        elif what in ("water", "bar"):
            edge = a % network.tail.size
            seconds = np.inf if np.isinf(b) else network.dry_s[edge] * b + 1.0
            network.set_seconds({edge: seconds}, water=what == "water")
            r.model.roads_changed()
        elif what == "dry":
            network.set_seconds(dict(enumerate(network.dry_s)))
            r.model.roads_changed()
        elif what == "unit" and units:
            r.model.set_unit_service(units[a % len(units)].spec.id, in_service=b)
        elif what == "hospital" and r.model.hospitals:
            hospital = r.model.hospitals[a % len(r.model.hospitals)]
            r.model.set_hospital(hospital.spec.id, is_open=b, beds=c)
        check_now(r)
    r.until(r.env.now + 3_600.0)
    check_now(r)
    r.model.finish()
    return r


def check_now(r: Any) -> None:
    """Every unit has one task at most, every task one unit, every bed one patient."""
    tasks = [unit.task for unit in r.model.fleet if unit.task is not None]
    assert len({id(task) for task in tasks}) == len(tasks)
    assert all(unit.task.unit is unit for unit in r.model.fleet if unit.task is not None)
    for hospital in r.model.hospitals:
        assert hospital.kept >= 0
        assert hospital.taken >= 0
    figures = r.model.snapshot()
    assert sum(figures["units"].values()) == len(r.model.fleet)
    ended = sum(len(r.of(kind)) for kind in ENDINGS)
    assert len(r.of("call_received")) == ended + figures["open_incidents"]


def check_log(r: Any) -> None:
    """Every call ends once, every arrival has an assignment, time never runs back."""
    assert {event.kind for event in r.events} <= set(EVENT_KINDS)
    times_s = [event.time_s for event in r.events]
    assert times_s == sorted(times_s)
    endings = Counter(event.incident for kind in ENDINGS for event in r.of(kind))
    assert endings == Counter(event.incident for event in r.of("call_received"))
    sent = Counter((e.incident, e.unit) for e in r.of("unit_assigned"))
    came = Counter((e.incident, e.unit) for e in r.of("unit_arrived"))
    assert came <= sent
    for event in r.of("incident_closed"):
        needs = r.one("call_received", incident=event.incident).detail
        arrived, cancelled = event.detail["arrived"], event.detail["cancelled"]
        assert sum(arrived.values()) + cancelled == sum(needs["needs"].values())
        patients = event.detail["transported"] + event.detail["treated_on_scene"]
        assert patients == needs["casualties"]
    for event in r.events:
        if event.unit:
            assert event.node >= 0
            assert np.isfinite(event.x_m)
    for leg in r.of("unit_drove"):
        edges, network = leg.detail["edges"], r.network
        assert (network.head[edges[:-1]] == network.tail[edges[1:]]).all()
        assert leg.value > -1e-9
        assert leg.time_s >= leg.detail["start_s"]


@settings(
    max_examples=150,
    deadline=None,
    # The fixtures are a class and a function: nothing of them is shared between examples.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    edges=ways,
    fleet=st.tuples(st.lists(node, max_size=3), st.lists(node, max_size=3)),
    hospitals=st.dictionaries(node, st.sampled_from([None, 0, 1, 2]), max_size=2),
    told=story,
)
def test_no_call_unit_or_bed_is_lost_or_doubled(
    run: Any, graph: Any, *, edges: Any, fleet: Any, hospitals: Any, told: Any
) -> None:
    r = play(run, graph, edges=edges, fleet=fleet, hospitals=hospitals, told=told)
    check_log(r)
    again = play(run, graph, edges=edges, fleet=fleet, hospitals=hospitals, told=told)
    assert [repr(event) for event in again.events] == [repr(event) for event in r.events]
