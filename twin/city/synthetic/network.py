"""Streets meet the water: what ends at the bank, what bridges it, and the graph that results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.errors import InternalError
from twin.city.synthetic.frame import NoiseField, short_pieces, stream
from twin.city.synthetic.streets import INDUSTRIAL, MODERN, POLDER
from twin.city.synthetic.waters import reaches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from twin.city.synthetic.frame import Floats, Frame, Geometries
    from twin.city.synthetic.streets import Streets
    from twin.city.synthetic.waters import Waters

__all__ = ["RANK", "Edges", "end_nodes", "join", "make_network"]

type Ints = NDArray[np.int64]

_GRID_M = 0.05
#: Classes from the widest down; the place in the list decides which of two lines a road keeps.
RANK = (
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "service",
    "alley",
)
_SETBACK_M = np.array([38.0, 16.0, 14.0, 10.0, 5.0])
_SHORT_M = 14.0


@dataclass(slots=True, kw_only=True)
class Edges:
    """Road segments between nodes; ``water`` is the water under a bridge, else -1."""

    lines: Geometries
    road_class: Ints
    chain: Ints
    water: Ints

    def take(self, keep: NDArray[np.bool_] | Ints) -> Edges:
        """Return the chosen segments."""
        return Edges(
            lines=self.lines[keep],
            road_class=self.road_class[keep],
            chain=self.chain[keep],
            water=self.water[keep],
        )

    @classmethod
    def concatenate(cls, groups: Sequence[Edges]) -> Edges:
        """Return all segments of the groups, in order."""
        return cls(
            lines=np.concatenate([g.lines for g in groups]),
            road_class=np.concatenate([g.road_class for g in groups]),
            chain=np.concatenate([g.chain for g in groups]),
            water=np.concatenate([g.water for g in groups]),
        )


def end_nodes(lines: Geometries) -> tuple[Ints, Ints, Floats]:
    """Return from-node and to-node of each line, and the positions of the nodes, shape (n, 2)."""
    ends = np.concatenate(
        [
            shapely.get_coordinates(shapely.get_point(lines, 0)),
            shapely.get_coordinates(shapely.get_point(lines, -1)),
        ]
    )
    keys = np.rint(ends / _GRID_M).astype(np.int64)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    inverse = inverse.reshape(-1).astype(np.int64)
    return inverse[: len(lines)], inverse[len(lines) :], ends[first]


def _components(tail: Ints, head: Ints, count: int) -> Ints:
    matrix = coo_array((np.ones(tail.size, np.int8), (tail, head)), shape=(count, count))
    _, label = connected_components(matrix, directed=False)
    return np.asarray(label, np.int64)


def join(sources: Edges) -> Edges:
    """
    Cut all lines at their intersections.

    A piece takes its attributes from the source that it lies on; where sources overlap, from the
    one of the widest class, and a bridge before everything.
    """
    noded = shapely.union_all(sources.lines, grid_size=_GRID_M)
    pieces = shapely.get_parts(noded)
    pieces = pieces[shapely.length(pieces) > 2 * _GRID_M]
    middle = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    parts, origin = short_pieces(sources.lines)
    piece, part = shapely.STRtree(parts).query(middle, predicate="dwithin", distance=2 * _GRID_M)
    source = origin[part]
    rank = sources.road_class[source] + np.where(sources.water[source] >= 0, -100, 0)
    order = np.lexsort((source, rank, piece))
    piece, source = piece[order], source[order]
    known, first = np.unique(piece, return_index=True)
    owner = source[first]
    pieces = pieces[known]
    landing = shapely.length(pieces) < 1.0  # what rounding cuts off a bridge is no bridge
    return Edges(
        lines=pieces,
        road_class=sources.road_class[owner],
        chain=sources.chain[owner],
        water=np.where(landing, -1, sources.water[owner]),
    )


def _clip(streets: Edges, covers: Geometries, owner: Ints) -> tuple[Edges, Edges]:
    """Return the streets beyond the set-back, and the pieces that span water from bank to bank."""
    tree = shapely.STRtree(covers)
    line, cover = tree.query(streets.lines, predicate="intersects")
    order = np.lexsort((cover, line))
    line, cover = line[order], cover[order]
    wet, first = np.unique(line, return_index=True)
    groups = np.split(cover, first[1:])
    covered = np.array([shapely.union_all(covers[g]) for g in groups], dtype=object)
    dry = np.ones(len(streets.lines), bool)
    dry[wet] = False
    outside = shapely.difference(streets.lines[wet], covered)
    inside = shapely.intersection(streets.lines[wet], covered)
    banks = _explode(outside, streets, wet)
    spans = _explode(inside, streets, wet)
    pairs = np.stack(
        [shapely.get_point(streets.lines, 0), shapely.get_point(streets.lines, -1)], axis=1
    )
    ends = np.asarray(shapely.multipoints(pairs), dtype=object)
    whole = shapely.distance(spans.lines, ends[spans.water]) > 1.0  # both banks on this street
    spans = spans.take(whole)
    hit, cover = tree.query(spans.lines, predicate="intersects")
    water = np.full(len(spans.lines), np.iinfo(np.int64).max)
    np.minimum.at(water, hit, owner[cover])
    spans.water = water
    banks.water[:] = -1
    return Edges.concatenate([streets.take(dry), banks]), spans


def _explode(geometries: Geometries, streets: Edges, index: Ints) -> Edges:
    """Return the single lines; ``water`` holds the index of the street for the moment."""
    parts, group = shapely.get_parts(geometries, return_index=True)
    keep = (shapely.get_type_id(parts) == 1) & (shapely.length(parts) > 4 * _GRID_M)
    source = index[group[keep]]
    return Edges(
        lines=parts[keep],
        road_class=streets.road_class[source],
        chain=streets.chain[source],
        water=source.astype(np.int64),
    )


def _possible(spans: Edges, waters: Waters) -> Edges:
    """Return the spans that a bridge can take: short, and clear of one another."""
    width = np.asarray(waters.width_m)[spans.water]
    order = np.asarray(waters.order)[spans.water]
    clear = shapely.length(spans.lines) < 2.0 * (width + 2.0 * _SETBACK_M[order])
    clear &= (width < 130.0) | (spans.road_class <= RANK.index("primary"))
    over, _ = shapely.STRtree(waters.polygons()).query(spans.lines, predicate="intersects")
    clear &= np.isin(np.arange(len(clear)), over)  # not only over the bank beyond a dead end
    clear &= spans.water > 2  # not over the bounding rivers, nor out of the district
    spans = spans.take(clear)
    tree = shapely.STRtree(spans.lines)
    one, other = tree.query(spans.lines, predicate="dwithin", distance=6.0)
    lower = (spans.road_class[one], one) if len(one) else (one, one)
    loses = (one != other) & (
        (lower[0] > spans.road_class[other])
        | ((lower[0] == spans.road_class[other]) & (one > other))
    )
    keep = np.ones(len(spans.lines), bool)
    keep[one[loses]] = False
    return spans.take(keep)


def _quarter_at(points: Geometries, streets: Streets) -> Ints:
    tree = shapely.STRtree(streets.superblocks)
    point, face = tree.query(points, predicate="within")
    found = np.zeros(len(points), np.int64)
    found[point] = streets.quarter[face]
    return found


def _bank_roads(frame: Frame, covers: Geometries) -> Edges:
    """Return the edges of the set-back, along which roads may follow the water."""
    rim = shapely.get_parts(shapely.boundary(shapely.union_all(covers, grid_size=_GRID_M)))
    within = shapely.intersection(rim, frame.boundary)
    rim = shapely.get_parts(within)
    rim = rim[(shapely.get_type_id(rim) == 1) & (shapely.length(rim) > 40.0)]
    return Edges(
        lines=rim,
        road_class=np.full(len(rim), RANK.index("residential")),
        chain=np.full(len(rim), -2),
        water=np.full(len(rim), -1),
    )


def _keep_banks(
    frame: Frame, streets: Streets, waters: Waters, edges: Edges, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Decide, edge by edge but evenly along a bank, where there is a road beside the water."""
    bank = edges.chain == -2
    middle = shapely.line_interpolate_point(edges.lines, 0.5, normalized=True)
    xy = shapely.get_coordinates(middle)
    quarter = _quarter_at(middle, streets)
    near, owner = reaches(waters, np.full(len(waters.lines), 60.0))
    point, reach = shapely.STRtree(near).query(middle, predicate="within")
    water = owner[reach]
    order = np.full(len(middle), 9)
    np.minimum.at(order, point, np.asarray(waters.order)[water])
    noise = NoiseField(frame.boundary.bounds, 700.0 * max(frame.scale, 0.4), rng)
    likes = np.where(quarter == MODERN, 0.9, np.where(quarter >= INDUSTRIAL, -0.9, 0.25))
    likes = likes + np.where(order <= 1, 0.35, np.where(order == 2, 0.2, -0.9))
    likes = np.where(quarter == POLDER, -2.0, likes)
    return np.asarray(~bank | (noise.at(xy[:, 0], xy[:, 1]) < likes), bool)


