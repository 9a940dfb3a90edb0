"""Read a finished run: grids as xarray, tables as pandas, figures as a dict."""

from __future__ import annotations

import json
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

import twin.results.accessor  # noqa: F401 - registers ds.twin
from models.errors import StoreError
from twin.city.city import open_city
from twin.results.incidents import incident_table
from twin.store.layout import CHECKSUMS, MANIFEST, SUMMARY, Layout
from twin.store.store import RunStore

if TYPE_CHECKING:
    from twin.analysis.exposure import Exposure
    from twin.analysis.reach import Reach
    from twin.city.city import City

__all__ = ["DEFAULT_STORE", "Run", "open_run", "open_store", "store_folder"]

DEFAULT_STORE = Path("runs")


def store_folder(store: str | Path | None = None) -> Path:
    """Return the folder of the store: as given, or ``TWIN_STORE``, or ``runs``."""
    named = store or os.environ.get("TWIN_STORE")
    return Path(named) if named else DEFAULT_STORE


def open_run(run: str | Path, *, store: str | Path | None = None) -> Run:
    """
    Open a finished run.

    Parameters
    ----------
    run
        Its name, the beginning of its name, ``latest``, or its folder.
    store
        Folder of the store; by default ``TWIN_STORE`` or ``runs``.

    Raises
    ------
    StoreError
        If there is no such run, or it is not finished.
    """
    path = Path(run)
    folder = path if (path / MANIFEST).is_file() else open_store(store).find(str(run)).folder
    if not (folder / CHECKSUMS).is_file() or folder.parent.name == "partial":
        raise StoreError(
            "the run is not finished",
            where=str(folder),
            remedy=f"Take it up with `twin resume {folder.name}`.",
        )
    _require_whole(folder)
    return Run(folder)


def open_store(store: str | Path | None = None) -> RunStore:
    """
    Open a store that is there already; where it is, says :func:`store_folder`.

    Raises
    ------
    StoreError
        If there is none, or it cannot be used.
    """
    root = store_folder(store)
    if not root.is_dir():
        raise StoreError(
            "there is no store of runs here",
            where=str(root),
            remedy="Name its folder with --store, or make a run with `twin run`.",
        )
    return RunStore(root)


