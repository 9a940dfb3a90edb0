"""Emergency response: calls, dispatch, vehicles, hospitals and fires on a changing road network."""

from __future__ import annotations

from models.response.alarms import Aid, Alarm, most_asked
from models.response.demand import Demand, DemandModel, generate, to_incidents
from models.response.distributions import (
    Constant,
    Distribution,
    Exponential,
    Gamma,
    LogNormal,
    Uniform,
    Weibull,
)
from models.response.events import EVENT_KINDS, Event
from models.response.fuel import Refuelling
from models.response.hospitals import FacilitySpec
from models.response.incidents import (
    AMBULANCE,
    FIRE,
    INCIDENT_KINDS,
    RESCUE,
    IncidentKind,
    IncidentSpec,
    incident_index,
)
from models.response.known import KnownCourse, KnownWork
from models.response.mishaps import Breakdowns, WaterLoss
from models.response.model import UNIT_STATES, ResponseModel, UnitPositions
from models.response.network import (
    AtWater,
    KnowsDepth,
    KnowsShore,
    KnowsWater,
    MeetsTruth,
    Network,
    Route,
)
from models.response.parameters import FireParameters, ResponseParameters, sources
from models.response.policies import Policies
from models.response.turnout import TurnoutSpan
from models.response.units import UnitSpec, UnitState

__all__ = [
    "AMBULANCE",
    "EVENT_KINDS",
    "FIRE",
    "INCIDENT_KINDS",
    "RESCUE",
    "UNIT_STATES",
    "Aid",
    "Alarm",
    "AtWater",
    "Breakdowns",
    "Constant",
    "Demand",
    "DemandModel",
    "Distribution",
    "Event",
    "Exponential",
    "FacilitySpec",
    "FireParameters",
    "Gamma",
    "IncidentKind",
    "IncidentSpec",
    "KnownCourse",
    "KnownWork",
    "KnowsDepth",
    "KnowsShore",
    "KnowsWater",
    "LogNormal",
    "MeetsTruth",
    "Network",
    "Policies",
    "Refuelling",
    "ResponseModel",
    "ResponseParameters",
    "Route",
    "TurnoutSpan",
    "Uniform",
    "UnitPositions",
    "UnitSpec",
    "UnitState",
    "WaterLoss",
    "Weibull",
    "generate",
    "incident_index",
    "most_asked",
    "sources",
    "to_incidents",
]
