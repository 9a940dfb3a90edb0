"""From a scenario and a city to the drains of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twin.city.city import WATER_LAND
from twin.engine.drainage import Drainage, Part
from twin.engine.setup_inlets import set_up_inlets
from twin.engine.setup_sewer import set_up_sewer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood import FloodDomain
    from scenarios.schema.scenario import Scenario
    from twin.city.city import City
    from twin.engine.places import PlaceFinder

__all__ = ["Surface", "set_up_drainage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """What the drains must know of the ground above them."""

    scenario: Scenario
    city: City
    places: PlaceFinder
    domain: FloodDomain
    water: NDArray[np.int8]
    channels: tuple[NDArray[np.int64], NDArray[np.float64]]

    @property
    def ends(self) -> NDArray[np.bool_]:
        """Cells of canals and rivers, where drains may end, shape (rows, columns)."""
        wet = self.ground & ((self.water != WATER_LAND) | (self.zone > 0))
        wet.ravel()[self.channels[0]] = True
        return np.asarray(wet, np.bool_)

    @property
    def lowest_m(self) -> NDArray[np.float64]:
        """Ground, or the bed of the channel in it, of every cell, m, shape (rows * columns,)."""
        bed = self.domain.bed_m.ravel().copy()
        bed[self.channels[0]] = self.channels[1]
        return bed

    @property
    def ground(self) -> NDArray[np.bool_]:
        """Cells with ground, shape (rows, columns)."""
        return ~np.isnan(self.domain.bed_m)

    @property
    def zone(self) -> NDArray[np.int16]:
        """Zone that prescribes the level, 0 where it is computed, shape (rows, columns)."""
        zone = self.domain.level_zone
        return np.zeros(self.domain.grid.shape, np.int16) if zone is None else zone


def set_up_drainage(
    scenario: Scenario,
    city: City,
    places: PlaceFinder,
    domain: FloodDomain,
    water: NDArray[np.int8],
    *,
    channels: tuple[NDArray[np.int64], NDArray[np.float64]] | None = None,
) -> Drainage | None:
    """
    Build the drains that the scenario asks for; None where it asks for none.

    Parameters
    ----------
    water
        Kind of water of every cell, as the terrain has it, shape (rows, columns).
    channels
        Flat cells with a channel narrower than they are, and its bed, m.

    Raises
    ------
    ScenarioError
        If the network cannot be read, lies off the grid, or the inlets find no road or water.
    """
    wanted = scenario.drainage
    if wanted is None:
        return None
    none = np.empty(0, np.int64), np.empty(0, np.float64)
    surface = Surface(
        scenario=scenario,
        city=city,
        places=places,
        domain=domain,
        water=water,
        channels=none if channels is None else channels,
    )
    parts: dict[str, Part] = {}
    notes: list[dict[str, str]] = []
    intervals: list[float] = []
    if wanted.network is not None:
        parts["network"], told = set_up_sewer(wanted.network, surface)
        notes += told
        intervals.append(wanted.network.interval)
    if wanted.inlets is not None:
        parts["inlets"], told = set_up_inlets(wanted.inlets, surface)
        notes += told
        intervals.append(wanted.inlets.interval)
    return Drainage(parts=parts, interval_s=min(intervals), notes=tuple(notes))
