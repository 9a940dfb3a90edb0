"""A fit finds what was put in, says what it cannot know, and marks the event as used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import twin
from models.errors import InvalidInputError
from scenarios import Scenario
from twin.calibration import Parameter, calibrate
from twin.evaluation.score import fitted_to
from twin.observed import read_observed

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City

CRAWL = "fleet.vehicle_classes.ambulance.crawl_speed_km_h"


@pytest.fixture(scope="module")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> City:
    city = twin.synthesise(area_km2=1.0, cell_size_m=40.0, seed=3)
    return city.save(tmp_path_factory.mktemp("city") / "small")


@pytest.fixture(scope="module")
def storm(small_city: City) -> Scenario:
    west, south, east, north = small_city.layer("boundary").total_bounds
    return Scenario.from_dict(
        {
            "schema": 1,
            "name": "storm",
            "period": {"start": "2025-10-22T16:00+07:00", "duration": "40 min"},
            "rain": {"hyetograph": {"times": ["0 min", "20 min"], "rates_mm_h": [120, 0]}},
            "gauges": [
                {
                    "name": "Middle",
                    "location": {"x_m": (west + east) / 2, "y_m": (south + north) / 2},
                    "interval": "2 min",
                }
            ],
        }
    )


@pytest.fixture(scope="module")
def levels(storm: Scenario, small_city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the mapping of levels over ground that lies 0.12 m higher than the scenario says."""
    folder = tmp_path_factory.mktemp("levels")
    truth = twin.run(
        storm.replace(**{"ground.offset_m": 0.12}), small_city, store=folder / "runs", threads=1
    )
    rows = ["t,s,h"]
    for time_s, level in zip(truth.gauges["time_s"], truth.gauges["level_m_Middle"], strict=True):
        moment = truth.start + pd.Timedelta(seconds=time_s)
        rows.append(f"{moment.isoformat()},Middle,{level}")
    (folder / "levels.csv").write_text("\n".join(rows) + "\n")
    (folder / "levels.yaml").write_text(
        "observed: 1\nkind: levels\nname: levels\nfile: levels.csv\n"
        "columns: {time: t, station: s, level: h}\n"
    )
    return folder / "levels.yaml"


@pytest.fixture(scope="module")
def found(storm: Scenario, small_city: City, levels: Path) -> Any:
    bounds: dict[str, Any] = {
        "ground.offset_m": (-0.3, 0.3),
        CRAWL: Parameter(low=4.0, high=6.0, start=5.0),
    }
    return calibrate(storm, small_city, [levels], bounds, most_runs=14)


def test_what_was_put_in_is_found(found: Any) -> None:
    offset = found.parameters[0]
    assert offset.value == pytest.approx(0.12, abs=0.01)
    assert offset.identified
    assert not offset.at_bound
    assert found.rmse_after["levels"] < 0.2 * found.rmse_before["levels"]


def test_a_figure_that_nothing_depends_on_is_not_called_known(found: Any) -> None:
    crawl = found.parameters[1]
    assert not crawl.identified
    assert crawl.error == float("inf")
    assert found.condition == float("inf")


def test_the_scenario_names_the_event_and_what_was_fitted(
    found: Any, levels: Path, small_city: City, tmp_path: Path
) -> None:
    (event,) = found.scenario.fitted
    assert event.name == "levels"
    assert event.fields == ("ground.offset_m", CRAWL)
    assert found.scenario.ground.offset_m == pytest.approx(found.parameters[0].value, abs=1e-6)
    run = twin.run(found.scenario, small_city, store=tmp_path, threads=1)
    assert fitted_to(run, read_observed(levels))


def test_a_spent_budget_gives_the_best_so_far(
    storm: Scenario, small_city: City, levels: Path
) -> None:
    told: list[float] = []
    bounds = {"ground.offset_m": Parameter(low=-0.3, high=0.3, start=-0.2)}
    short = calibrate(
        storm,
        small_city,
        [levels],
        bounds,
        most_runs=2,
        on_run=lambda _count, _values, error: told.append(error),
    )
    assert not short.converged
    assert short.runs == len(told) <= 5


def test_more_figures_than_observations_are_refused(
    storm: Scenario, small_city: City, levels: Path, tmp_path: Path
) -> None:
    lines = levels.with_name("levels.csv").read_text().splitlines()
    (tmp_path / "levels.csv").write_text("\n".join([lines[0], lines[-1]]) + "\n")
    (tmp_path / "levels.yaml").write_text(levels.read_text())
    with pytest.raises(InvalidInputError, match="cannot be fitted to 1 observations"):
        calibrate(storm, small_city, [tmp_path / "levels.yaml"], {"ground.offset_m": (-0.3, 0.3)})


def test_bounds_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValueError, match="high must be greater"):
        Parameter(low=1.0, high=0.0)
