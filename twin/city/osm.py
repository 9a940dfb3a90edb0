"""Read an OpenStreetMap extract (.osm, .osm.pbf, .osm.bz2) into flat arrays, as it is mapped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely

from models.errors import CityError
from twin.city import osm_tags

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from twin.city.osm_tags import Tags

__all__ = ["OsmExtract", "OsmWays", "read_boundary", "read_extract"]

#: Layers that an extract can feed, and the keys that mark them.
THEME_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "roads": ("highway",),
    "water": ("waterway", "natural", "landuse"),
    "buildings": ("building",),
    "facilities": ("amenity", "healthcare", "shop", "emergency"),
    "hydrants": ("emergency",),
}
_AREA_THEMES: Final = frozenset({"water", "buildings", "facilities"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OsmWays:
    """
    Ways as flat arrays: the vertices of way ``i`` are ``first[i]:first[i + 1]``.

    Parameters
    ----------
    way_id
        Identifiers, rising, shape (n,).
    first
        Offsets into the vertices, shape (n + 1,).
    node_ref
        Node identifier of each vertex, shape (m,).
    x, y
        Longitude and latitude, degrees, or easting and northing, m; shape (m,).
    tags
        The tags of each way, n of them.
    """

    way_id: NDArray[np.int64]
    first: NDArray[np.int64]
    node_ref: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    tags: tuple[Tags, ...]

    def __len__(self) -> int:
        return int(self.way_id.size)

    def lines(self) -> NDArray[np.object_]:
        """Return the ways as LineStrings, shape (n,)."""
        vertices = np.column_stack([self.x, self.y])
        owner = np.repeat(np.arange(len(self)), np.diff(self.first))
        return np.asarray(shapely.linestrings(vertices, indices=owner), dtype=object)


@dataclass(frozen=True, slots=True, kw_only=True)
class OsmExtract:
    """
    What an extract holds of the themes that were asked for, in longitude and latitude.

    Parameters
    ----------
    roads, waterways, coastlines
        Ways with at least two vertices whose nodes are in the file.
    places
        Points and areas: ``osm_id`` such as "w123", ``tags`` and the geometry.
    broken
        Identifiers of ways and relations whose geometry cannot be made.
    """

    roads: OsmWays
    waterways: OsmWays
    coastlines: OsmWays
    places: gpd.GeoDataFrame
    broken: tuple[str, ...] = ()


@dataclass(slots=True)
class _Collector:
    ids: list[int] = field(default_factory=list)
    refs: list[list[int]] = field(default_factory=list)
    coordinates: list[NDArray[np.float64]] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)

    def add(self, way: osmium.osm.Way, tags: dict[str, str]) -> bool:
        """Keep the runs of known nodes of *way*; return whether any node was missing."""
        refs: list[int] = []
        places: list[tuple[float, float]] = []
        whole = True
        for node in way.nodes:
            if node.location.valid():
                if not refs or refs[-1] != node.ref:
                    refs.append(node.ref)
                    places.append((node.location.lon, node.location.lat))
            else:
                whole = False
                self._flush(way.id, refs, places, tags)
                refs, places = [], []
        self._flush(way.id, refs, places, tags)
        return whole

    def _flush(
        self,
        way_id: int,
        refs: list[int],
        places: list[tuple[float, float]],
        tags: dict[str, str],
    ) -> None:
        if len(refs) > 1:
            self.ids.append(way_id)
            self.refs.append(refs)
            self.coordinates.append(np.asarray(places, dtype=np.float64))
            self.tags.append(tags)

    def ways(self) -> OsmWays:
        order = np.argsort(np.asarray(self.ids, dtype=np.int64), kind="stable")
        counts = [len(self.refs[i]) for i in order]
        coordinates = (
            np.concatenate([self.coordinates[i] for i in order]) if counts else np.empty((0, 2))
        )
        return OsmWays(
            way_id=np.asarray(self.ids, dtype=np.int64)[order],
            first=np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64),
            node_ref=np.asarray([r for i in order for r in self.refs[i]], dtype=np.int64),
            x=np.ascontiguousarray(coordinates[:, 0]),
            y=np.ascontiguousarray(coordinates[:, 1]),
            tags=tuple(self.tags[i] for i in order),
        )


def read_extract(path: Path, *, themes: Iterable[str]) -> OsmExtract:
    """
    Read the objects of *themes* from an extract in one pass over the file.

    Parameters
    ----------
    path
        The file; its format follows from the suffix.
    themes
        Some of roads, water, buildings, facilities, hydrants.

    Raises
    ------
    CityError
        If the file is missing, is not OpenStreetMap data, or is damaged.
    """
    _check_file(path)
    reading = _Reading(wanted=frozenset(themes))
    keys = sorted({key for theme in reading.wanted for key in THEME_KEYS[theme]})
    try:
        processor = osmium.FileProcessor(str(path)).with_locations()
        if reading.wanted & _AREA_THEMES:
            processor = processor.with_areas(osmium.filter.KeyFilter(*keys))
        for item in processor.with_filter(osmium.filter.KeyFilter(*keys)):
            tags = {tag.k: tag.v for tag in item.tags}
            if isinstance(item, osmium.osm.Node):
                reading.add_node(item, tags)
            elif isinstance(item, osmium.osm.Way):
                reading.add_way(item, tags)
            elif isinstance(item, osmium.osm.Area):
                reading.add_area(item, tags)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        raise _unreadable(path, error) from error
    return OsmExtract(
        roads=reading.roads.ways(),
        waterways=reading.waterways.ways(),
        coastlines=reading.coastlines.ways(),
        places=_places(reading.rows),
        broken=tuple(sorted(reading.broken)),
    )


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What has been read of a file so far."""

    wanted: frozenset[str]
    roads: _Collector = field(default_factory=_Collector)
    waterways: _Collector = field(default_factory=_Collector)
    coastlines: _Collector = field(default_factory=_Collector)
    rows: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    factory: osmium.geom.WKBFactory = field(default_factory=osmium.geom.WKBFactory)

    def add_node(self, node: osmium.osm.Node, tags: dict[str, str]) -> None:
        if _is_place(tags, self.wanted, area=False):
            self.rows.append((f"n{node.id}", tags, self.factory.create_point(node)))

    def add_way(self, way: osmium.osm.Way, tags: dict[str, str]) -> None:
        whole = True
        if "roads" in self.wanted and osm_tags.road_class(tags):
            whole = self.roads.add(way, tags)
        if "water" in self.wanted and osm_tags.line_kind(tags):
            whole = self.waterways.add(way, tags) and whole
        if "water" in self.wanted and tags.get("natural") == "coastline":
            whole = self.coastlines.add(way, tags) and whole
        if not whole:
            self.broken.append(f"w{way.id}")

    def add_area(self, area: osmium.osm.Area, tags: dict[str, str]) -> None:
        if not _is_place(tags, self.wanted, area=True):
            return
        name = f"{'w' if area.from_way() else 'r'}{area.orig_id()}"
        try:
            self.rows.append((name, tags, self.factory.create_multipolygon(area)))
        except RuntimeError:  # rings that do not close
            self.broken.append(name)


