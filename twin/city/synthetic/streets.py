"""Quarters, arterial roads, and the streets that divide the ground between them into blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from twin.city.synthetic.frame import NoiseField, stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.city.synthetic.frame import Floats, Frame, Geometries

__all__ = ["INDUSTRIAL", "MIXED", "MODERN", "OLD", "POLDER", "QUARTERS", "Streets", "make_streets"]

QUARTERS = ("mixed", "old", "modern", "industrial", "polder")
MIXED, OLD, MODERN, INDUSTRIAL, POLDER = range(5)

#: Block area (m²), bend of a dividing street (share of its length), scatter of its place.
_BLOCK_M2 = np.array([21_000.0, 17_000.0, 17_000.0, 85_000.0, 150_000.0])
_BEND = np.array([0.02, 0.06, 0.0, 0.0, 0.05])
_SCATTER = np.array([0.10, 0.17, 0.025, 0.08, 0.18])

#: Quarters with their radius (km), one more for so many km², and where the first ones lie
#: in the unit square when the main river runs along north and east.
_SEEDS: dict[int, tuple[float, float, list[tuple[float, float]]]] = {
    OLD: (0.95, 12.0, [(0.24, 0.80), (0.40, 0.22), (0.55, 0.86)]),
    MODERN: (1.15, 19.0, [(0.47, 0.47), (0.22, 0.45)]),
    INDUSTRIAL: (1.0, 24.0, [(0.86, 0.74), (0.87, 0.45)]),
    POLDER: (1.1, 15.0, [(0.80, 0.16), (0.12, 0.14)]),
}


@dataclass(slots=True, kw_only=True)
class Streets:
    """
    Lines before they meet the water, and the ground between them.

    ``lines``, ``road_class`` and ``chain`` have equal lengths; a chain is one road with one
    name. ``blocks`` lie in the quarter ``block_quarter``; ``superblocks`` in ``quarter``.
    """

    lines: Geometries
    road_class: list[str]
    chain: NDArray[np.int64]
    superblocks: Geometries
    quarter: NDArray[np.int64]
    blocks: Geometries
    block_quarter: NDArray[np.int64]


def _quarters(frame: Frame, xy: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the quarter of each place: that of the nearest seed within its radius."""
    kilometres = frame.side_m / 1000.0
    unit = frame.to_unit(xy)
    if float(np.mean(frame.main[:, 0])) < frame.boundary.centroid.x - 0.02 * frame.side_m:
        unit[:, 0] = 1.0 - unit[:, 0]
    best = np.full(len(xy), 1.0)
    found = np.full(len(xy), MIXED, np.int64)
    for kind, (radius_km, each_km2, first) in _SEEDS.items():
        grown = frame.detail**2  # fewer and larger quarters in a large city
        count = max(1, round(frame.area_km2 / (each_km2 * grown**2)))
        places = np.vstack([first, rng.uniform(0.08, 0.92, (max(count - len(first), 0), 2))])
        reach = radius_km * grown * min(1.0, kilometres / 5.0) / kilometres
        for place in places[:count] + rng.normal(0.0, 0.02, (count, 2)):
            distance = np.hypot(*(unit - place).T) / (reach * rng.uniform(0.85, 1.3))
            distance += rng.normal(0.0, 0.08, len(xy))
            closer = distance < best
            best[closer], found[closer] = distance[closer], kind
    return found


