"""Commands of the timeline: what people do, or what happens, while the run goes on."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.schema.base import Fraction, Identifier, Model, Text, exactly_one
from scenarios.schema.incidents import IncidentDetails
from scenarios.schema.places import RoadPlace
from scenarios.schema.residents import Advice, WarningArea
from scenarios.schema.time import Moment

__all__ = [
    "CloseBridge",
    "CloseRoad",
    "Closure",
    "Command",
    "DispatchBy",
    "EvacuateHospital",
    "FailStructure",
    "OpenBridge",
    "OpenRoad",
    "OperateStructure",
    "RepairStructure",
    "ReportIncident",
    "SendUnit",
    "SetHospital",
    "SetRain",
    "SetTideOffset",
    "UnitInService",
    "UnitOutOfService",
    "WarnResidents",
]


class _Command(Model):
    """Something that happens at a time."""

    at: Moment
    """When."""
    note: Text | None = None
    """Why; kept in the log."""


class CloseRoad(_Command):
    """Close a road to all vehicles."""

    do: Literal["close_road"]
    """The command."""
    road: RoadPlace
    """Which road."""


class OpenRoad(_Command):
    """Open a closed road."""

    do: Literal["open_road"]
    """The command."""
    road: RoadPlace
    """Which road."""


class CloseBridge(_Command):
    """Close a bridge to all vehicles."""

    do: Literal["close_bridge"]
    """The command."""
    bridge: Text
    """Its `bridge_id`, or its name where only one bridge bears it."""


class OpenBridge(_Command):
    """Open a closed bridge."""

    do: Literal["open_bridge"]
    """The command."""
    bridge: Text
    """Its `bridge_id`, or its name where only one bridge bears it."""


class SetRain(_Command):
    """
    Change the rain from now on.

    With `rate_mm_h`, that rate holds until the next change; with `multiplier`, the rain of the
    scenario goes on, times this factor, and a fixed rate ends.
    """

    do: Literal["set_rain"]
    """The command."""
    rate_mm_h: Annotated[float, Field(ge=0, le=5000)] | None = None
    """Rate, mm/h."""
    multiplier: Annotated[float, Field(ge=0, le=100)] | None = None
    """Factor on the rain of the scenario."""

    @model_validator(mode="after")
    def _one_change(self) -> Self:
        exactly_one(self, ("rate_mm_h", "multiplier"), "set_rain")
        return self


class SetTideOffset(_Command):
    """Change what is added to the tide from now on."""

    do: Literal["set_tide_offset"]
    """The command."""
    offset_m: Annotated[float, Field(ge=-20, le=20)]
    """New offset instead of `tide.offset_m`, m."""


class ReportIncident(_Command):
    """Report an emergency."""

    do: Literal["report_incident"]
    """The command."""
    incident: IncidentDetails
    """The emergency."""


class UnitOutOfService(_Command):
    """Take a unit out of service; one that is under way ends its task first."""

    do: Literal["unit_out_of_service"]
    """The command."""
    unit: Identifier
    """Its id."""


class UnitInService(_Command):
    """Put a unit back into service."""

    do: Literal["unit_in_service"]
    """The command."""
    unit: Identifier
    """Its id."""


class SetHospital(_Command):
    """Open or close a hospital, cut or restore its power, or change its general beds."""

    do: Literal["set_hospital"]
    """The command."""
    facility: Text
    """The hospital, by the id of the facility."""
    open: bool | None = None
    """Whether it takes patients; those on the way or at the door of a closed one go elsewhere."""
    power: bool | None = None
    """Whether it has power; without, it keeps `response.beds_without_power` of its beds."""
    beds: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """General beds from now on."""

    @model_validator(mode="after")
    def _some_change(self) -> Self:
        if self.open is None and self.power is None and self.beds is None:
            raise ValueError("give open, power or beds")
        return self


class EvacuateHospital(_Command):
    """Close a hospital and bring its patients to others: an incident with one ambulance each."""

    do: Literal["evacuate_hospital"]
    """The command."""
    facility: Text
    """The hospital, by the id of the facility."""
    patients: Annotated[int, Field(ge=1, le=10_000)]
    """Patients to bring away."""
    incident: Identifier
    """Id of the incident that it makes, of the kind `hospital_evacuation`."""


class SendUnit(_Command):
    """
    Send a unit to an incident, whatever the policy says.

    The order waits while the unit is at work elsewhere or finds no way.
    """

    do: Literal["send_unit"]
    """The command."""
    unit: Identifier
    """Its id."""
    incident: Identifier
    """Id of an incident that was reported before."""


class DispatchBy(_Command):
    """Say who sends units from now on; without it, the policy does."""

    do: Literal["dispatch_by"]
    """The command."""
    by: Literal["orders", "policy"]
    """`orders`: only `send_unit` sends units; `policy`: the policy sends them again."""


class OperateStructure(_Command):
    """Move a structure; its rules rest from then on, until the action `auto`."""

    do: Literal["operate_structure"]
    """The command."""
    structure: Identifier
    """Its id."""
    action: Literal["open", "close", "start", "stop", "auto"] | None = None
    """What to do; `auto` gives it back to its rules."""
    opening: Fraction | None = None
    """Instead of an action: how far to open it, from 0 (closed) to 1 (open)."""

    @model_validator(mode="after")
    def _one_order(self) -> Self:
        exactly_one(self, ("action", "opening"), "operate_structure")
        return self


class FailStructure(_Command):
    """Let a structure fail, until it is repaired."""

    do: Literal["fail_structure"]
    """The command."""
    structure: Identifier
    """Its id."""
    how: Literal["stuck", "open", "closed", "no_power", "breach"] = "stuck"
    """`stuck` as it stands, stuck `open` or `closed`, `no_power` (pumps stop, gates stay), or
    `breach`: the breaches of a dyke begin."""


class RepairStructure(_Command):
    """Repair a structure: it obeys its rules and orders again; a dyke gets its crest back."""

    do: Literal["repair_structure"]
    """The command."""
    structure: Identifier
    """Its id."""


class WarnResidents(_Command):
    """Warn residents; it takes time until they hear, and not all believe it."""

    do: Literal["warn_residents"]
    """The command."""
    message: Advice
    """What they are told to do."""
    channel: Identifier
    """How: a channel of `residents.channels`, or a known one."""
    area: WarningArea | None = None
    """Where; without it, in the whole city."""


#: A command of the timeline, told apart by `do`.
Command = Annotated[
    CloseRoad
    | OpenRoad
    | CloseBridge
    | OpenBridge
    | SetRain
    | SetTideOffset
    | ReportIncident
    | UnitOutOfService
    | UnitInService
    | SendUnit
    | SetHospital
    | EvacuateHospital
    | DispatchBy
    | OperateStructure
    | FailStructure
    | RepairStructure
    | WarnResidents,
    Field(discriminator="do"),
]


class Closure(Model):
    """A road that is closed from one time to another."""

    road: RoadPlace
    """Which road; `{bridge: …}` closes a bridge."""
    start: Moment = 0.0
    """From when; without it, from the start."""
    end: Moment | None = None
    """Until when; without it, to the end."""
    note: Text | None = None
    """Why; kept in the log."""
