"""What a location problem is given and what it answers, and the one call of the solver."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import Bounds, milp

from models.errors import InvalidQuantityError, NumericalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray
    from scipy.optimize import LinearConstraint

    type Floats = NDArray[np.float64]

__all__ = ["Limits", "Raw", "Siting", "checked_count", "checked_fixed", "checked_table", "solve"]

_INFEASIBLE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    When the solver may stop.

    Parameters
    ----------
    time_s
        Longest time for one call of the solver, s. A result that stopped here may differ from
        machine to machine; one that is proven does not.
    gap
        Relative gap between the found and the best possible that is good enough, 0 proves it.
    """

    time_s: float = 60.0
    gap: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("time_s", self.time_s), ("gap", self.gap)):
            lowest_ok = value > 0.0 if name == "time_s" else value >= 0.0
            if not (math.isfinite(value) and lowest_ok):
                raise InvalidQuantityError(
                    f"{name} is not possible", where="limits of the solver", value=value
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Siting:
    """
    An answer to a location problem.

    Parameters
    ----------
    sites
        Chosen rows of the table of travel times, rising; a site with several units stands once.
    units
        Units at each of *sites*.
    objective
        Of the chosen sites, computed again from the table and not taken from the solver: demand
        covered (MCLP), expected demand covered (MEXCLP), demand times seconds (p-median) or the
        longest seconds (p-centre).
    bound
        No choice can be better than this.
    reachable
        Demand, shape (n_demand,), that at least one candidate can reach at all.
    """

    sites: NDArray[np.int64]
    units: NDArray[np.int64]
    objective: float
    bound: float
    reachable: NDArray[np.bool_]

    @property
    def proven(self) -> bool:
        """Whether no choice is better, to a millionth."""
        return self.gap <= 1e-6

    @property
    def gap(self) -> float:
        """Distance of the objective from its bound, relative to the objective."""
        difference = abs(self.bound - self.objective)
        if difference <= 1e-9 * max(1.0, abs(self.objective)):
            return 0.0
        return difference / abs(self.objective) if self.objective else math.inf


@dataclass(frozen=True, slots=True)
class Raw:
    """What the solver found: the variables, and a bound of the minimised sum."""

    values: Floats
    bound: float


def solve(
    cost: Floats,
    constraints: Sequence[LinearConstraint],
    *,
    integrality: NDArray[np.int64],
    lower: Floats,
    upper: Floats,
    limits: Limits,
    what: str,
) -> Raw | None:
    """
    Minimise ``cost @ x``; None where no choice meets the constraints.

    Raises
    ------
    NumericalError
        If the solver gives no choice within its time, or fails.
    """
    found = milp(
        cost,
        integrality=integrality,
        bounds=Bounds(lower, upper),
        constraints=list(constraints),
        options={"time_limit": limits.time_s, "mip_rel_gap": limits.gap},
    )
    if found.status == _INFEASIBLE:
        return None
    if found.x is None:
        raise NumericalError(
            f"the solver found no choice ({str(found.message).rstrip('.')})",
            where=what,
            value=limits.time_s,
            remedy="Allow it more time, or give fewer candidates or coarser demand.",
        )
    bound = found.mip_dual_bound
    bound = float(found.fun) if bound is None else float(bound)
    return Raw(np.asarray(found.x, np.float64), bound)


def checked_table(time_s: ArrayLike, demand: ArrayLike, what: str) -> tuple[Floats, Floats]:
    """
    Return the table and the demand as arrays.

    Raises
    ------
    InvalidQuantityError
        If a shape does not fit, or a value is NaN or negative, or nothing is demanded.
    """
    table = np.asarray(time_s, np.float64)
    weight = np.asarray(demand, np.float64)
    if table.ndim != 2 or not table.size or weight.shape != table.shape[1:]:
        raise InvalidQuantityError(
            "travel times need the shape (candidates, demand), and demand one value each",
            where=what,
            value=(table.shape, weight.shape),
        )
    if not (table >= 0.0).all():
        row, column = np.argwhere(~(table >= 0.0))[0].tolist()
        raise InvalidQuantityError(
            "a travel time is NaN or negative",
            where=f"{what}: candidate {row}, demand {column}",
            value=float(table[row, column]),
            remedy="Write infinity where there is no way.",
        )
    bad = ~(np.isfinite(weight) & (weight >= 0.0))
    if bad.any() or not weight.sum() > 0.0:
        place = int(np.argmax(bad))
        raise InvalidQuantityError(
            "demand must be finite, not negative and not all zero",
            where=f"{what}: demand {place}",
            value=float(weight[place]),
        )
    return table, weight


def checked_count(count: int, most: int, what: str) -> int:
    """Return *count*; refuse it below 1 or above *most*."""
    if isinstance(count, bool) or int(count) != count or not 1 <= count <= most:
        raise InvalidQuantityError(
            "this many cannot be placed",
            where=what,
            value=count,
            remedy=f"Choose from 1 to {most}.",
        )
    return int(count)


def checked_fixed(fixed: ArrayLike, count: int, candidates: int, what: str) -> NDArray[np.int64]:
    """Return the sites that must be taken, without repetition."""
    given = np.unique(np.asarray(fixed, np.int64).reshape(-1))
    if given.size and not (given[0] >= 0 and given[-1] < candidates):
        raise InvalidQuantityError(
            "a site to keep is not a candidate",
            where=what,
            value=int(given[0] if given[0] < 0 else given[-1]),
            remedy=f"Give rows from 0 to {candidates - 1}.",
        )
    if given.size > count:
        raise InvalidQuantityError(
            "more sites are kept than may be placed",
            where=what,
            value=int(given.size),
            remedy=f"Place at least {given.size}, or keep fewer.",
        )
    return given
