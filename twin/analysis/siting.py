"""Where to put stations and units, on the streets of a city, dry or under the water of a run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.errors import InvalidInputError
from models.siting import expected_covering, maximal_covering, p_centre, p_median
from twin.analysis.streets import OFF_ROAD_M, class_of_run, places_of, states_of, streets_of
from twin.results.series import seconds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.siting import Limits, Siting
    from twin.analysis.streets import State, Streets
    from twin.city.city import City
    from twin.results.open import Run

__all__ = ["PROBLEMS", "UNSERVED_MIN", "SitingPlan", "site"]

#: What may be asked: most people within a time; the same where units may be busy; the shortest
#: mean; the shortest longest time.
PROBLEMS: Final = ("mclp", "mexclp", "p_median", "p_centre")
#: Minutes that count, by assumption, for people whom no site reaches.
UNSERVED_MIN: Final = 60.0
_BLOCKS: Final = 400
_GRID_CANDIDATES: Final = 60


@dataclass(frozen=True, eq=False)
class SitingPlan:
    """
    Chosen sites, how sure they are the best, and what they are worth in each state of the roads.

    Attributes
    ----------
    streets, problem, within_min
        What was asked.
    answer
        Of the integer program: objective, bound, gap, whether proven.
    candidates
        All candidates with ``site_id``, ``kind``, ``name``, ``kept`` and ``node``.
    states
        Dry first, then the times of the run; the program was solved on ``solved_on``.
    solved_on
        Label of the state whose travel times the program was given.
    demand_points
        Into how many points the people were gathered for the program; the figures of ``table``
        count them where they live.
    left_out
        Names of candidates too far from any street that the vehicle can drive to.
    busy
        Probability that a unit is busy, of MEXCLP; else 0.
    """

    streets: Streets
    problem: str
    within_min: float
    answer: Siting
    candidates: gpd.GeoDataFrame
    states: tuple[State, ...]
    solved_on: str
    demand_points: int
    left_out: tuple[str, ...]
    busy: float

    @cached_property
    def sites(self) -> gpd.GeoDataFrame:
        """The chosen sites, with ``units``."""
        chosen = self.candidates.iloc[self.answer.sites].copy()
        chosen["units"] = self.answer.units
        return chosen.reset_index(drop=True)

    @cached_property
    def table(self) -> pd.DataFrame:
        """
        One row per state and choice: the kept sites alone (``before``), and the plan.

        Persons within the time, and reached at all; mean minutes of those who are reached.
        """
        kept = self.candidates.loc[self.candidates["kept"], "node"].to_numpy(np.int64)
        plan = self.sites["node"].to_numpy(np.int64)
        choices = {"before": kept, "plan": plan} if kept.size else {"plan": plan}
        demand = self.streets.demand
        rows: list[dict[str, Any]] = []
        for state in self.states:
            for name, nodes in choices.items():
                seconds = self.streets.nearest(state, nodes, "from").seconds
                reached = np.isfinite(seconds) & (demand > 0.0)
                total = float(demand[reached].sum())
                mean = (
                    float((demand[reached] * seconds[reached]).sum() / total) if total else np.nan
                )
                within = float(demand[seconds <= 60.0 * self.within_min].sum())
                rows.append(
                    {
                        "state": state.label,
                        "time_s": state.time_s,
                        "choice": name,
                        "sites": int(nodes.size),
                        "within": within,
                        "share_within": within / self.streets.people.total,
                        "reached": total,
                        "mean_min": mean / 60.0,
                    }
                )
        return pd.DataFrame(rows)


def site(
    city: City | None = None,
    *,
    count: int,
    problem: str = "mclp",
    within_min: float = 10.0,
    candidates: str | Sequence[str] | gpd.GeoDataFrame = "grid",
    keep: str | Sequence[str] = (),
    vehicle: str = "ambulance",
    busy: float = 0.3,
    unserved_min: float = UNSERVED_MIN,
    run: Run | None = None,
    at: str | float | None = None,
    limits: Limits | None = None,
) -> SitingPlan:
    """
    Choose where to put stations, or units.

    Parameters
    ----------
    city
        With roads and people; without it, that of *run*.
    count
        Stations in all, those of *keep* among them; with ``mexclp``, units.
    problem
        One of ``PROBLEMS``.
    within_min
        The time of ``mclp`` and ``mexclp``, min; the others report it.
    candidates
        ``grid``: street corners spread over the populated part of town; kinds of facilities; or
        a GeoDataFrame of places with a column ``name``.
    keep
        Kinds of facilities that are stations already, and stay. Not with ``mexclp``, where they
        are candidates like the others.
    vehicle, busy
        Class of vehicle; probability that a unit is busy (``mexclp``).
    unserved_min
        Minutes that count for people whom no site reaches (``p_median``); never less than the
        longest travel time of all. More of it trades the mean of many for reaching the last.
    run, at
        A run, and a time of it: the plan is made for the roads of that time. Without *at* it is
        made for dry roads.
    limits
        When the solver may stop.

    Raises
    ------
    InvalidInputError, InvalidQuantityError
        If there is no such problem, facility, vehicle or time, or this many cannot be placed.
    CityError
        If the city has no roads or does not know where people live.
    """
    if problem not in PROBLEMS:
        raise InvalidInputError(
            "there is no such location problem",
            where="site",
            value=problem,
            remedy=f"Choose from {', '.join(PROBLEMS)}.",
        )
    if city is None:
        if run is None:
            raise InvalidInputError("siting needs a city or a run", where="site")
        city = run.city
    streets = streets_of(city, vehicle if run is None else class_of_run(run, vehicle))
    states = (streets.dry, *_flooded(run, at, streets))
    solved_on = states[-1]
    kinds = (keep,) if isinstance(keep, str) else tuple(keep)
    places, left_out = _candidates(streets, candidates, kinds)
    node, weight = _gathered(streets)
    time_s = np.vstack(
        [streets.nearest(solved_on, [place], "from").seconds[node] for place in places["node"]]
    )
    kept = np.flatnonzero(places["kept"].to_numpy(bool))
    if problem == "mexclp":
        answer = expected_covering(
            time_s, weight, units=count, busy=busy, within_s=60.0 * within_min, limits=limits
        )
    elif problem == "mclp":
        answer = maximal_covering(
            time_s, weight, count=count, within_s=60.0 * within_min, fixed=kept, limits=limits
        )
    elif problem == "p_median":
        longest_s = float(time_s[np.isfinite(time_s)].max(initial=0.0))
        unserved_s = max(60.0 * unserved_min, longest_s)
        answer = p_median(
            time_s, weight, count=count, unserved_s=unserved_s, fixed=kept, limits=limits
        )
    else:
        answer = p_centre(time_s, weight, count=count, fixed=kept, limits=limits)
    return SitingPlan(
        streets,
        problem,
        float(within_min),
        answer,
        places,
        states,
        solved_on.label,
        int(node.size),
        tuple(left_out),
        busy if problem == "mexclp" else 0.0,
    )


def _flooded(run: Run | None, at: str | float | None, streets: Streets) -> list[State]:
    if at is None:
        return []
    if run is None:
        raise InvalidInputError(
            "a time needs a run", where="site", value=at, remedy="Name the run with --run."
        )
    moment = seconds_of(run, at) if isinstance(at, str) else float(at)
    return states_of(run, streets, [moment])


def _candidates(
    streets: Streets, wanted: str | Sequence[str] | gpd.GeoDataFrame, keep: tuple[str, ...]
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return kept facilities and candidates, each node of the roads once; and who is left out."""
    city = streets.city
    parts: list[gpd.GeoDataFrame] = []
    if keep:
        parts.append(_from_facilities(city, keep).assign(kept=True))
    if isinstance(wanted, gpd.GeoDataFrame):
        parts.append(_from_frame(wanted, city).assign(kept=False))
    elif wanted == "grid":
        parts.append(_from_grid(streets).assign(kept=False))
    else:
        kinds = (wanted,) if isinstance(wanted, str) else tuple(wanted)
        parts.append(_from_facilities(city, kinds).assign(kept=False))
    joined = pd.concat(parts, ignore_index=True)
    frame = gpd.GeoDataFrame(joined, geometry="geometry", crs=city.crs)
    near, left_out = streets.on_road(frame)
    if not len(near):
        raise InvalidInputError(
            f"no candidate lies within {OFF_ROAD_M:g} m of a street that the vehicle can drive to",
            where=f"city {city.name}",
            value=left_out,
        )
    once = near[near["kept"] | ~near["node"].duplicated()]
    return once.reset_index(drop=True), left_out


