"""
Canals and rivers cut into the ground, from areas and centre lines.

Water is cut last, after roads and banks were raised: an embankment crosses water only as a
bridge, so a culvert or a bridge that the map lacks cannot dam a canal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from twin.city.city import WATER_CANAL, WATER_LAND, WATER_RIVER
from twin.city.coverage import (
    cells_along,
    cells_inside,
    conducting_cells,
    index_of_shape,
    strip_width_m,
)

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from models.grid import Grid
    from twin.city.terrain_recipe import BurnRecipe, TidalRiverRecipe

__all__ = ["WaterCells", "bed_level_m", "cut_water", "land_beside", "water_cells"]

_DEEP_KINDS = ("river", "sea")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterCells:
    """
    Where there is water on the grid; arrays of the shape of the grid.

    Parameters
    ----------
    water
        0 land, 1 canal or pond, 2 tidal river or sea.
    width_m
        Width of the water at each water cell, m, NaN on land.
    deep
        Whether the bed follows the table of rivers.
    connecting
        Cells of areas that are there for connection alone.
    lines
        Cells that only a centre line made water.
    """

    water: NDArray[np.int8]
    width_m: NDArray[np.float64]
    deep: NDArray[np.bool_]
    connecting: NDArray[np.bool_]
    lines: NDArray[np.bool_]


def water_cells(
    *,
    areas: GeoDataFrame | None,
    lines: GeoDataFrame | None,
    grid: Grid,
    burn: BurnRecipe,
    tidal: TidalRiverRecipe,
) -> WaterCells:
    """Return which cells are water, of which kind, and how wide the water is there."""
    width = np.full(grid.shape, np.nan)
    deep = np.zeros(grid.shape, np.bool_)
    connecting = np.zeros(grid.shape, np.bool_)
    wet = np.zeros(grid.shape, np.bool_)
    river = np.zeros(grid.shape, np.bool_)
    if burn.areas and areas is not None and len(areas):
        chosen = areas[~areas["kind"].isin(burn.skip_kinds)]
        # The widest is drawn last, and so wins where areas overlap.
        across = _known_width(chosen, burn)
        order = np.argsort(across, kind="stable")
        chosen, across = chosen.iloc[order], across[order]
        shapes = chosen.geometry.to_numpy()
        wet, connecting = conducting_cells(shapes, grid)
        number = index_of_shape(shapes, grid, all_touched=True)
        centre = index_of_shape(shapes, grid, all_touched=False)
        number = np.where(centre >= 0, centre, number)
        width[wet] = across[number[wet]]
        deep[wet] = chosen["kind"].isin(_DEEP_KINDS).to_numpy()[number[wet]]
        river, arm = _tidal_river(chosen, across, grid, tidal)
        river &= wet
        width = np.where(wet & np.isfinite(arm), arm, width)
        # Cells that only connect are narrow there, whatever the area is elsewhere.
        width[connecting] = np.minimum(width[connecting], grid.cell_size_m)
        deep &= np.isnan(arm) & ~connecting
    by_line = np.zeros(grid.shape, np.bool_)
    if burn.lines and lines is not None and len(lines):
        chosen = lines[~lines["kind"].isin(burn.skip_kinds)]
        across = _known_width(chosen, burn)
        wide = across >= burn.minimum_width_m
        run = cells_along(chosen.geometry.to_numpy()[wide], grid)
        dry = ~wet[run.row, run.column]
        row, column, line = run.row[dry], run.column[dry], run.line[dry]
        by_line[row, column] = True
        widest = np.zeros(grid.shape)
        np.maximum.at(widest, (row, column), across[wide][line])
        width[by_line] = widest[by_line]
        is_river = chosen["kind"].isin(_DEEP_KINDS).to_numpy()[wide][line]
        deep[row[is_river], column[is_river]] = True
    water = np.full(grid.shape, WATER_LAND, np.int8)
    water[wet | by_line] = WATER_CANAL
    water[river] = WATER_RIVER
    return WaterCells(water=water, width_m=width, deep=deep, connecting=connecting, lines=by_line)


def _known_width(frame: GeoDataFrame, burn: BurnRecipe) -> NDArray[np.float64]:
    """Return the width of each row, m: as told, else of the area, else the default by kind."""
    width = frame["width_m"].to_numpy(np.float64, na_value=np.nan)
    shapes = frame.geometry.to_numpy()
    areal = frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    width = np.where(np.isnan(width) & areal, strip_width_m(shapes), width)
    default = frame["kind"].map(burn.widths_m).to_numpy(np.float64, na_value=np.nan)
    width = np.where(np.isnan(width), default, width)
    return np.where(np.isnan(width), burn.widths_m.get("stream", 6.0), width)


def _tidal_river(
    areas: GeoDataFrame, width: NDArray[np.float64], grid: Grid, tidal: TidalRiverRecipe
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return the cells of tidal river, and the width of side arms too narrow to be part of it."""
    kind = areas["kind"].astype(str)
    told = (
        areas["tidal"].fillna(value=False).astype(bool).to_numpy()
        if "tidal" in areas
        else np.zeros(len(areas), np.bool_)
    )
    sure = told | ((kind == "sea") & ("sea" in tidal.kinds)).to_numpy()
    wide = kind.isin(tidal.kinds).to_numpy() & (width >= tidal.minimum_width_m)
    shapes = areas.geometry.to_numpy()
    certain = cells_inside(shapes[sure], grid)
    found = certain | cells_inside(shapes[wide], grid)
    arm = _side_arms(found, grid, reach_m=tidal.minimum_width_m / 4.0)
    arm[certain] = np.nan
    found &= np.isnan(arm)
    if tidal.reach_edge:
        # Over corners too: a cell that the bank cuts off is still the same river.
        label, count = ndimage.label(found, structure=np.ones((3, 3), np.bool_))
        rim = np.concatenate([label[0], label[-1], label[:, 0], label[:, -1], label[certain]])
        reached = np.isin(label, np.unique(rim[rim > 0]))
        # What is too small for a river by itself is a puddle behind its bank, and as narrow.
        cells = np.append(0, ndimage.sum_labels(found, label, np.arange(1, count + 1)))
        puddle = found & ~reached & (cells[label] * grid.cell_size_m**2 < tidal.minimum_width_m**2)
        arm[puddle] = 2.0 * ndimage.distance_transform_edt(found)[puddle] * grid.cell_size_m
        found = reached
    return found, arm


