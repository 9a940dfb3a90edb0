"""Hand a run to other programs: GeoTIFF, GeoPackage, CSV and netCDF."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
import shapely
from rasterio.transform import from_origin

from models.errors import InvalidInputError
from twin.results.incidents import parse_detail, records
from twin.results.series import closures, durations_over, vehicle_classes
from twin.store import files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twin.results.open import Run

__all__ = ["EXPORTS", "export_run"]

_RASTERS = (
    *("max_depth", "max_hazard", "max_speed", "max_product", "hazard_class", "aidr_class"),
    *("arrival_time", "duration", "time_of_max", "infiltration", "evaporation", "ground_level"),
    "limiting_steps",
)
_NO_DATA = -9999.0


def export_run(run: Run, folder: Path, *, formats: Sequence[str] = ()) -> list[Path]:
    """
    Write the run for other programs, and return the files.

    Parameters
    ----------
    run, folder
        What to write, and where; files that are there are replaced, each whole or not at all.
    formats
        Some of ``EXPORTS``; none means all that the run allows.

    Raises
    ------
    InvalidInputError
        If a format is not known.
    StoreError
        If a file cannot be written.
    """
    unknown = [name for name in formats if name not in EXPORTS]
    if unknown:
        raise InvalidInputError(
            "there is no such format",
            where="export",
            value=unknown[0],
            remedy=f"Choose from {', '.join(EXPORTS)}.",
        )
    with files.guarded(folder):
        files.make_folder(folder)
        return [
            path for name in EXPORTS if not formats or name in formats
            for path in EXPORTS[name](run, folder)
        ]  # fmt: skip


def _geotiff(run: Run, folder: Path) -> list[Path]:
    """Write one compressed GeoTIFF per field, with units and what it means as tags."""
    if not run.has_flood:
        return []
    flood = run.flood
    size = float(flood.attrs["cell_size_m"])
    west = float(flood["x"].to_numpy()[0]) - size / 2.0
    north = float(flood["y"].to_numpy()[0]) + size / 2.0
    written = []
    for name in (*_RASTERS, *durations_over(run)):
        if name not in flood:
            continue
        values = flood[name].to_numpy().astype(np.float32)
        with rasterio.MemoryFile() as memory:
            with memory.open(
                driver="GTiff",
                width=values.shape[1],
                height=values.shape[0],
                count=1,
                dtype="float32",
                crs=rasterio.CRS.from_wkt(flood["spatial_ref"].attrs["crs_wkt"]),
                transform=from_origin(west, north, size, size),
                nodata=_NO_DATA,
                compress="deflate",
                predictor=3,
                tiled=min(values.shape) >= 256,
            ) as raster:
                raster.write(np.where(np.isnan(values), np.float32(_NO_DATA), values), 1)
                raster.set_band_description(1, str(flood[name].attrs.get("long_name", name)))
                raster.update_tags(1, units=flood[name].attrs.get("units", ""))
                raster.update_tags(run=run.id, digest=run.digest, assumed=_assumed(run))
            data = memory.read()
        written.append(_write(folder / f"{name.replace('_', '-')}.tif", data))
    return written


def _geopackage(run: Run, folder: Path) -> list[Path]:
    """Write roads with closure times, routes driven and incidents as layers of one file."""
    layers = {"roads": _roads, "routes": _routes, "incidents": _incidents}
    frames = {name: make(run) for name, make in layers.items()}
    if not any(len(frame) for frame in frames.values()):
        return []
    with tempfile.TemporaryDirectory(prefix="export-") as scratch:
        path = Path(scratch) / "run.gpkg"
        for name, frame in frames.items():
            if len(frame):
                pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG")
        return [_write(folder / "run.gpkg", path.read_bytes())]


def _roads(run: Run) -> gpd.GeoDataFrame:
    """Return the segments with first closure, reopening, hours and deepest water by class."""
    if not run.has_roads:
        return gpd.GeoDataFrame(geometry=[])
    kept = ["segment_id", "road_class", "name", "is_bridge"]
    roads = run.city.layer("roads")
    frame = gpd.GeoDataFrame(roads[kept].copy(), geometry=roads.geometry, crs=run.city.crs)
    segment = run.roads["segment"].to_numpy().astype(np.int64)
    deepest = np.zeros(len(frame))
    depth = run.roads["depth"]
    for start in range(0, depth.shape[0], 60):
        block = depth.isel(time=slice(start, start + 60)).to_numpy()
        np.maximum.at(deepest, segment, np.nan_to_num(block).max(axis=0))
    frame["max_depth_m"] = deepest
    for vehicle in vehicle_classes(run):
        found = closures(run, vehicle)
        shut = found.hours > 0.0
        hours, first = np.zeros(len(frame)), np.full(len(frame), np.inf)
        last, stays = np.full(len(frame), -np.inf), np.zeros(len(frame), np.bool_)
        np.maximum.at(hours, segment, found.hours)
        np.minimum.at(first, segment[shut], found.first_closed_s[shut])
        still = shut & np.isnan(found.reopened_s)
        np.maximum.at(last, segment[shut & ~still], found.reopened_s[shut & ~still])
        stays[segment[still]] = True
        frame[f"{vehicle}_closed_h"] = hours
        frame[f"{vehicle}_first_closed"] = _moments(
            run, np.where(np.isfinite(first), first, np.nan)
        )
        reopened = np.where(np.isfinite(last) & ~stays, last, np.nan)
        frame[f"{vehicle}_reopened"] = _moments(run, reopened)
        frame[f"{vehicle}_closed_at_end"] = stays
    return frame


def _routes(run: Run) -> gpd.GeoDataFrame:
    """Return every leg that a unit drove, as a line along the streets."""
    if not (run.has_roads and len(run.events)):
        return gpd.GeoDataFrame(geometry=[])
    segment = run.roads["segment"].to_numpy().astype(np.int64)
    lines = run.city.layer("roads").geometry.to_numpy()
    rows, shapes = [], []
    for event in records(run.events, "unit_drove"):
        detail = parse_detail(event["detail"])
        edges = [edge for edge in detail.get("edges", []) if 0 <= edge < segment.size]
        if not edges:
            continue
        shapes.append(shapely.line_merge(shapely.multilinestrings(list(lines[segment[edges]]))))
        rows.append(
            {
                "unit": event["unit"],
                "service": event["service"],
                "incident": event["incident"],
                "purpose": str(detail.get("purpose", "")),
                "ended": str(detail.get("ended", "")),
                "start": detail.get("start_s", np.nan),
                "end": event["time_s"],
                "length_m": event["value"],
            }
        )
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=run.city.crs)
    for column in ("start", "end"):
        if len(frame):
            frame[column] = _moments(run, frame[column].to_numpy(np.float64))
    return frame


def _incidents(run: Run) -> gpd.GeoDataFrame:
    """Return one point per incident and service, with the response."""
    table = run.incidents
    if not len(table):
        return gpd.GeoDataFrame(geometry=[])
    points = gpd.points_from_xy(table["x_m"], table["y_m"])
    frame = gpd.GeoDataFrame(table.copy(), geometry=points, crs=run.city.crs)
    frame["called"] = _moments(run, frame["call_s"].to_numpy(np.float64))
    return frame


def _csv(run: Run, folder: Path) -> list[Path]:
    """Write the tables, with local times beside the seconds; figures as name and value."""
    tables = {
        "events": run.events,
        "incidents": run.incidents,
        "ledger": run.ledger,
        "gauges": run.gauges,
        "closures": run.series("roads"),
        "structures": run.structures,
        "drainage": run.series("drainage"),
        "boundaries": run.series("boundaries"),
        "cross-sections": run.series("cross_sections"),
        "residents": run.series("residents"),
        "kpis": pd.DataFrame(list(_flat(run.kpis)), columns=["name", "value"]),
    }
    written = []
    for name, table in tables.items():
        if not len(table) or list(table.columns) == ["time_s"]:
            continue
        for column in ("time_s", "call_s"):
            if column in table:
                moments = _moments(run, table[column].to_numpy(np.float64))
                table = table.assign(local_time=moments)  # noqa: PLW2901 - the same table, one column more
        buffer = io.StringIO()
        table.to_csv(buffer, index=False, lineterminator="\n")
        written.append(_write(folder / f"{name}.csv", buffer.getvalue().encode()))
    return written


def _netcdf(run: Run, folder: Path) -> list[Path]:
    """Write the grids as one compressed netCDF-4 file with CF metadata."""
    if not run.has_flood:
        return []
    flood = run.flood.assign_attrs(run=run.id, digest=run.digest, assumed=_assumed(run))
    packed = {name: {"zlib": True, "complevel": 1} for name in flood.data_vars}
    path = folder / "flood.nc"
    with tempfile.TemporaryDirectory(prefix=".export-", dir=folder) as scratch:
        whole = Path(scratch) / path.name
        flood.drop_encoding().to_netcdf(whole, engine="netcdf4", encoding=packed)
        files.move(whole, path)
    return [path]


#: The formats, and what writes them.
EXPORTS: dict[str, Callable[[Run, Path], list[Path]]] = {
    "geotiff": _geotiff,
    "geopackage": _geopackage,
    "csv": _csv,
    "netcdf": _netcdf,
}


def _write(path: Path, data: bytes) -> Path:
    files.write_whole(path, data, durable=False)
    return path


def _moments(run: Run, seconds: Any) -> pd.Series[Any]:  # noqa: ANN401 - any array of numbers
    """Return local times, without a zone, of seconds since the start; NaT where NaN."""
    local = run.start.tz_localize(None)
    return local + pd.Series(pd.to_timedelta(np.asarray(seconds, np.float64), unit="s"))


def _flat(document: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in document.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            found += _flat(value, f"{name}.")
        else:
            found.append((name, json.dumps(value) if isinstance(value, list) else value))
    return found


def _assumed(run: Run) -> str:
    return ", ".join(sorted(run.assumed))
