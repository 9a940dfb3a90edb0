"""The fleet of a log: units, and the stations from which they came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import InvalidInputError, ScenarioError
from twin.engine.places import PlaceFinder
from twin.observed.places import PLACE
from twin.observed.words import folded
from twin.replays.names import identifiers

if TYPE_CHECKING:
    import pandas as pd

    from scenarios import Scenario
    from twin.city.city import City
    from twin.observed.mapping import Mapping

__all__ = ["fleet_of_log"]


def fleet_of_log(
    trips: pd.DataFrame, mapping: Mapping, scenario: Scenario, city: City
) -> tuple[dict[str, Any], dict[str, str]]:
    """
    Return the field ``fleet`` with the units of a log, and the identifier of every unit.

    Units of services that the log does not hold stay as the scenario has them. A unit belongs to
    the station from which it was sent most often, and is on duty throughout.

    Raises
    ------
    InvalidInputError
        If the log does not say where a unit came from, or the city does not know a station.
    """
    names = identifiers(trips["unit"].astype(str), "units")
    homes = _homes(trips)
    stations = _stations(homes, mapping, scenario, city)
    services = trips.groupby("unit")["service"].agg(lambda s: s.mode().iloc[0])
    logged = set(services)
    document: Any = scenario.to_dict()
    fleet: dict[str, Any] = dict(document.get("fleet") or {})
    for service, count in (("ambulance", "ambulances"), ("fire", "fire_engines")):
        if service in logged:
            fleet[count] = 0
    kept = [unit for unit in fleet.get("units", ()) if unit["service"] not in logged]
    known = {station["id"] for station in fleet.get("stations", ())}
    fleet["stations"] = [
        *fleet.get("stations", ()),
        *(
            {"id": each["id"], "location": each["location"]}
            for each in stations.values()
            if each["id"] not in known
        ),
    ]
    fleet["units"] = [
        *kept,
        *(
            {"id": names[unit], "service": str(services[unit]), "station": stations[home]["id"]}
            for unit, home in sorted(homes.items())
        ),
    ]
    return fleet, names


def _homes(trips: pd.DataFrame) -> dict[str, str]:
    """Return the station of every unit: the one from which it was sent most often."""
    nowhere = sorted(set(trips["unit"]) - set(trips.loc[trips["station"].notna(), "unit"]))
    if nowhere:
        raise InvalidInputError(
            f"the log does not say from which station {len(nowhere)} units came",
            where="replay: trips.station",
            value=", ".join(nowhere[:8]),
            remedy="Name the column of stations in the mapping, or give one station under "
            "`constants`.",
        )
    given = trips[trips["station"].notna()]
    return {
        str(unit): str(names.mode().iloc[0])
        for unit, names in given.groupby("unit", sort=True)["station"]
    }


def _stations(
    homes: dict[str, str], mapping: Mapping, scenario: Scenario, city: City
) -> dict[str, dict[str, Any]]:
    """Return identifier and place of every station: of the mapping, the scenario, or the city."""
    wanted = sorted(set(homes.values()))
    names = identifiers(wanted, "stations")
    listed = {folded(station.id): station.id for station in scenario.fleet.stations}
    finder = PlaceFinder(city)
    found: dict[str, dict[str, Any]] = {}
    unknown = []
    for name in wanted:
        if name in mapping.stations:
            place = PLACE.dump_python(mapping.stations[name], mode="json", exclude_none=True)
        elif folded(name) in listed:
            found[name] = {"id": listed[folded(name)], "location": None}
            continue
        else:
            place = {"facility": name}
        try:
            finder.point(PLACE.validate_python(place), where=f"station {name}")
        except ScenarioError as error:
            unknown.append(f"{name} ({error.what})" if name in mapping.stations else name)
            continue
        found[name] = {"id": f"log-{names[name]}"[:80], "location": place}
    if unknown:
        raise InvalidInputError(
            f"the city {city.name} does not know {len(unknown)} stations of the log",
            where=f"mapping {mapping.name}",
            value=", ".join(unknown[:8]),
            remedy="Say where they are under `stations` of the mapping: "
            f"{{{unknown[0].split(' (')[0]}: {{lon: …, lat: …}}}}.",
        )
    return found
