"""Houses in rows along the streets, towers, sheds, and the buildings that serve the public."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from models.errors import InternalError
from twin.city.synthetic.frame import stream
from twin.city.synthetic.lanes import apart
from twin.city.synthetic.network import RANK
from twin.city.synthetic.streets import INDUSTRIAL, MODERN, POLDER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.city.synthetic.frame import Floats, Frame, Geometries
    from twin.city.synthetic.inventory import Inventory
    from twin.city.synthetic.network import Edges

__all__ = ["HALF_WIDTH_M", "Buildings", "make_buildings", "share_out"]

type Ints = NDArray[np.int64]

#: Half the width of a road with its pavements, m, by class as in ``RANK``.
HALF_WIDTH_M = np.array([16.0, 13.0, 10.0, 7.5, 5.5, 4.5, 3.5, 1.8])

#: Of a front along a street, the share that is built up; and the share with a second row behind.
_FILL = np.array([0.82, 0.95, 0.72, 0.75, 0.16])
_SECOND = np.array([0.35, 0.6, 0.15, 0.0, 0.0])
_MOST_HOUSES = 60_000
_SURVIVE = 0.5  # of the footprints, when those in the way of others are gone
_PERSON_M2 = {"house": 30.0, "apartments": 35.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """A building that serves the public: footprint (m), levels, quarters, widest road beside."""

    name: str
    building: str
    front_m: float
    depth_m: float
    levels: tuple[int, int]
    appetite: tuple[float, float, float, float, float]  # by quarter
    narrowest: str


_PUBLIC = {
    "hospitals": _Kind(name="hospital", building="hospital", front_m=75, depth_m=60, levels=(4, 9),
                       appetite=(1, 1, 1, 0, 0), narrowest="tertiary"),
    "malls": _Kind(name="mall", building="commercial", front_m=95, depth_m=80, levels=(3, 6),
                   appetite=(0.2, 0.1, 1, 0, 0), narrowest="tertiary"),
    "markets": _Kind(name="market", building="commercial", front_m=45, depth_m=40, levels=(1, 2),
                     appetite=(1, 1, 0.4, 0.1, 0), narrowest="residential"),
    "fire_stations": _Kind(name="fire_station", building="public", front_m=36, depth_m=28,
                           levels=(2, 3), appetite=(1, 1, 1, 1, 0), narrowest="tertiary"),
    "ambulance_stations": _Kind(name="ambulance_station", building="public", front_m=22,
                                depth_m=20, levels=(1, 3), appetite=(1, 1, 1, 0.5, 0.2),
                                narrowest="tertiary"),
    "health_stations": _Kind(name="health_station", building="public", front_m=20, depth_m=22,
                             levels=(2, 3), appetite=(1, 1, 0.7, 0.3, 0.3),
                             narrowest="residential"),
    "police_stations": _Kind(name="police", building="public", front_m=20, depth_m=22,
                             levels=(2, 4), appetite=(1, 1, 0.7, 0.5, 0.3),
                             narrowest="residential"),
    "schools": _Kind(name="school", building="school", front_m=60, depth_m=42, levels=(2, 4),
                     appetite=(1, 1, 0.9, 0.1, 0.2), narrowest="residential"),
    "apartment_blocks": _Kind(name="apartments", building="apartments", front_m=42, depth_m=26,
                              levels=(9, 33), appetite=(0.25, 0.08, 1, 0, 0),
                              narrowest="residential"),
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Buildings:
    """Footprints with kind, levels, residents and firms; public ones first, with their purpose."""

    shape: Geometries
    kind: NDArray[np.str_]
    purpose: NDArray[np.str_]
    levels: NDArray[np.float64]
    residents: Ints
    household_businesses: Ints
    enterprises: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What a footprint has to keep clear of."""

    edges: Edges
    roads: shapely.STRtree
    no_go: shapely.STRtree
    boundary: shapely.Polygon

    def clear(self, shapes: Geometries) -> NDArray[np.bool_]:
        """Return which footprints stand on free ground."""
        shape, road = self.roads.query(shapes, predicate="dwithin", distance=HALF_WIDTH_M[0])
        half = HALF_WIDTH_M[self.edges.road_class[road]]
        gap = shapely.distance(shapes[shape], self.edges.lines[road])
        free = np.asarray(shapely.contains_properly(self.boundary, shapes))
        free[shape[gap < half]] = False
        free[self.no_go.query(shapes, predicate="intersects")[0]] = False
        return np.asarray(free, bool)


def share_out(total: int, weight: Floats) -> Ints:
    """Return whole numbers in proportion to *weight* that sum to *total*."""
    if not weight.size or weight.sum() <= 0.0:
        return np.zeros(weight.size, np.int64)
    exact = total * weight / weight.sum()
    shares = np.floor(exact).astype(np.int64)
    missing = total - int(shares.sum())
    shares[np.argsort(shares - exact, kind="stable")[:missing]] += 1
    return shares


