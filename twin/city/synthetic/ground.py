"""The terrain: relief, banks, raised roads, beds, roughness and population on the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
import xarray as xr
from affine import Affine
from rasterio.features import rasterize
from scipy.ndimage import distance_transform_edt, gaussian_filter

from models.grid import Grid
from twin.city.city import WATER_CANAL, WATER_LAND, WATER_RIVER
from twin.city.synthetic.buildings import HALF_WIDTH_M
from twin.city.synthetic.frame import CRS, NoiseField, stream
from twin.city.synthetic.streets import INDUSTRIAL, MIXED, MODERN, OLD
from twin.city.synthetic.waters import ORDER_RIVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.city.synthetic.buildings import Buildings
    from twin.city.synthetic.frame import Floats, Frame, Geometries
    from twin.city.synthetic.network import Edges
    from twin.city.synthetic.streets import Streets
    from twin.city.synthetic.waters import Waters

__all__ = ["DATUM", "make_grid", "make_terrain"]

DATUM = "fictitious local datum, mean sea level"

# By quarter: mixed, old, modern, industrial, polder.
_LIFT_M = np.array([0.0, 0.05, 0.40, 0.30, -0.42])
_MANNING = np.array([0.060, 0.070, 0.050, 0.045, 0.055])
_IMPERVIOUS = np.array([0.75, 0.90, 0.65, 0.80, 0.15])
_PARK_MANNING, _PARK_IMPERVIOUS = 0.040, 0.10
_ROAD_MANNING, _CANAL_MANNING, _RIVER_MANNING = 0.025, 0.030, 0.025

#: How far a road lies above the ground beside it, m, by class as in ``RANK``.
_RAISED_M = np.array([0.50, 0.40, 0.30, 0.20, 0.12, 0.12, 0.08, 0.0])


def make_grid(frame: Frame, cell_size_m: float) -> Grid:
    """Return the grid over the district and the whole width of its rivers."""
    margin = frame.river_width_m / 2.0 + 80.0
    west, south, east, north = frame.boundary.bounds
    return Grid.covering(
        west - margin, south - margin, east + margin, north + margin, cell_size_m=cell_size_m
    )


def _burn(grid: Grid, shapes: Geometries, values: NDArray[np.float64], fill: float = 0.0) -> Floats:
    """Return the values of the shapes on the grid; a later shape covers an earlier one."""
    if not len(shapes):
        return np.full(grid.shape, fill)
    size = grid.cell_size_m
    transform = Affine(size, 0.0, grid.west_m, 0.0, -size, grid.north_m)
    return np.asarray(
        rasterize(
            zip(shapes, values, strict=True),
            out_shape=grid.shape,
            fill=fill,
            transform=transform,
            dtype="float64",
        )
    )


def _along(grid: Grid, lines: Geometries, values: NDArray[np.float64]) -> Floats:
    """Return the highest value of the lines that cross each cell, 0 elsewhere."""
    dense = shapely.segmentize(lines, 0.5 * grid.cell_size_m)
    xy, index = shapely.get_coordinates(dense, return_index=True)
    row, column, inside = grid.locate(xy[:, 0], xy[:, 1])
    found = np.zeros(grid.shape)
    np.maximum.at(found, (row[inside], column[inside]), values[index[inside]])
    return found


def _path_cells(grid: Grid, lines: list[Floats]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of cells that each line crosses, joined by their edges."""
    rows, columns = [], []
    for line in lines:
        at = np.r_[0.0, np.cumsum(np.hypot(*np.diff(line, axis=0).T))]
        wanted = np.linspace(0.0, at[-1], int(at[-1] / (0.25 * grid.cell_size_m)) + 2)
        row, column, inside = grid.locate(
            np.interp(wanted, at, line[:, 0]), np.interp(wanted, at, line[:, 1])
        )
        row, column = row[inside], column[inside]
        corner = (np.diff(row) != 0) & (np.diff(column) != 0)
        rows += [row, row[:-1][corner]]
        columns += [column, column[1:][corner]]
    return np.concatenate(rows), np.concatenate(columns)


def _water_on(grid: Grid, waters: Waters, areas: Geometries) -> tuple[NDArray[np.int8], Floats]:
    """Return the kind of water and its width (m, 0 on land) on the grid."""
    width_m = np.asarray(waters.width_m)
    order = np.asarray(waters.order)
    narrow_first = np.argsort(-order * 1e4 + width_m, kind="stable")
    width = _burn(grid, areas[narrow_first], width_m[narrow_first])
    for k in narrow_first:
        row, column = _path_cells(grid, [waters.lines[k]])
        width[row, column] = np.maximum(width[row, column], width_m[k])
    river = _burn(grid, areas[order == ORDER_RIVER], np.ones(int((order == ORDER_RIVER).sum()))) > 0
    row, column = _path_cells(grid, [waters.lines[k] for k in np.flatnonzero(order == ORDER_RIVER)])
    river[row, column] = True
    kind = np.where(river, WATER_RIVER, np.where(width > 0, WATER_CANAL, WATER_LAND))
    return kind.astype(np.int8), width


