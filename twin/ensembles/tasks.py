"""
What a worker does: compute a flood, or run members over it.

A task is named by a store, a sweep and a number; everything else it reads from the store, and what
it finds goes there. A task that was done already does nothing, so that it may be repeated by anyone
at any time.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numba
import pandas as pd

from models.errors import StoreError
from twin.city.city import City, open_city
from twin.engine.assembly import set_scene
from twin.engine.recorded import RecordedWater, respond
from twin.ensembles.members import parse_stored, stored_scenario
from twin.ensembles.plan import hydraulic_part
from twin.ensembles.records import PlanRecord
from twin.ensembles.store import EnsembleStore
from twin.results.kpi import compute_kpis
from twin.running import resume, run
from twin.store import RunStore, files
from twin.store.digest import digest_of_results
from twin.store.writer import parquet_bytes, with_detail_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scenarios import Scenario
    from twin.engine.engine import Progress
    from twin.ensembles.records import Member

__all__ = ["FLOOD_KPIS", "compute_flood", "compute_member"]

#: Key figures of the flood itself, which a response takes over from the flood that it runs over.
FLOOD_KPIS = ("max_depth_m", "flooded_area_m2", "hazard_area_m2", "aidr_area_m2", "land_area_m2")
#: Time for which a flood that another process computes is waited for, s.
_PATIENCE_S = 600.0
#: One task at a time in a process: kernels use its threads, and what is kept between tasks is
#: shared by them.
_ALONE = threading.Lock()


@dataclass(kw_only=True)
class _Context:
    """What the tasks of one sweep share in a process."""

    store: EnsembleStore
    sweep_id: str
    plan: PlanRecord
    base: Scenario
    cities: OrderedDict[str, City] = field(default_factory=OrderedDict)
    waters: OrderedDict[str, RecordedWater] = field(default_factory=OrderedDict)

    def city(self, digest: str) -> City:
        """Return a city, kept for the next task."""
        if digest not in self.cities:
            self.cities[digest] = open_city(self.store.folder(f"cities/{digest}"))
            if len(self.cities) > 2:
                self.cities.popitem(last=False)
        return self.cities[digest]

    def water(self, digest: str) -> RecordedWater | None:
        """Return the recorded water of a flood, kept for the next task; None without roads."""
        if not digest:
            return None
        if digest not in self.waters:
            name = f"floods/{digest}/roads.zarr"
            if not self.store.exists(name):
                return None
            while len(self.waters) > 0:  # the old one goes first: it may hold much memory
                self.waters.popitem()
            keep = self.plan.replications > 1 or len(self.plan.points) > len(self.plan.floods)
            self.waters[digest] = RecordedWater(self.store.zarr(name), keep=keep)
        return self.waters[digest]

    def scenario(self, point: int, seed: int | None) -> Scenario:
        """Return the scenario of a member, or of a point without a seed of its own."""
        return stored_scenario(self.store, self.plan, self.base, point, seed)


@lru_cache(maxsize=2)
def _context(url: str, sweep_id: str) -> _Context:
    store = EnsembleStore(url)
    plan = PlanRecord.read(store, sweep_id)
    base = parse_stored(store, f"sweeps/{sweep_id}/base.yaml")
    return _Context(store=store, sweep_id=sweep_id, plan=plan, base=base)


# Floods


def compute_flood(
    url: str,
    sweep_id: str,
    digest: str,
    *,
    threads: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """
    Compute a flood and publish it, from where an earlier try stopped.

    Parameters
    ----------
    url, sweep_id, digest
        The store, the sweep, and the flood in its plan.
    threads
        For the kernels; None takes all that the process has.
    on_progress, should_stop
        As in :func:`twin.running.run`.

    Returns
    -------
    dict
        ``flood`` its digest, ``results`` the digest of what was found, ``wall_s`` and ``cpu_s``.

    Raises
    ------
    TwinError
        As :func:`twin.running.run`.
    Interrupted
        If *should_stop* said so.
    """
    began, worked = time.perf_counter(), time.process_time()
    with _ALONE:
        context = _context(url, sweep_id)
        store = context.store
        if not store.has_flood(digest):
            count = None if threads is None else min(threads, _most_threads())
            _run_flood(context, digest, count, on_progress, should_stop)
        results = store.read(f"floods/{digest}/digest.txt").decode().strip()
    return {
        "flood": digest,
        "results": results,
        "wall_s": time.perf_counter() - began,
        "cpu_s": time.process_time() - worked,
    }


def _most_threads() -> int:
    return int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]  # set on import


def _run_flood(
    context: _Context,
    digest: str,
    threads: int | None,
    on_progress: Callable[[Progress], None] | None,
    should_stop: Callable[[], bool] | None,
) -> None:
    store, flood = context.store, context.plan.floods[digest]
    scenario = hydraulic_part(context.scenario(flood.point, flood.seed), frames=context.plan.frames)
    city = context.city(flood.city)
    work = store.root / "flood-work" / digest
    with files.guarded(work):
        files.make_folder(work)
        _link_cities(store, work)
    run_store = RunStore(work, catalogue="")
    found = run_store.runs()
    finished = [record for record in found if record.state == "finished"]
    more: dict[str, Any] = {
        "store": run_store, "threads": threads,
        "on_progress": on_progress, "should_stop": should_stop,
    }  # fmt: skip
    if finished:
        folder = finished[0].folder
    elif found and _is_current(found[0].folder):
        folder = _patiently(lambda: resume(found[0].run_id, **more)).folder
    else:
        folder = run(scenario, city, created=context.plan.created, **more).folder
    store.publish(folder, f"floods/{digest}")
    files.remove(work)


def _is_current(folder: Path) -> bool:
    """Return whether an interrupted flood was begun by this version."""
    with suppress(OSError):
        return f'"code": "{version("city-twin")}"' in (folder / "manifest.json").read_text("utf-8")
    return False


def _link_cities(store: EnsembleStore, work: Path) -> None:
    """Let the runs of a work folder find the cities where they are."""
    link = work / "cities"
    if not link.exists():
        files.make_folder(store.root / "cities")
        with suppress(FileExistsError):
            link.symlink_to((store.root / "cities").resolve(), target_is_directory=True)


def _patiently[Result](work: Callable[[], Result]) -> Result:
    """Do *work*, and wait a while where a process that is about to end still holds the run."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return work()
        except StoreError as error:
            if "in use" not in error.what or time.monotonic() > until:
                raise
            time.sleep(1.0)


