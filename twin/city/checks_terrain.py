"""Terrain: holes, sinks, spikes, and ground that is suspiciously flat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from models.compile import kernel
from twin.city.city import WATER_LAND
from twin.city.finding import CheckLimits, Finding, Found, places
from twin.city.sea import outlines_of

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from models.grid import Grid
    from twin.city.city import City

__all__ = ["check_terrain", "filled_level_m"]

_MOST_OUTLINES = 5000


def check_terrain(city: City, limits: CheckLimits) -> Found:
    """Check the ground for holes in the data, sinks, spikes and flatness."""
    terrain, grid = city.terrain, city.grid
    if terrain is None or grid is None:
        return [], {"terrain": "the city has no terrain"}
    level = terrain["ground_level"].to_numpy()
    if not np.isfinite(level).any():
        return [_empty(city)], {}
    water = terrain["water"].to_numpy() if "water" in terrain else np.zeros(level.shape, np.int8)
    land = np.isfinite(level) & (water == WATER_LAND)
    found = [
        *_holes(city, terrain, level, grid),
        *_sinks(city, level, water, grid, limits),
        *_flat(city, level, land, limits),
        *_spikes(city, level, land, grid, limits),
    ]
    return found, {}


def filled_level_m(level_m: NDArray[np.float64], outlet: NDArray[np.bool_]) -> NDArray[np.float64]:
    """
    Return the ground with its depressions filled to their sills, m.

    Water leaves at *outlet* cells and over the rim; NaN cells count as rim. The direct method of
    Planchon and Darboux (2002), without an extra gradient, in the 4-neighbourhood.
    """
    z = np.pad(level_m, 1, constant_values=np.nan)
    solid = np.isfinite(z)
    beside = ndimage.binary_dilation(~solid)
    fixed = solid & (beside | np.pad(outlet, 1))
    w = np.where(fixed, z, np.inf)
    w[~solid] = np.inf
    while _sweep(z, w, solid):
        pass
    return np.where(solid, w, np.nan)[1:-1, 1:-1]


@kernel
def _sweep(z: NDArray[np.float64], w: NDArray[np.float64], solid: NDArray[np.bool_]) -> bool:
    """Lower ``w`` towards ``z`` from all four corners; return whether anything changed."""
    ny, nx = z.shape
    changed = False
    for turn in range(4):
        for a in range(1, ny - 1):
            j = a if turn % 2 == 0 else ny - 1 - a
            for b in range(1, nx - 1):
                i = b if turn < 2 else nx - 1 - b
                if not solid[j, i] or w[j, i] <= z[j, i]:
                    continue
                lowest = min(w[j - 1, i], w[j + 1, i], w[j, i - 1], w[j, i + 1])
                lowest = max(lowest, z[j, i])
                if lowest < w[j, i]:
                    w[j, i] = lowest
                    changed = True
    return changed


def _empty(city: City) -> Finding:
    return Finding(
        kind="no_ground",
        severity="error",
        count=1,
        message={
            "vi": "Toàn bộ cao độ nền không có dữ liệu.",
            "en": "The ground level has no data anywhere.",
        },
        places=places(city.crs),
    )


def _holes(
    city: City, terrain: xr.Dataset, level: NDArray[np.float64], grid: Grid
) -> list[Finding]:
    inside = (
        terrain["inside"].to_numpy() == 1 if "inside" in terrain else np.ones(level.shape, np.bool_)
    )
    hole = inside & np.isnan(level)
    if not hole.any():
        return []
    label, count = ndimage.label(hole)
    share = float(hole.sum() / inside.sum())
    return [
        Finding(
            kind="nodata_holes",
            severity="error" if share > 0.5 else "warning",
            count=int(count),
            value=share,
            message={
                "vi": f"{share:.1%} diện tích thành phố không có cao độ nền ({count} vùng): ở đó "
                "không tính ngập.",
                "en": f"{share:.1%} of the city has no ground level ({count} holes): no flood is "
                "computed there.",
            },
            places=places(city.crs, list(outlines_of(label.astype(np.int32), grid).values())),
        )
    ]


def _sinks(
    city: City,
    level: NDArray[np.float64],
    water: NDArray[np.int8],
    grid: Grid,
    limits: CheckLimits,
) -> list[Finding]:
    depth = filled_level_m(level, water != WATER_LAND) - level
    label, count = ndimage.label(np.isfinite(depth) & (depth > 0.0))
    if count == 0:
        return []
    number = np.arange(1, count + 1)
    deepest = np.asarray(ndimage.maximum(np.nan_to_num(depth), label, number))
    area = np.bincount(label.ravel(), minlength=count + 1)[1:] * grid.cell_area_m2
    volume = np.bincount(label.ravel(), np.nan_to_num(depth).ravel(), minlength=count + 1)[1:]
    volume = volume * grid.cell_area_m2
    counted = np.flatnonzero((deepest >= limits.sink_depth_m) & (area >= limits.sink_area_m2))
    if not counted.size:
        return []
    total = float(volume[counted].sum())
    # The largest are drawn: a rough elevation model has tens of thousands.
    drawn = counted[np.argsort(-volume[counted], kind="stable")][:_MOST_OUTLINES] + 1
    shapes = outlines_of(np.where(np.isin(label, drawn), label, 0).astype(np.int32), grid)
    at = np.array(list(shapes), np.int64) - 1
    return [
        Finding(
            kind="sinks",
            severity="info",
            count=int(counted.size),
            value=total,
            message={
                "vi": f"{counted.size} chỗ trũng kín chứa được {total:,.0f} m³ trước khi tràn "
                f"(sâu nhất {deepest.max():.2f} m); nước mưa ở đó chỉ thoát qua cống.",
                "en": f"{counted.size} closed depressions hold {total:,.0f} m³ before they spill "
                f"(deepest {deepest.max():.2f} m); rain leaves them through drains only.",
            },
            places=places(
                city.crs,
                list(shapes.values()),
                depth_m=deepest[at].round(3),
                volume_m3=volume[at].round(1),
            ),
        )
    ]


def _flat(
    city: City, level: NDArray[np.float64], land: NDArray[np.bool_], limits: CheckLimits
) -> list[Finding]:
    pairs = land[:, 1:] & land[:, :-1]
    if not pairs.any():
        return []
    share = float((level[:, 1:] == level[:, :-1])[pairs].mean())
    if share <= limits.flat_share:
        return []
    return [
        Finding(
            kind="flat_terrain",
            severity="warning",
            count=1,
            value=share,
            message={
                "vi": f"{share:.1%} đất cao đúng bằng ô bên cạnh: số liệu nền có bị làm tròn hay "
                "thiếu không?",
                "en": f"{share:.1%} of the land is exactly as high as the cell beside it: is the "
                "elevation rounded, or missing?",
            },
            places=places(city.crs),
        )
    ]


def _spikes(
    city: City,
    level: NDArray[np.float64],
    land: NDArray[np.bool_],
    grid: Grid,
    limits: CheckLimits,
) -> list[Finding]:
    if not land.any():
        return []
    nearest = ndimage.distance_transform_edt(~land, return_distances=False, return_indices=True)
    whole = level[tuple(nearest)]
    off = np.abs(whole - ndimage.median_filter(whole, size=3, mode="nearest"))
    spike = land & (off > limits.spike_m)
    if not spike.any():
        return []
    label, _ = ndimage.label(spike)
    return [
        Finding(
            kind="spikes",
            severity="warning",
            count=int(spike.sum()),
            value=float(off[spike].max()),
            message={
                "vi": f"{spike.sum()} ô lệch hơn {limits.spike_m:g} m so với xung quanh (tới "
                f"{off[spike].max():.1f} m).",
                "en": f"{spike.sum()} cells differ by more than {limits.spike_m:g} m from their "
                f"surroundings (by up to {off[spike].max():.1f} m).",
            },
            places=places(city.crs, list(outlines_of(label.astype(np.int32), grid).values())),
        )
    ]
