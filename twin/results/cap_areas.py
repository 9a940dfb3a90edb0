"""Where to warn, and when: few closed polygons that cover all deep water on land."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from rasterio.features import shapes
from rasterio.transform import from_origin

from models.errors import InvalidInputError
from models.flood.hazard import aidr_class
from twin.results.series import dry_land

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.results.open import Run

__all__ = ["Warned", "WarnedArea", "warned_areas"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WarnedArea:
    """
    One area: its ring, the streets in it, and when water comes.

    Parameters
    ----------
    ring
        Latitude and longitude, degrees of WGS 84, shape (n, 2), the last point as the first.
    streets
        Names of its streets with deep water, the longest stretch first.
    onset_s
        When the first of its cells gets wet, s from the start of the run.
    """

    ring: NDArray[np.float64]
    streets: tuple[str, ...]
    onset_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """
    What is warned of.

    Parameters
    ----------
    areas
        The areas, the largest first; together they cover every cell and street that is deep.
    streets
        Names of all of them, in the same order.
    area_m2, deepest_m
        Deep land, and the deepest water on it.
    hazard_class
        Class of AIDR (2017), 1 to 6, that at least a hundredth of the deep land reaches: one cell
        in a ditch does not make a message extreme.
    onset_s, expires_s
        From the first wet cell to the first frame without deep water, s from the start; where
        water is still deep in the last frame, *still* says so, and the end is that of the run.
    """

    areas: tuple[WarnedArea, ...]
    streets: tuple[str, ...]
    area_m2: float
    deepest_m: float
    hazard_class: int
    onset_s: float
    expires_s: float
    still: bool


def warned_areas(run: Run, *, depth_m: float, most: int = 30) -> Warned:
    """
    Return where water gets *depth_m* deep on land that was dry, as few areas.

    Patches that lie near each other are joined, farther and farther, until at most *most* areas
    are left, and holes are filled, for a message can say neither: the areas cover more than the
    water, never less.

    Raises
    ------
    StoreError
        If the run had no flood.
    InvalidInputError
        If no land gets that deep.
    """
    flood = run.flood
    deepest = np.nan_to_num(flood["max_depth"].to_numpy())
    land = dry_land(run)
    if "inside" in flood:
        land &= flood["inside"].to_numpy() != 0
    deep = land & (deepest >= depth_m)
    if not deep.any():
        raise InvalidInputError(
            "no land gets that deep in this run, so there is nothing to warn of",
            where=run.id,
            value=depth_m,
            remedy=f"The deepest is {deepest[land].max(initial=0.0):.2f} m; choose less.",
        )
    cell_m = float(flood.attrs["cell_size_m"])
    streets = _deep_streets(run, depth_m)
    wet = [*_patches(run, deep, cell_m), *streets.geometry.buffer(cell_m / 2.0)]
    patches = _joined(wet, cell_m, most)
    onset = _onset_s(run, deep, depth_m)
    first_s, last_s, still = _span(run, deep, depth_m)
    if np.isfinite(onset[deep]).any():
        first_s = min(first_s, float(np.nanmin(onset[deep])))
    rings = gpd.GeoSeries(patches, crs=run.city.crs).to_crs(4326)
    areas = tuple(
        WarnedArea(
            ring=np.asarray(ring.exterior.coords)[:, ::-1],
            streets=_names(streets[streets.intersects(patch)]),
            onset_s=_first_within(run, patch, onset, deep, first_s),
        )
        for patch, ring in zip(patches, rings, strict=True)
    )
    return Warned(
        areas=areas,
        streets=_names(streets),
        area_m2=float(np.count_nonzero(deep)) * cell_m**2,
        deepest_m=float(deepest[deep].max()),
        hazard_class=_class_of(run, deep, deepest),
        onset_s=first_s,
        expires_s=last_s,
        still=still,
    )


def _patches(run: Run, deep: NDArray[np.bool_], cell_m: float) -> list[Any]:
    west = float(run.flood["x"].to_numpy()[0]) - cell_m / 2.0
    north = float(run.flood["y"].to_numpy()[0]) + cell_m / 2.0
    found = shapes(
        deep.astype(np.uint8),
        mask=deep,
        connectivity=8,
        transform=from_origin(west, north, cell_m, cell_m),
    )
    return [shapely.geometry.shape(patch).buffer(0) for patch, _ in found]


def _joined(patches: list[Any], cell_m: float, most: int) -> list[Any]:
    """Return few polygons without holes that cover *patches*, the largest first."""
    water, reach_m = shapely.union_all(patches), 1.5 * cell_m
    while True:
        grown = _filled(water.buffer(reach_m, quad_segs=2))
        if len(grown) <= most:
            break
        reach_m *= 2.0
    # A quarter of the reach stays between water and line: the joining takes half of it back, and
    # the simplification moves the line by at most another quarter.
    back = shapely.union_all(grown).buffer(-reach_m / 2.0, quad_segs=2)
    kept = _filled(back.simplify(reach_m / 4.0))
    return sorted(kept, key=lambda each: (-each.area, each.bounds))


def _filled(geometry: Any) -> list[Any]:  # noqa: ANN401 - shapely's one or many polygons
    """Return polygons without holes; what lay in a hole belongs to what surrounds it."""
    solid = [shapely.Polygon(part.exterior) for part in shapely.get_parts(geometry)]
    return list(shapely.get_parts(shapely.union_all(solid)))


def _deep_streets(run: Run, depth_m: float) -> gpd.GeoDataFrame:
    """Return the streets, dry at the start, whose water gets *depth_m* deep."""
    if not run.has_roads:
        return gpd.GeoDataFrame({"name": []}, geometry=[], crs=run.city.crs)
    roads = run.city.layer("roads")
    segment = run.roads["segment"].to_numpy().astype(np.int64)
    depth = run.roads["depth"]
    deepest, first = np.zeros(len(roads)), np.zeros(len(roads))
    np.maximum.at(first, segment, np.nan_to_num(depth.isel(time=0).to_numpy()))
    for start in range(0, depth.shape[0], 60):
        block = np.nan_to_num(depth.isel(time=slice(start, start + 60)).to_numpy())
        np.maximum.at(deepest, segment, block.max(axis=0))
    chosen = (deepest >= depth_m) & (first < 0.01)
    return gpd.GeoDataFrame(roads.loc[chosen, ["name"]], geometry=roads.geometry[chosen])


def _names(streets: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Return the names of streets, the one with most deep water first."""
    named = streets[streets["name"] != ""]
    length_m = named.geometry.length.groupby(named["name"]).sum()
    ranked = sorted(length_m.items(), key=lambda each: (-each[1], each[0]))
    return tuple(str(name) for name, _ in ranked)