def _land(  # noqa: PLR0917 - a step of the synthesis, called once, with what the steps before it made
    grid: Grid, frame: Frame, quarter: NDArray[np.int64], parks: NDArray[np.bool_],
    water: NDArray[np.int8], width: Floats,
) -> Floats:  # fmt: skip
    """Return the natural and filled ground, m above datum, before roads and beds."""
    rng = stream(frame.seed, "ground")
    size = grid.cell_size_m
    broad = NoiseField(grid.bounds, 1100.0 * max(frame.scale, 0.35), rng).on(grid)
    fine = NoiseField(grid.bounds, 260.0, rng).on(grid)
    lift = gaussian_filter(_LIFT_M[quarter] - 0.15 * parks, 110.0 / size, mode="nearest")
    level = 1.48 + 0.17 * broad + 0.06 * fine + lift
    to_canal = distance_transform_edt(water == WATER_LAND) * size
    low = np.exp(-to_canal / 160.0) * np.clip(0.34 - lift, 0.0, 0.5)
    level = np.clip(level - low, 0.9, 2.2)
    # Quays and dykes stand along the wide water; the small canals have none.
    wide = (water > WATER_LAND) & (width >= 60.0 * frame.scale)
    quay = (distance_transform_edt(~wide) * size < max(25.0, 1.5 * size)) & (water == WATER_LAND)
    quay &= np.isin(quarter, (OLD, MODERN, INDUSTRIAL, MIXED))
    return np.where(quay, np.maximum(level, np.clip(1.62 + 0.10 * fine, 1.45, 1.95)), level)


def _beds(grid: Grid, land: Floats, water: NDArray[np.int8], width: Floats) -> Floats:
    """Return the ground with the beds of rivers and canals in it."""
    size = grid.cell_size_m
    inward = distance_transform_edt(water > WATER_LAND) * size
    river = water == WATER_RIVER
    depth = np.where(river, np.clip(5.5 + width / 90.0, 6.0, 15.0), 0.8 + 0.022 * width)
    reach = np.clip(inward / np.maximum(width / 2.0, size), 0.0, 1.0)
    shape = np.maximum(1.0 - (1.0 - reach) ** 2, 0.35)
    shape = np.where(width < 2.5 * size, 1.0, shape)
    bed = -depth * shape
    # A canal narrower than a cell keeps about its section, so the cell is cut less deep.
    share = np.sqrt(np.clip(width / size, 0.0, 1.0))
    cut = np.maximum((land - bed) * share, 0.6)
    return np.where(water > WATER_LAND, land - cut, land)


def make_terrain(  # noqa: PLR0917 - a step of the synthesis, called once, with what the steps before it made
    grid: Grid, frame: Frame, streets: Streets, parks: Geometries, waters: Waters,
    edges: Edges, buildings: Buildings, areas: Geometries,
) -> xr.Dataset:  # fmt: skip
    """Return the terrain dataset; NaN beyond the far banks of the rivers."""
    quarter = _burn(grid, streets.superblocks, streets.quarter.astype(float), float(MIXED))
    zones = quarter.astype(np.int64)
    green = _burn(grid, parks, np.ones(len(parks))) > 0
    water, width = _water_on(grid, waters, areas)
    land = _land(grid, frame, zones, green, water, width)
    dry = edges.water < 0
    share = np.clip(2.0 * HALF_WIDTH_M[edges.road_class[dry]] / grid.cell_size_m, 0.0, 1.0)
    raised = _RAISED_M[edges.road_class[dry]]
    up = _along(grid, edges.lines[dry], raised * share)
    paved = _along(grid, edges.lines[dry], share)
    ground = _beds(grid, land + np.where(water == WATER_LAND, up, 0.0), water, width)
    rivers = np.asarray(waters.order) == ORDER_RIVER
    domain = shapely.union_all(np.r_[areas[rivers], areas[2:3], [frame.boundary]])
    domain = domain.buffer(grid.cell_size_m)  # one row of the far banks
    known = _burn(grid, np.array([domain], dtype=object), np.ones(1)) > 0
    inside = _burn(grid, np.array([frame.boundary], dtype=object), np.ones(1)) > 0
    paved = np.where(water == WATER_LAND, paved, 0.0)
    manning = np.where(green, _PARK_MANNING, _MANNING[zones])
    manning = manning + paved * (_ROAD_MANNING - manning)
    manning = np.where(water == WATER_CANAL, _CANAL_MANNING, manning)
    manning = np.where(water == WATER_RIVER, _RIVER_MANNING, manning)
    sealed = np.where(green, _PARK_IMPERVIOUS, _IMPERVIOUS[zones])
    sealed = np.maximum(sealed, 0.95 * paved)
    centre = shapely.get_coordinates(shapely.centroid(buildings.shape))
    row, column, _ = grid.locate(centre[:, 0], centre[:, 1])
    population = np.zeros(grid.shape)
    np.add.at(population, (row, column), buildings.residents.astype(float))
    return _dataset(
        grid,
        {
            "ground_level": (np.where(known, ground, np.nan), "m", "ground and bed level"),
            "manning": (manning, "s m-1/3", "Manning roughness"),
            "water": (
                np.where(known, water, WATER_LAND).astype(np.int8),
                "1",
                "0 land, 1 canal, 2 tidal river",
            ),
            "inside": (inside.astype(np.int8), "1", "1 within the boundary"),
            "imperviousness": (
                np.where(water > WATER_LAND, 1.0, sealed),
                "1",
                "sealed share of the ground; 1 on water",
            ),
            "population": (population, "1", "residents per cell"),
        },
    )


def _dataset(grid: Grid, variables: dict[str, tuple[NDArray[np.generic], str, str]]) -> xr.Dataset:
    attributes = {
        "cell_size_m": grid.cell_size_m,
        "crs": pyproj.CRS.from_user_input(CRS).to_wkt(),
        "vertical_datum": DATUM,
    }
    return xr.Dataset(
        {
            name: (
                ("y", "x"),
                values,
                {"units": units, "long_name": long_name, "basis": "assumed"},
            )
            for name, (values, units, long_name) in variables.items()
        },
        coords={"y": grid.y_m, "x": grid.x_m},
        attrs=attributes,
    )
