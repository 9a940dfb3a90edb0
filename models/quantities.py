"""
The registry of physical quantities: one row per array that a state or a result holds.

Names, symbols, units and CF standard names are written here once; checkpoints and result files
take them from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["QUANTITIES", "Quantity", "quantity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """
    What an array holds.

    Parameters
    ----------
    key
        Name of the array in code and files.
    symbol
        Symbol in kernels and formulae.
    unit
        UDUNITS string; ``"1"`` where there is none.
    dims
        Dimensions in order.
    location
        ``"cell"``, ``"west face"``, ``"north face"``, ``"edge"`` (of the road graph) or ``"run"``.
    long_name
        What it is, for people.
    cf_name
        CF standard name, or empty where none exists.
    checkpoint
        Whether a checkpoint must hold it.
    """

    key: str
    symbol: str
    unit: str
    dims: tuple[str, ...]
    location: str
    long_name: str
    cf_name: str = ""
    checkpoint: bool = False


_YX = ("y", "x")

_ALL = (
    Quantity(
        key="ground_level", symbol="z", unit="m", dims=_YX, location="cell",
        long_name="level of the ground, bed included", cf_name="surface_altitude",
    ),
    Quantity(
        key="manning", symbol="n", unit="s m-1/3", dims=_YX, location="cell",
        long_name="Manning's roughness coefficient",
    ),
    Quantity(
        key="depth", symbol="h", unit="m", dims=_YX, location="cell",
        long_name="water depth", cf_name="flood_water_thickness", checkpoint=True,
    ),
    Quantity(
        key="discharge_x", symbol="qx", unit="m2 s-1", dims=_YX, location="west face",
        long_name="eastward discharge per unit width", checkpoint=True,
    ),
    Quantity(
        key="discharge_y", symbol="qy", unit="m2 s-1", dims=_YX, location="north face",
        long_name="southward discharge per unit width", checkpoint=True,
    ),
    Quantity(
        key="speed", symbol="v", unit="m s-1", dims=_YX, location="cell",
        long_name="flow speed", cf_name="flood_water_speed",
    ),
    Quantity(
        key="max_depth", symbol="h_max", unit="m", dims=_YX, location="cell",
        long_name="largest water depth since the start", checkpoint=True,
    ),
    Quantity(
        key="sampled_max_depth", symbol="h_ref", unit="m", dims=_YX, location="cell",
        long_name="largest water depth that a sample has seen", checkpoint=True,
    ),
    Quantity(
        key="time_of_max", symbol="t_max", unit="s", dims=_YX, location="cell",
        long_name="time of the largest water depth", checkpoint=True,
    ),
    Quantity(
        key="arrival_time", symbol="t_a", unit="s", dims=_YX, location="cell",
        long_name="time at which the water first reached the arrival depth", checkpoint=True,
    ),
    Quantity(
        key="duration", symbol="T", unit="s", dims=_YX, location="cell",
        long_name="time for which the water stood at or above the duration depth",
        checkpoint=True,
    ),
    Quantity(
        key="max_speed", symbol="v_max", unit="m s-1", dims=_YX, location="cell",
        long_name="largest sampled flow speed", checkpoint=True,
    ),
    Quantity(
        key="max_hazard", symbol="HR", unit="1", dims=_YX, location="cell",
        long_name="largest sampled hazard rating to people (DEFRA 2006)", checkpoint=True,
    ),
    Quantity(
        key="road_depth", symbol="h", unit="m", dims=("edge",), location="edge",
        long_name="deepest water on a road edge",
    ),
    Quantity(
        key="travel_time", symbol="T", unit="s", dims=("edge",), location="edge",
        long_name="travel time along a road edge",
    ),
)  # fmt: skip

#: Every quantity by its key.
QUANTITIES: Mapping[str, Quantity] = {each.key: each for each in _ALL}


def quantity(key: str) -> Quantity:
    """
    Return the quantity named *key*.

    Raises
    ------
    InvalidQuantityError
        If there is none.
    """
    if key not in QUANTITIES:
        raise InvalidQuantityError(
            "no such quantity", value=key, remedy=f"Known: {', '.join(QUANTITIES)}."
        )
    return QUANTITIES[key]
