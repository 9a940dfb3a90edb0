"""
Discharge of single structures, as scalar kernels that others call at every time step.

Per unit width (m²/s) for what spans a face of the grid, or as a whole (m³/s) for culverts, pipes
and pumps. Upstream is always the side of the higher level; signs and directions belong to
:mod:`models.flood.links`.

==========  ==================================================================  =======
symbol      meaning                                                             unit
==========  ==================================================================  =======
q, Q        discharge per unit width, and of a whole structure                  m²/s, m³/s
h1, h2      upstream and downstream level above a crest or sill                 m
a           height of the opening under a gate                                  m
D, B, L     height (diameter), width and length of a barrel                     m
n, ke, kx   Manning's n, loss coefficients of entrance and exit                 s/m^⅓, 1
y, yc       depth in a barrel, critical depth                                   m
g           acceleration of gravity                                             m/s²
==========  ==================================================================  =======

Sources
-------
- Broad-crested weir: critical flow over the crest, ``q = (2/3)^1.5 √g h1^1.5``, drowned where
  ``h2 > 2/3 h1``: ``q = h2 √(2 g (h1 - h2))`` (Bélanger's theory; Henderson 1966, Open Channel
  Flow, sec. 6.6). The two meet at ``h2 = 2/3 h1``.
- Sharp-crested weir: ``q = 2/3 Cd √(2g) h1^1.5``, ``Cd = 0.611 + 0.075 h1/P`` (Rehbock 1929; Chow
  1959, Open-Channel Hydraulics, eq. 14-3, valid to ``h1/P = 5``); drowned after Villemonte (1947),
  Engineering News-Record 139: ``q = q_free (1 - (h2/h1)^1.5)^0.385``.
- Sluice gate: energy with a jet of thickness ``Cc a``, ``Cc = 0.61``:
  ``q = y1 Cc a √(2 g / (y1 + Cc a))`` (Henderson 1966, sec. 6.3); drowned by the factor of Swamee
  (1992), J. Irrig. Drain. Eng. 118(1), eq. 7, which fits the curves of Henry (1950).
- Culverts: FHWA (2012), HDS-5, 3rd ed., appendix A, eqs. A.1 to A.3 (inlet control), and the
  energy equation 3.6 (outlet control). Where the inlet is not submerged the barrel flows partly
  full: depth at the outlet is the greater of tailwater and critical depth, and losses are those
  of that depth (Deltares, D-Flow FM Technical Reference, culverts).
"""

# ruff: noqa: PLR0917 - numba compiles no keywords
# mypy: disable-error-code="no-any-return"
# (numpy's functions of one number are not typed)

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.compile import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F8 = NDArray[np.float64]

__all__ = [
    "CONTRACTION",
    "HDS5_SI",
    "barrel_area_m2",
    "broad_crested_weir",
    "critical_discharge",
    "culvert_discharge",
    "full_pipe_discharge",
    "inlet_control",
    "outlet_control",
    "pump_discharge",
    "sharp_crested_weir",
    "sluice_gate",
]

#: Contraction of the jet under a vertical sluice gate (Henderson 1966, sec. 6.3).
CONTRACTION = 0.61
#: ``Ku`` of HDS-5 for SI units.
HDS5_SI = 1.811
#: ``Q / (A √D)`` up to which the inlet is not submerged, and from which it is, SI (HDS-5, A.1).
_UNSUBMERGED = 1.93
_SUBMERGED = 2.21
#: ``Ks`` of HDS-5 for inlets that are not mitred.
_SLOPE_CORRECTION = -0.5
#: Bisections of a depth in a barrel: to 1e-9 of its height.
_HALVINGS = 30
#: Ratio of upstream head to height of the weir up to which Rehbock's coefficient holds.
_REHBOCK_LIMIT = 5.0
#: Headwater over the height of a barrel at which its inlet begins to be, and is, submerged.
_CROWN = 1.0
_DROWNED = 1.2


