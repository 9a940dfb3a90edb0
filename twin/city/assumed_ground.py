"""
Ground made of assumptions, for places without an elevation model.

The level of a place depends on its coordinates, the seed and the layers, not on the grid, so a
city built at 10 m and at 20 m stands on the same ground. See ``docs/assumed-ground.md``.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from twin.city.coverage import cells_along, cover_share

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from models.grid import Grid
    from twin.city.terrain_recipe import AssumedGround, LowGround

__all__ = ["assumed_ground", "smooth_relief"]

_MODES = 48


def smooth_relief(grid: Grid, *, length_m: float, seed: int) -> NDArray[np.float64]:
    """
    Return a smooth random field of mean 0 and standard deviation 1, kept within ±2.5.

    A sum of plane waves with random direction and phase and wavelengths around *length_m*
    (spectral representation: Shinozuka and Deodatis 1991), summed in a fixed order.
    """
    rng = np.random.default_rng([seed, 0x6C616E64])
    angle = rng.uniform(0.0, 2.0 * np.pi, _MODES)
    wavelength = length_m * np.exp(rng.uniform(np.log(0.6), np.log(2.5), _MODES))
    phase = rng.uniform(0.0, 2.0 * np.pi, _MODES)
    field = np.zeros(grid.shape)
    for k in range(_MODES):
        x = 2.0 * np.pi / wavelength[k] * np.cos(angle[k]) * grid.x_m + phase[k]
        y = 2.0 * np.pi / wavelength[k] * np.sin(angle[k]) * grid.y_m
        field += np.multiply.outer(np.cos(y), np.cos(x))
        field -= np.multiply.outer(np.sin(y), np.sin(x))
    field *= np.sqrt(2.0 / _MODES)
    return np.asarray(2.5 * np.tanh(field / 2.5))


def assumed_ground(
    recipe: AssumedGround,
    *,
    grid: Grid,
    water: NDArray[np.bool_],
    roads: GeoDataFrame | None,
    buildings: GeoDataFrame | None,
) -> NDArray[np.float64]:
    """
    Return the level of the land, m, before water is cut into it.

    Parameters
    ----------
    recipe
        The assumptions.
    grid
        The city's grid.
    water
        Cells that are water, shape of the grid.
    roads, buildings
        Layers of the city; either may be absent.
    """
    relief = smooth_relief(grid, length_m=recipe.relief_length_m, seed=recipe.seed)
    level = recipe.mean_level_m + recipe.relief_m * relief
    if water.any():
        size = grid.cell_size_m
        # From the edge of the water, taken as half a cell off the nearest water cell's centre.
        away = np.maximum(ndimage.distance_transform_edt(~water) * size - size / 2.0, 0.0)
        level -= recipe.water_drop_m * np.exp(-away / recipe.water_drop_length_m)
    if recipe.low_ground is not None:
        _lower(level, recipe.low_ground, recipe, grid)
    if water.any():
        level += np.where(away <= recipe.bank_width_m, recipe.bank_raise_m, 0.0)
    rise = np.zeros(grid.shape)
    if buildings is not None and len(buildings) and recipe.building_plinth_m > 0.0:
        covered = cover_share(buildings.geometry.to_numpy(), grid) >= 0.5
        rise[covered] = recipe.building_plinth_m
    if roads is not None and len(roads):
        np.maximum(rise, _embankments(recipe, roads, grid), out=rise)
    return np.asarray(level + rise)


def _lower(level: NDArray[np.float64], low: LowGround, recipe: AssumedGround, grid: Grid) -> None:
    """
    Bring patches down to low ground, with slopes around them, in place.

    Broad waves say where the patches lie, short ones fray their outline; inside, the ground
    keeps a third of the relief, so that no patch is a table.
    """
    if low.share <= 0.0:
        return
    length = recipe.relief_length_m
    broad = smooth_relief(grid, length_m=1.5 * length, seed=recipe.seed + 1)
    short = smooth_relief(grid, length_m=0.35 * length, seed=recipe.seed + 2)
    field = math.sqrt(0.8) * broad + math.sqrt(0.2) * short
    edge = NormalDist().inv_cdf(min(low.share, 1.0 - 1e-9))
    weight = np.clip((edge - field) / 0.5 + 0.5, 0.0, 1.0)
    weight = weight * weight * (3.0 - 2.0 * weight)
    uneven = smooth_relief(grid, length_m=0.5 * length, seed=recipe.seed + 3)
    target = low.level_m + recipe.relief_m / 3.0 * uneven
    level += weight * np.minimum(target - level, 0.0)


def _embankments(recipe: AssumedGround, roads: GeoDataFrame, grid: Grid) -> NDArray[np.float64]:
    """Return the rise of cells that roads run through on the ground, m."""
    on_ground = roads[~(roads["is_bridge"].astype(bool) | roads["is_tunnel"].astype(bool))]
    classes = on_ground["road_class"].astype(str).str.removesuffix("_link")
    by_line = classes.map(recipe.road_raise_m).fillna(0.0).to_numpy(np.float64)
    raised = by_line > 0.0
    run = cells_along(on_ground.geometry.to_numpy()[raised], grid)
    rise = np.zeros(grid.shape)
    np.maximum.at(rise, (run.row, run.column), by_line[raised][run.line])
    return rise
