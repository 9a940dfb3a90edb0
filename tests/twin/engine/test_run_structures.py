"""A whole run with a gate and a pump: what they do, what is kept, and the same after a stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import twin
from models.errors import ScenarioError
from scenarios import Scenario
from twin.results.export import export_run
from twin.running import Interrupted

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City

#: The mouth of a canal of the small city, and places on both sides of it.
MOUTH = {"x_m": 590110.0, "y_m": 1110690.0}
CANAL = {"x_m": 590190.0, "y_m": 1110690.0}
RIVER = {"x_m": 590000.0, "y_m": 1110690.0}


@pytest.fixture
def gated(document: dict[str, Any]) -> Scenario:
    document["name"] = "gated"
    document["outputs"]["gauge_interval"] = "5 min"
    document["structures"] = [
        {
            "id": "gate", "kind": "gate", "line": {"across": MOUTH}, "inside": CANAL, "top_m": 3.0,
            "operating_time": "2 min", "open_when": "inside - outside > 0.02 m",
            "close_when": "outside > inside and tide > 0.9 m",
        },
        {
            "id": "pump", "kind": "pump", "from_location": CANAL, "to_location": RIVER,
            "capacity_m3_s": 1.5, "start_level_m": 0.9, "stop_level_m": 0.5,
        },
    ]  # fmt: skip
    document["timeline"] += [
        {"at": "35 min", "do": "fail_structure", "structure": "pump", "how": "no_power"},
        {"at": "45 min 20 s", "do": "repair_structure", "structure": "pump"},
        {"at": "50 min", "do": "operate_structure", "structure": "gate", "opening": 0.5},
    ]
    return Scenario.from_dict(document)


class _StopAt:
    def __init__(self, exchange: int) -> None:
        self.left = exchange

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_gate_and_pump_do_what_their_rules_and_orders_say(
    small_city: City, gated: Scenario, store: Path, tmp_path: Path
) -> None:
    done = twin.run(gated, small_city, store=store)
    assert done.summary["volume_error"] < 1e-9
    events = done.events[done.events["kind"].str.startswith("structure_")]
    told = list(zip(events["time_s"], events["kind"], events["facility"], strict=True))
    assert (2100.0, "structure_failed", "pump") in told
    assert (2720.0, "structure_repaired", "pump") in told
    assert ("structure_closed", "gate") in [entry[1:] for entry in told]
    assert (np.diff(done.events["time_s"]) >= 0.0).all()

    table = done.structures
    pump = table[table["structure"] == "pump"].set_index("time_s")
    assert pump["discharge_m3_s"].max() == pytest.approx(1.5, rel=1e-6)
    assert pump["state"].loc[2400.0] == "no_power"
    assert pump["discharge_m3_s"].loc[2700.0] == 0.0
    gate = table[table["structure"] == "gate"].set_index("time_s")
    assert gate["opening"].loc[3600.0] == pytest.approx(0.5)
    closed = gate[(gate["opening"] == 0.0) & (gate["opening"].shift() == 0.0)]
    assert len(closed)
    assert closed["discharge_m3_s"].abs().max() < 1e-9
    assert (closed["outside_level_m"] != closed["inside_level_m"]).all()

    last = done.ledger.iloc[-1]
    assert last["structures_out_m3"] == pytest.approx(pump["volume_m3"].iloc[-1], rel=1e-9)

    export_run(done, tmp_path / "out", formats=("csv",))
    written = pd.read_csv(tmp_path / "out" / "structures.csv")
    assert len(written) == len(table) == 2 * 13


def test_stopped_run_with_structures_ends_as_if_it_had_never_stopped(
    small_city: City, gated: Scenario, store: Path
) -> None:
    whole = twin.run(gated, small_city, store=store)
    with pytest.raises(Interrupted) as stopped:
        twin.run(gated, small_city, store=store, should_stop=_StopAt(40))
    again = twin.resume(stopped.value.run_id, store=store)
    assert again.digest == whole.digest
    assert again.events["kind"].tolist() == whole.events["kind"].tolist()
    assert again.structures.equals(whole.structures)


def test_fault_of_a_structure_names_its_field(
    small_city: City, gated: Scenario, store: Path
) -> None:
    wrong = gated.replace(**{"structures.1.from_location": {"x_m": 590250.0, "y_m": 1110890.0}})
    with pytest.raises(ScenarioError, match=r"structures\[1\] \(pump\).from_location: no canal"):
        twin.run(wrong, small_city, store=store)
