"""Rain in time: hyetographs of constant intervals, and design storms that conserve their depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Hyetograph", "alternating_block", "chicago", "constant", "triangular"]

#: More rain than this was never measured, m/s (3.6 m in an hour).
_EXTREME_M_S = 1.0e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyetograph:
    """
    Rain rates, constant between times; dry before the first and after the last time.

    Parameters
    ----------
    times_s
        Ends of the intervals, s, rising, shape (n + 1,).
    rates_m_s
        Rate in each interval, m/s, shape (n,).

    Raises
    ------
    InvalidQuantityError
        If the times do not rise, a rate is negative, not finite or beyond any rain, or the shapes
        do not fit.
    """

    times_s: NDArray[np.float64]
    rates_m_s: NDArray[np.float64]

    def __post_init__(self) -> None:
        times_s = np.array(self.times_s, dtype=np.float64)
        rates_m_s = np.array(self.rates_m_s, dtype=np.float64)
        if times_s.ndim != 1 or times_s.size < 2 or rates_m_s.shape != (times_s.size - 1,):
            raise InvalidQuantityError(
                "needs one rate between each two times", where="hyetograph",
                value=(times_s.shape, rates_m_s.shape),
            )  # fmt: skip
        rising = np.isfinite(times_s[1:]) & (np.diff(times_s) > 0.0)
        if not (np.isfinite(times_s[0]) and rising.all()):
            row = int(np.argmin(rising)) + 1
            raise InvalidQuantityError(
                "times must be finite and rise", where=f"hyetograph, time {row}",
                value=float(times_s[row]),
            )  # fmt: skip
        good = (rates_m_s >= 0.0) & (rates_m_s <= _EXTREME_M_S)
        if not good.all():
            row = int(np.argmin(good))
            raise InvalidQuantityError(
                f"a rain rate must lie between 0 and {_EXTREME_M_S} m/s",
                where=f"hyetograph, interval {row}", value=float(rates_m_s[row]),
                remedy="One mm/h is 2.78e-7 m/s.",
            )  # fmt: skip
        object.__setattr__(self, "times_s", times_s)
        object.__setattr__(self, "rates_m_s", rates_m_s)

    @property
    def depth_m(self) -> float:
        """Depth of the whole storm, m."""
        return float(np.dot(self.rates_m_s, np.diff(self.times_s)))

    def depth_between_m(self, start_s: float, end_s: float) -> float:
        """Return the depth that falls from *start_s* to *end_s*, m: exact."""
        clipped_s = np.clip(self.times_s, start_s, end_s)
        return float(np.dot(self.rates_m_s, np.diff(clipped_s)))

    def mean_rate_m_s(self, start_s: float, end_s: float) -> float:
        """
        Return the mean rate from *start_s* to *end_s*, m/s, which conserves the depth.

        Raises
        ------
        InvalidQuantityError
            If the interval is empty.
        """
        if not start_s < end_s:
            raise InvalidQuantityError("an empty interval", where="hyetograph", value=end_s)
        return self.depth_between_m(start_s, end_s) / (end_s - start_s)

    @classmethod
    def from_depths(cls, times_s: ArrayLike, depths_m: ArrayLike) -> Hyetograph:
        """Build from the depth that fell in each interval, m, as gauges report it."""
        times = np.asarray(times_s, dtype=np.float64)
        return cls(times_s=times, rates_m_s=np.asarray(depths_m, float) / np.diff(times))


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not 0.0 < value < np.inf:
            raise InvalidQuantityError(
                "must be positive", where=f"design storm {name}", value=value
            )


def _ends(start_s: float, duration_s: float, step_s: float) -> NDArray[np.float64]:
    """Return the ends of the intervals of a storm; the last may be shorter."""
    count = max(1, int(np.ceil(duration_s / step_s - 1e-9)))
    ends_s = start_s + np.minimum(np.arange(count + 1) * step_s, duration_s)
    return np.asarray(ends_s, dtype=np.float64)


def _of_cumulative(
    times_s: NDArray[np.float64], fraction: NDArray[np.float64], depth_m: float
) -> Hyetograph:
    """Build from the share of the depth that has fallen at each time."""
    return Hyetograph.from_depths(times_s, depth_m * np.diff(fraction))


def constant(*, depth_m: float, duration_s: float, start_s: float = 0.0) -> Hyetograph:
    """Return a storm of one rate."""
    _positive(depth_m=depth_m, duration_s=duration_s)
    return Hyetograph(
        times_s=np.array([start_s, start_s + duration_s]),
        rates_m_s=np.array([depth_m / duration_s]),
    )


def _check_peak(peak: float) -> None:
    if not 0.0 <= peak <= 1.0:
        raise InvalidQuantityError(
            "the peak must lie between 0 and 1 of the duration", where="design storm", value=peak
        )


def triangular(
    *, depth_m: float, duration_s: float, peak: float = 0.375, step_s: float = 300.0,
    start_s: float = 0.0,
) -> Hyetograph:  # fmt: skip
    """
    Return a triangular storm.

    Parameters
    ----------
    depth_m, duration_s
        Of the storm.
    peak
        Time of the peak over the duration; 0.375 is the mean of Yen & Chow (1980), J. Hydraul.
        Div. 106.
    step_s
        Length of the intervals, whose depths are exact.
    start_s
        Time at which it starts.
    """
    _positive(depth_m=depth_m, duration_s=duration_s, step_s=step_s)
    _check_peak(peak)
    times_s = _ends(start_s, duration_s, step_s)
    x = (times_s - start_s) / duration_s
    rise = x * x / peak if peak > 0.0 else np.zeros_like(x)
    fall = 1.0 - (1.0 - x) ** 2 / (1.0 - peak) if peak < 1.0 else np.ones_like(x)
    return _of_cumulative(times_s, np.where(x < peak, rise, fall), depth_m)


def chicago(
    *, depth_m: float, duration_s: float, b_s: float, c: float, peak: float = 0.4,
    step_s: float = 300.0, start_s: float = 0.0,
) -> Hyetograph:  # fmt: skip
    """
    Return the storm of Keifer & Chu (1957), J. Hydraul. Div. 83, scaled to *depth_m*.

    Parameters
    ----------
    depth_m, duration_s
        Of the storm.
    b_s, c
        Of the intensity-duration curve ``i = a / (t + b)^c``, *b* in s; ``a`` follows from the
        depth.
    peak
        Time of the peak over the duration.
    step_s
        Length of the intervals, whose depths are exact.
    start_s
        Time at which it starts.
    """
    _positive(depth_m=depth_m, duration_s=duration_s, step_s=step_s, b_s=b_s, c=c)
    _check_peak(peak)
    times_s = _ends(start_s, duration_s, step_s)

    def curve(t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        # The depth of duration t over ``a``: what falls within t around the peak.
        long_s = np.maximum(t_s, 0.0)
        return np.asarray(long_s / (long_s + b_s) ** c)

    # Depth between the peak and each side is that side's share of the curve.
    offset_s = times_s - (start_s + peak * duration_s)
    before = (
        -peak * curve(np.maximum(-offset_s, 0.0) / peak) if peak > 0.0 else np.zeros_like(offset_s)
    )
    after = (
        (1.0 - peak) * curve(np.maximum(offset_s, 0.0) / (1.0 - peak))
        if peak < 1.0
        else np.zeros_like(offset_s)
    )
    fallen = np.where(offset_s < 0.0, before, after)
    fraction = (fallen - fallen[0]) / (fallen[-1] - fallen[0])
    return _of_cumulative(times_s, fraction, depth_m)


def alternating_block(
    *, depth_of_duration_m: Callable[[float], float], duration_s: float, step_s: float = 600.0,
    start_s: float = 0.0,
) -> Hyetograph:  # fmt: skip
    """
    Return the storm of alternating blocks (Chow, Maidment & Mays 1988, section 14.4).

    Parameters
    ----------
    depth_of_duration_m
        Depth-duration curve: depth, m, of a duration in s. It must not fall.
    duration_s, step_s
        Of the storm and of a block; the duration is a whole number of blocks.
    start_s
        Time at which it starts.

    Raises
    ------
    InvalidQuantityError
        If the curve falls, or the blocks do not fill the duration.
    """
    _positive(duration_s=duration_s, step_s=step_s)
    count = round(duration_s / step_s)
    if count < 1 or abs(count * step_s - duration_s) > 1e-6 * duration_s:
        raise InvalidQuantityError(
            "the duration must be a whole number of blocks", where="design storm",
            value=(duration_s, step_s),
        )  # fmt: skip
    depths_m = np.array([0.0, *(depth_of_duration_m((n + 1) * step_s) for n in range(count))])
    blocks_m = np.diff(depths_m)
    if not (blocks_m >= 0.0).all():
        raise InvalidQuantityError(
            "the depth-duration curve falls", where="design storm", value=depths_m.tolist()
        )
    largest_first = np.sort(blocks_m)[::-1]
    arranged_m = np.empty(count)
    # Largest in the middle, then right, left, right …
    middle = (count - 1) // 2
    places = sorted(range(count), key=lambda n: (abs(n - middle), n < middle))
    arranged_m[places] = largest_first
    return Hyetograph.from_depths(start_s + np.arange(count + 1) * step_s, arranged_m)
