from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import xarray as xr

from models.errors import StoreError
from twin.store import RunStore
from twin.store.layout import propose_run_id
from twin.store.verify import rebuild_catalogue

from .conftest import EDGES, FRAMES, compute, depth_of, lay_out, manifest, write_frames

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_run_is_named_after_scenario_time_and_content() -> None:
    run_id = propose_run_id(manifest("Mưa lớn, triều Đỉnh"))
    assert run_id.startswith("mua-lon-trieu-dinh-20251022-000000-")
    assert propose_run_id(manifest("other")) != run_id


def test_equal_manifests_get_two_runs(store: RunStore) -> None:
    assert store.begin(manifest()).run_id != store.begin(manifest()).run_id


def test_a_manifest_without_time_is_refused(store: RunStore) -> None:
    with pytest.raises(StoreError, match="created"):
        store.begin({"scenario": "x"})


def test_a_finished_run_reads_back(store: RunStore, finished: Callable[[], str]) -> None:
    record = store.find(finished())
    assert record.state == "finished"
    with xr.open_zarr(record.folder / "flood.zarr", consolidated=False) as flood:
        assert flood.attrs["Conventions"] == "CF-1.11"
        assert flood["depth"].attrs["units"] == "m"
        assert flood["ground_level"].attrs["basis"] == "assumed"
        assert str(flood["time"].values[1])[:16] == "2025-10-22T00:10"
        assert np.isnan(flood["depth"].values[:, 0, 0]).all()
        np.testing.assert_array_equal(flood["depth"].values[3, 1:], depth_of(3)[1:].astype("f4"))
        assert flood["spatial_ref"].attrs["grid_mapping_name"] == "transverse_mercator"


def test_road_states_read_back_as_they_were_written(store: RunStore) -> None:
    writer = store.begin(manifest())
    writer.create_roads(EDGES, np.arange(10.0), vehicle_classes=["ambulance"], block=4)
    random = np.random.default_rng(1)
    depth = random.random((10, EDGES)).astype(np.float32)
    closed = random.random((10, EDGES)) < 0.5
    bits = random.integers(0, 2, (10, EDGES)).astype(np.uint32)
    for first, last in ((0, 3), (3, 9), (9, 10)):
        part = slice(first, last)
        writer.write_roads(first, depth[part], closed=closed[part], impassable=bits[part])
    read = writer.read_roads(2, 10)
    np.testing.assert_array_equal(read.depth_m, depth[2:])
    np.testing.assert_array_equal(read.closed, closed[2:])
    np.testing.assert_array_equal(read.impassable, bits[2:])
    assert np.isnan(read.velocity_m_s).all()


def test_road_states_of_the_wrong_shape_are_refused(store: RunStore) -> None:
    writer = store.begin(manifest())
    writer.create_roads(EDGES, np.arange(3.0))
    with pytest.raises(StoreError, match="do not fit"):
        writer.write_roads(0, np.zeros((1, EDGES + 1), np.float32))
    with pytest.raises(StoreError, match="do not fit"):
        writer.write_roads(2, np.zeros((2, EDGES), np.float32))


def test_an_interrupted_run_has_the_digest_of_one_that_was_not(
    store: RunStore, finished: Callable[[], str]
) -> None:
    whole = store.find(finished()).digest
    writer = store.begin(manifest("again"))
    lay_out(writer)
    write_frames(writer, 0, 3)
    writer.write_checkpoint({}, {"frames": 2})
    writer.abandon("test")
    assert store.find(writer.run_id).state == "interrupted"
    compute(store.reopen(writer.run_id), {"wall_s": 99.0})
    assert store.find(writer.run_id).digest == whole


def test_another_number_gives_another_digest(store: RunStore, finished: Callable[[], str]) -> None:
    writer = store.begin(manifest())
    lay_out(writer)
    write_frames(writer, 0, FRAMES)
    writer.write_frame(1, depth_of(1) + 1e-6)
    writer.write_checkpoint({}, {"frames": FRAMES})
    compute(writer)
    assert store.find(writer.run_id).digest != store.find(finished()).digest


def test_two_writers_of_one_run_are_refused(store: RunStore) -> None:
    writer = store.begin(manifest())
    assert store.find(writer.run_id).state == "running"
    with pytest.raises(StoreError, match="in use"):
        store.reopen(writer.run_id)
    with pytest.raises(StoreError, match="in use"):
        store.delete(writer.run_id)


def test_a_finished_run_is_not_reopened(store: RunStore, finished: Callable[[], str]) -> None:
    with pytest.raises(StoreError, match="finished already"):
        store.reopen(finished())


def test_a_run_is_found_by_its_beginning(store: RunStore, finished: Callable[[], str]) -> None:
    run_id = finished()
    assert store.find("mua").run_id == run_id
    assert store.find("latest").run_id == run_id
    with pytest.raises(StoreError, match=run_id):
        store.find("mua-lonn")
    finished()
    with pytest.raises(StoreError, match="more than one"):
        store.find("mua")
    assert store.find(run_id).run_id == run_id


def test_a_torn_last_command_is_forgotten(store: RunStore) -> None:
    writer = store.begin(manifest())
    writer.append_command({"time_s": 1.0})
    writer.append_command({"time_s": 2.0})
    path = writer.folder / "commands.jsonl"
    path.write_bytes(path.read_bytes() + b'{"time')
    assert writer.read_commands() == [{"time_s": 1.0}, {"time_s": 2.0}]
    writer.abandon("test")
    again = store.reopen(writer.run_id)
    again.append_command({"time_s": 3.0})
    assert [command["time_s"] for command in again.read_commands()] == [1.0, 2.0, 3.0]


