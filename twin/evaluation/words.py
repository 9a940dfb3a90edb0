"""Scores as people read them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from twin.language import label, number, text

if TYPE_CHECKING:
    from twin.evaluation.score import Part, Score

__all__ = ["interval_of", "notes_of", "subject_of", "value_of"]


def _shown(value: float, unit: str, language: str) -> str:
    if math.isnan(value):
        return "–"  # noqa: RUF001 - a dash of text
    sign = "−" if value < 0.0 else ""  # noqa: RUF001 - the minus sign of text
    size = abs(value)
    match unit:
        case "1":
            return f"{sign}{number(100.0 * size, language)} %"
        case "s":
            return f"{sign}{number(size / 60.0, language, 1)} min"
        case "m":
            return f"{sign}{number(size, language, 2)} m"
        case _:
            return f"{sign}{number(size, language, 2)}"


def value_of(score: Score, language: str) -> str:
    """Return the value with its unit."""
    return _shown(score.estimate.value, score.unit, language)


def interval_of(score: Score, language: str) -> str:
    """Return the interval, or that the sample is too small for one."""
    one = score.estimate
    if math.isnan(one.low):
        return text("evaluate.none", language) if one.n < 20 else ""
    low, high = (_shown(value, score.unit, language) for value in (one.low, one.high))
    return f"{low} … {high}"


def subject_of(score: Score, language: str) -> str:
    """Return what a score is about."""
    if score.part == "responses":
        service, _, what = score.subject.partition(" ")
        leg, _, priority = what.partition(", ")
        named = f"{label('service', service, language)}: {label('leg', leg, language)}"
        return f"{named}, {priority}" if priority else named
    return text("evaluate.all", language) if score.subject == "all" else score.subject


def notes_of(part: Part, language: str) -> list[str]:
    """Return the sentences that a reader of the part needs."""
    found = [text("evaluate.fitted", language)] if part.fitted else []
    for key, values in part.notes:
        shown = {
            name: number(value, language, 0 if float(value).is_integer() else 2)
            if isinstance(value, int | float)
            else value
            for name, value in values.items()
        }
        found.append(text(key, language, **shown))
    return found
