"""What a run changes about the ground of its city: to ask how much an assumption matters."""

from typing import Annotated

from pydantic import Field

from scenarios.schema.base import Model

__all__ = ["GroundChange"]

Shift = Annotated[float, Field(ge=-20, le=20)]
Factor = Annotated[float, Field(gt=0, le=100)]


class GroundChange(Model):
    """Changes to the ground of the city, for this run alone; the city stays as it is."""

    offset_m: Shift = 0.0
    """Added to the level of all land, m: the error of an elevation model, or subsidence. Beds of
    rivers, canals and ponds keep their level."""
    bed_offset_m: Shift = 0.0
    """Added to the beds of rivers, canals and ponds, m: silt, or dredging."""
    manning_multiplier: Factor = 1.0
    """Factor on the roughness of every cell, or on `flood.manning` where that is given."""
