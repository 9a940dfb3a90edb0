"""Boundaries at run time: levels of zones, discharges of a window, and what is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.flood.outlets import (
    RatingCurve,
    conveyance,
    filled_conveyance,
    normal_discharge,
    relaxed,
)
from twin.language import note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from models.flood import FloodDomain, Forcing
    from models.flood.boundaries import LevelSeries
    from twin.engine.flooding import Source
    from twin.language import Note

    type F8 = NDArray[np.float64]

__all__ = ["Boundaries", "Outlet", "Zone"]

#: Depth from which a cell of a boundary counts as wet, m.
_WET_M = 0.01
#: Shortest window while water leaves by a law of its level, s.
_SHORTEST_S = 0.2
#: Share of the time in which a wave crosses a cell that such a window lasts.
_CROSSING = 0.5
#: Gravity, m/s².
_G = 9.81


@dataclass(kw_only=True)
class Outlet:
    """
    A boundary that exchanges a discharge with its cells.

    Parameters
    ----------
    name, kind
        As in the scenario.
    cells
        Flat positions of its cells, shape (k,).
    bed_m, manning
        Of these cells.
    source
        What enters over time, of a discharge.
    curve
        Discharge by level, of a rating curve.
    slope
        Of normal depth; 0 otherwise.
    """

    name: str
    kind: str
    cells: NDArray[np.int64]
    bed_m: F8
    manning: F8
    source: Source | None = None
    curve: RatingCurve | None = None
    slope: float = 0.0
    left_m3_s: F8 = field(init=False)
    volume_m3: float = field(default=0.0, init=False)
    noted_m3: float = field(default=0.0, init=False)
    highest_m: float = field(default=-np.inf, init=False)

    def __post_init__(self) -> None:
        self.left_m3_s = np.zeros(self.cells.size)

    @property
    def follows_level(self) -> bool:
        """Whether what leaves depends on the level."""
        return self.source is None

    def level_m(self, depth_m: F8) -> float:
        """Return the level that the cells stand at, weighted by what they convey, m."""
        weight = conveyance(depth_m, self.manning, _WET_M)
        if not weight.any():
            return float(self.bed_m.min())
        return float(weight @ (self.bed_m + depth_m))

    def window_s(self, depth_m: F8, cell_m: float) -> float:
        """Return how long a window may be for what leaves to follow the level, s."""
        crossing_s = cell_m / np.sqrt(_G * max(float(depth_m.max()), _WET_M))
        if self.curve is None:
            return float(_CROSSING * crossing_s)
        area_m2 = max(int((depth_m > _WET_M).sum()), 1) * cell_m**2
        slope_m2_s = self.curve.slope_m2_s(self.level_m(depth_m))
        emptying_s = area_m2 / slope_m2_s if slope_m2_s > 0.0 else np.inf
        return float(min(_CROSSING * crossing_s, emptying_s))

    def inflow_m3_s(self, depth_m: F8, cell_m: float, start_s: float, end_s: float) -> F8:
        """Return the discharge into each cell in a window, negative where water leaves, m³/s."""
        if self.source is not None:
            share = filled_conveyance(self.bed_m, depth_m, self.manning, _WET_M)
            return self.source.mean_m3_s(start_s, end_s) * share
        lapse_s = end_s - start_s
        if self.curve is None:
            wanted = normal_discharge(depth_m, self.manning, self.slope, cell_m, _G)
            growth = 5.0 / 3.0 * wanted / np.maximum(depth_m, 1e-3)
            return -relaxed(self.left_m3_s, wanted, growth, cell_m**2, lapse_s)
        level_m = self.level_m(depth_m)
        self.highest_m = max(self.highest_m, level_m)
        wet = max(int((depth_m > _WET_M).sum()), 1)
        total = relaxed(
            np.asarray(self.left_m3_s.sum()),
            np.asarray(self.curve.discharge_m3_s(level_m)),
            np.asarray(self.curve.slope_m2_s(level_m)),
            wet * cell_m**2,
            lapse_s,
        )
        # Under one level: shares that followed the depth of each cell would feed waves across.
        under_m = np.where(depth_m > 0.0, level_m - self.bed_m, 0.0)
        return -float(total) * conveyance(under_m, self.manning, 0.0)

    def settle(self, moved_m3: F8, lapse_s: float) -> None:
        """Hear what really passed in a window, m³ into each cell."""
        self.left_m3_s = np.maximum(-moved_m3, 0.0) / lapse_s
        self.volume_m3 += float(moved_m3.sum())


@dataclass(frozen=True, kw_only=True)
class Zone:
    """
    A boundary of which only the level is recorded: prescribed, free or closed.

    Parameters
    ----------
    name, kind
        As in the scenario.
    cells
        Flat positions of its cells, shape (k,).
    series
        The level that is prescribed, in zones that do not follow the tide; None otherwise.
    """

    name: str
    kind: str
    cells: NDArray[np.int64]
    series: LevelSeries | None = None


class Boundaries:
    """
    The boundaries of a run.

    Parameters
    ----------
    domain
        The ground.
    outlets
        What exchanges discharges, in the order of the scenario.
    zones
        What does not.
    """

    def __init__(
        self, domain: FloodDomain, outlets: Sequence[Outlet], zones: Sequence[Zone]
    ) -> None:
        self.outlets, self.zones = tuple(outlets), tuple(zones)
        self._bed_m = domain.bed_m.ravel()
        self._cell_m = domain.grid.cell_size_m
        self._rows: list[tuple[float, ...]] = []
        self._first = 0
        self._noted_s = 0.0

    @property
    def series(self) -> list[LevelSeries]:
        """Levels of the zones that do not follow the tide, in the order of their numbers."""
        return [zone.series for zone in self.zones if zone.series is not None]

    # Windows

    def stops(self, start_s: float, end_s: float, depth_m: F8) -> list[float]:
        """
        Return the ends of the windows from *start_s* to *end_s*.

        Where water leaves by a law of its level, windows are so short that the law can follow
        every wave that the grid can carry (see :mod:`models.flood.outlets`).
        """
        flat, longest_s = depth_m.ravel(), end_s - start_s
        for outlet in self.outlets:
            if outlet.follows_level:
                window_s = outlet.window_s(flat[outlet.cells], self._cell_m)
                longest_s = min(longest_s, max(_SHORTEST_S, window_s))
        count = int(np.ceil((end_s - start_s) / longest_s - 1e-9))
        return [start_s + (end_s - start_s) * k / count for k in range(1, count)] + [end_s]

    def add_to(self, forcing: Forcing, depth_m: F8, start_s: float, end_s: float) -> Forcing:
        """Return *forcing* with the discharges of the window from *start_s* to *end_s*."""
        if not self.outlets:
            return forcing
        flat = depth_m.ravel()
        self._first = forcing.inflow_cells.size
        flows = [
            outlet.inflow_m3_s(flat[outlet.cells], self._cell_m, start_s, end_s)
            for outlet in self.outlets
        ]
        cells = [outlet.cells for outlet in self.outlets]
        return replace(
            forcing,
            inflow_cells=np.concatenate([forcing.inflow_cells, *cells]),
            inflow_m3_s=np.concatenate([forcing.inflow_m3_s, *flows]),
        )

    def settle(self, inflow_m3: F8, lapse_s: float) -> None:
        """Hear what really passed in the window, m³, for every cell of the forcing."""
        at = self._first
        for outlet in self.outlets:
            outlet.settle(inflow_m3[at : at + outlet.cells.size], lapse_s)
            at += outlet.cells.size

    # What is kept

    def record(self, now_s: float, depth_m: F8) -> None:
        """Keep a row for every boundary: level, and mean discharge since the row before."""
        flat, lapse_s = depth_m.ravel(), now_s - self._noted_s
        for n, outlet in enumerate(self.outlets):
            flow = (outlet.volume_m3 - outlet.noted_m3) / lapse_s if lapse_s > 0.0 else np.nan
            outlet.noted_m3 = outlet.volume_m3
            level_m = outlet.level_m(flat[outlet.cells])
            self._rows.append((now_s, float(n), level_m, flow, outlet.volume_m3))
        for n, zone in enumerate(self.zones, start=len(self.outlets)):
            deep = flat[zone.cells]
            wet = deep > _WET_M
            level_m = float((deep + self._bed_m[zone.cells])[wet].mean()) if wet.any() else np.nan
            self._rows.append((now_s, float(n), level_m, np.nan, np.nan))
        self._noted_s = now_s

    def table(self) -> pd.DataFrame:
        """
        Return the series of all boundaries.

        ``discharge_m3_s`` is the mean since the row before, positive into the domain, and missing
        in the first row; of boundaries with a level, and of free ones, only the ledger knows the
        sum.
        """
        every = (*self.outlets, *self.zones)
        rows = np.asarray(self._rows, np.float64).reshape(-1, 5)
        which = rows[:, 1].astype(np.int64).tolist()
        return pd.DataFrame(
            {
                "time_s": rows[:, 0],
                "boundary": [every[n].name for n in which],
                "kind": [every[n].kind for n in which],
                "level_m": rows[:, 2],
                "discharge_m3_s": rows[:, 3],
                "volume_m3": rows[:, 4],
            }
        )

    def final_notes(self) -> list[Note]:
        """Say which rating curves had to be continued above their last point, and how far."""
        return [
            note(
                "rating_curve_exceeded", name=outlet.name, level=outlet.highest_m,
                last=outlet.curve.highest_m,
            )
            for outlet in self.outlets
            if outlet.curve is not None and outlet.highest_m > outlet.curve.highest_m
        ]  # fmt: skip

    # Checkpoints

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that a checkpoint must hold."""
        numbers = [(o.volume_m3, o.noted_m3, o.highest_m) for o in self.outlets]
        arrays: dict[str, NDArray[Any]] = {
            "rows": np.asarray(self._rows, np.float64).reshape(-1, 5),
            "numbers": np.asarray(numbers, np.float64).reshape(-1, 3),
            "noted_s": np.asarray(self._noted_s),
        }
        return arrays | {f"left/{n}": o.left_m3_s for n, o in enumerate(self.outlets)}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what :meth:`to_arrays` returned."""
        self._rows = [tuple(row) for row in arrays["rows"].tolist()]
        self._noted_s = float(arrays["noted_s"])
        for n, outlet in enumerate(self.outlets):
            outlet.volume_m3, outlet.noted_m3, outlet.highest_m = arrays["numbers"][n].tolist()
            outlet.left_m3_s = np.asarray(arrays[f"left/{n}"], np.float64)
