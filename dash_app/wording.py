"""How the app writes moments and sizes, in either language."""

from __future__ import annotations

from datetime import datetime

from twin.language import short_number

__all__ = ["moment", "size"]


def moment(text: str, language: str) -> str:
    """Return an ISO time as people write it, in its own zone; as it is where it is none."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{when:%d/%m/%Y %H:%M}" if language == "vi" else f"{when:%d %b %Y, %H:%M}"


def size(count: float, language: str) -> str:
    """Return a number of bytes in the largest fitting unit of 1000."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000.0:
            break
        value, unit = value / 1000.0, larger
    return f"{short_number(value, language, 0 if value >= 10 or unit == 'B' else 1)} {unit}"
