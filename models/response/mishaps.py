"""
What takes a vehicle off the road: water under its wheels, and breakdowns.

A vehicle strands where water makes the road under it impassable; it drives again when the water
falls, or is written off. It breaks down after a drawn time of driving, and is repaired where it
stands. A patient aboard of one that breaks down or is written off waits in it for another unit.

Each unit draws from streams of its own, a fixed count of numbers for each mishap, so that no
unit's fate shifts another's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from models.errors import InvalidQuantityError
from models.response.context import Steps, pause
from models.response.distributions import Exponential
from models.response.incidents import incident_index
from models.response.network import KnowsDepth
from models.response.units import UnitState

if TYPE_CHECKING:
    from models.response.calls import Calls
    from models.response.context import Context
    from models.response.distributions import Distribution
    from models.response.incidents import Incident, Slot
    from models.response.units import Unit

__all__ = ["Breakdowns", "Mishaps", "WaterLoss"]

#: How often the depth around a stranded vehicle is looked at, s.
LOOK_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdowns:
    """
    How often vehicles break down.

    Parameters
    ----------
    driven_s
        Mean time of driving between two breakdowns of one vehicle, s; the time is exponential.
    repair
        From the breakdown until the vehicle drives again, where it stands.
    services
        Whose vehicles break down.

    Raises
    ------
    InvalidQuantityError
        If *driven_s* is not positive and finite.
    """

    driven_s: float
    repair: Distribution
    services: tuple[str, ...]

    def __post_init__(self) -> None:
        if not (math.isfinite(self.driven_s) and self.driven_s > 0.0):
            raise InvalidQuantityError(
                "the driving time between breakdowns must be positive and finite",
                where="breakdowns",
                value=self.driven_s,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterLoss:
    """
    Which stranded vehicles are lost for the run.

    Parameters
    ----------
    share
        Probability that a vehicle is lost when it strands.
    depth_m
        One that stands stranded is lost as soon as the water on its road is as deep, m.

    Raises
    ------
    InvalidQuantityError
        If the share is no probability, or the depth not positive.
    """

    share: float = 0.0
    depth_m: float = math.inf

    def __post_init__(self) -> None:
        if not 0.0 <= self.share <= 1.0:
            raise InvalidQuantityError(
                "the share of vehicles lost to water must lie between 0 and 1",
                where="vehicles lost to water",
                value=self.share,
            )
        if not self.depth_m > 0.0:
            raise InvalidQuantityError(
                "the depth at which vehicles are lost must be above 0",
                where="vehicles lost to water",
                value=self.depth_m,
            )


@dataclass(slots=True)
class Mishaps:
    """Breakdowns and strandings of all units; ``wear`` and ``luck`` are their random streams."""

    context: Context
    calls: Calls
    wear: dict[int, np.random.Generator] = field(default_factory=dict)
    luck: dict[int, np.random.Generator] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parameters, streams = self.context.parameters, self.calls.streams
        for unit in self.calls.dispatcher.units:
            index = incident_index(unit.spec.id)
            if parameters.water_loss is not None:
                self.luck[unit.index] = streams("water_loss", index)
            if parameters.breakdowns is None:
                continue
            if unit.spec.service in parameters.breakdowns.services:
                self.wear[unit.index] = streams("breakdown", index)
                self._wind_up(unit, parameters.breakdowns)

    def _wind_up(self, unit: Unit, breakdowns: Breakdowns) -> None:
        """Draw how long a unit drives until it breaks down."""
        u = float(self.wear[unit.index].random())
        unit.drives_s = Exponential(breakdowns.driven_s).at(u)

    # Breakdowns

    def break_down(self, unit: Unit, purpose: str, incident: Incident | None) -> float:
        """Let a unit break down where it is; return how long the repair takes, s."""
        breakdowns = self.context.parameters.breakdowns
        repair_s = 0.0
        if breakdowns is not None:
            repair_s = breakdowns.repair.at(float(self.wear[unit.index].random()))
            self._wind_up(unit, breakdowns)
        self.context.enter(
            unit,
            UnitState.BROKEN_DOWN,
            "unit_broken_down",
            incident=incident,
            value=repair_s,
            detail={"purpose": purpose, "patient": unit.has_patient},
        )
        self.calls.dispatcher.refresh(unit)
        return repair_s

    def repair(self, unit: Unit, repair_s: float) -> Steps[None]:
        """Wait until a unit that broke down is repaired."""
        if repair_s > 0.0:
            yield self.context.env.timeout(repair_s)
        self.context.emit("unit_repaired", unit=unit, value=repair_s)

    def hold_up(self, unit: Unit, slot: Slot, purpose: str) -> Steps[None]:
        """
        Let a unit with a patient break down; another unit is sent to take the patient over.

        Where the repair is done first, the unit keeps its patient and can go on.
        """
        repair_s = self.break_down(unit, purpose, slot.incident)
        self.hand_on(unit, slot, "vehicle broke down")
        yield from self.repair(unit, repair_s)
        if unit.has_patient:
            if slot.unit is None:
                self.calls.dispatcher.cancel([slot])
            else:
                self.calls.stand_down(slot, "the vehicle is repaired")
            slot.unit, slot.aboard, slot.arrived = unit, None, True

    def hand_on(self, unit: Unit, slot: Slot, reason: str) -> None:
        """Look for a unit that takes over the patient aboard of one that cannot go on."""
        slot.unit, slot.aboard, slot.arrived, slot.ordered = None, unit, False, ""
        slot.refused.clear()
        self.calls.dispatcher.resubmit(slot, reason)

    def take_over(self, unit: Unit, slot: Slot) -> None:
        """Let a unit that has come for the patient of another one begin its work."""
        left = slot.aboard
        if left is None:
            return
        slot.aboard, slot.arrived = None, True
        left.has_patient = False
        self.context.enter(
            unit,
            UnitState.ON_SCENE,
            "patient_taken_over",
            incident=slot.incident,
            value=self.context.env.now - left.since_s,
            detail={"from": left.spec.id},
        )
        unit.enter(UnitState.LOADING, self.context.env.now)

    # Water under the wheels

    def strand(self, unit: Unit, purpose: str, incident: Incident | None) -> None:
        """Let a unit stand in water that it cannot drive through."""
        self.context.enter(
            unit,
            UnitState.STRANDED,
            "unit_stranded",
            incident=incident,
            detail={"edge": unit.edge, "fraction": unit.fraction, "purpose": purpose},
        )
        self.calls.dispatcher.refresh(unit)

    def sit_out(self, unit: Unit, *, afloat: bool = False) -> Steps[bool]:
        """
        Wait until the road is passable, and has stayed so until the vehicle drives again.

        Returns False where the vehicle is lost instead; one that is *afloat* never is.
        """
        context = self.context
        loss = None if afloat else context.parameters.water_loss
        unlucky = loss is not None and float(self.luck[unit.index].random()) < loss.share
        by_depth = loss is not None and math.isfinite(loss.depth_m)
        edge = np.array([unit.edge], dtype=np.int64)
        vehicle_class = unit.spec.vehicle_class
        context.stranded[unit.index] = unit
        while True:
            if loss is not None and (unlucky or self._depth_m(unit) >= loss.depth_m):
                del context.stranded[unit.index]
                self._write_off(unit, "share" if unlucky else "depth")
                return False
            passable = np.isfinite(context.network.edge_seconds(vehicle_class, edge)[0])
            if passable:
                yield context.env.timeout(context.parameters.stranding_recovery_s)
                if np.isfinite(context.network.edge_seconds(vehicle_class, edge)[0]):
                    break
            else:
                look = context.env.timeout(LOOK_S) if by_depth else context.env.event()
                yield from pause(unit, look)
        del context.stranded[unit.index]
        return True

    def _depth_m(self, unit: Unit) -> float:
        """Return the depth of water on the road under a unit, m; 0 where nobody can tell."""
        network = self.context.network
        return network.edge_depth_m(unit.edge) if isinstance(network, KnowsDepth) else 0.0

    def _write_off(self, unit: Unit, reason: str) -> None:
        """Take a vehicle out of the run; another unit takes over a patient aboard."""
        slot, depth_m = unit.task, self._depth_m(unit)
        self.context.enter(
            unit,
            UnitState.WRITTEN_OFF,
            "unit_written_off",
            incident=None if slot is None else slot.incident,
            value=depth_m,
            detail={"reason": reason, "patient": unit.has_patient},
        )
        self.calls.dispatcher.refresh(unit)
        if slot is not None and unit.has_patient:
            self.hand_on(unit, slot, "vehicle lost to water")
        unit.task = None
