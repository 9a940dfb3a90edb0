"""The ground of a run, where its scenario changes that of the city."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twin.city.city import WATER_LAND

if TYPE_CHECKING:
    import xarray as xr

    from scenarios.schema.ground import GroundChange

__all__ = ["change_ground"]


def change_ground(terrain: xr.Dataset, change: GroundChange) -> xr.Dataset:
    """
    Return *terrain* with its ground shifted and its roughness multiplied.

    Parameters
    ----------
    terrain
        ``ground_level``, and ``land_level``, ``manning`` and ``water`` where the city has them,
        shape (rows, columns). Without ``water`` all of it is land.
    change
        What the scenario says; the terrain itself is returned where that is nothing.
    """
    if not change.model_fields_set or change == type(change)():
        return terrain
    changed = terrain.copy()
    ground = terrain["ground_level"]
    land = np.ones(ground.shape, np.bool_)
    if "water" in terrain:
        land = np.asarray(terrain["water"].values) == WATER_LAND
    shift = np.where(land, change.offset_m, change.bed_offset_m)
    changed["ground_level"] = (ground + shift).assign_attrs(ground.attrs)
    if "land_level" in terrain:
        level = terrain["land_level"]
        changed["land_level"] = (level + change.offset_m).assign_attrs(level.attrs)
    if "manning" in terrain:
        manning = terrain["manning"]
        changed["manning"] = (manning * change.manning_multiplier).assign_attrs(manning.attrs)
    return changed