def _is_place(tags: Tags, wanted: frozenset[str], *, area: bool) -> bool:
    if area and "water" in wanted and osm_tags.area_kind(tags):
        return True
    if area and "buildings" in wanted and osm_tags.building_kind(tags):
        return True
    if "hydrants" in wanted and tags.get("emergency") == "fire_hydrant":
        return True
    return "facilities" in wanted and any(key in tags for key in THEME_KEYS["facilities"])


def _places(rows: list[tuple[str, dict[str, str], str]]) -> gpd.GeoDataFrame:
    rows = sorted(rows, key=lambda row: (row[0][0], int(row[0][1:])))
    geometry = shapely.make_valid(shapely.from_wkb([row[2] for row in rows]))
    return gpd.GeoDataFrame(
        {
            "osm_id": pd.Series([row[0] for row in rows], dtype="str"),
            "tags": pd.Series([row[1] for row in rows], dtype=object),
        },
        geometry=np.asarray(geometry, dtype=object),
        crs="EPSG:4326",
    )


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise CityError(
            "the OpenStreetMap extract is missing",
            where=str(path),
            remedy="Check the path; TWIN_DATA may name the folder of data.",
        )


def _unreadable(path: Path, error: Exception) -> CityError:
    return CityError(
        f"the OpenStreetMap extract cannot be read ({error})",
        where=str(path),
        remedy="Give a whole .osm, .osm.bz2 or .osm.pbf file; fetch it again if it is cut off.",
    )


def read_boundary(path: Path, relation_id: int) -> tuple[str, shapely.Geometry]:
    """
    Return the name and the polygon of a boundary relation, in longitude and latitude.

    Raises
    ------
    CityError
        If the file cannot be read, the relation is not in it, or its rings do not close, with the
        number of members that the extract lacks.
    """
    _check_file(path)
    only = osmium.filter.IdFilter([relation_id])
    only.enable_for(osmium.osm.RELATION)
    areas = osmium.filter.EntityFilter(osmium.osm.AREA)
    factory = osmium.geom.WKBFactory()
    try:
        for item in osmium.FileProcessor(str(path)).with_areas(only).with_filter(areas):
            if not isinstance(item, osmium.osm.Area) or item.from_way():
                continue
            if item.orig_id() == relation_id:
                name = osm_tags.clean_text(item.tags.get("name"))
                shape = shapely.from_wkb(factory.create_multipolygon(item))
                return name, shapely.make_valid(shape)
    except RuntimeError as error:
        if "invalid area" not in str(error):
            raise _unreadable(path, error) from error
    raise _explain_missing(path, relation_id)


def _explain_missing(path: Path, relation_id: int) -> CityError:
    """Return the error that says why no polygon came of the relation."""
    members: set[int] | None = None
    here: set[int] = set()
    entities = osmium.osm.WAY | osmium.osm.RELATION
    for item in osmium.FileProcessor(str(path), entities):
        if isinstance(item, osmium.osm.Way):
            here.add(item.id)
        elif isinstance(item, osmium.osm.Relation) and item.id == relation_id:
            members = {member.ref for member in item.members if member.type == "w"}
    place = f"{path}: relation {relation_id}"
    if members is None:
        return CityError(
            "the boundary relation is not in the extract",
            where=place,
            remedy="Check the number on openstreetmap.org, or take an extract that holds it.",
        )
    absent = len(members - here)
    return CityError(
        f"the boundary does not close: {absent} of its {len(members)} member ways are not in the "
        "extract",
        where=place,
        remedy="Take an extract that covers the whole boundary, or give `extent: {bounds: …}`.",
    )
