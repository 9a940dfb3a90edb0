from __future__ import annotations

from itertools import combinations, combinations_with_replacement
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.siting import (
    Limits,
    covered_demand,
    expected_covered,
    expected_covering,
    maximal_covering,
    mean_time_s,
    nearest_time_s,
    p_centre,
    p_median,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

type Case = tuple[NDArray[np.float64], NDArray[np.float64]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sites, points = draw(st.integers(1, 6)), draw(st.integers(1, 12))
    table = rng.integers(1, 30, (sites, points)).astype(float)
    table[rng.random(table.shape) < 0.25] = np.inf
    demand = rng.integers(0, 9, points).astype(float)
    demand[0] += 1.0
    return table, demand


@given(cases(), st.data())
@settings(max_examples=25, deadline=None)
def test_maximal_covering_is_as_good_as_trying_every_choice(
    case: Case, data: st.DataObject
) -> None:
    table, demand = case
    count = data.draw(st.integers(1, len(table)))
    answer = maximal_covering(table, demand, count=count, within_s=12.0)
    best = max(
        covered_demand(table, demand, chosen, 12.0)
        for chosen in combinations(range(len(table)), count)
    )
    assert answer.objective == pytest.approx(best)
    assert answer.bound == pytest.approx(best)
    assert answer.proven
    assert answer.gap == 0.0
    assert len(answer.sites) == count


@given(cases(), st.data())
@settings(max_examples=25, deadline=None)
def test_p_median_is_as_good_as_trying_every_choice(case: Case, data: st.DataObject) -> None:
    table, demand = case
    count = data.draw(st.integers(1, len(table)))
    answer = p_median(table, demand, count=count, unserved_s=400.0)
    counted = demand * np.isfinite(table).any(axis=0)
    best = min(
        float((counted * np.minimum(nearest_time_s(table, chosen), 400.0)).sum())
        for chosen in combinations(range(len(table)), count)
    )
    assert answer.objective == pytest.approx(best)
    assert answer.bound == pytest.approx(best)


@given(cases(), st.data())
@settings(max_examples=25, deadline=None)
def test_p_centre_is_as_good_as_trying_every_choice(case: Case, data: st.DataObject) -> None:
    table, demand = case
    count = data.draw(st.integers(1, len(table)))
    columns = np.isfinite(table).any(axis=0) & (demand > 0)
    best = min(
        float(nearest_time_s(table[:, columns], chosen).max(initial=0.0))
        for chosen in combinations(range(len(table)), count)
    )
    if not columns.any():
        return
    if np.isinf(best):
        with pytest.raises(InvalidQuantityError, match="cannot reach all"):
            p_centre(table, demand, count=count)
        return
    assert p_centre(table, demand, count=count).objective == best


@given(cases(), st.integers(1, 4), st.sampled_from([0.0, 0.2, 0.6]))
@settings(max_examples=25, deadline=None)
def test_expected_covering_is_as_good_as_trying_every_choice(
    case: Case, units: int, busy: float
) -> None:
    table, demand = case
    answer = expected_covering(table, demand, units=units, busy=busy, within_s=12.0)
    best = max(
        expected_covered(table, demand, chosen, np.ones(units, int), within_s=12.0, busy=busy)
        for chosen in combinations_with_replacement(range(len(table)), units)
    )
    assert answer.objective == pytest.approx(best)
    assert answer.units.sum() == units


def test_units_do_not_exceed_the_room_at_a_site() -> None:
    table = np.array([[1.0, 1.0], [1.0, 99.0]])
    answer = expected_covering(table, np.ones(2), units=4, busy=0.5, within_s=5.0, most_per_site=2)
    assert answer.units.tolist() == [2, 2]


def test_a_kept_site_is_chosen_though_others_are_better() -> None:
    table = np.array([[1.0, 1.0, 1.0], [99.0, 99.0, 1.0]])
    answer = maximal_covering(table, np.ones(3), count=1, within_s=5.0, fixed=[1])
    assert answer.sites.tolist() == [1]
    assert answer.objective == 1.0


def test_demand_that_nobody_reaches_is_named() -> None:
    table = np.array([[1.0, np.inf], [2.0, np.inf]])
    answer = p_median(table, np.ones(2), count=1)
    assert answer.reachable.tolist() == [True, False]
    assert answer.objective == 1.0
    assert mean_time_s(table, np.ones(2), answer.sites) == 1.0


def test_where_nothing_can_be_covered_the_answer_is_zero() -> None:
    answer = maximal_covering(np.full((2, 3), np.inf), np.ones(3), count=1, within_s=5.0)
    assert answer.objective == 0.0
    assert answer.gap == 0.0


@pytest.mark.parametrize(
    ("table", "demand", "count"),
    [
        ([[1.0, -1.0]], [1.0, 1.0], 1),
        ([[1.0, np.nan]], [1.0, 1.0], 1),
        ([[1.0, 1.0]], [1.0], 1),
        ([[1.0, 1.0]], [0.0, 0.0], 1),
        ([[1.0, 1.0]], [np.inf, 0.0], 1),
        ([[1.0, 1.0]], [1.0, 1.0], 2),
        ([[1.0, 1.0]], [1.0, 1.0], 0),
    ],
)
def test_what_is_not_a_problem_is_refused(
    table: list[list[float]], demand: list[float], count: int
) -> None:
    for ask in (p_median, p_centre):
        with pytest.raises(InvalidQuantityError):
            ask(table, demand, count=count)
    with pytest.raises(InvalidQuantityError):
        maximal_covering(table, demand, count=count, within_s=5.0)


def test_limits_that_are_not_possible_are_refused() -> None:
    with pytest.raises(InvalidQuantityError, match="time_s"):
        Limits(time_s=0.0)
    with pytest.raises(InvalidQuantityError, match="busy"):
        expected_covering([[1.0]], [1.0], units=1, busy=1.0, within_s=1.0)


def test_an_answer_within_a_wide_gap_does_not_pass_for_proven_unless_it_is() -> None:
    rng = np.random.default_rng(3)
    table = rng.random((25, 60)) * 100.0
    demand = rng.random(60) + 0.1
    best = p_median(table, demand, count=6)
    loose = p_median(table, demand, count=6, limits=Limits(gap=0.9))
    assert best.proven
    assert best.bound >= loose.bound
    assert loose.objective >= best.objective
    assert loose.proven == (loose.gap <= 1e-6)
    assert p_centre(table, demand, count=6, limits=Limits(gap=0.9)).objective == pytest.approx(
        p_centre(table, demand, count=6).objective
    )


def _orlib(folder: Path) -> NDArray[np.float64]:
    """Return the distances of pmed1; of an edge that is listed twice the last one counts."""
    lines = (folder / "response/orlib_pmed/pmed1.txt").read_text().split()
    numbers = [int(word) for word in lines]
    graph = nx.Graph()
    for u, v, cost in np.reshape(numbers[3:], (-1, 3)).tolist():
        graph.add_edge(u, v, weight=cost)
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph))
    n = numbers[0]
    return np.array([[float(lengths[i][j]) for j in range(1, n + 1)] for i in range(1, n + 1)])


