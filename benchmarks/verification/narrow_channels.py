"""A canal narrower than a cell against the same canal resolved by cells of 2 m."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.integrate import solve_ivp

from benchmarks.verification.case import INERTIAL, Case, Figure, Outcome, Panel, line
from benchmarks.verification.gauges import closure
from benchmarks.verification.setups import centres, domain_over, relative_l1
from models.flood import FloodParameters, Forcing
from models.flood.channels import Channels

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.verification.solvers import Maker, Solver

    FloatArray = NDArray[np.float64]

__all__ = ["CASES"]

_WIDTH_M = 6.0
_BED_M = -1.5
_BANK_M = 1.5
_MANNING = 0.03
_COARSE_M = 20.0
_FINE_M = 2.0
_NODES = 50
_STEADY_M3_S = 5.0
_STEADY_S = 6.0 * 3600.0
_TIDE_M = 0.6
_TIDE_S = 2.0 * 3600.0
_WINDOW_S = 60.0


def _coarse(make: Maker) -> Solver:
    """Return the canal under the middle row of cells of 20 m; the last cell holds the level."""
    columns = _NODES + 1
    bed = np.full((3, columns), _BANK_M)
    bed[1, -1] = _BED_M
    zone = np.zeros(bed.shape, np.int16)
    zone[1, -1] = 1
    along = np.arange(columns)
    reaches = np.arange(_NODES)
    channels = Channels(
        node_row=np.ones(columns, np.int64),
        node_column=along,
        node_bed_m=np.append(np.full(_NODES, _BED_M), np.nan),
        reach_a=reaches,
        reach_b=reaches + 1,
        width_m=np.full(_NODES, _WIDTH_M),
        length_m=np.full(_NODES, _COARSE_M),
        manning=np.full(_NODES, _MANNING),
        side_friction=False,
    )
    return make(
        domain_over(bed, cell_size_m=_COARSE_M, manning=_MANNING, level_zone=zone),
        FloodParameters(cell_size_m=_COARSE_M, max_time_step_s=10.0),
        channels=channels,
        channel_level_m=np.zeros(columns),
    )


def _fine(make: Maker) -> Solver:
    """Return the canal as three rows of cells of 2 m, from the first node to the level."""
    columns = round(_NODES * _COARSE_M / _FINE_M) + 1
    bed = np.full((3, columns), _BED_M)
    zone = np.zeros(bed.shape, np.int16)
    zone[:, -1] = 1
    depth = np.where(zone == 0, -_BED_M, 0.0)
    return make(
        domain_over(bed, cell_size_m=_FINE_M, manning=_MANNING, level_zone=zone),
        FloodParameters(cell_size_m=_FINE_M, max_time_step_s=10.0),
        initial_depth_m=depth,
    )


def _drive(
    solver: Solver, feed: NDArray[np.int64], levels_of: Callable[[Solver], FloatArray]
) -> tuple[FloatArray, ...]:
    """Return steady levels, and times and levels at the head of the canal under the tide."""
    steady = Forcing(
        level_start_m=np.zeros(1), level_end_m=np.zeros(1), inflow_cells=feed,
        inflow_m3_s=np.full(feed.size, _STEADY_M3_S / feed.size),
    )  # fmt: skip
    solver.advance(_STEADY_S, steady)
    levels = np.array(levels_of(solver))
    times, heads = [], []
    for number in range(round(2.0 * _TIDE_S / _WINDOW_S)):
        ends = (np.arange(2) + number) * _WINDOW_S
        tide = _TIDE_M * np.sin(2.0 * np.pi * ends / _TIDE_S)
        solver.advance(
            _STEADY_S + float(ends[1]),
            Forcing(
                level_start_m=tide[:1], level_end_m=tide[1:], inflow_cells=feed,
                inflow_m3_s=np.full(feed.size, 0.2 * _STEADY_M3_S / feed.size),
            ),
        )  # fmt: skip
        times.append(float(ends[1]))
        heads.append(float(levels_of(solver)[0]))
    return levels, np.array(times), np.array(heads)


def _backwater(x: FloatArray) -> FloatArray:
    """Return the level along the canal by the equation of gradually varied flow, m."""
    q = _STEADY_M3_S / _WIDTH_M
    end = float(_NODES * _COARSE_M)

    def slope(_: float, level: FloatArray) -> FloatArray:
        # Without convective acceleration, as in the solver: η' = -n² q² / h^(10/3).
        h = level - _BED_M
        return np.asarray(-(_MANNING**2) * q**2 / h ** (10.0 / 3.0))

    solved = solve_ivp(slope, (end, 0.0), [0.0], t_eval=x[::-1], rtol=1e-10, atol=1e-12)
    return np.asarray(solved.y[0][::-1], dtype=np.float64)


def _canal(make: Maker) -> Outcome:
    coarse, fine = _coarse(make), _fine(make)
    at = np.asarray(np.arange(_NODES) * _COARSE_M, dtype=np.float64)
    own = centres(0, round(_NODES * _COARSE_M / _FINE_M), _FINE_M)
    level, t, head = _drive(
        coarse, np.array([_NODES + 1], np.int64), lambda s: s.channel_level_m[:_NODES]
    )
    columns = own.size + 1
    right, _, right_head = _drive(
        fine, np.arange(3, dtype=np.int64) * columns, lambda s: s.depth_m[1, :-1] + _BED_M
    )
    exact = _backwater(at)
    resolved = np.interp(at, own, right)
    return Outcome(
        figures=(
            Figure(name="steady rise above the tide, L1 against the resolved run", at_most=0.02,
                   value=relative_l1(level, resolved), source="2 % of the rise"),
            Figure(name="the same against the backwater curve", at_most=0.02,
                   value=relative_l1(level, exact), source="2 % of the rise"),
            Figure(name="tide at the head of the canal, RMSE against the resolved run", unit="m",
                   value=float(np.sqrt(np.mean((head - right_head) ** 2))), at_most=0.02,
                   source="2 cm of a tide of ±0.6 m"),
            closure(coarse),
        ),
        panels=(
            Panel(title="steady level at 5 m³/s", x_label="x, m", y_label="m",
                  lines=(line("backwater curve", at, exact, "reference"),
                         line("resolved, 2 m", own, right, "measured"), line("", at, level))),
            Panel(title="tide at the head of the canal", x_label="time, min", y_label="m",
                  lines=(line("resolved, 2 m", t / 60.0, right_head, "measured"),
                         line("", t / 60.0, head))),
        ),
    )  # fmt: skip


CASES = (
    Case(
        name="narrow-canal",
        title="A canal narrower than a cell",
        what=(
            "A canal of 6 m by 1 km on cells of 20 m, beside the same canal in cells of 2 m and "
            "the equation of gradually varied flow: 5 m³/s against a still tide, then a tide of "
            "±0.6 m in two hours against 1 m³/s."
        ),
        source="Neal et al. (2012); backwater curve of the engine's equations",
        run=_canal,
        solvers=(INERTIAL,),
    ),
)
