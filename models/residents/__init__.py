"""Residents: who is exposed, who is warned, who moves, and who calls for help."""

from models.residents.households import STATUS, Households, HouseholdState, draw_households
from models.residents.model import Call, Household, ResidentsModel, Water
from models.residents.parameters import (
    ADVICE,
    CHANNELS,
    MOBILITY,
    Behaviour,
    Channel,
    PeopleShares,
)
from models.residents.ways import Ways, nearest_target

__all__ = [
    "ADVICE",
    "CHANNELS",
    "MOBILITY",
    "STATUS",
    "Behaviour",
    "Call",
    "Channel",
    "Household",
    "HouseholdState",
    "Households",
    "PeopleShares",
    "ResidentsModel",
    "Water",
    "Ways",
    "draw_households",
    "nearest_target",
]
