"""
Gridded and per-edge results as zarr with CF-1.11 metadata.

Frames are one chunk each, so that writing one never touches another; road states are chunked by
blocks of times. A value that was never written reads as NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import zarr
from pyproj import CRS
from zarr.codecs import ZstdCodec
from zarr.storage import LocalStore

from models.errors import InvalidQuantityError
from twin.store import files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray
    from zarr.core.buffer import Buffer

    from models.grid import Grid

__all__ = [
    "DURATION_OVER",
    "FIELDS",
    "ROAD_STATES",
    "Field",
    "FileStore",
    "add_field",
    "create_flood",
    "create_roads",
    "field_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What a gridded result is: its unit, its name for people and its CF name where one exists."""

    units: str
    long_name: str
    standard_name: str = ""
    dtype: str = "float32"

    def attributes(self) -> dict[str, str]:
        """Return the CF attributes."""
        found = {"units": self.units, "long_name": self.long_name}
        if self.standard_name:
            found["standard_name"] = self.standard_name
        return found


#: The gridded results that are known by name; others may be written without metadata.
FIELDS: dict[str, Field] = {
    "ground_level": Field(
        units="m",
        long_name="ground level above the vertical datum, bed included",
        standard_name="ground_level_altitude",
    ),
    "initial_depth": Field(units="m", long_name="water depth at the start"),
    "water": Field(
        units="1", long_name="0 land, 1 canal or pond, 2 tidal river or sea", dtype="int8"
    ),
    "inside": Field(units="1", long_name="1 within the boundary of the city", dtype="int8"),
    "depth": Field(
        units="m",
        long_name="water depth",
        standard_name="flood_water_thickness",
    ),
    "max_depth": Field(units="m", long_name="largest water depth of the run"),
    "max_speed": Field(units="m s-1", long_name="largest flow speed of the run"),
    "max_hazard": Field(
        units="m2 s-1", long_name="largest flood hazard rating d (v + 0.5) + DF (DEFRA 2006)"
    ),
    "max_product": Field(units="m2 s-1", long_name="largest depth times flow speed of the run"),
    "hazard_class": Field(
        units="1",
        long_name="largest hazard to people (DEFRA 2006): 0 low, 1 danger for some, 2 for most, "
        "3 for all; -1 no ground",
        dtype="int8",
    ),
    "aidr_class": Field(
        units="1",
        long_name="largest hazard class H1 to H6 (AIDR 2017, Guideline 7-3); 0 dry, -1 no ground",
        dtype="int8",
    ),
    "infiltration": Field(units="m", long_name="depth of water that the ground took"),
    "evaporation": Field(units="m", long_name="depth of water that evaporated"),
    "arrival_time": Field(
        units="s", long_name="time from the start until the arrival depth was first passed"
    ),
    "duration": Field(units="s", long_name="time during which the duration depth was passed"),
    "time_of_max": Field(units="s", long_name="time from the start until the largest depth"),
    "limiting_steps": Field(
        units="1",
        long_name="time steps whose length this cell decided; -1 no ground",
        dtype="int32",
    ),
}
#: Beginning of the names of durations over a depth, which follows it: ``duration_over_0.3m``.
DURATION_OVER = "duration_over_"


def field_of(name: str) -> Field | None:
    """Return what the gridded result *name* is; None where it is not known."""
    if name.startswith(DURATION_OVER):
        depth = name.removeprefix(DURATION_OVER).removesuffix("m")
        return Field(
            units="s",
            long_name=f"time at or above {depth} m, sampled at the exchanges of the run",
        )
    return FIELDS.get(name)


#: The recorded states of directed edges.
ROAD_STATES: dict[str, Field] = {
    "depth": Field(units="m", long_name="deepest water on the edge, above the deck on a bridge"),
    "velocity": Field(units="m s-1", long_name="speed of the water on the edge, NaN if not known"),
    "closed": Field(units="1", long_name="1 where the edge is closed by order", dtype="uint8"),
    "impassable": Field(
        units="1",
        long_name="bit k is set where vehicle class k, which may use the dry edge, cannot drive",
        dtype="uint32",
    ),
}


