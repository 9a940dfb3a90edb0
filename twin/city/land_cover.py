"""Roughness and imperviousness: area-weighted means of classes, or rasters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twin.city.city import WATER_CANAL, WATER_RIVER
from twin.city.coverage import cells_along, cover_share
from twin.city.provenance import Basis, Provenance
from twin.city.rasters import provenance_of, read_onto_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.city.burn import WaterCells
    from twin.city.site import Site
    from twin.city.terrain_recipe import ImperviousnessRecipe, RasterSource, RoughnessRecipe

__all__ = ["imperviousness", "roughness"]

_LANE_M = 3.5
#: Paved width where the number of lanes is not known, m, by road class.
_PAVED_M = {
    "motorway": 21.0,
    "trunk": 17.5,
    "primary": 14.0,
    "secondary": 10.5,
    "tertiary": 8.0,
    "unclassified": 6.0,
    "residential": 6.0,
    "living_street": 5.0,
    "service": 4.0,
    "alley": 3.0,
    "pedestrian": 4.0,
}
_OTHER_PAVED_M = 2.5


def roughness(
    recipe: RoughnessRecipe, *, cells: WaterCells, site: Site
) -> tuple[NDArray[np.float64], Provenance]:
    """Return Manning's n, s/m^(1/3), on the grid, and where it comes from."""
    n = _blend(site, road=recipe.road, built=recipe.built, open_land=recipe.open_land)
    n = np.where(cells.water == WATER_CANAL, recipe.canal, n)
    n = np.where(cells.water == WATER_RIVER, recipe.river, n)
    return _with_raster(n, recipe.file, "roughness by class", site)


def imperviousness(
    recipe: ImperviousnessRecipe, *, site: Site
) -> tuple[NDArray[np.float64], Provenance]:
    """Return the share of each cell that takes no water, 0 to 1, and where it comes from."""
    share = _blend(site, road=recipe.road, built=recipe.built, open_land=recipe.open_land)
    share, told = _with_raster(share, recipe.file, "imperviousness by class", site)
    return np.clip(share, 0.0, 1.0), told


def _blend(site: Site, *, road: float, built: float, open_land: float) -> NDArray[np.float64]:
    """Return the mean of the three values, weighted by their areas in each cell."""
    paved = _road_share(site)
    buildings = site.layer("buildings")
    roofed = np.zeros(site.grid.shape)
    if buildings is not None:
        roofed = cover_share(buildings.geometry.to_numpy(), site.grid)
    roofed = np.minimum(roofed, 1.0 - paved)
    return paved * road + roofed * built + (1.0 - paved - roofed) * open_land


def _with_raster(
    by_class: NDArray[np.float64], file: RasterSource | None, name: str, site: Site
) -> tuple[NDArray[np.float64], Provenance]:
    if file is None:
        return by_class, Provenance(source=name, basis=Basis.ASSUMED, licence="none", date="none")
    values = read_onto_grid(file, grid=site.grid, crs=site.crs, base=site.base)
    return np.where(np.isnan(values), by_class, values), provenance_of(file)


def _road_share(site: Site) -> NDArray[np.float64]:
    """Return the share of each cell that is paved, taking a road to cross the whole cell."""
    share = np.zeros(site.grid.shape)
    roads = site.layer("roads")
    if roads is None:
        return share
    lines = roads[~(roads["is_bridge"].astype(bool) | roads["is_tunnel"].astype(bool))]
    classes = lines["road_class"].astype(str).str.removesuffix("_link")
    paved = classes.map(_PAVED_M).fillna(_OTHER_PAVED_M).to_numpy(np.float64)
    lanes = lines["lanes"].to_numpy(np.float64, na_value=np.nan)
    paved = np.where(lanes >= 1.0, lanes * _LANE_M, paved)
    run = cells_along(lines.geometry.to_numpy(), site.grid)
    np.maximum.at(share, (run.row, run.column), paved[run.line] / site.grid.cell_size_m)
    return np.minimum(share, 1.0)
