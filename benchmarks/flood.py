"""Speed of the flood solver: all wet, mostly dry, canals; and against peers in the same run."""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from benchmarks.peers import itzi_rate, landlab_rate
from models.compile import parallel_kernel
from models.flood import FloodDomain, FloodParameters, FloodSolver, Forcing
from models.flood.finite_volume import FiniteVolumeSolver
from models.grid import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["main"]

CELL_SIZE_M = 10.0
MANNING = 0.03
#: Arrays that a step must at least read and write once: depth, two discharges, their new values,
#: bed, roughness and largest depth read; depth, two discharges and largest depth written.
STREAMS = 10


@parallel_kernel
def triad(a: FloatArray, b: FloatArray, c: FloatArray) -> None:
    """Compute ``a = b + 3 c``, as in STREAM (McCalpin 1995)."""
    for k in nb.prange(a.size):
        a[k] = b[k] + 3.0 * c[k]


def bandwidth_gb_s() -> float:
    """Return the memory bandwidth of the triad, GB/s: best of ten."""
    a, b, c = (np.full(8_000_000, x) for x in (0.0, 1.0, 2.0))
    best = np.inf
    for _ in range(10):
        begin = time.perf_counter()
        triad(a, b, c)
        best = min(best, time.perf_counter() - begin)
    return 3 * a.nbytes / best / 1e9


def wet_problem(cells: int) -> tuple[FloatArray, FloatArray]:
    """Return bed and depth of a rough lake with a hump of water: every cell is wet."""
    side = max(16, round(np.sqrt(cells)))
    y, x = np.mgrid[:side, :side] / side
    noise = np.random.default_rng(1).random((side, side))
    bed_m = 0.3 * np.sin(25.0 * x) * np.cos(18.0 * y) + 0.05 * noise
    return bed_m, 1.5 - bed_m + 0.3 * np.exp(-((x - 0.5) ** 2 + (y - 0.5) ** 2) / 0.02)


def canal_problem(cells: int) -> tuple[FloatArray, FloatArray, NDArray[np.int16]]:
    """Return bed, depth and zones of a district: meandering canals 80 m wide, tidal in the west."""
    side = max(128, round(np.sqrt(cells)))
    bed_m = np.full((side, side), 1.5)
    along = np.arange(side)
    for number in range(round(side / 58)):
        centre = (30 + 58 * number + 18 * np.sin(along / 60.0 + number)).astype(int)
        for offset in range(8):
            across = np.clip(centre + offset, 0, side - 1)
            if number % 2:
                bed_m[across, along] = -2.0
            else:
                bed_m[along, across] = -2.0
    zone = np.zeros(bed_m.shape, np.int16)
    zone[:, :12] = 1
    bed_m[:, :12] = -8.0
    return bed_m, np.where(bed_m < 0.0, 0.5 - bed_m, 0.0), zone


def solver_for(
    bed_m: FloatArray, depth_m: FloatArray, zone: NDArray[np.int16] | None = None
) -> FloodSolver:
    """Return a solver with everything on."""
    rows, columns = bed_m.shape
    grid = Grid(west_m=0.0, north_m=0.0, cell_size_m=CELL_SIZE_M, rows=rows, columns=columns)
    domain = FloodDomain(
        grid=grid, bed_m=bed_m, manning=np.full(bed_m.shape, MANNING), level_zone=zone
    )
    return FloodSolver(domain, FloodParameters(cell_size_m=CELL_SIZE_M), initial_depth_m=depth_m)


def finite_volumes(bed_m: FloatArray, depth_m: FloatArray) -> FiniteVolumeSolver:
    """Return a finite-volume solver of second order over the same ground, everything on."""
    inertial = solver_for(bed_m, depth_m)
    return FiniteVolumeSolver(inertial.domain, inertial.parameters, initial_depth_m=depth_m)


