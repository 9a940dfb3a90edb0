"""The outline of the district, and the geometry that every step of the synthesis shares."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter, map_coordinates

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.grid import Grid

__all__ = [
    "CRS",
    "Frame",
    "Geometries",
    "NoiseField",
    "make_frame",
    "polylines",
    "short_pieces",
    "stream",
]

type Geometries = NDArray[Any]
type Floats = NDArray[np.float64]

CRS = "EPSG:32648"
_EAST_M, _NORTH_M = 590_000.0, 1_110_000.0

# Unit square; the main river runs along north and east, its tributary along the south.
_MAIN = [
    (-0.25, 0.97),
    (0.0, 1.0),
    (0.25, 1.07),
    (0.5, 0.94),
    (0.75, 1.05),
    (0.97, 0.96),
    (1.06, 0.72),
    (0.93, 0.47),
    (1.04, 0.22),
    (1.0, 0.0),
    (1.1, -0.25),
]
_SOUTH = [(0.78, -0.07), (0.52, 0.05), (0.26, -0.06), (0.0, 0.02), (-0.25, -0.03)]
_WEST = [(0.05, 0.76), (-0.04, 0.5), (0.045, 0.25)]


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Return the random generator of one purpose, independent of every other purpose."""
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(purpose.encode())]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """
    Boundary and bounding rivers, m.

    ``main`` and ``south`` run beyond the boundary, which follows their centre lines; ``west`` is
    the canal that closes the district. ``scale`` is 1 at 5 km of side and less in a small
    district, for canal widths; ``detail`` is 1 up to 100 km² and grows beyond, for block sizes.
    """

    area_km2: float
    side_m: float
    boundary: shapely.Polygon
    main: Floats
    south: Floats
    west: Floats
    river_width_m: float
    scale: float
    detail: float
    seed: int

    def to_unit(self, xy: Floats) -> Floats:
        """Return positions in the unit square of the district's bounds, shape (n, 2)."""
        west, south, east, north = self.boundary.bounds
        return np.asarray((xy - [west, south]) / [east - west, north - south], float)


def polylines(xy: Floats) -> Geometries:
    """Return LineStrings of the points in *xy*, shape (n, points, 2)."""
    return np.asarray(shapely.linestrings(xy), dtype=object)


class NoiseField:
    """Smooth noise of unit variance over a box, sampled at points."""

    def __init__(
        self,
        bounds: tuple[float, float, float, float],
        length_m: float,
        rng: np.random.Generator,
    ) -> None:
        west, south, east, north = bounds
        self._step = length_m / 3.0
        self._west, self._south = west - length_m, south - length_m
        shape = (
            int((north - south + 2 * length_m) / self._step) + 3,
            int((east - west + 2 * length_m) / self._step) + 3,
        )
        noise = gaussian_filter(rng.standard_normal(shape), 1.5, mode="wrap")
        self._noise = (noise - noise.mean()) / max(float(noise.std()), 1e-12)

    def at(self, x_m: Floats, y_m: Floats) -> Floats:
        """Return the noise at points, of the shape of *x_m*."""
        rows = (np.asarray(y_m, float) - self._south) / self._step
        columns = (np.asarray(x_m, float) - self._west) / self._step
        found = map_coordinates(self._noise, [rows, columns], order=1, mode="nearest")
        return np.asarray(found, float)

    def on(self, grid: Grid) -> Floats:
        """Return the noise at the cell centres of *grid*."""
        x_m, y_m = np.meshgrid(grid.x_m, grid.y_m)
        return self.at(x_m, y_m)


def short_pieces(lines: Geometries, vertices: int = 10) -> tuple[Geometries, NDArray[np.int64]]:
    """
    Return the lines cut into pieces of a few vertices, with the index of their line.

    A tree over short pieces has small boxes; one over winding lines tests nearly everything.
    """
    sizes = shapely.get_num_coordinates(lines)
    long = np.flatnonzero(sizes > vertices + 1)
    whole = np.flatnonzero(sizes <= vertices + 1)
    pieces: list[shapely.LineString] = []
    owner: list[int] = []
    for index in long.tolist():
        xy = shapely.get_coordinates(lines[index])
        for first in range(0, len(xy) - 1, vertices):
            pieces.append(shapely.LineString(xy[first : first + vertices + 1]))
            owner.append(index)
    return (
        np.concatenate([lines[whole], np.array(pieces, dtype=object)]),
        np.concatenate([whole, np.asarray(owner, np.int64)]).astype(np.int64),
    )


def _smooth(points: Floats, step: float) -> Floats:
    chord = np.r_[0.0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    count = max(int(chord[-1] / step), 8)
    return np.asarray(CubicSpline(chord, points)(np.linspace(0.0, chord[-1], count)), float)


def _nearest(line: Floats, point: Floats) -> int:
    return int(np.argmin(np.hypot(line[:, 0] - point[0], line[:, 1] - point[1])))


def make_frame(*, area_km2: float, seed: int) -> Frame:
    """
    Draw the bounding rivers and scale the district between them to *area_km2*.

    Raises
    ------
    InvalidQuantityError
        If the area is not between 1 and 1,000 km².
    """
    if not 1.0 <= area_km2 <= 1000.0:
        raise InvalidQuantityError(
            "a synthetic district covers between 1 and 1,000 km²",
            where="area_km2",
            value=area_km2,
        )
    rng = stream(seed, "frame")
    step = 0.004

    def bend(points: list[tuple[float, float]]) -> Floats:
        array = np.asarray(points, float)
        return array + rng.uniform(-0.045, 0.045, array.shape)

    main = _smooth(bend(_MAIN), step)
    mouth = main[_nearest(main, np.array([1.0, 0.0]))]
    south = _smooth(np.vstack([mouth, bend(_SOUTH)]), step)
    head = main[_nearest(main, np.array([0.0, 1.0]))]
    foot = south[_nearest(south, np.array([0.0, 0.02]))]
    west = _smooth(np.vstack([head, bend(_WEST), foot]), step)
    ring = np.vstack(
        [
            main[_nearest(main, head) : _nearest(main, mouth) + 1],
            south[1 : _nearest(south, foot) + 1],
            west[-2:0:-1],
        ]
    )
    side = 1000.0 * float(np.sqrt(area_km2 / shapely.Polygon(ring).area))
    mirrored = bool(rng.integers(2))
    origin = np.array([_EAST_M, _NORTH_M])

    def place(unit: Floats) -> Floats:
        flipped = unit * [-1.0, 1.0] + [1.0, 0.0] if mirrored else unit
        return np.asarray(flipped * side + origin, float)

    kilometres = float(np.sqrt(area_km2))
    return Frame(
        area_km2=area_km2,
        side_m=side,
        boundary=shapely.Polygon(place(ring)),
        main=place(main),
        south=place(south),
        west=place(west),
        river_width_m=float(np.clip(90.0 * kilometres**0.75, 110.0, 1200.0)),
        scale=float(np.clip(kilometres / 5.0, 0.3, 1.0)),
        detail=max(1.0, area_km2 / 100.0) ** 0.25,
        seed=seed,
    )
