"""Sweeps on a cluster: whole, interrupted, killed, poisoned, and without a scheduler."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import twin
from models.errors import InvalidInputError, StoreError
from twin.cli import main
from twin.ensembles.cluster import ClusterError
from twin.ensembles.store import EnsembleStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from twin.city.city import City
    from twin.ensembles.conduct import SweepProgress
    from twin.ensembles.results import Ensemble

POISON = """
import os, signal

def kill(incident, received_s):
    os.kill(os.getpid(), signal.SIGKILL)

def stumble(incident, received_s):
    raise ValueError("this policy cannot count")

def oldest(incident, received_s):
    return (received_s,)
"""


def with_policies(document: dict[str, Any], folder: Path, *names: str) -> dict[str, Any]:
    """Return the sweep with a factor that chooses among policies of a file."""
    (folder / "poison.py").write_text(textwrap.dedent(POISON), "utf-8")
    cases = {n: {"response.queue_policy": f"{folder / 'poison.py'}:{n}"} for n in names}
    return {**document, "factors": [{"name": "policy", "cases": cases}], "replications": 2}


@pytest.mark.slow
def test_a_cluster_finds_what_one_process_finds(
    little: Ensemble, document: dict[str, Any], small_city: City, store: Path
) -> None:
    told: list[SweepProgress] = []
    found = twin.ensemble(document, small_city, store=store, workers=2, on_progress=told.append)
    assert found.digest == little.digest
    assert found.summary["finished"] == 8
    assert told[-1].finished == 8
    assert told[-1].floods_finished == 2
    began = time.monotonic()
    again = twin.ensemble(document, small_city, store=store, workers=2)
    assert again.digest == found.digest
    assert time.monotonic() - began < 5.0  # without a cluster, as there is nothing to do


@pytest.mark.slow
def test_members_that_fail_are_reported_and_stop_nobody(
    document: dict[str, Any], small_city: City, store: Path, tmp_path: Path
) -> None:
    sweep = with_policies(document, tmp_path, "oldest", "stumble", "kill")
    found = twin.ensemble(sweep, small_city, store=store, workers=2, tries=3)
    failures = found.failures.set_index("member")
    assert found.table["member"].tolist() == [0, 1]
    assert sorted(failures.index) == [2, 3, 4, 5]
    assert failures["tries"].tolist() == [3] * 4
    assert all("count" in failures.loc[k, "error"] for k in (2, 3))
    assert all("died" in failures.loc[k, "error"] for k in (4, 5))


SCRIPT = """
import json, sys
import twin

if __name__ == "__main__":
    document = json.loads(open(sys.argv[1]).read())
    twin.ensemble(
        document, sys.argv[2], store=sys.argv[3], workers=2,
        on_progress=lambda p: print(p.finished, p.floods_finished, sum(p.running.values()),
                                    flush=True),
    )
"""


def start(document: dict[str, Any], city: City, store: Path, folder: Path) -> Any:
    (folder / "sweep.json").write_text(json.dumps(document), "utf-8")
    (folder / "script.py").write_text(SCRIPT, "utf-8")
    command = [folder / "script.py", folder / "sweep.json", city.folder, store]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and script
        [sys.executable, *map(str, command)], stdout=subprocess.PIPE, text=True
    )


def workers_of(process: Any) -> list[int]:
    """Return the workers of a sweep: its children that dask has started."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == process.pid and "spawn_main" in (folder / "cmdline").read_text():
                found.append(int(folder.name))
    return found


def read_until(process: Any, enough: Callable[[list[float]], bool]) -> None:
    for line in process.stdout:
        if enough([float(word) for word in line.split()]):
            return
    pytest.fail("the sweep ended before it could be disturbed")


