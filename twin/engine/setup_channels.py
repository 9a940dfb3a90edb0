"""Canals narrower than a cell, from the city's centre lines to channels under the cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import ndimage

from models.errors import ScenarioError
from models.flood.channel_lines import network_along
from models.flood.channels import Channels
from twin.city.burn import land_beside
from twin.city.city import WATER_CANAL, WATER_LAND, terrain_grid
from twin.city.coverage import cells_along, cells_inside, strip_width_m
from twin.city.terrain_recipe import BurnRecipe
from twin.language import note

if TYPE_CHECKING:
    import xarray as xr
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from models.flood.channel_lines import Network
    from models.grid import Grid
    from scenarios.schema.flood import Flood
    from twin.city.city import City
    from twin.language import Note

    type F8 = NDArray[np.float64]
    type I8 = NDArray[np.int64]
    type B1 = NDArray[np.bool_]

__all__ = ["ChannelSetup", "set_up_channels"]

#: A bed lies at least this far below its bank, m.
LEAST_DEPTH_M = 0.1
#: A cell without a known bed takes that of the nearest within this many cells.
NEAR_CELLS = 3
#: A canal is worth a note from this length on, m.
WORTH_TELLING_M = 100.0
#: Manning's n of a channel where the terrain has none, s/m^⅓.
_MANNING = 0.03
_STILL = ("pond", "sea")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSetup:
    """
    Channels of a run.

    Parameters
    ----------
    channels
        The channels; None where there are none.
    bed_m
        The ground, with canals that became channels filled up to their banks, shape (rows,
        columns).
    water
        Kind of water of each cell; what was filled is land, but for the cells of channels.
    ends, mouths
        Flat cells at the rim where a channel ends; those of them that are not beside wide water,
        where a tide at the mouths of canals acts.
    notes
        What people should know.
    """

    channels: Channels | None
    bed_m: F8
    water: NDArray[np.int8]
    ends: I8 = field(default_factory=lambda: np.empty(0, np.int64))
    mouths: I8 = field(default_factory=lambda: np.empty(0, np.int64))
    notes: tuple[Note, ...] = field(default=())

    def cut_m(self, bed_m: F8) -> F8:
        """Return *bed_m* with the beds of the channels in it, m: what structures stand on."""
        if self.channels is None:
            return bed_m
        cut = bed_m.copy()
        at = self.channels.node_row, self.channels.node_column
        bed = self.channels.node_bed_m
        cut[at] = np.where(np.isnan(bed), cut[at], bed)
        return cut

    def level_m(self, level_m: float | None) -> F8 | None:
        """Return *level_m* at every node, or None where the channels are dry."""
        if self.channels is None or level_m is None:
            return None
        return np.full(self.channels.nodes, level_m)


def set_up_channels(
    flood: Flood,
    city: City,
    terrain: xr.Dataset,
    *,
    grid: Grid,
    bed_m: F8,
    water: NDArray[np.int8],
    keep: B1,
    rim: B1,
) -> ChannelSetup:
    """
    Make channels of the canals that are narrower than a cell, if the scenario says so.

    Parameters
    ----------
    flood
        The section ``flood`` of the scenario.
    city, terrain
        The city, and its terrain at the cell size of the run.
    grid, bed_m, water
        Grid, ground with canals cut in (NaN where closed), and kind of water of the run.
    keep
        Cells that stay as they are: prescribed levels and outlets, which channels meet.
    rim
        Cells at the end of the ground.

    Raises
    ------
    ScenarioError
        If the solver knows no channels.
    """
    as_it_is = ChannelSetup(channels=None, bed_m=bed_m, water=water)
    lines, width_m, assumed = _lines(city.layer("waterways"))
    narrow = width_m < grid.cell_size_m
    if flood.channels == "burnt":
        return _told_of_burnt(as_it_is, lines, width_m, grid, keep)
    if flood.solver == "finite-volume":
        raise ScenarioError(
            "the finite-volume solver knows no channels narrower than a cell",
            where="flood.channels",
            value=flood.channels,
            remedy="Write channels: burnt, or take solver: inertial.",
        )
    wide = keep | _wide_water(city, lines[~narrow], grid)
    network = network_along(
        grid,
        [tuple(shapely.get_coordinates(line).T) for line in lines[narrow]],
        width_m[narrow],
        usable=~np.isnan(bed_m),
    )
    found = _bed_along(city, terrain, lines[narrow], grid, wide)
    bed = _known_nearby(found, network)
    bed[wide[network.row, network.column]] = np.nan
    bank = _banks(terrain, bed_m, water)
    at = network.row, network.column
    ground = np.where(water[at] == WATER_CANAL, bank[at], bed_m[at])
    shallow = bed > ground - LEAST_DEPTH_M
    bed = np.where(shallow, ground - LEAST_DEPTH_M, bed)
    network, bed, left_out = _joined(network, bed, wide)
    if network.a.size == 0:
        return ChannelSetup(channels=None, bed_m=bed_m, water=water, notes=(note("channels_none"),))
    at = network.row, network.column
    node = np.zeros(grid.shape, np.bool_)
    node[at] = ~np.isnan(bed)
    beside = ndimage.binary_dilation(node, structure=np.ones((3, 3), np.bool_))
    filled = (water == WATER_CANAL) & ~wide & beside & ~np.isnan(bed_m)
    manning = _MANNING
    if "manning" in terrain and filled.any():
        manning = float(np.nanmedian(terrain["manning"].values[filled]))
    channels = Channels(
        node_row=network.row, node_column=network.column, node_bed_m=bed,
        reach_a=network.a, reach_b=network.b, width_m=width_m[narrow][network.line],
        length_m=network.length_m, manning=np.full(network.a.size, flood.manning or manning),
    )  # fmt: skip
    joined = np.bincount(np.concatenate([network.a, network.b]), minlength=network.row.size)
    ends = (joined == 1) & rim[at] & ~np.isnan(bed)
    beside_wide = np.zeros(network.row.size, np.bool_)
    beside_wide[network.a] |= np.isnan(bed[network.b])
    beside_wide[network.b] |= np.isnan(bed[network.a])
    end = network.row * grid.columns + network.column
    guessed = assumed[narrow][network.line]
    notes = [
        note(
            "channels_made", km=round(float(network.length_m.sum()) / 1000.0, 1),
            assumed=round(float(network.length_m[guessed].sum()) / 1000.0, 1),
        )
    ]  # fmt: skip
    if left_out or shallow.any():
        notes.append(note("channels_left", count=left_out, shallow=int(shallow.sum())))
    kinds = np.where(filled, np.int8(WATER_LAND), water)
    kinds[node] = WATER_CANAL
    return ChannelSetup(
        channels=channels, bed_m=np.where(filled, np.fmax(bank, bed_m), bed_m), water=kinds,
        mouths=end[ends & ~beside_wide], ends=end[ends], notes=tuple(notes),
    )  # fmt: skip


def _lines(waterways: GeoDataFrame) -> tuple[NDArray[np.object_], F8, B1]:
    """Return the centre lines, their widths, m, and whether a width is assumed by kind."""
    parts, index = shapely.get_parts(waterways.geometry.to_numpy(), return_index=True)
    width = waterways["width_m"].to_numpy(np.float64, na_value=np.nan)[index]
    assumed = ~(width > 0.0)
    usual = waterways["kind"].map(BurnRecipe().widths_m).to_numpy(np.float64, na_value=np.nan)
    width = np.where(assumed, usual[index], width)
    good = (width > 0.0) & (shapely.get_num_coordinates(parts) > 1)
    return parts[good], width[good], assumed[good]


def _told_of_burnt(
    setup: ChannelSetup, lines: NDArray[np.object_], width_m: F8, grid: Grid, keep: B1
) -> ChannelSetup:
    """Say how much canal is computed far too wide."""
    narrow = width_m < 0.5 * grid.cell_size_m
    run = cells_along(lines[narrow], grid)
    at = run.row, run.column
    cut = (setup.water[at] == WATER_CANAL) & ~keep[at]
    length_m = float(cut.sum()) * grid.cell_size_m
    if length_m < WORTH_TELLING_M:
        return setup
    told = note("channels_burnt", km=round(length_m / 1000.0, 1), cell=grid.cell_size_m)
    return ChannelSetup(channels=None, bed_m=setup.bed_m, water=setup.water, notes=(told,))


def _wide_water(city: City, lines: NDArray[np.object_], grid: Grid) -> B1:
    """Return the cells of water at least as wide as a cell, and of ponds."""
    run = cells_along(lines, grid)
    wide = np.zeros(grid.shape, np.bool_)
    wide[run.row, run.column] = True
    areas = city.layer("water_areas")
    if len(areas):
        width = areas["width_m"].to_numpy(np.float64, na_value=np.nan)
        shapes = areas.geometry.to_numpy()
        width = np.where(np.isnan(width), strip_width_m(shapes), width)
        chosen = (width >= grid.cell_size_m) | areas["kind"].isin(_STILL).to_numpy()
        wide |= cells_inside(shapes[chosen], grid)
    return wide


def _banks(terrain: xr.Dataset, bed_m: F8, water: NDArray[np.int8]) -> F8:
    """Return the level of the ground as it was before canals were cut, m."""
    if "land_level" in terrain:
        return np.asarray(terrain["land_level"].values, np.float64)
    return land_beside(bed_m, water)


def _bed_along(
    city: City, terrain: xr.Dataset, lines: NDArray[np.object_], grid: Grid, wide: B1
) -> F8:
    """Return the mean bed of the narrow canals in each cell, m, NaN where there is none."""
    fine = terrain if city.terrain is None else city.terrain
    fine_grid = terrain_grid(fine)
    run = cells_along(lines, fine_grid)
    level = fine["ground_level"].values[run.row, run.column].astype(np.float64)
    is_water = np.ones(level.size, np.bool_)
    if "water" in fine:
        is_water = fine["water"].values[run.row, run.column] == WATER_CANAL
    row, column, inside = grid.locate(fine_grid.x_m[run.column], fine_grid.y_m[run.row])
    good = inside & is_water & ~np.isnan(level) & ~wide[row, column]
    total, count = np.zeros(grid.shape), np.zeros(grid.shape)
    np.add.at(total, (row[good], column[good]), level[good])
    np.add.at(count, (row[good], column[good]), 1.0)
    return np.where(count > 0.0, total / np.maximum(count, 1.0), np.nan)


def _known_nearby(bed_m: F8, network: Network) -> F8:
    """Return the bed at every node, m, from the nearest cell that knows one if its own does not."""
    unknown = np.isnan(bed_m)
    if unknown.all():
        return np.full(network.row.size, np.nan)
    apart, nearest = ndimage.distance_transform_edt(unknown, return_indices=True)
    at = network.row, network.column
    bed = bed_m[tuple(nearest)][at]
    return np.where(apart[at] <= NEAR_CELLS, bed, np.nan)


def _joined(network: Network, bed: F8, wide: B1) -> tuple[Network, F8, int]:
    """
    Return the network without cells that have no bed, other than wide water, and what is apart.

    The last number counts the cells that were left out for want of a bed.
    """
    is_wide = wide[network.row, network.column]
    good = is_wide | ~np.isnan(bed)
    a, b = network.a, network.b
    kept = good[a] & good[b] & ~(is_wide[a] & is_wide[b])
    used = np.zeros(network.row.size, np.bool_)
    used[a[kept]] = True
    used[b[kept]] = True
    number = np.cumsum(used) - 1
    thinner = type(network)(
        row=network.row[used], column=network.column[used], a=number[a[kept]].astype(np.int64),
        b=number[b[kept]].astype(np.int64), length_m=network.length_m[kept],
        line=network.line[kept],
    )  # fmt: skip
    return thinner, bed[used], int((~good).sum())
