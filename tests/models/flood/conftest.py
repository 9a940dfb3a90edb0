"""Small floods for the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from models.flood import FloodDomain, FloodParameters, FloodSolver
from models.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from models.flood.structures import Structures


@pytest.fixture(scope="session")
def flood() -> Callable[..., FloodSolver]:
    """Return a maker of solvers."""

    def make(
        bed_m: NDArray[np.float64],
        depth_m: NDArray[np.float64] | None = None,
        *,
        cell_size_m: float = 10.0,
        manning: float | NDArray[np.float64] = 0.03,
        level_zone: NDArray[np.int16] | None = None,
        open_edge: NDArray[np.bool_] | None = None,
        structures: Structures | None = None,
        **parameters: Any,
    ) -> FloodSolver:
        rows, columns = bed_m.shape
        grid = Grid(west_m=0.0, north_m=0.0, cell_size_m=cell_size_m, rows=rows, columns=columns)
        domain = FloodDomain(
            grid=grid,
            bed_m=bed_m,
            manning=np.broadcast_to(np.asarray(manning, float), bed_m.shape).copy(),
            level_zone=level_zone,
            open_edge=open_edge,
        )
        return FloodSolver(
            domain,
            FloodParameters(cell_size_m=cell_size_m, **parameters),
            initial_depth_m=depth_m,
            structures=structures,
        )

    return make
