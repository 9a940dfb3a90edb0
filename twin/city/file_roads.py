"""A road graph from plain lines: a vector file that knows no nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from models.errors import CityError
from models.roads.classes import ROAD_CLASSES
from twin.city.osm_layers import RoadLayers
from twin.city.topology import shared_vertices, split_at_shared_nodes

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["roads_of_file"]

_CHOICES = {"road_class": ROAD_CLASSES, "direction": ("both", "forward", "backward")}


def roads_of_file(
    frame: gpd.GeoDataFrame, *, box: shapely.Geometry | None, first_node: int, path: Path
) -> RoadLayers:
    """
    Return the graph of *frame*: lines are joined where they share a vertex to 5 cm.

    Parameters
    ----------
    frame
        Lines with the columns of roads, in metres.
    box
        The extent; whole segments that touch it are kept. None for everything.
    first_node
        The nodes are numbered downwards from here, so that they meet no identifier of a map.
    path
        The file, for errors.

    Raises
    ------
    CityError
        If a class of road or a direction is not known, with the feature.
    """
    for column, known in _CHOICES.items():
        values = frame[column].to_numpy()
        wrong = ~np.isin(values.astype(str), known)
        if wrong.any():
            row = int(np.argmax(wrong))
            raise CityError(
                f"this {column} is not known",
                where=f"{path}, feature {row + 1}",
                value=str(values[row]),
                remedy=f"Use one of {', '.join(known)}.",
            )
    lines = shapely.remove_repeated_points(frame.geometry.to_numpy(), 0.05)
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    x, y = np.ascontiguousarray(coordinates[:, 0]), np.ascontiguousarray(coordinates[:, 1])
    first = np.searchsorted(owner, np.arange(len(frame) + 1)).astype(np.int64)
    ref = shared_vertices(x, y)
    segments = split_at_shared_nodes(first, ref)
    shapes = segments.lines(x, y)
    if box is not None:
        touching = np.asarray(shapely.intersects(shapes, box), dtype=np.bool_)
        segments, shapes = segments.take(touching), shapes[touching]
    columns = frame.drop(columns="geometry").iloc[segments.line].reset_index(drop=True)
    roads = gpd.GeoDataFrame(columns, geometry=shapes, crs=frame.crs).assign(
        segment_id=np.arange(len(segments), dtype=np.int64),
        from_node=first_node - segments.from_node,
        to_node=first_node - segments.to_node,
        way_id=-1 - segments.line,
        bridge_name=columns["name"],
    )
    ends = np.concatenate([segments.from_node, segments.to_node])
    position = np.concatenate([segments.first, segments.last])
    node, at = np.unique(ends, return_index=True)
    place = position[at]
    nodes = gpd.GeoDataFrame(
        {"node_id": first_node - node}, geometry=shapely.points(x[place], y[place]), crs=frame.crs
    )
    return RoadLayers(roads=roads, nodes=nodes)
