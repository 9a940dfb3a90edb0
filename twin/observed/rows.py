"""Rows of files as text: CSV, with the number of every row."""

from __future__ import annotations

import csv
import difflib
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

    from twin.observed.finding import Findings
    from twin.observed.mapping import Table

__all__ = ["Rows", "read_csv"]

LARGEST_BYTES = 1 << 30
MOST_ROWS = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """
    Texts by header.

    Parameters
    ----------
    path
        The file.
    numbers
        Number of every row in the file, from 1, the header included.
    texts
        By header, the text of every row.
    """

    path: Path
    numbers: list[int]
    texts: dict[str, list[str]]

    def joined(self, headers: tuple[str, ...], where: str, missing: frozenset[str]) -> list[str]:
        """
        Return the texts of one or several columns, joined by a space; empty where one is missing.

        Raises
        ------
        InvalidInputError
            If there is no such column.
        """
        for name in headers:
            if name not in self.texts:
                near = difflib.get_close_matches(name, list(self.texts), n=3)
                hint = f" (near: {', '.join(near)})" if near else ""
                raise InvalidInputError(
                    f"there is no such column{hint}",
                    where=f"{self.path}: row 1, for {where}",
                    value=name,
                    remedy=f"The columns are {', '.join(self.texts)[:300]}.",
                )
        columns = [self.texts[name] for name in headers]
        return [
            "" if missing.intersection(parts) else " ".join(parts)
            for parts in zip(*columns, strict=True)
        ]


def ordinary(path: Path) -> None:
    """
    Refuse what is not a file that can be read.

    Raises
    ------
    InvalidInputError
        If it is missing, not an ordinary file, or too large.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise InvalidInputError(
            f"the file cannot be read ({error.strerror})",
            where=str(path),
            remedy="Check the path in the mapping.",
        ) from error
    if not stat.S_ISREG(status.st_mode):
        raise InvalidInputError("this is not an ordinary file", where=str(path))
    if status.st_size > LARGEST_BYTES:
        raise InvalidInputError(
            f"the file is larger than {LARGEST_BYTES >> 20} MiB",
            where=str(path),
            remedy="Cut it to the period that is wanted.",
        )


def read_csv(path: Path, table: Table, findings: Findings) -> Rows:
    """
    Read a table; rows of another length than the header are counted and left out.

    Raises
    ------
    InvalidInputError
        If the file cannot be read, is not text, or has no header.
    """
    ordinary(path)
    numbers: list[int] = []
    kept: list[list[str]] = []
    try:
        with path.open(encoding=table.encoding, newline="") as handle:
            reader = csv.reader(handle, delimiter=table.delimiter)
            header = [name.strip() for name in next(reader, [])]
            for cells in reader:
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != len(header):
                    shown = table.delimiter.join(cells)
                    findings.add("ragged_row", [reader.line_num], used=False, example=shown)
                    continue
                if len(numbers) >= MOST_ROWS:
                    raise InvalidInputError(
                        f"there are more than {MOST_ROWS} rows", where=str(path)
                    )
                numbers.append(reader.line_num)
                kept.append(cells)
    except (UnicodeError, LookupError) as error:
        raise InvalidInputError(
            f"this is not text in the encoding {table.encoding} ({error})",
            where=str(path),
            remedy="Write the right `encoding` into the mapping, such as cp1258 or utf-16.",
        ) from error
    except (OSError, csv.Error) as error:
        raise InvalidInputError(f"the file cannot be read ({error})", where=str(path)) from error
    if not any(header):
        raise InvalidInputError("the file is empty", where=str(path))
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InvalidInputError("two columns have one name", where=f"{path}: row 1", value=twice[0])
    texts = {name: [cells[k].strip() for cells in kept] for k, name in enumerate(header)}
    return Rows(path=path, numbers=numbers, texts=texts)
