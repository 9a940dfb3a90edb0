"""How the water meets buildings, and where the rain on their roofs goes."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.schema.base import Fraction, Model

__all__ = ["Buildings", "Roofs"]


class Roofs(Model):
    """Where the rain on roofs goes."""

    drain_share: Fraction = 0.0
    """Share that goes into drains; the rest falls on the ground of the cell, or beside the
    building where that is blocked."""
    drains_to: Literal["canal", "away"] = "canal"
    """Drains run into the nearest canal cell, or lead the water out of the model; what leaves is
    counted."""


class Buildings(Model):
    """How the water meets the buildings of the city."""

    cells: Literal["none", "blocked", "raised"] = "none"
    """Cells under buildings: like all others, closed to water, or raised."""
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of a cell under roofs from which on it counts as a building."""
    raise_m: Annotated[float, Field(gt=0, le=500)] | Literal["levels"] = 0.3
    """With `raised`: by how much, m; `levels` takes the storeys of each building."""
    storey_m: Annotated[float, Field(gt=0, le=20)] = 3.0
    """Height of a storey, m."""
    keep_roads: bool = True
    """Never block or raise a cell that a road crosses."""
    roofs: Roofs = Roofs()
    """Rain on roofs."""