@kernel
def broad_crested_weir(h1: float, h2: float, g: float) -> float:
    """Return q over a broad crest; ``h1`` ≥ ``h2``, levels above the crest."""
    if h1 <= 0.0:
        return 0.0
    if h2 <= h1 * (2.0 / 3.0):
        x = h1 * (2.0 / 3.0)
        return x * np.sqrt(g * x)
    return h2 * np.sqrt(2.0 * g * max(h1 - h2, 0.0))


@kernel
def sharp_crested_weir(h1: float, h2: float, p: float, g: float) -> float:
    """Return q over a thin wall that stands ``p`` above the bed upstream; ``h1`` ≥ ``h2``."""
    if h1 <= 0.0:
        return 0.0
    ratio = min(h1 / p, _REHBOCK_LIMIT) if p > 0.0 else _REHBOCK_LIMIT
    free = (2.0 / 3.0) * (0.611 + 0.075 * ratio) * np.sqrt(2.0 * g * h1) * h1
    if h2 <= 0.0:
        return free
    x = min(h2 / h1, 1.0)
    return free * (1.0 - x * np.sqrt(x)) ** 0.385


@kernel
def sluice_gate(h1: float, h2: float, a: float, g: float) -> float:
    """
    Return q under a vertical gate lifted by ``a`` above its sill; ``h1`` ≥ ``h2`` above the sill.

    Where the lip is out of the water, or barely in it, the flow is that over the sill.
    """
    if h1 <= 0.0 or a <= 0.0:
        return 0.0
    over_sill = broad_crested_weir(h1, h2, g)
    if h1 <= a:
        return over_sill
    w = CONTRACTION * a
    q = h1 * w * np.sqrt(2.0 * g / (h1 + w))
    if h2 > 0.0:
        limit = 0.81 * h2 * (h2 / a) ** 0.72
        if h1 < limit:
            head = max(h1 - h2, 0.0) ** 0.7
            q *= head / (0.32 * (limit - h1) ** 0.7 + head)
    return min(q, over_sill)


@kernel
def barrel_area_m2(y: float, d: float, b: float, circular: bool) -> float:
    """Return the area of flow at depth ``y`` in a barrel of height ``d`` and width ``b``."""
    if y <= 0.0:
        return 0.0
    if not circular:
        return b * min(y, d)
    if y >= d:
        return 0.25 * np.pi * d * d
    half = np.arccos(1.0 - 2.0 * y / d)
    return 0.25 * d * d * (half - np.sin(half) * np.cos(half))


@kernel
def _hydraulic_radius(y: float, d: float, b: float, circular: bool) -> float:
    area = barrel_area_m2(y, d, b, circular)
    if circular:
        half = np.pi if y >= d else np.arccos(1.0 - 2.0 * max(y, 0.0) / d)
        return area / max(half * d, 1e-12)
    wetted = 2.0 * (b + d) if y >= d else b + 2.0 * y
    return area / wetted


@kernel
def _surface_width(y: float, d: float, b: float, circular: bool) -> float:
    if not circular:
        return b
    return 2.0 * np.sqrt(max(y * (d - y), 0.0))


@kernel
def critical_discharge(yc: float, d: float, b: float, circular: bool, g: float) -> float:
    """Return the Q whose critical depth in the barrel is ``yc``: ``√(g A³ / T)``."""
    if yc <= 0.0:
        return 0.0
    area = barrel_area_m2(yc, d, b, circular)
    width = max(_surface_width(yc, d, b, circular), 1e-9 * d)
    return area * np.sqrt(g * area / width)


@kernel
def _inlet_head(
    yc: float, d: float, b: float, circular: bool, k: float, m: float, correction: float, g: float,
) -> float:  # fmt: skip
    """Headwater above the invert that form 1 needs for the Q of critical depth ``yc``."""
    area = barrel_area_m2(yc, d, b, circular)
    q = critical_discharge(yc, d, b, circular, g)
    velocity_head = 0.5 * area / max(_surface_width(yc, d, b, circular), 1e-9 * d)
    ratio = HDS5_SI * q / (barrel_area_m2(d, d, b, circular) * np.sqrt(d))
    return yc + velocity_head + d * (k * ratio**m + correction)


