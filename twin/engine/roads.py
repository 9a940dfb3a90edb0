"""The roads of a run: water and orders in, speeds by vehicle class out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely

from models.errors import CityError
from models.roads import RoadConditions, edge_depth_m, edge_velocity_m_s, map_edges_to_cells
from twin.city.city import WATER_LAND
from twin.city.roads import edge_geometry, road_graph
from twin.language import note

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    import xarray as xr
    from numpy.typing import NDArray

    from models.grid import Grid
    from models.roads import EdgeCells, RoadGraph, VehicleClass
    from twin.city.city import City
    from twin.engine.knowledge import Knowledge
    from twin.engine.traffic import Traffic
    from twin.language import Note

__all__ = ["Roads", "lay_roads"]


@dataclass(kw_only=True)
class Roads:
    """
    The state of the roads.

    Parameters
    ----------
    graph, conditions
        The network, and what it allows now.
    cells
        Which cells each street crosses; None where the city has no terrain or stays dry.
    surface_m
        Level of the land, and over water that of the land beside it, on which a road lies, m,
        shape (rows, columns); None takes the bed.
    segment_edges
        Positions of the edges of each segment, by ``segment_id``.
    notes
        What people should know: how many roads lie where no water is computed.
    knowledge
        What is known of the roads; None: everything at once.
    traffic
        Ordinary traffic; None: it slows nobody.
    depth_m, velocity_m_s
        Water on every edge, m and m/s, in the single precision in which it is recorded,
        (n_edges,).
    orders
        How many closing orders stand on every edge, (n_edges,).
    """

    graph: RoadGraph
    conditions: RoadConditions
    cells: EdgeCells | None
    surface_m: NDArray[np.float64] | None
    segment_edges: dict[int, NDArray[np.int64]]
    notes: list[Note] = field(default_factory=list)
    knowledge: Knowledge | None = None
    traffic: Traffic | None = None
    depth_m: NDArray[np.float32] = field(init=False)
    velocity_m_s: NDArray[np.float32] = field(init=False)
    orders: NDArray[np.int32] = field(init=False)
    _streets: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]] = field(init=False)
    #: The bed that was last seen; what it lies above the surface, and the surface, at the cells.
    _ground: tuple[NDArray[np.float64], ...] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        other = np.asarray(self.graph.reverse_edge, np.int64)
        edge = np.arange(other.size, dtype=np.int64)
        once = edge[(other < 0) | (edge < other)]
        back = np.where(other[once] < 0, once, other[once])
        self._streets = once, back, np.ascontiguousarray(self.graph.length_m[once])
        self.depth_m = np.zeros(self.graph.n_edges, np.float32)
        self.velocity_m_s = np.zeros(self.graph.n_edges, np.float32)
        self.orders = np.zeros(self.graph.n_edges, np.int32)

    @property
    def closed(self) -> NDArray[np.bool_]:
        """Edges closed by an order, shape (n_edges,)."""
        return self.orders > 0

    def take_water(
        self,
        depth_m: NDArray[np.float64],
        bed_m: NDArray[np.float64],
        speed_at: Callable[[NDArray[np.int64]], NDArray[np.float64]],
    ) -> None:
        """
        Read the water on every edge.

        Parameters
        ----------
        depth_m, bed_m
            Depth and ground level, m, shape (rows, columns).
        speed_at
            Gives the speed of the water, m/s, at cells by their flat positions.
        """
        if self.cells is None:
            return
        if self._ground is None or self._ground[0] is not bed_m:
            bed = self.cells.gather(bed_m)
            surface = bed if self.surface_m is None else self.cells.gather(self.surface_m)
            self._ground = bed_m, bed - surface, surface
        _, lift, surface = self._ground
        above = np.maximum(self.cells.gather(depth_m) + lift, 0.0)
        depth = edge_depth_m(above, surface, self.cells, self.graph)
        speed = edge_velocity_m_s(speed_at(self.cells.cell), depth, self.cells, self.graph)
        self.depth_m = depth.astype(np.float32)
        self.velocity_m_s = speed.astype(np.float32)

    def order(self, segments: Sequence[int] | NDArray[np.int64], *, close: bool) -> None:
        """Close segments, or lift one closing order from each."""
        for segment in segments:
            edges = self.segment_edges[int(segment)]
            if close:
                self.orders[edges] += 1
            else:
                self.orders[edges] = np.maximum(self.orders[edges] - 1, 0)

    def refresh(self, now_s: float) -> bool:
        """Bring speeds and what is known up to date; return whether anything changed."""
        depth_m, velocity_m_s = (
            self.depth_m.astype(np.float64),
            self.velocity_m_s.astype(np.float64),
        )
        closed = self.closed
        changed = self.conditions.update(depth_m, closed, edge_velocity_m_s=velocity_m_s)
        if self.traffic is not None and self.traffic.flow(now_s):
            changed += self.conditions.update(depth_m, closed, edge_velocity_m_s=velocity_m_s)
        if self.knowledge is None:
            self.conditions.reveal()
            return changed > 0
        return self.knowledge.learn(now_s, depth_m, velocity_m_s, closed) or changed > 0

    @property
    def impassable(self) -> NDArray[np.uint32]:
        """Bit ``j`` is set where vehicle class ``j`` could drive dry but not now, (n_edges,)."""
        bits = np.zeros(self.graph.n_edges, np.uint32)
        for row, shut in enumerate(self._shut()):
            bits |= shut.astype(np.uint32) << np.uint32(row)
        return bits

    def closed_km(self) -> dict[str, float]:
        """Return the length of street, km, that each vehicle class could use dry but not now."""
        shut = self._shut()
        once, back, length_m = self._streets
        held = shut[:, once] | shut[:, back]
        return {
            vehicle.name: float(length_m[held[row]].sum()) / 1000.0
            for row, vehicle in enumerate(self.conditions.classes)
        }

    def _shut(self) -> NDArray[np.bool_]:
        return np.isinf(self.conditions.travel_time_s) & np.isfinite(
            self.conditions.dry_travel_time_s
        )


def lay_roads(
    city: City,
    classes: Sequence[VehicleClass],
    *,
    grid: Grid | None,
    terrain: xr.Dataset | None,
) -> Roads:
    """
    Build the roads of *city* for *classes*, over the grid of the run where there is one.

    Raises
    ------
    CityError
        If the roads do not touch the terrain at all.
    """
    graph = road_graph(city)
    cells, surface = None, None
    notes: list[Note] = []
    if grid is not None and terrain is not None:
        ignored = None
        if "land_level" in terrain:
            surface = np.asarray(terrain["land_level"].values, np.float64)
        elif "water" in terrain:
            ignored = np.asarray(terrain["water"].values) != WATER_LAND
        cells = map_edges_to_cells(edge_geometry(city, graph), grid, graph, ignored=ignored)
        if cells.cell.size == 0:
            raise CityError(
                "the terrain does not cover a single road",
                where=f"city {city.name}",
                value={"grid": grid.bounds, "roads": tuple(city.layer("roads").total_bounds)},
                remedy="Check the reference systems of terrain and roads.",
            )
        notes = _notes_outside(
            city.layer("roads"), np.isfinite(terrain["ground_level"].values), grid
        )
    ids = np.asarray(city.layer("roads")["segment_id"], np.int64)
    order = np.argsort(graph.segment, kind="stable")
    starts = np.searchsorted(graph.segment[order], np.arange(ids.size + 1))
    segment_edges = {
        int(segment): order[starts[row] : starts[row + 1]] for row, segment in enumerate(ids)
    }
    return Roads(
        graph=graph,
        conditions=RoadConditions(graph, classes),
        cells=cells,
        surface_m=surface,
        segment_edges=segment_edges,
        notes=notes,
    )


def _notes_outside(roads: gpd.GeoDataFrame, computed: NDArray[np.bool_], grid: Grid) -> list[Note]:
    """Say how much of the roads lies off the grid, or over cells without ground."""
    lines = roads.geometry.to_numpy()
    points, line = shapely.get_coordinates(
        shapely.segmentize(lines, grid.cell_size_m), return_index=True
    )
    together = line[1:] == line[:-1]
    middle = 0.5 * (points[1:] + points[:-1])[together]
    length_m = np.hypot(*np.diff(points, axis=0)[together].T)
    row, column, on_grid = grid.locate(middle[:, 0], middle[:, 1])
    outside = ~(on_grid & computed[row, column])
    by_road_m = np.bincount(line[1:][together][outside], length_m[outside], minlength=lines.size)
    far = by_road_m > grid.cell_size_m
    if not far.any():
        return []
    km = round(float(by_road_m[far].sum()) / 1000.0, 1)
    return [note("roads_outside", count=int(far.sum()), km=km)]
