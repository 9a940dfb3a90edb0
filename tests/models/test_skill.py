"""Scores against values worked out by hand, and their limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.skill import (
    Table2x2,
    block_bootstrap,
    kge,
    kolmogorov_smirnov,
    nse,
    rmse,
    share,
    two_samples,
    wasserstein,
)

OBSERVED = np.array([1.0, 2.0, 3.0, 4.0])


def test_a_perfect_run_scores_one_and_zero() -> None:
    assert nse(OBSERVED, OBSERVED) == 1.0
    assert kge(OBSERVED, OBSERVED) == pytest.approx(1.0)
    assert kge(OBSERVED, OBSERVED, year=2012) == pytest.approx(1.0)
    assert rmse(OBSERVED, OBSERVED) == 0.0


def test_the_mean_of_what_was_observed_scores_zero_in_nse() -> None:
    assert nse(np.full(4, 2.5), OBSERVED) == 0.0


def test_kge_of_2009_and_2012_part_where_the_mean_is_wrong() -> None:
    twice = 2.0 * OBSERVED  # correlation 1, variability 2 in 2009 and 1 in 2012, bias 2
    assert kge(twice, OBSERVED) == pytest.approx(1.0 - math.sqrt(2.0))
    assert kge(twice, OBSERVED, year=2012) == pytest.approx(0.0)


def test_what_is_not_defined_is_nan() -> None:
    flat = np.full(4, 2.0)
    assert math.isnan(nse(OBSERVED, flat))
    assert math.isnan(kge(OBSERVED, flat))
    assert math.isnan(kge(OBSERVED, OBSERVED - OBSERVED.mean()))
    assert math.isnan(share(0, 0).value)
    assert math.isnan(Table2x2(0, 0, 0, 5).critical_success_index)


def test_the_table_of_two_by_two() -> None:
    table = Table2x2.of(
        np.array([True, True, False, False, True]), np.array([True, False, True, False, True])
    )
    assert table == Table2x2(2, 1, 1, 1)
    assert table.hit_rate == pytest.approx(2 / 3)
    assert table.false_alarm_ratio == pytest.approx(1 / 3)
    assert table.critical_success_index == 0.5
    assert table.bias == 1.0


def test_the_interval_of_a_share_is_that_of_wilson() -> None:
    # Newcombe (1998), table I: 15 of 148 gives 0.0624 to 0.1605.
    one = share(15, 148)
    assert (one.low, one.high) == (pytest.approx(0.0624, abs=1e-4), pytest.approx(0.1605, abs=1e-4))
    assert share(0, 3).low == 0.0
    assert share(3, 3).high == pytest.approx(1.0)


def test_a_small_sample_gets_no_interval() -> None:
    one = block_bootstrap(
        lambda s, o: float((s - o).mean()),
        OBSERVED[:3],
        OBSERVED[:3],
        np.random.default_rng(1),
        block=1,
    )
    assert one.n == 3
    assert math.isnan(one.low)


def test_the_interval_of_a_bias_covers_it_and_is_the_same_again() -> None:
    generator = np.random.default_rng(3)
    observed = generator.normal(0.0, 1.0, 300)
    simulated = observed + generator.normal(0.5, 0.2, 300)

    def bias() -> tuple[float, float]:
        one = block_bootstrap(
            lambda s, o: float((s - o).mean()),
            simulated,
            observed,
            np.random.default_rng(7),
            block=5,
        )
        return one.low, one.high

    assert bias() == bias()
    assert bias()[0] < 0.5 < bias()[1]


def test_distances_of_two_samples() -> None:
    first, second = np.array([0.0, 1.0, 3.0]), np.array([5.0, 6.0, 8.0])
    assert wasserstein(first, second) == pytest.approx(5.0)
    assert kolmogorov_smirnov(first, second)[0] == 1.0
    assert two_samples(wasserstein, first, first, np.random.default_rng(1)).value == 0.0


@given(hits=st.integers(0, 50), n=st.integers(1, 50))
def test_an_interval_of_a_share_holds_the_share(hits: int, n: int) -> None:
    one = share(min(hits, n), n)
    assert 0.0 <= one.low <= one.value + 1e-12
    assert one.value - 1e-12 <= one.high <= 1.0