class FileStore(LocalStore):
    """A local zarr store that writes through :mod:`twin.store.files` and notes what it wrote."""

    def __init__(
        self, root: Path | str, *, read_only: bool = False, written: set[Path] | None = None
    ) -> None:
        super().__init__(root, read_only=read_only)
        self.written: set[Path] = set() if written is None else written

    def with_read_only(self, read_only: bool = False) -> Self:
        """Return the same store with another mode."""
        return type(self)(self.root, read_only=read_only, written=self.written)

    def set_sync(self, key: str, value: Buffer) -> None:
        """Write one key, whole or not at all."""
        self._check_writable()
        path = self.root / key
        files.make_folder(path.parent)
        files.write_whole(path, value.as_buffer_like(), durable=False)
        self.written.add(path)

    async def set(self, key: str, value: Buffer) -> None:
        """Write one key, whole or not at all."""
        if not self._is_open:
            await self._open()
        self.set_sync(key, value)

    async def set_if_not_exists(self, key: str, value: Buffer) -> None:
        """Write one key unless it is there."""
        if not (self.root / key).exists():
            await self.set(key, value)

    def flush(self) -> None:
        """Flush to the disk everything written since the last call."""
        folders = set()
        for path in sorted(self.written):
            if path.exists():
                files.sync_file(path)
                folders.add(path.parent)
        for folder in sorted(folders):
            files.sync_folder(folder)
        self.written.clear()


def create_flood(
    store: FileStore,
    *,
    grid: Grid,
    crs_wkt: str,
    frame_times_s: ArrayLike,
    start: datetime,
    static: Mapping[str, NDArray[Any]],
    attributes: Mapping[str, str],
    basis: Mapping[str, str],
) -> zarr.Group:
    """
    Lay out ``flood.zarr`` and write its coordinates and unchanging fields.

    Parameters
    ----------
    store
        An empty store.
    grid, crs_wkt
        Where the cells are.
    frame_times_s
        Seconds from the start of every frame, shape (n_frames,), rising.
    start
        The moment of second 0, with a time zone.
    static
        Fields of shape (ny, nx), by a name of ``FIELDS``; ``ground_level`` among them.
    attributes
        Global attributes beside the CF ones, such as ``title`` and ``vertical_datum``.
    basis
        ``measured``, ``derived`` or ``assumed``, by field.
    """
    times = np.asarray(frame_times_s, np.float64)
    root = zarr.create_group(
        store,
        attributes={
            "Conventions": "CF-1.11",
            "start": _aware(start).isoformat(),
            "cell_size_m": grid.cell_size_m,
            **attributes,
        },
    )
    _write_spatial_reference(root, grid, crs_wkt)
    _write(
        root, "x", grid.x_m, ("x",), _axis("projection_x_coordinate", "easting of the centre", "X")
    )
    _write(
        root, "y", grid.y_m, ("y",), _axis("projection_y_coordinate", "northing of the centre", "Y")
    )
    _write_times(root, times, start)
    _create(root, "depth", (times.size, *grid.shape), (1, *grid.shape), ("time", "y", "x"))
    for name in sorted(static):
        add_field(root, name, static[name], basis=basis.get(name, ""))
    return root


def add_field(root: zarr.Group, name: str, values: NDArray[Any], *, basis: str = "") -> None:
    """
    Write one field of shape (ny, nx) beside the frames.

    Raises
    ------
    InvalidQuantityError
        If the shape is not that of the grid.
    """
    shape = _array(root, "depth").shape[1:]
    if np.shape(values) != shape:
        raise InvalidQuantityError(
            "a gridded result must have the shape of the grid",
            where=f"{name}, grid of {shape[0]} by {shape[1]} cells",
            value=np.shape(values),
        )
    known = field_of(name)
    dtype = known.dtype if known is not None else "float32"
    _create(root, name, shape, shape, ("y", "x"), dtype=dtype, basis=basis)
    _array(root, name)[...] = np.asarray(values, dtype)


