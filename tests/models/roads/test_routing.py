from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from models.errors import InvalidQuantityError
from models.roads import (
    RoadGraph,
    Workspace,
    nearest_units,
    shortest_path,
    times_from,
    times_to,
)
from models.roads import routing as routing_module

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Make = Callable[..., RoadGraph]

seeds = st.integers(0, 2**32 - 1)
#: The first example compiles, and the machine may be busy: time proves nothing here.
unhurried = settings(deadline=None, max_examples=60)


def random_weights(graph: RoadGraph, seed: int, classes: int = 1) -> NDArray[np.float64]:
    """Whole seconds, so that ties are common; a third of the edges closed; some zero, some huge."""
    rng = np.random.default_rng(seed)
    shape = (classes, graph.n_edges)
    weight = rng.integers(0, 8, shape).astype(float)
    weight *= rng.choice([1.0, 1.0, 1.0, 1e5, 1e30], shape)
    weight[rng.random(shape) < 0.33] = np.inf
    return weight


def reference(graph: RoadGraph, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """All pairs by scipy, which reads zero as a missing edge and takes one edge per pair."""
    n = graph.n_nodes
    matrix = np.full((n, n), np.inf)
    np.minimum.at(matrix, (graph.tail, graph.head), np.where(weight == 0.0, 1e-30, weight))
    tail, head = np.nonzero(np.isfinite(matrix))
    found = dijkstra(csr_array((matrix[tail, head], (tail, head)), shape=(n, n)))
    return np.where(found < 1e-20, 0.0, found)


@unhurried
@given(seed=seeds)
def test_times_agree_with_scipy_on_random_graphs_with_closures(
    random_graph: Make, seed: int
) -> None:
    graph = random_graph(seed)
    weight = random_weights(graph, seed)[0]
    expected = reference(graph, weight)
    space = Workspace(graph)
    for node in range(graph.n_nodes):
        np.testing.assert_allclose(
            times_from(graph, weight, node, workspace=space), expected[node], rtol=1e-12
        )
        np.testing.assert_allclose(
            times_to(graph, weight, node, workspace=space), expected[:, node], rtol=1e-12
        )


@unhurried
@given(seed=seeds, data=st.data())
def test_times_to_some_are_those_to_all_to_the_bit(
    random_graph: Make, seed: int, data: st.DataObject
) -> None:
    graph = random_graph(seed)
    weight = np.random.default_rng(seed).exponential(10.0, graph.n_edges)
    goals = data.draw(st.lists(st.integers(0, graph.n_nodes - 1), max_size=5))
    space = Workspace(graph)
    for node in (0, graph.n_nodes - 1):
        out = times_from(graph, weight, node, targets=goals, workspace=space)
        into = times_to(graph, weight, node, origins=goals, workspace=space)
        np.testing.assert_array_equal(out, times_from(graph, weight, node)[goals])
        np.testing.assert_array_equal(into, times_to(graph, weight, node)[goals])


@unhurried
@given(seed=seeds, width=st.sampled_from([1e-3, 0.5, 40.0, 1e9]))
def test_width_of_the_buckets_changes_no_bit(random_graph: Make, seed: int, width: float) -> None:
    graph = random_graph(seed, nodes=40, segments=90)
    weight = np.random.default_rng(seed).exponential(10.0, graph.n_edges)
    usual = times_from(graph, weight, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routing_module, "_bucket_width_s", lambda _: width)
        np.testing.assert_array_equal(times_from(graph, weight, 0), usual)


def test_a_short_queue_grows_instead_of_losing_nodes(random_graph: Make) -> None:
    graph = random_graph(5, nodes=60, segments=200)
    weight = np.random.default_rng(5).exponential(10.0, graph.n_edges)
    space = Workspace(graph)
    space.keys, space.items, space.follow = space.keys[:2], space.items[:2], space.follow[:2]
    np.testing.assert_array_equal(
        times_from(graph, weight, 0, workspace=space), times_from(graph, weight, 0)
    )


@unhurried
@given(seed=seeds, guided=st.booleans())
def test_path_is_connected_open_and_as_short_as_scipy_says(
    random_graph: Make, seed: int, guided: bool
) -> None:
    graph = random_graph(seed)
    weight = random_weights(graph, seed)[0]
    expected = reference(graph, weight)
    space = Workspace(graph)
    dry = np.minimum(weight, 3.0)
    for target in range(0, graph.n_nodes, 3):
        bound = times_to(graph, dry, target) if guided else None
        for source in range(graph.n_nodes):
            seconds, edges = shortest_path(
                graph, weight, source, target, lower_bound_s=bound, workspace=space
            )
            assert seconds == pytest.approx(expected[source, target], rel=1e-12)
            if not np.isfinite(seconds) or source == target:
                assert edges.size == 0
                continue
            assert graph.tail[edges[0]] == source
            assert graph.head[edges[-1]] == target
            assert (graph.head[edges[:-1]] == graph.tail[edges[1:]]).all()
            assert weight[edges].sum() == pytest.approx(seconds, rel=1e-12)


def every_unit(
    expected: list[NDArray[np.float64]],
    target: int,
    nodes: NDArray[np.int64],
    classes: NDArray[np.int64],
    offset: NDArray[np.float64],
) -> list[tuple[float, int]]:
    """Rank all units by the times of the reference, ties by index."""
    seconds = [
        (float(expected[c][n, target] + o), u)
        for u, (n, c, o) in enumerate(zip(nodes, classes, offset, strict=True))
    ]
    return sorted(pair for pair in seconds if np.isfinite(pair[0]))


@unhurried
@given(seed=seeds, count=st.integers(1, 12), units=st.integers(0, 15), late=st.booleans())
def test_nearest_units_are_those_that_a_full_search_ranks_first(
    random_graph: Make, seed: int, count: int, units: int, late: bool
) -> None:
    graph = random_graph(seed)
    weight = random_weights(graph, seed, classes=3)
    weight[weight >= 1e30] = 9.0  # sums with 1e30 hide the rest, and ties then depend on order
    rng = np.random.default_rng(seed)
    nodes, classes = rng.integers(0, graph.n_nodes, units), rng.integers(0, 3, units)
    offset = rng.integers(0, 4, units) * float(late)
    expected = [np.round(reference(graph, w)) for w in weight]
    space = Workspace(graph)
    for target in range(graph.n_nodes):
        found, seconds = nearest_units(
            graph, weight, target, nodes, classes, count, unit_offset_s=offset, workspace=space
        )
        ranked = every_unit(expected, target, nodes, classes, offset)[:count]
        assert list(zip(seconds.tolist(), found.tolist(), strict=True)) == ranked


@unhurried
@given(seed=seeds)
def test_searches_leave_the_workspace_as_they_found_it(random_graph: Make, seed: int) -> None:
    graph = random_graph(seed)
    weight = random_weights(graph, seed, classes=2)
    space = Workspace(graph)
    nearest_units(graph, weight, 0, [1, 2, 2, 5], [0, 1, 0, 1], 2, workspace=space)
    shortest_path(graph, weight[0], 0, 7, workspace=space)
    times_to(graph, weight[1], 3, origins=[1, 1, 4], workspace=space)
    times_from(graph, weight[1], 3, workspace=space)
    assert np.isinf(space.dist).all()
    assert not space.chain.any()


def test_equal_times_come_in_order_of_the_units(chain: Make) -> None:
    graph = chain(4)
    weight = np.ones((2, graph.n_edges))
    units, seconds = nearest_units(graph, weight, 2, [4, 0, 4, 0], [1, 1, 0, 0], 3)
    assert units.tolist() == [0, 1, 2]
    assert seconds.tolist() == [2.0, 2.0, 2.0]


def test_unreachable_is_a_result(chain: Make) -> None:
    graph = chain(3)
    weight = np.full((1, graph.n_edges), np.inf)
    units, seconds = nearest_units(graph, weight, 0, [3, 2], [0, 0], 2)
    assert units.size == seconds.size == 0
    assert times_from(graph, weight[0], 0).tolist() == [0.0, np.inf, np.inf, np.inf]
    assert times_from(graph, weight[0], 0, targets=[3]).tolist() == [np.inf]
    seconds_there, edges = shortest_path(graph, weight[0], 0, 3)
    assert seconds_there == np.inf
    assert edges.size == 0


@pytest.mark.parametrize("bad", [np.nan, -1.0])
def test_weight_that_is_no_time_is_refused_and_leaves_no_trace(chain: Make, bad: float) -> None:
    graph = chain(3)
    weight = np.ones(graph.n_edges)
    edge = int(np.flatnonzero((graph.tail == 1) & (graph.head == 2))[0])
    weight[edge] = bad
    space = Workspace(graph)
    for search in (
        lambda: times_from(graph, weight, 0, workspace=space),
        lambda: times_to(graph, weight, 3, workspace=space),
        lambda: times_from(graph, weight, 0, targets=[3], workspace=space),
        lambda: shortest_path(graph, weight, 0, 3, workspace=space),
        lambda: nearest_units(graph, weight[None], 3, [0, 0], [0, 0], 1, workspace=space),
    ):
        with pytest.raises(InvalidQuantityError, match=f"edge {edge}"):
            search()
        assert np.isinf(space.dist).all()
        assert not space.chain.any()


def test_wrong_questions_are_refused(chain: Make) -> None:
    graph = chain(3)
    weight = np.ones((1, graph.n_edges))
    with pytest.raises(InvalidQuantityError, match="not a node"):
        times_from(graph, weight[0], 4)
    with pytest.raises(InvalidQuantityError, match="wrong shape"):
        times_from(graph, weight[0, :-1], 0)
    with pytest.raises(InvalidQuantityError, match="unit_class"):
        nearest_units(graph, weight, 0, [1], [1], 1)
    with pytest.raises(InvalidQuantityError, match="unit_node"):
        nearest_units(graph, weight, 0, [-1], [0], 1)
    with pytest.raises(InvalidQuantityError, match="count"):
        nearest_units(graph, weight, 0, [1], [0], 0)
    with pytest.raises(InvalidQuantityError, match="unit_offset_s"):
        nearest_units(graph, weight, 0, [1], [0], 1, unit_offset_s=[-1.0])
    with pytest.raises(InvalidQuantityError, match="another graph"):
        times_from(graph, weight[0], 0, workspace=Workspace(chain(5)))
    with pytest.raises(InvalidQuantityError, match="lower_bound_s"):
        shortest_path(graph, weight[0], 0, 3, lower_bound_s=np.full(4, np.nan))
