"""The units of a scenario at their stations: listed, by number, and those of neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.errors import ScenarioError
from models.response import AMBULANCE, FIRE, RESCUE, Aid, FacilitySpec, UnitSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scenarios.schema.fleet import Fleet

__all__ = ["Muster"]


@dataclass(frozen=True, slots=True)
class Muster:
    """
    Everybody who can be sent.

    Parameters
    ----------
    fleet
        What the scenario says.
    found
        Stations by their ids.
    class_row
        Gives the row of a vehicle class by its name.
    city
        Name of the city.
    """

    fleet: Fleet
    found: Mapping[str, FacilitySpec]
    class_row: Callable[[str], int]
    city: str

    def units(self) -> tuple[UnitSpec, ...]:
        """
        Return all units, those of neighbours last.

        Raises
        ------
        ScenarioError
            If a station is not there, or units given by number have none.
        """
        return (*self._listed(), *self._numbered(), *self._neighbours())

    def neighbours(self) -> tuple[Aid, ...]:
        """Return when which units of neighbours are called."""
        return tuple(
            Aid(
                id=choice.id,
                service=choice.service,
                units=tuple(f"{choice.id}-{number + 1}" for number in range(choice.units)),
                delay_s=choice.delay,
                queue=choice.queue,
                alarm=choice.alarm,
            )
            for choice in self.fleet.mutual_aid
        )

    def _listed(self) -> list[UnitSpec]:
        units = []
        for index, unit in enumerate(self.fleet.units):
            self._require_station(unit.station, f"fleet.units[{index}] ({unit.id})")
            given = self._tank()
            for name in ("water_tank_l", "crew", "capacity"):
                if getattr(unit, name) is not None:
                    given[name] = getattr(unit, name)
            units.append(
                UnitSpec(
                    id=unit.id,
                    service=unit.service,
                    vehicle_class=self.class_row(unit.vehicle_class or self._class(unit.service)),
                    station=unit.station,
                    on_duty=tuple((shift.start, shift.end) for shift in unit.on_duty),
                    **given,
                )
            )
        return units

    def _numbered(self) -> list[UnitSpec]:
        units = []
        for service, count, prefix in (
            (AMBULANCE, self.fleet.ambulances, "ambulance"),
            (FIRE, self.fleet.fire_engines, "fire-engine"),
            (RESCUE, self.fleet.rescue_units, "rescue"),
        ):
            stations = self._stations(service) if count else []
            units += [
                UnitSpec(
                    id=f"{prefix}-{number + 1}",
                    service=service,
                    vehicle_class=self.class_row(self._class(service)),
                    station=stations[number % len(stations)],
                    **self._tank(),
                )
                for number in range(count)
            ]
        return units

    def _neighbours(self) -> list[UnitSpec]:
        units = []
        for index, choice in enumerate(self.fleet.mutual_aid):
            self._require_station(choice.station, f"fleet.mutual_aid[{index}] ({choice.id})")
            name = choice.vehicle_class or self._class(choice.service)
            units += [
                UnitSpec(
                    id=f"{choice.id}-{number + 1}",
                    service=choice.service,
                    vehicle_class=self.class_row(name),
                    station=choice.station,
                    in_service=False,
                )
                for number in range(choice.units)
            ]
        return units

    def _tank(self) -> dict[str, Any]:
        tank_l = self.fleet.water_tank_l
        return {} if tank_l is None else {"water_tank_l": tank_l}

    def _class(self, service: str) -> str:
        """Return the vehicle class of the units of a service that name none."""
        fleet = self.fleet
        return {
            AMBULANCE: fleet.ambulance_class,
            FIRE: fleet.fire_engine_class,
            RESCUE: fleet.rescue_class,
        }[service]

    def _require_station(self, station: str, where: str) -> None:
        if station not in self.found:
            raise ScenarioError(
                "the unit's station is neither in the scenario nor in the city",
                where=where,
                value=station,
                remedy=f"Known are {', '.join(list(self.found)[:8])} …" if self.found else None,
            )

    def _stations(self, service: str) -> list[str]:
        """Return where the units of a service wait, preferred kinds first, then by id."""
        fleet = self.fleet
        own = [s.id for s in fleet.stations if service in s.services]
        kinds, field_name = {
            AMBULANCE: (fleet.ambulance_station_kinds, "ambulances"),
            FIRE: (fleet.fire_station_kinds, "fire_engines"),
            RESCUE: (fleet.rescue_station_kinds, "rescue_units"),
        }[service]
        of_city = [
            spec.id
            for kind in kinds
            for spec in sorted(self.found.values(), key=lambda s: s.id)
            if spec.kind == kind
        ]
        stations = own + of_city
        if not stations:
            raise ScenarioError(
                f"the city {self.city} has no {' or '.join(kinds)} at which units could wait",
                where=f"fleet.{field_name}",
                remedy="Add one under fleet.stations, or to the facilities of the city.",
            )
        return stations
