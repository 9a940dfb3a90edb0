"""Hand an ensemble to other programs: CSV, netCDF and GeoTIFF; and to another store."""

from __future__ import annotations

import io
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rasterio
import xarray as xr
from rasterio.transform import from_origin

from models.errors import StoreError
from twin.ensembles.records import PlanRecord
from twin.ensembles.store import EnsembleStore
from twin.store import files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from twin.ensembles.results import Ensemble

__all__ = ["delete_sweep", "export_ensemble", "push"]

_NO_DATA = -9999.0
_QUANTILES = (0.05, 0.5, 0.95)


def export_ensemble(
    ensemble: Ensemble, folder: Path, *, thresholds_m: Sequence[float] = (0.1, 0.3, 0.5)
) -> list[Path]:
    """
    Write tables and maps of an ensemble, and return the files.

    ``members.csv``, ``figures.csv``, ``failures.csv`` and ``streets.csv``; ``maps.nc`` with the
    chance of each of *thresholds_m* and the 5, 50 and 95 % quantiles of the largest depth, and the
    same as GeoTIFF.

    Raises
    ------
    StoreError
        If a file cannot be written.
    """
    with files.guarded(folder):
        files.make_folder(folder)
        written = [_csv(folder / "members.csv", ensemble.table)]
        if len(ensemble.table):
            written.append(_csv(folder / "figures.csv", ensemble.figure_table()))
        if len(ensemble.failures):
            written.append(_csv(folder / "failures.csv", ensemble.failures))
        if not set(ensemble.table["flood"]) - {""}:
            return written
        with suppress(StoreError):  # a city without roads has no streets
            written.append(_csv(folder / "streets.csv", ensemble.streets(0.3)))
        return [*written, *_maps(ensemble, folder, thresholds_m)]


def _csv(path: Path, table: pd.DataFrame) -> Path:
    buffer = io.StringIO()
    table.to_csv(buffer, index=False, lineterminator="\n")
    files.write_whole(path, buffer.getvalue().encode(), durable=False)
    return path


def _maps(ensemble: Ensemble, folder: Path, thresholds_m: Sequence[float]) -> list[Path]:
    reference = ensemble.dataset["spatial_ref"]
    maps: dict[str, xr.DataArray] = {}
    for depth in thresholds_m:
        maps[f"chance_{depth:g}m"] = ensemble.exceedance(depth)
    depths = ensemble.quantiles(_QUANTILES)
    for share in _QUANTILES:
        maps[f"max_depth_p{100 * share:.0f}"] = depths.sel(quantile=share, drop=True)
    dataset = xr.Dataset(
        {n: m.assign_attrs(grid_mapping="spatial_ref") for n, m in maps.items()},
        attrs={"Conventions": "CF-1.11", "sweep": ensemble.id, "digest": ensemble.digest},
    ).assign_coords(spatial_ref=reference)
    path = folder / "maps.nc"
    packed = {name: {"zlib": True, "complevel": 1} for name in maps}
    with tempfile.TemporaryDirectory(prefix=".export-", dir=folder) as scratch:
        whole = Path(scratch) / path.name
        dataset.drop_encoding().to_netcdf(whole, engine="netcdf4", encoding=packed)
        files.move(whole, path)
    wkt = str(reference.attrs["crs_wkt"])
    return [path, *(_tif(folder, name, values, wkt) for name, values in maps.items())]


def _tif(folder: Path, name: str, found: xr.DataArray, crs_wkt: str) -> Path:
    x, y = found["x"].to_numpy(), found["y"].to_numpy()
    values = found.to_numpy().astype(np.float32)
    size = float(x[1] - x[0]) if x.size > 1 else 1.0
    with rasterio.MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=x.size,
            height=y.size,
            count=1,
            dtype="float32",
            crs=rasterio.CRS.from_wkt(crs_wkt),
            transform=from_origin(x[0] - size / 2.0, y[0] + size / 2.0, size, size),
            nodata=_NO_DATA,
            compress="deflate",
        ) as raster:
            raster.write(np.where(np.isnan(values), np.float32(_NO_DATA), values), 1)
            raster.set_band_description(1, name)
            raster.update_tags(1, units=found.attrs.get("units", ""))
            raster.update_tags(sweep=found.attrs.get("sweep", ""))
        data = memory.read()
    path = folder / f"{name.replace('_', '-')}.tif"
    files.write_whole(path, data, durable=False)
    return path


def push(
    ensemble: Ensemble,
    url: str,
    *,
    on_file: Callable[[str], None] = lambda _name: None,
) -> EnsembleStore:
    """
    Copy a sweep, with its floods and cities, to another store; what is there is not sent again.

    Parameters
    ----------
    ensemble
        What is copied; finished members count once the whole sweep is there.
    url
        A folder, or a URL such as ``s3://bucket/prefix``.
    on_file
        Is told of every folder.

    Raises
    ------
    StoreError
        If either store fails; call again to go on.
    """
    source, target = ensemble.store, EnsembleStore(url)
    digests = sorted({f for p in ensemble.plan.points for f in p.floods if f})
    for city in sorted({point.city for point in ensemble.plan.points}):
        if not target.exists(f"cities/{city}/city.yaml"):
            on_file(f"cities/{city}")
            target.send(source.folder(f"cities/{city}"), f"cities/{city}", last="city.yaml")
    for digest in digests:
        if source.has_flood(digest) and not target.has_flood(digest):
            on_file(f"floods/{digest}")
            target.send(source.folder(f"floods/{digest}"), f"floods/{digest}")
    folder = f"sweeps/{ensemble.id}"
    on_file(folder)
    for part in ("points", "members", "failed"):
        for name in source.names(f"{folder}/{part}"):
            target.write(f"{folder}/{part}/{name}", source.read(f"{folder}/{part}/{name}"))
    for name in ("sweep.yaml", "base.yaml", "table.parquet", "summary.json", "plan.json"):
        with suppress(FileNotFoundError):
            target.write(f"{folder}/{name}", source.read(f"{folder}/{name}"))
    return target


def delete_sweep(ensemble: Ensemble) -> None:
    """
    Delete a sweep, and the floods that no other sweep of the store uses.

    Raises
    ------
    StoreError
        If it is being computed.
    """
    store = ensemble.store
    lock = store.lock(f"sweeps/{ensemble.id}/lock")
    try:
        others = [
            PlanRecord.read(store, name)
            for name in store.names("sweeps")
            if name != ensemble.id and store.exists(f"sweeps/{name}/plan.json")
        ]
        used = {flood for plan in others for point in plan.points for flood in point.floods}
        # The plan goes first: without it there is no sweep any more.
        store.remove(f"sweeps/{ensemble.id}/plan.json")
        for digest in ensemble.plan.floods:
            if digest not in used:
                store.remove(f"floods/{digest}")
                store.remove(f"flood-work/{digest}")
        store.remove(f"sweeps/{ensemble.id}")
    finally:
        if lock is not None:
            lock.release()
