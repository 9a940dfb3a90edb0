"""What maps and charts are drawn from: land, flooded area over time, hours of closure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.errors import InvalidInputError, StoreError
from twin.store.grids import DURATION_OVER

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from twin.results.open import Run

__all__ = [
    "Closures",
    "closures",
    "dry_land",
    "dry_land_of",
    "durations_over",
    "flooded_area_m2",
    "flooded_area_of",
    "peak_frame",
    "seconds_after",
    "seconds_of",
    "vehicle_classes",
]


def dry_land(run: Run, *, dry_below_m: float = 0.01) -> NDArray[np.bool_]:
    """Return the cells, shape (ny, nx), that are land on the map and were dry at the start."""
    return dry_land_of(run.flood, dry_below_m=dry_below_m)


def dry_land_of(flood: xr.Dataset, *, dry_below_m: float = 0.01) -> NDArray[np.bool_]:
    """Return what :func:`dry_land` does, of the dataset of a flood."""
    land: NDArray[np.bool_] = np.isfinite(flood["ground_level"].to_numpy())
    if "water" in flood:
        land &= flood["water"].to_numpy() == 0
    if "initial_depth" in flood:
        initial = flood["initial_depth"].to_numpy()
    else:
        initial = flood["depth"].isel(time=0).to_numpy()
    land &= ~(initial >= dry_below_m)
    return land


def flooded_area_m2(run: Run, depth_m: float = 0.1) -> NDArray[np.float64]:
    """Return the flooded area of land inside the boundary, m², at every frame."""
    return flooded_area_of(run.flood, depth_m)


def flooded_area_of(flood: xr.Dataset, depth_m: float) -> NDArray[np.float64]:
    """Return what :func:`flooded_area_m2` does, of the dataset of a flood."""
    land = dry_land_of(flood)
    if "inside" in flood:
        land &= flood["inside"].to_numpy() != 0
    cell_m = float(flood.attrs["cell_size_m"])
    counts = [
        np.count_nonzero(flood["depth"].isel(time=frame).to_numpy()[land] >= depth_m)
        for frame in range(flood.sizes["time"])
    ]
    return np.asarray(counts, np.float64) * cell_m**2


def durations_over(run: Run) -> list[str]:
    """Return the names of the fields of durations over depths, the shallowest first."""
    found = [str(name) for name in run.flood.data_vars if str(name).startswith(DURATION_OVER)]
    return sorted(found, key=lambda name: float(name.removeprefix(DURATION_OVER).rstrip("m")))


def peak_frame(run: Run) -> int:
    """Return the number of the frame with the largest flooded area; the first of equals."""
    return int(flooded_area_m2(run).argmax())


def vehicle_classes(run: Run) -> list[str]:
    """Return the names of the vehicle classes whose passability was recorded."""
    return [str(name) for name in run.roads.attrs.get("vehicle_classes", [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closures:
    """
    When the directed edges could not be driven by one class of vehicle.

    Parameters
    ----------
    vehicle
        Name of the class.
    hours
        Time closed, h, shape (n_edges,).
    first_closed_s, reopened_s
        Start of the first closure and end of the last, s, NaN where never; reopened is NaN too
        where the edge is still closed at the end.
    edge_count
        Number of closed edges at every time, shape (n_times,).
    """

    vehicle: str
    hours: NDArray[np.float64]
    first_closed_s: NDArray[np.float64]
    reopened_s: NDArray[np.float64]
    edge_count: NDArray[np.int64]


def closures(run: Run, vehicle: str) -> Closures:
    """
    Return when edges could not be driven by the class *vehicle*.

    A recorded state holds until the next one; the last holds for the interval before it.

    Raises
    ------
    StoreError
        If the run did not record that class.
    """
    names = vehicle_classes(run)
    if vehicle not in names:
        raise StoreError(
            "the run did not record this class of vehicle",
            where=str(run.folder),
            value=vehicle,
            remedy=f"Choose from {', '.join(names) or 'none'}.",
        )
    bit = np.uint32(1) << np.uint32(names.index(vehicle))
    roads = run.roads
    elapsed = np.asarray(roads["elapsed_s"].to_numpy(), np.float64)
    steps = np.diff(elapsed, append=elapsed[-1] + (np.diff(elapsed)[-1] if elapsed.size > 1 else 0))
    n_times, n_edges = roads["impassable"].shape
    seconds, first, reopened = np.zeros(n_edges), np.full(n_edges, np.nan), np.full(n_edges, np.nan)
    count = np.zeros(n_times, np.int64)
    before = np.zeros(n_edges, np.bool_)
    for start in range(0, n_times, 60):
        block = roads["impassable"].isel(time=slice(start, start + 60)).to_numpy()
        for row, states in enumerate(block, start):
            shut: NDArray[Any] = (states & bit) != 0
            seconds[shut] += steps[row]
            first[shut & np.isnan(first)] = elapsed[row]
            reopened[before & ~shut] = elapsed[row]
            count[row] = np.count_nonzero(shut)
            before = shut
    reopened[before] = np.nan
    return Closures(
        vehicle=vehicle,
        hours=seconds / 3600.0,
        first_closed_s=first,
        reopened_s=reopened,
        edge_count=count,
    )


def seconds_of(run: Run, moment: str) -> float:
    """
    Return the seconds since the start of a time given as seconds, as local time, or in full.

    Raises
    ------
    InvalidInputError
        If it is none of them.
    """
    return seconds_after(run.start, moment)


def seconds_after(start: pd.Timestamp, moment: str, *, where: str = "--at") -> float:
    """Return the seconds from *start*, which has a time zone; see :func:`seconds_of`."""
    try:
        if re.fullmatch(r"\d+(\.\d+)?", moment):
            return float(moment)
        if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", moment):
            hours, minutes, *rest = (int(part) for part in moment.split(":"))
            clock = pd.Timedelta(hours=hours, minutes=minutes, seconds=sum(rest))
            found = start.normalize() + clock
            return ((found - start) % pd.Timedelta(days=1)).total_seconds()
        full = pd.Timestamp(moment)
    except ValueError as error:
        raise InvalidInputError(
            "this is not a time",
            where=where,
            value=moment,
            remedy="Write 17:30, 2025-10-22T17:30, or seconds since the start.",
        ) from error
    zoned = full.tz_localize(start.tzinfo) if full.tzinfo is None else full
    return (zoned - start).total_seconds()
