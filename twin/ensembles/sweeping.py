"""Plan a sweep, run it, and take up one that was interrupted."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import InvalidInputError, StoreError
from scenarios import Sweep
from twin.engine.assembly import assemble, set_scene
from twin.ensembles.cluster import connect
from twin.ensembles.conduct import Conductor
from twin.ensembles.members import point_document
from twin.ensembles.plan import Plan, first_scenario, make_plan
from twin.ensembles.records import PlanRecord
from twin.ensembles.results import Ensemble, collect
from twin.ensembles.store import EnsembleStore
from twin.results.open import store_folder
from twin.running import keep_city
from twin.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from twin.city.city import City
    from twin.ensembles.conduct import SweepProgress

__all__ = ["ensemble", "ensemble_store", "lay_out", "open_ensemble", "plan_sweep"]


def ensemble_store(store: str | Path | EnsembleStore | None = None) -> EnsembleStore:
    """Return the store of ensembles: as given, or ``TWIN_STORE``, or the folder ``runs``."""
    if isinstance(store, EnsembleStore):
        return store
    if store is not None and "://" in str(store):
        return EnsembleStore(store)
    return EnsembleStore(store_folder(store))


def plan_sweep(
    sweep: Sweep | Mapping[str, Any] | str | Path,
    city: City | str | Path | None = None,
    *,
    store: str | Path | EnsembleStore | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Plan:
    """
    Plan a sweep without running it: its points, its members, and the floods that they share.

    Parameters
    ----------
    sweep
        A sweep, its file, or a mapping of the same shape.
    city
        A city or its folder; None takes that of the sweep, or of the scenario.
    store
        Where it would go; only the city is kept there.
    progress
        Is told how many points of how many are planned.

    Raises
    ------
    ScenarioError, CityError
        If the input is wrong, or does not fit together; the message names the point.
    """
    where = ensemble_store(store)
    return make_plan(
        _read(sweep),
        city=city,
        created=datetime.now(UTC).astimezone(),
        keep=lambda found: _keep(where, found),
        progress=progress,
    )


def ensemble(
    sweep: Sweep | Mapping[str, Any] | str | Path | Plan,
    city: City | str | Path | None = None,
    *,
    store: str | Path | EnsembleStore | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    threads: int = 1,
    memory_limit: str | None = None,
    tries: int = 3,
    on_progress: Callable[[SweepProgress], None] = lambda _progress: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Ensemble:
    """
    Run a sweep and return its ensemble; what an earlier call finished is not computed again.

    Parameters
    ----------
    sweep, city
        As in :func:`plan_sweep`; a plan that was made already is taken as it is.
    store
        A folder, or a URL such as ``s3://bucket/prefix``; None takes ``TWIN_STORE``, or ``runs``.
    scheduler
        Address of a dask cluster, ``tcp://host:8786``; None starts one on this machine.
    workers, threads, memory_limit
        Of a cluster on this machine: processes, threads of each, and memory of each (``4GiB``).
        Without *workers* as many as keep all processors busy.
    tries
        How often a member is tried before it counts as failed. Failed members do not stop the
        others; they are in :attr:`~twin.ensembles.results.Ensemble.failures`.
    on_progress, should_stop
        Hears how far things are; is asked several times a second.

    Raises
    ------
    ScenarioError, CityError
        If the input is wrong.
    StoreError
        If the store or the cluster fails; call again to go on.
    Interrupted
        If *should_stop* said so; call again to go on.
    """
    if tries < 1:
        raise InvalidInputError("a member is tried at least once", where="tries", value=tries)
    where = ensemble_store(store)
    plan = sweep if isinstance(sweep, Plan) else plan_sweep(sweep, city, store=where)
    began = time.perf_counter()
    lock = where.lock(f"sweeps/{plan.sweep_id}/lock")
    try:
        record = lay_out(where, plan)
        if not _is_complete(where, record):
            with connect(
                scheduler, workers=workers, threads=threads, memory_limit=memory_limit
            ) as client:
                conductor = Conductor(
                    client=client,
                    store=where,
                    plan=record,
                    tries=tries,
                    threads=None if scheduler else threads,
                    on_progress=on_progress,
                    should_stop=should_stop,
                )
                where.remove(f"sweeps/{plan.sweep_id}/failed")
                conductor.run()
            spent = {
                "wall_s": time.perf_counter() - began,
                "busy_s": conductor.busy_s,
                "cpu_s": conductor.cpu_s,
            }
            collect(where, record, spent)
    finally:
        if lock is not None:
            lock.release()
    return Ensemble(where, plan.sweep_id)


def open_ensemble(
    name: str | Path = "latest", *, store: str | Path | EnsembleStore | None = None
) -> Ensemble:
    """
    Open a sweep that was run, or is running: what is finished of it.

    Parameters
    ----------
    name
        Its name, the beginning of its name, ``latest``, or its document, which must not have been
        changed since.
    store
        A folder or a URL; None takes ``TWIN_STORE``, or ``runs``.

    Raises
    ------
    StoreError
        If there is no such sweep, or more than one begins like this.
    """
    where = ensemble_store(store)
    wanted = str(name)
    if wanted.endswith((".yaml", ".yml", ".json")):
        wanted = plan_sweep(wanted, store=where).sweep_id
    return Ensemble(where, _find(where, wanted))


def _find(store: EnsembleStore, wanted: str) -> str:
    known = [n for n in store.names("sweeps") if store.exists(f"sweeps/{n}/plan.json")]
    if wanted in known:
        return wanted
    if wanted == "latest" and known:
        return max(known, key=lambda n: (PlanRecord.read(store, n).created, n))
    found = [n for n in known if wanted and n.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    raise StoreError(
        "more than one sweep begins like this" if found else "there is no such sweep",
        where=store.url,
        value=wanted,
        remedy=f"There are {', '.join((found or known)[-8:])}."
        if known
        else "Run one with `twin sweep run`.",
    )


def _read(sweep: Sweep | Mapping[str, Any] | str | Path) -> Sweep:
    if isinstance(sweep, Sweep):
        return sweep
    if isinstance(sweep, str | Path):
        return Sweep.load(sweep)
    return Sweep.from_dict(dict(sweep))


def _keep(store: EnsembleStore, city: City) -> City:
    """Keep a city in the store, and return it as it is kept."""
    if city.digest and store.exists(f"cities/{city.digest}/city.yaml"):
        return city
    local = RunStore(store.root, catalogue="")
    kept = keep_city(local, city)
    if store.remote:
        folder = store.root / "cities" / kept.digest
        store.send(folder, f"cities/{kept.digest}", last="city.yaml")
    return kept


def lay_out(store: EnsembleStore, plan: Plan) -> PlanRecord:
    """Write what workers need; a sweep that is there already stays as it was planned first."""
    folder = f"sweeps/{plan.sweep_id}"
    if store.exists(f"{folder}/plan.json"):
        return PlanRecord.read(store, plan.sweep_id)
    # Its parts must fit together before many of them are sent out.
    first = first_scenario(plan)
    setting = set_scene(first, plan.cities[plan.record.points[0].city])
    assemble(setting, lambda _event: None)
    store.write(f"{folder}/sweep.yaml", plan.sweep.to_yaml().encode())
    store.write(f"{folder}/base.yaml", plan.base.to_yaml().encode())
    for point, scenario in plan.documents.items():
        store.write(point_document(plan.sweep_id, point), scenario.to_yaml().encode())
    plan.record.write(store)
    return plan.record


def _is_complete(store: EnsembleStore, record: PlanRecord) -> bool:
    """Return whether every member is there and collected, so that no cluster is needed."""
    name = f"sweeps/{record.sweep_id}/summary.json"
    if not store.exists(name):
        return False
    return bool(store.read_document(name)["finished"] == record.n_members)
