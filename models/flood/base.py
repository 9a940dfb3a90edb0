"""What the solvers share: what they check, and the statistics that they tell."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

import numpy as np

from models.errors import InvalidQuantityError
from models.flood.sampling import Sampling, sample_zone

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.domain import FloodDomain, FloodParameters, Forcing

    FloatArray = NDArray[np.float64]
    SingleArray = NDArray[np.float32]
    IntArray = NDArray[np.int64]

__all__ = ["STATISTICS", "SolverBase"]

#: Statistics of the state, and what they are called in the kernels.
STATISTICS = {
    "max_depth_m": "top",
    "sampled_max_depth_m": "ref",
    "time_of_max_s": "when",
    "arrival_s": "arrival",
    "duration_s": "duration",
    "max_speed_m_s": "fastest",
    "max_hazard": "worst",
    "max_depth_speed_m2_s": "product",
    "limiting_steps": "limiting",
}


class Kept(Protocol):
    """Arrays of the statistics, padded."""

    @property
    def top(self) -> FloatArray:
        """Largest depth."""

    @property
    def ref(self) -> FloatArray:
        """Largest depth that a sample has seen."""

    @property
    def when(self) -> SingleArray:
        """Time of the largest depth."""

    @property
    def arrival(self) -> SingleArray:
        """Time of arrival."""

    @property
    def duration(self) -> SingleArray:
        """Duration of flooding."""

    @property
    def worst(self) -> SingleArray:
        """Largest hazard rating."""

    @property
    def land(self) -> NDArray[np.uint8]:
        """Land class."""


class Padded(Protocol):
    """The layout of padded arrays."""

    @property
    def zone_cells(self) -> IntArray:
        """Padded positions of all cells of a prescribed level."""

    @property
    def zone_bed_m(self) -> FloatArray:
        """Their beds."""

    @property
    def zone_of(self) -> IntArray:
        """Their zones, from 0."""

    def view[T: np.generic](self, flat: NDArray[T]) -> NDArray[T]:
        """Return the cells of the grid in a padded array."""


class SolverBase[LayoutT: Padded](ABC):
    """What does not depend on the scheme; see the solvers for the meaning of arguments."""

    domain: FloodDomain
    parameters: FloodParameters
    _layout: LayoutT
    _clock: FloatArray
    _debris: FloatArray
    _how: Sampling
    _zone_depth_m: FloatArray

    def _adopt(self, domain: FloodDomain, parameters: FloodParameters) -> None:
        """Take over ground and parameters, or raise where they do not fit."""
        if domain.grid.cell_size_m != parameters.cell_size_m:
            raise InvalidQuantityError(
                f"differs from the cell size of the grid, {domain.grid.cell_size_m} m",
                where="flood parameter cell_size_m",
                value=parameters.cell_size_m,
            )
        debris = np.array(parameters.debris_factor, dtype=np.float64)
        if domain.land_class is not None and int(domain.land_class.max()) >= len(debris):
            raise InvalidQuantityError(
                f"only {len(debris)} land classes have debris factors",
                where="land_class",
                value=int(domain.land_class.max()),
            )
        self.domain = domain
        self.parameters = parameters
        self._debris = debris
        self._how = Sampling(
            parameters.flow_depth_m, parameters.arrival_depth_m, parameters.duration_depth_m,
            parameters.froude_limit, parameters.gravity_m_s2, parameters.statistics_interval_s,
            debris,
        )  # fmt: skip

    @property
    @abstractmethod
    def _kept(self) -> Kept:
        """Arrays of the statistics."""

    @property
    @abstractmethod
    def depth_m(self) -> FloatArray:
        """Depth now, m, shape (rows, columns)."""

    @property
    def time_s(self) -> float:
        """Simulated time, s."""
        return float(self._clock[0])

    @abstractmethod
    def speed_m_s(self) -> FloatArray:
        """Flow speed now, m/s, shape (rows, columns)."""

    def speed_at(self, cells: IntArray) -> FloatArray:
        """Flow speed now at *cells*, flat positions in the grid, m/s, as :meth:`speed_m_s`."""
        return self.speed_m_s().reshape(-1)[cells]

    def _checked_depth(self, depth_m: FloatArray | None) -> FloatArray:
        """Return the depth at the start, 0 where there is no ground, or raise."""
        ground = ~np.isnan(self.domain.bed_m)
        if depth_m is None:
            return np.zeros(self.domain.grid.shape)
        if depth_m.shape != self.domain.grid.shape:
            raise InvalidQuantityError(
                f"has another shape than the grid, {self.domain.grid.shape}",
                where="initial_depth_m",
                value=depth_m.shape,
            )
        bad = ground & ~((depth_m >= 0.0) & np.isfinite(depth_m))
        if bad.any():
            row, column = (int(i) for i in np.argwhere(bad)[0])
            raise InvalidQuantityError(
                "a depth must be finite and not negative",
                where=f"initial_depth_m, row {row}, column {column}",
                value=float(depth_m[row, column]),
            )
        return np.where(ground, depth_m, 0.0)

    def _first_sample(self, h: FloatArray) -> None:
        """Count what is wet at the start as arrived at the start."""
        kept, start_s = self._kept, self._clock[0]
        kept.top[:] = h
        kept.ref[:] = h
        kept.when[h > self.parameters.flow_depth_m] = start_s
        kept.arrival[h >= self.parameters.arrival_depth_m] = start_s

    def _check_window(self, until_s: float, forcing: Forcing) -> None:
        """Raise where a window does not lie ahead, or its forcing does not fit."""
        if not self.time_s < until_s < np.inf:
            raise InvalidQuantityError(
                f"the flood stands at {self.time_s} s and cannot advance to this time",
                where="until_s",
                value=until_s,
            )
        forcing.check(self.domain)

    def _sample_zones(self, begin_s: float, until_s: float, forcing: Forcing) -> None:
        """Keep the statistics of cells of a prescribed level, and their depth at the end."""
        lay, kept = self._layout, self._kept
        if lay.zone_cells.size == 0:
            return
        end_m = np.ascontiguousarray(forcing.level_end_m, dtype=np.float64)
        sample_zone(
            lay.zone_cells, lay.zone_bed_m,
            np.ascontiguousarray(forcing.level_start_m, dtype=np.float64), end_m, lay.zone_of,
            kept.top, kept.ref, kept.when, kept.arrival, kept.duration, kept.worst, kept.land,
            begin_s, float(until_s), self._how,
        )  # fmt: skip
        self._zone_depth_m = np.maximum(end_m[lay.zone_of] - lay.zone_bed_m, 0.0)

    def _statistic(self, name: str) -> FloatArray:
        flat: NDArray[np.generic] = getattr(self._kept, STATISTICS[name])
        return self._layout.view(flat).astype(np.float64)

    @property
    def max_depth_m(self) -> FloatArray:
        """Largest depth at any step, m."""
        return np.maximum(self._statistic("max_depth_m"), self.depth_m)

    @property
    def max_speed_m_s(self) -> FloatArray:
        """Largest sampled speed, m/s."""
        return self._statistic("max_speed_m_s")

    @property
    def max_hazard(self) -> FloatArray:
        """Largest sampled hazard rating ``h (v + 0.5) + DF`` (DEFRA 2006), 0 where dry."""
        return self._statistic("max_hazard")

    @property
    def max_depth_speed_m2_s(self) -> FloatArray:
        """Largest sampled product of depth and speed, m²/s."""
        return self._statistic("max_depth_speed_m2_s")

    @property
    def arrival_s(self) -> FloatArray:
        """Time at which ``arrival_depth_m`` was first seen, s; NaN where never."""
        return self._statistic("arrival_s")

    @property
    def duration_s(self) -> FloatArray:
        """Time at or above ``duration_depth_m``, s."""
        return self._statistic("duration_s")

    @property
    def time_of_max_s(self) -> FloatArray:
        """Time of the largest depth, s; NaN where it never passed ``flow_depth_m``."""
        return self._statistic("time_of_max_s")

    @property
    def limiting_steps(self) -> FloatArray:
        """Steps whose length each cell decided, by depth or wave: what makes a run slow."""
        return self._statistic("limiting_steps")
