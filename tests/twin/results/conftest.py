"""A small city with a small run, written by hand so that every figure is known."""

from __future__ import annotations

import json
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
from twin.results import Run, open_run
from twin.results.kpi import compute_kpis
from twin.store import RunStore

if TYPE_CHECKING:
    from pathlib import Path

    from twin.store import RunWriter

CRS = "EPSG:32648"
GRID = Grid(west_m=600_000.0, north_m=1_190_200.0, cell_size_m=10.0, rows=20, columns=20)
START = datetime(2025, 10, 22, 12, tzinfo=timezone(timedelta(hours=7)))
FRAME_S = 600.0


def make_city() -> City:
    water = np.zeros(GRID.shape, np.int8)
    water[:, :3] = 2
    inside = np.ones(GRID.shape, np.int8)
    inside[0] = 0
    ground = np.where(water > 0, -2.0, 1.5)
    terrain = xr.Dataset(
        {
            "ground_level": (("y", "x"), ground),
            "water": (("y", "x"), water),
            "inside": (("y", "x"), inside),
        },
        coords={"y": GRID.y_m, "x": GRID.x_m},
        attrs={"cell_size_m": 10.0},
    )
    nodes = [(600_050.0 + 70.0 * k, 1_190_100.0) for k in range(3)]
    roads = gpd.GeoDataFrame(
        {
            "segment_id": [10, 11],
            "from_node": [0, 1],
            "to_node": [1, 2],
            "direction": ["both", "forward"],
            "road_class": ["primary", "residential"],
            "name": ["Nguyễn Văn Linh", ""],
            "way_id": [1, 2],
            "lanes": [2.0, np.nan],
            "max_speed_km_h": [np.nan, np.nan],
            "is_bridge": [False, False],
            "is_tunnel": [False, False],
            "layer": [0, 0],
            "access": ["yes", "yes"],
            "deck_level_m": [np.nan, np.nan],
        },
        geometry=[LineString(nodes[:2]), LineString(nodes[1:])],
        crs=CRS,
    )
    west, south, east, north = GRID.bounds
    areas = {"kind": ["river"], "name": ["Sông"], "width_m": [30.0]}
    layers = {
        "boundary": gpd.GeoDataFrame({"name": ["x"]}, geometry=[box(*GRID.bounds)], crs=CRS),
        "water_areas": gpd.GeoDataFrame(
            areas, geometry=[box(west, south, west + 30.0, north)], crs=CRS
        ),
        "roads": roads,
        "road_nodes": gpd.GeoDataFrame(
            {"node_id": [0, 1, 2]}, geometry=[Point(node) for node in nodes], crs=CRS
        ),
        "facilities": gpd.GeoDataFrame(
            {"facility_id": ["h"], "kind": ["hospital"], "name": ["BV"], "beds": [10.0]},
            geometry=[Point(east - 30.0, north - 40.0)],
            crs=CRS,
        ),
    }
    assumed = Provenance(source="mean level", basis=Basis.ASSUMED)
    measured = Provenance(source="survey", basis=Basis.MEASURED, licence="CC0-1.0")
    return City(
        name="tiny",
        title={"vi": "Thành phố nhỏ", "en": "Tiny city"},
        crs=CRS,
        terrain=terrain,
        layers=layers,
        provenance={"terrain/ground_level": assumed, "roads": measured},
    )


def event(time_s: float, kind: str, **fields: Any) -> dict[str, Any]:
    plain = {
        "incident": "",
        "unit": "",
        "facility": "",
        "service": "",
        "node": -1,
        "x_m": np.nan,
        "y_m": np.nan,
        "value": np.nan,
        "detail": {},
    }
    return {"time_s": time_s, "kind": kind, **plain, **fields}


def call(time_s: float, name: str, needs: dict[str, int]) -> dict[str, Any]:
    return event(
        time_s,
        "call_received",
        incident=name,
        value=1.0,
        node=1,
        x_m=600_120.0,
        y_m=1_190_100.0,
        detail={"kind": "rescue", "needs": needs},
    )


def arrival(  # noqa: PLR0917 - a row of a table
    call_s: float, name: str, service: str, unit: str, response_s: float, target_s: float
) -> dict[str, Any]:
    detail = {"target_s": target_s, "within_target": response_s <= target_s}
    return event(
        call_s + response_s,
        "unit_arrived",
        incident=name,
        service=service,
        unit=unit,
        value=response_s,
        detail=detail,
    )


def make_events() -> pd.DataFrame:
    """Return four incidents: in time, late, half reached (never by fire), never reached."""
    drove = {"edges": [0, 2], "start_s": 60.0, "purpose": "scene", "ended": "arrived"}
    rows = [
        call(0.0, "a", {"ambulance": 1}),
        arrival(0.0, "a", "ambulance", "A1", 300.0, 900.0),
        event(300.0, "unit_drove", unit="A1", service="ambulance", value=140.0, detail=drove),
        event(900.0, "incident_closed", incident="a", value=900.0),
        call(1000.0, "b", {"ambulance": 1}),
        event(1100.0, "unit_stranded", unit="A2", service="ambulance"),
        arrival(1000.0, "b", "ambulance", "A1", 1500.0, 900.0),
        arrival(1000.0, "b", "ambulance", "A2", 1600.0, 900.0),
        event(3000.0, "incident_unfinished", incident="b"),
        call(1200.0, "c", {"ambulance": 1, "fire": 2}),
        arrival(1200.0, "c", "ambulance", "A3", 600.0, 900.0),
        event(3000.0, "incident_unserved", incident="c", detail={"missing": {"fire": 2}}),
        call(1300.0, "d", {"fire": 1}),
        event(3000.0, "incident_unserved", incident="d", detail={"missing": {"fire": 1}}),
    ]
    table = pd.DataFrame(rows).sort_values("time_s", kind="stable", ignore_index=True)
    table.insert(0, "seq", np.arange(len(table)))
    return table


