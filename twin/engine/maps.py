"""The maps that a run leaves behind: maxima, classes of hazard, and what was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.flood.hazard import aidr_class, defra_class
from twin.store.grids import DURATION_OVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from twin.engine.flooding import Flooding

__all__ = ["final_maps"]

#: Largest depth up to which a cell counts as dry in classes, m: a film of rain is no flood.
_DRY_M = 0.01


def final_maps(flooding: Flooding, hazard_limits: Sequence[float]) -> dict[str, NDArray[Any]]:
    """
    Return every map by its name in ``twin.store.grids.FIELDS``, shape (rows, columns).

    Parameters
    ----------
    flooding
        The flood at the end of the run.
    hazard_limits
        Hazard ratings that part the four classes of DEFRA (2006).
    """
    solver, losses = flooding.solver, flooding.forcing.losses
    some, most, everyone = hazard_limits
    product = solver.max_depth_speed_m2_s
    worst = aidr_class(solver.max_depth_m, solver.max_speed_m_s, product)
    maps: dict[str, NDArray[Any]] = {
        "max_depth": solver.max_depth_m,
        "max_speed": solver.max_speed_m_s,
        "max_hazard": solver.max_hazard,
        "hazard_class": defra_class(solver.max_hazard, limits=(some, most, everyone)),
        "max_product": product,
        "aidr_class": np.where(solver.max_depth_m <= _DRY_M, 0, worst).astype(np.int8),
        "arrival_time": solver.arrival_s,
        "duration": solver.duration_s,
        "time_of_max": solver.time_of_max_s,
        "limiting_steps": solver.limiting_steps.astype(np.int32),
    }
    watch = flooding.watch
    if watch is not None:
        for threshold, seconds in zip(watch.thresholds_m, watch.seconds, strict=True):
            maps[f"{DURATION_OVER}{threshold:g}m"] = seconds
    if losses is not None:
        maps["infiltration"] = losses.infiltrated_m
        maps["evaporation"] = losses.evaporated_m
    return maps
