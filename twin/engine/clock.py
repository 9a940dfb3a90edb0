"""When the engine stops to exchange: the schedule of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from models.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Schedule"]

_NEARLY = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """
    The exchange times of a run, and which of them write a frame, a gauge row, a checkpoint.

    Parameters
    ----------
    times_s
        Exchange times, s, from 0 to the end, rising.
    frames, gauges, checkpoints
        One flag per exchange.
    gauge_every, section_every
        Every how many exchanges each gauge and each cross-section is recorded.
    """

    times_s: NDArray[np.float64]
    frames: NDArray[np.bool_]
    gauges: NDArray[np.bool_]
    checkpoints: NDArray[np.bool_]
    gauge_every: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    section_every: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    @classmethod
    def build(
        cls,
        *,
        end_s: float,
        exchange_s: float,
        frame_s: float,
        gauge_s: float,
        checkpoint_s: float,
        gauges: Sequence[float | None] = (),
        sections: Sequence[float | None] = (),
    ) -> Schedule:
        """
        Lay out the exchanges of a run; the end is always one, with a frame.

        *gauges* and *sections* are the intervals of single ones, where they have their own.

        Raises
        ------
        ScenarioError
            If the interval of frames or gauges is not a multiple of the exchange interval.
        """
        count = int(np.floor(end_s / exchange_s + _NEARLY))
        times = np.arange(count + 1, dtype=np.float64) * exchange_s
        if end_s - times[-1] > _NEARLY * exchange_s:
            times = np.append(times, end_s)
        else:
            times[-1] = end_s
        flags = []
        for name, interval in (("frame_interval", frame_s), ("gauge_interval", gauge_s)):
            every = round(interval / exchange_s)
            if every < 1 or abs(every * exchange_s - interval) > _NEARLY * exchange_s:
                raise ScenarioError(
                    "the interval must be a multiple of flood.exchange_interval",
                    where=f"outputs.{name}",
                    value=f"{interval:g} s with exchanges every {exchange_s:g} s",
                )
            flags.append(_every(times.size, every))
        checkpoints = _every(times.size, max(1, round(checkpoint_s / exchange_s)))
        checkpoints[0] = checkpoints[-1] = False
        return cls(
            times_s=times,
            frames=flags[0],
            gauges=flags[1],
            checkpoints=checkpoints,
            gauge_every=_multiples(gauges, gauge_s, exchange_s),
            section_every=_multiples(sections, gauge_s, exchange_s),
        )

    def gauge_due(self, exchange: int) -> NDArray[np.bool_]:
        """Return which gauges are recorded at exchange number *exchange*."""
        return self._due(self.gauge_every, exchange)

    def section_due(self, exchange: int) -> NDArray[np.bool_]:
        """Return which cross-sections are recorded at exchange number *exchange*."""
        return self._due(self.section_every, exchange)

    def _due(self, every: NDArray[np.int64], exchange: int) -> NDArray[np.bool_]:
        if exchange == self.times_s.size - 1:
            return np.ones(every.size, np.bool_)
        return np.asarray(exchange % every == 0, np.bool_)

    @property
    def end_s(self) -> float:
        """The end of the run, s."""
        return float(self.times_s[-1])

    @property
    def frame_times_s(self) -> NDArray[np.float64]:
        """Times of the frames, s."""
        return self.times_s[self.frames]

    def frame_index(self, exchange: int) -> int:
        """Return the number of the frame that exchange number *exchange* writes."""
        return int(self.frames[:exchange].sum())


def _multiples(
    intervals: Sequence[float | None], usual_s: float, exchange_s: float
) -> NDArray[np.int64]:
    return np.asarray(
        [max(1, round((usual_s if each is None else each) / exchange_s)) for each in intervals],
        np.int64,
    )


def _every(size: int, step: int) -> NDArray[np.bool_]:
    flags = np.zeros(size, np.bool_)
    flags[::step] = True
    flags[-1] = True
    return flags
