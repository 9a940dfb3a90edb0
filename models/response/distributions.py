"""
Durations as small named objects.

Each gives its value *at* a uniform number (its quantile function), so that one uniform number per
purpose and incident is all the randomness there is: changing one distribution, a policy or the
fleet shifts no other draw.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Protocol, Self

from scipy import special

from models.errors import InvalidQuantityError

__all__ = [
    "Constant",
    "Distribution",
    "Exponential",
    "Gamma",
    "LogNormal",
    "Uniform",
    "Weibull",
]

_STANDARD_NORMAL: Final = NormalDist()


class Distribution(Protocol):
    """A non-negative duration."""

    @property
    def mean_s(self) -> float:
        """Expected value, s."""
        ...

    def at(self, u: float) -> float:
        """Return the quantile at *u* in [0, 1), s."""
        ...


def _require(name: str, value: float, *, positive: bool) -> None:
    if not math.isfinite(value) or value < 0.0 or (positive and value == 0.0):
        raise InvalidQuantityError(
            f"{name} of a duration must be {'positive' if positive else 'zero or more'} and finite",
            value=value,
            remedy="Give it in seconds.",
        )


@dataclass(frozen=True, slots=True)
class Constant:
    """Always the same duration."""

    value_s: float

    def __post_init__(self) -> None:
        _require("value_s", self.value_s, positive=False)

    @property
    def mean_s(self) -> float:
        """Expected value, s."""
        return self.value_s

    def at(self, u: float) -> float:  # noqa: ARG002 - the signature of every distribution
        """Return the value, s."""
        return self.value_s


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every duration between two equally likely."""

    low_s: float
    high_s: float

    def __post_init__(self) -> None:
        _require("low_s", self.low_s, positive=False)
        _require("high_s", self.high_s, positive=False)
        if self.high_s < self.low_s:
            raise InvalidQuantityError(
                "high_s of a duration is below low_s", value=(self.low_s, self.high_s)
            )

    @property
    def mean_s(self) -> float:
        """Expected value, s."""
        return 0.5 * (self.low_s + self.high_s)

    def at(self, u: float) -> float:
        """Return the quantile at *u* in [0, 1), s."""
        return self.low_s + u * (self.high_s - self.low_s)


@dataclass(frozen=True, slots=True)
class Exponential:
    """Without memory, of a given mean."""

    mean_s: float

    def __post_init__(self) -> None:
        _require("mean_s", self.mean_s, positive=False)

    def at(self, u: float) -> float:
        """Return the quantile at *u* in [0, 1), s."""
        return -self.mean_s * math.log1p(-u)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """
    The exponential of a normal number.

    Parameters
    ----------
    mu, sigma
        Mean and standard deviation of the natural logarithm of the duration in seconds.
    """

    mu: float
    sigma: float

    def __post_init__(self) -> None:
        _require("sigma", self.sigma, positive=False)
        if not math.isfinite(self.mu):
            raise InvalidQuantityError("mu of a duration must be finite", value=self.mu)

    @classmethod
    def of_mean(cls, mean_s: float, variation: float) -> Self:
        """Return the one of this mean, s, and coefficient of variation."""
        _require("mean_s", mean_s, positive=True)
        _require("variation", variation, positive=False)
        variance = math.log1p(variation * variation)
        return cls(math.log(mean_s) - 0.5 * variance, math.sqrt(variance))

    @property
    def mean_s(self) -> float:
        """Expected value, s."""
        return math.exp(self.mu + 0.5 * self.sigma * self.sigma)

    def at(self, u: float) -> float:
        """Return the quantile at *u* in [0, 1), s."""
        if u <= 0.0:
            return 0.0 if self.sigma > 0.0 else math.exp(self.mu)
        return math.exp(self.mu + self.sigma * _STANDARD_NORMAL.inv_cdf(u))


@dataclass(frozen=True, slots=True)
class Weibull:
    """Weibull of a shape and a scale in seconds."""

    shape: float
    scale_s: float

    def __post_init__(self) -> None:
        _require("shape", self.shape, positive=True)
        _require("scale_s", self.scale_s, positive=False)

    @property
    def mean_s(self) -> float:
        """Expected value, s."""
        return self.scale_s * math.gamma(1.0 + 1.0 / self.shape)

    def at(self, u: float) -> float:
        """Return the quantile at *u* in [0, 1), s."""
        return self.scale_s * float((-math.log1p(-u)) ** (1.0 / self.shape))


@dataclass(frozen=True, slots=True)
class Gamma:
    """Gamma of a shape and a scale in seconds."""

    shape: float
    scale_s: float

    def __post_init__(self) -> None:
        _require("shape", self.shape, positive=True)
        _require("scale_s", self.scale_s, positive=False)

    @property
    def mean_s(self) -> float:
        """Expected value, s."""
        return self.shape * self.scale_s

    def at(self, u: float) -> float:
        """Return the quantile at *u* in [0, 1), s."""
        return self.scale_s * float(special.gammaincinv(self.shape, u))
