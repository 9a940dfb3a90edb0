"""The tidal rivers and the canals that branch from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter1d

from twin.city.synthetic.frame import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.city.synthetic.frame import Floats, Frame, Geometries

__all__ = ["ORDER_DITCH", "ORDER_RIVER", "Waters", "make_waters", "reaches"]

ORDER_RIVER, ORDER_DITCH = 0, 4
_STEP_M = 30.0
_REACH_VERTICES = 12


@dataclass(slots=True, kw_only=True)
class Waters:
    """Centre lines with order (0 river, 1 to 3 canals, 4 ditch) and width, in equal lengths."""

    lines: list[Floats]
    order: list[int]
    width_m: list[float]

    def add(self, line: Floats, order: int, width_m: float) -> int:
        """Add one watercourse and return its index."""
        self.lines.append(np.asarray(line, float))
        self.order.append(order)
        self.width_m.append(float(width_m))
        return len(self.lines) - 1

    def polygons(self) -> Geometries:
        """Return the water areas, one for each centre line."""
        return np.asarray(
            shapely.buffer(
                np.array([shapely.LineString(line) for line in self.lines], dtype=object),
                np.asarray(self.width_m) / 2.0,
                quad_segs=4,
            )
        )


def reaches(waters: Waters, setback_m: Floats) -> tuple[Geometries, NDArray[np.int64]]:
    """
    Return short polygons that cover the water and a set-back, with the index of their water.

    Short pieces keep every later test local, however large the district.
    """
    pieces: list[shapely.LineString] = []
    owner: list[int] = []
    for index, line in enumerate(waters.lines):
        for first in range(0, len(line) - 1, _REACH_VERTICES):
            pieces.append(shapely.LineString(line[first : first + _REACH_VERTICES + 1]))
            owner.append(index)
    owners = np.asarray(owner, np.int64)
    half = np.asarray(waters.width_m)[owners] / 2.0 + setback_m[owners]
    return np.asarray(shapely.buffer(np.array(pieces, dtype=object), half, quad_segs=4)), owners


class _Occupancy:
    """Which watercourse claims the ground nearby, on a coarse raster."""

    def __init__(self, frame: Frame) -> None:
        west, south, east, north = frame.boundary.bounds
        self.cell = float(np.clip(frame.side_m / 250.0, 10.0, 40.0))
        self.west, self.south = west, south
        shape = (int((north - south) / self.cell) + 2, int((east - west) / self.cell) + 2)
        self.owner = np.full(shape, -1, np.int32)
        x_m = west + (np.arange(shape[1]) + 0.5) * self.cell
        y_m = south + (np.arange(shape[0]) + 0.5) * self.cell
        shapely.prepare(frame.boundary)
        self.inside = np.asarray(
            shapely.contains_xy(frame.boundary, *np.meshgrid(x_m, y_m)), dtype=bool
        )

    def look(self, x: float, y: float) -> int:
        """Return the owner of a place, -1 for none and -2 for beyond the district."""
        row, column = int((y - self.south) // self.cell), int((x - self.west) // self.cell)
        if not (0 <= row < self.owner.shape[0] and 0 <= column < self.owner.shape[1]):
            return -2
        return int(self.owner[row, column]) if self.inside[row, column] else -2

    def claim(self, line: Floats, radius_m: float, owner: int) -> None:
        """Give the ground within *radius_m* of the line to *owner*, where it is free."""
        reach = int(radius_m / self.cell)
        rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        disc = rows**2 + columns**2 <= (radius_m / self.cell) ** 2
        row = ((line[:, 1] - self.south) // self.cell).astype(int)[:, None] + rows[disc]
        column = ((line[:, 0] - self.west) // self.cell).astype(int)[:, None] + columns[disc]
        keep = (row >= 0) & (row < self.owner.shape[0])
        keep &= (column >= 0) & (column < self.owner.shape[1])
        row, column = row[keep], column[keep]
        free = self.owner[row, column] < 0
        self.owner[row[free], column[free]] = owner


def _resample(line: Floats, step_m: float) -> Floats:
    at = np.r_[0.0, np.cumsum(np.hypot(*np.diff(line, axis=0).T))]
    wanted = np.linspace(0.0, at[-1], max(int(at[-1] / step_m), 2) + 1)
    return np.stack([np.interp(wanted, at, line[:, 0]), np.interp(wanted, at, line[:, 1])], axis=1)


def _crossing(start: Floats, end: Floats, amplitude: float, rng: np.random.Generator) -> Floats:
    """Return a meandering line between two points on the rivers."""
    length = float(np.hypot(*(end - start)))
    t = np.linspace(0.0, 1.0, max(int(length / _STEP_M), 8) + 1)
    waves = max(1.0, length / 3200.0)
    sway = np.sin(2 * np.pi * (waves * t + rng.uniform())) + 0.5 * np.sin(
        2 * np.pi * (2.3 * waves * t + rng.uniform())
    )
    sway *= amplitude * np.sin(np.pi * t) ** 0.5
    along = (end - start) / length
    across = np.array([-along[1], along[0]])
    return np.asarray(start + t[:, None] * (end - start) + sway[:, None] * across, float)


def _on_line(line: Floats, axis: int, value: float) -> Floats:
    return np.asarray(line[int(np.argmin(np.abs(line[:, axis] - value)))], float)


def _trunks(frame: Frame, waters: Waters, rng: np.random.Generator) -> None:
    """Add the canals that cross the district from river to river."""
    west, south, east, north = frame.boundary.bounds
    side = frame.side_m
    ring = np.asarray(frame.boundary.exterior.coords)
    middle = np.array([(west + east) / 2, (south + north) / 2])
    count = max(1, round(side / 3300.0 - 0.6))
    for k in range(count):
        share = (k + 1) / (count + 1) + rng.uniform(-0.12, 0.12) / count
        x_m = west + share * (east - west)
        upper = _on_line(ring[ring[:, 1] > middle[1]], 0, x_m)
        lower = _on_line(ring[ring[:, 1] < middle[1]], 0, x_m + rng.uniform(-0.08, 0.08) * side)
        wide = 1.6 if frame.area_km2 > 120.0 and k % 3 == 1 else 1.0
        line = _crossing(upper, lower, 0.035 * side / count**0.6, rng)
        waters.add(line, 1, wide * rng.uniform(85.0, 115.0) * frame.scale)
    count = max(1, round(side / 4200.0))
    for k in range(count):
        share = (k + 1) / (count + 1) + rng.uniform(-0.1, 0.1) / count
        if count == 1:  # clear of the boulevard, which runs through the middle
            share = 0.5 + rng.choice([-1.0, 1.0]) * rng.uniform(0.10, 0.16)
        y_m = south + share * (north - south)
        left = _on_line(ring[ring[:, 0] < middle[0]], 1, y_m)
        right = _on_line(ring[ring[:, 0] > middle[0]], 1, y_m + rng.uniform(-0.08, 0.08) * side)
        line = _crossing(left, right, 0.03 * side / count**0.6, rng)
        waters.add(line, 2, rng.uniform(45.0, 70.0) * frame.scale)


def _walk(
    frame: Frame, field: _Occupancy, parent: int, start: Floats, heading: float, *, length_m: float,
    rng: np.random.Generator, lines: list[Floats],
) -> Floats | None:  # fmt: skip
    """Let one canal wander from its parent until it meets another water or ends."""
    step = _STEP_M * max(frame.scale, 0.4)
    points = [start]
    turn = rng.uniform(-0.1, 0.1)
    angle, left = heading, False
    for _ in range(int(length_m / step)):
        turn = 0.85 * turn + rng.normal(0.0, 0.06) - 0.03 * (angle - heading)
        angle += float(np.clip(turn, -0.3, 0.3))
        x = points[-1][0] + step * np.cos(angle)
        y = points[-1][1] + step * np.sin(angle)
        owner = field.look(x, y)
        if owner == -2 or (owner == parent and left):
            break
        if owner == -1:
            left = True
        elif owner != parent:
            other = lines[owner]
            nearest = other[int(np.argmin(np.hypot(other[:, 0] - x, other[:, 1] - y)))]
            gap = np.hypot(*(nearest - points[-1]))
            filler = np.linspace(points[-1], nearest, max(int(gap / step), 1) + 1)[1:]
            points.extend(filler)
            break
        points.append(np.array([x, y]))
    if not left or len(points) * step < 0.35 * length_m or len(points) < 4:
        return None
    line = np.asarray(points)
    smooth = gaussian_filter1d(line, 1.5, axis=0, mode="nearest")
    smooth[[0, -1]] = line[[0, -1]]
    return smooth


def _branches(  # noqa: PLR0917 - a step of the synthesis, called once, with what the steps before it made
    frame: Frame, waters: Waters, field: _Occupancy, order: int, count: int,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Add canals of one order that branch from those above."""
    width = {2: (38.0, 62.0), 3: (14.0, 26.0)}[order]
    length = {2: (900.0, 2600.0), 3: (350.0, 1300.0)}[order]
    spacing = {2: 330.0, 3: 190.0}[order] * max(frame.scale, 0.35) ** 0.7
    parents = [k for k in range(len(waters.lines)) if waters.order[k] < order]
    weight = np.array([len(waters.lines[k]) for k in parents], float)
    made = 0
    for _ in range(40 * count + 40):
        if made == count:
            break
        parent = parents[int(rng.choice(len(parents), p=weight / weight.sum()))]
        line = waters.lines[parent]
        k = int(rng.integers(1, len(line) - 1))
        along = line[k + 1] - line[k - 1]
        side = 1.0 if rng.random() < 0.5 else -1.0
        heading = float(np.arctan2(along[1], along[0]) + side * np.pi / 2 + rng.normal(0.0, 0.25))
        mouth = line[k] + (waters.width_m[parent] / 2 + spacing) * np.array(
            [np.cos(heading), np.sin(heading)]
        )
        if field.look(*mouth) not in {parent, -1}:
            continue
        reach_m = rng.uniform(*length) * max(frame.scale, 0.25)
        reach_m += waters.width_m[parent] / 2
        found = _walk(
            frame, field, parent, line[k], heading, length_m=reach_m, rng=rng, lines=waters.lines
        )
        if found is None:
            continue
        index = waters.add(found, order, rng.uniform(*width) * frame.scale)
        field.claim(found, spacing, index)
        if order == 3 or rng.random() < 0.5:  # canals branch from their own kind too
            parents.append(index)
            weight = np.r_[weight, len(found)]
        made += 1


def make_waters(frame: Frame, canals: int) -> Waters:
    """Draw the rivers and all canals but the ditches; at most *canals* in all."""
    rng = stream(frame.seed, "waters")
    waters = Waters(lines=[], order=[], width_m=[])
    waters.add(_resample(frame.main, 40.0), ORDER_RIVER, frame.river_width_m)
    waters.add(_resample(frame.south, 40.0), ORDER_RIVER, max(60.0, 0.42 * frame.river_width_m))
    waters.add(_resample(frame.west, _STEP_M), 1, 100.0 * frame.scale)
    _trunks(frame, waters, rng)
    field = _Occupancy(frame)
    for index, line in enumerate(waters.lines):
        spacing = 260.0 * max(frame.scale, 0.35)
        field.claim(_resample(line, field.cell), waters.width_m[index] / 2 + spacing, index)
    room = canals - len(waters.lines)
    second = min(max(round(0.34 * frame.area_km2), 1), max(room // 4, 0))
    _branches(frame, waters, field, 2, second, rng)
    third = min(max(round(1.5 * frame.area_km2), 2), max((canals - len(waters.lines)) // 2, 0))
    _branches(frame, waters, field, 3, third, rng)
    return waters
