"""From rules for inlets to drains of given capacity."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

from models.drainage.inlets import InletDrains, Outlets
from models.errors import ScenarioError
from twin.city.city import WATER_LAND
from twin.engine.inlet_part import InletPart
from twin.language import Word, note

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scenarios.schema.drainage import InletRule, Inlets
    from twin.engine.setup_drainage import Surface

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["set_up_inlets"]

_WHERE = "drainage.inlets"


def set_up_inlets(inlets: Inlets, surface: Surface) -> tuple[InletPart, list[dict[str, str]]]:
    """
    Build inlets and outlets, and say what was assumed.

    Raises
    ------
    ScenarioError
        If a class of roads does not occur, no cell has an inlet, or there is no water to drain to.
    """
    capacity = _capacities(inlets, surface)
    cells = np.flatnonzero(capacity > 0.0)
    if cells.size == 0:
        raise ScenarioError(
            "no cell of the grid has an inlet",
            where=f"{_WHERE}.rules",
            remedy="Do the roads lie on the terrain?",
        )
    grid = surface.domain.grid
    bed = surface.domain.bed_m.ravel()
    outlet, outlet_cells, outlets, names = _outlets(inlets, surface, cells)
    zone = surface.zone.ravel()
    drains = InletDrains(
        bed_m=bed[cells],
        capacity_m3_s=capacity[cells],
        outlet=outlet,
        outlets=outlets,
        cell_area_m2=grid.cell_area_m2,
        total_m3_s=inlets.capacity_m3_s or np.inf,
        full_head_m=inlets.full_head_m,
    )
    real = outlet_cells >= 0
    part = InletPart(
        drains,
        inlet_cells=cells,
        outlet_cells=outlet_cells,
        outlet_bed_m=np.where(real, surface.lowest_m[outlet_cells], -np.inf),
        outlet_zone=np.where(real, zone[outlet_cells], 0).astype(np.int64),
        names=names,
    )
    told = note(
        "drainage_inlets",
        cells=int(cells.size),
        capacity=float(capacity.sum()),
        rate=float(capacity[cells].mean() / grid.cell_area_m2 * 3.6e6),
        to=Word("drains_to", inlets.to),
    )
    return part, [told]


def _capacities(inlets: Inlets, surface: Surface) -> FloatArray:
    """Return what the inlets of every cell take, m³/s, shape (rows times columns,)."""
    grid = surface.domain.grid
    land = surface.ground & (surface.water == WATER_LAND) & (surface.zone == 0)
    capacity = np.zeros(grid.shape[0] * grid.shape[1])
    for index, rule in enumerate(inlets.rules):
        if rule.roads is None:
            continue
        length = _road_length_m(rule, surface, f"{_WHERE}.rules[{index}].roads")
        if rule.inlet_l_s is not None and rule.spacing_m is not None:
            capacity += length / rule.spacing_m * rule.inlet_l_s / 1000.0
        elif rule.capacity_mm_h is not None:
            capacity += np.where(length > 0.0, _rate(rule, surface), 0.0)
    bare = capacity == 0.0
    for rule in inlets.rules:
        if rule.roads is None:
            capacity += np.where(bare, _rate(rule, surface), 0.0)
    return np.where(land.ravel(), capacity, 0.0)


def _rate(rule: InletRule, surface: Surface) -> float:
    """Return the capacity of one cell at the rate of *rule*, m³/s."""
    return (rule.capacity_mm_h or 0.0) / 3.6e6 * surface.domain.grid.cell_area_m2


def _road_length_m(rule: InletRule, surface: Surface, where: str) -> FloatArray:
    """Return the length of the roads of *rule* on every cell, m, shape (rows times columns,)."""
    roads = surface.city.layer("roads")
    known = sorted({str(value) for value in roads["road_class"]})
    for road_class in rule.roads or ():
        if road_class not in known:
            close = difflib.get_close_matches(road_class, known, n=1)
            raise ScenarioError(
                "the city has no road of this class",
                where=where,
                value=road_class,
                remedy=f"Did you mean {close[0]}?" if close else f"It has {', '.join(known)}.",
            )
    chosen = roads[
        roads["road_class"].isin(rule.roads or ())
        & ~roads["is_bridge"].astype(bool)
        & ~roads["is_tunnel"].astype(bool)
    ]
    grid = surface.domain.grid
    lines = np.asarray(chosen.geometry.to_numpy(), object)
    lengths = np.asarray(shapely.length(lines), np.float64)
    counts = np.maximum(np.ceil(lengths / (grid.cell_size_m / 4.0)), 1.0).astype(np.int64)
    row = np.repeat(np.arange(lines.size), counts)
    order = np.arange(row.size) - np.repeat(np.cumsum(counts) - counts, counts)
    share = (order + 0.5) / counts[row]
    points = shapely.line_interpolate_point(lines[row], share, normalized=True)
    rows, columns, inside = grid.locate(shapely.get_x(points), shapely.get_y(points))
    cell = rows * grid.columns + columns
    weight = np.where(inside, lengths[row] / counts[row], 0.0)
    return np.bincount(cell, weights=weight, minlength=grid.rows * grid.columns)


def _outlets(
    inlets: Inlets, surface: Surface, cells: IntArray
) -> tuple[IntArray, IntArray, Outlets, dict[str, int]]:
    """Return the outlet of every cell, the cells of the outlets, the outlets, and their names."""
    grid = surface.domain.grid
    here = _middles(cells, surface)
    names: dict[str, int] = {}
    if inlets.to == "away":
        outlet_cells = np.asarray([-1], np.int64)
        nearest = np.zeros(cells.size, np.int64)
        capacity, shut, flap = [np.inf], [np.inf], [True]
    elif inlets.to == "nearest_water":
        water = np.flatnonzero(surface.ends)
        if water.size == 0:
            raise ScenarioError(
                "the city has no canal and no river to which the inlets could drain",
                where=f"{_WHERE}.to",
                remedy="Write `to: away`, or give outlets.",
            )
        _, found = cKDTree(_middles(water, surface)).query(here)
        outlet_cells, nearest = np.unique(water[np.asarray(found)], return_inverse=True)
        count = outlet_cells.size
        capacity = [np.inf] * count
        shut = [np.inf if inlets.shut_level_m is None else inlets.shut_level_m] * count
        flap = [inlets.flap] * count
    else:
        listed: list[int] = []
        for index, outlet in enumerate(inlets.outlets):
            where = f"{_WHERE}.outlets[{index}] ({outlet.name}).location"
            x, y = surface.places.point(outlet.location, where=where)
            row, column, inside = grid.locate(x, y)
            if not bool(inside) or not surface.ground[int(row), int(column)]:
                raise ScenarioError(
                    "the place has no ground",
                    where=where,
                    value=(round(x, 1), round(y, 1)),
                    remedy="Choose a place where the terrain has data.",
                )
            listed.append(int(row) * grid.columns + int(column))
            names[outlet.name] = index
        outlet_cells = np.asarray(listed, np.int64)
        nearest = np.asarray(cKDTree(_middles(outlet_cells, surface)).query(here)[1], np.int64)
        capacity = [o.capacity_m3_s or np.inf for o in inlets.outlets]
        shut = [np.inf if o.shut_level_m is None else o.shut_level_m for o in inlets.outlets]
        flap = [o.flap for o in inlets.outlets]
    zone = surface.zone.ravel()
    outlets = Outlets(
        capacity_m3_s=np.asarray(capacity, np.float64),
        shut_level_m=np.asarray(shut, np.float64),
        flap=np.asarray(flap, np.bool_),
        computed=(outlet_cells >= 0) & (zone[outlet_cells] == 0),
    )
    return nearest, outlet_cells, outlets, names


def _middles(cells: IntArray, surface: Surface) -> FloatArray:
    """Return the middles of flat *cells*, m, shape (cells, 2)."""
    grid = surface.domain.grid
    return np.column_stack((grid.x_m[cells % grid.columns], grid.y_m[cells // grid.columns]))
