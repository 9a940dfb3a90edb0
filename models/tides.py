"""
Tidal constituents: speeds, equilibrium arguments and nodal corrections.

A published harmonic constant is an amplitude ``H`` and a phase lag ``G`` on Greenwich. The tide is
the sum of ``f H cos(V + u - G)``, where ``V`` is the equilibrium argument at Greenwich, and ``f``
and ``u`` vary with the moon's node over 18.6 years (Pugh & Woodworth 2014, Sea-Level Science,
section 4.2).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ARGUMENTS", "TIDAL_SPEEDS_DEG_H", "NodalCorrection", "equilibrium_deg", "nodal"]

#: Multiples of 15 °/h of universal time, s, h, p and p1, and degrees that are added: the
#: equilibrium argument of each constituent (Schureman 1958, table 2; time from midnight).
ARGUMENTS: Mapping[str, tuple[int, int, int, int, int, int]] = {
    "SA": (0, 0, 1, 0, 0, 0),
    "SSA": (0, 0, 2, 0, 0, 0),
    "MM": (0, 1, 0, -1, 0, 0),
    "MSF": (0, 2, -2, 0, 0, 0),
    "MF": (0, 2, 0, 0, 0, 0),
    "2Q1": (1, -4, 1, 2, 0, -90),
    "Q1": (1, -3, 1, 1, 0, -90),
    "RHO1": (1, -3, 3, -1, 0, -90),
    "O1": (1, -2, 1, 0, 0, -90),
    "P1": (1, 0, -1, 0, 0, -90),
    "S1": (1, 0, 0, 0, 0, 180),
    "K1": (1, 0, 1, 0, 0, 90),
    "J1": (1, 1, 1, -1, 0, 90),
    "OO1": (1, 2, 1, 0, 0, 90),
    "2N2": (2, -4, 2, 2, 0, 0),
    "MU2": (2, -4, 4, 0, 0, 0),
    "N2": (2, -3, 2, 1, 0, 0),
    "NU2": (2, -3, 4, -1, 0, 0),
    "M2": (2, -2, 2, 0, 0, 0),
    "LAM2": (2, -1, 0, 1, 0, 180),
    "L2": (2, -1, 2, -1, 0, 180),
    "T2": (2, 0, -1, 0, 1, 0),
    "S2": (2, 0, 0, 0, 0, 0),
    "R2": (2, 0, 1, 0, -1, 180),
    "K2": (2, 0, 2, 0, 0, 0),
    "2SM2": (2, 2, -2, 0, 0, 0),
    "M3": (3, -3, 3, 0, 0, 180),
    "MK3": (3, -2, 3, 0, 0, 90),
    "2MK3": (3, -4, 3, 0, 0, -90),
    "MN4": (4, -5, 4, 1, 0, 0),
    "M4": (4, -4, 4, 0, 0, 0),
    "MS4": (4, -2, 2, 0, 0, 0),
    "S4": (4, 0, 0, 0, 0, 0),
    "M6": (6, -6, 6, 0, 0, 0),
    "S6": (6, 0, 0, 0, 0, 0),
    "M8": (8, -8, 8, 0, 0, 0),
}

#: Rates of 15 t, s, h, p and p1, degrees per hour (Schureman 1958, table 1).
_RATES_DEG_H = (15.0, 0.54901653, 0.04106864, 0.00464183, 0.00000196)


def _speed(name: str) -> float:
    parts = zip(ARGUMENTS[name], _RATES_DEG_H, strict=False)  # the last is a phase, not a rate
    return round(math.fsum(count * rate for count, rate in parts), 7)


#: Speeds of the usual tidal constituents, degrees per hour. M1 has no argument above: what its
#: published phases count from differs from source to source.
TIDAL_SPEEDS_DEG_H: Mapping[str, float] = {
    **{name: _speed(name) for name in ARGUMENTS},
    "M1": 14.4966939,
}

#: Cosine series of f and sine series of u, degrees, in multiples of N (Doodson & Warburg 1941,
#: Admiralty Manual of Tides, table 26).
_SERIES: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "MM": ((1.0, -0.1300, 0.0013), ()),
    "MF": ((1.0429, 0.4135, -0.0040), (-23.74, 2.68, -0.38)),
    "O1": ((1.0089, 0.1871, -0.0147, 0.0014), (10.80, -1.34, 0.19)),
    "K1": ((1.0060, 0.1150, -0.0088, 0.0006), (-8.86, 0.68, -0.07)),
    "J1": ((1.0129, 0.1676, -0.0170, 0.0016), (-12.94, 1.34, -0.19)),
    "OO1": ((1.1027, 0.6504, 0.0317, -0.0014), (-36.68, 4.02, -0.57)),
    "M2": ((1.0004, -0.0373, 0.0002), (-2.14,)),
    "K2": ((1.0241, 0.2863, 0.0083, -0.0015), (-17.74, 0.68, -0.04)),
}
#: Which constituents, how often, a constituent's correction is made of; without one there is none.
_MADE_OF: Mapping[str, Mapping[str, int]] = {
    **{name: {name: 1} for name in _SERIES},
    **{name: {"O1": 1} for name in ("2Q1", "Q1", "RHO1")},
    **{name: {"M2": 1} for name in ("2N2", "MU2", "N2", "NU2", "LAM2", "MS4")},
    "MSF": {"M2": -1},
    "2SM2": {"M2": -1},
    "MK3": {"M2": 1, "K1": 1},
    "2MK3": {"M2": 2, "K1": -1},
    "MN4": {"M2": 2},
    "M4": {"M2": 2},
    "M6": {"M2": 3},
    "M8": {"M2": 4},
}
_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)


class NodalCorrection(NamedTuple):
    """Factor on the amplitude, and what is added to the argument, degrees."""

    f: float
    u_deg: float


def equilibrium_deg(name: str, at: datetime) -> float:
    """
    Return the equilibrium argument ``V`` of a constituent at Greenwich, degrees in [0, 360).

    Raises
    ------
    InvalidQuantityError
        If the constituent is not in ``ARGUMENTS``, or the time names no zone.
    """
    at = _universal(at)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    hours = (at - midnight).total_seconds() / 3600.0
    s, h, p, _, p1 = _longitudes_deg(at)
    *counts, phase = _argument(name)
    angles = (15.0 * hours, s, h, p, p1)
    return (math.fsum(c * a for c, a in zip(counts, angles, strict=True)) + phase) % 360.0


def nodal(name: str, at: datetime) -> NodalCorrection:
    """
    Return the nodal correction of a constituent; the same for weeks around *at*.

    Raises
    ------
    InvalidQuantityError
        As :func:`equilibrium_deg`.
    """
    at = _universal(at)
    _argument(name)
    _, _, p, node, _ = _longitudes_deg(at)
    if name.upper() == "L2":
        return _of_l2(math.radians(p), math.radians(node))
    f, u = 1.0, 0.0
    for base, count in _MADE_OF.get(name.upper(), {}).items():
        cosines, sines = _SERIES[base]
        factor = sum(c * math.cos(k * math.radians(node)) for k, c in enumerate(cosines))
        f *= factor ** abs(count)
        u += count * sum(c * math.sin((k + 1) * math.radians(node)) for k, c in enumerate(sines))
    return NodalCorrection(f, u)


def _of_l2(p: float, node: float) -> NodalCorrection:
    """Return the correction of L2, which depends on the perigee too (same source)."""
    terms = (
        (-0.2505, 2 * p),
        (-0.1102, 2 * p - node),
        (-0.0156, 2 * p - 2 * node),
        (-0.0370, node),
    )
    east = 1.0 + sum(a * math.cos(x) for a, x in terms)
    north = sum(a * math.sin(x) for a, x in terms)
    return NodalCorrection(math.hypot(east, north), math.degrees(math.atan2(north, east)))


def _longitudes_deg(at: datetime) -> tuple[float, float, float, float, float]:
    """
    Return s, h, p, N and p1, degrees.

    Mean longitudes of moon, sun, lunar perigee, ascending node and solar perigee (Meeus 1998,
    Astronomical Algorithms, equations 25.2, 47.1, 47.7 and chapter 25).
    """
    t = (at - _J2000).total_seconds() / (86400.0 * 36525.0)
    return (
        218.3164477 + t * (481267.88123421 - t * 0.0015786),
        280.46646 + t * (36000.76983 + t * 0.0003032),
        83.3532465 + t * (4069.0137287 - t * 0.0103200),
        125.0445479 + t * (-1934.1362891 + t * 0.0020754),
        282.93735 + t * (1.71946 + t * 0.00046),
    )


def _argument(name: str) -> tuple[int, int, int, int, int, int]:
    if name.upper() not in ARGUMENTS:
        raise InvalidQuantityError(
            "the equilibrium argument of this constituent is not known",
            where="tidal constituent",
            value=name,
            remedy=f"Leave it out if it is small, or give its phase at a reference time. "
            f"Known are {', '.join(ARGUMENTS)}.",
        )
    return ARGUMENTS[name.upper()]


def _universal(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise InvalidQuantityError("a time needs its zone", where="tide", value=at.isoformat())
    return at.astimezone(UTC)