def _onset_s(run: Run, deep: NDArray[np.bool_], depth_m: float) -> NDArray[np.float64]:
    """Return when the water comes to each cell, s; NaN where that was not recorded."""
    onset = np.full(deep.shape, np.nan)
    if "arrival_time" in run.flood:
        onset = run.flood["arrival_time"].to_numpy().astype(np.float64)
    missing = deep & np.isnan(onset)
    if missing.any():
        elapsed = np.asarray(run.flood["elapsed_s"].values, np.float64)
        for frame, time_s in enumerate(elapsed):
            wet = run.flood["depth"].isel(time=frame).to_numpy() >= depth_m
            onset[missing & wet & np.isnan(onset)] = time_s
    return onset


def _span(run: Run, deep: NDArray[np.bool_], depth_m: float) -> tuple[float, float, bool]:
    """Return the first frame with deep water, the first without after it, and if it stays."""
    elapsed = np.asarray(run.flood["elapsed_s"].values, np.float64)
    wet = [
        bool((run.flood["depth"].isel(time=frame).to_numpy()[deep] >= depth_m).any())
        for frame in range(elapsed.size)
    ]
    end_s = float(run.summary.get("simulated_s") or elapsed[-1])
    if not any(wet):  # the water came and went between two frames
        return 0.0, end_s, False
    last = elapsed.size - 1 - wet[::-1].index(True)
    if last == elapsed.size - 1:
        return float(elapsed[wet.index(True)]), end_s, True
    return float(elapsed[wet.index(True)]), float(elapsed[last + 1]), False


def _first_within(
    run: Run,
    patch: Any,  # noqa: ANN401 - a polygon
    onset: NDArray[np.float64],
    deep: NDArray[np.bool_],
    otherwise_s: float,
) -> float:
    rows, columns = np.nonzero(deep & np.isfinite(onset))
    x, y = run.flood["x"].to_numpy()[columns], run.flood["y"].to_numpy()[rows]
    inside = shapely.contains_xy(patch, x, y)
    return float(onset[rows, columns][inside].min()) if inside.any() else otherwise_s


def _class_of(run: Run, deep: NDArray[np.bool_], deepest: NDArray[np.floating[Any]]) -> int:
    """Return the class of AIDR (2017), fig. 6; of still water where speeds were not recorded."""
    if "aidr_class" in run.flood:
        classes = run.flood["aidr_class"].to_numpy()[deep]
    else:
        still = deepest[deep].astype(np.float64)
        classes = aidr_class(still, np.zeros_like(still))
    return int(np.quantile(classes, 0.99, method="higher"))
