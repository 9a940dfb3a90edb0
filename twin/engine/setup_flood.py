"""From a scenario and a terrain to the flood of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import ScenarioError
from models.flood import FloodDomain, FloodParameters
from models.flood.solver import make_solver
from scenarios.schema.flood import Flood
from twin.city.city import WATER_CANAL, WATER_LAND, WATER_RIVER
from twin.engine.flooding import Flooding, ForcingProvider, Source
from twin.engine.sections import set_up_sections
from twin.engine.setup_boundaries import Site, check_inflows, lay_boundaries
from twin.engine.setup_buildings import set_up_buildings
from twin.engine.setup_channels import set_up_channels
from twin.engine.setup_forcing import level_series
from twin.engine.setup_lines import Ground
from twin.engine.setup_losses import set_up_losses
from twin.engine.setup_rain import set_up_rain
from twin.engine.setup_structures import set_up_structures
from twin.engine.watch import FlowWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr
    from numpy.typing import NDArray

    from models.flood.boundaries import LevelSeries
    from models.flood.channels import Channels
    from models.flood.solver import Solver
    from models.flood.structures import Structures
    from models.grid import Grid
    from models.response import Event
    from scenarios.schema.forcing import Inflow, Tide
    from scenarios.schema.scenario import Scenario
    from twin.engine.places import PlaceFinder

__all__ = ["set_up_flood", "wants_flood", "water_kinds"]

TIDE_ZONE = 1


def wants_flood(scenario: Scenario) -> bool:
    """Return whether the scenario computes water (one with rain, tide or inflow always does)."""
    return isinstance(scenario.flood, Flood)


def set_up_flood(
    scenario: Scenario,
    terrain: xr.Dataset,
    grid: Grid,
    places: PlaceFinder,
    *,
    log: Callable[[Event], None] = lambda _event: None,
) -> Flooding:
    """
    Build solver, forcing, structures and gauges; *log* takes what happens to structures.

    Raises
    ------
    ScenarioError
        If the tide has no water to act on, does not cover the period, or a gauge or an inflow
        lies off the grid.
    """
    flood = scenario.flood if isinstance(scenario.flood, Flood) else Flood()
    if flood.manning is not None:
        rougher = flood.manning * scenario.ground.manning_multiplier
        flood = flood.model_copy(update={"manning": rougher})
    bed = np.ascontiguousarray(terrain["ground_level"].values, np.float64)
    water = water_kinds(terrain)
    rim = _rim(np.isnan(bed))
    zones = np.zeros(grid.shape, np.int16)
    level = None
    if scenario.tide is not None:
        level = level_series(scenario.tide, scenario.period.duration_s, scenario.period.start)
        low = rim & (bed < _highest_m(scenario, level))
        zones = _tide_zones(scenario, scenario.tide, water, rim, low)
    built = set_up_buildings(
        scenario.buildings, places.city, bed_m=bed, water=water,
        computed=~np.isnan(bed) & (zones == 0), grid=grid,
    )  # fmt: skip
    ground = ~np.isnan(bed)
    bed = built.bed_m
    rain, notes = set_up_rain(scenario, grid=grid, needed=ground, places=places)
    losses = None
    if scenario.losses is not None:
        losses, more = set_up_losses(scenario.losses, terrain, grid=grid, city=places.city)
        notes += more
    forcing = ForcingProvider(
        rain=rain,
        level=level,
        level_offset_m=scenario.tide.offset_m if scenario.tide is not None else 0.0,
        sources=tuple(
            _source(inflow, index, bed, grid, places)
            for index, inflow in enumerate(scenario.inflows)
        ),
        rain_factor=scenario.rain.multiplier if scenario.rain is not None else 1.0,
        roofs=built.roofs,
        losses=losses,
        ground=ground,
    )
    site = Site(
        grid=grid,
        ground=ground,
        bed_m=bed,
        manning=_manning(terrain, flood, grid),
        water=water if "water" in terrain else None,
        depth_m=_initial_depth(scenario, forcing, bed, water, zones),
        zones=zones,
        open_edge=rim & (zones == 0) & ~built.blocked & (flood.edges == "free"),
        tide_zone=TIDE_ZONE,
        next_zone=TIDE_ZONE + (level is not None),
    )
    laid = lay_boundaries(scenario, site, places)
    check_inflows(forcing.sources, site)
    forcing.more_levels = laid.series
    keep = zones > 0
    for outlet in laid.outlets:
        keep.flat[outlet.cells] = True
    canals = set_up_channels(
        flood, places.city, terrain, grid=grid, bed_m=bed, water=water, keep=keep, rim=rim
    )
    if scenario.tide is not None and "canal_mouths" in scenario.tide.applies_to:
        zones.flat[canals.mouths] = TIDE_ZONE
        site.open_edge.flat[canals.ends] = False
    domain = FloodDomain(
        grid=grid,
        bed_m=canals.bed_m,
        manning=site.manning,
        level_zone=zones,
        open_edge=site.open_edge,
    )
    parameters = FloodParameters(
        cell_size_m=grid.cell_size_m,
        courant=flood.courant,
        theta=flood.theta,
        precision=flood.precision,
        max_time_step_s=flood.max_time_step,
        flow_depth_m=flood.flow_depth_m,
        statistics_interval_s=flood.statistics_interval,
        arrival_depth_m=flood.arrival_depth_m,
        duration_depth_m=flood.duration_depth_m,
    )
    under = Ground(
        grid=grid,
        bed_m=canals.cut_m(bed),
        water=(water != WATER_LAND) | (canals.water != WATER_LAND) if "water" in terrain else None,
        prescribed=zones > 0,
    )
    structures = set_up_structures(scenario, under, places, log=log)
    sections, more = set_up_sections(scenario, under, places)
    solver = _solver(
        flood.solver, domain, parameters,
        _initial_depth(scenario, forcing, canals.bed_m, canals.water, zones),
        None if structures is None else structures.structures,
        channels=canals.channels, level_m=canals.level_m(_canal_level(scenario, forcing)),
    )  # fmt: skip
    flooding = Flooding(
        solver=solver,
        forcing=forcing,
        structures=structures,
        gauge_cells=_gauges(scenario, bed, grid, places),
        gauge_names=[gauge.name for gauge in scenario.gauges],
        boundaries=laid.over(domain),
        sections=sections,
        watch=FlowWatch(thresholds_m=scenario.outputs.depth_thresholds_m, depth_m=solver.depth_m),
        notes=(*built.notes, *notes, *site.notes, *canals.notes, *more),
    )
    if structures is not None:
        flooding.notes = (*flooding.notes, *structures.notes)
        structures.begin(flooding.surroundings(0.0))
    return flooding


def _solver(
    name: str,
    domain: FloodDomain,
    parameters: FloodParameters,
    depth_m: NDArray[np.float64],
    structures: Structures | None,
    *,
    channels: Channels | None,
    level_m: NDArray[np.float64] | None,
) -> Solver:
    if name == "finite-volume" and structures is not None:
        raise ScenarioError(
            "the finite-volume solver knows no structures",
            where="flood.solver",
            value=name,
            remedy="Take solver: inertial, or leave the structures out.",
        )
    return make_solver(
        name, domain, parameters, initial_depth_m=depth_m, structures=structures,
        channels=channels, channel_level_m=level_m,
    )  # fmt: skip


def water_kinds(terrain: xr.Dataset) -> NDArray[np.int8]:
    """Return the kind of water of every cell, all land where the terrain does not say."""
    if "water" in terrain:
        return np.asarray(terrain["water"].values, np.int8)
    return np.full(terrain["ground_level"].shape, WATER_LAND, np.int8)


def _rim(outside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the cells at the edge of the grid, or beside a cell without ground."""
    rim = np.zeros_like(outside)
    rim[[0, -1], :] = True
    rim[:, [0, -1]] = True
    rim[1:, :] |= outside[:-1, :]
    rim[:-1, :] |= outside[1:, :]
    rim[:, 1:] |= outside[:, :-1]
    rim[:, :-1] |= outside[:, 1:]
    return rim & ~outside


