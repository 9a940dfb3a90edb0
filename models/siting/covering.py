"""Most demand within a time: MCLP, and MEXCLP where a unit may be busy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import LinearConstraint
from scipy.sparse import csr_array, eye_array, hstack

from models.errors import InternalError, InvalidQuantityError
from models.siting.measures import covered_demand, expected_covered
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

__all__ = ["expected_covering", "maximal_covering"]


def maximal_covering(
    time_s: ArrayLike,
    demand: ArrayLike,
    *,
    count: int,
    within_s: float,
    fixed: ArrayLike = (),
    limits: Limits | None = None,
) -> Siting:
    """
    Choose *count* sites that cover the most demand within a time (Church & ReVelle 1974, MCLP).

    Parameters
    ----------
    time_s
        Seconds from each candidate to each demand, infinite where there is no way, shape
        (candidates, n_demand).
    demand
        Weight of each demand, such as persons, shape (n_demand,).
    count
        Sites to choose, those of *fixed* among them.
    within_s
        The time, s; a demand exactly on it is covered.
    fixed
        Rows that must be chosen.
    limits
        When the solver may stop.

    Raises
    ------
    InvalidQuantityError
        If a shape or a value is not possible.
    NumericalError
        If the solver finds nothing within its time.
    """
    what = "maximal covering"
    table, weight = checked_table(time_s, demand, what)
    sites = checked_count(count, table.shape[0], what)
    kept = checked_fixed(fixed, sites, table.shape[0], what)
    near, groups = _groups(table, weight, _positive(within_s, what))
    n, m = near.shape[1], near.shape[0]
    # z_g - sum of x over the sites that cover g <= 0
    cover = hstack([-near, eye_array(m, format="csr")], format="csr")
    total = csr_array(np.concatenate([np.ones(n), np.zeros(m)])[None, :])
    raw = solve(
        np.concatenate([np.zeros(n), -groups]),
        [
            LinearConstraint(cover, -np.inf, 0.0),
            LinearConstraint(total, sites, sites),
        ],
        integrality=np.concatenate([np.ones(n, np.int64), np.zeros(m, np.int64)]),
        lower=np.concatenate([_kept(n, kept), np.zeros(m)]),
        upper=np.ones(n + m),
        limits=limits or Limits(),
        what=what,
    )
    if raw is None:
        raise InternalError("a covering problem without a choice", where=what)
    chosen = np.flatnonzero(raw.values[:n] > 0.5).astype(np.int64)
    reached = covered_demand(table, weight, chosen, within_s)
    return Siting(
        sites=chosen,
        units=np.ones(chosen.size, np.int64),
        objective=reached,
        bound=max(-raw.bound, reached),
        reachable=np.isfinite(table).any(axis=0),
    )


def expected_covering(
    time_s: ArrayLike,
    demand: ArrayLike,
    *,
    units: int,
    busy: float,
    within_s: float,
    most_per_site: int | None = None,
    limits: Limits | None = None,
) -> Siting:
    """
    Place *units* so that a free one is within a time of the most demand (Daskin 1983, MEXCLP).

    Parameters
    ----------
    time_s, demand, within_s, limits
        As for :func:`maximal_covering`.
    units
        Units to place; several may stand at one site.
    busy
        Probability that a unit is busy, the same for all and independent, in [0, 1).
    most_per_site
        Room for units at a site; None: no limit.

    Raises
    ------
    InvalidQuantityError
        If a shape or a value is not possible.
    NumericalError
        If the solver finds nothing within its time.
    """
    what = "expected covering"
    table, weight = checked_table(time_s, demand, what)
    room = units if most_per_site is None else checked_count(most_per_site, max(units, 1), what)
    placed = checked_count(units, table.shape[0] * max(room, 1), what)
    if not 0.0 <= busy < 1.0:
        raise InvalidQuantityError(
            "the share of time that a unit is busy must lie in [0, 1)", where=what, value=busy
        )
    near, groups = _groups(table, weight, _positive(within_s, what))
    n, m = near.shape[1], near.shape[0]
    # A further unit gains (1 - q) q^k, falling with k: the first to count is the best to count,
    # and the y_gk fill in order without being told. Gains below 1e-9 of the first cannot be seen.
    steps = placed if busy > 0.0 else 1
    if busy > 0.0:
        steps = min(placed, 1 + math.ceil(math.log(1e-9) / math.log(busy)))
    gain = (1.0 - busy) * busy ** np.arange(steps)
    counted = hstack([-near, *[eye_array(m, format="csr")] * steps], format="csr")
    total = csr_array(np.concatenate([np.ones(n), np.zeros(m * steps)])[None, :])
    raw = solve(
        np.concatenate([np.zeros(n), *[-g * groups for g in gain]]),
        [LinearConstraint(counted, -np.inf, 0.0), LinearConstraint(total, placed, placed)],
        integrality=np.concatenate([np.ones(n, np.int64), np.zeros(m * steps, np.int64)]),
        lower=np.zeros(n + m * steps),
        upper=np.concatenate([np.full(n, float(room)), np.ones(m * steps)]),
        limits=limits or Limits(),
        what=what,
    )
    if raw is None:
        raise InternalError("a covering problem without a choice", where=what)
    number = np.rint(raw.values[:n]).astype(np.int64)
    chosen = np.flatnonzero(number).astype(np.int64)
    reached = expected_covered(
        table, weight, chosen, number[chosen], within_s=within_s, busy=float(busy)
    )
    return Siting(
        sites=chosen,
        units=number[chosen],
        objective=reached,
        bound=max(-raw.bound, reached),
        reachable=np.isfinite(table).any(axis=0),
    )


def _groups(table: Floats, weight: Floats, within_s: float) -> tuple[csr_array, Floats]:
    """Return which sites cover each group of demand with the same sites, and its weight."""
    near = (table <= within_s).T
    counts = near.any(axis=1) & (weight > 0.0)
    if not counts.any():
        return csr_array(np.zeros((1, table.shape[0]))), np.zeros(1)
    packed = np.packbits(near[counts], axis=1)
    _, first, group = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    total = np.bincount(group.reshape(-1), weight[counts], minlength=first.size)
    return csr_array(near[counts][first].astype(np.float64)), total


def _kept(n: int, kept: NDArray[np.int64]) -> Floats:
    lower = np.zeros(n)
    lower[kept] = 1.0
    return lower


def _positive(within_s: float, what: str) -> float:
    if not (math.isfinite(within_s) and within_s > 0.0):
        raise InvalidQuantityError("the time must be positive", where=what, value=within_s)
    return float(within_s)
