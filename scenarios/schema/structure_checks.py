"""Checks between structures, gauges, the tide and the timeline of a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.schema.rules import parse_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scenarios.schema.base import Model
    from scenarios.schema.commands import Command
    from scenarios.schema.scenario import Scenario

__all__ = ["structure_faults"]

type _Place = tuple[str | int, ...]
#: Place, message or known names, and value.
type _Fault = tuple[_Place, str | tuple[str, ...], object]

_RULES = ("open_when", "close_when", "start_when", "stop_when", "when")
_FIXED = ("dyke", "wall", "bridge")


def structure_faults(scenario: Scenario) -> Iterator[_Fault]:
    """Yield what is wrong: place, a message or the names that are known, and the value."""
    ids = [each.id for each in scenario.structures]
    for index, each in enumerate(scenario.structures):
        place: _Place = ("structures", index)
        if each.id in ids[:index]:
            yield (*place, "id"), "another structure has this id", each.id
        yield from _rule_faults(scenario, each, place)
        for n, breach in enumerate(getattr(each, "breaches", ())):
            yield from _rule_faults(scenario, breach, (*place, "breaches", n))
    kinds: dict[str, str] = {each.id: each.kind for each in scenario.structures}
    for index, command in enumerate(scenario.timeline):
        for field, message, value in _command_faults(command, kinds):
            yield ("timeline", index, field), message, value


def _rule_faults(scenario: Scenario, part: Model, place: _Place) -> Iterator[_Fault]:
    gauges = tuple(gauge.name for gauge in scenario.gauges)
    for field in _RULES:
        text = getattr(part, field, None)
        if text is None:
            continue
        rule = parse_rule(text)
        for name in sorted(rule.gauges - set(gauges)):
            yield (*place, field), gauges or "the scenario has no gauges", name
        if "tide" in rule.names and scenario.tide is None:
            yield (*place, field), "the rule names the tide, but there is none", text


def _command_faults(
    command: Command, kinds: dict[str, str]
) -> Iterator[tuple[str, str | tuple[str, ...], str]]:
    if command.do not in {"operate_structure", "fail_structure", "repair_structure"}:
        return
    name = str(getattr(command, "structure", ""))
    kind = kinds.get(name)
    if kind is None:
        yield "structure", tuple(kinds) or "the scenario has no structures", name
        return
    if command.do == "operate_structure":
        words = {"start", "stop"} if kind == "pump" else {"open", "close"}
        if kind in _FIXED or not (command.action is None or command.action in {*words, "auto"}):
            yield "action", f"a {kind} cannot do this", str(command.action or command.opening)
    elif command.do == "fail_structure" and (command.how == "breach") != (kind in _FIXED):
        yield "how", f"a {kind} cannot fail in this way", command.how
