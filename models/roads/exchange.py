"""Road graphs to and from networkx, for reading, drawing and the algorithms of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from models.errors import InvalidQuantityError
from models.roads.build import assemble
from models.roads.classes import ACCESS, ROAD_CLASSES, access_code, road_class_code

if TYPE_CHECKING:
    from models.roads.graph import RoadGraph

__all__ = ["from_networkx", "to_networkx"]


def to_networkx(graph: RoadGraph) -> nx.MultiDiGraph[int]:
    """
    Return the graph for networkx.

    Nodes are node identifiers with ``x`` and ``y`` in metres. Edges have the key ``segment`` twice
    the segment's row, plus one against the drawn line, and the attributes of
    :class:`RoadGraph` in words: ``segment``, ``is_along``, ``is_against_one_way``, ``length_m``,
    ``free_speed_m_s``, ``road_class``, ``access``, ``lanes``, ``is_bridge``, ``is_tunnel``,
    ``deck_level_m``.
    """
    result: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    ids = graph.node_id.tolist()
    for node, x, y in zip(ids, graph.x_m.tolist(), graph.y_m.tolist(), strict=True):
        result.add_node(node, x=x, y=y)
    for e in range(graph.n_edges):
        along = bool(graph.is_along[e])
        segment = int(graph.segment[e])
        result.add_edge(
            ids[graph.tail[e]],
            ids[graph.head[e]],
            key=2 * segment + (not along),
            segment=segment,
            is_along=along,
            is_against_one_way=bool(graph.is_against_one_way[e]),
            length_m=float(graph.length_m[e]),
            free_speed_m_s=float(graph.free_speed_m_s[e]),
            road_class=ROAD_CLASSES[graph.road_class[e]],
            access=ACCESS[graph.access[e]],
            lanes=float(graph.lanes[e]),
            is_bridge=bool(graph.is_bridge[e]),
            is_tunnel=bool(graph.is_tunnel[e]),
            deck_level_m=float(graph.deck_level_m[e]),
        )
    return result


def from_networkx(source: nx.MultiDiGraph[int]) -> RoadGraph:
    """
    Return the graph of what :func:`to_networkx` made, or of a graph with its attributes.

    Needed are ``x`` and ``y`` on nodes, and ``length_m``, ``free_speed_m_s`` and ``road_class`` on
    edges. An edge without ``segment`` is a street of its own, with no reverse direction.

    Raises
    ------
    InvalidQuantityError
        If an attribute is missing or not possible, or one direction of a segment is given twice.
    """
    nodes: list[int] = list(source)
    if not nodes or not source.number_of_edges():
        raise InvalidQuantityError("the graph has no nodes or no edges", where="networkx graph")
    position = {node: row for row, node in enumerate(nodes)}
    edges = list(source.edges(data=True))
    following = max((int(d["segment"]) for *_, d in edges if "segment" in d), default=-1) + 1
    rows = [
        _row(position[tail], position[head], data, f"networkx edge ({tail}, {head})", following + k)
        for k, (tail, head, data) in enumerate(edges)
    ]
    columns = {name: np.array([row[name] for row in rows], kind) for name, kind in _KINDS.items()}
    street = np.column_stack([columns["segment"], columns["is_along"]])
    if len(np.unique(street, axis=0)) != len(rows):
        raise InvalidQuantityError(
            "one direction of a segment is given twice", where="networkx graph"
        )
    return assemble(
        node_id=np.array(nodes, np.int64),
        x_m=np.array([_number(source.nodes[n], "x", f"networkx node {n}") for n in nodes]),
        y_m=np.array([_number(source.nodes[n], "y", f"networkx node {n}") for n in nodes]),
        **columns,
    )


_KINDS: dict[str, type[np.generic]] = {
    "tail": np.int64,
    "head": np.int64,
    "segment": np.int64,
    "is_along": np.bool_,
    "is_against_one_way": np.bool_,
    "length_m": np.float64,
    "free_speed_m_s": np.float64,
    "road_class": np.int16,
    "access": np.int8,
    "lanes": np.float64,
    "is_bridge": np.bool_,
    "is_tunnel": np.bool_,
    "deck_level_m": np.float64,
}


def _row(tail: int, head: int, data: dict[str, Any], where: str, own: int) -> dict[str, Any]:
    code = road_class_code(str(data.get("road_class")))
    if code < 0:
        raise InvalidQuantityError(
            "road_class is missing or not known", where=where, value=data.get("road_class")
        )
    length, speed = _number(data, "length_m", where), _number(data, "free_speed_m_s", where)
    if length < 0.0 or speed <= 0.0:
        raise InvalidQuantityError(
            "length_m must not be negative, free_speed_m_s must be positive",
            where=where,
            value=(length, speed),
        )
    return {
        "tail": tail,
        "head": head,
        "segment": int(data.get("segment", own)),
        "is_along": bool(data.get("is_along", True)),
        "is_against_one_way": bool(data.get("is_against_one_way", False)),
        "length_m": length,
        "free_speed_m_s": speed,
        "road_class": code,
        "access": access_code(str(data.get("access", "yes"))),
        "lanes": float(data.get("lanes", np.nan)),
        "is_bridge": bool(data.get("is_bridge", False)),
        "is_tunnel": bool(data.get("is_tunnel", False)),
        "deck_level_m": float(data.get("deck_level_m", np.nan)),
    }


def _number(data: dict[str, Any], name: str, where: str) -> float:
    value = data.get(name)
    if not isinstance(value, int | float | np.number) or not np.isfinite(value):
        raise InvalidQuantityError(f"{name} is missing or not finite", where=where, value=value)
    return float(value)
