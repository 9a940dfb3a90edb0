"""Places of a scenario, found in a city: points in its reference system, and road segments."""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Transformer
from pyproj.exceptions import ProjError

from models.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

    from scenarios.schema.places import AtBridge, AtStreet, NearestRoad, Place, RoadPlace
    from twin.city.city import City

__all__ = ["PlaceFinder"]

#: A point may lie this far outside the city and still count as in it, m.
MARGIN_M = 100.0


def _folded(name: str) -> str:
    """Return *name* as people compare names: composed, without case or double spaces."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


@dataclass(frozen=True)
class PlaceFinder:
    """
    Finds places in *city*.

    Every method takes *where*, the field of the scenario, and raises
    :class:`~models.errors.ScenarioError` with near matches where a name is not known, with the
    candidates where it is ambiguous, and where a point lies outside the city.
    """

    city: City

    # Points

    def point(self, place: Place, *, where: str, inside: bool = True) -> tuple[float, float]:
        """Return easting and northing of *place*, m; *inside* says that it must lie in the city."""
        match place.form:
            case "lonlat":
                x, y = self._project(place.lon, place.lat, where)
            case "xy":
                x, y = place.x_m, place.y_m
            case "facility":
                x, y = self._facility(place.facility, where)
            case "street":
                x, y = self._street_point(place, where)
            case "bridge":
                x, y = self._bridge_point(place, where)
            case "structure":
                x, y = self._structure_point(place.structure, where)
        if inside:
            self._must_lie_inside(x, y, place, where)
        return float(x), float(y)

    def _project(self, lon: float, lat: float, where: str) -> tuple[float, float]:
        try:
            x, y = self._to_city.transform(lon, lat, errcheck=True)
        except ProjError as error:
            raise ScenarioError(
                "the point cannot be brought into the reference system of the city",
                where=where,
                value=(lon, lat),
                remedy="Check that longitude and latitude are not exchanged.",
            ) from error
        return float(x), float(y)

    @cached_property
    def _to_city(self) -> Transformer:
        return Transformer.from_crs("EPSG:4326", self.city.crs, always_xy=True)

    @cached_property
    def extent(self) -> tuple[float, float, float, float]:
        """``(west, south, east, north)`` of the city, m: its grid, or else its roads."""
        grid = self.city.grid
        if grid is not None:
            return grid.bounds
        west, south, east, north = self.city.layer("roads").total_bounds
        return float(west), float(south), float(east), float(north)

    def _must_lie_inside(self, x: float, y: float, place: Place, where: str) -> None:
        west, south, east, north = self.extent
        if not (
            west - MARGIN_M <= x <= east + MARGIN_M and south - MARGIN_M <= y <= north + MARGIN_M
        ):
            raise ScenarioError(
                f"the place lies outside the city {self.city.name} (easting {west:.0f} to "
                f"{east:.0f} m, northing {south:.0f} to {north:.0f} m, {self.city.crs})",
                where=where,
                value=place.model_dump(mode="json", exclude_none=True),
                remedy="Check the coordinates and their order, or build the city larger.",
            )

    def _facility(self, name: str, where: str) -> tuple[float, float]:
        row = self._one(self.city.layer("facilities"), "facility_id", name, "facility", where)
        point = row.geometry.representative_point()
        return point.x, point.y

    def _structure_point(self, name: str, where: str) -> tuple[float, float]:
        row = self._one(self.city.layer("structures"), "structure_id", name, "structure", where)
        point = row.geometry.representative_point()
        return point.x, point.y

    def _bridge_point(self, place: AtBridge, where: str) -> tuple[float, float]:
        row = self._one(self.city.layer("bridges"), "bridge_id", place.bridge, "bridge", where)
        geometry = row.geometry
        if geometry.geom_type == "LineString":
            point = geometry.interpolate(0.5, normalized=True)
        else:
            point = geometry.representative_point()
        return point.x, point.y

    def _street_point(self, place: AtStreet, where: str) -> tuple[float, float]:
        street = self._street(place.street, where)
        if place.cross_street is None:
            line = shapely.line_merge(shapely.union_all(street.geometry.to_numpy()))
            parts = list(getattr(line, "geoms", [line]))
            point = max(parts, key=lambda part: part.length).interpolate(0.5, normalized=True)
            return point.x, point.y
        shared = self._shared_nodes(street, self._street(place.cross_street, where))
        if shared.size == 0:
            raise ScenarioError(
                f"{place.street} and {place.cross_street} do not meet",
                where=where,
                remedy="Name a street that crosses it, or give a point.",
            )
        return self._node_xy(int(shared[0]))

    # Roads

    def segments(self, road: RoadPlace, *, where: str) -> NDArray[np.int64]:
        """Return the ``segment_id`` of every segment of *road*, rising."""
        match road.form:
            case "segments":
                found = self._known_segments(road.segments, where)
            case "street":
                found = self._street_segments(road.street, road.between, where)
            case "near":
                found = self._near_segments(road, where)
            case "bridge":
                found = self.bridge_segments(road.bridge, where=where)
        return np.unique(found)

    def bridge_segments(self, bridge: str, *, where: str) -> NDArray[np.int64]:
        """Return the segments that carry a bridge."""
        row = self._one(self.city.layer("bridges"), "bridge_id", bridge, "bridge", where)
        roads = self.city.layer("roads")
        decks = roads[roads["is_bridge"].astype(bool)]
        if not len(decks):
            raise ScenarioError("the city has no road segment on a bridge", where=where)
        shape = row.geometry
        touching = decks[decks.geometry.distance(shape) < 1.0]
        if shape.geom_type not in {"Point", "MultiPoint"}:
            along = touching.geometry.intersection(shape.buffer(1.0)).length
            touching = touching[along > 0.5 * touching.geometry.length]
        if not len(touching):
            nearest = decks.geometry.distance(shape)
            if float(nearest.min()) > 30.0:
                raise ScenarioError(
                    "no road segment lies on the bridge",
                    where=where,
                    value=bridge,
                    remedy="Close the road by its street or by its segments.",
                )
            touching = decks[nearest == nearest.min()]
        return np.unique(touching["segment_id"].to_numpy(np.int64))

    def _known_segments(self, wanted: Iterable[int], where: str) -> NDArray[np.int64]:
        ids = np.asarray(list(wanted), np.int64)
        unknown = ids[~np.isin(ids, self.city.layer("roads")["segment_id"].to_numpy(np.int64))]
        if unknown.size:
            raise ScenarioError(
                "the city has no such road segment",
                where=where,
                value=int(unknown[0]),
                remedy="The numbers stand in the column segment_id of the layer roads.",
            )
        return ids

    def _street_segments(
        self, name: str, between: tuple[str, ...] | None, where: str
    ) -> NDArray[np.int64]:
        street = self._street(name, where)
        ids = np.asarray(street["segment_id"], np.int64)
        if between is None:
            return ids
        ends = [self._shared_nodes(street, self._street(other, where)) for other in between]
        for other, nodes in zip(between, ends, strict=True):
            if nodes.size == 0:
                raise ScenarioError(f"{name} and {other} do not meet", where=where)
        part = self._way_between(street, ends[0], ends[1])
        if part is None:
            raise ScenarioError(
                f"{name} does not run from {between[0]} to {between[1]} without a break",
                where=where,
            )
        return part

    def _way_between(
        self, street: gpd.GeoDataFrame, first: NDArray[np.int64], last: NDArray[np.int64]
    ) -> NDArray[np.int64] | None:
        import networkx as nx  # noqa: PLC0415 - only this rare request needs it

        graph: nx.Graph[int] = nx.Graph()
        lengths = street.geometry.length.to_numpy(np.float64)
        for row in np.lexsort((street["segment_id"].to_numpy(np.int64), lengths))[::-1]:
            segment = street.iloc[int(row)]
            graph.add_edge(
                int(segment["from_node"]),
                int(segment["to_node"]),
                segment=int(segment["segment_id"]),
                length=float(lengths[row]),
            )
        ways = [
            nx.single_source_dijkstra(graph, int(a), int(b), weight="length")
            for a in first
            for b in last
            if nx.has_path(graph, int(a), int(b))
        ]
        if not ways:
            return None
        _, path = min(ways)
        return np.asarray([graph[a][b]["segment"] for a, b in pairwise(path)], np.int64)

    def _near_segments(self, road: NearestRoad, where: str) -> NDArray[np.int64]:
        x, y = self.point(road.near, where=f"{where}.near")
        roads = self.city.layer("roads")
        if not len(roads):
            raise ScenarioError("the city has no roads", where=where)
        distance = roads.geometry.distance(shapely.Point(x, y)).to_numpy()
        if road.within_m is None:
            chosen = np.flatnonzero(distance == distance.min())
        else:
            chosen = np.flatnonzero(distance <= road.within_m)
        if chosen.size == 0:
            raise ScenarioError(
                f"no road lies within {road.within_m} m of the point; "
                f"the nearest is {distance.min():.0f} m away",
                where=where,
            )
        return np.asarray(roads["segment_id"], np.int64)[chosen]

    # Look-up

    def _street(self, name: str, where: str) -> gpd.GeoDataFrame:
        roads = self.city.layer("roads")
        rows = roads[self._street_names == _folded(name)]
        if not len(rows):
            known = sorted({str(n) for n in roads["name"] if n})
            raise ScenarioError(
                f"the city {self.city.name} has no street of this name{_near(name, known)}",
                where=where,
                value=name,
            )
        return rows

    @cached_property
    def _street_names(self) -> NDArray[Any]:
        return np.asarray([_folded(str(n or "")) for n in self.city.layer("roads")["name"]], object)

    def _one(self, frame: gpd.GeoDataFrame, key: str, name: str, what: str, where: str) -> Any:  # noqa: ANN401 - a row of a data frame, which has no type of its own
        by_id = frame[frame[key].astype(str) == name]
        if len(by_id) == 1:
            return by_id.iloc[0]
        folded = [_folded(str(n or "")) for n in frame["name"]]
        by_name = frame[np.asarray([n == _folded(name) for n in folded], bool)]
        if len(by_name) == 1:
            return by_name.iloc[0]
        if len(by_name) > 1:
            raise ScenarioError(
                f"{len(by_name)} places in the layer {what} bear this name",
                where=where,
                value=name,
                remedy=f"Name one by its {key}: {', '.join(map(str, by_name[key][:8]))}.",
            )
        known = [str(v) for v in frame[key]] + [str(n) for n in frame["name"] if n]
        raise ScenarioError(
            f"the city {self.city.name} has no {what} of this id or name{_near(name, known)}",
            where=where,
            value=name,
        )

    @staticmethod
    def _shared_nodes(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> NDArray[np.int64]:
        ends = [
            np.union1d(f["from_node"].to_numpy(np.int64), f["to_node"].to_numpy(np.int64))
            for f in (a, b)
        ]
        return np.asarray(np.intersect1d(ends[0], ends[1]), np.int64)

    def _node_xy(self, node_id: int) -> tuple[float, float]:
        nodes = self.city.layer("road_nodes")
        point = nodes.geometry.to_numpy()[np.flatnonzero(nodes["node_id"] == node_id)[0]]
        return point.x, point.y


def _near(name: str, known: list[str]) -> str:
    folded = {_folded(k): k for k in known}
    close = difflib.get_close_matches(_folded(name), list(folded), n=3, cutoff=0.6)
    return f" (near: {', '.join(folded[c] for c in close)})" if close else ""
