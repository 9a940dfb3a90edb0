"""What was observed: logs, closures, levels, rain and reports, read as they are and checked."""

from __future__ import annotations

from twin.observed.finding import Finding, Report
from twin.observed.mapping import Mapping, load_mapping, presets
from twin.observed.read import Observed, read_observed

__all__ = [
    "Finding",
    "Mapping",
    "Observed",
    "Report",
    "load_mapping",
    "presets",
    "read_observed",
]
