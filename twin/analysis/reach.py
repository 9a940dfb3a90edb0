"""Reach: who is within some minutes of a hospital or a station, dry and while water stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from models.errors import InvalidInputError
from twin.analysis.critical import critical_streets
from twin.analysis.streets import OFF_ROAD_M, class_of_run, places_of, states_of, streets_of
from twin.results.series import seconds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from twin.analysis.streets import State, Streets
    from twin.city.city import City
    from twin.results.open import Run

__all__ = ["CUT_OFF_SHARE", "Reach", "reach_of_city", "reach_of_run"]

#: A facility is cut off where fewer than this share of the people who can drive between it and
#: their homes on dry roads still can.
CUT_OFF_SHARE: Final = 0.01
_SENT_OUT: Final = ("ambulance_station", "fire_station", "police")
_MOMENTS: Final = 13


@dataclass(frozen=True, eq=False)
class Reach:
    """
    Travel times between people and the nearest facility of a kind.

    Attributes
    ----------
    streets
        Graph, vehicle and people.
    kind, direction, minutes
        What was asked for: ``from`` the facility to people, or from people ``to`` it.
    facilities
        The facilities, with ``node``, and ``distance_m`` to it.
    left_out
        Names of facilities too far from any street that the vehicle can drive to.
    states
        Dry first, then the chosen times of the run.
    """

    streets: Streets
    kind: str
    direction: str
    minutes: tuple[float, ...]
    facilities: gpd.GeoDataFrame
    left_out: tuple[str, ...]
    states: tuple[State, ...]

    @cached_property
    def seconds(self) -> NDArray[np.float64]:
        """Seconds between every node and its nearest facility, (n_states, n_nodes)."""
        nodes = self.facilities["node"].to_numpy(np.int64)
        found = [self.streets.nearest(s, nodes, self.direction).seconds for s in self.states]
        return np.vstack(found)

    @cached_property
    def table(self) -> pd.DataFrame:
        """
        One row per state.

        ``within_<m>_min``: persons within so many minutes; ``reached``: within any time;
        ``cut_off``: persons reached on dry roads and not now; ``mean_min`` and ``p90_min`` of
        those who are reached, which say nothing of those who are not.
        """
        demand = self.streets.demand
        rows: list[dict[str, Any]] = []
        for state, seconds in zip(self.states, self.seconds, strict=True):
            reached = np.isfinite(seconds)
            row: dict[str, Any] = {"state": state.label, "time_s": state.time_s}
            for limit in self.minutes:
                row[f"within_{limit:g}_min"] = float(demand[seconds <= 60.0 * limit].sum())
            row["reached"] = float(demand[reached].sum())
            row["cut_off"] = float(demand[np.isfinite(self.seconds[0]) & ~reached].sum())
            row["mean_min"], row["p90_min"] = _mean_and_p90(seconds / 60.0, demand)
            rows.append(row)
        return pd.DataFrame(rows)

    @cached_property
    def by_facility(self) -> pd.DataFrame:
        """One row per facility and state: persons reached, share of those dry, whether cut off."""
        demand = self.streets.demand
        rows: list[dict[str, Any]] = []
        for place in self.facilities.itertuples():
            dry = 0.0
            for number, state in enumerate(self.states):
                found = self.streets.nearest(state, [place.node], self.direction)
                people = float(demand[np.isfinite(found.seconds)].sum())
                dry = people if number == 0 else dry
                share = people / dry if dry > 0.0 else np.nan
                rows.append(
                    {
                        "facility_id": str(place.facility_id),
                        "kind": str(place.kind),
                        "name": str(place.name or ""),
                        "state": state.label,
                        "time_s": state.time_s,
                        "people": people,
                        "share_of_dry": share,
                        "cut_off": bool(share < CUT_OFF_SHARE),
                    }
                )
        return pd.DataFrame(rows)

    def critical(self, state: int = 0) -> pd.DataFrame:
        """Return what closing each street and bridge alone does; see ``critical_streets``."""
        return critical_streets(
            self.streets,
            self.states[state],
            self.facilities["node"].to_numpy(np.int64),
            direction=self.direction,
            minutes=self.minutes,
        )

    def on_streets(self, state: int = 0) -> gpd.GeoDataFrame:
        """Return every street with the minutes at its nearer end, infinite where not reached."""
        graph, roads = self.streets.graph, self.streets.city.layer("roads")
        open_now = np.isfinite(self.states[state].seconds)
        seconds = self.seconds[state]
        near = np.minimum(seconds[graph.tail], seconds[graph.head])
        best = np.full(len(roads), np.inf)
        np.minimum.at(best, graph.segment[open_now], near[open_now])
        frame = roads[["segment_id", "name", "geometry"]].copy()
        frame["minutes"] = best / 60.0
        return frame

    def isochrone(self, minutes: float, state: int = 0, *, width_m: float = 50.0) -> Any:  # noqa: ANN401 - a shapely geometry
        """Return the area within *width_m* of the streets that are reached within *minutes*."""
        frame = self.on_streets(state)
        lines = frame.geometry.to_numpy()[frame["minutes"].to_numpy() <= minutes]
        return shapely.union_all(shapely.buffer(lines, width_m))

    @property
    def notes(self) -> dict[str, Any]:
        """What the figures rest on."""
        people = self.streets.people
        return {
            "people": people.total,
            "people_source": people.source,
            "people_basis": people.basis,
            "people_off_road": self.streets.off_road,
            "off_road_m": OFF_ROAD_M,
            "facilities_left_out": list(self.left_out),
        }


def reach_of_city(
    city: City,
    *,
    to: str = "hospital",
    minutes: Sequence[float] = (5.0, 10.0, 15.0),
    vehicle: str | None = None,
    direction: str | None = None,
) -> Reach:
    """
    Return who reaches, or is reached from, the nearest facility on dry roads.

    Parameters
    ----------
    city
        With roads, facilities and people.
    to
        Kind of facility.
    minutes
        Limits of time, min.
    vehicle
        Class of vehicle; a fire engine for fire stations, else an ambulance.
    direction
        ``from`` the facility, as vehicles are sent out from a station, or ``to`` it; without it,
        ``from`` for ambulance and fire stations and the police, else ``to``.

    Raises
    ------
    InvalidInputError
        If there is no such facility or vehicle, or a limit is not possible.
    CityError
        If the city has no roads or does not know where people live.
    """
    return _reach(streets_of(city, vehicle or _usual(to)), (), to, minutes, direction)


def reach_of_run(
    run: Run,
    *,
    to: str = "hospital",
    minutes: Sequence[float] = (5.0, 10.0, 15.0),
    at: Sequence[str | float] | str | float | None = None,
    vehicle: str | None = None,
    direction: str | None = None,
) -> Reach:
    """
    Return who reaches, or is reached from, the nearest facility: dry, and at times of a run.

    Parameters
    ----------
    run, to, minutes, vehicle, direction
        As for :func:`reach_of_city`.
    at
        Times: seconds since the start, ``17:30`` or ``2025-10-22T17:30``, one or several; by
        default thirteen, evenly spread over the run.

    Raises
    ------
    InvalidInputError
        As for :func:`reach_of_city`, or if a time cannot be read.
    StoreError
        If the run recorded no roads, or a time lies outside it.
    """
    streets = streets_of(run.city, class_of_run(run, vehicle or _usual(to)))
    if at is None:
        elapsed = np.asarray(run.roads["elapsed_s"].to_numpy(), np.float64)
        rows = np.unique(np.linspace(0, elapsed.size - 1, _MOMENTS).round().astype(int))
        times = elapsed[rows].tolist()
    else:
        given = [at] if isinstance(at, str | float | int) else list(at)
        times = [seconds_of(run, m) if isinstance(m, str) else float(m) for m in given]
    return _reach(streets, states_of(run, streets, times), to, minutes, direction)


def _reach(
    streets: Streets,
    states: Sequence[State],
    to: str,
    minutes: Sequence[float],
    direction: str | None,
) -> Reach:
    chosen = direction or ("from" if to in _SENT_OUT else "to")
    if chosen not in {"from", "to"}:
        raise InvalidInputError(
            "there is no such direction", where="reach", value=direction, remedy="Write from or to."
        )
    limits = tuple(sorted({float(limit) for limit in minutes}))
    if not limits or not all(np.isfinite(limit) and limit > 0.0 for limit in limits):
        raise InvalidInputError(
            "limits of time must be positive minutes", where="reach", value=list(minutes)
        )
    places = places_of(streets.city, to)
    near, left_out = streets.on_road(places)
    if not len(near):
        raise InvalidInputError(
            f"no {to} lies within {OFF_ROAD_M:g} m of a street that the vehicle can drive to",
            where=f"city {streets.city.name}",
            value=left_out,
        )
    return Reach(streets, to, chosen, limits, near, tuple(left_out), (streets.dry, *states))


def _usual(kind: str) -> str:
    return "fire_engine" if kind == "fire_station" else "ambulance"


def _mean_and_p90(minutes: NDArray[np.float64], demand: NDArray[np.float64]) -> tuple[float, float]:
    """Return mean and 90th percentile over the persons who are reached; NaN where nobody is."""
    counted = np.isfinite(minutes) & (demand > 0.0)
    if not counted.any():
        return np.nan, np.nan
    order = np.argsort(minutes[counted], kind="stable")
    values, persons = minutes[counted][order], demand[counted][order]
    share = np.cumsum(persons) / persons.sum()
    p90 = values[min(int(np.searchsorted(share, 0.9)), values.size - 1)]
    return float((values * persons).sum() / persons.sum()), float(p90)
