"""What is known of an incident from a log, which therefore need not be drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NOTHING_KNOWN", "KnownCourse", "KnownWork"]


def _require_known(name: str, value: float | None) -> None:
    if value is not None and not (math.isfinite(value) and value >= 0.0):
        raise InvalidQuantityError(
            f"{name} must be zero or more and finite", where="known course", value=value
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWork:
    """
    What one unit's work at an incident took; None is drawn as ever.

    Parameters
    ----------
    asked_after_s
        From the call until this unit was asked for, s, where that was later than for the first.
    turnout_s
        From the alert until the unit moves, s.
    on_scene_s
        From arrival until it leaves, s; where something burns, instead of the time to put it out.
    transported
        Whether a patient was taken to a hospital.
    handover_s
        From arrival at the hospital until the patient is handed over, s.
    clearing_s
        From then, or from leaving the scene without a patient, until the unit is free, s.
    """

    asked_after_s: float | None = None
    turnout_s: float | None = None
    on_scene_s: float | None = None
    transported: bool | None = None
    handover_s: float | None = None
    clearing_s: float | None = None

    def __post_init__(self) -> None:
        for name in ("asked_after_s", "turnout_s", "on_scene_s", "handover_s", "clearing_s"):
            _require_known(name, getattr(self, name))


#: Everything is drawn.
NOTHING_KNOWN: Final = KnownWork()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCourse:
    """
    What is known of how an incident went, whoever it is that answers it.

    Parameters
    ----------
    alert_after_s
        From the call until units are asked for, s, instead of call taking and the delay after it.
    work
        By service, the work of its first, second, … unit.
    """

    alert_after_s: float | None = None
    work: Mapping[str, tuple[KnownWork, ...]] = field(default=MappingProxyType({}))

    def __post_init__(self) -> None:
        _require_known("alert_after_s", self.alert_after_s)

    def of_slot(self, service: str, number: int) -> KnownWork:
        """Return what is known of the work of one unit."""
        work = self.work.get(service, ())
        return work[number] if number < len(work) else NOTHING_KNOWN
