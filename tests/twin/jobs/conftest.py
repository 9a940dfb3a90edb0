"""A city so small that a job takes a few seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import twin
from scenarios import Scenario

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def city_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a synthetic city of 1 km²."""
    folder = tmp_path_factory.mktemp("city") / "small"
    twin.synthesise(area_km2=1.0, cell_size_m=40.0, seed=3).save(folder)
    return folder


@pytest.fixture
def shower() -> Scenario:
    """Return a quarter of an hour of rain."""
    return Scenario.from_dict(
        {
            "schema": 1,
            "name": "shower",
            "period": {"start": "2025-10-22T00:00+07:00", "duration": "15 min"},
            "rain": {"hyetograph": {"times": ["0 min", "10 min"], "rates_mm_h": [90, 0]}},
            "outputs": {"frame_interval": "5 min"},
        }
    )


@pytest.fixture
def long_rain(shower: Scenario) -> Scenario:
    """Return a rain that lasts so long that it does not end before somebody stops it."""
    return shower.replace(name="long_rain", **{"period.duration": "200 h"})
