"""Whether the road network hangs together, and facilities can reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from twin.city.finding import CheckLimits, Finding, Found, Severity, places

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from twin.city.city import City

__all__ = ["check_network", "largest_part"]


def check_network(city: City, limits: CheckLimits) -> Found:
    """Check connection, and the distance from facilities and hydrants to the network."""
    roads, nodes = city.layer("roads"), city.layer("road_nodes")
    if not len(roads) or not len(nodes):
        return [], {"roads": "the city has no roads"}
    found: list[Finding] = []
    unknown = ~np.isin(roads[["from_node", "to_node"]].to_numpy(), nodes["node_id"]).all(axis=1)
    if unknown.any():
        found.append(
            Finding(
                kind="roads_without_nodes",
                severity="error",
                count=int(unknown.sum()),
                message={
                    "vi": f"{unknown.sum()} đoạn đường nối tới nút không tồn tại.",
                    "en": f"{unknown.sum()} road segments name nodes that do not exist.",
                },
                places=places(city.crs, roads.geometry.to_numpy()[unknown]),
            )
        )
        roads = roads[~unknown]
    part = largest_part(roads, nodes)
    found.extend(_connection(city, nodes, part, limits))
    for layer, identifier in (("facilities", "facility_id"), ("hydrants", "hydrant_id")):
        if len(city.layer(layer)):
            found.extend(_distances(city, layer, identifier, nodes=nodes, part=part, limits=limits))
    return found, {}


def largest_part(roads: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which nodes belong to the largest strongly connected part of the network."""
    identifiers = nodes["node_id"].to_numpy(np.int64)
    order = np.argsort(identifiers, kind="stable")
    at = [
        order[np.searchsorted(identifiers, roads[end].to_numpy(np.int64), sorter=order)]
        for end in ("from_node", "to_node")
    ]
    direction = roads["direction"].astype(str).to_numpy()
    ahead, back = direction != "backward", direction != "forward"
    tail = np.concatenate([at[0][ahead], at[1][back]])
    head = np.concatenate([at[1][ahead], at[0][back]])
    size = identifiers.size
    graph = coo_array((np.ones(tail.size, np.int8), (tail, head)), shape=(size, size)).tocsr()
    _, label = connected_components(graph, directed=True, connection="strong")
    counts = np.bincount(label)
    return np.asarray(label == counts.argmax())


def _connection(
    city: City, nodes: gpd.GeoDataFrame, part: NDArray[np.bool_], limits: CheckLimits
) -> list[Finding]:
    share = float(part.mean())
    if share == 1.0:
        return []
    severity: Severity = "warning" if share > 0.5 else "error"
    if share >= limits.connected_share:
        severity = "info"
    return [
        Finding(
            kind="roads_not_connected",
            severity=severity,
            count=int((~part).sum()),
            value=share,
            message={
                "vi": f"Phần liên thông mạnh lớn nhất chứa {share:.1%} nút đường; "
                f"{(~part).sum()} nút nằm ngoài.",
                "en": f"The largest strongly connected part holds {share:.1%} of the road nodes; "
                f"{(~part).sum()} are outside it.",
            },
            places=places(
                city.crs,
                nodes.geometry.to_numpy()[~part],
                node_id=nodes["node_id"].to_numpy(np.int64)[~part],
            ),
        )
    ]


def _distances(
    city: City,
    layer: str,
    identifier: str,
    *,
    nodes: gpd.GeoDataFrame,
    part: NDArray[np.bool_],
    limits: CheckLimits,
) -> list[Finding]:
    frame = city.layer(layer)
    node_xy = shapely.get_coordinates(nodes.geometry.to_numpy())
    place = shapely.point_on_surface(frame.geometry.to_numpy())
    xy = shapely.get_coordinates(place)
    _, any_node = cKDTree(node_xy).query(xy)
    distance = np.asarray(cKDTree(node_xy[part]).query(xy)[0])
    names = frame["name"].astype(str).to_numpy() if "name" in frame else np.full(len(frame), "")
    ids = frame[identifier].astype(str).to_numpy()
    found = []
    far = distance > limits.snap_distance_m
    if far.any():
        worst = float(distance.max())
        found.append(
            Finding(
                kind=f"{layer}_off_network",
                severity="warning",
                count=int(far.sum()),
                value=worst,
                message={
                    "vi": f"{far.sum()} đối tượng của {layer} cách mạng đường hơn "
                    f"{limits.snap_distance_m:g} m (xa nhất {worst:.0f} m); xe được đặt ở nút gần "
                    "nhất.",
                    "en": f"{far.sum()} of {layer} are more than {limits.snap_distance_m:g} m from "
                    f"a junction of the network (farthest {worst:.0f} m); vehicles start at the "
                    "nearest one.",
                },
                places=places(
                    city.crs,
                    place[far],
                    detail=names[far],
                    id=ids[far],
                    distance_m=distance[far].round(1),
                ),
            )
        )
    isolated = ~part[any_node] & ~far
    if isolated.any():
        found.append(
            Finding(
                kind=f"{layer}_isolated",
                severity="warning",
                count=int(isolated.sum()),
                message={
                    "vi": f"{isolated.sum()} đối tượng của {layer} nằm cạnh đường không nối với "
                    "mạng chính; xe được đặt ở nút gần nhất của mạng chính.",
                    "en": f"{isolated.sum()} of {layer} lie at roads that are cut off from the "
                    "main network; vehicles start at its nearest node.",
                },
                places=places(
                    city.crs,
                    place[isolated],
                    detail=names[isolated],
                    id=ids[isolated],
                    distance_m=distance[isolated].round(1),
                ),
            )
        )
    return found
