"""
What OpenStreetMap tags mean to a city: road classes, direction, speed, access, water, buildings.

Every table here is one that a planner may want to argue about, so it stands alone and is repeated
in ``docs/cities.md``. Meanings follow the tagging conventions of the OpenStreetMap wiki (pages
``Key:highway``, ``Key:oneway``, ``Key:maxspeed``, ``Key:access``, ``Key:waterway``).
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ROAD_CLASSES",
    "Tags",
    "access",
    "area_kind",
    "building_kind",
    "clean_text",
    "direction",
    "is_bridge",
    "is_tunnel",
    "lanes",
    "layer",
    "line_kind",
    "max_speed_km_h",
    "metres",
    "number",
    "road_class",
]

type Tags = Mapping[str, str]

#: ``highway`` values that are kept as they are. Everything else is left out, except what
#: :func:`road_class` turns into an alley.
ROAD_CLASSES: Final = (
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "alley",
    "pedestrian",
    "track",
)
_ROAD_CLASSES: Final = frozenset(ROAD_CLASSES) - {"alley"}
_NARROW: Final = frozenset({"footway", "path", "cycleway", "bridleway"})
_ALLEY_WIDTH_M: Final = 2.5
_ALLOWED: Final = frozenset({"yes", "designated", "permissive", "official"})
_FORBIDDEN: Final = frozenset({"no", "agricultural", "forestry", "use_sidepath", "military"})
_LIMITED: Final = frozenset({"destination", "delivery", "customers", "residents", "permit"})

_NUMBER: Final = re.compile(r"^[+-]?\d+(?:[.,]\d+)?$")
_QUANTITY: Final = re.compile(r"^([+-]?\d+(?:[.,]\d+)?)\s*([a-zA-Z/'\"]*)$")
_SPEED_UNITS: Final = {
    "": 1.0,
    "km/h": 1.0,
    "kmh": 1.0,
    "kph": 1.0,
    "mph": 1.609344,
    "knots": 1.852,
}
_LENGTH_UNITS: Final = {"": 1.0, "m": 1.0, "km": 1000.0, "ft": 0.3048, "'": 0.3048, "cm": 0.01}


def clean_text(text: str | None) -> str:
    """Return *text* in Unicode NFC without control characters or outer blanks; "" for None."""
    if not text:
        return ""
    text = unicodedata.normalize("NFC", text)
    return "".join(c if c.isprintable() else " " for c in text).strip()


def number(text: str | None) -> float:
    """Return the smallest finite number of a list such as ``"2;3"``; NaN where there is none."""
    best = math.nan
    for part in (text or "").replace("|", ";").split(";"):
        if _NUMBER.match(part.strip()):
            value = float(part.strip().replace(",", "."))
            best = value if math.isnan(best) else min(best, value)
    return best


def metres(text: str | None) -> float:
    """Return a length tag such as ``"12"``, ``"12 m"`` or ``"40'"`` in metres; NaN if unread."""
    match = _QUANTITY.match((text or "").strip())
    if match is None or match.group(2) not in _LENGTH_UNITS:
        return math.nan
    value = float(match.group(1).replace(",", ".")) * _LENGTH_UNITS[match.group(2)]
    return value if value > 0.0 else math.nan


def max_speed_km_h(tags: Tags) -> float:
    """Return the legal speed, km/h: the lowest of a list, mph converted; NaN if not a number."""
    best = math.nan
    for part in tags.get("maxspeed", "").split(";"):
        match = _QUANTITY.match(part.strip())
        if match is None or match.group(2).lower() not in _SPEED_UNITS:
            continue
        value = float(match.group(1).replace(",", ".")) * _SPEED_UNITS[match.group(2).lower()]
        if 0.0 < value <= 200.0:
            best = value if math.isnan(best) else min(best, value)
    return best


def lanes(tags: Tags) -> float:
    """Return the number of lanes of both directions together; NaN where it is not mapped."""
    value = number(tags.get("lanes"))
    return value if 0.0 < value <= 20.0 else math.nan


def layer(tags: Tags) -> int:
    """Return the vertical order: the tag, else 1 for a bridge, -1 for a tunnel, 0 otherwise."""
    value = number(tags.get("layer"))
    if math.isfinite(value) and abs(value) <= 10:
        return int(value)
    return 1 if is_bridge(tags) else -1 if is_tunnel(tags) else 0


def is_bridge(tags: Tags) -> bool:
    """Return whether the way runs on a bridge (``bridge`` with any value but ``no``)."""
    return tags.get("bridge", "no") not in {"no", ""}


def is_tunnel(tags: Tags) -> bool:
    """Return whether the way runs below ground; a passage through a building does not."""
    return tags.get("tunnel", "no") not in {"no", "", "building_passage"}


def road_class(tags: Tags) -> str:
    """
    Return the class under which a way is kept, or "" where it is left out.

    ``highway`` values of ``ROAD_CLASSES`` stay as they are; ``service=alley`` becomes ``alley``;
    ``road`` becomes ``unclassified``; ``busway`` becomes ``service``. A footway, path or cycleway
    becomes ``alley`` where motor vehicles are allowed or it is at least 2.5 m wide, and is left
    out otherwise, as are steps, areas, and what is being built, planned or abandoned.
    """
    value = tags.get("highway", "")
    if tags.get("area") == "yes":
        return ""
    if value in _NARROW:
        motor = tags.get("motor_vehicle") or tags.get("motorcar") or tags.get("vehicle")
        wide = metres(tags.get("width") or tags.get("est_width")) >= _ALLEY_WIDTH_M
        return "alley" if motor in _ALLOWED or (wide and motor not in _FORBIDDEN) else ""
    if value == "service" and tags.get("service") == "alley":
        return "alley"
    if value in {"road", "busway", "bus_guideway"}:
        return "unclassified" if value == "road" else "service"
    return value if value in _ROAD_CLASSES else ""


def direction(tags: Tags) -> str:
    """
    Return the legal direction of motor traffic along the way: both, forward or backward.

    ``oneway:motor_vehicle`` stands before ``oneway``. Without either, roundabouts and motorways
    are one-way. ``reversible`` and ``alternating`` count as both.
    """
    value = tags.get("oneway:motor_vehicle") or tags.get("oneway") or ""
    if value in {"yes", "true", "1"}:
        return "forward"
    if value in {"-1", "reverse"}:
        return "backward"
    if value in {"no", "false", "0", "reversible", "alternating"}:
        return "both"
    circle = tags.get("junction") in {"roundabout", "circular"}
    return "forward" if circle or tags.get("highway") == "motorway" else "both"


def access(tags: Tags) -> str:
    """
    Return who may drive here: yes, destination, private, emergency or no.

    The most specific of ``motor_vehicle``, ``vehicle`` and ``access`` counts. ``emergency=yes``
    on a way that is closed to others gives ``emergency``.
    """
    value = tags.get("motor_vehicle") or tags.get("vehicle") or tags.get("access") or "yes"
    if value in _ALLOWED:
        return "yes"
    if value in _LIMITED:
        return "destination"
    if value == "emergency" or tags.get("emergency") in _ALLOWED:
        return "emergency"
    if value == "private":
        return "private"
    return "no" if value in _FORBIDDEN else "yes"


_LINE_KINDS: Final = {
    "river": "river",
    "canal": "canal",
    "stream": "stream",
    "tidal_channel": "stream",
    "brook": "stream",
    "drain": "drain",
    "ditch": "drain",
}


def line_kind(tags: Tags) -> str:
    """Return river, canal, stream or drain for the centre line of open water, else ""."""
    if tags.get("tunnel", "no") not in {"no", ""}:
        return ""
    return _LINE_KINDS.get(tags.get("waterway", ""), "")


_WATER_KINDS: Final = {
    **dict.fromkeys(("river", "oxbow", "rapids", "lagoon", "tidal"), "river"),
    **dict.fromkeys(
        ("canal", "stream", "ditch", "drain", "moat", "lock", "stream_pool", "harbour"), "canal"
    ),
    **dict.fromkeys(
        (
            "pond",
            "lake",
            "basin",
            "reservoir",
            "wastewater",
            "fishpond",
            "fish_pass",
            "reflecting_pool",
            "pool",
            "fountain",
        ),
        "pond",
    ),
}


def area_kind(tags: Tags) -> str:
    """Return river, canal, pond or water (kind not said) for an area of open water, else ""."""
    if tags.get("tunnel", "no") not in {"no", ""}:
        return ""
    waterway = tags.get("waterway", "")
    if waterway in {"riverbank", "river"}:
        return _WATER_KINDS.get(tags.get("water", ""), "river")
    if waterway in {"canal", "dock", "drain", "ditch", "stream"}:
        return "canal"
    if tags.get("natural") == "water":
        return _WATER_KINDS.get(tags.get("water", ""), "water")
    if tags.get("landuse") in {"basin", "reservoir", "aquaculture"}:
        return "pond" if tags.get("landuse") != "aquaculture" else ""
    return ""


_BUILDING_KINDS: Final = {
    **dict.fromkeys(
        ("house", "detached", "semidetached_house", "terrace", "bungalow", "villa", "hut", "cabin"),
        "house",
    ),
    **dict.fromkeys(("apartments", "dormitory", "residential"), "apartments"),
    **dict.fromkeys(
        ("commercial", "retail", "office", "supermarket", "kiosk", "mall"), "commercial"
    ),
    **dict.fromkeys(("industrial", "warehouse", "factory", "manufacture", "hangar"), "industrial"),
    **dict.fromkeys(("hospital", "clinic"), "hospital"),
    **dict.fromkeys(("school", "kindergarten", "university", "college"), "school"),
    **dict.fromkeys(
        ("church", "temple", "mosque", "pagoda", "cathedral", "chapel", "shrine", "religious"),
        "religious",
    ),
    **dict.fromkeys(("public", "civic", "government", "fire_station", "train_station"), "public"),
    "hotel": "hotel",
}
_BUILDING_AMENITIES: Final = {
    "hospital": "hospital",
    "clinic": "hospital",
    "school": "school",
    "kindergarten": "school",
    "university": "school",
    "college": "school",
    "place_of_worship": "religious",
}


def building_kind(tags: Tags) -> str:
    """Return the use of a building; "yes" where it is not said, "" where it is none."""
    value = tags.get("building", "no")
    if value in {"no", ""}:
        return ""
    amenity = _BUILDING_AMENITIES.get(tags.get("amenity", ""), "")
    if value in _BUILDING_KINDS and not (value == "public" and amenity):
        return _BUILDING_KINDS[value]
    if amenity:
        return amenity
    if "shop" in tags or "office" in tags:
        return "commercial"
    return "hotel" if tags.get("tourism") == "hotel" else "yes"