def _choose_bridges(edges: Edges, count: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """
    Return which edges stay, with *count* bridges among them.

    First the bridges that hold the district together, widest roads first; then the others.
    """
    span = np.flatnonzero(edges.water >= 0)
    tail, head, nodes = end_nodes(edges.lines)
    dry = edges.water < 0
    label = _components(tail[dry], head[dry], len(nodes))
    size = np.bincount(
        label, weights=np.bincount(tail[dry], shapely.length(edges.lines[dry]), len(nodes))
    )
    order = span[np.lexsort((rng.random(span.size), edges.road_class[span]))]
    parent = np.arange(label.max() + 1)

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = int(parent[k])
        return k

    tree: list[int] = []
    rest: list[int] = []
    reach = size.copy()
    for edge in order.tolist():
        one, other = root(int(label[tail[edge]])), root(int(label[head[edge]]))
        if one == other or min(size[label[tail[edge]]], size[label[head[edge]]]) < 60.0:
            rest.append(edge)
            continue
        parent[other] = one
        reach[one] += reach[other]
        tree.append(edge)
    chosen = np.zeros(len(edges.lines), bool)
    chosen[dry] = True
    if len(tree) > count:  # give up the smallest islands
        tree = _prune(tree, tail, head, label, size, count)
    joined = _components(label[tail[tree]], label[head[tree]], size.size)
    main = int(np.argmax(np.bincount(joined, weights=size)))
    tree = [k for k in tree if joined[label[tail[k]]] == main]
    chosen[tree] = True
    useful = [k for k in rest if joined[label[tail[k]]] == main == joined[label[head[k]]]]
    chosen[useful[: max(count - len(tree), 0)]] = True
    return chosen


def _prune(  # noqa: PLR0917 - a step of the synthesis, called once, with what the steps before it made
    tree: list[int], tail: Ints, head: Ints, label: Ints, size: Floats, count: int
) -> list[int]:
    """Drop leaves of the spanning tree, the shortest networks first."""
    tree = list(tree)
    while len(tree) > count:
        ends = np.concatenate([label[tail[tree]], label[head[tree]]])
        degree = np.bincount(ends, minlength=size.size)
        leaf = [
            min(size[label[node]] for node in (tail[k], head[k]) if degree[label[node]] == 1)
            if 1 in (degree[label[tail[k]]], degree[label[head[k]]])
            else np.inf
            for k in tree
        ]
        tree.pop(int(np.argmin(leaf)))
    return tree


def _trim(edges: Edges) -> Edges:
    """Drop stubs, and bridges that lead nowhere."""
    for _ in range(3):
        tail, head, nodes = end_nodes(edges.lines)
        degree = np.bincount(np.r_[tail, head], minlength=len(nodes))
        loose = np.minimum(degree[tail], degree[head]) == 1
        loose &= (shapely.length(edges.lines) < _SHORT_M) | (edges.water >= 0)
        edges = edges.take(~loose & (tail != head))
    return edges


def _largest(edges: Edges) -> Edges:
    """Drop all that is not joined to the largest network."""
    tail, head, nodes = end_nodes(edges.lines)
    label = _components(tail, head, len(nodes))
    largest = int(np.argmax(np.bincount(label[tail], shapely.length(edges.lines))))
    return edges.take(label[tail] == largest)


def _worthwhile(edges: Edges, kept: Edges) -> NDArray[np.bool_]:
    """Return the edges without those, other than bridges, that were lost on the way to *kept*."""
    middle = shapely.line_interpolate_point(edges.lines, 0.5, normalized=True)
    alive, _ = shapely.STRtree(kept.lines).query(middle, predicate="dwithin", distance=_GRID_M)
    worth = edges.water >= 0
    worth[alive] = True
    return np.asarray(worth, bool)


def make_network(frame: Frame, streets: Streets, waters: Waters, bridges: int) -> Edges:
    """
    Join the streets into one network with *bridges* bridges.

    Raises
    ------
    InternalError
        If there are fewer places for a bridge than bridges.
    """
    rng = stream(frame.seed, "network")
    setback = _SETBACK_M[np.asarray(waters.order)] * max(frame.scale, 0.5)
    covers, owner = reaches(waters, setback)
    covers = shapely.set_precision(covers, _GRID_M)
    ranks = np.array([RANK.index(name) for name in streets.road_class], np.int64)
    sources = Edges(
        lines=streets.lines,
        road_class=ranks,
        chain=streets.chain,
        water=np.full(len(ranks), -1, np.int64),
    )
    sources, spans = _clip(sources, covers, owner)
    spans = _possible(spans, waters)
    edges = join(Edges.concatenate([sources, spans, _bank_roads(frame, covers)]))
    edges = edges.take(_keep_banks(frame, streets, waters, edges, rng))
    edges = _trim(edges)
    for _ in range(6):  # without the bridges that were not built, an end may become a stub
        kept = _largest(_trim(edges.take(_choose_bridges(edges, bridges, rng))))
        found = int(np.count_nonzero(kept.water >= 0))
        if found == bridges:
            return kept
        edges = _trim(edges.take(_worthwhile(edges, kept)))
    raise InternalError(
        "the district has too few places for its bridges",
        where=f"synthetic district, {frame.area_km2:g} km², seed {frame.seed}",
        value=found,
        remedy=f"Ask for fewer than {bridges} bridges, or another seed.",
    )
