"""Benchmark tests 2, 4 and 5 of the Environment Agency (Néelz & Pender 2013, SC120002)."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.verification.case import (
    FINITE_VOLUME,
    INERTIAL,
    Case,
    Figure,
    Line,
    Outcome,
    Panel,
    line,
)
from benchmarks.verification.files import Raster, mean_of, read_raster, read_series, read_table
from benchmarks.verification.gauges import Gauges, arrival, closure
from benchmarks.verification.setups import data_folder, domain_over, run
from models.flood import FloodParameters, Forcing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.verification.solvers import Maker

    FloatArray = NDArray[np.float64]

__all__ = ["CASES"]


def sill_levels(bed_m: FloatArray, cells: Sequence[tuple[int, int]]) -> FloatArray:
    """
    Return the level at which water at each of *cells* spills towards the lowest cell, m.

    The lowest of all highest points of the ways over the faces of cells to the lowest cell.
    """
    rows, columns = bed_m.shape
    spill = np.full(bed_m.shape, np.inf)
    start = divmod(int(np.argmin(bed_m)), columns)
    spill[start] = bed_m[start]
    queue = [(float(bed_m[start]), *start)]
    while queue:
        level, row, column = heappop(queue)
        if level > spill[row, column]:
            continue
        for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if 0 <= r < rows and 0 <= c < columns:
                over = max(level, float(bed_m[r, c]))
                if over < spill[r, c]:
                    spill[r, c] = over
                    heappush(queue, (over, r, c))
    return np.array([spill[cell] for cell in cells])


def _test_2(make: Maker) -> Outcome:
    folder = data_folder("flood/ea2")
    raster = read_raster(folder / "ea_test2_dem_20m.asc")
    points = read_table(folder / "Test2output.csv", delimiter=",")
    series = read_table(folder / "Test2_BC.csv", delimiter=",")
    times, flows = series[:, 0] * 60.0, series[:, 1]
    cells = [raster.cell(x, y) for _, x, y in points]
    solver = make(
        domain_over(raster.values, cell_size_m=raster.size, manning=0.03),
        FloodParameters(cell_size_m=raster.size),
    )
    feed = np.arange(5, dtype=np.int64) * raster.values.shape[1]  # the 100 m below the NW corner

    def forcing(begin_s: float, end_s: float) -> Forcing:
        each = mean_of(times, flows, begin_s, end_s) / feed.size
        return Forcing(inflow_cells=feed, inflow_m3_s=np.full(feed.size, each))

    gauges = Gauges(cells)
    run(solver, 48.0 * 3600.0, forcing, window_s=300.0, watch=gauges)
    # A film drains over the sills for days: settled is ten days.
    settled = Gauges(cells)
    run(solver, 240.0 * 3600.0, Forcing(), window_s=192.0 * 3600.0, watch=settled)
    t, depth = gauges.arrays()
    bed = np.array([raster.values[cell] for cell in cells])
    sill = sill_levels(raster.values, cells) - bed
    ponds = np.flatnonzero(sill[:12] > 0.0)
    over = [(found[-1] - sill)[ponds].max() for found in (depth, settled.arrays()[1])]
    ledger = solver.ledger
    hours = t / 3600.0
    number = np.arange(1, 17)
    return Outcome(
        figures=(
            Figure(name="volume that came in, less 97,200 m³", value=ledger.inflow_m3 - 97_200.0,
                   unit="m³", at_least=-0.1, at_most=0.1, source="EA test 2"),
            closure(solver),
            Figure(name="highest pond over its sill after 48 h", value=float(over[0]), unit="m"),
            Figure(name="highest pond over its sill after 10 days", value=float(over[1]), unit="m",
                   at_most=5e-3, source="settled ponds at the sill at most; 5 mm of film"),
            Figure(name="deepest of points 13 to 16", value=float(depth[:, 12:].max()), unit="m",
                   at_most=1e-3, source="dry"),
        ),
        panels=(
            *(
                Panel(title=f"depth at point {k + 1}", x_label="time, h", y_label="m",
                      lines=(line("sill", hours[[0, -1]], [sill[k]] * 2, "reference"),
                             line("", hours, depth[:, k])))
                for k in (0, 3, 9)
            ),
            Panel(title="depth after 48 h", x_label="point", y_label="m",
                  lines=(line("sill", number, np.where(sill < 1.0, sill, np.nan), "reference"),
                         line("", number, depth[-1]))),
        ),
    )  # fmt: skip


def _test_4(make: Maker) -> Outcome:
    folder = data_folder("flood/ea4")
    points = read_table(folder / "Test4output.csv", delimiter=",")
    known = read_table(folder / "lisflood_acc_1m_depths_decimated.csv", delimiter=",")
    times, per_width = read_series(folder / "ea4.bdy")["test4"]
    size = 5.0
    bed = np.zeros((400, 200))
    raster = Raster(bed, 0.0, 0.0, size)
    solver = make(
        domain_over(bed, cell_size_m=size, manning=0.05),
        FloodParameters(cell_size_m=size),
    )
    feed = np.arange(198, 202, dtype=np.int64) * bed.shape[1]  # y from 990 to 1,010 m

    def forcing(begin_s: float, end_s: float) -> Forcing:
        each = mean_of(times, per_width, begin_s, end_s) * size
        return Forcing(inflow_cells=feed, inflow_m3_s=np.full(feed.size, each))

    gauges = Gauges([raster.cell(x, y) for _, x, y in points])
    run(solver, 18_000.0, forcing, window_s=20.0, watch=gauges)
    t, depth = gauges.arrays()
    at = np.array([np.interp(known[:, 0], t, depth[:, k]) for k in range(6)]).T
    error = at - known[:, 1:]
    late = [
        arrival(t, depth[:, k], 0.03) - arrival(known[:, 0], known[:, k + 1], 0.03)
        for k in range(6)
    ]
    reference = "LISFLOOD-FP 8.0, ACC, 1 m"
    lines: list[Line] = []
    for k in (0, 1, 2, 4, 5):
        lines.append(line(reference, known[:, 0], known[:, k + 1], "reference"))
        lines.append(line("", t, depth[:, k]))
    return Outcome(
        figures=(
            Figure(name="RMSE of depth over all points", unit="m", at_most=0.008,
                   value=float(np.sqrt(np.mean(error**2))), source="set beforehand, EA test 4"),
            Figure(name="largest error of a peak", unit="m", at_most=0.009,
                   value=float(np.abs(depth.max(axis=0) - known[:, 1:].max(axis=0)).max()),
                   source="second-order finite volume at 5 m in the data's notes"),
            Figure(name="largest error of an arrival (0.03 m)", unit="s", at_most=100.0,
                   value=float(np.abs(late).max()), source="set beforehand, EA test 4"),
            closure(solver),
        ),
        panels=(
            Panel(title="depth at points 1, 2, 3, 5, 6", x_label="time, s", y_label="m",
                  lines=tuple(lines)),
        ),
    )  # fmt: skip


#: Peaks of LISFLOOD-FP's DG2 at 10 m, m; arrivals between, s, point by point.
_PEAKS_5 = {1: 3.45, 2: 3.48, 3: 5.36, 4: 5.62, 6: 1.49, 7: 2.91}
_ARRIVALS_5 = {1: (1500.0, 1600.0), 4: (5300.0, 5400.0), 5: (11_500.0, 11_600.0)}


def _test_5(make: Maker) -> Outcome:
    folder = data_folder("flood/ea5_lisflood")
    raster = read_raster(folder / "ea5-10m.dem.raw.gz")
    points = read_table(folder / "ea5.stage")
    known = read_table(folder / "lisflood_dg2_10m_depths_decimated.csv", delimiter=",")
    sources = [text.split() for text in (folder / "ea5-10m.bci").read_text().splitlines()]
    times, per_width = read_series(folder / "ea5.bdy")["test5"]
    columns = raster.values.shape[1]
    spots = [raster.cell(float(x), float(y)) for _, x, y, *_ in sources]
    feed = np.array([row * columns + column for row, column in spots], np.int64)
    solver = make(
        domain_over(raster.values, cell_size_m=raster.size, manning=0.04),
        FloodParameters(cell_size_m=raster.size),
    )

    def forcing(begin_s: float, end_s: float) -> Forcing:
        each = mean_of(times, per_width, begin_s, end_s) * raster.size
        return Forcing(inflow_cells=feed, inflow_m3_s=np.full(feed.size, each))

    gauges = Gauges([raster.cell(x, y) for x, y in points])
    run(solver, 18_000.0, forcing, window_s=50.0, watch=gauges)
    t, depth = gauges.arrays()
    peaks = depth.max(axis=0)
    hours = t / 3600.0
    lines: list[Line] = []
    for k in (0, 2, 3, 4):
        lines.append(line("DG2, 10 m", known[:, 0] / 3600.0, known[:, k + 1], "reference"))
        lines.append(line("", hours, depth[:, k]))
    others: list[Line] = []
    for k in (1, 5, 6):
        others.append(line("DG2, 10 m", known[:, 0] / 3600.0, known[:, k + 1], "reference"))
        others.append(line("", hours, depth[:, k]))
    return Outcome(
        figures=(
            *(
                Figure(name=f"peak at point {k}", value=float(peaks[k - 1]), unit="m",
                       at_least=0.9 * right, at_most=1.1 * right,
                       source=f"{right} m (LISFLOOD-FP 8.0, DG2, 10 m), 10 %")
                for k, right in _PEAKS_5.items()
            ),
            *(
                Figure(name=f"arrival at point {k} (0.01 m)", unit="s", at_least=low, at_most=high,
                       value=arrival(t, depth[:, k - 1], 0.01), source="LISFLOOD-FP 8.0, DG2, 10 m")
                for k, (low, high) in _ARRIVALS_5.items()
            ),
            closure(solver),
        ),
        panels=(
            Panel(title="depth at points 1, 3, 4, 5", x_label="time, h", y_label="m",
                  lines=tuple(lines)),
            Panel(title="depth at points 2, 6, 7", x_label="time, h", y_label="m",
                  lines=tuple(others)),
        ),
    )  # fmt: skip


_SOURCE = "Néelz & Pender (2013), SC120002"

CASES = (
    Case(
        name="ea-2",
        title="EA test 2: filling of hollows",
        what=(
            "97,200 m³ come in by the north-west corner of 2 by 2 km of sixteen hollows, n = 0.03, "
            "20 m cells, 48 h. There is no exact answer: volume closes, ponds settle no higher "
            "than their sills, and the eastern column stays dry."
        ),
        source=_SOURCE,
        run=_test_2,
        data="flood/ea2",
    ),
    Case(
        name="ea-4",
        title="EA test 4: a flood over a level plain",
        what=(
            "Up to 20 m³/s come in over 20 m of the edge of a level plain, n = 0.05, 5 m cells, "
            "5 h, beside LISFLOOD-FP's local inertial solver on 1 m cells."
        ),
        source=f"{_SOURCE}; Shaw et al. (2021)",
        run=_test_4,
        data="flood/ea4",
    ),
    Case(
        name="ea-5",
        title="EA test 5: a dam fails above a valley",
        what=(
            "3,000 m³/s at the peak run down a valley of 15 km, n = 0.04, 10 m cells, 5 h, beside "
            "LISFLOOD-FP's second-order discontinuous Galerkin solver on the same ground."
        ),
        source=f"{_SOURCE}; Shaw et al. (2021)",
        run=_test_5,
        data="flood/ea5_lisflood",
        not_meant_for={INERTIAL: "the flow is supercritical in the upper valley"},
        misses={
            FINITE_VOLUME: "after more than three hours on the way the front comes to point 5 "
            "about 100 s, or 0.9 %, later than in the discontinuous Galerkin solver"
        },
    ),
)
