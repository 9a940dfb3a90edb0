"""From the boundaries of a scenario to cells, zones and laws, each checked against the ground."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from models.errors import ScenarioError
from models.flood.outlets import RatingCurve
from scenarios.schema.boundaries import (
    ClosedBoundary,
    DischargeBoundary,
    FreeBoundary,
    LevelBoundary,
    NormalDepthBoundary,
    RatingCurveBoundary,
    TideBoundary,
)
from twin.engine.boundaries import Boundaries, Outlet, Zone
from twin.engine.boundary_cells import boundary_cells
from twin.engine.flooding import Source
from twin.engine.setup_forcing import level_series
from twin.language import Word, note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.flood import FloodDomain
    from models.flood.boundaries import LevelSeries
    from models.grid import Grid
    from scenarios.schema.boundaries import Boundary
    from scenarios.schema.scenario import Scenario
    from scenarios.schema.time import Period
    from twin.engine.places import PlaceFinder
    from twin.language import Note

__all__ = ["Laid", "Site", "check_inflows", "lay_boundaries"]


@dataclass(kw_only=True)
class Site:
    """
    The ground as the boundaries find it, and what they make of it.

    Parameters
    ----------
    grid
        The grid.
    ground
        Cells with ground, buildings included, shape (rows, columns), as all that follows.
    bed_m
        Ground level, m, NaN where there is none or a building closes it.
    manning
        Manning's n.
    water
        Kind of water, by ``twin.city.city.WATER_*``; None where the city does not say.
    depth_m
        Depth at the start, m, as far as canals and the tide say.
    zones
        Zone that prescribes the level, 0 where it is computed; boundaries add theirs.
    open_edge
        Cells of free outflow; boundaries open and close some.
    tide_zone, next_zone
        Numbers of the zone of the tide, and of the first one beside it.
    """

    grid: Grid
    ground: NDArray[np.bool_]
    bed_m: NDArray[np.float64]
    manning: NDArray[np.float64]
    water: NDArray[np.int8] | None
    depth_m: NDArray[np.float64]
    zones: NDArray[np.int16]
    open_edge: NDArray[np.bool_]
    tide_zone: int
    next_zone: int
    notes: list[Note] = field(default_factory=list, init=False)
    owner: dict[int, str] = field(default_factory=dict, init=False)


@dataclass(frozen=True, kw_only=True)
class Laid:
    """Boundaries on the grid, before there is a domain: ``over`` makes them ready to run."""

    outlets: list[Outlet]
    zones: list[Zone]

    @property
    def series(self) -> list[LevelSeries]:
        """Levels of the zones that do not follow the tide, in the order of their numbers."""
        return [zone.series for zone in self.zones if zone.series is not None]

    def over(self, domain: FloodDomain) -> Boundaries | None:
        """Return the boundaries at run time; None where there are none."""
        if not self.outlets and not self.zones:
            return None
        return Boundaries(domain, self.outlets, self.zones)


def lay_boundaries(scenario: Scenario, site: Site, places: PlaceFinder) -> Laid:
    """
    Find the cells of every boundary, and change zones and open edges of *site*.

    Raises
    ------
    ScenarioError
        If a boundary has no cell with ground, lies on ground that a building closes, stands in
        the dry for good, or contradicts another one.
    """
    laid = Laid(outlets=[], zones=[])
    for index, each in enumerate(scenario.boundaries):
        where = f"boundaries[{index}] ({each.name})"
        cells = _on_open_ground(boundary_cells(each, site, places, where), site, where)
        match each:
            case LevelBoundary() | TideBoundary():
                laid.zones.append(_zone(each, cells, site, scenario.period, where))
            case FreeBoundary() | ClosedBoundary():
                rim = _not_prescribed(cells, site, where, why="its level is prescribed there")
                site.open_edge.flat[rim] = each.kind == "free"
                laid.zones.append(Zone(name=each.name, kind=each.kind, cells=rim))
            case _:
                laid.outlets.append(_outlet(each, cells, site, where))
    for outlet in laid.outlets:
        if (site.zones.flat[outlet.cells] > 0).any():
            raise ScenarioError(
                "the level is prescribed at some of its cells, so that no discharge can hold there",
                where=f"boundaries ({outlet.name})",
                remedy="Move it out of the water of the tide or of the other boundary.",
            )
        site.open_edge.flat[outlet.cells] = False
    return laid


def check_inflows(sources: Sequence[Source], site: Site) -> None:
    """
    Look where the inflows of a scenario enter; dry land gets a note.

    Raises
    ------
    ScenarioError
        If one enters where the level is prescribed.
    """
    for index, source in enumerate(sources):
        where = f"inflows[{index}] ({source.name})"
        if (site.zones.flat[source.cells] > 0).any():
            raise ScenarioError(
                "the level is prescribed at some of its cells, so that no discharge can hold there",
                where=where,
                remedy="Move it out of the water of the tide, or take that water out of "
                "tide.applies_to.",
            )
        if site.water is None or not site.water.any():
            continue
        if not (site.water.flat[source.cells] > 0).any():
            rows, columns = np.nonzero(site.water)
            row, column = divmod(int(source.cells[0]), site.grid.columns)
            apart = float(np.hypot(rows - row, columns - column).min()) * site.grid.cell_size_m
            site.notes.append(note("inflow_dry", place=where, distance=round(apart)))


def _on_open_ground(cells: NDArray[np.int64], site: Site, where: str) -> NDArray[np.int64]:
    """Leave out the cells that a building closes; none left is an error."""
    free = np.asarray(cells[~np.isnan(site.bed_m.flat[cells])], np.int64)
    if not free.size:
        raise ScenarioError(
            f"buildings close all {cells.size} of its cells",
            where=where,
            remedy="Move it, or raise the buildings instead (buildings.method).",
        )
    if free.size < cells.size:
        site.notes.append(
            note("boundary_on_buildings", place=where, count=cells.size - free.size,
                 total=cells.size)
        )  # fmt: skip
    return free


def _not_prescribed(
    cells: NDArray[np.int64], site: Site, where: str, *, why: str
) -> NDArray[np.int64]:
    left = np.asarray(cells[site.zones.flat[cells] == 0], np.int64)
    if not left.size:
        raise ScenarioError(
            f"it could have no effect on any of its {cells.size} cells: {why}", where=where
        )
    return left


def _zone(
    each: LevelBoundary | TideBoundary,
    cells: NDArray[np.int64],
    site: Site,
    period: Period,
    where: str,
) -> Zone:
    """Prescribe the level of the cells."""
    for cell in cells.tolist():
        other = site.owner.setdefault(cell, each.name)
        if other != each.name:
            raise ScenarioError(
                f"the boundary {other} prescribes the level of the same cells",
                where=where,
                remedy="Let every cell have one level.",
            )
    series = None
    if isinstance(each, LevelBoundary):
        found = level_series(each.level, period.duration_s, period.start, where=f"{where}.level")
        series = replace(found, offset_m=each.level.offset_m)
        _not_always_dry(series.highest_m(0.0, period.duration_s), site.bed_m.flat[cells], where)
        dry = site.bed_m.flat[cells] >= series.level_m(0.0)
        if dry.any():
            site.notes.append(
                note("boundary_level_dry", place=where, count=int(dry.sum()), total=cells.size,
                     level=series.level_m(0.0), ground=float(site.bed_m.flat[cells][dry].min()))
            )  # fmt: skip
    if series is None:
        site.zones.flat[cells] = site.tide_zone
    else:
        site.zones.flat[cells] = site.next_zone
        site.next_zone += 1
    site.open_edge.flat[cells] = False
    return Zone(name=each.name, kind=each.kind, cells=cells, series=series)


def _not_always_dry(highest_m: float, bed_m: NDArray[np.float64], where: str) -> None:
    lowest_m = float(bed_m.min())
    if highest_m <= lowest_m:
        raise ScenarioError(
            f"the highest level, {highest_m:.2f} m, never reaches the lowest ground of the "
            f"boundary, {lowest_m:.2f} m",
            where=where,
            remedy="Check the datum of the levels (datum_offset_m), or where the boundary lies.",
        )


def _outlet(each: Boundary, cells: NDArray[np.int64], site: Site, where: str) -> Outlet:
    """Return a boundary of discharge, rating curve or normal depth."""
    bed_m = np.ascontiguousarray(site.bed_m.flat[cells])
    lowest_m = float(bed_m.min())
    source, curve, slope = None, None, 0.0
    if isinstance(each, DischargeBoundary):
        source = _source(each, cells, where)
        if site.water is not None and not (site.water.flat[cells] > 0).any():
            site.notes.append(note("boundary_inflow_dry", place=where, level=lowest_m))
    elif isinstance(each, RatingCurveBoundary):
        curve = _curve(each)
        if curve.highest_m <= lowest_m:
            raise ScenarioError(
                f"the curve ends at {curve.highest_m:.2f} m, below the lowest ground of the "
                f"boundary, {lowest_m:.2f} m",
                where=where,
                remedy="Check the datum of the levels, or where the boundary lies.",
            )
        if curve.lowest_m < lowest_m - 0.01:
            site.notes.append(
                note("rating_curve_below", place=where, level=curve.lowest_m, ground=lowest_m)
            )
    elif isinstance(each, NormalDepthBoundary):
        slope = each.slope
    if source is None and not (site.depth_m.flat[cells] > 0.0).any():
        site.notes.append(
            note("boundary_starts_dry", place=where, kind=Word("boundary_kind", each.kind),
                 ground=lowest_m)
        )  # fmt: skip
    return Outlet(
        name=each.name, kind=each.kind, cells=cells, bed_m=bed_m,
        manning=np.ascontiguousarray(site.manning.flat[cells]),
        source=source, curve=curve, slope=slope,
    )  # fmt: skip


def _source(each: DischargeBoundary, cells: NDArray[np.int64], where: str) -> Source:
    times, flows = each.discharge.times, each.discharge.discharges_m3_s
    if times is None or flows is None:
        raise ScenarioError(
            "the series is still in a file",
            where=f"{where}.discharge",
            remedy="Resolve the scenario before it is run.",
        )
    return Source(
        name=each.name,
        cells=cells,
        times_s=np.asarray(times, np.float64),
        discharge_m3_s=np.asarray(flows, np.float64) * each.multiplier,
    )


def _curve(each: RatingCurveBoundary) -> RatingCurve:
    if each.power is not None:
        return RatingCurve.power(each.power.factor, each.power.exponent, each.power.zero_level_m)
    points = each.points or ()
    return RatingCurve(
        levels_m=np.asarray([p.level_m for p in points], np.float64),
        discharges_m3_s=np.asarray([p.discharge_m3_s for p in points], np.float64),
    )
