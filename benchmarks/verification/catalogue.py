"""All cases, in the order of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.verification import (
    bumps,
    carlisle,
    channels,
    components,
    dam_breaks,
    environment_agency,
    laboratory,
    losses_in_flow,
    narrow_channels,
    oscillations,
    rain,
    rest,
    structures_in_flow,
    waves,
)

if TYPE_CHECKING:
    from benchmarks.verification.case import Case

__all__ = ["GROUPS", "all_cases"]

#: Title of a chapter of the report, and the modules whose ``CASES`` it holds.
GROUPS: tuple[tuple[str, tuple[tuple[Case, ...], ...]], ...] = (
    ("Water at rest", (rest.CASES,)),
    ("Dam breaks", (dam_breaks.CASES,)),
    ("Swings", (oscillations.CASES,)),
    ("Steady flow", (channels.CASES, bumps.CASES)),
    ("Waves over dry ground", (waves.CASES,)),
    ("Rain", (rain.CASES,)),
    ("Benchmark tests of the Environment Agency", (environment_agency.CASES,)),
    ("Laboratories", (laboratory.CASES,)),
    ("A real city", (carlisle.CASES,)),
    (
        "Parts of the engine",
        (components.CASES, losses_in_flow.CASES, structures_in_flow.CASES, narrow_channels.CASES),
    ),
)


def all_cases() -> tuple[Case, ...]:
    """Return every case."""
    return tuple(case for _, modules in GROUPS for cases in modules for case in cases)
