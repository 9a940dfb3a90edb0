"""From a scenario's figures to vehicle classes and parameters of the response."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from models.errors import InvalidQuantityError, ScenarioError
from models.response import (
    AMBULANCE,
    FIRE,
    INCIDENT_KINDS,
    RESCUE,
    Alarm,
    IncidentKind,
    KnownCourse,
    KnownWork,
    ResponseParameters,
)
from models.roads import VEHICLE_CLASSES, VehicleClass
from scenarios.schema.response import PolicyFile
from twin.engine.durations import as_distribution
from twin.engine.setup_crews import crew_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scenarios.schema.fleet import Fleet, VehicleClassChoice
    from scenarios.schema.response import Alarm as AlarmChoice
    from scenarios.schema.response import FireResponse, Response
    from scenarios.schema.response import IncidentKind as KindChoice

__all__ = ["known_course", "response_parameters", "vehicle_classes"]

#: Classes for which closed roads are always reported, beside those of the fleet.
REPORTED = ("ambulance", "fire_engine", "car", "motorbike")


def vehicle_classes(fleet: Fleet) -> tuple[VehicleClass, ...]:
    """
    Return the classes of a run: those reported always, and those of the units.

    Raises
    ------
    ScenarioError
        If a unit names a class that is not known, or a changed class is not possible.
    """
    known: dict[str, VehicleClass] = dict(VEHICLE_CLASSES)
    for name, choice in fleet.vehicle_classes.items():
        known[name] = _changed(name, choice, known)
    wanted = [*REPORTED, fleet.ambulance_class, fleet.fire_engine_class]
    services = {unit.service for unit in fleet.units if unit.vehicle_class is None}
    services |= {aid.service for aid in fleet.mutual_aid if aid.vehicle_class is None}
    if fleet.rescue_units or RESCUE in services:
        wanted.append(fleet.rescue_class)
    wanted += [aid.vehicle_class for aid in fleet.mutual_aid if aid.vehicle_class is not None]
    wanted += [unit.vehicle_class for unit in fleet.units if unit.vehicle_class is not None]
    for name in wanted:
        if name not in known:
            raise ScenarioError(
                "there is no such vehicle class",
                where="fleet",
                value=name,
                remedy=f"Choose from {', '.join(known)}, or define it under vehicle_classes.",
            )
    return tuple(known[name] for name in dict.fromkeys(wanted))


def _changed(
    name: str, choice: VehicleClassChoice, known: Mapping[str, VehicleClass]
) -> VehicleClass:
    where = f"fleet.vehicle_classes.{name}"
    base = choice.based_on or name
    if base not in known:
        raise ScenarioError(
            "a new vehicle class needs a known one to start from",
            where=f"{where}.based_on",
            value=choice.based_on,
            remedy=f"Choose from {', '.join(known)}.",
        )
    changes: dict[str, Any] = {
        field: getattr(choice, field)
        for field in (
            "wading_limit_m",
            "critical_depth_m",
            "emergency_speed_factor",
            "depth_velocity_limit_m2_s",
            "total_head_limit_m",
            "at_water",
            "congestion_share",
        )
        if getattr(choice, field) is not None
    }
    if choice.wait_at_water is not None:
        changes["wait_at_water_s"] = choice.wait_at_water
    changes |= _afloat(choice, known[base], where)
    for name_of, given in (("max", choice.max_speed_km_h), ("crawl", choice.crawl_speed_km_h)):
        if given is not None:
            changes[f"{name_of}_speed_m_s"] = given / 3.6
    if "wading_limit_m" in changes and "critical_depth_m" not in changes:
        changes["critical_depth_m"] = max(known[base].critical_depth_m, changes["wading_limit_m"])
    try:
        return replace(known[base], name=name, source=f"scenario, from {base}", **changes)
    except InvalidQuantityError as error:
        raise ScenarioError(error.what, where=where, value=error.value) from error


def _afloat(choice: VehicleClassChoice, base: VehicleClass, where: str) -> dict[str, Any]:
    """Return what a scenario changes of a boat in the water."""
    given = {
        "draught_m": choice.draught_m,
        "max_current_m_s": choice.max_current_m_s,
        "launch_s": choice.launch,
        "speed_m_s": None if choice.water_speed_km_h is None else choice.water_speed_km_h / 3.6,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if not changes:
        return {}
    if base.afloat is None:
        raise ScenarioError(
            "this vehicle class is no boat",
            where=where,
            value=", ".join(changes),
            remedy="Start from one: `based_on: boat`.",
        )
    return {"afloat": replace(base.afloat, **changes)}


def response_parameters(response: Response, *, midnight_s: float = 0.0) -> ResponseParameters:
    """
    Return the parameters of the response: the scenario's where it gives them, else the models'.

    *midnight_s* is the time of the local day at which the scenario starts, s.

    Raises
    ------
    ScenarioError
        If a combination is not possible.
    """
    defaults = ResponseParameters()
    changes: dict[str, Any] = {"kinds": _kinds(response.incident_kinds), "midnight_s": midnight_s}
    for field in ("dispatch_policy", "queue_policy", "hospital_policy", "move_up_policy"):
        choice = getattr(response, field)
        changes[field] = choice.name if isinstance(choice, PolicyFile) else choice
    for field in ("queue_capacity", "call_takers"):
        changes[field] = getattr(response, field)
    changes["move_up_target_s"] = response.move_up.target
    changes["busy_share"] = response.move_up.busy_share
    changes["compliance_table"] = response.move_up.table
    if response.diversion is not None:
        changes["divert_for_priority"] = response.diversion.for_priority
        changes["diversion_gain_s"] = response.diversion.gain
    if response.triage is not None:
        changes["triage_queue"] = response.triage.queue
        changes["triage_end_queue"] = response.triage.end_queue
        changes["advice_from_priority"] = response.triage.advice_from_priority
    changes["patience"] = as_distribution(response.patience)
    for field in ("call_taking", "dispatch_delay", "loading", "handover", "clearing", "bed_stay"):
        changes[field] = as_distribution(getattr(response, field))
    changes["transport_probability"] = response.transport_probability
    changes["beds_without_power"] = response.beds_without_power
    for field in (
        "transport_wait_limit",
        "stranding_recovery",
        "replan_growth",
        "bed_decontamination",
        "unit_decontamination",
        "boarding",
        "ashore",
        "shore_wait",
    ):
        changes[f"{field}_s"] = getattr(response, field)
    for field in ("turnout", "on_scene"):
        given = {
            service: as_distribution(getattr(getattr(response, field), service))
            for service in (AMBULANCE, FIRE, RESCUE)
        }
        changes[field] = MappingProxyType(
            {**getattr(defaults, field), **{k: v for k, v in given.items() if v is not None}}
        )
    changes["targets_s"] = _targets(response, defaults)
    changes["run_cards"] = MappingProxyType(
        {kind: tuple(map(_alarm, card)) for kind, card in response.run_cards.items()}
    )
    try:
        changes |= crew_parameters(response)
        changes["fire"] = replace(defaults.fire, **_fire(response.fire))
        return replace(defaults, **{k: v for k, v in changes.items() if v is not None})
    except InvalidQuantityError as error:
        raise ScenarioError(
            error.what, where=f"response: {error.where}", value=error.value, remedy=error.remedy
        ) from error


def _alarm(choice: AlarmChoice) -> Alarm:
    return Alarm(
        needs=MappingProxyType(choice.units),
        after_s=math.inf if choice.after is None else choice.after,
        area_m2=math.inf if choice.fire_area_m2 is None else choice.fire_area_m2,
    )


def _fire(choice: FireResponse) -> dict[str, Any]:
    """Return what a scenario changes of the parameters of fires."""
    changes: dict[str, Any] = {"work": as_distribution(choice.work)}
    for name in ("reference_area_m2", "area_exponent", "involvement", "hose_lay_m_s"):
        changes[name] = getattr(choice, name)
    for name in ("hose_detour", "shuttle_rate", "growth_kw_s2", "heat_kw_m2", "most_area_m2"):
        changes[name] = getattr(choice, name)
    for name in ("set_up", "look_again"):
        changes[f"{name}_s"] = getattr(choice, name)
    if choice.run_card is not None:
        changes["engines_by_area"] = tuple(
            (math.inf if row.up_to_m2 is None else row.up_to_m2, row.engines)
            for row in choice.run_card
        )
    if choice.hydrant_credit is not None:
        changes["hydrant_credit"] = tuple((r.up_to_m, r.flow_l_s) for r in choice.hydrant_credit)
    return {name: value for name, value in changes.items() if value is not None}


def _targets(response: Response, defaults: ResponseParameters) -> Mapping[str, Mapping[int, float]]:
    targets = {service: dict(values) for service, values in defaults.targets_s.items()}
    for service in targets:
        given = getattr(response.targets, service, None)
        if given is not None:
            targets[service] = dict.fromkeys(range(1, 10), float(given))
    return MappingProxyType({k: MappingProxyType(v) for k, v in targets.items()})


def _kinds(choices: Mapping[str, KindChoice]) -> Mapping[str, IncidentKind]:
    kinds = dict(INCIDENT_KINDS)
    for name, choice in choices.items():
        given = {
            field: getattr(choice, field)
            for field in (
                "casualties",
                "people",
                "bed",
                "priority_share",
                "fire_area_m2",
                "transport_probability",
            )
            if getattr(choice, field) is not None
        }
        if choice.needs is not None:
            given["needs"] = MappingProxyType(
                {k: int(v) for k, v in choice.needs.model_dump().items() if v}
            )
        kinds[name] = replace(kinds[name], **given) if name in kinds else IncidentKind(**given)
    return MappingProxyType(kinds)


def known_course(known: Mapping[str, Any] | None) -> KnownCourse | None:
    """Return what a log says of an incident, from the payload of the command that reports it."""
    if known is None:
        return None
    work = {
        service: tuple(
            KnownWork(
                asked_after_s=each.get("asked_after"),
                turnout_s=each.get("turnout"),
                on_scene_s=each.get("on_scene"),
                transported=each.get("transported"),
                handover_s=each.get("handover"),
                clearing_s=each.get("clearing"),
            )
            for each in known.get(service, ())
        )
        for service in (AMBULANCE, FIRE)
    }
    return KnownCourse(alert_after_s=known.get("alert_after"), work=MappingProxyType(work))