def _require_whole(folder: Path) -> None:
    """Refuse a run of which a file is gone or cut: what is left of it would mislead."""
    listing = folder / CHECKSUMS
    try:
        sizes = {name: int(size) for name, (size, _) in json.loads(listing.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise _damaged(listing, "cannot be read") from error
    for name, size in sizes.items():
        try:
            found = (folder / name).stat().st_size
        except OSError as error:
            raise _damaged(folder / name, "is missing") from error
        if found != size:
            raise _damaged(folder / name, "was altered")


def _damaged(path: Path, how: str) -> StoreError:
    return StoreError(
        f"a file of the run {how}",
        where=str(path),
        remedy="Look for what else is damaged with `twin verify`, and run the scenario again.",
    )


class Run:
    """
    A finished run; everything is read when it is first asked for.

    Parameters
    ----------
    folder
        The run's folder, with ``manifest.json``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __repr__(self) -> str:
        """Return the run's name."""
        return f"Run({self.id!r})"

    @property
    def id(self) -> str:
        """The run's name."""
        return self.folder.name

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What was computed: scenario, city, versions, seeds, machine."""
        return self._document(MANIFEST)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What ``twin run --json`` printed."""
        return self._document(SUMMARY)

    @cached_property
    def kpis(self) -> dict[str, Any]:
        """The key figures; see ``KPI_DEFINITIONS``."""
        return self._document("kpis.json") if (self.folder / "kpis.json").is_file() else {}

    @property
    def digest(self) -> str:
        """SHA-256 of the results."""
        return str(self.summary["digest"])

    @cached_property
    def scenario(self) -> dict[str, Any]:
        """The scenario document as it was run."""
        import yaml  # noqa: PLC0415 - few readers need it

        text = self.scenario_text
        return dict(yaml.safe_load(text)) if text else {}

    @property
    def scenario_text(self) -> str:
        """The scenario document as text; empty where the run kept none."""
        path = self.folder / "scenario.yaml"
        return path.read_text("utf-8") if path.is_file() else ""

    @cached_property
    def flood(self) -> xr.Dataset:
        """
        Depth over time, maxima and ground, dimensions (time, y, x), times in UTC.

        Raises
        ------
        StoreError
            If the run had no flood.
        """
        return self._dataset("flood.zarr", "has no flood: its city or scenario has no terrain")

    @cached_property
    def roads(self) -> xr.Dataset:
        """
        States of the directed edges, dimensions (time, edge), times in UTC.

        Raises
        ------
        StoreError
            If the run had no roads.
        """
        return self._dataset("roads.zarr", "has no roads: its city has none")

    @property
    def has_flood(self) -> bool:
        """Whether the run computed a flood."""
        return (self.folder / "flood.zarr").is_dir()

    @property
    def has_roads(self) -> bool:
        """Whether the run recorded road states."""
        return (self.folder / "roads.zarr").is_dir()

    @cached_property
    def events(self) -> pd.DataFrame:
        """The event log, one row an event; ``detail`` is JSON text, see ``parse_detail``."""
        return self._table("events.parquet")

    @cached_property
    def incidents(self) -> pd.DataFrame:
        """One row per incident and service, with the response time; see ``incident_table``."""
        return incident_table(self.events) if len(self.events) else pd.DataFrame()

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """The volume ledger over time, m³."""
        return self._table("ledger.parquet")

    @cached_property
    def gauges(self) -> pd.DataFrame:
        """Depth and level at the gauges over time, m."""
        return self.series("gauges")

    @property
    def structures(self) -> pd.DataFrame:
        """Levels, m, state and discharge, m³/s, of every structure over time, one row each."""
        return self.series("structures")

    def series(self, name: str) -> pd.DataFrame:
        """Return a time series of the run; empty where it has none of that name."""
        return self._table(f"series/{name}.parquet")

    @property
    def commands(self) -> list[dict[str, Any]]:
        """Everything that was ordered, in the order in which it was."""
        path = self.folder / "commands.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        return [json.loads(line) for line in lines if line]

    @cached_property
    def city(self) -> City:
        """
        The city as it was when the run was made.

        Raises
        ------
        CityError
            If the store does not hold it.
        """
        city = self.manifest.get("city", {})
        digest = str(city.get("digest", "")) if isinstance(city, dict) else ""
        return open_city(Layout(self.folder.parent.parent).cities / digest)

    @property
    def start(self) -> pd.Timestamp:
        """The moment of second 0, with the time zone of the scenario."""
        scenario = self.manifest.get("scenario")
        given = scenario.get("start") if isinstance(scenario, dict) else None
        if given is None and self.has_flood:
            given = self.flood.attrs.get("start")
        if given is None:
            raise StoreError("the manifest does not say when the run starts", where=str(self))
        return pd.Timestamp(str(given))

    @property
    def provenance(self) -> dict[str, dict[str, str]]:
        """Where each layer of the city came from, and whether it was measured."""
        return dict(self.manifest.get("provenance", {}))

    @property
    def assumed(self) -> dict[str, str]:
        """Layers of the city that are assumed rather than measured, with what is said of them."""
        return {
            name: entry.get("source", "")
            for name, entry in self.provenance.items()
            if entry.get("basis") == "assumed"
        }

    def reach(self, **options: Any) -> Reach:  # noqa: ANN401 - those of reach_of_run
        """Return who is near a hospital or station, dry and in water; see ``reach_of_run``."""
        from twin.analysis.reach import reach_of_run  # noqa: PLC0415 - few readers need it

        return reach_of_run(self, **options)

    def exposure(self, **options: Any) -> Exposure:  # noqa: ANN401 - those of exposure_of_run
        """Return who and what stood in the water, and the loss; see ``exposure_of_run``."""
        from twin.analysis.exposure import exposure_of_run  # noqa: PLC0415 - as in reach

        return exposure_of_run(self, **options)

    def frame_at(self, time_s: float) -> xr.DataArray:
        """
        Return the recorded depth, m, nearest to a time.

        Raises
        ------
        StoreError
            If the time lies outside the run.
        """
        elapsed = np.asarray(self.flood["elapsed_s"].values)
        if not elapsed[0] <= time_s <= elapsed[-1]:
            raise StoreError(
                "the time lies outside the run",
                where=str(self.folder),
                value=time_s,
                remedy=f"Choose from {elapsed[0]:g} to {elapsed[-1]:g} s after the start.",
            )
        return self.flood["depth"].isel(time=int(np.abs(elapsed - time_s).argmin()))

    def _document(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        try:
            return dict(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError) as error:
            raise StoreError(
                "a file of the run cannot be read",
                where=str(path),
                remedy="Check the store with `twin verify`.",
            ) from error

    def _table(self, name: str) -> pd.DataFrame:
        path = self.folder / name
        return pd.read_parquet(path) if path.is_file() else pd.DataFrame()

    def _dataset(self, name: str, missing: str) -> xr.Dataset:
        path = self.folder / name
        if not path.is_dir():
            raise StoreError(f"the run {missing}", where=str(self.folder))
        found: xr.Dataset = xr.open_zarr(
            path, consolidated=False, chunks=None, decode_timedelta=False
        )
        return found.set_coords([c for c in ("spatial_ref", "elapsed_s") if c in found])
