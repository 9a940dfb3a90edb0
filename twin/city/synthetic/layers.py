"""The layers of the city, as every other part of the project reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from twin.city.synthetic.frame import CRS, stream
from twin.city.synthetic.network import RANK, end_nodes
from twin.city.synthetic.streets import MODERN, OLD, QUARTERS
from twin.city.synthetic.waters import ORDER_DITCH, ORDER_RIVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.grid import Grid
    from twin.city.synthetic.buildings import Buildings
    from twin.city.synthetic.frame import Floats, Frame, Geometries
    from twin.city.synthetic.network import Edges
    from twin.city.synthetic.streets import Streets
    from twin.city.synthetic.waters import Waters

__all__ = ["building_layer", "land_use_layer", "road_layers", "water_layers"]

type Ints = NDArray[np.int64]

# By class as in ``RANK``.
_SPEED_KM_H = np.array([60.0, 50.0, 50.0, 40.0, 40.0, 30.0, 20.0, 15.0])
_LANES = np.array([6.0, 4.0, 4.0, 2.0, 2.0, 2.0, 1.0, 1.0])
_ONE_WAY_SHARE = {OLD: 0.10, MODERN: 0.08}


def _one_way(tail: Ints, head: Ints, nodes: int, wish: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which wished one-way segments leave the whole network reachable both ways."""
    one = wish.copy()
    for _ in range(60):
        start = np.concatenate([tail, head[~one]])
        end = np.concatenate([head, tail[~one]])
        matrix = coo_array((np.ones(start.size, np.int8), (start, end)), shape=(nodes, nodes))
        parts, label = connected_components(matrix, directed=True, connection="strong")
        if parts == 1:
            return one
        main = int(np.argmax(np.bincount(label)))
        cut_off = one & ((label[tail] != main) | (label[head] != main))
        if not cut_off.any():
            return one
        one &= ~cut_off
    return np.zeros_like(one)


def road_layers(  # noqa: PLR0917 - a step of the synthesis, called once, with what the steps before it made
    frame: Frame, edges: Edges, quarter: Ints, names: NDArray[np.object_], grid: Grid,
    ground_m: Floats, waters: Waters, water_names: list[str],
) -> dict[str, gpd.GeoDataFrame]:  # fmt: skip
    """Return ``roads``, ``road_nodes`` and ``bridges``."""
    rng = stream(frame.seed, "roads")
    tail, head, nodes = end_nodes(edges.lines)
    is_bridge = edges.water >= 0
    label, way = np.unique(edges.chain, return_inverse=True)
    share = np.array([_ONE_WAY_SHARE.get(k, 0.0) for k in range(len(QUARTERS))])
    wish = rng.random(len(label))[way] < share[quarter]
    wish &= np.isin(edges.road_class, (RANK.index("residential"), RANK.index("tertiary")))
    wish &= (edges.chain >= 0) & ~is_bridge
    one = _one_way(tail, head, len(nodes), wish)
    direction = np.where(one, "forward", "both")
    deck = np.full(len(tail), np.nan)
    deck[is_bridge] = _deck_m(edges.take(is_bridge), nodes, tail[is_bridge], head[is_bridge],
                              grid, ground_m, waters)  # fmt: skip
    roads = gpd.GeoDataFrame(
        {
            "segment_id": np.arange(len(tail)),
            "from_node": tail,
            "to_node": head,
            "direction": direction,
            "road_class": np.array(RANK)[edges.road_class],
            "name": names,
            "way_id": way.astype(np.int64),
            "lanes": _LANES[edges.road_class],
            "max_speed_km_h": _SPEED_KM_H[edges.road_class],
            "is_bridge": is_bridge,
            "is_tunnel": np.zeros(len(tail), bool),
            "layer": is_bridge.astype(np.int64),
            "access": np.full(len(tail), "yes"),
            "deck_level_m": deck,
        },
        geometry=edges.lines,
        crs=CRS,
    )
    over = [water_names[k] for k in edges.water[is_bridge]]
    seen: dict[str, int] = {}
    titles = []
    for water in over:
        seen[water] = seen.get(water, 0) + 1
        titles.append(f"Cầu {water} - {seen[water]}")
    built = np.flatnonzero(is_bridge)
    bridges = gpd.GeoDataFrame(
        {
            "bridge_id": [f"bridge-{k + 1}" for k in range(built.size)],
            "name": titles,
            "deck_level_m": deck[built],
            "way_id": way[built].astype(np.int64),
            "segment_id": built,
            "over": over,
        },
        geometry=edges.lines[built],
        crs=CRS,
    )
    points = gpd.GeoDataFrame(
        {"node_id": np.arange(len(nodes))}, geometry=shapely.points(nodes), crs=CRS
    )
    return {"roads": roads, "road_nodes": points, "bridges": bridges}


