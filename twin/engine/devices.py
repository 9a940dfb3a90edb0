"""What a structure is at run time: its parts, its rules, and the state that it is in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from models.flood.links import BRIDGE, GATE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from models.flood.breach import Breach
    from scenarios.schema.rules import Rule

__all__ = ["NO_WALL_M", "BreachSite", "Device", "Group", "Surroundings"]

#: A level under all ground, m: a wall this high is not there.
NO_WALL_M = -1.0e4
_NEARLY_OPEN = 1.0 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """
    Faces of a structure that are in one state.

    Parameters
    ----------
    kind
        Kind of wall, of :mod:`models.flood.links`.
    crest_m, floor_m, sill_m
        Top when closed, where a barrier that opens ends, and sill (soffit of a bridge), m.
    inside_is_a
        Whether the inner side is the western or northern one.
    way
        0 both ways, +1 only outward, -1 only inward.
    breach, from_m, to_m, width_m
        Number of the breach that this face lies in, -1 for none; its begin and end along the dyke
        from the middle of the breach, m; and the width of the face, m.
    """

    kind: int
    crest_m: float
    floor_m: float
    sill_m: float
    inside_is_a: bool
    way: int = 0
    breach: int = -1
    from_m: float = 0.0
    to_m: float = 0.0
    width_m: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachSite:
    """A breach that may open: how it grows, when it begins, and the cells on its two sides."""

    breach: Breach
    at_s: float
    rule: Rule | None
    inside_cell: int
    outside_cell: int


@dataclass(kw_only=True)
class Device:
    """
    One structure of the scenario, and its present state.

    Parameters
    ----------
    name, kind
        Its id and kind in the scenario.
    x_m, y_m
        Where it is shown, m.
    groups, links
        Positions of its groups and links in :class:`~models.flood.structures.Structures`.
    open_rule, close_rule
        Rules by which it opens or starts, and closes or stops; closing wins.
    travel_s, rest_s
        Time from closed to open, and shortest time between two changes by its rules.
    lift_m
        How far a gate opens, m; infinite where clear of the water.
    inside_cell, outside_cell
        Flat positions of the cells whose levels are inside and outside; -1 where there is none.
    outside_level_m
        Level outside where there is no cell, m; NaN if none is known.
    breaches
        Breaches of a dyke.
    position
        0 closed or stopped, 1 open or running.
    begun_s
        When each breach began, s; NaN before that, infinity once it is closed again.
    """

    name: str
    kind: str
    x_m: float
    y_m: float
    groups: tuple[int, ...] = ()
    links: tuple[int, ...] = ()
    open_rule: Rule | None = None
    close_rule: Rule | None = None
    travel_s: float = 0.0
    rest_s: float = 0.0
    lift_m: float = np.inf
    inside_cell: int = -1
    outside_cell: int = -1
    outside_level_m: float = np.nan
    breaches: tuple[BreachSite, ...] = ()
    position: float = 1.0
    target: float = 1.0
    manual: bool = False
    fault: str = ""
    changed_s: float = -1.0e12
    begun_s: list[float] = field(default_factory=list)
    volume_m3: float = 0.0
    noted_m3: float = 0.0

    def __post_init__(self) -> None:
        self.target = self.position
        self.begun_s = [np.nan] * len(self.breaches)

    @property
    def moves(self) -> bool:
        """Whether it can be opened and closed."""
        return self.kind not in {"dyke", "wall", "bridge"}

    @property
    def state(self) -> str:
        """Its state as one word."""
        if not self.moves:
            return "breached" if np.isfinite(self.begun_s).any() else "standing"
        if self.kind == "pump":
            return "running" if self.position > 0.0 else "stopped"
        if self.position in {0.0, 1.0}:
            return "open" if self.position else "closed"
        return "partly_open"

    def wall(self, group: Group, now_s: float) -> tuple[float, float, float]:
        """Return crest, opening and sill, m, of one of its groups."""
        if group.kind == GATE:
            return group.crest_m, self._gate_opening_m(group), group.sill_m
        if group.kind == BRIDGE:
            return group.crest_m, 0.0, group.sill_m
        if self.kind == "barrier":
            if self.position >= _NEARLY_OPEN:
                return NO_WALL_M, 0.0, NO_WALL_M
            return group.crest_m - self.position * (group.crest_m - group.floor_m), 0.0, NO_WALL_M
        if group.breach < 0 or np.isnan(self.begun_s[group.breach]):
            return group.crest_m, 0.0, group.crest_m
        breach = self.breaches[group.breach].breach
        age_s = now_s - self.begun_s[group.breach]
        reach_m = 0.5 * breach.width_at_m(age_s)
        open_m = max(min(group.to_m, reach_m) - max(group.from_m, -reach_m), 0.0)
        return group.crest_m, open_m / group.width_m, breach.bottom_at_m(age_s, group.crest_m)

    def _gate_opening_m(self, group: Group) -> float:
        if self.position >= _NEARLY_OPEN:
            return self.lift_m
        if np.isfinite(self.lift_m):
            return self.position * self.lift_m
        return self.position * max(group.crest_m - group.sill_m, 0.0)

    def link_opening(self, lift_m: float) -> float:
        """Return the opening of a link: of *lift_m* for a gate, a share where that is NaN."""
        return self.position if np.isnan(lift_m) else self.position * lift_m

    def kept(self) -> dict[str, Any]:
        """Return what a checkpoint must hold, as plain JSON values."""
        return {
            "position": self.position,
            "target": self.target,
            "manual": self.manual,
            "fault": self.fault,
            "changed_s": self.changed_s,
            "begun_s": [None if np.isnan(t) else t for t in self.begun_s],
            "volume_m3": self.volume_m3,
            "noted_m3": self.noted_m3,
        }

    def take_back(self, kept: Mapping[str, Any]) -> None:
        """Take over what :meth:`kept` gave."""
        self.position, self.target = float(kept["position"]), float(kept["target"])
        self.manual, self.fault = bool(kept["manual"]), str(kept["fault"])
        self.changed_s = float(kept["changed_s"])
        self.begun_s = [np.nan if t is None else float(t) for t in kept["begun_s"]]
        self.volume_m3, self.noted_m3 = float(kept["volume_m3"]), float(kept["noted_m3"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """
    What rules can see at one time.

    Parameters
    ----------
    time_s
        Since the scenario's start.
    level_m
        Water level of every cell, m, flat.
    quantities
        What is the same for all structures, by the name that rules use.
    """

    time_s: float
    level_m: Callable[[int], float]
    quantities: Mapping[str, float]
