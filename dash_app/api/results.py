"""
What a stored run shows: its scene, grids as pictures, places, streets, units, incidents, charts.

A stored run never changes, so answers carry its digest as ETag. Grids come cell by cell as codes
(see :mod:`dash_app.results.fields`), one frame at a time; nothing here reads a whole run at once.
"""

from __future__ import annotations

import io
import json
import math
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from dash_app.api.needs import Provided, Viewer  # noqa: TC001 - FastAPI reads annotations
from dash_app.results.fields import pack_field
from dash_app.results.opened import OpenRun
from dash_app.results.places import place_of, profile_of
from dash_app.results.prepared import Preparer
from dash_app.results.scene import scene_of
from dash_app.results.sharing import opened_runs, preparer_of
from dash_app.results.streets import street_states, streets_of
from dash_app.results.tracks import event_rows, incidents_of, mission_of, units_of
from models.errors import InvalidInputError
from twin.results.export import export_run

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

__all__ = ["router"]

router = APIRouter(prefix="/runs/{run_id}", tags=["results"])

_FOREVER = "private, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"
Longitude = Annotated[float, Query(ge=-180, le=180, description="degrees, WGS84")]
Latitude = Annotated[float, Query(gt=-90, lt=90, description="degrees, WGS84")]


class ProfileRequest(BaseModel):
    """Two places, longitude and latitude in degrees, and a time, s since the start."""

    start: tuple[float, float]
    end: tuple[float, float]
    time_s: float | None = Field(default=None, allow_inf_nan=False)


def _open(services: Provided, run_id: str, _who: Viewer) -> OpenRun:
    return opened_runs(services).get(run_id)


def _prepare(services: Provided) -> Preparer:
    return preparer_of(services)


Opened = Annotated[OpenRun, Depends(_open)]
Prepared = Annotated[Preparer, Depends(_prepare)]


@router.get("/scene", summary="Grid, times, fields and bounds: what a map needs first")
def scene(request: Request, opened: Opened, preparer: Prepared) -> Response:
    """Return the scene; and begin to prepare the run for its charts."""
    preparer.begin(opened)
    return _document(request, opened, "scene", lambda: scene_of(opened), keep=True)


@router.get(
    "/fields/{field}/{frame}",
    summary="One frame of a field, one code a cell, row 0 north",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
def field_frame(
    request: Request,
    opened: Opened,
    field: str,
    frame: int,
    *,
    level: Annotated[int, Query(ge=0, le=12)] = 0,
    bits: Annotated[int, Query(description="8 or 16")] = 8,
    window: Annotated[str | None, Query(description="row,column,rows,columns")] = None,
    maximum: Annotated[
        float | None, Query(gt=0, le=1e9, description="value of the largest code")
    ] = None,
) -> Response:
    """Return the codes of :mod:`dash_app.results.fields`, deflated where the client takes that."""
    tag = _tag(opened, f"{field}.{frame}.{level}.{bits}.{window or 'all'}.{maximum or ''}")
    if _is_known(request, tag):
        return Response(
            status_code=304, headers={"ETag": tag, "Cache-Control": _how_long(request, opened)}
        )
    packed = pack_field(
        opened, field, frame, level=level, bits=bits, window=_window(window), maximum=maximum
    )
    headers = {
        "X-Width": str(packed.width),
        "X-Height": str(packed.height),
        "Cache-Control": _how_long(request, opened),
    }
    return _deflated(request, packed.data, tag, headers)


@router.get("/point", summary="Depth and level over time at a place")
def point(
    request: Request, opened: Opened, preparer: Prepared, lon: Longitude, lat: Latitude
) -> Response:
    """Return what is stored of the cell at a place, not what the picture shows."""
    return _document(
        request, opened, f"point.{lon}.{lat}", lambda: place_of(opened, preparer, lon, lat)
    )


@router.post("/profile", summary="Ground and water along a line between two places")
def profile(opened: Opened, asked: ProfileRequest) -> dict[str, Any]:
    """Return ground, largest level, and the level at a time, sampled along the line."""
    return profile_of(opened, asked.start, asked.end, asked.time_s)


@router.get("/roads", summary="The streets as lines, and the times of their states")
def roads(request: Request, opened: Opened) -> Response:
    """Return the lines of the streets; their states come by class of vehicle."""
    return _document(request, opened, "roads", lambda: streets_of(opened), keep=True)


@router.get(
    "/roads/{vehicle}",
    summary="State of every street at every time: 0 dry, 1 wet, 2 too deep, 3 closed",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
def road_states(request: Request, opened: Opened, vehicle: str) -> Response:
    """Return one byte a street, time after time, in the order of ``/roads``."""
    tag = _tag(opened, f"roads.{vehicle}")
    if _is_known(request, tag):
        return Response(
            status_code=304, headers={"ETag": tag, "Cache-Control": _how_long(request, opened)}
        )
    held = {"Cache-Control": _how_long(request, opened)}
    states = opened.once(f"roads.{vehicle}", lambda: street_states(opened, vehicle))
    return _deflated(request, states, tag, held)


@router.get("/units", summary="Where every unit was, and what it did")
def units(request: Request, opened: Opened) -> Response:
    """Return the ways and states of all units."""
    return _document(request, opened, "units", lambda: {"units": units_of(opened)}, keep=True)


@router.get("/units/{unit}", summary="The mission log of one unit")
def mission(request: Request, opened: Opened, unit: str) -> Response:
    """Return what happened to one unit, in order."""
    return _document(request, opened, f"unit.{unit}", lambda: {"events": mission_of(opened, unit)})


@router.get("/incidents", summary="Calls for help: where, when, reached when")
def incidents(request: Request, opened: Opened) -> Response:
    """Return all incidents."""
    return _document(
        request, opened, "incidents", lambda: {"incidents": incidents_of(opened)}, keep=True
    )


@router.get("/events", summary="The event log, a part at a time")
def events(
    opened: Opened,
    *,
    kind: Annotated[str | None, Query(description="only this kind")] = None,
    first: Annotated[int, Query(ge=0)] = 0,
    count: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> dict[str, Any]:
    """Return events in their order; ``total`` counts all that fit."""
    table = opened.run.events
    if kind is not None and len(table):
        table = table[table["kind"] == kind]
    return {"total": len(table), "first": first, "events": event_rows(table[first : first + count])}


@router.get("/gauges", summary="Gauges: where, and their levels over time")
def gauges(request: Request, opened: Opened) -> Response:
    """Return the series of every gauge of the run."""
    return _document(request, opened, "gauges", lambda: _gauges(opened))


@router.get("/structures", summary="Structures: state, levels and discharge over time")
def structures(request: Request, opened: Opened) -> Response:
    """Return the series of every structure of the run."""
    return _document(request, opened, "structures", lambda: {"rows": _rows(opened.run.structures)})


@router.get("/over-time", summary="Flooded ground, people in water and closed streets over time")
def over_time(opened: Opened, preparer: Prepared) -> dict[str, Any]:
    """Return the counts once they are made; until then how far the work is."""
    preparer.begin(opened)
    return {
        "ready": opened.grid is None or preparer.fraction(opened) in {None, 1.0},
        "fraction": preparer.fraction(opened),
        "water": preparer.over_time(opened),
        "roads": _rows(opened.run.series("roads")),
    }


@router.get(
    "/export/{form}",
    summary="The run for other programs: geotiff, geopackage, csv or netcdf, as one ZIP",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}},
)
def export(opened: Opened, form: str) -> Response:
    """Return the files that ``twin export`` writes."""
    with tempfile.TemporaryDirectory(prefix="export-") as scratch:
        written = export_run(opened.run, Path(scratch), formats=[form])
        held = io.BytesIO()
        with zipfile.ZipFile(
            held, "w", zipfile.ZIP_STORED if form == "netcdf" else zipfile.ZIP_DEFLATED
        ) as pack:
            for path in written:
                pack.write(path, path.name)
    name = f"{opened.run.id}-{form}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": _ASK_AGAIN}
    return Response(held.getvalue(), media_type="application/zip", headers=headers)


