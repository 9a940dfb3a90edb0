"""Stores that are full, in use, damaged, newer, or not there: one line, and nothing torn."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from typing import TYPE_CHECKING, Any

import pyogrio
import pytest

import twin
from twin.running import Interrupted
from twin.store import RunStore, files

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City


@pytest.fixture(scope="module")
def finished(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with one finished run."""
    store = tmp_path_factory.mktemp("store") / "runs"
    scenario = twin.Scenario.from_dict(
        {
            "schema": 1,
            "name": "kept",
            "period": {"start": "2025-10-22T00:00+07:00", "duration": "5 min"},
            "rain": {"hyetograph": {"times": ["0 min", "5 min"], "rates_mm_h": [50, 0]}},
            "fleet": {"ambulances": 1},
            "incidents": {"generated": {"count": 1}},
        }
    )
    twin.run(scenario, city, store=store)
    return store


@pytest.fixture
def kept(finished: Path, store: Path) -> Path:
    """Return a copy of that store, to damage."""
    shutil.copytree(finished, store)
    return store


def one_line(answer: Any, *parts: str) -> None:
    assert answer.code == 2, answer.err
    assert answer.out == ""
    assert answer.err.startswith("twin: ")
    assert answer.err.count("\n") == 1, answer.err
    for part in parts:
        assert part in answer.err


@pytest.mark.parametrize("words", [["runs"], ["show"], ["verify"], ["resume", "x"], ["plot"]])
def test_no_command_that_reads_makes_a_store(ask: Any, store: Path, words: list[str]) -> None:
    one_line(ask(*words, "--store", store), str(store), "no store of runs here", "twin run")
    assert not store.exists()


def test_unknown_and_finished_runs_are_not_resumed(ask: Any, kept: Path) -> None:
    (run,) = RunStore(kept).runs()
    one_line(ask("resume", "kepd", "--store", kept), "no such run", f"Did you mean {run.run_id}")
    one_line(ask("resume", run.run_id, "--store", kept), "finished already", "twin show")


@pytest.mark.parametrize(
    "name",
    [
        *("kpis.json", "summary.json", "manifest.json", "events.parquet", "ledger.parquet"),
        "flood.zarr/zarr.json",
    ],
)
@pytest.mark.parametrize("cut", [False, True])
def test_a_damaged_run_is_not_shown_as_if_it_were_whole(
    ask: Any, kept: Path, tmp_path: Path, name: str, cut: bool
) -> None:
    (run,) = RunStore(kept).runs()
    path = run.folder / name
    if cut:
        path.write_bytes(path.read_bytes()[:-9])
    else:
        path.unlink()
    for words in (["show"], ["show", "--json"], ["export", "-o", tmp_path / "out"], ["plot"]):
        if words == ["show", "--json"] or not cut:
            answer = ask(*words, "--store", kept)
            if name == "manifest.json" and not cut:
                assert answer.code == 2
                continue
            one_line(answer, str(path), "twin verify")
    assert not (tmp_path / "out").exists()
    checked = ask("verify", "--store", kept, "--json")
    assert checked.code == 1
    assert name in checked.document["problems"][0]


def test_a_run_whose_city_is_gone_does_not_verify(ask: Any, kept: Path) -> None:
    shutil.rmtree(next((kept / "cities").iterdir()))
    checked = ask("verify", "--store", kept, "--json")
    assert checked.code == 1
    assert "its city" in checked.document["problems"][0]


@pytest.mark.parametrize(("value", "says"), [("99", "newer version"), ("abc", "damaged")])
def test_a_store_of_another_version_is_left_alone(
    ask: Any, kept: Path, value: str, says: str
) -> None:
    with sqlite3.connect(kept / "catalogue.sqlite") as connection:
        connection.execute("UPDATE store SET value = ?", (value,))
    connection.close()
    for words in (["runs"], ["show"], ["verify"], ["resume", "x"]):
        one_line(ask(*words, "--store", kept), "catalogue.sqlite", says, f"format {value}")


