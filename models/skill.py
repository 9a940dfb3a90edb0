"""
How well simulated numbers meet observed ones: pure functions of arrays.

Nash & Sutcliffe (1970), doi 10.1016/0022-1694(70)90255-6, eq. 3. Kling-Gupta efficiency as of
Gupta et al. (2009), doi 10.1016/j.jhydrol.2009.08.003, eq. 9, and as of Kling et al. (2012),
doi 10.1016/j.jhydrol.2012.01.011, eq. 1 and 2, which replaces the ratio of standard deviations by
that of the coefficients of variation. Scores of a two by two table as of Wilks (2011), chapter 8.
Interval of a share: Wilson (1927). Intervals of everything else: the moving-block bootstrap
(Kunsch 1989), since neighbours in time and space are alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    type _Floats = NDArray[np.float64]

__all__ = [
    "Estimate",
    "Table2x2",
    "block_bootstrap",
    "kge",
    "kolmogorov_smirnov",
    "nse",
    "rmse",
    "share",
    "two_samples",
    "wasserstein",
]

_Z: Final = 1.959963984540054
#: Resamples of a bootstrap.
RESAMPLES: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """
    A score with its sample size and a 95 % interval.

    Parameters
    ----------
    value
        NaN where it is not defined for this sample.
    n
        Sample size.
    low, high
        Ends of the interval; NaN where the sample is too small for one.
    """

    value: float
    n: int
    low: float = math.nan
    high: float = math.nan


def nse(simulated: _Floats, observed: _Floats) -> float:
    """Return the Nash-Sutcliffe efficiency; NaN where the observed values do not vary."""
    spread = float(((observed - observed.mean()) ** 2).sum()) if observed.size else 0.0
    if spread == 0.0:
        return math.nan
    return 1.0 - float(((simulated - observed) ** 2).sum()) / spread


def kge(simulated: _Floats, observed: _Floats, *, year: int = 2009) -> float:
    """
    Return the Kling-Gupta efficiency of 2009 or of 2012.

    NaN where a ratio is not defined: no variation, or a mean of zero. Levels that count from a
    datum have no natural zero, so that their bias ratio, and with it the whole, hangs on the
    datum; read it beside the others.
    """
    if observed.size < 2:
        return math.nan
    mean_s, mean_o = float(simulated.mean()), float(observed.mean())
    std_s, std_o = float(simulated.std()), float(observed.std())
    if min(std_s, std_o) == 0.0 or mean_o == 0.0 or (year == 2012 and mean_s == 0.0):
        return math.nan
    correlation = float(np.corrcoef(simulated, observed)[0, 1])
    variation = std_s / std_o if year == 2009 else (std_s / mean_s) / (std_o / mean_o)
    bias = mean_s / mean_o
    return 1.0 - math.sqrt((correlation - 1) ** 2 + (variation - 1) ** 2 + (bias - 1) ** 2)


def rmse(simulated: _Floats, observed: _Floats) -> float:
    """Return the root of the mean squared difference."""
    return math.sqrt(float(((simulated - observed) ** 2).mean())) if observed.size else math.nan


def share(count: int, n: int) -> Estimate:
    """Return a share with the interval of Wilson."""
    if n == 0:
        return Estimate(value=math.nan, n=0)
    p = count / n
    middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n * n))
    return Estimate(value=p, n=n, low=max(middle - half, 0.0), high=min(middle + half, 1.0))


def block_bootstrap(
    score: Callable[[_Floats, _Floats], float],
    simulated: _Floats,
    observed: _Floats,
    generator: np.random.Generator,
    *,
    block: int,
) -> Estimate:
    """
    Return a score of pairs with the interval of a moving-block bootstrap.

    Parameters
    ----------
    score
        Of simulated and observed values.
    simulated, observed
        Shape (n,).
    generator
        For the resamples.
    block
        Pairs of a block, at least 1; fewer than four blocks give no interval.
    """
    n = int(observed.size)
    value = score(simulated, observed) if n else math.nan
    if n < 4 * block:
        return Estimate(value=value, n=n)
    starts = generator.integers(0, n - block + 1, size=(RESAMPLES, -(-n // block)))
    index = (starts[:, :, None] + np.arange(block)).reshape(RESAMPLES, -1)[:, :n]
    found = np.array([score(simulated[rows], observed[rows]) for rows in index])
    return _interval(value, n, found)


def two_samples(
    score: Callable[[_Floats, _Floats], float],
    first: _Floats,
    second: _Floats,
    generator: np.random.Generator,
) -> Estimate:
    """Return a score of two samples, unpaired, with a bootstrap interval; n is the smaller one."""
    n = int(min(first.size, second.size))
    value = score(first, second) if n else math.nan
    if n < 4:
        return Estimate(value=value, n=n)
    found = np.array(
        [
            score(
                first[generator.integers(0, first.size, first.size)],
                second[generator.integers(0, second.size, second.size)],
            )
            for _ in range(RESAMPLES)
        ]
    )
    return _interval(value, n, found)


def _interval(value: float, n: int, found: _Floats) -> Estimate:
    found = found[np.isfinite(found)]
    if found.size < RESAMPLES // 2:
        return Estimate(value=value, n=n)
    low, high = np.quantile(found, (0.025, 0.975))
    return Estimate(value=value, n=n, low=float(low), high=float(high))


@dataclass(frozen=True, slots=True)
class Table2x2:
    """Counts of a yes or no that was simulated and observed."""

    hits: int
    misses: int
    false_alarms: int
    correct_negatives: int

    @classmethod
    def of(cls, simulated: NDArray[np.bool_], observed: NDArray[np.bool_]) -> Table2x2:
        """Count two arrays of one shape."""
        return cls(
            int(np.count_nonzero(simulated & observed)),
            int(np.count_nonzero(~simulated & observed)),
            int(np.count_nonzero(simulated & ~observed)),
            int(np.count_nonzero(~simulated & ~observed)),
        )

    @property
    def hit_rate(self) -> float:
        """Share of what was observed that was simulated; NaN where nothing was."""
        return _ratio(self.hits, self.hits + self.misses)

    @property
    def false_alarm_ratio(self) -> float:
        """Share of what was simulated that was not observed; NaN where nothing was."""
        return _ratio(self.false_alarms, self.hits + self.false_alarms)

    @property
    def critical_success_index(self) -> float:
        """Hits over everything that was simulated or observed; NaN where nothing was."""
        return _ratio(self.hits, self.hits + self.misses + self.false_alarms)

    @property
    def bias(self) -> float:
        """Simulated over observed extent; NaN where nothing was observed."""
        return _ratio(self.hits + self.false_alarms, self.hits + self.misses)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


def wasserstein(first: _Floats, second: _Floats) -> float:
    """Return the first Wasserstein distance of two samples, in their unit."""
    return float(stats.wasserstein_distance(first, second))


def kolmogorov_smirnov(first: _Floats, second: _Floats) -> tuple[float, float]:
    """Return the greatest distance of two empirical distributions, and its p-value."""
    found = stats.ks_2samp(first, second)
    return float(found.statistic), float(found.pvalue)