def _gauges(opened: OpenRun) -> dict[str, Any]:
    series = opened.run.gauges
    scenario = opened.run.scenario
    found = []
    for gauge in scenario.get("gauges") or []:
        name, place = str(gauge.get("name", "")), gauge.get("location") or {}
        lon, lat = place.get("lon"), place.get("lat")
        if "x_m" in place and "y_m" in place:
            lon, lat = (float(v) for v in opened.degrees(place["x_m"], place["y_m"]))
        columns = [str(c) for c in series.columns if str(c).startswith(f"{name}_")]
        found.append(
            {
                "name": name,
                "lon": lon,
                "lat": lat,
                "series": {c.removeprefix(f"{name}_"): _column(series[c]) for c in columns},
            }
        )
    times = series["time_s"].tolist() if "time_s" in series else []
    return {"times_s": times, "gauges": found}


def _column(values: pd.Series[Any]) -> list[Any]:
    if values.dtype.kind != "f":
        return list(values.tolist())
    return [v if math.isfinite(v) else None for v in values.tolist()]


def _rows(table: pd.DataFrame) -> dict[str, list[Any]]:
    """Return a table as lists by column, NaN as null."""
    return {str(name): _column(table[name]) for name in table.columns}


def _window(text: str | None) -> tuple[int, int, int, int] | None:
    if text is None:
        return None
    try:
        row, column, rows, columns = (int(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidInputError(
            "a window is four whole numbers",
            where="window",
            value=text,
            remedy="Write row,column,rows,columns.",
        ) from error
    return row, column, rows, columns


def _tag(opened: OpenRun, part: str) -> str:
    safe = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in part)
    return f'"{opened.digest[:24]}.{safe}"'


def _is_known(request: Request, tag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return tag in {part.strip().removeprefix("W/") for part in given.split(",")}


def _how_long(request: Request, opened: OpenRun) -> str:
    """Return how long an answer may be kept: for good only under the full name of the run."""
    return _FOREVER if request.path_params.get("run_id") == opened.run.id else _ASK_AGAIN


def _document(
    request: Request,
    opened: OpenRun,
    part: str,
    make: Callable[[], dict[str, Any]],
    *,
    keep: bool = False,
) -> Response:
    """Return JSON to those who do not hold it; what is asked for often is made once and kept."""
    tag = _tag(opened, part)
    headers = {"ETag": tag, "Cache-Control": _ASK_AGAIN, "Vary": "Accept-Encoding"}
    if _is_known(request, tag):
        return Response(status_code=304, headers=headers)

    def packed() -> bytes:
        text = json.dumps(make(), ensure_ascii=False, allow_nan=False, default=_native)
        return zlib.compress(text.encode(), 1)

    body = opened.once(part, packed) if keep else packed()
    if "deflate" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "deflate"
    else:
        body = zlib.decompress(body)
    return Response(body, media_type="application/json", headers=headers)


def _native(value: Any) -> Any:  # noqa: ANN401 - json hands over whatever it does not know
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} has no place in a JSON document")


def _deflated(request: Request, data: bytes, tag: str, headers: dict[str, str]) -> Response:
    headers = {**headers, "ETag": tag, "Vary": "Accept-Encoding"}
    if "deflate" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "deflate"
    else:
        data = zlib.decompress(data)
    return Response(data, media_type="application/octet-stream", headers=headers)
