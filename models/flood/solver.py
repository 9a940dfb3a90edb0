"""
Solvers behind one interface, and the choice between them.

The local inertial scheme is fast, and right for slow water; the finite-volume scheme is right for
fast water, too, at several times the cost. :class:`SwitchingSolver` begins with the first and goes
over to the second when fast flow becomes noticeable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import InvalidQuantityError
from models.flood.finite_volume import FiniteVolumeSolver
from models.flood.fv_state import FiniteVolumeState
from models.flood.inertial import FloodSolver
from models.flood.state import FloodState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from models.flood.channels import Channels
    from models.flood.domain import FloodDomain, FloodParameters, Forcing
    from models.flood.inertial import AdvanceReport
    from models.flood.structures import Structures

    FloatArray = NDArray[np.float64]

__all__ = [
    "SOLVERS",
    "Solver",
    "SwitchingSolver",
    "is_noticeable",
    "make_solver",
    "read_state",
    "restore_solver",
]

#: Names of the solvers.
SOLVERS = ("inertial", "finite-volume", "auto")
#: Fast flow is noticeable where it covers more than this share of the wet cells, and this many.
NOTICEABLE_SHARE, NOTICEABLE_CELLS = 0.005, 20


def is_noticeable(report: AdvanceReport) -> bool:
    """Return whether fast flow covered a noticeable part of the water in a window."""
    return report.fast_cells > max(NOTICEABLE_CELLS, NOTICEABLE_SHARE * report.wet_cells)


def read_state(arrays: Mapping[str, NDArray[Any]]) -> FloodState | FiniteVolumeState:
    """
    Return the state of whichever solver wrote *arrays*.

    Raises
    ------
    InvalidQuantityError
        If an array is missing.
    """
    if "velocity_x_m_s" in arrays:
        return FiniteVolumeState.from_arrays(arrays)
    return FloodState.from_arrays(arrays)


def make_solver(
    name: str,
    domain: FloodDomain,
    parameters: FloodParameters,
    *,
    initial_depth_m: FloatArray | None = None,
    start_s: float = 0.0,
    structures: Structures | None = None,
    channels: Channels | None = None,
    channel_level_m: FloatArray | None = None,
) -> Solver:
    """
    Return the solver of a name.

    Parameters
    ----------
    name
        One of :data:`SOLVERS`.
    domain, parameters, initial_depth_m, start_s, structures, channels, channel_level_m
        As for :class:`models.flood.inertial.FloodSolver`.

    Raises
    ------
    InvalidQuantityError
        If the name is unknown, or the solver cannot have structures or channels.
    """
    if name not in SOLVERS:
        raise InvalidQuantityError(
            f"no such solver; there are {', '.join(SOLVERS)}", where="solver", value=name
        )
    if name == "finite-volume":
        if structures is not None and structures.groups + structures.links > 0:
            raise InvalidQuantityError(
                "the finite-volume solver knows no structures",
                where="solver",
                value=name,
                remedy="Take solver: inertial, or leave the structures out.",
            )
        if channels is not None and channels.reaches > 0:
            raise InvalidQuantityError(
                "the finite-volume solver knows no channels narrower than a cell",
                where="solver",
                value=name,
                remedy="Take solver: inertial, or burn the channels into the ground.",
            )
        return FiniteVolumeSolver(
            domain, parameters, initial_depth_m=initial_depth_m, start_s=start_s
        )
    inertial = FloodSolver(
        domain, parameters, initial_depth_m=initial_depth_m, start_s=start_s,
        structures=structures, channels=channels, channel_level_m=channel_level_m,
    )  # fmt: skip
    return inertial if name == "inertial" else SwitchingSolver(inertial)


def _as_finite_volume(state: FloodState, flow_depth_m: float) -> FiniteVolumeState:
    """Return what a finite-volume solver needs to go on from an inertial one."""
    depth = np.maximum(state.depth_m, flow_depth_m)
    flows = state.depth_m > flow_depth_m
    x = 0.5 * (state.discharge_x_m2_s[:, :-1] + state.discharge_x_m2_s[:, 1:])
    y = 0.5 * (state.discharge_y_m2_s[:-1] + state.discharge_y_m2_s[1:])
    arrays: dict[str, Any] = dict(state.to_arrays())
    for name in ("discharge_x_m2_s", "discharge_y_m2_s"):
        del arrays[name]
    # Rain, level in and out, outflow; not the links, which this solver has none of; inflow and
    # abstraction.
    arrays["terms_m"] = state.terms_m[[0, 1, 2, 3, 6, 7]]
    arrays["velocity_x_m_s"] = np.where(flows, x / depth, 0.0)
    arrays["velocity_y_m_s"] = np.where(flows, y / depth, 0.0)
    return FiniteVolumeState.from_arrays(arrays)


class SwitchingSolver:
    """
    The inertial solver as long as water is slow; then, for good, the finite-volume one.

    The change comes at the end of the first exchange window in which flow above
    ``FloodParameters.froude_limit`` was noticeable (:func:`is_noticeable`). Depths, statistics and
    the ledger go over; velocities are those of the faces. With structures, or channels narrower
    than a cell, it never changes.

    Parameters
    ----------
    inertial
        The solver to begin with.

    Attributes
    ----------
    switched_s
        Time of the change, s; None before it.
    """

    def __init__(self, inertial: FloodSolver) -> None:
        self.domain = inertial.domain
        self.parameters = inertial.parameters
        self.switched_s: float | None = None
        self._solver: FloodSolver | FiniteVolumeSolver = inertial
        own = inertial.structures
        self._may_switch = own.groups + own.links + inertial.channels.reaches == 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the solver of the moment has
        return getattr(self._solver, name)

    def advance(self, until_s: float, forcing: Forcing) -> AdvanceReport:
        """As :meth:`models.flood.inertial.FloodSolver.advance`."""
        report = self._solver.advance(until_s, forcing)
        solver = self._solver
        if isinstance(solver, FloodSolver) and self._may_switch and is_noticeable(report):
            self._switch(_as_finite_volume(solver.state, self.parameters.flow_depth_m))
            self.switched_s = until_s
        return report

    def _switch(self, state: FiniteVolumeState) -> None:
        solver = FiniteVolumeSolver(self.domain, self.parameters)
        solver.restore(state)
        self._solver = solver

    def restore(self, state: FloodState | FiniteVolumeState) -> None:
        """Continue from the state of either solver."""
        if isinstance(state, FiniteVolumeState):
            self._switch(state)
            self.switched_s = state.time_s if self.switched_s is None else self.switched_s
        elif isinstance(self._solver, FloodSolver):
            self._solver.restore(state)


#: Any of the solvers.
type Solver = FloodSolver | FiniteVolumeSolver | SwitchingSolver


def restore_solver(solver: Solver, arrays: Mapping[str, NDArray[Any]]) -> None:
    """
    Let *solver* continue from the arrays of a state.

    Raises
    ------
    InvalidQuantityError
        If an array is missing or has another shape, or another kind of solver wrote them.
    """
    state = read_state(arrays)
    fits = (
        isinstance(solver, SwitchingSolver)
        or (isinstance(solver, FloodSolver) and isinstance(state, FloodState))
        or (isinstance(solver, FiniteVolumeSolver) and isinstance(state, FiniteVolumeState))
    )
    if not fits:
        raise InvalidQuantityError(
            "the checkpoint was written by another solver",
            where="flood state",
            remedy="Resume with the solver of the run.",
        )
    restore: Callable[[Any], None] = solver.restore
    restore(state)
