"""One score of a comparison, and whether the figures were fitted to the very event."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from models.skill import Estimate
    from twin.observed.read import Observed
    from twin.results.open import Run

__all__ = ["Part", "Score", "fitted_to", "records", "stream"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """
    One score.

    Parameters
    ----------
    part
        ``levels``, ``extents``, ``street_reports`` or ``responses``.
    subject
        What it is about: a gauge, a service, a priority, all reports.
    name
        ``score.NAME`` among the texts says it in words.
    unit
        Of the value; empty for a plain number, ``1`` for a share.
    estimate
        Value, sample size and 95 % interval.
    fitted
        Whether the run was fitted to these observations.
    """

    part: str
    subject: str
    name: str
    unit: str
    estimate: Estimate
    fitted: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values; NaN becomes None."""
        one = self.estimate
        return {
            "part": self.part,
            "subject": self.subject,
            "name": self.name,
            "unit": self.unit,
            "value": _plain(one.value),
            "n": one.n,
            "low": _plain(one.low),
            "high": _plain(one.high),
            "fitted": self.fitted,
        }


@dataclass(frozen=True, kw_only=True)
class Part:
    """
    What came of the comparison with one set of observations.

    Parameters
    ----------
    kind, name
        Of the observations.
    scores
        The scores.
    table
        One row for every observation that was compared.
    series
        What curves are drawn from, by subject.
    notes
        Sentences that a reader needs, as keys among the texts with their values.
    fitted
        Whether the run was fitted to these observations.
    """

    kind: str
    name: str
    scores: tuple[Score, ...]
    table: pd.DataFrame
    series: dict[str, pd.DataFrame]
    notes: tuple[tuple[str, dict[str, object]], ...] = ()
    fitted: bool = False


def fitted_to(run: Run, observed: Observed) -> bool:
    """
    Return whether *run* was fitted to *observed*: to its files, or to data of the same time.

    A fit to another gauge of the same event counts too: the event was used.
    """
    events = run.scenario.get("fitted") or ()
    mine = set(observed.files.values())
    first, last = observed.report.first, observed.report.last
    for event in events:
        if mine & set(event.get("files") or ()):
            return True
        start, end = pd.Timestamp(event["start"]), pd.Timestamp(event["end"])
        run_end = run.start + pd.Timedelta(seconds=_duration_s(run))
        in_run = start <= run_end and end >= run.start
        if first is not None and last is not None and in_run and start <= last and end >= first:
            return True
    return False


def _duration_s(run: Run) -> float:
    return float((run.manifest.get("scenario") or {}).get("duration_s") or 0.0)


def stream(seed: int, part: str) -> np.random.Generator:
    """Return the random generator of one part of an evaluation."""
    return np.random.default_rng([seed, *part.encode()])


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain mappings."""
    return [{str(k): v for k, v in row.items()} for row in table.to_dict(orient="records")]


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else value
