"""Run a scenario on a city, once, and take up a run that was interrupted."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
from pyproj import CRS

from models.errors import InvalidInputError, StoreError
from scenarios import Scenario
from twin.city.city import City, open_city
from twin.engine.assembly import Setting, assemble, set_scene
from twin.engine.commands import Command
from twin.engine.engine import Engine, Stopped
from twin.engine.maps import final_maps
from twin.engine.recorder import Recorder
from twin.inputs import find_city, load_scenario, placed
from twin.language import note
from twin.results.kpi import compute_kpis
from twin.results.open import Run, open_run, open_store, store_folder
from twin.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from models.response import Event
    from twin.engine.engine import Assembly, Progress
    from twin.language import Note
    from twin.store.writer import RunWriter

__all__ = ["Interrupted", "keep_city", "load_scenario", "resume", "run"]

#: A stored scenario holds its series and networks of drains, and may be larger than a user's.
LARGEST_STORED_BYTES = 256 << 20
#: A run warns when the volume that is not accounted for exceeds this share of the throughput.
WARNED_CLOSURE = 0.001
#: Parts of a scenario that act on water alone.
_WATER = ("rain", "tide", "inflows", "boundaries", "losses", "structures", "drainage")


class Interrupted(Exception):  # noqa: N818 - not an error: someone asked for it
    """A run was stopped, and can be resumed under :attr:`run_id`."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"the run {run_id} was stopped and can be resumed")
        self.run_id = run_id


@dataclass(frozen=True, kw_only=True)
class _Watch:
    """Who looks on, who may stop the run, and when it began."""

    began: float

    on_progress: Callable[[Progress], None] | None
    should_stop: Callable[[], bool] | None


def run(
    scenario: Scenario | str | Path,
    city: City | str | Path | None = None,
    *,
    store: str | Path | RunStore | None = None,
    threads: int | None = None,
    on_begin: Callable[[str], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    created: datetime | None = None,
) -> Run:
    """
    Run *scenario* on *city* and return the stored run.

    Parameters
    ----------
    scenario
        A scenario, its file, or the name of a shipped one.
    city
        A city or its folder; None takes the folder that the scenario names.
    store
        A store or its folder; None takes ``TWIN_STORE`` from the environment, or ``runs`` here.
    threads
        For the flood; None takes all. The results are the same bytes for any number.
    on_begin
        Is told the name of the run once it is in the store.
    on_progress
        Is told at every exchange.
    should_stop
        Is asked at every exchange; when it returns True the run is kept for :func:`resume`.
    created
        The time at which the run was made, for its name; None takes the machine's clock.

    Raises
    ------
    ScenarioError, CityError
        If the input is wrong, or does not fit together.
    StoreError
        If the run cannot be stored.
    NumericalError
        If the flood is no longer finite.
    Interrupted
        If *should_stop* said so.
    """
    watch = _Watch(began=time.perf_counter(), on_progress=on_progress, should_stop=should_stop)
    resolved = load_scenario(scenario).resolve()
    with _threads(threads) as count:
        events: list[Event] = []
        with placed(resolved):
            found = find_city(resolved, city)
            run_store = store if isinstance(store, RunStore) else RunStore(store_folder(store))
            kept = found if found.digest else keep_city(run_store, found)
            setting = set_scene(resolved, kept)
            assembly = assemble(setting, events.append)
        keep_city(run_store, kept)
        moment = created or datetime.now(UTC).astimezone()
        writer = run_store.begin(_manifest(setting, assembly, count, moment))
        with _writing(writer):
            if on_begin is not None:
                on_begin(writer.run_id)
            recorder = _lay_out(writer, setting, assembly, events)
            _compute(writer, setting, assembly, recorder, watch)
    return open_run(run_store.layout.runs / writer.run_id)


def resume(
    run_id: str,
    *,
    store: str | Path | RunStore | None = None,
    threads: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Run:
    """
    Take up a run that was interrupted; it ends with the bytes of one that never was.

    The parameters are those of :func:`run`.

    Raises
    ------
    StoreError
        If the run is unknown, finished, in use, or was begun by another version.
    Interrupted
        If *should_stop* said so again.
    """
    watch = _Watch(began=time.perf_counter(), on_progress=on_progress, should_stop=should_stop)
    run_store = store if isinstance(store, RunStore) else open_store(store)
    with _threads(threads):
        writer = run_store.reopen(run_id)
        with _writing(writer):
            manifest = writer.manifest
            _same_version(writer.run_id, manifest)
            stored = writer.folder / "scenario.yaml"
            scenario = Scenario.load(stored, limit_bytes=LARGEST_STORED_BYTES)
            city = open_city(run_store.layout.cities / manifest["city"]["digest"])
            setting = set_scene(scenario, city)
            events: list[Event] = []
            if writer.read_checkpoint() is None:
                assembly = assemble(setting, events.append, commands=_logged(writer))
                recorder = _lay_out(writer, setting, assembly, events)
            else:
                assembly = assemble(setting, events.append, commands=_logged(writer))
                recorder = _recorder(writer, scenario, events)
            _compute(writer, setting, assembly, recorder, watch)
    return open_run(run_store.layout.runs / writer.run_id)


# Before the run


@contextmanager
def _threads(count: int | None) -> Iterator[int]:
    """Use *count* threads for kernels, and put back what was set before."""
    before = numba.get_num_threads()
    most = int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]  # set when numba is imported
    if count is not None and not 1 <= count <= most:
        raise InvalidInputError(
            f"this machine runs 1 to {most} threads", where="--threads", value=count
        )
    numba.set_num_threads(count or before)
    try:
        yield count or before
    finally:
        numba.set_num_threads(before)


def keep_city(store: RunStore, city: City) -> City:
    """Keep a copy of the city in the store, and return the city as it is kept."""
    if city.folder is not None and city.digest:
        store.keep_city(city.folder, city.digest)
        return city
    scratch = Path(tempfile.mkdtemp(prefix="city-", dir=store.root))
    try:
        saved = city.save(scratch / city.name)
        store.keep_city(scratch / city.name, saved.digest)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return saved


def _manifest(
    setting: Setting, assembly: Assembly, threads: int, created: datetime
) -> dict[str, Any]:
    scenario, city = setting.scenario, setting.city
    emergencies = assembly.emergencies
    return {
        "format": 1,
        "code": version("city-twin"),
        "created": created.isoformat(timespec="seconds"),
        "scenario": {
            "name": scenario.name,
            "title": scenario.title.model_dump(exclude_none=True),
            "digest": scenario.digest,
            "start": scenario.period.start.isoformat(),
            "duration_s": scenario.period.duration_s,
        },
        "city": {
            "name": city.name,
            "title": dict(city.title),
            "digest": city.digest,
            "crs": city.crs,
            "vertical_datum": city.vertical_datum,
        },
        "cell_size_m": None if setting.grid is None else setting.grid.cell_size_m,
        "seed": scenario.seed,
        "provenance": {key: value.as_dict() for key, value in city.provenance.items()},
        "notes": list(city.notes),
        "warnings": _warnings(scenario, assembly),
        "snapped": _snapped(assembly),
        "units": []
        if emergencies is None
        else [{"id": u.id, "service": u.service, "station": u.station} for u in emergencies.units],
        "machine": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "processors": os.cpu_count(),
            "threads": threads,
            "python": platform.python_version(),
            "numba": version("numba"),
            "numpy": version("numpy"),
        },
    }


