"""Steady flow in channels whose bed is made for a prescribed depth (MacDonald 1997)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
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
from benchmarks.verification.formulae import G, hydraulic_bed
from benchmarks.verification.setups import Channel, centres, order, relative_l1, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.verification.solvers import Maker

    FloatArray = NDArray[np.float64]

__all__ = ["CASES", "Profile", "macdonald_depth"]

_CELLS = (100, 200, 400)
_LENGTH_M = 1000.0
#: Points of the fine grid on which the bed is integrated, for each metre.
_FINE = 40
#: Depth of the pool that the channels end in, m.
_POOL_M = 6.0
_SMOOTH_ORDER = "second order, less a margin; the inertial scheme is of first order"


def macdonald_depth(x: FloatArray, *, crest: float, width: float) -> FloatArray:
    """Return ``(4/g)^(1/3) (1 + crest exp(-width (x/1000 - 1/2)²))`` (Delestre et al. 2013)."""
    swell = crest * np.exp(-width * (x / _LENGTH_M - 0.5) ** 2)
    return np.asarray((4.0 / G) ** (1.0 / 3.0) * (1.0 + swell), dtype=np.float64)


def _slow_depth(x: FloatArray) -> FloatArray:
    return np.asarray(1.5 + 0.4 * np.cos(2.0 * np.pi * x / _LENGTH_M), dtype=np.float64)


def _ease(s: FloatArray) -> FloatArray:
    """Return a smooth step from 0 at s = 0 to 1 at s = 1."""
    t = np.clip(s, 0.0, 1.0)
    return np.asarray(t**3 * (10.0 - 15.0 * t + 6.0 * t * t), dtype=np.float64)


def _slope_of(depth: Callable[[FloatArray], FloatArray], x: FloatArray) -> FloatArray:
    """Return the derivative by central differences of a smooth function, to 1e-9."""
    step = 1e-3
    return (depth(x + step) - depth(x - step)) / (2.0 * step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """
    A prescribed steady flow between 0 and 1 km, with a stretch above it that takes the inflow.

    Parameters
    ----------
    depth
        Depth, m, at any x.
    q
        Discharge per width at x = 0, m²/s.
    manning
        Manning's n.
    rain
        Rain, m/s.
    convective
        Whether the bed is made for the full equations.
    outlet
        What stands at the lower end.
    """

    depth: Callable[[FloatArray], FloatArray]
    q: float
    manning: float
    rain: float = 0.0
    convective: bool = True
    outlet: str = "level"
    approach: float = 200.0

    @property
    def below(self) -> float:
        """Length of the pool below the channel, m: its level is held where the water is slow."""
        return 300.0 if self.outlet == "level" else 0.0

    def all_depth(self, x: FloatArray) -> FloatArray:
        """Depth, m, which grows to that of a pool below the channel."""
        own = self.depth(np.minimum(x, _LENGTH_M + 300.0))
        if self.outlet != "level":
            return own
        return np.asarray(own + _ease((x - _LENGTH_M) / 280.0) * (_POOL_M - own), np.float64)

    def discharge(self, x: FloatArray) -> FloatArray:
        """Discharge per width, m²/s."""
        return self.q + self.rain * x

    def bed(self, x: FloatArray) -> FloatArray:
        """Return the level of the bed, m, at *x*, 0 at the lower end of the channel."""
        length = self.approach + _LENGTH_M + self.below + 40.0
        fine = np.linspace(-self.approach, length - self.approach, round(_FINE * length) + 1)
        slope = _slope_of(self.all_depth, fine)
        z = hydraulic_bed(
            fine, self.all_depth(fine), slope, self.discharge(fine), self.manning, rain=self.rain,
            convective=self.convective,
        )  # fmt: skip
        return np.asarray(np.interp(x, fine, z) - np.interp(_LENGTH_M, fine, z), dtype=np.float64)


def _from_slow(x: FloatArray, own: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Return *own* depth, which comes out of slow water above the channel."""
    depth = own(np.maximum(x, -_LENGTH_M))
    return np.asarray(depth + _ease(-x / 150.0) * (1.5 - depth), dtype=np.float64)


