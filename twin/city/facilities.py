"""Hospitals, stations, schools and shops from OpenStreetMap's points and areas, each once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from twin.city import osm_tags

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.city.osm_tags import Tags

__all__ = ["FACILITY_KINDS", "facilities", "facility_kind", "hydrants"]

#: (key, value, kind): the first that fits counts.
FACILITY_KINDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("amenity", "hospital", "hospital"),
    ("healthcare", "hospital", "hospital"),
    ("amenity", "fire_station", "fire_station"),
    ("emergency", "fire_station", "fire_station"),
    ("emergency", "ambulance_station", "ambulance_station"),
    ("amenity", "clinic", "clinic"),
    ("amenity", "doctors", "clinic"),
    ("healthcare", "clinic", "clinic"),
    ("healthcare", "centre", "clinic"),
    ("healthcare", "doctor", "clinic"),
    ("amenity", "pharmacy", "pharmacy"),
    ("amenity", "police", "police"),
    ("amenity", "school", "school"),
    ("amenity", "kindergarten", "school"),
    ("amenity", "college", "school"),
    ("amenity", "university", "school"),
    ("amenity", "nursing_home", "care_home"),
    ("amenity", "social_facility", "care_home"),
    ("amenity", "marketplace", "market"),
    ("shop", "supermarket", "supermarket"),
    ("shop", "mall", "mall"),
    ("shop", "department_store", "mall"),
    ("shop", "convenience", "convenience"),
    ("amenity", "restaurant", "restaurant"),
    ("amenity", "cafe", "restaurant"),
    ("amenity", "fast_food", "restaurant"),
    ("amenity", "food_court", "restaurant"),
    ("amenity", "fuel", "fuel"),
    ("amenity", "townhall", "public"),
    ("amenity", "community_centre", "public"),
    ("emergency", "assembly_point", "shelter"),
)
#: Beginnings of names that say more than the tags do.
_NAMED: Final = (("trạm y tế", "health_station"),)
#: Two places of one kind nearer than this are one, m; with the same name, than the second.
SAME_PLACE_M: Final = 30.0
SAME_NAME_M: Final = 250.0
_GROUNDS: Final = ("hospital", "fire_station", "ambulance_station", "police", "school")


def facility_kind(tags: Tags) -> str:
    """Return the kind of a facility, "" where the tags name none that a city keeps."""
    for key, value, kind in FACILITY_KINDS:
        if tags.get(key) == value:
            name = osm_tags.clean_text(tags.get("name")).casefold()
            for beginning, better in _NAMED:
                if kind in {"clinic", "hospital"} and name.startswith(beginning):
                    return better
            return kind
    return ""


def facilities(places: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, NDArray[np.int64]]:
    """
    Return the facilities among *places* as points, and how many duplicates each stands for.

    Parameters
    ----------
    places
        ``osm_id``, ``tags`` and points or areas, in metres.

    Notes
    -----
    An area gives a point inside it. A hospital mapped as a point and as its ground, or in several
    parts, is one: places of one kind merge within 250 m under the same name, within 30 m where
    one has no name, and, for hospitals, stations and schools, where one lies in the other. The
    largest area stays, with the first name and the most beds.
    """
    kind = np.array([facility_kind(tags) for tags in places["tags"]], dtype=object)
    chosen = places[kind != ""].reset_index(drop=True)
    kind = kind[kind != ""]
    name = np.array([osm_tags.clean_text(t.get("name")) for t in chosen["tags"]], dtype=object)
    beds = np.array([_beds(tags) for tags in chosen["tags"]], dtype=np.float64)
    shapes = chosen.geometry.to_numpy()
    order = np.argsort(-shapely.area(shapes), kind="stable")
    keeper = _keepers(shapes, kind, name, order)
    for i in order:  # the one that stays takes what only its duplicate knows
        k = keeper[i]
        if k != i:
            name[k] = name[k] or name[i]
            beds[k] = np.fmax(beds[k], beds[i])
    stays = keeper == np.arange(keeper.size)
    frame = gpd.GeoDataFrame(
        {
            "facility_id": pd.Series(chosen["osm_id"].to_numpy()[stays], dtype="str"),
            "kind": pd.Series(kind[stays], dtype="str"),
            "name": pd.Series(name[stays], dtype="str"),
            "beds": beds[stays],
        },
        geometry=shapely.point_on_surface(shapes[stays]),
        crs=places.crs,
    )
    merged = np.bincount(keeper[~stays], minlength=keeper.size)[stays]
    return frame, merged.astype(np.int64)


def _beds(tags: Tags) -> float:
    value = osm_tags.number(tags.get("beds") or tags.get("capacity:beds"))
    return value if value > 0.0 else math.nan


def _keepers(
    shapes: NDArray[np.object_],
    kind: NDArray[np.object_],
    name: NDArray[np.object_],
    order: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return for each place the one that stands for it: a larger one of its kind, or itself."""
    rank = np.empty(order.size, dtype=np.int64)
    rank[order] = np.arange(order.size)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_NAME_M)
    one_kind = kind[left] == kind[right]
    left, right = left[one_kind], right[one_kind]
    near = shapely.distance(shapes[left], shapes[right]) <= SAME_PLACE_M
    within = shapely.covers(shapes[left], shapes[right]) | shapely.covers(
        shapes[right], shapes[left]
    )
    same_name = (name[left] == name[right]) & (name[left] != "")
    differ = (name[left] != name[right]) & (name[left] != "") & (name[right] != "")
    # A hospital has one ground; shops in one building are neighbours, and their names tell.
    grounds = np.isin(kind[left], _GROUNDS)
    same = same_name | (near & ~differ) | (within & grounds)
    keeper = np.arange(order.size, dtype=np.int64)
    pairs = sorted(
        (int(rank[b]), int(rank[a]))
        for a, b in zip(left[same], right[same], strict=True)
        if rank[b] < rank[a]
    )
    for better, worse in pairs:
        if keeper[order[worse]] == order[worse]:
            keeper[order[worse]] = keeper[order[better]]
    return keeper


def hydrants(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the hydrants among *places* (``emergency=fire_hydrant``) as points."""
    is_hydrant = np.array([t.get("emergency") == "fire_hydrant" for t in places["tags"]], bool)
    chosen = places[is_hydrant]
    return gpd.GeoDataFrame(
        {
            "hydrant_id": pd.Series(chosen["osm_id"].to_numpy(), dtype="str"),
            "type": pd.Series(
                [t.get("fire_hydrant:type", "") for t in chosen["tags"]], dtype="str"
            ),
        },
        geometry=shapely.point_on_surface(chosen.geometry.to_numpy()),
        crs=places.crs,
    )
