"""The level of the ground: from rasters in order of trust, from assumptions, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from models.errors import CityError
from twin.city.assumed_ground import assumed_ground
from twin.city.city import WATER_LAND
from twin.city.provenance import Basis, Provenance
from twin.city.rasters import describe_raster, extent_on_grid, provenance_of, read_onto_grid
from twin.language import Word, note, say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.city.burn import WaterCells
    from twin.city.site import Site
    from twin.city.terrain_recipe import GroundRecipe
    from twin.language import Note

__all__ = ["Ground", "ground_level"]


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground before water is cut in: level, m (NaN without data), its origin, and notes."""

    level_m: NDArray[np.float64]
    provenance: Provenance
    notes: tuple[Note, ...]


def ground_level(
    recipe: GroundRecipe, *, site: Site, cells: WaterCells, inside: NDArray[np.bool_]
) -> Ground:
    """
    Return the ground that *recipe* asks for.

    Raises
    ------
    CityError
        If a raster cannot be read, or the rasters cover too little of the city.
    """
    if not recipe.files:
        return _assumed(recipe, site, cells)
    level, covered = _from_files(recipe, site)
    share = float(covered[inside].mean())
    if recipe.gaps == "error" and share < recipe.minimum_cover:
        raise CityError(
            f"the ground's rasters cover only {share:.1%} of the city",
            where=", ".join(f.file for f in recipe.files),
            value={"grid (west, south, east, north)": site.grid.bounds},
            remedy="Give further files, a smaller extent, or say what to put there: "
            "ground.gaps: leave, nearest, level or assumed.",
        )
    notes: list[Note] = []
    empty = np.isnan(level)
    missing = float((empty & inside).sum() / inside.sum())
    if recipe.gaps in {"error", "leave"}:
        if missing > 0.0:
            notes.append(note("ground_missing", share=_percent(missing)))
    elif empty.any():
        level = _fill(level, recipe, site, cells)
        notes.append(note("ground_filled", share=_percent(missing), how=Word("gaps", recipe.gaps)))
    return Ground(level, provenance_of(*recipe.files), tuple(notes))


def _assumed(recipe: GroundRecipe, site: Site, cells: WaterCells) -> Ground:
    assumed = recipe.assumed
    if assumed is None:
        raise CityError("the recipe gives no ground", where="terrain: ground")
    level = assumed_ground(
        assumed,
        grid=site.grid,
        water=cells.water != WATER_LAND,
        roads=site.layer("roads"),
        buildings=site.layer("buildings"),
    )
    sentence = note("ground_assumed", mean=assumed.mean_level_m, uncertainty=assumed.uncertainty_m)
    provenance = Provenance(
        source=assumed.source,
        basis=Basis.ASSUMED,
        licence="none",
        date="none",
        note=assumed.note or say(sentence, "en"),
    )
    return Ground(level, provenance, (sentence,))


def _from_files(recipe: GroundRecipe, site: Site) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the level, and which cells lie within the frame of one of the files."""
    level = np.full(site.grid.shape, np.nan)
    covered = np.zeros(site.grid.shape, np.bool_)
    for source in recipe.files:
        frame = extent_on_grid(source, grid=site.grid, crs=site.crs, base=site.base)
        if frame.any():
            found = read_onto_grid(
                source, grid=site.grid, crs=site.crs, base=site.base, may_be_empty=True
            )
            level = np.where(np.isnan(level), found, level)
            covered |= frame
    if not covered.any():
        box = describe_raster(recipe.files[0], base=site.base, crs=site.crs).bounds
        raise CityError(
            "the ground's rasters cover nothing (0.0%) of the city",
            where=", ".join(f.file for f in recipe.files),
            value={
                "raster (west, south, east, north)": tuple(round(v) for v in box),
                "grid": tuple(round(v) for v in site.grid.bounds),
            },
            remedy="Check crs of the raster and of the city.",
        )
    if np.isnan(level).all():
        raise CityError(
            "the ground's rasters have no value anywhere on the grid",
            where=", ".join(f.file for f in recipe.files),
            remedy="Check their nodata value and limits.",
        )
    return level, covered


def _percent(share: float) -> float:
    return round(100.0 * share, 1)


def _fill(
    level: NDArray[np.float64], recipe: GroundRecipe, site: Site, cells: WaterCells
) -> NDArray[np.float64]:
    empty = np.isnan(level)
    if recipe.gaps == "assumed":
        return np.where(empty, _assumed(recipe, site, cells).level_m, level)
    if recipe.gap_level_m is not None:
        return np.where(empty, recipe.gap_level_m, level)
    at = ndimage.distance_transform_edt(empty, return_distances=False, return_indices=True)
    return np.asarray(level[tuple(at)])
