"""Which water the tide moves, and which tide harmonic constants give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xarray as xr

import twin
from models.errors import ScenarioError
from models.tides import equilibrium_deg, nodal
from scenarios import Scenario
from twin.engine.setup_forcing import level_series

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City

START = "2025-10-22T00:00+07:00"
CONSTANTS = {"M2": (0.773, 193.8), "K1": (0.595, 206.6), "S2": (0.302, 228.6)}


@pytest.fixture
def coast(tmp_path: Path) -> City:
    """Return bare ground that rises from -1 m at its western edge to 2.8 m at its eastern one."""
    level = np.tile(np.arange(-1.0, 3.0, 0.2), (8, 1))
    terrain = xr.Dataset(
        {
            "ground_level": (("y", "x"), level),
            "manning": (("y", "x"), np.full(level.shape, 0.03)),
        },
        coords={"y": 1_000_070.0 - 10.0 * np.arange(8), "x": 500_005.0 + 10.0 * np.arange(20)},
        attrs={"cell_size_m": 10.0},
    )
    return twin.City(name="coast", crs="EPSG:32648", terrain=terrain).save(tmp_path / "coast")


def scenario(**tide: Any) -> Scenario:
    flat = {"series": {"times": ["0 h", "2 h"], "levels_m": [0.0, 1.0]}}
    return Scenario.from_dict(
        {
            "schema": 1,
            "name": "tide",
            "period": {"start": START, "duration": "2 h"},
            "tide": {**flat, **tide},
        }
    )


def test_a_tide_enters_over_low_edges_and_over_no_others(coast: City, tmp_path: Path) -> None:
    done = twin.run(scenario(applies_to=["low_edges"]), coast, store=tmp_path / "runs")
    deepest = done.flood["max_depth"].to_numpy()
    ground = done.flood["ground_level"].to_numpy()
    west = ground[3, :10]  # up to 0.8 m: all below the high water of 1 m
    np.testing.assert_allclose(deepest[3, :9], 1.0 - west[:9], atol=0.05)
    assert np.nanmax(np.where(ground > 1.05, deepest, 0.0)) < 1e-6
    assert done.summary["volume_error"] < 1e-12
    assert done.ledger.iloc[-1]["level_in_m3"] > 1000.0


def test_an_offset_of_the_timeline_counts_for_what_is_low(coast: City, tmp_path: Path) -> None:
    surge = {"at": "1 h", "do": "set_tide_offset", "offset_m": 1.0}
    raised = scenario(applies_to=["low_edges"]).replace(timeline=[surge])
    done = twin.run(raised, coast, store=tmp_path / "runs")
    ground = done.flood["ground_level"].to_numpy()
    high = (ground > 1.05) & (ground < 1.85)
    assert (done.flood["max_depth"].to_numpy()[high] > 0.05).all()


def test_without_water_the_message_says_how_to_get_some(coast: City, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"low_edges.*terrain\.sea"):
        twin.run(scenario(), coast, store=tmp_path / "runs")


def harmonic(**fields: Any) -> Any:
    constants = [{"name": n, "amplitude_m": a, "phase_deg": g} for n, (a, g) in CONSTANTS.items()]
    told = {"mean_level_m": 0.2, "constituents": constants, **fields}
    document = scenario().to_dict()
    document["tide"] = {"harmonic": told}
    return Scenario.from_dict(document)


def test_published_constants_are_turned_to_the_hour_and_corrected_for_the_year() -> None:
    told = harmonic(phases="greenwich")
    series = level_series(told.tide, told.period.duration_s, told.period.start)
    start = datetime(2025, 10, 21, 17, tzinfo=UTC)
    for hours in (0.0, 0.9, 2.0):
        at, level = start + timedelta(hours=hours), 0.2
        for name, (amplitude_m, lag_deg) in CONSTANTS.items():
            f, u = nodal(name, start + timedelta(hours=1))
            argument = equilibrium_deg(name, at) + u - lag_deg
            level += f * amplitude_m * np.cos(np.radians(argument))
        assert series.level_m(3600.0 * hours) == pytest.approx(level, abs=1e-3)


def test_phases_at_a_reference_stay_as_they_are_given() -> None:
    told = harmonic(reference="1 h")
    series = level_series(told.tide, told.period.duration_s, told.period.start)
    at_reference = sum(a * np.cos(np.radians(g)) for a, g in CONSTANTS.values())
    assert series.level_m(3600.0) == pytest.approx(0.2 + at_reference)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"reference": "0 h"}, "at_reference"),
        ({"constituents": [{"name": "M1", "amplitude_m": 0.1, "phase_deg": 0}]}, "M1 is not known"),
        (
            {
                "constituents": [
                    {"name": "M2", "amplitude_m": 1, "phase_deg": 0, "speed_deg_h": 28.98}
                ]
            },
            "leave speed_deg_h out",
        ),
    ],
)
def test_what_does_not_go_with_published_constants_is_refused(
    fields: dict[str, Any], says: str
) -> None:
    with pytest.raises(ScenarioError, match=says):
        harmonic(phases="greenwich", **fields)
