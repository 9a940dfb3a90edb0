"""Writing one run: frames, road states, tables, checkpoints, and the moment it becomes whole."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr

from models.errors import StoreError
from twin.store import checkpoints, files, grids
from twin.store.catalogue import Catalogue, RunRecord
from twin.store.digest import results_digest
from twin.store.layout import (
    CHECKSUMS,
    COMMANDS,
    DIGEST,
    MANIFEST,
    SUMMARY,
    Layout,
    canonical_json,
    scenario_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from models.grid import Grid
    from twin.store.locks import RunLock

__all__ = ["RoadStates", "RunWriter", "finished_record", "parquet_bytes", "with_detail_text"]

ROAD_BLOCK = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadStates:
    """Recorded states of the directed edges, each of shape (n_times, n_edges)."""

    depth_m: NDArray[np.float32]
    velocity_m_s: NDArray[np.float32]
    closed: NDArray[np.bool_]
    impassable: NDArray[np.uint32]


class RunWriter:
    """
    The one writer of an unfinished run; made by ``RunStore.begin`` or ``RunStore.reopen``.

    Every method raises :class:`~models.errors.StoreError` where the disk is full or fails; the
    run can then be reopened.
    """

    def __init__(self, layout: Layout, run_id: str, lock: RunLock, catalogue: Catalogue) -> None:
        self.run_id = run_id
        self._layout = layout
        self._lock = lock
        self._catalogue = catalogue
        self._flood = grids.FileStore(self.folder / "flood.zarr")
        self._roads = grids.FileStore(self.folder / "roads.zarr")
        self._arrays: dict[str, Any] = {}

    @property
    def folder(self) -> Path:
        """Where the run is being written."""
        return self._layout.partial / self.run_id

    @property
    def manifest(self) -> dict[str, Any]:
        """What the run was begun with."""
        return dict(json.loads((self.folder / MANIFEST).read_text("utf-8")))

    # Gridded results

    def create_grids(
        self,
        grid: Grid,
        *,
        crs_wkt: str,
        ground_level_m: NDArray[np.float64],
        frame_times_s: ArrayLike,
        start: datetime,
        static: Mapping[str, NDArray[Any]] | None = None,
        basis: Mapping[str, str] | None = None,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        """
        Lay out ``flood.zarr``, in place of what a run without a checkpoint left there.

        Parameters
        ----------
        grid, crs_wkt
            Where the cells are.
        ground_level_m
            Shape (ny, nx), NaN outside; frames are NaN there too.
        frame_times_s
            Seconds from the start of every frame, shape (n_frames,).
        start
            The moment of second 0, with a time zone.
        static
            Further fields of shape (ny, nx): ``water``, ``inside``, ``initial_depth``.
        basis
            ``measured``, ``derived`` or ``assumed``, by field.
        attributes
            Such as ``title``, ``vertical_datum`` and ``source``.
        """
        with self._guard():
            files.remove(self._flood.root)
            grids.create_flood(
                self._flood,
                grid=grid,
                crs_wkt=crs_wkt,
                frame_times_s=frame_times_s,
                start=start,
                static={**(static or {}), "ground_level": ground_level_m},
                attributes=attributes or {},
                basis=basis or {},
            )
        self._arrays.clear()

    def write_frame(self, index: int, depth_m: NDArray[np.floating[Any]]) -> None:
        """Write the depth, m, shape (ny, nx), of frame *index*; again gives the same file."""
        with self._guard():
            ground = self._array(self._flood, "ground_level", keep=True)
            frame = np.where(np.isnan(ground), np.nan, depth_m).astype(np.float32)
            self._array(self._flood, "depth")[index] = frame

    def write_maxima(self, fields: Mapping[str, NDArray[Any]]) -> None:
        """
        Write fields of shape (ny, nx) by a name of ``grids.FIELDS``, NaN where never.

        Where there is no ground they are NaN, and whole numbers -1.
        """
        with self._guard():
            root = zarr.open_group(self._flood, mode="r+")
            ground = self._array(self._flood, "ground_level", keep=True)
            for name in sorted(fields):
                whole = np.issubdtype(np.asarray(fields[name]).dtype, np.integer)
                values = np.where(np.isnan(ground), -1 if whole else np.nan, fields[name])
                grids.add_field(root, name, values)

    # Road states

    def create_roads(
        self,
        n_edges: int,
        times_s: ArrayLike,
        *,
        start: datetime | None = None,
        edges: Mapping[str, NDArray[Any]] | None = None,
        vehicle_classes: Sequence[str] = (),
        block: int = ROAD_BLOCK,
    ) -> None:
        """
        Lay out ``roads.zarr`` for states of shape (n_times, *n_edges*).

        *edges* holds unchanging values per edge: ``segment``, ``tail``, ``head``,
        ``reverse_edge``, ``length_m``. Results need them to measure closed kilometres.
        *vehicle_classes* names the bits of ``impassable``, at most 32.
        """
        with self._guard():
            files.remove(self._roads.root)
            grids.create_roads(
                self._roads,
                n_edges=n_edges,
                times_s=times_s,
                start=start,
                edges=edges or {},
                vehicle_classes=vehicle_classes,
                block=block,
            )
        self._arrays.clear()

    def write_roads(
        self,
        first_index: int,
        depth_m: NDArray[np.float32],
        *,
        velocity_m_s: NDArray[np.float32] | None = None,
        closed: NDArray[np.bool_] | None = None,
        impassable: NDArray[np.uint32] | None = None,
    ) -> None:
        """
        Write the states of consecutive times from *first_index* on.

        Every array has shape (k, n_edges). Bit ``j`` of *impassable* is set where vehicle class
        ``j`` may use the edge when it is dry and open, but cannot drive there now.
        """
        last = first_index + len(depth_m)
        given = {
            "depth": depth_m,
            "velocity": velocity_m_s,
            "closed": closed,
            "impassable": impassable,
        }
        with self._guard():
            for name, values in given.items():
                if values is None:
                    continue
                array = self._array(self._roads, name)
                if np.shape(values)[1:] != array.shape[1:] or last > array.shape[0]:
                    raise StoreError(
                        "the road states do not fit what was laid out",
                        where=f"{name}, times {first_index} to {last} of {array.shape}",
                        value=np.shape(values),
                    )
                array[first_index:last] = np.asarray(values).astype(array.dtype)

    def read_roads(self, first: int, last: int) -> RoadStates:
        """Return the states at the times *first* to *last* (exclusive), as they were written."""
        with self._guard():
            read = {
                name: np.asarray(self._array(self._roads, name)[first:last])
                for name in grids.ROAD_STATES
            }
        return RoadStates(
            depth_m=read["depth"],
            velocity_m_s=read["velocity"],
            closed=read["closed"].astype(np.bool_),
            impassable=read["impassable"],
        )

    # Tables and documents

    def write_ledger(self, table: pd.DataFrame) -> None:
        """Write the volume ledger: ``time_s`` and one column per term, m³."""
        self._write_table("ledger.parquet", table)

    def write_series(self, name: str, table: pd.DataFrame) -> None:
        """Write a time series such as ``gauges`` or ``tide`` to ``series/``."""
        with self._guard():
            files.make_folder(self.folder / "series")
        self._write_table(f"series/{name}.parquet", table)

    def write_events(self, table: pd.DataFrame) -> None:
        """Write the event log; ``detail`` may hold mappings, and is stored as JSON text."""
        self._write_table("events.parquet", with_detail_text(table))

    def write_kpis(self, kpis: Mapping[str, Any]) -> None:
        """Write the key figures."""
        self.write_document("kpis.json", kpis)

    def write_text(self, name: str, text: str) -> None:
        """Write a text file such as ``scenario.yaml``."""
        with self._guard():
            files.write_whole(self.folder / name, text.encode())

    def write_document(self, name: str, document: Mapping[str, Any]) -> None:
        """Write a JSON document."""
        self.write_text(name, canonical_json(dict(document), indent=2) + "\n")

    def append_command(self, command: Mapping[str, Any]) -> None:
        """Append one command to the log; when this returns, it is durable."""
        with self._guard():
            files.append_line(self.folder / COMMANDS, canonical_json(dict(command)).encode())

    def read_commands(self) -> list[dict[str, Any]]:
        """Return the whole command log; a last line that was torn is left out."""
        path = self.folder / COMMANDS
        text = path.read_bytes() if path.is_file() else b""
        return [json.loads(line) for line in text.split(b"\n")[:-1] if line]

    # Checkpoints

    def write_checkpoint(self, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
        """Write a checkpoint, after everything that it counts on is safe on the disk."""
        with self._guard():
            self._flood.flush()
            self._roads.flush()
            checkpoints.write_next(self._layout.checkpoints(self.run_id), arrays, meta)

    def read_checkpoint(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]] | None:
        """Return arrays and document of the newest sound checkpoint, or None."""
        return checkpoints.read_newest(self._layout.checkpoints(self.run_id))

    # The end

    def finish(self, summary: Mapping[str, Any]) -> Path:
        """
        Make the run whole, durable and visible, and return its folder.

        The digest is added to *summary* as ``digest``. After a failure the call may be repeated.
        """
        target = self._layout.runs / self.run_id
        with self._guard():
            if self.folder.is_dir():
                self._seal(summary)
                files.make_folder(target.parent)
                files.move(self.folder, target)
            else:
                files.sync_folder(target.parent)
            self._catalogue.add(finished_record(target))
        files.remove(self._layout.work / self.run_id)
        self._lock.release()
        return target

    def abandon(self, reason: str, *, failed: bool = False) -> None:
        """Say why the run stops here, and let go of it; it can be reopened."""
        state = {"state": "failed" if failed else "interrupted", "reason": reason}
        try:
            with self._guard():
                files.write_whole(self._layout.status(self.run_id), canonical_json(state).encode())
        finally:
            self._lock.release()

    def _seal(self, summary: Mapping[str, Any]) -> None:
        files.sweep(self.folder)
        digest = results_digest(self.folder)
        self.write_document(SUMMARY, {**summary, "run": self.run_id, "digest": digest})
        self.write_text(DIGEST, digest + "\n")
        sums = {
            path.relative_to(self.folder).as_posix(): [path.stat().st_size, files.checksum(path)]
            for path in files.walk(self.folder)
            if path != self.folder / CHECKSUMS
        }
        self.write_document(CHECKSUMS, sums)
        files.sync_tree(self.folder)

    def _write_table(self, name: str, table: pd.DataFrame) -> None:
        with self._guard():
            files.write_whole(self.folder / name, parquet_bytes(table))

    def _array(self, store: grids.FileStore, name: str, *, keep: bool = False) -> Any:  # noqa: ANN401 - zarr's own generic array, or numpy's once kept
        key = f"{store.root.name}/{name}"
        if key not in self._arrays:
            array = zarr.open_array(store, path=name, mode="r+")
            self._arrays[key] = np.asarray(array[...]) if keep else array
        return self._arrays[key]

    @contextmanager
    def _guard(self) -> Iterator[None]:
        with files.guarded(self._layout.root):
            yield


def with_detail_text(events: pd.DataFrame) -> pd.DataFrame:
    """Return an event log with the mappings in ``detail`` as JSON text."""
    if "detail" not in events.columns:
        return events
    texts = [
        value if isinstance(value, str) else canonical_json(dict(value or {}))
        for value in events["detail"]
    ]
    return events.assign(detail=texts)


def parquet_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as the bytes of a Parquet file."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def finished_record(folder: Path) -> RunRecord:
    """Return the catalogue's row for a whole run, from the run's own files."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    summary = json.loads((folder / SUMMARY).read_text("utf-8"))
    return RunRecord(
        run_id=folder.name,
        scenario=scenario_name(manifest),
        city=city_name(manifest),
        created=str(manifest.get("created", "")),
        state="finished",
        folder=folder,
        digest=str(summary["digest"]),
        checksums=files.checksum(folder / CHECKSUMS),
        summary=summary,
    )


def city_name(manifest: Mapping[str, Any]) -> str:
    """Return the city's name from a manifest that gives it as text or as a mapping."""
    city = manifest.get("city", "")
    return str(city.get("name", "")) if isinstance(city, Mapping) else str(city)
