"""Turnout by the hour: at night a crew takes longer to get moving than by day."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from models.errors import InvalidQuantityError
from models.response.incidents import TURNOUT_DRAW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.response.distributions import Distribution
    from models.response.incidents import Slot
    from models.response.parameters import ResponseParameters

__all__ = ["TurnoutSpan", "require_apart", "turnout_s"]

DAY_S: Final = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnoutSpan:
    """
    Hours of the local day with a turnout of their own.

    Parameters
    ----------
    start_s, end_s
        Time of day, s in [0, 86400]; a span whose end is not later than its start goes over
        midnight.
    factor
        Times the usual turnout, for services that *by_service* does not name.
    by_service
        Instead of the usual turnout.

    Raises
    ------
    InvalidQuantityError
        If a time lies outside the day, or the factor is not positive.
    """

    start_s: float
    end_s: float
    factor: float = 1.0
    by_service: Mapping[str, Distribution] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        for name in ("start_s", "end_s"):
            moment_s = getattr(self, name)
            if not 0.0 <= moment_s <= DAY_S:
                raise InvalidQuantityError(
                    "a time of day must lie between 0 and 24 h",
                    where=f"turnout hours, {name}",
                    value=moment_s,
                )
        if not 0.0 < self.factor < 100.0:
            raise InvalidQuantityError(
                "the factor on turnout must lie above 0 and below 100",
                where="turnout hours",
                value=self.factor,
            )

    @property
    def parts(self) -> tuple[tuple[float, float], ...]:
        """The span within one day, in one part or two."""
        if self.start_s < self.end_s:
            return ((self.start_s, self.end_s),)
        return tuple(
            part for part in ((self.start_s, DAY_S), (0.0, self.end_s)) if part[0] < part[1]
        )

    def holds(self, time_of_day_s: float) -> bool:
        """Return whether it holds at a time of day, s in [0, 86400)."""
        return any(start_s <= time_of_day_s < end_s for start_s, end_s in self.parts)


def require_apart(spans: Sequence[TurnoutSpan]) -> None:
    """
    Check that no two spans hold at one time.

    Raises
    ------
    InvalidQuantityError
        If two overlap.
    """
    parts = sorted(part for span in spans for part in span.parts)
    for (_, end_s), (start_s, _) in pairwise(parts):
        if start_s < end_s:
            raise InvalidQuantityError(
                "two spans of turnout hours overlap",
                where="turnout hours",
                value=start_s / 3600.0,
                remedy="Let each end where the next begins; the value is the hour of the overlap.",
            )


def turnout_s(parameters: ResponseParameters, slot: Slot, now_s: float) -> float:
    """
    Return the turnout of a crew that is alerted for a slot now, s.

    The slot's number gives the same quantile at every hour, so that runs with and without spans
    are compared on common random numbers. A turnout that a log gives holds at any hour.
    """
    if slot.known.turnout_s is not None:
        return slot.known.turnout_s
    usual, u = parameters.turnout[slot.service], slot.draws[TURNOUT_DRAW]
    time_of_day_s = (parameters.midnight_s + now_s) % DAY_S
    for span in parameters.turnout_hours:
        if span.holds(time_of_day_s):
            own = span.by_service.get(slot.service)
            return usual.at(u) * span.factor if own is None else own.at(u)
    return usual.at(u)
