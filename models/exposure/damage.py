"""From depth to the share of a building's value that is lost, with the spread that this carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["STILL_WATER_LIMITS_M", "DamageCurve", "still_water_class"]

#: Largest depth of H1 to H5 in still water, m (AIDR 2017, Guideline 7-3, table 2).
STILL_WATER_LIMITS_M = (0.3, 0.5, 1.2, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class DamageCurve:
    """
    Share of the value that is lost, by depth: straight lines between points.

    Parameters
    ----------
    name
        What it is for, such as ``residential``.
    depths_m
        Rising from 0, m.
    shares
        Of the value, in [0, 1], not falling, one for each depth; deeper water takes the last.
    spread
        How far the share may be off to either side, in [0, 1].
    source
        Where the curve comes from.

    Raises
    ------
    InvalidQuantityError
        If depths do not rise, or shares fall or leave [0, 1].
    """

    name: str
    depths_m: tuple[float, ...]
    shares: tuple[float, ...]
    spread: float = 0.0
    source: str = ""

    def __post_init__(self) -> None:
        depths, shares = np.asarray(self.depths_m, float), np.asarray(self.shares, float)
        where = f"damage curve {self.name}"
        if depths.ndim != 1 or depths.size < 2 or depths.shape != shares.shape:
            raise InvalidQuantityError(
                "a curve needs two points or more, with one share for each depth",
                where=where,
                value=(self.depths_m, self.shares),
            )
        if depths[0] != 0.0 or not (np.diff(depths) > 0.0).all() or not np.isfinite(depths).all():
            raise InvalidQuantityError("depths must rise from 0", where=where, value=self.depths_m)
        within = (shares >= 0.0).all() and (shares <= 1.0).all()
        if not within or not (np.diff(shares) >= 0.0).all():
            raise InvalidQuantityError(
                "shares must lie from 0 to 1 and never fall", where=where, value=self.shares
            )
        if not 0.0 <= self.spread <= 1.0:
            raise InvalidQuantityError(
                "the spread must lie from 0 to 1", where=where, value=self.spread
            )

    def share(self, depth_m: ArrayLike, *, side: int = 0) -> NDArray[np.float64]:
        """
        Return the share that is lost, of the shape of the depth; 0 where it is dry.

        Parameters
        ----------
        depth_m
            Depth of water, m, finite and not negative.
        side
            -1, 0 or 1: the lower end of the spread, the curve itself, or the upper end.

        Raises
        ------
        InvalidQuantityError
            If a depth is NaN, infinite or negative.
        """
        depth = np.asarray(depth_m, np.float64)
        if not (np.isfinite(depth) & (depth >= 0.0)).all():
            raise InvalidQuantityError(
                "a depth is not finite, or negative", where=f"damage curve {self.name}"
            )
        middle = np.interp(depth, self.depths_m, self.shares)
        moved = np.clip(middle + side * self.spread, 0.0, 1.0)
        return np.asarray(np.where(depth > 0.0, moved, 0.0))


def still_water_class(depth_m: ArrayLike, *, dry_below_m: float = 0.05) -> NDArray[np.int8]:
    """
    Return 0 where dry, or the class 1 to 6 (H1 to H6) of AIDR (2017) that depth alone gives.

    Moving water may be more dangerous than this, never less.

    Raises
    ------
    InvalidQuantityError
        If a depth is NaN or negative.
    """
    depth = np.asarray(depth_m, np.float64)
    if not (depth >= 0.0).all():
        raise InvalidQuantityError("a depth is NaN or negative", where="still_water_class")
    number = 1 + np.searchsorted(np.array(STILL_WATER_LIMITS_M), depth, side="left")
    return np.where(depth >= dry_below_m, number, 0).astype(np.int8)
