"""A replay as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from twin.language import label, number, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twin.replays.plan import ReplayPlan
    from twin.results.open import Run

__all__ = ["show_plan", "show_replayed"]


def show_plan(plan: ReplayPlan, follow: str, language: str) -> Iterator[Text | Table]:
    """Yield what a plan holds of the log, and what it does not."""
    told = text(f"replay.{follow}", language)
    yield Text(text("replay.title", language, name=plan.scenario.name, follow=told), style="bold")
    counts = {name: number(count, language) for name, count in plan.counts.items()}
    yield Text(text("replay.counts", language, **counts))
    if not plan.findings:
        yield Text(text("replay.all_in", language))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(text("replay.left_out", language))
    table.add_column(text("observed.count", language), justify="right")
    table.add_column(text("observed.example", language), overflow="fold")
    for finding in plan.findings:
        name = f"{label('observed', finding.kind, language)} ({finding.column})"
        table.add_row(name, number(finding.count, language), finding.example)
    yield table


def show_replayed(run: Run, follow: str, language: str) -> Iterator[Text]:
    """Yield the name of a run, and how many orders could not be obeyed as they were logged."""
    told = text(f"replay.{follow}", language)
    yield Text(text("replay.run", language, run=run.id, follow=told))
    kinds = run.events["kind"]
    count, refused = (kinds == "order_waiting").sum(), (kinds == "order_refused").sum()
    if count or refused:
        shown = {"count": number(int(count), language), "refused": number(int(refused), language)}
        yield Text(text("replay.waited", language, **shown), style="yellow")
