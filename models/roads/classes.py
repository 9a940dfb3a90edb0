"""
Kinds of road, who may enter them, and how fast traffic moves on them when they are dry.

Speeds are an *assumption*, to be replaced by measured ones where a city has them: ordinary daytime
traffic in Vietnamese cities, mixed with motorbikes, below the legal limits of Circular
31/2019/TT-BGTVT (articles 6 and 8: in built-up areas 60 km/h on divided roads and on one-way roads
of two or more lanes, 50 km/h on other roads, expressways by sign up to 120 km/h).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ACCESS",
    "DEFAULT_SPEED_KM_H",
    "ROAD_CLASSES",
    "access_code",
    "road_class_code",
]

#: Free speed by class of road (the value of OpenStreetMap's ``highway``), km/h, *assumed*.
DEFAULT_SPEED_KM_H: Mapping[str, float] = MappingProxyType(
    {
        "motorway": 80.0,
        "motorway_link": 40.0,
        "trunk": 50.0,
        "trunk_link": 35.0,
        "primary": 40.0,
        "primary_link": 30.0,
        "secondary": 35.0,
        "secondary_link": 25.0,
        "tertiary": 30.0,
        "tertiary_link": 25.0,
        "unclassified": 25.0,
        "road": 20.0,
        "residential": 25.0,
        "living_street": 15.0,
        "service": 15.0,
        "services": 15.0,
        "rest_area": 15.0,
        "busway": 30.0,
        "bus_guideway": 30.0,
        "raceway": 15.0,
        "escape": 10.0,
        "alley": 12.0,
        "pedestrian": 8.0,
        "track": 12.0,
        "cycleway": 10.0,
        "footway": 5.0,
        "path": 5.0,
        "bridleway": 5.0,
        "corridor": 5.0,
        "steps": 2.0,
        "ferry": 5.0,
        "construction": 5.0,
        "proposed": 5.0,
    }
)

#: Classes of road; ``RoadGraph.road_class`` holds positions in this tuple.
ROAD_CLASSES: tuple[str, ...] = tuple(DEFAULT_SPEED_KM_H)

#: Rights of way; ``RoadGraph.access`` holds positions in this tuple. Any other value counts as
#: ``other``, which is entered like a private road.
ACCESS: tuple[str, ...] = (
    "yes",
    "permissive",
    "designated",
    "destination",
    "customers",
    "delivery",
    "permit",
    "private",
    "emergency",
    "military",
    "agricultural",
    "forestry",
    "no",
    "other",
)

_ROAD_CLASS_CODES = {name: code for code, name in enumerate(ROAD_CLASSES)}
_ACCESS_CODES = {"": 0, "public": 0} | {name: code for code, name in enumerate(ACCESS)}


def road_class_code(name: str) -> int:
    """Return the position of a class of road in ``ROAD_CLASSES``, or -1 if it is not known."""
    return _ROAD_CLASS_CODES.get(name, -1)


def access_code(name: str) -> int:
    """Return the position of a right of way in ``ACCESS``; what is not known counts as other."""
    return _ACCESS_CODES.get(name, _ACCESS_CODES["other"])
