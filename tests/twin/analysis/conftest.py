"""A town of six corners in a row, and a run written by hand: every figure is known."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from shapely import LineString, Point, box

from models.grid import Grid
from twin.city.city import City
from twin.city.provenance import Basis, Provenance
from twin.city.roads import road_graph
from twin.results import open_run
from twin.store import RunStore

if TYPE_CHECKING:
    from pathlib import Path

    from twin.results import Run

CRS = "EPSG:32648"
GRID = Grid(west_m=600_000.0, north_m=1_190_200.0, cell_size_m=20.0, rows=10, columns=60)
START = datetime(2025, 10, 22, 12, tzinfo=timezone(timedelta(hours=7)))
#: Corners 200 m apart; the street between the third and the fourth is the bridge.
X_M = 600_010.0 + 200.0 * np.arange(6)
Y_M = 1_190_110.0
#: Persons at the corners.
PERSONS = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0)


def _roads() -> gpd.GeoDataFrame:
    lines = [LineString([(X_M[k], Y_M), (X_M[k + 1], Y_M)]) for k in range(5)]
    return gpd.GeoDataFrame(
        {
            "segment_id": np.arange(100, 105),
            "from_node": np.arange(5),
            "to_node": np.arange(1, 6),
            "direction": "both",
            "road_class": "residential",
            "name": ["Một", "Hai", "Cầu Ba", "Bốn", "Năm"],
            "way_id": np.arange(5),
            "lanes": 2.0,
            "max_speed_km_h": 36.0,
            "is_bridge": [False, False, True, False, False],
            "is_tunnel": False,
            "layer": 0,
            "access": "yes",
            "deck_level_m": np.nan,
        },
        geometry=lines,
        crs=CRS,
    )


def _layers() -> dict[str, gpd.GeoDataFrame]:
    nodes = [Point(x, Y_M) for x in X_M]
    homes = [box(x - 5.0, Y_M + 5.0, x + 5.0, Y_M + 15.0) for x in X_M]
    return {
        "boundary": gpd.GeoDataFrame({"name": ["x"]}, geometry=[box(*GRID.bounds)], crs=CRS),
        "roads": _roads(),
        "road_nodes": gpd.GeoDataFrame({"node_id": np.arange(6)}, geometry=nodes, crs=CRS),
        "facilities": gpd.GeoDataFrame(
            {
                "facility_id": ["h", "f", "s"],
                "kind": ["hospital", "fire_station", "school"],
                "name": ["BV", "PCCC", "Trường"],
                "beds": [10.0, np.nan, np.nan],
            },
            geometry=[nodes[0], nodes[5], nodes[4]],
            crs=CRS,
        ),
        "buildings": gpd.GeoDataFrame(
            {
                "building_id": [f"b{k}" for k in range(6)],
                "kind": ["house", "house", "commercial", "industrial", "yes", "house"],
                "name": "",
                "levels": 1.0,
                "enterprises": [0.0, 0.0, 2.0, 1.0, 0.0, 3.0],
            },
            geometry=homes,
            crs=CRS,
        ),
    }


def make_city(*, people: bool = True) -> City:
    fields: dict[str, Any] = {
        "ground_level": (("y", "x"), np.full(GRID.shape, 1.5)),
        "water": (("y", "x"), np.zeros(GRID.shape, np.int8)),
        "inside": (("y", "x"), np.ones(GRID.shape, np.int8)),
    }
    if people:
        count = np.zeros(GRID.shape)
        row, column, _ = GRID.locate(X_M, np.full(6, Y_M))
        count[row, column] = PERSONS
        fields["population"] = (("y", "x"), count)
    coords = {"y": GRID.y_m, "x": GRID.x_m}
    assumed = Provenance(source="mean level", basis=Basis.ASSUMED)
    return City(
        name="row",
        title={"vi": "Dãy phố", "en": "Row"},
        crs=CRS,
        terrain=xr.Dataset(fields, coords=coords, attrs={"cell_size_m": 20.0}),
        layers=_layers(),
        provenance={"terrain/ground_level": assumed},
    )


def make_run(root: Path) -> Run:
    """Return a run in which water closes the bridge from 10 to 30 min, and stands beyond it."""
    store = RunStore(root / "store")
    city = make_city().save(root / "city")
    store.keep_city(root / "city", city.digest)
    writer = store.begin(
        {
            "scenario": {"name": "row", "title": {"en": "Row"}, "start": START.isoformat()},
            "city": {"name": city.name, "title": dict(city.title), "digest": city.digest},
            "created": "2026-01-01T00:00:00+00:00",
            "code": "0.1.0",
            "seed": 1,
            "provenance": {k: value.as_dict() for k, value in city.provenance.items()},
            "warnings": [],
        }
    )
    terrain = city.terrain
    assert terrain is not None
    frames = np.arange(4) * 600.0
    writer.create_grids(
        GRID,
        crs_wkt=CRS,
        ground_level_m=terrain["ground_level"].to_numpy(),
        frame_times_s=frames,
        start=START,
        static={"water": terrain["water"].to_numpy(), "initial_depth": np.zeros(GRID.shape)},
        basis={"ground_level": "assumed"},
    )
    wet = np.zeros(GRID.shape)
    wet[:, 35:] = 0.4
    wet[:, 55:] = 1.0
    for frame in range(4):
        writer.write_frame(frame, wet if frame in {1, 2} else np.zeros(GRID.shape))
    writer.write_maxima({"max_depth": wet})
    graph = road_graph(city)
    depth = np.zeros((4, graph.n_edges), np.float32)
    depth[1:3, graph.segment == 2] = 0.6
    writer.create_roads(
        graph.n_edges,
        frames,
        start=START,
        edges={"tail": graph.tail, "head": graph.head, "segment": graph.segment},
        vehicle_classes=["ambulance", "fire_engine"],
    )
    bits = np.where(depth >= 0.3, np.uint32(1), np.uint32(0))
    bits |= np.where(depth >= 0.45, np.uint32(2), np.uint32(0))
    writer.write_roads(0, depth, impassable=bits)
    writer.write_events(pd.DataFrame({"time_s": [0.0], "kind": ["x"]}).head(0))
    writer.write_ledger(pd.DataFrame({"time_s": [0.0]}))
    writer.write_text("scenario.yaml", "schema: 1\nname: row\n")
    return open_run(writer.finish({"wall_s": 1.0, "simulated_s": 1800.0, "volume_error": 0.0}))


@pytest.fixture(scope="session")
def city() -> City:
    return make_city()


@pytest.fixture(scope="session")
def nobody() -> City:
    return make_city(people=False)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make_run(tmp_path_factory.mktemp("analysis"))
