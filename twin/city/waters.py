"""Open water: what it is, how wide it is, and whether the tide reaches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from twin.city.water_branches import cut_branches
from twin.language import note

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from twin.language import Note

__all__ = ["Water", "classify_water", "clip_to_box", "measured_width_m", "polygons_only"]

#: Distance between the points of a centre line at which the width is measured, m.
SAMPLE_STEP_M: Final = 20.0
#: Widths are measured at this angle to the normal too, and the least counts, radians.
OBLIQUE_RAD: Final = np.pi / 6.0
#: Banks farther than this are not looked for, m.
FARTHEST_BANK_M: Final = 5_000.0
#: Areas nearer than this are one water body, m.
TOUCH_M: Final = 1.0
#: The share of a centre line that must lie in mapped areas for its width to be measured.
LEAST_INSIDE: Final = 0.2
#: The share of an area for which its centre lines must account (length times width).
LEAST_ACCOUNTED: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Water:
    """The two water layers of a city, and what was assumed on the way."""

    areas: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Samples:
    """
    Points on centre lines that lie in water.

    Parameters
    ----------
    line, line_width_m
        Line of each point, and the width of the water there, m, shape (n,).
    area, area_line, area_width_m
        The same for each pair of a point and an area around it, shape (m,): areas may overlap.
    per_line
        Points on each line, in water or not, shape (lines,).
    """

    line: NDArray[np.int64]
    line_width_m: NDArray[np.float64]
    area: NDArray[np.int64]
    area_line: NDArray[np.int64]
    area_width_m: NDArray[np.float64]
    per_line: NDArray[np.int64]


def polygons_only(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return *frame* with one row per valid polygon; points and lines of a mixture are dropped."""
    frame = frame.set_geometry(shapely.make_valid(frame.geometry.to_numpy()), crs=frame.crs)
    for _ in range(2):  # a collection may hold multipolygons
        frame = frame.explode(index_parts=False, ignore_index=True)
    kind = shapely.get_type_id(frame.geometry.to_numpy())
    return frame[(kind == 3) & (frame.geometry.area > 0.0)].reset_index(drop=True)


def clip_to_box(frame: gpd.GeoDataFrame, box: shapely.Geometry) -> gpd.GeoDataFrame:
    """Return the parts of lines or polygons that lie in *box*, one row per part."""
    shapes = frame.geometry.to_numpy()
    dimension = int(shapely.get_dimensions(shapes).max()) if len(frame) else 0
    touching = shapely.intersects(shapes, box)
    frame = frame[touching].copy()
    frame = frame.set_geometry(shapely.intersection(shapes[touching], box), crs=frame.crs)
    for _ in range(2):
        frame = frame.explode(index_parts=False, ignore_index=True)
    shapes = frame.geometry.to_numpy()
    keep = (shapely.get_dimensions(shapes) == dimension) & ~shapely.is_empty(shapes)
    return frame[keep].reset_index(drop=True)


