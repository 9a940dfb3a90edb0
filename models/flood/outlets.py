"""
Water that leaves over a boundary: rating curves and normal depth, window by window.

The solver takes a discharge that is constant over a window, while the discharge of a boundary
follows the level at its cells: a feedback with a delay. It stays below one cycle of gain as long
as ``T Q'(h) <= A``, with the area ``A`` of the cells, and it takes energy out of every wave with a
period above some six windows: at windows of half the time in which a wave crosses a cell, out of
every wave that the grid can carry. The caller takes such windows where it can. Where a window must
be longer (between exchanges with drains), :func:`relaxed` moves the discharge only part of the
way. The fixed point is the curve itself in both cases, so the steady level is exact.

What was tried and is worse: windows of two crossings with a linearly implicit share
``1 / (1 + T Q' / A)``, in which waves of two windows' period grew in short channels; and a share of
what arrives by the balance of the cells, which is right for a tank and lets a channel swing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type F8 = NDArray[np.float64]

__all__ = ["RatingCurve", "conveyance", "filled_conveyance", "normal_discharge", "relaxed"]

#: Half the rise of the level over which the slope of a curve is taken, m.
_RISE_M = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingCurve:
    """
    Discharge by level: points, straight between them, or ``a (level - zero_level_m) ^ b``.

    Above the last point the last slope goes on; below the first nothing flows.

    Parameters
    ----------
    levels_m, discharges_m3_s
        Points, levels rising, discharges not falling and 0 at the first; shape (n,), n ≥ 2, or
        empty.
    factor, exponent, zero_level_m
        ``a``, ``b`` and the level of no flow, where there are no points.

    Raises
    ------
    InvalidQuantityError
        If the points are no such curve, or a number is not positive.
    """

    levels_m: F8
    discharges_m3_s: F8
    factor: float = 0.0
    exponent: float = 1.0
    zero_level_m: float = 0.0

    @classmethod
    def power(cls, factor: float, exponent: float, zero_level_m: float) -> RatingCurve:
        """Return ``factor (level - zero_level_m) ^ exponent``."""
        none = np.empty(0)
        return cls(
            levels_m=none, discharges_m3_s=none, factor=factor, exponent=exponent,
            zero_level_m=zero_level_m,
        )  # fmt: skip

    def __post_init__(self) -> None:
        levels, flows = self.levels_m, self.discharges_m3_s
        if levels.size == 0 and flows.size == 0:
            for name in ("factor", "exponent"):
                if not 0.0 < getattr(self, name) < 1.0e9:
                    raise InvalidQuantityError(
                        "must be positive", where=f"rating curve, {name}", value=getattr(self, name)
                    )
            return
        where = "rating curve"
        if levels.shape != flows.shape or levels.ndim != 1 or levels.size < 2:
            raise InvalidQuantityError(
                "needs as many discharges as levels, and at least two",
                where=where,
                value=(levels.shape, flows.shape),
            )
        if not (np.isfinite(levels).all() and np.isfinite(flows).all()):
            raise InvalidQuantityError("a point is not finite", where=where)
        if not (np.diff(levels) > 0.0).all() or not (np.diff(flows) >= 0.0).all():
            raise InvalidQuantityError(
                "levels must rise, and discharges must not fall", where=where,
                value=(levels.tolist()[:8], flows.tolist()[:8]),
            )  # fmt: skip
        if flows[0] != 0.0 or flows[-1] <= 0.0:
            raise InvalidQuantityError(
                "the first discharge must be 0, and the last above it",
                where=where,
                value=(float(flows[0]), float(flows[-1])),
                remedy="Begin with the level at which the flow ceases.",
            )

    @property
    def lowest_m(self) -> float:
        """Level at which the flow ceases, m."""
        if self.levels_m.size == 0:
            return self.zero_level_m
        return float(self.levels_m[int(np.flatnonzero(self.discharges_m3_s > 0.0)[0]) - 1])

    @property
    def highest_m(self) -> float:
        """Last level that is given, m; infinite for a power."""
        return float(self.levels_m[-1]) if self.levels_m.size else float("inf")

    def discharge_m3_s(self, level_m: float) -> float:
        """Return the discharge at a level, m³/s."""
        if self.levels_m.size == 0:
            return float(self.factor * max(level_m - self.zero_level_m, 0.0) ** self.exponent)
        over = level_m - self.highest_m
        if over > 0.0:
            rise = self.discharges_m3_s[-1] - self.discharges_m3_s[-2]
            return float(
                self.discharges_m3_s[-1] + over * rise / (self.levels_m[-1] - self.levels_m[-2])
            )
        return float(np.interp(level_m, self.levels_m, self.discharges_m3_s))

    def slope_m2_s(self, level_m: float) -> float:
        """Return how fast the discharge grows with the level, m²/s, over two centimetres."""
        above, below = level_m + _RISE_M, level_m - _RISE_M
        return (self.discharge_m3_s(above) - self.discharge_m3_s(below)) / (2.0 * _RISE_M)


def normal_discharge(
    depth_m: F8, manning: F8, slope: float, width_m: float, gravity_m_s2: float
) -> F8:
    """
    Return the discharge of uniform flow by Manning in each cell, m³/s, at most critical.

    Parameters
    ----------
    depth_m, manning
        Shape (n,).
    slope
        Slope of the energy line.
    width_m
        Width of a cell.
    gravity_m_s2
        Acceleration of gravity.
    """
    h = np.maximum(depth_m, 0.0)
    uniform = h ** (5.0 / 3.0) * np.sqrt(slope) / manning
    return np.asarray(width_m * np.minimum(uniform, h * np.sqrt(gravity_m_s2 * h)))


def conveyance(depth_m: F8, manning: F8, least_m: float) -> F8:
    """Return the share of each cell in the conveyance ``h^(5/3) / n``; 0 where none is wet."""
    weight = np.where(depth_m > least_m, depth_m, 0.0) ** (5.0 / 3.0) / manning
    total = float(weight.sum())
    return weight / total if total > 0.0 else weight


def filled_conveyance(bed_m: F8, depth_m: F8, manning: F8, least_m: float) -> F8:
    """
    Return the share of each cell under one level: how a discharge spreads over a cross-section.

    The level is that of the deepest water, and at least 0.3 m above the lowest bed, so that a dry
    channel takes the water in its bed and not on its banks.

    Parameters
    ----------
    bed_m, depth_m, manning
        Shape (n,).
    least_m
        Depth from which a cell counts as wet.
    """
    level_m = float(bed_m.min()) + 0.3
    deepest = int(np.argmax(depth_m))
    if depth_m[deepest] > least_m:
        level_m = max(level_m, float(bed_m[deepest] + depth_m[deepest]))
    return conveyance(level_m - bed_m, manning, 0.0)


def relaxed(before: F8, wanted: F8, slope: F8, area_m2: F8 | float, window_s: float) -> F8:
    """
    Return the discharge of a window: *before*, moved towards *wanted*, m³/s.

    Parameters
    ----------
    before
        What left on average in the window before, m³/s.
    wanted
        What the level at the start of the window asks for, m³/s; where nothing, nothing leaves.
    slope
        How fast that grows with the level, m²/s.
    area_m2
        Area of the cells that the water leaves.
    window_s
        Length of the window.
    """
    share = 1.0 / np.maximum(1.0, window_s * np.maximum(slope, 0.0) / area_m2)
    return np.where(wanted > 0.0, before + share * (wanted - before), 0.0)
