"""From a scenario's durations to the distributions of the models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import ScenarioError
from models.response import Constant, Exponential, Gamma, LogNormal, Uniform, Weibull

if TYPE_CHECKING:
    from models.response import Distribution
    from scenarios.schema.distributions import Distribution as DistributionChoice
    from scenarios.schema.distributions import Lognormal

__all__ = ["as_distribution"]


def as_distribution(choice: DistributionChoice | None) -> Distribution | None:
    """Return the distribution of the models that a scenario asks for."""
    if choice is None:
        return None
    made: Distribution | None = None
    if choice.constant is not None:
        made = Constant(choice.constant)
    elif choice.uniform is not None:
        made = Uniform(choice.uniform.low, choice.uniform.high)
    elif choice.exponential is not None:
        made = Exponential(choice.exponential.mean)
    elif choice.weibull is not None:
        made = Weibull(choice.weibull.shape, choice.weibull.scale)
    elif choice.gamma is not None:
        made = Gamma(choice.gamma.shape, choice.gamma.scale)
    elif choice.lognormal is not None:
        made = _lognormal(choice.lognormal)
    if made is None:
        raise ScenarioError("a distribution is empty", where="response", value=choice.form)
    return made


def _lognormal(log: Lognormal) -> Distribution | None:
    if log.mean is not None and log.variation is not None:
        return LogNormal.of_mean(log.mean, log.variation)
    if log.mu is not None and log.sigma is not None:
        return LogNormal(log.mu, log.sigma)
    return None
