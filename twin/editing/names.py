"""What a city calls its bridges, streets and places, for sentences about edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twin.city.city import City

__all__ = ["city_names"]

#: Layer, its column of ids, and what stands before an id.
_NAMED = (
    ("bridges", "bridge_id", "bridge"),
    ("facilities", "facility_id", "facility"),
    ("structures", "structure_id", "structure"),
    ("roads", "segment_id", "segment"),
)


def city_names(city: City) -> dict[str, str]:
    """Return names by ``bridge:<id>``, ``facility:<id>``, ``structure:<id>``, ``segment:<id>``."""
    names: dict[str, str] = {}
    for layer, column, kind in _NAMED:
        frame = city.layers.get(layer)
        if frame is None or column not in frame or "name" not in frame:
            continue
        for key, name in zip(frame[column], frame["name"], strict=True):
            if isinstance(name, str) and name:
                names[f"{kind}:{key}"] = name
    return names