def test_a_damaged_catalogue_is_rebuilt(ask: Any, kept: Path) -> None:
    (run,) = RunStore(kept).runs()
    (kept / "catalogue.sqlite").write_bytes(b"junk" * 1000)
    one_line(ask("runs", "--store", kept), "damaged", "twin verify --repair")
    assert ask("verify", "--repair", "--store", kept).code == 0
    assert ask("runs", "--store", kept, "--json").document["runs"][0]["run_id"] == run.run_id


@pytest.mark.parametrize("command", ["export", "plot"])
def test_output_that_cannot_be_a_folder_is_refused(
    ask: Any, kept: Path, tmp_path: Path, command: str
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    for place in (taken, taken / "below"):
        one_line(ask(command, "-o", place, "--store", kept), str(taken), "--output")
    assert taken.read_text() == "mine"


def test_a_wrong_choice_writes_nothing(ask: Any, kept: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["-o", out, "--store", kept]
    one_line(ask("export", "-f", "docx", *words), "'docx'", "geotiff")
    one_line(ask("plot", "--at", "noon", *words), "--at", "'noon'", "17:30")
    one_line(ask("plot", "--at", "99999", *words), "outside the run", "99999")
    one_line(ask("plot", "--lang", "fr", *words), "'fr'", "vi, en")
    assert not out.exists()


@pytest.mark.parametrize("nth", [0, 3, 30, 60])
def test_a_full_disk_leaves_a_store_that_verifies_and_a_run_that_resumes(
    *,
    ask: Any,
    write: Any,
    document: dict[str, Any],
    city: City,
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
    nth: int,
) -> None:
    real, count = os.write, iter(range(10**9))

    class FullDisk:
        """The module ``os``, on a disk that fills up at the n-th write."""

        def __getattr__(self, name: str) -> Any:
            return getattr(os, name)

        def write(self, handle: int, data: Any) -> int:
            if next(count) >= nth:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(handle, data)

    path = write(document)
    with monkeypatch.context() as full:
        full.setattr(files, "os", FullDisk())
        answer = ask("run", path, "--city", city.folder, "--store", store, "--json")
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.splitlines()[-1].startswith(f"twin: {store}")
    assert "the disk is full" in answer.err
    assert "Traceback" not in answer.err
    assert RunStore(store).verify().ok
    for torn in RunStore(store).runs():
        resumed = ask("resume", torn.run_id, "--store", store, "--json")
        assert resumed.code == 0, resumed.err
        again = ask("run", path, "--city", city.folder, "--store", store, "--json")
        assert again.document["digest"] == resumed.document["digest"]


def test_a_run_that_another_process_writes_is_not_resumed(
    ask: Any, dry: dict[str, Any], city: City, store: Path
) -> None:
    with pytest.raises(Interrupted) as stopped:
        twin.run(twin.Scenario.from_dict(dry), city, store=store, should_stop=lambda: True)
    name = stopped.value.run_id
    one_line(ask("show", name, "--store", store), "not finished", f"twin resume {name}")
    one_line(ask("export", name, "--store", store), "not finished")
    writer = RunStore(store).reopen(name)
    one_line(ask("resume", name, "--store", store), "in use by another process")
    writer.abandon("test")
    assert ask("resume", name, "--store", store, "--json").document["run"] == name


def test_an_edited_city_is_another_city(
    *, ask: Any, write: Any, dry: dict[str, Any], city: City, store: Path, tmp_path: Path
) -> None:
    edited = tmp_path / "edited"
    shutil.copytree(str(city.folder), edited)
    facilities = city.layer("facilities").assign(beds=3.0)
    pyogrio.write_dataframe(facilities, edited / "layers.gpkg", layer="facilities", driver="GPKG")
    path, digests = write(dry), []
    for folder in (city.folder, edited):
        answer = ask("run", path, "--city", folder, "--store", store, "--json")
        run = twin.open_run(answer.document["run"], store=store)
        digests.append(run.city.digest)
        hospitals = run.city.layer("facilities").query("kind == 'hospital'")
        assert (hospitals["beds"] == 3).all() == (folder == edited)
    assert digests[0] == city.digest
    assert digests[1] != city.digest
