"""The catalogue in a database of one's choice."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.errors import StoreError
from twin.store import RunStore

from .conftest import compute, manifest

if TYPE_CHECKING:
    from collections.abc import Iterator


def tool(name: str) -> str | None:
    """Return a program of PostgreSQL, where Debian puts it or on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def unprivileged() -> str | None:
    """Return a user without rights where we are root, as whom the server refuses to run."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """Return the URL of a real server, started for these tests."""
    pytest.importorskip("psycopg", reason="no driver for PostgreSQL (city-twin[postgres])")
    initdb, server = tool("initdb"), tool("pg_ctl")
    if initdb is None or server is None:
        pytest.skip("no PostgreSQL here; install Debian's package postgresql")
    user = unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if user is not None:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(*command: str) -> None:
        done = subprocess.run(  # noqa: S603 - programs of the installed server
            command, user=user, cwd=folder, capture_output=True, text=True, check=False,
            extra_groups=[] if user is not None else None,
        )  # fmt: skip
        if done.returncode:
            pytest.fail(f"{command[0]}: {done.stderr or done.stdout}")

    try:
        run(initdb, "-D", str(data), "-U", "twin", "-A", "trust", "-N")
        options = f"-c listen_addresses='' -k {folder} -F"
        run(server, "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        yield f"postgresql+psycopg://twin@/postgres?host={folder}"
        run(server, "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_store_keeps_its_catalogue_in_postgresql(database: str, tmp_path: Path) -> None:
    store = RunStore(tmp_path, catalogue=database)
    writer = store.begin(manifest())
    compute(writer)
    again = RunStore(tmp_path, catalogue=database)
    assert [record.run_id for record in again.runs()] == [writer.run_id]
    assert again.find("latest").digest
    assert again.verify().ok
    assert not (tmp_path / "catalogue.sqlite").exists()
    again.delete(writer.run_id)
    assert store.runs() == []


def test_the_environment_names_the_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWIN_CATALOGUE", f"sqlite:///{tmp_path / 'elsewhere.sqlite'}")
    compute(RunStore(tmp_path / "runs").begin(manifest()))
    assert (tmp_path / "elsewhere.sqlite").is_file()
    assert len(RunStore(tmp_path / "runs").runs()) == 1
    assert RunStore(tmp_path / "runs", catalogue="").runs() == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://twin:secret@127.0.0.1:9/none",
        "carrier-pigeon://coop",
        "not a URL",
    ],
)
def test_a_catalogue_that_cannot_be_used_is_told_without_its_password(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="cannot be used") as caught:
        RunStore(tmp_path, catalogue=url)
    assert "secret" not in str(caught.value)
