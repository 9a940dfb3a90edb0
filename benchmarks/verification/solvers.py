"""The one place where a case gets its solver from."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from benchmarks.verification.case import FINITE_VOLUME, INERTIAL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.flood import FloodDomain, FloodParameters, Forcing, Ledger

__all__ = ["SOLVERS", "Maker", "Solver", "is_there"]

#: Module and class of each solver.
SOLVERS = {
    INERTIAL: ("models.flood.inertial", "FloodSolver"),
    FINITE_VOLUME: ("models.flood.finite_volume", "FiniteVolumeSolver"),
}


class Solver(Protocol):
    """What the cases use of a solver."""

    @property
    def time_s(self) -> float:
        """Simulated time, s."""

    @property
    def steps(self) -> int:
        """Time steps so far."""

    @property
    def depth_m(self) -> NDArray[np.float64]:
        """Depth, m, shape (rows, columns)."""

    @property
    def arrival_s(self) -> NDArray[np.float64]:
        """Time of arrival, s; NaN where never."""

    @property
    def max_depth_m(self) -> NDArray[np.float64]:
        """Largest depth, m."""

    @property
    def ledger(self) -> Ledger:
        """Volumes since the start."""

    @property
    def structure_m3(self) -> NDArray[np.float64]:
        """Volume through each structure in the last window, m³."""

    @property
    def channel_level_m(self) -> NDArray[np.float64]:
        """Level at each node of the channels, m."""

    @property
    def lost_m(self) -> NDArray[np.float64]:
        """Depth taken by losses since the start, m."""

    def advance(self, until_s: float, forcing: Forcing) -> Any:  # noqa: ANN401 - not used here
        """Advance to *until_s*."""

    def speed_m_s(self) -> NDArray[np.float64]:
        """Speed of the flow, m/s."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes solvers of one kind; ``kind`` is a key of :data:`SOLVERS`, or empty for none."""

    kind: str

    def __call__(
        self,
        domain: FloodDomain,
        parameters: FloodParameters,
        *,
        initial_depth_m: NDArray[np.float64] | None = None,
        **more: Any,  # noqa: ANN401 - structures, channels: what only some solvers take
    ) -> Solver:
        """Return a solver over *domain*, at rest."""
        module, name = SOLVERS[self.kind]
        made: Solver = getattr(import_module(module), name)(
            domain, parameters, initial_depth_m=initial_depth_m, **more
        )
        return made


def is_there(kind: str) -> bool:
    """Return whether the solver *kind* can be imported."""
    module, name = SOLVERS[kind]
    try:
        return hasattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name is not None and module.startswith(error.name):
            return False
        raise
