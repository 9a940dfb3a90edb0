"""A straight channel between banks, and scenarios on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xarray as xr

import twin
from scenarios import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from twin.city.city import City

WEST, NORTH, CELL_M = 500_000.0, 1_000_000.0, 10.0
MANNING = 0.03


@pytest.fixture
def channel(tmp_path: Path) -> Callable[..., City]:
    """Return a maker of channels of 40 by 2 cells that fall eastwards, between banks of 3 m."""

    def make(slope: float = 1e-3, *, columns: int = 40, banks: bool = True) -> City:
        bed = np.tile(-slope * CELL_M * np.arange(columns), (4, 1))
        water = np.zeros(bed.shape, np.int8)
        water[1:3] = 1
        if banks:
            bed[[0, -1]] = 3.0
        terrain = xr.Dataset(
            {
                "ground_level": (("y", "x"), bed),
                "manning": (("y", "x"), np.full(bed.shape, MANNING)),
                "water": (("y", "x"), water),
            },
            coords={
                "y": NORTH - CELL_M * (np.arange(4) + 0.5),
                "x": WEST + CELL_M * (np.arange(columns) + 0.5),
            },
            attrs={"cell_size_m": CELL_M},
        )
        return twin.City(name="channel", crs="EPSG:32648", terrain=terrain).save(
            tmp_path / f"channel-{slope:g}-{columns}-{banks}"
        )

    return make


@pytest.fixture
def scenario() -> Callable[..., Scenario]:
    """Return a maker of scenarios with closed edges; arguments are parts of the document."""

    def make(*boundaries: dict[str, Any], minutes: int = 60, **parts: Any) -> Scenario:
        return Scenario.from_dict(
            {
                "schema": 1,
                "name": "case",
                "period": {"start": "2025-10-22T00:00+07:00", "duration": f"{minutes} min"},
                "flood": {"edges": "closed", **parts.pop("flood", {})},
                "boundaries": list(boundaries),
                "outputs": {"frame_interval": "30 min", **parts.pop("outputs", {})},
                **parts,
            }
        )

    return make
