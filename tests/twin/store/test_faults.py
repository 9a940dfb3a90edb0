"""The n-th system call of the store fails, for every n; nothing torn may show."""

from __future__ import annotations

import errno
import os
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy.exc

from models.errors import StoreError
from twin.store import RunStore, catalogue, files

from .conftest import compute, manifest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FALLIBLE = {"open", "write", "fsync", "replace", "rename", "mkdir", "copy_file_range"}


class FailingOs:
    """``os``, of which the call number *fail_at* fails, and with *dead* every one after it."""

    def __init__(self, fail_at: int, code: int, *, dead: bool) -> None:
        self.calls = 0
        self._fail_at, self._code, self._dead = fail_at, code, dead

    def count(self, place: object) -> None:
        self.calls += 1
        if self.calls == self._fail_at or (self._dead and self.calls > self._fail_at > 0):
            named = () if isinstance(place, int) else (str(place),)
            raise OSError(self._code, os.strerror(self._code), *named)

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in _FALLIBLE:
            return real

        def call(*args: Any) -> Any:
            self.count(args[0])
            return real(*args)

        return call


def inject(
    monkeypatch: pytest.MonkeyPatch, fail_at: int, code: int, *, dead: bool = False
) -> FailingOs:
    failing = FailingOs(fail_at, code, dead=dead)
    commit: Callable[[Any], None] = catalogue._commit

    def failing_commit(connection: Any) -> None:
        try:
            failing.count("catalogue.sqlite")
        except OSError as error:
            text = "database or disk is full" if code == errno.ENOSPC else "disk I/O error"
            fault = sqlite3.OperationalError(text)  # as SQLite reports it
            raise sqlalchemy.exc.OperationalError(text, {}, fault) from error
        commit(connection)

    monkeypatch.setattr(files, "os", failing)
    monkeypatch.setattr(catalogue, "_commit", failing_commit)
    return failing


def count_calls(tmp_path: Path) -> int:
    with pytest.MonkeyPatch.context() as patch:
        store = RunStore(tmp_path / "dry")
        counter = inject(patch, 0, errno.EIO)
        compute(store.begin(manifest()))
        return counter.calls


def fail_once(store: RunStore, fail_at: int, code: int, *, dead: bool) -> StoreError | None:
    writer = None
    with pytest.MonkeyPatch.context() as patch:
        inject(patch, fail_at, code, dead=dead)
        try:
            writer = store.begin(manifest())
            compute(writer)
        except StoreError as error:
            return error
        finally:
            if writer is not None:
                writer._lock.release()
    return None


def check_every_fault(tmp_path: Path, code: int, *, dead: bool, step: int, first: int = 1) -> None:
    total = count_calls(tmp_path)
    assert total > 100
    for fail_at in range(first, total + 1, step):
        root = tmp_path / f"{code}-{dead}-{fail_at}"
        store = RunStore(root)
        error = fail_once(store, fail_at, code, dead=dead)
        assert error is not None, f"call {fail_at} failed and nobody noticed"
        assert str(root) in str(error)
        assert error.remedy
        assert code != errno.ENOSPC or error.what == "the disk is full"
        check_store(RunStore(root), fail_at)


def check_store(store: RunStore, fail_at: int) -> None:
    report = store.verify()
    assert report.ok, (fail_at, report.problems)
    shown = [record for record in store.runs() if record.state == "finished"]
    assert len(shown) <= report.finished
    for record in [record for record in store.runs() if record.state != "finished"]:
        if record.folder.parent == store.layout.partial:
            compute(store.reopen(record.run_id))
        else:  # only the row was missing
            with pytest.raises(StoreError, match="finished already"):
                store.reopen(record.run_id)
    again = store.verify(repair=True)
    assert again.ok, (fail_at, again.problems)
    assert again.finished == len([r for r in store.runs() if r.state == "finished"])
    assert not again.resumable


def test_a_full_disk_at_any_call_leaves_a_sound_store(tmp_path: Path) -> None:
    check_every_fault(tmp_path, errno.ENOSPC, dead=False, step=27)


def test_a_disk_that_dies_at_any_call_leaves_a_sound_store(tmp_path: Path) -> None:
    check_every_fault(tmp_path, errno.EIO, dead=True, step=27)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("first", "code", "dead"),
    [
        (1, errno.ENOSPC, False),
        (2, errno.EIO, True),
        (3, errno.EIO, False),
        (4, errno.ENOSPC, True),
    ],
)
def test_every_single_call_may_fail(tmp_path: Path, first: int, code: int, dead: bool) -> None:
    check_every_fault(tmp_path, code, dead=dead, step=4, first=first)  # together: every call


def test_the_calls_that_publish_a_run_may_each_fail(tmp_path: Path) -> None:
    total = count_calls(tmp_path)
    for back in range(14):
        root = tmp_path / f"publish-{back}"
        store = RunStore(root)
        with pytest.MonkeyPatch.context() as patch:
            inject(patch, total - back, errno.EIO)
            writer = store.begin(manifest())
            with pytest.raises(StoreError):
                compute(writer)
            assert [r for r in store.runs() if r.state == "finished"] == []
            writer.finish({"wall_s": 1.0})  # the fault has passed: finishing again succeeds
        assert store.verify().finished == 1