@pytest.mark.slow
def test_a_killed_worker_and_a_killed_sweep_change_nothing(
    little: Ensemble, document: dict[str, Any], small_city: City, store: Path, tmp_path: Path
) -> None:
    process = start(document, small_city, store, tmp_path)
    try:
        read_until(process, lambda told: told[1] >= 1 or told[2] > 0.0)
        workers = workers_of(process)
        assert workers
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        read_until(process, lambda told: told[0] >= 2)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    left = EnsembleStore(store)
    kept = len(left.names(f"sweeps/{little.id}/members"))
    assert not left.exists(f"sweeps/{little.id}/table.parquet")
    assert kept >= 2
    found = twin.ensemble(document, small_city, store=store, workers=2)
    assert found.digest == little.digest
    assert len(found.failures) == 0


@pytest.mark.slow
def test_a_sweep_that_was_stopped_goes_on(
    little: Ensemble, document: dict[str, Any], small_city: City, store: Path
) -> None:
    seen: list[SweepProgress] = []

    def stop() -> bool:
        return bool(seen) and seen[-1].finished >= 1

    with pytest.raises(twin.Interrupted):
        twin.ensemble(
            document, small_city, store=store, workers=1, on_progress=seen.append, should_stop=stop
        )
    partly = twin.open_ensemble(little.id, store=store)
    assert 1 <= len(partly.table) < 8
    assert partly.exceedance(0.02).attrs["members"] == len(partly.table)
    found = twin.ensemble(document, small_city, store=store, workers=1)
    assert found.digest == little.digest


def test_a_scheduler_that_is_not_there_is_told_soon() -> None:
    from twin.ensembles.cluster import connect  # noqa: PLC0415 - dask takes a second to load

    began = time.monotonic()
    with (
        pytest.raises(ClusterError, match="no scheduler answers"),
        connect("tcp://127.0.0.1:9", patience_s=2.0),
    ):
        pass
    assert time.monotonic() - began < 20.0


@pytest.mark.slow
def test_a_cluster_that_is_there_already_is_used(
    little: Ensemble, document: dict[str, Any], small_city: City, store: Path
) -> None:
    from distributed import LocalCluster  # noqa: PLC0415 - dask takes a second to load

    with LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        found = twin.ensemble(
            document, small_city, store=store, scheduler=cluster.scheduler_address
        )
    assert found.digest == little.digest


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"threads": 0}, {"tries": 0}])
def test_wrong_numbers_are_refused(
    document: dict[str, Any], small_city: City, store: Path, wrong: dict[str, int]
) -> None:
    with pytest.raises(InvalidInputError):
        twin.ensemble(document, small_city, store=store, **wrong)


def test_a_sweep_runs_once_at_a_time(
    document: dict[str, Any], small_city: City, store: Path
) -> None:
    plan = twin.plan_sweep(document, small_city, store=store)
    lock = EnsembleStore(store).lock(f"sweeps/{plan.sweep_id}/lock")
    assert lock is not None
    with pytest.raises(StoreError, match="in use"):
        twin.ensemble(plan, store=store)
    lock.release()


def command(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["twin", *map(str, arguments)])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_the_command_line_shows_a_plan_and_an_ensemble(  # noqa: PLR0917 - fixtures
    little: Ensemble,
    document: dict[str, Any],
    small_city: City,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "sweep.json").write_text(json.dumps(document), "utf-8")
    store = ["--store", little.store.url]
    place = ["--city", small_city.folder]
    assert command(monkeypatch, "sweep", tmp_path / "sweep.json", "--plan", *place, *store) == 0
    assert little.id in capsys.readouterr().out
    assert command(monkeypatch, "sweep", "list", *store, "--lang", "vi") == 0
    assert little.id in capsys.readouterr().out
    assert command(monkeypatch, "sweep", "show", *store, "--json", "--figure", "unserved") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["digest"] == little.digest
    assert shown["figures"][0]["n"] == 8
    for more in (["--compare", "ambulances:1:3"], ["--sensitivity"], ["--by", "rain"]):
        assert command(monkeypatch, "sweep", "show", "little", *store, *more) == 0
    assert command(monkeypatch, "sweep", "show", "little", *store, "--compare", "a:1") == 2
    assert command(monkeypatch, "sweep", tmp_path / "none.yaml", *store) == 2
