"""Where and when emergencies happen in a city that has no log of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import ScenarioError
from models.response import DemandModel, generate
from twin.city.city import WATER_LAND

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import xarray as xr
    from numpy.typing import NDArray

    from models.response import IncidentKind
    from models.roads import RoadGraph
    from scenarios.schema.incidents import GeneratedIncidents
    from twin.city.city import City

    type Floats = NDArray[np.float64]

__all__ = ["Call", "draw_incidents", "places_of_people"]

#: Places further from any road than this take no generated incident, m.
REACH_M = 500.0
#: Floor area for one resident where a building's residents are not known, m² (assumed).
FLOOR_AREA_M2 = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One generated emergency."""

    id: str
    time_s: float
    kind: str
    priority: int
    x_m: float
    y_m: float


def draw_incidents(
    choice: GeneratedIncidents,
    *,
    start: datetime,
    duration_s: float,
    kinds: Mapping[str, IncidentKind],
    generator: np.random.Generator,
    city: City,
    terrain: xr.Dataset | None,
    graph: RoadGraph,
) -> list[Call]:
    """
    Draw emergencies by hour and place.

    Raises
    ------
    ScenarioError
        If the mix names an unknown kind, or there is no place to put them.
    """
    for kind in choice.mix:
        if kind not in kinds:
            raise ScenarioError(
                "there is no such kind of incident",
                where="incidents.generated.mix",
                value=kind,
                remedy=f"Choose from {', '.join(kinds)}.",
            )
    first = choice.start or 0.0
    last = duration_s if choice.end is None else choice.end
    x, y, weight, spread = places_of_people(choice.weight, city, terrain, graph)
    near = graph.nearest_nodes(x, y)[1] <= REACH_M if x.size else np.zeros(0, np.bool_)
    x, y, weight = x[near], y[near], weight[near]
    if not weight.sum() > 0.0:
        raise ScenarioError(
            f"the city {city.name} has no place for generated incidents",
            where="incidents.generated.weight",
            value=choice.weight,
            remedy="Choose another weight, or add population or buildings to the city.",
        )
    profile = np.asarray(choice.hourly_profile or [1.0] * 24, np.float64)
    per_day = choice.rate_per_day if choice.rate_per_day is not None else 24.0
    model = DemandModel(
        rate_per_h=np.tile(profile / profile.sum() * per_day, (7, 1)),
        node=np.zeros(x.size, np.int64),
        x_m=x,
        y_m=y,
        weight=weight,
        share=dict(choice.mix),
        kinds=kinds,
    )
    midnight = start.weekday() * 86400.0 + start.hour * 3600.0 + start.minute * 60.0 + start.second
    demand = generate(
        model,
        generator,
        duration_s=last - first,
        start_week_s=midnight + first,
        count=choice.count,
    )
    jitter = (generator.random((demand.time_s.size, 2)) - 0.5) * spread
    names = list(choice.mix)
    return [
        Call(
            id=f"{choice.id_prefix}-{number + 1:05d}",
            time_s=first + float(demand.time_s[number]),
            kind=names[int(demand.kind[number])],
            priority=int(demand.priority[number]),
            x_m=float(x[place] + jitter[number, 0]),
            y_m=float(y[place] + jitter[number, 1]),
        )
        for number, place in enumerate(demand.place.tolist())
    ]


def places_of_people(
    weight: str, city: City, terrain: xr.Dataset | None, graph: RoadGraph
) -> tuple[Floats, Floats, Floats, float]:
    """
    Return easting, northing and weight of every candidate, and the spread around it, m.

    *weight* is ``population`` (persons), ``buildings`` or ``uniform``; what the city does not have
    falls back on buildings, and then on the length of the streets at each node.
    """
    if weight == "population" and terrain is not None and "population" in terrain:
        people = np.nan_to_num(np.asarray(terrain["population"].values, np.float64))
        if people.sum() > 0.0:
            return _cells(terrain, people)
    buildings = city.layer("buildings")
    if weight in {"population", "buildings"} and len(buildings):
        return _buildings(city, by_people=weight == "population")
    if weight == "uniform" and terrain is not None:
        return _cells(terrain, np.ones(terrain["ground_level"].shape))
    lengths = np.bincount(graph.tail, weights=graph.length_m, minlength=graph.n_nodes)
    return graph.x_m, graph.y_m, lengths, 0.0


def _cells(terrain: xr.Dataset, weight: Floats) -> tuple[Floats, Floats, Floats, float]:
    keep = (weight > 0.0) & ~np.isnan(terrain["ground_level"].values)
    if "water" in terrain:
        keep &= terrain["water"].values == WATER_LAND
    if "inside" in terrain and bool((terrain["inside"].values > 0).any()):
        keep &= terrain["inside"].values > 0
    rows, columns = np.nonzero(keep)
    x = np.asarray(terrain["x"].values, np.float64)[columns]
    y = np.asarray(terrain["y"].values, np.float64)[rows]
    return x, y, weight[rows, columns], float(terrain.attrs["cell_size_m"])


def _buildings(city: City, *, by_people: bool) -> tuple[Floats, Floats, Floats, float]:
    buildings = city.layer("buildings")
    centres = buildings.geometry.representative_point()
    x, y = centres.x.to_numpy(np.float64), centres.y.to_numpy(np.float64)
    weight = np.ones(len(buildings))
    if by_people:
        levels = buildings["levels"].to_numpy(np.float64, na_value=np.nan)
        floors = np.where(np.isnan(levels), 1.0, levels)
        weight = buildings.geometry.area.to_numpy(np.float64) * floors / FLOOR_AREA_M2
        if "residents" in buildings.columns:
            residents = buildings["residents"].to_numpy(np.float64, na_value=np.nan)
            weight = np.where(np.isnan(residents), weight, residents)
    boundary = city.layer("boundary")
    if len(boundary):
        weight = weight * centres.within(boundary.geometry.union_all()).to_numpy()
    return x, y, weight, 0.0
