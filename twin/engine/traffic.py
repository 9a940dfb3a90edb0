"""The ordinary traffic of a run: slow hours, and streets that take the traffic of closed ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import InvalidQuantityError, ScenarioError
from models.response import Event
from models.roads.traffic import (
    LOAD_BY_HOUR,
    SPEED_BY_HOUR,
    Displacement,
    displace,
    main_roads,
    speed_by_hour,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from models.roads import RoadConditions
    from scenarios.schema.scenario import Scenario
    from scenarios.schema.traffic import DisplacedTraffic

__all__ = ["Traffic", "set_up_traffic"]

_DAY_S = 86400.0
#: The class of vehicle whose roads ordinary traffic needs.
_CAR = "car"


class Traffic:
    """
    Slows the roads of a run by the hour and by the traffic of closed ones.

    Parameters
    ----------
    conditions
        The roads.
    hours
        Share of the free speed by hour of the local day and edge, (24, n_edges); None: 1.
    figures
        Of displaced traffic; None: it vanishes.
    load
        Volume over capacity on main roads by hour.
    midnight_s
        Seconds from local midnight to the start of the run.
    interval_s
        Time after which everything is found anew.
    log
        Takes the events.
    """

    def __init__(
        self,
        conditions: RoadConditions,
        *,
        hours: NDArray[np.float64] | None,
        figures: Displacement | None,
        load: Sequence[float],
        midnight_s: float,
        interval_s: float,
        log: Callable[[Event], None],
    ) -> None:
        self._conditions, self._hours, self._figures = conditions, hours, figures
        self._load, self._midnight_s, self._interval_s = tuple(load), midnight_s, interval_s
        self._log = log
        self._car = conditions.class_index(_CAR)
        self._turn = -1
        self._told = (0.0, 0.0)
        self._before: tuple[float, NDArray[np.bool_], NDArray[np.float64]] | None = None

    def flow(self, now_s: float) -> bool:
        """Set the speeds of traffic where it is time to; return whether it was."""
        turn = int(now_s // self._interval_s)
        if turn == self._turn:
            return False
        self._turn = turn
        hour = int((now_s + self._midnight_s) % _DAY_S // 3600.0)
        share = np.ones(self._conditions.graph.n_edges)
        if self._hours is not None:
            share *= self._hours[hour]
        if self._figures is not None:
            share *= self._displaced(now_s, self._load[hour], self._figures)
        self._conditions.set_traffic(share)
        return True

    def _displaced(self, now_s: float, load: float, figures: Displacement) -> NDArray[np.float64]:
        conditions = self._conditions
        closed = np.isinf(conditions.travel_time_s[self._car])
        closed &= np.isfinite(conditions.dry_travel_time_s[self._car])
        closed &= main_roads(conditions.graph, figures)
        before = self._before
        if before is not None and before[0] == load and np.array_equal(before[1], closed):
            return before[2]
        found = displace(conditions.graph, closed, load, figures)
        self._before = (load, closed, found.speed_share)
        amounts = (round(found.moved, 3), round(found.lost, 3))
        if amounts != self._told:
            self._told = amounts
            self._tell(now_s, closed, found.load, amounts)
        return found.speed_share

    def _tell(
        self,
        now_s: float,
        closed: NDArray[np.bool_],
        load: NDArray[np.float64],
        amounts: tuple[float, float],
    ) -> None:
        worst = int(np.argmax(load))
        graph = self._conditions.graph
        self._log(
            Event(
                time_s=now_s,
                kind="traffic_displaced",
                x_m=float(graph.x_m[graph.tail[worst]]),
                y_m=float(graph.y_m[graph.tail[worst]]),
                value=amounts[0],
                detail={
                    "without_way": amounts[1],
                    "streets_closed": int(np.unique(graph.segment[closed]).size),
                    "largest_load": round(float(load[worst]), 4),
                },
            )
        )


def set_up_traffic(
    scenario: Scenario, conditions: RoadConditions, log: Callable[[Event], None]
) -> Traffic | None:
    """
    Return the ordinary traffic of a run; None where the scenario has none.

    Raises
    ------
    ScenarioError
        If a class of road is not known.
    """
    choice = scenario.traffic
    if choice is None or (choice.by_hour is None and choice.displaced is None):
        return None
    hours, figures = None, None
    load: Sequence[float] = LOAD_BY_HOUR
    try:
        if choice.by_hour is not None:
            rows = {
                name: row.speed_share for row in choice.by_hour.roads for name in row.road_classes
            }
            hours = speed_by_hour(conditions.graph, rows or SPEED_BY_HOUR)
        if choice.displaced is not None:
            figures = _figures(choice.displaced)
            load = choice.displaced.load or load
    except InvalidQuantityError as error:
        raise ScenarioError(
            error.what, where=f"traffic: {error.where}", value=error.value, remedy=error.remedy
        ) from error
    return Traffic(
        conditions,
        hours=hours,
        figures=figures,
        load=load,
        midnight_s=scenario.period.midnight_s,
        interval_s=choice.interval,
        log=log,
    )


def _figures(choice: DisplacedTraffic) -> Displacement:
    names = ("alpha", "beta", "iterations", "share", "capacity_per_lane")
    given: dict[str, Any] = {name: getattr(choice, name) for name in names}
    return Displacement(**{name: value for name, value in given.items() if value is not None})
