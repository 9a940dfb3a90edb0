"""
Where free ambulances wait: moving them so that the next call is near to one.

A policy sees the stations, what each of them covers, and the homes of the units that are free now;
it returns new homes. It is asked whenever an ambulance becomes free or is sent.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from models.errors import InvalidQuantityError, ScenarioError
from models.response.context import wake
from models.response.units import UnitState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from models.response.context import Context
    from models.response.hospitals import FacilitySpec
    from models.response.network import FloatArray, IntArray
    from models.response.units import Unit

__all__ = [
    "MOVE_UP_POLICIES",
    "MoveUpPolicy",
    "MoveUpView",
    "Mover",
    "compliance_table",
    "dmexclp",
    "stay",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveUpView:
    """
    What a move-up policy sees.

    Parameters
    ----------
    covers
        Whether each station reaches each point of demand within the target by present travel
        times, shape (n_stations, n_points).
    demand
        Weight of each point, shape (n_points,); they sum to 1.
    home
        Station of every free ambulance, in the order of the fleet, shape (n_units,).
    freed
        Place in *home* of the unit that has just become free; -1 where one was sent instead.
    busy_share
        Probability that a unit is busy.
    table
        Stations wanted with 1, 2, 3 … free units; empty where there is no table.
    """

    covers: NDArray[np.bool_]
    demand: FloatArray
    home: IntArray
    freed: int
    busy_share: float
    table: tuple[tuple[int, ...], ...]


#: Returns pairs of (place in ``home``, station to go to).
type MoveUpPolicy = Callable[[MoveUpView], Sequence[tuple[int, int]]]


def stay(view: MoveUpView) -> Sequence[tuple[int, int]]:
    """Send every unit back to its own station."""
    del view
    return []


def dmexclp(view: MoveUpView) -> Sequence[tuple[int, int]]:
    """
    Send the unit that became free to where it adds most to the expected coverage.

    Notes
    -----
    Jagtenberg, Bhulai & van der Mei (2015), DMEXCLP: the station that maximises the sum of
    ``d_i (1 - q) q^k_i`` over the points i that it covers, k_i being the other free units whose
    station covers i. Of equally good stations the first is taken.
    """
    if view.freed < 0:
        return []
    others = np.delete(view.home, view.freed)
    count = view.covers[others].sum(axis=0)
    worth = view.demand * (1.0 - view.busy_share) * view.busy_share**count
    return [(view.freed, int(np.argmax(view.covers @ worth)))]


def compliance_table(view: MoveUpView) -> Sequence[tuple[int, int]]:
    """
    Keep the stations staffed that the table wants for the present number of free units.

    Units at a wanted station stay; the others fill what is left, in the order of the fleet. Beyond
    the end of the table nobody is moved.
    """
    if not 0 < view.home.size <= len(view.table):
        return []
    wanted = list(view.table[view.home.size - 1])
    spare = []
    for place, station in enumerate(view.home.tolist()):
        if station in wanted:
            wanted.remove(station)
        else:
            spare.append(place)
    return list(zip(spare, wanted, strict=False))


MOVE_UP_POLICIES: Final[Mapping[str, MoveUpPolicy]] = MappingProxyType(
    {"stay": stay, "dmexclp": dmexclp, "compliance_table": compliance_table}
)


@dataclass(slots=True)
class Mover:
    """Asks the policy, and sends units to their new stations."""

    context: Context
    policy: MoveUpPolicy
    stations: tuple[FacilitySpec, ...]
    points: IntArray
    weight: FloatArray
    table: tuple[tuple[int, ...], ...] = ()
    place: dict[int, int] = field(default_factory=dict)
    covers: NDArray[np.bool_] = field(init=False)
    version: int = -1

    def __post_init__(self) -> None:
        names = {station.id: k for k, station in enumerate(self.stations)}
        rows = self.context.parameters.compliance_table
        for number, row in enumerate(rows):
            unknown = [name for name in row if name not in names]
            if unknown or len(row) > number + 1:
                raise InvalidQuantityError(
                    "a row of the compliance table must name known stations, the row of n units "
                    "at most n of them",
                    where=f"compliance table, row {number + 1}",
                    value=unknown or row,
                    remedy=f"Known are {', '.join(sorted(names)[:8])}." if names else None,
                )
        self.table = tuple(tuple(names[name] for name in row) for row in rows)
        self.covers = np.zeros((len(self.stations), len(self.points)), np.bool_)

    def review(self, free: Sequence[Unit], freed: Unit | None) -> None:
        """Move units where the policy wants them."""
        units = [unit for unit in free if unit.state is not UnitState.WAITING]
        if not units or not self.stations or self.policy is stay:
            return
        self._look(units[0].spec.vehicle_class)
        parameters = self.context.parameters
        homes = [self.place.get(unit.index, self._station_of(unit)) for unit in units]
        view = MoveUpView(
            covers=self.covers,
            demand=self.weight,
            home=np.array(homes, dtype=np.int64),
            freed=units.index(freed) if freed in units else -1,
            busy_share=parameters.busy_share,
            table=self.table,
        )
        for place, station in self._checked(self.policy(view), len(units)):
            if station != homes[place]:
                self._move(units[place], station)

    def _station_of(self, unit: Unit) -> int:
        names = [station.id for station in self.stations]
        return names.index(unit.spec.station)

    def _look(self, vehicle_class: int) -> None:
        """Find out what the stations cover, if the roads changed."""
        network = self.context.network
        if self.version == network.version:
            return
        self.version = network.version
        for k, station in enumerate(self.stations):
            seconds = network.times_from(vehicle_class, station.node, self.points)
            self.covers[k] = seconds <= self.context.parameters.move_up_target_s

    def _checked(self, chosen: Sequence[tuple[int, int]], count: int) -> list[tuple[int, int]]:
        try:
            pairs = [(operator.index(place), operator.index(at)) for place, at in chosen]
        except (TypeError, ValueError) as error:
            raise self._refused(f"must return pairs of whole numbers ({error})", chosen) from error
        places = [place for place, _ in pairs]
        if len(set(places)) != len(places) or not all(
            0 <= place < count and 0 <= at < len(self.stations) for place, at in pairs
        ):
            raise self._refused(
                f"must name different ones of {count} units and {len(self.stations)} stations",
                chosen,
            )
        return pairs

    def _refused(self, what: str, chosen: object) -> ScenarioError:
        return ScenarioError(
            f"a move-up policy {what}",
            where=f"move-up policy {self.context.parameters.move_up_policy!r}",
            value=repr(chosen)[:200],
            remedy="Return pairs of (place of the unit, index of the station).",
        )

    def _move(self, unit: Unit, station: int) -> None:
        goal = self.stations[station]
        self.place[unit.index] = station
        unit.home = goal.node
        if unit.state is UnitState.IDLE:
            self.context.enter(unit, UnitState.RETURNING, "unit_moved_up", facility=goal.id)
        else:
            self.context.emit("unit_moved_up", unit=unit, facility=goal.id)
            unit.redirected = unit.trip is not None
        wake(unit)


def demand_of(points: IntArray, weight: FloatArray | None) -> tuple[IntArray, FloatArray]:
    """
    Return points of demand and weights that sum to 1.

    Raises
    ------
    InvalidQuantityError
        If the weights are not as many as the points, negative, or all 0.
    """
    if weight is None:
        weight = np.ones(len(points))
    total = float(np.sum(weight))
    if len(weight) != len(points) or (len(points) and not (np.min(weight) >= 0.0 < total)):
        raise InvalidQuantityError(
            "demand needs one weight of zero or more per point, and one above 0",
            where="demand",
            value=(len(points), len(weight)),
        )
    return points, weight / total if len(points) else weight
