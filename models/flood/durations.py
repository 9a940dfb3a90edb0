"""How long water stood over several depths, from its depth at moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb

from models.compile import parallel_kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["add_durations"]


@parallel_kernel
def add_durations(
    before_m: NDArray[np.float64],
    now_m: NDArray[np.float64],
    thresholds_m: NDArray[np.float64],
    half_s: float,
    seconds: NDArray[np.float32],
) -> None:
    """
    Add *half_s* to *seconds* for each end of an interval at which a depth is reached.

    The end of this interval is the beginning of the next: *before_m* becomes *now_m*.

    Parameters
    ----------
    before_m, now_m
        Depth at the two ends, m, shape (rows, columns).
    thresholds_m
        Depths, rising, m, shape (k,).
    half_s
        Half the length of the interval, s.
    seconds
        Changed in place, shape (k, rows, columns).
    """
    rows, columns = before_m.shape
    for j in nb.prange(rows):
        for i in range(columns):
            for k in range(thresholds_m.size):
                ends = (before_m[j, i] >= thresholds_m[k]) + (now_m[j, i] >= thresholds_m[k])
                if ends == 0:
                    break
                seconds[k, j, i] += half_s * ends
            before_m[j, i] = now_m[j, i]
