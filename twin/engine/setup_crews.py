"""From what a scenario says of crews and their vehicles to the figures of the models."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from models.response import AMBULANCE, FIRE, RESCUE, TurnoutSpan
from twin.engine.durations import as_distribution

if TYPE_CHECKING:
    from scenarios.schema.crews import TurnoutHours

__all__ = ["turnout_span"]


def turnout_span(choice: TurnoutHours) -> TurnoutSpan:
    """Return hours of the day with a turnout of their own."""
    given = {
        service: as_distribution(getattr(choice, service)) for service in (AMBULANCE, FIRE, RESCUE)
    }
    return TurnoutSpan(
        start_s=choice.start,
        end_s=choice.end,
        factor=1.0 if choice.factor is None else choice.factor,
        by_service=MappingProxyType({k: v for k, v in given.items() if v is not None}),
    )
