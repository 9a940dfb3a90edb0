"""Rain in netCDF files and GeoTIFF stacks, brought onto the grid of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
import xarray as xr
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from rasterio.errors import RasterioError

from models.errors import InvalidQuantityError, ScenarioError
from models.flood.rainfields import GriddedRain, overlap_weights
from scenarios.rasters import checksum_of
from twin.engine.rain_axes import axes_of, crs_of, intervals, quantity_of, variable_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from models.grid import Grid
    from scenarios.schema.rain import GriddedRain as GriddedChoice

__all__ = ["RainFile", "read_gridded_rain"]

WHERE = "rain.gridded"
#: Largest number of values that is held in memory.
MAX_VALUES = 40_000_000
#: What packing makes of 0 in some files, mm/h.
_NEARLY_ZERO_MM_H = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class RainFile:
    """
    Rain as files hold it.

    Parameters
    ----------
    crs
        Reference system of the pixels.
    x_edges, y_edges
        Edges of the pixels, rising, shapes (nx + 1,) and (ny + 1,).
    begin_s, end_s
        Intervals, s since the start of the period, shape (n,), rising and not overlapping.
    rates_mm_h
        Shape (n, ny, nx), row 0 south; NaN where there is no value.
    left_out
        Intervals of the files outside the period.
    """

    crs: CRS
    x_edges: NDArray[np.float64]
    y_edges: NDArray[np.float64]
    begin_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    rates_mm_h: NDArray[np.float64]
    left_out: int


def read_gridded_rain(
    choice: GriddedChoice,
    *,
    grid: Grid,
    crs: str,
    needed: NDArray[np.bool_],
    start: datetime,
    end_s: float,
) -> tuple[GriddedRain, dict[str, int], tuple[float, float]]:
    """
    Read the rain of a scenario from its files.

    Parameters
    ----------
    choice
        The files and how to read them, with whole paths.
    grid, crs
        The grid of the run and its reference system.
    needed
        Cells that must have rain, shape (rows, columns).
    start, end_s
        The period.

    Returns
    -------
    rain : GriddedRain
    counts : dict
        What was left out or made up, by kind: ``steps_outside``, ``cells_without``,
        ``values_without``, where not 0.
    covered : tuple
        First and last second for which the files hold rain.

    Raises
    ------
    ScenarioError
        If a file cannot be read, has changed since the run was stored, does not say what it
        holds, or does not cover the city or its own period, unless gaps are taken as dry.
    """
    paths = [Path(name) for name in choice.files]
    for index, (path, known) in enumerate(zip(paths, choice.sha256 or (), strict=False)):
        where = f"{WHERE}.files[{index}]"
        if checksum_of(path, where=where) != known:
            raise ScenarioError(
                "the file has changed since the scenario was stored",
                where=where,
                value=str(path),
                remedy="Put the file back, or start the run anew.",
            )
    if choice.first is not None and choice.step is not None:
        found = _read_stack(choice, paths, grid=grid, crs=crs, end_s=end_s)
    else:
        found = _read_netcdf(choice, paths[0], grid=grid, crs=crs, start=start, end_s=end_s)
    return _onto_grid(found, choice, grid=grid, crs=crs, needed=needed)


def _onto_grid(
    found: RainFile, choice: GriddedChoice, *, grid: Grid, crs: str, needed: NDArray[np.bool_]
) -> tuple[GriddedRain, dict[str, int], tuple[float, float]]:
    x_faces, y_faces = _faces(grid, crs, found)
    weights = overlap_weights(x_faces, y_faces, found.x_edges, found.y_edges)
    rates = found.rates_mm_h.reshape(len(found.rates_mm_h), -1)
    times, rates = _contiguous(found.begin_s, found.end_s, rates)
    used = np.zeros(weights.shape[1], np.bool_)
    used[weights[np.flatnonzero(needed.ravel())].indices] = True
    nothing = np.isnan(rates) & used
    counts = {"steps_outside": found.left_out, "values_without": int(nothing.any(axis=1).sum())}
    if nothing.any() and choice.gaps == "error":
        first = int(np.argmax(nothing.any(axis=1)))
        raise ScenarioError(
            f"{int(nothing.any(axis=1).sum())} of {len(rates)} intervals have no value somewhere "
            "over the city",
            where=f"{WHERE}.files",
            value=f"first from {times[first] / 3600:.2f} h to {times[first + 1] / 3600:.2f} h",
            remedy="Fill the gaps, or take them as dry with gaps: zero.",
        )
    rates = np.nan_to_num(rates)
    rates[(rates < 0.0) & (rates > -_NEARLY_ZERO_MM_H)] = 0.0
    try:
        rain = GriddedRain(
            times_s=times, rates_m_s=rates * (1e-3 / 3600.0), weights=weights, shape=grid.shape
        )
    except InvalidQuantityError as error:
        raise ScenarioError(
            error.what,
            where=f"{WHERE}.files: {error.where}",
            value=error.value,
            remedy=error.remedy or "Check quantity and the value that means no data.",
        ) from error
    counts["cells_without"] = int((needed & ~rain.covered).sum())
    if counts["cells_without"] and choice.gaps == "error":
        raise ScenarioError(
            f"the rain does not cover {counts['cells_without']} of {int(needed.sum())} cells",
            where=f"{WHERE}.files",
            value={
                "rain, in its own reference system": tuple(
                    round(float(edge), 3)
                    for edge in (
                        *(found.x_edges[0], found.y_edges[0]),
                        *(found.x_edges[-1], found.y_edges[-1]),
                    )
                )
            },
            remedy="Check crs, or take these cells as dry with gaps: zero.",
        )
    return rain, {k: n for k, n in counts.items() if n}, (float(times[0]), float(times[-1]))


def _contiguous(
    begin: NDArray[np.float64], end: NDArray[np.float64], rates: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of intervals without holes between them; a hole has no values."""
    times: list[float] = [float(begin[0])]
    rows: list[NDArray[np.float64]] = []
    for k in range(begin.size):
        if begin[k] > times[-1] + 1e-6:
            times.append(float(begin[k]))
            rows.append(np.full(rates.shape[1], np.nan))
        times.append(float(end[k]))
        rows.append(rates[k])
    return np.array(times), np.array(rows)


