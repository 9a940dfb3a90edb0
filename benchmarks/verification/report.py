"""The report that is kept in ``docs``: a table and a picture for each case."""

from __future__ import annotations

import os
import re
from itertools import groupby
from typing import TYPE_CHECKING

from benchmarks.verification.case import number
from benchmarks.verification.catalogue import GROUPS
from benchmarks.verification.pictures import draw
from benchmarks.verification.record import FAILED, NOT_MEANT, SKIPPED, summary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.verification.case import Case, Figure
    from benchmarks.verification.record import Record

__all__ = ["write"]

_HEAD = """# Verification of the flood engine

Written by `python -m benchmarks verification --docs`; do not edit. The same cases run as tests,
`pytest tests/verification -m slow`.

Each case has a known answer: an exact solution, a published figure, a laboratory measurement or
another model. A solver passes a case where every figure keeps its tolerance. Where its equations do
not cover a case, the case is run all the same, and reported as *not meant for* with its figures.
Errors L1 are sums of errors over the sum of exact values. An order of convergence is the
slope of the line through the logarithms of error and cell size.

"""


def _verdict(record: Record, figure: Figure) -> str:
    if not figure.is_judged:
        return "-"
    if record.verdict == NOT_MEANT:
        return "-"
    return "holds" if figure.holds else "**fails**"


def _count(records: Sequence[Record]) -> str:
    found = summary(records)
    return (
        f"{found['cases']} runs of {len({record.case.name for record in records})} cases: "
        f"{found['passed']} passed, {found['failed_cases']} failed, "
        f"{len(found['not_meant_for'])} that the solver is not meant for, "
        f"{len(found['skipped'])} skipped.\n"
    )


def _failures(records: Sequence[Record]) -> list[str]:
    failed = summary(records)["failed"]
    if not failed:
        return ["Every judged figure keeps its tolerance.\n"]
    lines = ["What fails:\n", "| case / solver | figure | value | tolerance |", "|---|---|---|---|"]
    for entry in failed:
        shown = "no number" if entry["figure"] is None else number(entry["figure"])
        held = entry["tolerance"] or entry["source"]
        value = f"{shown} {entry['unit']}".strip()
        lines.append(f"| {entry['name']} | {entry['quantity']} | {value} | {held} |")
    return [*lines, ""]


def _anchor(title: str) -> str:
    """Return the anchor that a heading is given."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _overview(records: Sequence[Record]) -> list[str]:
    lines = ["| case | inertial | finite volume | neither |", "|---|---|---|---|"]
    for _, group in groupby(records, key=lambda record: record.case.name):
        of = {record.solver: record for record in group}
        title = next(iter(of.values())).case.title
        cells = [of[key].verdict if key in of else "" for key in ("inertial", "finite-volume", "")]
        shown = [f"**{cell}**" if cell == FAILED else cell for cell in cells]
        lines.append(f"| [{title}](#{_anchor(title)}) | {' | '.join(shown)} |")
    return [*lines, ""]


def _table(records: Sequence[Record]) -> list[str]:
    lines = [
        "| figure | solver | value | tolerance | | by |",
        "|---|---|---|---|---|---|",
    ]
    for record in records:
        for figure in record.figures:
            value = f"{number(figure.value)} {figure.unit}".strip()
            lines.append(
                f"| {figure.name} | {record.solver or '-'} | {value} | {figure.tolerance or '-'} | "
                f"{_verdict(record, figure)} | {figure.source or '-'} |"
            )
    return [*lines, ""] if len(lines) > 2 else []


def _chapter(case: Case, records: Sequence[Record], pictures: Path, base: Path) -> list[str]:
    lines = [f"### {case.title}", "", f"`{case.name}`: {case.what}", ""]
    lines += [f"Source: {case.source}.", ""]
    lines += _table(records)
    for record in records:
        who = record.solver.capitalize() or "Run"
        if record.verdict == NOT_MEANT:
            lines += [f"{who}: not meant for this case; {record.reason}.", ""]
        elif record.verdict == SKIPPED or record.outcome is None:
            lines += [f"{who}: {record.reason}.", ""]
        elif record.verdict == FAILED:
            known = case.misses.get(record.solver, "no reason is known yet")
            lines += [f"{who} misses a tolerance: {known}.", ""]
    path = pictures / f"{case.name}.png"
    if draw(records, path):
        where = os.path.relpath(path, base).replace(os.sep, "/")
        lines += [f"![{case.title}]({where})", ""]
    return lines


def write(records: Sequence[Record], path: Path) -> None:
    """Write the report of *records* to *path*, with its pictures in ``images/verification``."""
    pictures = path.parent / "images" / "verification"
    for stale in pictures.glob("*.png"):
        stale.unlink()
    lines = [_HEAD + _count(records), *_failures(records), *_overview(records)]
    for title, modules in GROUPS:
        chapter = []
        for case in (case for cases in modules for case in cases):
            own = [record for record in records if record.case.name == case.name]
            if own:
                chapter += _chapter(case, own, pictures, path.parent)
        if chapter:
            lines += [f"## {title}", "", *chapter]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
