"""
The whole response on degenerate networks, against queueing theory.

With travel that takes no time, no turnout and no transport, the response model is a textbook queue:
units are its servers. Each figure is judged by the 99 % interval that the run itself gives (batch
means), around the exact value.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import simpy
from scipy.stats import t as student

from benchmarks.verification.case import Case, Figure, Outcome
from benchmarks.verification.setups import data_folder
from models.response import (
    Constant,
    Event,
    Exponential,
    FacilitySpec,
    IncidentSpec,
    LogNormal,
    ResponseModel,
    ResponseParameters,
    Route,
    Uniform,
    UnitSpec,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from benchmarks.verification.solvers import Maker
    from models.response import Distribution

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64] | NDArray[np.int32]

__all__ = ["CASES", "DATA", "Watched", "watch"]

DATA: Final = "response/queueing"
CALLS: Final = 40_000
#: Seconds that stand for one unit of time of the tables.
UNIT_S: Final = 600.0
_BATCHES, _CONFIDENCE, _WARM_UP, _SEED = 20, 0.99, 0.05, 20260101
_NONE: Final = Constant(0.0)


@dataclass(slots=True)
class Star:
    """Places one millisecond apart, with nothing between them: travel takes next to no time."""

    places: int
    apart_s: float = 1e-3
    version: int = 0

    def nearest(
        self, target: int, origins: IntArray, vehicle_classes: IntArray, count: int
    ) -> list[tuple[int, float]]:
        """Return those at *target* first, then by index."""
        del vehicle_classes
        seconds = self.times_to(0, target, origins)
        order = np.argsort(seconds, kind="stable")[:count]
        return [(int(k), float(seconds[k])) for k in order]

    def route(self, vehicle_class: int, origin: int, target: int) -> Route:
        """Return the edge between two places."""
        del vehicle_class
        if origin == target:
            return Route(np.empty(0, np.int64), 0.0)
        return Route(np.array([origin * self.places + target], np.int64), self.apart_s)

    def times_from(self, vehicle_class: int, origin: int, targets: IntArray) -> FloatArray:
        """Return 0 or the one travel time, s."""
        del vehicle_class
        return np.where(np.asarray(targets) == origin, 0.0, self.apart_s)

    def times_to(self, vehicle_class: int, target: int, origins: IntArray) -> FloatArray:
        """Return 0 or the one travel time, s."""
        return self.times_from(vehicle_class, target, origins)

    def edge_seconds(self, vehicle_class: int, edges: IntArray) -> FloatArray:
        """Return the one travel time, s."""
        del vehicle_class
        return np.full(len(edges), self.apart_s)

    def edge_heads(self, edges: IntArray) -> IntArray:
        """Return where each edge ends."""
        return edges % self.places

    def edge_tails(self, edges: IntArray) -> IntArray:
        """Return where each edge begins."""
        return edges // self.places

    def edge_reverse(self, edge: int) -> int:
        """Return the edge back."""
        return (edge % self.places) * self.places + edge // self.places

    def edge_length_m(self, edges: IntArray) -> FloatArray:
        """Return lengths without meaning, m."""
        return np.ones(len(edges))

    def node_xy(self, node: int) -> tuple[float, float]:
        """Return a place on a line."""
        return float(node), 0.0


@dataclass(slots=True)
class Watched:
    """
    What a run of a queue gave.

    ``waited_s`` is NaN and ``unit`` -1 for a call that was lost; ``busy`` and ``queued`` are the
    model's own counts at the times ``seen_s``.
    """

    arrived_s: FloatArray
    place: NDArray[np.int64]
    waited_s: FloatArray
    answered_s: FloatArray
    held: NDArray[np.bool_]
    unit: NDArray[np.int64]
    seen_s: FloatArray = field(default_factory=lambda: np.empty(0))
    busy: FloatArray = field(default_factory=lambda: np.empty(0))
    queued: FloatArray = field(default_factory=lambda: np.empty(0))
    busy_of: FloatArray = field(default_factory=lambda: np.empty((0, 0)))


def watch(
    rates: Sequence[float],
    homes: Sequence[int],
    service: Distribution,
    *,
    calls: int = CALLS,
    seed: int = _SEED,
    every: float = 0.5,
    **parameters: Any,  # noqa: ANN401 - those of ResponseParameters
) -> Watched:
    """
    Run a queue and note what becomes of every call.

    Parameters
    ----------
    rates
        Calls per unit of time from each place.
    homes
        The place of every unit.
    service
        Time on scene.
    every
        Units of time between two looks at the state.
    parameters
        Of the response, where they are not a textbook queue's.
    """
    rng = np.random.default_rng(seed)
    total = float(sum(rates))
    arrived_s = np.cumsum(rng.exponential(UNIT_S / total, calls))
    place = rng.choice(len(rates), calls, p=np.array(rates) / total).astype(np.int64)
    found = Watched(
        arrived_s, place, np.full(calls, math.nan), np.full(calls, math.nan),
        np.zeros(calls, dtype=bool), np.full(calls, -1),
    )  # fmt: skip
    env = simpy.Environment()

    def log(event: Event) -> None:
        if event.kind == "unit_assigned":
            number = int(event.incident)
            found.waited_s[number] = event.time_s - arrived_s[number]
            found.unit[number] = int(event.unit)
        elif event.kind == "call_answered":
            found.answered_s[int(event.incident)] = event.value
        elif event.kind in {"call_waiting", "incident_queued"}:
            found.held[int(event.incident)] = True

    given: dict[str, Any] = {
        "call_taking": _NONE,
        "dispatch_delay": _NONE,
        "turnout": MappingProxyType({"ambulance": _NONE}),
        "on_scene": MappingProxyType({"ambulance": service}),
        "transport_probability": 0.0,
        "clearing": _NONE,
        "record_routes": False,
    }
    model = ResponseModel(
        env,
        Star(max(len(rates), max(homes) + 1)),
        units=[
            UnitSpec(id=str(k), service="ambulance", vehicle_class=0, station=f"S{home}")
            for k, home in enumerate(homes)
        ],
        facilities=[FacilitySpec(id=f"S{k}", kind="station", node=k) for k in sorted({*homes})],
        streams=lambda _, __: rng,
        log=log,
        parameters=ResponseParameters(**(given | parameters)),
    )
    model.schedule(
        IncidentSpec(id=str(k), time_s=float(t), kind="medical", priority=1, node=int(p))
        for k, (t, p) in enumerate(zip(arrived_s, place, strict=True))
    )
    found.seen_s = np.arange(_WARM_UP * arrived_s[-1], arrived_s[-1], every * UNIT_S)
    rows = []
    for when in found.seen_s:
        env.run(until=float(when))
        missing = model.snapshot()["missing_units"]
        waiting = sum(missing.values()) if isinstance(missing, dict) else 0  # type: ignore[arg-type]  # counts
        rows.append([waiting, *(unit.task is not None for unit in model.fleet)])
    env.run(until=float(arrived_s[-1]) + 200.0 * UNIT_S)
    model.finish()
    table = np.array(rows, dtype=np.float64)
    found.queued, found.busy_of = table[:, 0], table[:, 1:]
    found.busy = found.busy_of.sum(axis=1)
    return found


def _after_warm_up(values: FloatArray) -> FloatArray:
    return values[int(_WARM_UP * values.size) :]


def _spread(values: FloatArray) -> tuple[float, float]:
    """Return the mean of a correlated series, and half its 99 % interval, by batch means."""
    size = values.size // _BATCHES
    batches = values[: size * _BATCHES].reshape(_BATCHES, size).mean(axis=1)
    factor = float(student.ppf(0.5 + 0.5 * _CONFIDENCE, _BATCHES - 1))
    half = factor * float(batches.std(ddof=1)) / math.sqrt(_BATCHES)
    return float(values.mean()), half


def _judged(name: str, values: FloatArray, exact: float, unit: str = "", *, n: int) -> Figure:
    mean, half = _spread(values)
    return Figure(
        name=name, value=mean, unit=unit, at_least=exact - half, at_most=exact + half,
        source=f"exact {exact:.5g}; 99 % interval of {n:,} calls",
    )  # fmt: skip


def _tables() -> dict[str, Any]:
    path = data_folder(DATA) / "queueing_reference.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _little(found: Watched, name: str, units: str = "waiting") -> Figure:
    """Return L - λW: both sides are seen apart, L in the model's state, W in its log."""
    edges = np.linspace(found.seen_s[0], found.arrived_s[-1], _BATCHES + 1)
    seen = np.digitize(found.seen_s, edges) - 1
    came = np.digitize(found.arrived_s, edges) - 1
    gaps = np.array(
        [
            found.queued[seen == k].mean()
            - np.nansum(found.waited_s[came == k]) / (edges[k + 1] - edges[k])
            for k in range(_BATCHES)
        ]
    )
    factor = float(student.ppf(0.5 + 0.5 * _CONFIDENCE, _BATCHES - 1))
    half = factor * float(gaps.std(ddof=1)) / math.sqrt(_BATCHES)
    return Figure(
        name=f"{name}: L - λW of those {units}", value=float(gaps.mean()), unit="calls",
        at_least=-half, at_most=half,
        source=f"Little (1961): 0; 99 % interval of {found.arrived_s.size:,} calls",
    )  # fmt: skip


