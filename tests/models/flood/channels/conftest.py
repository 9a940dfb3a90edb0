"""Straight canals for the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from models.flood import FloodDomain, FloodParameters, FloodSolver
from models.flood.channels import Channels
from models.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SIZE_M = 20.0
ROW = 2


@pytest.fixture(scope="session")
def straight() -> Callable[..., Channels]:
    """Return a maker of straight channels along row 2, from the western rim eastwards."""

    def make(
        bed_m: NDArray[np.float64], *, width_m: float = 6.0, manning: float = 0.03, **more: Any
    ) -> Channels:
        nodes = np.arange(bed_m.size)
        reaches = np.ones(bed_m.size - 1)
        values: dict[str, Any] = {
            "node_row": np.full(bed_m.size, ROW),
            "node_column": nodes,
            "node_bed_m": bed_m,
            "reach_a": nodes[:-1],
            "reach_b": nodes[1:],
            "width_m": width_m * reaches,
            "length_m": SIZE_M * reaches,
            "manning": manning * reaches,
        }
        return Channels(**values | more)

    return make


@pytest.fixture(scope="session")
def canal() -> Callable[..., FloodSolver]:
    """Return a maker of solvers over 20 m cells with channels."""

    def make(
        bed_m: NDArray[np.float64],
        channels: Channels | None,
        *,
        level_m: NDArray[np.float64] | None = None,
        depth_m: NDArray[np.float64] | None = None,
        zone: NDArray[np.int16] | None = None,
        open_edge: NDArray[np.bool_] | None = None,
        structures: Any = None,
        manning: float = 0.03,
        **parameters: Any,
    ) -> FloodSolver:
        rows, columns = bed_m.shape
        domain = FloodDomain(
            grid=Grid(west_m=0.0, north_m=0.0, cell_size_m=SIZE_M, rows=rows, columns=columns),
            bed_m=bed_m,
            manning=np.full(bed_m.shape, manning),
            level_zone=zone,
            open_edge=open_edge,
        )
        return FloodSolver(
            domain,
            FloodParameters(cell_size_m=SIZE_M, **parameters),
            initial_depth_m=depth_m,
            structures=structures,
            channels=channels,
            channel_level_m=level_m,
        )

    return make
