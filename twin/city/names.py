"""Names that look like vandalism or a slip of the keyboard: listed for people, never changed."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["plain_name", "why_suspicious"]

#: Whole words that name a place on no map.
_WORDS = frozenset(
    (
        *("virus", "malware", "hack", "hacked", "hacker", "asdf", "qwerty", "noob", "fake"),
        *("lol", "lmao", "haha", "hihi", "hehe", "xxx", "fuck", "shit"),
        *("minecraft", "pokemon", "batman", "deadpool"),
    )
)
_LONGEST = 80
_KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def plain_name(name: str) -> str:
    """Return *name* in lower case, without accents and double blanks, for comparing."""
    parts = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in parts if not unicodedata.combining(c)).split())


def why_suspicious(name: str) -> str | None:
    """Return what is odd about *name*, or None where nothing is."""
    return _odd_characters(name) or _odd_words(plain_name(name))


def _odd_characters(name: str) -> str | None:
    kinds = {unicodedata.category(c) for c in name}
    if kinds & {"Cc", "Co", "Cn", "Cs"}:
        return "control characters"
    if "So" in kinds:
        return "symbols"
    if len(name) > _LONGEST:
        return "very long"
    return None if any(c.isalnum() for c in name) else "no letters or digits"


def _odd_words(plain: str) -> str | None:
    words = re.findall(r"[^\W\d_]+", plain)
    told = next((f"the word {word}" for word in words if word in _WORDS), None)
    if told is None and re.search(r"([^\W\d_])\1{3,}", plain):
        told = "a letter four times over"
    triples = zip(words, words[1:], words[2:], strict=False)
    if told is None and any(a == b == c and len(a) > 1 for a, b, c in triples):
        told = "a word three times over"
    if told is None:
        told = next((f"keyboard mash ({word})" for word in words if _mashed(word)), None)
    return told


def _mashed(word: str) -> bool:
    if any(word[k : k + 5] in row for row in _KEY_ROWS for k in range(len(word) - 4)):
        return True
    latin = word.isascii()
    return latin and len(word) >= 6 and not any(c in "aeiouy" for c in word)
