"""The whole simulator on a network without distances, against queueing theory."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from models.response import Constant, Exponential, IncidentSpec, LogNormal, Uniform

if TYPE_CHECKING:
    from pathlib import Path

Z_99 = 2.576  # half-width of a 99 % interval in standard errors
BATCHES = 30  # batch means: independent enough for a standard error (Law 2015, 9.5.3)


def erlang_b(servers: int, load: float) -> float:
    """Return the share of calls lost: Erlang (1917), by the recursion in the number of servers."""
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Return the share of calls that wait: Erlang (1917)."""
    blocked = erlang_b(servers, load)
    return blocked / (1.0 - load / servers * (1.0 - blocked))


def simulate(
    run: Any, network: Any, *, servers: int, rate: float, service: Any, calls: int, **more: Any
) -> Any:
    """Return a finished run of Poisson calls at one node, where units stand and nothing is far."""
    generator = np.random.default_rng(11)
    times_s = np.cumsum(generator.exponential(1.0 / rate, calls))
    r = run(
        network,
        ambulances=[0] * servers,
        on_scene={"ambulance": service, "fire": Constant(0.0)},
        transport_probability=0.0,
        keep=lambda event: event.kind in {"unit_arrived", "incident_unserved", "incident_closed"},
        **more,
    )
    specs = [
        IncidentSpec(id=f"c{k}", time_s=float(t), kind="medical", priority=1, node=0)
        for k, t in enumerate(times_s)
    ]
    r.model.schedule(specs)
    r.env.run()
    r.model.finish()
    return r, times_s


def interval(samples: np.ndarray) -> tuple[float, float]:
    """Return mean and half-width of its 99 % interval, by batch means."""
    means = np.array([batch.mean() for batch in np.array_split(samples, BATCHES)])
    return float(samples.mean()), float(Z_99 * means.std(ddof=1) / math.sqrt(BATCHES))


def waits(r: Any) -> np.ndarray:
    """Return the wait of every call in the order of the calls, s."""
    by_call = {event.incident: event.value for event in r.of("unit_arrived")}
    return np.array([by_call[f"c{k}"] for k in range(len(by_call))])


def check_waiting(run: Any, network: Any, case: dict[str, float], calls: int) -> None:
    servers, rate, mu = int(case["c"]), float(case["lam"]), float(case["mu"])
    r, times_s = simulate(
        run, network, servers=servers, rate=rate, service=Exponential(1.0 / mu), calls=calls
    )
    waited = waits(r)
    assert waited.size == calls
    mean, half = interval(waited)
    assert abs(mean - case["Wq"]) < half, f"{mean} ± {half} of {calls} calls, not {case['Wq']}"
    share, half = interval((waited > 0.0).astype(float))
    assert abs(share - case["P_wait"]) < half, f"{share} ± {half}, not {case['P_wait']}"
    # Little's law: the mean number that wait is the rate times the mean wait.
    span_s = max(float(times_s[-1]), float((times_s + waited).max()))
    starts, ends = np.sort(times_s), np.sort(times_s + waited)
    steps = np.sort(np.concatenate([starts, ends]))
    number = np.searchsorted(starts, steps, "right") - np.searchsorted(ends, steps, "right")
    queue = float((number[:-1] * np.diff(steps)).sum() / span_s)
    assert queue == pytest.approx(calls / span_s * mean, rel=1e-9)


def check_loss(run: Any, network: Any, case: dict[str, float], calls: int) -> None:
    servers, load = int(case["c"]), float(case["a"])
    r, _ = simulate(
        run,
        network,
        servers=servers,
        rate=load,
        service=Exponential(1.0),
        calls=calls,
        queue_capacity=0,
    )
    lost = {event.incident for event in r.of("incident_unserved")}
    share, half = interval(np.array([float(f"c{k}" in lost) for k in range(calls)]))
    assert abs(share - case["P_loss"]) < half, f"{share} ± {half} of {calls}, not {case['P_loss']}"
    assert len(lost) + len(r.of("incident_closed")) == calls


@pytest.fixture
def point(graph: Any) -> Any:
    return graph([(0, 1, 0.0)])


def test_waiting_is_erlang_c(run: Any, point: Any) -> None:
    load, servers = 2.0, 3
    share = erlang_c(servers, load)
    case = {"c": servers, "lam": load, "mu": 1.0, "P_wait": share, "Wq": share / (servers - load)}
    check_waiting(run, point, case, calls=12_000)


