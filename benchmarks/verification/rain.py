"""Rain that runs off: a plane, the V-shaped catchment, and a band of rain that travels."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.verification.case import INERTIAL, Case, Figure, Outcome, Panel, line
from benchmarks.verification.formulae import kinematic_plane, travelling_rain
from benchmarks.verification.gauges import Outflow, closure
from benchmarks.verification.setups import Channel, centres, domain_over, order, relative_l1, run
from models.flood import FloodParameters, Forcing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.verification.solvers import Maker

    FloatArray = NDArray[np.float64]

__all__ = ["CASES"]

_MM_H = 1e-3 / 3600.0


_PLANE = {"length": 200.0, "n": 0.05, "s": 0.01, "i": 100.0 * _MM_H, "until": 1800.0}


def _plane(make: Maker) -> Outcome:
    length, n, s, i, until = (_PLANE[key] for key in ("length", "n", "s", "i", "until"))
    errors, lines = [], []
    peak = reached = np.nan
    sizes = (8.0, 4.0, 2.0)
    for dx in sizes:
        x = centres(0, round(length / dx), dx)
        channel = Channel(
            x_m=x, bed_m=s * (length - x), manning=n, ends=("closed", "open"), flow_depth_m=1e-5
        )
        solver, seen = channel.solver(make), Outflow()
        run(solver, until, Forcing(rain_m_s=i), window_s=20.0, watch=seen)
        run(solver, 2.0 * until, Forcing(), window_s=20.0, watch=seen)
        t, total = seen.arrays()
        q = total / dx
        exact = kinematic_plane(t, length=length, n=n, s=s, i=i, until=until)
        errors.append(relative_l1(q, exact))
        raining = t < until
        peak = float(q[raining][-1])
        reached = float(np.interp(0.97 * i * length, q[raining], t[raining]))
        if dx == sizes[-1]:
            lines = [line("kinematic", t, exact * 1e3, "reference"), line("", t, q * 1e3)]
    t_c = (n * length / (np.sqrt(s) * i ** (2.0 / 3.0))) ** 0.6
    right = 0.97**0.6 * t_c
    return Outcome(
        figures=(
            Figure(name="L1 of the hydrograph, 2 m cells", value=errors[-1], at_most=0.02,
                   source="2 % of the runoff"),
            Figure(name="equilibrium discharge", value=peak * 1e3, unit="l/s/m",
                   at_least=0.999 * i * length * 1e3, at_most=1.001 * i * length * 1e3,
                   source="q = i L, 0.1 %"),
            Figure(name="time to 97 % of equilibrium", value=reached, unit="s",
                   at_least=0.95 * right, at_most=1.05 * right,
                   source=f"{right:.0f} s, by t_c = (n L / (√S i^(2/3)))^(3/5) = {t_c:.0f} s; 5 %"),
            Figure(name="order of the hydrograph", value=order([1.0 / x for x in sizes], errors)),
        ),
        panels=(
            Panel(title="outflow, 2 m cells", x_label="time, s", y_label="l/s for each m",
                  lines=tuple(lines)),
        ),
    )  # fmt: skip


_V_RAIN = 10.8 * _MM_H
_V_UNTIL_S = 5400.0


def _v_reference(t: FloatArray) -> FloatArray:
    """
    Return the outflow of the V by kinematic waves, m³/s, at times *t*.

    The planes' outflow is exact; the channel is a kinematic wave in 4,000 cells.
    """
    cells, length, width, n, s = 1000, 1000.0, 20.0, 0.15, 0.02
    step = 0.25
    times = np.arange(0.0, float(t[-1]) + step, step)
    lateral = 2.0 * kinematic_plane(
        times, length=800.0, n=0.015, s=0.05, i=_V_RAIN, until=_V_UNTIL_S
    )
    h, out = np.zeros(cells), np.zeros(times.size)
    dx, a = length / cells, np.sqrt(s) / n
    for number, time_s in enumerate(times):
        q = a * np.cbrt(h) ** 5
        out[number] = q[-1] * width
        source = lateral[number] / width + (_V_RAIN if time_s < _V_UNTIL_S else 0.0)
        h += step * source
        h -= step / dx * np.diff(q, prepend=0.0)
    return np.interp(t, times, out)


def _v_catchment(make: Maker) -> Outcome:
    dx = 20.0
    across = np.abs((np.arange(81) - 40) * dx)
    along = (np.arange(50) + 0.5) * dx  # row 0 is the upper end
    bed = np.where(
        across[np.newaxis, :] < 1.0,
        -1.0 - 0.02 * along[:, np.newaxis],
        0.05 * (across[np.newaxis, :] - 10.0),
    )
    manning = np.where(across[np.newaxis, :] < 1.0, 0.15, 0.015) * np.ones((50, 1))
    edge = np.zeros(bed.shape, np.bool_)
    edge[-1, 40] = True
    solver = make(
        domain_over(bed, cell_size_m=dx, manning=manning, open_edge=edge),
        FloodParameters(cell_size_m=dx, flow_depth_m=1e-5, edge_slope=0.02),
    )
    seen = Outflow()
    run(solver, _V_UNTIL_S, Forcing(rain_m_s=_V_RAIN), window_s=60.0, watch=seen)
    run(solver, 2.0 * _V_UNTIL_S, Forcing(), window_s=60.0, watch=seen)
    t, q = seen.arrays()
    exact = _v_reference(t)
    return Outcome(
        figures=(
            Figure(name="outflow at the end of the rain", value=float(q[t < _V_UNTIL_S][-1]),
                   unit="m³/s", at_least=4.86 * 0.99, at_most=4.86 * 1.01,
                   source="4.86 m³/s (Di Giammarco et al. 1996), 1 %"),
            Figure(name="L1 of the hydrograph", value=relative_l1(q, exact), at_most=0.05,
                   source="5 % of the runoff against kinematic waves"),
            closure(solver),
        ),
        panels=(
            Panel(title="outflow", x_label="time, s", y_label="m³/s",
                  lines=(line("kinematic waves", t, exact, "reference"), line("", t, q))),
        ),
    )  # fmt: skip


_BAND_M = 1000.0
_BAND_RAIN = 5e-5
_BAND_SPEED = 0.8
_BAND_N = 0.05
_BAND_SLOPE = 0.002
_BAND_H0 = 0.1


def _band_rain(xi: FloatArray | float) -> FloatArray:
    """Rain of the band, m/s: sin² over its length, centred at ξ = 0."""
    inside = np.abs(xi) < 0.5 * _BAND_M
    return np.where(inside, _BAND_RAIN * np.cos(np.pi * np.asarray(xi) / _BAND_M) ** 2, 0.0)


def _band_total(xi: FloatArray | float) -> FloatArray:
    """Rain from ξ to the head of the band, m²/s."""
    x = np.clip(xi, -0.5 * _BAND_M, 0.5 * _BAND_M)
    left = 0.5 * _BAND_M - x
    wave = _BAND_M / (2.0 * np.pi) * np.sin(2.0 * np.pi * x / _BAND_M)
    return np.asarray(0.5 * _BAND_RAIN * (left - wave))


def _travelling(make: Maker, convective: bool, cells: int) -> tuple[FloatArray, ...]:
    """Return ξ, computed depth and exact depth after 80 minutes."""
    length, start, until = 8000.0, 2000.0, 4800.0
    dx = length / cells
    x = centres(0, cells, dx)
    profile = partial(
        travelling_rain, rain=lambda xi: float(_band_rain(xi)),
        total=lambda xi: float(_band_total(xi)), speed=_BAND_SPEED, h_0=_BAND_H0, n=_BAND_N,
        s=_BAND_SLOPE, convective=convective,
    )  # fmt: skip
    depth, flow = profile(x - start)
    bed = _BAND_SLOPE * (length - x)
    channel = Channel(x_m=x, bed_m=bed, manning=_BAND_N, ends=("closed", "open"), flow_depth_m=1e-5)
    feed = np.arange(max(1, cells // 100))

    def forcing(begin_s: float, end_s: float) -> Forcing:
        # Cell means over the middle of the window: no drop is lost.
        at = start + _BAND_SPEED * 0.5 * (begin_s + end_s)
        edges = np.append(x - 0.5 * dx, length) - at
        rain = -np.diff(_band_total(edges)) / dx
        return channel.forcing(float(flow[0]), feed, rain_m_s=rain[np.newaxis, :])

    solver = channel.solver(make, depth)
    run(solver, until, forcing, window_s=5.0)
    xi = x - start - _BAND_SPEED * until
    exact, _ = profile(xi)
    return xi, np.array(solver.depth_m[0]), exact


def _moving_rain(make: Maker) -> Outcome:
    cells = (200, 400, 800)
    errors, lines = [], []
    for count in cells:
        xi, depth, exact = _travelling(make, make.kind != INERTIAL, count)
        near = (xi > -900.0) & (xi < 900.0)
        errors.append(relative_l1(depth[near], exact[near]))
        if count == cells[1]:
            lines = [line("exact", xi[near], exact[near], "reference"),
                     line("", xi[near], depth[near])]  # fmt: skip
    size = np.array([8000.0 / count for count in cells])
    first = 0.8 if make.kind == INERTIAL else 1.5
    return Outcome(
        figures=(
            Figure(name="L1 of depth, 20 m cells", value=errors[1], at_most=0.01,
                   source="1 % of the water"),
            Figure(name="order of depth", value=order(cells, errors), at_least=first,
                   source="second order, less a margin; the inertial scheme is of first order"),
        ),
        panels=(
            Panel(title="depth under the band, 20 m cells", x_label="x - c t, m", y_label="m",
                  lines=tuple(lines)),
            Panel(title="error under refinement", x_label="cell size, m", y_label="relative L1",
                  lines=(line("", size, errors),), logarithmic=True),
        ),
    )  # fmt: skip


_RINGING = (
    "friction is taken at the discharge of the step before, which rings where a step outlasts the "
    "time in which friction acts, as it does in thin water on a slope"
)


CASES = (
    Case(
        name="rain-on-plane",
        title="Rain on a plane",
        what=(
            "100 mm/h for half an hour on a plane of 200 m, slope 1 %, n = 0.05, and the half hour "
            "after it; cells of 8, 4 and 2 m; flow starts at 0.01 mm of depth."
        ),
        source="Henderson & Wooding (1964); q = √S/n (i t)^(5/3), then i L; characteristics after",
        run=_plane,
        misses={INERTIAL: _RINGING},
    ),
    Case(
        name="v-catchment",
        title="V-shaped catchment",
        what=(
            "10.8 mm/h for 90 minutes on two planes of 800 by 1,000 m (slope 5 %, n = 0.015) that "
            "drain into a channel 20 m wide (slope 2 %, n = 0.15), 20 m cells."
        ),
        source="Di Giammarco et al. (1996); reference curve by kinematic waves",
        run=_v_catchment,
        misses={INERTIAL: _RINGING},
    ),
    Case(
        name="moving-rain",
        title="Rain that travels",
        what=(
            "A band of rain, 1 km long and up to 180 mm/h, travels at 0.8 m/s down a plane of "
            "slope 0.2 %, n = 0.05, over a base flow 0.1 m deep. In the frame of the band the flow "
            "is steady and follows from an ordinary differential equation, for each solver that of "
            "its own equations. (The moving rain of SWASHES needs a friction linear in velocity.)"
        ),
        source="after Delestre et al. (2013), section 3.3; an exact travelling wave",
        run=_moving_rain,
    ),
)
