"""Shortest mean time: the p-median problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import LinearConstraint
from scipy.sparse import coo_array

from models.errors import InternalError, InvalidQuantityError
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
    from numpy.typing import ArrayLike

__all__ = ["p_median"]


def p_median(
    time_s: ArrayLike,
    demand: ArrayLike,
    *,
    count: int,
    unserved_s: float | None = None,
    fixed: ArrayLike = (),
    limits: Limits | None = None,
) -> Siting:
    """
    Choose *count* sites with the least sum of demand times seconds (Hakimi 1964, p-median).

    Parameters
    ----------
    time_s, demand, fixed, limits
        As for :func:`models.siting.maximal_covering`.
    count
        Sites to choose.
    unserved_s
        Seconds that count for a demand that no chosen site reaches, at least the longest travel
        time. Default: ten times the longest.

    Raises
    ------
    InvalidQuantityError
        If a shape or a value is not possible.
    NumericalError
        If the solver finds nothing within its time.

    Notes
    -----
    Demand that no candidate reaches at all is left out, see ``Siting.reachable``. Assignments are
    continuous and bounded one by one by the site (Daskin 1995, eq. 6.2d): the strong form, which
    nearly always has whole answers.
    """
    what = "p-median"
    table, weight = checked_table(time_s, demand, what)
    sites = checked_count(count, table.shape[0], what)
    kept = checked_fixed(fixed, sites, table.shape[0], what)
    finite = np.isfinite(table)
    reachable = finite.any(axis=0)
    longest = float(table[finite].max()) if finite.any() else 0.0
    penalty = 10.0 * max(longest, 1.0) if unserved_s is None else float(unserved_s)
    if not (np.isfinite(penalty) and penalty >= longest):
        raise InvalidQuantityError(
            "unserved demand must not count less than the longest travel time",
            where=what,
            value=unserved_s,
            remedy=f"Give at least {longest:g} s.",
        )
    counted = np.flatnonzero(reachable & (weight > 0.0))
    n, m = table.shape[0], counted.size
    site, column = np.nonzero(finite[:, counted])
    pairs = site.size
    # Variables: n sites, one assignment per possible pair, m of demand that is not served.
    cost = np.concatenate(
        [
            np.zeros(n),
            weight[counted][column] * table[site, counted[column]],
            weight[counted] * penalty,
        ]
    )
    size = n + pairs + m
    pair = n + np.arange(pairs)
    rows = np.concatenate([column, np.arange(m)])
    columns = np.concatenate([pair, n + pairs + np.arange(m)])
    served = coo_array((np.ones(pairs + m), (rows, columns)), shape=(m, size)).tocsr()
    rows, columns = np.tile(np.arange(pairs), 2), np.concatenate([pair, site])
    values = np.concatenate([np.ones(pairs), -np.ones(pairs)])
    opened = coo_array((values, (rows, columns)), shape=(pairs, size)).tocsr()
    total = coo_array((np.ones(n), (np.zeros(n, np.int64), np.arange(n))), shape=(1, size)).tocsr()
    lower = np.zeros(size)
    lower[kept] = 1.0
    raw = solve(
        cost,
        [
            LinearConstraint(served, 1.0, 1.0),
            LinearConstraint(opened, -np.inf, 0.0),
            LinearConstraint(total, sites, sites),
        ],
        integrality=np.concatenate([np.ones(n, np.int64), np.zeros(pairs + m, np.int64)]),
        lower=lower,
        upper=np.ones(size),
        limits=limits or Limits(),
        what=what,
    )
    if raw is None:
        raise InternalError("a median problem without a choice", where=what)
    chosen = np.flatnonzero(raw.values[:n] > 0.5).astype(np.int64)
    seconds = np.minimum(nearest_time_s(table, chosen)[counted], penalty)
    objective = float((weight[counted] * seconds).sum())
    return Siting(
        sites=chosen,
        units=np.ones(chosen.size, np.int64),
        objective=objective,
        bound=min(raw.bound, objective),
        reachable=reachable,
    )
