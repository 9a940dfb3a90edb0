"""Run cards: which units an incident gets at which alarm, and help from neighbours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Aid", "Alarm", "most_asked", "require_card"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """
    One level of a run card.

    Parameters
    ----------
    needs
        Units that this level adds, by service.
    after_s
        Raised so long after the call where the incident is not over by then, s.
    area_m2
        Raised when the fire has grown to this floor area before there is water on it, m2.
    """

    needs: Mapping[str, int]
    after_s: float = math.inf
    area_m2: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Aid:
    """
    Units of a neighbour that come when they are called.

    Parameters
    ----------
    id
        Name in the log.
    service
        Their service.
    units
        Their ids; they are out of service until they arrive.
    delay_s
        From the call for help until they are at their station, s.
    queue
        They are called when so many incidents wait for the service; None: not for a queue.
    alarm
        They are called when an incident that needs the service reaches this level; None: not so.
    """

    id: str
    service: str
    units: tuple[str, ...]
    delay_s: float
    queue: int | None = None
    alarm: int | None = None


def require_card(kind: str, card: Sequence[Alarm]) -> None:
    """
    Check a run card.

    Raises
    ------
    InvalidQuantityError
        If it is empty, a level asks for nobody or is never raised, or levels do not follow.
    """
    where = f"run card of {kind}"
    if not card:
        raise InvalidQuantityError("a run card needs a first alarm", where=where)
    for level, alarm in enumerate(card, start=1):
        if sum(alarm.needs.values()) < 1 or min(alarm.needs.values()) < 0:
            raise InvalidQuantityError(
                "an alarm must ask for at least one unit",
                where=f"{where}, alarm {level}",
                value=dict(alarm.needs),
            )
        if level > 1 and not (0.0 < min(alarm.after_s, alarm.area_m2) < math.inf):
            raise InvalidQuantityError(
                "a further alarm needs a time after the call, or an area on fire",
                where=f"{where}, alarm {level}",
                value=(alarm.after_s, alarm.area_m2),
            )
    for before, after in pairwise(card[1:]):
        if after.after_s < before.after_s < math.inf or after.area_m2 < before.area_m2 < math.inf:
            raise InvalidQuantityError(
                "the alarms of a run card must follow each other", where=where
            )


def most_asked(card: Sequence[Alarm]) -> dict[str, int]:
    """Return the units that all alarms of a card together ask for, by service."""
    total: dict[str, int] = {}
    for alarm in card:
        for service, count in alarm.needs.items():
            total[service] = total.get(service, 0) + count
    return total
