"""Merge the cells of a terrain into larger ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from models.errors import ScenarioError
from twin.city.city import WATER_CANAL, WATER_LAND, WATER_RIVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["coarsen"]

#: A merged cell is canal where at least this share of it is, so that narrow canals stay whole.
CANAL_SHARE = 1.0 / 3.0
_SUMS = {"population"}


def coarsen(terrain: xr.Dataset, cell_size_m: float) -> xr.Dataset:
    """
    Return *terrain* on cells of *cell_size_m*, a whole multiple of its own.

    A merged cell is river, canal or land by its shares (canal from a third on), and its ground is
    the mean over the cells of that kind only, so that beds and banks do not mix. A cell of which
    more than half has no ground has none. People are added up, everything else is averaged.

    Raises
    ------
    ScenarioError
        If the cell size is not a whole multiple of the terrain's.
    """
    own = float(terrain.attrs["cell_size_m"])
    factor = round(cell_size_m / own)
    if factor < 1 or abs(factor * own - cell_size_m) > 1e-6 * own:
        raise ScenarioError(
            f"the cell size must be a whole multiple of the city's {own:g} m",
            where="grid.cell_size_m",
            value=cell_size_m,
            remedy=f"Leave it out, or build the city again with --cell-size {cell_size_m:g}.",
        )
    if factor == 1:
        return terrain
    ground = _blocks(terrain["ground_level"].values.astype(np.float64), factor, np.nan)
    known = ~np.isnan(ground)
    if "water" in terrain:
        fine = _blocks(terrain["water"].values.astype(np.float64), factor, -1.0)
    else:
        fine = np.where(known, float(WATER_LAND), -1.0)
    water = _kind(fine, known)
    of_kind = known & (fine == water[..., np.newaxis])
    keep = known.mean(axis=-1) >= 0.5
    fields: dict[str, NDArray[np.float64] | NDArray[np.int8]] = {}
    for name in map(str, terrain.data_vars):
        if name == "water":
            fields[name] = np.where(keep, water, WATER_LAND).astype(np.int8)
            continue
        values = _blocks(terrain[name].values.astype(np.float64), factor, np.nan)
        if name in _SUMS:
            merged = np.nansum(values, axis=-1)
        else:
            merged = _mean(values, of_kind if name in {"ground_level", "manning"} else known)
        if name == "inside":
            fields[name] = (merged >= 0.5).astype(np.int8)
        else:
            fields[name] = merged if name in _SUMS else np.where(keep, merged, np.nan)
    return _dataset(terrain, fields, own, factor)


def _blocks(values: NDArray[np.float64], factor: int, fill: float) -> NDArray[np.float64]:
    """Return the cells of each merged cell along a last axis, the rim padded with *fill*."""
    rows, columns = values.shape
    padded = np.pad(values, ((0, -rows % factor), (0, -columns % factor)), constant_values=fill)
    shape = (padded.shape[0] // factor, factor, padded.shape[1] // factor, factor)
    blocks = padded.reshape(shape).swapaxes(1, 2)
    return np.ascontiguousarray(blocks).reshape(shape[0], shape[2], factor * factor)


def _kind(fine: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.int8]:
    count = np.maximum(known.sum(axis=-1), 1)
    river = ((fine == WATER_RIVER) & known).sum(axis=-1) / count
    canal = ((fine == WATER_CANAL) & known).sum(axis=-1) / count
    kind = np.where(canal >= CANAL_SHARE, WATER_CANAL, WATER_LAND)
    kind = np.where((river >= 0.5) | ((river > canal) & (river >= CANAL_SHARE)), WATER_RIVER, kind)
    return kind.astype(np.int8)


def _mean(values: NDArray[np.float64], taken: NDArray[np.bool_]) -> NDArray[np.float64]:
    good = taken & ~np.isnan(values)
    count = good.sum(axis=-1)
    total = np.where(good, values, 0.0).sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _dataset(
    terrain: xr.Dataset,
    fields: dict[str, NDArray[np.float64] | NDArray[np.int8]],
    own: float,
    factor: int,
) -> xr.Dataset:
    size = own * factor
    rows, columns = next(iter(fields.values())).shape
    west = float(terrain["x"].values[0]) - own / 2
    north = float(terrain["y"].values[0]) + own / 2
    merged = xr.Dataset(
        {name: (("y", "x"), values, terrain[name].attrs) for name, values in fields.items()},
        coords={
            "y": ("y", north - (np.arange(rows) + 0.5) * size, terrain["y"].attrs),
            "x": ("x", west + (np.arange(columns) + 0.5) * size, terrain["x"].attrs),
        },
        attrs={**terrain.attrs, "cell_size_m": size},
    )
    for name in merged.data_vars:
        basis = merged[name].attrs.get("basis")
        if basis == "measured":
            merged[name].attrs["basis"] = "derived"
    return merged
