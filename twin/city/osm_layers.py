"""From an OpenStreetMap extract to the layers of a city, in its reference system."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.errors import CityError
from twin.city import osm_tags
from twin.city.osm import OsmWays
from twin.city.osm_coast import sea_areas
from twin.city.topology import split_at_shared_nodes
from twin.city.waters import clip_to_box, polygons_only
from twin.language import note

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS, Transformer

    from twin.city.osm import OsmExtract
    from twin.city.osm_tags import Tags
    from twin.language import Note

__all__ = [
    "RoadLayers",
    "buildings",
    "join_ways",
    "project_extract",
    "roads_of_ways",
    "water_of_extract",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadLayers:
    """Segments between graph nodes, and the nodes."""

    roads: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame


def project_extract(extract: OsmExtract, transformer: Transformer, crs: CRS) -> OsmExtract:
    """
    Return *extract* with metres for degrees; every vertex is projected once.

    Raises
    ------
    CityError
        If a place cannot be shown in the reference system.
    """
    places = extract.places.to_crs(crs)
    shown = np.isfinite(shapely.bounds(places.geometry.to_numpy())).all(axis=1)
    return replace(
        extract,
        broken=tuple(sorted({*extract.broken, *places["osm_id"][~shown]})),
        roads=_project(extract.roads, transformer),
        waterways=_project(extract.waterways, transformer),
        coastlines=_project(extract.coastlines, transformer),
        places=places[shown].reset_index(drop=True),
    )


def _project(ways: OsmWays, transformer: Transformer) -> OsmWays:
    if not len(ways):
        return ways
    x, y = transformer.transform(ways.x, ways.y)
    lost = ~(np.isfinite(x) & np.isfinite(y))
    if lost.any():
        at = int(np.argmax(lost))
        raise CityError(
            "a place cannot be shown in the city's reference system",
            where=f"node {int(ways.node_ref[at])}",
            value=(float(ways.x[at]), float(ways.y[at])),
            remedy="Choose the UTM zone of the place as crs.",
        )
    return replace(ways, x=np.asarray(x, np.float64), y=np.asarray(y, np.float64))


def join_ways(parts: Sequence[OsmWays]) -> OsmWays:
    """Return the ways of several extracts together; a way that stands in two counts once."""
    if len(parts) == 1:
        return parts[0]
    known = np.empty(0, dtype=np.int64)
    kept: list[tuple[OsmWays, NDArray[np.int64]]] = []
    for ways in parts:
        new = np.flatnonzero(~np.isin(ways.way_id, known)).astype(np.int64)
        known = np.concatenate([known, ways.way_id[new]])
        kept.append((ways, new))
    counts = np.concatenate([np.diff(w.first)[new] for w, new in kept])
    vertex = [np.isin(np.repeat(np.arange(len(w)), np.diff(w.first)), new) for w, new in kept]
    pairs = list(zip(kept, vertex, strict=True))
    return OsmWays(
        way_id=np.concatenate([w.way_id[new] for w, new in kept]),
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        node_ref=np.concatenate([w.node_ref[mine] for (w, _), mine in pairs]),
        x=np.concatenate([w.x[mine] for (w, _), mine in pairs]),
        y=np.concatenate([w.y[mine] for (w, _), mine in pairs]),
        tags=tuple(w.tags[i] for w, new in kept for i in new),
    )


def roads_of_ways(ways: OsmWays, *, box: shapely.Geometry | None, crs: CRS) -> RoadLayers:
    """
    Return the road graph of *ways* as layers: whole segments that touch *box*.

    Parameters
    ----------
    ways
        Road ways in metres.
    box
        The extent of the city; None for everything.
    """
    segments = split_at_shared_nodes(ways.first, ways.node_ref)
    lines = segments.lines(ways.x, ways.y)
    if box is not None:
        touching = np.asarray(shapely.intersects(lines, box), dtype=np.bool_)
        segments, lines = segments.take(touching), lines[touching]
    of_way = segments.line
    frame = gpd.GeoDataFrame(
        {
            "segment_id": np.arange(len(segments), dtype=np.int64),
            "from_node": segments.from_node,
            "to_node": segments.to_node,
            **{name: values.array[of_way] for name, values in _road_columns(ways).items()},
            "deck_level_m": np.full(len(segments), np.nan),
        },
        geometry=lines,
        crs=crs,
    )
    ends = np.concatenate([segments.from_node, segments.to_node])
    positions = np.concatenate([segments.first, segments.last])
    node, at = np.unique(ends, return_index=True)
    place = positions[at]
    nodes = gpd.GeoDataFrame(
        {"node_id": node}, geometry=shapely.points(ways.x[place], ways.y[place]), crs=crs
    )
    return RoadLayers(roads=frame, nodes=nodes)


def _road_columns(ways: OsmWays) -> dict[str, pd.Series]:
    """Return the columns of the roads that follow from their tags, one value per way."""

    def column(read: Callable[[Tags], object], kind: str) -> pd.Series:
        return pd.Series([read(tags) for tags in ways.tags], dtype=kind)

    def name(tags: Tags) -> str:
        return osm_tags.clean_text(tags.get("name"))

    def bridge_name(tags: Tags) -> str:
        return osm_tags.clean_text(tags.get("bridge:name")) or name(tags)

    return {
        "direction": column(osm_tags.direction, "str"),
        "road_class": column(osm_tags.road_class, "str"),
        "name": column(name, "str"),
        "way_id": pd.Series(ways.way_id),
        "lanes": column(osm_tags.lanes, "float64"),
        "max_speed_km_h": column(osm_tags.max_speed_km_h, "float64"),
        "is_bridge": column(osm_tags.is_bridge, "bool"),
        "is_tunnel": column(osm_tags.is_tunnel, "bool"),
        "layer": column(osm_tags.layer, "int64"),
        "access": column(osm_tags.access, "str"),
        "bridge_name": column(bridge_name, "str"),
    }


def water_of_extract(
    extract: OsmExtract, *, box: shapely.Geometry, crs: CRS, sea: bool
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, tuple[Note, ...]]:
    """Return the water areas and centre lines that touch *box*, whole, as mapped, and notes."""
    kinds = np.array([osm_tags.area_kind(tags) for tags in extract.places["tags"]], dtype=object)
    dimension = shapely.get_dimensions(extract.places.geometry.to_numpy())
    chosen = (kinds != "") & (dimension == 2)
    chosen &= shapely.intersects(extract.places.geometry.to_numpy(), box)
    places = extract.places[chosen]
    areas = gpd.GeoDataFrame(
        {
            "kind": pd.Series(kinds[chosen], dtype="str"),
            "name": _names(places["tags"]),
            "osm_id": places["osm_id"].to_numpy(),
        },
        geometry=places.geometry.to_numpy(),
        crs=crs,
    )
    notes: list[Note] = []
    if sea and len(extract.coastlines):
        parts, unclear = sea_areas(extract.coastlines.lines(), box)
        if parts:
            frame = gpd.GeoDataFrame(
                {"kind": "sea", "name": "", "osm_id": ""}, index=range(len(parts)),
                geometry=parts, crs=crs,
            )  # fmt: skip
            areas = pd.concat([areas, frame], ignore_index=True)
        if unclear:
            notes.append(note("coastline_open"))
    return polygons_only(areas), _centre_lines(extract.waterways, box, crs), tuple(notes)


def _centre_lines(ways: OsmWays, box: shapely.Geometry, crs: CRS) -> gpd.GeoDataFrame:
    lines = ways.lines() if len(ways) else np.empty(0, dtype=object)
    width = [osm_tags.metres(t.get("width") or t.get("est_width")) for t in ways.tags]
    frame = gpd.GeoDataFrame(
        {
            "kind": pd.Series([osm_tags.line_kind(tags) for tags in ways.tags], dtype="str"),
            "name": _names(ways.tags),
            "width_m": np.asarray(width, dtype=np.float64),
            "way_id": ways.way_id,
        },
        geometry=lines,
        crs=crs,
    )
    return clip_to_box(frame, box)  # a way may run far beyond, where no area was read


def buildings(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the buildings among *places*, one polygon each."""
    kinds = np.array([osm_tags.building_kind(tags) for tags in places["tags"]], dtype=object)
    shapes = places.geometry.to_numpy()
    chosen = (kinds != "") & (shapely.get_dimensions(shapes) == 2)
    found = places[chosen]
    levels = [osm_tags.number(tags.get("building:levels")) for tags in found["tags"]]
    frame = gpd.GeoDataFrame(
        {
            "building_id": found["osm_id"].to_numpy(),
            "kind": pd.Series(kinds[chosen], dtype="str"),
            "name": _names(found["tags"]),
            "levels": [v if 0.0 < v <= 200.0 else np.nan for v in levels],
        },
        geometry=shapes[chosen],
        crs=places.crs,
    )
    return _whole_buildings(frame)


def _whole_buildings(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep one row per building, its parts together, and no stray lines of a repaired shape."""
    parts = polygons_only(frame)
    if len(parts) == len(frame):
        return parts
    rows = parts.dissolve(by="building_id", as_index=False, sort=False)
    return rows[[*frame.columns]]


def _names(tags: Sequence[Tags] | pd.Series) -> pd.Series:
    return pd.Series([osm_tags.clean_text(t.get("name")) for t in tags], dtype="str")
