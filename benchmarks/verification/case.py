"""What a case of the verification is, and what it gives."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from benchmarks.verification.solvers import Maker

__all__ = [
    "FINITE_VOLUME",
    "INERTIAL",
    "Case",
    "Figure",
    "Line",
    "Outcome",
    "Panel",
    "line",
    "number",
]

INERTIAL = "inertial"
FINITE_VOLUME = "finite-volume"

#: How a line is drawn: computed (one colour for each solver), reference, measured, ground.
Role = Literal["model", "reference", "measured", "ground"]


def number(value: float) -> str:
    """Return a number with four digits, and thousands apart."""
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e7 else f"{value:.4g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """
    One number that a case gives, with its limits; without limits it is only reported.

    Parameters
    ----------
    name
        What the number is.
    value
        The number; NaN misses every limit.
    unit
        Its unit, empty where it has none.
    at_least, at_most
        Limits, both included; None where there is none.
    source
        Where the limits come from.
    """

    name: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    source: str = ""

    @property
    def is_judged(self) -> bool:
        """Whether the number has a limit."""
        return self.at_least is not None or self.at_most is not None

    @property
    def holds(self) -> bool:
        """Whether the number keeps its limits."""
        if not self.is_judged:
            return True
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        return bool(low <= self.value <= high)

    @property
    def tolerance(self) -> str:
        """The limits in words, empty where there are none."""
        if self.at_least is not None and self.at_most is not None:
            return f"{number(self.at_least)} to {number(self.at_most)}"
        if self.at_most is not None:
            return f"≤ {number(self.at_most)}"
        return "" if self.at_least is None else f"≥ {number(self.at_least)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a picture: ``x`` and ``y`` of the same length, in the units of its panel."""

    label: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    role: Role = "model"


def line(label: str, x: ArrayLike, y: ArrayLike, role: Role = "model") -> Line:
    """Return a line from anything that is like an array."""
    return Line(
        label=label, x=np.array(x, dtype=np.float64), y=np.array(y, dtype=np.float64), role=role
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """
    Axes of a picture; panels of the same title from two solvers are drawn into one.

    Parameters
    ----------
    title, x_label, y_label
        Words on the axes.
    lines
        What is drawn.
    logarithmic
        Whether both axes are logarithmic.
    """

    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    logarithmic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one solver gave in one case."""

    figures: tuple[Figure, ...]
    panels: tuple[Panel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """
    A question whose answer is known.

    Parameters
    ----------
    name
        Short name, for the command line.
    title
        Name in the report.
    what
        The set-up in a few sentences.
    source
        Where the reference comes from.
    run
        Answers the question with the solver that it is given.
    solvers
        Solvers that are run; empty for a case of a part that needs no solver.
    not_meant_for
        Solvers whose equations do not cover the case, and why: their figures are reported and not
        judged.
    data
        Folder of the real data that the case reads, empty where it reads none.
    misses
        What is known of why a solver misses a tolerance; the report tells it where it does.
    """

    name: str
    title: str
    what: str
    source: str
    run: Callable[[Maker], Outcome]
    solvers: tuple[str, ...] = (INERTIAL, FINITE_VOLUME)
    not_meant_for: Mapping[str, str] = field(default_factory=dict)
    data: str = ""
    misses: Mapping[str, str] = field(default_factory=dict)