def _steady(
    make: Maker, profile: Profile, cells: int
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return x, bed, depth and discharge per width between 0 and 1 km at the steady state."""
    dx = _LENGTH_M / cells
    above, below = round(profile.approach / dx), round(profile.below / dx)
    x = centres(-above, cells + below + 1, dx)
    bed = profile.bed(x)
    channel = Channel(x_m=x, bed_m=bed, manning=profile.manning, ends=("closed", profile.outlet))
    exact = profile.all_depth(x)
    solver = channel.solver(make, exact)
    feed = np.arange(above // 4)
    # Rain falls on the approach too; the profile's discharge at its foot counts what fell above.
    q = float(profile.discharge(x[:1] - 0.5 * dx)[0])
    level = np.array([bed[-1] + exact[-1]]) if profile.outlet == "level" else None
    forcing = channel.forcing(q, feed, rain_m_s=profile.rain, level_m=level)
    settle(solver, forcing, window_s=200.0, limit_s=20_000.0, change_m=1e-7)
    inside = slice(above, above + cells)
    depth = np.array(solver.depth_m[0])
    q_now = np.asarray(depth * solver.speed_m_s()[0], dtype=np.float64)
    return x[inside], bed[inside], depth[inside], q_now[inside]


def _run(make: Maker, *, profile: Profile, least_order: float, coarse_limit: float) -> Outcome:
    errors, flows, lines = [], [], []
    flow: list[Line] = []
    for cells in _CELLS:
        x, bed, depth, q = _steady(make, profile, cells)
        exact = profile.depth(x)
        errors.append(relative_l1(depth, exact))
        flows.append(relative_l1(q, profile.discharge(x)))
        if cells == _CELLS[1]:
            lines = [
                line("ground", x, bed, "ground"),
                line("exact", x, bed + exact, "reference"),
                line("", x, bed + depth),
            ]
            flow = [line("exact", x, exact, "reference"), line("", x, depth)]
    size = np.array([_LENGTH_M / cells for cells in _CELLS])
    # Without convective acceleration the error ends at what the equations leave out.
    own_equations = profile.convective == (make.kind != INERTIAL)
    first = 0.8 if make.kind == INERTIAL else least_order
    return Outcome(
        figures=(
            Figure(name="L1 of depth, 5 m cells", value=errors[1], at_most=coarse_limit,
                   source="1 % of the depth"),
            Figure(name="L1 of discharge, 5 m cells", value=flows[1]),
            Figure(name="order of depth", value=order(_CELLS, errors),
                   at_least=first if own_equations else None, source=_SMOOTH_ORDER),
        ),
        panels=(
            Panel(title="level, 5 m cells", x_label="x, m", y_label="m", lines=tuple(lines)),
            Panel(title="depth", x_label="x, m", y_label="m", lines=tuple(flow)),
            Panel(title="error under refinement", x_label="cell size, m", y_label="relative L1",
                  lines=(line("", size, errors),), logarithmic=True),
        ),
    )  # fmt: skip


_SWELL = partial(_from_slow, own=partial(macdonald_depth, crest=0.5, width=16.0))
_DIP = partial(_from_slow, own=partial(macdonald_depth, crest=-0.2, width=36.0))
_SUBCRITICAL = Profile(depth=_SWELL, q=2.0, manning=0.033)
_SUPERCRITICAL = Profile(depth=_DIP, q=2.5, manning=0.04, outlet="open")
_RAIN = Profile(depth=_SWELL, q=1.0, manning=0.033, rain=1e-3)
_SLOW = Profile(depth=_slow_depth, q=0.7, manning=0.033)
_SLOW_INERTIAL = Profile(depth=_slow_depth, q=0.7, manning=0.033, convective=False)
_RAIN_INERTIAL = Profile(depth=_slow_depth, q=0.7, manning=0.033, rain=5e-4, convective=False)
_FAST = (
    "the flow comes to Froude 0.99 at the ends, and the local inertial equations hold no "
    "convective acceleration"
)
_RIPPLES = (
    "where the flow is within a tenth of critical, ripples of three to four cells stand in it, "
    "1.5 % of the depth, at any Courant number"
)
_OTHER_BED = "the bed is made for equations without convective acceleration"
_SOURCE = "MacDonald et al. (1997); Delestre et al. (2013), section 3.2"


def _case(
    name: str, title: str, what: str, profile: Profile, unsuited: dict[str, str],
    *, least_order: float = 1.5,
) -> Case:  # fmt: skip
    return Case(
        name=name,
        title=title,
        what=what,
        source=_SOURCE,
        run=partial(_run, profile=profile, least_order=least_order, coarse_limit=0.01),
        not_meant_for=unsuited,
        misses={FINITE_VOLUME: _RIPPLES},
    )


CASES = (
    _case(
        "macdonald-subcritical", "MacDonald channel, subcritical",
        "A channel of 1 km, n = 0.033, 2 m²/s, Froude 0.54 to 0.99; the inflow comes in over an "
        "approach of 200 m; below lies a pool whose level is held. Cells of 10, 5 and 2.5 m.",
        _SUBCRITICAL, {INERTIAL: _FAST},
    ),
    _case(
        "macdonald-supercritical", "MacDonald channel, supercritical",
        "2.5 m²/s, n = 0.04, Froude 1.25 to 1.75. An approach by the same formula takes slow "
        "water through the critical depth.",
        _SUPERCRITICAL, {INERTIAL: "the flow is supercritical"},
    ),
    _case(
        "macdonald-rain", "MacDonald channel with rain",
        "As the subcritical channel, with rain of 1 mm/s that adds 1 m²/s along its length.",
        _RAIN, {INERTIAL: _FAST},
    ),
    _case(
        "slow-channel", "MacDonald channel, slow",
        "Depths of 1.1 to 1.9 m at 0.7 m²/s, Froude 0.09 to 0.19: the flow of a canal.",
        _SLOW, {},
    ),
    _case(
        "slow-channel-inertial", "MacDonald channel for the local inertial equations",
        "The bed that the equations without convective acceleration need for the same depth: what "
        "is left of the error is the scheme's own.",
        _SLOW_INERTIAL, {FINITE_VOLUME: _OTHER_BED},
    ),
    _case(
        "slow-rain-inertial", "The same with rain",
        "With rain of 0.5 mm/s that adds 0.5 m²/s.",
        _RAIN_INERTIAL, {FINITE_VOLUME: _OTHER_BED},
    ),
)  # fmt: skip
