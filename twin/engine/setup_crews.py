"""From what a scenario says of crews and their vehicles to the figures of the models."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

from models.errors import ScenarioError
from models.response import AMBULANCE, FIRE, RESCUE, Breakdowns, Refuelling, TurnoutSpan, WaterLoss
from twin.engine.durations import as_distribution

if TYPE_CHECKING:
    from typing import Any

    from models.response import Distribution
    from scenarios.schema.crews import TurnoutHours
    from scenarios.schema.distributions import Distribution as DistributionChoice
    from scenarios.schema.response import Response

__all__ = ["crew_parameters"]


def crew_parameters(response: Response) -> dict[str, Any]:
    """
    Return what a scenario changes of the parameters of crews and vehicles.

    Raises
    ------
    ScenarioError
        If a duration is empty.
    """
    changes: dict[str, Any] = {"turnout_hours": tuple(map(_span, response.turnout_hours))}
    broken, lost = response.breakdowns, response.lost_to_water
    if broken is not None:
        changes["breakdowns"] = Breakdowns(
            driven_s=broken.driven_between,
            repair=_required(broken.repair, "response.breakdowns.repair"),
            services=broken.services,
        )
    fuel = response.refuelling
    if fuel is not None:
        changes["refuelling"] = Refuelling(
            after_m=1000.0 * fuel.after_km,
            duration=_required(fuel.duration, "response.refuelling.duration"),
            services=fuel.services,
        )
    if lost is not None:
        changes["water_loss"] = WaterLoss(
            share=0.0 if lost.share is None else lost.share,
            depth_m=math.inf if lost.depth_m is None else lost.depth_m,
        )
    return changes


def _required(choice: DistributionChoice, where: str) -> Distribution:
    made = as_distribution(choice)
    if made is None:
        raise ScenarioError("a distribution is empty", where=where)
    return made


def _span(choice: TurnoutHours) -> TurnoutSpan:
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
