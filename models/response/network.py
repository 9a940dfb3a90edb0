"""What the response needs to know of a road network, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AtWater",
    "FloatArray",
    "IntArray",
    "KnowsDepth",
    "KnowsShore",
    "KnowsWater",
    "MeetsTruth",
    "Network",
    "Route",
]

type FloatArray = NDArray[np.float64]
type IntArray = NDArray[np.int64] | NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Route:
    """
    A way from one node to another.

    Parameters
    ----------
    edges
        Edges in driving order, shape (k,); empty where origin and target are one node.
    seconds
        Travel time of the whole way at present speeds, s.
    """

    edges: IntArray
    seconds: float


class Network(Protocol):
    """
    A road network whose travel times change while vehicles are on it.

    Nodes, edges and vehicle classes are indices. Unreachable is a result (``inf``, ``None``, or
    left out of a list), never an exception. Every answer is a function of the present travel
    times alone, so that the same run gives the same answers.
    """

    @property
    def version(self) -> int:
        """A number that grows whenever any travel time changes."""
        ...

    def nearest(
        self, target: int, origins: IntArray, vehicle_classes: IntArray, count: int
    ) -> Sequence[tuple[int, float]]:
        """
        Return at most *count* pairs of (index into *origins*, travel time in s) to *target*.

        Soonest first, ties by index; origins that cannot reach *target* are left out.
        """
        ...

    def route(self, vehicle_class: int, origin: int, target: int) -> Route | None:
        """Return the quickest way, or None where there is none."""
        ...

    def times_from(self, vehicle_class: int, origin: int, targets: IntArray) -> FloatArray:
        """Return travel times from *origin* to each target, s, shape of *targets*."""
        ...

    def times_to(self, vehicle_class: int, target: int, origins: IntArray) -> FloatArray:
        """Return travel times from each origin to *target*, s, shape of *origins*."""
        ...

    def edge_seconds(self, vehicle_class: int, edges: IntArray) -> FloatArray:
        """Return the true travel time of each whole edge now, s; inf where impassable."""
        ...

    def edge_heads(self, edges: IntArray) -> IntArray:
        """Return the node at which each edge ends."""
        ...

    def edge_tails(self, edges: IntArray) -> IntArray:
        """Return the node at which each edge begins."""
        ...

    def edge_reverse(self, edge: int) -> int:
        """Return the edge in the opposite direction, or -1 on a one-way street."""
        ...

    def edge_length_m(self, edges: IntArray) -> FloatArray:
        """Return the length of each edge, m."""
        ...

    def node_xy(self, node: int) -> tuple[float, float]:
        """Return easting and northing of a node, m."""
        ...


@runtime_checkable
class KnowsWater(Protocol):
    """
    A network that can tell water from a barrier.

    A vehicle strands on an edge that water makes impassable, but drives on to the end of an edge
    that is merely closed to traffic behind it. Without this knowledge every impassable edge
    counts as flooded.
    """

    def edge_under_water(self, vehicle_class: int, edge: int) -> bool:
        """Return whether it is water that makes *edge* impassable for this class now."""
        ...


@runtime_checkable
class KnowsDepth(Protocol):
    """A network that knows how deep the water is; without it, no vehicle is lost by depth."""

    def edge_depth_m(self, edge: int) -> float:
        """Return the depth of water on *edge* now, m."""
        ...


@dataclass(frozen=True, slots=True)
class AtWater:
    """
    What a driver does before water that the vehicle cannot pass.

    Parameters
    ----------
    does
        ``turn_back``: look for another way; ``wait``: wait for the water to fall, and turn back
        after *wait_s*; ``stall``: drive into it, and strand.
    wait_s
        Longest wait, s.
    """

    does: str = "turn_back"
    wait_s: float = 0.0


@runtime_checkable
class MeetsTruth(Protocol):
    """
    A network that plans with what is known while drivers meet what is true.

    ``nearest``, ``route``, ``times_from`` and ``times_to`` answer by what is known then, and
    ``edge_seconds`` by what is true. Without this, whatever a driver meets was known.
    """

    @property
    def knows_all(self) -> bool:
        """Whether what is known is always what is true."""
        ...

    def known_seconds(self, vehicle_class: int, edges: IntArray) -> FloatArray:
        """Return the travel time of each whole edge as known, s; inf where known as closed."""
        ...

    def meet(self, edge: int, now_s: float) -> bool:
        """Let all know what is true of an edge and its other direction; return if it was news."""
        ...

    def at_water(self, vehicle_class: int) -> AtWater:
        """Return what a driver of this class does before water."""
        ...


@runtime_checkable
class KnowsShore(Protocol):
    """A network with boats on it, which can tell where road vehicles still get about."""

    def road_edges(self, edges: IntArray) -> IntArray:
        """Return those of *edges* that are roads, by their numbers there, in order."""
        ...

    def road_node(self, node: int) -> int:
        """Return the node of the roads at the place of *node*, -1 where there is none."""
        ...

    def is_ashore(self, vehicle_class: int, node: int) -> bool:
        """Return whether *node* lies on the largest part of the roads that this class can use."""
        ...

    def landing(self, vehicle_class: int, onward_class: int, node: int) -> tuple[int, float] | None:
        """Return where *vehicle_class* gets from *node* to *onward_class* ashore soonest, and s."""
        ...