def _lattice(frame: Frame, rng: np.random.Generator) -> tuple[list[shapely.LineString], list[str]]:
    """Return a bent lattice of arterials with gaps, a boulevard, a ring and a highway."""
    spacing = float(np.clip(frame.side_m / 5.6, 330.0, 1050.0)) * frame.detail
    centre = np.array([frame.boundary.centroid.x, frame.boundary.centroid.y])
    turn = np.deg2rad(rng.uniform(-24.0, 24.0))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    reach = 0.85 * frame.side_m
    count = int(reach / spacing)
    box = (centre[0] - reach, centre[1] - reach, centre[0] + reach, centre[1] + reach)
    bends = [NoiseField(box, max(2.6 * spacing, 0.3 * frame.side_m), rng) for _ in range(2)]

    def bent(xy: Floats) -> Floats:
        flat = xy @ turned.T + centre
        shift = np.stack([noise.at(flat[:, 0], flat[:, 1]) for noise in bends], axis=1)
        return np.asarray(flat + 0.22 * spacing * shift, float)

    lines: list[shapely.LineString] = []
    classes: list[str] = []
    per_span = 8
    for axis in (0, 1):
        offsets = np.arange(-count, count + 1) + rng.uniform(-0.17, 0.17, 2 * count + 1)
        for k, offset in zip(range(-count, count + 1), offsets, strict=True):
            main = k % 3 == 0
            road_class = "trunk" if k == 0 and axis == 1 else "primary" if main else "secondary"
            if not main and rng.random() < 0.35:
                road_class = "tertiary"
            t = np.linspace(-count, count, 2 * count * per_span + 1)
            across = np.full(t.size, offset)
            xy = np.stack([t, across] if axis else [across, t], axis=1) * spacing
            line = bent(xy)
            keep = np.ones(2 * count, bool) if main else rng.random(2 * count) > 0.16
            edges = np.flatnonzero(np.diff(np.r_[0, keep.astype(int), 0]))
            for first, last in zip(edges[::2], edges[1::2], strict=True):
                lines.append(shapely.LineString(line[first * per_span : last * per_span + 1]))
                classes.append(road_class)
    for share, road_class in ((0.075, "primary"), (0.3, "secondary"))[: 1 + (spacing > 1100.0)]:
        inset = frame.river_width_m / 2 + share * frame.side_m
        ring = frame.boundary.buffer(-inset - 0.05 * frame.side_m).buffer(0.05 * frame.side_m)
        if not ring.is_empty:
            largest = max(shapely.get_parts(ring), key=lambda part: part.area)
            lines.append(shapely.LineString(largest.simplify(6.0).exterior.coords))
            classes.append(road_class)
    if frame.side_m > 4000.0:
        t = np.linspace(-1.1, 1.1, 40)
        slant = rng.choice([-1.0, 1.0]) * 0.55
        bow = 0.10 * np.cos(1.4 * t)
        xy = np.stack([t, slant * t + bow], axis=1) * 0.62 * frame.side_m + centre
        lines.append(shapely.LineString(xy))
        classes.append("trunk")
    if frame.side_m < 3500.0:  # a small district has no trunk roads
        lower = {"trunk": "primary", "primary": "secondary", "secondary": "tertiary"}
        classes = [lower.get(road_class, road_class) for road_class in classes]
    return lines, classes


def _cut(
    polygons: Geometries, quarter: NDArray[np.int64], rng: np.random.Generator
) -> tuple[Geometries, Geometries]:
    """Return, for each polygon, a cutting line across its longer side, and the ground beyond."""
    box = shapely.oriented_envelope(polygons)
    corners = shapely.get_coordinates(shapely.get_exterior_ring(box)).reshape(-1, 5, 2)[:, :4]
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1]
    longer = np.hypot(*first.T) >= np.hypot(*second.T)
    along = np.where(longer[:, None], first, second)
    across = np.where(longer[:, None], second, -first)
    start = np.where(longer[:, None], corners[:, 0], corners[:, 1])
    length = np.hypot(*along.T)
    scatter = _SCATTER[quarter]
    place = 0.5 + scatter * rng.uniform(-1.0, 1.0, len(polygons))
    tilt = scatter * rng.uniform(-0.7, 0.7, len(polygons))
    bend = _BEND[quarter] * rng.uniform(-1.0, 1.0, len(polygons)) * np.hypot(*across.T) / length
    t = np.linspace(-0.1, 1.1, 9)
    curve = (
        place[:, None] + tilt[:, None] * (t - 0.5) * np.hypot(*across.T)[:, None] / length[:, None]
    )
    curve = curve + 4.0 * bend[:, None] * t * (1.0 - t)
    xy = start[:, None] + curve[..., None] * along[:, None] + t[None, :, None] * across[:, None]
    lines = shapely.linestrings(xy)
    far = np.stack([xy[:, -1] + 2.0 * along, xy[:, 0] + 2.0 * along], axis=1)
    beyond = shapely.polygons(np.concatenate([xy, far], axis=1))
    return lines, np.asarray(beyond)


