"""The terrain of a city: ground with its water cut in, roughness, imperviousness, population."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr
from pyproj import CRS
from scipy import ndimage

from models.errors import CityError
from twin.city.burn import cut_water, land_beside, water_cells
from twin.city.city import WATER_LAND, WATER_RIVER
from twin.city.coverage import cells_inside
from twin.city.ground import ground_level
from twin.city.land_cover import imperviousness, roughness
from twin.city.population import population
from twin.city.provenance import Basis, Provenance
from twin.city.rasters import describe_raster
from twin.city.sea import sea_cells, sea_notes
from twin.city.site import Site
from twin.city.terrain_recipe import BurnRecipe
from twin.language import note

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from models.grid import Grid
    from twin.city.burn import WaterCells
    from twin.city.terrain_recipe import TerrainRecipe
    from twin.language import Note

__all__ = ["BuiltTerrain", "build_terrain", "ground_bounds"]

_LONG_NAMES = {
    "ground_level": ("m", "level of the ground, with the bed under water"),
    "land_level": ("m", "level of the land, and over water that of the land beside it"),
    "manning": ("s m-1/3", "Manning roughness"),
    "water": ("1", "0 land, 1 canal or pond, 2 tidal river or sea"),
    "inside": ("1", "1 within the boundary of the city"),
    "imperviousness": ("1", "share of the ground that takes no water"),
    "population": ("1", "people per cell"),
}


class BuiltTerrain(NamedTuple):
    """
    A terrain, and what is to be known about it.

    Parameters
    ----------
    dataset
        The variables on the grid.
    provenance
        By ``terrain/…``.
    notes
        Sentences for people.
    sea
        Cells that are sea by the ground alone, shape of the grid; None where none was asked for.
    """

    dataset: xr.Dataset
    provenance: dict[str, Provenance]
    notes: tuple[Note, ...]
    sea: NDArray[np.bool_] | None


def ground_bounds(
    recipe: TerrainRecipe, *, crs: str, base: Path
) -> tuple[float, float, float, float] | None:
    """
    Return west, south, east and north of the ground's rasters in *crs*, m, None without rasters.

    Raises
    ------
    CityError
        If a file cannot be described.
    """
    boxes = [describe_raster(f, base=base, crs=crs).bounds for f in recipe.ground.files]
    if not boxes:
        return None
    west, south, east, north = (list(edge) for edge in zip(*boxes, strict=True))
    return min(west), min(south), max(east), max(north)


def build_terrain(
    *, grid: Grid, crs: str, recipe: TerrainRecipe, layers: Mapping[str, GeoDataFrame], base: Path
) -> BuiltTerrain:
    """
    Build the terrain of a city on *grid*.

    Parameters
    ----------
    grid, crs
        The city's grid and reference system.
    recipe
        The section ``terrain`` of the recipe.
    layers
        Layers of the city that exist by now, in *crs*; any may be absent.
    base
        Folder that file names in the recipe start from.

    Returns
    -------
    BuiltTerrain
        The dataset (see :class:`twin.city.city.City`, and ``land_level``: the ground before water
        was cut in, which is what a road beside or over water lies on), with its labels and notes.

    Raises
    ------
    CityError
        If a raster cannot be read or does not cover the city.
    """
    site = Site(grid=grid, crs=crs, layers=layers, base=base)
    inside = _inside(site)
    burn = recipe.burning
    cells = water_cells(
        areas=site.layer("water_areas"),
        lines=site.layer("waterways"),
        grid=grid,
        burn=burn if burn is not None else BurnRecipe(lines=False),
        tidal=recipe.tidal_river,
    )
    ground = ground_level(recipe.ground, site=site, cells=cells, inside=inside)
    notes = list(ground.notes)
    level, sea = ground.level_m, None
    if recipe.sea is not None:
        sea = sea_cells(level, cells.water, recipe.sea, grid)
        cells = replace(cells, water=np.where(sea, np.int8(WATER_RIVER), cells.water))
        notes.extend(sea_notes(sea, recipe.sea, grid))
    land = land_beside(level, cells.water) if recipe.ground.files else level
    if burn is not None and cells.water.any():
        reference = burn.reference or ("bank" if recipe.ground.files else "datum")
        level = cut_water(level, cells, burn, reference=reference)
        notes.extend(_burn_notes(cells, grid))
    if sea is not None and recipe.sea is not None and recipe.sea.bed_m is not None:
        level = np.where(sea, np.fmin(level, recipe.sea.bed_m), level)
    if recipe.ground.outside == "drop":
        kept = _within(inside, recipe.ground.outside_margin_m, grid)
        level, land = np.where(kept, level, np.nan), np.where(kept, land, np.nan)
        notes.append(note("no_water_outside", margin=recipe.ground.outside_margin_m))
    _check_roads(level, site, recipe)
    variables: dict[str, NDArray[Any]] = {
        "ground_level": level,
        "land_level": land,
        "water": cells.water,
        "inside": inside.astype(np.int8),
    }
    told = {
        "ground_level": ground.provenance,
        "land_level": ground.provenance,
        "water": _derived(_water_source(cells, sea)),
        "inside": _derived(
            "the city's boundary, by cell" if site.layer("boundary") is not None else "the extent"
        ),
    }
    variables["manning"], told["manning"] = roughness(recipe.roughness, cells=cells, site=site)
    if recipe.imperviousness is not None:
        variables["imperviousness"], told["imperviousness"] = imperviousness(
            recipe.imperviousness, site=site
        )
    if recipe.population is not None:
        variables["population"], told["population"], sentence = population(
            recipe.population,
            land=(cells.water == WATER_LAND) & np.isfinite(level),
            inside=inside,
            site=site,
        )
        notes.append(sentence)
    dataset = _dataset(variables, grid, crs, told)
    assumed = recipe.ground.assumed
    if assumed is not None:
        dataset["ground_level"].attrs["uncertainty_m"] = assumed.uncertainty_m
    if recipe.sea is not None and recipe.sea.bed_m is not None:
        dataset["ground_level"].attrs["bed_basis"] = str(Basis.ASSUMED)
    if burn is not None and cells.water.any():
        dataset["ground_level"].attrs["bed_basis"] = str(Basis.ASSUMED)
    provenance = {f"terrain/{name}": told[name] for name in sorted(told)}
    return BuiltTerrain(dataset, provenance, tuple(notes), sea)


def _water_source(cells: WaterCells, sea: NDArray[np.bool_] | None) -> str:
    if sea is None:
        return "the city's waters, by cell" if cells.water.any() else "no waters given"
    return "low ground that connects to the rim, and the city's waters, by cell"


def _derived(source: str) -> Provenance:
    return Provenance(source=source, basis=Basis.DERIVED, licence="none", date="none")


def _inside(site: Site) -> NDArray[np.bool_]:
    boundary = site.layer("boundary")
    if boundary is None:
        return np.ones(site.grid.shape, np.bool_)
    inside = cells_inside(boundary.geometry.to_numpy(), site.grid)
    if not inside.any():
        raise CityError(
            "no cell of the grid lies within the boundary",
            where="boundary",
            value={"boundary": tuple(round(float(v)) for v in boundary.total_bounds)},
            remedy="Check the boundary's reference system and the extent of the grid.",
        )
    return inside


def _within(inside: NDArray[np.bool_], margin_m: float, grid: Grid) -> NDArray[np.bool_]:
    """Return the cells inside, and those whose centre is at most *margin_m* from one of them."""
    if margin_m <= 0.0:
        return inside
    far = ndimage.distance_transform_edt(~inside) * grid.cell_size_m
    return np.asarray(far <= margin_m, np.bool_)


def _burn_notes(cells: WaterCells, grid: Grid) -> list[Note]:
    wet = cells.water != WATER_LAND
    narrow = wet & (cells.width_m < grid.cell_size_m)
    notes: list[Note] = [note("depths_assumed")]
    if narrow.any():
        count, total = int(narrow.sum()), int(wet.sum())
        notes.append(note("narrow_water", count=count, total=total, size=grid.cell_size_m))
    return notes


def _check_roads(level: NDArray[np.float64], site: Site, recipe: TerrainRecipe) -> None:
    nodes = site.layer("road_nodes")
    if nodes is None or not recipe.ground.files or recipe.ground.gaps != "error":
        return
    row, column, on_grid = site.grid.locate(nodes.geometry.x, nodes.geometry.y)
    if not on_grid.any():
        return
    share = float(np.isfinite(level[row, column])[on_grid].mean())
    if share < 0.5:
        raise CityError(
            f"the ground has data under only {share:.1%} of the road nodes on the grid",
            where=", ".join(f.file for f in recipe.ground.files),
            remedy="Check crs and nodata of the raster, or set ground.gaps: leave.",
        )


def _dataset(
    variables: Mapping[str, NDArray[Any]],
    grid: Grid,
    crs: str,
    told: Mapping[str, Provenance],
) -> xr.Dataset:
    dataset = xr.Dataset(
        {name: (("y", "x"), np.ascontiguousarray(values)) for name, values in variables.items()},
        coords={"y": grid.y_m, "x": grid.x_m},
        attrs={"cell_size_m": float(grid.cell_size_m), "crs": CRS.from_user_input(crs).to_wkt()},
    )
    for name in variables:
        units, long_name = _LONG_NAMES[name]
        basis = str(told[name].basis if name in told else Basis.DERIVED)
        dataset[name].attrs = {"units": units, "long_name": long_name, "basis": basis}
    for axis, name in (("x", "easting"), ("y", "northing")):
        dataset[axis].attrs = {
            "units": "m",
            "long_name": f"{name} of the cell's centre",
            "standard_name": f"projection_{axis}_coordinate",
        }
    return dataset
