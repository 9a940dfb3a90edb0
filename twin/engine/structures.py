"""Structures at run time: rules and orders become openings, and what happened is kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.errors import InternalError
from models.flood.structures import Controls
from models.response import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from models.flood.structures import Structures
    from twin.engine.commands import Command
    from twin.engine.devices import Device, Group, Surroundings
    from twin.language import Note

__all__ = [
    "STRUCTURE_COMMANDS",
    "Hydraulics",
    "StructureControl",
]

STRUCTURE_COMMANDS = ("operate_structure", "fail_structure", "repair_structure")
_ACTIONS = {"open": 1.0, "start": 1.0, "close": 0.0, "stop": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hydraulics:
    """
    What the solver must know.

    Parameters
    ----------
    structures
        All faces and links.
    groups
        The groups of its faces.
    link_lift
        By link: how far a gate opens, m; NaN for all other links.
    """

    structures: Structures
    groups: Sequence[Group]
    link_lift: NDArray[np.float64]


class StructureControl:
    """
    Runs the structures of a scenario.

    Every window is computed with the state that the structures had at its start; at its end rules
    are looked at again, so that every change happens at an exchange or at the time of a command.
    """

    def __init__(
        self,
        devices: Sequence[Device],
        hydraulics: Hydraulics,
        *,
        log: Callable[[Event], None],
    ) -> None:
        self.devices = tuple(devices)
        self.hydraulics = hydraulics
        self._log = log
        self._by_name = {device.name: device for device in self.devices}
        self._rows: list[list[Any]] = []
        self._told: list[list[Any]] = []
        self._orders = 0
        self._recalled: list[list[Any]] | None = None
        self._noted_s = 0.0
        #: What people should know of the input.
        self.notes: list[Note] = []

    @property
    def structures(self) -> Structures:
        """The structures as the solver takes them."""
        return self.hydraulics.structures

    # Controls of a window

    def controls(self, start_s: float) -> Controls:
        """Return the state of all structures in a window that begins at *start_s*."""
        groups = self.hydraulics.groups
        crest, opening, sill = (np.zeros(len(groups)) for _ in range(3))
        direction = np.zeros(len(groups), np.int64)
        link_opening = np.ones(self.structures.links)
        link_running = np.ones(self.structures.links, np.int64)
        for device in self.devices:
            for n in device.groups:
                group = groups[n]
                crest[n], opening[n], sill[n] = device.wall(group, start_s)
                direction[n] = group.way if group.inside_is_a else -group.way
            for n in device.links:
                link_opening[n] = device.link_opening(float(self.hydraulics.link_lift[n]))
                is_gate = not np.isnan(self.hydraulics.link_lift[n])
                link_running[n] = is_gate or device.position > 0.0
        return Controls(
            crest_m=crest,
            opening_m=opening,
            sill_m=sill,
            direction=direction,
            link_opening=link_opening,
            link_running=link_running,
        )

    # Rules

    def begin(self, around: Surroundings) -> None:
        """Look at the rules for the first time: everything stands at once where they say."""
        for device in self.devices:
            self._decide(device, around)
            if device.target != device.position:
                device.position = device.target

    def look(self, around: Surroundings, lapse_s: float, moved_m3: NDArray[np.float64]) -> None:
        """
        Take over what passed in a window, move what moves, and look at the rules.

        Parameters
        ----------
        around
            What the rules see at the end of the window.
        lapse_s
            Length of the window, s.
        moved_m3
            Volume through every group and then every link, m³, positive eastward, southward, or
            from the first end of a link; shape (groups + links,).
        """
        groups = self.hydraulics.groups
        for device in self.devices:
            device.volume_m3 += sum(
                float(moved_m3[n]) * (1.0 if groups[n].inside_is_a else -1.0) for n in device.groups
            ) + sum(float(moved_m3[len(groups) + n]) for n in device.links)
            self._decide(device, around)
            self._move(device, lapse_s)

    @staticmethod
    def _move(device: Device, lapse_s: float) -> None:
        step = lapse_s / device.travel_s if device.travel_s > 0.0 else 1.0
        way = device.target - device.position
        device.position = (
            device.target if abs(way) <= step else device.position + (step if way > 0.0 else -step)
        )

    def _decide(self, device: Device, around: Surroundings) -> None:
        for n, site in enumerate(device.breaches):
            if np.isnan(device.begun_s[n]) and not device.fault:
                values = self._values(site.inside_cell, site.outside_cell, np.nan, around)
                due = around.time_s >= site.at_s
                if due or (site.rule is not None and site.rule.holds(values)):
                    cause = "time" if due else str(site.rule.text if site.rule else "")
                    self._begin_breach(device, n, around.time_s, cause)
        resting = around.time_s - device.changed_s < device.rest_s
        if not device.moves or device.fault or device.manual or resting:
            return
        values = self._values(
            device.inside_cell, device.outside_cell, device.outside_level_m, around
        )
        if device.close_rule is not None and device.close_rule.holds(values):
            self._aim(device, 0.0, around.time_s, device.close_rule.text)
        elif device.open_rule is not None and device.open_rule.holds(values):
            self._aim(device, 1.0, around.time_s, device.open_rule.text)

    @staticmethod
    def _values(
        inside: int, outside: int, beyond_m: float, around: Surroundings
    ) -> dict[str, float]:
        return {
            **around.quantities,
            "inside": around.level_m(inside) if inside >= 0 else np.nan,
            "outside": around.level_m(outside) if outside >= 0 else beyond_m,
        }

    def _aim(self, device: Device, target: float, now_s: float, cause: str) -> None:
        if target == device.target:
            return
        opens = target > device.target
        device.changed_s = now_s
        device.target = target
        words = ("started", "stopped") if device.kind == "pump" else ("opened", "closed")
        self._tell(device, now_s, f"structure_{words[0] if opens else words[1]}", target, cause)

    def _begin_breach(self, device: Device, n: int, now_s: float, cause: str) -> None:
        device.begun_s[n] = now_s
        width_m = device.breaches[n].breach.width_m
        self._tell(device, now_s, "structure_breached", width_m, cause)

    # Commands

    def apply(self, command: Command) -> None:
        """
        Take over a command.

        Raises
        ------
        InternalError
            If it is none for structures, or names one that is not there.
        """
        self._orders += 1
        if self._recalled is not None:
            self._repeat(lambda row: row[0] == self._orders and row[1] <= command.time_s)
            return
        device = self._by_name.get(str(command.payload.get("structure")))
        if device is None or command.kind not in STRUCTURE_COMMANDS:
            raise InternalError("not a command for structures", value=command.as_dict())
        if command.kind == "operate_structure":
            self._operate(device, command)
        elif command.kind == "fail_structure":
            self._fail(device, str(command.payload["how"]), command)
        else:
            self._repair(device, command)

    def _operate(self, device: Device, command: Command) -> None:
        action = command.payload.get("action")
        device.manual = action != "auto"
        if action == "auto" or device.fault:
            if device.fault:
                self._tell(device, command.time_s, "structure_refused", np.nan, device.fault)
            return
        opening = command.payload.get("opening")
        target = _ACTIONS[str(action)] if opening is None else float(opening)
        self._aim(device, target, command.time_s, f"command of {command.issuer}")

    def _fail(self, device: Device, how: str, command: Command) -> None:
        cause = f"command of {command.issuer}"
        if how == "breach":
            for n in range(len(device.breaches)):
                if not np.isfinite(device.begun_s[n]):
                    self._begin_breach(device, n, command.time_s, cause)
            return
        device.fault = how
        if how == "open":
            device.target = 1.0
        elif how == "closed" or (how == "no_power" and device.kind == "pump"):
            device.target = 0.0
        else:
            device.target = device.position
        device.position = device.target
        self._tell(device, command.time_s, "structure_failed", device.position, how)

    def _repair(self, device: Device, command: Command) -> None:
        device.fault = ""
        # A breach that is closed does not open again by its own rule: infinity says so.
        device.begun_s = [t if np.isnan(t) else np.inf for t in device.begun_s]
        self._tell(
            device, command.time_s, "structure_repaired", device.position,
            f"command of {command.issuer}",
        )  # fmt: skip

    # What is kept

    def _tell(self, device: Device, now_s: float, kind: str, value: float, cause: str) -> None:
        row = [
            self._orders, now_s, kind, device.name, None if np.isnan(value) else value, cause,
        ]  # fmt: skip
        self._told.append(row)
        self._publish(row)

    def _publish(self, row: Sequence[Any]) -> None:
        _, now_s, kind, name, value, cause = row
        device = self._by_name[name]
        self._log(
            Event(
                time_s=now_s,
                kind=kind,
                facility=name,
                x_m=device.x_m,
                y_m=device.y_m,
                value=np.nan if value is None else value,
                detail={"structure": name, "structure_kind": device.kind, "cause": cause},
            )
        )

    def record(self, around: Surroundings) -> None:
        """Keep one row for every structure: levels, state and discharge since the last row."""
        lapse_s = around.time_s - self._noted_s
        for device in self.devices:
            values = self._values(
                device.inside_cell, device.outside_cell, device.outside_level_m, around
            )
            flow = (device.volume_m3 - device.noted_m3) / lapse_s if lapse_s > 0.0 else 0.0
            device.noted_m3 = device.volume_m3
            numbers = (values["inside"], values["outside"], flow, device.volume_m3)
            self._rows.append(
                [
                    around.time_s,
                    device.name,
                    device.kind,
                    device.fault or device.state,
                    device.position,
                    *(None if np.isnan(x) else float(x) for x in numbers),
                ]
            )  # fmt: skip
        self._noted_s = around.time_s

    def table(self) -> pd.DataFrame:
        """
        Return the time series of all structures.

        ``discharge_m3_s`` is the mean since the row before, positive from the inside to the
        outside (from the first end of a link to the second).
        """
        columns = [
            "time_s", "structure", "kind", "state", "opening", "inside_level_m",
            "outside_level_m", "discharge_m3_s", "volume_m3",
        ]  # fmt: skip
        table = pd.DataFrame(self._rows, columns=columns)
        numbers = [name for name in columns if name not in {"structure", "kind", "state"}]
        return table.astype(dict.fromkeys(numbers, np.float64))

    # Checkpoints

    def to_array(self) -> NDArray[np.uint8]:
        """Return everything that a checkpoint must hold, as the bytes of a JSON text."""
        text = json.dumps(
            {
                "devices": {device.name: device.kept() for device in self.devices},
                "rows": self._rows,
                "told": self._told,
                "orders": self._orders,
                "noted_s": self._noted_s,
            }
        )
        return np.frombuffer(text.encode(), np.uint8).copy()

    def restore(self, array: NDArray[np.uint8]) -> None:
        """Go on from what :meth:`to_array` returned."""
        kept = json.loads(array.tobytes().decode())
        for device in self.devices:
            device.take_back(kept["devices"][device.name])
        self._rows, self._told = kept["rows"], kept["told"]
        self._orders, self._noted_s = int(kept["orders"]), float(kept["noted_s"])
        self._recalled = None

    def recall(self, array: NDArray[np.uint8]) -> None:
        """Take what was told before the checkpoint, to tell it again at its times."""
        told = json.loads(array.tobytes().decode())["told"]
        self._recalled = told[len(self._told) :]  # the first look at the rules is always taken

    def repeat_until(self, now_s: float) -> None:
        """Tell again what the rules did up to *now_s*, on the way to a checkpoint."""
        self._repeat(lambda row: row[0] == self._orders and row[1] <= now_s)

    def _repeat(self, due: Callable[[Sequence[Any]], bool]) -> None:
        while self._recalled and due(self._recalled[0]):
            self._publish(self._recalled.pop(0))
