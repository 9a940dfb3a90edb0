"""Streets for the map, and what a class of vehicle finds on them over time."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from models.errors import StoreError

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from dash_app.results.opened import OpenRun

__all__ = ["STATES", "WET_M", "street_states", "streets_of"]

#: Codes of the states; a street takes the worse of its two directions.
STATES = ("dry", "wet", "too_deep", "closed")
#: Depth from which a street that can be driven counts as wet, m.
WET_M = 0.05
#: States that are sent at most; beyond, only every n-th moment is.
MOST_STATES = 24_000_000
_AT_ONCE = 60  # recorded times


def streets_of(opened: OpenRun) -> dict[str, Any]:
    """Return the lines of all streets, degrees, their names, and the times of the states, s."""
    roads = opened.run.city.layer("roads")
    lines = np.asarray(roads.geometry.values)
    xy, row = shapely.get_coordinates(lines, return_index=True)
    first = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=lines.size))])
    lon, lat = opened.degrees(xy[:, 0], xy[:, 1])
    return {
        "first": first.tolist(),
        "lon": np.round(lon, 6).tolist(),
        "lat": np.round(lat, 6).tolist(),
        "name": roads["name"].fillna("").astype(str).tolist(),
        "segment_id": roads["segment_id"].tolist(),
        "times": _times(opened)[1].tolist(),
        "states": list(STATES),
    }


def street_states(opened: OpenRun, vehicle: str) -> bytes:
    """
    Return the state of every street at every time, one byte each, compressed (zlib).

    Raises
    ------
    StoreError
        If the run did not record that class of vehicle.
    """
    if vehicle not in opened.vehicles:
        raise StoreError(
            "there is no such class of vehicle in the run",
            where=opened.run.id,
            value=vehicle,
            remedy=f"Choose from {', '.join(opened.vehicles) or 'none'}.",
        )
    roads = opened.run.roads
    bit = np.uint32(1 << opened.vehicles.index(vehicle))
    segment = roads["segment"].to_numpy().astype(np.int64)
    order = np.argsort(segment, kind="stable")
    starts = np.flatnonzero(np.diff(segment[order], prepend=-1))
    present = segment[order][starts]
    count = len(opened.run.city.layer("roads"))
    packer = zlib.compressobj(1)
    parts = []
    which = _times(opened)[0]
    for begin in range(0, which.size, _AT_ONCE):
        chosen = which[begin : begin + _AT_ONCE]
        edges = _edge_states(roads, chosen, bit)
        states = np.zeros((chosen.size, count), np.uint8)
        if starts.size:
            states[:, present] = np.maximum.reduceat(edges[:, order], starts, axis=1)
        parts.append(packer.compress(states.tobytes()))
    return b"".join([*parts, packer.flush()])


def _edge_states(roads: xr.Dataset, which: NDArray[np.int64], bit: np.uint32) -> NDArray[np.uint8]:
    """Return the states of all edges at some recorded times, shape (n_times, n_edges)."""
    first = int(which[0])
    block = roads.isel(time=slice(first, int(which[-1]) + 1))
    at = which - first
    wet: NDArray[np.bool_] = np.nan_to_num(block["depth"].to_numpy()[at]) >= WET_M
    states = wet.astype(np.uint8)
    states[(block["impassable"].to_numpy()[at] & bit) != 0] = 2
    states[block["closed"].to_numpy()[at] != 0] = 3
    return states


def _times(opened: OpenRun) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return which recorded times are sent, and their seconds."""
    if not opened.run.has_roads:
        return np.zeros(0, np.int64), np.zeros(0)
    elapsed = np.asarray(opened.run.roads["elapsed_s"].to_numpy(), np.float64)
    count = max(1, len(opened.run.city.layer("roads")))
    stride = max(1, -(-elapsed.size * count // MOST_STATES))
    which = np.arange(0, elapsed.size, stride)
    if elapsed.size and which[-1] != elapsed.size - 1:
        which = np.append(which, elapsed.size - 1)
    return which, elapsed[which]
