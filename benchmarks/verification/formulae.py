"""
Exact solutions of the shallow-water equations and of their simpler forms.

Symbols: ``h`` depth, m; ``u`` velocity, m/s; ``q`` discharge per width, m²/s; ``z`` bed, m;
``x`` m; ``t`` s; ``n`` Manning's n, s/m^⅓; ``s`` slope; ``i`` rain, m/s; ``g`` gravity, m/s².
The collection of Delestre et al. (2013), doi:10.1002/fld.3741, holds most of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.integrate import cumulative_simpson, solve_ivp
from scipy.optimize import brentq

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = [
    "G",
    "hydraulic_bed",
    "kinematic_plane",
    "normal_depth",
    "ritter",
    "stoker",
    "thacker_planar",
    "thacker_radial",
    "travelling_rain",
    "wave_on_plane",
]

G = 9.81


def ritter(x: FloatArray, t: float, h_l: float, g: float = G) -> tuple[FloatArray, FloatArray]:
    """Return depth and velocity of a dam at x = 0 that broke on dry ground (Ritter 1892)."""
    c = np.sqrt(g * h_l)
    inside = (x > -t * c) & (x < 2.0 * t * c)
    h = np.where(x <= -t * c, h_l, 0.0)
    h = np.where(inside, 4.0 / (9.0 * g) * (c - x / (2.0 * t)) ** 2, h)
    return h, np.where(inside, 2.0 / 3.0 * (x / t + c), 0.0)


def stoker(
    x: FloatArray, t: float, h_l: float, h_r: float, g: float = G
) -> tuple[FloatArray, FloatArray]:
    """Return depth and velocity of a dam at x = 0 that broke over water (Stoker 1957)."""
    c_l, c_r = np.sqrt(g * h_l), np.sqrt(g * h_r)

    def balance(c: float) -> float:
        a = c * c
        return float(-8.0 * c_r**2 * a * (c_l - c) ** 2 + (a - c_r**2) ** 2 * (a + c_r**2))

    c_m = brentq(balance, c_r * (1.0 + 1e-9), c_l, xtol=1e-15)
    h_m, u_m = c_m**2 / g, 2.0 * (c_l - c_m)
    shock = t * 2.0 * c_m**2 * (c_l - c_m) / (c_m**2 - c_r**2)
    fan = (x > -t * c_l) & (x < t * (2.0 * c_l - 3.0 * c_m))
    middle = (x >= t * (2.0 * c_l - 3.0 * c_m)) & (x < shock)
    h = np.where(x <= -t * c_l, h_l, h_r)
    h = np.where(fan, 4.0 / (9.0 * g) * (c_l - x / (2.0 * t)) ** 2, np.where(middle, h_m, h))
    return h, np.where(fan, 2.0 / 3.0 * (x / t + c_l), np.where(middle, u_m, 0.0))


def thacker_radial(
    r: FloatArray, t: float, *, h_0: float, a: float, r_0: float, g: float = G
) -> FloatArray:
    """Return the depth in a paraboloid ``z = -h_0 (1 - r²/a²)`` (Thacker 1981; radial)."""
    amplitude = (a * a - r_0 * r_0) / (a * a + r_0 * r_0)
    omega = np.sqrt(8.0 * g * h_0) / a
    k = 1.0 - amplitude * np.cos(omega * t)
    level = h_0 * (
        np.sqrt(1.0 - amplitude**2) / k - 1.0 - (r / a) ** 2 * ((1.0 - amplitude**2) / k**2 - 1.0)
    )
    return np.asarray(np.maximum(level + h_0 * (1.0 - (r / a) ** 2), 0.0), dtype=np.float64)


def thacker_planar(
    x: FloatArray, y: FloatArray, t: float, *, h_0: float, a: float, shift: tuple[float, float],
    g: float = G,
) -> FloatArray:  # fmt: skip
    """
    Return the depth in a paraboloid whose water swings to and fro as one body (Thacker 1981).

    The body moves by ``shift cos(ωt)``, ``ω = √(2 g h_0) / a``: the sum of two of Thacker's
    circular motions of opposite sense, at rest at t = 0.
    """
    swing = np.cos(np.sqrt(2.0 * g * h_0) / a * t)
    r2 = (x - shift[0] * swing) ** 2 + (y - shift[1] * swing) ** 2
    return np.asarray(np.maximum(h_0 * (1.0 - r2 / a**2), 0.0), dtype=np.float64)


def hydraulic_bed(
    x: FloatArray, h: FloatArray, slope_h: FloatArray, q: FloatArray, n: float, *,
    rain: float = 0.0, convective: bool = True, g: float = G,
) -> FloatArray:  # fmt: skip
    """
    Return the bed under which a prescribed depth is the steady state (MacDonald et al. 1997).

    Parameters
    ----------
    x
        Evenly spaced, m.
    h, slope_h, q
        Depth, its derivative, and discharge per width at *x*.
    n
        Manning's n.
    rain
        Rain, m/s, so that ``q' = rain``.
    convective
        Whether the equations hold convective acceleration; the local inertial ones do not.

    Returns
    -------
    FloatArray
        ``z`` with ``z = 0`` at the last *x*.
    """
    slope = -slope_h - n**2 * q**2 / h ** (10.0 / 3.0)
    if convective:
        slope += q**2 / (g * h**3) * slope_h - 2.0 * q * rain / (g * h**2)
    z = cumulative_simpson(slope, x=x, initial=0.0)
    return np.asarray(z - z[-1], dtype=np.float64)


def wave_on_plane(x: FloatArray, t: float, *, u: float, n: float) -> FloatArray:
    """Return the depth of a wave that runs over a level plane at speed *u* (Hunter et al. 2005)."""
    return np.asarray(
        (7.0 / 3.0 * n**2 * u**2 * np.maximum(u * t - x, 0.0)) ** (3.0 / 7.0), dtype=np.float64
    )


def normal_depth(q: float, n: float, s: float) -> float:
    """Return the depth of uniform flow on a wide plane (Manning)."""
    return float((q * n / np.sqrt(s)) ** 0.6)


def kinematic_plane(
    t: FloatArray, *, length: float, n: float, s: float, i: float, until: float
) -> FloatArray:
    """
    Return the discharge per width at the foot of a plane under rain (Henderson & Wooding 1964).

    Rain falls from 0 to *until*, longer than the time of concentration; then the outflow falls
    along the characteristics that start from the equilibrium profile.
    """
    a = np.sqrt(s) / n
    end = i * length
    rise = np.minimum(a * (i * t) ** (5.0 / 3.0), end)

    def falling(time: float) -> float:
        # A depth h leaves x = a h^(5/3) / i and travels at 5/3 a h^(2/3).
        def gap(h: float) -> float:
            x = a * h ** (5.0 / 3.0) / i
            return float(x + 5.0 / 3.0 * a * h ** (2.0 / 3.0) * (time - until) - length)

        return float(a * brentq(gap, 0.0, (end / a) ** 0.6 * (1.0 + 1e-12)) ** (5.0 / 3.0))

    return np.array(
        [q if time <= until else falling(time) for time, q in zip(t, rise, strict=True)]
    )


def travelling_rain(
    xi: FloatArray,
    *,
    rain: Callable[[float], float],
    total: Callable[[float], float],
    speed: float,
    h_0: float,
    n: float,
    s: float,
    convective: bool,
    g: float = G,
) -> tuple[FloatArray, FloatArray]:
    """
    Return depth and discharge per width of the flow that a travelling band of rain carries along.

    On a plane of slope *s*, in the frame of the band, ``ξ = x - speed t``, the flow is steady:
    continuity gives ``q = q_0 + speed (h - h_0) - total(ξ)`` and momentum an ordinary differential
    equation of ``h``, which is solved to 1e-11. Ahead of the band lies uniform flow of depth *h_0*.

    Parameters
    ----------
    xi
        Increasing, m, from behind the band to ahead of it.
    rain, total
        Rain at ξ, m/s, and its integral from ξ to infinity, m²/s.
    speed
        Speed of the band, m/s, above the celerity ``5/3 u`` of the flood that it makes and below
        that of its long waves: the flow is smooth.
    convective
        As in :func:`hydraulic_bed`.
    """
    q_0 = np.sqrt(s) / n * h_0 ** (5.0 / 3.0)
    everything = total(float(xi[0]))

    def discharge(x: float, h: float) -> float:
        return float(q_0 + speed * (h - h_0) - total(x))

    def behind(h: float) -> float:
        return float(np.sqrt(s) / n * h ** (5.0 / 3.0) - q_0 - speed * (h - h_0) + everything)

    def slope(x: float, depth: NDArray[np.float64]) -> list[float]:
        h = float(depth[0])
        q, r = discharge(x, h), rain(x)
        u = q / h
        drive = g * h * (s - n**2 * u**2 / h ** (4.0 / 3.0))
        # -c q' + (q²/h)' + g h h' = drive, with q' = c h' + r
        if convective:
            return [(drive + (speed - 2.0 * u) * r) / (g * h - (speed - u) ** 2)]
        return [(drive + speed * r) / (g * h - speed**2)]

    high = h_0
    while behind(high) > 0.0:
        high *= 1.05
    h_1 = brentq(behind, h_0, high, xtol=1e-14)
    solved = solve_ivp(
        slope, (float(xi[0]), float(xi[-1])), [h_1], t_eval=xi, rtol=1e-10, atol=1e-12,
        max_step=float(xi[-1] - xi[0]) / 200.0, method="LSODA",
    )  # fmt: skip
    h = solved.y[0]
    return h, np.array([discharge(float(x), float(d)) for x, d in zip(xi, h, strict=True)])
