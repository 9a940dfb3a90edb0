"""Bridges as people count them: the ways and carriageways of one crossing, merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from models.grid import Grid

__all__ = ["assume_deck_levels", "bank_levels", "merge_bridges"]

#: Parts of a bridge under one name are nearer than this, m.
SAME_NAME_M: Final = 60.0
#: Parallel carriageways without a name are one bridge if nearer than this, m.
SIDE_BY_SIDE_M: Final = 30.0
#: Cosine of the largest angle between them.
PARALLEL: Final = 0.9
_REACH_CELLS: Final = 2


def merge_bridges(
    roads: gpd.GeoDataFrame, water_areas: gpd.GeoDataFrame, waterways: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, NDArray[np.int64]]:
    """
    Return one row per bridge, and for every road segment the row of its bridge or -1.

    Bridge segments are one bridge where they share a graph node, lie within 60 m under one name,
    or run side by side within 30 m on one layer, parallel, where neither has a name.
    ``over_water`` says whether a water area or centre line is crossed and ``over`` its name;
    ``deck_level_m`` is NaN: nobody mapped it.
    """
    row_of = np.full(len(roads), -1, dtype=np.int64)
    index = np.flatnonzero(roads["is_bridge"].to_numpy(bool))
    parts = roads.iloc[index]
    if not len(parts):
        return _frame([], [], roads.crs), row_of
    label = _components(parts)
    row_of[index] = label
    shapes = parts.geometry.to_numpy()
    water = pd.concat([water_areas[["name", "geometry"]], waterways[["name", "geometry"]]])
    part, crossed = shapely.STRtree(water.geometry.to_numpy()).query(shapes, predicate="intersects")
    rows, lines = [], []
    names = parts["bridge_name"].to_numpy(dtype=object)
    for bridge in range(int(label.max()) + 1):
        mine = np.flatnonzero(label == bridge)
        over = water["name"].to_numpy(dtype=object)[crossed[np.isin(part, mine)]]
        way = int(parts["way_id"].to_numpy()[mine].min())
        rows.append(
            {
                "bridge_id": f"b{way}",
                "name": _most_common(names[mine]),
                "deck_level_m": np.nan,
                "way_id": way,
                "over_water": bool(over.size),
                "over": _most_common(over),
                "length_m": float(shapely.length(shapes[mine]).max()),
                "segments": int(mine.size),
            }
        )
        lines.append(shapely.multilinestrings(list(shapes[mine])))
    return _frame(rows, lines, roads.crs), row_of


def _frame(
    rows: list[dict[str, object]], lines: list[shapely.Geometry], crs: object
) -> gpd.GeoDataFrame:
    columns = {
        "bridge_id": "str",
        "name": "str",
        "deck_level_m": "float64",
        "way_id": "int64",
        "over_water": "bool",
        "over": "str",
        "length_m": "float64",
        "segments": "int64",
    }
    data = {
        name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in columns.items()
    }
    return gpd.GeoDataFrame(data, geometry=np.asarray(lines, dtype=object), crs=crs)


def _most_common(names: NDArray[np.object_]) -> str:
    """Return the most frequent name that is not empty, ties by alphabet; "" if there is none."""
    counts: dict[str, int] = {}
    for name in names:
        if name:
            counts[name] = counts.get(name, 0) + 1
    return min(counts, key=lambda name: (-counts[name], name)) if counts else ""


def _components(parts: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the bridge of each segment, numbered in the order of first appearance."""
    count = len(parts)
    ends = np.concatenate([parts["from_node"].to_numpy(), parts["to_node"].to_numpy()])
    _, node = np.unique(ends, return_inverse=True)
    segment = np.tile(np.arange(count), 2)
    left, right = _side_by_side(parts)
    rows = np.concatenate([segment, left])
    columns = np.concatenate([node + count, right])
    size = count + int(node.max()) + 1
    touch = coo_array((np.ones(rows.size, np.int8), (rows, columns)), shape=(size, size))
    _, component = connected_components(touch, directed=False)
    return np.asarray(pd.factorize(component[:count])[0], dtype=np.int64)


def _side_by_side(parts: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    shapes = parts.geometry.to_numpy()
    ends = shapely.get_coordinates(shapely.get_point(shapes, [[0], [-1]])).reshape(2, -1, 2)
    along = ends[1] - ends[0]
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_NAME_M)
    name, layer = (parts[column].to_numpy() for column in ("bridge_name", "layer"))
    same_name = (name[left] == name[right]) & (name[left] != "")
    parallel = np.abs((along[left] * along[right]).sum(axis=1)) >= PARALLEL
    near = shapely.distance(shapes[left], shapes[right]) <= SIDE_BY_SIDE_M
    unnamed = (name[left] == "") & (name[right] == "") & (layer[left] == layer[right])
    chosen = (same_name | (near & parallel & unnamed)) & (left < right)
    return left[chosen].astype(np.int64), right[chosen].astype(np.int64)


def assume_deck_levels(
    bridges: gpd.GeoDataFrame,
    bank_level_m: NDArray[np.float64],
    *,
    clearance_m: float,
) -> gpd.GeoDataFrame:
    """
    Fill in missing deck levels: the highest ground at the ends of the bridge plus a clearance.

    Parameters
    ----------
    bridges
        As :func:`merge_bridges` returns them; a deck level that is known stays.
    bank_level_m
        Highest ground beside each bridge, m, shape (n,); NaN where there is no terrain.
    clearance_m
        Assumed height of the deck above it, m.
    """
    known = bridges["deck_level_m"].to_numpy(float)
    level = np.where(np.isnan(known), bank_level_m + clearance_m, known)
    return bridges.assign(deck_level_m=level)


def bank_levels(bridges: gpd.GeoDataFrame, terrain: xr.Dataset, grid: Grid) -> NDArray[np.float64]:
    """
    Return the highest land within two cells of the ends of each bridge, m, shape (n,).

    NaN where there is no ground. The land is that before water was cut in, where the terrain
    knows it (``land_level``).
    """
    name = "land_level" if "land_level" in terrain else "ground_level"
    land = terrain[name].to_numpy()
    parts, owner = shapely.get_parts(bridges.geometry.to_numpy(), return_index=True)
    ends = shapely.get_coordinates(
        np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    )
    row, column, inside = grid.locate(ends[:, 0], ends[:, 1])
    around = np.arange(-_REACH_CELLS, _REACH_CELLS + 1)
    rows = np.clip(row[:, None, None] + around[None, :, None], 0, grid.rows - 1)
    columns = np.clip(column[:, None, None] + around[None, None, :], 0, grid.columns - 1)
    near = np.where(inside[:, None, None], land[rows, columns], np.nan)
    highest = np.fmax.reduce(near.reshape(inside.size, -1), axis=1)
    level = np.full(len(bridges), np.nan)
    np.fmax.at(level, np.tile(owner, 2), highest)
    return level
