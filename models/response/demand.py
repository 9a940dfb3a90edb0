"""
Incidents at random: a Poisson process whose rate follows the hour and the weekday.

Times come by thinning (Lewis & Shedler 1979), places by weight, kinds by share and priorities by
the kind's mix. A fixed number of incidents can be asked for instead of a random one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from models.errors import InvalidQuantityError
from models.response.incidents import IncidentKind, IncidentSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from models.response.network import FloatArray, IntArray

__all__ = ["Demand", "DemandModel", "generate", "to_incidents"]

HOUR_S: Final = 3600.0
WEEK_H: Final = 168


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandModel:
    """
    Where, when and what.

    Parameters
    ----------
    rate_per_h
        Incidents per hour, shape (7, 24): weekday (Monday first), hour of the day.
    node
        Road node of each place, shape (p,).
    x_m, y_m
        Each place, m, shape (p,).
    weight
        Relative frequency of each place, such as people or past calls, shape (p,).
    share
        Relative frequency of each kind, in the order in which the kinds are to be numbered.
    kinds
        Defaults of the kinds; their mix of priorities is used.
    """

    rate_per_h: FloatArray
    node: IntArray
    x_m: FloatArray
    y_m: FloatArray
    weight: FloatArray
    share: Mapping[str, float]
    kinds: Mapping[str, IncidentKind]

    def __post_init__(self) -> None:
        if self.rate_per_h.shape != (7, 24):
            raise InvalidQuantityError(
                "rate_per_h must be of shape (7, 24)",
                value=self.rate_per_h.shape,
                remedy="Give a rate for each weekday and hour.",
            )
        _require_rates("rate_per_h", self.rate_per_h)
        shapes = {self.node.shape, self.x_m.shape, self.y_m.shape, self.weight.shape}
        if len(shapes) != 1 or self.node.ndim != 1:
            raise InvalidQuantityError(
                "node, x_m, y_m and weight of the places must be of one length",
                value=sorted(shapes),
            )
        _require_rates("weight", self.weight)
        _require_rates("share", np.array(list(self.share.values())))
        unknown = [kind for kind in self.share if kind not in self.kinds]
        if unknown:
            raise InvalidQuantityError(
                "there are no such kinds of incident",
                value=unknown,
                remedy=f"Take of {', '.join(sorted(self.kinds))}, or add them.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """
    Generated incidents in order of time; arrays of shape (k,).

    Parameters
    ----------
    time_s
        Seconds since the start.
    place
        Index of the place.
    kind
        Index of the kind in the order of the model's shares.
    priority
        1 is the highest.
    """

    time_s: FloatArray
    place: IntArray
    kind: IntArray
    priority: IntArray


def generate(
    model: DemandModel,
    generator: np.random.Generator,
    *,
    duration_s: float,
    start_week_s: float = 0.0,
    count: int | None = None,
) -> Demand:
    """
    Draw incidents.

    Parameters
    ----------
    model
        Rates, places and kinds.
    generator
        The stream of this purpose.
    duration_s
        Length of the period, s.
    start_week_s
        Start of the period in its week, s since Monday 00:00 local time.
    count
        Draw exactly this many with the same pattern in time; None draws the number too.

    Raises
    ------
    InvalidQuantityError
        If the duration or the count is negative, or incidents are asked for where rates or
        weights are all zero.
    """
    if not (np.isfinite(duration_s) and duration_s >= 0.0):
        raise InvalidQuantityError("duration_s must be zero or more and finite", value=duration_s)
    if count is not None and count < 0:
        raise InvalidQuantityError("count must be zero or more", value=count)
    if count is None:
        time_s = _thinned(model, generator, duration_s, start_week_s)
    else:
        time_s = _exactly(model, generator, duration_s, start_week_s, count)
    size = time_s.size
    place = _choose(model.weight, generator, size, "weight")
    shares = np.array(list(model.share.values()))
    kind = _choose(shares, generator, size, "share")
    return Demand(
        time_s=time_s, place=place, kind=kind, priority=_priorities(model, generator, kind)
    )


def _thinned(
    model: DemandModel, generator: np.random.Generator, duration_s: float, start_week_s: float
) -> FloatArray:
    peak_per_s = float(model.rate_per_h.max()) / HOUR_S
    proposed = int(generator.poisson(peak_per_s * duration_s))
    time_s = np.sort(generator.random(proposed) * duration_s)
    rate_per_s = _rate_per_s(model, time_s + start_week_s)
    kept = generator.random(proposed) * peak_per_s < rate_per_s
    return time_s[kept]


def _exactly(
    model: DemandModel,
    generator: np.random.Generator,
    duration_s: float,
    start_week_s: float,
    count: int,
) -> FloatArray:
    """Return *count* times by the inverse of the cumulative rate, which is linear in each hour."""
    if count == 0:
        return np.empty(0)
    end_s = start_week_s + duration_s
    whole = np.arange(np.floor(start_week_s / HOUR_S) + 1.0, np.ceil(end_s / HOUR_S)) * HOUR_S
    knots_s = np.concatenate([[start_week_s], whole, [end_s]])
    spans_s = np.diff(knots_s)
    expected = spans_s * _rate_per_s(model, 0.5 * (knots_s[:-1] + knots_s[1:]))
    cumulative = np.concatenate([[0.0], np.cumsum(expected)])
    if not cumulative[-1] > 0.0:
        raise InvalidQuantityError(
            "incidents are asked for, but the rate is zero in the whole period",
            value=count,
            remedy="Give a rate for the hours of the period.",
        )
    drawn = np.sort(generator.random(count)) * cumulative[-1]
    piece = np.searchsorted(cumulative, drawn, side="right") - 1
    piece = np.minimum(piece, expected.size - 1)
    inside = (drawn - cumulative[piece]) / expected[piece]
    time_s: FloatArray = knots_s[piece] + inside * spans_s[piece] - start_week_s
    return np.clip(time_s, 0.0, duration_s)


def _rate_per_s(model: DemandModel, week_s: FloatArray) -> FloatArray:
    hour = np.floor(week_s / HOUR_S).astype(np.int64) % WEEK_H
    rate_per_s: FloatArray = model.rate_per_h.ravel()[hour] / HOUR_S
    return rate_per_s


def _choose(
    weight: FloatArray, generator: np.random.Generator, size: int, name: str
) -> NDArray[np.int64]:
    """Return indices drawn in proportion to weights."""
    if size == 0:
        return np.empty(0, dtype=np.int64)
    cumulative = np.cumsum(weight)
    if not (cumulative.size and cumulative[-1] > 0.0):
        raise InvalidQuantityError(
            f"incidents are asked for, but every {name} is zero",
            value=size,
            remedy="Give at least one that is positive.",
        )
    drawn = generator.random(size) * cumulative[-1]
    last = int(np.flatnonzero(weight)[-1])
    chosen: NDArray[np.int64] = np.minimum(
        np.searchsorted(cumulative, drawn, side="right"), last
    ).astype(np.int64)
    return chosen


def _priorities(
    model: DemandModel, generator: np.random.Generator, kind: NDArray[np.int64]
) -> NDArray[np.int64]:
    priority = np.ones(kind.size, dtype=np.int64)
    drawn = generator.random(kind.size)
    for index, name in enumerate(model.share):
        of_kind = kind == index
        cumulative = np.cumsum(model.kinds[name].priority_share)[:-1]
        priority[of_kind] = 1 + np.searchsorted(cumulative, drawn[of_kind], side="right")
    return priority


def to_incidents(
    model: DemandModel, demand: Demand, *, prefix: str = "call", start_s: float = 0.0
) -> list[IncidentSpec]:
    """Return the incidents, named *prefix* and their number, with times from *start_s* on."""
    names = list(model.share)
    return [
        IncidentSpec(
            id=f"{prefix}-{number + 1:06d}",
            time_s=start_s + float(demand.time_s[number]),
            kind=names[int(demand.kind[number])],
            priority=int(demand.priority[number]),
            node=int(model.node[place]),
            x_m=float(model.x_m[place]),
            y_m=float(model.y_m[place]),
        )
        for number, place in enumerate(demand.place.tolist())
    ]


def _require_rates(name: str, rates: FloatArray) -> None:
    if not np.isfinite(rates).all() or (rates < 0.0).any():
        raise InvalidQuantityError(
            f"every {name} must be zero or more and finite",
            value=float(rates[~(np.isfinite(rates) & (rates >= 0.0))][0]),
        )
