"""
Exchange between street and manhole.

Symbols
-------
H       level of the water in the street, m (the ground where it is dry)
P       head in the manhole, m
z       crest over which water passes, m
w, A    length of the weir, m, and area of the opening, m²
cw, co  coefficients of weir and orifice
Ql      net flow into the manhole from its pipes, m³/s
As, An  area of the water in the street and in the manhole, m²
q       exchange, m³/s, positive into the drains

One expression covers the free weir, the drowned weir and the orifice, in both directions:

    q = sqrt(2 g (U - max(D, z))) min(2/3 cw w (U - z), co A),     U = max(H, P), D = min(H, P)

With D below z it is the free weir of Rubinato et al. (2017, eq. 2); where the opening is drowned
it is their orifice (eqs. 4 and 5); in between it is the drowned weir of Chen et al. (2007, eq. 4),
which joins both without a jump. It grows with H and falls with P, so that

    q = f(H - q dt / As, P + (q + Ql) dt / An)

has one solution, which never carries the two levels past each other.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from models.compile import kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["SMALLEST_M3_S", "exchange_discharge", "exchange_discharges", "implicit_discharge"]

#: SWMM drops lateral inflows below 1e-5 cubic feet a second (its FLOW_TOL); so do we, on our side
#: of the books.
SMALLEST_M3_S = 1.0e-6


@kernel
def exchange_discharge(
    H: float, P: float, z: float, w: float, A: float, cw: float, co: float, g: float
) -> float:
    """Return the exchange at levels *H* and *P*, m³/s."""
    U = max(H, P)
    d = U - z
    if d <= 0.0:
        return 0.0
    drop = U - max(min(H, P), z)
    if drop <= 0.0:
        return 0.0
    q = sqrt(2.0 * g * drop) * min(2.0 / 3.0 * cw * w * d, co * A)
    return q if H > P else -q


@kernel
def implicit_discharge(
    H: float,
    P: float,
    z: float,
    w: float,
    A: float,
    cw: float,
    co: float,
    g: float,
    Ql: float,
    As: float,
    An: float,
    dt: float,
) -> float:
    """Return the exchange that agrees with the levels to which it leads, m³/s."""
    start = exchange_discharge(H, P + Ql * dt / An, z, w, A, cw, co, g)
    if start == 0.0:
        return 0.0
    low, high = min(0.0, start), max(0.0, start)
    for _ in range(60):
        q = 0.5 * (low + high)
        f = exchange_discharge(H - q * dt / As, P + (q + Ql) * dt / An, z, w, A, cw, co, g)
        if q < f:
            low = q
        else:
            high = q
    # The end nearer to zero: levels meet, and do not cross.
    return low if start > 0.0 else high


@kernel
def exchange_discharges(
    active: IntArray,
    level: FloatArray,
    spare: FloatArray,
    head: FloatArray,
    links: FloatArray,
    before: FloatArray,
    cell: IntArray,
    share: FloatArray,
    crest: FloatArray,
    weir: FloatArray,
    opening: FloatArray,
    cw: float,
    co: float,
    g: float,
    cell_area: FloatArray,
    node_area: FloatArray,
    dt: float,
    q: FloatArray,
) -> None:
    """
    Fill *q* with the exchange of every active node over one step.

    Water enters the drains as far as the street has some to spare; *before* is the exchange at
    the start of the step, because SWMM lets a lateral inflow change straight over it.
    """
    for k in range(active.size):
        i = active[k]
        c = cell[i]
        x = implicit_discharge(
            level[c], head[i], crest[i], weir[i], opening[i], cw, co, g, links[i],
            cell_area[c] / share[c], node_area[i], dt,
        )  # fmt: skip
        x = min(x, max(0.0, 2.0 * spare[c] / (share[c] * dt) - before[i]))
        q[i] = x if abs(x) >= SMALLEST_M3_S else 0.0
