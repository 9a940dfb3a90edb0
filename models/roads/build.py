"""From a table of street segments to the arrays of a :class:`RoadGraph`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError
from models.roads.classes import (
    DEFAULT_SPEED_KM_H,
    ROAD_CLASSES,
    access_code,
    road_class_code,
)
from models.roads.graph import RoadGraph

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["DIRECTIONS", "assemble", "build_graph"]

#: Legal traffic along the drawn line of a segment.
DIRECTIONS: tuple[str, ...] = ("both", "forward", "backward")

_NEVER_AGAINST = ("motorway", "motorway_link", "trunk", "trunk_link")


def build_graph(
    *,
    node_id: ArrayLike,
    node_x_m: ArrayLike,
    node_y_m: ArrayLike,
    from_node: ArrayLike,
    to_node: ArrayLike,
    direction: Sequence[str],
    road_class: Sequence[str],
    length_m: ArrayLike,
    max_speed_km_h: ArrayLike | None = None,
    lanes: ArrayLike | None = None,
    is_bridge: ArrayLike | None = None,
    is_tunnel: ArrayLike | None = None,
    deck_level_m: ArrayLike | None = None,
    access: Sequence[str] | None = None,
    speed_km_h: Mapping[str, float] = DEFAULT_SPEED_KM_H,
    against_one_way: bool = False,
) -> RoadGraph:
    """
    Build the directed graph of a table of street segments.

    Parameters
    ----------
    node_id, node_x_m, node_y_m
        Distinct integers and finite positions in metres, shape (n_nodes,).
    from_node, to_node
        Node identifiers at the two ends of every drawn line, shape (n_segments,).
    direction
        ``both``, ``forward`` or ``backward``: legal traffic along the drawn line, (n_segments,).
    road_class
        Members of ``ROAD_CLASSES``, (n_segments,).
    length_m
        Finite and not negative, (n_segments,).
    max_speed_km_h
        Signed limit, NaN where not known, (n_segments,). It caps the speed of the class.
    lanes, deck_level_m
        NaN where not known, (n_segments,).
    is_bridge, is_tunnel
        Booleans, (n_segments,); default: no.
    access
        Rights of way, see ``ACCESS``, (n_segments,); default: yes.
    speed_km_h
        Free speed by class of road, km/h.
    against_one_way
        Also make edges against one-way streets (not on motorways and trunk roads), for vehicles
        that may ignore them.

    Returns
    -------
    RoadGraph
        With the nodes in the given order, and ``segment`` as positions in the given table.

    Raises
    ------
    InvalidQuantityError
        Naming the first row that is wrong: an unknown node, direction or class, a length, speed
        or position that is not possible, a node given twice, or arrays of unequal length.
    """
    ids = _integers(node_id, "node_id")
    x, y = (_floats(v, n, ids.size) for v, n in ((node_x_m, "node_x_m"), (node_y_m, "node_y_m")))
    _refuse(~(np.isfinite(x) & np.isfinite(y)), "a node needs finite coordinates", "node", x)
    tail = _positions(ids, _integers(from_node, "from_node"), "from_node")
    count = tail.size
    head = _positions(ids, _integers(to_node, "to_node", count), "to_node")
    if not count:
        raise InvalidQuantityError(
            "a road graph needs at least one segment",
            where="roads",
            remedy="Leave the roads out, or give some.",
        )
    length = _floats(length_m, "length_m", count)
    _refuse(~(np.isfinite(length) & (length >= 0.0)), "length_m must not be negative", "segment",
            length)  # fmt: skip
    ways = _codes(direction, "direction", count, DIRECTIONS)
    classes = _codes(road_class, "road_class", count, ROAD_CLASSES)
    rights = np.zeros(count, np.int8) if access is None else _access_codes(access, count)
    tail_c, head_c, rows, along, against = _both_ways(
        tail, head, ways, np.isin(classes, [road_class_code(name) for name in _NEVER_AGAINST]),
        against_one_way=against_one_way,
    )  # fmt: skip
    return assemble(
        node_id=ids,
        x_m=x,
        y_m=y,
        tail=tail_c,
        head=head_c,
        segment=rows,
        is_along=along,
        is_against_one_way=against,
        length_m=length[rows],
        free_speed_m_s=_free_speeds(classes, max_speed_km_h, count, speed_km_h)[rows],
        road_class=classes.astype(np.int16)[rows],
        access=rights[rows],
        lanes=_floats(lanes, "lanes", count, missing=np.nan)[rows],
        is_bridge=_booleans(is_bridge, "is_bridge", count)[rows],
        is_tunnel=_booleans(is_tunnel, "is_tunnel", count)[rows],
        deck_level_m=_floats(deck_level_m, "deck_level_m", count, missing=np.nan)[rows],
    )


def assemble(
    *,
    node_id: NDArray[np.int64],
    x_m: NDArray[np.float64],
    y_m: NDArray[np.float64],
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    segment: NDArray[np.int64],
    is_along: NDArray[np.bool_],
    **columns: NDArray[np.generic],
) -> RoadGraph:
    """Sort directed edges by tail, head, segment and direction, and link them both ways."""
    order = np.lexsort((~is_along, segment, head, tail))
    tail, head, segment, is_along = tail[order], head[order], segment[order], is_along[order]
    nodes, edges = node_id.size, tail.size
    in_edge = np.argsort(head, kind="stable").astype(np.int32)
    reverse = np.full(edges, -1, np.int32)
    by_street = np.lexsort((is_along, segment))
    pair = np.flatnonzero(segment[by_street][1:] == segment[by_street][:-1])
    reverse[by_street[pair]] = by_street[pair + 1]
    reverse[by_street[pair + 1]] = by_street[pair]
    sorted_columns = {name: np.ascontiguousarray(v[order]) for name, v in columns.items()}
    arrays: dict[str, NDArray[np.generic]] = {
        "node_id": node_id,
        "x_m": x_m,
        "y_m": y_m,
        "tail": tail.astype(np.int32),
        "head": head.astype(np.int32),
        "first_out": _first(tail, nodes),
        "first_in": _first(head, nodes),
        "out_edge": np.arange(edges, dtype=np.int32),
        "in_edge": in_edge,
        "in_tail": tail[in_edge].astype(np.int32),
        "reverse_edge": reverse,
        "segment": segment,
        "is_along": is_along,
        **sorted_columns,
    }
    for array in arrays.values():
        array.flags.writeable = False
    return RoadGraph(**arrays)  # type: ignore[arg-type]  # one mapping of arrays of several types


def _first(node: NDArray[np.int64], nodes: int) -> NDArray[np.int64]:
    first = np.zeros(nodes + 1, np.int64)
    np.cumsum(np.bincount(node, minlength=nodes), out=first[1:])
    return first


def _both_ways(
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    ways: NDArray[np.int64],
    never_against: NDArray[np.bool_],
    *,
    against_one_way: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_],
           NDArray[np.bool_]]:  # fmt: skip
    """Return tail, head, row, whether along the line, whether against the law, per edge."""
    legal_along, legal_back = ways != 2, ways != 1
    extra = ~never_against if against_one_way else np.zeros(ways.size, np.bool_)
    along, back = np.flatnonzero(legal_along | extra), np.flatnonzero(legal_back | extra)
    rows = np.concatenate([along, back])
    is_along = np.repeat(np.array([True, False]), [along.size, back.size])
    return (
        np.concatenate([tail[along], head[back]]),
        np.concatenate([head[along], tail[back]]),
        rows,
        is_along,
        np.concatenate([~legal_along[along], ~legal_back[back]]),
    )


def _free_speeds(
    classes: NDArray[np.int64],
    max_speed_km_h: ArrayLike | None,
    count: int,
    speed_km_h: Mapping[str, float],
) -> NDArray[np.float64]:
    table = np.array([speed_km_h.get(name, np.nan) for name in ROAD_CLASSES], np.float64)
    speed = table[classes]
    missing = ~(np.isfinite(speed) & (speed > 0.0))
    if missing.any():
        name = ROAD_CLASSES[int(classes[int(np.argmax(missing))])]
        raise InvalidQuantityError(
            "the table of speeds has no positive speed for a class of road in use",
            where=f"speed_km_h[{name!r}]",
            value=speed_km_h.get(name),
        )
    signed = _floats(max_speed_km_h, "max_speed_km_h", count, missing=np.nan)
    _refuse((signed <= 0.0) | np.isinf(signed), "max_speed_km_h must be positive or NaN", "segment",
            signed)  # fmt: skip
    return np.asarray(np.fmin(speed, signed) / 3.6, np.float64)


def _refuse(bad: NDArray[np.bool_], what: str, place: str, values: NDArray[np.generic]) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        raise InvalidQuantityError(what, where=f"roads, {place} {row}", value=values[row].item())


def _shape(array: NDArray[np.generic], name: str, count: int | None) -> None:
    if array.ndim != 1 or (count is not None and array.size != count):
        raise InvalidQuantityError(
            f"{name} has the wrong shape",
            where="roads",
            value=array.shape,
            remedy=f"Give {'one dimension' if count is None else f'{count} values'}.",
        )


def _integers(values: ArrayLike, name: str, count: int | None = None) -> NDArray[np.int64]:
    array = np.asarray(values)
    _shape(array, name, count)
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise InvalidQuantityError(
            f"{name} must be whole numbers", where="roads", value=str(array.dtype)
        )
    return np.array(array, np.int64)


def _floats(
    values: ArrayLike | None, name: str, count: int, *, missing: float = 0.0
) -> NDArray[np.float64]:
    if values is None:
        return np.full(count, missing)
    try:
        array = np.array(values, np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidQuantityError(f"{name} must be numbers ({error})", where="roads") from error
    _shape(array, name, count)
    return array


def _booleans(values: ArrayLike | None, name: str, count: int) -> NDArray[np.bool_]:
    array = np.zeros(count, np.bool_) if values is None else np.asarray(values)
    _shape(array, name, count)
    return np.array(array, np.bool_)


def _codes(
    values: Sequence[str], name: str, count: int, known: tuple[str, ...]
) -> NDArray[np.int64]:
    table = {text: code for code, text in enumerate(known)}
    codes = np.array([table.get(text, -1) for text in values], np.int64)
    _shape(codes, name, count)
    if (codes < 0).any():
        row = int(np.argmin(codes))
        raise InvalidQuantityError(
            f"{name} is not known",
            where=f"roads, segment {row}",
            value=list(values)[row],
            remedy=f"Choose from {', '.join(known)}.",
        )
    return codes


def _access_codes(values: Sequence[str], count: int) -> NDArray[np.int8]:
    codes = np.array([access_code(text) for text in values], np.int8)
    _shape(codes, "access", count)
    return codes


def _positions(ids: NDArray[np.int64], wanted: NDArray[np.int64], name: str) -> NDArray[np.int64]:
    order = np.argsort(ids, kind="stable")
    ranked = ids[order]
    twice = ranked[1:] == ranked[:-1]
    if twice.any():
        raise InvalidQuantityError(
            "a node is given twice", where="road nodes", value=int(ranked[int(np.argmax(twice))])
        )
    if not ids.size:
        raise InvalidQuantityError("a road graph needs nodes", where="road nodes")
    place = np.minimum(np.searchsorted(ranked, wanted), ids.size - 1)
    _refuse(ranked[place] != wanted, f"{name} is not among the nodes", "segment", wanted)
    return np.asarray(order[place], np.int64)
