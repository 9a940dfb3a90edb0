"""Put a run together from a scenario and a city."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from models.errors import ScenarioError
from models.response import RESCUE, ResponseModel
from scenarios.schema.flood import Flood
from scenarios.schema.incidents import IncidentDetails
from scenarios.schema.places import AtFacility
from twin.city.city import terrain_grid
from twin.city.coarsen import coarsen
from twin.engine.boats import WaterNetwork, waterways_of
from twin.engine.clock import Schedule
from twin.engine.commands import Command, CommandQueue
from twin.engine.drainage import channel_beds_m
from twin.engine.emergencies import Emergencies
from twin.engine.engine import Assembly
from twin.engine.network import RoadNetwork
from twin.engine.own_policies import own_policies
from twin.engine.places import PlaceFinder
from twin.engine.roads import Roads, lay_roads
from twin.engine.setup_drainage import set_up_drainage
from twin.engine.setup_flood import set_up_flood, wants_flood, water_kinds
from twin.engine.setup_ground import change_ground
from twin.engine.setup_knowledge import set_up_knowledge
from twin.engine.setup_response import response_parameters, vehicle_classes
from twin.engine.streams import Streams
from twin.engine.traffic import set_up_traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import xarray as xr

    from models.grid import Grid
    from models.response import Event
    from scenarios.schema.commands import EvacuateHospital
    from scenarios.schema.scenario import Scenario
    from twin.city.city import City
    from twin.engine.flooding import Flooding
    from twin.engine.residents import Residents

__all__ = ["Setting", "assemble", "set_scene", "wants_response"]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a scenario finds in a city: the terrain at the cell size of the run, and the places."""

    scenario: Scenario
    city: City
    terrain: xr.Dataset | None
    grid: Grid | None
    places: PlaceFinder


def set_scene(scenario: Scenario, city: City) -> Setting:
    """
    Bring scenario and city together.

    Raises
    ------
    ScenarioError
        If the scenario asks for water and the city has no terrain, or for units or incidents and
        the city has no roads, or the cell sizes do not fit.
    """
    terrain = city.terrain
    if terrain is None and wants_flood(scenario):
        raise ScenarioError(
            f"the city {city.name} has no terrain, so that no flood can be computed on it",
            where="flood",
            remedy="Add a terrain to the recipe of the city, or write `flood: none`.",
        )
    if terrain is not None and scenario.grid.cell_size_m is not None:
        terrain = coarsen(terrain, scenario.grid.cell_size_m)
    if terrain is not None:
        terrain = change_ground(terrain, scenario.ground)
    if wants_response(scenario) and not len(city.layer("roads")):
        raise ScenarioError(
            f"the city {city.name} has no roads, so that no unit can drive on it",
            where="fleet",
            remedy="Add roads to the recipe of the city, or leave out fleet and incidents.",
        )
    return Setting(
        scenario=scenario,
        city=city,
        terrain=terrain,
        grid=None if terrain is None else terrain_grid(terrain),
        places=PlaceFinder(city),
    )


def wants_response(scenario: Scenario) -> bool:
    """Return whether there is anyone to help, or anyone to be helped."""
    incidents, fleet = scenario.incidents, scenario.fleet
    return bool(
        incidents.listed
        or incidents.generated
        or fleet.ambulances
        or fleet.fire_engines
        or fleet.rescue_units
        or fleet.units
    )


