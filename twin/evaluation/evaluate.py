"""Compare a run with what was observed, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.errors import InvalidInputError
from twin.evaluation.extents import evaluate_extents
from twin.evaluation.levels import evaluate_levels
from twin.evaluation.reports import TOLERANCE_M, WET_M, evaluate_reports
from twin.evaluation.responses import evaluate_responses
from twin.observed.read import Observed, read_observed
from twin.results.open import Run, open_run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from twin.evaluation.score import Part, Score

__all__ = ["Evaluation", "evaluate"]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """
    How far a run is from what was observed.

    Parameters
    ----------
    run
        The run.
    parts
        One for every set of observations.
    observed
        The observations.
    """

    run: Run
    parts: tuple[Part, ...]
    observed: tuple[Observed, ...]

    @property
    def scores(self) -> tuple[Score, ...]:
        """All scores."""
        return tuple(score for part in self.parts for score in part.scores)

    def score(self, name: str, subject: str | None = None) -> Score:
        """
        Return one score by its name, and by its subject where several bear the name.

        Raises
        ------
        InvalidInputError
            If there is none.
        """
        for score in self.scores:
            if score.name == name and subject in {None, score.subject}:
                return score
        known = sorted({f"{s.name} ({s.subject})" for s in self.scores})
        raise InvalidInputError(
            "there is no such score", value=name, remedy=f"There are {', '.join(known)}."
        )

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values: scores, and the rows that were compared."""
        return {
            "run": self.run.id,
            "scenario": self.run.manifest["scenario"]["name"],
            "start": self.run.start.isoformat(),
            "parts": [
                {
                    "kind": part.kind,
                    "name": part.name,
                    "fitted": part.fitted,
                    "scores": [score.as_dict() for score in part.scores],
                    "rows": _rows(part.table),
                    "notes": [key for key, _ in part.notes],
                    "data": observed.report.as_dict(),
                }
                for part, observed in zip(self.parts, self.observed, strict=True)
            ],
        }


def evaluate(
    run: Run | str | Path,
    observed: Iterable[Observed | Path | str],
    *,
    store: str | Path | None = None,
    seed: int = 0,
    tolerance_m: float = TOLERANCE_M,
    wet_m: float = WET_M,
) -> Evaluation:
    """
    Compare *run* with observations.

    Parameters
    ----------
    run
        A run, its name, or its folder.
    observed
        Levels, extents, street reports and logs of responses, or the mappings of them.
    store
        Folder of runs.
    seed
        Of the resamples behind the intervals.
    tolerance_m
        How far a street report may lie from the water.
    wet_m
        Depth from which a street counts as wet.

    Raises
    ------
    InvalidInputError
        If data of this kind cannot be compared, or nothing of it meets the run.
    """
    found = run if isinstance(run, Run) else open_run(run, store=store)
    data = tuple(each if isinstance(each, Observed) else read_observed(each) for each in observed)
    if not data:
        raise InvalidInputError("there is nothing to compare the run with", where="--observed")
    parts = []
    for each in data:
        _require_part(found, each)
        match each.kind:
            case "levels":
                parts.append(evaluate_levels(found, each, seed=seed))
            case "extents":
                parts.append(evaluate_extents(found, each, seed=seed))
            case "street_reports":
                parts.append(
                    evaluate_reports(found, each, seed=seed, tolerance_m=tolerance_m, wet_m=wet_m)
                )
            case _:
                parts.append(evaluate_responses(found, each, seed=seed))
    return Evaluation(run=found, parts=tuple(parts), observed=data)


def _require_part(run: Run, observed: Observed) -> None:
    if observed.kind in {"rain", "closures"}:
        raise InvalidInputError(
            f"{observed.kind} are what a run is given, not what it can be compared with",
            where=f"mapping {observed.mapping.name}",
            remedy="Compare with levels, extents, street_reports or responses.",
        )
    if observed.kind in {"extents", "street_reports"} and not run.has_flood:
        raise InvalidInputError(
            f"the run has no flood that {observed.kind} could be compared with", where=run.id
        )


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(key): _plain(value) for key, value in row.items()}
        for row in table.to_dict(orient="records")
    ]


def _plain(value: object) -> object:
    if isinstance(value, pd.Timestamp):
        return None if pd.isna(value) else value.isoformat()
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA or value != value:  # noqa: PLR0124 - NaN
        return None
    return value
