"""What is known of one place, and of a line between two."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dash_app.results.opened import OpenRun
    from dash_app.results.prepared import Preparer

__all__ = ["place_of", "profile_of"]

#: Most samples along a profile.
MOST_SAMPLES = 600


def place_of(opened: OpenRun, preparer: Preparer, lon: float, lat: float) -> dict[str, Any]:
    """
    Return ground, depths, m, and levels, m above the city's datum, at every frame at a place.

    ``inside`` is false, and the rest left out, where no water was computed there.
    """
    _require_degrees(lon, lat)
    found: dict[str, Any] = {"lon": lon, "lat": lat, "inside": False}
    cell = opened.cell(lon, lat)
    if cell is None:
        return found
    row, column = cell
    ground = _one(opened, "ground_level", row, column)
    if ground is None:
        return found
    depth = preparer.depth_at(opened, row, column).astype(np.float64)
    level = np.where(depth > 0.0, ground + depth, np.nan)
    return {
        **found,
        "inside": True,
        "row": row,
        "column": column,
        "cell_size_m": opened.grid.cell_size_m if opened.grid is not None else None,
        "ground_m": ground,
        "water": int(_one(opened, "water", row, column) or 0),
        "times_s": opened.frame_times_s.tolist(),
        "depth_m": _plain(depth),
        "level_m": _plain(level),
        "max_depth_m": _one(opened, "max_depth", row, column),
        "time_of_max_s": _one(opened, "time_of_max", row, column),
        "arrival_s": _one(opened, "arrival_time", row, column),
        "duration_s": _one(opened, "duration", row, column),
        "max_speed_m_s": _one(opened, "max_speed", row, column),
        "hazard_class": _one(opened, "hazard_class", row, column),
        "aidr_class": _one(opened, "aidr_class", row, column),
        "assumed_ground": "terrain/ground_level" in opened.run.assumed,
    }


def profile_of(
    opened: OpenRun, start: tuple[float, float], end: tuple[float, float], time_s: float | None
) -> dict[str, Any]:
    """
    Return ground and water levels, m, along a straight line between two places.

    Parameters
    ----------
    opened
        A run with a flood.
    start, end
        Longitude and latitude, degrees.
    time_s
        The frame nearest to it gives the level; None gives the largest depth alone.

    Raises
    ------
    StoreError
        If the run has no flood.
    InvalidInputError
        If a place is not one on Earth, or both are the same.
    """
    for lon, lat in (start, end):
        _require_degrees(lon, lat)
    x0, y0 = opened.metres(*start)
    x1, y1 = opened.metres(*end)
    length = math.hypot(x1 - x0, y1 - y0)
    ground_level = opened.array("ground_level")
    grid = opened.grid
    if grid is None or not length > 0.0:
        raise InvalidInputError(
            "a profile needs two places", where="profile", remedy="Choose another second place."
        )
    count = int(min(MOST_SAMPLES, max(2, round(length / grid.cell_size_m * 2))))
    share = np.linspace(0.0, 1.0, count)
    row, column, inside = grid.locate(x0 + share * (x1 - x0), y0 + share * (y1 - y0))
    row, column = np.clip(row, 0, grid.rows - 1), np.clip(column, 0, grid.columns - 1)
    window = (
        slice(int(row.min()), int(row.max()) + 1),
        slice(int(column.min()), int(column.max()) + 1),
    )
    at = (row - row.min(), column - column.min())

    def along(values: Any) -> NDArray[np.float64]:  # noqa: ANN401 - what zarr returns
        found = np.asarray(values, np.float64)[at]
        found[~inside] = np.nan
        return np.asarray(found)

    ground = along(ground_level[window])
    largest = along(opened.array("max_depth")[window])
    shown: dict[str, Any] = {}
    if time_s is not None:
        frame = int(np.abs(opened.frame_times_s - time_s).argmin())
        depth = along(opened.array("depth")[(frame, *window)])
        shown = {
            "time_s": float(opened.frame_times_s[frame]),
            "level_m": _plain(np.where(depth > 0.0, ground + depth, np.nan)),
        }
    return {
        "length_m": length,
        "distance_m": _plain(share * length),
        "ground_m": _plain(ground),
        "max_level_m": _plain(np.where(largest > 0.0, ground + largest, np.nan)),
        **shown,
    }


def _require_degrees(lon: float, lat: float) -> None:
    if not (-180.0 <= lon <= 180.0 and -90.0 < lat < 90.0):
        raise InvalidInputError(
            "this is not a place on Earth",
            where="lon, lat",
            value=(lon, lat),
            remedy="Give degrees, WGS84.",
        )


def _one(opened: OpenRun, name: str, row: int, column: int) -> float | None:
    if not opened.has(name):
        return None
    value = float(np.asarray(opened.array(name)[row, column]))
    return value if math.isfinite(value) else None


def _plain(values: NDArray[np.float64]) -> list[float | None]:
    return [round(v, 4) if math.isfinite(v) else None for v in values.tolist()]
