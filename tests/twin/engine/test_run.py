"""A whole run: what comes out, and that it comes out the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import twin
from scenarios import Scenario
from twin.running import Interrupted
from twin.store import RunStore

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City


def test_a_run_holds_what_it_promises(small_city: City, storm: Scenario, store: Path) -> None:
    done = twin.run(storm, small_city, store=store)
    summary = done.summary
    for key in (
        *("run", "digest", "wall_s", "simulated_s", "steps", "volume_error", "max_depth_m"),
        *("flooded_area_m2", "road_km_closed", "incidents", "served", "unserved", "stranded"),
        *("response_time_s", "within_target"),
    ):
        assert key in summary
    assert summary["volume_error"] < 1e-9
    assert summary["incidents"] == 12
    assert done.flood["depth"].sizes["time"] == 7
    assert float(done.flood["max_depth"].max()) > 0.1
    assert {"call_received", "unit_arrived", "unit_out_of_service"} <= set(done.events["kind"])
    assert (np.diff(done.events["time_s"]) >= 0.0).all()
    assert done.city.name == small_city.name


def test_water_ends_up_where_the_ledger_says(
    small_city: City, storm: Scenario, store: Path
) -> None:
    done = twin.run(storm, small_city, store=store)
    last = done.ledger.iloc[-1]
    rained_m = (180.0 * 25.116667 / 60 + 90.0 * 4.883333 / 60) / 1000.0
    computed_m2 = last["rain_m3"] / rained_m
    cells = computed_m2 / 400.0
    assert cells == pytest.approx(round(cells), rel=1e-6)
    assert abs(last["residual_m3"]) <= 1e-9 * last["throughput_m3"]


@pytest.mark.parametrize("threads", [1, 2])
def test_any_number_of_threads_gives_the_same_bytes(
    small_city: City, storm: Scenario, store: Path, threads: int
) -> None:
    import numba  # noqa: PLC0415 - only to know what this machine has

    if threads > numba.config.NUMBA_NUM_THREADS:
        pytest.skip("this machine has one processor")
    first = twin.run(storm, small_city, store=store)
    again = twin.run(storm, small_city, store=store, threads=threads)
    assert again.digest == first.digest


def test_another_seed_gives_other_calls(small_city: City, storm: Scenario, store: Path) -> None:
    dry = storm.replace(flood="none", rain=None, tide=None, timeline=[])
    first = twin.run(dry, small_city, store=store)
    other = twin.run(dry.replace(seed=6), small_city, store=store)
    assert first.digest != other.digest
    assert list(first.incidents["x_m"]) != list(other.incidents["x_m"])


def test_output_settings_change_no_result(small_city: City, storm: Scenario, store: Path) -> None:
    plain = twin.run(storm, small_city, store=store)
    chatty = twin.run(
        storm.replace(
            outputs={"frame_interval": "1 min", "checkpoint_interval": "1 min"},
            gauges=[{"name": "here", "location": {"facility": "hospital-1"}}],
        ),
        small_city,
        store=store,
    )
    assert (plain.flood["max_depth"].values == chatty.flood["max_depth"].values)[
        np.isfinite(plain.flood["max_depth"].values)
    ].all()
    assert plain.events.drop(columns="detail").equals(chatty.events.drop(columns="detail"))


class _StopAt:
    """Ask for a stop at a chosen exchange."""

    def __init__(self, exchange: int) -> None:
        self._left = exchange

    def __call__(self) -> bool:
        self._left -= 1
        return self._left < 0


@pytest.mark.parametrize("exchange", [0, 13, 41])
def test_a_stopped_run_ends_like_one_that_never_stopped(
    small_city: City, storm: Scenario, store: Path, exchange: int
) -> None:
    whole = twin.run(
        storm.replace(**{"outputs.checkpoint_interval": "10 h"}), small_city, store=store
    )
    with pytest.raises(Interrupted) as stopped:
        twin.run(storm, small_city, store=store, should_stop=_StopAt(exchange))
    again = twin.resume(stopped.value.run_id, store=store)
    assert again.digest == whole.digest


def test_a_run_stopped_twice_ends_like_one_that_never_stopped(
    small_city: City, storm: Scenario, store: Path
) -> None:
    whole = twin.run(storm, small_city, store=store)
    with pytest.raises(Interrupted) as stopped:
        twin.run(storm, small_city, store=store, should_stop=_StopAt(30))
    with pytest.raises(Interrupted):
        twin.resume(stopped.value.run_id, store=store, should_stop=_StopAt(5))
    with pytest.raises(Interrupted):
        twin.resume(stopped.value.run_id, store=store, should_stop=_StopAt(44))
    assert twin.resume(stopped.value.run_id, store=store).digest == whole.digest


def test_a_killed_run_resumes_to_the_same_digest(
    small_city: City, storm: Scenario, store: Path, tmp_path: Path
) -> None:
    whole = twin.run(storm, small_city, store=store)
    path = tmp_path / "storm.yaml"
    path.write_text(storm.to_yaml(), encoding="utf-8")
    code = textwrap.dedent(
        f"""
        import os, signal, twin
        def tell(progress):
            print(progress.simulated_s, flush=True)
            if progress.simulated_s >= 1900:
                os.kill(os.getpid(), signal.SIGKILL)
        twin.run({str(path)!r}, {str(small_city.folder)!r}, store={str(store)!r}, on_progress=tell)
        """
    )
    child = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], check=False, capture_output=True, timeout=240
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    (torn,) = [r for r in RunStore(store).runs() if r.state != "finished"]
    assert twin.resume(torn.run_id, store=store).digest == whole.digest
    assert not RunStore(store).verify().problems


def test_a_city_of_terrain_alone_floods(small_city: City, store: Path, tmp_path: Path) -> None:
    bare = twin.City(name="bare", crs=small_city.crs, terrain=small_city.terrain)
    scenario = Scenario.from_dict(
        {
            "schema": 1,
            "name": "inflow",
            "period": {"start": "2025-01-01T00:00Z", "duration": "30 min"},
            "inflows": [
                {
                    "name": "breach",
                    "location": _middle(small_city),
                    "discharge": {"times": ["0 s", "30 min"], "discharges_m3_s": [5, 5]},
                }
            ],
            "gauges": [{"name": "g", "location": _middle(small_city)}],
        }
    )
    done = twin.run(scenario, bare.save(tmp_path / "bare"), store=store)
    assert done.ledger.iloc[-1]["inflow_m3"] == pytest.approx(9000.0)
    assert done.gauges["depth_m_g"].max() > 0.05
    assert done.summary["incidents"] == 0


def _middle(city: City) -> dict[str, float]:
    grid = city.grid
    land = (city.terrain["water"].values == 0) & np.isfinite(city.terrain["ground_level"].values)
    rows, columns = np.nonzero(land)
    middle = len(rows) // 2
    return {
        "x_m": float(grid.x_m[columns[middle]]),
        "y_m": float(grid.y_m[rows[middle]]),
    }


def test_a_city_of_roads_alone_responds(
    small_city: City, document: dict[str, Any], store: Path, tmp_path: Path
) -> None:
    names = ("roads", "road_nodes", "facilities", "bridges")
    bare = twin.City(
        name="roads", crs=small_city.crs, layers={n: small_city.layers[n] for n in names}
    )
    for field in ("rain", "tide"):
        del document[field]
    document["timeline"] = [c for c in document["timeline"] if not c["do"].startswith("set_")]
    done = twin.run(Scenario.from_dict(document), bare.save(tmp_path / "roads"), store=store)
    assert done.summary["served"] > 0
    assert done.summary["max_depth_m"] is None
    assert not done.has_flood


def test_a_closed_bridge_changes_travel_while_it_is_closed(
    small_city: City, document: dict[str, Any], store: Path
) -> None:
    for field in ("rain", "tide"):
        del document[field]
    document["timeline"] = [
        {"at": "10 min", "do": "close_bridge", "bridge": "bridge-1"},
        {"at": "40 min", "do": "open_bridge", "bridge": "bridge-1"},
    ]
    done = twin.run(Scenario.from_dict(document), small_city, store=store)
    closed = done.series("roads").set_index("time_s")["closed_km_car"]
    assert closed.loc[540.0] == 0.0
    assert closed.loc[600.0] > 0.0
    assert closed.loc[2340.0] > 0.0
    assert closed.loc[2400.0] == 0.0


def test_water_closes_roads_that_a_dry_city_keeps_open(
    small_city: City, storm: Scenario, store: Path
) -> None:
    wet = twin.run(storm.replace(timeline=[]), small_city, store=store)
    dry = twin.run(
        storm.replace(timeline=[], rain=None, tide=None, flood="none"), small_city, store=store
    )
    assert wet.summary["road_km_closed"]["motorbike"] > 0.0
    assert dry.summary["road_km_closed"]["motorbike"] == 0.0


@pytest.mark.slow
def test_runs_killed_at_random_times_all_resume_to_the_same_digest(
    small_city: City, storm: Scenario, store: Path, tmp_path: Path
) -> None:
    whole = twin.run(storm, small_city, store=store)
    path = tmp_path / "storm.yaml"
    path.write_text(storm.to_yaml(), encoding="utf-8")
    generator = np.random.default_rng(11)
    for _ in range(8):
        child = subprocess.Popen(  # noqa: S603 - our own code
            [
                *(sys.executable, "-m", "twin.cli", "run", str(path)),
                *("--city", str(small_city.folder), "--store", str(store), "--json"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(float(generator.uniform(2.0, 9.0)))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        for record in RunStore(store).runs():
            if record.state != "finished":
                assert twin.resume(record.run_id, store=store).digest == whole.digest
    assert not RunStore(store).verify().problems
