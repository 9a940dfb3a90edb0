"""The streets of a city for one class of vehicle: dry, and as a run recorded them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from models.errors import InvalidInputError, StoreError, TwinError
from models.reach import Network, nearest_place
from models.roads import VEHICLE_CLASSES, RoadConditions
from scenarios import Scenario
from twin.analysis.people import people_of
from twin.city.roads import road_graph
from twin.engine.setup_response import vehicle_classes

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from models.reach import Nearest
    from models.roads import RoadGraph, VehicleClass
    from twin.analysis.people import People
    from twin.city.city import City
    from twin.results.open import Run

    type Floats = NDArray[np.float64]

__all__ = ["OFF_ROAD_M", "State", "Streets", "places_of", "states_of", "streets_of"]

#: People and facilities farther than this from the nearest node of the roads are named, m.
OFF_ROAD_M: Final = 300.0
_SHORTEST_S: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """
    Seconds on every edge at one moment.

    Attributes
    ----------
    time_s
        Seconds after the start of the run; NaN for dry, open roads.
    label
        ``dry``, or the local time.
    seconds
        Infinite where impassable, shape (n_edges,).
    """

    time_s: float
    label: str
    seconds: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """
    Graph, vehicle and people.

    Attributes
    ----------
    city, graph, vehicle
        Where, on what, and with what people drive.
    leaving, coming
        The network as it is, and with every edge turned.
    people, node, off_road
        The people, the node of the roads at which each place is, and the persons that are farther
        than ``OFF_ROAD_M`` from it: nobody reaches them.
    demand
        Persons at every node, those off the road left out, shape (n_nodes,).
    dry
        Dry, open roads.
    """

    city: City
    graph: RoadGraph
    vehicle: VehicleClass
    leaving: Network
    coming: Network
    people: People
    node: NDArray[np.int64]
    off_road: float
    demand: Floats
    dry: State

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Whether the vehicle may drive a street, in the order of the roads, when it is dry."""
        usable = np.zeros(len(self.city.layer("roads")), np.bool_)
        usable[self.graph.segment[np.isfinite(self.dry.seconds)]] = True
        return usable

    def network(self, direction: str) -> Network:
        """Return the network for ways ``from`` places to people, or from people ``to`` places."""
        return self.leaving if direction == "from" else self.coming

    def nearest(self, state: State, places: ArrayLike, direction: str) -> Nearest:
        """Return the nearest of *places*, nodes, to every node."""
        return nearest_place(self.network(direction), state.seconds, places)

    def on_road(self, places: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
        """
        Return points with their ``node`` and the ``distance_m`` to it, and the names of the others.

        Places farther than ``OFF_ROAD_M`` from the part of town that the vehicle can drive in are
        left out: the nearest node may be across a river.
        """
        node, away_m = self.graph.nearest_nodes(
            places.geometry.x, places.geometry.y, vehicle_class=self.vehicle
        )
        found = places.assign(node=node, distance_m=away_m)
        near = away_m <= OFF_ROAD_M
        key = "facility_id" if "facility_id" in found else "site_id"
        far = found[~near]
        names = [str(n) or str(k) for n, k in zip(far["name"].fillna(""), far[key], strict=True)]
        return found[near].reset_index(drop=True), names


def streets_of(city: City, vehicle: str | VehicleClass) -> Streets:
    """
    Lay out the streets of *city* for a class of vehicle.

    Raises
    ------
    InvalidInputError
        If there is no such class.
    CityError
        If the city has no roads, or does not know where people live.
    """
    if isinstance(vehicle, str):
        if vehicle not in VEHICLE_CLASSES:
            raise _no_class(vehicle, VEHICLE_CLASSES)
        vehicle = VEHICLE_CLASSES[vehicle]
    people = people_of(city)
    graph = road_graph(city)
    n = graph.n_nodes
    node, away_m = graph.nearest_nodes(people.x_m, people.y_m, vehicle_class=vehicle)
    near = away_m <= OFF_ROAD_M
    seconds = RoadConditions(graph, [vehicle]).dry_travel_time_s[0]
    return Streets(
        city=city,
        graph=graph,
        vehicle=vehicle,
        leaving=Network.of(graph.tail, graph.head, n),
        coming=Network.of(graph.tail, graph.head, n, backward=True),
        people=people,
        node=node,
        off_road=float(people.persons[~near].sum()),
        demand=np.bincount(node[near], people.persons[near], minlength=n).astype(np.float64),
        dry=State(np.nan, "dry", np.maximum(seconds, _SHORTEST_S)),
    )


def class_of_run(run: Run, name: str) -> VehicleClass:
    """
    Return a class of vehicle as the scenario of the run has it.

    Raises
    ------
    InvalidInputError
        If the run knows no such class.
    """
    known: dict[str, VehicleClass] = dict(VEHICLE_CLASSES)
    try:
        scenario = Scenario.parse(run.scenario_text, name="scenario.yaml")
    except TwinError:
        scenario = None  # written by another version: the defaults stand
    if scenario is not None:
        known |= {found.name: found for found in vehicle_classes(scenario.fleet)}
    if name not in known:
        raise _no_class(name, known)
    return known[name]


def states_of(run: Run, streets: Streets, times_s: ArrayLike) -> list[State]:
    """
    Return the roads of a run at some times; each is the last one recorded up to then.

    Water slows and closes as it does in the run, orders close, and what the run recorded as
    impassable for the class is so here.

    Raises
    ------
    StoreError
        If the run recorded no roads, or those of another city, or a time lies outside it.
    """
    roads = run.roads
    graph = streets.graph
    same = roads.sizes["edge"] == graph.n_edges
    if same and "head" in roads and "tail" in roads:
        same = all(
            np.array_equal(roads[name].to_numpy(), getattr(graph, name))
            for name in ("tail", "head")
        )
    if not same:
        raise StoreError(
            "the recorded roads are not those of the city",
            where=str(run.folder),
            value=roads.sizes["edge"],
            remedy="Check the store with `twin verify`.",
        )
    elapsed = np.asarray(roads["elapsed_s"].to_numpy(), np.float64)
    conditions = RoadConditions(graph, [streets.vehicle])
    names = [str(name) for name in roads.attrs.get("vehicle_classes", [])]
    states = []
    for time_s in np.asarray(times_s, np.float64).reshape(-1).tolist():
        if not elapsed[0] <= time_s <= elapsed[-1]:
            raise StoreError(
                "the time lies outside the run",
                where=str(run.folder),
                value=time_s,
                remedy=f"Choose from {elapsed[0]:g} to {elapsed[-1]:g} s after the start.",
            )
        row = int(np.searchsorted(elapsed, time_s, side="right")) - 1
        moment = roads.isel(time=row)
        velocity = _values(moment, "velocity")  # NaN where a run did not record it
        conditions.update(
            _values(moment, "depth"),
            _values(moment, "closed") > 0.0,
            edge_velocity_m_s=velocity if np.isfinite(velocity).all() else None,
        )
        seconds = np.maximum(conditions.travel_time_s[0], _SHORTEST_S)
        if streets.vehicle.name in names and "impassable" in moment:
            bit = np.uint32(1) << np.uint32(names.index(streets.vehicle.name))
            seconds[(moment["impassable"].to_numpy() & bit) != 0] = np.inf
        clock = run.start + pd.Timedelta(seconds=float(elapsed[row]))
        states.append(State(float(elapsed[row]), f"{clock:%Y-%m-%d %H:%M}", seconds))
    return states


def places_of(city: City, kinds: str | tuple[str, ...]) -> gpd.GeoDataFrame:
    """
    Return the facilities of some kinds, as points.

    Raises
    ------
    InvalidInputError
        If the city has none.
    """
    wanted = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    facilities = city.layer("facilities")
    chosen = facilities[facilities["kind"].isin(wanted)].copy()
    if not len(chosen):
        known = ", ".join(sorted({str(kind) for kind in facilities["kind"]}))
        raise InvalidInputError(
            "the city has no such facilities",
            where=f"city {city.name}",
            value=", ".join(wanted),
            remedy=f"Choose from {known}." if known else "Add facilities to its recipe.",
        )
    chosen["geometry"] = chosen.geometry.representative_point()
    chosen = chosen.sort_values("facility_id", kind="stable")
    return chosen.reset_index(drop=True)


def _values(moment: Any, name: str) -> Floats:  # noqa: ANN401 - an xarray Dataset of one time
    size = moment.sizes["edge"]
    return np.asarray(moment[name].to_numpy(), np.float64) if name in moment else np.zeros(size)


def _no_class(name: str, known: Any) -> InvalidInputError:  # noqa: ANN401 - names of classes
    return InvalidInputError(
        "there is no such vehicle class",
        where="vehicle",
        value=name,
        remedy=f"Choose from {', '.join(known)}.",
    )
