"""
Decisions as pure functions, each a few lines that a researcher can replace.

A policy sees arrays and the network, and returns indices; it changes nothing. A scenario names it;
own functions are handed to the model beside the built-in ones, in :class:`Policies`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from models.errors import ScenarioError
from models.response.moveup import MOVE_UP_POLICIES, MoveUpPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from models.response.incidents import IncidentSpec
    from models.response.network import FloatArray, IntArray, Network

__all__ = [
    "DISPATCH_POLICIES",
    "HOSPITAL_POLICIES",
    "QUEUE_POLICIES",
    "Candidates",
    "DispatchPolicy",
    "DispatchRequest",
    "HospitalPolicy",
    "HospitalView",
    "Policies",
    "QueuePolicy",
    "nearest_suitable",
    "soonest",
    "soonest_with_bed",
]


#: Waiting that lifts a call by one priority under ``priority_and_age``, s (assumed).
AGEING_S: Final = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchRequest:
    """
    Units wanted now.

    Parameters
    ----------
    incident
        The incident.
    service
        The service that is asked for.
    count
        How many units are still missing.
    waited_s
        Seconds since the call was received.
    diversion_gain_s
        What a unit that is taken from another incident must be sooner by, s.
    """

    incident: IncidentSpec
    service: str
    count: int
    waited_s: float
    diversion_gain_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """
    Units of the service that can be sent, in the order of the fleet; arrays of shape (k,).

    Parameters
    ----------
    unit
        Index in the fleet.
    node
        Node from which the unit can choose its way.
    offset_s
        Seconds until it is there: the rest of the edge that it drives on, 0 for one that stands.
    vehicle_class
        Index of the vehicle class.
    task_priority
        Priority of the incident that the unit is on its way to and can be taken from; 0 for a
        free unit.
    """

    unit: IntArray
    node: IntArray
    offset_s: FloatArray
    vehicle_class: IntArray
    task_priority: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class HospitalView:
    """
    Hospitals as seen by a unit with a patient; arrays of shape (h,).

    Parameters
    ----------
    seconds
        Travel time, s; inf where unreachable, closed or without any bed.
    free_beds
        Beds neither taken nor kept for somebody; inf where beds are not limited.
    queue_length
        Units that wait for a bed.
    """

    seconds: FloatArray
    free_beds: FloatArray
    queue_length: IntArray


#: Returns pairs of (place among the candidates, expected seconds), at most ``count`` of them.
type DispatchPolicy = Callable[[DispatchRequest, Candidates, Network], Sequence[tuple[int, float]]]
#: Returns the hospital's index, or -1 where none can be reached.
type HospitalPolicy = Callable[[HospitalView], int]
#: Returns the sort key of a waiting request: the smallest is served first.
type QueuePolicy = Callable[[IncidentSpec, float], tuple[float, ...]]


def nearest_suitable(
    request: DispatchRequest, candidates: Candidates, network: Network
) -> Sequence[tuple[int, float]]:
    """
    Send those who can be there soonest by present travel times, units on their way home included.

    The network counts from nodes; the rest of the edge under a moving unit comes on top, so more
    units than needed are asked for until none that was left out could be sooner. A unit that would
    be taken from another incident counts as later by the gain that is asked for.
    """
    total = candidates.unit.size
    gain_s = np.where(candidates.task_priority > 0, request.diversion_gain_s, 0.0)
    later_s = candidates.offset_s + gain_s
    asked = request.count if not later_s.any() else request.count + 2
    while True:
        found = network.nearest(
            request.incident.node, candidates.node, candidates.vehicle_class, asked
        )
        timed = sorted((seconds + later_s[k], k) for k, seconds in found)
        best = timed[: request.count]
        complete = len(found) < asked or asked >= total
        if complete or (best and best[-1][0] <= found[-1][1]):
            return [(k, float(seconds - gain_s[k])) for seconds, k in best]
        asked = min(2 * asked, total)


def soonest_with_bed(view: HospitalView) -> int:
    """Take the soonest reachable hospital with a free bed, or else the soonest reachable one."""
    with_bed = np.where(view.free_beds >= 1.0, view.seconds, np.inf)
    choice = _soonest(with_bed)
    return choice if choice >= 0 else _soonest(view.seconds)


def soonest(view: HospitalView) -> int:
    """Take the soonest reachable hospital, whatever its beds."""
    return _soonest(view.seconds)


def _soonest(seconds: FloatArray) -> int:
    if not seconds.size:
        return -1
    choice = int(np.argmin(seconds))
    return choice if np.isfinite(seconds[choice]) else -1


def _priority_then_time(incident: IncidentSpec, received_s: float) -> tuple[float, ...]:
    return (float(incident.priority), received_s)


def _priority_and_age(incident: IncidentSpec, received_s: float) -> tuple[float, ...]:
    """Let a quarter of an hour of waiting weigh as much as one step of priority."""
    return (AGEING_S * incident.priority + received_s,)


def _first_come_first_served(incident: IncidentSpec, received_s: float) -> tuple[float, ...]:
    del incident
    return (received_s,)


DISPATCH_POLICIES: Final[Mapping[str, DispatchPolicy]] = MappingProxyType(
    {"nearest_suitable": nearest_suitable}
)
HOSPITAL_POLICIES: Final[Mapping[str, HospitalPolicy]] = MappingProxyType(
    {"soonest_with_bed": soonest_with_bed, "soonest": soonest}
)
QUEUE_POLICIES: Final[Mapping[str, QueuePolicy]] = MappingProxyType(
    {
        "priority_then_time": _priority_then_time,
        "priority_and_age": _priority_and_age,
        "first_come_first_served": _first_come_first_served,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """Every policy that a scenario may name; add own ones with ``{**DISPATCH_POLICIES, …}``."""

    dispatch: Mapping[str, DispatchPolicy] = field(default_factory=lambda: DISPATCH_POLICIES)
    hospital: Mapping[str, HospitalPolicy] = field(default_factory=lambda: HOSPITAL_POLICIES)
    queue: Mapping[str, QueuePolicy] = field(default_factory=lambda: QUEUE_POLICIES)
    move_up: Mapping[str, MoveUpPolicy] = field(default_factory=lambda: MOVE_UP_POLICIES)


def named[T](policies: Mapping[str, T], name: str, what: str) -> T:
    """
    Return the policy of this name.

    Raises
    ------
    ScenarioError
        If there is none.
    """
    if name not in policies:
        raise ScenarioError(
            f"there is no {what} policy of this name",
            value=name,
            remedy=f"Name one of: {', '.join(sorted(policies))}.",
        )
    return policies[name]