def _snapped(assembly: Assembly) -> list[dict[str, Any]]:
    """Return what was placed on a road away from it, and how far."""
    if assembly.emergencies is None:
        return []
    return [
        {"kind": s.kind, "name": s.name, "distance_m": round(s.distance_m)}
        for s in assembly.emergencies.snaps
    ]


def _warnings(scenario: Scenario, assembly: Assembly) -> list[Note]:
    """Return what people should know of the input before they trust a result."""
    flooding, roads, emergencies = assembly.flooding, assembly.roads, assembly.emergencies
    found: list[Note] = []
    unused = [name for name in _WATER if getattr(scenario, name, None)]
    if flooding is None and unused:
        found.append(note("kept_dry", count=len(unused), names=unused))
    if flooding is not None:
        found += flooding.notes
        found += flooding.drainage.notes if flooding.drainage is not None else ()
    if roads is not None:
        found += roads.notes
    if emergencies is not None:
        found += emergencies.warnings
    if assembly.residents is not None:
        found += assembly.residents.notes
    return found


def _same_version(run_id: str, manifest: dict[str, Any]) -> None:
    if manifest.get("code") != version("city-twin"):
        raise StoreError(
            "the run was begun by another version, and would not go on as it began",
            where=run_id,
            value=manifest.get("code"),
            remedy="Run the scenario anew, or resume with the version that began it.",
        )


# The run


@contextmanager
def _writing(writer: RunWriter) -> Iterator[None]:
    """Let go of the run if anything goes wrong, and say why in its status."""
    try:
        yield
    except Interrupted:
        raise
    except BaseException as error:
        writer.abandon(str(error) or type(error).__name__, failed=isinstance(error, Exception))
        raise


def _logged(writer: RunWriter) -> list[Command] | None:
    """Return the log of commands; None where the run was killed before it was written."""
    if not (writer.folder / "commands.jsonl").is_file():
        return None
    return [Command.from_dict(fields) for fields in writer.read_commands()]


def _recorder(writer: RunWriter, scenario: Scenario, events: list[Event]) -> Recorder:
    return Recorder(writer, gauges=[gauge.name for gauge in scenario.gauges], events=events)


