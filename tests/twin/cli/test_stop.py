"""The command as a process: how soon it answers, how it stops, and what it shows meanwhile."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from twin.store import RunStore

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City

TWIN = (sys.executable, "-m", "twin.cli")


def process(*words: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [*TWIN, *map(str, words)],
        check=False,
        capture_output=True,
        text=True,
        timeout=200,
        **options,
    )


def test_help_loads_none_of_the_slow_libraries() -> None:
    code = (
        "import sys; sys.argv = ['twin', '--help']\n"
        "from twin.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "slow = {'numpy', 'pandas', 'numba', 'xarray', 'geopandas', 'zarr', 'pydantic', 'yaml'}\n"
        "sys.exit(str(slow & set(sys.modules)) if slow & set(sys.modules) else 0)"
    )
    found = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60
    )
    assert found.returncode == 0, found.stderr
    for command in ("run", "resume", "runs", "show", "verify", "export", "plot", "city"):
        assert command in found.stdout


def test_a_reader_that_leaves_early_sees_no_traceback() -> None:
    with subprocess.Popen(  # noqa: S603 - our own command
        [*TWIN, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""
    full = subprocess.run(  # noqa: S602 - the shell opens the device that is always full
        f"{sys.executable} -m twin.cli schema > /dev/full",
        shell=True,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert full.returncode == 2
    assert full.stderr.startswith("twin: ")
    assert full.stderr.count("\n") == 1


@pytest.fixture
def long(document: dict[str, Any], write: Any) -> Path:
    """Return a scenario whose run takes long enough to be stopped."""
    document["period"]["duration"] = "1 h"
    document["tide"]["series"]["times"] = ["0 h", "12 h"]
    document["outputs"] = {"checkpoint_interval": "20 min"}
    return write(document)


def interrupted(words: list[object], *, times: int) -> tuple[int, str, str]:
    """Run the command, press Ctrl-C once it computes, and return code, output and messages."""
    with subprocess.Popen(  # noqa: S603 - our own command
        [*TWIN, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        first = child.stderr.readline()
        for _ in range(times):
            child.send_signal(signal.SIGINT)
            time.sleep(0.002)
        out, err = child.communicate(timeout=200)
    return child.returncode, out, first + err


def test_ctrl_c_leaves_a_run_that_ends_as_if_it_had_never_stopped(
    long: Path, city: City, store: Path, tmp_path: Path
) -> None:
    words = ["run", long, "--city", city.folder, "--json", "--store"]
    code, out, err = interrupted([*words, store], times=1)
    assert code == 130, err
    assert out == ""
    assert "Traceback" not in err
    (torn,) = RunStore(store).runs()
    assert torn.state == "interrupted"
    assert f"twin resume {torn.run_id} --store {store}" in err
    assert RunStore(store).verify().ok
    resumed = process("resume", torn.run_id, "--store", store, "--json")
    whole = process(*words, tmp_path / "other")
    assert json.loads(resumed.stdout)["digest"] == json.loads(whole.stdout)["digest"]


def test_ctrl_c_twice_stops_at_once_and_loses_nothing(long: Path, city: City, store: Path) -> None:
    words: list[object] = ["run", long, "--city", city.folder, "--json", "--store", store]
    code, out, err = interrupted(words, times=2)
    assert code == 130, err
    assert out == ""
    assert "Traceback" not in err
    assert RunStore(store).verify().ok
    (torn,) = RunStore(store).runs()
    assert torn.state == "interrupted"
    assert process("resume", torn.run_id, "--store", store, "--json").returncode == 0


def test_a_terminal_shows_a_bar_and_a_pipe_shows_lines(
    document: dict[str, Any], write: Any, city: City, tmp_path: Path
) -> None:
    (tmp_path / "cities").mkdir()
    (tmp_path / "cities" / "here").symlink_to(str(city.folder))
    document["city"] = "here"
    name = write(document).name
    environment = {**os.environ, "TWIN_STORE": str(tmp_path / "elsewhere"), "TERM": "xterm"}
    plain = process("run", name, "--json", cwd=tmp_path, env=environment)
    assert plain.returncode == 0, plain.stderr
    assert plain.stderr.count(" simulated ") == 10
    assert json.loads(plain.stdout)["folder"].startswith(str(tmp_path / "elsewhere"))

    master, slave = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - our own command
        [*TWIN, "run", name, "--json"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=slave,
    ) as child:
        os.close(slave)
        drawn = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            drawn += part
            if not part:
                break
        assert child.stdout is not None
        again = json.loads(child.stdout.read())
    os.close(master)
    assert child.returncode == 0
    assert "━".encode() in drawn
    assert b"00:10 simulated" in drawn
    assert b"wet cells" in drawn
    assert again["digest"] == json.loads(plain.stdout)["digest"]
    assert len(RunStore(tmp_path / "elsewhere").runs()) == 2
