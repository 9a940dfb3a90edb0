"""
``python -m benchmarks queueing``: the response against queueing theory, as a table.

``--docs`` writes ``docs/verification-response.md``, ``--json`` prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.verification.case import number
from benchmarks.verification.queueing import CASES
from benchmarks.verification.record import SKIPPED, answer, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.verification.record import Record

__all__ = ["main"]

_REPORT = Path(__file__).parents[1] / "docs" / "verification-response.md"
_HEAD = """# Verification of the response

Written by `python -m benchmarks queueing --docs`; do not edit. The same cases run as tests,
`pytest tests/verification/response -m slow`.

The whole response model runs on degenerate networks whose answers are known exactly. Each figure is
judged by the 99 % interval that the run itself gives (20 batch means after a warm-up of 5 %,
Student's t), laid around the exact value. Of so many figures about one in a hundred may lie
outside by chance. The seeds were fixed before the first run; with half as many calls, 20,000, one
figure lay outside (M/M/2, share that waits: 0.313 for 0.333).

"""


def _lines(records: Sequence[Record]) -> list[str]:
    figures = [figure for record in records for figure in record.figures]
    held = sum(figure.holds for figure in figures)
    lines = [f"{held} of {len(figures)} figures lie inside.\n"]
    for record in records:
        case = record.case
        lines += [f"## {case.title}", "", f"{case.what} Source: {case.source}.", ""]
        if record.outcome is None:
            lines += [f"{record.verdict.capitalize()}: {record.reason}.", ""]
            continue
        lines += ["| figure | value | tolerance | | by |", "|---|---|---|---|---|"]
        lines += [
            f"| {figure.name} | {number(figure.value)} {figure.unit} | {figure.tolerance} | "
            f"{'inside' if figure.holds else '**outside**'} | {figure.source} |"
            for figure in record.figures
        ]
        lines.append("")
    return lines


def main(argv: list[str]) -> int:
    """Run the cases, print or write the table, and return 0; the tests judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks queueing", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--docs", action="store_true", help="write the report in docs")
    options = parser.parse_args(argv)
    records = [answer(case, "") for case in CASES]
    text = _HEAD + "\n".join(_lines(records)).rstrip() + "\n"
    if options.docs and any(record.verdict == SKIPPED for record in records):
        parser.error(f"nothing written: {records[0].reason}")
    if options.docs:
        _REPORT.write_text(text, encoding="utf-8")
    print(json.dumps(summary(records), ensure_ascii=False) if options.json else text)
    return 0