def assemble(
    setting: Setting,
    log: Callable[[Event], None],
    *,
    commands: Iterable[Command] | None = None,
    water: bool = True,
) -> Assembly:
    """
    Build every part of a run.

    Parameters
    ----------
    setting
        Scenario and city.
    log
        Takes the events of the response.
    commands
        The log of commands of an interrupted or recorded run; None takes the scenario's.
    water
        Whether to build the flood; without it, for a response over recorded water.

    Raises
    ------
    ScenarioError
        If anything in the scenario does not fit the city; the message names the field.
    """
    scenario, city = setting.scenario, setting.city
    flooding = None
    if water and wants_flood(scenario) and setting.terrain is not None and setting.grid is not None:
        flooding = set_up_flood(scenario, setting.terrain, setting.grid, setting.places, log=log)
        flooding.drainage = set_up_drainage(
            scenario,
            city,
            setting.places,
            flooding.solver.domain,
            water_kinds(setting.terrain),
            channels=channel_beds_m(flooding.solver),
        )
    env = simpy.Environment()
    roads, emergencies, response = None, None, None
    streams = Streams(scenario.seed)
    if len(city.layer("roads")):
        roads = lay_roads(
            city,
            vehicle_classes(scenario.fleet),
            grid=setting.grid if flooding is not None else None,
            terrain=setting.terrain if flooding is not None else None,
        )
        roads.traffic = set_up_traffic(scenario, roads.conditions, log)
        roads.knowledge = set_up_knowledge(scenario, city, setting.places, roads, streams, log)
    residents = _residents(setting, roads, streams, flooding, log)
    told = log if residents is None else _also(residents, log)
    if roads is not None and wants_response(scenario):
        emergencies = Emergencies(
            city=city,
            roads=roads,
            places=setting.places,
            parameters=response_parameters(
                scenario.response, midnight_s=scenario.period.midnight_s
            ),
        )
        emergencies.settle(scenario)
        demand_nodes, demand_weight = emergencies.expected_demand(scenario, setting.terrain)
        response = ResponseModel(
            env,
            _network(roads, emergencies, city),
            units=emergencies.units,
            facilities=emergencies.facilities,
            streams=streams,
            log=told,
            hydrant_nodes=emergencies.hydrant_nodes,
            open_water_nodes=emergencies.open_water_nodes,
            parameters=emergencies.parameters,
            policies=own_policies(scenario.response),
            demand_nodes=demand_nodes,
            demand_weight=demand_weight,
            aid=emergencies.aid,
        )
        if residents is not None:
            residents.answer_by(scenario, emergencies, response)
    if commands is None:
        commands = _scenario_commands(setting, roads, emergencies, streams, residents)
    exchange_s = scenario.flood.exchange_interval if isinstance(scenario.flood, Flood) else 60.0
    return Assembly(
        env=env,
        schedule=Schedule.build(
            end_s=scenario.period.duration_s,
            exchange_s=exchange_s,
            frame_s=scenario.outputs.frame_interval,
            gauge_s=scenario.outputs.gauge_interval,
            checkpoint_s=scenario.outputs.checkpoint_interval,
            gauges=[gauge.interval for gauge in scenario.gauges],
            sections=[section.interval for section in scenario.cross_sections],
        ),
        commands=CommandQueue(commands),
        flooding=flooding,
        roads=roads,
        response=response,
        emergencies=emergencies,
        residents=residents,
    )


def _network(roads: Roads, emergencies: Emergencies, city: City) -> RoadNetwork:
    """Return the roads as the response sees them, with water for boats where there are any."""
    places = [facility.node for facility in emergencies.facilities]
    if any(unit.service == RESCUE for unit in emergencies.units):
        return WaterNetwork(roads, places, waterways=waterways_of(city))
    return RoadNetwork(roads, places)


def _residents(
    setting: Setting,
    roads: Roads | None,
    streams: Streams,
    flooding: Flooding | None,
    log: Callable[[Event], None],
) -> Residents | None:
    if setting.scenario.residents is None:
        return None
    # Mesa takes a second to load, which runs without residents need not wait for.
    from twin.engine.setup_residents import set_up_residents  # noqa: PLC0415

    return set_up_residents(
        setting.scenario.residents,
        setting.city,
        places=setting.places,
        roads=roads,
        streams=streams,
        terrain=setting.terrain,
        grid=setting.grid,
        bed_m=None if flooding is None else flooding.bed_m,
        ambulance_class=setting.scenario.fleet.ambulance_class,
        log=log,
    )


def _also(residents: Residents, log: Callable[[Event], None]) -> Callable[[Event], None]:
    """Return a log of the response to which the residents listen."""

    def tell(event: Event) -> None:
        log(event)
        residents.hear(event)

    return tell


def _scenario_commands(
    setting: Setting,
    roads: Roads | None,
    emergencies: Emergencies | None,
    streams: Streams,
    residents: Residents | None,
) -> list[Command]:
    """Return every command of the scenario in order of time: closures, timeline, incidents."""
    scenario = setting.scenario
    commands: list[Command] = []
    end_s = scenario.period.duration_s
    for index, closure in enumerate(scenario.closures):
        where = f"closures[{index}]"
        payload = _road_payload(closure.road, setting.places, f"{where}.road", closure.note)
        commands.append(Command(time_s=closure.start, kind="close_road", payload=payload))
        if closure.end is not None and closure.end <= end_s:
            commands.append(Command(time_s=closure.end, kind="open_road", payload=payload))
    for each in scenario.structures:
        for entry in getattr(each, "schedule", ()):
            payload = {"structure": each.id, "action": entry.action}
            commands.append(
                Command(
                    time_s=entry.at, kind="operate_structure", payload=payload, issuer="schedule"
                )
            )
    for index, entry in enumerate(scenario.timeline):
        where = f"timeline[{index}]"
        if entry.do == "warn_residents" and residents is not None:
            area = residents.area(entry.area, setting.places, where=f"{where}.area")
            payload = {"message": entry.message, "channel": entry.channel, "area": area}
            commands.append(Command(time_s=entry.at, kind=entry.do, payload=payload))
            continue
        if entry.do == "evacuate_hospital":
            commands.extend(_evacuation(entry, emergencies, where))
            continue
        commands.append(_timeline_command(entry, setting, emergencies, where))
    if emergencies is not None:
        commands.extend(emergencies.commands(scenario, streams, terrain=setting.terrain))
    if roads is None and any(c.kind.endswith(("_road", "_bridge")) for c in commands):
        raise ScenarioError("the city has no roads that could be closed", where="timeline")
    _ids_once(commands)
    commands.sort(key=lambda command: command.time_s)
    _orders_after_calls(commands)
    return commands