def _parts(geometries: Geometries, least_m2: float) -> tuple[Geometries, NDArray[np.int64]]:
    parts, index = shapely.get_parts(geometries, return_index=True)
    keep = (shapely.get_type_id(parts) == 3) & (shapely.area(parts) > least_m2)
    return parts[keep], index[keep].astype(np.int64)


def _divide(
    frame: Frame, superblocks: Geometries, quarter: NDArray[np.int64], rng: np.random.Generator
) -> tuple[Geometries, list[str], Geometries, NDArray[np.int64]]:
    """Divide every superblock again and again into blocks; return streets and blocks."""
    target = _BLOCK_M2 * frame.detail**2 * min(1.0, max(frame.scale, 0.8))
    open_blocks, kind = superblocks, quarter
    lines: list[shapely.LineString] = []
    classes: list[str] = []
    done: list[Geometries] = []
    done_kind: list[NDArray[np.int64]] = []
    for _ in range(16):
        area = shapely.area(open_blocks)
        small = area < target[kind] * rng.uniform(1.15, 1.85, len(area))
        done.append(open_blocks[small])
        done_kind.append(kind[small])
        open_blocks, kind, area = open_blocks[~small], kind[~small], area[~small]
        if not len(open_blocks):
            break
        cut, beyond = _cut(open_blocks, kind, rng)
        inside = shapely.intersection(cut, open_blocks)
        pieces, owner = shapely.get_parts(inside, return_index=True)
        long = (shapely.get_type_id(pieces) == 1) & (shapely.length(pieces) > 25.0)
        for piece, block in zip(pieces[long], owner[long], strict=True):
            lines.append(piece)
            wide = area[block] > 9.0 * target[kind[block]]
            classes.append(
                "tertiary"
                if wide
                else "unclassified"
                if kind[block] in {INDUSTRIAL, POLDER}
                else "residential"
            )
        both = [shapely.intersection(open_blocks, beyond), shapely.difference(open_blocks, beyond)]
        found = [_parts(half, 400.0) for half in both]
        open_blocks = np.concatenate([part for part, _ in found])
        kind = np.concatenate([kind[index] for _, index in found])
    return (
        np.array(lines, dtype=object),
        classes,
        np.concatenate(done),
        np.concatenate(done_kind),
    )


def make_streets(frame: Frame) -> Streets:
    """Lay the arterials, name a quarter for each superblock, and divide these into blocks."""
    rng = stream(frame.seed, "streets")
    raw, classes = _lattice(frame, rng)
    shapely.prepare(frame.boundary)
    clipped = shapely.intersection(np.array(raw, dtype=object), frame.boundary)
    arterials, owner = shapely.get_parts(clipped, return_index=True)
    keep = (shapely.get_type_id(arterials) == 1) & (shapely.length(arterials) > 60.0)
    arterials, owner = arterials[keep], owner[keep]
    ring = shapely.get_exterior_ring(frame.boundary)
    noded = shapely.union_all(np.r_[arterials, ring], grid_size=0.05)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    faces = faces[shapely.area(faces) > 2000.0]
    quarter = _quarters(frame, shapely.get_coordinates(shapely.centroid(faces)), rng)
    streets, street_class, blocks, block_quarter = _divide(frame, faces, quarter, rng)
    return Streets(
        lines=np.concatenate([arterials, streets]),
        road_class=[classes[k] for k in owner] + street_class,
        chain=np.arange(len(arterials) + len(streets)),
        superblocks=faces,
        quarter=quarter,
        blocks=blocks,
        block_quarter=block_quarter,
    )
