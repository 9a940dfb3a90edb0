"""What a run will cost, from what earlier runs on this machine did."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numba

from dash_app.cities import find_city

if TYPE_CHECKING:
    from dash_app.services import Services
    from scenarios import Scenario
    from twin.store.catalogue import RunRecord

__all__ = ["Estimate", "estimate"]

#: Where no run has been made yet: metres that a step crosses a second (a wave on 4 m of water,
#: 6.3 m/s, over a Courant number of 0.7), and seconds per cell, step and thread.
_ASSUMED_PACE_M_S = 9.0
_ASSUMED_CELL_S = 2.0e-8
#: Reading the city, finding routes, writing: seconds that every run takes, and per hour simulated.
_FIXED_S, _HOURLY_S = 3.0, 0.3
#: The program with its libraries, and what is kept per cell (about 40 arrays).
_PROGRAM_BYTES, _CELL_BYTES = 450 << 20, 320
_MOST_RUNS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """
    What a run will cost, roughly.

    Parameters
    ----------
    cells, steps
        Of the flood; 0 without one.
    seconds
        Until it is done, once it computes.
    memory_bytes
        At most, in the process that computes.
    basis
        ``measured`` where runs in this store told, else ``assumed``.
    runs
        How many of them.
    """

    cells: int
    steps: int
    seconds: float
    memory_bytes: int
    basis: str
    runs: int

    def as_dict(self) -> dict[str, Any]:
        """Return the estimate as plain data."""
        return asdict(self)


def estimate(services: Services, scenario: Scenario, digest: str | None) -> Estimate:
    """
    Return what *scenario* will cost on the city of *digest*; of the newest run's city without one.

    Raises
    ------
    NotFoundError
        If there is no such city.
    """
    finished = [r for r in services.store.runs() if r.state == "finished"][-_MOST_RUNS:]
    measured = [m for m in (_measured(record) for record in finished) if m is not None]
    known = [m for m in measured if m.city == digest] or measured
    duration_s = scenario.duration_s
    cells, size_m = _grid(services, scenario, digest)
    fixed_s = _FIXED_S + _HOURLY_S * duration_s / 3600.0
    if scenario.flood == "none" or cells == 0:
        return Estimate(
            cells=0,
            steps=0,
            seconds=round(fixed_s, 1),
            memory_bytes=_PROGRAM_BYTES,
            basis="measured" if known else "assumed",
            runs=len(known),
        )
    pace, per_cell = _ASSUMED_PACE_M_S, _ASSUMED_CELL_S
    if known:  # long runs of many cells tell more than short ones, and count for more
        pace = sum(m.way_m for m in known) / sum(m.simulated_s for m in known)
        per_cell = sum(m.thread_s for m in known) / sum(m.cell_steps for m in known)
    steps = duration_s * pace / size_m
    threads = max(1, int(numba.config.NUMBA_NUM_THREADS))  # type: ignore[attr-defined]  # set when numba is imported
    return Estimate(
        cells=cells,
        steps=round(steps),
        seconds=round(fixed_s + cells * steps * per_cell / threads, 1),
        memory_bytes=_PROGRAM_BYTES + cells * _CELL_BYTES,
        basis="measured" if known else "assumed",
        runs=len(known),
    )


def _grid(services: Services, scenario: Scenario, digest: str | None) -> tuple[int, float]:
    """Return number and size, m, of the cells; 0 of them where nothing is known."""
    if digest is None:
        return 0, 1.0
    city = find_city(services.store, digest)
    if city.cell_size_m is None or city.rows is None or city.columns is None:
        return 0, 1.0
    size_m = scenario.grid.cell_size_m or city.cell_size_m
    area_m2 = city.rows * city.columns * city.cell_size_m**2
    return max(1, round(area_m2 / size_m**2)), size_m


class _Measured(NamedTuple):
    """What a finished run took: way of its steps, seconds of all threads, cells times steps."""

    city: str
    way_m: float
    simulated_s: float
    thread_s: float
    cell_steps: float


def _measured(record: RunRecord) -> _Measured | None:
    """Return what a finished run took; None of one without a flood."""
    summary = record.summary
    try:
        manifest = json.loads((record.folder / "manifest.json").read_text("utf-8"))
        ground = record.folder / "flood.zarr" / "ground_level" / "zarr.json"
        rows, columns = json.loads(ground.read_text("utf-8"))["shape"]
        steps, simulated_s = float(summary["steps"]), float(summary["simulated_s"])
        wall_s = float(summary["wall_s"])
        size_m, threads = float(manifest["cell_size_m"]), int(manifest["machine"]["threads"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # without a flood
    if steps <= 0.0 or simulated_s <= 0.0:
        return None
    flood_s = max(wall_s - _FIXED_S - _HOURLY_S * simulated_s / 3600.0, 0.2 * wall_s)
    return _Measured(
        city=str(manifest.get("city", {}).get("digest", "")),
        way_m=steps * size_m,
        simulated_s=simulated_s,
        thread_s=flood_s * threads,
        cell_steps=float(rows) * columns * steps,
    )
