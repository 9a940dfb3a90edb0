"""From a scenario's channels to what becomes known of the roads of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import ScenarioError
from models.roads import ROAD_CLASSES
from scenarios.schema.knowledge import Knowledge as Choice
from twin.engine.durations import as_distribution
from twin.engine.knowledge import Channels, Knowledge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from models.response import Event
    from scenarios.schema.places import RoadPlace
    from scenarios.schema.scenario import Scenario
    from twin.city.city import City
    from twin.engine.places import PlaceFinder
    from twin.engine.roads import Roads
    from twin.engine.streams import Streams

__all__ = ["set_up_knowledge"]


def set_up_knowledge(  # noqa: PLR0917 - what every part of a run is made from
    scenario: Scenario,
    city: City,
    places: PlaceFinder,
    roads: Roads,
    streams: Streams,
    log: Callable[[Event], None],
) -> Knowledge | None:
    """
    Return what will be known of the roads; None where everything is known at once.

    Raises
    ------
    ScenarioError
        If a road or a class of road is not there.
    """
    choice = scenario.knowledge
    if not isinstance(choice, Choice):
        return None
    table = city.layer("roads")
    ids = np.asarray(table["segment_id"], np.int64)
    kinds = table["road_class"].astype(str).to_numpy()

    def rows(road: Sequence[RoadPlace], classes: Sequence[str], where: str) -> NDArray[np.int64]:
        unknown = [name for name in classes if name not in ROAD_CLASSES]
        if unknown:
            raise ScenarioError(
                "there is no such class of road",
                where=f"{where}.road_classes",
                value=unknown[0],
                remedy=f"Choose from {', '.join(ROAD_CLASSES)}.",
            )
        wanted = np.isin(kinds, list(classes))
        for index, each in enumerate(road):
            found = places.segments(each, where=f"{where}.roads[{index}]")
            wanted |= np.isin(ids, found)
        return np.flatnonzero(wanted).astype(np.int64)

    monitored = patrolled = np.empty(0, np.int64)
    more: dict[str, float] = {}
    delay = None
    if choice.sensors is not None:
        sensors = choice.sensors
        monitored = rows(sensors.roads, sensors.road_classes, "knowledge.sensors")
        more["sensor_delay_s"] = sensors.delay
    if choice.patrols is not None:
        patrols = choice.patrols
        everywhere = not (patrols.roads or patrols.road_classes)
        patrolled = rows(patrols.roads, patrols.road_classes, "knowledge.patrols")
        patrolled = np.arange(ids.size, dtype=np.int64) if everywhere else patrolled
        more |= {"patrol_interval_s": patrols.interval, "patrol_delay_s": patrols.delay}
    if choice.reports is not None:
        delay = as_distribution(choice.reports.delay)
        more["report_probability"] = choice.reports.probability
    return Knowledge(
        roads.conditions,
        ids,
        Channels(
            monitored=monitored,
            patrolled=patrolled,
            report_delay=delay,
            orders_known=choice.orders_known,
            **more,
        ),
        streams,
        log,
        fleet=_of_the_fleet(scenario, roads),
    )


def _of_the_fleet(scenario: Scenario, roads: Roads) -> NDArray[np.bool_]:
    """Return which vehicle classes have a unit; all where there are no units."""
    fleet = scenario.fleet
    names = {unit.vehicle_class for unit in fleet.units}
    by_service = {"ambulance": fleet.ambulance_class, "fire": fleet.fire_engine_class}
    names |= {by_service[unit.service] for unit in fleet.units if unit.service in by_service}
    if fleet.ambulances:
        names.add(fleet.ambulance_class)
    if fleet.fire_engines:
        names.add(fleet.fire_engine_class)
    found = np.array([vehicle.name in names for vehicle in roads.conditions.classes])
    return found if found.any() else np.ones(found.size, np.bool_)