def step_seconds(
    solver: FloodSolver | FiniteVolumeSolver, *, repeat: int, window_s: float = 60.0
) -> float:
    """Return seconds per step of the second repetition, after one window to compile and warm."""
    solver.advance(solver.time_s + window_s, Forcing())
    each = []
    for _ in range(repeat):
        begin = time.perf_counter()
        report = solver.advance(solver.time_s + window_s, Forcing())
        each.append((time.perf_counter() - begin) / report.steps)
    return each[min(1, repeat - 1)]


def canal_day_seconds(cells: int, *, windows: int) -> tuple[float, float, float]:
    """Return seconds for 24 h of tide in the canals, share of wet cells, and ledger closure."""
    bed_m, depth_m, zone = canal_problem(cells)
    solver = solver_for(bed_m, depth_m, zone)

    def level(time_s: float) -> FloatArray:
        return np.array([0.5 + 0.8 * np.sin(2.0 * np.pi * time_s / 44_714.0)])

    elapsed = 0.0
    for window in range(windows + 1):
        forcing = Forcing(
            level_start_m=level(60.0 * window), level_end_m=level(60.0 * (window + 1))
        )
        begin = time.perf_counter()
        solver.advance(60.0 * (window + 1), forcing)
        elapsed += time.perf_counter() - begin if window else 0.0
    wet = float(np.mean(solver.depth_m > 1e-3))
    return elapsed / windows * 1440.0, wet, solver.ledger.closure


def measure(cells: int, repeat: int, peer_steps: int) -> dict[str, object]:
    """Measure everything, one thing after the other, in this process."""
    bed_m, depth_m = wet_problem(cells)
    seconds = step_seconds(solver_for(bed_m, depth_m), repeat=repeat)
    rate = bed_m.size / seconds
    fv_seconds = step_seconds(finite_volumes(bed_m, depth_m), repeat=repeat, window_s=20.0)
    corner = np.zeros_like(depth_m)
    part = round(np.sqrt(0.05) * bed_m.shape[0])
    high_m = bed_m + 5.0
    high_m[:part, :part] = bed_m[:part, :part]
    corner[:part, :part] = depth_m[:part, :part]
    dry_seconds = step_seconds(solver_for(high_m, corner), repeat=repeat)
    peers = {
        name: peer(
            bed_m, depth_m, cell_size_m=CELL_SIZE_M, manning=MANNING, steps=peer_steps,
            repeat=repeat,
        )
        for name, peer in (("landlab", landlab_rate), ("itzi", itzi_rate))
    }  # fmt: skip
    stream = bandwidth_gb_s()
    moved = rate * STREAMS * 8 / 1e9
    canal_s, canal_wet, closure = canal_day_seconds(cells, windows=10)
    return {
        "cells": bed_m.size,
        "threads": nb.get_num_threads(),
        "repetitions": repeat,
        "reported_repetition": min(2, repeat),
        "cell_steps_per_s": rate,
        "fv_cell_steps_per_s": bed_m.size / fv_seconds,
        "landlab_cell_steps_per_s": peers["landlab"],
        "itzi_cell_steps_per_s": peers["itzi"],
        "ratio_landlab": None if peers["landlab"] is None else rate / peers["landlab"],
        "ratio_itzi": None if peers["itzi"] is None else rate / peers["itzi"],
        "gb_per_s": moved,
        "stream_gb_per_s": stream,
        "stream_fraction": moved / stream,
        "dry_speedup": seconds / dry_seconds,
        "canal_day_s": canal_s,
        "canal_wet_fraction": canal_wet,
        "canal_closure": closure,
    }


def main(argv: list[str]) -> int:
    """Run the benchmark; print a table, or one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks flood", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--cells", type=int, default=1_000_000, help="cells of the grid")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions; the second counts")
    parser.add_argument("--peer-steps", type=int, default=5, help="steps of the peers, each time")
    options = parser.parse_args(argv)
    figures = measure(options.cells, max(1, options.repeat), max(1, options.peer_steps))
    if options.json:
        print(json.dumps(figures))
        return 0
    for name, value in figures.items():
        shown = "not installed" if value is None else value
        print(f"{name:28s} {shown:,.4g}" if isinstance(value, float) else f"{name:28s} {shown}")
    return 0