def _delay(maker: Maker) -> Outcome:
    del maker
    figures = []
    for number, row in enumerate(_tables()["MMc"]):
        c, lam, mu = int(row["c"]), float(row["lam"]), float(row["mu"])
        found = watch([lam], [0] * c, Exponential(UNIT_S / mu), seed=_SEED + number)
        name, n = f"M/M/{c}, load {row['a']:g}", CALLS
        figures += [
            _judged(f"{name}: share that waits", _after_warm_up(found.held.astype(float)),
                    row["P_wait"], n=n),
            _judged(f"{name}: mean wait over the unit of time",
                    _after_warm_up(found.waited_s) / UNIT_S, row["Wq"], n=n),
            _judged(f"{name}: mean number waiting", found.queued, row["Lq"], "calls", n=n),
            _little(found, name),
        ]  # fmt: skip
    return Outcome(figures=tuple(figures))


def _takers(maker: Maker) -> Outcome:
    """Call takers as servers: units take no time, answering does."""
    del maker
    figures = []
    for number, row in enumerate(_tables()["MMc"][1:5]):
        c, lam, mu = int(row["c"]), float(row["lam"]), float(row["mu"])
        found = watch(
            [lam], [0] * 3, _NONE, seed=_SEED + 40 + number,
            call_takers=c, call_taking=Exponential(UNIT_S / mu),
        )  # fmt: skip
        name, n = f"{c} call takers, load {row['a']:g}", CALLS
        figures += [
            _judged(f"{name}: share that waits", _after_warm_up(found.held.astype(float)),
                    row["P_wait"], n=n),
            _judged(f"{name}: mean time to an answer over the unit of time",
                    _after_warm_up(found.answered_s) / UNIT_S, row["Wq"] + 1.0 / mu, n=n),
        ]  # fmt: skip
    return Outcome(figures=tuple(figures))


