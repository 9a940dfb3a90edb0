"""Runs with drains: where the water goes, books that agree, and runs that are resumed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import twin
from scenarios import Scenario
from twin.city.city import City
from twin.running import Interrupted

INLETS = {
    "rules": [
        {"name": "main", "roads": ["primary", "secondary"], "inlet_l_s": 20.0, "spacing_m": 25.0},
        {"name": "rest", "capacity_mm_h": 20.0},
    ],
    "full_head_m": 0.05,
}


def stop_at(exchange: int) -> Callable[[], bool]:
    asked = iter(range(10_000))
    return lambda: next(asked) >= exchange


def flooded_m3(run: Any) -> float:
    depth = run.flood["max_depth"].to_numpy()
    land = run.flood["water"].to_numpy() == 0
    return float(np.nansum(depth[land]) * 400.0)


def books_close(ledger: pd.DataFrame) -> None:
    """Check the books of surface and drains against each other, and each alone, at every time."""
    assert ledger["closure"].max() < 1e-9
    moved = (ledger["drain_taken_m3"] + ledger["drain_given_m3"]).iloc[-1]
    assert moved > 0.0
    assert ledger["drain_mismatch_m3"].abs().max() < 1e-9 * moved + 1e-9
    # What the surface solver booked is what the drains say they took and gave.
    assert ledger["abstraction_m3"].iloc[-1] == pytest.approx(
        ledger["drain_taken_m3"].iloc[-1], rel=1e-9
    )
    assert ledger["inflow_m3"].iloc[-1] == pytest.approx(
        ledger["drain_given_m3"].iloc[-1], rel=1e-9, abs=1e-9
    )


def test_a_network_takes_water_from_the_streets_and_both_books_agree(
    small_city: City, wet: dict[str, Any], drain_file: Path, store: Path
) -> None:
    dry = twin.run(Scenario.from_dict(wet), small_city, store=store)
    wet["drainage"] = {"network": {"file": str(drain_file)}}
    drained = twin.run(Scenario.from_dict(wet), small_city, store=store)
    ledger = drained.ledger
    books_close(ledger)
    assert ledger["drain_taken_m3"].iloc[-1] > 100.0
    assert flooded_m3(drained) < flooded_m3(dry)
    last = ledger.iloc[-1]
    # The drains' own balance: nothing in it but what SWMM says that its equations made.
    stored = last["drain_stored_m3"] - last["drain_initial_m3"]
    gained = last["drain_taken_m3"] + last["drain_entered_m3"] + last["drain_owed_m3"]
    lost = last["drain_given_m3"] + last["drain_left_m3"] + last["drain_lost_m3"]
    assert stored - gained + lost == pytest.approx(last["drain_made_m3"], abs=1e-6)
    series = drained.series("drainage")
    assert {"time_s", "drained_m3_M0", "head_m_M0", "outfall_m3_OUT"} <= set(series.columns)
    kinds = {note["kind"] for note in drained.manifest["warnings"] if isinstance(note, dict)}
    assert "drainage_network" in kinds


@pytest.mark.parametrize("exchange", [3, 17])
def test_a_drained_run_that_is_resumed_ends_like_one_that_never_stopped(
    small_city: City, wet: dict[str, Any], drain_file: Path, store: Path, exchange: int
) -> None:
    wet["drainage"] = {"network": {"file": str(drain_file)}, "inlets": INLETS}
    storm = Scenario.from_dict(wet)
    whole = twin.run(storm, small_city, store=store)
    with pytest.raises(Interrupted) as stopped:
        twin.run(storm, small_city, store=store, should_stop=stop_at(exchange))
    assert twin.resume(stopped.value.run_id, store=store).digest == whole.digest


@pytest.mark.parametrize("to", ["nearest_water", "away"])
def test_inlets_lower_the_flood_and_lose_nothing(
    small_city: City, wet: dict[str, Any], store: Path, to: str
) -> None:
    dry = twin.run(Scenario.from_dict(wet), small_city, store=store)
    wet["drainage"] = {"inlets": {**INLETS, "to": to}}
    drained = twin.run(Scenario.from_dict(wet), small_city, store=store)
    books_close(drained.ledger)
    last = drained.ledger.iloc[-1]
    assert flooded_m3(drained) < flooded_m3(dry)
    in_pipes = last["drain_stored_m3"]
    passed = last["drain_given_m3"] + last["drain_left_m3"]
    assert last["drain_taken_m3"] + last["drain_entered_m3"] == pytest.approx(passed + in_pipes)
    if to == "away":
        assert last["drain_left_m3"] > 0.0
        assert last["drain_given_m3"] == 0.0
    kinds = {note["kind"] for note in drained.manifest["warnings"] if isinstance(note, dict)}
    assert "drainage_inlets" in kinds


def test_a_tide_above_the_outlets_shuts_them(
    small_city: City, wet: dict[str, Any], store: Path
) -> None:
    taken = []
    for shut in (-3.0, 3.0):
        wet["drainage"] = {"inlets": {**INLETS, "shut_level_m": shut}}
        run = twin.run(Scenario.from_dict(wet), small_city, store=store)
        taken.append(float(run.ledger["drain_taken_m3"].iloc[-1]))
    assert taken[0] == 0.0
    assert taken[1] > 100.0


def test_without_flaps_a_high_tide_comes_up_through_the_inlets(
    small_city: City, wet: dict[str, Any], store: Path
) -> None:
    del wet["rain"]
    wet["tide"]["series"]["levels_m"] = [2.0, 2.4]
    wet["tide"]["applies_to"] = ["river"]
    wet["initial"] = {"canals": "dry"}
    wet["timeline"] = []
    given = []
    for flap in (True, False):
        wet["drainage"] = {"inlets": {**INLETS, "flap": flap}}
        run = twin.run(Scenario.from_dict(wet), small_city, store=store)
        given.append(float(run.ledger["drain_entered_m3"].iloc[-1]))
    assert given[0] == 0.0
    assert given[1] > 0.0


def test_a_sealed_network_below_the_tide_changes_nothing_on_land(
    small_city: City, wet: dict[str, Any], drain_file: Path, store: Path
) -> None:
    names = [f"M{k}" for k in range(1, 8)]
    wet["drainage"] = {
        "network": {"file": str(drain_file), "nodes": [{"nodes": names, "sealed": True}]}
    }
    run = twin.run(Scenario.from_dict(wet), small_city, store=store)
    assert [c for c in run.series("drainage").columns if c.startswith("drained")] == [
        "drained_m3_M0"
    ]