def test_a_torn_checkpoint_falls_back_to_the_one_before(store: RunStore) -> None:
    writer = store.begin(manifest())
    for number in range(4):
        writer.write_checkpoint(
            {"a": np.arange(number + 3.0), "flag": np.array([True]), "t": np.array(number)},
            {"number": number},
        )
    kept = sorted(store.layout.checkpoints(writer.run_id).iterdir())
    assert len(kept) == 2
    torn = kept[-1].read_bytes()
    for damage in (torn[:-1], torn[: len(torn) // 2], b"", torn[:50] + b"\0" + torn[51:]):
        kept[-1].write_bytes(damage)
        found = writer.read_checkpoint()
        assert found is not None
        arrays, meta = found
        assert meta == {"number": 2}
        np.testing.assert_array_equal(arrays["a"], np.arange(5.0))
        assert arrays["t"].shape == ()
        assert arrays["flag"].dtype == np.bool_


def test_a_city_is_kept_once_and_shares_nothing(store: RunStore, tmp_path: Path) -> None:
    city = tmp_path / "city"
    city.mkdir()
    (city / "city.yaml").write_text("name: x")
    kept = store.keep_city(city, "abc123")
    assert store.keep_city(city, "abc123") == kept
    (city / "city.yaml").write_text("name: y")
    assert (kept / "city.yaml").read_text() == "name: x"
    assert store.verify().ok
    (kept / "city.yaml").write_text("name: z")
    assert "city abc123" in store.verify().problems[0]
    with pytest.raises(StoreError, match="plain name"):
        store.keep_city(city, "../evil")


@pytest.mark.parametrize("damage", ["altered", "missing", "added", "sums", "folder"])
def test_verify_finds_every_kind_of_damage(
    store: RunStore, finished: Callable[[], str], damage: str
) -> None:
    folder = store.find(finished()).folder
    assert store.verify().ok
    if damage == "altered":
        path = folder / "flood.zarr" / "depth" / "c" / "1" / "0" / "0"
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif damage == "missing":
        (folder / "kpis.json").unlink()
    elif damage == "added":
        (folder / "note.txt").write_text("x")
    elif damage == "sums":
        (folder / "checksums.json").write_text("{}")
    else:
        folder.rename(folder.with_name("elsewhere"))
    assert not store.verify().ok


def test_verify_sorts_what_is_unfinished(store: RunStore, finished: Callable[[], str]) -> None:
    finished()
    running, stopped = store.begin(manifest("running")), store.begin(manifest("stopped"))
    stopped.abandon("test")
    (store.layout.partial / "left-over").mkdir()
    report = store.verify()
    assert report.ok
    assert report.finished == 1
    assert report.in_use == [running.run_id]
    assert report.resumable == [stopped.run_id]
    assert [Path(name).name for name in report.garbage] == ["left-over"]
    assert store.verify(repair=True).ok
    assert not (store.layout.partial / "left-over").exists()
    assert store.find(stopped.run_id).state == "interrupted"


def test_a_whole_run_without_its_row_is_put_back(
    store: RunStore, finished: Callable[[], str]
) -> None:
    record = store.find(finished())
    store._catalogue.drop(record.run_id)
    assert store.runs() == []
    assert store.verify().uncatalogued == [record.run_id]
    assert store.verify(repair=True).finished == 1
    assert store.find(record.run_id) == record


def test_a_damaged_catalogue_is_rebuilt_from_the_runs(
    store: RunStore, finished: Callable[[], str]
) -> None:
    record = store.find(finished())
    for path in store.root.glob("catalogue.sqlite*"):
        path.unlink()
    store.layout.catalogue.write_bytes(b"not a database at all, but long enough" * 200)
    with pytest.raises(StoreError, match="damaged"):
        RunStore(store.root)
    rebuild_catalogue(store.root)
    again = RunStore(store.root)
    assert again.verify(repair=True).ok
    assert again.find(record.run_id) == record


def test_a_store_of_a_newer_version_is_refused(store: RunStore) -> None:
    with sqlite3.connect(store.layout.catalogue) as connection:
        connection.execute("UPDATE store SET value = '99' WHERE key = 'version'")
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        RunStore(store.root)


def test_a_deleted_run_is_gone(store: RunStore, finished: Callable[[], str]) -> None:
    run_id = finished()
    store.delete(run_id)
    assert store.runs() == []
    assert store.verify() == type(store.verify())()
    with pytest.raises(StoreError, match="holds no runs"):
        store.find(run_id)


def test_a_deletion_that_was_cut_short_is_completed(
    store: RunStore, finished: Callable[[], str]
) -> None:
    run_id = finished()
    store.layout.trash.mkdir()
    (store.layout.runs / run_id).rename(store.layout.trash / run_id)
    assert store.runs() == []
    assert store.verify().ok
    assert store.verify(repair=True).ok
    assert list(store.layout.trash.iterdir()) == []


def test_a_folder_that_cannot_be_a_store_is_named(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("x")
    with pytest.raises(StoreError, match=str(place)):
        RunStore(place)


def test_no_file_handle_is_left_open(store: RunStore, finished: Callable[[], str]) -> None:
    handles = Path("/proc/self/fd")
    if not handles.is_dir():
        pytest.skip("this system does not list open files in /proc")
    finished()
    before = len(list(handles.iterdir()))
    for _ in range(3):
        finished()
        store.verify()
    assert len(list(handles.iterdir())) <= before + 2
