"""Where the rain on roofs goes: beside the building, into a drain, or out of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type F8 = NDArray[np.float64]
    type Mask = NDArray[np.bool_]

__all__ = ["RoofRunoff", "route_roofs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoofRunoff:
    """
    How the rain of each cell is handed on; what is not kept, moved or led away does not exist.

    Parameters
    ----------
    keep
        Share of a cell's rain that stays on it, shape (rows, columns).
    away
        Share that leaves the model, shape (rows, columns).
    source, target
        Flat positions of the cells that give and get, shape (k,).
    share
        Share of the source's rain that goes to the target, shape (k,).
    """

    keep: F8
    away: F8
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    share: F8

    def route(self, rain_m_s: float | F8) -> F8:
        """Return the rain that reaches each cell, m/s, shape (rows, columns)."""
        rain = np.broadcast_to(np.asarray(rain_m_s, np.float64), self.keep.shape)
        flat = (rain * self.keep).ravel()
        moved = rain.ravel()[self.source] * self.share
        flat += np.bincount(self.target, weights=moved, minlength=flat.size)
        return flat.reshape(self.keep.shape)

    def away_m_s(self, rain_m_s: float | F8) -> float:
        """Return the rain that leaves the model, summed over the cells, m/s."""
        rain = np.broadcast_to(np.asarray(rain_m_s, np.float64), self.keep.shape)
        return float((rain * self.away).sum())


def route_roofs(
    *,
    roof_share: F8,
    blocked: Mask,
    computed: Mask,
    drain_share: float = 0.0,
    drain_to: Mask | None = None,
) -> RoofRunoff:
    """
    Hand the rain on roofs to the ground around them and to drains.

    Parameters
    ----------
    roof_share
        Share of each cell under roofs, 0 to 1, shape (rows, columns).
    blocked
        Cells that are closed by a building: all their rain goes to the four cells beside them, or
        where none of those is open, to the nearest open one.
    computed
        Cells whose depth is computed once the blocked ones are closed.
    drain_share
        Share of the rain on roofs that goes into drains, 0 to 1.
    drain_to
        Cells into which the drains run, the nearest one each; None leads the water out of the
        model.

    Raises
    ------
    InvalidQuantityError
        If the share is not one, or no cell can take the water.
    """
    if not 0.0 <= drain_share <= 1.0:
        raise InvalidQuantityError(
            "must lie between 0 and 1", where="roofs, drain share", value=drain_share
        )
    rained = computed | blocked
    drained = np.where(rained, drain_share * np.clip(roof_share, 0.0, 1.0), 0.0)
    left = np.where(rained, 1.0 - drained, 1.0)
    keep = np.where(blocked, 0.0, left)
    parts = [_beside(np.where(blocked, left, 0.0), blocked, computed)]
    away = np.zeros_like(keep)
    if drain_to is None:
        away = drained
    elif drained.any():
        if not (drain_to & computed).any():
            raise InvalidQuantityError(
                "no cell can take the water of the drains", where="roofs",
                remedy="Lead it out of the model, or choose other cells.",
            )  # fmt: skip
        parts.append(_nearest(drained, drain_to & computed))
    source, target, share = (np.concatenate(each) for each in zip(*parts, strict=True))
    return RoofRunoff(
        keep=keep, away=away, source=source.astype(np.int64), target=target.astype(np.int64),
        share=share,
    )  # fmt: skip


type _Moves = tuple[NDArray[np.int64], NDArray[np.int64], F8]


def _nearest(share: F8, takes: Mask) -> _Moves:
    """Send the share of each cell to the nearest cell that takes it."""
    source = np.flatnonzero(share)
    where = ndimage.distance_transform_edt(~takes, return_distances=False, return_indices=True)
    target = (where[0].astype(np.int64) * share.shape[1] + where[1]).ravel()[source]
    return source, target, share.ravel()[source]


def _beside(share: F8, blocked: Mask, computed: Mask) -> _Moves:
    """Send the share of each blocked cell to the open cells beside it, in equal parts."""
    rows, columns = share.shape
    padded = np.pad(computed & ~blocked, 1)
    steps = ((-1, 0), (1, 0), (0, -1), (0, 1))
    opens = [padded[1 + j : 1 + j + rows, 1 + i : 1 + i + columns] for j, i in steps]
    count = np.sum(opens, axis=0)
    inner = np.where(count == 0, share, 0.0)
    if inner.any() and not (computed & ~blocked).any():
        raise InvalidQuantityError("no open cell is left to take the rain of roofs", where="roofs")
    parts: list[_Moves] = []
    for (j, i), is_open in zip(steps, opens, strict=True):
        source = np.flatnonzero(is_open & (share > 0.0))
        parts.append(
            (source, source + j * columns + i, (share / np.maximum(count, 1)).ravel()[source])
        )
    if inner.any():
        parts.append(_nearest(inner, computed & ~blocked))
    source, target, part = (np.concatenate(each) for each in zip(*parts, strict=True))
    return source.astype(np.int64), target.astype(np.int64), part