def make_roads_series(times: np.ndarray) -> pd.DataFrame:
    closed = np.where((times >= 600.0) & (times < 1800.0), 0.14, 0.0)
    return pd.DataFrame(
        {"time_s": times, "closed_km_ambulance": closed, "closed_km_fire_engine": closed * 0.5}
    )


def write_flood(writer: RunWriter, city: City) -> dict[str, Any]:
    terrain = city.terrain
    assert terrain is not None
    water = terrain["water"].to_numpy()
    initial = np.where(water > 0, 2.5, 0.0)
    peak = initial.copy()
    peak[1:11, 10] = 0.2
    peak[1:6, 11] = 0.6
    peak[0, 12] = 3.0  # outside the boundary
    times = np.arange(5) * FRAME_S
    writer.create_grids(
        GRID,
        crs_wkt=CRS,
        ground_level_m=terrain["ground_level"].to_numpy(),
        frame_times_s=times,
        start=START,
        static={
            "water": water,
            "inside": terrain["inside"].to_numpy(),
            "initial_depth": initial,
        },
        basis={"ground_level": "assumed"},
    )
    for frame in range(times.size):
        writer.write_frame(frame, peak if frame == 2 else initial)
    never = np.where(peak > initial, 1200.0, np.nan)
    writer.write_maxima({"max_depth": peak, "max_hazard": peak * 0.5, "arrival_time": never})
    return {
        "max_depth_m": peak,
        "initial_depth_m": initial,
        "cell_area_m2": 100.0,
        "thresholds_m": (0.1, 0.5),
        "water": water,
        "inside": terrain["inside"].to_numpy(),
    }


def write_roads(writer: RunWriter) -> None:
    """Write edges 0 and 1 (both ways of segment 0) and 2, of which ambulances lose two."""
    times = np.arange(9) * 300.0
    writer.create_roads(
        3,
        times,
        start=START,
        edges={
            "segment": np.array([0, 0, 1], np.int64),
            "length_m": np.array([70.0, 70.0, 70.0]),
            "reverse_edge": np.array([1, 0, -1], np.int32),
        },
        vehicle_classes=["ambulance", "fire_engine"],
    )
    depth = np.zeros((9, 3), np.float32)
    depth[2:6, :] = 0.4
    bits = np.zeros((9, 3), np.uint32)
    bits[2:6, :2] = 1
    bits[2:, 2] = 0b11
    writer.write_roads(0, depth, impassable=bits)
    writer.write_series("roads", make_roads_series(times))


def make_run(root: Path, *, flood: bool = True, response: bool = True) -> Run:
    store = RunStore(root / "store")
    city = make_city().save(root / "city")
    store.keep_city(root / "city", city.digest)
    writer = store.begin(
        {
            "scenario": {
                "name": "cloudburst",
                "title": {"vi": "Mưa cực đoan", "en": "Cloudburst"},
                "start": START.isoformat(),
            },
            "city": {"name": city.name, "title": dict(city.title), "digest": city.digest},
            "created": "2026-01-01T00:00:00+00:00",
            "code": "0.1.0",
            "seed": 1,
            "provenance": {key: value.as_dict() for key, value in city.provenance.items()},
            "warnings": ["one address was moved"],
        }
    )
    given = write_flood(writer, city) if flood else None
    roads = None
    if response:
        write_roads(writer)
        writer.write_events(make_events())
        roads = make_roads_series(np.arange(9) * 300.0)
    else:
        writer.write_events(make_events().head(0))
    ledger = {"time_s": [0.0, 2400.0], "rain_m3": [0.0, 5e4], "tide_m": [1.2, 1.5]}
    writer.write_ledger(pd.DataFrame({**ledger, "rain_mm_h": [0.0, 9.0], "residual_m3": [0, 1e-9]}))
    kpis = compute_kpis(events=make_events() if response else None, flood=given, roads=roads)
    writer.write_kpis(kpis)
    writer.append_command({"time_s": 0.0, "kind": "close_road"})
    writer.write_text("scenario.yaml", "schema: 1\nname: cloudburst\n")
    folder = writer.finish({"wall_s": 2.0, "simulated_s": 2400.0, "volume_error": 1e-12, **kpis})
    assert json.loads((folder / "kpis.json").read_text())["incidents"] == (4 if response else 0)
    return open_run(folder)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def flood_only(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make_run(tmp_path_factory.mktemp("flood"), response=False)


@pytest.fixture(scope="session")
def dry(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make_run(tmp_path_factory.mktemp("dry"), flood=False)
