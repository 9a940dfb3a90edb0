"""
Observations in the JSON of an OGC SensorThings service, as rows of text.

Understood are answers to ``…/Observations``, with or without ``resultFormat=dataArray``, and to
``…/Datastreams`` or ``…/Things`` with observations expanded (OGC 18-088, sections 8 and 10). The
columns are ``time``, ``end`` (of a phenomenon with a duration), ``result``, ``datastream``,
``thing``, ``unit``, ``lon`` and ``lat``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from models.errors import InvalidInputError
from twin.observed.rows import Rows, ordinary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from twin.observed.finding import Findings

__all__ = ["read_sensorthings"]

_COLUMNS = ("time", "end", "result", "datastream", "thing", "unit", "lon", "lat")

type _Row = dict[str, str]


def read_sensorthings(path: Path, findings: Findings) -> Rows:
    """
    Read observations; the number of a row is its place among them.

    Raises
    ------
    InvalidInputError
        If the file is not JSON, or holds no observations.
    """
    ordinary(path)
    try:
        document = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInputError(f"this is not JSON ({error})", where=str(path)) from error
    if isinstance(document, dict) and "@iot.nextLink" in document:
        findings.add("more_pages", [1], used=True, example=document["@iot.nextLink"])
    rows = list(_of(document, {}))
    if not rows:
        raise InvalidInputError(
            "there are no observations in this file",
            where=str(path),
            remedy="Save the answer to …/Observations, or to …/Datastreams?$expand=Observations.",
        )
    texts = {name: [row.get(name, "") for row in rows] for name in _COLUMNS}
    return Rows(path=path, numbers=list(range(1, len(rows) + 1)), texts=texts)


def _of(node: Any, around: _Row) -> Iterator[_Row]:  # noqa: ANN401 - whatever the JSON holds
    if isinstance(node, list):
        for item in node:
            yield from _of(item, around)
        return
    if not isinstance(node, dict):
        return
    if "dataArray" in node and isinstance(node.get("components"), list):
        known = {**around, **_datastream(node.get("Datastream"))}
        for values in node["dataArray"]:
            yield _observation(dict(zip(node["components"], values, strict=False)), known)
    elif "result" in node:
        yield _observation(node, {**around, **_datastream(node.get("Datastream"))})
    elif "Datastreams" in node:
        yield from _of(node["Datastreams"], {**around, **_thing(node)})
    elif "Observations" in node:
        yield from _of(node["Observations"], {**around, **_datastream(node)})
    elif "value" in node:
        yield from _of(node["value"], around)


def _datastream(node: Any) -> _Row:  # noqa: ANN401 - as above
    if not isinstance(node, dict):
        return {}
    found: _Row = {}
    if node.get("name"):
        found["datastream"] = str(node["name"])
    unit = node.get("unitOfMeasurement")
    if isinstance(unit, dict) and unit.get("symbol"):
        found["unit"] = str(unit["symbol"])
    if isinstance(node.get("Thing"), dict):
        found |= _thing(node["Thing"])
    return found


def _thing(node: dict[str, Any]) -> _Row:
    found: _Row = {"thing": str(node["name"])} if node.get("name") else {}
    for place in node.get("Locations") or ():
        point = place.get("location") if isinstance(place, dict) else None
        if isinstance(point, dict) and point.get("type") == "Feature":
            point = point.get("geometry")
        if isinstance(point, dict) and point.get("type") == "Point":
            numbers = [str(value) for value in point.get("coordinates") or ()]
            found |= dict(zip(("lon", "lat"), numbers, strict=False))
    return found


def _observation(node: dict[str, Any], around: _Row) -> _Row:
    start, _, end = str(node.get("phenomenonTime") or node.get("resultTime") or "").partition("/")
    result = node.get("result")
    return {**around, "time": start, "end": end, "result": "" if result is None else str(result)}
