"""What the app says, in Vietnamese and English; every area keeps its own :class:`Texts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twin.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LANGUAGES", "Texts"]


class Texts:
    """
    Sentences by key, each in every language; called to say one.

    >>> say = Texts({"runs": ("{count} lượt chạy", "{count} runs")})
    >>> say("runs", "en", count=3)
    '3 runs'

    Parameters
    ----------
    sentences
        By key: one sentence per language, in the order of ``LANGUAGES``.
    """

    def __init__(self, sentences: Mapping[str, tuple[str, str]]) -> None:
        self.sentences = dict(sentences)

    def __call__(self, key: str, language: str, /, **values: object) -> str:
        """Return the sentence *key* in *language*, with *values* in its places."""
        return self.sentences[key][LANGUAGES.index(language)].format(**values)
