"""Time zones as people write them."""

from __future__ import annotations

import re
from datetime import timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models.errors import InvalidInputError

if TYPE_CHECKING:
    from datetime import tzinfo

__all__ = ["zone_of"]


def zone_of(
    text: str | None, where: str, *, error: type[InvalidInputError] = InvalidInputError
) -> tzinfo | None:
    """
    Return a zone from its name or its offset; None from None.

    Raises
    ------
    InvalidInputError
        Or what *error* is, if the zone is not known.
    """
    if text is None:
        return None
    fixed = re.fullmatch(r"([+-])([01][0-9]):([0-5][0-9])", text)
    if fixed is not None:
        shift = timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        return timezone(-shift if fixed[1] == "-" else shift)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise error(
            "this time zone is not known",
            where=f"{where}: time_zone",
            value=text,
            remedy="Write it as Asia/Ho_Chi_Minh or +07:00.",
        ) from None
