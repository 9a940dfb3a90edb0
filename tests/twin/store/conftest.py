"""A small run, written step by step."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from models.grid import Grid
from twin.store import RunStore, RunWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GRID = Grid(west_m=600_000.0, north_m=1_190_000.0, cell_size_m=10.0, rows=6, columns=5)
START = datetime(2025, 10, 22, tzinfo=UTC)
FRAMES, EDGES, CHECKPOINT_AT = 4, 7, 2


def manifest(name: str = "Mưa lớn") -> dict[str, Any]:
    return {"scenario": {"name": name}, "city": "quan-7", "created": START.isoformat()}


def depth_of(frame: int) -> Any:
    return np.full(GRID.shape, 0.1 * frame)


def lay_out(writer: RunWriter) -> None:
    ground = np.ones(GRID.shape)
    ground[0, 0] = np.nan
    writer.create_grids(
        GRID,
        crs_wkt="EPSG:32648",
        ground_level_m=ground,
        frame_times_s=np.arange(FRAMES) * 600.0,
        start=START,
        basis={"ground_level": "assumed"},
    )
    writer.create_roads(EDGES, np.arange(FRAMES) * 60.0, edges={"length_m": np.ones(EDGES)})


def write_frames(writer: RunWriter, first: int, last: int) -> None:
    for frame in range(first, last):
        writer.write_frame(frame, depth_of(frame))
        writer.write_roads(frame, np.full((1, EDGES), 0.01 * frame, np.float32))


def write_tables(writer: RunWriter) -> None:
    writer.write_maxima({"max_depth": depth_of(FRAMES)})
    writer.write_ledger(pd.DataFrame({"time_s": [0.0, 600.0], "rain_m3": [0.0, 5.0]}))
    writer.write_series("gauges", pd.DataFrame({"time_s": [0.0], "level_m": [1.2]}))
    writer.write_events(
        pd.DataFrame({"time_s": [1.0], "kind": ["call_received"], "detail": [{"b": 1, "a": 2}]})
    )
    writer.write_kpis({"max_depth_m": 0.4, "wall_s": 3.0})


def compute(writer: RunWriter, summary: dict[str, Any] | None = None) -> Path:
    """Take a run from its newest checkpoint, or the start, to its end."""
    checkpoint = writer.read_checkpoint()
    done = 0
    if checkpoint is None:
        lay_out(writer)
        write_frames(writer, 0, CHECKPOINT_AT)
        writer.write_checkpoint({"depth": depth_of(CHECKPOINT_AT)}, {"frames": CHECKPOINT_AT})
        done = CHECKPOINT_AT
    else:
        done = checkpoint[1]["frames"]
    write_frames(writer, done, FRAMES)
    write_tables(writer)
    return writer.finish(summary or {"wall_s": 1.0})


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "store")


@pytest.fixture
def finished(store: RunStore) -> Callable[[], str]:
    def make() -> str:
        return compute(store.begin(manifest())).name

    return make
