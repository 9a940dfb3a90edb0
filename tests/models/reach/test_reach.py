from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from models.errors import InvalidQuantityError
from models.reach import Network, close_each, nearest_place

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIMITS = (10.0, 30.0)


def make(seed: int, n: int, m: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    tail, head = rng.integers(0, n, (2, m))
    seconds = rng.integers(1, 20, m).astype(float)
    seconds[rng.random(m) < 0.15] = np.inf
    places = rng.choice(n, size=min(2, n), replace=False)
    demand = rng.integers(0, 5, n).astype(float)
    return {"tail": tail, "head": head, "seconds": seconds, "places": places, "demand": demand}


def by_scipy(case: dict[str, Any], n: int, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what scipy finds on the matrix of the quickest of parallel edges."""
    matrix = np.full((n, n), np.inf)
    np.minimum.at(matrix, (case["tail"], case["head"]), seconds)
    np.fill_diagonal(matrix, np.inf)
    found = dijkstra(np.where(np.isinf(matrix), 0.0, matrix), indices=case["places"])
    return np.asarray(found.min(axis=0))


@given(st.integers(0, 2**32 - 1), st.integers(2, 12), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_the_nearest_place_is_as_scipy_finds_it(seed: int, n: int, m: int) -> None:
    case = make(seed, n, m)
    network = Network.of(case["tail"], case["head"], n)
    found = nearest_place(network, case["seconds"], case["places"])
    np.testing.assert_array_equal(found.seconds, by_scipy(case, n, case["seconds"]))
    assert ((found.place >= 0) == np.isfinite(found.seconds)).all()


@given(st.integers(0, 2**32 - 1), st.integers(2, 10), st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_a_closure_loses_what_a_new_search_without_the_street_loses(
    seed: int, n: int, m: int
) -> None:
    case = make(seed, n, m)
    network = Network.of(case["tail"], case["head"], n)
    before = nearest_place(network, case["seconds"], case["places"])
    groups = [[e] for e in range(m)] + [list(range(0, m, 3)), []]
    found = close_each(
        network, case["seconds"], before, groups=groups, demand=case["demand"], limits_s=LIMITS
    )
    for g, group in enumerate(groups):
        shut = case["seconds"].copy()
        shut[group] = np.inf
        after = by_scipy(case, n, shut)
        was, d = before.seconds, case["demand"]
        for j, limit in enumerate(LIMITS):
            assert found.lost[g, j] == d[(was <= limit) & (after > limit)].sum()
        assert found.cut[g] == d[np.isfinite(was) & np.isinf(after)].sum()
        both = np.isfinite(after)
        assert found.delay[g] == pytest.approx((d[both] * (after[both] - was[both])).sum())


def test_times_to_a_place_are_times_from_it_on_turned_edges() -> None:
    network = Network.of([0, 1], [1, 2], 3, backward=True)
    found = nearest_place(network, [3.0, 4.0], [2])
    assert found.seconds.tolist() == [7.0, 4.0, 0.0]


def test_without_places_nobody_is_reached() -> None:
    found = nearest_place(Network.of([0], [1], 2), [1.0], [])
    assert np.isinf(found.seconds).all()


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidQuantityError, match="ends at no node"):
        Network.of([0], [5], 2)
    network = Network.of([0], [1], 2)
    for seconds in ([0.0], [-1.0], [np.nan]):
        with pytest.raises(InvalidQuantityError, match="not positive"):
            nearest_place(network, seconds, [0])
    with pytest.raises(InvalidQuantityError, match="must be a node"):
        nearest_place(network, [1.0], [2])
    before = nearest_place(network, [1.0], [0])
    with pytest.raises(InvalidQuantityError, match="outside"):
        close_each(network, [1.0], before, groups=[[3]], demand=np.ones(2), limits_s=[1.0])