def _beside(  # noqa: PLR0917 - a step of the synthesis, called once, with what the steps before it made
    edges: Edges, edge: Ints, at_m: Floats, side: Floats, front_m: Floats, depth_m: Floats,
    gap_m: Floats,
) -> Geometries:  # fmt: skip
    """Return rectangles beside the edges, their front towards the street."""
    lines = edges.lines[edge]
    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines, at_m))
    before = np.maximum(at_m - front_m / 2, 0.0)
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, at_m + front_m / 2))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(lines, before))
    along = ahead - behind
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) * side[:, None]
    off = HALF_WIDTH_M[edges.road_class[edge]] + gap_m
    near = middle + off[:, None] * across
    far = near + depth_m[:, None] * across
    half = 0.5 * front_m[:, None] * along
    return np.asarray(
        shapely.polygons(np.stack([near - half, near + half, far + half, far - half], axis=1))
    )


def _spread(xy: Floats, count: int, taste: Floats) -> Ints:
    """Return *count* places far from one another, the tastiest first."""
    chosen = [int(np.argmax(taste))]
    gap = np.hypot(*(xy - xy[chosen[0]]).T)
    for _ in range(min(count, len(xy)) - 1):
        chosen.append(int(np.argmax(gap * taste)))
        gap = np.minimum(gap, np.hypot(*(xy - xy[chosen[-1]]).T))
    return np.asarray(chosen, np.int64)


def _public(
    ground: _Ground, quarter: Ints, inventory: Inventory, frame: Frame, rng: np.random.Generator
) -> tuple[Geometries, list[str], list[str], Floats]:
    """Place the buildings of the inventory, spread over the district."""
    edges = ground.edges
    length = shapely.length(edges.lines)
    shapes: Geometries = np.array([], dtype=object)
    kinds: list[str] = []
    purposes: list[str] = []
    levels: list[Floats] = []
    for name, kind in _PUBLIC.items():
        count = getattr(inventory, name)
        placed = 0
        for turn in range(12):
            if placed == count:
                break
            appetite = np.asarray(kind.appetite) + (0.0 if turn < 3 else 0.2)
            shrink = 0.86**turn * (frame.scale if frame.scale < 0.6 else 1.0) ** 0.5
            weight = appetite[quarter] * length * (edges.water < 0)
            weight *= edges.road_class >= RANK.index("primary")
            weight *= edges.road_class <= RANK.index(kind.narrowest) + (turn > 4)
            if kind.building == "apartments":  # towers stand in groups and along boulevards
                weight *= rng.lognormal(0.0, 1.0, len(weight)) * (
                    1.0 + 3.0 * (edges.road_class <= 2)
                )
            if weight.sum() <= 0.0:
                continue
            tries = 30 * (count - placed) + 150
            edge = rng.choice(len(length), tries, p=weight / weight.sum()).astype(np.int64)
            spin = rng.uniform(0.85, 1.2, (2, tries)) * shrink
            found = _beside(
                edges, edge, rng.random(tries) * length[edge], rng.choice([-1.0, 1.0], tries),
                kind.front_m * spin[0], kind.depth_m * spin[1], np.full(tries, 5.0),
            )  # fmt: skip
            found = found[ground.clear(found)]
            found = found[apart(found, 8.0, shapely.STRtree(shapes))]
            if not len(found):
                continue
            xy = shapely.get_coordinates(shapely.centroid(found))
            taste = rng.uniform(0.4 if kind.building != "apartments" else 0.02, 1.0, len(found))
            if kind.building == "apartments":
                picked = np.argsort(-taste)[: count - placed]
            else:
                picked = _spread(xy, count - placed, taste)
            shapes = np.concatenate([shapes, found[picked]])
            kinds += [kind.building] * len(picked)
            purposes += [kind.name] * len(picked)
            levels.append(rng.integers(*kind.levels, len(picked), endpoint=True).astype(float))
            placed += len(picked)
        if placed < count:
            raise InternalError(
                f"there is too little room for the {name.replace('_', ' ')}",
                where=f"synthetic district, {frame.area_km2:g} km², seed {frame.seed}",
                value=placed,
                remedy=f"Ask for fewer than {count}.",
            )
    return shapes, kinds, purposes, np.concatenate(levels)