def create_roads(
    store: FileStore,
    *,
    n_edges: int,
    times_s: ArrayLike,
    start: datetime | None,
    edges: Mapping[str, NDArray[Any]],
    vehicle_classes: Sequence[str],
    block: int,
) -> zarr.Group:
    """
    Lay out ``roads.zarr``: the states of every directed edge at every exchange.

    Parameters
    ----------
    store
        An empty store.
    n_edges, times_s
        The shape of the recorded states: (n_times, n_edges).
    start
        The moment of second 0, for CF times; None leaves plain seconds.
    edges
        Unchanging values per edge, shape (n_edges,), such as ``segment`` and ``length_m``.
    vehicle_classes
        Names of the classes that the bits of ``impassable`` stand for, at most 32.
    block
        Number of times in a chunk; writing whole blocks is fastest.
    """
    times = np.asarray(times_s, np.float64)
    attributes = {"Conventions": "CF-1.11", "vehicle_classes": list(vehicle_classes)}
    root = zarr.create_group(store, attributes=attributes)
    _write_times(root, times, start)
    shape, chunks = (times.size, n_edges), (max(1, min(block, times.size)), max(1, n_edges))
    for name, state in ROAD_STATES.items():
        array = _plain(root, name, shape, chunks, ("time", "edge"), dtype=state.dtype)
        array.attrs.update(state.attributes())
    for name in sorted(edges):
        _write(root, name, np.asarray(edges[name]), ("edge",), {"long_name": name})
    return root


def _aware(start: datetime) -> datetime:
    if start.tzinfo is None:
        raise InvalidQuantityError(
            "the start of a run needs a time zone",
            where="start",
            value=start.isoformat(),
            remedy="Write it as 2025-10-22T00:00:00+07:00.",
        )
    return start


def _axis(standard_name: str, long_name: str, axis: str) -> dict[str, str]:
    return {
        "units": "m",
        "standard_name": standard_name,
        "long_name": f"{long_name} of the cell",
        "axis": axis,
    }


def _write_times(root: zarr.Group, times: NDArray[np.float64], start: datetime | None) -> None:
    if times.size > 1 and not (np.diff(times) > 0.0).all():
        raise InvalidQuantityError("the times of outputs must rise", where="times of outputs")
    long_name = "time since the start of the run"
    if start is not None:
        moment = _aware(start).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        attributes = {
            "units": f"seconds since {moment}",
            "calendar": "proleptic_gregorian",
            "standard_name": "time",
            "long_name": "time (UTC)",
            "axis": "T",
        }
        _write(root, "time", times, ("time",), attributes)
    _write(root, "elapsed_s", times, ("time",), {"units": "s", "long_name": long_name})


def _write_spatial_reference(root: zarr.Group, grid: Grid, crs_wkt: str) -> None:
    attributes: dict[str, Any] = dict(CRS.from_user_input(crs_wkt).to_cf())
    attributes["spatial_ref"] = attributes.get("crs_wkt", crs_wkt)
    attributes["GeoTransform"] = (
        f"{grid.west_m} {grid.cell_size_m} 0.0 {grid.north_m} 0.0 {-grid.cell_size_m}"
    )
    _write(root, "spatial_ref", np.array(0, np.int64), (), attributes)


def _create(
    root: zarr.Group,
    name: str,
    shape: Sequence[int],
    chunks: Sequence[int],
    names: Sequence[str],
    *,
    dtype: str = "float32",
    basis: str = "",
) -> None:
    array = _plain(root, name, shape, chunks, names, dtype=dtype)
    known = field_of(name)
    attributes = known.attributes() if known is not None else {}
    attributes["grid_mapping"] = "spatial_ref"
    if basis:
        attributes["basis"] = basis
    array.attrs.update(attributes)


def _plain(
    root: zarr.Group,
    name: str,
    shape: Sequence[int],
    chunks: Sequence[int],
    names: Sequence[str],
    *,
    dtype: str,
) -> zarr.Array[Any]:
    fill = np.nan if np.dtype(dtype).kind == "f" else 0
    return root.create_array(
        name,
        shape=tuple(shape),
        chunks=tuple(chunks),
        dtype=dtype,
        fill_value=fill,
        dimension_names=tuple(names),
        compressors=ZstdCodec(level=1),
        overwrite=True,
    )


def _write(
    root: zarr.Group,
    name: str,
    values: NDArray[Any],
    names: Sequence[str],
    attributes: Mapping[str, Any],
) -> None:
    chunks = tuple(max(1, size) for size in values.shape)
    array = _plain(root, name, values.shape, chunks, names, dtype=values.dtype.str[1:])
    array.attrs.update(dict(attributes))
    array[...] = values


def _array(root: zarr.Group, name: str) -> zarr.Array[Any]:
    found = root[name]
    if not isinstance(found, zarr.Array):
        raise InvalidQuantityError("this is a group, not an array", where=name)
    return found