def _from_facilities(city: City, kinds: tuple[str, ...]) -> gpd.GeoDataFrame:
    found = places_of(city, kinds)
    return gpd.GeoDataFrame(
        {
            "site_id": found["facility_id"].astype(str),
            "kind": found["kind"].astype(str),
            "name": found["name"].fillna("").astype(str),
        },
        geometry=found.geometry.to_numpy(),
        crs=city.crs,
    )


def _from_frame(frame: gpd.GeoDataFrame, city: City) -> gpd.GeoDataFrame:
    if not len(frame) or frame.crs is None:
        raise InvalidInputError(
            "candidates need at least one place, and a reference system", where="candidates"
        )
    placed = frame.to_crs(city.crs)
    names = placed["name"].astype(str) if "name" in placed else placed.index.astype(str)
    return gpd.GeoDataFrame(
        {
            "site_id": [f"candidate-{k + 1}" for k in range(len(placed))],
            "kind": "candidate",
            "name": list(names),
        },
        geometry=placed.geometry.representative_point().to_numpy(),
        crs=city.crs,
    )


def _from_grid(streets: Streets) -> gpd.GeoDataFrame:
    """Return the street corners nearest to the middle of the people of every block."""
    node, _ = _gathered(streets, blocks=_GRID_CANDIDATES)
    graph, roads = streets.graph, streets.city.layer("roads")
    names = roads["name"].fillna("").astype(str).to_numpy()
    at = [int(graph.first_out[k]) for k in node]
    edges = [
        e if e < graph.n_edges and graph.tail[e] == k else -1 for e, k in zip(at, node, strict=True)
    ]
    return gpd.GeoDataFrame(
        {
            "site_id": [f"node-{int(graph.node_id[k])}" for k in node],
            "kind": "corner",
            "name": [names[graph.segment[e]] if e >= 0 else "" for e in edges],
        },
        geometry=shapely.points(graph.x_m[node], graph.y_m[node]),
        crs=streets.city.crs,
    )


