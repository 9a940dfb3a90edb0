"""What each street and bridge is worth to the reach of a city: what is lost when it closes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.reach import close_each

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from twin.analysis.streets import State, Streets

__all__ = ["bridge_numbers", "critical_streets"]

#: Carriageways of one name within this distance are one bridge, m.
_ONE_BRIDGE_M: Final = 40.0


def critical_streets(
    streets: Streets,
    state: State,
    places: NDArray[np.int64],
    *,
    direction: str,
    minutes: Sequence[float],
) -> pd.DataFrame:
    """
    Close each street between two junctions, and each bridge as a whole, one after the other.

    Parameters
    ----------
    streets, state
        The network, and its travel times.
    places
        Nodes of the facilities.
    direction, minutes
        As for the reach.

    Returns
    -------
    DataFrame
        One row per street or bridge whose closure changes anything, the gravest first: ``what``
        (street or bridge), ``name``, ``segments``, ``cut_off`` persons, ``lost_<m>_min`` persons
        who fall out of a limit, ``delay_person_min``: added minutes times persons who are still
        reached, and ``mean_delay_min``: that over all who were reached before.
    """
    graph, roads = streets.graph, streets.city.layer("roads")
    segments = np.asarray(roads["segment_id"])
    by_segment = _edges_of(graph.segment, len(roads))
    bridge = bridge_numbers(roads)
    members: list[NDArray[np.int64]] = [np.array([row]) for row in np.flatnonzero(bridge < 0)]
    members += [np.flatnonzero(bridge == number) for number in range(bridge.max(initial=-1) + 1)]
    groups = [np.concatenate([by_segment[row] for row in rows]) for rows in members]
    nearest = streets.nearest(state, places, direction)
    found = close_each(
        streets.network(direction),
        state.seconds,
        nearest,
        groups=groups,
        demand=streets.demand,
        limits_s=[60.0 * limit for limit in minutes],
    )
    reached = float(streets.demand[np.isfinite(nearest.seconds)].sum())
    matters = np.flatnonzero((found.cut > 0.0) | (found.delay > 1e-9) | found.lost.any(axis=1))
    names = roads["name"].fillna("").astype(str).to_numpy()
    rows: list[dict[str, Any]] = []
    for group in matters:
        on = members[group]
        row: dict[str, Any] = {
            "what": "bridge" if bridge[on[0]] >= 0 else "street",
            "name": next((str(names[k]) for k in on if names[k]), ""),
            "segments": [int(value) for value in segments[on]],
            "cut_off": float(found.cut[group]),
        }
        for column, limit in enumerate(minutes):
            row[f"lost_{limit:g}_min"] = float(found.lost[group, column])
        row["delay_person_min"] = float(found.delay[group]) / 60.0
        row["mean_delay_min"] = row["delay_person_min"] / reached if reached > 0.0 else np.nan
        rows.append(row)
    columns = ["what", "name", "segments", "cut_off"]
    columns += [f"lost_{limit:g}_min" for limit in minutes]
    columns += ["delay_person_min", "mean_delay_min"]
    table = pd.DataFrame(rows, columns=columns)
    order = ["cut_off", "delay_person_min"]
    return table.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def bridge_numbers(roads: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """
    Return the number of the bridge that each street is part of, -1 for none, shape (n_streets,).

    Parts within 40 m of each other that bear one name, or none, are one bridge: both carriageways
    and all spans of it.
    """
    on_bridge = roads["is_bridge"].fillna(value=False).astype(bool).to_numpy()
    rows = np.flatnonzero(on_bridge)
    number = np.full(len(roads), -1, np.int64)
    if not rows.size:
        return number
    lines = roads.geometry.to_numpy()[rows]
    names = roads["name"].fillna("").astype(str).to_numpy()[rows]
    one, other = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=_ONE_BRIDGE_M)
    same = names[one] == names[other]
    one, other = one[same], other[same]
    matrix = coo_array((np.ones(one.size), (one, other)), shape=(rows.size, rows.size))
    _, part = connected_components(matrix.tocsr(), directed=False)
    number[rows] = part
    return number


def _edges_of(segment: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """Return the edges of every row of the roads."""
    order = np.argsort(segment, kind="stable")
    cuts = np.searchsorted(segment[order], np.arange(1, count))
    return np.split(order, cuts)
