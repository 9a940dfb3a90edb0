"""From a run and observations to one vector of errors, of the same length for every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidInputError
from twin.evaluation import evaluate
from twin.evaluation.reports import WET_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from twin.calibration.document import Scales
    from twin.evaluation.score import Part
    from twin.observed.read import Observed
    from twin.results.open import Run

__all__ = ["residuals_of"]

#: What counts for a call that the run does not reach, and caps every error, in scales.
LARGEST = 10.0


def residuals_of(
    run: Run, observed: Sequence[Observed], scales: Scales
) -> dict[str, NDArray[np.float64]]:
    """
    Return the errors by name of the observations, run less observed, in scales.

    Raises
    ------
    InvalidInputError
        If observations of this kind cannot be fitted to, or none meets the run.
    """
    found = evaluate(run, observed)
    return {part.name: _of_part(part, scales) for part in found.parts}


def _of_part(part: Part, scales: Scales) -> NDArray[np.float64]:
    table = part.table
    match part.kind:
        case "levels":
            error = (table["simulated_m"] - table["observed_m"]) / scales.level_m
        case "street_reports":
            beyond = table["beyond_m"].fillna(0.0)
            depth = table["depth_m"].fillna(0.0)
            dry = np.where(table["said_wet"], np.minimum(depth - WET_M, 0.0), 0.0)
            wet = np.where(~table["said_wet"], np.maximum(depth - WET_M, 0.0), 0.0)
            unstated = table["beyond_m"].isna()
            error = beyond.where(~unstated, dry + wet) / scales.depth_m
        case "responses" if "travel_s_run" in table:
            known = table[table["travel_s_log"].notna()]
            error = (known["travel_s_run"] - known["travel_s_log"]) / scales.travel_s
        case _:
            raise InvalidInputError(
                f"{part.kind} of this form cannot be fitted to",
                where=f"observations {part.name}",
                remedy="Fit to levels, street_reports, or a log whose calls the run replays.",
            )
    values = error.fillna(LARGEST).to_numpy(np.float64)
    return np.asarray(np.clip(values, -LARGEST, LARGEST), np.float64)
