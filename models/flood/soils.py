"""
The kinds of ground that take water, and the exact integrals of their equations.

Each soil keeps one number per cell, its *progress*, from which the depth that it takes under water
in a window follows, whatever the length of the window.

==============  ======================================  =========================================
soil            equation                                progress
==============  ======================================  =========================================
constant        ``f = r``                               depth taken, m
Horton          ``f = fc + (f0 - fc) exp(-k t)``        time along the curve, s
Green-Ampt      ``f = K (1 + S / F)``                   depth taken, ``F``, m
curve number    ``Q = (P - Ia)² / (P - Ia + Sm)``       rain fallen, ``P``, m
==============  ======================================  =========================================

Symbols in kernels: ``F`` depth taken, ``K`` conductivity, ``S`` suction times deficit, ``f0``,
``fc`` and ``k`` of Horton's curve, ``P`` rain, ``Sm`` retention, ``Ia`` initial abstraction; ``p``
is the row of a soil (kind, four parameters, the most that it takes), ``x`` its progress.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.compile import kernel
from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type F8 = NDArray[np.float64]

__all__ = [
    "ConstantLoss",
    "CurveNumber",
    "GreenAmpt",
    "Horton",
    "Soil",
    "advance_soil",
    "green_ampt_depth",
    "horton_depth",
    "potential_depth",
    "retained_depth",
]

_CONSTANT, _HORTON, _GREEN_AMPT, _CURVE_NUMBER = 1.0, 2.0, 3.0, 4.0
#: Faster than any soil drains, m/s (36 m/h); catches a wrong unit.
_EXTREME_M_S = 0.01


def _within(what: str, value: float, low: float, high: float, *, above: bool = False) -> None:
    """Raise unless *value* lies between the limits; *above* leaves the lower one out."""
    if not low <= value <= high or (above and value == low):
        between = (
            f"above {low:g} and at most {high:g}" if above else f"between {low:g} and {high:g}"
        )
        raise InvalidQuantityError(f"must be {between}", where=what, value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantLoss:
    """
    A soil that takes water at one rate.

    Parameters
    ----------
    rate_m_s
        The rate, m/s.
    most_m
        Depth after which it takes no more, m.
    """

    rate_m_s: float
    most_m: float = np.inf

    def row(self) -> tuple[float, ...]:
        """Return the soil as a row of the kernels' table."""
        _within("constant loss, rate_m_s", self.rate_m_s, 0.0, _EXTREME_M_S)
        _within("constant loss, most_m", self.most_m, 0.0, np.inf)
        return (_CONSTANT, self.rate_m_s, 0.0, 0.0, 0.0, self.most_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class Horton:
    """
    Horton's curve, followed by the depth taken and not by the clock.

    Parameters
    ----------
    initial_m_s, final_m_s
        Rate of dry and of wet soil, m/s.
    decay_1_s
        Decay of the rate under water, 1/s.
    recovery_1_s
        Decay of the wetness while the cell is dry, 1/s; 0 never dries.
    most_m
        Depth along the curve after which it takes no more, m.

    Notes
    -----
    Horton (1940), Soil Sci. Soc. Am. Proc. 5; moving along the curve by the depth taken, and the
    recovery, as in Rossman & Huber (2016), SWMM Reference Manual I, section 4.2.
    """

    initial_m_s: float
    final_m_s: float
    decay_1_s: float
    recovery_1_s: float = 0.0
    most_m: float = np.inf

    def row(self) -> tuple[float, ...]:
        """Return the soil as a row of the kernels' table."""
        _within("Horton, initial_m_s", self.initial_m_s, 0.0, _EXTREME_M_S)
        _within("Horton, final_m_s", self.final_m_s, 0.0, self.initial_m_s)
        _within("Horton, decay_1_s", self.decay_1_s, 0.0, 1.0, above=True)
        _within("Horton, recovery_1_s", self.recovery_1_s, 0.0, 1.0)
        _within("Horton, most_m", self.most_m, 0.0, np.inf)
        rates = (self.initial_m_s, self.final_m_s, self.decay_1_s, self.recovery_1_s)
        return (_HORTON, *rates, self.most_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class GreenAmpt:
    """
    A sharp wetting front.

    Parameters
    ----------
    conductivity_m_s
        Hydraulic conductivity behind the front, m/s.
    suction_m
        Suction head at the front, m.
    deficit
        Pore space that is free before the rain, as a share of the soil, 0 to 1.
    ponded
        Whether the depth of the water above adds to the suction.
    most_m
        Depth after which the soil is full, m: deficit times the depth to the groundwater.

    Notes
    -----
    Green & Ampt (1911), J. Agric. Sci. 4; parameters by soil texture in Rawls, Brakensiek &
    Miller (1983), J. Hydraul. Eng. 109. The soil does not dry again during a run.
    """

    conductivity_m_s: float
    suction_m: float
    deficit: float
    ponded: bool = False
    most_m: float = np.inf

    def row(self) -> tuple[float, ...]:
        """Return the soil as a row of the kernels' table."""
        _within("Green-Ampt, conductivity_m_s", self.conductivity_m_s, 0.0, _EXTREME_M_S)
        _within("Green-Ampt, suction_m", self.suction_m, 0.0, 10.0)
        _within("Green-Ampt, deficit", self.deficit, 0.0, 1.0)
        _within("Green-Ampt, most_m", self.most_m, 0.0, np.inf)
        soil = (self.conductivity_m_s, self.suction_m, self.deficit, float(self.ponded))
        return (_GREEN_AMPT, *soil, self.most_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveNumber:
    """
    What the SCS method keeps of the rain.

    Parameters
    ----------
    number
        Curve number, above 0 and up to 100; at 100 all rain runs off.
    abstraction_ratio
        Initial abstraction over the retention.

    Notes
    -----
    USDA (2004), National Engineering Handbook 630, chapter 10. The method gives the runoff of a
    cumulative rain; its capacity in a window is what the rain of that window adds to the depth
    retained, so that it acts on rain alone and never on water that runs on from elsewhere.
    """

    number: float
    abstraction_ratio: float = 0.2

    @property
    def retention_m(self) -> float:
        """Potential maximum retention, m: ``25.4 mm (1000 / CN - 10)``."""
        return 0.0254 * (1000.0 / self.number - 10.0)

    def row(self) -> tuple[float, ...]:
        """Return the soil as a row of the kernels' table."""
        _within("curve number", self.number, 0.0, 100.0, above=True)
        _within("curve number, abstraction_ratio", self.abstraction_ratio, 0.0, 1.0)
        retention = self.retention_m
        return (_CURVE_NUMBER, retention, self.abstraction_ratio * retention, 0.0, 0.0, np.inf)


type Soil = ConstantLoss | Horton | GreenAmpt | CurveNumber


@kernel
def horton_depth(f0: float, fc: float, k: float, t: float, dt: float) -> float:
    """Return the depth under Horton's curve from time ``t`` on, m, over ``dt``."""
    return float(fc * dt - (f0 - fc) / k * np.exp(-k * t) * np.expm1(-k * dt))


@kernel
def _horton_lapse(  # noqa: PLR0917 - a kernel takes no keywords
    f0: float, fc: float, k: float, t: float, depth: float, dt: float
) -> float:
    """Return how far along Horton's curve ``depth`` leads from ``t``, at most ``dt``."""
    if depth >= horton_depth(f0, fc, k, t, dt) * (1.0 - 1e-12):
        return dt
    # Newton from the left on a concave function: every guess stays short of the root.
    lapse = 0.0
    for _ in range(60):
        rate = fc + (f0 - fc) * np.exp(-k * (t + lapse))
        if rate <= 0.0:
            return dt
        more = (depth - horton_depth(f0, fc, k, t, lapse)) / rate
        lapse += more
        # What is left is at most half of k times the square of the step.
        if 0.5 * k * more * more <= 1e-15 * lapse:
            break
    return min(lapse, dt)


@kernel
def _less_log(u: float) -> float:
    """Return ``u - ln(1 + u)`` without the loss of digits at small ``u``."""
    if u < 0.01:
        return u * u * (1 / 2 - u * (1 / 3 - u * (1 / 4 - u * (1 / 5 - u * (1 / 6 - u * (1 / 7))))))
    return float(u - np.log1p(u))


@kernel
def green_ampt_depth(K: float, S: float, F: float, dt: float) -> float:  # noqa: N803 - symbols
    """
    Return the depth that ``F`` grows by in ``dt`` under water, m.

    Solves ``F' - S ln(1 + F'/S) = F - S ln(1 + F/S) + K dt`` (Green & Ampt 1911).
    """
    if dt <= 0.0 or K <= 0.0:
        return 0.0
    if S <= 1e-12:
        return K * dt
    start = F / S
    target = _less_log(start) + K * dt / S
    # u - ln(1 + u) is convex and this bound lies right of the root, so Newton falls onto it:
    # exp(s) >= 1 + s + s²/2 gives ln(1 + g + sqrt(2 g)) <= sqrt(2 g).
    u = target + np.sqrt(2.0 * target)
    if start > 0.0:
        # So does a step from the left, and later in a storm it is far nearer.
        u = min(u, start + K * dt / S * (1.0 + start) / start)
    for _ in range(60):
        step = (_less_log(u) - target) * (1.0 + u) / u
        u -= step
        # What is left is the square of the step over 2 u (1 + u).
        if step * step <= 2e-16 * u * u * (1.0 + u):
            break
    # The front never moves slower than by gravity alone.
    return float(max((u - start) * S, K * dt))


@kernel
def retained_depth(P: float, Sm: float, Ia: float) -> float:  # noqa: N803 - symbols
    """Return the part of the rain ``P`` that does not run off, m: ``P - Q`` (SCS)."""
    if Ia >= P:
        return P
    return P - (P - Ia) * (P - Ia) / (P - Ia + Sm)


@kernel
def potential_depth(p: F8, x: float, rain: float, h: float, dt: float) -> float:
    """Return the depth that the soil ``p`` at progress ``x`` takes under water in ``dt``, m."""
    kind = p[0]
    if kind == 1.0:
        return float(min(p[1] * dt, max(p[5] - x, 0.0)))
    if kind == 2.0:
        left = p[5] - horton_depth(p[1], p[2], p[3], 0.0, x)
        return float(min(horton_depth(p[1], p[2], p[3], x, dt), max(left, 0.0)))
    if kind == 3.0:
        s = (p[2] + p[4] * h) * p[3]
        return float(min(green_ampt_depth(p[1], s, x, dt), max(p[5] - x, 0.0)))
    kept = retained_depth(x + rain * dt, p[1], p[2]) - retained_depth(x, p[1], p[2])
    return float(min(max(kept, 0.0), rain * dt))  # the difference is subject to round-off


@kernel
def advance_soil(p: F8, x: float, depth: float, rain: float, dry: bool, dt: float) -> float:  # noqa: PLR0917 - a kernel takes no keywords
    """Return the progress of the soil ``p`` after it has taken ``depth`` in ``dt``."""
    kind = p[0]
    if kind == 4.0:
        return x + rain * dt
    if kind == 2.0:
        if depth > 0.0:
            return x + _horton_lapse(p[1], p[2], p[3], x, depth, dt)
        if dry and p[4] > 0.0 and x > 0.0:
            wet = -np.expm1(-p[3] * x) * np.exp(-p[4] * dt)
            return float(-np.log1p(-wet) / p[3])
        return x
    return x + depth
