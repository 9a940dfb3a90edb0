"""Lines in GeoJSON and GeoPackage files, written out into the document."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, cast

from models.errors import ScenarioError
from scenarios.schema.structures import LineFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pydantic import JsonValue

__all__ = ["inline_lines", "needs_lines"]

_MAX_BYTES = 16 << 20
#: Parts of a scenario with lines, and the fields that hold them.
_PARTS = {"structures": ("line",), "boundaries": ("line", "area"), "cross_sections": ("line",)}


def _in_files(data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield place and group of every line that is in a file."""
    for part, fields in _PARTS.items():
        entries = data.get(part)
        for index, entry in enumerate(entries if isinstance(entries, list) else []):
            for field in fields:
                line = entry.get(field) if isinstance(entry, dict) else None
                if isinstance(line, dict) and line.get("file") is not None:
                    yield f"{part}[{index}].{field}", line


def needs_lines(data: dict[str, JsonValue]) -> bool:
    """Tell whether any line of a valid document is in a file."""
    return next(_in_files(data), None) is not None


def inline_lines(data: dict[str, JsonValue], locate: Callable[[str, str], Path]) -> None:
    """
    Write the lines of files into *data*, in place, as longitude and latitude.

    Parameters
    ----------
    data
        A valid document.
    locate
        Gives the path of a file from its text and its place in the document.

    Raises
    ------
    ScenarioError
        If a file is missing, is no GeoJSON or GeoPackage, or does not hold one such line.
    """
    for place, line in _in_files(cast("dict[str, Any]", data)):
        source = LineFile.model_validate(line["file"])
        path = locate(source.file, f"{place}.file.file")
        if not path.is_file():
            raise ScenarioError("there is no such file", where=str(path), remedy="Check the path.")
        if path.suffix.lower() in {".geojson", ".json"}:
            features = _geojson(path)
        elif path.suffix.lower() == ".gpkg":
            features = _geopackage(path, source.layer)
        else:
            raise ScenarioError(
                "a line is read from GeoJSON (.geojson) or GeoPackage (.gpkg)", where=str(path)
            )
        del line["file"]
        line["lonlat"] = _chosen(features, source.name, path)


def _geojson(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return name and geometry of every feature; GeoJSON is in WGS 84 (RFC 7946)."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ScenarioError(f"the file is larger than {_MAX_BYTES} bytes", where=str(path))
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as cause:
        raise ScenarioError(f"this is not GeoJSON ({cause})", where=str(path)) from None
    if not isinstance(data, dict):
        raise ScenarioError("this is not GeoJSON", where=str(path))
    crs = data.get("crs")
    if crs is not None and not any(k in json.dumps(crs) for k in ("CRS84", "4326")):
        raise ScenarioError(
            "GeoJSON is in longitude and latitude, but this file names another reference system",
            where=str(path),
            remedy="Export it in EPSG:4326, or as a GeoPackage.",
        )
    features = data.get("features", [data])
    found = []
    for feature in features if isinstance(features, list) else []:
        if isinstance(feature, dict):
            geometry = feature.get("geometry", feature)
            name = (feature.get("properties") or {}).get("name", "")
            found.append((str(name), geometry if isinstance(geometry, dict) else {}))
    return found


def _geopackage(path: Path, layer: str | None) -> list[tuple[str, dict[str, Any]]]:
    """Return name and geometry of every feature, brought to WGS 84."""
    import geopandas as gpd  # noqa: PLC0415 - slow to import, and rarely needed
    import shapely  # noqa: PLC0415 - as above

    try:
        frame = gpd.read_file(path, layer=layer).to_crs("EPSG:4326")
    except Exception as cause:  # noqa: BLE001 - GDAL raises many kinds
        raise ScenarioError(f"the layer cannot be read ({cause})", where=str(path)) from None
    names = frame["name"] if "name" in frame else [""] * len(frame)
    return [
        (str(name), json.loads(shapely.to_geojson(shape)))
        for name, shape in zip(names, frame.geometry, strict=True)
    ]


def _chosen(
    features: list[tuple[str, dict[str, Any]]], name: str | None, path: Path
) -> list[list[float]]:
    """Return the points of the one line that is meant."""
    chosen = [geometry for title, geometry in features if name is None or title == name]
    if len(chosen) != 1:
        raise ScenarioError(
            f"{len(chosen)} features of the file "
            + ("could be meant" if name is None else "bear this name"),
            where=str(path),
            value=name,
            remedy=f"Give the property `name` of one: {[t for t, _ in features][:8]}.",
        )
    geometry = chosen[0]
    parts = geometry.get("coordinates")
    kind = geometry.get("type")
    if kind in {"Polygon", "MultiLineString"} and isinstance(parts, list) and len(parts) == 1:
        parts, kind = parts[0], "LineString"
    if kind != "LineString" or not isinstance(parts, list) or len(parts) < 2:
        raise ScenarioError("the feature is not one line", where=str(path), value=kind)
    points = [[float(x) for x in point[:2]] for point in parts]
    if not all(math.isfinite(x) for point in points for x in point):
        raise ScenarioError("a point of the line is not finite", where=str(path))
    return points
