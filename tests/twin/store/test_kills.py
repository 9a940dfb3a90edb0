"""A child that writes runs is killed at random times, while a reader looks on."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import xarray as xr

from models.errors import StoreError
from twin.store import RunStore

from .conftest import FRAMES, compute, manifest

if TYPE_CHECKING:
    from pathlib import Path


# The only other thread is zarr's, which zarr restarts in a forked child.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def write_for_ever(root: Path) -> None:
    store = RunStore(root)
    for record in store.runs():
        if record.state == "interrupted":
            try:
                writer = store.reopen(record.run_id)
            except StoreError:
                continue
            compute(writer)
    while True:
        compute(store.begin(manifest()))


def check_visible(store: RunStore) -> set[str]:
    finished = [record for record in store.runs() if record.state == "finished"]
    for record in finished[-2:]:
        with xr.open_zarr(record.folder / "flood.zarr", consolidated=False) as flood:
            assert flood.sizes["time"] == FRAMES
            assert np.isfinite(flood["depth"].values[:, 1:]).all()
        assert (record.folder / "kpis.json").is_file()
    return {record.run_id for record in finished}


def kill_repeatedly(root: Path, kills: int) -> None:
    context = multiprocessing.get_context("fork")
    random = np.random.default_rng(7)
    store = RunStore(root)
    seen: set[str] = set()
    for number in range(kills):
        child = context.Process(target=write_for_ever, args=(root,), daemon=True)
        child.start()
        end = time.monotonic() + random.uniform(0.05, 0.6)
        while time.monotonic() < end:
            now = check_visible(store)
            assert seen <= now, "a finished run was lost"
            seen = now
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
        if number % 20 == 0 or kills < 20:  # every byte of every run takes its time
            assert store.verify().ok
    assert seen, "the child never finished a run, so nothing was tested"
    for record in store.runs():
        if record.state == "interrupted":
            try:
                writer = store.reopen(record.run_id)
            except StoreError:
                continue
            compute(writer)
    assert store.verify(repair=True).ok
    records = store.runs()
    assert {record.state for record in records} == {"finished"}
    assert len({record.digest for record in records}) == 1


def test_killed_writers_lose_nothing(tmp_path: Path) -> None:
    kill_repeatedly(tmp_path / "store", 6)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_two_hundred_killed_writers_lose_nothing(tmp_path: Path) -> None:
    kill_repeatedly(tmp_path / "store", 200)
