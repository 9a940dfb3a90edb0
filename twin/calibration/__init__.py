"""Calibration: bounded fits of fields of a scenario to what was observed."""

from __future__ import annotations

from twin.calibration.document import Parameter, Scales
from twin.calibration.fit import Calibration, Fitted, calibrate

__all__ = ["Calibration", "Fitted", "Parameter", "Scales", "calibrate"]
