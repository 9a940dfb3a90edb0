"""How the surface water is computed."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.schema.base import Model, NonNegative
from scenarios.schema.time import Interval

__all__ = ["Flood", "GridChoice"]


class GridChoice(Model):
    """The grid of the run."""

    cell_size_m: Annotated[float, Field(ge=0.1, le=1000)] | None = None
    """Cell size, m; without it, that of the city. A multiple of the city's merges its cells."""


class Flood(Model):
    """
    The solver and its parameters.

    Defaults: theta after de Almeida et al. (2012), Courant number after Bates et al. (2010).
    """

    solver: Literal["inertial", "finite-volume", "auto"] = "inertial"
    """
    `inertial`: local inertial scheme, fast, for slow water; `finite-volume`: shallow-water
    equations of second order, for dam breaks, steep ground and fast flow, several times slower, no
    structures; `auto`: begins as `inertial` and changes for good once flow with a Froude number
    above 0.8 covers a noticeable area (more than 20 cells and 0.5 % of the wet ones).
    """
    precision: Literal["double", "single"] = "double"
    """
    Of the inertial solver: `single` keeps depths and discharges in four bytes, which is faster; the
    volume error of the run shows what the rounding costs.
    """
    theta: Annotated[float, Field(ge=0.5, le=1)] = 0.9
    """Weight of the face itself against its neighbours; 1 is Bates et al. (2010)."""
    courant: Annotated[float, Field(gt=0, le=1)] = 0.7
    """Courant number; the solver takes less where theta asks for it, to stay stable."""
    max_time_step: Interval = 60.0
    """Longest step on nearly dry ground."""
    flow_depth_m: Annotated[float, Field(ge=1e-6, le=0.1)] = 1e-3
    """Depth below which no water flows, m."""
    manning: Annotated[float, Field(gt=0, le=1)] | None = None
    """Roughness everywhere instead of the city's, s/m^(1/3)."""
    channels: Literal["burnt", "subgrid"] = "burnt"
    """
    Canals narrower than a cell: `burnt`, as cut into the ground of the city, at least one cell
    wide; `subgrid`, with their own width under the cells, so that they carry and hold what they
    should (inertial solver).
    """
    exchange_interval: Interval = 60.0
    """Time between exchanges of flood, roads and response."""
    edges: Literal["free", "closed"] = "free"
    """Rim of the grid: water leaves freely, or not at all."""
    arrival_depth_m: NonNegative = 0.1
    """Depth at which water counts as arrived, m."""
    duration_depth_m: NonNegative = 0.1
    """Depth above which the duration of flooding counts, m."""
    statistics_interval: Interval = 30.0
    """Time between updates of maxima, arrival and duration."""

    @model_validator(mode="after")
    def _steps_fit(self) -> Self:
        if self.statistics_interval > self.exchange_interval:
            raise ValueError("statistics_interval is longer than exchange_interval")
        return self
