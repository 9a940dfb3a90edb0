"""Everything that a checkpoint of the flood must hold."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["FloodState"]


@dataclass(slots=True, kw_only=True)
class FloodState:
    """
    The state of a flood: a solver restored from it continues bit for bit.

    Parameters
    ----------
    time_s
        Simulated time.
    last_sample_s
        Time of the last sample of the statistics.
    smallest_step_s
        Smallest time step so far.
    steps
        Steps so far.
    terms_m
        Ledger over the cell area, m: rain, level in, level out, outflow through open edges, in and
        out through links, inflow, abstraction, shape (8,).
    initial_m3
        Volume at the start.
    depth_m
        Depth, shape (rows, columns).
    discharge_x_m2_s
        Eastward discharge per width through western faces, shape (rows, columns + 1).
    discharge_y_m2_s
        Southward discharge per width through northern faces, shape (rows + 1, columns).
    channel_volume_m3, channel_discharge_m3_s
        Water below the bank in each cell of a channel, shape (nodes,), and discharges of reaches
        and open ends; without size where there are no channels.
    lost_m
        Depth that was lost to the ground and the air, shape (rows, columns).
    limiting_steps
        Steps that each cell limited, shape (rows, columns).
    max_depth_m, sampled_max_depth_m, time_of_max_s, arrival_s, duration_s, max_speed_m_s,
    max_hazard, max_depth_speed_m2_s
        Running statistics, shape (rows, columns).
    """

    time_s: float
    last_sample_s: float
    smallest_step_s: float
    steps: int
    initial_m3: float
    terms_m: NDArray[np.float64]
    depth_m: NDArray[np.float64]
    discharge_x_m2_s: NDArray[np.float64]
    discharge_y_m2_s: NDArray[np.float64]
    channel_volume_m3: NDArray[np.float64]
    channel_discharge_m3_s: NDArray[np.float64]
    lost_m: NDArray[np.float64]
    limiting_steps: NDArray[np.float64]
    max_depth_m: NDArray[np.float64]
    sampled_max_depth_m: NDArray[np.float64]
    time_of_max_s: NDArray[np.float64]
    arrival_s: NDArray[np.float64]
    duration_s: NDArray[np.float64]
    max_speed_m_s: NDArray[np.float64]
    max_hazard: NDArray[np.float64]
    max_depth_speed_m2_s: NDArray[np.float64]

    def to_arrays(self) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
        """Return every field as an array, numbers as arrays without dimensions."""
        return {each.name: np.asarray(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> FloodState:
        """
        Build a state from what :meth:`to_arrays` returned.

        Raises
        ------
        InvalidQuantityError
            If an array is missing.
        """
        missing = [each.name for each in fields(cls) if each.name not in arrays]
        if missing:
            raise InvalidQuantityError(
                "a checkpoint of the flood lacks arrays",
                value=missing,
                remedy="It was written by another version, or is torn.",
            )
        values = {
            each.name: arrays[each.name].item()
            if arrays[each.name].ndim == 0
            else np.array(arrays[each.name], dtype=np.float64)
            for each in fields(cls)
        }
        return cls(**values)  # type: ignore[arg-type]  # by name, checked above
