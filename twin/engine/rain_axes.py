"""What a netCDF file of rain says about itself: variable, axes, reference system, times, unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from models.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    from scenarios.schema.rain import GriddedRain as GriddedChoice

__all__ = ["Axes", "axes_of", "crs_of", "intervals", "quantity_of", "variable_of"]

WHERE = "rain.gridded"
_X_NAMES = {"x", "lon", "longitude", "easting", "rlon", "projection_x_coordinate"}
_Y_NAMES = {"y", "lat", "latitude", "northing", "rlat", "projection_y_coordinate"}
#: Units that files state, without spaces and in lower case, as mm/h; None is mm in the interval.
_UNITS: dict[str, float | None] = {
    "mm/h": 1.0, "mm/hr": 1.0, "mmh-1": 1.0, "mmhr-1": 1.0, "mmh^-1": 1.0, "mm/hour": 1.0,
    "mmhour-1": 1.0, "mm.h-1": 1.0, "kgm-2h-1": 1.0,
    "kgm-2s-1": 3600.0, "mms-1": 3600.0, "mm/s": 3600.0, "kg/m2/s": 3600.0, "kgm^-2s^-1": 3600.0,
    "ms-1": 3.6e6, "m/s": 3.6e6,
    "mm": None, "kgm-2": None, "kg/m2": None, "millimeter": None, "millimeters": None,
}  # fmt: skip
_CHOICES: dict[str, float | None] = {"rate_mm_h": 1.0, "rate_mm_s": 3600.0, "depth_mm": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """
    The axes of a field of rain.

    Parameters
    ----------
    time, y, x
        Names of the dimensions.
    moments
        Times as the file states them, UTC, shape (n,).
    order
        Positions of the times in rising order, shape (n,).
    x_edges, y_edges
        Edges of the pixels, rising.
    flip_x, flip_y
        Whether the file counts from east or north.
    """

    time: Hashable
    y: Hashable
    x: Hashable
    moments: NDArray[np.datetime64]
    order: NDArray[np.int64]
    x_edges: NDArray[np.float64]
    y_edges: NDArray[np.float64]
    flip_x: bool
    flip_y: bool

    @property
    def steps(self) -> int:
        """Number of times."""
        return int(self.moments.size)

    def read(
        self, field: xr.DataArray, chosen: NDArray[np.int64], rows: slice, columns: slice
    ) -> NDArray[np.float64]:
        """Return the chosen times, rows and columns, row 0 south and column 0 west."""
        ny, nx = self.y_edges.size - 1, self.x_edges.size - 1
        down = slice(ny - rows.stop, ny - rows.start) if self.flip_y else rows
        across = slice(nx - columns.stop, nx - columns.start) if self.flip_x else columns
        cut = field.isel({self.time: self.order[chosen], self.y: down, self.x: across})
        values = cut.transpose(self.time, self.y, self.x).to_numpy().astype(np.float64)
        values = values[:, ::-1, :] if self.flip_y else values
        return values[:, :, ::-1] if self.flip_x else values


def _fault(what: str, path: Path, remedy: str, *, field: str = "files") -> ScenarioError:
    return ScenarioError(what, where=f"{WHERE}.{field}: {path}", remedy=remedy)


def variable_of(dataset: xr.Dataset, name: str | None, path: Path) -> xr.DataArray:
    """Return the variable that holds the rain."""
    fields = [str(key) for key, each in dataset.data_vars.items() if each.ndim >= 3]
    if name is None and len(fields) == 1:
        return dataset[fields[0]].squeeze(_ones(dataset[fields[0]]), drop=True)
    if name is None or name not in dataset.data_vars:
        raise ScenarioError(
            "the file holds several variables" if name is None else "there is no such variable",
            where=f"{WHERE}.variable: {path}",
            value=name,
            remedy=f"Name one of {', '.join(fields)}." if fields else "None has time, y and x.",
        )
    return dataset[name].squeeze(_ones(dataset[name]), drop=True)


def _ones(field: xr.DataArray) -> list[Hashable]:
    """Return dimensions of length 1 beside time, y and x, such as a height."""
    spare = max(field.ndim - 3, 0)
    names = [name for name, size in field.sizes.items() if size == 1 and not _is_time(field, name)]
    return names[:spare]


def _is_time(field: xr.DataArray, name: Hashable) -> bool:
    return name in field.coords and np.issubdtype(field[name].dtype, np.datetime64)


def _is_axis(field: xr.DataArray, name: Hashable, names: set[str], axis: str, unit: str) -> bool:
    if name not in field.coords:
        return False
    attrs = field[name].attrs
    told = {str(name).lower(), str(attrs.get("standard_name", "")).lower()}
    return bool(told & names) or attrs.get("axis") == axis or unit in str(attrs.get("units", ""))


def axes_of(field: xr.DataArray, path: Path) -> Axes:
    """Return the axes of a field, whatever their names and directions."""
    if field.ndim != 3:
        raise _fault(
            f"the rain has {field.ndim} dimensions, {tuple(field.dims)}", path,
            "Keep time, y and x.",
        )  # fmt: skip
    time = [name for name in field.dims if _is_time(field, name)]
    x = [n for n in field.dims if n not in time and _is_axis(field, n, _X_NAMES, "X", "east")]
    y = [n for n in field.dims if n not in time and _is_axis(field, n, _Y_NAMES, "Y", "north")]
    if len(time) != 1:
        raise _fault(
            "the file has no time axis with dates", path,
            "Write CF times, such as 'minutes since 2025-10-22 00:00' in the standard calendar.",
        )  # fmt: skip
    if len(x) != 1 or len(y) != 1:
        raise _fault(
            f"the axes east and north are not known among {tuple(field.dims)}", path,
            "Give each dimension a coordinate of one dimension, named x and y, or lon and lat; "
            "bring curvilinear grids onto a straight one first.",
        )  # fmt: skip
    moments = field[time[0]].to_numpy()
    if np.isnat(moments).any() or np.unique(moments).size != moments.size:
        raise _fault("a time stands there twice, or is missing", path, "Clean the time axis.")
    order = np.argsort(moments, kind="stable").astype(np.int64)
    x_edges, flip_x = _edges(field[x[0]].to_numpy(), str(x[0]), path)
    y_edges, flip_y = _edges(field[y[0]].to_numpy(), str(y[0]), path)
    return Axes(
        time=time[0], y=y[0], x=x[0], moments=moments[order], order=order, x_edges=x_edges,
        y_edges=y_edges, flip_x=flip_x, flip_y=flip_y,
    )  # fmt: skip


def _edges(
    centres: NDArray[np.floating], name: str, path: Path
) -> tuple[NDArray[np.float64], bool]:
    """Return the edges half-way between the centres, rising, and whether they fell."""
    values = np.asarray(centres, np.float64)
    steps = np.diff(values)
    if values.size < 2 or not ((steps > 0.0).all() or (steps < 0.0).all()):
        raise _fault(
            f"the coordinates {name} do not rise or fall throughout, or there is only one", path,
            "Keep two pixels at least in each direction.",
        )  # fmt: skip
    falls = bool(steps[0] < 0.0)
    rising = values[::-1] if falls else values
    middle = 0.5 * (rising[1:] + rising[:-1])
    ends = 2.0 * rising[0] - middle[0], 2.0 * rising[-1] - middle[-1]
    return np.concatenate([[ends[0]], middle, [ends[1]]]), falls


def crs_of(
    dataset: xr.Dataset, field: xr.DataArray, axes: Axes, told: str | None, path: Path
) -> CRS:
    """Return the reference system: as told, as the file says, or degrees where it says so."""
    try:
        if told is not None:
            return CRS.from_user_input(told)
        name = field.attrs.get("grid_mapping", field.encoding.get("grid_mapping"))
        mappings = [
            each
            for each in dataset.variables
            if {"grid_mapping_name", "crs_wkt"} & {*dataset[each].attrs}
        ]
        if name not in dataset.variables and len(mappings) == 1:
            name = mappings[0]
        if name in dataset.variables:
            attrs = dataset[name].attrs
            wkt = attrs.get("crs_wkt", attrs.get("spatial_ref"))
            return CRS.from_wkt(wkt) if wkt else CRS.from_cf(dict(attrs))
    except (CRSError, KeyError, ValueError) as error:
        raise ScenarioError(
            "the reference system is not known", where=f"{WHERE}.crs: {path}", value=told,
            remedy="Give an authority code such as EPSG:4326.",
        ) from error  # fmt: skip
    if "degree" in str(field[axes.x].attrs.get("units", "")):
        return CRS.from_epsg(4326)
    raise _fault("the file names no reference system", path, "Give crs.", field="crs")


def intervals(
    dataset: xr.Dataset, axes: Axes, choice: GriddedChoice, start: datetime, path: Path
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return begin and end of every interval in rising order, s since *start* (UTC)."""
    shift = _shift_s(choice.time_zone, start)
    origin = np.datetime64(start.replace(tzinfo=None), "ns")

    def seconds(moments: NDArray[np.datetime64]) -> NDArray[np.float64]:
        return np.asarray((moments - origin) / np.timedelta64(1, "ns"), np.float64) * 1e-9 - shift

    bounds = dataset[axes.time].attrs.get("bounds", dataset[axes.time].encoding.get("bounds"))
    if bounds in dataset.variables and choice.stamp is None:
        both = dataset[bounds].to_numpy()[axes.order]
        begin, end = seconds(both[:, 0]), seconds(both[:, 1])
    else:
        begin, end = _stamped(seconds(axes.moments), choice.stamp, path)
    if not (end > begin).all() or (begin[1:] < end[:-1] - 1e-6).any():
        raise _fault("intervals of time overlap or are empty", path, "Clean the time axis.")
    return begin, end


