"""Times of observed data: always with a zone, and never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from models.errors import InvalidInputError

if TYPE_CHECKING:
    from datetime import tzinfo

__all__ = ["MomentReader", "Reading"]

#: Signs with which people say that something began before or went on after a time.
_BOUND = re.compile("[<>~≤≥]")
#: The zones of the world lie between these offsets.
_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)
_MIDNIGHT = re.compile(r"(.*[T ])24:00(:00)?$")


@dataclass(frozen=True, slots=True)
class Reading:
    """A time in UTC, or None with what is wrong; ``odd`` says what is odd about one that holds."""

    moment: datetime | None
    wrong: str = ""
    odd: str = ""


@dataclass(frozen=True, slots=True)
class MomentReader:
    """
    Reads times of one table.

    Parameters
    ----------
    zone
        Of times that name none; None where there is none.
    formats
        Formats as of ``strptime``; empty for ISO 8601.
    """

    zone: tzinfo | None
    formats: tuple[str, ...] = ()

    def read(self, text: str, *, where: str) -> Reading:
        """
        Return the time that *text* says.

        Raises
        ------
        InvalidInputError
            If it names no zone, and there is none for the table.
        """
        plain = _BOUND.sub("", text)
        moment = self._parsed(plain)
        if moment is None:
            return Reading(None, wrong="unreadable_time")
        odd = "" if plain == text else "open_time"
        if moment.tzinfo is not None:
            return Reading(moment.astimezone(UTC), odd=odd)
        if self.zone is None:
            raise InvalidInputError(
                "the time names no zone",
                where=where,
                value=text,
                remedy="Write time_zone into the mapping, such as Asia/Ho_Chi_Minh or +07:00.",
            )
        first = moment.replace(tzinfo=self.zone)
        utc = first.astimezone(UTC)
        if utc.astimezone(self.zone).replace(tzinfo=None) != moment:
            return Reading(None, wrong="time_skipped")
        if first.utcoffset() != moment.replace(tzinfo=self.zone, fold=1).utcoffset():
            return Reading(utc, odd="time_twice")
        return Reading(utc, odd=odd)

    def _parsed(self, text: str) -> datetime | None:
        text = text.strip()
        midnight = _MIDNIGHT.fullmatch(text)
        if midnight is not None:
            text = f"{midnight[1]}00:00"
        for form in self.formats or ("",):
            try:
                found = (
                    datetime.strptime(text, form)  # noqa: DTZ007 - the zone comes after
                    if form
                    else datetime.fromisoformat(text)
                )
            except ValueError:
                continue
            if not form and not re.search(r"[0-9]:?[0-9]{2}", text[10:]):
                return None  # a day without a time of day is no moment
            offset = found.utcoffset()
            if offset is not None and not _WEST <= offset <= _EAST:
                return None  # such as 19:00-20:00, which is a range and not a zone
            return found + timedelta(days=1) if midnight is not None else found
        return None
