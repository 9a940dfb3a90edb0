"""Water levels in time: measured series, high and low waters, harmonic constituents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Constituent", "LevelSeries"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Constituent:
    """
    One harmonic of the tide: ``amplitude cos(speed t - phase)``.

    Parameters
    ----------
    name
        For messages.
    amplitude_m
        Amplitude, m.
    speed_deg_h
        Speed, degrees per hour.
    phase_deg
        Phase at the series' time 0, degrees: nodal corrections and equilibrium argument
        (:mod:`models.tides`) belong in amplitude and phase already.
    """

    name: str
    amplitude_m: float
    speed_deg_h: float
    phase_deg: float

    def __post_init__(self) -> None:
        for name in ("amplitude_m", "speed_deg_h", "phase_deg"):
            value = getattr(self, name)
            if not np.isfinite(value):
                raise InvalidQuantityError(
                    "must be finite", where=f"constituent {self.name} {name}", value=value
                )
        if self.amplitude_m < 0.0 or self.speed_deg_h <= 0.0:
            raise InvalidQuantityError(
                "needs a non-negative amplitude and a positive speed",
                where=f"constituent {self.name}",
                value=(self.amplitude_m, self.speed_deg_h),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSeries:
    """
    A water level as a function of time.

    Build it with :meth:`linear`, :meth:`cosine_between_extremes`, :meth:`harmonic` or
    :meth:`constant`. Times outside what is known are an error, never an extrapolation.
    """

    kind: Literal["linear", "cosine", "harmonic"]
    times_s: NDArray[np.float64]
    levels_m: NDArray[np.float64]
    constituents: tuple[Constituent, ...] = ()
    mean_m: float = 0.0
    offset_m: float = field(default=0.0)

    @classmethod
    def linear(
        cls, times_s: ArrayLike, levels_m: ArrayLike, *, offset_m: float = 0.0
    ) -> LevelSeries:
        """
        Return the series that is linear between the given levels.

        Raises
        ------
        InvalidQuantityError
            If the times do not rise, a value is not finite, or the lengths differ.
        """
        times, levels = _checked(times_s, levels_m)
        return cls(kind="linear", times_s=times, levels_m=levels, offset_m=offset_m)

    @classmethod
    def cosine_between_extremes(
        cls, times_s: ArrayLike, levels_m: ArrayLike, *, offset_m: float = 0.0
    ) -> LevelSeries:
        """
        Return half a cosine from each high or low water to the next.

        Tide tables print times and heights of extremes; between them the tide is close to half a
        cosine (Pugh & Woodworth 2014, section 4.4).

        Raises
        ------
        InvalidQuantityError
            As :meth:`linear`, and if two neighbouring extremes rise, or fall, in the same
            direction as the two before: then one is not an extreme.
        """
        times, levels = _checked(times_s, levels_m)
        turns = np.diff(levels)
        wrong = np.flatnonzero(turns[1:] * turns[:-1] > 0.0)
        if wrong.size:
            row = int(wrong[0]) + 1
            raise InvalidQuantityError(
                "high and low waters must alternate",
                where=f"level {row} at {times[row]:g} s",
                value=float(levels[row]),
                remedy="Use a linear series for levels that are not extremes.",
            )
        return cls(kind="cosine", times_s=times, levels_m=levels, offset_m=offset_m)

    @classmethod
    def harmonic(
        cls,
        constituents: tuple[Constituent, ...],
        *,
        mean_m: float,
        start_s: float = -np.inf,
        end_s: float = np.inf,
        offset_m: float = 0.0,
    ) -> LevelSeries:
        """
        Return the sum of *constituents* about *mean_m*, between *start_s* and *end_s*.

        Raises
        ------
        InvalidQuantityError
            If there is no constituent, or the mean is not finite.
        """
        if not constituents or not np.isfinite(mean_m):
            raise InvalidQuantityError(
                "a harmonic tide needs a mean level and at least one constituent",
                where="tide",
                value=mean_m,
            )
        return cls(
            kind="harmonic",
            times_s=np.array([start_s, end_s]),
            levels_m=np.empty(0),
            constituents=tuple(constituents),
            mean_m=mean_m,
            offset_m=offset_m,
        )

    @classmethod
    def constant(cls, level_m: float) -> LevelSeries:
        """Return the same level at all times."""
        _checked([0.0, 1.0], [level_m, level_m])
        return cls(
            kind="linear",
            times_s=np.array([-np.inf, np.inf]),
            levels_m=np.array([level_m, level_m]),
        )

    @property
    def first_s(self) -> float:
        """First time that is known, s."""
        return float(self.times_s[0])

    @property
    def last_s(self) -> float:
        """Last time that is known, s."""
        return float(self.times_s[-1])

    def highest_m(self, start_s: float, end_s: float) -> float:
        """
        Return the highest level from *start_s* to *end_s*, m; of harmonics to within a minute.

        Raises
        ------
        InvalidQuantityError
            As :meth:`level_m`.
        """
        times = [start_s, end_s]
        if self.kind == "harmonic":
            times += np.arange(start_s, end_s, 60.0).tolist()
        else:
            within = (self.times_s > start_s) & (self.times_s < end_s)
            times += self.times_s[within].tolist()
        return max(self.level_m(time) for time in times)

    def level_m(self, time_s: float) -> float:
        """
        Return the level at *time_s*, m.

        Raises
        ------
        InvalidQuantityError
            If the time lies outside the series.
        """
        if not self.first_s <= time_s <= self.last_s:
            raise InvalidQuantityError(
                f"the water level is known from {self.first_s:g} s to {self.last_s:g} s only",
                where="level series",
                value=time_s,
                remedy="Give levels for the whole period; they are not extrapolated.",
            )
        if self.kind == "harmonic":
            level = self.mean_m + sum(
                each.amplitude_m
                * float(np.cos(np.radians(each.speed_deg_h * time_s / 3600.0 - each.phase_deg)))
                for each in self.constituents
            )
            return level + self.offset_m
        if not np.isfinite(self.first_s):
            return float(self.levels_m[0]) + self.offset_m
        after = int(np.searchsorted(self.times_s, time_s, side="right"))
        after = min(max(after, 1), self.times_s.size - 1)
        t0, t1 = self.times_s[after - 1], self.times_s[after]
        z0, z1 = self.levels_m[after - 1], self.levels_m[after]
        share = (time_s - t0) / (t1 - t0)
        if self.kind == "cosine":
            share = 0.5 - 0.5 * np.cos(np.pi * share)
        return float(z0 + (z1 - z0) * share) + self.offset_m


def _checked(
    times_s: ArrayLike, levels_m: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both as arrays, or raise for the first value that is wrong."""
    times = np.array(times_s, dtype=np.float64)
    levels = np.array(levels_m, dtype=np.float64)
    if times.ndim != 1 or times.shape != levels.shape or times.size < 2:
        raise InvalidQuantityError(
            "needs as many levels as times, and at least two",
            where="level series",
            value=(times.shape, levels.shape),
        )
    for name, values in (("time", times), ("level", levels)):
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise InvalidQuantityError(
                "must be finite",
                where=f"level series, {name} {int(bad[0])}",
                value=float(values[bad[0]]),
            )
    still = np.flatnonzero(np.diff(times) <= 0.0)
    if still.size:
        row = int(still[0]) + 1
        raise InvalidQuantityError(
            "times must rise", where=f"level series, time {row}", value=float(times[row])
        )
    return times, levels
