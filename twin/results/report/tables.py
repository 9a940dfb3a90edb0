"""Tables of the terminal as tables of a page, so that both say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

__all__ = ["Cell", "Sheet", "sheets_of"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, whether it is a figure, and whether it is alarming."""

    text: str
    figure: bool = False
    alarming: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table, or, without rows, a paragraph."""

    title: str = ""
    heads: tuple[Cell, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    text: str = ""
    alarming: bool = False


def sheets_of(parts: Iterable[RenderableType]) -> list[Sheet]:
    """Return tables, panels and texts of the terminal for a page."""
    found = []
    for part in parts:
        match part:
            case Table():
                found.append(_table(part))
            case Panel():
                found.append(Sheet(title=_plain(part.title), text=_plain(part.renderable)))
            case Text() | str():
                found.append(Sheet(text=_plain(part), alarming=_alarming(part)))
    return found


def _table(table: Table) -> Sheet:
    heads = tuple(
        Cell(_plain(column.header).replace("\n", " "), column.justify == "right")
        for column in table.columns
    )
    columns = [
        [Cell(_plain(cell), column.justify == "right", _alarming(cell)) for cell in column.cells]
        for column in table.columns
    ]
    rows = tuple(zip(*columns, strict=True))
    return Sheet(title=_plain(table.title), heads=heads if table.show_header else (), rows=rows)


def _plain(part: object) -> str:
    match part:
        case None:
            return ""
        case Text():
            return part.plain
        case _:
            return str(part)


def _alarming(part: object) -> bool:
    if not isinstance(part, Text):
        return False
    return "red" in str(part.style) or any("red" in str(span.style) for span in part.spans)
