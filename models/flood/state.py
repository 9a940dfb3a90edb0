"""Everything that a checkpoint of the flood must hold."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["FloodState", "SolverState"]


@dataclass(slots=True, kw_only=True)
class SolverState:
    """
    What the state of every solver holds; a solver restored from its own continues bit for bit.

    Parameters
    ----------
    time_s
        Simulated time.
    last_sample_s
        Time of the last sample of the statistics.
    smallest_step_s
        Smallest time step of the last window.
    steps
        Steps so far.
    initial_m3
        Volume at the start.
    terms_m
        Ledger over the cell area, m; which terms, the solver says.
    depth_m
        Depth, shape (rows, columns).
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
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Self:
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
                remedy="It was written by another solver or version, or is torn.",
            )
        values = {
            each.name: arrays[each.name].item()
            if arrays[each.name].ndim == 0
            else np.array(arrays[each.name], dtype=np.float64)
            for each in fields(cls)
        }
        return cls(**values)  # type: ignore[arg-type]  # by name, checked above

    def require_shapes(self, shapes: Mapping[str, tuple[int, ...]], other: str) -> None:
        """
        Check that arrays have the *shapes* of a solver.

        Raises
        ------
        InvalidQuantityError
            If one has not, saying that the state belongs to *other*.
        """
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise InvalidQuantityError(
                    f"the state belongs to {other}; this one needs {shape}",
                    where=f"flood state {name}",
                    value=getattr(self, name).shape,
                )


@dataclass(slots=True, kw_only=True)
class FloodState(SolverState):
    """
    The state of the inertial solver.

    ``terms_m`` are rain, level in, level out, outflow through open edges, in and out through
    links, inflow, abstraction.

    Parameters
    ----------
    discharge_x_m2_s
        Eastward discharge per width through western faces, shape (rows, columns + 1).
    discharge_y_m2_s
        Southward discharge per width through northern faces, shape (rows + 1, columns).
    channel_volume_m3, channel_discharge_m3_s
        Water below the bank in each cell of a channel, shape (nodes,), and discharges of reaches
        and open ends; without size where there are no channels.
    """

    discharge_x_m2_s: NDArray[np.float64]
    discharge_y_m2_s: NDArray[np.float64]
    channel_volume_m3: NDArray[np.float64]
    channel_discharge_m3_s: NDArray[np.float64]
