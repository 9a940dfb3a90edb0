"""Response times of a run against those of a log."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from models.errors import InvalidInputError
from models.skill import Estimate, block_bootstrap, kolmogorov_smirnov, two_samples, wasserstein
from twin.evaluation.score import Part, Score, fitted_to, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from twin.observed.read import Observed
    from twin.results.open import Run

    type _Floats = NDArray[np.float64]

__all__ = ["QUANTILES", "evaluate_responses"]

QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


def evaluate_responses(run: Run, observed: Observed, *, seed: int = 0) -> Part:
    """
    Compare response times (from the call to the first unit of a service) and travel times.

    Calls that the log and the run both hold, as in a replay, are compared in pairs; else the two
    samples are. Calls that were not reached have no response time; how many stands in the notes.

    Raises
    ------
    InvalidInputError
        If the log or the run holds no arrival.
    """
    logged, simulated = _of_log(observed), _of_run(run)
    logged = logged[logged["call"].between(run.start, _end(run))]
    if not logged["response_s"].notna().any() or not simulated["response_s"].notna().any():
        raise InvalidInputError(
            "there is no arrival to compare, in the log in the time of the run or in the run",
            where=f"mapping {observed.mapping.name}",
            remedy="Check the period and the column of arrivals with `twin observed check`.",
        )
    fitted = fitted_to(run, observed)
    pairs = logged.merge(simulated, on=["incident", "service"], suffixes=("_log", "_run"))
    scores: list[Score] = []
    for subject, name, log_s, run_s, paired in _samples(logged, simulated, pairs):
        generator = stream(seed, f"{subject} {name}")
        for score, unit, estimate in _estimates(log_s, run_s, generator, paired=paired):
            scores.append(
                Score(
                    part="responses",
                    subject=f"{subject} {name}".strip(),
                    name=score,
                    unit=unit,
                    estimate=estimate,
                    fitted=fitted,
                )
            )
    notes: list[tuple[str, dict[str, object]]] = [
        (
            "evaluate.not_reached",
            {
                "logged": int(logged["response_s"].isna().sum()),
                "simulated": int(simulated["response_s"].isna().sum()),
            },
        ),
        ("evaluate.paired" if len(pairs) else "evaluate.unpaired", {"count": len(pairs)}),
    ]
    if any("known" in c["payload"] for c in run.commands if c["kind"] == "report_incident"):
        notes.append(("evaluate.known", {}))
    table = pairs if len(pairs) else pd.concat([logged, simulated], keys=["log", "run"])
    return Part(
        kind="responses",
        name=observed.mapping.name,
        scores=tuple(scores),
        table=table.reset_index(drop=True),
        series=dict(_quantiles(logged, simulated)),
        notes=tuple(notes),
        fitted=fitted,
    )


def _end(run: Run) -> pd.Timestamp:
    return run.start + pd.Timedelta(seconds=float(run.manifest["scenario"]["duration_s"]))


def _of_log(observed: Observed) -> pd.DataFrame:
    """Return one row per call and service, with ``response_s`` and ``travel_s`` of the first."""
    from twin.replays.names import identifiers  # noqa: PLC0415 - replays evaluate nothing

    calls, trips = observed.tables["calls"], observed.tables["trips"]
    names = identifiers(calls["incident"].astype(str), "incidents")
    trips = trips.assign(travel_s=(trips["arrival"] - trips["mobile"]).dt.total_seconds())
    first = trips.sort_values(["arrival", "row"]).drop_duplicates(["incident", "service"])
    found = first.merge(calls[["incident", "call", "priority"]], on="incident")
    return pd.DataFrame(
        {
            "incident": found["incident"].astype(str).map(names),
            "service": found["service"].astype(str),
            "priority": found["priority"],
            "call": found["call"],
            "response_s": (found["arrival"] - found["call"]).dt.total_seconds(),
            "travel_s": found["travel_s"],
        }
    )


def _of_run(run: Run) -> pd.DataFrame:
    calls = run.incidents
    if not len(calls):
        return pd.DataFrame(columns=["incident", "service", "priority", "response_s", "travel_s"])
    events = run.events
    keys = ["incident", "unit"]
    mobile = events[events["kind"] == "unit_mobile"].drop_duplicates(keys, keep="last")
    came = events[events["kind"] == "unit_arrived"].drop_duplicates(["incident", "service"])
    legs = came.merge(mobile[[*keys, "time_s"]], on=keys, suffixes=("", "_mobile"))
    legs = legs.assign(travel_s=legs["time_s"] - legs["time_s_mobile"])
    return calls[["incident", "service", "priority", "response_s"]].merge(
        legs[["incident", "service", "travel_s"]], on=["incident", "service"], how="left"
    )


def _samples(
    logged: pd.DataFrame, simulated: pd.DataFrame, pairs: pd.DataFrame
) -> Iterator[tuple[str, str, _Floats, _Floats, bool]]:
    """Yield subject, what is timed, the two samples, s, and whether they are pairs."""
    paired = bool(len(pairs))
    for service in sorted(set(logged["service"]) & set(simulated["service"])):
        levels: list[float | None] = [None]
        levels += sorted(logged.loc[logged["service"] == service, "priority"].dropna().unique())
        for priority in levels:
            for what in ("response", "travel"):
                if priority is not None and what == "travel":
                    continue
                log_s, run_s = (
                    _chosen(table, service, priority, column)
                    for table, column in (
                        ((pairs, f"{what}_s_log"), (pairs, f"{what}_s_run"))
                        if paired
                        else ((logged, f"{what}_s"), (simulated, f"{what}_s"))
                    )
                )
                if paired:
                    both = np.isfinite(log_s) & np.isfinite(run_s)
                    log_s, run_s = log_s[both], run_s[both]
                log_s, run_s = log_s[np.isfinite(log_s)], run_s[np.isfinite(run_s)]
                if log_s.size and run_s.size:
                    named = what if priority is None else f"{what}, P{priority:.0f}"
                    yield service, named, log_s, run_s, paired


def _chosen(table: pd.DataFrame, service: str, priority: float | None, column: str) -> _Floats:
    rows = table[table["service"] == service]
    if priority is not None:
        name = "priority" if "priority" in rows else "priority_log"
        rows = rows[rows[name] == priority]
    return rows[column].to_numpy(np.float64)


def _estimates(
    log_s: _Floats, run_s: _Floats, generator: np.random.Generator, *, paired: bool
) -> Iterator[tuple[str, str, Estimate]]:
    yield "wasserstein", "s", two_samples(wasserstein, run_s, log_s, generator)
    distance, p_value = kolmogorov_smirnov(run_s, log_s)
    yield "ks", "", Estimate(value=distance, n=int(min(run_s.size, log_s.size)))
    yield "ks_p", "", Estimate(value=p_value, n=int(min(run_s.size, log_s.size)))
    if paired:
        yield (
            "mean_bias",
            "s",
            block_bootstrap(
                lambda run, log: float((run - log).mean()), run_s, log_s, generator, block=1
            ),
        )
    else:
        yield (
            "mean_bias",
            "s",
            two_samples(lambda run, log: float(run.mean() - log.mean()), run_s, log_s, generator),
        )


def _quantiles(logged: pd.DataFrame, simulated: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for service in sorted(set(logged["service"]) & set(simulated["service"])):
        values = [
            table.loc[table["service"] == service, "response_s"].dropna().to_numpy(np.float64)
            for table in (logged, simulated)
        ]
        log_s, run_s = (
            np.quantile(each, QUANTILES) if each.size else np.full(len(QUANTILES), math.nan)
            for each in values
        )
        yield (
            service,
            pd.DataFrame({"quantile": QUANTILES, "logged_s": log_s, "simulated_s": run_s}),
        )
