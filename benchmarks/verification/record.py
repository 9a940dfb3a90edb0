"""Running cases, and what became of each."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.verification.setups import data_folder
from benchmarks.verification.solvers import Maker, is_there

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.verification.case import Case, Figure, Outcome

__all__ = ["FAILED", "NOT_MEANT", "PASSED", "SKIPPED", "Record", "answer", "pairs", "summary"]

PASSED = "passed"
FAILED = "failed"
NOT_MEANT = "not meant for"
SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """
    One case, run by one solver.

    Parameters
    ----------
    case
        The case.
    solver
        The solver, empty where none was needed.
    verdict
        Passed, failed, not meant for, or skipped.
    reason
        Why it was skipped, failed without figures, or is not meant for the solver.
    outcome
        Figures and panels, None where there are none.
    seconds
        Time that it took.
    """

    case: Case
    solver: str
    verdict: str
    reason: str = ""
    outcome: Outcome | None = None
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """Name of the case and of the solver."""
        return f"{self.case.name} / {self.solver}" if self.solver else self.case.name

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All figures, judged or not."""
        return self.outcome.figures if self.outcome is not None else ()


def pairs(
    cases: Sequence[Case], solvers: Sequence[str] | None = None
) -> Iterator[tuple[Case, str]]:
    """Yield each case with each of the solvers that it runs with, or with an empty name."""
    for case in cases:
        if not case.solvers:
            if solvers is None:
                yield case, ""
            continue
        for solver in case.solvers:
            if solvers is None or solver in solvers:
                yield case, solver


def _missing(case: Case, solver: str) -> str:
    """Return why the case cannot be run here, empty where it can."""
    if solver and not is_there(solver):
        return f"the solver {solver} is not built"
    if case.data and not data_folder(case.data).is_dir():
        return f"no real data at {case.data}; set TWIN_DATA to the folder that holds them"
    return ""


def answer(case: Case, solver: str) -> Record:
    """Run *case* with *solver*."""
    missing = _missing(case, solver)
    if missing:
        return Record(case=case, solver=solver, verdict=SKIPPED, reason=missing)
    begin = time.perf_counter()
    unsuited = case.not_meant_for.get(solver, "")
    try:
        outcome = case.run(Maker(solver))
    except Exception as error:  # noqa: BLE001 - one broken case must not hide the others
        return Record(
            case=case, solver=solver, verdict=FAILED,
            reason=f"stopped: {type(error).__name__}: {error}", seconds=time.perf_counter() - begin,
        )  # fmt: skip
    held = all(figure.holds for figure in outcome.figures)
    verdict = NOT_MEANT if unsuited else PASSED if held else FAILED
    return Record(
        case=case, solver=solver, verdict=verdict, reason=unsuited, outcome=outcome,
        seconds=time.perf_counter() - begin,
    )  # fmt: skip


def _entry(record: Record, figure: Figure) -> dict[str, Any]:
    return {
        "name": record.name,
        "quantity": figure.name,
        "figure": float(figure.value) if math.isfinite(figure.value) else None,
        "unit": figure.unit,
        "tolerance": figure.tolerance,
        "source": figure.source,
    }


def summary(records: Sequence[Record]) -> dict[str, Any]:
    """
    Return the result of a verification, ready for JSON.

    ``cases`` counts pairs of case and solver that were run; ``failed`` holds one entry for each
    figure that misses its tolerance. Pairs that a solver is not meant for are neither passed nor
    failed: ``not_meant_for`` gives their figures, and why.
    """
    done = [record for record in records if record.verdict != SKIPPED]
    failed = []
    for record in done:
        if record.verdict != FAILED:
            continue
        if record.outcome is None:
            failed.append(
                {
                    "name": record.name,
                    "quantity": "a result",
                    "figure": None,
                    "unit": "",
                    "tolerance": "",
                    "source": record.reason,
                }
            )
        failed += [_entry(record, figure) for figure in record.figures if not figure.holds]
    return {
        "cases": len(done),
        "passed": sum(record.verdict == PASSED for record in done),
        "failed": failed,
        "failed_cases": sum(record.verdict == FAILED for record in done),
        "not_meant_for": [
            {
                "name": record.name,
                "reason": record.reason,
                "figures": [_entry(record, figure) for figure in record.figures],
            }
            for record in done
            if record.verdict == NOT_MEANT
        ],
        "skipped": [
            {"name": record.name, "reason": record.reason}
            for record in records
            if record.verdict == SKIPPED
        ],
        "figures": [
            {
                **_entry(record, figure),
                "judged": figure.is_judged and record.verdict != NOT_MEANT,
                "holds": figure.holds,
            }
            for record in done
            for figure in record.figures
        ],
        "seconds": {record.name: round(record.seconds, 2) for record in done},
    }
