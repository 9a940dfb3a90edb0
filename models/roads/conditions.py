"""
What the roads allow now: speed and travel time by vehicle class, as the water rises and falls.

The speed in water follows the general form of Pregnolato et al. (2017), eq. 1 (fitted there for
one speed and cars): ``v = v_free (1 - w / w_c)^2``, closed from the wading limit on. It never
exceeds the dry speed, which is the lesser of the road's free speed times the emergency factor and
the vehicle's own top speed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.compile import kernel
from models.errors import InvalidQuantityError
from models.roads.vehicles import allowed_edges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.roads.graph import RoadGraph
    from models.roads.vehicles import VehicleClass

    type Floats = NDArray[np.float64]
    type Flags = NDArray[np.bool_]

__all__ = ["RoadConditions", "speed_in_water"]

GRAVITY_M_S2 = 9.81


class RoadConditions:
    """
    Speeds and travel times on a graph, for several vehicle classes.

    *True* is what a driver meets; *known* is what the dispatcher has been told. Both start dry.

    Attributes
    ----------
    version
        Grows whenever a true travel time changes.
    known_version
        Grows whenever a known travel time changes.
    speed_m_s, travel_time_s
        True speed (zero where impassable) and travel time (infinite where impassable), shape
        (n_classes, n_edges).
    known_travel_time_s
        What the dispatcher believes, shape (n_classes, n_edges).
    dry_travel_time_s
        On dry and open roads without traffic, shape (n_classes, n_edges): no travel time is ever
        shorter.
    flooded
        Whether water alone makes an edge impassable that the class could drive dry, shape
        (n_classes, n_edges): this, and not a barrier, is where a vehicle strands.
    changed
        Edges on which the last update changed a true travel time, shape (n_edges,).
    """

    def __init__(self, graph: RoadGraph, classes: Sequence[VehicleClass]) -> None:
        """
        Start on dry, open roads.

        Raises
        ------
        InvalidQuantityError
            If there is no vehicle class, or two of one name.
        """
        names = [vehicle.name for vehicle in classes]
        if not names or len(set(names)) != len(names):
            raise InvalidQuantityError(
                "road conditions need vehicle classes of distinct names",
                where="roads",
                value=names,
            )
        self.graph = graph
        self.classes = tuple(classes)
        self._limits = np.array(
            [
                (
                    c.wading_limit_m,
                    c.critical_depth_m,
                    c.depth_velocity_limit_m2_s,
                    c.total_head_limit_m,
                    c.crawl_speed_m_s,
                )
                for c in classes
            ],
            np.float64,
        )
        free = np.ones(graph.n_edges)
        self._dry_speed_m_s = np.vstack([_dry_speed_m_s(graph, c, free) for c in classes])
        self._traffic = free
        shape = self._dry_speed_m_s.shape
        self.version = 0
        self.known_version = 0
        self.changed = np.zeros(graph.n_edges, np.bool_)
        self.speed_m_s = np.zeros(shape)
        self.travel_time_s = np.full(shape, np.nan)
        self.flooded = np.zeros(shape, np.bool_)
        self._before = _nothing_before(graph.n_edges)
        self._known_before = _nothing_before(graph.n_edges)
        true = (self.speed_m_s, self.travel_time_s, self.flooded, self.changed)
        self._fill(np.zeros(graph.n_edges), None, None, true, self._before)
        self.changed[:] = False
        self.dry_travel_time_s = self.travel_time_s.copy()
        self.dry_travel_time_s.flags.writeable = False
        self.known_travel_time_s = self.travel_time_s.copy()

    def class_index(self, name: str) -> int:
        """
        Return the row of a vehicle class.

        Raises
        ------
        InvalidQuantityError
            If there is no class of that name.
        """
        for row, vehicle in enumerate(self.classes):
            if vehicle.name == name:
                return row
        known = ", ".join(vehicle.name for vehicle in self.classes)
        raise InvalidQuantityError(
            "there is no such vehicle class",
            where="roads",
            value=name,
            remedy=f"Choose from {known}.",
        )

    def update(
        self,
        edge_depth_m: Floats,
        closed: Flags | None = None,
        *,
        edge_velocity_m_s: Floats | None = None,
    ) -> int:
        """
        Set what is true now, and return on how many edges a travel time changed.

        Parameters
        ----------
        edge_depth_m
            Depth of water on every edge, m, finite and not negative, shape (n_edges,).
        closed
            Edges closed for other reasons, shape (n_edges,).
        edge_velocity_m_s
            Velocity of the water, m/s, shape (n_edges,). Without it the limits of depth times
            velocity and of total head are not applied.

        Raises
        ------
        InvalidQuantityError
            If an array has the wrong shape, or a value is NaN, infinite or negative.
        """
        true = (self.speed_m_s, self.travel_time_s, self.flooded, self.changed)
        count = self._fill(edge_depth_m, closed, edge_velocity_m_s, true, self._before)
        self.version += count > 0
        return count

    def update_known(
        self,
        edge_depth_m: Floats,
        closed: Flags | None = None,
        *,
        edge_velocity_m_s: Floats | None = None,
    ) -> int:
        """Set what the dispatcher believes, as :meth:`update` sets what is true."""
        aside = (
            np.empty_like(self.speed_m_s),
            self.known_travel_time_s,
            np.empty_like(self.flooded),
            np.empty_like(self.changed),
        )
        count = self._fill(edge_depth_m, closed, edge_velocity_m_s, aside, self._known_before)
        self.known_version += count > 0
        return count

    def reveal(self, edges: NDArray[np.integer] | None = None) -> int:
        """
        Let the dispatcher know the truth about some edges, or all; return how many were news.

        A driver who meets water reveals one edge; perfect information reveals all at each update.
        """
        which = slice(None) if edges is None else edges
        true, known = self.travel_time_s[:, which], self.known_travel_time_s[:, which]
        count = int((true != known).any(axis=0).sum())
        self.known_travel_time_s[:, which] = true
        self._known_before[0][which] = np.nan
        self.known_version += count > 0
        return count

    def set_traffic(self, speed_share: Floats) -> None:
        """
        Let traffic slow every edge; it shows with the next update.

        Parameters
        ----------
        speed_share
            Speed of ordinary traffic over its free speed, in (0, 1], shape (n_edges,). A vehicle
            class loses its ``congestion_share`` of what is missing to 1.

        Raises
        ------
        InvalidQuantityError
            If the array has the wrong shape, or a share lies outside (0, 1].
        """
        share = _checked(speed_share, self.graph.n_edges, "speed_share")
        bad = ~((share > 0.0) & (share <= 1.0))
        if bad.any():
            edge = int(np.argmax(bad))
            raise InvalidQuantityError(
                "speed_share must lie in (0, 1]",
                where=f"road conditions, edge {edge}",
                value=float(share[edge]),
            )
        other = share != self._traffic
        if not other.any():
            return
        self._traffic = share.copy()
        for row, vehicle in enumerate(self.classes):
            self._dry_speed_m_s[row] = _dry_speed_m_s(self.graph, vehicle, share)
        self._before[0][other] = np.nan
        self._known_before[0][other] = np.nan

    def _fill(
        self,
        edge_depth_m: Floats,
        closed: Flags | None,
        edge_velocity_m_s: Floats | None,
        into: tuple[Floats, Floats, Flags, Flags],
        before: tuple[Floats, Floats, Flags],
    ) -> int:
        edges = self.graph.n_edges
        depth = _checked(edge_depth_m, edges, "edge_depth_m")
        if edge_velocity_m_s is None:
            velocity = np.zeros(edges)
        else:
            velocity = _checked(edge_velocity_m_s, edges, "edge_velocity_m_s")
        shut = np.zeros(edges, np.bool_) if closed is None else np.asarray(closed, np.bool_)
        if shut.shape != (edges,):
            raise InvalidQuantityError(
                "closed has the wrong shape", where="road conditions", value=shut.shape
            )
        return int(
            _set_speeds(
                depth,
                velocity,
                np.ascontiguousarray(shut),
                self._limits,
                self._dry_speed_m_s,
                self.graph.length_m,
                *into,
                *before,
            )
        )


def _nothing_before(edges: int) -> tuple[Floats, Floats, Flags]:
    """Return depth, velocity and closure that no edge has, so that all of them are computed."""
    return np.full(edges, np.nan), np.full(edges, np.nan), np.zeros(edges, np.bool_)


def speed_in_water(
    depth_m: float, dry_speed_m_s: float, vehicle: VehicleClass, velocity_m_s: float = 0.0
) -> float:
    """Return the speed of a vehicle in standing or moving water, m/s; zero if it cannot drive."""
    limits = np.array(
        [
            vehicle.wading_limit_m,
            vehicle.critical_depth_m,
            vehicle.depth_velocity_limit_m2_s,
            vehicle.total_head_limit_m,
            vehicle.crawl_speed_m_s,
        ]
    )
    return float(_speed(depth_m, velocity_m_s, dry_speed_m_s, limits))


@kernel
def _speed(h: float, u: float, v: float, limits: Floats) -> float:
    """Return the speed from depth ``h``, flow velocity ``u`` and dry speed ``v``."""
    if h <= 0.0:
        return v
    if h >= limits[0] or h * u >= limits[2] or h + u * u / (2.0 * GRAVITY_M_S2) >= limits[3]:
        return 0.0
    slow = 1.0 - h / float(limits[1])
    return max(v * slow * slow, min(v, float(limits[4])))


@kernel
def _set_speeds(  # noqa: PLR0917  # a kernel takes its arrays by position
    depth: Floats,
    velocity: Floats,
    closed: Flags,
    limits: Floats,
    dry: Floats,
    length: Floats,
    speed: Floats,
    time: Floats,
    flooded: Flags,
    changed: Flags,
    depth_before: Floats,
    velocity_before: Floats,
    closed_before: Flags,
) -> int:
    """
    Write speed and travel time by class and edge; return on how many edges a time changed.

    An edge that is as it was before keeps what was written for it.
    """
    count = 0
    for e in range(depth.size):
        differs = False
        if (
            depth[e] == depth_before[e]
            and velocity[e] == velocity_before[e]
            and closed[e] == closed_before[e]
        ):
            changed[e] = False
            continue
        depth_before[e] = depth[e]
        velocity_before[e] = velocity[e]
        closed_before[e] = closed[e]
        for c in range(dry.shape[0]):
            v = _speed(depth[e], velocity[e], dry[c, e], limits[c])
            flooded[c, e] = v == 0.0 and dry[c, e] > 0.0
            if closed[e]:
                v = 0.0
            t = length[e] / v if v > 0.0 else np.inf
            speed[c, e] = v
            if time[c, e] != t:
                time[c, e] = t
                differs = True
        changed[e] = differs
        count += differs
    return count


def _dry_speed_m_s(graph: RoadGraph, vehicle: VehicleClass, traffic: Floats) -> Floats:
    share = 1.0 - vehicle.congestion_share * (1.0 - traffic)
    free = graph.free_speed_m_s * vehicle.emergency_speed_factor
    speed = np.minimum(free * share, vehicle.max_speed_m_s)
    speed = np.where(graph.is_against_one_way, speed * vehicle.against_one_way_speed_factor, speed)
    return np.where(allowed_edges(graph, vehicle), speed, 0.0)


def _checked(values: Floats, edges: int, name: str) -> Floats:
    array = np.ascontiguousarray(values, np.float64)
    if array.shape != (edges,):
        raise InvalidQuantityError(
            f"{name} has the wrong shape",
            where="road conditions",
            value=array.shape,
            remedy=f"Give one value for each of the {edges} edges.",
        )
    bad = ~(np.isfinite(array) & (array >= 0.0))
    if bad.any():
        edge = int(np.argmax(bad))
        raise InvalidQuantityError(
            f"{name} must be finite and not negative",
            where=f"road conditions, edge {edge}",
            value=float(array[edge]),
        )
    return array
