"""Where people live: from a raster, or a known total spread over the city."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from models.errors import CityError
from twin.city.coverage import cells_along
from twin.city.provenance import Basis, Provenance
from twin.city.rasters import provenance_of, read_onto_grid
from twin.language import Word, note

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from twin.city.site import Site
    from twin.city.terrain_recipe import PopulationRecipe, RasterSource, SpreadPopulation
    from twin.language import Note

__all__ = ["population"]

_STREETS = ("residential", "living_street", "unclassified", "tertiary", "service", "alley")
_HOMES = ("house", "apartments", "residential", "yes", "detached", "terrace", "dormitory", "")
_NEAR_M = 60.0


def population(
    recipe: PopulationRecipe,
    *,
    land: NDArray[np.bool_],
    inside: NDArray[np.bool_],
    site: Site,
) -> tuple[NDArray[np.float64], Provenance, Note]:
    """
    Return people per cell, where that comes from, and a note for people.

    Parameters
    ----------
    recipe
        The raster, or the total and how to spread it.
    land, inside
        Cells that are land, and cells within the boundary; shape of the grid. A total is spread
        within the boundary; a raster, and known residents, are taken as they are.

    Raises
    ------
    CityError
        If a raster counts fewer than nobody, or there is nothing to spread a total over.
    """
    if recipe.file is not None:
        return _counted(recipe.file, recipe.unit, site)
    spread = recipe.spread
    if spread is None:
        raise CityError("the recipe gives no population", where="terrain: population")
    weight = _weight(spread, land, site)
    if spread.total is not None:
        weight = weight * inside
    if weight.sum() <= 0.0:
        raise CityError(
            "there is nothing to spread the population over",
            where="terrain: population: spread: over",
            value=spread.over,
            remedy="Choose land, or give the layer.",
        )
    total = spread.total if spread.total is not None else float(weight.sum())
    told = Provenance(
        source=spread.source or f"a total spread over {spread.over}",
        basis=Basis.DERIVED if spread.over == "residents" else Basis.ASSUMED,
        licence=spread.licence,
        date=spread.date,
        note=spread.note,
    )
    sentence = note(
        "population_spread",
        total=round(total),
        over=Word("over", spread.over),
        basis=Word("basis", str(told.basis)),
    )
    return weight * (total / weight.sum()), told, sentence


def _counted(
    file: RasterSource, unit: str, site: Site
) -> tuple[NDArray[np.float64], Provenance, Note]:
    per_cell = unit == "per_cell"
    density = read_onto_grid(file, grid=site.grid, crs=site.crs, base=site.base, per_area=per_cell)
    people = np.where(np.isnan(density), 0.0, density) * site.grid.cell_area_m2
    if not per_cell:
        people *= 1e-6
    if not people.any():
        raise CityError(
            "the population raster counts nobody on the grid",
            where=file.file,
            remedy="Check its reference system, nodata value and limits.",
        )
    if people.min() < 0.0:
        row, column = (int(k) for k in np.argwhere(people < 0.0)[0])
        raise CityError(
            "the population raster counts fewer than nobody",
            where=f"{file.file}: x {site.grid.x_m[column]:.0f}, y {site.grid.y_m[row]:.0f}",
            value=float(density[row, column]),
            remedy="Give its nodata value, or limits.",
        )
    sentence = note("population_counted", total=round(float(people.sum())), file=file.file)
    return people, provenance_of(file), sentence


def _weight(spread: SpreadPopulation, land: NDArray[np.bool_], site: Site) -> NDArray[np.float64]:
    if spread.over == "land":
        return land.astype(np.float64)
    if spread.over == "roads":
        return _near_streets(site) * land
    buildings = site.layer("buildings")
    weight = np.zeros(site.grid.shape)
    if buildings is None:
        return weight
    people = _residents(buildings) if spread.over == "residents" else _floor_space(buildings)
    middle = buildings.geometry.representative_point()
    row, column, on_grid = site.grid.locate(middle.x, middle.y)
    np.add.at(weight, (row, column), np.where(on_grid, np.nan_to_num(people), 0.0))
    return weight


def _residents(buildings: GeoDataFrame) -> NDArray[np.float64]:
    if "residents" not in buildings:
        raise CityError(
            "the buildings have no column residents",
            where="terrain: population: spread: over",
            remedy="Map one in the recipe, or spread over buildings.",
        )
    return np.asarray(buildings["residents"].to_numpy(np.float64, na_value=0.0))


def _floor_space(buildings: GeoDataFrame) -> NDArray[np.float64]:
    """Return the floor space of homes, m²; two floors where the number is not known."""
    levels = buildings["levels"].to_numpy(np.float64, na_value=np.nan)
    space = buildings.geometry.area.to_numpy() * np.where(levels >= 1.0, levels, 2.0)
    return np.asarray(space * buildings["kind"].astype(str).isin(_HOMES).to_numpy())


def _near_streets(site: Site) -> NDArray[np.float64]:
    """Return the density of residential streets around each cell."""
    passed = np.zeros(site.grid.shape)
    roads = site.layer("roads")
    if roads is None:
        return passed
    streets = roads[roads["road_class"].isin(_STREETS) & ~roads["is_bridge"].astype(bool)]
    run = cells_along(streets.geometry.to_numpy(), site.grid)
    np.add.at(passed, (run.row, run.column), 1.0)
    sigma = _NEAR_M / site.grid.cell_size_m
    return np.asarray(ndimage.gaussian_filter(passed, sigma, mode="constant", truncate=3.0))
