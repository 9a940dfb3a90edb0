# ruff: noqa: RUF001 - the dashes are typography of text that people read
"""Everything that people read, in Vietnamese and English."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from models.errors import InvalidInputError
from twin.language.notes import NOTES
from twin.language.notes_boundaries import BOUNDARY_NOTES
from twin.language.notes_forcing import FORCING_NOTES
from twin.language.notes_structures import STRUCTURE_NOTES
from twin.language.texts import TEXTS
from twin.language.texts_analysis import ANALYSIS_TEXTS
from twin.language.texts_calibration import CALIBRATION_TEXTS
from twin.language.texts_editing import EDITING_TEXTS
from twin.language.texts_ensembles import ENSEMBLE_TEXTS
from twin.language.texts_evaluation import EVALUATION_TEXTS
from twin.language.texts_observed import OBSERVED_TEXTS
from twin.language.texts_outputs import OUTPUT_TEXTS
from twin.language.texts_replay import REPLAY_TEXTS
from twin.language.texts_reports import REPORT_TEXTS
from twin.language.texts_residents import RESIDENT_TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "LANGUAGES",
    "Note",
    "Word",
    "choose_language",
    "clock",
    "known",
    "label",
    "note",
    "number",
    "say",
    "short_number",
    "text",
]

LANGUAGES = ("vi", "en")
_TEXTS = {
    **TEXTS,
    **NOTES,
    **FORCING_NOTES,
    **BOUNDARY_NOTES,
    **STRUCTURE_NOTES,
    **OUTPUT_TEXTS,
    **ANALYSIS_TEXTS,
    **EVALUATION_TEXTS,
    **CALIBRATION_TEXTS,
    **OBSERVED_TEXTS,
    **EDITING_TEXTS,
    **REPLAY_TEXTS,
    **RESIDENT_TEXTS,
    **ENSEMBLE_TEXTS,
    **REPORT_TEXTS,
}


class Word(NamedTuple):
    """A word that each language has: the text ``family.name``."""

    family: str
    name: str


#: A sentence by language code, with its ``kind`` for programs; or a sentence as somebody wrote it.
type Note = Mapping[str, str] | str


def text(key: str, language: str, /, **values: object) -> str:
    """
    Return the text *key* with *values* in its places.

    Raises
    ------
    InvalidInputError
        If the language is not one of ``LANGUAGES``.
    """
    if language not in LANGUAGES:
        raise InvalidInputError(
            "this language is not spoken here",
            where="language",
            value=language,
            remedy=f"Choose from {', '.join(LANGUAGES)}.",
        )
    return _TEXTS[key][LANGUAGES.index(language)].format(**values)


def known(key: str) -> bool:
    """Return whether there is a text *key*."""
    return key in _TEXTS


def label(family: str, name: str, language: str) -> str:
    """Return the text ``family.name``, or *name* itself, readable, where there is none."""
    key = f"{family}.{name}"
    return text(key, language) if known(key) else name.replace("_", " ")


def note(kind: str, /, **values: object) -> dict[str, str]:
    """
    Return the note *kind* in every language, with *values* in its places.

    Numbers are written as each language writes them, and a :class:`Word`, or several, as the
    language says it.
    """
    sentences = {"kind": kind}
    for language in LANGUAGES:
        shown = {name: _shown(value, language) for name, value in values.items()}
        sentences[language] = text(f"note.{kind}", language, **shown)
    return sentences


def _shown(value: object, language: str) -> str:
    match value:
        case int() | float():
            return short_number(float(value), language)
        case Word():
            return label(value.family, value.name, language)
        case tuple() | list():
            return ", ".join(_shown(part, language) for part in value)
        case _:
            return str(value)


def say(sentence: Note, language: str) -> str:
    """Return a note in *language*; as it is where somebody wrote it in one language only."""
    if isinstance(sentence, str):
        return sentence
    return sentence.get(language) or next((sentence[k] for k in LANGUAGES if k in sentence), "")


def choose_language(wanted: str | None, environment: Mapping[str, str] | None = None) -> str:
    """
    Return the language that was asked for, or that of the environment, or English.

    Raises
    ------
    InvalidInputError
        If a language was asked for that is not one of ``LANGUAGES``.
    """
    if wanted:
        text("language", wanted)
        return wanted
    names = os.environ if environment is None else environment
    for variable in ("TWIN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        named = names.get(variable, "")[:2].lower()
        if named:
            return named if named in LANGUAGES else "en"
    return "en"


def number(value: float | None, language: str, decimals: int = 0) -> str:
    """Return a number as the language writes it; a dash where there is none."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is the one value unlike itself
        return "–"
    shown = f"{value:,.{decimals}f}"
    return shown.translate(str.maketrans(",.", ".,")) if language == "vi" else shown


def short_number(value: float, language: str, decimals: int = 2) -> str:
    """Return a number without the zeros at its end."""
    shown = number(value, language, decimals)
    mark = "," if language == "vi" else "."
    return shown.rstrip("0").rstrip(mark) if mark in shown else shown


def clock(seconds: float | None, language: str) -> str:
    """Return a duration in hours, minutes and seconds; a dash where there is none."""
    if seconds is None or seconds != seconds:  # noqa: PLR0124 - as in number
        return "–"
    whole = round(abs(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    parts = (hours, "hour"), (minutes, "minute"), (rest if not hours else 0, "second")
    shown = " ".join(f"{count} {text(f'unit.{unit}', language)}" for count, unit in parts if count)
    sign = "−" if seconds < 0 and shown else ""
    return sign + (shown or f"0 {text('unit.second', language)}")
