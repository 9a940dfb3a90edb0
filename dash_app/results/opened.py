"""Runs that are being looked at: opened once, kept for a while, let go when they are deleted."""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
from pyproj import Transformer

from models.errors import StoreError
from models.grid import Grid
from twin.results.open import Run, open_run
from twin.results.series import vehicle_classes
from twin.store.layout import CHECKSUMS, Layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from twin.store.store import RunStore

__all__ = ["OpenRun", "OpenRuns"]


class OpenRun:
    """
    A run with what is read of it over and over.

    Parameters
    ----------
    run
        A finished run.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.lock = Lock()
        self._made: dict[str, bytes] = {}
        self._making = RLock()

    def once(self, part: str, make: Callable[[], bytes]) -> bytes:
        """Return what *make* makes, made once however many ask for it at the same time."""
        with self._making:
            found = self._made.get(part)
            if found is None:
                found = self._made[part] = make()
            return found

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the results."""
        return self.run.digest

    @cached_property
    def flood(self) -> zarr.Group:
        """
        The stored grids.

        Raises
        ------
        StoreError
            If the run has none.
        """
        if not self.run.has_flood:
            raise StoreError("there is no such thing: the run has no flood", where=self.run.id)
        return zarr.open_group(self.run.folder / "flood.zarr", mode="r")

    @cached_property
    def grid(self) -> Grid | None:
        """The grid of the water; None where the run has none."""
        if not self.run.has_flood:
            return None
        size = float(str(self.flood.attrs["cell_size_m"]))
        x, y = self.values("x"), self.values("y")
        return Grid(
            west_m=float(x[0]) - size / 2.0,
            north_m=float(y[0]) + size / 2.0,
            cell_size_m=size,
            rows=int(y.size),
            columns=int(x.size),
        )

    @cached_property
    def frame_times_s(self) -> NDArray[np.float64]:
        """Seconds from the start of every frame, shape (n_frames,)."""
        if not self.run.has_flood:
            return np.zeros(0)
        return np.asarray(self.values("elapsed_s"), np.float64)

    @cached_property
    def end_s(self) -> float:
        """Seconds from the start to the end of the run."""
        known = self.run.manifest.get("scenario")
        given = known.get("duration_s") if isinstance(known, dict) else None
        if given is not None:
            return float(given)
        return float(self.frame_times_s[-1]) if self.frame_times_s.size else 0.0

    @cached_property
    def vehicles(self) -> list[str]:
        """Classes of vehicles whose passability was recorded."""
        return vehicle_classes(self.run) if self.run.has_roads else []

    @cached_property
    def _to_degrees(self) -> Transformer:
        crs = self.run.manifest.get("city", {}).get("crs") or self.run.city.crs
        return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def degrees(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[Any, Any]:
        """Return longitude and latitude, degrees WGS84, of places in the city's system, m."""
        return self._to_degrees.transform(x_m, y_m)

    def metres(self, lon: float, lat: float) -> tuple[float, float]:
        """Return the place in the city's system, m, of a longitude and latitude, degrees."""
        x, y = self._to_degrees.transform(lon, lat, direction="INVERSE")
        return float(x), float(y)

    def has(self, name: str) -> bool:
        """Return whether the run stored the grid *name*."""
        return self.run.has_flood and name in self.flood

    def array(self, name: str) -> zarr.Array[Any]:
        """
        Return a stored array, unread.

        Raises
        ------
        StoreError
            If the run does not hold it.
        """
        found = self.flood.get(name) if self.run.has_flood else None
        if not isinstance(found, zarr.Array):
            raise StoreError("there is no such field in the run", where=self.run.id, value=name)
        return found

    def values(self, name: str) -> NDArray[Any]:
        """Return a whole stored array."""
        return np.asarray(self.array(name)[...])

    def cell(self, lon: float, lat: float) -> tuple[int, int] | None:
        """Return row and column of a place; None where it lies outside the grid."""
        if self.grid is None:
            return None
        x, y = self.metres(lon, lat)
        if not (np.isfinite(x) and np.isfinite(y)):
            return None
        row, column, inside = self.grid.locate(np.array([x]), np.array([y]))
        return (int(row[0]), int(column[0])) if bool(inside[0]) else None


class OpenRuns:
    """
    The runs of a store that were looked at last.

    Parameters
    ----------
    store
        Where they lie.
    most
        How many are kept open.
    """

    def __init__(self, store: RunStore, *, most: int = 12) -> None:
        self.store = store
        self.layout = Layout(store.root)
        self._most = most
        self._held: OrderedDict[str, OpenRun] = OrderedDict()
        self._lock = Lock()

    def get(self, run_id: str) -> OpenRun:
        """
        Return the run *run_id*.

        Raises
        ------
        StoreError
            If there is none, or it is not finished or damaged.
        """
        with self._lock:
            held = self._held.get(run_id)
            if held is not None:
                if (held.run.folder / CHECKSUMS).is_file():
                    self._held.move_to_end(run_id)
                    return held
                del self._held[run_id]
        record = self.store.find(run_id)
        with self._lock:
            held = self._held.get(record.run_id)
        if held is None:
            held = OpenRun(open_run(record.run_id, store=self.store.root))
        with self._lock:
            self._held[record.run_id] = held
            self._held.move_to_end(record.run_id)
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return held
