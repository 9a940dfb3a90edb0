"""The benchmark of the response runs, and serves everybody."""

from __future__ import annotations

import pytest

from benchmarks.response import simulate
from benchmarks.verification.setups import data_folder


@pytest.mark.realdata
def test_half_a_day_of_auckland_is_answered() -> None:
    if not data_folder("response/auckland").is_dir():
        pytest.skip("no real data at response/auckland; set TWIN_DATA to the folder that holds it")
    found = simulate(0.5)
    assert found["nodes"] > 50_000
    assert 100 < found["calls"] < 190
    assert 50.0 < found["mean_response_s"] < 3_600.0
    assert 0.0 <= found["late_share"] <= 1.0
