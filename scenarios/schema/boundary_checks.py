"""Checks between boundaries, sections, gauges, the tide and the period of a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.schema.boundaries import DischargeBoundary, LevelBoundary, TideBoundary
from scenarios.schema.time import format_duration, format_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scenarios.schema.outputs import CrossSection, Gauge
    from scenarios.schema.scenario import Scenario

__all__ = ["boundary_faults"]

#: Place, message and value.
type _Fault = tuple[tuple[str | int, ...], str, object]


def boundary_faults(scenario: Scenario) -> Iterator[_Fault]:
    """Yield what is wrong with boundaries, and with the intervals of gauges and sections."""
    if scenario.flood == "none":
        if scenario.boundaries:
            yield ("boundaries",), "there is no flood that they could bound", None
        return
    for index, boundary in enumerate(scenario.boundaries):
        place = ("boundaries", index)
        if isinstance(boundary, TideBoundary) and scenario.tide is None:
            yield (*place, "kind"), "the scenario has no tide", boundary.kind
        if isinstance(boundary, LevelBoundary):
            yield from _uncovered(scenario.duration_s, boundary, place)
        if isinstance(boundary, DischargeBoundary):
            times = boundary.discharge.times
            if times is not None and (times[-1] < 0 or times[0] > scenario.duration_s):
                yield (
                    (*place, "discharge", "times"),
                    (
                        f"nothing flows in the period: it goes from {format_seconds(times[0])} to "
                        f"{format_seconds(times[-1])} of {format_duration(scenario.duration_s)}"
                    ),
                    None,
                )
    yield from _intervals(scenario, scenario.flood.exchange_interval)


def _intervals(scenario: Scenario, step: float) -> Iterator[_Fault]:
    parts: tuple[tuple[str, Sequence[Gauge | CrossSection]], ...] = (
        ("gauges", scenario.gauges),
        ("cross_sections", scenario.cross_sections),
    )
    for part, entries in parts:
        for index, entry in enumerate(entries):
            every = entry.interval
            if every is None or (every >= step and abs(every / step - round(every / step)) < 1e-9):
                continue
            yield (
                (part, index, "interval"),
                f"it must be a multiple of flood.exchange_interval ({format_duration(step)})",
                format_duration(every),
            )


def _uncovered(
    duration_s: float, boundary: LevelBoundary, place: tuple[str | int, ...]
) -> Iterator[_Fault]:
    for form in ("series", "extremes"):
        points = getattr(boundary.level, form)
        if points is None or points.times is None:
            continue
        first, last = points.times[0], points.times[-1]
        if first > 0 or last < duration_s:
            yield (
                (*place, "level", form, "times"),
                (
                    f"the level must cover the whole period (00:00:00 to "
                    f"{format_duration(duration_s)}), but goes from {format_seconds(first)} to "
                    f"{format_seconds(last)}"
                ),
                None,
            )
