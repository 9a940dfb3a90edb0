"""Water: roads that run over it without a bridge, low decks, canals that the tide cannot reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import ndimage

from twin.city.burn import land_beside
from twin.city.city import WATER_LAND, WATER_RIVER
from twin.city.coverage import index_of_shape
from twin.city.finding import CheckLimits, Finding, Found, places
from twin.city.sea import outlines_of

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from twin.city.city import City

__all__ = ["bank_level_m", "check_water"]

_CROSSING_KINDS = ("river", "canal")


def check_water(city: City, limits: CheckLimits) -> Found:
    """Check roads against water, bridges against banks, and canals against the tide."""
    found = [*_roads_on_water(city, limits), *_low_decks(city)]
    left_out = {}
    if city.terrain is not None and "water" in city.terrain:
        found.extend(_cut_off(city, city.terrain))
        found.extend(_beds(city, city.terrain))
    else:
        left_out["canals"] = "the city has no terrain"
    return found, left_out


def _roads_on_water(city: City, limits: CheckLimits) -> list[Finding]:
    roads = city.layer("roads")
    if not len(roads):
        return []
    dry = roads[~(roads["is_bridge"].astype(bool) | roads["is_tunnel"].astype(bool))]
    lines = dry.geometry.to_numpy()
    over, length = _over_areas(lines, city.layer("water_areas").geometry.to_numpy())
    wet = length > limits.wet_road_m
    where = over[wet]
    crossed = np.flatnonzero(wet)
    by_line, points = _over_lines(city, lines)
    fresh = ~np.isin(by_line, crossed)
    crossed, where = np.append(crossed, by_line[fresh]), np.append(where, points[fresh])
    if not crossed.size:
        return []
    count = np.unique(crossed).size
    return [
        Finding(
            kind="roads_on_water",
            severity="warning",
            count=int(count),
            value=float(length[wet].sum()),
            message={
                "vi": f"{count} đoạn đường đi trên mặt nước mà không phải cầu hay hầm; mô hình coi "
                "đoạn đó nằm ngang mức đất bên cạnh.",
                "en": f"{count} road segments run over water and are neither bridge nor tunnel; "
                "they are taken to lie level with the land beside.",
            },
            places=places(
                city.crs,
                where,
                detail=dry["name"].fillna("").astype(str).to_numpy()[crossed],
                segment_id=dry["segment_id"].to_numpy(np.int64)[crossed],
                over_water_m=length[crossed].round(1),
            ),
        )
    ]


def _over_areas(
    lines: NDArray[np.object_], areas: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return the part of each line over the areas, and its length, m."""
    over = np.full(lines.size, shapely.LineString(), dtype=np.object_)
    if areas.size:
        line, area = shapely.STRtree(areas).query(lines, predicate="intersects")
        order = np.lexsort((area, line))
        line, area = line[order], area[order]
        parts = shapely.intersection(lines[line], areas[area])
        for k in np.unique(line):
            over[k] = shapely.union_all(parts[line == k])
    return over, shapely.length(over)


