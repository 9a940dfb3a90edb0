"""Steady flow over a bump without friction: subcritical, through critical, and with a shock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from benchmarks.verification.case import INERTIAL, Case, Figure, Outcome, Panel, line
from benchmarks.verification.formulae import G
from benchmarks.verification.setups import SMOOTH, Channel, centres, order, relative_l1, settle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.verification.solvers import Maker

    FloatArray = NDArray[np.float64]

__all__ = ["CASES", "Bump", "bump_bed"]

_LENGTH_M = 25.0
_APPROACH_M = 5.0
_CELLS = (125, 250, 500)
_CREST_M = 0.2


def bump_bed(x: FloatArray) -> FloatArray:
    """Return ``max(0, 0.2 - 0.05 (x - 10)²)``, m (Goutal & Maurel 1997)."""
    return np.asarray(np.maximum(0.0, _CREST_M - 0.05 * (x - 10.0) ** 2), dtype=np.float64)


def _branch(head: float, q: float, *, deep: bool) -> float:
    """Return the depth of specific energy *head*, above or below the critical depth."""
    critical = float((q * q / G) ** (1.0 / 3.0))

    def gap(h: float) -> float:
        return h + q * q / (2.0 * G * h * h) - head

    if gap(critical) >= 0.0:
        return critical
    return float(brentq(gap, critical, 100.0) if deep else brentq(gap, 1e-4, critical))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bump:
    """
    Discharge per width, and the depth at the lower end.

    Parameters
    ----------
    q
        Discharge per width, m²/s.
    below_m
        Depth at the lower end; also the level at the start.
    critical
        Whether the flow passes the critical depth on the crest.
    free
        Whether it leaves the channel supercritical.
    """

    q: float
    below_m: float
    critical: bool
    free: bool

    def shock_m(self) -> float:
        """Return where the hydraulic jump stands, m; infinity where there is none (Bélanger)."""
        if not self.critical or self.free:
            return np.inf
        head = self._crest_head()
        end = self.below_m + self.q**2 / (2.0 * G * self.below_m**2)

        def gap(x: float) -> float:
            z = float(bump_bed(np.array([x]))[0])
            h_1 = _branch(head - z, self.q, deep=False)
            h_2 = _branch(end - z, self.q, deep=True)
            froude2 = self.q**2 / (G * h_1**3)
            return float(h_2 - 0.5 * h_1 * (np.sqrt(1.0 + 8.0 * froude2) - 1.0))

        return float(brentq(gap, 10.3, 12.0))

    def _crest_head(self) -> float:
        critical = float((self.q**2 / G) ** (1.0 / 3.0))
        return _CREST_M + 1.5 * critical

    def depth(self, x: FloatArray) -> FloatArray:
        """Return the depth, m, by Bernoulli's equation on each side of the crest and the jump."""
        end = self.below_m + self.q**2 / (2.0 * G * self.below_m**2)
        bed = bump_bed(x)
        if not self.critical:
            return np.array([_branch(end - z, self.q, deep=True) for z in bed])
        head, jump = self._crest_head(), self.shock_m()
        found = []
        for at, z in zip(x, bed, strict=True):
            if at >= jump:
                found.append(_branch(end - z, self.q, deep=True))
            else:
                found.append(_branch(head - z, self.q, deep=bool(at < 10.0)))
        return np.array(found)


def _steady(make: Maker, bump: Bump, cells: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return x, depth and discharge per width between 0 and 25 m."""
    dx = _LENGTH_M / cells
    above = round(_APPROACH_M / dx)
    x = centres(-above, cells + 1, dx)
    bed = bump_bed(x)
    outlet = "open" if bump.free else "level"
    channel = Channel(x_m=x, bed_m=bed, manning=SMOOTH, ends=("closed", outlet), flow_depth_m=1e-5)
    solver = channel.solver(make, np.maximum(bump.below_m - bed, 0.01))
    level = None if bump.free else np.array([bump.below_m])
    forcing = channel.forcing(bump.q, np.arange(above // 4), level_m=level)
    settle(solver, forcing, window_s=20.0, limit_s=400.0, change_m=1e-6)
    inside = slice(above, above + cells)
    depth = np.array(solver.depth_m[0])
    q = np.asarray(depth * solver.speed_m_s()[0], dtype=np.float64)
    return x[inside], depth[inside], q[inside]


def _over(make: Maker, *, bump: Bump, least_order: float, reason: str) -> Outcome:
    errors, flows = [], []
    panels: tuple[Panel, ...] = ()
    for cells in _CELLS:
        x, depth, q = _steady(make, bump, cells)
        exact = bump.depth(x)
        errors.append(relative_l1(depth, exact))
        flows.append(relative_l1(q, np.full(cells, bump.q)))
        if cells == _CELLS[1]:
            bed = bump_bed(x)
            panels = (
                Panel(
                    title="level, 0.1 m cells", x_label="x, m", y_label="m",
                    lines=(
                        line("ground", x, bed, "ground"),
                        line("exact", x, bed + exact, "reference"),
                        line("", x, bed + depth),
                    ),
                ),
                Panel(
                    title="discharge", x_label="x, m", y_label="m²/s",
                    lines=(line("exact", x, np.full(cells, bump.q), "reference"), line("", x, q)),
                ),
            )  # fmt: skip
    size = np.array([_LENGTH_M / cells for cells in _CELLS])
    refinement = Panel(
        title="error under refinement", x_label="cell size, m", y_label="relative L1",
        lines=(line("", size, errors),), logarithmic=True,
    )  # fmt: skip
    return Outcome(
        figures=(
            Figure(name="L1 of depth, 0.1 m cells", value=errors[1], at_most=0.01,
                   source="1 % of the depth"),
            Figure(name="L1 of discharge, 0.1 m cells", value=flows[1]),
            Figure(name="order of depth", value=order(_CELLS, errors), at_least=least_order,
                   source=reason),
        ),
        panels=(*panels, refinement),
    )  # fmt: skip


_REASON = (
    "the local inertial equations hold no convective acceleration: without friction they keep the "
    "level flat over the bump"
)
_SOURCE = "Goutal & Maurel (1997); Delestre et al. (2013), section 3.1"
_KINK = "the bed has kinks at the foot of the bump: above first order, less a margin"
_SHOCK = "first order at the jump, less a margin"


def _case(name: str, title: str, what: str, bump: Bump, least: tuple[float, str]) -> Case:
    return Case(
        name=name,
        title=title,
        what=what,
        source=_SOURCE,
        run=partial(_over, bump=bump, least_order=least[0], reason=least[1]),
        not_meant_for={INERTIAL: _REASON},
    )


CASES = (
    _case(
        "bump-subcritical", "Bump, subcritical",
        "4.42 m²/s over a bump of 0.2 m in water 2 m deep, no friction. Cells of 0.2, 0.1, 0.05 m.",
        Bump(q=4.42, below_m=2.0, critical=False, free=False), (1.2, _KINK),
    ),
    _case(
        "bump-transcritical", "Bump, through critical",
        "1.53 m²/s that passes the critical depth on the crest and leaves supercritical.",
        Bump(q=1.53, below_m=0.66, critical=True, free=True), (0.8, _KINK),
    ),
    _case(
        "bump-shock", "Bump with a hydraulic jump",
        "0.18 m²/s that passes the critical depth, and jumps back under 0.33 m of water.",
        Bump(q=0.18, below_m=0.33, critical=True, free=False), (0.7, _SHOCK),
    ),
)  # fmt: skip
