"""What every part of a scenario shares: the base model, lists, and quantities with limits."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.types import FailFast, Strict

__all__ = [
    "Count",
    "Fraction",
    "Identifier",
    "Level",
    "Many",
    "Model",
    "NonNegative",
    "Positive",
    "Series",
    "Text",
    "Translated",
]

Item = TypeVar("Item")

#: A list in the document, a tuple in Python.
Many = Annotated[tuple[Item, ...], Strict(strict=False)]

#: A long list of numbers or times: the first wrong one is reported alone.
Series = Annotated[tuple[Item, ...], Strict(strict=False), FailFast()]

Positive = Annotated[float, Field(gt=0, le=1e12)]
NonNegative = Annotated[float, Field(ge=0, le=1e12)]
Fraction = Annotated[float, Field(ge=0, le=1)]
#: A level above the vertical datum of the city, m. No place on land lies outside these limits.
Level = Annotated[float, Field(ge=-500, le=9000)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:\-]{0,79}$")]


class Model(BaseModel):
    """A part of a scenario: frozen, strict, and without room for a field that is not known."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        protected_namespaces=(),
    )


class Translated(Model):
    """One text in the languages of its readers."""

    vi: Text | None = None
    """Vietnamese."""
    en: Text | None = None
    """English."""

    def in_language(self, language: str) -> str:
        """Return the text in *language*, or in the other one, or nothing."""
        first, second = (self.vi, self.en) if language == "vi" else (self.en, self.vi)
        return first or second or ""


def exactly_one(model: BaseModel, names: tuple[str, ...], what: str) -> str:
    """
    Return which one of the fields *names* is set.

    Raises
    ------
    ValueError
        If none or more than one is set.
    """
    given = [name for name in names if getattr(model, name) is not None]
    if len(given) != 1:
        found = "none of them" if not given else " and ".join(given)
        raise ValueError(f"{what} takes exactly one of {', '.join(names)}; found {found}")
    return given[0]