def _loss(maker: Maker) -> Outcome:
    del maker
    figures = []
    for number, row in enumerate(_tables()["MMcc_loss"]):
        c, load = int(row["c"]), float(row["a"])
        log_normal = number % 2 == 1
        service = LogNormal.of_mean(UNIT_S, 1.0) if log_normal else Exponential(UNIT_S)
        kind = "G" if log_normal else "M"
        found = watch([load], [0] * c, service, seed=_SEED + 60 + number, queue_capacity=0)
        lost = _after_warm_up((found.unit < 0).astype(float))
        name = f"M/{kind}/{c}/{c}, load {load:g}"
        figures += [
            _judged(f"{name}: share lost", lost, row["P_loss"], n=CALLS),
            _judged(f"{name}: mean number of busy units", found.busy,
                    load * (1.0 - row["P_loss"]), n=CALLS),
        ]  # fmt: skip
    return Outcome(figures=tuple(figures))


def _infinite(maker: Maker) -> Outcome:
    """More units than are ever needed: the number at work is a Poisson number."""
    del maker
    figures = []
    services: Mapping[str, Distribution] = {
        "exponential": Exponential(2.0 * UNIT_S),
        "uniform": Uniform(0.0, 4.0 * UNIT_S),
        "log-normal": LogNormal.of_mean(2.0 * UNIT_S, 1.5),
    }
    for number, (name, service) in enumerate(services.items()):
        found = watch([3.0], [0] * 40, service, seed=_SEED + 80 + number, queue_capacity=0)
        figures += [
            _judged(f"{name}: mean number at work", found.busy, 6.0, n=CALLS),
            _judged(f"{name}: its variance", (found.busy - 6.0) ** 2, 6.0, n=CALLS),
            _judged(f"{name}: share of time without any", (found.busy == 0).astype(float),
                    math.exp(-6.0), n=CALLS),
            Figure(name=f"{name}: calls lost", value=float((found.unit < 0).sum()), at_most=0.0,
                   source="40 units for 6 at work"),
        ]  # fmt: skip
    return Outcome(figures=tuple(figures))


