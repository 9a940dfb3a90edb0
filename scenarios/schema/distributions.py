"""How long something takes."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from scenarios.schema.base import Model, exactly_one
from scenarios.schema.time import Duration, Interval

__all__ = ["Distribution", "Exponential", "Gamma", "Lognormal", "Uniform", "Weibull"]

_Shape = Annotated[float, Field(gt=0, le=100)]


class Uniform(Model):
    """Uniform between two limits."""

    low: Duration
    """Shortest."""
    high: Interval
    """Longest."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.high <= self.low:
            raise ValueError("high must be longer than low")
        return self


class Exponential(Model):
    """Exponential."""

    mean: Interval
    """Mean."""


class Lognormal(Model):
    """Lognormal: by mean and variation, or by the parameters of ln(seconds)."""

    mean: Interval | None = None
    """Mean; with `variation`."""
    variation: Annotated[float, Field(gt=0, le=10)] | None = None
    """Standard deviation over mean."""
    mu: Annotated[float, Field(ge=-20, le=20)] | None = None
    """Mean of ln(seconds); with `sigma`."""
    sigma: Annotated[float, Field(ge=0, le=5)] | None = None
    """Standard deviation of ln(seconds)."""

    @model_validator(mode="after")
    def _one_pair(self) -> Self:
        exactly_one(self, ("mean", "mu"), "lognormal")
        pair = ("mean", "variation") if self.mean is not None else ("mu", "sigma")
        given = {n for n in ("mean", "variation", "mu", "sigma") if getattr(self, n) is not None}
        if given != set(pair):
            raise ValueError("lognormal takes mean and variation, or mu and sigma")
        return self


class Weibull(Model):
    """Weibull."""

    shape: _Shape
    """Shape."""
    scale: Interval
    """Scale."""


class Gamma(Model):
    """Gamma."""

    shape: _Shape
    """Shape."""
    scale: Interval
    """Scale."""


class Distribution(Model):
    """How long something takes: exactly one of these."""

    constant: Duration | None = None
    """Always the same."""
    uniform: Uniform | None = None
    """Uniform."""
    exponential: Exponential | None = None
    """Exponential."""
    lognormal: Lognormal | None = None
    """Lognormal."""
    weibull: Weibull | None = None
    """Weibull."""
    gamma: Gamma | None = None
    """Gamma."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        _ = self.form
        return self

    @property
    def form(self) -> str:
        """Which one it is: the name of the field that is set."""
        forms = ("constant", "uniform", "exponential", "lognormal", "weibull", "gamma")
        return exactly_one(self, forms, "a distribution")
