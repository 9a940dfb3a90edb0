"""Whatever a careless user gets wrong: one line with place, value and remedy, and nothing left."""

from __future__ import annotations

import re
import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from twin.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from twin.city.city import City

AT = {"facility": "hospital-1"}


def listed(**fields: Any) -> dict[str, Any]:
    call = {"id": "a", "at": "1 min", "kind": "medical", "location": AT, **fields}
    return {"incidents": {"listed": [call]}}


def says_in_one_line(answer: Any, *parts: str) -> None:
    assert answer.code == 2, answer.err
    assert answer.out == ""
    assert re.fullmatch(r"twin: [^\n]+\n", answer.err), answer.err
    for part in parts:
        assert part in answer.err


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"grid": {"cell_size_m": 7}}, ["grid.cell_size_m", "20 m", "7.0"]),
        ({"grid": {"cell_size_m": -1}}, ["grid.cell_size_m", "at least", "-1"]),
        ({"fleat": {}}, ["fleat", "Did you mean fleet?"]),
        ({"fleet": {"ambulances": -1}}, ["fleet.ambulances", "-1"]),
        ({"fleet": {"ambulances": 1, "ambulance_class": "hovercraft"}}, ["hovercraft", "car"]),
        (
            {"fleet": {"units": [{"id": "u", "service": "ambulance", "station": "zzz"}]}},
            ["fleet.units[0] (u)", "'zzz'", "hospital-1"],
        ),
        (
            {"period": {"start": "2025-10-22T00:00+07:00", "duration": "9 parsecs"}},
            ["period.duration", "parsecs", "6 h"],
        ),
        (
            {"tide": {"series": {"times": ["0 h", "5 min"], "levels_m": [0, 1]}}},
            ["tide.series.times", "whole period"],
        ),
        (
            {
                "tide": {
                    "series": {"csv": {"file": "no.csv", "time_column": "t", "value_column": "v"}}
                }
            },
            ["no.csv", "there is no such file"],
        ),
        (
            {"gauges": [{"name": "g", "location": {"x_m": 0, "y_m": 0}}]},
            ["gauges[0] (g)", "outside"],
        ),
        (
            {
                "inflows": [
                    {
                        "name": "i",
                        "location": {"x_m": 589805, "y_m": 1109745},
                        "discharge": {"times": ["0 s", "10 min"], "discharges_m3_s": [1, 1]},
                    }
                ]
            },
            ["inflows[0] (i)"],
        ),
        (listed(location={"lon": 2.0, "lat": 48.0}), ["incidents.listed[0] (a)", "outside"]),
        (listed(location={"facility": "hospital-77"}), ["hospital-77", "near: hospital-1"]),
        (listed(at="11 min"), ["incidents.listed[0].at", "outside the period", "'11 min'"]),
        (listed(kind="alien"), ["incidents.listed[0].kind", "'alien'", "medical"]),
        (
            listed(kind="house_fire", needs={"ambulance": 1}),
            ["incidents.listed[0] (a).needs", "at least one fire engine"],
        ),
        (
            {"closures": [{"road": {"street": "Nowhere"}, "start": "1 min"}]},
            ["closures[0].road", "'Nowhere'"],
        ),
        (
            {"closures": [{"road": {"segments": [10**9]}, "start": "1 min"}]},
            ["closures[0].road", "1000000000", "segment_id"],
        ),
        (
            {"timeline": [{"at": "1 min", "do": "close_bridge", "bridge": "bridge-99"}]},
            ["timeline[0].bridge", "near: bridge-"],
        ),
        (
            {"timeline": [{"at": "1 min", "do": "unit_out_of_service", "unit": "u-7"}]},
            ["timeline[0].unit", "'u-7'", "ambulance-1"],
        ),
        ({"city": "atlantis"}, ["city", "'atlantis'", "twin city synth"]),
        ({}, ["city", "names no city", "--city DIR"]),
    ],
)
def test_a_scenario_that_does_not_fit_is_named_with_file_field_and_value(
    *,
    ask: Any,
    write: Any,
    document: dict[str, Any],
    city: City,
    store: Path,
    changes: dict[str, Any],
    says: list[str],
) -> None:
    path = write({**document, **changes})
    words = ["run", path, "--store", store, "--json"]
    if changes and "city" not in changes:
        words += ["--city", city.folder]
    began = time.perf_counter()
    answer = ask(*words)
    says_in_one_line(answer, *says)
    assert str(path.parent) in answer.err
    assert time.perf_counter() - began < 20.0  # seconds even on a busy machine
    if store.exists():
        assert not RunStore(store).runs()
        assert not list((store / "cities").iterdir())
        assert RunStore(store).verify().ok


