"""What a flood solver is given: parameters, the ground, and the forcing of a window."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.structures import Controls
    from models.grid import Grid

__all__ = ["FloodDomain", "FloodParameters", "Forcing"]

#: Highest and lowest ground that is taken for a level, m.
_EXTREME_LEVEL_M = 1.0e4
#: Heaviest rain and loss that are taken for such, m/s.
_EXTREME_RATE_M_S = 0.1
#: Debris factor of DEFRA (2006), FD2321/TR1, table 3.1, by land class (pasture, woodland, urban)
#: and depth (to 0.25 m, to 0.75 m, deeper).
_DEBRIS = ((0.0, 0.0, 0.5), (0.0, 0.5, 1.0), (0.0, 1.0, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class FloodParameters:
    """
    Numbers that steer the solver.

    Parameters
    ----------
    cell_size_m
        Edge length of a cell.
    courant
        Share of the celerity's time step (Bates et al. 2010, eq. 14), in (0, 1]; see
        :attr:`stable_courant`.
    theta
        Weight of a face's own discharge (de Almeida et al. 2012, eq. 8), in [0.5, 1]; 1 is the
        scheme of Bates et al. (2010).
    gravity_m_s2
        Acceleration of gravity.
    max_time_step_s
        Longest step, also of a dry domain.
    flow_depth_m
        At or below this depth a face carries nothing: films stay where they are.
    edge_slope
        Smallest slope of the free outflow through open edges.
    statistics_interval_s
        Speed, hazard, arrival, duration and the time of the maximum are sampled at the first step
        at or after each multiple of this simulated time, so their times are that coarse; the
        largest depth is kept at every step.
    arrival_depth_m, duration_depth_m
        Depths that count as arrived and as flooded.
    froude_limit
        Froude number from which flow counts as fast; this scheme is not made for such flow.
    debris_factor
        Rows by land class, columns by depth (to 0.25 m, to 0.75 m, deeper): DEFRA (2006).
    precision
        ``double``, or ``single``: depths and discharges of four bytes, for speed. The ledger is
        kept in double and shows what the rounding costs.
    active_tiles
        Skip ground that water cannot reach. The results are the same bytes without.

    Raises
    ------
    InvalidQuantityError
        If a value lies outside its range.
    """

    cell_size_m: float
    courant: float = 0.7
    theta: float = 0.9
    gravity_m_s2: float = 9.81
    max_time_step_s: float = 60.0
    flow_depth_m: float = 1.0e-3
    edge_slope: float = 1.0e-3
    statistics_interval_s: float = 30.0
    arrival_depth_m: float = 0.1
    duration_depth_m: float = 0.1
    froude_limit: float = 0.8
    debris_factor: tuple[tuple[float, float, float], ...] = _DEBRIS
    precision: str = "double"
    active_tiles: bool = True

    @property
    def stable_courant(self) -> float:
        """
        Courant number that is used: *courant*, or less where the scheme would not be stable.

        The mode that alternates from cell to cell in both directions is the first to grow. It
        grows where ``8 C² > 2 (1 + a)``, with ``a = 2 θ - 1`` its share that the weighting leaves
        (von Neumann's analysis of the linear scheme without friction): so C stays below
        ``sqrt(θ / 2)``, 0.71 at θ = 1 and 0.67 at θ = 0.9. Above it still ponds ripple for ever.
        """
        return float(min(self.courant, 0.98 * np.sqrt(0.5 * self.theta)))

    def __post_init__(self) -> None:
        limits = {
            "cell_size_m": (0.0, np.inf),
            "courant": (0.0, 1.0),
            "gravity_m_s2": (0.0, 100.0),
            "max_time_step_s": (0.0, 86_400.0),
            "flow_depth_m": (0.0, 0.1),
            "edge_slope": (0.0, 1.0),
            "statistics_interval_s": (0.0, np.inf),
            "froude_limit": (0.0, 100.0),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not (low < value <= high and np.isfinite(value)):
                raise InvalidQuantityError(
                    f"must lie above {low:g} and not above {high:g}",
                    where=f"flood parameter {name}",
                    value=value,
                )
        if self.precision not in {"single", "double"}:
            raise InvalidQuantityError(
                "must be single or double", where="flood parameter precision", value=self.precision
            )
        if not 0.5 <= self.theta <= 1.0:
            raise InvalidQuantityError(
                "must lie between 0.5 and 1", where="flood parameter theta", value=self.theta
            )
        for name in ("arrival_depth_m", "duration_depth_m"):
            value = getattr(self, name)
            if not (self.flow_depth_m <= value < np.inf):
                raise InvalidQuantityError(
                    f"must not lie below flow_depth_m, {self.flow_depth_m:g} m",
                    where=f"flood parameter {name}",
                    value=value,
                )
        debris = np.asarray(self.debris_factor, dtype=np.float64)
        if debris.ndim != 2 or debris.shape[1] != 3 or not np.all(debris >= 0.0):
            raise InvalidQuantityError(
                "needs rows of three non-negative numbers, one row for each land class",
                where="flood parameter debris_factor",
                value=self.debris_factor,
            )


def _require(
    good: NDArray[np.bool_], values: NDArray[np.generic], what: str, name: str, remedy: str
) -> None:
    """Raise for the first cell, in row order, that is not *good*."""
    if not good.all():
        row, column = (int(i) for i in np.unravel_index(int(np.argmin(good)), good.shape))
        raise InvalidQuantityError(
            what,
            where=f"{name}, row {row}, column {column}",
            value=values[row, column].item(),
            remedy=remedy,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FloodDomain:
    """
    The ground under the water; all arrays have shape (rows, columns).

    Parameters
    ----------
    grid
        The grid that the arrays lie on.
    bed_m
        Level of the ground, bed included, m; NaN is outside and closed.
    manning
        Manning's n, s/m^⅓, positive wherever there is ground.
    level_zone
        0 where the depth is computed; ``k`` ≥ 1 where zone ``k`` prescribes the level. Such
        cells exchange water with their computed neighbours, and never limit the time step by
        their own depth.
    open_edge
        Cells of the rim (beside the end of the grid, or beside ground that is NaN) that let
        water out freely. All other rims are closed.
    land_class
        Row of ``FloodParameters.debris_factor``: 0 pasture, 1 woodland, 2 urban. All urban where
        absent.

    Raises
    ------
    InvalidQuantityError
        If a shape differs from the grid's, a value is not physical (naming row and column), or no
        cell has ground.
    """

    grid: Grid
    bed_m: NDArray[np.float64]
    manning: NDArray[np.float64]
    level_zone: NDArray[np.int16] | None = None
    open_edge: NDArray[np.bool_] | None = None
    land_class: NDArray[np.uint8] | None = None
    zones: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        for name in ("bed_m", "manning", "level_zone", "open_edge", "land_class"):
            array = getattr(self, name)
            if array is not None and array.shape != self.grid.shape:
                raise InvalidQuantityError(
                    f"has another shape than the grid, {self.grid.shape}",
                    where=name,
                    value=array.shape,
                )
        ground = ~np.isnan(self.bed_m)
        if not ground.any():
            raise InvalidQuantityError(
                "no cell has ground", where="bed_m", remedy="Every level is NaN."
            )
        _require(
            ~ground | (np.abs(self.bed_m) < _EXTREME_LEVEL_M), self.bed_m,
            "not a level of the ground", "bed_m",
            "Give metres, and NaN outside the domain.",
        )  # fmt: skip
        _require(
            ~ground | ((self.manning > 0.0) & (self.manning < 10.0)), self.manning,
            "not a Manning's n", "manning", "It lies between 0 and 10 s/m^⅓; 0.03 is bare ground.",
        )  # fmt: skip
        if self.level_zone is not None:
            _require(
                self.level_zone >= 0, self.level_zone, "a zone has a negative number",
                "level_zone", "0 is computed, 1 and above are zones.",
            )  # fmt: skip
            object.__setattr__(self, "zones", int(self.level_zone.max()))
        if self.open_edge is not None:
            _require(
                ~(self.open_edge.astype(bool)) | (self.rim() & ground), self.open_edge,
                "an open edge away from the rim", "open_edge",
                "Open only cells beside the end of the grid or beside NaN.",
            )  # fmt: skip

    def rim(self) -> NDArray[np.bool_]:
        """Cells with ground beside the end of the grid or beside a cell without ground."""
        ground = np.pad(~np.isnan(self.bed_m), 1, constant_values=False)
        around = ground[:-2, 1:-1] & ground[2:, 1:-1] & ground[1:-1, :-2] & ground[1:-1, 2:]
        return ground[1:-1, 1:-1] & ~around


def _no_index() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


def _nothing() -> NDArray[np.float64]:
    return np.empty(0, np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forcing:
    """
    What drives the water during one exchange window.

    Parameters
    ----------
    rain_m_s
        Rain on computed cells, m/s, constant in the window: one rate, or one for each cell, shape
        (rows, columns); what it says of other cells is ignored.
    loss_m_s
        The most that each computed cell may lose to the ground and the air, m/s, shape (rows,
        columns), constant in the window; never more than the water that is there.
    level_start_m, level_end_m
        Level of each zone, m, shape (zones,), at the ends of the window; linear in between.
    inflow_cells
        Flat indices ``row * columns + column`` of cells that receive or give water.
    inflow_m3_s
        Their discharges, constant in the window; water is taken where negative, never more than
        is there.
    controls
        The state of the structures, if the solver has any.
    """

    rain_m_s: float | NDArray[np.float64] = 0.0
    loss_m_s: NDArray[np.float64] | None = None
    level_start_m: NDArray[np.float64] = field(default_factory=_nothing)
    level_end_m: NDArray[np.float64] = field(default_factory=_nothing)
    inflow_cells: NDArray[np.int64] = field(default_factory=_no_index)
    inflow_m3_s: NDArray[np.float64] = field(default_factory=_nothing)
    controls: Controls | None = None

    def check(self, domain: FloodDomain) -> None:
        """
        Check the forcing against *domain*.

        Raises
        ------
        InvalidQuantityError
            If rain or a loss is negative, too large, or not finite in a computed cell, a level is
            missing, or an inflow is not finite or lies outside the computed cells.
        """
        self._check_rate(domain, self.rain_m_s, "rain_m_s")
        if self.loss_m_s is not None:
            self._check_rate(domain, self.loss_m_s, "loss_m_s")
        for name in ("level_start_m", "level_end_m"):
            level = getattr(self, name)
            if level.shape != (domain.zones,):
                raise InvalidQuantityError(
                    f"needs one level for each of {domain.zones} zones",
                    where=name,
                    value=level.shape,
                )
            if not (np.abs(level) < _EXTREME_LEVEL_M).all():
                raise InvalidQuantityError("not a water level", where=name, value=level.tolist())
        if self.inflow_cells.shape != self.inflow_m3_s.shape:
            raise InvalidQuantityError(
                "needs one discharge for each cell", where="inflow_m3_s",
                value=self.inflow_m3_s.shape,
            )  # fmt: skip
        for k in np.flatnonzero(self._doubtful_inflows(domain))[:1]:
            self._check_inflow(domain, int(self.inflow_cells[k]), float(self.inflow_m3_s[k]))

    def _doubtful_inflows(self, domain: FloodDomain) -> NDArray[np.bool_]:
        """Return the inflows that :meth:`_check_inflow` refuses, all at once: drains have many."""
        cells, bed = self.inflow_cells, domain.bed_m.ravel()
        off_grid = (cells < 0) | (cells >= bed.size)
        inside = np.where(off_grid, 0, cells)
        shut = np.isnan(bed[inside])
        if domain.level_zone is not None:
            shut |= domain.level_zone.ravel()[inside] > 0
        return np.asarray(off_grid | shut | ~np.isfinite(self.inflow_m3_s), np.bool_)

    @staticmethod
    def _check_rate(domain: FloodDomain, rate: float | NDArray[np.float64], name: str) -> None:
        remedy = "It must lie between 0 and 0.1 m/s; one mm/h is 2.78e-7 m/s."
        if isinstance(rate, np.ndarray):
            if rate.shape != domain.grid.shape:
                raise InvalidQuantityError(
                    f"has another shape than the grid, {domain.grid.shape}", where=name,
                    value=rate.shape,
                )  # fmt: skip
            good = ((rate >= 0.0) & (rate < _EXTREME_RATE_M_S)) | np.isnan(domain.bed_m)
            _require(good, rate, "not a rate of rain or loss", name, remedy)
        elif not 0.0 <= rate < _EXTREME_RATE_M_S:
            raise InvalidQuantityError(
                "not a rate of rain or loss", where=name, value=rate, remedy=remedy
            )

    @staticmethod
    def _check_inflow(domain: FloodDomain, cell: int, discharge_m3_s: float) -> None:
        rows, columns = domain.grid.shape
        if not 0 <= cell < rows * columns:
            raise InvalidQuantityError("outside the grid", where="inflow_cells", value=cell)
        row, column = divmod(cell, columns)
        where = f"inflow at row {row}, column {column}"
        if not np.isfinite(discharge_m3_s):
            raise InvalidQuantityError("must be finite", where=where, value=discharge_m3_s)
        zone = domain.level_zone
        if np.isnan(domain.bed_m[row, column]) or (zone is not None and zone[row, column] > 0):
            raise InvalidQuantityError(
                "lies outside the computed cells", where=where, remedy="Move it to open ground."
            )
