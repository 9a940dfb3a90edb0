"""The shipped fire: at a real block, on low ground, and harder to reach than on a dry day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shapely

import twin

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

pytestmark = pytest.mark.slow


def arrival_s(events: pd.DataFrame) -> float:
    """Return the response time of the first engine at the fire, s."""
    rows = events[
        (events["kind"] == "unit_arrived")
        & (events["incident"] == "tower-fire")
        & (events["service"] == "fire")
    ]
    return float(rows["value"].iloc[0])


def test_the_fire_burns_in_a_block_on_low_ground_and_water_and_closures_delay_the_engines(
    tmp_path: Path,
) -> None:
    scenario = twin.load_scenario("apartment_fire_blocked_roads")
    city = twin.default_city()
    fire = scenario.incidents.listed[0].location
    blocks = city.layers["buildings"]
    blocks = blocks[blocks["kind"] == "apartments"]
    assert float(blocks.distance(shapely.Point(fire.x_m, fire.y_m)).min()) < 5.0
    flooded = twin.run(scenario, city, store=tmp_path, threads=1)
    dry = twin.run(
        scenario.replace(flood="none", rain=None, tide=None, initial=None, closures=()),
        city,
        store=tmp_path,
        threads=1,
    )
    assert flooded.kpis["road_km_closed"]["fire_engine"] > 1.0
    depth = flooded.flood["max_depth"].sel(x=fire.x_m, y=fire.y_m, method="nearest")
    assert float(depth) > 0.1
    assert arrival_s(flooded.events) > 1.5 * arrival_s(dry.events)
    assigned = flooded.events[flooded.events["kind"] == "unit_assigned"]
    assert float(assigned["value"].max()) < 3.0 * 3600.0
