"""
Commands: everything that happens to a run.

A command comes from the scenario's timeline, from a replayed log or from people in a live
session; the engine cannot tell which. The log of commands, with the city and the scenario,
determines the run.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from models.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["COMMAND_KINDS", "Command", "CommandQueue"]

#: What each kind does, and whether the flood must stand exactly at its time.
COMMAND_KINDS: dict[str, tuple[str, bool]] = {
    "close_road": ("close road segments to all vehicles", False),
    "open_road": ("open road segments that a command had closed", False),
    "close_bridge": ("close a bridge to all vehicles", False),
    "open_bridge": ("open a bridge that a command had closed", False),
    "set_rain": ("set the rate of the rain, or a factor on the scenario's rain", True),
    "set_tide_offset": ("set what is added to every prescribed water level", True),
    "operate_structure": ("open, close, start or stop a structure, or give it to its rules", True),
    "fail_structure": ("let a structure fail", True),
    "repair_structure": ("repair a structure", True),
    "report_incident": ("report an incident", False),
    "unit_out_of_service": ("take a unit out of service when it is free", False),
    "unit_in_service": ("bring a unit back into service", False),
    "set_hospital": ("open or close a hospital, change its beds, cut its power", False),
    "send_unit": ("send a unit to an incident", False),
    "dispatch_by": ("let units go by orders only, or by the policy", False),
    "warn_residents": ("warn residents in an area over a channel", False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """
    One thing that happens to a run.

    Parameters
    ----------
    time_s
        When it takes effect, s since the scenario's start.
    kind
        One of ``COMMAND_KINDS``.
    payload
        What it needs, as plain JSON values.
    issuer
        Who or what gave it: ``scenario``, ``demand``, a log, a person's role.

    Raises
    ------
    InvalidInputError
        If the kind is unknown or the time is not finite and non-negative.
    """

    time_s: float
    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    issuer: str = "scenario"

    def __post_init__(self) -> None:
        if self.kind not in COMMAND_KINDS:
            raise InvalidInputError(
                "there is no such command",
                where=f"command at {self.time_s} s",
                value=self.kind,
                remedy=f"Known are {', '.join(COMMAND_KINDS)}.",
            )
        if not (math.isfinite(self.time_s) and self.time_s >= 0.0):
            raise InvalidInputError(
                "a command needs a time after the start of the run",
                where=f"command {self.kind}",
                value=self.time_s,
            )

    @property
    def stops_flood(self) -> bool:
        """Whether the flood must be computed exactly up to this command."""
        return COMMAND_KINDS[self.kind][1]

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values, for the log."""
        return {
            "time_s": self.time_s,
            "kind": self.kind,
            "payload": dict(self.payload),
            "issuer": self.issuer,
        }

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Command:
        """Rebuild what :meth:`as_dict` wrote."""
        return cls(
            time_s=float(fields["time_s"]),
            kind=str(fields["kind"]),
            payload=dict(fields["payload"]),
            issuer=str(fields["issuer"]),
        )


class CommandQueue:
    """Commands that wait for their time; those of one time keep the order they came in."""

    def __init__(self, commands: Iterable[Command] = ()) -> None:
        self._heap: list[tuple[float, int, Command]] = []
        self._count = 0
        for command in commands:
            self.push(command)

    def push(self, command: Command) -> None:
        """Add *command*."""
        heapq.heappush(self._heap, (command.time_s, self._count, command))
        self._count += 1

    @property
    def next_time_s(self) -> float:
        """Time of the next command, infinity where none waits."""
        return self._heap[0][0] if self._heap else math.inf

    def due(self, now_s: float) -> list[Command]:
        """Take out every command whose time has come, in order."""
        taken = []
        while self._heap and self._heap[0][0] <= now_s:
            taken.append(heapq.heappop(self._heap)[2])
        return taken

    def waiting(self) -> list[Command]:
        """Return every command that waits, in order."""
        return [command for _, _, command in sorted(self._heap, key=lambda entry: entry[:2])]
