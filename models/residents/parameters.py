"""
How residents behave, as numbers that a planner can change.

Figures are *assumed* unless a source stands beside them. They order alternatives (an earlier
warning, another channel); they do not predict what the people of one town will do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = [
    "ADVICE",
    "CHANNELS",
    "HAZARD_LIMITS",
    "MOBILITY",
    "Behaviour",
    "Channel",
    "PeopleShares",
]

#: What a household knows, rising: nothing but the water it sees, or what a warning told it.
ADVICE: Final = ("none", "move_vehicles", "shelter", "evacuate")
#: How a household moves; that of its slowest member.
MOBILITY: Final = ("able", "slow", "needs_help")
#: Largest depth x velocity (m2/s), depth (m) and speed (m/s) of the hazard classes H1 to H5
#: (AIDR 2017, Guideline 7-3, table 2).
HAZARD_LIMITS: Final = (
    (0.3, 0.3, 2.0),
    (0.6, 0.5, 2.0),
    (0.6, 1.2, 2.0),
    (1.0, 2.0, 2.0),
    (4.0, 4.0, 4.0),
)


def _require_share(value: float, where: str) -> None:
    if not 0.0 <= value <= 1.0:
        raise InvalidQuantityError("a share must lie between 0 and 1", where=where, value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """
    A way by which a warning reaches people.

    Parameters
    ----------
    reach
        Share of households that it reaches at all.
    trust
        Share of those reached who believe it.
    delay_median_s, delay_spread
        Median of the time from issue to hearing, s, and the standard deviation of its logarithm.
    """

    reach: float
    trust: float
    delay_median_s: float
    delay_spread: float

    def __post_init__(self) -> None:
        _require_share(self.reach, "reach of a channel")
        _require_share(self.trust, "trust in a channel")
        for name in ("delay_median_s", "delay_spread"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0.0):
                raise InvalidQuantityError(
                    f"{name} must be zero or more", where="channel", value=value
                )


#: Defaults, all assumed; edit them by what surveys of the place say.
CHANNELS: Final[Mapping[str, Channel]] = MappingProxyType(
    {
        "loudspeaker": Channel(reach=0.55, trust=0.80, delay_median_s=600.0, delay_spread=0.6),
        "siren": Channel(reach=0.70, trust=0.50, delay_median_s=180.0, delay_spread=0.5),
        "sms": Channel(reach=0.80, trust=0.65, delay_median_s=900.0, delay_spread=1.0),
        "broadcast": Channel(reach=0.50, trust=0.75, delay_median_s=3600.0, delay_spread=0.9),
        "door_to_door": Channel(reach=0.90, trust=0.95, delay_median_s=5400.0, delay_spread=0.6),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleShares:
    """
    Who lives in the households.

    Parameters
    ----------
    household_size
        Shares of households of 1, 2, 3 … persons; assumed, with a mean of about 3.4.
    children, elderly
        Shares of the people under 15 and from 65 on (Vietnam's census of 2019: 24.3 % and 7.7 %,
        unverified); the others are adults.
    mobility_adults, mobility_children, mobility_elderly
        Shares of able, slow and in need of help among households of adults alone, with children
        and without elderly, and with elderly; assumed.
    upper_floor
        Share of households with a floor above the ground, where no building says; assumed.
    motorbike
        Share of households that can all ride away on motorbikes; assumed.
    """

    household_size: tuple[float, ...] = (0.11, 0.19, 0.20, 0.25, 0.15, 0.10)
    children: float = 0.243
    elderly: float = 0.077
    mobility_adults: tuple[float, float, float] = (0.93, 0.06, 0.01)
    mobility_children: tuple[float, float, float] = (0.60, 0.38, 0.02)
    mobility_elderly: tuple[float, float, float] = (0.35, 0.50, 0.15)
    upper_floor: float = 0.6
    motorbike: float = 0.85

    def __post_init__(self) -> None:
        for name in ("children", "elderly", "upper_floor", "motorbike"):
            _require_share(getattr(self, name), name)
        _require_share(self.children + self.elderly, "children and elderly together")
        for name in (
            *("household_size", "mobility_adults"),
            *("mobility_children", "mobility_elderly"),
        ):
            shares = getattr(self, name)
            if not shares or min(shares) < 0.0 or abs(sum(shares) - 1.0) > 1e-6:
                raise InvalidQuantityError(
                    "the shares must be zero or more and sum to 1", where=name, value=shares
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """
    When residents act, how fast they move, and what stops them.

    Parameters
    ----------
    leave_share
        Share of households that set out for a shelter, by what they know (rows of ``ADVICE``; the
        first: they see water and heard nothing); assumed. Of those who need help, this share
        calls for it.
    move_vehicle_share
        Share of households that bring their motorbike to high ground, likewise; assumed.
    prepare_median_s, prepare_spread
        Median of the time from deciding to leaving, s, and the standard deviation of its
        logarithm; assumed.
    hasty_prepare_s
        Time to leave once water stands in the house, s; assumed.
    floor_height_m
        Height of the ground floor above the ground, m; assumed.
    notice_depth_m
        Depth in front of the house at which people notice, m; assumed.
    act_depth_m
        Depth within the house at which people go upstairs or must leave, m; assumed.
    set_out_depth_m
        Depth in front of the house from which nobody who has an upper floor sets out, m; assumed.
    storey_m
        Height of the upper floor above the ground floor, m; assumed.
    vehicle_loss_depth_m
        Depth at which a motorbike left at home is lost, m; assumed, air intake of a scooter.
    walk_m_s
        Walking speed on dry ground of able and slow, m/s: 1.3 and 0.8 (comfortable gait of adults
        and of the oldest: Bohannon & Andrews 2011, Physiotherapy 97).
    wade_depth_m, wade_product_m2_s
        Depth, m, and depth x velocity, m2/s, beyond which able and slow cannot walk: 1.2 m and
        0.6 m2/s for adults, 0.5 m and 0.4 m2/s for children and the frail (Cox, Shand & Blacka
        2010, ARR Project 10).
    wade_speed_share
        Walking speed at the largest depth over that on dry ground; in between it falls
        in proportion to depth; assumed.
    ride_m_s
        Speed of a motorbike among many that leave, m/s; assumed.
    ride_depth_m
        Depth from which a motorbike stalls, m; assumed.
    vehicle_move_s
        Time to bring a motorbike out of the house, and to park it, s; assumed.
    call_delay_s
        From being stranded or trapped to calling for help, s; assumed.
    call_again_s
        From a call that nobody could answer to the next, s; assumed.
    replan_s
        How often people on the way see which ways are open, s; assumed.
    access_s
        How often the ways to the hospitals are looked at, for the figures alone, s.
    exposed_depth_m
        Depth at the place from which people count as exposed, m.
    hurt_share
        Share of the households that call for rescue in which one person is hurt; assumed.
    """

    leave_share: tuple[float, float, float, float] = (0.05, 0.05, 0.10, 0.60)
    move_vehicle_share: tuple[float, float, float, float] = (0.30, 0.80, 0.60, 0.30)
    prepare_median_s: float = 1800.0
    prepare_spread: float = 0.6
    hasty_prepare_s: float = 300.0
    floor_height_m: float = 0.2
    notice_depth_m: float = 0.15
    act_depth_m: float = 0.3
    set_out_depth_m: float = 0.3
    storey_m: float = 2.8
    vehicle_loss_depth_m: float = 0.4
    walk_m_s: tuple[float, float] = (1.3, 0.8)
    wade_depth_m: tuple[float, float] = (1.2, 0.5)
    wade_product_m2_s: tuple[float, float] = (0.6, 0.4)
    wade_speed_share: float = 0.3
    ride_m_s: float = 4.0
    ride_depth_m: float = 0.2
    vehicle_move_s: float = 300.0
    call_delay_s: float = 300.0
    call_again_s: float = 1800.0
    replan_s: float = 300.0
    access_s: float = 600.0
    exposed_depth_m: float = 0.05
    hurt_share: float = 0.05

    def __post_init__(self) -> None:
        for name in ("leave_share", "move_vehicle_share"):
            for value in getattr(self, name):
                _require_share(value, name)
        for each in fields(self):
            given = getattr(self, each.name)
            for value in given if isinstance(given, tuple) else (given,):
                if not (math.isfinite(value) and value >= 0.0):
                    raise InvalidQuantityError(
                        "must be finite and not negative", where=each.name, value=value
                    )
        for name in ("walk_m_s", "wade_depth_m", "wade_product_m2_s"):
            if min(getattr(self, name)) <= 0.0:
                raise InvalidQuantityError(
                    "must be positive", where=name, value=getattr(self, name)
                )
        for name in ("ride_m_s", "ride_depth_m", "wade_speed_share"):
            if getattr(self, name) <= 0.0:
                raise InvalidQuantityError(
                    "must be positive", where=name, value=getattr(self, name)
                )
        _require_share(self.wade_speed_share, "wade_speed_share")
        _require_share(self.hurt_share, "hurt_share")

    def numbers(self) -> NDArray[np.float64]:
        """Return the scalars that kernels use, in the order of ``kernels``' docstring."""
        return np.array(
            [
                self.floor_height_m,
                self.notice_depth_m,
                self.act_depth_m,
                self.storey_m,
                self.vehicle_loss_depth_m,
                self.hasty_prepare_s,
                self.call_delay_s,
                self.vehicle_move_s,
                self.ride_depth_m,
                self.exposed_depth_m,
                self.set_out_depth_m,
            ]
        )
