"""
Structures at run time: what a walled face and a link carry, at every time step.

A **walled face** is a face of the grid on which something stands: its discharge per unit width is
:func:`wall_flow`, instead of that of the open face. A **link** carries water between two cells, or
out of the domain: its discharge is :func:`link_flow`, limited by :func:`limited_volume`.

``a`` is the western or northern side of a face, or the first end of a link; positive is from ``a``
to ``b``. ``ea``, ``eb`` are water levels, ``za``, ``zb`` bed levels, m.

Kinds of walls (``wall_flow``)
    ``DYKE``: broad crest. ``opening`` is the share of the face's width, 0 to 1, that is breached
    down to ``sill``.
    ``WALL``: thin crest (wall, barrier), otherwise as ``DYKE``.
    ``GATE``: lifted by ``opening`` above ``sill``: 0 is closed, infinite is fully open. Its leaf
    is overtopped above ``crest + opening``. ``direction`` +1 or -1 lets water pass from ``a`` to
    ``b`` or back alone (flap); water over the top goes either way.
    ``BRIDGE``: ``sill`` is the soffit, ``crest`` the top of the deck or parapet: pressure flow
    under it where the soffit is under water, a weir over it.

Stability of walls: a wall never carries more than the open face would, ``|q| ≤ |q_inertial|``, nor
against its inertia. So its discharge follows the levels no faster than a long wave, and the time
step that is stable for the open water is stable for it, also where the levels are nearly equal and
the formulae of weirs grow like the square root of the difference.

Parameters of a link, one row of 16 float64
    ========  =========================================================================
    0 to 15   ``CULVERT_ROUND``, ``CULVERT_BOX``: invert a, invert b, height (diameter),
              width, length, Manning's n, entrance loss, exit loss, barrels, HDS-5 K, M,
              c, Y, form (1, 2; 0 no inlet control), direction, level outside
    0 to 15   ``PUMP``: number of points, 5 heads, 5 flows, level at which suction ends,
              lowest level of the outlet, unused, unused, level outside
    0 to 15   ``WEIR``: crest, width, 0 broad or 1 sharp, …, 14 direction, 15 level outside
    0 to 15   ``SLUICE``: sill, width, height of the hole, top of the leaf, …, 14, 15 as above
    0 to 15   ``SIPHON``: mouth a, mouth b, diameter, unused, length, Manning's n, entrance
              loss, exit loss, barrels, level of the summit, …, 14, 15 as above
    ========  =========================================================================

``opening`` is the share of the section that is open for culverts and siphons, the share of the
capacity for pumps (0 to 1, more counts as 1), the lift in m for a sluice; a weir has none.
``running`` 0 shuts any link. For an end outside the domain give ``params[15]`` as level and bed
(or NaN, which is taken for that).
"""

# ruff: noqa: PLR0917 - numba compiles no keywords
# mypy: disable-error-code="no-any-return"
# (numpy's functions of one number are not typed)

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.compile import kernel
from models.flood.hydraulics import (
    broad_crested_weir,
    culvert_discharge,
    full_pipe_discharge,
    pump_discharge,
    sharp_crested_weir,
    sluice_gate,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "BRIDGE",
    "CULVERT_BOX",
    "CULVERT_ROUND",
    "DYKE",
    "GATE",
    "PARAMETERS",
    "PUMP",
    "SIPHON",
    "SLUICE",
    "WALL",
    "WEIR",
    "limited_volume",
    "link_flow",
    "wall_flow",
]