# Members


def compute_member(
    url: str, sweep_id: str, index: int, *, should_stop: Callable[[], bool] | None = None
) -> dict[str, Any]:
    """
    Run the response of a member over its flood, and keep what it found.

    Returns
    -------
    dict
        ``member``, ``digest`` of its results, ``wall_s`` and ``cpu_s``.

    Raises
    ------
    TwinError
        If the scenario does not fit the city, or the store fails.
    """
    began, worked = time.perf_counter(), time.process_time()
    with _ALONE:
        context = _context(url, sweep_id)
        store, name = context.store, f"sweeps/{sweep_id}/members/{index:06d}"
        with suppress(FileNotFoundError):
            known = store.read_document(f"{name}.json")
            return {"member": index, "digest": known["digest"], "wall_s": 0.0, "cpu_s": 0.0}
        member = context.plan.member(index)
        scenario = context.scenario(member.point, member.seed)
        if context.plan.whole:
            kpis, events = _from_whole_run(store, member.flood)
        else:
            kpis, events = _from_response(context, scenario, member, should_stop)
        events = with_detail_text(events)
        digest = digest_of_results(kpis, {"events": events})
        if context.plan.events and len(events):
            store.write(f"{name}.parquet", parquet_bytes(events))
        wall_s = time.perf_counter() - began
        record = {
            "member": index, "point": member.point, "replication": member.replication,
            "seed": scenario.seed, "flood": member.flood, "kpis": kpis, "digest": digest,
            "wall_s": round(wall_s, 3), "code": version("city-twin"),
        }  # fmt: skip
        store.write_document(f"{name}.json", record)
    cpu_s = time.process_time() - worked
    return {"member": index, "digest": digest, "wall_s": wall_s, "cpu_s": cpu_s}


def _from_whole_run(store: EnsembleStore, flood: str) -> tuple[dict[str, Any], pd.DataFrame]:
    folder = store.folder(f"floods/{flood}")
    kpis = store.read_document(f"floods/{flood}/kpis.json")
    path = folder / "events.parquet"
    return kpis, pd.read_parquet(path) if path.is_file() else pd.DataFrame()


def _from_response(
    context: _Context,
    scenario: Scenario,
    member: Member,
    should_stop: Callable[[], bool] | None,
) -> tuple[dict[str, Any], pd.DataFrame]:
    city, flood = context.city(context.plan.points[member.point].city), member.flood
    kpis: dict[str, Any] = {}
    if flood:
        kpis = context.store.read_document(f"floods/{flood}/kpis.json")
    if not len(city.layer("roads")):
        return kpis, pd.DataFrame()
    setting = set_scene(scenario, city)
    tables = respond(setting, context.water(flood), should_stop=should_stop)
    own = compute_kpis(events=tables["events"], flood=None, roads=tables["roads"])
    water = {name: kpis[name] for name in FLOOD_KPIS if name in kpis}
    return {**own, **water}, tables["events"]
