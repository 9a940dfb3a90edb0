"""From the layers ``roads`` and ``road_nodes`` of a city to the arrays that routing works on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from models.errors import CityError, InvalidQuantityError
from models.roads import DIRECTIONS, ROAD_CLASSES, EdgeGeometry, build_graph

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from models.roads import RoadGraph
    from twin.city.city import City

__all__ = ["edge_geometry", "road_graph"]

_REBUILD = "Build the city again, or correct the layer."


def road_graph(city: City, *, against_one_way: bool = False) -> RoadGraph:
    """
    Build the road graph of a city.

    Nodes come in an order that keeps neighbours together in memory, not in that of the layer:
    look them up through ``node_id``. ``RoadGraph.segment`` is the row in the layer ``roads``.

    Parameters
    ----------
    against_one_way
        Also make edges against one-way streets, for vehicles that may ignore them.

    Raises
    ------
    CityError
        Naming layer and row: no roads, an end that is not among the nodes, an empty or broken
        line, or a direction, class, speed or length that is not possible.
    """
    roads, nodes = city.layer("roads"), city.layer("road_nodes")
    place = f"city {city.name}: layer roads"
    if not len(roads) or not len(nodes):
        raise CityError(
            "the city has no roads",
            where=place,
            remedy="Add the layers roads and road_nodes to its recipe.",
        )
    ids, x, y = _nodes(nodes, f"city {city.name}: layer road_nodes")
    tail, head = (_integers(roads, name, place) for name in ("from_node", "to_node"))
    for name, ends in (("from_node", tail), ("to_node", head)):
        _refuse(~np.isin(ends, ids), f"{name} is not among the road nodes", place, ends)
    for name, known in (("direction", DIRECTIONS), ("road_class", ROAD_CLASSES)):
        values = roads[name].to_numpy()
        remedy = f"Choose from {', '.join(known)}."
        _refuse(~roads[name].isin(known).to_numpy(), f"{name} is not known", place, values, remedy)
    _check_lines(roads, place)
    order = _neighbours_together(x, y)
    try:
        return build_graph(
            node_id=ids[order],
            node_x_m=x[order],
            node_y_m=y[order],
            from_node=tail,
            to_node=head,
            direction=roads["direction"].tolist(),
            road_class=roads["road_class"].tolist(),
            length_m=shapely.length(np.asarray(roads.geometry.values)),
            max_speed_km_h=_floats(roads, "max_speed_km_h", place),
            lanes=_floats(roads, "lanes", place),
            is_bridge=_booleans(roads, "is_bridge"),
            is_tunnel=_booleans(roads, "is_tunnel"),
            deck_level_m=_floats(roads, "deck_level_m", place),
            access=roads["access"].astype("object").where(roads["access"].notna(), "").tolist(),
            against_one_way=against_one_way,
        )
    except InvalidQuantityError as error:
        raise CityError(
            error.what, where=f"{place}: {error.where}", value=error.value, remedy=error.remedy
        ) from error


def edge_geometry(city: City, graph: RoadGraph) -> EdgeGeometry:
    """
    Return the line of every edge, drawn in the direction of the edge.

    Raises
    ------
    CityError
        If the graph is not one of this city's roads.
    """
    lines = np.asarray(city.layer("roads").geometry.values)
    if graph.segment.size and int(graph.segment.max()) >= lines.size:
        raise CityError(
            "the graph belongs to another city",
            where=f"city {city.name}: layer roads",
            value=int(graph.segment.max()),
        )
    xy, row = shapely.get_coordinates(lines, return_index=True)
    points = np.bincount(row, minlength=lines.size)
    start = np.concatenate([[0], np.cumsum(points)[:-1]])
    count = points[graph.segment]
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    within = np.arange(first[-1]) - np.repeat(first[:-1], count)
    along = np.repeat(graph.is_along, count)
    last = np.repeat(count - 1, count)
    source = np.repeat(start[graph.segment], count) + np.where(along, within, last - within)
    return EdgeGeometry(
        first, np.ascontiguousarray(xy[source, 0]), np.ascontiguousarray(xy[source, 1])
    )


def _nodes(
    nodes: gpd.GeoDataFrame, place: str
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return identifier and position of every node."""
    ids = _integers(nodes, "node_id", place)
    points = np.asarray(nodes.geometry.values)
    missing = (shapely.get_type_id(points) != shapely.GeometryType.POINT) | shapely.is_empty(points)
    _refuse(missing, "a node has no position", place, ids)
    x, y = shapely.get_x(points), shapely.get_y(points)
    _refuse(~(np.isfinite(x) & np.isfinite(y)), "a node has no finite position", place, ids)
    return ids, x, y


def _check_lines(roads: gpd.GeoDataFrame, place: str) -> None:
    lines = np.asarray(roads.geometry.values)
    segments = roads["segment_id"].to_numpy()
    kind = shapely.get_type_id(lines)
    _refuse(kind != shapely.GeometryType.LINESTRING, "a road is not a line", place, segments)
    _refuse(shapely.is_empty(lines), "a road has no geometry", place, segments)
    xy, row = shapely.get_coordinates(lines, return_index=True)
    broken = np.zeros(lines.size, np.bool_)
    broken[row[~np.isfinite(xy).all(axis=1)]] = True
    _refuse(broken, "a road has a coordinate that is not finite", place, segments)


def _neighbours_together(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the order of points along a Z-order curve (Morton 1966) over their extent."""
    span = max(float(np.ptp(x)), float(np.ptp(y)), 1e-9)
    code = np.zeros(x.size, np.int64)
    for shift, values in ((0, x), (1, y)):
        grade = ((values - values.min()) / span * 65535.0).astype(np.int64)
        for bit in range(16):
            code |= ((grade >> bit) & 1) << (2 * bit + shift)
    return np.argsort(code, kind="stable").astype(np.int64)


def _refuse(
    bad: NDArray[np.bool_],
    what: str,
    place: str,
    values: NDArray[np.generic],
    remedy: str = _REBUILD,
) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        value = values[row]
        shown = value.item() if isinstance(value, np.generic) else value
        raise CityError(what, where=f"{place}, row {row}", value=shown, remedy=remedy)


def _integers(frame: gpd.GeoDataFrame, name: str, place: str) -> NDArray[np.int64]:
    numbers = pd.to_numeric(frame[name], errors="coerce")
    whole = numbers.notna() & (numbers % 1 == 0)
    _refuse(~whole.to_numpy(bool), f"{name} is not a whole number", place, frame[name].to_numpy())
    return np.asarray(numbers.to_numpy(), np.int64)


def _floats(frame: gpd.GeoDataFrame, name: str, place: str) -> NDArray[np.float64]:
    numbers = pd.to_numeric(frame[name], errors="coerce")
    wrong = (numbers.isna() & frame[name].notna()).to_numpy(bool)
    _refuse(wrong, f"{name} is not a number", place, frame[name].to_numpy())
    return np.asarray(numbers.to_numpy(np.float64, na_value=np.nan), np.float64)


def _booleans(frame: gpd.GeoDataFrame, name: str) -> NDArray[np.bool_]:
    values = frame[name].astype("object").where(frame[name].notna(), other=False)
    return np.asarray(values.astype(bool).to_numpy(), np.bool_)
