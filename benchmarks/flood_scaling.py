"""
Speed and memory of the flood solvers over sizes of the grid, threads and precision.

``python -m benchmarks flood_scaling [--largest N] [--json]``. Every measurement is a process of its
own, so that threads and memory are its own: all cells wet, everything switched on, as in
``python -m benchmarks flood``. Memory is what the solver holds beyond its input, by the growth of
the process while it is made and steps.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import numba as nb
import psutil

from benchmarks.flood import CELL_SIZE_M, finite_volumes, solver_for, step_seconds, wet_problem
from models.flood import FloodParameters, FloodSolver

__all__ = ["main"]

_SMALLEST: Final = 10_000
_KINDS: Final = ("inertial", "inertial, single", "finite volume")


def _one(kind: str, cells: int) -> dict[str, object]:
    """Measure one solver in this process, with its threads."""
    step_seconds(solver_for(*wet_problem(_SMALLEST)), repeat=1, window_s=5.0)  # compile
    bed_m, depth_m = wet_problem(cells)
    process = psutil.Process()
    before = process.memory_info().rss
    if kind == "finite volume":
        solver = finite_volumes(bed_m, depth_m)
    else:
        solver = solver_for(bed_m, depth_m)
        if kind == "inertial, single":
            parameters = FloodParameters(cell_size_m=CELL_SIZE_M, precision="single")
            solver = FloodSolver(solver.domain, parameters, initial_depth_m=depth_m)
    step_s = min(20.0, 4e8 / cells)  # enough steps to tell, not more
    seconds = step_seconds(solver, repeat=3, window_s=step_s)
    return {
        "solver": kind,
        "cells": bed_m.size,
        "threads": nb.get_num_threads(),
        "cell_steps_per_s": bed_m.size / seconds,
        "bytes_per_cell": (process.memory_info().rss - before) / bed_m.size,
    }


def _apart(kind: str, cells: int, threads: int) -> dict[str, object]:
    """Measure in a process of its own."""
    command = [sys.executable, "-m", "benchmarks", "flood_scaling", "--one", kind]
    done = subprocess.run(  # noqa: S603 - this module again, with our own arguments
        [*command, "--largest", str(cells)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "NUMBA_NUM_THREADS": str(threads)},
    )
    row: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return row


def main(argv: list[str]) -> int:
    """Measure, print a table or a JSON list, and return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks flood_scaling", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    parser.add_argument("--largest", type=int, default=10_000_000, help="cells of the last grid")
    parser.add_argument("--one", choices=_KINDS, help="measure one solver, in this process")
    options = parser.parse_args(argv)
    if options.one:
        print(json.dumps(_one(options.one, options.largest)))
        return 0
    rows = []
    if not options.json:
        print(f"{'solver':<18}{'cells':>12}{'threads':>9}{'M cell-steps/s':>16}{'bytes/cell':>12}")
    for kind in _KINDS:
        cells = _SMALLEST
        while cells <= options.largest:
            for threads in sorted({1, os.cpu_count() or 1}):
                row = _apart(kind, cells, threads)
                rows.append(row)
                if not options.json:
                    print(
                        f"{kind:<18}{row['cells']:>12,}{row['threads']:>9}"
                        f"{float(str(row['cell_steps_per_s'])) / 1e6:>16.1f}"
                        f"{float(str(row['bytes_per_cell'])):>12.0f}",
                        flush=True,
                    )
            cells *= 10
    if options.json:
        print(json.dumps(rows))
    return 0
