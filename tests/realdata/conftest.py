"""The commands of ``twin`` on real data, as a user would type them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


START = "from twin.cli.main import main; main()"


class Twin(Protocol):
    """Runs ``twin ARGUMENTS --json`` and returns the object with which it ends."""

    def __call__(self, *arguments: object, hash_seed: int = 0) -> dict[str, Any]: ...


@pytest.fixture(scope="session")
def twin_command(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Twin:
    """Return a caller of the commands, with a store of its own."""
    store = tmp_path_factory.mktemp("store")

    def call(*arguments: object, hash_seed: int = 0) -> dict[str, Any]:
        environment = {
            **os.environ,
            "TWIN_DATA": str(real_data),
            "TWIN_STORE": str(store),
            "PYTHONHASHSEED": str(hash_seed),
        }
        done = subprocess.run(  # noqa: S603  # the arguments are those of the test
            [sys.executable, "-c", START, *map(str, arguments), "--json"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result

    return call


@pytest.fixture(scope="session")
def docs_recipe() -> Callable[[str], Path]:
    """Return a finder of the recipes of the documentation."""
    folder = Path(__file__).parents[2] / "docs" / "recipes"
    return lambda name: folder / f"{name}.yaml"
