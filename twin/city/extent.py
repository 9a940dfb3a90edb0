"""The box of a city, and the boundary within it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer

from models.errors import CityError
from models.grid import Grid
from twin.city.crs import any_crs, metric_crs
from twin.city.osm import read_boundary
from twin.city.rasters import describe_raster
from twin.city.recipe import expand_path
from twin.city.vectors import VectorFile, read_shapes
from twin.city.waters import polygons_only

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.recipe import BoundarySource, Extent, Recipe

__all__ = ["Frame", "find_frame", "require_near"]

#: Longitude and latitude by which a city may lie beside the area of use of its system, degrees.
_BESIDE_DEG = 3.0
#: More cells than this are a slip of the keyboard, not a city.
MOST_CELLS = 200_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """
    Where the city lies.

    Parameters
    ----------
    grid
        The cells.
    box
        The outline of the grid.
    boundary
        One polygon that counts as inside, with its name; None where the recipe names none.
    """

    grid: Grid
    box: shapely.Geometry
    boundary: gpd.GeoDataFrame | None
    origin: str


def find_frame(recipe: Recipe, *, base: Path, cell_size_m: float) -> Frame | None:
    """
    Return the frame of the city; None for ``extent: all``.

    Raises
    ------
    CityError
        If the boundary cannot be had, or lies where the reference system is not meant for.
    """
    crs, extent = metric_crs(recipe.crs), recipe.extent
    if extent.everything:
        return None
    boundary: gpd.GeoDataFrame | None = None
    if extent.boundary is not None:
        boundary, origin = _boundary(extent.boundary, recipe, base=base, crs=crs)
        bounds = tuple(float(v) for v in boundary.total_bounds)
    elif extent.raster is not None:
        path = expand_path(extent.raster.file, base)
        own_crs = extent.raster.crs or extent.crs
        source = extent.raster.model_copy(update={"file": str(path), "crs": own_crs})
        bounds = describe_raster(source, base=base, crs=crs.to_wkt()).bounds
        origin = f"extent of {path.name}"
    else:
        bounds, origin = _given_bounds(extent, crs), "bounds of the recipe"
    west, south, east, north = bounds
    require_near(crs, 0.5 * (west + east), 0.5 * (south + north))
    margin = extent.margin_m
    if min(east - west, north - south) + 2 * margin < cell_size_m:
        raise CityError(
            f"the extent is only {east - west:.3g} m wide and {north - south:.3g} m high",
            where="extent",
            value=bounds,
            remedy=f"A cell measures {cell_size_m:g} m. If these are degrees, add "
            "`crs: EPSG:4326` to the extent.",
        )
    cells = (east - west + 2 * margin) * (north - south + 2 * margin) / cell_size_m**2
    if cells > MOST_CELLS:
        raise CityError(
            f"the grid would have {cells:,.0f} cells",
            where="extent",
            value=cell_size_m,
            remedy="Choose a larger cell_size_m or a smaller extent.",
        )
    grid = Grid.covering(
        west - margin, south - margin, east + margin, north + margin, cell_size_m=cell_size_m
    )
    return Frame(grid=grid, box=shapely.box(*grid.bounds), boundary=boundary, origin=origin)


def _given_bounds(extent: Extent, crs: CRS) -> tuple[float, ...]:
    if extent.bounds is None:
        raise CityError("the extent has no bounds", where="extent")
    if extent.crs is None:
        return extent.bounds
    try:
        transformer = Transformer.from_crs(any_crs(extent.crs), crs, always_xy=True)
    except CityError as error:
        raise error.at("extent.crs") from error
    bounds = transformer.transform_bounds(*extent.bounds)
    if not np.isfinite(bounds).all():
        raise CityError(
            "the bounds cannot be brought into the city's reference system",
            where="extent.bounds",
            value=extent.bounds,
            remedy="Check extent.crs.",
        )
    return tuple(float(v) for v in bounds)


def _boundary(
    source: BoundarySource, recipe: Recipe, *, base: Path, crs: CRS
) -> tuple[gpd.GeoDataFrame, str]:
    if source.osm_relation is not None:
        path = expand_path(recipe.sources[source.source].file, base)
        name, shape = read_boundary(path, source.osm_relation)
        found = gpd.GeoDataFrame(geometry=[shape], crs="EPSG:4326").to_crs(crs)
        origin = f"OpenStreetMap relation {source.osm_relation}, {path.name}"
    else:
        path = expand_path(str(source.file), base)
        file = VectorFile(path=path, layer=source.layer, crs=source.crs)
        found, name, origin = read_shapes(file, crs=crs), "", path.name
    parts = polygons_only(found[["geometry"]])
    if not len(parts):
        raise CityError("the boundary holds no area", where=str(path))
    shape = shapely.union_all(parts.geometry.to_numpy())
    title = name or recipe.title.get("vi") or recipe.title.get("en") or recipe.name
    return gpd.GeoDataFrame({"name": [title]}, geometry=[shape], crs=crs), origin


def require_near(crs: CRS, x_m: float, y_m: float) -> None:
    """
    Refuse a place where the reference system is not meant for: its metres would not be metres.

    Raises
    ------
    CityError
        With the longitude and latitude of the place and the area of use of the system.
    """
    use = crs.area_of_use
    if use is None or crs.geodetic_crs is None:
        return
    longitude, latitude = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x_m, y_m)
    near = (
        use.west - _BESIDE_DEG <= longitude <= use.east + _BESIDE_DEG
        and use.south - _BESIDE_DEG <= latitude <= use.north + _BESIDE_DEG
    )
    if not near:
        raise CityError(
            f"the city lies outside the area of its reference system ({use.west:g} to {use.east:g}"
            f" °E, {use.south:g} to {use.north:g} °N)",
            where="crs",
            value=(round(float(longitude), 4), round(float(latitude), 4)),
            remedy="Choose the UTM zone of the place.",
        )
