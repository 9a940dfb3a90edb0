"""
Speed of ensembles: a day of District 7 a hundred times, and a thousand responses over one flood.

``python -m benchmarks ensemble [--json] [--members N] [--replications N] [--workers N] [--folder F]
[--city F]``. The city is built from ``docs/recipes/district7.yaml`` on cells of 20 m, out of
``TWIN_DATA``, unless one is named. The scenario is the shipped day of October 2025 with its 200
calls. Members differ in tide, ground and roughness, so that each needs a flood of its own. With
fewer members or replications than 100 and 1,000 the times are scaled up, and ``scaled`` in the
result says so. What else ran on the machine is in ``load``: times hold for a machine that is as
busy as that.

``members_100_cpu_s`` is the time of processors that the hundred members take, of all workers
together: over the number of cores it is what an idle machine would need at least.
``overhead`` is the share of the workers' time that no task took: starting them, handing out tasks,
and the idle end. ``peak_mib`` is the peak memory of a process that opens an ensemble of 1,000
members with as many floods, maps a chance and two quantiles, and reads one member; its floods are
links to one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

import twin
from twin.ensembles.records import PlanRecord
from twin.ensembles.store import EnsembleStore
from twin.store.writer import parquet_bytes

if TYPE_CHECKING:
    from twin.ensembles.results import Ensemble

__all__ = ["main"]

_RECIPE: Final = Path(__file__).parents[1] / "docs" / "recipes" / "district7.yaml"
_MANY: Final = 1000
_CELL_M: Final = 20.0


def _city(given: Path | None, folder: Path) -> Path:
    if given is not None:
        return given
    target = folder / "district7-20m"
    if not (target / "city.yaml").is_file():
        twin.build_city(_RECIPE, cell_size_m=_CELL_M).save(target)
    return target


def _base() -> dict[str, Any]:
    scenario = twin.load_scenario("district7_2025-10-22")
    return dict(scenario.replace(**{"grid.cell_size_m": _CELL_M}).resolve().to_dict())


def _members(count: int) -> dict[str, Any]:
    factors = [
        {"name": "tide", "path": "tide.offset_m", "uniform": {"low": -0.1, "high": 0.3}},
        {"name": "ground", "path": "ground.offset_m", "uniform": {"low": -0.3, "high": 0.3}},
        {
            "name": "roughness",
            "path": "ground.manning_multiplier",
            "triangular": {"low": 0.5, "mode": 1.0, "high": 2.0},
        },
    ]
    design = {"latin_hypercube": {"points": max(2, count)}}
    return {
        "sweep": 1, "name": "members", "base": _base(), "factors": factors, "design": design,
    }  # fmt: skip


def _replications(count: int) -> dict[str, Any]:
    return {"sweep": 1, "name": "replications", "base": _base(), "replications": count}


def _shares(ensemble: Ensemble, workers: int) -> tuple[float, float]:
    """Return the time of a sweep, s, and the share of its workers' time that no task took."""
    found = ensemble.summary
    wall_s = float(found["wall_s"])
    return wall_s, max(0.0, 1.0 - float(found["busy_s"]) / (wall_s * workers))


def _enlarge(ensemble: Ensemble, folder: Path) -> Path:
    """Make an ensemble of a thousand floods, all of them links to one, and return its store."""
    flood = ensemble.plan.member(0).flood
    source = (ensemble.store.root / "floods" / flood).resolve()
    root = folder / "thousand"
    store = EnsembleStore(root)
    point = ensemble.plan.points[0]
    digests = [f"{k:032x}" for k in range(_MANY)]
    (root / "floods").mkdir(parents=True, exist_ok=True)
    for digest in digests:
        link = root / "floods" / digest
        if not link.is_symlink():
            link.symlink_to(source, target_is_directory=True)
    points = tuple(
        type(point)(
            chosen=point.chosen, unit=point.unit, changes=point.changes, floods=(digest,),
            city=point.city,
        )
        for digest in digests
    )  # fmt: skip
    record = next(iter(ensemble.plan.floods.values()))
    plan = {f: getattr(ensemble.plan, f) for f in PlanRecord.__dataclass_fields__}
    floods = dict.fromkeys(digests, record)
    PlanRecord(**{**plan, "replications": 1, "points": points, "floods": floods}).write(store)
    rows = pd.concat([ensemble.table.iloc[[0]]] * _MANY, ignore_index=True)
    rows["member"], rows["point"], rows["flood"] = range(_MANY), range(_MANY), digests
    store.write(f"sweeps/{ensemble.id}/table.parquet", parquet_bytes(rows))
    for name in ("sweep.yaml", "base.yaml"):
        store.write(
            f"sweeps/{ensemble.id}/{name}", ensemble.store.read(f"sweeps/{ensemble.id}/{name}")
        )
    return root


