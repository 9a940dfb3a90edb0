"""Everything that a checkpoint of the finite volumes must hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.flood.state import SolverState

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FiniteVolumeState"]


@dataclass(slots=True, kw_only=True)
class FiniteVolumeState(SolverState):
    """
    The state of the finite volumes.

    ``terms_m`` are rain, level in, level out, outflow through open edges, inflow, abstraction.

    Parameters
    ----------
    velocity_x_m_s, velocity_y_m_s
        Eastward and southward velocity, shape (rows, columns).
    """

    velocity_x_m_s: NDArray[np.float64]
    velocity_y_m_s: NDArray[np.float64]
