"""A city of 1 km², a storm of ten minutes, and sweeps over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import twin
from twin.ensembles.results import Ensemble, collect
from twin.ensembles.store import EnsembleStore
from twin.ensembles.sweeping import lay_out, plan_sweep
from twin.ensembles.tasks import compute_flood, compute_member

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from twin.city.city import City


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """Return a synthetic city of 1 km² on cells of 40 m, saved."""
    city = twin.synthesise(area_km2=1.0, cell_size_m=40.0, seed=3)
    return city.save(tmp_path_factory.mktemp("city") / "small")


def little_storm() -> dict[str, Any]:
    """Return a storm of ten minutes with calls and a closure."""
    return {
        "schema": 1,
        "name": "storm",
        "period": {"start": "2025-10-22T00:00+07:00", "duration": "10 min"},
        "rain": {"hyetograph": {"times": ["0 min", "6 min"], "rates_mm_h": [150, 0]}},
        "fleet": {"ambulances": 2, "fire_engines": 1},
        "incidents": {"generated": {"count": 5}},
        "timeline": [
            {"at": "3 min", "do": "close_bridge", "bridge": "bridge-1"},
            {"at": "4 min 7 s", "do": "set_rain", "multiplier": 0.5},
        ],
        "outputs": {"frame_interval": "5 min", "checkpoint_interval": "2 min"},
    }


def little_sweep() -> dict[str, Any]:
    """Return a sweep of two rains, two fleets and two replications: two floods, eight members."""
    return {
        "sweep": 1,
        "name": "little",
        "base": little_storm(),
        "factors": [
            {"name": "rain", "path": "rain.multiplier", "values": [0.5, 1.5], "unit": "1"},
            {"name": "ambulances", "path": "fleet.ambulances", "values": [1, 3]},
        ],
        "replications": 2,
        "seed": 4,
    }


@pytest.fixture
def document() -> dict[str, Any]:
    """Return the sweep of :func:`little_sweep`."""
    return little_sweep()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return the folder of a new store."""
    return tmp_path / "store"


@pytest.fixture(scope="session")
def compute() -> Callable[..., Ensemble]:
    """Return what computes a sweep in this process, without a cluster."""

    def work(document: dict[str, Any], city: City, store: Path) -> Ensemble:
        plan = plan_sweep(document, city, store=store)
        where = EnsembleStore(store)
        record = lay_out(where, plan)
        for digest in record.floods:
            compute_flood(str(store), record.sweep_id, digest, threads=1)
        for index in range(record.n_members):
            compute_member(str(store), record.sweep_id, index)
        collect(where, record, {"wall_s": 1.0})
        return Ensemble(where, record.sweep_id)

    return work


@pytest.fixture(scope="session")
def little(
    small_city: City, tmp_path_factory: pytest.TempPathFactory, compute: Callable[..., Ensemble]
) -> Ensemble:
    """Return the ensemble of :func:`little_sweep`, computed once."""
    return compute(little_sweep(), small_city, tmp_path_factory.mktemp("little"))
