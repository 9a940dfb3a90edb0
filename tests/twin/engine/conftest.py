"""A small city and a short storm, on which everything happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import twin
from scenarios import Scenario

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """Return a synthetic city of 1 km², saved."""
    city = twin.synthesise(area_km2=1.0, cell_size_m=20.0, seed=3)
    return city.save(tmp_path_factory.mktemp("city") / "small")


@pytest.fixture
def document() -> dict[str, Any]:
    """Return a storm of one hour, with everything that a scenario can do."""
    return {
        "schema": 1,
        "name": "short_storm",
        "period": {"start": "2025-10-22T00:00+07:00", "duration": "1 h"},
        "seed": 5,
        "rain": {"hyetograph": {"times": ["0 min", "30 min"], "rates_mm_h": [180, 0]}},
        "tide": {
            "series": {"times": ["0 h", "2 h"], "levels_m": [0.6, 1.8]},
            "applies_to": ["river", "canal_mouths"],
        },
        "fleet": {"ambulances": 3, "fire_engines": 2},
        "incidents": {"generated": {"count": 12}},
        "timeline": [
            {"at": "10 min", "do": "close_bridge", "bridge": "bridge-1"},
            {"at": "12 min 30 s", "do": "set_tide_offset", "offset_m": 0.1},
            {"at": "20 min", "do": "unit_out_of_service", "unit": "ambulance-2"},
            {"at": "25 min 7 s", "do": "set_rain", "multiplier": 0.5},
            {"at": "40 min", "do": "open_bridge", "bridge": "bridge-1"},
        ],
        "outputs": {"frame_interval": "10 min", "checkpoint_interval": "20 min"},
    }


@pytest.fixture
def storm(document: dict[str, Any]) -> Scenario:
    """Return the storm as a scenario."""
    return Scenario.from_dict(document)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return the folder of a new store."""
    return tmp_path / "runs"