def _highest_m(scenario: Scenario, level: LevelSeries) -> float:
    """Return the highest tide of the run, m, with every offset that the timeline sets."""
    later = [entry.offset_m for entry in scenario.timeline if entry.do == "set_tide_offset"]
    first = scenario.tide.offset_m if scenario.tide is not None else 0.0
    return level.highest_m(0.0, scenario.period.duration_s) + max([first, *later])


def _tide_zones(
    scenario: Scenario,
    tide: Tide,
    water: NDArray[np.int8],
    rim: NDArray[np.bool_],
    low_rim: NDArray[np.bool_],
) -> NDArray[np.int16]:
    zones = np.zeros(water.shape, np.int16)
    if "river" in tide.applies_to:
        zones[water == WATER_RIVER] = TIDE_ZONE
    if "canal_mouths" in tide.applies_to:
        zones[(water == WATER_CANAL) & rim] = TIDE_ZONE
    if "low_edges" in tide.applies_to:
        zones[low_rim] = TIDE_ZONE
    if not zones.any() and all(each.kind != "tide" for each in scenario.boundaries):
        raise ScenarioError(
            "the city has no water on which this tide acts",
            where="tide.applies_to",
            value=list(tide.applies_to),
            remedy="Add canal_mouths or low_edges, or build the city with its river or sea "
            "(water, or terrain.sea, in its recipe).",
        )
    return zones


