"""Checks between the parts of a scenario; each fault is reported at its own field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from scenarios.schema.boundary_checks import boundary_faults
from scenarios.schema.commands import ReportIncident, WarnResidents
from scenarios.schema.structure_checks import structure_faults
from scenarios.schema.time import format_duration, format_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scenarios.schema.scenario import Scenario

__all__ = ["check"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What may stand in a field."""

    options: tuple[str, ...]


type Fault = tuple[tuple[str | int, ...], str | Choice, object]


def check(scenario: Scenario) -> None:
    """
    Check what no part can check alone.

    Raises
    ------
    ValidationError
        With every fault at its own place.
    """
    faults = [
        *_incidents(scenario),
        *_run_cards(scenario),
        *_residents(scenario),
        *_forcing(scenario),
        *_names(scenario),
        *_intervals(scenario),
        *_times(scenario),
        *_structures(scenario),
        *boundary_faults(scenario),
    ]
    if faults:
        details = [
            InitErrorDetails(
                type=_type(message),
                loc=place,
                input=value,
            )
            for place, message, value in faults
        ]
        raise ValidationError.from_exception_data("Scenario", details)


def _type(message: str | Choice) -> PydanticCustomError:
    if isinstance(message, Choice):
        return PydanticCustomError("choice", "not known", {"options": list(message.options)})
    # A message is data here: braces in it are no placeholders.
    return PydanticCustomError("scenario", "{message}", {"message": message})


def _incidents(scenario: Scenario) -> Iterator[Fault]:
    kinds = scenario.response.known_kinds
    known = Choice(kinds)
    seen = {incident.id for incident in scenario.incidents.listed}
    for index, incident in enumerate(scenario.incidents.listed):
        if incident.kind not in kinds:
            yield ("incidents", "listed", index, "kind"), known, incident.kind
    generated = scenario.incidents.generated
    for kind in generated.mix if generated is not None else ():
        if kind not in kinds:
            yield ("incidents", "generated", "mix", kind), known, kind
    for index, command in enumerate(scenario.timeline):
        if not isinstance(command, ReportIncident):
            continue
        place = ("timeline", index, "incident")
        if command.incident.kind not in kinds:
            yield (*place, "kind"), known, command.incident.kind
        if command.incident.id in seen:
            yield (*place, "id"), "another incident has this id", command.incident.id
        seen.add(command.incident.id)


def _run_cards(scenario: Scenario) -> Iterator[Fault]:
    """Refuse run cards of unknown kinds, and those that ask for more than the fleet has."""
    fleet, kinds = scenario.fleet, scenario.response.known_kinds
    have = {
        "ambulance": fleet.ambulances,
        "fire": fleet.fire_engines,
        "rescue": fleet.rescue_units,
    }
    for unit in fleet.units:
        have[unit.service] += 1
    for aid in fleet.mutual_aid:
        have[aid.service] += aid.units
    for kind, card in scenario.response.run_cards.items():
        if kind not in kinds:
            yield ("response", "run_cards", kind), Choice(kinds), kind
        asked = dict.fromkeys(have, 0)
        for level, alarm in enumerate(card):
            for service, count in alarm.units.items():
                asked[service] += count
                if asked[service] > have[service]:
                    message = (
                        f"up to this alarm {asked[service]} units are asked for, but the fleet, "
                        f"with mutual aid, has {have[service]}"
                    )
                    yield ("response", "run_cards", kind, level, service), message, count


def _residents(scenario: Scenario) -> Iterator[Fault]:
    residents = scenario.residents
    for index, command in enumerate(scenario.timeline):
        if not isinstance(command, WarnResidents):
            continue
        if residents is None:
            message = "there are no residents who could be warned; add `residents: {}`"
            yield ("timeline", index, "do"), message, command.do
        elif command.channel not in residents.known_channels:
            yield (
                ("timeline", index, "channel"),
                Choice(residents.known_channels),
                command.channel,
            )
    if residents is not None and residents.calls != "none":
        kinds = scenario.response.known_kinds
        if residents.calls.kind not in kinds:
            yield ("residents", "calls", "kind"), Choice(kinds), residents.calls.kind


def _forcing(scenario: Scenario) -> Iterator[Fault]:
    duration = scenario.duration_s
    tide = scenario.tide
    if tide is None:
        if scenario.initial.canals == "tide":
            yield ("initial", "canals"), "there is no tide from which to take the level", "tide"
    else:
        for form in ("series", "extremes"):
            points = getattr(tide, form)
            if points is None or points.times is None:
                continue
            first, last = points.times[0], points.times[-1]
            if first > 0 or last < duration:
                yield (
                    ("tide", form, "times"),
                    (
                        f"the tide must cover the whole period (00:00:00 to "
                        f"{format_duration(duration)}), but goes from {format_seconds(first)} to "
                        f"{format_seconds(last)}"
                    ),
                    None,
                )
    storm = scenario.rain.design_storm if scenario.rain is not None else None
    if storm is not None and storm.start + storm.duration > duration:
        yield (
            ("rain", "design_storm", "duration"),
            (
                f"the storm ends at {format_duration(storm.start + storm.duration)}, after the "
                f"period ({format_duration(duration)}), so that not all of its depth would fall"
            ),
            None,
        )
    hyetograph = scenario.rain.hyetograph if scenario.rain is not None else None
    times = hyetograph.times if hyetograph is not None else None
    if times is not None and (times[-1] <= 0 or times[0] >= duration):
        yield (
            ("rain", "hyetograph", "times"),
            (
                f"no rain falls in the period: it goes from {format_seconds(times[0])} to "
                f"{format_seconds(times[-1])} of {format_duration(duration)}"
            ),
            None,
        )


def _names(scenario: Scenario) -> Iterator[Fault]:
    for part, names in (
        ("gauges", [gauge.name for gauge in scenario.gauges]),
        ("inflows", [inflow.name for inflow in scenario.inflows]),
        ("boundaries", [boundary.name for boundary in scenario.boundaries]),
        ("cross_sections", [section.name for section in scenario.cross_sections]),
    ):
        for index, name in enumerate(names):
            if name in names[:index]:
                yield (part, index, "name"), f"another of the {part} has this name", name


def _structures(scenario: Scenario) -> Iterator[Fault]:
    for place, message, value in structure_faults(scenario):
        yield place, message if isinstance(message, str) else Choice(message), value


def _intervals(scenario: Scenario) -> Iterator[Fault]:
    if scenario.flood == "none":
        if scenario.drainage is not None:
            yield ("drainage",), "there is no flood that drains could take water from", None
        return
    step = scenario.flood.exchange_interval
    for name in ("frame_interval", "gauge_interval", "checkpoint_interval"):
        value = getattr(scenario.outputs, name)
        if abs(value / step - round(value / step)) > 1e-9 or value < step:
            yield (
                ("outputs", name),
                f"it must be a multiple of flood.exchange_interval ({format_duration(step)})",
                format_duration(value),
            )


def _times(scenario: Scenario) -> Iterator[Fault]:
    for index, closure in enumerate(scenario.closures):
        if closure.end is not None and closure.end <= closure.start:
            yield ("closures", index, "end"), "the end is not later than the start", None
    frames = scenario.duration_s / scenario.outputs.frame_interval
    if frames > 100_000:
        yield ("outputs", "frame_interval"), f"that makes {frames:.0f} maps; choose longer", None
