"""Exposure and loss: people, buildings and facilities by class of hazard and time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from models.errors import CityError
from models.exposure import still_water_class
from models.grid import Grid
from twin.analysis.curves import DamageTable, read_curves
from twin.analysis.people import people_of
from twin.results.series import dry_land, seconds_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from twin.results.open import Run

    type Floats = NDArray[np.float64]

__all__ = ["CLASSES", "DEPTH_SPREAD_ASSUMED_M", "Exposure", "exposure_of_run"]

CLASSES: Final = ("dry", "H1", "H2", "H3", "H4", "H5", "H6")
#: How far a depth may be off to either side where the ground is assumed, m; else
#: ``DEPTH_SPREAD_KNOWN_M``.
DEPTH_SPREAD_ASSUMED_M: Final = 0.3
DEPTH_SPREAD_KNOWN_M: Final = 0.1
#: Columns of the buildings that count what is in them.
_COUNTED: Final = ("household_businesses", "enterprises")
_WET_M: Final = 0.05
_MOMENTS: Final = 13


@dataclass(frozen=True, eq=False)
class Exposure:
    """
    Depth at everything that the city knows, at some times and at its deepest.

    Attributes
    ----------
    run, table
        The run, and the curves.
    labels, times_s
        Local time and seconds of every state; the last one is ``deepest``, NaN: the largest depth
        of each place at any time.
    people, buildings, facilities
        Depth, m, shape (n_states, n): at persons, buildings and facilities; NaN where the run
        computed no flood.
    persons, has_people
        Persons at each place of people; empty where the city does not know where they live.
    depth_spread_m
        How far a depth may be off.
    """

    run: Run
    table: DamageTable
    labels: tuple[str, ...]
    times_s: tuple[float, ...]
    people: Floats
    buildings: Floats
    facilities: Floats
    persons: Floats
    has_people: bool
    depth_spread_m: float

    @cached_property
    def exposed(self) -> pd.DataFrame:
        """
        One row per state and group, with what stands in each class H1 to H6, and ``not_computed``.

        Groups: ``people`` (persons), ``homes`` and ``other_buildings`` (buildings), the household
        businesses and enterprises of buildings that the city counts, and every kind of facility.
        ``exposed`` counts H1 to H6, ``from_h3`` those in H3 and above, where water is unsafe for
        all children, the elderly and vehicles; ``_low`` and ``_high`` the same with every depth
        shallower or deeper by the spread. Ground that is dry in the run stays dry.
        """
        buildings = self.run.city.layer("buildings")
        homes = self._sectors == "residential"
        kinds = self.run.city.layer("facilities")["kind"].astype(str).to_numpy()
        groups: list[tuple[str, Floats, Floats]] = []
        if self.has_people:
            groups.append(("people", self.people, self.persons))
        if len(buildings):
            one = np.ones(int(homes.sum()))
            groups.append(("homes", self.buildings[:, homes], one))
            one = np.ones(int((~homes).sum()))
            groups.append(("other_buildings", self.buildings[:, ~homes], one))
        for column in (name for name in _COUNTED if name in buildings):
            counted = np.nan_to_num(np.asarray(buildings[column], np.float64))
            groups.append((column, self.buildings, counted))
        for kind in sorted(set(kinds)):
            chosen = kinds == kind
            groups.append((kind, self.facilities[:, chosen], np.ones(int(chosen.sum()))))
        rows = [
            self._row(state, name, depth[state], weight)
            for state in range(len(self.labels))
            for name, depth, weight in groups
        ]
        return pd.DataFrame(rows)

    def _row(self, state: int, group: str, depth: Floats, weight: Floats) -> dict[str, Any]:
        known = np.isfinite(depth)
        water = np.where(known, depth, 0.0)
        number = still_water_class(water, dry_below_m=_WET_M)
        counts = np.bincount(number[known], weight[known], minlength=len(CLASSES))
        row: dict[str, Any] = {
            "state": self.labels[state],
            "time_s": self.times_s[state],
            "group": group,
            "all": float(weight.sum()),
            "not_computed": float(weight[~known].sum()),
            "exposed": float(counts[1:].sum()),
        }
        row |= {name: float(counts[k]) for k, name in enumerate(CLASSES) if k}
        wet = water >= _WET_M
        lower = np.where(wet, np.maximum(water - self.depth_spread_m, 0.0), 0.0)
        upper = np.where(wet, water + self.depth_spread_m, 0.0)
        row["exposed_low"] = float(weight[lower >= _WET_M].sum())
        for name, depths in (("", water), ("_low", lower), ("_high", upper)):
            row[f"from_h3{name}"] = float(weight[still_water_class(depths) >= 3].sum())
        return row

    @cached_property
    def losses(self) -> pd.DataFrame:
        """
        One row per sector: buildings, ground area, and what is lost of it at the deepest.

        ``lost_m2`` is ground area times the share of value that is lost; ``lost_value`` is that
        times the value per square metre, NaN where no value is given. ``low`` and ``high``
        bracket both the depth and the curve; they are no confidence interval.
        """
        areas = shapely.area(self.run.city.layer("buildings").geometry.to_numpy())
        depth = self.buildings[-1]
        known = np.isfinite(depth)
        water = np.where(known, np.maximum(depth, 0.0), 0.0)
        wet = water >= _WET_M
        rows: list[dict[str, Any]] = []
        for sector, curve in self.table.curves.items():
            chosen = self._sectors == sector
            value = self.table.value_per_m2.get(sector, np.nan)
            row: dict[str, Any] = {
                "sector": sector,
                "buildings": int(chosen.sum()),
                "not_computed": int((chosen & ~known).sum()),
                "in_water": int((chosen & wet).sum()),
                "area_m2": float(areas[chosen].sum()),
            }
            for name, side in (("", 0), ("_low", -1), ("_high", 1)):
                moved = np.maximum(water + side * self.depth_spread_m, 0.0)
                share = curve.share(np.where(wet, moved, 0.0), side=side)
                row[f"lost_m2{name}"] = float((areas * share)[chosen].sum())
                row[f"lost_value{name}"] = row[f"lost_m2{name}"] * value
            rows.append(row)
        return pd.DataFrame(rows)

    @cached_property
    def _sectors(self) -> NDArray[np.str_]:
        kinds = self.run.city.layer("buildings")["kind"].astype(str)
        found = [self.table.sector_of.get(kind, self.table.others) for kind in kinds]
        return np.array(found, dtype=np.str_)

    @cached_property
    def unknown_kinds(self) -> dict[str, int]:
        """Kinds of building that the curves do not name, with their number."""
        kinds = self.run.city.layer("buildings")["kind"].astype(str)
        counts = kinds[~kinds.isin(list(self.table.sector_of))].value_counts()
        return {str(kind): int(count) for kind, count in counts.items()}

    @property
    def notes(self) -> dict[str, Any]:
        """What the figures rest on."""
        return {
            "hazard": "AIDR (2017) classes of still water, by depth alone: lower bounds",
            "curves": self.table.title,
            "source": self.table.source,
            "curve_spread": {name: c.spread for name, c in self.table.curves.items()},
            "curve_spread_basis": self.table.spread_basis,
            "depth_spread_m": self.depth_spread_m,
            "currency": self.table.currency,
            "unknown_building_kinds": self.unknown_kinds,
            "unknown_taken_as": self.table.others,
            "people_known": self.has_people,
            "assumed_layers": sorted(self.run.assumed),
        }


def exposure_of_run(
    run: Run,
    *,
    at: Sequence[str | float] | str | float | None = None,
    curves: str | Path | DamageTable | None = None,
    depth_spread_m: float | None = None,
) -> Exposure:
    """
    Return who and what stood in the water of a run.

    Parameters
    ----------
    run
        With a flood.
    at
        Times, as for the reach; by default thirteen frames spread over the run.
    curves
        Depth-damage curves: a YAML file, or what :func:`twin.analysis.curves.read_curves` gave;
        by default those of the JRC for Asia.
    depth_spread_m
        How far a depth may be off; by default 0.3 m where the ground is assumed, else 0.1 m.

    Raises
    ------
    StoreError
        If the run had no flood, or a time lies outside it.
    InvalidInputError
        If a time or the curves cannot be read.

    Notes
    -----
    Water counts on land that was dry at the start. A building or facility takes the deepest of
    the cells that it touches or borders; people take the cell in which they are counted.
    """
    table = curves if isinstance(curves, DamageTable) else read_curves(curves)
    flood, city = run.flood, run.city
    elapsed = np.asarray(flood["elapsed_s"].to_numpy(), np.float64)
    if at is None:
        frames = np.unique(np.linspace(0, elapsed.size - 1, _MOMENTS).round().astype(int)).tolist()
    else:
        given = [at] if isinstance(at, str | float | int) else list(at)
        times = [seconds_of(run, m) if isinstance(m, str) else float(m) for m in given]
        for time_s in times:
            run.frame_at(time_s)
        frames = [int(np.abs(elapsed - time_s).argmin()) for time_s in times]
    grid = _grid_of(run)
    land = dry_land(run)
    computed = np.isfinite(flood["ground_level"].to_numpy())
    buildings = _cells(city.layer("buildings").geometry.to_numpy(), grid)
    facilities = _cells(city.layer("facilities").geometry.to_numpy(), grid)
    people = None
    try:
        people = people_of(city)
    except CityError:
        spots = (np.zeros(0, np.int64), np.zeros(0, np.int64), 0)
    else:
        row, column, inside = grid.locate(people.x_m, people.y_m)
        flat = np.where(inside, row * grid.columns + column, -1)
        spots = (np.arange(flat.size), flat, flat.size)
    depths: list[list[Floats]] = [[], [], []]
    fields = [flood["depth"].isel(time=frame).to_numpy() for frame in frames]
    for field in (*fields, flood["max_depth"].to_numpy()):
        water = np.where(computed, np.where(land, np.nan_to_num(field), 0.0), np.nan).reshape(-1)
        for into, cells in zip(depths, (spots, buildings, facilities), strict=True):
            into.append(_deepest(water, *cells))
    moments = [run.start + pd.Timedelta(seconds=float(elapsed[frame])) for frame in frames]
    assumed = "terrain/ground_level" in run.assumed
    usual = DEPTH_SPREAD_ASSUMED_M if assumed else DEPTH_SPREAD_KNOWN_M
    return Exposure(
        run,
        table,
        (*(f"{moment:%Y-%m-%d %H:%M}" for moment in moments), "deepest"),
        (*(float(elapsed[frame]) for frame in frames), np.nan),
        np.vstack(depths[0]),
        np.vstack(depths[1]),
        np.vstack(depths[2]),
        persons=np.zeros(0) if people is None else people.persons,
        has_people=people is not None,
        depth_spread_m=usual if depth_spread_m is None else float(depth_spread_m),
    )


def _grid_of(run: Run) -> Grid:
    """Return the grid that the run was computed on, which need not be that of the city."""
    x, y = run.flood["x"].to_numpy(), run.flood["y"].to_numpy()
    size = float(run.flood.attrs["cell_size_m"])
    return Grid(
        west_m=float(x[0]) - size / 2.0,
        north_m=float(y[0]) + size / 2.0,
        cell_size_m=size,
        rows=y.size,
        columns=x.size,
    )


def _cells(shapes: NDArray[Any], grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return which shape, and which cell it touches or borders, -1 off the grid; and how many."""
    size = grid.cell_size_m
    around = shapely.buffer(shapes, 0.5 * size, quad_segs=2)
    rims, owner = shapely.get_coordinates(
        shapely.segmentize(shapely.boundary(around), 0.5 * size), return_index=True
    )
    middle, of_middle = shapely.get_coordinates(shapely.point_on_surface(shapes), return_index=True)
    xy = np.vstack([rims, middle])
    row, column, inside = grid.locate(xy[:, 0], xy[:, 1])
    flat = np.where(inside, row * grid.columns + column, -1)
    pairs = np.unique(np.column_stack([np.concatenate([owner, of_middle]), flat]), axis=0)
    return pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64), len(shapes)


def _deepest(
    water: Floats, owner: NDArray[np.int64], cell: NDArray[np.int64], count: int
) -> Floats:
    """Return the deepest water of the cells of each owner, NaN where none was computed."""
    depth = np.where(cell >= 0, water[cell], np.nan)
    known = np.isfinite(depth)
    deepest = np.full(count, -1.0)
    np.maximum.at(deepest, owner[known], depth[known])
    return np.where(deepest >= 0.0, deepest, np.nan)
