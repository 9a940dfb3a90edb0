"""Dams that vanish in an instant: on dry ground (Ritter) and over water (Stoker)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.verification.case import INERTIAL, Case, Figure, Line, Outcome, Panel, line
from benchmarks.verification.formulae import ritter, stoker
from benchmarks.verification.setups import SMOOTH, Channel, centres, order, relative_l1, run
from models.flood import Forcing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.verification.solvers import Maker

    FloatArray = NDArray[np.float64]
    Exact = Callable[[FloatArray, float], tuple[FloatArray, FloatArray]]

__all__ = ["CASES"]

_LENGTH_M = 2000.0
_UPSTREAM_M = 5.0
_DOWNSTREAM_M = 0.5
_TIME_S = 50.0
_CELLS = (200, 400, 800)
_SOURCE = "set beforehand for a finite-volume solver"
_REASON = (
    "the local inertial equations hold no convective acceleration; a dam break passes Froude 1"
)


def _broken(make: Maker, cells: int, down_m: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return x, depth and discharge per width at the end."""
    dx = _LENGTH_M / cells
    x = centres(-cells // 2, cells // 2, dx)
    channel = Channel(x_m=x, bed_m=np.zeros(cells), manning=SMOOTH)
    solver = channel.solver(make, np.where(x < 0.0, _UPSTREAM_M, down_m))
    run(solver, _TIME_S, Forcing(), window_s=_TIME_S)
    depth = np.array(solver.depth_m[0])
    return x, depth, np.asarray(depth * solver.speed_m_s()[0], dtype=np.float64)


def _dam_break(
    make: Maker, exact: Exact, down_m: float
) -> tuple[list[float], list[float], Outcome]:
    depth_errors, flow_errors, lines = [], [], []
    flows: list[Line] = []
    for cells in _CELLS:
        x, h, q = _broken(make, cells, down_m)
        h_exact, u_exact = exact(x, _TIME_S)
        depth_errors.append(relative_l1(h, h_exact))
        flow_errors.append(relative_l1(q, h_exact * u_exact))
        if cells == _CELLS[1]:
            lines = [line("exact", x, h_exact, "reference"), line("", x, h)]
            flows = [line("exact", x, h_exact * u_exact, "reference"), line("", x, q)]
    size = np.array([_LENGTH_M / cells for cells in _CELLS])
    panels = (
        Panel(title=f"depth after {_TIME_S:g} s", x_label="x, m", y_label="m", lines=tuple(lines)),
        Panel(title="discharge", x_label="x, m", y_label="m²/s", lines=tuple(flows)),
        Panel(
            title="error under refinement", x_label="cell size, m", y_label="relative L1",
            lines=(line("", size, depth_errors),), logarithmic=True,
        ),
    )  # fmt: skip
    return depth_errors, flow_errors, Outcome(figures=(), panels=panels)


def _ritter(make: Maker) -> Outcome:
    depth, flow, drawn = _dam_break(make, lambda x, t: ritter(x, t, _UPSTREAM_M), 0.0)
    return Outcome(
        figures=(
            Figure(name="L1 of depth, 5 m cells", value=depth[1], at_most=0.10, source=_SOURCE),
            Figure(name="L1 of discharge, 5 m cells", value=flow[1], at_most=0.25, source=_SOURCE),
            Figure(name="order of depth", value=order(_CELLS, depth), at_least=0.7,
                   source="first order at the kinks of the solution, less a margin"),
        ),
        panels=drawn.panels,
    )  # fmt: skip


def _stoker(make: Maker) -> Outcome:
    depth, flow, drawn = _dam_break(
        make, lambda x, t: stoker(x, t, _UPSTREAM_M, _DOWNSTREAM_M), _DOWNSTREAM_M
    )
    return Outcome(
        figures=(
            Figure(name="L1 of depth, 5 m cells", value=depth[1], at_most=0.01, source=_SOURCE),
            Figure(name="L1 of discharge, 5 m cells", value=flow[1]),
            Figure(name="order of depth", value=order(_CELLS, depth), at_least=0.7,
                   source="first order at a shock (LeVeque 2002), less a margin"),
        ),
        panels=drawn.panels,
    )  # fmt: skip


CASES = (
    Case(
        name="ritter",
        title="Dam break on dry ground (Ritter)",
        what=(
            "5 m of water behind a dam in a smooth channel of 2 km; 50 s after it vanishes; cells "
            "of 10, 5 and 2.5 m."
        ),
        source="Ritter (1892); Delestre et al. (2013), section 4.1.2",
        run=_ritter,
        not_meant_for={INERTIAL: _REASON},
    ),
    Case(
        name="stoker",
        title="Dam break over water (Stoker)",
        what="As before, with 0.5 m of water below the dam: a fan and a shock.",
        source="Stoker (1957); Delestre et al. (2013), section 4.1.1",
        run=_stoker,
        not_meant_for={INERTIAL: _REASON},
    ),
)
