"""A calibration as people read it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from twin.calibration.fit import LARGEST_CONDITION
from twin.language import number, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twin.calibration.fit import Calibration, Fitted

__all__ = ["calibration_document", "show_calibration"]


def show_calibration(found: Calibration, language: str) -> Iterator[Text | Table]:
    """Yield the figures with how well they are known, and the errors before and after."""
    runs = number(found.runs, language)
    yield Text(text("calibrate.title", language, runs=runs), style="bold")
    figures = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for key in ("field", "value", "error", "bounds", "verdict"):
        figures.add_column(text(f"calibrate.{key}", language), overflow="fold")
    for one in found.parameters:
        figures.add_row(
            one.path,
            number(one.value, language, 3),
            "∞" if math.isinf(one.error) else number(one.error, language, 3),
            f"{number(one.low, language, 3)} … {number(one.high, language, 3)}",
            Text(text(f"calibrate.{_verdict(one)}", language), style=_style(one)),
        )
    yield figures
    errors = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for key in ("observations", "n", "before", "after"):
        errors.add_column(text(f"calibrate.{key}", language), overflow="fold")
    for name, values in found.residuals.items():
        before, after = found.rmse_before[name], found.rmse_after[name]
        shown = (number(values.size, language), number(before, language, 2))
        errors.add_row(name, *shown, number(after, language, 2))
    yield errors
    yield Text(text("calibrate.scales", language))
    if found.condition > LARGEST_CONDITION:
        size = "∞" if math.isinf(found.condition) else number(found.condition, language)
        yield Text(text("calibrate.condition", language, condition=size), style="bold red")
    if not found.converged:
        yield Text(text("calibrate.spent", language), style="bold red")


def _verdict(one: Fitted) -> str:
    if not one.identified:
        return "loose"
    return "at_bound" if one.at_bound else "sound"


def _style(one: Fitted) -> str:
    return "" if _verdict(one) == "sound" else "bold red"


def calibration_document(found: Calibration) -> dict[str, Any]:
    """Return plain JSON values; what is infinite becomes None."""
    return {
        "runs": found.runs,
        "converged": found.converged,
        "condition": _finite(found.condition),
        "parameters": [
            {
                "path": one.path,
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "error": _finite(one.error),
                "at_bound": one.at_bound,
                "identified": one.identified,
            }
            for one in found.parameters
        ],
        "correlation": found.correlation.tolist(),
        "rmse_before": found.rmse_before,
        "rmse_after": found.rmse_after,
        "residuals": {name: values.tolist() for name, values in found.residuals.items()},
        "fitted": found.scenario.to_dict()["fitted"],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
