"""A short storm over a small city, and observations taken from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import twin
from scenarios import Scenario
from twin.evaluation.streets import StreetCells

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City
    from twin.results.open import Run


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """Return a synthetic city of 1 km², saved."""
    city = twin.synthesise(area_km2=1.0, cell_size_m=20.0, seed=3)
    return city.save(tmp_path_factory.mktemp("city") / "small")


@pytest.fixture(scope="session")
def storm(small_city: City) -> Scenario:
    """Return an hour of heavy rain, with a gauge and a fit to another event."""
    west, south, east, north = small_city.layer("boundary").total_bounds
    return Scenario.from_dict(
        {
            "schema": 1,
            "name": "storm",
            "period": {"start": "2025-10-22T16:00+07:00", "duration": "1 h"},
            "rain": {"hyetograph": {"times": ["0 min", "40 min"], "rates_mm_h": [180, 0]}},
            "gauges": [
                {
                    "name": "Middle",
                    "location": {"x_m": (west + east) / 2, "y_m": (south + north) / 2},
                    "interval": "5 min",
                }
            ],
            "outputs": {"frame_interval": "5 min"},
        }
    )


@pytest.fixture(scope="session")
def wet(storm: Scenario, small_city: City, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return the run of the storm."""
    return twin.run(storm, small_city, store=tmp_path_factory.mktemp("runs"), threads=1)


@pytest.fixture(scope="session")
def deepest(wet: Run) -> tuple[float, float, float]:
    """Return place and greatest depth, m, of the deepest street cell."""
    cells = StreetCells(wet)
    most = cells.depth_m.max(axis=0)
    place = int(np.argmax(np.where(cells.inside, most, -1.0)))
    x_m, y_m = cells.xy(place)
    return x_m, y_m, float(most[place])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder for observations."""
    return tmp_path
