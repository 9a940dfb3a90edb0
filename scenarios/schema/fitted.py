"""To which events a scenario was fitted: so that nobody takes a fit for a proof."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from scenarios.schema.base import Many, Model, Text
from scenarios.schema.time import ZonedDatetime

__all__ = ["FittedEvent"]


class FittedEvent(Model):
    """An event to whose observations figures of this scenario, or its city, were fitted."""

    name: Text
    """Name of the observations."""
    start: ZonedDatetime
    """First time of the observations that were used."""
    end: ZonedDatetime
    """Last one."""
    fields: Annotated[Many[Text], Field(min_length=1)]
    """What was fitted."""
    files: Many[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] = ()
    """SHA-256 of the files of observations."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("the end is earlier than the start")
        return self