def _stamped(
    at_s: NDArray[np.float64], stamp: str | None, path: Path
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if stamp is None:
        raise _fault(
            "the file does not say whether its times begin or end their intervals", path,
            "Give stamp: start or stamp: end.", field="stamp",
        )  # fmt: skip
    if at_s.size < 2:
        raise _fault(
            "one time alone does not tell the length of its interval", path,
            "Add time bounds to the file.",
        )  # fmt: skip
    steps = np.diff(at_s)
    step = float(np.median(steps))
    if (steps < 0.99 * step).any():
        raise _fault(
            "the times are not evenly spaced", path,
            "Add time bounds to the file, or bring it to one step.",
        )  # fmt: skip
    return (at_s, at_s + step) if stamp == "start" else (at_s - step, at_s)


def _shift_s(zone: str | None, start: datetime) -> float:
    """Return how far clocks of *zone* are ahead of UTC, s."""
    if zone is None:
        return 0.0
    shift: timedelta | None
    try:
        if zone[0] in "+-":
            hours, minutes = zone[1:].split(":")
            ahead = timedelta(hours=int(hours), minutes=int(minutes))
            shift = timezone(-ahead if zone[0] == "-" else ahead).utcoffset(None)
        else:
            shift = start.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
    except (ValueError, OSError, ZoneInfoNotFoundError):
        shift = None
    if shift is None:
        raise ScenarioError(
            "this time zone is not known", where=f"{WHERE}.time_zone", value=zone,
            remedy="Write it as +07:00.",
        )  # fmt: skip
    return shift.total_seconds()


def quantity_of(field: xr.DataArray, told: str | None, path: Path) -> float | None:
    """Return the factor that makes mm/h of the values; None where they are mm in the interval."""
    unit = str(field.attrs.get("units", "")).lower().replace(" ", "").replace("**", "^")
    if told is not None:
        factor = _CHOICES[told]
        if unit in _UNITS and _UNITS[unit] != factor:
            raise ScenarioError(
                f"the file states the unit {field.attrs['units']}, which is something else",
                where=f"{WHERE}.quantity: {path}",
                value=told,
                remedy="Leave quantity out, or correct the unit in the file.",
            )
        return factor
    if unit not in _UNITS:
        raise ScenarioError(
            "the unit of the rain is not known",
            where=f"{WHERE}.quantity: {path}",
            value=field.attrs.get("units"),
            remedy="Give rate_mm_h, rate_mm_s or depth_mm.",
        )
    return _UNITS[unit]
