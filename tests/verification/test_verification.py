"""Every case of ``python -m benchmarks verification``, with every solver that it runs with."""

from __future__ import annotations

import pytest

from benchmarks.verification.catalogue import all_cases
from benchmarks.verification.record import NOT_MEANT, SKIPPED, answer, pairs


def _parameters() -> list[object]:
    found = []
    for case, solver in pairs(all_cases()):
        marks = [
            pytest.mark.slow,
            pytest.mark.timeout(1200),
            *([pytest.mark.realdata] if case.data else []),
        ]
        name = f"{case.name}-{solver}" if solver else case.name
        found.append(pytest.param(case.name, solver, id=name, marks=marks))
    return found


@pytest.mark.parametrize(("name", "solver"), _parameters())
def test_solver_keeps_the_tolerances_of_the_case(name: str, solver: str) -> None:
    case = next(case for case in all_cases() if case.name == name)
    record = answer(case, solver)
    if record.verdict == SKIPPED:
        pytest.skip(record.reason)
    assert record.outcome is not None, record.reason
    assert record.figures
    if record.verdict == NOT_MEANT:
        return
    missed = [
        f"{figure.name}: {figure.value:.6g} {figure.unit}, tolerance {figure.tolerance}"
        for figure in record.figures
        if not figure.holds
    ]
    assert not missed
