"""The cells of streets near a place, and how deep they are over time in a run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
import xarray as xr

from twin.evaluation.extents import grid_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.results.open import Run

__all__ = ["StreetCells"]


@dataclass(frozen=True)
class StreetCells:
    """
    Cells of land that streets cross, without bridges and tunnels; all land where none are.

    Parameters
    ----------
    run
        A run with a flood.
    """

    run: Run

    @cached_property
    def flat(self) -> NDArray[np.int64]:
        """Flat indices of the cells, rising."""
        flood = self.run.flood
        land = np.isfinite(flood["ground_level"].to_numpy())
        if "water" in flood:
            land &= flood["water"].to_numpy() == 0
        roads = self.run.city.layer("roads")
        if not len(roads):
            return np.flatnonzero(land)
        cells = np.unique(self._crossed[0])
        return cells[land.ravel()[cells]]

    @cached_property
    def _crossed(self) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
        """Return cells that streets cross, flat, and the name of the street, point by point."""
        grid = grid_of(self.run)
        roads = self.run.city.layer("roads")
        ground = roads[~(roads["is_bridge"].astype(bool) | roads["is_tunnel"].astype(bool))]
        lines = shapely.segmentize(ground.geometry.to_numpy(), grid.cell_size_m / 4.0)
        points, line = shapely.get_coordinates(lines, return_index=True)
        column = np.floor((points[:, 0] - grid.west_m) / grid.cell_size_m).astype(np.int64)
        row = np.floor((grid.north_m - points[:, 1]) / grid.cell_size_m).astype(np.int64)
        inside = (row >= 0) & (row < grid.rows) & (column >= 0) & (column < grid.columns)
        names = ground["name"].fillna("").astype(str).to_numpy(object)[line]
        return row[inside] * grid.columns + column[inside], names[inside]

    @cached_property
    def by_name(self) -> dict[str, NDArray[np.int64]]:
        """Places among the cells of every street that has a name, inside the boundary."""
        crossed, names = self._crossed
        pairs = pd.DataFrame({"cell": crossed, "name": names}).drop_duplicates()
        pairs = pairs[(pairs["name"] != "") & np.isin(pairs["cell"], self.flat)]
        place = np.searchsorted(self.flat, pairs["cell"].to_numpy(np.int64))
        pairs = pairs.assign(place=place)[self.inside[place]]
        return {
            str(name): np.sort(group["place"].to_numpy(np.int64))
            for name, group in pairs.groupby("name", sort=True)
        }

    @cached_property
    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Eastings and northings of the cells, m."""
        grid = grid_of(self.run)
        row, column = np.divmod(self.flat, grid.columns)
        x = grid.west_m + (column + 0.5) * grid.cell_size_m
        return x, grid.north_m - (row + 0.5) * grid.cell_size_m

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Which of the cells lie inside the boundary of the city."""
        if "inside" not in self.run.flood:
            return np.ones(self.flat.size, np.bool_)
        found: NDArray[np.bool_] = self.run.flood["inside"].to_numpy().ravel()[self.flat] != 0
        return found

    def near(self, x_m: float, y_m: float, radius_m: float) -> NDArray[np.int64]:
        """Return places among the cells within a distance, the nearest first."""
        x, y = self.centres
        distance = np.hypot(x - x_m, y - y_m)
        chosen = np.flatnonzero(distance <= radius_m)
        return chosen[np.argsort(distance[chosen], kind="stable")]

    def xy(self, place: int) -> tuple[float, float]:
        """Return the centre of one of the cells, m."""
        x, y = self.centres
        return float(x[place]), float(y[place])

    @cached_property
    def depth_m(self) -> NDArray[np.float32]:
        """Depth of every cell at every frame, m, shape (n_frames, n_cells)."""
        grid = grid_of(self.run)
        row, column = np.divmod(self.flat, grid.columns)
        picked = self.run.flood["depth"].isel(
            y=xr.DataArray(row, dims="cell"), x=xr.DataArray(column, dims="cell")
        )
        return np.asarray(picked.transpose("time", "cell").to_numpy(), np.float32)

    @cached_property
    def time_s(self) -> NDArray[np.float64]:
        """Times of the frames, s after the start."""
        return self.run.flood["elapsed_s"].to_numpy().astype(np.float64)
