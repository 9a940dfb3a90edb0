"""Soils under water that a solver computes: what the ground takes, and what the ledger says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.verification.case import Case, Figure, Outcome, Panel, line
from benchmarks.verification.components import SOILS
from benchmarks.verification.gauges import closure
from benchmarks.verification.setups import domain_over
from models.flood import FloodParameters, Forcing
from models.flood.losses import Losses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.verification.solvers import Maker, Solver
    from models.flood.soils import Soil

    FloatArray = NDArray[np.float64]

__all__ = ["CASES"]

_SHAPE = (12, 16)
_WINDOW_S = 60.0
_HOURS = 3.0


def _soak(make: Maker, soil: Soil, depth_m: float) -> tuple[Solver, FloatArray, FloatArray]:
    """Return a closed basin after three hours over *soil*, times, and the mean depth taken."""
    solver = make(
        domain_over(np.zeros(_SHAPE), cell_size_m=10.0, manning=0.03),
        FloodParameters(cell_size_m=10.0),
        initial_depth_m=np.full(_SHAPE, depth_m),
    )
    losses = Losses(soils=[soil], soil_of_cell=np.zeros(_SHAPE, np.int32))
    times, taken = [0.0], [0.0]
    for number in range(round(_HOURS * 3600.0 / _WINDOW_S)):
        begin, end = number * _WINDOW_S, (number + 1) * _WINDOW_S
        rate = losses.capacity_m_s(begin, end, depth_m=np.array(solver.depth_m), rain_m_s=0.0)
        solver.advance(end, Forcing(loss_m_s=rate.copy()))
        losses.take(np.array(solver.lost_m), np.array(solver.depth_m))
        times.append(end)
        taken.append(float(losses.infiltrated_m.mean()))
    return solver, np.array(times), np.array(taken)


def _run(make: Maker) -> Outcome:
    figures: list[Figure] = []
    lines = []
    for name, soil, exact in SOILS[1:3]:
        solver, t, taken = _soak(make, soil, 0.5)
        right = np.array([exact(float(time)) for time in t])
        figures += [
            Figure(name=f"{name}: largest error of the depth taken", at_most=1e-6,
                   value=float(np.abs(taken - right).max() / right[-1]),
                   source="relative to the whole; the integral is exact"),
            Figure(name=f"{name}: ledger less what the soil took, share", at_most=1e-9,
                   value=abs(solver.ledger.infiltration_m3 / (taken[-1] * 19_200.0) - 1.0),
                   source="the ledger closes to 1e-9"),
            closure(solver),
        ]  # fmt: skip
        lines += [
            line(f"{name}, integral", t / 60.0, right * 1e3, "reference"),
            line(name, t / 60.0, taken * 1e3),
        ]
    solver, _, taken = _soak(make, SOILS[1][1], 0.004)
    figures += [
        Figure(name="thin water: depth taken less depth that was there", unit="m",
               value=float(taken[-1]) - 0.004, at_least=-1e-12, at_most=1e-12,
               source="no more than is there, and all of it"),
        Figure(name="thin water: smallest depth", value=float(np.min(solver.depth_m)), unit="m",
               at_least=0.0, source="no depth is negative"),
    ]  # fmt: skip
    return Outcome(
        figures=tuple(figures),
        panels=(Panel(title="depth taken", x_label="time, min", y_label="mm", lines=tuple(lines)),),
    )


CASES = (
    Case(
        name="losses-in-flow",
        title="Infiltration in a run",
        what=(
            "A closed basin under 0.5 m, and under 4 mm, of water over soils by Horton and by "
            "Green and Ampt, three hours in windows of a minute: the water that the solver gives "
            "is what the soil's equation takes."
        ),
        source="Horton (1940); Green & Ampt (1911)",
        run=_run,
    ),
)
