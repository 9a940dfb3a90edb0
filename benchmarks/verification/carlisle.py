"""Carlisle, January 2005: a real city, without observations of the flood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.verification.case import FINITE_VOLUME, INERTIAL, Case, Figure, Outcome, Panel, line
from benchmarks.verification.files import Raster, mean_of, read_raster, read_series, read_table
from benchmarks.verification.gauges import Gauges, closure
from benchmarks.verification.setups import data_folder, domain_over, run
from benchmarks.verification.solvers import Maker
from models.flood import FloodParameters, Forcing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.verification.solvers import Solver

    FloatArray = NDArray[np.float64]

__all__ = ["CASES"]

_HOURS = 68.25
_MANNING = 0.055
_SLOPE = 6e-4
_WIDTH_M = 5.0  # of the cells that the discharges of the data are given for
_FACTOR = 4
_SHOWN = (0, 3, 9, 21)


def _flood(make: Maker, factor: int) -> tuple[Solver, Gauges, Raster, float]:
    """Run the whole flood on cells of 5 m times *factor*; return also what should come in, m³."""
    folder = data_folder("flood/carlisle2005")
    raster = read_raster(folder / "carlisle-5m.dem.raw.gz").coarser(factor)
    series = read_series(folder / "carlisle.bdy")
    entries = [text.split() for text in (folder / "carlisle.bci").read_text().splitlines()]
    points = [entry for entry in entries if entry and entry[0] == "P"]
    rows, columns = raster.values.shape
    cells = [raster.cell(float(x), float(y)) for _, x, y, *_ in points]
    feed = np.array([min(row, rows - 1) * columns + column for row, column in cells], np.int64)
    names = [entry[4] for entry in points]
    edge = np.zeros(raster.values.shape, np.bool_)
    edge[:, 0] = ~np.isnan(raster.values[:, 0])
    solver = make(
        domain_over(
            raster.values, cell_size_m=raster.size, manning=_MANNING, open_edge=edge,
            west_m=raster.west, south_m=raster.south,
        ),
        FloodParameters(cell_size_m=raster.size, edge_slope=_SLOPE),
    )  # fmt: skip
    until = _HOURS * 3600.0

    def flows(begin_s: float, end_s: float) -> FloatArray:
        each = {name: mean_of(*series[name], begin_s, end_s) * _WIDTH_M for name in series}
        return np.array([each[name] for name in names])

    def forcing(begin_s: float, end_s: float) -> Forcing:
        return Forcing(inflow_cells=feed, inflow_m3_s=flows(begin_s, end_s))

    gauges = Gauges([raster.cell(x, y) for x, y in read_table(folder / "carlisle.stage")])
    run(solver, until, forcing, window_s=300.0, watch=gauges)
    return solver, gauges, raster, float(flows(0.0, until).sum() * until)


def _carlisle(make: Maker) -> Outcome:
    solver, gauges, raster, given = _flood(make, _FACTOR)
    t, depth = gauges.arrays()
    peaks = depth.max(axis=0)
    wet = float((solver.max_depth_m > 0.1).sum()) * raster.size**2 / 1e6
    figures = [
        Figure(
            name="volume that came in, over the hydrographs'",
            value=solver.ledger.inflow_m3 / given, at_least=1.0 - 1e-9, at_most=1.0 + 1e-9,
            source="the data's hydrographs",
        ),
        closure(solver),
        Figure(name="flooded by more than 0.1 m", value=wet, unit="km²"),
        Figure(name="mean peak at the 30 points", value=float(peaks.mean()), unit="m"),
    ]  # fmt: skip
    if make.kind == FINITE_VOLUME:
        _, other, _, _ = _flood(Maker(INERTIAL), _FACTOR)
        gap = peaks - other.arrays()[1].max(axis=0)
        figures.append(
            Figure(
                name="RMS of the peaks less the inertial solver's", unit="m", at_most=0.15,
                value=float(np.sqrt(np.mean(gap**2))),
                source="one flood, two sets of equations: half the ±0.3 m of assumed ground",
            )
        )  # fmt: skip
    hours = t / 3600.0
    return Outcome(
        figures=tuple(figures),
        panels=tuple(
            Panel(title=f"depth at point {k + 1}", x_label="time, h", y_label="m",
                  lines=(line("", hours, depth[:, k]),))
            for k in _SHOWN
        ),
    )  # fmt: skip


CASES = (
    Case(
        name="carlisle",
        title="Carlisle, January 2005",
        what=(
            "Three rivers flood a city in 68 hours, n = 0.055, 20 m cells from the 5 m ground, "
            "free outflow in the west. The data hold no observations: volumes, and one solver "
            "beside the other."
        ),
        source="LISFLOOD-FP 8.1, case T07",
        run=_carlisle,
        data="flood/carlisle2005",
    ),
)