@kernel
def _unsubmerged(
    hw: float, d: float, b: float, circular: bool, k: float, m: float, form: float,
    correction: float, g: float,
) -> float:  # fmt: skip
    """Q of the headwater ``hw`` above the invert by the equations for an inlet in the open."""
    full = barrel_area_m2(d, d, b, circular) * np.sqrt(d)
    if form > 1.5:
        return full / HDS5_SI * (max(hw, 0.0) / (d * k)) ** (1.0 / m)
    low = 0.0
    high = d
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if _inlet_head(middle, d, b, circular, k, m, correction, g) < hw:
            low = middle
        else:
            high = middle
    return critical_discharge(0.5 * (low + high), d, b, circular, g)


@kernel
def _unsubmerged_head(
    q: float, d: float, b: float, circular: bool, k: float, m: float, form: float,
    correction: float, g: float,
) -> float:  # fmt: skip
    """Headwater above the invert for ``q`` by the equations for an inlet in the open."""
    full = barrel_area_m2(d, d, b, circular) * np.sqrt(d)
    ratio = HDS5_SI * q / full
    if form > 1.5:
        return d * k * ratio**m
    low = 0.0
    high = d
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if critical_discharge(middle, d, b, circular, g) < q:
            low = middle
        else:
            high = middle
    yc = 0.5 * (low + high)
    area = barrel_area_m2(yc, d, b, circular)
    velocity = q / max(area, 1e-12)
    return yc + velocity * velocity / (2.0 * g) + d * (k * ratio**m + correction)


@kernel
def inlet_control(
    hw: float, slope: float, d: float, b: float, circular: bool,
    k: float, m: float, c: float, y: float, form: float, g: float,
) -> float:  # fmt: skip
    """
    Return Q of one barrel by inlet control for the headwater ``hw`` above the inlet's invert.

    HDS-5, eqs. A.1 (form 1), A.2 (form 2) and A.3 (submerged), inverted; between
    ``Q/(A√D) = 1.93`` and 2.21 the headwater is interpolated. ``form`` 0 has no inlet control.
    """
    full = barrel_area_m2(d, d, b, circular) * np.sqrt(d)
    if form < 0.5:
        return np.inf
    if hw <= 0.0:
        return 0.0
    correction = _SLOPE_CORRECTION * min(max(slope, 0.0), 0.5)
    low_q = _UNSUBMERGED * full
    low_hw = _unsubmerged_head(low_q, d, b, circular, k, m, form, correction, g)
    if hw <= low_hw:
        return min(_unsubmerged(hw, d, b, circular, k, m, form, correction, g), low_q)
    high_q = _SUBMERGED * full
    ratio = HDS5_SI * _SUBMERGED
    high_hw = max(d * (c * ratio * ratio + y + correction), low_hw)
    if hw < high_hw:
        return low_q + (high_q - low_q) * (hw - low_hw) / (high_hw - low_hw)
    return max(full / HDS5_SI * np.sqrt(max(hw / d - y - correction, 0.0) / c), high_q)


@kernel
def _resistance(
    y: float, hw: float, length: float, d: float, b: float, circular: bool, n: float,
    ke: float, kx: float, g: float,
) -> float:  # fmt: skip
    """
    Return ``2 g`` times the loss of head over Q², with depth ``y`` at the outlet of the barrel.

    Entrance and exit at the velocity of ``y``, friction at the mean of ``y`` and the inlet's depth.
    """
    area = max(barrel_area_m2(y, d, b, circular), 1e-9)
    mean = max(y, 0.5 * (y + min(hw, d)))
    r = max(_hydraulic_radius(mean, d, b, circular), 1e-9)
    inside = max(barrel_area_m2(mean, d, b, circular), 1e-9)
    return (ke + kx) / (area * area) + 2.0 * g * n * n * length / (
        r ** (4.0 / 3.0) * inside * inside
    )