@pytest.mark.parametrize("service", [Exponential(1.0), Constant(1.0), Uniform(0.0, 2.0)])
def test_loss_is_erlang_b_whatever_the_service_time(run: Any, point: Any, service: Any) -> None:
    r, _ = simulate(run, point, servers=3, rate=1.5, service=service, calls=8_000, queue_capacity=0)
    lost = {event.incident for event in r.of("incident_unserved")}
    share, half = interval(np.array([float(f"c{k}" in lost) for k in range(8_000)]))
    assert abs(share - erlang_b(3, 1.5)) < half


def test_busy_units_without_limit_are_poisson(run: Any, point: Any) -> None:
    rate, service = 3.0, LogNormal.of_mean(2.0, 1.0)
    r, times_s = simulate(run, point, servers=40, rate=rate, service=service, calls=10_000)
    assert waits(r).max() == 0.0
    ends_s = np.sort([event.time_s for event in r.of("incident_closed")])
    seen = np.arange(times_s.size) - np.searchsorted(ends_s, times_s, side="right")
    seen = seen[200:]  # calls see time averages (PASTA); the first find an empty system
    mean, half = interval(seen.astype(float))
    assert abs(mean - rate * 2.0) < half
    empty, half = interval((seen <= 3).astype(float))
    exact = math.exp(-6.0) * sum(6.0**k / math.factorial(k) for k in range(4))
    assert abs(empty - exact) < half
    assert float(seen.var()) == pytest.approx(6.0, rel=0.1)


@pytest.mark.realdata
@pytest.mark.parametrize("case", range(6))
def test_waiting_agrees_with_the_reference_table(
    run: Any, point: Any, real_data: Path, case: int
) -> None:
    table = json.loads((real_data / "response/queueing/queueing_reference.json").read_text())
    check_waiting(run, point, table["MMc"][case], calls=20_000)


@pytest.mark.realdata
@pytest.mark.parametrize("case", range(5))
def test_loss_agrees_with_the_reference_table(
    run: Any, point: Any, real_data: Path, case: int
) -> None:
    table = json.loads((real_data / "response/queueing/queueing_reference.json").read_text())
    check_loss(run, point, table["MMcc_loss"][case], calls=20_000)


@pytest.mark.realdata
@pytest.mark.parametrize(("name", "capacity"), [("loss", 0), ("queue", None)])
def test_two_servers_at_two_places_are_the_exact_hypercube(
    run: Any, graph: Any, real_data: Path, name: str, capacity: int | None
) -> None:
    table = json.loads((real_data / "response/queueing/queueing_reference.json").read_text())
    exact = table["hypercube_exact"][f"2srv_2atom_{name}"]
    calls, near_s = 20_000, 1e-6  # each server is a hair nearer to its own place
    generator = np.random.default_rng(3)
    rate = sum(exact["lam"])
    times_s = np.cumsum(generator.exponential(1.0 / rate, calls))
    place = (generator.random(calls) * rate > exact["lam"][0]).astype(int)
    r = run(
        graph([(0, 1, near_s)]),
        ambulances=[0, 1],
        on_scene={"ambulance": Exponential(1.0 / exact["mu"]), "fire": Constant(0.0)},
        transport_probability=0.0,
        queue_capacity=capacity,
        keep=lambda event: event.kind in {"unit_arrived", "unit_assigned"},
    )
    r.model.schedule(
        [
            IncidentSpec(id=f"c{k}", time_s=float(t), kind="medical", priority=1, node=int(n))
            for k, (t, n) in enumerate(zip(times_s, place, strict=True))
        ]
    )
    r.env.run()
    at_once = np.zeros((2, 2, calls))
    for event in r.of("unit_assigned"):
        call = int(event.incident[1:])
        if event.time_s == times_s[call]:
            at_once[int(event.unit[1:]), place[call], call] = 1.0
    for server in range(2):
        for atom in range(2):
            share, half = interval(at_once[server, atom])
            wanted = exact["res"]["dispatch_rate_immediate"][server][atom] / rate
            assert abs(share - wanted) < half, f"{server} to {atom}: {share} ± {half}, not {wanted}"
