"""Key figures over the members: means with intervals, and comparisons pair by pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from models.errors import InvalidInputError
from twin.ensembles.designs import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from twin.ensembles.results import Ensemble

__all__ = ["compare", "figure_table", "mean_interval_t"]

_QUANTILES = (0.05, 0.5, 0.95)


def mean_interval_t(values: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Return Student's interval of the mean; NaN for fewer than two values."""
    if values.size < 2:
        return float("nan"), float("nan")
    error = float(values.std(ddof=1)) / float(np.sqrt(values.size))
    half = float(stats.t.ppf(0.5 + confidence / 2.0, values.size - 1)) * error
    return float(values.mean()) - half, float(values.mean()) + half


def figure_table(
    ensemble: Ensemble,
    figures: Sequence[str] | None,
    *,
    by: str | Sequence[str],
    confidence: float,
) -> pd.DataFrame:
    """
    Return the table of :meth:`twin.ensembles.results.Ensemble.figure_table`.

    Columns beside those of *by*: ``figure``, ``n`` members that have it, ``missing`` that do not,
    ``mean``, ``low`` and ``high`` of its interval, ``sd``, ``p5``, ``p50``, ``p95``.
    """
    _check_confidence(confidence)
    names = _known_figures(ensemble, figures)
    groups = [by] if isinstance(by, str) else list(by)
    for factor in groups:
        _known_factor(ensemble, factor)
    table = ensemble.chosen()
    parts = table.groupby(groups, sort=True, dropna=False) if groups else [((), table)]
    rows = []
    for key, part in parts:
        values = key if isinstance(key, tuple) else (key,)
        for name in names:
            sample = part[name].to_numpy(np.float64)
            known = sample[np.isfinite(sample)]
            low, high = mean_interval_t(known, confidence)
            spread = np.quantile(known, _QUANTILES) if known.size else [float("nan")] * 3
            rows.append(
                {
                    **dict(zip(groups, values, strict=True)),
                    "figure": name,
                    "n": known.size,
                    "missing": sample.size - known.size,
                    "mean": float(known.mean()) if known.size else float("nan"),
                    "low": low,
                    "high": high,
                    "sd": float(known.std(ddof=1)) if known.size > 1 else float("nan"),
                    **{
                        f"p{100 * q:.0f}": float(v) for q, v in zip(_QUANTILES, spread, strict=True)
                    },
                }
            )
    return pd.DataFrame(rows)


def compare(
    ensemble: Ensemble,
    factor: str,
    first: object,
    second: object,
    figures: Sequence[str] | None,
    *,
    confidence: float,
) -> pd.DataFrame:
    """
    Return the table of :meth:`twin.ensembles.results.Ensemble.compare`.

    Raises
    ------
    InvalidInputError
        If the points do not share their random numbers, a value was not computed, or no pair is.
    """
    _check_confidence(confidence)
    names = _known_figures(ensemble, figures)
    _known_factor(ensemble, factor)
    if not ensemble.plan.common and ensemble.plan.replications > 1:
        raise InvalidInputError(
            "the points do not share their random numbers, so that they make no pairs",
            where=ensemble.id,
            remedy="Run the sweep with `common_random_numbers: true`.",
        )
    table = ensemble.chosen()
    others = [name for name in ensemble.factors if name != factor]
    keys = ["replication", *others]
    sides = []
    for value in (first, second):
        wanted = shown(value)  # type: ignore[arg-type]  # whatever a caller compares with
        part = table[table[factor] == wanted]
        if not len(part):
            known = ", ".join(str(v) for v in pd.unique(table[factor])[:12])
            raise InvalidInputError(
                f"{factor} has no such value", where=ensemble.id, value=value,
                remedy=f"There are {known}.",
            )  # fmt: skip
        sides.append(part.set_index(keys).sort_index())
    shared = sides[0].index.intersection(sides[1].index)
    if not len(shared):
        raise InvalidInputError(
            "no two members differ in this factor alone",
            where=ensemble.id,
            value=factor,
            remedy="Compare members of a full factorial, or of a list of points that pairs them.",
        )
    rows = [
        _paired(
            name,
            sides[0].loc[shared, name].to_numpy(np.float64),
            sides[1].loc[shared, name].to_numpy(np.float64),
            confidence,
        )
        for name in names
    ]
    return pd.DataFrame(rows)


def _paired(
    name: str, first: NDArray[np.float64], second: NDArray[np.float64], confidence: float
) -> dict[str, Any]:
    both = np.isfinite(first) & np.isfinite(second)
    change = second[both] - first[both]
    low, high = mean_interval_t(change, confidence)
    rose, fell = int((change > 0.0).sum()), int((change < 0.0).sum())
    sign = stats.binomtest(rose, rose + fell).pvalue if rose + fell else 1.0
    nothing = float("nan")
    return {
        "figure": name,
        "pairs": int(both.sum()),
        "unpaired": int((np.isfinite(first) != np.isfinite(second)).sum()),
        "first": float(first[both].mean()) if change.size else nothing,
        "second": float(second[both].mean()) if change.size else nothing,
        "difference": float(change.mean()) if change.size else nothing,
        "low": low,
        "high": high,
        "rose": rose,
        "fell": fell,
        "p_sign": float(sign) if change.size else nothing,
    }


def _known_figures(ensemble: Ensemble, figures: Sequence[str] | None) -> list[str]:
    known = ensemble.figures
    if figures is None:
        return known
    wanted = [figures] if isinstance(figures, str) else list(figures)
    for name in wanted:
        if name not in known:
            near = [k for k in known if name in k] or known
            raise InvalidInputError(
                "there is no such key figure", where=ensemble.id, value=name,
                remedy=f"There are {', '.join(near[:12])}.",
            )  # fmt: skip
    return wanted


def _known_factor(ensemble: Ensemble, factor: str) -> None:
    if factor not in ensemble.factors:
        raise InvalidInputError(
            "there is no such factor", where=ensemble.id, value=factor,
            remedy=f"There are {', '.join(ensemble.factors) or 'none'}.",
        )  # fmt: skip


def _check_confidence(confidence: float) -> None:
    if not 0.0 < confidence < 1.0:
        raise InvalidInputError(
            "a confidence lies between 0 and 1", where="confidence", value=confidence
        )
