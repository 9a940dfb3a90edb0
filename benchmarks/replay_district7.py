"""
Replay the tide floods of District 7 in October and November 2025, and write its page.

``python -m benchmarks replay_district7 --docs`` builds the city, runs two ensembles of the assumed
ground, compares them with what the press wrote, and writes ``docs/replay-district7.md``, its
Vietnamese twin and their pictures. Runs that are in the folder already are taken from there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

import twin
from benchmarks._replay_page import write_pages
from twin.evaluation import evaluate
from twin.evaluation.certainty import street_certainty

if TYPE_CHECKING:
    import pandas as pd

    from twin.city.city import City
    from twin.evaluation import Evaluation
    from twin.results.open import Run

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "docs" / "replays" / "district7"
RECIPE = ROOT / "docs" / "recipes" / "district7.yaml"
EVENTS = {
    "2025-10-22": ("2025-10-22T12:00+07:00", "2025-10-22T22:00+07:00"),
    "2025-11-06": ("2025-11-06T00:00+07:00", "2025-11-06T09:00+07:00"),
    "2025-10-08": ("2025-10-08T12:30+07:00", "2025-10-08T22:30+07:00"),
}
#: What is added to the assumed ground, m: the members count alike.
OFFSETS_M = (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3)
#: Other patterns of high and low ground, equally likely under the same assumptions.
PATTERNS = (1, 2, 3, 4, 5, 6)
REPORTED = ("2025-10-22", "2025-10-08")


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """Everything that the page is made of."""

    runs: dict[str, dict[float, Run]]
    patterns: dict[int, Run]
    evaluations: dict[str, dict[float, Evaluation]]
    of_patterns: dict[int, Evaluation]
    streets: dict[str, pd.DataFrame]
    streets_of_patterns: pd.DataFrame


def main(argv: list[str]) -> int:
    """Run the replay; print its figures, or write the pages."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks replay_district7")
    parser.add_argument("--folder", type=Path, default=Path("runs") / "replay-district7")
    parser.add_argument("--docs", action="store_true", help="write the pages of the documentation")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(argv)
    data = Path(os.environ.get("TWIN_DATA", ROOT.parent / "shared" / "data"))
    if not (data / "district7").is_dir():
        print(f"no data at {data}; set TWIN_DATA to the folder that holds district7")
        return 2
    os.environ["TWIN_DATA"] = str(data)
    done = compute(options.folder)
    if options.docs:
        for path in write_pages(done, ROOT / "docs"):
            print(path)
    if options.json:
        print(json.dumps(figures(done), ensure_ascii=False))
    elif not options.docs:
        for name, value in figures(done).items():
            print(f"{name}: {value}")
    return 0


def compute(folder: Path) -> Replayed:
    """Build, run and compare whatever is not in *folder* yet."""
    folder.mkdir(parents=True, exist_ok=True)
    base = twin.Scenario.load(SOURCES / "scenario.yaml")
    store = folder / "runs"
    city = _city(folder, None)
    runs: dict[str, dict[float, Run]] = {}
    for event, (start, end) in EVENTS.items():
        runs[event] = {}
        for offset_m in OFFSETS_M:
            sign = "m" if offset_m < 0 else "p"
            changed = base.replace(
                **{
                    "name": f"district7-{event}-{sign}{abs(round(100 * offset_m)):02d}",
                    "period.start": start,
                    "period.end": end,
                    "ground.offset_m": offset_m,
                }
            )
            runs[event][offset_m] = _run(changed, city, store)
    first = EVENTS[REPORTED[0]]
    patterns = {7: runs[REPORTED[0]][0.0]}
    for seed in PATTERNS:
        changed = base.replace(
            **{
                "name": f"district7-{REPORTED[0]}-g{seed}",
                "period.start": first[0],
                "period.end": first[1],
            }
        )
        patterns[seed] = _run(changed, _city(folder, seed), store)
    reports = SOURCES / "reports.yaml"
    return Replayed(
        runs=runs,
        patterns=patterns,
        evaluations={
            event: {offset: evaluate(run, [reports]) for offset, run in runs[event].items()}
            for event in REPORTED
        },
        of_patterns={seed: evaluate(run, [reports]) for seed, run in patterns.items()},
        streets={
            event: street_certainty(list(members.values())) for event, members in runs.items()
        },
        streets_of_patterns=street_certainty(list(patterns.values())),
    )


def _city(folder: Path, seed: int | None) -> City:
    """Return the city of the recipe, or with another pattern of its assumed ground."""
    name = "district7" if seed is None else f"district7-g{seed}"
    kept = folder / "cities" / name
    if (kept / "city.yaml").is_file():
        return twin.open_city(kept)
    recipe = RECIPE
    if seed is not None:
        document: Any = yaml.safe_load(RECIPE.read_text("utf-8"))
        document["terrain"]["ground"]["assumed"]["seed"] = seed
        recipe = folder / f"{name}.yaml"
        recipe.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    print(f"building {name}", file=sys.stderr)
    return twin.build_city(recipe).save(kept)


def _run(scenario: twin.Scenario, city: City, store: Path) -> Run:
    """Return a stored run of this very document and city, or a new one."""
    document = scenario.resolve().to_yaml()
    for folder in sorted(store.glob(f"runs/{scenario.name}-*")):
        run = twin.open_run(folder)
        if (run.scenario_text, run.manifest["city"]["digest"]) == (document, city.digest):
            return run
    print(f"running {scenario.name}", file=sys.stderr)
    return twin.run(scenario, city, store=store, threads=1)


def figures(done: Replayed) -> dict[str, Any]:
    """Return the figures of the replay as plain values."""
    found: dict[str, Any] = {}
    for event, members in done.runs.items():
        found[f"{event} flooded_ha"] = {
            f"{offset:+.1f}": round(run.kpis["flooded_area_m2"]["0.1"] / 1e4)
            for offset, run in members.items()
        }
    for event, by_member in done.evaluations.items():
        for offset, one in by_member.items():
            found[f"{event} {offset:+.1f}"] = _of_reports(one)
    for seed, one in done.of_patterns.items():
        found[f"{REPORTED[0]} pattern {seed}"] = _of_reports(one)
    return found


def _of_reports(one: Evaluation) -> dict[str, Any]:
    table = one.parts[0].table
    return {
        "hits": f"{int(table['wet'].sum())}/{len(table)}",
        "chance": round(float(table["chance"].mean()), 2),
        "depths_m": [round(float(d), 2) for d in table["depth_m"]],
    }