def _rows(
    edges: Edges, quarter: Ints, frame: Frame, rng: np.random.Generator
) -> tuple[Geometries, NDArray[np.str_], Floats]:
    """Return rows of houses, shops and sheds along both sides of every street, best first."""
    length = shapely.length(edges.lines)
    sheds = quarter == INDUSTRIAL
    usable = (edges.water < 0) & (edges.road_class > 0)
    wanted = min(900.0 * max(frame.area_km2, 12.0), _MOST_HOUSES) / _SURVIVE
    spin = rng.uniform(0.8, 1.25, len(length))
    share = _FILL[quarter] * (1.0 + _SECOND[quarter])
    # Above some ten square kilometres one footprint is a short row of tube houses.
    for front in np.geomspace(5.5, 250.0, 40):
        pitch = np.where(sheds, 62.0, front * spin) + 0.6
        fronts = np.floor((length - 12.0).clip(0.0) / pitch)
        per_side = np.where(usable, fronts, 0).astype(np.int64)
        if 2.0 * float((per_side * share).sum()) <= wanted:
            break
    edge = np.repeat(np.arange(len(length)), 2 * per_side)
    first = np.repeat(np.cumsum(2 * per_side) - 2 * per_side, 2 * per_side)
    k = np.arange(edge.size) - first
    side = np.where(k % 2 == 0, 1.0, -1.0)
    at_m = 6.0 + (k // 2 + 0.5) * pitch[edge]
    keep = rng.random(edge.size) < _FILL[quarter[edge]]
    edge, side, at_m = edge[keep], side[keep], at_m[keep]
    second = np.flatnonzero(rng.random(edge.size) < _SECOND[quarter[edge]])
    depth = np.where(sheds[edge], rng.uniform(38, 75, edge.size), rng.uniform(11, 18, edge.size))
    depth = np.where(edges.road_class[edge] == RANK.index("alley"), 0.7 * depth, depth)
    front_m = pitch[edge] - np.where(quarter[edge] == MODERN, 2.0, 0.6).clip(max=0.3 * front)
    front_m = np.where(sheds[edge], rng.uniform(34, 58, edge.size), front_m)
    gap = np.where(sheds[edge], 6.0, np.where(quarter[edge] == MODERN, 3.0, 1.0))
    shapes = _beside(edges, edge, at_m, side, front_m, depth, gap)
    behind = _beside(
        edges, edge[second], at_m[second], side[second], front_m[second],
        rng.uniform(9, 14, second.size), gap[second] + depth[second] + 1.2,
    )  # fmt: skip
    roads = edges.road_class[edge]
    shop = (roads <= RANK.index("tertiary")) & (rng.random(edge.size) < 0.3)
    kind = np.where(sheds[edge], "industrial", np.where(shop, "commercial", "house"))
    levels = np.select(
        [sheds[edge], shop, quarter[edge] == POLDER, roads == RANK.index("alley")],
        [
            rng.integers(1, 3, edge.size),
            rng.integers(3, 8, edge.size),
            rng.integers(1, 3, edge.size),
            rng.integers(1, 4, edge.size),
        ],
        rng.integers(2, 6, edge.size),
    )
    best = np.argsort(roads, kind="stable")
    return (
        np.concatenate([shapes[best], behind]),
        np.concatenate([kind[best], np.full(second.size, "house")]),
        np.concatenate([levels[best], rng.integers(1, 4, second.size)]).astype(float),
    )


def make_buildings(
    frame: Frame, edges: Edges, quarter: Ints, no_go: Geometries, inventory: Inventory
) -> Buildings:
    """
    Fill the street fronts, and share population and firms among the buildings.

    *quarter* is that of each edge; *no_go* are water, with its banks, and parks.
    """
    rng = stream(frame.seed, "buildings")
    shapely.prepare(frame.boundary)
    ground = _Ground(
        edges=edges,
        roads=shapely.STRtree(edges.lines),
        no_go=shapely.STRtree(no_go),
        boundary=frame.boundary,
    )
    public, kinds, purposes, public_levels = _public(ground, quarter, inventory, frame, rng)
    rows, row_kind, row_levels = _rows(edges, quarter, frame, rng)
    free = ground.clear(rows)
    rows, row_kind, row_levels = rows[free], row_kind[free], row_levels[free]
    fresh = apart(rows, 0.05, shapely.STRtree(public))
    shape = np.concatenate([public, rows[fresh]])
    kind = np.concatenate([np.array(kinds), row_kind[fresh]])
    levels = np.concatenate([public_levels, row_levels[fresh]])
    floor_m2 = shapely.area(shape) * levels
    lives = np.zeros(len(shape))
    for name, person_m2 in _PERSON_M2.items():
        lives[kind == name] = floor_m2[kind == name] / person_m2
    lives *= rng.uniform(0.6, 1.4, len(shape))
    trade = np.where(kind == "house", 1.0, np.where(kind == "commercial", 3.0, 0.0)) * floor_m2**0.5
    work = np.select(
        [kind == "commercial", kind == "industrial", kind == "apartments", kind == "house"],
        [4.0, 3.0, 2.0, 0.7],
        0.0,
    )
    return Buildings(
        shape=shape,
        kind=kind,
        purpose=np.concatenate([np.array(purposes), np.full(len(fresh), "")]),
        levels=levels,
        residents=share_out(inventory.population, lives),
        household_businesses=share_out(
            inventory.household_businesses, trade * rng.exponential(1.0, len(shape))
        ),
        enterprises=share_out(
            inventory.enterprises, work * floor_m2**0.5 * rng.exponential(1.0, len(shape))
        ),
    )
