"""Breakdowns, vehicles lost to water, and what becomes of the patients aboard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.response import Breakdowns, Constant, Refuelling, WaterLoss, incident_index

SERVICES = ("ambulance", "fire", "rescue")


class Fixed:
    """A generator that gives listed numbers, and then the last of them."""

    def __init__(self, *numbers: float) -> None:
        self.numbers = list(numbers)

    def random(self, size: int | None = None) -> Any:
        if size is not None:
            return np.full(size, 0.5)
        return self.numbers.pop(0) if len(self.numbers) > 1 else self.numbers[0]


def driven(seconds: float, mean_s: float = 1000.0) -> float:
    """Return the uniform number that gives a time of driving before a breakdown."""
    return -float(np.expm1(-seconds / mean_s))


def streams_with(purpose: str, **by_unit: Fixed) -> Any:
    """Return streams that give units numbers as listed, and all others 0.5 for ever."""
    known = {incident_index(unit): numbers for unit, numbers in by_unit.items()}

    def streams(asked: str, index: int) -> Any:
        return known.get(index, Fixed(0.999_999)) if asked == purpose else Fixed(0.5)

    return streams


def breaking(repair_s: float) -> Breakdowns:
    return Breakdowns(driven_s=1000.0, repair=Constant(repair_s), services=SERVICES)


def test_a_unit_that_breaks_down_on_its_way_is_replaced_and_repaired(line: Any, run: Any) -> None:
    r = run(
        line,
        ambulances=[0, 5],
        transport_probability=0.0,
        breakdowns=breaking(1800.0),
        streams_of=streams_with("breakdown", A0=Fixed(driven(90.0), 0.5, 0.999_999)),
    )
    r.call("c", 2)
    r.until(10_000.0)
    broken = r.one("unit_broken_down")
    assert (broken.unit, broken.time_s, broken.value) == ("A0", pytest.approx(90.0), 1800.0)
    assert broken.x_m == pytest.approx(150.0)
    assert r.one("incident_redispatched").detail["reason"] == "vehicle broke down"
    assert r.one("unit_arrived").unit == "A1"
    assert r.one("unit_repaired").time_s == pytest.approx(1890.0)
    home = r.one("unit_idle", unit="A0")
    assert home.time_s == pytest.approx(1890.0 + 90.0)
    assert len(r.of("incident_closed")) == 1


def test_another_unit_takes_over_the_patient_of_one_that_broke_down(line: Any, run: Any) -> None:
    r = run(
        line,
        ambulances=[0, 0],
        hospitals={5: None},
        breakdowns=breaking(7200.0),
        streams_of=streams_with("breakdown", A0=Fixed(driven(150.0), 0.5, 0.999_999)),
    )
    r.call("c", 1)
    r.until(20_000.0)
    assert r.one("unit_broken_down").detail == {"purpose": "to_hospital", "patient": True}
    over = r.one("patient_taken_over")
    assert (over.unit, over.node, over.detail["from"]) == ("A1", 3, "A0")
    assert over.value == pytest.approx(180.0)
    assert len(r.of("unit_arrived")) == 1
    assert r.one("handover_done").unit == "A1"
    closed = r.one("incident_closed").detail
    assert (closed["arrived"], closed["transported"]) == ({"ambulance": 1}, 1)
    assert r.one("unit_idle", unit="A0").time_s > r.one("unit_repaired").time_s


def test_a_unit_that_is_repaired_first_keeps_its_patient(line: Any, run: Any) -> None:
    r = run(
        line,
        ambulances=[0, 0],
        hospitals={5: None},
        breakdowns=breaking(60.0),
        streams_of=streams_with("breakdown", A0=Fixed(driven(150.0), 0.5, 0.999_999)),
    )
    r.call("c", 1)
    r.until(20_000.0)
    assert not r.of("patient_taken_over")
    assert r.one("unit_stood_down", unit="A1").detail["reason"] == "the vehicle is repaired"
    assert r.one("handover_done").unit == "A0"
    assert r.one("incident_closed").detail["transported"] == 1


def test_a_patient_waits_aboard_until_a_unit_is_free(line: Any, run: Any) -> None:
    r = run(
        line,
        ambulances=[0],
        hospitals={5: None},
        breakdowns=breaking(900.0),
        streams_of=streams_with("breakdown", A0=Fixed(driven(150.0), 0.5, 0.999_999)),
    )
    r.call("c", 1)
    r.until(20_000.0)
    assert r.one("incident_queued").detail["reason"] == "no unit free"
    assert r.one("incident_closed").detail["transported"] == 1
    assert r.model.snapshot()["missing_units"] == {"ambulance": 0}


def test_a_stranded_vehicle_that_is_lost_stays_where_it_is(line: Any, run: Any) -> None:
    r = run(
        line,
        ambulances=[0, 5],
        transport_probability=0.0,
        water_loss=WaterLoss(share=0.5),
        streams_of=streams_with("water_loss", A0=Fixed(0.49)),
    )
    r.call("c", 2)
    r.until(90.0)
    r.change("close", (1, 2), (2, 1))
    r.until(200.0)
    r.change("open", (1, 2), (2, 1))
    r.until(20_000.0)
    lost = r.one("unit_written_off")
    assert (lost.unit, lost.detail) == ("A0", {"reason": "share", "patient": False})
    assert r.one("unit_arrived").unit == "A1"
    assert not r.of("unit_freed")
    r.model.set_unit_service("A0", in_service=True)
    r.call("d", 0)
    r.until(40_000.0)
    assert r.one("unit_arrived", incident="d").unit == "A1"
    r.model.finish()
    assert not r.of("unit_lost")


def test_a_lucky_vehicle_drives_again(line: Any, run: Any) -> None:
    r = run(
        line,
        ambulances=[0],
        transport_probability=0.0,
        water_loss=WaterLoss(share=0.5),
        streams_of=streams_with("water_loss", A0=Fixed(0.51)),
    )
    r.call("c", 2)
    r.until(90.0)
    r.change("close", (1, 2), (2, 1))
    r.until(200.0)
    r.change("open", (1, 2), (2, 1))
    r.until(20_000.0)
    assert not r.of("unit_written_off")
    assert r.one("unit_arrived").unit == "A0"


def test_the_patient_of_a_lost_ambulance_is_taken_over(graph: Any, run: Any) -> None:
    ring = graph([(k, (k + 1) % 6, 60.0) for k in range(6)])
    r = run(ring, ambulances=[0, 0], hospitals={4: None}, water_loss=WaterLoss(share=1.0))
    r.call("c", 1)
    r.until(660.0 + 90.0)  # A0 has left with the patient, and is between nodes 2 and 3 or 0 and 5
    position = r.model.unit_positions()
    edge = int(position.edge[0])
    way = (int(ring.tail[edge]), int(ring.head[edge]))
    r.change("close", way, way[::-1])
    r.until(20_000.0)
    assert r.one("unit_written_off").detail["patient"] is True
    over = r.one("patient_taken_over")
    assert (over.unit, over.node) == ("A1", way[1])
    assert r.one("incident_closed").detail["transported"] == 1


def test_a_stranded_vehicle_is_lost_when_the_water_gets_deep(line: Any, run: Any) -> None:
    depth_m = [0.3]
    line.edge_depth_m = lambda edge: depth_m[0] if edge == line.edge(1, 2) else 9.0
    r = run(line, ambulances=[0], water_loss=WaterLoss(depth_m=0.8))
    r.call("c", 2)
    r.until(90.0)
    r.change("close", (1, 2), (2, 1))
    r.until(500.0)
    assert not r.of("unit_written_off")
    depth_m[0] = 0.85
    r.until(600.0)
    lost = r.one("unit_written_off")
    assert (lost.value, lost.detail["reason"]) == (0.85, "depth")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Breakdowns(driven_s=0.0, repair=Constant(1.0), services=SERVICES),
        lambda: WaterLoss(share=1.1),
        lambda: WaterLoss(depth_m=0.0),
    ],
)
def test_figures_that_make_no_sense_are_refused(make: Any) -> None:
    with pytest.raises(InvalidQuantityError):
        make()


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # the fixtures are makers
)
@given(
    seed=st.integers(0, 2**31),
    calls=st.lists(st.tuples(st.integers(0, 5), st.floats(0.0, 4000.0)), max_size=12),
    repair_s=st.sampled_from([0.0, 200.0, 5000.0]),
)
def test_no_patient_is_lost_or_doubled_by_mishaps(
    graph: Any, run: Any, seed: int, calls: list[tuple[int, float]], repair_s: float
) -> None:
    def streams(purpose: str, index: int) -> np.random.Generator:
        key = [*purpose.encode(), index]
        return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))

    def told() -> tuple[Any, list[Any]]:
        network = graph([(k, k + 1, 60.0) for k in range(5)])
        r = run(
            network,
            ambulances=[0, 2, 4],
            hospitals={5: 2, 0: None},
            streams_of=streams,
            breakdowns=Breakdowns(driven_s=200.0, repair=Constant(repair_s), services=SERVICES),
            water_loss=WaterLoss(share=0.2),
            refuelling=Refuelling(after_m=900.0, duration=Constant(300.0), services=SERVICES),
        )
        for k, (node, time_s) in enumerate(sorted(calls, key=lambda call: call[1])):
            r.until(time_s)
            r.call(f"c{k}", node)
        r.until(4100.0)
        r.change("close", (2, 3), (3, 2))
        r.until(6000.0)
        r.change("open", (2, 3), (3, 2))
        r.until(2_000_000.0)
        r.model.finish()
        return r, [(e.time_s, e.kind, e.incident, e.unit, repr(e.value)) for e in r.events]

    r, log = told()
    assert told()[1] == log
    handed = [event.incident for event in r.of("handover_done")]
    assert len(handed) == len(set(handed))
    ends = [*r.of("incident_closed"), *r.of("incident_unserved"), *r.of("incident_unfinished")]
    assert sorted(e.incident for e in ends) == sorted(f"c{k}" for k in range(len(calls)))
    lost = {event.unit for event in r.of("unit_written_off")}
    if len(lost) < 3:
        assert len(r.of("incident_closed")) == len(calls)
