"""Lakes at rest over beds drawn at random, for every solver that is there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.verification.setups import domain_over
from benchmarks.verification.solvers import SOLVERS, Maker, is_there
from models.flood import FloodParameters, Forcing

LEVEL_M = 1.0
BEDS = arrays(np.float64, (9, 13), elements=st.floats(-3.0, 3.0, width=32))


@pytest.mark.slow
@pytest.mark.parametrize("solver", sorted(SOLVERS))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bed_m=BEDS)
def test_lake_stays_at_rest_over_any_bed(solver: str, bed_m: np.ndarray) -> None:
    if not is_there(solver):
        pytest.skip(f"the solver {solver} is not built")
    depth = np.maximum(LEVEL_M - bed_m, 0.0)
    found = Maker(solver)(
        domain_over(bed_m, cell_size_m=5.0, manning=0.03),
        FloodParameters(cell_size_m=5.0),
        initial_depth_m=depth.copy(),
    )
    found.advance(120.0, Forcing())
    assert np.abs(found.depth_m - depth).max() <= 1e-12
    assert (found.speed_m_s() * found.depth_m).max() <= 1e-12
