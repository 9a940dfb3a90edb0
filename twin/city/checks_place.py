"""Whether everything is where its reference system says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS, Transformer

from twin.city.finding import CheckLimits, Finding, Found, places

if TYPE_CHECKING:
    from twin.city.city import City

__all__ = ["check_place"]

type _Box = tuple[float, float, float, float]


def check_place(city: City, limits: CheckLimits) -> Found:  # noqa: ARG001 - all checks have one signature
    """Check that coordinates fit the reference system, its area of use, and the grid."""
    boxes = _boxes(city)
    found = [
        *_degrees(city, boxes),
        *_area_of_use(city, boxes),
        *_off_grid(city),
    ]
    return found, {}


def _boxes(city: City) -> dict[str, _Box]:
    boxes: dict[str, _Box] = {}
    grid = city.grid
    if grid is not None:
        boxes["terrain"] = grid.bounds
    for name in sorted(city.layers):
        frame = city.layers[name]
        if len(frame):
            west, south, east, north = (float(v) for v in frame.total_bounds)
            if np.isfinite([west, south, east, north]).all():
                boxes[name] = (west, south, east, north)
    return boxes


def _degrees(city: City, boxes: dict[str, _Box]) -> list[Finding]:
    like = [
        name
        for name, (west, south, east, north) in boxes.items()
        if max(abs(west), abs(east)) <= 180.0
        and max(abs(south), abs(north)) <= 90.0
        and max(east - west, north - south) < 10.0
    ]
    if not like:
        return []
    names = ", ".join(like)
    return [
        Finding(
            kind="coordinates_like_degrees",
            severity="error",
            count=len(like),
            message={
                "vi": f"Tọa độ của {names} trông như độ, không phải mét; kiểm tra hệ tọa độ (crs).",
                "en": f"The coordinates of {names} look like degrees, not metres; check crs.",
            },
            places=places(
                city.crs, [shapely.box(*boxes[name]) for name in like], detail=np.array(like)
            ),
        )
    ]


def _area_of_use(city: City, boxes: dict[str, _Box]) -> list[Finding]:
    crs = CRS.from_user_input(city.crs)
    area = crs.area_of_use
    if area is None:
        return []
    to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    outside = []
    for name, (west, south, east, north) in boxes.items():
        longitude, latitude = to_degrees.transform((west + east) / 2.0, (south + north) / 2.0)
        # A grid may stick out of its zone a little without harm.
        sound = (
            np.isfinite([longitude, latitude]).all()
            and area.south - 1.0 <= latitude <= area.north + 1.0
            and _within(longitude, area.west - 1.0, area.east + 1.0)
        )
        if not sound:
            outside.append(name)
    if not outside:
        return []
    names = ", ".join(outside)
    return [
        Finding(
            kind="outside_area_of_use",
            severity="error",
            count=len(outside),
            message={
                "vi": f"{names} nằm ngoài vùng áp dụng của {crs.name}: khoảng cách và diện tích "
                "sẽ sai.",
                "en": f"{names} lies outside the area of use of {crs.name}: distances and areas "
                "will be wrong.",
            },
            places=places(
                city.crs, [shapely.box(*boxes[name]) for name in outside], detail=np.array(outside)
            ),
        )
    ]


def _within(longitude: float, west: float, east: float) -> bool:
    return west <= longitude <= east if west <= east else longitude >= west or longitude <= east


def _off_grid(city: City) -> list[Finding]:
    grid = city.grid
    if grid is None:
        return []
    box = shapely.box(*grid.bounds)
    found = []
    for name in sorted(city.layers):
        frame = city.layers[name]
        if not len(frame):
            continue
        shapes = frame.geometry.to_numpy()
        off = ~shapely.intersects(shapes, box)
        if not off.any():
            continue
        share = float(off.mean())
        found.append(
            Finding(
                kind=f"off_grid_{name}",
                severity="error" if share == 1.0 else "warning" if share > 0.5 else "info",
                count=int(off.sum()),
                value=share,
                message={
                    "vi": f"{share:.1%} của lớp {name} nằm ngoài lưới địa hình.",
                    "en": f"{share:.1%} of {name} lies off the grid of the terrain.",
                },
                places=places(city.crs, shapes[off]),
            )
        )
    return found
