"""What a scenario puts on the map, as GeoJSON: structures, closures, stations, emergencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyproj import Transformer

from twin.editing import identity, value_at
from twin.editing.wording import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dash_app.editor.city import CityFacts
    from twin.editing.edits import Document

__all__ = ["sketch_of"]

_BRIDGE = "#6b7884"
_CLOSED, _STRUCTURE, _STATION, _INCIDENT, _GAUGE = (
    "#c92a2a",
    "#7048e8",
    "#0b7285",
    "#d9480f",
    "#2f9e44",
)
_MOST = 2000


def sketch_of(document: Document, facts: CityFacts | None, language: str) -> dict[str, Any]:
    """Return the features; each says by ``what`` what is selected when it is clicked."""
    words = Words(language, document, facts.names if facts else {})
    closed = [*_closures(document, facts, words)]
    found = [
        *_bridges(facts, {feature["properties"]["what"] for feature in closed}),
        *_structures(document, facts, words),
        *closed,
        *_points(document, ("fleet", "stations"), "station", _STATION, facts),
        *_points(document, ("incidents", "listed"), "incident", _INCIDENT, facts),
        *_points(document, ("gauges",), "gauge", _GAUGE, facts),
    ]
    return {"type": "FeatureCollection", "features": found[:_MOST]}


def _feature(kind: str, coordinates: Any, what: str, colour: str, name: str) -> dict[str, Any]:  # noqa: ANN401 - GeoJSON
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": {"what": what, "colour": colour, "label": name},
    }


def _bridges(facts: CityFacts | None, closed: set[str]) -> Iterator[dict[str, Any]]:
    """Yield the bridges that are open, small, so that people see where they can click."""
    for key, thing in (facts.things if facts is not None else {}).items():
        if thing.kind == "bridge" and key not in closed:
            feature = _feature("Point", [thing.lon, thing.lat], key, _BRIDGE, "")
            yield {**feature, "properties": {**feature["properties"], "size": 4}}


def _items(document: Document, path: tuple[str, ...]) -> list[dict[str, Any]]:
    found = value_at(document, path)
    return [i for i in found if isinstance(i, dict)] if isinstance(found, list) else []


def _structures(
    document: Document, facts: CityFacts | None, words: Words
) -> Iterator[dict[str, Any]]:
    for item in _items(document, ("structures",)):
        name = identity(item)
        if name is None:
            continue
        what, shown = f"structure:{name}", words.called("structure", name)
        line = item.get("line")
        points = line.get("lonlat") if isinstance(line, dict) else None
        if isinstance(points, list) and all(_pair(point) for point in points):
            wall = str(item.get("kind")) in {"wall", "dyke"}
            label = "" if wall and len(points) > 2 else shown
            yield _feature("LineString", points, what, _STRUCTURE, label)
            breaches = item.get("breaches")
            for breach in breaches if isinstance(breaches, list) else []:
                at = _where(breach.get("location") if isinstance(breach, dict) else None, facts)
                if at is not None:
                    yield _feature("Point", at, what, _CLOSED, "")
            continue
        place = (line or {}).get("across") if isinstance(line, dict) else item.get("from_location")
        at = _where(place, facts)
        if at is not None:
            yield _feature("Point", at, what, _STRUCTURE, shown)


def _closures(
    document: Document, facts: CityFacts | None, words: Words
) -> Iterator[dict[str, Any]]:
    roads = [item.get("road") for item in _items(document, ("closures",))]
    for item in _items(document, ("timeline",)):
        if item.get("do") == "close_bridge":
            roads.append({"bridge": item.get("bridge")})
        elif item.get("do") == "close_road":
            roads.append(item.get("road"))
    for road in roads:
        yield from _closed(road, facts, words)


def _closed(road: Any, facts: CityFacts | None, words: Words) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - as a document has it
    if not isinstance(road, dict) or facts is None:
        return
    if "bridge" in road:
        thing = next(
            (
                t
                for t in facts.things.values()
                if t.kind == "bridge" and road["bridge"] in {t.key, t.name}
            ),
            None,
        )
        if thing is not None:
            at = [thing.lon, thing.lat]
            label = "✕ " + words.bridge(thing.key)
            yield _feature("Point", at, f"bridge:{thing.key}", _CLOSED, label)
        return
    if facts.roads is None or facts.to_metres is None:
        return
    if isinstance(road.get("segments"), list):
        chosen = facts.roads[facts.roads["segment_id"].isin(road["segments"])]
    elif "street" in road and "between" not in road:
        chosen = facts.roads[facts.roads["name"] == road["street"]]
    else:
        return
    back = Transformer.from_crs(facts.roads.crs, "EPSG:4326", always_xy=True)
    street = road.get("street")
    for key, line in zip(chosen["segment_id"][:500], chosen.geometry[:500], strict=True):
        x, y = back.transform(*line.coords.xy)
        points = [[round(a, 6), round(b, 6)] for a, b in zip(x, y, strict=True)]
        what = f"street:{street}" if street else f"road:{key}"
        yield _feature("LineString", points, what, _CLOSED, "")


def _points(
    document: Document, path: tuple[str, ...], kind: str, colour: str, facts: CityFacts | None
) -> Iterator[dict[str, Any]]:
    for item in _items(document, path):
        at = _where(item.get("location"), facts)
        if at is not None:
            name = str(identity(item) or "")
            yield _feature("Point", at, f"{kind}:{name}", colour, name)


def _where(place: Any, facts: CityFacts | None) -> list[float] | None:  # noqa: ANN401 - as a document has it
    match place:
        case {"lon": int() | float() as lon, "lat": int() | float() as lat}:
            return [float(lon), float(lat)]
        case {"x_m": int() | float() as x, "y_m": int() | float() as y}:
            if facts is None or facts.to_metres is None:
                return None
            lon, lat = facts.to_metres.transform(x, y, direction="INVERSE")
            return [round(lon, 6), round(lat, 6)]
        case {"facility": str() as key} | {"structure": str() as key} | {"bridge": str() as key}:
            if facts is None:
                return None
            thing = next((t for t in facts.things.values() if key in {t.key, t.name}), None)
            return None if thing is None else [thing.lon, thing.lat]
        case _:
            return None


def _pair(point: Any) -> bool:  # noqa: ANN401 - as a document has it
    return (
        isinstance(point, list)
        and len(point) == 2
        and all(isinstance(v, int | float) for v in point)
    )
