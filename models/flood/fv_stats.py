"""Statistics that the finite volumes keep while the water moves."""

# mypy: disable-error-code="arg-type,return-value,call-arg,var-annotated,unreachable,assignment"
# mypy: disable-error-code="no-untyped-call"
# (numba's integers and intrinsics are not what Python's type system takes them for)
# ruff: noqa: PLR0917 - kernels take many arrays by position: numba compiles no keywords

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models.compile import kernel
from models.flood.kernels import bits
from models.flood.sampling import NOTABLE_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.sampling import Sampling

    F8 = NDArray[np.float64]
    F4 = NDArray[np.float32]
    I8 = NDArray[np.int64]
    I4 = NDArray[np.int32]
    U1 = NDArray[np.uint8]

__all__ = ["Notes", "new_notes", "note_limiting", "sample_row"]


class Notes(NamedTuple):
    """
    What is kept of each cell, in padded arrays.

    Largest depth, and the largest that a sample has seen; when; arrival and duration; largest
    speed, hazard rating, and product of depth and speed; steps that the cell limited; land class.
    """

    top: F8
    ref: F8
    when: F4
    arrival: F4
    duration: F4
    fastest: F4
    worst: F4
    product: F4
    limiting: I4
    land: U1


def new_notes(size: int, land: U1) -> Notes:
    """Return notes of *size* cells that have seen nothing yet."""
    single = [np.zeros(size, np.float32) for _ in range(6)]
    notes = Notes(np.zeros(size), np.zeros(size), *single, np.zeros(size, np.int32), land)
    notes.when[:] = np.nan
    notes.arrival[:] = np.nan
    return notes


@kernel
def sample_row(
    j: int, touched: U1, active: U1, h: F8, u: F8, v: F8, notes: Notes, w: int, t: float,
    since: float, how: Sampling,
) -> int:  # fmt: skip
    """
    Sample the cells of row ``j`` that were active since the last time; count where flow is fast.

    The hazard rating is that of DEFRA (2006), FD2321: ``h (v + 0.5) + DF``.
    """
    n = active.shape[1]
    fast = 0
    for block in range(1, n - 1):
        if touched[j * n + block] == 0:
            continue
        touched[j * n + block] = active[j, block]
        for k in range(j * w + 8 * block, j * w + 8 * block + 8):
            x = h[k]
            most = notes.top[k]
            if most > notes.ref[k]:
                notes.ref[k] = most
                if most > how.hd:
                    notes.when[k] = t
            if most >= how.arrive and np.isnan(notes.arrival[k]):
                notes.arrival[k] = t
            if x >= how.stay:
                notes.duration[k] += np.float32(since)
            if x > how.hd:
                speed = np.sqrt(u[k] * u[k] + v[k] * v[k])
                df = how.debris[notes.land[k], 0 if x <= 0.25 else (1 if x <= 0.75 else 2)]
                notes.fastest[k] = max(notes.fastest[k], np.float32(speed))
                notes.worst[k] = max(notes.worst[k], np.float32(x * (speed + 0.5) + df))
                notes.product[k] = max(notes.product[k], np.float32(x * speed))
                if x > NOTABLE_M and speed * speed > how.froude * how.froude * how.g * x:
                    fast += 1
    return fast


@kernel
def note_limiting(
    most: int, fastest: I8, low: I4, high: I4, active: U1, h: F8, u: F8, v: F8, notes: Notes,
    w: int, g: float,
) -> None:  # fmt: skip
    """Count the step for the cell that limits it: the first with the fastest wave."""
    for j in range(fastest.size):
        if fastest[j] == most:
            for block in range(low[j], high[j]):
                if active[j, block] != 0:
                    for k in range(j * w + 8 * block, j * w + 8 * block + 8):
                        if bits(np.sqrt(g * h[k]) + max(abs(u[k]), abs(v[k]))) == most:
                            notes.limiting[k] += 1
                            return
