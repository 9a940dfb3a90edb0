"""Draws belong to incidents; demand follows its rates; distributions are what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InternalError, InvalidQuantityError, ScenarioError
from models.response import (
    INCIDENT_KINDS,
    Constant,
    DemandModel,
    Exponential,
    FireParameters,
    Gamma,
    LogNormal,
    Policies,
    ResponseParameters,
    Uniform,
    UnitSpec,
    UnitState,
    Weibull,
    generate,
    incident_index,
    sources,
    to_incidents,
)
from models.response.units import TRANSITIONS, Unit

DISTRIBUTIONS = [
    Constant(5.0),
    Uniform(2.0, 8.0),
    Exponential(720.0),
    LogNormal(7.046, 0.701),
    LogNormal.of_mean(60.0, 0.5),
    Weibull(2.5, 34.3 * 60.0),
    Gamma(3.0, 40.0),
]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=repr)
def test_the_mean_is_the_integral_of_the_quantiles(distribution: Any) -> None:
    u = (np.arange(100_000) + 0.5) / 100_000
    mean_s = float(np.mean([distribution.at(float(v)) for v in u]))
    assert mean_s == pytest.approx(distribution.mean_s, rel=2e-3)


@given(st.sampled_from(DISTRIBUTIONS), st.floats(0.0, 1.0, exclude_max=True))
def test_every_duration_is_finite_and_not_negative(distribution: Any, u: float) -> None:
    assert 0.0 <= distribution.at(u) < float("inf")


def test_a_mean_and_a_variation_make_the_lognormal_that_has_them() -> None:
    drawn = LogNormal.of_mean(60.0, 0.5)
    assert drawn.mean_s == pytest.approx(60.0)
    assert np.sqrt(np.expm1(drawn.sigma**2)) == pytest.approx(0.5)


@pytest.mark.parametrize("make", [lambda: Exponential(-1.0), lambda: Uniform(3.0, 1.0)])
def test_an_impossible_duration_is_refused(make: Any) -> None:
    with pytest.raises(InvalidQuantityError):
        make()


def phases(r: Any) -> dict[str, tuple[float, ...]]:
    kinds = ("call_answered", "on_scene_done", "patient_loaded", "fire_out")
    return {
        event.incident: tuple(
            round(e.value, 6) for e in r.events if e.incident == event.incident and e.kind in kinds
        )
        for event in r.of("call_received")
    }


@pytest.mark.parametrize("fleet", [[0, 0], [0, 3, 5], [5, 5, 5, 5]])
def test_another_fleet_shifts_no_draw(line: Any, run: Any, fleet: list[int]) -> None:
    def played(ambulances: list[int], *extra: str) -> dict[str, tuple[float, ...]]:
        r = run(
            line,
            ambulances=ambulances,
            hospitals={4: None},
            parameters=ResponseParameters(stranding_recovery_s=0.0),
        )
        for k in range(20):
            r.call(f"c{k}", k % 6)
            r.until(r.env.now + 100.0)
        for name in extra:
            r.call(name, 2)
        r.until(200_000.0)
        return phases(r)

    base = played([0])
    assert len(base) == 20
    assert played(fleet) == base
    with_more = played(fleet, "another", "one more")
    assert {name: with_more[name] for name in base} == base


def test_the_same_name_gives_the_same_draws_and_another_others() -> None:
    assert incident_index("c1") == incident_index("c1")
    assert len({incident_index(f"c{k}") for k in range(100_000)}) == 100_000


def model(**more: Any) -> DemandModel:
    given_: dict[str, Any] = {
        "rate_per_h": np.tile(np.arange(24.0), (7, 1)),
        "node": np.arange(3),
        "x_m": np.zeros(3),
        "y_m": np.zeros(3),
        "weight": np.array([1.0, 0.0, 3.0]),
        "share": {"medical": 3.0, "house_fire": 1.0},
        "kinds": INCIDENT_KINDS,
    }
    return DemandModel(**{**given_, **more})


@pytest.mark.parametrize("count", [None, 200_000])
def test_demand_follows_hours_places_kinds_and_priorities(count: int | None) -> None:
    rates = np.tile(np.arange(24.0), (7, 1)) * 100.0
    rates[6] = 0.0  # no calls on Sundays
    demand = generate(
        model(rate_per_h=rates),
        np.random.default_rng(1),
        duration_s=7 * 86_400.0,
        start_week_s=2 * 86_400.0,
        count=count,
    )
    expected = rates.sum()
    size = demand.time_s.size
    assert size == count if count is not None else abs(size - expected) < 4 * np.sqrt(expected)
    assert (np.diff(demand.time_s) >= 0.0).all()
    hour = ((demand.time_s + 2 * 86_400.0) // 3_600).astype(int) % 168
    seen = np.bincount(hour, minlength=168) / size
    wanted = rates.ravel() / expected
    assert (np.abs(seen - wanted) < 5 * np.sqrt(wanted / size) + 1e-12).all()
    assert np.bincount(demand.place, minlength=3)[1] == 0
    assert (demand.place == 2).mean() == pytest.approx(0.75, abs=0.01)
    assert (demand.kind == 1).mean() == pytest.approx(0.25, abs=0.01)
    assert (demand.priority[demand.kind == 0] == 1).mean() == pytest.approx(0.57, abs=0.01)
    assert (demand.priority[demand.kind == 1] == 1).all()


def test_demand_becomes_incidents_that_can_be_reported(line: Any, run: Any) -> None:
    demand = generate(model(), np.random.default_rng(2), duration_s=86_400.0, count=25)
    specs = to_incidents(model(), demand)
    assert [spec.id for spec in specs[:2]] == ["call-000001", "call-000002"]
    r = run(line, ambulances=[0] * 5, engines=[0] * 5)
    r.model.schedule(specs)
    r.until(200_000.0)
    assert [event.time_s for event in r.of("call_received")] == [spec.time_s for spec in specs]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"rate_per_h": np.ones((24, 7))}, "shape"),
        ({"rate_per_h": np.full((7, 24), -1.0)}, "rate_per_h"),
        ({"weight": np.ones(2)}, "one length"),
        ({"share": {"meteor": 1.0}}, "no such kinds"),
    ],
)
def test_impossible_demand_is_refused(change: dict[str, Any], what: str) -> None:
    with pytest.raises(InvalidQuantityError, match=what):
        model(**change)


def test_demand_from_nowhere_is_refused_and_no_demand_is_no_trouble() -> None:
    with pytest.raises(InvalidQuantityError, match="weight"):
        generate(model(weight=np.zeros(3)), np.random.default_rng(2), duration_s=1e5, count=3)
    with pytest.raises(InvalidQuantityError, match="rate"):
        generate(
            model(rate_per_h=np.zeros((7, 24))), np.random.default_rng(2), duration_s=1e5, count=3
        )
    none = generate(model(rate_per_h=np.zeros((7, 24))), np.random.default_rng(2), duration_s=1e6)
    assert none.time_s.size == 0
    assert to_incidents(model(), none) == []


def test_every_parameter_says_where_it_comes_from() -> None:
    for parameters in (ResponseParameters, FireParameters):
        assert all(row.source for row in sources(parameters))


def test_a_policy_of_ones_own_decides(line: Any, run: Any) -> None:
    def farthest(request: Any, candidates: Any, network: Any) -> list[tuple[int, float]]:
        seconds = network.times_to(0, request.incident.node, candidates.node)
        chosen = int(np.argmax(seconds))
        return [(chosen, float(seconds[chosen]))]

    r = run(line, ambulances=[0, 5])
    own = type(r.model)(
        r.env,
        line,
        units=r.model.units,
        facilities=r.model.facilities,
        streams=r.model.streams,
        log=r.events.append,
        parameters=ResponseParameters(dispatch_policy="farthest"),
        policies=Policies(dispatch={"farthest": farthest}),
    )
    r.model = own
    r.call("c", 1)
    r.until(5_000.0)
    assert r.one("unit_arrived").unit == "A1"


@pytest.mark.parametrize("nonsense", [[(7, 1.0)], [(-1, 1.0)], [(0, 1.0), (0, 1.0)]])
def test_a_policy_that_returns_nonsense_is_named(line: Any, run: Any, nonsense: Any) -> None:
    r = run(line, ambulances=[0, 5], engines=[0])
    r.model._dispatcher.policy = lambda *_: nonsense
    r.call("c", 1, kind="trauma", casualties=2)
    with pytest.raises(ScenarioError, match="different places") as caught:
        r.until(5_000.0)
    assert "nearest_suitable" in str(caught.value.__cause__)


def test_a_policy_that_is_not_there_is_refused_with_those_that_are(line: Any, run: Any) -> None:
    with pytest.raises(ScenarioError, match="nearest_suitable"):
        run(line, ambulances=[0], dispatch_policy="best")


@given(st.sampled_from(list(UnitState)), st.sampled_from(list(UnitState)))
def test_only_the_transitions_of_the_table_are_possible(
    before: UnitState, after: UnitState
) -> None:
    spec = UnitSpec(id="A", service="ambulance", vehicle_class=0, station="S")
    unit = Unit(0, spec, 0, 0, before)
    if after in TRANSITIONS[before]:
        unit.enter(after, 1.0)
        assert unit.state is after
    else:
        with pytest.raises(InternalError, match="cannot pass"):
            unit.enter(after, 1.0)


def test_a_unit_without_its_station_is_refused(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0])
    with pytest.raises(InvalidQuantityError, match="station"):
        type(r.model)(
            r.env, line, units=r.model.units, facilities=[], streams=r.model.streams, log=print
        )
