"""A report of observed data as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from scenarios.zones import zone_of
from twin.language import label, number, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twin.observed.finding import Report
    from twin.observed.read import Observed

__all__ = ["show_observed"]


def show_observed(observed: Observed, language: str) -> Iterator[Text | Table]:
    """Yield what a terminal prints: what was read, over which time, and what was found."""
    report, zone = observed.report, zone_of(observed.mapping.time_zone, "mapping")
    kind = text(f"observed.kind.{report.kind}", language)
    yield Text(text("observed.title", language, name=report.name, kind=kind), style="bold")
    for name, count in report.rows_read.items():
        yield Text(
            text(
                "observed.rows",
                language,
                table=label("observed.table", name, language),
                read=number(count, language),
                used=number(report.rows_used.get(name, 0), language),
            )
        )
    if report.first is not None and report.last is not None:
        first, last = (
            f"{moment.astimezone(zone) if zone else moment:%Y-%m-%d %H:%M %Z}"
            for moment in (report.first, report.last)
        )
        yield Text(text("observed.period", language, first=first, last=last))
    yield _findings(report, language)


def _findings(report: Report, language: str) -> Text | Table:
    if not report.findings:
        return Text(text("observed.nothing", language))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for key, justify in (
        ("found", "left"),
        ("concerns", "left"),
        ("count", "right"),
        ("used", "left"),
        ("first_rows", "left"),
        ("example", "left"),
    ):
        table.add_column(
            text(f"observed.{key}", language),
            justify="right" if justify == "right" else "left",
            overflow="fold",
        )
    for finding in report.findings:
        table.add_row(
            f"{label('observed.table', finding.table, language)}: "
            f"{label('observed', finding.kind, language)}",
            finding.column,
            number(finding.count, language),
            Text(
                text("observed.yes" if finding.used else "observed.no", language),
                style="" if finding.used else "bold red",
            ),
            ", ".join(map(str, finding.rows)) + ("…" if finding.count > len(finding.rows) else ""),
            finding.example,
        )
    return table
