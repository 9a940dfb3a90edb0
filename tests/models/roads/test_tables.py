"""Tables of places answer as searches do, whatever is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.roads import build_graph, nearest_units, shortest_path, times_from
from models.roads.tables import ASKED_FIRST, PlaceTables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from models.roads import RoadGraph

    type Floats = NDArray[np.float64]
    type Setting = tuple[RoadGraph, Floats, np.random.Generator]

NODES = 30


def network(seed: int, *, closed: float = 0.2, still: float = 0.05) -> Setting:
    rng = np.random.default_rng(seed)
    tail = np.append(np.arange(NODES), rng.integers(0, NODES, 60))
    head = np.append(np.roll(np.arange(NODES), -1), rng.integers(0, NODES, 60))
    keep = tail != head
    tail, head = tail[keep], head[keep]
    graph = build_graph(
        node_id=np.arange(NODES),
        node_x_m=rng.uniform(0, 1e3, NODES),
        node_y_m=rng.uniform(0, 1e3, NODES),
        from_node=tail,
        to_node=head,
        direction=["both" if k % 3 else "forward" for k in range(tail.size)],
        road_class=["residential"] * tail.size,
        length_m=np.full(tail.size, 100.0),
    )
    weight = rng.uniform(1.0, 100.0, (2, graph.n_edges))
    weight[rng.random(weight.shape) < still] = 0.0
    weight[rng.random(weight.shape) < closed] = np.inf
    return graph, weight, rng


def warm(graph: RoadGraph, weight: Floats, places: Iterable[int]) -> PlaceTables:
    tables = PlaceTables(graph, places)
    tables.renew(1)
    every = np.array(sorted(set(places)), dtype=np.int64)
    for row in (0, 1):
        for _ in range(ASKED_FIRST * every.size + 1):
            tables.seconds_to(weight[row], row, 0, every)
            tables.nearest(weight, 0, every, np.full(every.size, row), 1)
    return tables


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), closed=st.sampled_from([0.0, 0.2, 0.6]))
def test_tables_find_what_searches_find(seed: int, closed: float) -> None:
    graph, weight, rng = network(seed, closed=closed)
    places = rng.choice(NODES, 5, replace=False)
    tables = warm(graph, weight, places)
    for _ in range(6):
        origin, target = (int(n) for n in rng.integers(0, NODES, 2))
        row = int(rng.integers(0, 2))
        seconds, _ = shortest_path(graph, weight[row], origin, target)
        found = tables.route(weight[row], row, origin, target)
        if found is not None:
            assert found[0] == pytest.approx(seconds, abs=1e-9)
            if np.isfinite(seconds):
                assert weight[row][found[1]].sum() == pytest.approx(seconds, abs=1e-9)
                ends = [origin, *graph.head[found[1]]]
                assert (graph.tail[found[1]] == ends[:-1]).all()
                assert ends[-1] == target
        assert tables.seconds_to(weight[row], row, origin, places) == pytest.approx(
            times_from(graph, weight[row], origin, targets=places), abs=1e-9
        )
        origins = np.append(rng.integers(0, NODES, 4), places[:3])
        rows = rng.integers(0, 2, origins.size)
        told = tables.nearest(weight, target, origins, rows, 3)
        _, times = nearest_units(graph, weight, target, origins, rows, 3)
        if told is not None:
            assert [s for _, s in told] == pytest.approx(times.tolist(), abs=1e-9)


def test_a_place_asked_for_once_is_left_to_the_search() -> None:
    graph, weight, _ = network(3)
    tables = PlaceTables(graph, [1, 2, 3, 4])
    tables.renew(1)
    assert tables.route(weight[0], 0, 7, 2) is None
    for _ in range(ASKED_FIRST):
        tables.route(weight[0], 0, 7, 2)
    assert tables.route(weight[0], 0, 7, 2) is not None


def test_new_travel_times_are_taken_in() -> None:
    graph, weight, _ = network(5, closed=0.0, still=0.0)
    tables = warm(graph, weight, [1, 2, 3, 4])
    slower = weight * 2.0
    before = tables.route(weight[0], 0, 9, 2)
    tables.renew(2)
    for _ in range(ASKED_FIRST + 1):
        after = tables.route(slower[0], 0, 9, 2)
    assert before is not None
    assert after is not None
    assert after[0] == pytest.approx(2.0 * before[0])


def test_tables_of_no_places_answer_nothing() -> None:
    graph, weight, _ = network(5)
    tables = PlaceTables(graph, [])
    tables.renew(1)
    assert tables.route(weight[0], 0, 9, 2) is None
    assert tables.nearest(weight, 2, np.array([9]), np.array([0]), 1) is None