@pytest.mark.realdata
def test_pmed1_of_the_or_library_has_its_known_optimum(real_data: Path) -> None:
    table = _orlib(real_data)
    answer = p_median(table, np.ones(100), count=5)
    assert answer.objective == pytest.approx(5819.0)
    assert answer.gap == 0.0


def _san_francisco(folder: Path) -> Case:
    path = folder / "response/spopt_sf"
    name = "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    long = pd.read_csv(path / name)
    wide = long.pivot_table(index="name", columns="DestinationName", values="distance")
    demand = long.drop_duplicates("DestinationName").set_index("DestinationName")["demand"]
    return wide.to_numpy(float), demand.reindex(wide.columns).to_numpy(float)


@pytest.mark.realdata
def test_san_francisco_stores_are_as_good_as_trying_every_choice(
    real_data: Path,
) -> None:
    """Every choice of four of 16 sites (1,820) is tried: no solver is trusted."""
    table, demand = _san_francisco(real_data)
    assert table.shape == (16, 205)
    choices = list(combinations(range(16), 4))
    cover = max(covered_demand(table, demand, chosen, 5000.0) for chosen in choices)
    nearest = [nearest_time_s(table, chosen) for chosen in choices]
    median = min(float((demand * seconds).sum()) for seconds in nearest)
    centre = min(float(seconds.max()) for seconds in nearest)
    assert maximal_covering(table, demand, count=4, within_s=5000.0).objective == pytest.approx(
        cover
    )
    assert p_median(table, demand, count=4).objective == pytest.approx(median)
    assert p_centre(table, demand, count=4).objective == pytest.approx(centre)


@pytest.mark.realdata
def test_san_francisco_stores_agree_with_the_figures_that_spopt_publishes(
    real_data: Path,
) -> None:
    table, demand = _san_francisco(real_data)
    assert p_median(table, demand, count=4).objective == pytest.approx(2848268129.7145, abs=0.001)
    assert p_centre(table, demand, count=4).objective == pytest.approx(7403.06, abs=0.005)