def _side_arms(river: NDArray[np.bool_], grid: Grid, *, reach_m: float) -> NDArray[np.float64]:
    """
    Return the width, m, of arms of a river narrower than ``2 * reach_m``, NaN elsewhere.

    A morphological opening by a disk; what it takes off within ``2 * reach_m`` of the wide river
    is the roughness of the banks, not an arm.
    """
    arm = np.full(grid.shape, np.nan)
    size = grid.cell_size_m
    if not river.any() or reach_m < size:
        return arm
    pad = int(reach_m / size) + 2
    whole = np.pad(river, pad, mode="edge")
    to_land = ndimage.distance_transform_edt(whole) * size
    core = to_land > reach_m
    if not core.any():
        return arm
    to_core = ndimage.distance_transform_edt(~core) * size
    label, count = ndimage.label(whole & (to_core > reach_m))
    if count == 0:
        return arm
    reach = np.append(0.0, ndimage.maximum(to_core, label, np.arange(1, count + 1)))
    is_arm = (reach[label] > 3.0 * reach_m) & (label > 0)
    half = ndimage.maximum_filter(np.where(is_arm, to_land, 0.0), size=2 * pad + 1)
    within = (slice(pad, -pad), slice(pad, -pad))
    arm[is_arm[within]] = 2.0 * half[within][is_arm[within]]
    return arm


def bed_level_m(cells: WaterCells, burn: BurnRecipe) -> NDArray[np.float64]:
    """Return the bed by width of the water, m above the reference, NaN on land."""
    canal, river = np.array(burn.canal_bed_m), np.array(burn.river_bed_m)
    bed = np.where(
        cells.deep,
        np.interp(cells.width_m, river[:, 0], river[:, 1]),
        np.interp(cells.width_m, canal[:, 0], canal[:, 1]),
    )
    return np.where(cells.water == WATER_LAND, np.nan, bed)


def land_beside(level_m: NDArray[np.float64], water: NDArray[np.int8]) -> NDArray[np.float64]:
    """
    Return, at water cells, the level of the nearest land, smoothed along the water.

    Cells on land keep their own level; where there is no land at all, the array is unchanged.
    """
    land = (water == WATER_LAND) & np.isfinite(level_m)
    if not land.any():
        return level_m.copy()
    nearest = ndimage.distance_transform_edt(~land, return_distances=False, return_indices=True)
    beside = level_m[tuple(nearest)]
    wet = water != WATER_LAND
    weight = ndimage.uniform_filter(wet.astype(np.float64), 5, mode="constant")
    total = ndimage.uniform_filter(np.where(wet, beside, 0.0), 5, mode="constant")
    return np.where(wet, total / np.maximum(weight, 1.0 / 25.0), level_m)


def cut_water(
    level_m: NDArray[np.float64],
    cells: WaterCells,
    burn: BurnRecipe,
    *,
    reference: str,
) -> NDArray[np.float64]:
    """
    Return the ground with water cut in; a bed that lies deeper already is kept.

    Parameters
    ----------
    level_m
        Ground, m, NaN where there is no data. Water cells without data get the bed.
    cells
        From :func:`water_cells`.
    burn
        The tables.
    reference
        ``datum`` or ``bank``.
    """
    bed = bed_level_m(cells, burn)
    if reference == "bank":
        bed = bed + land_beside(level_m, cells.water)
    return np.where(np.isnan(bed), level_m, np.fmin(bed, level_m))