DYKE, WALL, GATE, BRIDGE = 0, 1, 2, 3
CULVERT_ROUND, CULVERT_BOX, PUMP, WEIR, SLUICE, SIPHON = 0, 1, 2, 3, 4, 5
#: Length of the row of parameters of a link.
PARAMETERS = 16
_DIRECTION = 14
_OUTSIDE = 15
#: Above the level at which suction ends, a pump comes to its full discharge within this depth, m.
SUCTION_DEPTH_M = 0.1
#: A siphon breaks where its summit stands this far above the water, m.
SIPHON_LIFT_M = 7.0
#: Coefficient of discharge of a bridge that is under water on both sides (Bradley 1978).
DROWNED_BRIDGE = 0.8
#: Share of the difference of levels that a link may take away in one step: the levels of two cells
#: meet at one half.
_EQUAL = 0.5


@kernel
def crest_flow(
    crest: float,
    thin: bool,
    up: float,
    down: float,
    z_up: float,
    g: float,
) -> float:
    """Return the discharge over a crest from level ``up`` to level ``down``, per unit width."""
    if thin:
        return sharp_crested_weir(up - crest, down - crest, crest - z_up, g)
    return broad_crested_weir(up - crest, down - crest, g)


@kernel
def bridge_flow(
    soffit: float, deck: float, up: float, down: float, floor: float, g: float
) -> float:
    """
    Return the discharge per unit width of a bridge whose soffit is under water.

    Below it a free jet as under a sluice gate, or, if that is less, the drowned orifice
    ``0.8 a √(2 g Δh)`` (Bradley 1978, HDS-1, fig. 23); above the deck a broad-crested weir.
    """
    a = max(soffit - floor, 0.0)
    drowned = DROWNED_BRIDGE * a * np.sqrt(2.0 * g * (up - down))
    under = min(sluice_gate(up - floor, 0.0, a, g), drowned)
    top = max(deck, soffit, floor)
    return under + broad_crested_weir(up - top, down - top, g)


@kernel
def gate_flow(
    crest: float, opening: float, sill: float, floor: float, passes: bool,
    up: float, down: float, g: float,
) -> float:  # fmt: skip
    """Return the discharge under a leaf, if its direction *passes*, and over it, per unit width."""
    q = 0.0
    if passes:
        base = max(sill, floor)
        q = sluice_gate(up - base, down - base, sill + opening - base, g)
    top = max(crest + opening, floor)
    return q + broad_crested_weir(up - top, down - top, g)


@kernel
def wall_flow(  # noqa: PLR0911 - one for each way in which a face can be open
    kind: int, crest: float, opening: float, sill: float, direction: int,
    ea: float, za: float, eb: float, zb: float, q_inertial: float, g: float,
) -> float:  # fmt: skip
    """
    Return the discharge per unit width through a walled face, m²/s, from ``a`` to ``b``.

    See the module for the meaning of *crest*, *opening*, *sill* and *direction* by *kind*.
    """
    floor = max(za, zb)
    forward = ea >= eb
    up = ea if forward else eb
    down = eb if forward else ea
    z_up = za if forward else zb
    sign = 1.0 if forward else -1.0
    free = max(q_inertial * sign, 0.0)
    if kind == BRIDGE:
        if up <= sill:
            return q_inertial
        return sign * min(bridge_flow(sill, crest, up, down, floor, g), free)
    if kind == GATE:
        one_way = direction != 0
        passes = not one_way or (direction > 0) == forward
        if sill <= floor and sill + opening >= up:  # the leaf hangs above the water
            if not one_way:
                return q_inertial
            return sign * free if passes else 0.0
        return sign * min(gate_flow(crest, opening, sill, floor, passes, up, down, g), free)
    if crest <= floor:
        return q_inertial
    share = min(max(opening, 0.0), 1.0)
    q = (1.0 - share) * crest_flow(crest, kind == WALL, up, down, z_up, g)
    if share > 0.0:
        breach = crest_flow(sill, False, up, down, z_up, g)  # noqa: FBT003 - numba
        q += share * (free if sill <= floor else breach)
    return sign * min(q, free)


