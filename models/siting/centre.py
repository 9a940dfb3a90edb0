"""Shortest longest time: the p-centre problem."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import LinearConstraint
from scipy.sparse import csr_array

from models.errors import InvalidQuantityError, NumericalError
from models.siting.measures import nearest_time_s
from models.siting.solution import (
    Limits,
    Siting,
    checked_count,
    checked_fixed,
    checked_table,
    solve,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    type Floats = NDArray[np.float64]

__all__ = ["p_centre"]


def p_centre(
    time_s: ArrayLike,
    demand: ArrayLike,
    *,
    count: int,
    fixed: ArrayLike = (),
    limits: Limits | None = None,
) -> Siting:
    """
    Choose *count* sites whose longest time to any demand is the shortest (Hakimi 1964, p-centre).

    Parameters
    ----------
    time_s, demand, fixed, limits
        As for :func:`models.siting.maximal_covering`; demand of weight 0 does not count. The gap
        is not used; the time limit holds for each of some ``log2`` of the distinct travel times.
    count
        Sites to choose.

    Raises
    ------
    InvalidQuantityError
        If a shape or a value is not possible, or *count* sites cannot reach all that the
        candidates together can.
    NumericalError
        If the solver finds nothing within its time.

    Notes
    -----
    Bisection over the distinct travel times; each step asks for the fewest sites that cover all
    within it (Daskin 1995, section 5.3). Demand that no candidate reaches is left out.
    """
    what = "p-centre"
    table, weight = checked_table(time_s, demand, what)
    sites = checked_count(count, table.shape[0], what)
    kept = checked_fixed(fixed, sites, table.shape[0], what)
    reachable = np.isfinite(table).any(axis=0)
    columns = reachable & (weight > 0.0)
    within = table[:, columns]
    times = np.unique(within[np.isfinite(within)])
    exact = replace(limits or Limits(), gap=0.0)  # a gap could not tell whether the sites suffice
    low, high, best = 0, times.size - 1, None
    while low <= high:
        middle = (low + high) // 2
        found = _cover_all(within <= times[middle], sites, kept, exact)
        if found is None:
            low = middle + 1
            continue
        best = found
        reached = nearest_time_s(within, found).max()
        high = int(np.searchsorted(times, reached)) - 1
    if best is None:
        raise InvalidQuantityError(
            "this many sites cannot reach all the demand that the candidates together can",
            where=what,
            value=count,
            remedy="Allow more sites, or use a p-median, which may leave demand unserved.",
        )
    worst = float(nearest_time_s(within, best).max())
    return Siting(
        sites=best,
        units=np.ones(best.size, np.int64),
        objective=worst,
        bound=worst,
        reachable=reachable,
    )


def _cover_all(
    near: NDArray[np.bool_], count: int, kept: NDArray[np.int64], limits: Limits
) -> NDArray[np.int64] | None:
    """Return at most *count* sites that cover every column, or None where there are none."""
    if not near.any(axis=0).all():
        return None
    n = near.shape[0]
    lower = np.zeros(n)
    lower[kept] = 1.0
    unique = np.unique(near.T, axis=0)
    raw = solve(
        np.ones(n),
        [LinearConstraint(csr_array(unique.astype(np.float64)), 1.0, np.inf)],
        integrality=np.ones(n, np.int64),
        lower=lower,
        upper=np.ones(n),
        limits=limits,
        what="p-centre",
    )
    if raw is None:
        return None
    chosen = np.flatnonzero(raw.values > 0.5).astype(np.int64)
    if chosen.size <= count:
        return chosen
    if math.ceil(raw.bound - 1e-6) > count:
        return None
    raise NumericalError(
        "the solver could not tell within its time whether the sites suffice",
        where="p-centre",
        value=limits.time_s,
        remedy="Allow it more time, or give fewer candidates or coarser demand.",
    )
