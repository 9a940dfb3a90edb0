"""
Street reports against a run: wet or dry at the place and the time, and how deep.

Somebody who reports water tells of the deepest part of a street near them, at a time that they
round. So a report is compared with the street cells within a distance, and within a time. Such
kindness makes hits easier; how much is told by the share of all streets of the city that would
have counted as wet in the same way (``chance``). Reports of water alone cannot show false alarms.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.errors import InvalidInputError
from models.skill import Estimate, block_bootstrap, share
from twin.evaluation.score import Part, Score, fitted_to, stream
from twin.evaluation.streets import StreetCells
from twin.observed.finding import Findings
from twin.observed.places import located

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.observed.read import Observed
    from twin.results.open import Run

__all__ = ["TOLERANCE_M", "WET_M", "evaluate_reports"]

#: How far a report may lie from the water, m, where it does not say over which length (assumed).
TOLERANCE_M = 100.0
#: A street counts as wet from this depth on, m (assumed; the lowest that people report).
WET_M = 0.05
#: Places of the city at which chance is measured.
CHANCE_PLACES = 400


def evaluate_reports(
    run: Run,
    observed: Observed,
    *,
    seed: int = 0,
    tolerance_m: float = TOLERANCE_M,
    wet_m: float = WET_M,
) -> Part:
    """
    Compare every report in the city and in the time of the run.

    The table has one row a report: the place, the stated depths ``low_m`` and ``high_m``,
    ``said_wet``, ``wet`` (simulated), ``depth_m`` (the deepest street cell near), ``nearest_m``
    (the street cell nearest to the place), ``beyond_m`` (how far ``depth_m`` lies outside the
    stated range, 0 inside), ``from_s``, ``peak_s`` and ``until_s`` of the simulated water,
    ``said_from_s``, ``said_peak_s``, ``said_until_s``, ``wet_at_m`` (how far the nearest wet street
    cell was at the time) and ``chance``.

    Raises
    ------
    InvalidInputError
        If no report lies in the city and the period.
    """
    table, outside, elsewhere = _reports(run, observed)
    cells = StreetCells(run)
    places = _chance_places(cells, stream(seed, "chance"))
    rows, series = [], {}
    for number, (_, report) in enumerate(table.iterrows(), start=1):
        one, curve = _one(report, cells, places, observed, tolerance_m=tolerance_m, wet_m=wet_m)
        rows.append({"number": number, **one})
        if curve is not None:
            series[str(number)] = curve
    found = pd.DataFrame(rows)
    fitted = fitted_to(run, observed)
    notes: list[tuple[str, dict[str, object]]] = [
        ("evaluate.reports", {"tolerance": tolerance_m, "depth": wet_m})
    ]
    if found["said_wet"].all():
        notes.append(("evaluate.only_wet", {}))
    if outside:
        notes.append(("evaluate.reports_outside", {"count": outside}))
    if elsewhere:
        notes.append(("evaluate.reports_elsewhere", {"count": elsewhere}))
    if len(found) < 10:
        notes.append(("evaluate.few", {"count": len(found)}))
    return Part(
        kind="street_reports",
        name=observed.mapping.name,
        scores=tuple(_scores(found, stream(seed, "reports"), fitted=fitted)),
        table=found,
        series=series,
        notes=tuple(notes),
        fitted=fitted,
    )


def _reports(run: Run, observed: Observed) -> tuple[pd.DataFrame, int, int]:
    """Return the reports in time and city, and how many are outside either."""
    table = observed.table
    end = run.start + pd.Timedelta(seconds=float(run.flood["elapsed_s"].to_numpy()[-1]))
    times = table[["start", "peak", "end"]]
    during = (times.max(axis=1) >= run.start) & (times.min(axis=1) <= end)
    findings = Findings("street_reports")
    placed = located(table[during], run.city, findings)
    if not len(placed):
        raise InvalidInputError(
            "no report lies in the city and the period of the run",
            where=f"mapping {observed.mapping.name}",
            value=f"{run.start.isoformat()} to {end.isoformat()}",
            remedy="Check the times, the zone and the places with `twin observed check --city`.",
        )
    return placed, int((~during).sum()), findings.count("not_in_city")


def _one(
    report: pd.Series,
    cells: StreetCells,
    places: NDArray[np.int64],
    observed: Observed,
    *,
    tolerance_m: float,
    wet_m: float,
) -> tuple[dict[str, Any], pd.DataFrame | None]:
    length_m = float(report["length_m"]) if pd.notna(report["length_m"]) else 0.0
    radius_m = max(tolerance_m, 0.5 * length_m)
    x_m, y_m = float(report["city_x_m"]), float(report["city_y_m"])
    near = cells.near(x_m, y_m, radius_m)
    said = {name: _seconds(report[name], cells.run) for name in ("start", "peak", "end")}
    chosen = _window(said, cells.time_s, observed.mapping.time_tolerance)
    row: dict[str, Any] = {
        "place": _name(report),
        "x_m": x_m,
        "y_m": y_m,
        "radius_m": radius_m,
        "low_m": float(report["low_m"]),
        "high_m": float(report["high_m"]),
        "said_wet": bool(report["wet"]),
        "said_from_s": said["start"],
        "said_peak_s": said["peak"],
        "said_until_s": said["end"],
        "cells": int(near.size),
        "evidence": "" if pd.isna(report["evidence"]) else str(report["evidence"]),
        "source": "" if pd.isna(report["source"]) else str(report["source"]),
    }
    if not near.size:
        nothing = dict.fromkeys(("depth_m", "nearest_m", "beyond_m"), math.nan)
        times = dict.fromkeys(("from_s", "peak_s", "until_s", "wet_at_m", "chance"), math.nan)
        return {**row, **nothing, **times, "wet": False}, None
    depth = cells.depth_m[:, near].astype(np.float64)
    deepest = np.nanmax(depth, axis=1)
    depth_m = float(deepest[chosen].max())
    wet = np.flatnonzero(deepest >= wet_m)
    chance = [
        bool(
            (cells.depth_m[np.ix_(chosen, cells.near(*cells.xy(int(p)), radius_m))] >= wet_m).any()
        )
        for p in places
    ]
    row |= {
        "depth_m": depth_m,
        "nearest_m": float(depth[chosen, 0].max()),
        "beyond_m": _beyond(depth_m, row["low_m"], row["high_m"]),
        "wet": depth_m >= wet_m,
        "wet_at_m": _nearest_wet(cells, chosen, x_m, y_m, wet_m),
        "from_s": float(cells.time_s[wet[0]]) if wet.size else math.nan,
        "peak_s": float(cells.time_s[int(deepest.argmax())]) if wet.size else math.nan,
        "until_s": float(cells.time_s[wet[-1]]) if wet.size else math.nan,
        "chance": float(np.mean(chance)) if chance else math.nan,
    }
    curve = pd.DataFrame({"time_s": cells.time_s, "deepest_m": deepest, "nearest_m": depth[:, 0]})
    return row, curve


def _name(report: pd.Series) -> str:
    for field in ("place", "street", "facility", "id"):
        if pd.notna(report[field]):
            return str(report[field])
    return f"{report['city_x_m']:.0f}, {report['city_y_m']:.0f}"


def _seconds(moment: object, run: Run) -> float:
    if not isinstance(moment, pd.Timestamp) or pd.isna(moment):
        return math.nan
    return float((moment - run.start).total_seconds())


def _window(
    said: dict[str, float], time_s: NDArray[np.float64], tolerance_s: float
) -> NDArray[np.int64]:
    """Return the frames of a report: from its start to its end, or around its one time."""
    known = [value for value in said.values() if not math.isnan(value)]
    first, last = min(known), max(known)
    if len(known) == 1:
        first, last = first - tolerance_s, last + tolerance_s
    inside = np.flatnonzero((time_s >= first) & (time_s <= last))
    return inside if inside.size else np.array([int(np.abs(time_s - first).argmin())])


def _beyond(depth_m: float, low_m: float, high_m: float) -> float:
    """Return how far a depth lies outside a range, negative below it, 0 inside."""
    if math.isnan(low_m):
        return math.nan
    return min(depth_m - low_m, 0.0) + max(depth_m - high_m, 0.0)


def _nearest_wet(
    cells: StreetCells, frames: NDArray[np.int64], x_m: float, y_m: float, wet_m: float
) -> float:
    """Return the distance to the nearest street cell that was wet at some of the frames, m."""
    wet = np.flatnonzero((cells.depth_m[frames] >= wet_m).any(axis=0))
    if not wet.size:
        return math.nan
    x, y = cells.centres
    return float(np.hypot(x[wet] - x_m, y[wet] - y_m).min())


def _chance_places(cells: StreetCells, generator: np.random.Generator) -> NDArray[np.int64]:
    known = np.flatnonzero(cells.inside)
    count = min(CHANCE_PLACES, known.size)
    return np.sort(generator.choice(known, count, replace=False)) if count else known


def _scores(found: pd.DataFrame, generator: np.random.Generator, *, fitted: bool) -> list[Score]:
    said, wet = found["said_wet"], found["wet"]
    known = found["beyond_m"].notna() & said
    beyond = found.loc[known, "beyond_m"].to_numpy(np.float64)
    late = (found["peak_s"] - found["said_peak_s"]).dropna().to_numpy(np.float64)
    wanted: list[tuple[str, str, Estimate]] = []
    if said.any():
        wanted.append(("report_hit_rate", "1", share(int((wet & said).sum()), int(said.sum()))))
        chance = float(found.loc[said, "chance"].mean())
        wanted.append(("report_chance", "1", Estimate(value=chance, n=int(said.sum()))))
    if (~said).any():
        dry = share(int((~wet & ~said).sum()), int((~said).sum()))
        wanted.append(("report_dry_rate", "1", dry))
    if beyond.size:
        wanted.append(("depth_within", "1", share(int((beyond == 0.0).sum()), int(beyond.size))))
        wanted.append(("depth_beyond", "m", _mean(np.abs(beyond), generator)))
        wanted.append(("depth_bias", "m", _mean(beyond, generator)))
    if late.size:
        wanted.append(("peak_time_error", "s", _mean(late, generator)))
    return [
        Score(
            part="street_reports",
            subject="all",
            name=name,
            unit=unit,
            estimate=estimate,
            fitted=fitted,
        )
        for name, unit, estimate in wanted
    ]


def _mean(values: NDArray[np.float64], generator: np.random.Generator) -> Estimate:
    return block_bootstrap(
        lambda chosen, _: float(chosen.mean()), values, values, generator, block=1
    )
