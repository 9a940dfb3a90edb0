"""The document of a calibration: what is fitted, within which bounds, to what."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.errors import InvalidInputError
from scenarios.loader import parse_model, read_yaml
from scenarios.schema.base import Many, Model, Positive, Text

__all__ = ["CalibrationDocument", "Parameter", "Scales", "load_calibration"]


class Parameter(Model):
    """One field of the scenario that is fitted."""

    low: float
    """Least value."""
    high: float
    """Greatest value."""
    start: float | None = None
    """Where the search begins; without it, in the middle."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.high <= self.low:
            raise ValueError("high must be greater than low")
        if self.start is not None and not self.low <= self.start <= self.high:
            raise ValueError("start must lie between low and high")
        return self

    @property
    def first(self) -> float:
        """Where the search begins."""
        return 0.5 * (self.low + self.high) if self.start is None else self.start


class Scales(Model):
    """How large an error counts as one, by kind: about how sure the observations are."""

    level_m: Positive = 0.1
    """Of water levels, m."""
    depth_m: Positive = 0.15
    """Of depths on streets, m."""
    travel_s: Positive = 60.0
    """Of the time of a drive, s."""


class CalibrationDocument(Model):
    """What is fitted to what."""

    calibrate: Literal[1]
    """Version of this format."""
    scenario: Text
    """Scenario file, from the folder of this file, or the name of a shipped one."""
    city: Text | None = None
    """Folder of the city; without it, as the scenario says."""
    observed: Annotated[Many[Text], Field(min_length=1)]
    """Mappings of the observations, from the folder of this file."""
    parameters: Annotated[dict[Text, Parameter], Field(min_length=1, max_length=12)]
    """Bounds by path of a field, such as `ground.offset_m`."""
    scales: Scales = Scales()
    """How large an error counts as one."""
    method: Literal["least_squares", "differential_evolution"] = "least_squares"
    """`least_squares` from one start, or `differential_evolution` over the whole range."""
    most_runs: Annotated[int, Field(ge=2, le=100_000)] = 60
    """Runs after which the search ends with the best so far."""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    """Of `differential_evolution`."""


def load_calibration(path: Path) -> CalibrationDocument:
    """
    Read a document.

    Raises
    ------
    InvalidInputError
        If it cannot be read, or anything in it is wrong.
    """
    document = read_yaml(path, error=InvalidInputError)
    return parse_model(CalibrationDocument, document, error=InvalidInputError)
