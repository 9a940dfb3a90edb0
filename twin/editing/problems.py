"""What is wrong with a document, field by field, in words of both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.errors import InvalidInputError
from scenarios import Scenario
from scenarios.loader import read_yaml
from scenarios.migrate import migrate
from scenarios.validation import find_faults
from twin.language import LANGUAGES, known, short_number, text

if TYPE_CHECKING:
    from scenarios.validation import Fault
    from twin.editing.documents import Path

__all__ = ["Problem", "problems_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """
    One thing that is wrong.

    Parameters
    ----------
    path
        The field, as steps from the root; empty where the text is no document at all.
    line
        Its line in the text, from 1; 0 where it is not known.
    message
        By language.
    remedy
        What to do, where it is known; in English.
    """

    path: Path
    line: int
    message: dict[str, str]
    remedy: str = ""


def problems_of(yaml: str, *, name: str = "scenario") -> tuple[Problem, ...]:
    """Return what is wrong with a scenario as text, in the order of its lines."""
    try:
        document = migrate(read_yaml(yaml, name=name))
    except InvalidInputError as error:
        found = [
            part for part in (error.where or "").replace(",", ":").split(":") if part.isdigit()
        ]
        message = dict.fromkeys(LANGUAGES, _sentence(error))
        line = int(found[0]) if found else 0
        return (Problem(path=(), line=line, message=message, remedy=error.remedy or ""),)
    return tuple(_problem(fault) for fault in find_faults(Scenario, document))


def _problem(fault: Fault) -> Problem:
    return Problem(
        path=fault.path,
        line=fault.line,
        message={language: _told(fault, language) for language in LANGUAGES},
        remedy=fault.error.remedy or "",
    )


def _told(fault: Fault, language: str) -> str:
    """Return the message; what has no words in Vietnamese is said in English."""
    key = f"problem.{fault.kind}"
    if not known(key):
        return _sentence(fault.error)
    limits = {
        name: short_number(value, language, 6) if isinstance(value, int | float) else value
        for name, value in fault.limits.items()
    }
    return text(key, language, **limits)


def _sentence(error: InvalidInputError) -> str:
    shown = error.what[:1].upper() + error.what[1:]
    return f"{shown} ({error.value})" if error.value not in (None, "") else shown