def _lay_out(
    writer: RunWriter, setting: Setting, assembly: Assembly, events: list[Event]
) -> Recorder:
    """Write everything that is known at the start of a run."""
    scenario, flooding, roads = setting.scenario, assembly.flooding, assembly.roads
    writer.write_text("scenario.yaml", scenario.to_yaml())
    start = scenario.period.start
    if flooding is not None and setting.grid is not None and setting.terrain is not None:
        terrain = setting.terrain
        static = {
            name: np.asarray(terrain[name].values)
            for name in ("water", "inside")
            if name in terrain
        }
        writer.create_grids(
            setting.grid,
            crs_wkt=CRS.from_user_input(setting.city.crs).to_wkt(),
            ground_level_m=flooding.bed_m,
            frame_times_s=assembly.schedule.frame_times_s,
            start=start,
            static={**static, "initial_depth": flooding.depth_m},
            basis={str(n): str(terrain[n].attrs.get("basis", "")) for n in terrain.data_vars},
            attributes={
                "title": scenario.name,
                "source": f"city-twin {version('city-twin')}",
                "vertical_datum": setting.city.vertical_datum,
            },
        )
    if roads is not None:
        graph = roads.graph
        writer.create_roads(
            graph.n_edges,
            assembly.schedule.times_s,
            start=start,
            edges={
                name: getattr(graph, name)
                for name in ("segment", "tail", "head", "reverse_edge", "length_m")
            },
            vehicle_classes=[vehicle.name for vehicle in roads.conditions.classes],
        )
    recorder = _recorder(writer, scenario, events)
    recorder.begin_commands(assembly.commands.waiting())
    return recorder


def _compute(
    writer: RunWriter,
    setting: Setting,
    assembly: Assembly,
    recorder: Recorder,
    watch: _Watch,
) -> None:
    """Run to the end and publish, or stop and leave a run that can be resumed."""
    engine = Engine(
        assembly, recorder, on_progress=watch.on_progress, should_stop=watch.should_stop
    )
    try:
        engine.run()
    except Stopped as stop:
        writer.abandon("stopped")
        raise Interrupted(writer.run_id) from stop
    flooding = assembly.flooding
    series = {} if flooding is None else flooding.tables()
    if assembly.residents is not None:
        series = {**series, "residents": assembly.residents.table()}
    tables = recorder.tables(series)
    maps = {}
    if assembly.flooding is not None:
        maps = final_maps(assembly.flooding, setting.scenario.outputs.hazard_limits)
        writer.write_maxima(maps)
    kpis = _kpis(setting, assembly, tables, maps)
    writer.write_kpis(kpis)
    summary = _summary(setting, assembly, kpis, time.perf_counter() - watch.began)
    writer.finish({**summary, "warnings": [*writer.manifest["warnings"], *summary["warnings"]]})


def _kpis(
    setting: Setting,
    assembly: Assembly,
    tables: dict[str, pd.DataFrame],
    maps: dict[str, NDArray[Any]],
) -> dict[str, Any]:
    flood = None
    flooding, terrain, residents = assembly.flooding, setting.terrain, assembly.residents
    if flooding is not None and terrain is not None and setting.grid is not None:
        flood = {
            "max_depth_m": np.where(np.isnan(flooding.bed_m), np.nan, flooding.solver.max_depth_m),
            "initial_depth_m": flooding.initial_depth_m,
            "hazard_class": maps["hazard_class"],
            "aidr_class": maps.get("aidr_class"),
            "cell_area_m2": setting.grid.cell_area_m2,
            "thresholds_m": setting.scenario.outputs.depth_thresholds_m,
            "water": np.asarray(terrain["water"].values) if "water" in terrain else None,
            "inside": np.asarray(terrain["inside"].values) if "inside" in terrain else None,
        }
    return compute_kpis(
        events=tables["events"] if assembly.response is not None else None,
        flood=flood,
        roads=tables["roads"] if assembly.roads is not None else None,
        residents=None if residents is None else (residents.table(), residents.model.totals()),
    )


def _summary(
    setting: Setting, assembly: Assembly, kpis: dict[str, Any], wall_s: float
) -> dict[str, Any]:
    flooding = assembly.flooding
    summary = {
        "scenario": setting.scenario.name,
        "city": setting.city.name,
        "wall_s": round(wall_s, 3),
        "simulated_s": assembly.schedule.end_s,
        "steps": flooding.solver.steps if flooding is not None else 0,
        "volume_error": flooding.solver.ledger.closure if flooding is not None else 0.0,
        **kpis,
    }
    warnings: list[Note] = []
    if summary["volume_error"] > WARNED_CLOSURE:
        warnings.append(note("volume_error", share=100.0 * summary["volume_error"]))
    if flooding is not None:
        warnings += flooding.final_notes()
    return {**summary, "warnings": warnings}
