"""Lines of structures on the grid, and what the ground says about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import InvalidQuantityError, ScenarioError
from models.flood.faces import LineFaces, faces_along
from scenarios.schema.places import XY, LonLat

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.grid import Grid
    from scenarios.schema.structures import Line
    from twin.engine.places import PlaceFinder

__all__ = ["Ground", "line_faces", "line_points"]

#: Longest way from bank to bank that is looked at, m.
_WIDEST_M = 3000.0
#: Directions in which a way across is looked for.
_DIRECTIONS = 72
#: How many cells a line is carried on to reach the bank.
_TO_THE_BANK = 3


@dataclass(frozen=True, kw_only=True)
class Ground:
    """
    The ground of a run.

    Parameters
    ----------
    grid, bed_m
        Grid and ground level, m, NaN outside; shape (rows, columns).
    water
        Whether a cell is a canal, pond, river or sea; None where the city does not say.
    prescribed
        Whether the level of a cell is prescribed.
    """

    grid: Grid
    bed_m: NDArray[np.float64]
    water: NDArray[np.bool_] | None
    prescribed: NDArray[np.bool_]

    def flat(self, row: int, column: int) -> int:
        """Return the flat position of a cell."""
        return row * self.grid.columns + column

    def centre(self, cell: int) -> tuple[float, float]:
        """Return easting and northing of the centre of a cell, m."""
        row, column = divmod(cell, self.grid.columns)
        return float(self.grid.x_m[column]), float(self.grid.y_m[row])

    def floor_m(self, faces: LineFaces) -> NDArray[np.float64]:
        """Return the higher ground of the two cells beside each face, m."""
        return np.maximum(self.bed_m[faces.cells_a()], self.bed_m[faces.cells_b()])

    def between_water(self, faces: LineFaces) -> NDArray[np.bool_]:
        """Return which faces have water on both sides; all where the city does not say."""
        if self.water is None:
            return np.ones(len(faces), np.bool_)
        return self.water[faces.cells_a()] & self.water[faces.cells_b()]

    def must_matter(self, faces: LineFaces, wet: NDArray[np.bool_], where: str) -> None:
        """
        Check that a structure across a channel stands in water whose flow is computed.

        Raises
        ------
        ScenarioError
            If no face has water on both sides, or the levels of all of them are prescribed.
        """
        if not wet.any():
            x, y = self.centre(self.flat(int(faces.row[0]), int(faces.column[0])))
            raise ScenarioError(
                f"the line crosses no canal or river; the nearest water is "
                f"{self._to_water_m(x, y):.0f} m away",
                where=f"{where}.line",
                value=(round(x), round(y)),
                remedy="Move it into the channel, from bank to bank.",
            )
        held = self.prescribed[faces.cells_a()] & self.prescribed[faces.cells_b()]
        if held[wet].all():
            raise ScenarioError(
                "the tide prescribes the level on both sides, so that it could have no effect",
                where=f"{where}.line",
                remedy="Move it into the canal, or take that water out of tide.applies_to.",
            )

    def _to_water_m(self, x: float, y: float) -> float:
        if self.water is None or not self.water.any():
            return float("inf")
        rows, columns = np.nonzero(self.water)
        apart = np.hypot(self.grid.x_m[columns] - x, self.grid.y_m[rows] - y)
        return float(apart.min())

    def wet_at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether points lie in water."""
        row, column, inside = self.grid.locate(x, y)
        if self.water is None:
            return np.zeros_like(inside)
        return np.asarray(inside & self.water[row, column], np.bool_)

    def across(self, x: float, y: float, where: str) -> NDArray[np.float64]:
        """
        Return the two ends of the shortest way from bank to bank through a point, m.

        Raises
        ------
        ScenarioError
            If the point does not lie in water, or no bank is near.
        """
        if self.water is None:
            raise ScenarioError(
                "the terrain of the city does not say where its canals are",
                where=where,
                remedy="Draw the line.",
            )
        if not self.wet_at(np.array([x]), np.array([y]))[0]:
            apart = self._to_water_m(x, y)
            if not apart <= 2.0 * self.grid.cell_size_m:
                raise ScenarioError(
                    f"the place does not lie in water; the nearest is {apart:.0f} m away",
                    where=where,
                    value=(round(x, 1), round(y, 1)),
                    remedy="Move it into the channel.",
                )
            rows, columns = np.nonzero(self.water)
            near = int(np.argmin(np.hypot(self.grid.x_m[columns] - x, self.grid.y_m[rows] - y)))
            x, y = float(self.grid.x_m[columns[near]]), float(self.grid.y_m[rows[near]])
        step_m = 0.25 * self.grid.cell_size_m
        reach = np.arange(0.0, _WIDEST_M, step_m)
        best: tuple[float, NDArray[np.float64]] | None = None
        for angle in np.arange(_DIRECTIONS) * np.pi / _DIRECTIONS:
            way = np.array([np.cos(angle), np.sin(angle)])
            ends = []
            for sign in (-1.0, 1.0):
                wet = self.wet_at(x + sign * way[0] * reach, y + sign * way[1] * reach)
                if wet.all():
                    break
                ends.append(np.array([x, y]) + sign * way * reach[int(np.argmin(wet))])
            if len(ends) == 2:
                width_m = float(np.hypot(*(ends[1] - ends[0])))
                if best is None or width_m < best[0]:
                    best = width_m, np.stack(ends)
        if best is None:
            raise ScenarioError(f"no bank lies within {_WIDEST_M:.0f} m", where=where)
        return best[1]


