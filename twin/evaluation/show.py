"""An evaluation in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from twin.evaluation.words import interval_of, notes_of, subject_of, value_of
from twin.language import label, number, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twin.evaluation.evaluate import Evaluation

__all__ = ["show_evaluation"]


def show_evaluation(found: Evaluation, language: str) -> Iterator[Text | Table]:
    """Yield a table for every part, with what a reader needs to know beside it."""
    for part in found.parts:
        yield Text(text(f"evaluate.part.{part.kind}", language, name=part.name), style="bold")
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for key in ("subject", "score", "value", "interval", "n"):
            justify = "left" if key in {"subject", "score"} else "right"
            table.add_column(
                text(f"evaluate.{key}", language),
                justify="left" if justify == "left" else "right",
                overflow="fold",
            )
        for score in part.scores:
            mark = f" ({text('evaluate.fitted_word', language)})" if score.fitted else ""
            table.add_row(
                subject_of(score, language),
                label("score", score.name, language) + mark,
                value_of(score, language),
                interval_of(score, language),
                number(score.estimate.n, language),
            )
        yield table
        for note in notes_of(part, language):
            yield Text(note, style="bold red" if note == text("evaluate.fitted", language) else "")
