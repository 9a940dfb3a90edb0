"""A small road network and a harness for runs of the response on it."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import simpy

from models.response import (
    Aid,
    Constant,
    Event,
    FacilitySpec,
    FireParameters,
    IncidentSpec,
    ResponseModel,
    ResponseParameters,
    Route,
    UnitSpec,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray


class GraphNetwork:
    """
    A road network from a list of (tail, head, seconds); plain Dijkstra, every edge 100 m long.

    ``close`` makes edges impassable by water, ``bar`` by a barrier, ``open`` undoes both.
    """

    def __init__(self, edges: Iterable[tuple[int, int, float]], *, both_ways: bool = True) -> None:
        listed = list(edges)
        if both_ways:
            listed = [way for a, b, s in listed for way in ((a, b, s), (b, a, s))]
        self.tail = np.array([a for a, _, _ in listed], dtype=np.int32)
        self.head = np.array([b for _, b, _ in listed], dtype=np.int32)
        self.dry_s = np.array([s for _, _, s in listed], dtype=np.float64)
        self.now_s = self.dry_s.copy()
        self.known_s = self.now_s  # what routes are planned with: the truth, unless replaced
        self.flooded: set[int] = set()
        self.version = 0
        self.queries = 0
        self.nodes = int(max(self.tail.max(), self.head.max())) + 1 if listed else 1
        self.out: list[list[int]] = [[] for _ in range(self.nodes)]
        self.into: list[list[int]] = [[] for _ in range(self.nodes)]
        for edge, (a, b, _) in enumerate(listed):
            self.out[a].append(edge)
            self.into[b].append(edge)

    def edge(self, tail: int, head: int) -> int:
        return next(e for e in self.out[tail] if self.head[e] == head)

    def set_seconds(self, seconds: Mapping[int, float], *, water: bool = True) -> None:
        for edge, value in seconds.items():
            self.now_s[edge] = value
            self.flooded.discard(edge)
            if water and math.isinf(value):
                self.flooded.add(edge)
        self.version += 1

    def close(self, *ways: tuple[int, int]) -> None:
        self.set_seconds({self.edge(a, b): math.inf for a, b in ways})

    def bar(self, *ways: tuple[int, int]) -> None:
        self.set_seconds({self.edge(a, b): math.inf for a, b in ways}, water=False)

    def open(self, *ways: tuple[int, int]) -> None:
        self.set_seconds({self.edge(a, b): self.dry_s[self.edge(a, b)] for a, b in ways})

    def _search(self, source: int, *, reverse: bool) -> tuple[list[float], list[int]]:
        self.queries += 1
        best = [math.inf] * self.nodes
        via = [-1] * self.nodes
        best[source] = 0.0
        heap = [(0.0, source)]
        while heap:
            cost, node = heapq.heappop(heap)
            if cost > best[node]:
                continue
            for edge in self.into[node] if reverse else self.out[node]:
                other = int(self.tail[edge] if reverse else self.head[edge])
                reached = cost + self.known_s[edge]
                if reached < best[other]:
                    best[other], via[other] = reached, edge
                    heapq.heappush(heap, (reached, other))
        return best, via

    def nearest(
        self,
        target: int,
        origins: NDArray[np.int64],
        vehicle_classes: NDArray[np.int64],
        count: int,
    ) -> list[tuple[int, float]]:
        del vehicle_classes
        best, _ = self._search(target, reverse=True)
        timed = sorted((best[int(node)], k) for k, node in enumerate(origins))
        return [(k, s) for s, k in timed if math.isfinite(s)][:count]

    def route(self, vehicle_class: int, origin: int, target: int) -> Route | None:
        del vehicle_class
        best, via = self._search(origin, reverse=False)
        if math.isinf(best[target]):
            return None
        edges: list[int] = []
        node = target
        while node != origin:
            edges.append(via[node])
            node = int(self.tail[via[node]])
        return Route(np.array(edges[::-1], dtype=np.int32), best[target])

    def times_from(
        self, vehicle_class: int, origin: int, targets: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        del vehicle_class
        best, _ = self._search(origin, reverse=False)
        return np.array([best[int(node)] for node in targets], dtype=np.float64)

    def times_to(
        self, vehicle_class: int, target: int, origins: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        del vehicle_class
        best, _ = self._search(target, reverse=True)
        return np.array([best[int(node)] for node in origins], dtype=np.float64)

    def edge_seconds(self, vehicle_class: int, edges: NDArray[np.int64]) -> NDArray[np.float64]:
        del vehicle_class
        return self.now_s[edges]

    def edge_heads(self, edges: NDArray[np.int64]) -> NDArray[np.int32]:
        return self.head[edges]

    def edge_tails(self, edges: NDArray[np.int64]) -> NDArray[np.int32]:
        return self.tail[edges]

    def edge_reverse(self, edge: int) -> int:
        back = (e for e in self.out[self.head[edge]] if self.head[e] == self.tail[edge])
        return next(back, -1)

    def edge_length_m(self, edges: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.full(len(edges), 100.0)

    def node_xy(self, node: int) -> tuple[float, float]:
        return 100.0 * node, 0.0

    def edge_under_water(self, vehicle_class: int, edge: int) -> bool:
        del vehicle_class
        return edge in self.flooded


def streams(purpose: str, index: int) -> np.random.Generator:
    key = [*purpose.encode(), index]
    return np.random.default_rng(np.random.SeedSequence(7, spawn_key=key))


PLAIN: dict[str, Any] = {
    "call_taking": Constant(0.0),
    "dispatch_delay": Constant(0.0),
    "turnout": {"ambulance": Constant(0.0), "fire": Constant(0.0)},
    "on_scene": {"ambulance": Constant(600.0), "fire": Constant(600.0)},
    "loading": Constant(0.0),
    "transport_probability": 1.0,
    "handover": Constant(300.0),
    "clearing": Constant(0.0),
    "bed_stay": Constant(3600.0),
    "stranding_recovery_s": 0.0,
    "fire": FireParameters(work=Constant(600.0), set_up_s=60.0),
}


@dataclass
class Run:
    """A model, its clock, and everything that it wrote."""

    network: Any
    env: simpy.Environment
    model: ResponseModel
    events: list[Event] = field(default_factory=list)

    def until(self, time_s: float) -> Run:
        if time_s > self.env.now:
            self.env.run(until=time_s)
        return self

    def call(self, name: str, node: int, kind: str = "medical", **more: Any) -> None:
        more.setdefault("priority", 1)
        spec = IncidentSpec(id=name, time_s=float(self.env.now), kind=kind, node=node, **more)
        self.model.report(spec)

    def change(self, method: str, *ways: tuple[int, int]) -> None:
        getattr(self.network, method)(*ways)
        self.model.roads_changed()

    def of(self, kind: str, **fields: Any) -> list[Event]:
        return [
            event
            for event in self.events
            if event.kind == kind and all(getattr(event, k) == v for k, v in fields.items())
        ]

    def one(self, kind: str, **fields: Any) -> Event:
        found = self.of(kind, **fields)
        assert len(found) == 1, f"{kind} {fields}: {found}"
        return found[0]

    def kinds(self, **fields: Any) -> list[str]:
        return [
            event.kind
            for event in self.events
            if all(getattr(event, k) == v for k, v in fields.items())
        ]


def make_run(
    network: Any,
    *,
    ambulances: Sequence[int] = (),
    engines: Sequence[int] = (),
    hospitals: Mapping[int, int | None] | None = None,
    hydrants: Sequence[int] = (),
    water: Sequence[int] = (),
    parameters: ResponseParameters | None = None,
    streams_of: Callable[[str, int], np.random.Generator] = streams,
    keep: Callable[[Event], bool] | None = None,
    aid: Sequence[Aid] = (),
    **plain: Any,
) -> Run:
    """Return a run with units at the nodes given, named A0, A1 … and F0, F1 …."""
    stations = sorted({*ambulances, *engines})
    facilities = [FacilitySpec(id=f"S{node}", kind="station", node=node) for node in stations]
    facilities += [
        FacilitySpec(id=f"H{node}", kind="hospital", node=node, beds=beds)
        for node, beds in (hospitals or {}).items()
    ]
    units = [
        UnitSpec(
            id=f"A{k}",
            service="ambulance",
            vehicle_class=0,
            station=f"S{node}",
            in_service=all(f"A{k}" not in each.units for each in aid),
        )
        for k, node in enumerate(ambulances)
    ]
    units += [
        UnitSpec(id=f"F{k}", service="fire", vehicle_class=0, station=f"S{node}")
        for k, node in enumerate(engines)
    ]
    env = simpy.Environment()
    events: list[Event] = []

    def log(event: Event) -> None:
        if keep is None or keep(event):
            events.append(event)

    model = ResponseModel(
        env,
        network,
        units=units,
        facilities=facilities,
        streams=streams_of,
        log=log,
        hydrant_nodes=np.array(hydrants, dtype=np.int64),
        open_water_nodes=np.array(water, dtype=np.int64),
        aid=aid,
        parameters=parameters or ResponseParameters(**{**PLAIN, **plain}),
    )
    return Run(network, env, model, events)


@pytest.fixture
def graph() -> type[GraphNetwork]:
    """Return the class of small networks."""
    return GraphNetwork


@pytest.fixture
def run() -> Callable[..., Run]:
    """Return the maker of runs."""
    return make_run


@pytest.fixture
def line(graph: type[GraphNetwork]) -> GraphNetwork:
    """Return nodes 0 to 5 in a row, 60 s apart."""
    return graph([(k, k + 1, 60.0) for k in range(5)])
