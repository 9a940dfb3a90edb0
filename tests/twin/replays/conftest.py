"""A small dry city with a day's calls, and the log that a service would have kept of them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

import twin
from scenarios import Scenario

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City
    from twin.results.open import Run

_TIMES = {
    "unit_assigned": "dispatch",
    "unit_mobile": "mobile",
    "unit_arrived": "arrival",
    "on_scene_done": "leave",
    "hospital_reached": "hospital",
    "unit_returning": "clear",
}
_COLUMNS = (
    *("incident", "call", "kind", "priority", "lon", "lat", "unit", "service", "station"),
    *("dispatch", "mobile", "arrival", "leave", "hospital", "clear"),
)


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """Return a synthetic city of 1 km², saved."""
    city = twin.synthesise(area_km2=1.0, cell_size_m=20.0, seed=3)
    return city.save(tmp_path_factory.mktemp("city") / "small")


@pytest.fixture(scope="session")
def calls() -> Scenario:
    """Return four hours of calls on dry roads."""
    return Scenario.from_dict(
        {
            "schema": 1,
            "name": "calls",
            "period": {"start": "2025-10-22T08:00+07:00", "duration": "4 h"},
            "seed": 5,
            "flood": "none",
            "fleet": {"ambulances": 3, "fire_engines": 2},
            "incidents": {"generated": {"count": 10, "mix": {"medical": 3, "rescue": 1}}},
        }
    )


@pytest.fixture(scope="session")
def lived(
    calls: Scenario, small_city: City, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Run, Path]:
    """Return a run, and a folder with its log and the mapping of it."""
    folder = tmp_path_factory.mktemp("lived")
    run = twin.run(calls, small_city, store=folder / "runs", threads=1)
    rows = log_of(run)
    with (folder / "log.csv").open("w", newline="") as handle:
        writer = csv.DictWriter(handle, _COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    stations = sorted({row["station"] for row in rows})
    lines = [f"  {name}: {{facility: {name}}}" for name in stations]
    (folder / "log.yaml").write_text(
        "observed: 1\nkind: responses\npreset: response_log\nname: lived\nfile: log.csv\n"
        "kinds: {medical: medical, rescue: rescue}\nstations:\n" + "\n".join(lines) + "\n"
    )
    return run, folder


def log_of(run: Run) -> list[dict[str, Any]]:
    """Return one row for every unit that was sent to an incident, as a service logs it."""
    from pyproj import Transformer  # noqa: PLC0415 - only this needs it

    back = Transformer.from_crs(run.city.crs, "EPSG:4326", always_xy=True)
    stations = {unit["id"]: unit["station"] for unit in run.manifest["units"]}
    told = run.incidents.drop_duplicates("incident").set_index("incident")
    rows: list[dict[str, Any]] = []
    at_work: dict[str, dict[str, Any]] = {}

    def moment(seconds: float) -> str:
        return (run.start + twin_seconds(seconds)).isoformat()

    for event in run.events.itertuples():
        if event.kind not in _TIMES or not event.unit:
            continue
        if event.kind == "unit_assigned":
            call = told.loc[event.incident]
            lon, lat = back.transform(call["x_m"], call["y_m"])
            row = {
                "incident": event.incident,
                "call": moment(call["call_s"]),
                "kind": call["kind"],
                "priority": int(call["priority"]),
                "lon": repr(lon),
                "lat": repr(lat),
                "unit": event.unit,
                "service": event.service,
                "station": stations[event.unit],
            }
            at_work[event.unit] = row
            rows.append(row)
        if event.unit in at_work:
            at_work[event.unit][_TIMES[event.kind]] = moment(event.time_s)
    return rows


def twin_seconds(seconds: float) -> Any:
    """Return seconds as pandas counts them."""
    import pandas as pd  # noqa: PLC0415 - only this needs it

    return pd.Timedelta(seconds=seconds)
