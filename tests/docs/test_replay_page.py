"""The page on replays is followed, step by step, as its reader would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import twin

ROOT = Path(__file__).resolve().parents[2]
START = "from twin.cli.main import main; main()"
_FILE = re.compile(r"^<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files of the page, and a city that is smaller and coarser."""
    folder = tmp_path_factory.mktemp("desk")
    twin.synthesise(area_km2=1, cell_size_m=40.0, seed=7).save(folder / "cities" / "mine")
    for page in ("README.md", "docs/replay.md"):
        for name, text in _FILE.findall((ROOT / page).read_text("utf-8")):
            (folder / name).write_text(text, "utf-8")
    return folder


def call(desk: Path, *arguments: str) -> dict[str, object]:
    environment = {**os.environ, "TWIN_STORE": str(desk / "runs"), "NUMBA_NUM_THREADS": "1"}
    done = subprocess.run(  # noqa: S603 - the arguments are those of the test
        [sys.executable, "-c", START, *arguments, "--json"],
        cwd=desk,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_the_steps_of_the_page_lead_to_a_comparison(desk: Path) -> None:
    report = call(desk, "observed", "check", "log.yaml", "--city", "cities/mine")
    assert report["rows_used"] == {"calls": 4, "trips": 4}
    found = {(f["kind"], f["column"]): f["count"] for f in report["findings"]}  # type: ignore[index,attr-defined]  # a list of findings
    assert found["impossible_order", "mobile < dispatch"] == 1
    made = call(
        desk,
        *("replay", "storm.yaml", "-o", "log.yaml", "-o", "closures.yaml"),
        *("--city", "cities/mine"),
    )
    counts = made["counts"]["record"]  # type: ignore[index]  # counts by run
    assert counts == {"calls": 3, "closures": 1, "orders": 4, "units": 4}
    seen = call(
        desk, "evaluate", "latest", "-o", "reports.yaml", "-o", "log.yaml", "--page", "pages"
    )
    kinds = [part["kind"] for part in seen["parts"]]  # type: ignore[attr-defined]  # a list of parts
    assert kinds == ["street_reports", "responses"]
    assert len(list((desk / "pages").glob("*.html"))) == 2


@pytest.mark.slow
def test_the_fit_of_the_page_names_its_event(desk: Path) -> None:
    fit = call(desk, "calibrate", "fit.yaml", "--city", "cities/mine", "-o", "fitted.yaml")
    assert fit["runs"] <= 9  # type: ignore[operator]  # a number
    scenario = twin.Scenario.load(desk / "fitted.yaml")
    assert [event.name for event in scenario.fitted] == ["log"]


def test_the_commands_that_the_page_writes_are_valid(desk: Path) -> None:
    text = (ROOT / "docs" / "replay.md").read_text("utf-8")
    (block,) = re.findall(r"^```yaml\n(timeline:.*?)^```$", text, re.MULTILINE | re.DOTALL)
    scenario = twin.Scenario.load(desk / "storm.yaml")
    changed = scenario.replace(timeline=yaml.safe_load(block)["timeline"])
    assert [order.do for order in changed.timeline] == [
        "dispatch_by",
        "report_incident",
        "send_unit",
    ]
