"""
One pass over the frames of a run, in the background: what a click and a chart need at once.

Frames are stored one by one, so the course at one place would mean reading all of them. The pass
stores them again by blocks of cells, and counts flooded ground and people as it goes. It holds a
few frames in memory, never a run. Until it is done, a course is read the slow way.
"""

from __future__ import annotations

import json
import logging
import shutil
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
from zarr.codecs import ZstdCodec

from models.errors import CityError, TwinError
from twin.analysis.people import people_of
from twin.results.series import dry_land

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from dash_app.results.opened import OpenRun

__all__ = ["THRESHOLDS_M", "Preparer"]

#: Depths from which ground and people count, m.
THRESHOLDS_M = (0.1, 0.3, 0.5, 1.0)
#: Cells a side of a block.
BLOCK = 64
_MEMORY_BYTES = 160 << 20
_MOST_KEPT = 16
_LOG = logging.getLogger("dash_app")


class Preparer:
    """
    The passes over the runs of one store, one at a time.

    Parameters
    ----------
    folder
        Where what they make is kept; it may be deleted at any time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._one = Lock()
        self._state: dict[str, float | None] = {}

    def begin(self, opened: OpenRun) -> None:
        """Start the pass over a run, unless it was made or is under way."""
        key = self._key(opened)
        if opened.grid is None:
            return
        with self._lock:
            if key in self._state or self._is_done(key):
                return
            self._state[key] = 0.0
        Thread(target=self._work, args=(opened, key), name=f"prepare {key}", daemon=True).start()

    def fraction(self, opened: OpenRun) -> float | None:
        """Return how far the pass is, 0 to 1; None where it failed."""
        key = self._key(opened)
        if self._is_done(key):
            return 1.0
        with self._lock:
            return self._state.get(key, 0.0)

    def over_time(self, opened: OpenRun) -> dict[str, Any] | None:
        """Return flooded area, m², and people by depth at every frame; None until it is known."""
        try:
            text = (self._folder / self._key(opened) / "over-time.json").read_text("utf-8")
            return dict(json.loads(text))
        except (OSError, ValueError):
            return None

    def depth_at(self, opened: OpenRun, row: int, column: int) -> NDArray[np.float32]:
        """Return the depth, m, of one cell at every frame."""
        key = self._key(opened)
        if self._is_done(key):
            try:
                blocks = zarr.open_array(self._folder / key / "depth.zarr", mode="r")
                return np.asarray(blocks[:, row, column], np.float32)
            except (OSError, ValueError, KeyError):
                _LOG.warning("what was prepared of %s cannot be read", key)
        depth = opened.array("depth")
        count = depth.shape[0]
        return np.array([np.asarray(depth[k])[row, column] for k in range(count)], np.float32)

    def _key(self, opened: OpenRun) -> str:
        return f"{opened.run.id}-{opened.digest[:12]}"

    def _is_done(self, key: str) -> bool:
        return (self._folder / key / "over-time.json").is_file()

    def _work(self, opened: OpenRun, key: str) -> None:
        unfinished = self._folder / f".{key}"
        try:
            with self._one:
                shutil.rmtree(unfinished, ignore_errors=True)
                unfinished.mkdir(parents=True)
                self._tidy()
                found = self._pass(opened, key, unfinished)
                (unfinished / "over-time.json").write_text(json.dumps(found), encoding="utf-8")
                shutil.rmtree(self._folder / key, ignore_errors=True)
                unfinished.rename(self._folder / key)
        except (OSError, TwinError, ValueError, MemoryError):
            _LOG.warning("the run %s could not be prepared for its charts", key, exc_info=True)
            shutil.rmtree(unfinished, ignore_errors=True)
            with self._lock:
                self._state[key] = None

    def _pass(self, opened: OpenRun, key: str, folder: Path) -> dict[str, Any]:
        depth = opened.array("depth")
        count, rows, columns = depth.shape
        group = int(max(1, min(count, _MEMORY_BYTES // max(1, rows * columns * 4))))
        blocks = zarr.create_array(
            folder / "depth.zarr",
            shape=depth.shape,
            chunks=(group, BLOCK, BLOCK),
            shards=(group, -(-rows // BLOCK) * BLOCK, -(-columns // BLOCK) * BLOCK),
            dtype="float32",
            compressors=ZstdCodec(level=1),
            fill_value=np.nan,
        )
        land, persons = _land_and_people(opened)
        area = float(opened.grid.cell_size_m) ** 2 if opened.grid is not None else 0.0
        flooded: list[list[float]] = []
        people: list[list[float]] = []
        for start in range(0, count, group):
            frames = np.asarray(depth[start : start + group])
            blocks[start : start + group] = frames
            for frame in frames:
                over = [land & (frame >= depth_m) for depth_m in THRESHOLDS_M]
                flooded.append([float(np.count_nonzero(cells)) * area for cells in over])
                if persons is not None:
                    people.append([float(persons[cells].sum()) for cells in over])
            with self._lock:
                self._state[key] = (start + len(frames)) / count
        return {
            "times_s": opened.frame_times_s.tolist(),
            "thresholds_m": list(THRESHOLDS_M),
            "flooded_area_m2": [list(column) for column in zip(*flooded, strict=True)],
            "people": [list(column) for column in zip(*people, strict=True)] if people else None,
        }

    def _tidy(self) -> None:
        """Let go of the oldest, beyond so many."""
        made = [path for path in self._folder.iterdir() if not path.name.startswith(".")]
        made.sort(key=lambda path: path.stat().st_mtime)
        for path in made[: max(0, len(made) - _MOST_KEPT)]:
            shutil.rmtree(path, ignore_errors=True)


def _land_and_people(
    opened: OpenRun,
) -> tuple[NDArray[np.bool_], NDArray[np.float64] | None]:
    """Return the dry land inside the boundary, and persons by cell where the city knows them."""
    land = dry_land(opened.run)
    if opened.has("inside"):
        land &= opened.values("inside") != 0
    grid = opened.grid
    try:
        people = people_of(opened.run.city)
    except CityError:
        return land, None
    if grid is None:
        return land, None
    row, column, inside = grid.locate(people.x_m, people.y_m)
    persons = np.zeros(grid.shape)
    np.add.at(persons, (row[inside], column[inside]), people.persons[inside])
    return land, persons