def line_faces(
    line: Line, ground: Ground, places: PlaceFinder, where: str, *, in_water: bool = False
) -> tuple[LineFaces, NDArray[np.float64]]:
    """
    Return the faces of a line between cells with ground, and its points, m, shape (n, 2).

    Parameters
    ----------
    line, where
        The line, and its field.
    ground, places
        Where it lies.
    in_water
        Whether it must part a channel from bank to bank; its ends are carried on to the banks by
        up to three cells.

    Raises
    ------
    ScenarioError
        If it lies off the grid, or ends in the water where it must not.
    """
    points = line_points(line, ground, places, where)
    for _ in range(_TO_THE_BANK + 1):
        try:
            faces = faces_along(ground.grid, points[:, 0], points[:, 1])
        except InvalidQuantityError as error:
            raise ScenarioError(
                error.what, where=where, value=error.value, remedy=error.remedy
            ) from error
        if not in_water or ground.water is None:
            break
        ends = [_ends_in_water(ground, points[n]) for n in (0, -1)]
        if not any(ends):
            break
        points = _carried_on(points, ends, ground)
    else:
        raise ScenarioError(
            "the line ends in the water, so that it would be passed round",
            where=where,
            remedy="Draw it from bank to bank, or write {across: a point in the channel}.",
        )
    grid = ground.grid
    rows_a, columns_a = faces.cells_a()
    rows_b, columns_b = faces.cells_b()
    whole = (rows_a >= 0) & (columns_a >= 0) & (rows_b < grid.rows) & (columns_b < grid.columns)
    faces = faces.take(whole)
    faces = faces.take(~np.isnan(ground.floor_m(faces)))
    if not len(faces):
        raise ScenarioError(
            "the line runs outside the ground that is computed",
            where=where,
            remedy="Move it to where the terrain has data.",
        )
    return faces, points


def line_points(line: Line, ground: Ground, places: PlaceFinder, where: str) -> NDArray[np.float64]:
    """
    Return the points of a line, easting and northing, m, shape (n, 2).

    Raises
    ------
    ScenarioError
        If one lies off the city, or the line is still in a file.
    """
    if line.across is not None:
        x, y = places.point(line.across, where=f"{where}.across")
        return ground.across(x, y, f"{where}.across")
    if line.file is not None:
        raise ScenarioError(
            "the line is still in a file",
            where=where,
            remedy="Resolve the scenario before it is run.",
        )
    spots: list[Any] = (
        [LonLat(lon=p[0], lat=p[1]) for p in _degrees(line, where)]
        if line.lonlat is not None
        else [XY(x_m=p[0], y_m=p[1]) for p in line.xy_m or ()]
    )
    found = [places.point(spot, where=f"{where}, point {n + 1}") for n, spot in enumerate(spots)]
    return np.asarray(found, np.float64)


def _degrees(line: Line, where: str) -> list[tuple[float, ...]]:
    pairs = list(line.lonlat or ())
    for n, pair in enumerate(pairs):
        if not (-180.0 <= pair[0] <= 180.0 and -90.0 <= pair[1] <= 90.0):
            raise ScenarioError(
                "this is not longitude and latitude",
                where=f"{where}.lonlat[{n}]",
                value=tuple(pair),
                remedy="Longitude comes first; for metres write xy_m.",
            )
    return pairs


def _ends_in_water(ground: Ground, end: NDArray[np.float64]) -> bool:
    """Return whether all ways round the corner at the end of a line are not closed by land."""
    grid = ground.grid
    i = int(np.floor((end[0] - grid.west_m) / grid.cell_size_m + 0.5))
    j = int(np.floor((grid.north_m - end[1]) / grid.cell_size_m + 0.5))
    if not (0 < i < grid.columns and 0 < j < grid.rows) or ground.water is None:
        return False
    around = ground.water[j - 1 : j + 1, i - 1 : i + 1]
    return bool(around.all())


def _carried_on(
    points: NDArray[np.float64], ends: list[bool], ground: Ground
) -> NDArray[np.float64]:
    """Return the line with the ends that lie in water carried on by a cell."""
    longer = points.copy()
    for n, inner, in_water in ((0, 1, ends[0]), (-1, -2, ends[1])):
        if in_water:
            way = points[n] - points[inner]
            way /= max(float(np.hypot(*way)), 1e-9)
            end = points[n] + way * ground.grid.cell_size_m
            west, south, east, north = ground.grid.bounds
            longer[n] = np.clip(end, (west, south), (east, north))
    return longer
