"""``python -m benchmarks verification``: run the cases, print the result, write the report."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.verification.case import number
from benchmarks.verification.catalogue import all_cases
from benchmarks.verification.record import FAILED, NOT_MEANT, PASSED, answer, pairs, summary
from benchmarks.verification.report import write
from benchmarks.verification.solvers import SOLVERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.verification.case import Case
    from benchmarks.verification.record import Record

__all__ = ["main"]

_REPORT = Path(__file__).parents[2] / "docs" / "verification.md"
_COLOURS = {PASSED: "green", FAILED: "red", NOT_MEANT: "yellow"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks verification", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--docs", nargs="?", const=_REPORT, type=Path, metavar="FILE",
        help="write the report and its pictures (docs/verification.md unless FILE is given)",
    )  # fmt: skip
    parser.add_argument("--case", nargs="+", metavar="NAME", help="run only these cases")
    parser.add_argument("--solver", nargs="+", choices=sorted(SOLVERS), help="only these solvers")
    parser.add_argument("--quick", action="store_true", help="leave out cases on real data")
    parser.add_argument("--list", action="store_true", help="list the cases")
    return parser


def _chosen(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Sequence[Case]:
    cases = all_cases()
    known = {case.name for case in cases}
    unknown = sorted(set(options.case or ()) - known)
    if unknown:
        parser.error(f"no such case: {', '.join(unknown)}; the cases: {', '.join(sorted(known))}")
    return [
        case
        for case in cases
        if (not options.case or case.name in options.case) and not (options.quick and case.data)
    ]


def _run(todo: Sequence[tuple[Case, str]]) -> list[Record]:
    """Run everything under a progress line on standard error."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    )  # fmt: skip
    records = []
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("verification", total=len(todo))
        for case, solver in todo:
            progress.update(task, description=f"{case.name} {solver}".strip())
            records.append(answer(case, solver))
            progress.advance(task)
    return records


def _show(records: Sequence[Record]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for record in records:
        colour = _COLOURS.get(record.verdict, "dim")
        why = f" ({record.reason})" if record.reason else ""
        console.print(f"[{colour}]{record.verdict:14s}[/] {record.name}{why}")
        for figure in record.figures:
            value = f"{number(figure.value)} {figure.unit}".strip()
            missed = record.verdict == FAILED and not figure.holds
            sign = "[red]✗[/]" if missed else " "
            console.print(f"   {sign} {figure.name}: {value}  [dim]{figure.tolerance}[/]")
    found = summary(records)
    console.print(
        f"{found['cases']} runs: {found['passed']} passed, {found['failed_cases']} failed, "
        f"{len(found['not_meant_for'])} not meant for, {len(found['skipped'])} skipped; "
        f"{sum(record.seconds for record in records):.0f} s"
    )


def main(argv: list[str]) -> int:
    """Run the verification; failures are reported, and the tests judge them."""
    parser = _parser()
    options = parser.parse_args(argv)
    cases = _chosen(parser, options)
    if options.list:
        print("\n".join(f"{case.name:28s} {case.title}" for case in cases))
        return 0
    if options.docs == _REPORT and (options.case or options.solver or options.quick):
        parser.error("the report in docs holds every case: leave the choice out, or name a FILE")
    records = _run(list(pairs(cases, options.solver)))
    if options.docs is not None:
        write(records, options.docs)
    if options.json:
        print(json.dumps(summary(records), ensure_ascii=False))
    else:
        _show(records)
    return 0
