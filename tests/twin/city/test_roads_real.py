from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from models.roads import (
    VEHICLE_CLASSES,
    RoadConditions,
    RoadGraph,
    Workspace,
    nearest_units,
    shortest_path,
    times_to,
)
from twin.city.build import build_city
from twin.city.roads import road_graph

pytestmark = pytest.mark.realdata
RECIPE = Path(__file__).parents[3] / "docs" / "recipes" / "ho_chi_minh_roads.yaml"
CLASSES = (VEHICLE_CLASSES["ambulance"], VEHICLE_CLASSES["fire_engine"])


@pytest.fixture(scope="module")
def graph(real_data: Path) -> RoadGraph:
    patch = pytest.MonkeyPatch()
    patch.setenv("TWIN_DATA", str(real_data))
    city = build_city(RECIPE)
    patch.undo()
    return road_graph(city)


def backward(graph: RoadGraph, weight: np.ndarray) -> csr_array:
    """Return head by tail, with the quicker of two streets between the same nodes."""
    order = np.lexsort((weight, graph.tail, graph.head))
    head, tail = graph.head[order], graph.tail[order]
    first = np.append(True, (np.diff(head) != 0) | (np.diff(tail) != 0))
    shape = (graph.n_nodes, graph.n_nodes)
    return csr_array((weight[order][first], (head[first], tail[first])), shape=shape)


def test_a_city_answers_a_thousand_dispatches_after_a_weight_change(graph: RoadGraph) -> None:
    rng = np.random.default_rng(0)
    roads = RoadConditions(graph, CLASSES)
    inside = np.flatnonzero(graph.components(CLASSES[1]).in_largest)
    calls, units = rng.choice(inside, 1000), rng.choice(inside, 100)
    kinds = np.arange(100) % 2
    space = Workspace(graph)
    nearest_units(graph, roads.travel_time_s, 0, units, kinds, 3, workspace=space)
    depth = np.where(rng.random(graph.n_edges) < 0.1, rng.uniform(0, 0.6, graph.n_edges), 0.0)
    start = time.perf_counter()
    roads.update(depth)
    answers = [
        nearest_units(graph, roads.travel_time_s, int(call), units, kinds, 3, workspace=space)
        for call in calls
    ]
    assert time.perf_counter() - start < 20.0
    for call, (found, seconds) in list(zip(calls, answers, strict=True))[::100]:
        expected = np.full(units.size, np.inf)
        for kind in range(2):
            matrix = backward(graph, roads.travel_time_s[kind])
            mine = kinds == kind
            expected[mine] = dijkstra(matrix, indices=int(call))[units[mine]]
        np.testing.assert_allclose(seconds, np.sort(expected)[:3], rtol=1e-9)
        np.testing.assert_allclose(seconds, expected[found], rtol=1e-9)


def test_bounds_from_dry_roads_keep_the_soonest_way(graph: RoadGraph) -> None:
    rng = np.random.default_rng(1)
    roads = RoadConditions(graph, CLASSES)
    inside = np.flatnonzero(graph.components(CLASSES[0]).in_largest)
    dry = roads.dry_travel_time_s[0]
    roads.update(np.where(rng.random(graph.n_edges) < 0.05, 0.25, 0.0))
    space = Workspace(graph)
    for source, target in rng.choice(inside, (20, 2)):
        bound = times_to(graph, dry, int(target), workspace=space)
        plain, edges = shortest_path(
            graph, roads.travel_time_s[0], int(source), int(target), workspace=space
        )
        guided, _ = shortest_path(
            graph,
            roads.travel_time_s[0],
            int(source),
            int(target),
            lower_bound_s=bound,
            workspace=space,
        )
        assert guided == pytest.approx(plain, rel=1e-9)
        assert roads.travel_time_s[0][edges].sum() == pytest.approx(plain, rel=1e-9)
