"""
How kernels are compiled.

One place decides: machine code is cached on disk, division by zero gives infinity as in numpy
instead of an exception, and no fast-math is allowed, so that the same input gives the same bytes
for any number of threads.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

# Threads of a kernel meet several times a step. Where other work shares the processors, a thread
# that spins while it waits takes the time of the one it waits for. Read once, by OpenMP.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numba as nb

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["kernel", "parallel_kernel"]


def kernel[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Compile *function* for one thread."""
    compiled = nb.njit(cache=True, error_model="numpy", nogil=True)(function)
    return cast("Callable[P, R]", compiled)


def parallel_kernel[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Compile *function* with its ``prange`` loops spread over threads."""
    compiled = nb.njit(cache=True, error_model="numpy", nogil=True, parallel=True)(function)
    return cast("Callable[P, R]", compiled)
