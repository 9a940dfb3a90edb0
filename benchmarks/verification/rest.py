"""Water at rest stays at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.verification.case import Case, Figure, Outcome, Panel, line
from benchmarks.verification.setups import domain_over, run
from models.flood import FloodParameters, Forcing

if TYPE_CHECKING:
    from benchmarks.verification.solvers import Maker

__all__ = ["CASES"]

_LEVEL_M = 1.0
_SIZE_M = 10.0


def _lake_at_rest(make: Maker) -> Outcome:
    moved, speed, lines = 0.0, 0.0, []
    for seed in range(4):
        stream = np.random.default_rng(seed)
        y, x = np.mgrid[:40, :60] / 40.0
        bed = 0.9 * np.sin(7.0 * x + seed) * np.cos(5.0 * y) + 0.4 * stream.standard_normal(
            (40, 60)
        ) * (seed % 2)
        bed[10:14, 20:30] += 3.0
        depth = np.maximum(_LEVEL_M - bed, 0.0)
        solver = make(
            domain_over(bed, cell_size_m=_SIZE_M, manning=0.03),
            FloodParameters(cell_size_m=_SIZE_M),
            initial_depth_m=depth.copy(),
        )
        run(solver, 1800.0, Forcing(), window_s=300.0)
        moved = max(moved, float(np.abs(solver.depth_m - depth).max()))
        speed = max(speed, float((solver.speed_m_s() * solver.depth_m).max()))
        if seed == 1:
            along = (np.arange(60) + 0.5) * _SIZE_M
            wet = np.where(solver.depth_m[12] > 0.0, bed[12] + solver.depth_m[12], np.nan)
            lines = [line("ground", along, bed[12], "ground"), line("", along, wet)]
    return Outcome(
        figures=(
            Figure(name="largest change of depth", value=moved, unit="m", at_most=1e-12,
                   source="round-off"),
            Figure(name="largest discharge", value=speed, unit="m²/s", at_most=1e-12,
                   source="round-off"),
        ),
        panels=(
            Panel(title="level after 30 minutes, row 12 of the second bed", x_label="x, m",
                  y_label="m", lines=tuple(lines)),
        ),
    )  # fmt: skip


CASES = (
    Case(
        name="lake-at-rest",
        title="Lake at rest",
        what=(
            "Four beds of hills, noise and islands under water at rest, 30 minutes. Nothing may "
            "move. The unit tests draw further beds at random."
        ),
        source="Audusse et al. (2004); Delestre et al. (2013), section 3.1",
        run=_lake_at_rest,
    ),
)