def _manning(terrain: xr.Dataset, flood: Flood, grid: Grid) -> NDArray[np.float64]:
    if flood.manning is not None:
        return np.full(grid.shape, flood.manning)
    if "manning" not in terrain:
        raise ScenarioError(
            "the city has no roughness",
            where="flood.manning",
            remedy="Give one value here, or add manning to the recipe of the city.",
        )
    manning = np.ascontiguousarray(terrain["manning"].values, np.float64)
    return np.where(np.isnan(terrain["ground_level"].values), 0.03, manning)


def _canal_level(scenario: Scenario, forcing: ForcingProvider) -> float | None:
    """Return the level of canals and ponds at the start, m; None where they are dry."""
    initial = scenario.initial
    level = initial.canals_level_m
    if level is None and initial.canals != "dry" and forcing.level is not None:
        level = forcing.level_m(0.0)
    if level is None and initial.canals == "tide":
        raise ScenarioError(
            "there is no tide from which the canals could take their level",
            where="initial.canals",
            remedy="Give canals_level_m, or a tide.",
        )
    return level


def _initial_depth(
    scenario: Scenario,
    forcing: ForcingProvider,
    bed: NDArray[np.float64],
    water: NDArray[np.int8],
    zones: NDArray[np.int16],
) -> NDArray[np.float64]:
    """Return the depth at the start: canals and ponds at their level, tidal water at the tide."""
    depth = np.zeros_like(bed)
    level = _canal_level(scenario, forcing)
    if level is not None:
        filled = (water == WATER_CANAL) | ((water == WATER_RIVER) & (zones == 0))
        depth[filled] = np.maximum(level - bed[filled], 0.0)
    if forcing.level is not None:
        tidal = zones == TIDE_ZONE
        depth[tidal] = np.maximum(forcing.level_m(0.0) - bed[tidal], 0.0)
    return np.where(np.isnan(bed), 0.0, depth)


def _cell(x: float, y: float, bed: NDArray[np.float64], grid: Grid, where: str) -> tuple[int, int]:
    row, column, inside = grid.locate(x, y)
    if not bool(inside) or np.isnan(bed[int(row), int(column)]):
        raise ScenarioError(
            "the place has no ground",
            where=where,
            value=(round(x, 1), round(y, 1)),
            remedy=f"The grid covers {tuple(round(b) for b in grid.bounds)} m; "
            "choose a place where the terrain has data.",
        )
    return int(row), int(column)


def _source(
    inflow: Inflow, index: int, bed: NDArray[np.float64], grid: Grid, places: PlaceFinder
) -> Source:
    where = f"inflows[{index}] ({inflow.name})"
    x, y = places.point(inflow.location, where=f"{where}.location")
    cells = [_cell(x, y, bed, grid, where)]
    if inflow.to_location is not None:
        to_x, to_y = places.point(inflow.to_location, where=f"{where}.to_location")
        cells.append(_cell(to_x, to_y, bed, grid, where))
        count = int(np.hypot(to_x - x, to_y - y) / grid.cell_size_m * 4) + 2
        rows, columns, _ = grid.locate(np.linspace(x, to_x, count), np.linspace(y, to_y, count))
        cells = [
            (int(row), int(column))
            for row, column in zip(rows, columns, strict=True)
            if not np.isnan(bed[row, column])
        ]
    discharge = inflow.discharge
    if discharge.times is None or discharge.discharges_m3_s is None:
        raise ScenarioError(
            "the series is still in a file",
            where=f"{where}.discharge",
            remedy="Resolve the scenario before it is run.",
        )
    return Source(
        name=inflow.name,
        cells=np.unique(np.asarray([r * grid.columns + c for r, c in cells], np.int64)),
        times_s=np.asarray(discharge.times, np.float64),
        discharge_m3_s=np.asarray(discharge.discharges_m3_s, np.float64) * inflow.multiplier,
    )


def _gauges(
    scenario: Scenario, bed: NDArray[np.float64], grid: Grid, places: PlaceFinder
) -> NDArray[np.int64]:
    cells = []
    for index, gauge in enumerate(scenario.gauges):
        where = f"gauges[{index}] ({gauge.name})"
        x, y = places.point(gauge.location, where=f"{where}.location")
        cells.append(_cell(x, y, bed, grid, where))
    return np.asarray(cells, np.int64).reshape(-1, 2)
