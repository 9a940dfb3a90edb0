"""A made-up run for the benchmark of the app: a wave over a raster, vehicles that never rest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pyproj import CRS

import twin
from models.grid import Grid
from twin.city.city import open_city
from twin.city.roads import road_graph
from twin.store import RunStore

if TYPE_CHECKING:
    from pathlib import Path

    from models.roads import RoadGraph
    from twin.store.writer import RunWriter

__all__ = ["make_store"]

_START = datetime(2025, 10, 22, 8, 0, tzinfo=UTC)
_FRAME_S = 30.0
_LEG_EDGES = 20


def make_store(folder: Path, *, side: int, frames: int, units: int) -> str:
    """Make a store with one run in *folder*, and return the run's name."""
    store = RunStore(folder)
    city = twin.synthesise(area_km2=4.0, cell_size_m=20.0, seed=1).save(folder / "made-up")
    kept = store.keep_city(folder / "made-up", city.digest)
    city = open_city(kept)
    names = [f"unit-{k:03d}" for k in range(units)]
    duration = frames * _FRAME_S
    writer = store.begin(
        {
            "scenario": {
                "name": "bench",
                "title": {"en": "Benchmark", "vi": "Đo tốc độ"},
                "start": _START.isoformat(),
                "duration_s": duration,
                "digest": "0",
            },
            "city": {"name": city.name, "digest": city.digest, "crs": city.crs},
            "created": _START.isoformat(),
            "provenance": {},
            "units": [{"id": n, "service": "ambulance", "station": ""} for n in names],
        }
    )
    _write_water(writer, city, side, frames)
    graph = road_graph(city)
    times = np.array([0.0, duration])
    edges = {
        name: getattr(graph, name)
        for name in ("segment", "tail", "head", "reverse_edge", "length_m")
    }
    writer.create_roads(
        graph.n_edges, times, start=_START, edges=edges, vehicle_classes=["ambulance"]
    )
    writer.write_roads(0, np.zeros((2, graph.n_edges), np.float32))
    writer.write_events(_events(graph, names, duration))
    writer.write_kpis({"incidents": 0})
    writer.write_text("scenario.yaml", "schema: 1\nname: bench\n")
    writer.finish({"digest": "0" * 64, "warnings": []})
    return writer.run_id


def _write_water(writer: RunWriter, city: Any, side: int, frames: int) -> None:  # noqa: ANN401 - a City
    """Write a wave that runs over ground with noise, as raw grids compress badly."""
    terrain = city.grid
    cell = terrain.cell_size_m * max(terrain.rows, terrain.columns) / side
    grid = Grid(
        west_m=terrain.west_m,
        north_m=terrain.north_m,
        cell_size_m=cell,
        rows=side,
        columns=side,
    )
    y, x = np.mgrid[0:side, 0:side] / side
    rough = np.random.default_rng(1).random((side, side)) * 0.15
    ground = 1.0 + 0.4 * np.sin(9 * x) * np.cos(7 * y) + rough
    dry = np.zeros((side, side))
    writer.create_grids(
        grid,
        crs_wkt=CRS.from_user_input(city.crs).to_wkt(),
        ground_level_m=ground,
        frame_times_s=np.arange(frames) * _FRAME_S,
        start=_START,
        static={
            "water": dry.astype(np.int8),
            "inside": (dry + 1).astype(np.int8),
            "initial_depth": dry,
        },
    )
    deepest = dry.copy()
    for k in range(frames):
        level = 0.6 + 0.9 * np.sin(np.pi * k / frames) + 0.2 * np.sin(12 * x - k / 4)
        depth = np.maximum(level - ground, 0.0)
        np.maximum(deepest, depth, out=deepest)
        writer.write_frame(k, depth)
    writer.write_maxima(
        {
            "max_depth": deepest,
            "max_speed": deepest,
            "arrival_time": np.where(deepest > 0.1, 0.0, np.nan),
            "duration": np.where(deepest > 0.1, 600.0, 0.0),
            "time_of_max": dry,
            "hazard_class": (deepest > 0.5).astype(np.int8),
        }
    )


def _events(graph: RoadGraph, names: list[str], duration: float) -> pd.DataFrame:
    """Return random walks over the streets, leg after leg, without a rest."""
    random = np.random.default_rng(2)
    rows: list[dict[str, Any]] = []
    for name in names:
        node, time_s = int(random.integers(graph.n_nodes)), 0.0
        while time_s < duration:
            walk, length = [], 0.0
            start = node
            for _ in range(_LEG_EDGES):
                first, last = int(graph.first_out[node]), int(graph.first_out[node + 1])
                if first == last:
                    break
                edge = int(random.integers(first, last))
                walk.append(edge)
                length += float(graph.length_m[edge])
                node = int(graph.head[edge])
            if not walk:
                node = int(random.integers(graph.n_nodes))
                continue
            end = time_s + length / 8.0
            detail = {"edges": walk, "start_s": time_s, "start_fraction": 0.0, "end_fraction": 1.0}
            place = {"x_m": graph.x_m[node], "y_m": graph.y_m[node]}
            common = {"incident": "", "unit": name, "facility": "", "service": "ambulance"}
            rows += [
                {"time_s": time_s, "kind": "unit_mobile", "value": 0.0, "detail": {}, **common,
                 "node": start, **place},
                {"time_s": end, "kind": "unit_drove", "value": length, "detail": detail, **common,
                 "node": node, **place},
            ]  # fmt: skip
            time_s = end
    table = pd.DataFrame(rows).sort_values("time_s", kind="stable", ignore_index=True)
    table.insert(0, "seq", np.arange(len(table)))
    return table
