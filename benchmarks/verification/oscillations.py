"""Water that swings in a paraboloid without friction (Thacker 1981)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.verification.case import INERTIAL, Case, Figure, Outcome, Panel, line
from benchmarks.verification.formulae import G, thacker_planar, thacker_radial
from benchmarks.verification.setups import SMOOTH, domain_over, order, relative_l1
from models.flood import FloodParameters, Forcing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.verification.solvers import Maker

    FloatArray = NDArray[np.float64]
    Exact = Callable[[FloatArray, FloatArray, float], FloatArray]

__all__ = ["CASES"]

_SIDE_M = 4.0
_A = 1.0
_H0 = 0.1
_R0 = 0.8
#: The body moves along a line that no row of cells follows.
_SHIFT = (0.5 * np.cos(np.pi / 6.0), 0.5 * np.sin(np.pi / 6.0))
_CELLS = (50, 100, 200)
_REASON = (
    "the local inertial equations hold no convective acceleration, which the swing of water as "
    "deep as this needs"
)
_ORDER = "first order at a moving shore, less a margin"


def _planar(x: FloatArray, y: FloatArray, t: float) -> FloatArray:
    return thacker_planar(x, y, t, h_0=_H0, a=_A, shift=_SHIFT)


def _radial(x: FloatArray, y: FloatArray, t: float) -> FloatArray:
    return thacker_radial(np.hypot(x, y), t, h_0=_H0, a=_A, r_0=_R0)


def _swing(make: Maker, exact: Exact, period_s: float) -> Outcome:
    errors = []
    panels: tuple[Panel, ...] = ()
    for cells in _CELLS:
        dx = _SIDE_M / cells
        middle = (np.arange(cells) + 0.5) * dx - 0.5 * _SIDE_M
        x, y = np.meshgrid(middle, -middle)
        bed = _H0 * ((x * x + y * y) / _A**2 - 1.0)
        solver = make(
            domain_over(bed, cell_size_m=dx, manning=SMOOTH),
            FloodParameters(cell_size_m=dx, flow_depth_m=1e-5, statistics_interval_s=1.0),
            initial_depth_m=exact(x, y, 0.0),
        )
        row, column = cells // 2, int(0.6 * cells)
        times, depths = [0.0], [float(solver.depth_m[row, column])]

        for step in range(1, 101):
            solver.advance(period_s * step / 100.0, Forcing())
            times.append(solver.time_s)
            depths.append(float(solver.depth_m[row, column]))
        right = exact(x, y, period_s)
        errors.append(relative_l1(solver.depth_m, right))
        if cells == _CELLS[1]:
            at = np.array(times)
            there = np.array(
                [exact(x[row : row + 1, column], y[row : row + 1, column], t)[0] for t in at]
            )
            wet = solver.depth_m[row] > 1e-4
            shore = np.where(right[row] > 0.0, bed[row] + right[row], np.nan)
            panels = (
                Panel(
                    title="level through the middle after one period", x_label="x, m", y_label="m",
                    lines=(
                        line("ground", middle, bed[row], "ground"),
                        line("exact", middle, shore, "reference"),
                        line("", middle, np.where(wet, bed[row] + solver.depth_m[row], np.nan)),
                    ),
                ),
                Panel(
                    title=f"depth at x = {middle[column]:.2f} m", x_label="time, s", y_label="m",
                    lines=(line("exact", at, there, "reference"), line("", at, depths)),
                ),
            )  # fmt: skip
    size = np.array([_SIDE_M / cells for cells in _CELLS])
    refinement = Panel(
        title="error under refinement", x_label="cell size, m", y_label="relative L1",
        lines=(line("", size, errors),), logarithmic=True,
    )  # fmt: skip
    return Outcome(
        figures=(
            Figure(name="L1 of depth after one period, 0.04 m cells", value=errors[1],
                   at_most=0.05, source="5 % of the water"),
            Figure(name="order of depth", value=order(_CELLS, errors), at_least=0.8, source=_ORDER),
        ),
        panels=(*panels, refinement),
    )  # fmt: skip


CASES = (
    Case(
        name="thacker-planar",
        title="Thacker's planar swing",
        what=(
            "A body of water swings to and fro in a paraboloid, aslant to the grid, with a shore "
            "that moves all the time; one period; cells of 0.08, 0.04 and 0.02 m."
        ),
        source="Thacker (1981); Delestre et al. (2013), section 4.2.2",
        run=lambda make: _swing(make, _planar, 2.0 * np.pi * _A / np.sqrt(2.0 * G * _H0)),
        not_meant_for={INERTIAL: _REASON},
    ),
    Case(
        name="thacker-radial",
        title="Thacker's radial swing",
        what="Water that rises and sinks in the middle of the same paraboloid; one period.",
        source="Thacker (1981); Delestre et al. (2013), section 4.2.2",
        run=lambda make: _swing(make, _radial, 2.0 * np.pi * _A / np.sqrt(8.0 * G * _H0)),
        not_meant_for={INERTIAL: _REASON},
    ),
)
