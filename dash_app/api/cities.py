"""Cities: what there is, and their layers for the map."""

from __future__ import annotations

import gzip
from typing import Any

from fastapi import APIRouter, Request, Response

from dash_app import cities
from dash_app.api.needs import Limit, Offset, Provided, Viewer, page_of

__all__ = ["router"]

router = APIRouter(prefix="/cities", tags=["cities"])
GEOJSON: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/geo+json": {}}, "description": "WGS 84."}
}


@router.get("")
def list_cities(
    services: Provided, _who: Viewer, limit: Limit = 50, offset: Offset = 0
) -> dict[str, Any]:
    """List the cities, by name."""
    return page_of([c.as_dict() for c in cities.list_cities(services.store)], limit, offset)


@router.get("/{digest}")
def get_city(digest: str, services: Provided, _who: Viewer) -> dict[str, Any]:
    """Return a city: where it lies, what it holds, and where that came from."""
    return cities.find_city(services.store, digest).as_dict()


@router.get("/{digest}/layers/{layer}", response_class=Response, responses=GEOJSON)
def get_layer(
    digest: str, layer: str, services: Provided, _who: Viewer, request: Request
) -> Response:
    """Return a layer as GeoJSON, simplified for a map; empty where the city has none."""
    headers = {
        "ETag": f'"{digest}-{layer}"',
        "Cache-Control": "private, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
    packed = cities.layer_geojson(services.store, digest, layer)
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        packed = gzip.decompress(packed)
    return Response(packed, media_type="application/geo+json", headers=headers)
