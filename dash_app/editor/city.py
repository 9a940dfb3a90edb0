"""What the editor knows of a city: its bridges, streets and places, and what lies where."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pyogrio
import shapely
from pyproj import CRS, Transformer

from dash_app.cities import city_folder, list_cities
from models.errors import TwinError
from twin.city.default import default_city

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash_app.services import Services
    from scenarios.loader import Document

__all__ = ["CityFacts", "Thing", "city_digest", "read_facts"]

#: Layer, column of ids, and what the editor calls such a thing.
_LAYERS = (
    ("bridges", "bridge_id", "bridge"),
    ("facilities", "facility_id", "facility"),
    ("structures", "structure_id", "structure"),
)
#: Roads within this distance of a bridge belong to it, m.
_BRIDGE_REACH_M = 60.0


@dataclass(frozen=True, slots=True)
class Thing:
    """
    Something that can be chosen.

    Parameters
    ----------
    kind
        ``bridge``, ``street``, ``road``, ``facility``, ``structure``.
    key, name
        Its id in the city, and its name; the id where it has none.
    lon, lat
        Where.
    sort
        What kind of facility or structure it is.
    """

    kind: str
    key: str
    name: str
    lon: float
    lat: float
    sort: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CityFacts:
    """
    A city, as the editor needs it.

    Parameters
    ----------
    digest, folder
        Which.
    things
        What can be chosen, by ``kind:key``.
    names
        Names for sentences, as :func:`twin.editing.city_names` gives them.
    roads
        The roads in metres: ``segment_id``, ``name``, ``is_bridge``, geometry.
    """

    digest: str
    folder: Path
    things: Mapping[str, Thing] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    roads: gpd.GeoDataFrame | None = None
    to_metres: Transformer | None = None

    def bridge_at(self, lon: float, lat: float, reach_m: float = _BRIDGE_REACH_M) -> Thing | None:
        """Return the bridge nearest to a point, within reach."""
        bridges = [thing for thing in self.things.values() if thing.kind == "bridge"]
        if self.to_metres is None or not bridges:
            return None
        x, y = self.to_metres.transform(lon, lat)
        xs, ys = self.to_metres.transform([b.lon for b in bridges], [b.lat for b in bridges])
        far = [((bx - x) ** 2 + (by - y) ** 2) ** 0.5 for bx, by in zip(xs, ys, strict=True)]
        nearest = min(range(len(far)), key=far.__getitem__)
        return bridges[nearest] if far[nearest] <= reach_m else None

    def roads_within(self, ring: list[list[float]]) -> list[int]:
        """Return the segments whose middle lies in a ring of ``[lon, lat]``."""
        if self.roads is None or self.to_metres is None or len(ring) < 3:
            return []
        area = shapely.Polygon([self.to_metres.transform(lon, lat) for lon, lat in ring])
        middles = shapely.line_interpolate_point(
            self.roads.geometry.to_numpy(), 0.5, normalized=True
        )
        inside = shapely.contains(shapely.make_valid(area), middles)
        return sorted(int(s) for s in self.roads["segment_id"].to_numpy()[inside])


def city_digest(services: Services, document: Document | dict[str, Any], chosen: str | None) -> str:
    """
    Return the digest of the city of a draft, empty where it is not here.

    Parameters
    ----------
    services
        The store; the city that is made up is put there when it is first needed.
    document
        The scenario.
    chosen
        Digest that somebody chose; it wins.
    """
    named = document.get("city") if isinstance(document, dict) else None
    if chosen:
        named = chosen
    if not isinstance(named, str) or not named:
        return ""
    if named == "synthetic":
        return _made_up(services.store.root)
    wanted = Path(named).name
    for entry in list_cities(services.store):
        if wanted in {entry.name, entry.digest}:
            return entry.digest
    return ""


@lru_cache(maxsize=8)
def _made_up(root: Path) -> str:
    """Put the synthetic city into the store, and return its digest."""
    from twin.store import RunStore  # noqa: PLC0415 - only where it is not there yet

    city = default_city()
    if city.folder is None:
        return ""
    RunStore(root).keep_city(city.folder, city.digest)
    return city.digest


def read_facts(services: Services, digest: str) -> CityFacts | None:
    """Return what is known of a city of the store, or None where it cannot be read."""
    if not digest:
        return None
    try:
        return _facts(city_folder(services.store, digest))
    except (TwinError, OSError, ValueError):
        return None


@lru_cache(maxsize=4)
def _facts(folder: Path) -> CityFacts:
    path = folder / "layers.gpkg"
    if not path.is_file():
        return CityFacts(digest=folder.name, folder=folder)
    has = {str(row[0]) for row in pyogrio.list_layers(path)}
    things: dict[str, Thing] = {}
    names: dict[str, str] = {}
    for layer, column, kind in _LAYERS:
        if layer in has:
            _collect(gpd.read_file(path, layer=layer), column, kind, things, names)
    roads, metres = None, None
    if "roads" in has:
        roads = pyogrio.read_dataframe(path, layer="roads", columns=["segment_id", "name"])
        metres = Transformer.from_crs("EPSG:4326", CRS(roads.crs), always_xy=True)
        _streets(roads, things, names)
    return CityFacts(
        digest=folder.name,
        folder=folder,
        things=things,
        names=names,
        roads=roads,
        to_metres=metres,
    )


def _collect(
    frame: gpd.GeoDataFrame,
    column: str,
    kind: str,
    things: dict[str, Thing],
    names: dict[str, str],
) -> None:
    if column not in frame or frame.empty:
        return
    points = frame.geometry.representative_point().to_crs("EPSG:4326")
    sorts = frame["kind"] if "kind" in frame else [""] * len(frame)
    called = frame["name"] if "name" in frame else [""] * len(frame)
    for key, name, sort, point in zip(frame[column], called, sorts, points, strict=True):
        shown = name if isinstance(name, str) and name else ""
        if shown:
            names[f"{kind}:{key}"] = shown
        things[f"{kind}:{key}"] = Thing(
            kind, str(key), shown or str(key), round(point.x, 6), round(point.y, 6), str(sort)
        )


def _streets(roads: gpd.GeoDataFrame, things: dict[str, Thing], names: dict[str, str]) -> None:
    """Add each named street once, at the middle of its longest segment."""
    named = roads[roads["name"].astype("string").fillna("") != ""]
    for key, name in zip(named["segment_id"], named["name"], strict=True):
        names[f"segment:{key}"] = str(name)
    if named.empty:
        return
    longest = named.assign(_m=named.geometry.length).sort_values("_m").groupby("name").tail(1)
    middles = longest.geometry.interpolate(0.5, normalized=True).to_crs("EPSG:4326")
    for name, point in zip(longest["name"], middles, strict=True):
        things[f"street:{name}"] = Thing(
            "street", str(name), str(name), round(point.x, 6), round(point.y, 6)
        )
