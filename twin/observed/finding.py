"""What was found wrong or odd in observed data: said with counts, never silently mended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

__all__ = ["Finding", "Findings", "Report"]

#: Rows of which a finding gives the numbers.
SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One thing that was found.

    Parameters
    ----------
    kind
        Its name; ``observed.KIND`` among the texts says it in words.
    table
        The table in which it was found.
    column
        What it concerns; empty where the whole row.
    count
        In how many rows, pairs of rows or series.
    used
        Whether what it concerns is used all the same.
    rows
        Numbers of the first rows in the file, from 1, the header included.
    example
        What stands there.
    """

    kind: str
    table: str
    column: str
    count: int
    used: bool
    rows: tuple[int, ...]
    example: str

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "kind": self.kind,
            "table": self.table,
            "column": self.column,
            "count": self.count,
            "used": self.used,
            "rows": list(self.rows),
            "example": self.example,
        }


@dataclass(slots=True)
class _Heap:
    used: bool
    count: int = 0
    rows: list[int] = field(default_factory=list)
    example: str = ""


@dataclass(slots=True)
class Findings:
    """Collects findings of one table; equal ones are counted together."""

    table: str
    _heaps: dict[tuple[str, str, bool], _Heap] = field(default_factory=dict)

    def add(
        self, kind: str, rows: Iterable[int], *, used: bool, column: str = "", example: object = ""
    ) -> None:
        """Count a finding in *rows*; nothing where there are none."""
        numbers = [int(row) for row in rows]
        if not numbers:
            return
        heap = self._heaps.setdefault((kind, column, used), _Heap(used))
        heap.count += len(numbers)
        heap.rows.extend(numbers[: SHOWN_ROWS - len(heap.rows)])
        heap.example = heap.example or " ".join(str(example).split())[:120]

    def count(self, kind: str) -> int:
        """Return how often a kind of finding was met."""
        return sum(heap.count for (name, _, _), heap in self._heaps.items() if name == kind)

    def all(self) -> tuple[Finding, ...]:
        """Return everything that was found: what is left out first, then by count."""
        found = [
            Finding(
                kind=kind,
                table=self.table,
                column=column,
                count=heap.count,
                used=heap.used,
                rows=tuple(heap.rows),
                example=heap.example,
            )
            for (kind, column, _), heap in self._heaps.items()
        ]
        return tuple(sorted(found, key=lambda f: (f.used, -f.count, f.kind, f.column)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    What was read, and what was found.

    Parameters
    ----------
    kind
        Kind of the data.
    name
        Name of the mapping.
    rows_read, rows_used
        By table.
    first, last
        The earliest and the latest time that is used, None without any.
    findings
        Everything odd.
    """

    kind: str
    name: str
    rows_read: dict[str, int]
    rows_used: dict[str, int]
    first: datetime | None
    last: datetime | None
    findings: tuple[Finding, ...]

    def count(self, kind: str) -> int:
        """Return how often a kind of finding was met."""
        return sum(finding.count for finding in self.findings if finding.kind == kind)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "kind": self.kind,
            "name": self.name,
            "rows_read": dict(self.rows_read),
            "rows_used": dict(self.rows_used),
            "first": None if self.first is None else self.first.isoformat(),
            "last": None if self.last is None else self.last.isoformat(),
            "findings": [finding.as_dict() for finding in self.findings],
        }
