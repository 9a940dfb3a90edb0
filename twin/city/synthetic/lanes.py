"""What grows into the blocks: alleys from the streets, ditches from the canals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from models.errors import InternalError
from twin.city.synthetic.frame import polylines, short_pieces, stream
from twin.city.synthetic.network import RANK, Edges, end_nodes, join
from twin.city.synthetic.streets import INDUSTRIAL, MIXED, MODERN, OLD, POLDER
from twin.city.synthetic.waters import ORDER_DITCH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.city.synthetic.frame import Floats, Frame, Geometries
    from twin.city.synthetic.waters import Waters

__all__ = ["add_alleys", "add_ditches", "apart"]

type Ints = NDArray[np.int64]

_ALLEY_APPETITE = {MIXED: 0.35, OLD: 1.0, MODERN: 0.03, INDUSTRIAL: 0.02, POLDER: 0.10}
_DITCH_APPETITE = {MIXED: 0.6, OLD: 0.5, MODERN: 0.15, INDUSTRIAL: 0.5, POLDER: 1.0}
_ROUNDS = 14


def _free_length(start: Floats, end: Floats, obstacles: shapely.STRtree) -> Floats:
    """Return how far each straight ray runs before it meets an obstacle, m, shape (n,)."""
    rays = polylines(np.stack([start, end], axis=1))
    free = np.hypot(*(end - start).T)
    ray, hit = obstacles.query(rays, predicate="intersects")
    meeting = shapely.intersection(rays[ray], obstacles.geometries[hit])
    np.minimum.at(free, ray, shapely.distance(shapely.points(start[ray]), meeting))
    return np.asarray(free, float)


def apart(lines: Geometries, gap_m: float, taken: shapely.STRtree | None = None) -> Ints:
    """Return which lines keep *gap_m* from every earlier one and from what is taken."""
    keep = np.ones(len(lines), bool)
    if taken is not None and len(taken.geometries):
        near, _ = taken.query(lines, predicate="dwithin", distance=gap_m)
        keep[near] = False
    one, other = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=gap_m)
    one, other = one[other < one], other[other < one]
    order = np.lexsort((other, one))
    for first, second in zip(one[order].tolist(), other[order].tolist(), strict=True):
        if keep[second]:
            keep[first] = False
    return np.flatnonzero(keep)


def _bent(start: Floats, end: Floats, sway_m: float, rng: np.random.Generator) -> Floats:
    """Return lines of five points that sway a little, shape (n, 5, 2)."""
    along = end - start
    length = np.maximum(np.hypot(*along.T), 1e-9)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / length[:, None]
    t = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    sway = rng.uniform(-1.0, 1.0, (len(start), 5)) * np.minimum(sway_m, 0.05 * length)[:, None]
    sway[:, [0, -1]] = 0.0
    line = start[:, None] + t[None, :, None] * along[:, None]
    return np.asarray(line + sway[..., None] * across[:, None], float)


def _take_off(
    edges: Edges, count: int, weight: Floats, margin_m: float, rng: np.random.Generator
) -> tuple[Floats, Floats, Ints]:
    """Return places on the edges, a direction away from each, and the edge."""
    chosen = rng.choice(len(edges.lines), count, p=weight / weight.sum())
    length = shapely.length(edges.lines[chosen])
    at = margin_m + rng.random(count) * np.maximum(length - 2 * margin_m, 0.0)
    place = shapely.get_coordinates(shapely.line_interpolate_point(edges.lines[chosen], at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(edges.lines[chosen], at + 1.0))
    behind = shapely.get_coordinates(
        shapely.line_interpolate_point(edges.lines[chosen], np.maximum(at - 1.0, 0.0))
    )
    angle = np.arctan2(*(ahead - behind).T[::-1])
    angle += np.where(rng.random(count) < 0.5, 1.0, -1.0) * np.pi / 2
    angle += rng.normal(0.0, 0.12, count)
    return place, np.stack([np.cos(angle), np.sin(angle)], axis=1), chosen.astype(np.int64)


def _trunks(  # noqa: PLR0917 - a step of the synthesis, called once, with what the steps before it made
    edges: Edges, quarter: Ints, walls: Geometries, count: int, frame: Frame,
    rng: np.random.Generator,
) -> tuple[Floats, Ints]:  # fmt: skip
    """Return the trunks of *count* alleys, shape (count, 5, 2), and the chain they leave."""
    appetite = np.array([_ALLEY_APPETITE[k] for k in range(len(_ALLEY_APPETITE))])
    length = shapely.length(edges.lines)
    weight = length * appetite[quarter] * (length > 36.0) * (edges.water < 0)
    weight *= edges.road_class > RANK.index("trunk")
    stretch = frame.detail
    found: list[Floats] = []
    parents: list[Ints] = []
    taken: Geometries = np.array([], dtype=object)
    tree = shapely.STRtree(np.concatenate([edges.lines, walls]))
    wet = shapely.STRtree(np.concatenate([edges.lines[edges.water >= 0], walls]))
    for turn in range(_ROUNDS):
        gap = 24.0 * stretch * 0.88**turn
        place, ahead, source = _take_off(edges, 3 * count + 60, weight, 14.0, rng)
        wanted = rng.uniform(45.0, 130.0, len(place)) * stretch
        free = 0.6 + _free_length(
            place + 0.6 * ahead, place + (wanted + 16.0)[:, None] * ahead, tree
        )
        through = (free < wanted + 14.0) & (free > 45.0) & (rng.random(len(free)) < 0.25)
        on_street = through & (free < 150.0)
        run = np.where(on_street, free, np.minimum(free - 13.0, wanted))
        keep = run > 28.0
        lines = _bent(place[keep], (place + run[:, None] * ahead)[keep], 3.0, rng)
        shapes = polylines(lines)
        # An alley may touch the street that it leaves, and the one that it reaches, alone.
        near, _ = tree.query(shapes, predicate="intersects")
        touches = np.bincount(near, minlength=len(shapes))
        sound = touches <= np.where(on_street[keep], 2, 1)
        sound[wet.query(shapes, predicate="dwithin", distance=3.0)[0]] = False
        lines, shapes = lines[sound], shapes[sound]
        fresh = apart(shapes, gap, shapely.STRtree(taken) if len(taken) else None)
        fresh = fresh[: count - len(taken)]
        found.append(lines[fresh])
        parents.append(edges.chain[source[keep][sound][fresh]])
        taken = np.concatenate([taken, shapes[fresh]])
        if len(taken) == count:
            return np.concatenate(found), np.concatenate(parents)
    raise InternalError(
        "the blocks have too little room for the alleys",
        where=f"synthetic district, {frame.area_km2:g} km², seed {frame.seed}",
        value=len(taken),
        remedy=f"Ask for fewer than {count} alleys.",
    )


def _spurs(
    trunks: Floats, walls: Geometries, detail: float, rng: np.random.Generator
) -> tuple[Floats, Ints]:
    """Return side alleys that leave the inner points of the trunks, and their trunk."""
    owner = np.repeat(np.arange(len(trunks)), 6)
    node = np.tile([1, 2, 3], 2 * len(trunks))
    side = np.tile([1.0, 1.0, 1.0, -1.0, -1.0, -1.0], len(trunks))
    shuffled = rng.permutation(len(owner))[: int(0.75 * len(owner))]
    owner, node, side = owner[shuffled], node[shuffled], side[shuffled]
    start = trunks[owner, node]
    along = trunks[owner, node + 1] - trunks[owner, node - 1]
    angle = np.arctan2(along[:, 1], along[:, 0]) + side * np.pi / 2 + rng.normal(0, 0.1, len(owner))
    ahead = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    tree = shapely.STRtree(np.concatenate([walls, polylines(trunks)]))
    wanted = rng.uniform(16.0, 55.0, len(owner)) * detail
    free = 0.8 + _free_length(start + 0.8 * ahead, start + (wanted + 9.0)[:, None] * ahead, tree)
    run = np.minimum(free - 9.0, wanted)
    keep = run > 12.0
    first = start[keep] + 1.5 * ahead[keep]
    last = start[keep] + run[keep, None] * ahead[keep]
    fresh = apart(polylines(np.stack([first, last], axis=1)), 7.0)
    lines = np.stack([start[keep], start[keep] + run[keep, None] * ahead[keep]], axis=1)
    return lines[fresh], owner[keep][fresh]


def add_alleys(
    frame: Frame, edges: Edges, quarter: Ints, waters: Waters, count: int
) -> tuple[Edges, dict[int, int]]:
    """
    Return the network with *count* alleys, and the chain that each alley's chain leaves.

    *quarter* is that of each edge. An alley is a trunk with its spurs; some run through.
    """
    rng = stream(frame.seed, "alleys")
    banks, _ = short_pieces(shapely.get_exterior_ring(waters.polygons()))
    trunks, parents = _trunks(edges, quarter, banks, count, frame, rng)
    spurs, owner = _spurs(trunks, np.concatenate([edges.lines, banks]), frame.detail, rng)
    first = int(edges.chain.max()) + 1
    lines = np.concatenate([polylines(trunks), polylines(spurs)])
    alleys = Edges(
        lines=lines,
        road_class=np.full(len(lines), RANK.index("alley")),
        chain=first + np.concatenate([np.arange(count), owner]),
        water=np.full(len(lines), -1),
    )
    joined = join(Edges.concatenate([edges, alleys]))
    tail, head, _ = end_nodes(joined.lines)
    return joined.take(tail != head), {first + k: int(p) for k, p in enumerate(parents)}


def add_ditches(
    frame: Frame, edges: Edges, quarter_at: Geometries, waters: Waters, count: int
) -> None:
    """
    Let *count* ditches grow from the canals into the blocks, and add them to *waters*.

    *quarter_at* holds one multipolygon for each quarter.

    Raises
    ------
    InternalError
        If there is no room for them between the roads.
    """
    rng = stream(frame.seed, "ditches")
    roads = edges.lines
    made = 0
    for turn in range(_ROUNDS + 8):
        if made >= count:
            return
        parents = [k for k in range(len(waters.lines)) if waters.order[k] >= 1 or turn > 6]
        sizes = np.array([len(waters.lines[k]) - 2 for k in parents], float)
        sizes *= np.array([4.0 if waters.order[k] == ORDER_DITCH else 1.0 for k in parents])
        chosen = rng.choice(len(parents), 6 * count + 200, p=sizes / sizes.sum())
        source = np.array([parents[k] for k in chosen], np.int64)
        vertex = np.array([rng.integers(1, len(waters.lines[k]) - 1) for k in source])
        lines = [waters.lines[k] for k in source]
        start = np.array([line[v] for line, v in zip(lines, vertex, strict=True)])
        along = np.array([line[v + 1] - line[v - 1] for line, v in zip(lines, vertex, strict=True)])
        side = np.where(rng.random(len(source)) < 0.5, 1.0, -1.0) * np.pi / 2
        angle = np.arctan2(along[:, 1], along[:, 0]) + side + rng.normal(0.0, 0.3, len(source))
        ahead = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        half = np.asarray(waters.width_m)[source] / 2.0
        wanted = rng.uniform(60.0, 320.0, len(source)) * max(0.4, frame.scale) * 0.93**turn
        banks, _ = short_pieces(shapely.get_exterior_ring(waters.polygons()))
        tree = shapely.STRtree(np.concatenate([roads, banks]))
        off = half * 1.05 + 3.0
        free = off + _free_length(
            start + off[:, None] * ahead, start + (off + wanted + 14.0)[:, None] * ahead, tree
        )
        # No road may lie between the middle of the canal and its bank (a bridge, a landing).
        bank_free = _free_length(start, start + off[:, None] * ahead, shapely.STRtree(roads))
        run = np.minimum(free - 12.0, off + wanted)
        likes = np.zeros(len(source))
        for kind, appetite in _DITCH_APPETITE.items():
            shapely.prepare(quarter_at[kind])
            likes[shapely.contains_xy(quarter_at[kind], *(start + off[:, None] * ahead).T)] = (
                appetite
            )
        keep = (run - off > max(22.0, 40.0 * 0.93**turn)) & (bank_free >= off - 1e-6)
        keep &= rng.random(len(source)) < likes * (1.0 + 0.3 * turn)
        keep &= shapely.contains_xy(frame.boundary, *(start + run[:, None] * ahead).T)
        picked = np.flatnonzero(keep)
        bent = _bent(start[picked], start[picked] + run[picked, None] * ahead[picked], 5.0, rng)
        landed = polylines(np.stack([(start + off[:, None] * ahead)[picked], bent[:, -1]], axis=1))
        fresh = apart(landed, 32.0 * 0.95**turn)
        blocked, _ = shapely.STRtree(roads).query(
            polylines(bent[fresh]), predicate="dwithin", distance=6.0
        )
        clear = np.setdiff1d(np.arange(len(fresh)), blocked)
        for k in fresh[clear][: count - made]:
            waters.add(bent[k], ORDER_DITCH, float(rng.uniform(3.5, 9.0)))
            made += 1
    if made < count:
        raise InternalError(
            "the blocks have too little room for the ditches",
            where=f"synthetic district, {frame.area_km2:g} km², seed {frame.seed}",
            value=made,
            remedy=f"Ask for fewer than {count + 70} canals.",
        )
