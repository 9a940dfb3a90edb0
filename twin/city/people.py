"""People per cell, from points or areas that count them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
import xarray as xr
from rasterio.features import rasterize
from rasterio.transform import from_origin

if TYPE_CHECKING:
    import geopandas as gpd

    from models.grid import Grid

__all__ = ["people_per_cell"]


def people_per_cell(people: gpd.GeoDataFrame, grid: Grid) -> xr.DataArray:
    """
    Return the persons in each cell, float64, shape (rows, columns).

    Parameters
    ----------
    people
        ``persons`` of every point or polygon, in the system of the grid.
    grid
        The cells.

    Notes
    -----
    A point counts in its cell. A polygon spreads its persons evenly over its whole area, so that
    the part outside the grid is not counted; one too small to hold the centre of a cell counts at
    a point inside it. Where polygons overlap, the later one takes the cell.
    """
    shapes = people.geometry.to_numpy()
    persons = people["persons"].to_numpy(float)
    area = shapely.get_dimensions(shapes) == 2
    count = np.zeros(grid.shape, dtype=np.float64)
    as_point = ~area
    if area.any():
        index = np.flatnonzero(area)
        owner = rasterize(
            [(shapes[i], rank + 1) for rank, i in enumerate(index)],
            out_shape=grid.shape,
            transform=from_origin(grid.west_m, grid.north_m, grid.cell_size_m, grid.cell_size_m),
            dtype="int32",
        )
        cells = np.bincount(owner.ravel(), minlength=index.size + 1)[1:]
        whole = shapely.area(shapes[index]) / grid.cell_area_m2
        within = shapely.covered_by(shapes[index], shapely.box(*grid.bounds))
        share = persons[index] / np.maximum(np.where(within, cells, whole), 1.0)
        count = np.concatenate([[0.0], share])[owner]
        as_point[index[cells == 0]] = True
    points = shapely.get_coordinates(shapely.point_on_surface(shapes[as_point]))
    row, column, inside = grid.locate(points[:, 0], points[:, 1])
    np.add.at(count, (row[inside], column[inside]), persons[as_point][inside])
    return xr.DataArray(
        count,
        dims=("y", "x"),
        attrs={"units": "1", "long_name": "persons per cell", "basis": "derived"},
    )