def classify_water(
    areas: gpd.GeoDataFrame,
    lines: gpd.GeoDataFrame,
    *,
    box: shapely.Geometry | None,
    river_width_m: float,
) -> Water:
    """
    Give every water area and centre line its kind, its width and whether the tide can reach it.

    Parameters
    ----------
    areas
        Polygons with ``kind`` (river, canal, pond, sea, or water where it is not said) and
        ``name``, in metres.
    lines
        LineStrings with ``kind`` (river, canal, stream, drain), ``name`` and ``width_m`` (as
        mapped, NaN where it is not), in metres.
    river_width_m
        A river whose median width is less counts as a canal, m: the big tidal river is prescribed
        by the tide, the small ones are computed.

    Notes
    -----
    The width at a point of a centre line is the distance from bank to bank of the union of the
    areas, at right angles to the line; the width of a line or of an area is the median over its
    points, every 20 m. An area without a centre line of its own (the lines in it account for
    less than a quarter of its surface, as where a ditch ends in a river) has the width of a
    strip of its area and perimeter, 2 A / P, which is its mean width weighted by length.
    ``reaches_tide`` marks water that touches, over other water, a river or the sea.
    """
    areas = polygons_only(areas)
    samples = _sample_widths(areas, lines)
    n_lines, n_areas = len(lines), len(areas)
    inside = np.bincount(samples.line, minlength=n_lines)
    line_width = _median_by(samples.line, samples.line_width_m, n_lines)
    line_width[inside < LEAST_INSIDE * np.maximum(samples.per_line, 1)] = np.nan
    line_width = np.where(np.isnan(line_width), lines["width_m"].to_numpy(float), line_width)
    area_width = _median_by(samples.area, samples.area_width_m, n_areas)
    shapes = areas.geometry.to_numpy()
    strip = 2.0 * shapely.area(shapes) / shapely.length(shapes)
    surface = shapely.area(shapes if box is None else shapely.intersection(shapes, box))
    accounted = SAMPLE_STEP_M * np.bincount(samples.area, minlength=n_areas) * area_width
    without_line = ~(accounted >= LEAST_ACCOUNTED * surface)
    area_width = np.where(without_line, strip, area_width)

    kind = _resolve_kinds(areas, lines, samples, n_areas)
    narrow = (kind == "river") & (area_width < river_width_m)
    kind[narrow] = "canal"
    connected = _reached_by_tide(areas, lines, np.isin(kind, ("river", "sea")))
    areas = areas.assign(kind=kind, width_m=area_width, reaches_tide=connected[:n_areas])
    areas, branches = cut_branches(areas, river_width_m=river_width_m)
    lines = lines.assign(width_m=line_width, reaches_tide=connected[n_areas:])
    cases = (
        note("rivers_as_canals", count=int(narrow.sum()), width=river_width_m),
        note("branches_cut", count=branches),
        note("areas_without_line", count=int(without_line.sum()), total=n_areas),
    )
    counts = (int(narrow.sum()), branches, int(without_line.sum()))
    notes = tuple(case for case, count in zip(cases, counts, strict=True) if count)
    return Water(areas=areas, lines=lines, notes=notes)


