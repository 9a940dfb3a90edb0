"""
One hierarchy of errors.

Every error says what is wrong, where (file, line, field, row and column, time), which value was
met, and what to do. ``str(error)`` is the one line that the command line prints.
"""

from __future__ import annotations

from typing import Self

__all__ = [
    "CityError",
    "InternalError",
    "InvalidInputError",
    "InvalidQuantityError",
    "NumericalError",
    "ScenarioError",
    "StoreError",
    "TwinError",
]


class TwinError(Exception):
    """
    Base of every error that this package raises on purpose.

    Parameters
    ----------
    what
        What is wrong, as one clause.
    where
        File, line, field, cell or time; the caller may add to it with :meth:`at`.
    value
        The offending value; shown with ``repr`` and cut at 200 characters.
    remedy
        What the user can do about it.
    """

    exit_code = 2

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        value: object = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.value = value
        self.remedy = remedy

    def at(self, where: str) -> Self:
        """Put *where* before the place that is already known, and return the error itself."""
        self.where = where if self.where is None else f"{where}: {self.where}"
        return self

    def __str__(self) -> str:
        """Return the error as one line."""
        text = self.what
        if self.value is not None:
            shown = repr(self.value)
            text += f", got {shown if len(shown) <= 200 else shown[:197] + '...'}"
        if self.where is not None:
            text = f"{self.where}: {text}"
        if self.remedy is not None:
            text = f"{text.rstrip('.')}. {self.remedy}"
        return text

    def __reduce__(self) -> tuple[object, ...]:
        """Survive pickling between processes with every field."""
        return (_rebuild, (type(self), self.what, self.where, self.value, self.remedy))


def _rebuild(
    kind: type[TwinError], what: str, where: str | None, value: object, remedy: str | None
) -> TwinError:
    return kind(what, where=where, value=value, remedy=remedy)


class InvalidQuantityError(TwinError):
    """A number or an array is not physical, or not of the declared shape."""


class InvalidInputError(TwinError):
    """A file is missing, unreadable, or does not hold what it should."""


class CityError(InvalidInputError):
    """A city, or the recipe of one, is wrong."""


class ScenarioError(InvalidInputError):
    """A scenario document is wrong, or does not fit its city."""


class StoreError(TwinError):
    """A run cannot be stored, found or read."""


class NumericalError(TwinError):
    """The computation left the range in which its result means anything."""

    exit_code = 1


class InternalError(TwinError):
    """A fault of ours, not of the user."""

    exit_code = 1
