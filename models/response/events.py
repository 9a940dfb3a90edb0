"""The log of a run: one kind of record, and a definition of everything it may say."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EVENT_KINDS", "NO_DETAIL", "Event", "Json"]

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None

NO_DETAIL: Final[Mapping[str, Json]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """
    Something that happened.

    Parameters
    ----------
    time_s
        Seconds since the scenario's start.
    kind
        A key of :data:`EVENT_KINDS`, which says what ``value`` and ``detail`` hold.
    incident, unit, facility
        Identifiers; empty where none is concerned.
    service
        ``ambulance``, ``fire``, or another service of the fleet; empty where none is concerned.
    node
        Road node, -1 where none. A unit between two nodes gives the one that it drives to.
    x_m, y_m
        Easting and northing, m; NaN where no place is concerned.
    value
        The one number of this kind, NaN where it has none.
    detail
        Everything else, as JSON.
    """

    time_s: float
    kind: str
    incident: str = ""
    unit: str = ""
    facility: str = ""
    service: str = ""
    node: int = -1
    x_m: float = math.nan
    y_m: float = math.nan
    value: float = math.nan
    detail: Mapping[str, Json] = field(default=NO_DETAIL)


EVENT_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # Incidents
        "call_received": "A call comes in; value is the priority, 1 the highest; detail: kind, "
        "needs, casualties, fire_area_m2, targets_s (by service) and what the caller gave.",
        "call_waiting": "Every call taker is busy; value is the number of calls that wait.",
        "call_answered": "Call taking is over; value is seconds since the call was received.",
        "incident_queued": "No unit could be sent for all that is needed; value is the number of "
        "units still missing; detail: reason.",
        "call_abandoned": "A caller gives up before an answer; value is seconds waited.",
        "triage_started": "Triage begins: calls of low priority get advice by phone, patients go "
        "to the soonest hospital; value is the number of incidents that wait for an ambulance.",
        "triage_ended": "Triage ends; value is the number of incidents that still wait.",
        "advice_given": "Under triage, a caller gets advice by phone and no ambulance; value "
        "is the priority.",
        "unit_diverted": "A unit on its way to an incident is taken for one of higher priority; "
        "value is the priority of the incident that it leaves; detail: to, priority.",
        "incident_redispatched": "A unit that was on its way is lost to the incident and another "
        "is looked for; detail: reason.",
        "incident_closed": "All work on an incident is done; value is seconds since the call; "
        "detail: arrived, transported, treated_on_scene, cancelled.",
        "incident_unserved": "An incident ends without any unit of at least one service it needs; "
        "detail: reason, arrived, missing.",
        "incident_unfinished": "The run ends while units are at work on an incident that all "
        "services have reached; detail: arrived, missing.",
        # Orders
        "order_waiting": "An ordered unit cannot go yet; detail: reason.",
        "order_refused": "An order is void; detail: reason.",
        # Units on duty
        "unit_assigned": "A unit is chosen; value is its expected travel time, s.",
        "unit_mobile": "Turnout is over and the unit drives to the scene; value is turnout, s.",
        "unit_arrived": "A unit reaches the scene; value is seconds since the call was received; "
        "detail: first (of its service), complete (its service has all it needs), "
        "target_s, within_target.",
        "unit_stood_down": "A unit is no longer needed or is withdrawn before it reached the "
        "scene; detail: reason.",
        "on_scene_done": "Work on scene is over for this unit; value is seconds on scene.",
        "patient_loaded": "A patient is on board; value is loading time, s.",
        "alarm_raised": "An incident reaches a further alarm of its run card; value is the level; "
        "detail: units (added, by service), reason (time, area), area_m2 (where something burns).",
        "aid_called": "Units of a neighbour are called; value is how many; detail: aid, delay_s, "
        "reason (queue, alarm).",
        "boat_called": "No ambulance gets to the patients because of water, and a rescue unit is "
        "asked for; value is the number of people to bring ashore.",
        "people_aboard": "A rescue unit takes people out of the water; value is how many.",
        "people_ashore": "A rescue unit brings people to where ambulances get; value is how many; "
        "detail: left (people still in the water).",
        "met_ashore": "An ambulance reaches patients whom a rescue unit brought ashore; value is "
        "seconds since the call was received.",
        "people_left": "A rescue unit gives up on people whom it cannot reach again; value is how "
        "many.",
        "treated_on_scene": "A patient is not taken to a hospital; detail: reason.",
        "hospital_chosen": "A unit with a patient picks a hospital; value is the expected travel "
        "time, s; detail: bed (whether one is kept for this patient).",
        "hospital_reached": "A unit with a patient reaches the hospital; value is seconds since "
        "the patient was loaded.",
        "hospital_full": "A unit waits at a hospital for a bed; value is its place in the queue.",
        "handover_started": "A bed is there and handover begins; value is the wait for it, s.",
        "handover_done": "The patient is handed over; value is the time it took, s.",
        "bed_taken": "A bed is taken; value is the number of beds left free.",
        "bed_freed": "A bed is free again; value is the number of beds free.",
        "unit_returning": "A unit is done, available again, and drives back to its station; "
        "detail: reason where it left before its work was done.",
        "unit_moved_up": "A free unit is sent to another station, the facility, to cover what is "
        "left uncovered.",
        "unit_idle": "A unit is back at its station.",
        # Units on the road
        "unit_drove": "A leg of a journey is over; value is its length, m; detail: purpose, edges "
        "driven, start_s, node_from, node_to, length_m, start_fraction and end_fraction (of the "
        "first and the last edge), ended (arrived, stranded, blocked or turning round, recalled, "
        "broken_down, run_end).",
        "unit_rerouted": "A unit changes its way because of the roads; value is the new remaining "
        "travel time, s; detail: reason (blocked, slower, turned_back, warned).",
        "road_found_closed": "A driver meets a closed road that nobody knew of; value is how much "
        "longer the way from there becomes, s, NaN where no way is left or the driver does not "
        "turn back; detail: edge, purpose, does (turn_back, wait, stall), water, way_left.",
        "waited_at_water": "A driver has waited for water on the road to fall; value is the time "
        "waited, s; detail: edge, passed, lost_s (with the detour where it was in vain).",
        "unit_stranded": "Water makes the road under a unit impassable; detail: edge, fraction, "
        "purpose.",
        "unit_freed": "A stranded unit can move again; value is the time it was stranded, s.",
        "unit_waiting": "A unit finds no way to where it must go and waits; detail: reason.",
        "unit_resumed": "A unit that waited finds a way; value is the time it waited, s.",
        "unit_withdrawn": "A unit is ordered out of service while at work; it goes when done.",
        "unit_out_of_service": "A unit is out of service.",
        "unit_in_service": "A unit is in service again.",
        "unit_broken_down": "A vehicle breaks down; value is the time of its repair, s; detail: "
        "purpose, patient (whether one is aboard).",
        "unit_repaired": "A vehicle that broke down drives again; value is the time it took, s.",
        "unit_low_on_fuel": "A unit must refuel at its station before it is sent again; value is "
        "the distance driven since the last time, m.",
        "unit_refuelling": "A unit begins to refuel; value is the time it takes, s.",
        "unit_written_off": "A stranded vehicle is lost for the rest of the run; value is the "
        "depth of water on its road, m; detail: reason (share, depth), patient (whether one is "
        "aboard).",
        "patient_taken_over": "A unit reaches the patient aboard of another that cannot go on; "
        "value is how long the patient waited there, s; detail: from (that unit).",
        "unit_lost": "A unit is still stranded when the run ends; value is the time so far, s.",
        # What is known of the roads; value is a number of streets
        "road_known_closed": "Streets become known as closed to vehicles of the fleet; detail: "
        "source (sensor, report, patrol, driver, order), segments, delay_s (mean since it is so).",
        "road_known_open": "Streets become known as open to vehicles of the fleet that they were "
        "closed to; detail as of road_known_closed.",
        "traffic_displaced": "The traffic of closed main roads finds other ways; value is cars "
        "per hour that others take, 0 where it is back; detail: without_way (cars per hour), "
        "streets_closed, largest_load (volume over capacity).",
        # Fires
        "water_source": "Where water for a fire comes from; value is the flow, l/s; detail: kind "
        "(hydrant, open_water, tank), sources, nodes, distance_m (of the nearest), needed_l_s.",
        "water_applied": "Water is on the fire; value is seconds since the call was received.",
        "water_exhausted": "The tanks on scene are empty and there is no source within reach of "
        "the hoses; value is the water used, l.",
        "fire_out": "A fire is out; value is seconds since the call was received; detail: area_m2, "
        "engines, source.",
        # Structures in the water: facility is the id of the structure; detail: structure,
        # structure_kind, cause (the rule, the order or the failure).
        "structure_opened": "A gate begins to open; value is the opening it goes to, 0 to 1.",
        "structure_closed": "A gate begins to close; value is the opening it goes to, 0 to 1.",
        "structure_started": "A pump starts; value is 1.",
        "structure_stopped": "A pump stops; value is 0.",
        "structure_failed": "A structure fails; value is its opening from then on.",
        "structure_refused": "A structure cannot follow an order because it has failed.",
        "structure_repaired": "A structure works again; value is its opening.",
        "structure_breached": "A breach begins; value is its final width, m.",
        # Residents; value is a number of persons
        "residents_warned": "A warning is issued; value is whom it will reach and who believe it; "
        "detail: message, channel, households (in the area).",
        "residents_stranded": "People on their way are caught by water for the first time.",
        "residents_trapped": "People are caught in their houses for the first time.",
        "residents_arrived": "People reach a shelter by themselves.",
        "residents_called": "People at one place call for help; incident is what it becomes, empty "
        "where no service answers; detail: hurt (households with a casualty).",
        "residents_fetched": "People who called are brought to safety.",
        # Hospitals
        "hospital_changed": "A hospital opens, closes or changes its beds; value is beds free; "
        "detail: open, beds.",
    }
)