def _over_lines(
    city: City, lines: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Return the roads that cross a centre line of open water, and where."""
    water = city.layer("waterways")
    water = water[water["kind"].isin(_CROSSING_KINDS)]
    if "is_tunnel" in water:
        water = water[~water["is_tunnel"].fillna(value=False).astype(bool)]
    none = np.empty(0, np.int64), np.empty(0, np.object_)
    if not len(water):
        return none
    shapes = water.geometry.to_numpy()
    line, other = shapely.STRtree(shapes).query(lines, predicate="crosses")
    if not line.size:
        return none
    _, first = np.unique(line, return_index=True)
    points = shapely.intersection(lines[line[first]], shapes[other[first]])
    return line[first].astype(np.int64), points


def _cut_off(city: City, terrain: xr.Dataset) -> list[Finding]:
    grid = city.grid
    water = terrain["water"].to_numpy()
    label, count = ndimage.label(water != WATER_LAND)
    if grid is None or count == 0:
        return []
    edge = np.zeros(water.shape, np.bool_)
    edge[[0, -1], :] = True
    edge[:, [0, -1]] = True
    tidal = np.unique(label[(water == WATER_RIVER) | (edge & (water != WATER_LAND))])
    found: list[Finding] = []
    if not (water == WATER_RIVER).any():
        found.append(
            Finding(
                kind="no_tidal_water",
                severity="info",
                count=0,
                message={
                    "vi": "Không có sông lớn hay biển nào có thể đặt mực nước triều.",
                    "en": "There is no river or sea whose tidal level could be prescribed.",
                },
                places=places(city.crs),
            )
        )
    areas = city.layer("water_areas")
    ponds = areas[areas["kind"] == "pond"].geometry.to_numpy()
    still = index_of_shape(ponds, grid, all_touched=True) >= 0
    flowing = np.unique(label[(water != WATER_LAND) & ~still])
    alone = np.setdiff1d(flowing, np.append(tidal, 0))
    if not alone.size:
        return found
    shapes = outlines_of(np.where(np.isin(label, alone), label, 0).astype(np.int32), grid)
    area = float(np.isin(label, alone).sum() * grid.cell_area_m2)
    found.append(
        Finding(
            kind="canals_without_tide",
            severity="warning",
            count=int(alone.size),
            value=area,
            message={
                "vi": f"{alone.size} kênh rạch ({area / 1e4:.1f} ha) không thông với sông có triều "
                "hay với biên lưới: cống hoặc đoạn kênh còn thiếu?",
                "en": f"{alone.size} canals ({area / 1e4:.1f} ha) reach neither tidal water nor "
                "the rim of the grid: is a culvert or a stretch of canal missing?",
            },
            places=places(
                city.crs,
                list(shapes.values()),
                area_m2=shapely.area(np.array(list(shapes.values()), dtype=np.object_)),
            ),
        )
    )
    return found


def bank_level_m(terrain: xr.Dataset) -> NDArray[np.float64]:
    """Return the level of the land, and over water of the land beside it, m."""
    if "land_level" in terrain:
        return np.asarray(terrain["land_level"].to_numpy(), dtype=np.float64)
    return land_beside(terrain["ground_level"].to_numpy(), terrain["water"].to_numpy())


def _beds(city: City, terrain: xr.Dataset) -> list[Finding]:
    """Find water whose bed lies above the land beside it: its depth would be negative."""
    grid = city.grid
    depth = bank_level_m(terrain) - terrain["ground_level"].to_numpy()
    negative = (terrain["water"].to_numpy() != WATER_LAND) & (depth < 0.0)
    if grid is None or not negative.any():
        return []
    label, _ = ndimage.label(negative)
    shapes = outlines_of(label.astype(np.int32), grid)
    worst = float(-depth[negative].min())
    return [
        Finding(
            kind="negative_depth",
            severity="warning",
            count=int(negative.sum()),
            value=worst,
            message={
                "vi": f"{negative.sum()} ô nước có đáy cao hơn đất bên cạnh (tới {worst:.2f} m).",
                "en": f"{negative.sum()} water cells have a bed above the land beside them "
                f"(by up to {worst:.2f} m).",
            },
            places=places(city.crs, list(shapes.values())),
        )
    ]


def _low_decks(city: City) -> list[Finding]:
    bridges, grid, terrain = city.layer("bridges"), city.grid, city.terrain
    if not len(bridges) or grid is None or terrain is None or "water" not in terrain:
        return []
    deck = bridges["deck_level_m"].to_numpy(np.float64, na_value=np.nan)
    bank = bank_level_m(terrain)
    shapes = bridges.geometry.to_numpy()
    low = np.zeros(len(bridges), np.bool_)
    beside = np.full(len(bridges), np.nan)
    for k in np.flatnonzero(np.isfinite(deck)):
        # The ends of every carriageway; a point stands for itself.
        ends = [
            shapely.get_coordinates(part)[[0, -1]]
            for part in shapely.get_parts(shapes[k])
            if not part.is_empty
        ]
        if not ends:
            continue
        x, y = np.concatenate(ends).T
        row, column, on_grid = grid.locate(x, y)
        levels = bank[row, column][on_grid]
        levels = levels[np.isfinite(levels)]
        if levels.size:
            beside[k] = levels.min()
            low[k] = deck[k] < beside[k]
    if not low.any():
        return []
    return [
        Finding(
            kind="decks_below_banks",
            severity="warning",
            count=int(low.sum()),
            message={
                "vi": f"{low.sum()} cầu có mặt cầu thấp hơn cả hai bờ.",
                "en": f"{low.sum()} bridges have a deck below both banks.",
            },
            places=places(
                city.crs,
                shapes[low],
                detail=bridges["name"].fillna("").astype(str).to_numpy()[low],
                deck_level_m=deck[low],
                bank_level_m=beside[low],
            ),
        )
    ]
