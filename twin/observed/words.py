"""Words for a depth, and what they are worth: a table that anyone may edit."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from pydantic import Field

from models.errors import InvalidInputError
from scenarios.loader import parse_model, read_yaml
from scenarios.schema.base import Many, Model
from twin.observed.mapping import Words

__all__ = ["Meaning", "default_words", "meaning_of"]


class _File(Model):
    words: Many[Words] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Meaning:
    """The phrase that was found, and the depths that it may stand for, m."""

    phrase: str
    low_m: float
    high_m: float


@cache
def default_words() -> tuple[Words, ...]:
    """Return the table that comes with the program."""
    path = Path(str(files("twin.observed") / "words.yaml"))
    document = read_yaml(path, error=InvalidInputError)
    return parse_model(_File, document, error=InvalidInputError).words


def folded(text: str) -> str:
    """Return *text* without accents and case, words parted by single spaces."""
    bare = text.casefold().replace("đ", "d")
    bare = "".join(c for c in unicodedata.normalize("NFD", bare) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def meaning_of(text: str, words: Iterable[Words]) -> Meaning | None:
    """Return what *text* says of a depth; the longest phrase counts, None where there is none."""
    said = f" {folded(text)} "
    best: Meaning | None = None
    length = 0
    for entry in words:
        for phrase in (*entry.vi, *entry.en):
            wanted = folded(phrase)
            if len(wanted) > length and f" {wanted} " in said:
                best, length = Meaning(phrase, entry.low_m, entry.high_m), len(wanted)
    return best
