"""
The sea out of the ground, where no map draws it.

An elevation model shows the sea as flat ground at about level zero. Ground below a level that
connects to a side of the grid is taken for tidal sea; low ground behind higher ground (a polder, a
pit) is not connected, and stays land.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from rasterio.features import shapes as outlines
from rasterio.transform import from_origin
from scipy import ndimage

from models.errors import CityError
from twin.city.city import WATER_LAND
from twin.city.coverage import strip_width_m
from twin.language import Word, note

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.grid import Grid
    from twin.city.terrain_recipe import SeaRecipe
    from twin.language import Note

__all__ = ["outlines_of", "sea_areas", "sea_cells", "sea_notes"]


def sea_cells(
    level_m: NDArray[np.float64], water: NDArray[np.int8], recipe: SeaRecipe, grid: Grid
) -> NDArray[np.bool_]:
    """
    Return the cells that are sea, shape of the grid.

    Parameters
    ----------
    level_m
        Ground, m, NaN where there is no data.
    water
        Water that is known already, which keeps its kind.
    recipe
        Below which level, and from which sides.

    Raises
    ------
    CityError
        If there is none: the level is too low, or the side is wrong.
    """
    low = level_m < recipe.below_m
    label, count = ndimage.label(low)  # over edges of cells, as water flows
    at_side = low & _first_from(recipe.sides, np.isfinite(level_m))
    size_m2 = np.append(0, np.bincount(label.ravel(), minlength=count + 1)[1:]) * grid.cell_area_m2
    wide = size_m2[label] >= recipe.minimum_area_km2 * 1e6
    sea = np.isin(label, np.unique(label[at_side & wide])) & low
    sea &= water == WATER_LAND
    if not sea.any():
        known = level_m[np.isfinite(level_m)]
        lowest = f"The lowest ground is {known.min():.2f} m. " if known.size else ""
        raise CityError(
            "no ground lies below this level and connects to a side of the grid",
            where="terrain.sea.below_m",
            value=recipe.below_m,
            remedy=f"{lowest}Raise the level, name other sides, or give a smaller "
            "minimum_area_km2.",
        )
    return sea


def _first_from(sides: tuple[str, ...], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the first cell with ground that one meets from each of *sides*, in every line."""
    first = np.zeros_like(known)
    rows, columns = np.arange(known.shape[0]), np.arange(known.shape[1])
    for side in sides:
        if side in {"north", "south"}:
            lines = known if side == "north" else known[::-1]
            row = np.argmax(lines, axis=0)
            first[row if side == "north" else rows[-1] - row, columns] = True
        else:
            lines = known if side == "west" else known[:, ::-1]
            column = np.argmax(lines, axis=1)
            first[rows, column if side == "west" else columns[-1] - column] = True
    return first & known


def sea_notes(sea: NDArray[np.bool_], recipe: SeaRecipe, grid: Grid) -> list[Note]:
    """Return what people should know about a sea out of the ground."""
    notes: list[Note] = [
        note(
            "sea_from_ground",
            area=round(float(sea.sum()) * grid.cell_area_m2 / 1e6, 2),
            level=recipe.below_m,
            sides=[Word("side", side) for side in recipe.sides],
        )
    ]
    if recipe.bed_m is not None:
        notes.append(note("sea_bed_assumed", level=recipe.bed_m))
    return notes


def sea_areas(sea: NDArray[np.bool_], grid: Grid, crs: str) -> gpd.GeoDataFrame:
    """Return the outlines of the sea as rows of the layer ``water_areas``."""
    label, _ = ndimage.label(sea)
    shapes = np.array(list(outlines_of(label.astype(np.int32), grid).values()), dtype=np.object_)
    return gpd.GeoDataFrame(
        {
            "kind": ["sea"] * shapes.size,
            "name": [""] * shapes.size,
            "width_m": strip_width_m(shapes),
            "tidal": [True] * shapes.size,
        },
        geometry=shapes,
        crs=crs,
    )


def outlines_of(label: NDArray[np.int32], grid: Grid) -> dict[int, shapely.Geometry]:
    """Return the outline of the cells of each label above 0."""
    size = grid.cell_size_m
    affine = from_origin(grid.west_m, grid.north_m, size, size)
    parts: dict[int, list[shapely.Geometry]] = {}
    for shape, value in outlines(label, mask=label > 0, connectivity=4, transform=affine):
        parts.setdefault(int(value), []).append(shapely.geometry.shape(shape))
    return {value: shapely.union_all(parts[value]) for value in sorted(parts)}
