"""Fleet, facilities and incidents of a run, found in the city and put on its roads."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from models.errors import InvalidQuantityError, ScenarioError
from models.response import FIRE, Aid, FacilitySpec, IncidentSpec, UnitSpec
from twin.engine.commands import Command
from twin.engine.demand import draw_incidents, places_of_people
from twin.engine.muster import Muster
from twin.engine.setup_response import known_course
from twin.language import note

if TYPE_CHECKING:
    from collections.abc import Iterable

    import xarray as xr
    from numpy.typing import NDArray

    from models.response import IncidentKind, ResponseParameters
    from models.roads import VehicleClass
    from scenarios.schema.incidents import IncidentDetails
    from scenarios.schema.response import Response
    from scenarios.schema.scenario import Scenario
    from twin.city.city import City
    from twin.engine.places import PlaceFinder
    from twin.engine.roads import Roads
    from twin.engine.streams import Streams
    from twin.language import Note

__all__ = ["Emergencies", "Snap"]

#: A listed place may lie this far from the nearest road that the vehicle can use, m.
FARTHEST_SNAP_M = 1000.0
#: From this distance on, the summary names the place, m.
REPORTED_SNAP_M = 200.0
HYDRANT_SNAP_M = 150.0
#: A pump reaches open water from a road within this distance, m (assumed; suction and a relay).
SUCTION_M = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Snap:
    """A place that was moved to the road network."""

    kind: str
    name: str
    distance_m: float


@dataclass(kw_only=True)
class Emergencies:
    """
    Who helps, where, and whom.

    Parameters
    ----------
    city, roads, places
        Where everything lies.
    parameters
        Figures of the response, with the kinds of incident.
    """

    city: City
    roads: Roads
    places: PlaceFinder
    parameters: ResponseParameters
    units: tuple[UnitSpec, ...] = ()
    aid: tuple[Aid, ...] = ()
    facilities: tuple[FacilitySpec, ...] = ()
    hydrant_nodes: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    open_water_nodes: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    snaps: list[Snap] = field(default_factory=list)
    _off_network: list[str] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)

    # Fleet and facilities

    def settle(self, scenario: Scenario) -> None:
        """
        Put stations, hospitals, hydrants and units on the roads.

        Raises
        ------
        ScenarioError
            If units have no station, or a station lies off the network.
        """
        fleet = scenario.fleet
        table = self.city.layer("facilities")
        kinds = table["kind"].astype(str).to_numpy()
        wanted = {"hospital", *fleet.ambulance_station_kinds, *fleet.fire_station_kinds}
        if fleet.rescue_units:
            wanted |= set(fleet.rescue_station_kinds)
        named = {unit.station for unit in fleet.units} | {a.station for a in fleet.mutual_aid}
        found: dict[str, FacilitySpec] = {}
        for row in np.flatnonzero(
            np.isin(kinds, sorted(wanted))
            | np.isin(table["facility_id"].astype(str), sorted(named))
        ):
            spec = self._facility(table.iloc[int(row)], scenario.response)
            if spec is not None:
                found[spec.id] = spec
        for index, station in enumerate(fleet.stations):
            x, y = self.places.point(station.location, where=f"fleet.stations[{index}].location")
            node, distance = self._node(x, y, None, f"fleet.stations[{index}] ({station.id})")
            self._note("station", station.id, distance)
            found[station.id] = FacilitySpec(id=station.id, kind="station", node=node, x_m=x, y_m=y)
        for index, choice in enumerate(scenario.response.hospitals):
            if choice.facility not in found or found[choice.facility].kind != "hospital":
                raise ScenarioError(
                    "there is no such hospital that a road reaches",
                    where=f"response.hospitals[{index}].facility",
                    value=choice.facility,
                )
        self.facilities = tuple(found[name] for name in sorted(found))
        muster = Muster(fleet, found, self._class_row, self.city.name)
        self.aid = muster.neighbours()
        self.units = muster.units()
        if any(unit.service == FIRE for unit in self.units):
            self.hydrant_nodes = self._hydrants()
            self.open_water_nodes = self._open_water()
        if self.units and not any(f.kind == "hospital" for f in self.facilities):
            self.warnings.append(note("no_hospitals"))
        if self._off_network:
            self.warnings.append(
                note(
                    "facilities_off_network",
                    count=len(self._off_network),
                    distance=FARTHEST_SNAP_M,
                    names=", ".join(self._off_network[:8])
                    + (", …" if len(self._off_network) > 8 else ""),
                )
            )

    def _facility(self, row: Any, response: Response) -> FacilitySpec | None:  # noqa: ANN401 - a row of a data frame
        point = row.geometry.representative_point()
        name, kind = str(row["facility_id"]), str(row["kind"])
        node, distance = self.roads.graph.nearest_node(
            point.x, point.y, vehicle_class=self._vehicle("ambulance")
        )
        if distance > FARTHEST_SNAP_M:
            self._off_network.append(name)
            return None
        self._note(kind, name, distance)
        beds, wards = None, dict[str, int]()
        if kind == "hospital":
            given = float(row["beds"]) if row["beds"] is not None else math.nan
            beds = response.default_beds if math.isnan(given) else int(given)
            choice = next((each for each in response.hospitals if each.facility == name), None)
            if choice is not None:
                beds = beds if choice.general is None else choice.general
                wards = {"intensive": choice.intensive, "isolation": choice.isolation}
        return FacilitySpec(
            id=name,
            kind=kind,
            node=node,
            x_m=point.x,
            y_m=point.y,
            beds=beds,
            wards={ward: n for ward, n in wards.items() if n},
        )

    def _hydrants(self) -> NDArray[np.int64]:
        table = self.city.layer("hydrants")
        if not len(table):
            return np.empty(0, np.int64)
        points = table.geometry.representative_point()
        nodes, distances = self.roads.graph.nearest_nodes(
            points.x.to_numpy(), points.y.to_numpy(), vehicle_class=self._vehicle("fire_engine")
        )
        return np.unique(nodes[distances <= HYDRANT_SNAP_M])

    def _open_water(self) -> NDArray[np.int64]:
        """Return the nodes from which a pump reaches a canal, pond or river."""
        areas = self.city.layer("water_areas")
        if not len(areas):
            return np.empty(0, np.int64)
        graph = self.roads.graph
        points = shapely.points(graph.x_m, graph.y_m)
        pairs = shapely.STRtree(areas.geometry.to_numpy()).query(
            points, predicate="dwithin", distance=SUCTION_M
        )
        return np.unique(pairs[0]).astype(np.int64)

    def _class_row(self, name: str) -> int:
        return self.roads.conditions.class_index(name)

    def _vehicle(self, name: str) -> VehicleClass:
        return self.roads.conditions.classes[self._class_row(name)]

    # Incidents

    def expected_demand(
        self, scenario: Scenario, terrain: xr.Dataset | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64] | None]:
        """Return the nodes near which people are, and how many; none where nothing asks for it."""
        if scenario.response.move_up_policy in {None, "stay", "compliance_table"}:
            return np.empty(0, np.int64), None
        x, y, weight, _ = places_of_people("population", self.city, terrain, self.roads.graph)
        nodes, _ = self.roads.graph.nearest_nodes(x, y, vehicle_class=self._vehicle("ambulance"))
        people = np.bincount(nodes, weights=weight, minlength=self.roads.graph.n_nodes)
        found = np.flatnonzero(people > 0.0)
        return found, people[found]

    def commands(
        self,
        scenario: Scenario,
        streams: Streams,
        *,
        terrain: xr.Dataset | None,
    ) -> Iterable[Command]:
        """Yield a command for every listed and every generated incident."""
        for index, listed in enumerate(scenario.incidents.listed):
            yield self.report(listed, listed.at, where=f"incidents.listed[{index}] ({listed.id})")
        generated = scenario.incidents.generated
        if generated is None:
            return
        drawn = draw_incidents(
            generated,
            start=scenario.period.start,
            duration_s=scenario.period.duration_s,
            kinds=self.parameters.kinds,
            generator=streams("demand"),
            city=self.city,
            terrain=terrain,
            graph=self.roads.graph,
        )
        for call in drawn:
            node, distance = self._node(
                call.x_m,
                call.y_m,
                self.parameters.kinds[call.kind],
                f"incident {call.id}",
                farthest_m=math.inf,
            )
            payload = {
                "id": call.id,
                "kind": call.kind,
                "priority": call.priority,
                "x_m": call.x_m,
                "y_m": call.y_m,
                "node": node,
                "snap_m": round(distance, 1),
            }
            yield Command(
                time_s=call.time_s, kind="report_incident", payload=payload, issuer="demand"
            )

    def report(
        self, incident: IncidentDetails, time_s: float, *, where: str, issuer: str = "scenario"
    ) -> Command:
        """
        Return the command that reports *incident*, with its place found.

        Raises
        ------
        ScenarioError
            If its kind is unknown, or its place lies outside the city or far from any road.
        """
        if incident.kind not in self.parameters.kinds:
            raise ScenarioError(
                "there is no such kind of incident",
                where=where,
                value=incident.kind,
                remedy=f"Choose from {', '.join(self.parameters.kinds)}, or define it under "
                "response.incident_kinds.",
            )
        kind = self.parameters.kinds[incident.kind]
        _require_engine(incident, kind, where)
        x, y = self.places.point(incident.location, where=f"{where}.location")
        node, distance = self._node(x, y, kind, where)
        self._note("incident", incident.id, distance)
        share = kind.priority_share
        payload: dict[str, Any] = {
            "id": incident.id,
            "kind": incident.kind,
            "priority": incident.priority or 1 + int(np.argmax(share)),
            "x_m": x,
            "y_m": y,
            "node": node,
            "snap_m": round(distance, 1),
        }
        if incident.casualties is not None:
            payload["casualties"] = incident.casualties
        if incident.people is not None:
            payload["people"] = incident.people
        if incident.fire_area_m2 is not None:
            payload["fire_area_m2"] = incident.fire_area_m2
        if incident.needs is not None:
            payload["needs"] = {k: v for k, v in incident.needs.model_dump().items() if v}
        if incident.known is not None:
            payload["known"] = incident.known.model_dump(exclude_none=True)
        return Command(time_s=time_s, kind="report_incident", payload=payload, issuer=issuer)

    def incident(self, command: Command) -> IncidentSpec:
        """Return the incident that a command reports."""
        payload = command.payload
        return IncidentSpec(
            id=payload["id"],
            time_s=command.time_s,
            kind=payload["kind"],
            priority=payload["priority"],
            node=payload["node"],
            x_m=payload["x_m"],
            y_m=payload["y_m"],
            needs=payload.get("needs"),
            casualties=payload.get("casualties"),
            fire_area_m2=payload.get("fire_area_m2"),
            people=payload.get("people"),
            known=known_course(payload.get("known")),
            detail={"snap_m": payload["snap_m"]},
        )

    def _node(
        self,
        x_m: float,
        y_m: float,
        kind: IncidentKind | None,
        where: str,
        *,
        farthest_m: float = FARTHEST_SNAP_M,
    ) -> tuple[int, float]:
        """Return the nearest node that the vehicles can reach, and the distance to it, m."""
        fire = kind is not None and (kind.fire_area_m2 > 0.0 or kind.needs.get(FIRE, 0) > 0)
        vehicle = self._vehicle("fire_engine" if fire else "ambulance")
        try:
            node, distance = self.roads.graph.nearest_node(x_m, y_m, vehicle_class=vehicle)
        except InvalidQuantityError as error:
            raise ScenarioError(
                f"no two places are connected by road for the class {vehicle.name}", where=where
            ) from error
        if distance > farthest_m:
            raise ScenarioError(
                f"the place lies {distance:.0f} m from the nearest road that a {vehicle.name} "
                "can use",
                where=where,
                value=(round(x_m, 1), round(y_m, 1)),
                remedy=f"Choose a place within {farthest_m:.0f} m of a road.",
            )
        return node, distance

    def _note(self, kind: str, name: str, distance_m: float) -> None:
        if distance_m > REPORTED_SNAP_M:
            self.snaps.append(Snap(kind=kind, name=name, distance_m=distance_m))


def _require_engine(incident: IncidentDetails, kind: IncidentKind, where: str) -> None:
    """Refuse a fire to which no fire engine is to be sent."""
    area_m2 = kind.fire_area_m2 if incident.fire_area_m2 is None else incident.fire_area_m2
    if area_m2 > 0.0 and incident.needs is not None and not incident.needs.model_dump().get(FIRE):
        raise ScenarioError(
            "a fire needs at least one fire engine",
            where=f"{where}.needs",
            value=incident.needs.model_dump(),
            remedy="Ask for one, or set fire_area_m2 to 0.",
        )
