"""The same wet problem through other solvers of the local inertial equations."""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["itzi_rate", "landlab_rate"]

FloatArray = "NDArray[np.float64]"


def _rate(step: Callable[[], None], *, cells: int, steps: int, repeat: int) -> float:
    """Return cell-steps per second of the second repetition, or of the only one."""
    step()  # compiles, and allocates
    seconds = []
    for _ in range(repeat):
        begin = time.perf_counter()
        for _ in range(steps):
            step()
        seconds.append(time.perf_counter() - begin)
    return cells * steps / seconds[min(1, repeat - 1)]


def landlab_rate(
    bed_m: NDArray[np.float64],
    depth_m: NDArray[np.float64],
    *,
    cell_size_m: float,
    manning: float,
    steps: int,
    repeat: int,
) -> float | None:
    """Return cell-steps per second of landlab's OverlandFlow (de Almeida), or None if absent."""
    try:
        landlab = import_module("landlab")
        components = import_module("landlab.components")
    except ImportError:
        return None
    grid = landlab.RasterModelGrid(bed_m.shape, xy_spacing=cell_size_m)
    grid.set_closed_boundaries_at_grid_edges(True, True, True, True)  # noqa: FBT003 - its signature
    grid.add_field("topographic__elevation", bed_m.ravel().copy(), at="node")
    grid.add_field("surface_water__depth", depth_m.ravel().copy(), at="node")
    flow = components.OverlandFlow(grid, mannings_n=manning, theta=0.9, alpha=0.7)

    def step() -> None:
        flow.overland_flow(dt=flow.calc_time_step())

    return _rate(step, cells=bed_m.size, steps=steps, repeat=repeat)


def itzi_rate(
    bed_m: NDArray[np.float64],
    depth_m: NDArray[np.float64],
    *,
    cell_size_m: float,
    manning: float,
    steps: int,
    repeat: int,
) -> float | None:
    """Return cell-steps per second of itzi-core's surface flow, or None if absent."""
    try:
        domains = import_module("itzi_core.rasterdomain")
        flows = import_module("itzi_core.surfaceflow")
        containers = import_module("itzi_core.data_containers")
    except ImportError:
        return None
    domain: Any = domains.RasterDomain(
        np.float64, np.zeros(bed_m.shape, dtype=bool), (cell_size_m, cell_size_m)
    )
    domain.update_array("ground_elevation", bed_m.copy())
    domain.update_array("friction", np.full(bed_m.shape, manning))
    domain.update_array("water_depth", depth_m.copy())
    parameters = containers.SurfaceFlowParameters(cfl=0.7, theta=0.9, g=9.81, dtmax=60.0)
    flow: Any = flows.SurfaceFlowSimulation(domain, parameters)

    def step() -> None:
        flow.solve_dt()
        flow.step()

    return _rate(step, cells=bed_m.size, steps=steps, repeat=repeat)