@kernel
def outlet_control(
    hw: float, head: float, tw: float, d: float, b: float, circular: bool, length: float,
    n: float, ke: float, kx: float, g: float,
) -> float:  # fmt: skip
    """
    Return Q of one barrel by outlet control.

    ``hw`` is the headwater above the inlet's invert; ``head`` and ``tw`` are headwater and
    tailwater above the outlet's invert. With the inlet submerged (``hw`` ≥ 1.2 D) the barrel flows
    full, and the grade line at the outlet is the greater of ``tw`` and ``(yc + D)/2``: HDS-5,
    eq. 3.6. Below the crown it flows partly full; in between the two are blended.
    """
    if hw <= 0.0 or head <= max(tw, 0.0):
        return 0.0
    s = min(max((hw / d - _CROWN) / (_DROWNED - _CROWN), 0.0), 1.0)
    low = 0.0
    high = d
    for _ in range(_HALVINGS):
        yc = 0.5 * (low + high)
        q = critical_discharge(yc, d, b, circular, g)
        lost = _resistance(yc + (d - yc) * s, hw, length, d, b, circular, n, ke, kx, g) * q * q
        if yc + 0.5 * (d - yc) * s + lost / (2.0 * g) < head:
            low = yc
        else:
            high = yc
    free = critical_discharge(0.5 * (low + high), d, b, circular, g)
    full = low + (d - low) * s
    if low >= d * (1.0 - 1e-6):  # a box that flows full at its outlet
        resistance = _resistance(d, hw, length, d, b, circular, n, ke, kx, g)
        free = np.sqrt(2.0 * g * max(head - d, 0.0) / resistance)
    if tw <= low + 0.5 * (d - low) * s:
        return free
    # A deeper outlet lowers the losses before it lowers the flow; no tailwater adds to the flow.
    resistance = _resistance(min(max(full, tw), d), hw, length, d, b, circular, n, ke, kx, g)
    return min(free, np.sqrt(2.0 * g * (head - tw) / resistance))


@kernel
def culvert_discharge(
    up: float, down: float, invert_up: float, invert_down: float, circular: bool,
    d: float, b: float, length: float, n: float, ke: float, kx: float,
    k: float, m: float, c: float, y: float, form: float, g: float,
) -> float:  # fmt: skip
    """Return Q of one barrel from level ``up`` to level ``down``: the lesser of both controls."""
    hw = up - invert_up
    if hw <= 0.0 or up <= down:
        return 0.0
    outlet = outlet_control(
        hw, up - invert_down, down - invert_down, d, b, circular, length, n, ke, kx, g
    )
    slope = (invert_up - invert_down) / length
    return min(outlet, inlet_control(hw, slope, d, b, circular, k, m, c, y, form, g))


@kernel
def full_pipe_discharge(
    head: float, d: float, length: float, n: float, ke: float, kx: float, g: float
) -> float:
    """Return Q of a round pipe that flows full under ``head``: HDS-5, eq. 3.6."""
    if head <= 0.0:
        return 0.0
    resistance = _resistance(d, d, length, d, d, True, n, ke, kx, g)  # noqa: FBT003 - numba compiles no keywords
    return np.sqrt(2.0 * g * head / resistance)


@kernel
def pump_discharge(head: float, heads: F8, flows: F8, points: int) -> float:
    """
    Return Q against the static ``head`` by a curve of rising ``heads``.

    Straight between the points, the first flow below them, and nothing above the last one. One
    point alone is a capacity that no head reduces.
    """
    if points == 1 or head <= heads[0]:
        return flows[0]
    for i in range(1, points):
        if head <= heads[i]:
            share = (head - heads[i - 1]) / (heads[i] - heads[i - 1])
            return flows[i - 1] + (flows[i] - flows[i - 1]) * share
    return 0.0