def _road_payload(
    road: Any,  # noqa: ANN401 - any of the forms of a road
    places: PlaceFinder,
    where: str,
    note: str | None,
) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "road": road.model_dump(mode="json", exclude_none=True),
        "segments": places.segments(road, where=where).tolist(),
    }
    if note is not None:
        payload["note"] = note
    return payload


def _timeline_command(
    entry: Any,  # noqa: ANN401 - any of the commands, told apart by `do`
    setting: Setting,
    emergencies: Emergencies | None,
    where: str,
) -> Command:
    match entry.do:
        case "close_road" | "open_road":
            payload = _road_payload(entry.road, setting.places, f"{where}.road", entry.note)
        case "close_bridge" | "open_bridge":
            segments = setting.places.bridge_segments(entry.bridge, where=f"{where}.bridge")
            payload = {"bridge": entry.bridge, "segments": segments.tolist()}
        case "report_incident":
            if emergencies is None:
                raise ScenarioError("no service is there to answer an incident", where=where)
            return emergencies.report(entry.incident, entry.at, where=f"{where}.incident")
        case "set_hospital":
            _require_hospital(entry.facility, emergencies, f"{where}.facility")
            payload = entry.model_dump(exclude={"at", "do"}, exclude_none=True)
        case "unit_out_of_service" | "unit_in_service" | "send_unit":
            known = [] if emergencies is None else [unit.id for unit in emergencies.units]
            if entry.unit not in known:
                raise ScenarioError(
                    "the fleet has no such unit",
                    where=f"{where}.unit",
                    value=entry.unit,
                    remedy=f"Known are {', '.join(known[:12])}." if known else None,
                )
            payload = entry.model_dump(include={"unit", "incident"})
        case _:
            payload = entry.model_dump(mode="json", exclude={"at", "do"}, exclude_none=True)
    return Command(time_s=entry.at, kind=entry.do, payload=payload)


def _require_hospital(name: str, emergencies: Emergencies | None, where: str) -> None:
    facilities = () if emergencies is None else emergencies.facilities
    known = [facility.id for facility in facilities if facility.kind == "hospital"]
    if name not in known:
        raise ScenarioError(
            "there is no such hospital that a road reaches",
            where=where,
            value=name,
            remedy=f"Known are {', '.join(known[:12])}." if known else None,
        )


def _evacuation(
    entry: EvacuateHospital, emergencies: Emergencies | None, where: str
) -> list[Command]:
    """Return the commands that close a hospital, and report its patients as an incident."""
    _require_hospital(entry.facility, emergencies, f"{where}.facility")
    if emergencies is None:
        return []
    payload = {"facility": entry.facility, "open": False}
    incident = IncidentDetails(
        id=entry.incident,
        kind="hospital_evacuation",
        location=AtFacility(facility=entry.facility),
        casualties=entry.patients,
    )
    return [
        Command(time_s=entry.at, kind="set_hospital", payload=payload),
        emergencies.report(incident, entry.at, where=where),
    ]


def _ids_once(commands: list[Command]) -> None:
    ids = [c.payload["id"] for c in commands if c.kind == "report_incident"]
    names, counts = np.unique(np.asarray(ids, str), return_counts=True)
    twice = names[counts > 1]
    if twice.size:
        raise ScenarioError(
            "two incidents bear one id",
            where="incidents",
            value=str(twice[0]),
            remedy="Rename the listed one, or change incidents.generated.id_prefix.",
        )


def _orders_after_calls(commands: list[Command]) -> None:
    """Refuse an order to an incident that is not reported before it, in order of time."""
    reported: set[str] = set()
    for command in commands:
        if command.kind == "report_incident":
            reported.add(command.payload["id"])
        elif command.kind == "send_unit" and command.payload["incident"] not in reported:
            raise ScenarioError(
                "a unit is sent to an incident that is not reported before",
                where=f"timeline, send_unit {command.payload['unit']} at {command.time_s:g} s",
                value=command.payload["incident"],
                remedy="Report the incident first, or write the order after the report.",
            )
