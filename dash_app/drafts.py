"""Scenarios that people work on: kept as they were typed, valid or not, so that nothing is lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from models.errors import InvalidInputError, StoreError
from twin.store import files

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MOST_BYTES", "Drafts"]

#: As large as a scenario document may be.
MOST_BYTES = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_MOST = 1000


class Drafts:
    """The drafts in the store in *root*, by name."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "drafts"

    def names(self) -> list[str]:
        """Return the names, the one that was changed last first."""
        if not self._folder.is_dir():
            return []
        found = [path for path in self._folder.glob("*.yaml") if _NAME.fullmatch(path.stem)]
        found.sort(key=lambda path: path.stem)
        return [p.stem for p in sorted(found, key=lambda p: p.stat().st_mtime, reverse=True)]

    def read(self, name: str) -> str:
        """
        Return the text of a draft.

        Raises
        ------
        StoreError
            If there is none of that name.
        """
        path = self._path(name)
        try:
            return path.read_text("utf-8")
        except FileNotFoundError:
            raise StoreError("there is no such draft", where="drafts", value=name) from None

    def changed_s(self, name: str) -> float:
        """Return when a draft was changed, in seconds since 1970."""
        return self._path(name).stat().st_mtime

    def write(self, name: str, text: str) -> None:
        """
        Keep a draft.

        Raises
        ------
        InvalidInputError
            If the name or the size is not allowed, or there are too many.
        """
        path = self._path(name)
        data = text.encode()
        if len(data) > MOST_BYTES:
            raise InvalidInputError(
                "the scenario is larger than 1 MiB",
                where=name,
                value=len(data),
                remedy="Put long series into CSV files.",
            )
        if not path.is_file() and len(self.names()) >= _MOST:
            raise InvalidInputError(
                f"there are {_MOST} drafts already", where="drafts", remedy="Delete some."
            )
        with files.guarded(self._folder):
            files.make_folder(self._folder)
            files.write_whole(path, data)

    def remove(self, name: str) -> None:
        """
        Delete a draft.

        Raises
        ------
        StoreError
            If there is none of that name.
        """
        self.read(name)
        files.remove(self._path(name))

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise InvalidInputError(
                "this cannot be the name of a scenario",
                where="name",
                value=name,
                remedy="Use letters without marks, digits, _ and -, at most 80 of them.",
            )
        return self._folder / f"{name}.yaml"