def _deck_m(  # noqa: PLR0917 - a step of the synthesis, called once, with what the steps before it made
    bridges: Edges, nodes: Floats, tail: Ints, head: Ints, grid: Grid, ground_m: Floats,
    waters: Waters,
) -> Floats:  # fmt: skip
    """Return the level of the decks: clearance for boats on wide canals, and above the banks."""
    width_m = np.asarray(waters.width_m)[bridges.water]
    wide_road = bridges.road_class <= RANK.index("secondary")
    level = np.where(wide_road, np.clip(2.8 + 0.02 * width_m, 3.0, 6.0), 2.2 + 0.008 * width_m)
    for node in (tail, head):
        row, column, _ = grid.locate(nodes[node, 0], nodes[node, 1])
        level = np.maximum(level, np.nan_to_num(ground_m[row, column]) + 0.3)
    return np.asarray(np.round(level, 2), float)


def water_layers(
    waters: Waters, areas: Geometries, names: list[str], grid: Grid
) -> dict[str, gpd.GeoDataFrame]:
    """Return ``water_areas`` and ``waterways``, cut to the grid."""
    order = np.asarray(waters.order)
    width_m = np.round(np.asarray(waters.width_m), 1)
    box = shapely.box(*grid.bounds)
    lines = np.array([shapely.LineString(line) for line in waters.lines], dtype=object)
    river = order == ORDER_RIVER
    return {
        "water_areas": gpd.GeoDataFrame(
            {
                "kind": np.where(river, "river", "canal"),
                "name": names,
                "width_m": width_m,
                "tidal": np.ones(order.size, bool),
            },
            geometry=shapely.intersection(areas, box),
            crs=CRS,
        ),
        "waterways": gpd.GeoDataFrame(
            {
                "kind": np.select([river, order == ORDER_DITCH], ["river", "drain"], "canal"),
                "name": names,
                "width_m": width_m,
            },
            geometry=shapely.intersection(lines, box),
            crs=CRS,
        ),
    }


def building_layer(buildings: Buildings) -> gpd.GeoDataFrame:
    """Return ``buildings``, with residents and the counts of firms."""
    count = len(buildings.shape)
    names = np.full(count, "", dtype=object)
    towers = np.flatnonzero(buildings.kind == "apartments")
    names[towers] = [f"Chung cư số {k + 1}" for k in range(towers.size)]
    return gpd.GeoDataFrame(
        {
            "building_id": np.arange(count),
            "kind": buildings.kind,
            "name": names,
            "levels": buildings.levels,
            "residents": buildings.residents.astype(float),
            "household_businesses": buildings.household_businesses,
            "enterprises": buildings.enterprises,
        },
        geometry=buildings.shape,
        crs=CRS,
    )


def land_use_layer(streets: Streets, parks: Geometries, port: Geometries) -> gpd.GeoDataFrame:
    """Return ``land_use``: the quarters, and over them the parks and the port."""
    kinds = [QUARTERS[k] for k in streets.quarter]
    kinds += ["park"] * len(parks) + ["port"] * len(port)
    return gpd.GeoDataFrame(
        {"kind": kinds, "name": [""] * len(kinds)},
        geometry=np.concatenate([streets.superblocks, parks, port]),
        crs=CRS,
    )
