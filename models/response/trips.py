"""
The way of a vehicle through a network whose speeds change.

Between two changes every edge has one travel time, so the position is a matter of arithmetic and
needs no steps. At a change, the way driven so far is fixed with the old times and the rest gets
the new ones: travel time integrates speed, and vehicles do not overtake.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.response.incidents import Slot
    from models.response.network import FloatArray, IntArray, MeetsTruth, Network

__all__ = ["Change", "Trip"]


class Change(Enum):
    """What a change of the roads means for a trip."""

    NONE = "none"
    RETIMED = "retimed"
    SLOWER = "slower"
    BLOCKED = "blocked"
    WARNED = "warned"
    STRANDED = "stranded"


@dataclass(slots=True, eq=False)
class Trip:
    """
    A way under way.

    ``seconds`` and ``cumulative_s`` belong to ``edges[first:]``; ``cumulative_s[k]`` is the time
    from ``base_s`` to the end of edge ``first + k``, the first of them being ``fraction`` driven.
    ``reach`` is the place of the first impassable edge, ``len(edges)`` where there is none, and
    ``reach_s`` when the vehicle is there: a driver who knows less than is true gets that far.
    ``turned`` tells that it begins by turning round on the edge under the vehicle.
    """

    vehicle_class: int
    purpose: str
    target: int
    task: Slot | None
    edges: IntArray
    start_s: float
    start_node: int
    start_fraction: float
    seconds: FloatArray
    cumulative_s: FloatArray
    base_s: float
    first: int = 0
    fraction: float = 0.0
    planned_s: float = 0.0
    turned: bool = False
    reach: int = 0
    reach_s: float = 0.0
    change: Change = Change.NONE

    @classmethod
    def begin(
        cls,
        network: Network,
        *,
        vehicle_class: int,
        purpose: str,
        target: int,
        task: Slot | None,
        edges: IntArray,
        start_node: int,
        fraction: float,
        now_s: float,
        present_s: float = math.inf,
    ) -> Trip:
        """
        Return a trip over *edges* that sets off now.

        *fraction* of the first edge is driven already. Where that edge has been closed behind the
        vehicle, it drives on to its end at *present_s*, the edge's last travel time, s.
        """
        seconds = network.edge_seconds(vehicle_class, edges)
        if fraction > 0.0 and math.isinf(seconds[0]):
            seconds = seconds.copy()
            seconds[0] = present_s
        trip = cls(
            vehicle_class=vehicle_class,
            purpose=purpose,
            target=target,
            task=task,
            edges=edges,
            start_s=now_s,
            start_node=start_node,
            start_fraction=fraction,
            seconds=seconds,
            cumulative_s=np.empty(0),
            base_s=now_s,
            fraction=fraction,
        )
        trip._accumulate()
        trip.planned_s = trip.arrival_s
        return trip

    def _accumulate(self) -> None:
        steps = self.seconds.copy()
        if steps.size:
            steps[0] *= 1.0 - self.fraction
        self.cumulative_s = np.cumsum(steps)
        passable = int(np.searchsorted(self.cumulative_s, math.inf))
        self.reach = self.first + passable
        self.reach_s = self.base_s + (float(self.cumulative_s[passable - 1]) if passable else 0.0)

    @property
    def arrival_s(self) -> float:
        """When it ends at present speeds, s; inf where the way ahead is blocked."""
        return self.base_s + (float(self.cumulative_s[-1]) if self.cumulative_s.size else 0.0)

    def locate(self, now_s: float) -> tuple[int, float]:
        """
        Return the edge's place in ``edges`` and the fraction of it driven, without moving.

        The place is ``len(edges)`` where the trip is over.
        """
        elapsed_s = now_s - self.base_s
        done = int(np.searchsorted(self.cumulative_s, elapsed_s, side="right"))
        if done == self.cumulative_s.size:
            return self.edges.size, 0.0
        if done == 0:
            whole_s = float(self.seconds[0])
            return self.first, min(self.fraction + elapsed_s / whole_s, 1.0)
        since_s = elapsed_s - float(self.cumulative_s[done - 1])
        return self.first + done, min(since_s / float(self.seconds[done]), 1.0)

    def review(
        self, network: Network, now_s: float, growth_s: float, flooded: Callable[[int, int], bool]
    ) -> Change:
        """
        Take in a change of the roads.

        Parameters
        ----------
        network
            With the new travel times.
        now_s
            When they became valid.
        growth_s
            Growth of the time of arrival since the way was planned that calls for another look.
        flooded
            Whether it is water that makes an edge impassable for a vehicle class; if it is, the
            vehicle on it strands, else it drives on to the end of the edge.
        """
        place, fraction = self.locate(now_s)
        if place == self.edges.size:
            return Change.NONE
        fresh = network.edge_seconds(self.vehicle_class, self.edges[place:])
        old = self.seconds[place - self.first :]
        if np.array_equal(fresh, old):
            return Change.NONE
        under_way = fraction > 0.0
        stranded = False
        if under_way and math.isinf(fresh[0]):
            stranded = flooded(self.vehicle_class, int(self.edges[place]))
            fresh = fresh.copy()
            fresh[0] = old[0]
        self.first, self.fraction, self.base_s = place, fraction, now_s
        self.seconds = fresh
        self._accumulate()
        if stranded:
            self.change = Change.STRANDED
        elif math.isinf(self.arrival_s):
            self.change = Change.BLOCKED
        elif self.arrival_s > self.planned_s + growth_s:
            self.change = Change.SLOWER
        else:
            self.change = Change.RETIMED
        return self.change

    def heed(self, network: MeetsTruth, now_s: float) -> bool:
        """Take in what is known now; return whether that closes the way ahead."""
        place, fraction = self.locate(now_s)
        ahead = self.edges[place + (1 if fraction > 0.0 else 0) :]
        if self.change is Change.STRANDED or not ahead.size:
            return False
        if np.isfinite(network.known_seconds(self.vehicle_class, ahead)).all():
            return False
        self.seconds = self.seconds[place - self.first :]
        self.first, self.fraction, self.base_s = place, fraction, now_s
        self._accumulate()
        self.change = Change.WARNED
        return True

    def follow(self, network: Network, ahead: IntArray, now_s: float) -> None:
        """Replace all edges after the present one (or from it on, if it is not begun)."""
        keep = self.first + (1 if self.fraction > 0.0 else 0)
        present = self.seconds[: keep - self.first]
        self.edges = np.concatenate([self.edges[:keep], ahead])
        self.seconds = np.concatenate([present, network.edge_seconds(self.vehicle_class, ahead)])
        self.base_s = now_s
        self._accumulate()
        self.planned_s = self.arrival_s
        self.change = Change.NONE

    def end_node(self, network: Network) -> int:
        """Return the node at which the edges end."""
        if not self.edges.size:
            return self.start_node
        return int(network.edge_heads(self.edges[-1:])[0])
