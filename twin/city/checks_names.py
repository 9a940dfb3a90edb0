"""Names: duplicates, and what looks like vandalism. Listed, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

from twin.city.finding import CheckLimits, Finding, Found, places
from twin.city.names import plain_name, why_suspicious

if TYPE_CHECKING:
    from twin.city.city import City

__all__ = ["check_names"]


def check_names(city: City, limits: CheckLimits) -> Found:
    """Check the names of all layers, and facilities for duplicates."""
    return [*_suspicious(city), *_duplicates(city, limits)], {}


def _suspicious(city: City) -> list[Finding]:
    shapes: list[shapely.Geometry] = []
    details: list[str] = []
    layers: list[str] = []
    for layer in sorted(city.layers):
        frame = city.layers[layer]
        if "name" not in frame or not len(frame):
            continue
        names = frame["name"].fillna("").astype(str)
        odd = {name: why_suspicious(name) for name in names.unique() if name}
        chosen = names.map(odd).notna().to_numpy()
        shapes.extend(shapely.point_on_surface(frame.geometry.to_numpy()[chosen]))
        details.extend(f"{name}: {odd[name]}" for name in names[chosen])
        layers.extend([layer] * int(chosen.sum()))
    if not shapes:
        return []
    return [
        Finding(
            kind="suspicious_names",
            severity="warning",
            count=len(shapes),
            message={
                "vi": f"{len(shapes)} tên trông như bị phá hoại hoặc gõ nhầm, ví dụ {details[0]}; "
                "không tên nào bị sửa.",
                "en": f"{len(shapes)} names look vandalised or mistyped, such as {details[0]}; "
                "none was changed.",
            },
            places=places(city.crs, shapes, detail=details, layer=layers),
        )
    ]


def _duplicates(city: City, limits: CheckLimits) -> list[Finding]:
    frame = city.layer("facilities")
    names = frame["name"].fillna("").astype(str).to_numpy()
    named = np.flatnonzero(names != "")
    if named.size < 2:
        return []
    kinds = frame["kind"].astype(str).to_numpy()
    place = shapely.point_on_surface(frame.geometry.to_numpy())
    pairs = cKDTree(shapely.get_coordinates(place[named])).query_pairs(
        limits.duplicate_distance_m, output_type="ndarray"
    )
    pairs = named[pairs.reshape(-1, 2)]
    key = np.array([f"{kind}|{plain_name(name)}" for kind, name in zip(kinds, names, strict=True)])
    same = np.unique(pairs[key[pairs[:, 0]] == key[pairs[:, 1]]])
    if not same.size:
        return []
    groups = np.unique(key[same]).size
    return [
        Finding(
            kind="duplicate_facilities",
            severity="warning",
            count=int(same.size),
            message={
                "vi": f"{same.size} cơ sở cùng loại, cùng tên, cách nhau dưới "
                f"{limits.duplicate_distance_m:g} m ({groups} tên): có thể trùng.",
                "en": f"{same.size} facilities share kind and name within "
                f"{limits.duplicate_distance_m:g} m ({groups} names): likely duplicates.",
            },
            places=places(
                city.crs,
                place[same],
                detail=names[same],
                id=frame["facility_id"].astype(str).to_numpy()[same],
            ),
        )
    ]
