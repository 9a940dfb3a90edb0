"""
Times in a scenario.

A moment is written as an ISO 8601 datetime with its zone (``2025-10-22T04:30+07:00``) or as an
offset from the start of the period (``6 h``, ``90 min``, ``01:30``, ``1 d 2 h``). In the model
both are float seconds since the start of the period, as everywhere in the engine. A bare number
has no unit and is refused, except 0.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from scenarios.schema.base import Model, exactly_one

__all__ = [
    "Clock",
    "Duration",
    "Interval",
    "Moment",
    "Period",
    "SeriesMoment",
    "ZonedDatetime",
    "format_duration",
    "format_seconds",
    "increasing",
    "parse_datetime",
    "parse_duration",
    "parse_moment",
]

_UNITS = {"d": 86400.0, "h": 3600.0, "min": 60.0, "s": 1.0}
_NAMES = {
    "d": "d", "day": "d", "days": "d",
    "h": "h", "hour": "h", "hours": "h",
    "min": "min", "minute": "min", "minutes": "min",
    "s": "s", "sec": "s", "second": "s", "seconds": "s",
}  # fmt: skip
_PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,40})?)\s*([A-Za-z]{1,7})\s*")
_CLOCK = re.compile(
    r"(?:([0-9]{1,5})\s*d(?:ays?)?\s+)?([0-9]{1,7}):([0-5][0-9])(?::([0-5][0-9](?:\.[0-9]{1,12})?))?"
)
_ISO = re.compile(r"[0-9]{4}-")
_LONGEST_S = 36525 * 86400.0
_MAX_TEXT = 64
_HOW = "write it as '6 h', '90 min', '01:30' or '1 d 2 h'"


def parse_duration(value: object) -> float:
    """
    Return a duration in seconds.

    Parameters
    ----------
    value
        Text with units (``90 min``, ``1 d 2 h``, ``01:30`` = 1 h 30 min, ``00:00:20``), a
        ``timedelta``, or the number 0.

    Raises
    ------
    ValueError
        If it has no unit, is negative, longer than 100 years, or is no duration at all.
    """
    if isinstance(value, timedelta):
        return _limited(value.total_seconds(), value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value == 0:
            return 0.0
        raise ValueError(f"a time needs a unit; {_HOW}")
    if not isinstance(value, str):
        raise ValueError(f"this is not a time; {_HOW}")  # noqa: TRY004 - pydantic collects these
    text = value.strip()
    if not text or len(text) > _MAX_TEXT:
        raise ValueError(f"this is not a time; {_HOW}")
    if text.startswith("-"):
        raise ValueError(f"a time cannot be negative; {_HOW}")
    if text == "0":
        return 0.0
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        days, hours, minutes, seconds = clock.groups()
        whole = int(days or 0) * 86400 + int(hours) * 3600 + int(minutes) * 60
        return _limited(whole + float(seconds or 0), value)
    return _limited(_sum_of_parts(text), value)


def _sum_of_parts(text: str) -> float:
    total, position, last = 0.0, 0, float("inf")
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            raise ValueError(f"this is not a time; {_HOW}")
        unit = _NAMES.get(part[2].lower())
        if unit is None:
            raise ValueError(f"'{part[2]}' is not a unit of time (d, h, min, s); {_HOW}")
        if _UNITS[unit] >= last:
            raise ValueError(f"the units must fall from days to seconds; {_HOW}")
        last = _UNITS[unit]
        total += float(part[1]) * last
        position = part.end()
    return total


def _limited(seconds: float, value: object) -> float:
    if seconds < 0:
        raise ValueError(f"a time cannot be negative, this is {value}")
    if seconds > _LONGEST_S:
        raise ValueError("a time cannot be longer than 100 years")
    return float(seconds)


def format_duration(seconds: float) -> str:
    """Return text that :func:`parse_duration` reads back to the same float."""
    if seconds != int(seconds):
        return f"{Decimal(repr(seconds)):f} s"
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours:02d}:{minutes:02d}:{left:02d}"


def format_seconds(seconds: float) -> str:
    """Return a moment in seconds as an offset; ``-02:00:00`` is 2 h before the start."""
    sign = "-" if seconds < 0 else ""
    return sign + format_duration(abs(seconds))


def parse_datetime(value: object) -> datetime:
    """
    Return a datetime that knows its zone.

    Raises
    ------
    ValueError
        If *value* is not an ISO 8601 date and time with a zone.
    """
    how = "write it as 2025-10-22T04:30+07:00"
    if isinstance(value, str) and len(value) <= _MAX_TEXT and _ISO.match(value.strip()):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise ValueError(f"this is not a date and time ({error}); {how}") from None
    if not isinstance(value, datetime):
        raise ValueError(f"this is not a date and time; {how}")  # noqa: TRY004 - as above
    if value.tzinfo is None or value.utcoffset() is None:
        raise ValueError(f"the time zone is missing; {how}")
    return value


class Clock:
    """
    The period against which moments are read.

    Parameters
    ----------
    start
        Start of the period, with its zone.
    duration_s
        Length of the period, s.
    """

    __slots__ = ("duration_s", "start")

    def __init__(self, start: datetime, duration_s: float) -> None:
        self.start = start
        self.duration_s = duration_s

    def seconds(self, moment: datetime) -> float:
        """Return seconds since the start."""
        return (moment - self.start).total_seconds()


def is_date(value: object) -> bool:
    """Tell whether a moment is written as a date, right or wrong, and not as an offset."""
    if isinstance(value, str):
        return _ISO.match(value.strip()) is not None
    return isinstance(value, datetime)


def parse_moment(value: object, clock: Clock | None, *, inside: bool = True) -> float:
    """
    Return a moment in seconds since the start of the period.

    Parameters
    ----------
    value
        ISO datetime with zone, or an offset as :func:`parse_duration` reads it.
    clock
        The period; None where it is not known, and then only offsets can be read.
    inside
        Whether the moment must lie in the period; if not, ``-2 h`` is 2 h before the start.

    Raises
    ------
    ValueError
        If *value* cannot be read, or lies outside the period.
    """
    if is_date(value):
        moment = parse_datetime(value)
        if clock is None:
            raise ValueError("a date can be read only in a scenario with a valid period")
        seconds = clock.seconds(moment)
    elif not inside and isinstance(value, str) and value.strip().startswith("-"):
        seconds = -parse_duration(value.strip()[1:])
    else:
        seconds = parse_duration(value)
    if inside and clock is not None and not 0.0 <= seconds <= clock.duration_s:
        end = clock.start + timedelta(seconds=clock.duration_s)
        raise ValueError(
            f"the time lies outside the period ({clock.start.isoformat()} to {end.isoformat()})"
        )
    return seconds


def _clock(info: ValidationInfo) -> Clock | None:
    context: Any = info.context
    clock = context.get("clock") if isinstance(context, dict) else None
    return clock if isinstance(clock, Clock) else None


def _read(value: object, info: ValidationInfo, *, inside: bool) -> float:
    clock = _clock(info)
    if clock is None and is_date(value):
        # Its own type, so that an error in the period hides this one, which follows from it.
        raise PydanticCustomError(
            "no_period", "a date can be read only in a scenario with a valid period"
        )
    return parse_moment(value, clock, inside=inside)


def _moment(value: object, info: ValidationInfo) -> float:
    return _read(value, info, inside=True)


def _series_moment(value: object, info: ValidationInfo) -> float:
    return _read(value, info, inside=False)


_DURATION_SCHEMA = {
    "type": ["string", "integer"],
    "description": "A duration: '6 h', '90 min', '01:30', '1 d 2 h'.",
    "examples": ["6 h", "90 min", "01:30", "1 d 2 h"],
}
_MOMENT_SCHEMA = {
    "type": ["string", "integer"],
    "description": "An ISO datetime with zone, or an offset from the start of the period.",
    "examples": ["2025-10-22T04:30+07:00", "6 h", "01:30"],
}

#: A length of time, s; may be 0.
Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, when_used="json"),
    WithJsonSchema(_DURATION_SCHEMA),
]
#: A length of time, s; longer than 0.
Interval = Annotated[
    float,
    Field(gt=0),
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, when_used="json"),
    WithJsonSchema(_DURATION_SCHEMA),
]
#: Seconds since the start of the period, inside the period.
Moment = Annotated[
    float,
    BeforeValidator(_moment),
    PlainSerializer(format_seconds, when_used="json"),
    WithJsonSchema(_MOMENT_SCHEMA),
]
#: Seconds since the start of the period; a series may reach beyond the period at both ends.
SeriesMoment = Annotated[
    float,
    BeforeValidator(_series_moment),
    PlainSerializer(format_seconds, when_used="json"),
    WithJsonSchema(_MOMENT_SCHEMA),
]
#: A date and time with its zone.
ZonedDatetime = Annotated[
    datetime,
    BeforeValidator(parse_datetime),
    WithJsonSchema(
        {
            "type": "string",
            "description": "An ISO datetime with zone.",
            "examples": ["2025-10-22T00:00+07:00"],
        }
    ),
]


def increasing(times: Sequence[float]) -> None:
    """
    Check that the times of a series grow.

    Raises
    ------
    ValueError
        If one time is not later than the one before it; the message names both entries.
    """
    for index, (before, after) in enumerate(pairwise(times)):
        if after <= before:
            raise ValueError(
                f"the times must increase, but entry {index + 2} ({format_seconds(after)}) is not "
                f"later than entry {index + 1} ({format_seconds(before)})"
            )


class Period(Model):
    """The simulated time."""

    start: ZonedDatetime
    """Start, with its zone; the zone of the scenario."""
    end: ZonedDatetime | None = None
    """End; or give `duration`."""
    duration: Interval | None = None
    """Length of the period; or give `end`."""

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        exactly_one(self, ("end", "duration"), "the period")
        if self.end is not None and self.end <= self.start:
            raise ValueError("the period ends before it starts")
        if self.duration_s > 366 * 86400:
            raise ValueError("the period cannot be longer than 366 days")
        return self

    @property
    def duration_s(self) -> float:
        """Length of the period, s."""
        if self.duration is not None:
            return self.duration
        if self.end is None:  # the validator has seen to it
            return 0.0
        return (self.end - self.start).total_seconds()

    @property
    def midnight_s(self) -> float:
        """Time of the local day at the start, s."""
        start = self.start
        return 3600.0 * start.hour + 60.0 * start.minute + start.second + 1e-6 * start.microsecond

    @property
    def clock(self) -> Clock:
        """The period as moments are read against it."""
        return Clock(self.start, self.duration_s)

    def datetime_at(self, seconds: float) -> datetime:
        """Return the date and time *seconds* after the start, in the zone of the start."""
        return self.start + timedelta(seconds=seconds)
