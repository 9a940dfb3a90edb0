"""From a scenario's residents and the places of a city to households on its network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import cKDTree

from models.errors import InvalidQuantityError, ScenarioError
from models.residents import (
    CHANNELS,
    Behaviour,
    Channel,
    Households,
    PeopleShares,
    ResidentsModel,
    Ways,
    draw_households,
)
from models.roads import ACCESS, ROAD_CLASSES, allowed_edges
from twin.city.city import WATER_LAND
from twin.engine.demand import places_of_people
from twin.engine.residents import Residents
from twin.language import note

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import xarray as xr
    from numpy.typing import NDArray

    from models.grid import Grid
    from models.response import Event
    from models.roads import VehicleClass
    from scenarios.schema.residents import (
        LeaveShares,
        PeopleChoice,
        ResidentsBehaviour,
        WarningChannel,
    )
    from scenarios.schema.residents import Residents as Choice
    from twin.city.city import City
    from twin.engine.places import PlaceFinder
    from twin.engine.roads import Roads
    from twin.engine.streams import Streams

    type Floats = NDArray[np.float64]

__all__ = ["behaviour", "set_up_residents"]

#: A house sees the water of the nearest open cell within this distance, m.
SEES_WITHIN_M = 100.0
#: A cell is open ground where nothing raises it by more than this, m.
OPEN_GROUND_M = 0.3
#: Streets on which nobody walks.
_NO_WALKING = ("motorway", "motorway_link", "busway", "bus_guideway")
_BY_ADVICE = ("sees_water", "move_vehicles", "shelter", "evacuate")
_TIMES = (
    *("prepare_median", "hasty_prepare", "vehicle_move", "call_delay", "call_again"),
    *("replan", "access"),
)


def set_up_residents(
    choice: Choice,
    city: City,
    *,
    places: PlaceFinder,
    roads: Roads | None,
    streams: Streams,
    terrain: xr.Dataset | None,
    grid: Grid | None,
    bed_m: Floats | None,
    ambulance_class: str,
    log: Callable[[Event], None],
) -> Residents:
    """
    Put the residents of a scenario into their city.

    Parameters
    ----------
    terrain, grid, bed_m
        The ground at the cell size of the run, and the bed of the flood, shape (rows, columns);
        None where the run is dry.
    ambulance_class
        The vehicle class that must reach a hospital.
    log
        Takes events.

    Raises
    ------
    ScenarioError
        If the city has no roads, no people or no shelter, or a figure is not possible.
    """
    if roads is None:
        raise ScenarioError(
            f"the city {city.name} has no roads on which residents could move",
            where="residents",
            remedy="Add roads to the recipe of the city, or leave residents out.",
        )
    graph = roads.graph
    drawn = _people(choice.people, city, terrain, roads, streams)
    node, snap_m = graph.nearest_nodes(drawn["x_m"], drawn["y_m"])
    households = Households(**drawn, node=node.astype(np.int64), snap_m=snap_m)
    motorbike = roads.conditions.classes[roads.conditions.class_index("motorbike")]
    closed_to_feet = np.isin(graph.road_class, [ROAD_CLASSES.index(name) for name in _NO_WALKING])
    ways = Ways.of(
        graph.n_nodes,
        graph.tail,
        graph.head,
        graph.length_m,
        walkable=~closed_to_feet & (graph.access != ACCESS.index("no")),
        rideable=allowed_edges(graph, motorbike),
    )
    try:
        model = ResidentsModel(
            households,
            ways,
            shelters=_shelters(choice, city, places, roads),
            high_ground=_high_ground(choice.high_ground_share, roads, terrain, grid),
            behaviour=behaviour(choice.behaviour),
            channels=_channels(choice.channels),
            warning_stream=lambda number: streams("residents.warning", number),
        )
    except InvalidQuantityError as error:
        raise ScenarioError(
            error.what, where=f"residents: {error.where}", value=error.value, remedy=error.remedy
        ) from error
    cells, notes = _cells(households, terrain, grid, bed_m)
    ambulance = roads.conditions.class_index(ambulance_class)
    vehicle = roads.conditions.classes[ambulance]
    hospitals = _nodes_of(("hospital",), city, roads, vehicle)
    if not hospitals.any():
        notes.append(note("residents_no_hospital"))
    return Residents(
        model=model,
        roads=roads,
        cells=cells,
        along=(graph.tail[ways.edge] == ways.tail) & (graph.head[ways.edge] == ways.head),
        hospitals=hospitals,
        access=graph.nearest_nodes(graph.x_m, graph.y_m, vehicle_class=vehicle)[0],
        ambulance=ambulance,
        log=log,
        notes=notes,
    )


# Who lives where


def _people(
    choice: PeopleChoice,
    city: City,
    terrain: xr.Dataset | None,
    roads: Roads,
    streams: Streams,
) -> dict[str, NDArray[Any]]:
    x, y, weight, spread = places_of_people(choice.placed_by, city, terrain, roads.graph)
    total = choice.total
    if total is None:
        _, _, persons, _ = places_of_people("population", city, terrain, roads.graph)
        counted = terrain is not None and "population" in terrain
        if not counted and not len(city.layer("buildings")):
            raise ScenarioError(
                f"the city {city.name} does not know how many people it has",
                where="residents.people.total",
                remedy="Give their number, or add population or buildings to the city.",
            )
        total = round(float(persons.sum()))
    try:
        return draw_households(
            total,
            x_m=x,
            y_m=y,
            weight=weight,
            spread_m=spread,
            upper_floor=_upper_floor(x, city),
            shares=_shares(choice),
            rng=streams("residents"),
        )
    except InvalidQuantityError as error:
        raise ScenarioError(
            error.what, where="residents.people", value=error.value, remedy=error.remedy
        ) from error


def _upper_floor(x_m: Floats, city: City) -> Floats:
    """Return 1 and 0 where the building of a place has an upper floor or not, NaN if unknown."""
    houses = city.layer("buildings")
    if len(houses) != x_m.size:
        return np.full(x_m.size, np.nan)
    if not np.array_equal(houses.geometry.representative_point().x.to_numpy(np.float64), x_m):
        return np.full(x_m.size, np.nan)
    levels = houses["levels"].to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isnan(levels), np.nan, (levels >= 2.0).astype(np.float64))


def _shares(choice: PeopleChoice) -> PeopleShares:
    given: dict[str, Any] = {
        name: getattr(choice, name)
        for name in ("household_size", "children", "elderly", "upper_floor", "motorbike")
        if getattr(choice, name) is not None
    }
    for name in ("adults", "children", "elderly"):
        shares = getattr(choice.mobility, name)
        if shares is not None:
            given[f"mobility_{name}"] = shares
    return replace(PeopleShares(), **given)


def behaviour(choice: ResidentsBehaviour) -> Behaviour:
    """
    Return the parameters of a scenario, those not given at their defaults.

    Raises
    ------
    InvalidQuantityError
        If one is not possible.
    """
    default = Behaviour()
    given: dict[str, Any] = {}
    for name in type(choice).model_fields:
        value = getattr(choice, name)
        if value is None or name in {"leave", "move_vehicle"}:
            continue
        given[f"{name}_s" if name in _TIMES else name] = value
    return replace(
        default,
        leave_share=_by_advice(choice.leave, default.leave_share),
        move_vehicle_share=_by_advice(choice.move_vehicle, default.move_vehicle_share),
        **given,
    )


def _by_advice(
    choice: LeaveShares, default: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    given = (getattr(choice, name) for name in _BY_ADVICE)
    first, second, third, fourth = (
        usual if value is None else value for value, usual in zip(given, default, strict=True)
    )
    return first, second, third, fourth


def _channels(choice: Mapping[str, WarningChannel]) -> dict[str, Channel]:
    channels = dict(CHANNELS)
    for name, each in choice.items():
        given = {
            f"{field}_s" if field == "delay_median" else field: getattr(each, field)
            for field in type(each).model_fields
            if getattr(each, field) is not None
        }
        channels[name] = replace(channels[name], **given) if name in channels else Channel(**given)
    return channels


# Where they go, and what they see


def _nodes_of(
    kinds: tuple[str, ...], city: City, roads: Roads, vehicle: VehicleClass | None = None
) -> NDArray[np.bool_]:
    """Return the nodes nearest to facilities of some kinds."""
    flags = np.zeros(roads.graph.n_nodes, np.bool_)
    table = city.layer("facilities")
    if len(table):
        chosen = table[table["kind"].astype(str).isin(kinds)]
        if len(chosen):
            points = chosen.geometry.representative_point()
            nodes, _ = roads.graph.nearest_nodes(
                points.x.to_numpy(), points.y.to_numpy(), vehicle_class=vehicle
            )
            flags[nodes] = True
    return flags


def _shelters(choice: Choice, city: City, places: PlaceFinder, roads: Roads) -> NDArray[np.bool_]:
    flags = _nodes_of(choice.shelter_kinds, city, roads)
    for index, shelter in enumerate(choice.shelters):
        x, y = places.point(shelter.location, where=f"residents.shelters[{index}].location")
        flags[roads.graph.nearest_node(x, y)[0]] = True
    if not flags.any():
        raise ScenarioError(
            f"the city {city.name} has no {' or '.join(choice.shelter_kinds) or 'shelter'}",
            where="residents.shelters",
            remedy="Give shelters with their locations, or other shelter_kinds.",
        )
    return flags


def _high_ground(
    share: float, roads: Roads, terrain: xr.Dataset | None, grid: Grid | None
) -> NDArray[np.bool_]:
    """Return the highest nodes of the network; all of them where no ground is known."""
    graph = roads.graph
    if terrain is None or grid is None:
        return np.ones(graph.n_nodes, np.bool_)
    row, column, on_grid = grid.locate(graph.x_m, graph.y_m)
    level = np.full(graph.n_nodes, np.nan)
    ground = np.asarray(terrain["ground_level"].values, np.float64)
    level[on_grid] = ground[row[on_grid], column[on_grid]]
    known = np.isfinite(level)
    if not known.any() or share == 0.0:
        return np.zeros(graph.n_nodes, np.bool_)
    return np.asarray(known & (level >= np.quantile(level[known], 1.0 - share)))


def _cells(
    households: Households, terrain: xr.Dataset | None, grid: Grid | None, bed_m: Floats | None
) -> tuple[NDArray[np.int64], list[Any]]:
    """Return the nearest cell of open ground to each house, -1 far from any."""
    count = len(households)
    if terrain is None or grid is None or bed_m is None:
        return np.full(count, -1, np.int64), []
    ground = np.asarray(terrain["ground_level"].values, np.float64)
    with np.errstate(invalid="ignore"):
        open_ground = np.isfinite(bed_m) & (bed_m <= ground + OPEN_GROUND_M)
    if "water" in terrain:
        open_ground &= np.asarray(terrain["water"].values) == WATER_LAND
    rows, columns = np.nonzero(open_ground)
    if not rows.size:
        return np.full(count, -1, np.int64), [note("residents_see_no_water", count=count)]
    tree = cKDTree(np.column_stack([grid.x_m[columns], grid.y_m[rows]]))
    distance, found = tree.query(np.column_stack([households.x_m, households.y_m]))
    far = np.asarray(distance > SEES_WITHIN_M)
    cells = np.where(far, -1, (rows * grid.columns + columns)[found]).astype(np.int64)
    notes = [note("residents_see_no_water", count=int(far.sum()))] if far.any() else []
    return cells, notes
