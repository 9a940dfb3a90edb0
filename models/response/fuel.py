"""Refuelling: a unit that has driven far goes to its station for fuel before its next call."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.errors import InvalidQuantityError
from models.response.incidents import incident_index
from models.response.units import UnitState

if TYPE_CHECKING:
    import numpy as np

    from models.response.calls import Streams
    from models.response.context import Context, Steps
    from models.response.distributions import Distribution
    from models.response.units import Unit

__all__ = ["Fuel", "Refuelling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuelling:
    """
    When vehicles refuel, and how long that takes.

    Parameters
    ----------
    after_m
        Distance driven since the last time from which a unit that is done with a call refuels
        before it is sent again, m.
    duration
        From its arrival at the station until it can be sent.
    services
        Whose vehicles refuel.

    Raises
    ------
    InvalidQuantityError
        If the distance is not positive and finite.
    """

    after_m: float
    duration: Distribution
    services: tuple[str, ...]

    def __post_init__(self) -> None:
        if not (math.isfinite(self.after_m) and self.after_m > 0.0):
            raise InvalidQuantityError(
                "the distance after which vehicles refuel must be positive and finite",
                where="refuelling",
                value=self.after_m,
            )


@dataclass(slots=True)
class Fuel:
    """Who must refuel; ``pumps`` are the random streams of the units."""

    context: Context
    streams: Streams
    pumps: dict[int, np.random.Generator] = field(default_factory=dict)

    def check(self, unit: Unit) -> None:
        """Keep a unit that is done with a call from being sent where it must refuel first."""
        plan = self.context.parameters.refuelling
        if plan is None or unit.low_on_fuel or unit.spec.service not in plan.services:
            return
        if unit.driven_m >= plan.after_m:
            unit.low_on_fuel = True
            self.context.emit("unit_low_on_fuel", unit=unit, value=unit.driven_m)

    def refuel(self, unit: Unit) -> Steps[None]:
        """Refuel a unit at its station."""
        plan = self.context.parameters.refuelling
        if plan is None:
            return
        pump = self.pumps.get(unit.index)
        if pump is None:
            pump = self.streams("refuelling", incident_index(unit.spec.id))
            self.pumps[unit.index] = pump
        duration_s = plan.duration.at(float(pump.random()))
        self.context.enter(unit, UnitState.REFUELLING, "unit_refuelling", value=duration_s)
        if duration_s > 0.0:
            yield self.context.env.timeout(duration_s)
        unit.driven_m, unit.low_on_fuel = 0.0, False