def _gathered(
    streets: Streets, *, blocks: int = _BLOCKS
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """
    Return nodes that stand for the people around them, and how many those are.

    The populated nodes are cut into square blocks, the largest number up to *blocks*; a block's
    node is the one with people nearest to the middle of its people.
    """
    graph, demand = streets.graph, streets.demand
    node = np.flatnonzero(demand > 0.0).astype(np.int64)
    if node.size <= blocks:
        return node, demand[node]
    x, y = graph.x_m[node], graph.y_m[node]
    span = max(float(np.ptp(x)), float(np.ptp(y)), 1.0)
    number = np.zeros(node.size, np.int64)
    for parts in range(int(np.sqrt(blocks)), 4 * int(np.sqrt(blocks))):
        size = span / parts * (1.0 + 1e-9)
        code = ((x - x.min()) // size).astype(np.int64) * (parts + 1)
        code += ((y - y.min()) // size).astype(np.int64)
        found, trial = np.unique(code, return_inverse=True)
        if found.size > blocks and parts > int(np.sqrt(blocks)):
            break
        number = trial.reshape(-1)
    people = demand[node]
    total = np.bincount(number, people)
    middle_x = np.bincount(number, people * x) / total
    middle_y = np.bincount(number, people * y) / total
    away = np.hypot(x - middle_x[number], y - middle_y[number])
    order = np.lexsort((node, away, number))
    first = order[np.unique(number[order], return_index=True)[1]]
    return node[first], total