_READER: Final = """
import resource, sys, time
import twin
began = time.perf_counter()
found = twin.open_ensemble("latest", store=sys.argv[1])
members = found.dataset.sizes["member"]
chance = float(found.exceedance(0.3).max())
deep = float(found.quantiles([0.5, 0.95]).max())
one = float(found.dataset["max_depth"].isel(member=7).max())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
print(members, chance, deep, one, peak, time.perf_counter() - began)
"""


def _read(root: Path) -> tuple[float, float]:
    """Return peak memory, MiB, and time, s, of a process that maps a thousand members."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", _READER, str(root)], check=True, capture_output=True, text=True
    )
    numbers = [float(word) for word in done.stdout.split()]
    return numbers[4], numbers[5]


def measure(
    folder: Path, *, city: Path | None, members: int, replications: int, workers: int
) -> dict[str, Any]:
    """Return all figures; see the module."""
    place = _city(city, folder)
    store = folder / "store"
    load = os.getloadavg()[0]
    result: dict[str, Any] = {
        "processors": os.cpu_count(), "workers": workers, "load": [round(load, 2)],
        "members": members, "replications": replications,
        "scaled": members != 100 or replications != _MANY,
    }  # fmt: skip
    began = time.perf_counter()
    many = twin.ensemble(_members(members), place, store=store, workers=workers)
    wall_s, overhead = _shares(many, workers)
    result["members_100_s"] = round(wall_s * 100.0 / members, 1)
    result["members_100_cpu_s"] = round(float(many.summary["cpu_s"]) * 100.0 / members, 1)
    result["overhead"] = round(overhead, 4)
    result["load"].append(round(os.getloadavg()[0], 2))
    again = twin.ensemble(_replications(replications), place, store=store, workers=workers)
    floods_s = float(again.flood(0).summary["wall_s"])
    wall_s, _ = _shares(again, workers)
    result["replications_1000_s"] = round(max(0.0, wall_s - floods_s) * _MANY / replications, 1)
    result["flood_s"] = round(floods_s, 1)
    result["response_s"] = round(float(again.table["wall_s"].median()), 3)
    result["load"].append(round(os.getloadavg()[0], 2))
    result["peak_mib"], result["map_1000_s"] = (round(v, 1) for v in _read(_enlarge(many, folder)))
    flood = store / "floods" / many.plan.member(0).flood
    sizes = (path.stat().st_size for path in flood.rglob("*") if path.is_file())
    result["flood_mb"] = round(sum(sizes) / 1e6, 1)
    result["failed"] = len(many.failures) + len(again.failures)
    result["wall_s"] = round(time.perf_counter() - began, 1)
    return result


def main(argv: list[str]) -> int:
    """Run the benchmark; 1 where a member failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks ensemble", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--members", type=int, default=100, help="members with own floods")
    parser.add_argument("--replications", type=int, default=_MANY, help="responses over one flood")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--city", type=Path, help="a city instead of District 7")
    parser.add_argument("--folder", type=Path, help="where city and store stay; else thrown away")
    options = parser.parse_args(argv)
    with ExitStack() as stack:
        folder = options.folder
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ensemble-")))
        found = measure(
            folder,
            city=options.city,
            members=max(2, options.members),
            replications=max(1, options.replications),
            workers=options.workers,
        )
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:22} {value}")
    return 1 if found["failed"] else 0