def _faces(
    grid: Grid, crs: str, found: RainFile
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the faces of the cells lie in the coordinates of the pixels."""
    x = grid.west_m + np.arange(grid.columns + 1) * grid.cell_size_m
    y = grid.north_m - np.arange(grid.rows + 1) * grid.cell_size_m
    try:
        to_pixels = Transformer.from_crs(crs, found.crs, always_xy=True)
        across, down = np.meshgrid(x, grid.y_m)
        x_faces, _ = to_pixels.transform(across, down, errcheck=True)
        across, down = np.meshgrid(grid.x_m, y)
        _, y_faces = to_pixels.transform(across, down, errcheck=True)
    except (ProjError, CRSError) as error:
        raise ScenarioError(
            "the rain cannot be brought into the reference system of the city",
            where=f"{WHERE}.crs",
            value=found.crs.name,
            remedy="Check crs.",
        ) from error
    if found.crs.is_geographic:
        middle = 0.5 * (found.x_edges[0] + found.x_edges[-1])
        x_faces = x_faces + 360.0 * np.round((middle - float(np.mean(x_faces))) / 360.0)
    return x_faces, y_faces


def _near(edges: NDArray[np.float64], low: float, high: float) -> slice:
    """Return the pixels that reach into the span, and one more on each side."""
    first = max(int(np.searchsorted(edges, low, side="right")) - 2, 0)
    last = min(int(np.searchsorted(edges, high, side="left")) + 1, edges.size - 1)
    return slice(first, max(last, first + 1))


def _cut(
    x_edges: NDArray[np.float64], y_edges: NDArray[np.float64], own: CRS, grid: Grid, crs: str
) -> tuple[slice, slice]:
    """Return the columns and rows (row 0 south) that the grid needs."""
    whole = RainFile(
        crs=own, x_edges=x_edges, y_edges=y_edges, begin_s=np.empty(0), end_s=np.empty(0),
        rates_mm_h=np.empty((0, 0, 0)), left_out=0,
    )  # fmt: skip
    x_faces, y_faces = _faces(grid, crs, whole)
    return (
        _near(x_edges, float(x_faces.min()), float(x_faces.max())),
        _near(y_edges, float(y_faces.min()), float(y_faces.max())),
    )


def _must_fit(steps: int, columns: slice, rows: slice) -> None:
    values = steps * (columns.stop - columns.start) * (rows.stop - rows.start)
    if values > MAX_VALUES:
        raise ScenarioError(
            f"more than {MAX_VALUES:,} values of rain lie over the city",
            where=f"{WHERE}.files",
            value=values,
            remedy="Coarsen the rain in space or time; a pixel need not be finer than 100 m.",
        )


def _in_period(
    begin: NDArray[np.float64], end: NDArray[np.float64], end_s: float
) -> NDArray[np.int64]:
    inside = np.flatnonzero((end > 0.0) & (begin < end_s))
    if not inside.size:
        raise ScenarioError(
            "no rain of the files falls in the period",
            where=f"{WHERE}.files",
            value=f"{begin.min() / 3600:.2f} h to {end.max() / 3600:.2f} h after its start",
            remedy="Check the times, their zone, and the period.",
        )
    return inside


def _read_netcdf(
    choice: GriddedChoice, path: Path, *, grid: Grid, crs: str, start: datetime, end_s: float
) -> RainFile:
    try:
        with xr.open_dataset(path, engine="netcdf4", decode_timedelta=False) as dataset:
            field = variable_of(dataset, choice.variable, path)
            axes = axes_of(field, path)
            own = crs_of(dataset, field, axes, choice.crs, path)
            begin, end = intervals(dataset, axes, choice, start.astimezone(UTC), path)
            chosen = _in_period(begin, end, end_s)
            columns, rows = _cut(axes.x_edges, axes.y_edges, own, grid, crs)
            _must_fit(chosen.size, columns, rows)
            values = axes.read(field, chosen, rows, columns)
            factor = quantity_of(field, choice.quantity, path)
    except (OSError, RuntimeError, ValueError, TypeError, KeyError) as error:
        raise ScenarioError(
            f"the netCDF file cannot be read ({' '.join(str(error).split())[:200]})",
            where=f"{WHERE}.files: {path}",
            remedy="Check it with ncdump -h.",
        ) from error
    begin, end = begin[chosen], end[chosen]
    hours = (end - begin)[:, None, None] / 3600.0
    return RainFile(
        crs=own,
        x_edges=axes.x_edges[columns.start : columns.stop + 1],
        y_edges=axes.y_edges[rows.start : rows.stop + 1],
        begin_s=begin,
        end_s=end,
        rates_mm_h=values / hours if factor is None else values * factor,
        left_out=axes.steps - chosen.size,
    )


def _read_stack(
    choice: GriddedChoice, paths: Sequence[Path], *, grid: Grid, crs: str, end_s: float
) -> RainFile:
    first, step = float(choice.first or 0.0), float(choice.step or 0.0)
    layers: list[tuple[Path, int]] = []
    frame: tuple[Any, ...] | None = None
    try:
        for path in paths:
            with rasterio.open(path, driver="GTiff") as dataset:
                own = (tuple(dataset.transform), dataset.width, dataset.height, dataset.crs)
                layers += [(path, band) for band in range(1, dataset.count + 1)]
            if frame is not None and own != frame:
                raise ScenarioError(
                    "the file lies elsewhere, or has other pixels, than the first one",
                    where=f"{WHERE}.files: {path}",
                    remedy="Bring all of them onto one grid.",
                )
            frame = own
        if frame is None:  # the schema asks for one file at least
            raise ScenarioError("there is no file", where=f"{WHERE}.files")
        axes, own_crs = _frame(frame, choice.crs, paths[0])
        begin = first + step * np.arange(len(layers), dtype=np.float64)
        chosen = _in_period(begin, begin + step, end_s)
        columns, rows = _cut(*axes, own_crs, grid, crs)
        _must_fit(chosen.size, columns, rows)
        values = np.stack([_band(layers[k], rows, columns) for k in chosen])
    except RasterioError as error:
        raise ScenarioError(
            f"a GeoTIFF cannot be read ({' '.join(str(error).split())[:200]})",
            where=f"{WHERE}.files",
            remedy="Check it with gdalinfo.",
        ) from error
    if choice.quantity is None:
        raise ScenarioError(
            "a GeoTIFF does not say what its values are",
            where=f"{WHERE}.quantity",
            remedy="Give rate_mm_h, rate_mm_s or depth_mm.",
        )
    factors = {"rate_mm_h": 1.0, "rate_mm_s": 3600.0, "depth_mm": 3600.0 / step}
    return RainFile(
        crs=own_crs,
        x_edges=axes[0][columns.start : columns.stop + 1],
        y_edges=axes[1][rows.start : rows.stop + 1],
        begin_s=begin[chosen],
        end_s=begin[chosen] + step,
        rates_mm_h=values * factors[choice.quantity],
        left_out=len(layers) - chosen.size,
    )


def _frame(
    frame: tuple[Any, ...], crs: str | None, path: Path
) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], CRS]:
    transform, width, height, told = frame
    a, b, west, d, e, north = transform[:6]
    if b or d or a <= 0.0 or e >= 0.0:
        raise ScenarioError(
            "the pixels are turned, or do not run from north to south",
            where=f"{WHERE}.files: {path}",
            remedy="Bring them north up with gdalwarp.",
        )
    if crs is None and told is None:
        raise ScenarioError(
            "the file names no reference system", where=f"{WHERE}.crs", remedy="Give crs."
        )
    try:
        own = CRS.from_user_input(crs if crs is not None else told.to_wkt())
    except CRSError as error:
        raise ScenarioError(
            "the reference system is not known", where=f"{WHERE}.crs", value=crs,
            remedy="Give an authority code such as EPSG:4326.",
        ) from error  # fmt: skip
    south = north + e * height
    return (west + a * np.arange(width + 1), south - e * np.arange(height + 1)), own


def _band(layer: tuple[Path, int], rows: slice, columns: slice) -> NDArray[np.float64]:
    path, band = layer
    with rasterio.open(path, driver="GTiff") as dataset:
        top = dataset.height - rows.stop
        window = ((top, top + rows.stop - rows.start), (columns.start, columns.stop))
        raw = dataset.read(band, window=window, masked=True)
        values = np.ma.filled(raw.astype(np.float64), np.nan)
        values = values * dataset.scales[band - 1] + dataset.offsets[band - 1]
    return np.asarray(values[::-1])
