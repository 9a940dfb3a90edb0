"""
Vehicles as data: where they may drive, how fast, and through how much water.

Depth limits are defaults to be edited: a limit for a fleet is a matter of its vehicles and of the
orders that its drivers have. The sources stand beside each class.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError
from models.roads.classes import ACCESS, ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from models.roads.graph import RoadGraph

__all__ = ["AT_WATER", "VEHICLE_CLASSES", "Afloat", "VehicleClass", "allowed_edges"]

#: What a driver may do before water that the vehicle cannot pass.
AT_WATER: tuple[str, ...] = ("turn_back", "wait", "stall")

_WIDE = (
    *(f"{road}{end}" for road in ("motorway", "trunk", "primary") for end in ("", "_link")),
    *(f"{road}{end}" for road in ("secondary", "tertiary") for end in ("", "_link")),
    *("unclassified", "road", "residential", "living_street", "service", "services", "rest_area"),
    *("busway", "bus_guideway"),
)
_CAR = tuple(road for road in _WIDE if road not in {"busway", "bus_guideway"})
_PUBLIC = ("yes", "permissive", "designated", "destination", "customers", "delivery", "permit")
_EMERGENCY = tuple(right for right in ACCESS if right != "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Afloat:
    """
    What a boat does in the water; all defaults are assumed but the draught.

    Parameters
    ----------
    draught_m
        Depth that it needs, m, with what it must keep clear of the ground.
    speed_m_s
        Speed in still water, m/s: that of a motor boat between houses.
    max_current_m_s
        Speed of the water from which it does not go, m/s.
    launch_s
        From the trailer into the water and out of it again, s, at each water's edge.
    bank_m
        A waterway can be entered from a road node within this distance, m.

    Raises
    ------
    InvalidQuantityError
        If any is not positive and finite (launching may take no time).
    """

    draught_m: float = 0.30
    speed_m_s: float = 8.0 / 3.6
    max_current_m_s: float = 2.0
    launch_s: float = 300.0
    bank_m: float = 60.0

    def __post_init__(self) -> None:
        for name in ("draught_m", "speed_m_s", "max_current_m_s", "launch_s", "bank_m"):
            value = getattr(self, name)
            if not (math.isfinite(value) and (value > 0.0 or (name == "launch_s" and value == 0))):
                raise InvalidQuantityError(
                    f"{name} must be positive and finite", where="boat", value=value
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleClass:
    """
    A kind of vehicle.

    Parameters
    ----------
    name
        Short identifier.
    wading_limit_m
        Depth from which the vehicle does not drive, m.
    critical_depth_m
        Depth at which the speed curve reaches zero, m, at least the wading limit.
    max_speed_m_s
        Speed that the vehicle never exceeds, m/s.
    crawl_speed_m_s
        Speed below which water that can be driven through slows no vehicle, m/s: the least speed
        of the curve of Pregnolato et al. (2017), 2.03 km/h. Without it, travel times just below
        the critical depth would grow without limit, and units be sent on drives of days.
    emergency_speed_factor
        Speed under lights and sirens over the speed of ordinary traffic, at least 1. This alone
        may carry a vehicle above the free or the signed speed of a road.
    road_classes
        Classes of road that the vehicle may use.
    access
        Rights of way that the vehicle may use.
    depth_velocity_limit_m2_s
        Product of depth and velocity from which the vehicle does not drive, m²/s; infinite: none.
    total_head_limit_m
        Depth plus velocity head from which the vehicle does not drive, m; infinite: none.
    ignores_one_way
        Whether the vehicle may drive against a one-way street; only on graphs that were built
        with ``against_one_way=True``.
    against_one_way_speed_factor
        Speed against a one-way street over the speed along it, in (0, 1].
    at_water
        What a driver does before impassable water that nobody knew of: ``turn_back`` and look for
        another way, ``wait`` for it to fall, or ``stall``: drive into it and strand. Whoever is
        caught by rising water strands.
    wait_at_water_s
        Longest such wait, s; then the driver turns back.
    congestion_share
        Part of the delay of ordinary traffic that the vehicle suffers in congestion, in [0, 1].
    afloat
        What it does in the water, for a boat on its trailer; None for all others. The other
        fields then hold for the trailer on the road.
    source
        Where the limits come from.

    Raises
    ------
    InvalidQuantityError
        If a limit, factor or class is not possible.
    """

    name: str
    wading_limit_m: float
    critical_depth_m: float
    max_speed_m_s: float
    crawl_speed_m_s: float = (86.9448 - 0.5529**2 / (4.0 * 0.0009)) / 3.6
    emergency_speed_factor: float = 1.0
    road_classes: tuple[str, ...] = _CAR
    access: tuple[str, ...] = _PUBLIC
    depth_velocity_limit_m2_s: float = math.inf
    total_head_limit_m: float = math.inf
    ignores_one_way: bool = False
    against_one_way_speed_factor: float = 0.5
    at_water: str = "turn_back"
    wait_at_water_s: float = 600.0
    congestion_share: float = 1.0
    afloat: Afloat | None = None
    source: str = ""

    def __post_init__(self) -> None:
        for name in ("wading_limit_m", "critical_depth_m", "max_speed_m_s", "crawl_speed_m_s"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0.0):
                raise self._error(f"{name} must be positive and finite", value)
        if self.critical_depth_m < self.wading_limit_m:
            raise self._error("critical_depth_m lies below wading_limit_m", self.critical_depth_m)
        if not (math.isfinite(self.emergency_speed_factor) and self.emergency_speed_factor >= 1.0):
            raise self._error(
                "emergency_speed_factor must be at least 1", self.emergency_speed_factor
            )
        if not 0.0 < self.against_one_way_speed_factor <= 1.0:
            raise self._error(
                "against_one_way_speed_factor must lie in (0, 1]",
                self.against_one_way_speed_factor,
            )
        for name in ("depth_velocity_limit_m2_s", "total_head_limit_m"):
            if not getattr(self, name) > 0.0:
                raise self._error(f"{name} must be positive", getattr(self, name))
        self._check_driver()
        for name, known in (("road_classes", ROAD_CLASSES), ("access", ACCESS)):
            unknown = [value for value in getattr(self, name) if value not in known]
            if unknown:
                raise self._error(f"{name} names what is not known", unknown[0], known)

    def _check_driver(self) -> None:
        if self.at_water not in AT_WATER:
            raise self._error("at_water names what is not known", self.at_water, AT_WATER)
        if not (math.isfinite(self.wait_at_water_s) and self.wait_at_water_s >= 0.0):
            raise self._error("wait_at_water_s must be zero or more", self.wait_at_water_s)
        if not 0.0 <= self.congestion_share <= 1.0:
            raise self._error("congestion_share must lie in [0, 1]", self.congestion_share)

    def _error(
        self, what: str, value: object, known: tuple[str, ...] | None = None
    ) -> InvalidQuantityError:
        remedy = None if known is None else f"Choose from {', '.join(known)}."
        return InvalidQuantityError(
            what, where=f"vehicle class {self.name}", value=value, remedy=remedy
        )


_ARR = "depth x velocity: Shand et al. (2011), ARR Project 10"
_DEFAULTS = (
    VehicleClass(
        name="ambulance",
        congestion_share=0.5,
        wading_limit_m=0.30,
        critical_depth_m=0.30,
        max_speed_m_s=80.0 / 3.6,
        emergency_speed_factor=1.2,
        road_classes=(*_WIDE, "pedestrian"),
        access=_EMERGENCY,
        depth_velocity_limit_m2_s=0.45,
        total_head_limit_m=0.6,
        source=f"depth: Pregnolato et al. (2017), small vehicles; {_ARR}, large car",
    ),
    VehicleClass(
        name="two_wheel_ambulance",
        congestion_share=0.2,
        wading_limit_m=0.20,
        critical_depth_m=0.20,
        max_speed_m_s=60.0 / 3.6,
        emergency_speed_factor=1.2,
        road_classes=(*_WIDE, "alley", "pedestrian", "track", "cycleway", "path"),
        access=_EMERGENCY,
        depth_velocity_limit_m2_s=0.30,
        total_head_limit_m=0.3,
        source=f"depth: assumed, exhaust and air intake of a scooter; {_ARR}, small car",
    ),
    VehicleClass(
        name="fire_engine",
        congestion_share=0.5,
        wading_limit_m=0.45,
        critical_depth_m=0.45,
        max_speed_m_s=70.0 / 3.6,
        emergency_speed_factor=1.2,
        road_classes=_WIDE,
        access=_EMERGENCY,
        depth_velocity_limit_m2_s=0.60,
        total_head_limit_m=0.6,
        source=f"depth: assumed, heavy engine in moving water (0.70 m if still); {_ARR}, 4WD",
    ),
    VehicleClass(
        name="four_wheel_drive",
        congestion_share=0.5,
        wading_limit_m=0.50,
        critical_depth_m=0.50,
        max_speed_m_s=80.0 / 3.6,
        emergency_speed_factor=1.2,
        road_classes=(*_WIDE, "pedestrian", "track"),
        access=_EMERGENCY,
        depth_velocity_limit_m2_s=0.60,
        total_head_limit_m=0.6,
        source=f"depth: {_ARR}, 4WD",
    ),
    VehicleClass(
        name="high_water_truck",
        at_water="wait",
        congestion_share=0.7,
        wading_limit_m=0.76,
        critical_depth_m=0.76,
        max_speed_m_s=60.0 / 3.6,
        emergency_speed_factor=1.1,
        road_classes=(*_WIDE, "track"),
        access=_EMERGENCY,
        depth_velocity_limit_m2_s=0.60,
        total_head_limit_m=0.9,
        source="depth: fording depth of military cargo trucks (30 in); other limits assumed",
    ),
    VehicleClass(
        name="boat",
        congestion_share=0.7,
        wading_limit_m=0.50,
        critical_depth_m=0.50,
        max_speed_m_s=50.0 / 3.6,
        emergency_speed_factor=1.1,
        road_classes=(*_WIDE, "track"),
        access=_EMERGENCY,
        depth_velocity_limit_m2_s=0.60,
        total_head_limit_m=0.6,
        afloat=Afloat(),
        source=f"trailer behind a 4WD: {_ARR}, 4WD; afloat: assumed",
    ),
    VehicleClass(
        name="car",
        wading_limit_m=0.30,
        critical_depth_m=0.30,
        max_speed_m_s=100.0 / 3.6,
        depth_velocity_limit_m2_s=0.30,
        total_head_limit_m=0.3,
        source=f"depth: Pregnolato et al. (2017); {_ARR}, small car",
    ),
    VehicleClass(
        name="motorbike",
        congestion_share=0.5,
        wading_limit_m=0.20,
        critical_depth_m=0.20,
        max_speed_m_s=60.0 / 3.6,
        road_classes=(*_CAR, "alley", "track", "path"),
        depth_velocity_limit_m2_s=0.30,
        total_head_limit_m=0.3,
        source="depth: assumed, exhaust and air intake of a scooter",
    ),
)

#: Default classes by name. What drivers do at water, and the shares of congestion that vehicles
#: suffer (two-wheelers pass between cars, others make way for lights and sirens), are *assumed*.
#: So is the factor of 1.2 for lights and sirens; measured savings of time run from 106 s a trip
#: (Brown et al. 2000, urban) to 31 % (Ho & Lindquist 2001, rural).
VEHICLE_CLASSES: Mapping[str, VehicleClass] = MappingProxyType(
    {vehicle.name: vehicle for vehicle in _DEFAULTS}
)


def allowed_edges(graph: RoadGraph, vehicle: VehicleClass) -> NDArray[np.bool_]:
    """Return which edges, shape (n_edges,), the vehicle may use when they are dry and open."""
    road = np.isin(graph.road_class, [ROAD_CLASSES.index(name) for name in vehicle.road_classes])
    right = np.isin(graph.access, [ACCESS.index(name) for name in vehicle.access])
    allowed: NDArray[np.bool_] = road & right
    if not vehicle.ignores_one_way:
        allowed &= ~graph.is_against_one_way
    return allowed
