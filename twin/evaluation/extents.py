"""Flooded areas of a run against an extent that was seen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.errors import InvalidInputError
from models.grid import Grid
from models.skill import Estimate, Table2x2
from twin.evaluation.score import Part, Score, fitted_to, stream
from twin.observed.extents import extent_on
from twin.results.series import dry_land

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.observed.read import Observed
    from twin.results.open import Run

__all__ = ["evaluate_extents", "grid_of"]

#: A cell is flooded from this depth on, m: what can be told from dry in a picture (assumed).
WET_M = 0.1
#: Side of the squares that are drawn again together, m: errors of neighbours are alike.
BLOCK_M = 500.0
RESAMPLES = 500


def grid_of(run: Run) -> Grid:
    """Return the grid of a run's flood."""
    flood = run.flood
    cell_m = float(flood.attrs["cell_size_m"])
    return Grid(
        west_m=float(flood["x"][0]) - 0.5 * cell_m,
        north_m=float(flood["y"][0]) + 0.5 * cell_m,
        cell_size_m=cell_m,
        rows=int(flood.sizes["y"]),
        columns=int(flood.sizes["x"]),
    )


def evaluate_extents(run: Run, observed: Observed, *, seed: int = 0, wet_m: float = WET_M) -> Part:
    """
    Compare what was flooded with what was seen flooded: land inside the boundary, dry before.

    Raises
    ------
    InvalidInputError
        If the extent cannot be read, or was seen at a time outside the run.
    """
    path = Path(next(iter(observed.files)))
    grid = grid_of(run)
    wet_seen, seen = extent_on(path, grid, run.city.crs, wet_from=observed.mapping.certain)
    depth = _depth(run, observed)
    counted = dry_land(run) & seen
    if "inside" in run.flood:
        counted &= run.flood["inside"].to_numpy() != 0
    simulated = np.nan_to_num(depth) >= wet_m
    fitted = fitted_to(run, observed)
    table = Table2x2.of(simulated[counted], wet_seen[counted])
    blocks = _blocks(simulated, wet_seen, counted, grid)
    scores = [
        Score(
            part="extents",
            subject=observed.mapping.name,
            name=name,
            unit="1",
            estimate=_estimate(name, table, blocks, stream(seed, name)),
            fitted=fitted,
        )
        for name in ("hit_rate", "false_alarm_ratio", "critical_success_index", "bias")
    ]
    counts = pd.DataFrame(
        [
            {
                "hits": table.hits,
                "misses": table.misses,
                "false_alarms": table.false_alarms,
                "correct_negatives": table.correct_negatives,
            }
        ]
    )
    known: dict[str, object] = {"depth": wet_m, "cells": int(counted.sum())}
    return Part(
        kind="extents",
        name=observed.mapping.name,
        scores=tuple(scores),
        table=counts,
        series={},
        notes=(("evaluate.extent", known),),
        fitted=fitted,
    )


def _depth(run: Run, observed: Observed) -> NDArray[np.float64]:
    at = observed.mapping.at
    if at is None:
        return run.flood["max_depth"].to_numpy().astype(np.float64)
    time_s = (pd.Timestamp(at) - run.start).total_seconds()
    elapsed = run.flood["elapsed_s"].to_numpy()
    if not elapsed[0] <= time_s <= elapsed[-1]:
        raise InvalidInputError(
            "the extent was seen at a time outside the run",
            where=f"mapping {observed.mapping.name}: at",
            value=at.isoformat(),
            remedy=f"The run lasts from {run.start.isoformat()} for "
            f"{timedelta(seconds=float(elapsed[-1]))}.",
        )
    return run.frame_at(time_s).to_numpy().astype(np.float64)


def _blocks(
    simulated: NDArray[np.bool_],
    observed: NDArray[np.bool_],
    counted: NDArray[np.bool_],
    grid: Grid,
) -> NDArray[np.int64]:
    """Return hits, misses and false alarms of every square, shape (n, 3)."""
    side = max(round(BLOCK_M / grid.cell_size_m), 1)
    row, column = np.nonzero(counted)
    across = -(-grid.columns // side)
    square = (row // side) * across + column // side
    names, place = np.unique(square, return_inverse=True)
    s, o = simulated[counted], observed[counted]
    return np.stack(
        [
            np.bincount(place, weights=kind, minlength=names.size)
            for kind in (s & o, ~s & o, s & ~o)
        ],
        axis=1,
    ).astype(np.int64)


def _estimate(
    name: str, table: Table2x2, blocks: NDArray[np.int64], generator: np.random.Generator
) -> Estimate:
    value, n = float(getattr(table, name)), len(blocks)
    if n < 4:
        return Estimate(value=value, n=n)
    drawn = blocks[generator.integers(0, n, size=(RESAMPLES, n))].sum(axis=1)
    found = np.array([getattr(Table2x2(int(h), int(m), int(f), 0), name) for h, m, f in drawn])
    found = found[np.isfinite(found)]
    if found.size < RESAMPLES // 2:
        return Estimate(value=value, n=n)
    low, high = np.quantile(found, (0.025, 0.975))
    return Estimate(value=value, n=n, low=float(low), high=float(high))
