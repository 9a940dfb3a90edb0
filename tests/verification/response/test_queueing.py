"""The response on degenerate networks against queueing theory."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.verification.queueing import CASES, UNIT_S, watch
from benchmarks.verification.record import SKIPPED, answer
from models.response import Constant, Exponential


@pytest.mark.slow
@pytest.mark.realdata
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_every_figure_lies_in_the_99_percent_interval_of_the_exact_value(name: str) -> None:
    record = answer(next(case for case in CASES if case.name == name), "")
    if record.verdict == SKIPPED:
        pytest.skip(record.reason)
    assert record.outcome is not None, record.reason
    missed = [f"{f.name}: {f.value:.6g}, {f.tolerance}" for f in record.figures if not f.holds]
    assert not missed


def test_every_call_is_served_or_lost_and_no_unit_serves_two() -> None:
    service_s = 2.0 * UNIT_S
    found = watch([1.5], [0, 0], Constant(service_s), calls=400, queue_capacity=0)
    served = found.unit >= 0
    assert 0 < served.sum() < 400
    assert (np.isnan(found.waited_s) == ~served).all()
    for unit in (0, 1):
        starts = found.arrived_s[found.unit == unit]
        assert (np.diff(starts) >= service_s - 1e-6).all()


def test_share_lost_is_near_erlang_b() -> None:
    found = watch([1.0], [0, 0], Exponential(UNIT_S), calls=3000, queue_capacity=0)
    exact = 0.2
    assert abs((found.unit < 0).mean() - exact) < 4.0 * math.sqrt(exact * (1 - exact) / 3000)