@kernel
def pump_flow(p: NDArray[np.float64], opening: float, ea: float, eb: float) -> float:
    """Return the discharge of a running pump: its curve, less where its inlet falls dry."""
    head = max(eb, p[12]) - ea
    suction = min(max((ea - p[11]) / SUCTION_DEPTH_M, 0.0), 1.0)
    return suction * opening * pump_discharge(head, p[1:6], p[6:11], int(p[0]))


@kernel
def gravity_flow(
    kind: int, p: NDArray[np.float64], opening: float, forward: bool, up: float, down: float,
    z_up: float, g: float,
) -> float:  # fmt: skip
    """Return the discharge of a link from its higher to its lower level, m³/s."""
    if kind == WEIR:
        return p[1] * crest_flow(p[0], p[2] > 0.5, up, down, z_up, g)
    if kind == SLUICE:
        lift = min(opening, p[2])
        q = sluice_gate(up - p[0], down - p[0], lift, g)
        return p[1] * (q + broad_crested_weir(up - p[3], down - p[3], g))
    share = min(max(opening, 0.0), 1.0) * p[8]
    invert_up = p[0] if forward else p[1]
    invert_down = p[1] if forward else p[0]
    if kind == SIPHON:
        if up <= invert_up or p[9] - up > SIPHON_LIFT_M:
            return 0.0
        head = up - max(down, invert_down)
        return share * full_pipe_discharge(head, p[2], p[4], p[5], p[6], p[7], g)
    return share * culvert_discharge(
        up, down, invert_up, invert_down, kind == CULVERT_ROUND, p[2], p[3], p[4], p[5], p[6],
        p[7], p[9], p[10], p[11], p[12], p[13], g,
    )  # fmt: skip


@kernel
def link_flow(
    kind: int, params: NDArray[np.float64], opening: float, running: int,
    ea: float, za: float, eb: float, zb: float, g: float,
) -> float:  # fmt: skip
    """
    Return the discharge of a link, m³/s, from ``a`` to ``b``, before it is limited.

    See the module for the row *params* by *kind*. NaN for a level is an end outside.
    """
    if running == 0 or (opening <= 0.0 and kind not in (SLUICE, WEIR)):
        return 0.0
    if np.isnan(ea):
        ea = params[_OUTSIDE]
        za = ea
    if np.isnan(eb):
        eb = params[_OUTSIDE]
        zb = eb
    if kind == PUMP:
        return pump_flow(params, min(opening, 1.0), ea, eb)
    forward = ea >= eb
    if params[_DIRECTION] != 0.0 and (params[_DIRECTION] > 0.0) != forward:
        return 0.0
    if forward:
        return gravity_flow(kind, params, opening, True, ea, eb, za, g)  # noqa: FBT003 - numba
    return -gravity_flow(kind, params, opening, False, eb, ea, zb, g)  # noqa: FBT003 - numba


@kernel
def limited_volume(
    kind: int, q: float, dt: float, area: float,
    ea: float, ha: float, a_computed: int, eb: float, hb: float, b_computed: int,
) -> float:  # fmt: skip
    """
    Return the volume that a link moves in one step, m³, signed as ``q``.

    Never more than the donor holds, where the donor is a computed cell; and for links that gravity
    drives at most the volume that makes the levels equal: half the difference of the levels over a
    cell between two computed cells, the whole difference where only one end is computed, no limit
    where none is. ``area`` is that of a cell, m²; ``ha``, ``hb`` are depths; ``a_computed`` and
    ``b_computed`` are 1 for cells whose depth is computed, 0 for prescribed levels and outside.
    """
    volume = abs(q) * dt
    if kind != PUMP and a_computed + b_computed > 0 and not (np.isnan(ea) or np.isnan(eb)):
        share = _EQUAL if a_computed + b_computed == 2 else 1.0
        volume = min(volume, share * abs(ea - eb) * area)
    if q >= 0.0:
        if a_computed == 1:
            volume = min(volume, ha * area)
        return volume
    if b_computed == 1:
        volume = min(volume, hb * area)
    return -volume
