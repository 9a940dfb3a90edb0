"""What a choice of sites is worth, from the table of travel times alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    type Floats = NDArray[np.float64]

__all__ = ["covered_demand", "expected_covered", "mean_time_s", "nearest_time_s"]


def nearest_time_s(time_s: Floats, sites: ArrayLike) -> Floats:
    """Return the seconds from the nearest of *sites* to each demand, (n_demand,); inf if none."""
    chosen = np.asarray(sites, np.int64)
    if not chosen.size:
        return np.full(time_s.shape[1], np.inf)
    return np.asarray(time_s[chosen].min(axis=0), np.float64)


def covered_demand(time_s: Floats, demand: Floats, sites: ArrayLike, within_s: float) -> float:
    """Return the demand that the nearest of *sites* reaches within a time, a limit included."""
    return float(demand[nearest_time_s(time_s, sites) <= within_s].sum())


def mean_time_s(time_s: Floats, demand: Floats, sites: ArrayLike) -> float:
    """Return the mean seconds from the nearest site of the demand that is reached; NaN if none."""
    nearest = nearest_time_s(time_s, sites)
    reached = np.isfinite(nearest)
    total = float(demand[reached].sum())
    return float((demand[reached] * nearest[reached]).sum() / total) if total > 0.0 else np.nan


def expected_covered(
    time_s: Floats,
    demand: Floats,
    sites: ArrayLike,
    units: ArrayLike,
    *,
    within_s: float,
    busy: float,
) -> float:
    """
    Return the demand for which a free unit is within reach: the sum of ``d (1 - q^k)``.

    Daskin (1983), eq. 1; ``k`` counts the units within the time, each busy with probability ``q``
    independently of the others.
    """
    near = np.asarray(time_s[np.asarray(sites, np.int64)] <= within_s)
    count = np.asarray(units, np.int64) @ near
    return float((demand * (1.0 - busy**count)).sum())
