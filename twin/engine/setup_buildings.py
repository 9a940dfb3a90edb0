"""Buildings in the water: closed or raised cells, and the rain on their roofs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError, ScenarioError
from models.flood.roofs import route_roofs
from twin.city.city import WATER_CANAL, WATER_LAND
from twin.city.coverage import cells_along, cover_share, index_of_shape
from twin.language import note

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from models.flood.roofs import RoofRunoff
    from models.grid import Grid
    from scenarios.schema.buildings import Buildings
    from twin.city.city import City
    from twin.language import Note

__all__ = ["BuiltGround", "set_up_buildings"]


@dataclass(frozen=True, kw_only=True)
class BuiltGround:
    """
    The ground with its buildings.

    Parameters
    ----------
    bed_m
        Level of the ground, m, NaN where a building closes it, shape (rows, columns).
    blocked
        Cells that a building closes.
    roofs
        Where the rain on roofs goes; None where it falls on the cell itself.
    notes
        What people should know.
    """

    bed_m: NDArray[np.float64]
    blocked: NDArray[np.bool_]
    roofs: RoofRunoff | None
    notes: list[Note]


def set_up_buildings(
    choice: Buildings,
    city: City,
    *,
    bed_m: NDArray[np.float64],
    water: NDArray[np.int8],
    computed: NDArray[np.bool_],
    grid: Grid,
) -> BuiltGround:
    """
    Put the buildings of a city into the ground.

    Parameters
    ----------
    choice
        What the scenario wants.
    city
        Its buildings and roads.
    bed_m, water
        Ground and water of the grid, shape (rows, columns).
    computed
        Cells whose depth is computed, before buildings close any.
    grid
        The grid of the run.

    Raises
    ------
    ScenarioError
        If the city has no buildings, or drains have nowhere to run.
    """
    open_ground = np.zeros(grid.shape, np.bool_)
    drains = choice.roofs.drain_share
    if choice.cells == "none" and drains == 0.0:
        return BuiltGround(bed_m=bed_m, blocked=open_ground, roofs=None, notes=[])
    houses = city.layer("buildings")
    if not len(houses):
        raise ScenarioError(
            f"the city {city.name} has no buildings",
            where="buildings",
            remedy="Add buildings to the recipe of the city, or leave this out.",
        )
    shapes = houses.geometry.to_numpy()
    share = np.where(np.isnan(bed_m), 0.0, cover_share(shapes, grid))
    built = (share >= choice.threshold) & computed & (water == WATER_LAND)
    on_road = built & _road_cells(city, grid) if choice.keep_roads else open_ground
    built &= ~on_road
    blocked = built if choice.cells == "blocked" else open_ground
    bed = np.where(blocked, np.nan, bed_m)
    if choice.cells == "raised":
        bed = bed_m + np.where(built, _raise_m(choice, houses, grid), 0.0)
    roofs = None
    if blocked.any() or drains > 0.0:
        canals = None
        if choice.roofs.drains_to == "canal":
            canals = (water == WATER_CANAL) & computed
        try:
            roofs = route_roofs(
                roof_share=share,
                blocked=blocked,
                computed=computed & ~blocked,
                drain_share=drains,
                drain_to=canals,
            )
        except InvalidQuantityError as error:
            raise ScenarioError(
                error.what,
                where="buildings.roofs",
                value=error.value,
                remedy="Lead the water of drains out of the model with drains_to: away.",
            ) from error
    notes: list[Note] = []
    if choice.cells != "none":
        notes.append(
            note(f"buildings_{choice.cells}", count=int(built.sum()), kept=int(on_road.sum()))
        )
    return BuiltGround(bed_m=bed, blocked=blocked, roofs=roofs, notes=notes)


def _road_cells(city: City, grid: Grid) -> NDArray[np.bool_]:
    cells = np.zeros(grid.shape, np.bool_)
    roads = city.layer("roads")
    if len(roads):
        run = cells_along(roads.geometry.to_numpy(), grid)
        cells[run.row, run.column] = True
    return cells


def _raise_m(choice: Buildings, houses: GeoDataFrame, grid: Grid) -> NDArray[np.float64]:
    """Return how far the ground is raised at each cell, m."""
    if choice.raise_m != "levels":
        return np.full(grid.shape, float(choice.raise_m))
    number = index_of_shape(houses.geometry.to_numpy(), grid, all_touched=True)
    levels = houses["levels"].to_numpy(np.float64, na_value=np.nan)
    storeys = np.where(np.isnan(levels) | (levels < 1.0), 1.0, levels)
    return np.asarray(np.where(number >= 0, storeys[number], 1.0) * choice.storey_m)