def measured_width_m(
    areas: NDArray[np.object_], points: NDArray[np.object_], normals: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Return the width of the water across each point, m: from bank to bank along the normal.

    Parameters
    ----------
    areas
        Polygons of water; where they touch or overlap there is no bank between them.
    points
        Points in the water, shape (n,).
    normals
        Unit vectors across the flow there, shape (n, 2).

    Returns
    -------
    NDArray
        Widths, m; NaN where no bank lies within 5 km on one side. A centre line need not run in
        the middle.
    """
    width = np.full(len(points), np.nan)
    if len(points) == 0 or len(areas) == 0:
        return width
    rings = shapely.get_parts(shapely.boundary(shapely.union_all(areas)))
    rings = shapely.get_parts(rings)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end = coordinates[:-1][same], coordinates[1:][same]
    banks = np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), dtype=object)
    tree = shapely.STRtree(banks)
    _, nearest = tree.query_nearest(points, return_distance=True, all_matches=False)
    centre = shapely.get_coordinates(points)
    # Short transects first: they meet few banks. What finds none on a side is asked again.
    reach = np.minimum(8.0 * nearest + 10.0, FARTHEST_BANK_M)
    todo = np.arange(len(points))
    while todo.size:
        half = normals[todo] * reach[todo, None]
        transects = shapely.linestrings(np.stack([centre[todo] - half, centre[todo] + half], 1))
        at, bank = tree.query(transects, predicate="intersects")
        along = _crossing_m(centre[todo[at]], normals[todo[at]], start[bank], end[bank])
        left, right = np.full(todo.size, np.inf), np.full(todo.size, np.inf)
        np.minimum.at(left, at, np.where(along >= 0.0, along, np.inf))
        np.minimum.at(right, at, np.where(along <= 0.0, -along, np.inf))
        found = np.isfinite(left) & np.isfinite(right)
        width[todo[found]] = (left + right)[found]
        todo = todo[~found & (reach[todo] < FARTHEST_BANK_M)]
        reach[todo] = np.minimum(8.0 * reach[todo], FARTHEST_BANK_M)
    return width


def _narrowest_m(
    areas: NDArray[np.object_], points: NDArray[np.object_], normals: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Return the least width across each point, m: along the normal, or at an angle to it.

    At a confluence the normal runs up the other arm, and would measure its length.
    """
    cos, sin = np.cos(OBLIQUE_RAD), np.sin(OBLIQUE_RAD)
    turns = (np.eye(2), np.array([[cos, sin], [-sin, cos]]), np.array([[cos, -sin], [sin, cos]]))
    across = np.concatenate([normals @ turn for turn in turns])
    width = measured_width_m(areas, np.tile(points, 3), across).reshape(3, -1)
    return np.asarray(np.fmin.reduce(width, axis=0))


def _crossing_m(
    centre: NDArray[np.float64],
    normal: NDArray[np.float64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return how far along *normal* from *centre* each bank from *start* to *end* is met, m."""
    bank, away = end - start, start - centre
    cross = normal[:, 0] * bank[:, 1] - normal[:, 1] * bank[:, 0]
    along = away[:, 0] * bank[:, 1] - away[:, 1] * bank[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(np.abs(cross) > 0.0, along / cross, np.inf), np.float64)


def _sample_widths(areas: gpd.GeoDataFrame, lines: gpd.GeoDataFrame) -> _Samples:
    shapes = lines.geometry.to_numpy()
    length = shapely.length(shapes)
    per_line = np.maximum(1, np.ceil(length / SAMPLE_STEP_M)).astype(np.int64)
    owner = np.repeat(np.arange(len(lines), dtype=np.int64), per_line)
    rank = np.arange(owner.size) - np.repeat(np.cumsum(per_line) - per_line, per_line)
    step = length[owner] / per_line[owner]
    middle = (rank + 0.5) * step
    points = shapely.line_interpolate_point(shapes[owner], middle)
    before, after = (
        shapely.get_coordinates(shapely.line_interpolate_point(shapes[owner], middle + d * step))
        for d in (-0.5, 0.5)
    )
    flow = after - before
    flow /= np.maximum(np.hypot(flow[:, 0], flow[:, 1]), 1e-9)[:, None]
    normal = np.column_stack([-flow[:, 1], flow[:, 0]])
    polygons = areas.geometry.to_numpy()
    point, area = shapely.STRtree(polygons).query(points, predicate="within")
    order = np.lexsort((area, point))
    point, area = point[order], area[order].astype(np.int64)
    wet, inverse = np.unique(point, return_inverse=True)
    width = _narrowest_m(polygons, points[wet], normal[wet])
    return _Samples(
        line=owner[wet],
        line_width_m=width,
        area=area,
        area_line=owner[point],
        area_width_m=width[inverse],
        per_line=per_line,
    )


def _median_by(
    group: NDArray[np.int64], value: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    median = np.full(count, np.nan)
    if group.size:
        found = pd.Series(value).groupby(group).median()
        median[found.index.to_numpy()] = found.to_numpy()
    return median


def _resolve_kinds(
    areas: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, samples: _Samples, n_areas: int
) -> NDArray[np.object_]:
    """Say what the areas are whose tags do not: what runs through them, or what they touch."""
    kind: NDArray[np.object_] = areas["kind"].to_numpy(dtype=object).copy()
    line_is_river = (lines["kind"] == "river").to_numpy(bool)
    river = np.bincount(samples.area[line_is_river[samples.area_line]], minlength=n_areas)
    other = np.bincount(samples.area[~line_is_river[samples.area_line]], minlength=n_areas)
    unsaid = kind == "water"
    kind[unsaid & (river > 0) & (river >= other)] = "river"
    kind[(kind == "water") & (other > 0)] = "canal"
    if (kind == "water").any():
        shapes = areas.geometry.to_numpy()
        flowing = np.isin(kind, ("river", "canal", "sea"))
        left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCH_M)
        touching = np.zeros(n_areas, dtype=np.bool_)
        touching[left[flowing[right]]] = True
        kind[(kind == "water") & touching] = "canal"
        kind[kind == "water"] = "pond"
    return kind


def _reached_by_tide(
    areas: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, source: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return, for areas and then lines, whether touching water leads to a *source* area."""
    shapes = np.concatenate([areas.geometry.to_numpy(), lines.geometry.to_numpy()])
    if not shapes.size:
        return np.zeros(0, dtype=np.bool_)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCH_M)
    touch = coo_array((np.ones(left.size, np.int8), (left, right)), shape=(shapes.size,) * 2)
    _, component = connected_components(touch, directed=False)
    reached = np.zeros(int(component.max()) + 1, dtype=np.bool_)
    reached[component[: source.size][source]] = True
    return np.asarray(reached[component], dtype=np.bool_)