def test_the_line_of_the_field_is_named(
    ask: Any, write: Any, document: dict[str, Any], city: City, store: Path
) -> None:
    path = write({**document, "gauges": [{"name": "g", "location": {"x_m": 0, "y_m": 0}}]})
    lines = path.read_text().splitlines()
    line = 1 + next(i for i, text in enumerate(lines) if text.startswith("  location"))
    answer = ask("run", path, "--city", city.folder, "--store", store)
    says_in_one_line(answer, f"{path}:{line}: gauges[0] (g).location:")


def test_many_faults_are_listed_up_to_ten(ask: Any, write: Any, document: dict[str, Any]) -> None:
    answer = ask("run", write({**document, **{f"x{i:02}": 1 for i in range(14)}}))
    assert answer.code == 2
    lines = answer.err.splitlines()
    assert lines[0].endswith("14 things are wrong:")
    assert len(lines) == 12
    assert lines[-1] == "  and 4 more"


@pytest.mark.parametrize("text", [": : :\n\t- {[", "", "\0\1", "- a\n", "a: &x [*x]\n", "{" * 5000])
def test_garbage_is_refused_in_one_line(ask: Any, write: Any, text: str) -> None:
    says_in_one_line(ask("run", write(text)), "case.yaml")


def test_places_that_are_none_are_refused(
    *, ask: Any, write: Any, document: dict[str, Any], city: City, store: Path, tmp_path: Path
) -> None:
    path = write(document)
    words = ["run", path, "--city", city.folder, "--store"]
    says_in_one_line(ask("run", "nope.yaml"), "nope.yaml", "cloudburst_high_tide")
    says_in_one_line(ask("run", tmp_path), str(tmp_path), "folder")
    says_in_one_line(ask(*words, path), str(path), "Not a directory")
    says_in_one_line(ask(*words, "/proc/none"), "/proc/none")
    says_in_one_line(ask("run", path, "--city", path, "--store", store), str(path), "no city here")
    says_in_one_line(ask("run", path, "--city", city.folder, "--lang", "xx"), "'xx'", "vi, en")
    for threads in (-1, 0, 1000):
        answer = ask(*words, store, "--threads", threads)
        says_in_one_line(answer, "--threads", f"got {threads}")
    assert not store.exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run"], "missing argument"),
        (["run", "a", "--threds", "3"], "--threads"),
        (["run", "a", "--threads", "many"], "--threads"),
        (["run", "a", "b"], "unexpected"),
        (["frobnicate"], "frobnicate"),
        (["city", "synth"], "--output"),
    ],
)
def test_wrong_words_are_answered_in_one_line(ask: Any, words: list[str], says: str) -> None:
    says_in_one_line(ask(*words), says, "--help")


def cut(name: str, share: float) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: int(len(data) * share)])

    return damage


def change(**fields: Any) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        index = yaml.safe_load((folder / "city.yaml").read_text())
        changed = {k: v for k, v in {**index, **fields}.items() if v is not ...}
        (folder / "city.yaml").write_text(yaml.safe_dump(changed))

    return damage


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda folder: (folder / "terrain.nc").unlink(), "terrain.nc"),
        (lambda folder: (folder / "layers.gpkg").unlink(), "layers.gpkg"),
        (cut("layers.gpkg", 0.0), "layers.gpkg"),
        (cut("layers.gpkg", 0.6), "cannot be read"),
        (cut("terrain.nc", 0.0), "terrain.nc"),
        (cut("terrain.nc", 0.9), "terrain.nc"),
        (cut("city.yaml", 0.0), "city.yaml"),
        (lambda folder: (folder / "city.yaml").write_text(": {[\n\0"), "city.yaml"),
        (lambda folder: (folder / "city.yaml").write_bytes(b"\xff\xfe"), "UTF-8"),
        (lambda folder: (folder / "city.yaml").write_text("a: &a [1]\nb: [*a, *a]\n"), "aliases"),
        (change(format=99), "another format, got 99"),
        (change(crs=...), "crs"),
        (change(crs="EPSG:999999"), "EPSG:999999"),
        (change(crs="EPSG:4326"), "metres"),
        (change(layers=["zzz"]), "zzz"),
        (change(notes=None), "cannot be read"),
        (change(title=[1]), "cannot be read"),
        (change(provenance={"a": 5}), "cannot be read"),
    ],
)
def test_a_torn_city_is_refused_in_one_line(
    *,
    ask: Any,
    write: Any,
    document: dict[str, Any],
    city: City,
    store: Path,
    tmp_path: Path,
    damage: Callable[[Path], None],
    says: str,
) -> None:
    torn = tmp_path / "torn"
    shutil.copytree(str(city.folder), torn)
    damage(torn)
    says_in_one_line(ask("run", write(document), "--city", torn, "--store", store), str(torn), says)
    assert not store.exists()


def test_messages_do_not_steer_the_terminal(ask: Any) -> None:
    answer = ask("run", "no\x1b[2Jsuch\nfile.yaml")
    says_in_one_line(answer, "there is no such scenario")
    assert "\x1b" not in answer.err