def _hypercube(maker: Maker) -> Outcome:
    """Two stations, two places: who is busy, and who serves whom."""
    del maker
    figures = []
    for number, (title, capacity) in enumerate((("loss", 0), ("queue", None))):
        table = _tables()["hypercube_exact"][f"2srv_2atom_{title}"]
        exact = table["res"]
        calls = CALLS
        found = watch(
            table["lam"], [0, 1], Exponential(UNIT_S / table["mu"]), calls=calls,
            seed=_SEED + 100 + number, queue_capacity=capacity,
        )  # fmt: skip
        rate = sum(table["lam"])
        for unit in (0, 1):
            figures.append(
                _judged(f"{title}: workload of unit {unit + 1}", found.busy_of[:, unit],
                        exact["workload"][unit], n=calls)
            )  # fmt: skip
            for place in (0, 1):
                at_once = (found.unit == unit) & (found.place == place) & ~found.held
                figures.append(
                    _judged(f"{title}: rate at which unit {unit + 1} is sent at once to place "
                            f"{place + 1}", _after_warm_up(at_once * rate),
                            exact["dispatch_rate_immediate"][unit][place], n=calls)
                )  # fmt: skip
        none = (found.busy == 0) & (found.queued == 0)
        figures += [
            _judged(f"{title}: share of time with nobody busy", none.astype(float),
                    exact["p_states"][0], n=calls),
            _judged(f"{title}: share of time with all busy", (found.busy == 2).astype(float),
                    exact["p_all_busy"], n=calls),
        ]  # fmt: skip
    return Outcome(figures=tuple(figures))


def _case(name: str, title: str, what: str, source: str, run: Callable[[Maker], Outcome]) -> Case:
    return Case(name=name, title=title, what=what, source=source, run=run, solvers=(), data=DATA)


CASES: Final = (
    _case("queue-delay", "Units with a queue: M/M/c",
          "Poisson calls, exponential time on scene, no travel; calls wait for a unit.",
          "Erlang (1917), formula C; Little (1961)", _delay),
    _case("queue-takers", "Call takers with a queue: M/M/c",
          "Calls wait for somebody to answer them; units take no time.",
          "Erlang (1917), formula C", _takers),
    _case("queue-loss", "Units without a queue: M/M/c/c and M/G/c/c",
          "A call that finds no free unit is lost; the share does not depend on the law of the "
          "time on scene, only on its mean.",
          "Erlang (1917), formula B", _loss),
    _case("queue-infinite", "Always a free unit: M/G/∞",
          "The number of units at work is a Poisson number, whatever the law of the time on scene.",
          "Takács (1962)", _infinite),
    _case("hypercube", "Two stations and two places: the hypercube",
          "The nearest free unit is sent; with losses, and with a queue.",
          "Larson (1974)", _hypercube),
)  # fmt: skip
