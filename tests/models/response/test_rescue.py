"""Rescue from water: boats, loads, the shore, and ambulances that wait there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from models.errors import InvalidQuantityError
from models.response import Constant, FacilitySpec, ResponseModel, ResponseParameters, UnitSpec

if TYPE_CHECKING:
    from collections.abc import Callable

ROAD, BOAT = 0, 1


def shore_of(base: type[Any]) -> type[Any]:  # noqa: C901 - one small class, method by method
    """Return a network in which class 1 goes through water, and class 0 does not."""

    class Shore(base):  # type: ignore[misc]  # a class of the fixtures
        def _as(self, vehicle_class: int) -> None:
            self.known_s = self.dry_s if vehicle_class == BOAT else self.now_s

        def nearest(self, target: int, origins: Any, classes: Any, count: int) -> Any:
            found = []
            for place, (origin, row) in enumerate(zip(origins, classes, strict=True)):
                self._as(int(row))
                seconds = self._search(target, reverse=True)[0][int(origin)]
                if math.isfinite(seconds):
                    found.append((seconds, place))
            return [(place, seconds) for seconds, place in sorted(found)[:count]]

        def route(self, vehicle_class: int, origin: int, target: int) -> Any:
            self._as(vehicle_class)
            return super().route(vehicle_class, origin, target)

        def times_from(self, vehicle_class: int, origin: int, targets: Any) -> Any:
            self._as(vehicle_class)
            return super().times_from(vehicle_class, origin, targets)

        def edge_seconds(self, vehicle_class: int, edges: Any) -> Any:
            return (self.dry_s if vehicle_class == BOAT else self.now_s)[edges]

        def edge_under_water(self, vehicle_class: int, edge: int) -> bool:
            return vehicle_class != BOAT and edge in self.flooded

        def road_edges(self, edges: Any) -> Any:
            return edges

        def road_node(self, node: int) -> int:
            return node

        def is_ashore(self, vehicle_class: int, node: int) -> bool:
            self._as(vehicle_class)
            return math.isfinite(self._search(0, reverse=False)[0][node])

        def landing(self, vehicle_class: int, onward_class: int, node: int) -> Any:
            dry = [n for n in range(self.nodes) if self.is_ashore(onward_class, n)]
            if not dry:
                return None
            seconds = self.times_from(vehicle_class, node, np.array(dry))
            best = int(np.argmin(seconds))
            return (dry[best], float(seconds[best])) if math.isfinite(seconds[best]) else None

    return Shore


@pytest.fixture
def flooded(graph: type[Any]) -> Any:
    """Return nodes 0 to 5 in a row, 60 s apart, with water between 3 and 5."""
    network = shore_of(graph)([(k, k + 1, 60.0) for k in range(5)])
    network.close((3, 4), (4, 3), (4, 5), (5, 4))
    return network


@pytest.fixture
def rescue(run: Callable[..., Any]) -> Callable[..., Any]:
    """Return a maker of runs with ambulances at 1, boats at 0 and a hospital at 2."""

    def make(network: Any, *, boats: int = 1, ambulances: int = 1, **plain: Any) -> Any:
        made = run(network, ambulances=[1] * ambulances, hospitals={2: None}, **plain)
        parameters = made.model.parameters
        timed = {
            name: {**getattr(parameters, name), "rescue": Constant(seconds)}
            for name, seconds in (("turnout", 0.0), ("on_scene", 100.0))
        }
        fields = {
            name: getattr(parameters, name) for name in ResponseParameters.__dataclass_fields__
        }
        events = made.events
        model = ResponseModel(
            made.env,
            network,
            units=[
                *made.model.units,
                *(
                    UnitSpec(
                        id=f"B{k}", service="rescue", vehicle_class=BOAT, station="S0", capacity=2
                    )
                    for k in range(boats)
                ),
            ],
            facilities=[*made.model.facilities, FacilitySpec(id="S0", kind="station", node=0)],
            streams=made.model.streams,
            log=events.append,
            parameters=ResponseParameters(
                **{**fields, **timed, "boarding_s": 10.0, "ashore_s": 20.0}
            ),
        )
        made.model = model
        return made

    return make


def test_a_boat_brings_people_ashore_load_by_load(flooded: Any, rescue: Any) -> None:
    r = rescue(flooded)
    r.call("w", 5, "water_rescue", people=3)
    r.until(7200)
    assert r.one("unit_arrived", unit="B0").value == pytest.approx(300.0)
    assert [e.value for e in r.of("people_aboard")] == [2.0, 1.0]
    first, second = r.of("people_ashore")
    # Search 100 s, two aboard 20 s, two streets back; then ashore 20 s, two streets, one aboard.
    assert first.time_s == pytest.approx(300 + 100 + 20 + 120)
    assert second.time_s == pytest.approx(first.time_s + 20 + 120 + 10 + 120)
    assert first.detail["left"] == 1
    assert first.node == 3
    assert r.one("incident_closed").incident == "w"
    assert r.one("unit_idle", unit="B0").time_s > second.time_s


def test_an_ambulance_that_cannot_come_meets_its_patient_ashore(flooded: Any, rescue: Any) -> None:
    r = rescue(flooded)
    r.call("m", 5)
    r.until(7200)
    assert r.one("boat_called").value == 1.0
    ashore = r.one("people_ashore")
    arrived = r.one("unit_arrived", unit="A0")
    assert (ashore.node, arrived.node) == (3, 3)
    assert arrived.time_s == pytest.approx(ashore.time_s + 20 + 120)
    assert r.one("met_ashore").value == pytest.approx(arrived.value)
    assert r.one("handover_done").incident == "m"
    assert r.of("incident_unserved") == []
    assert r.one("incident_closed").detail["transported"] == 1
    # The boat stays until the ambulance is there.
    left = r.one("on_scene_done", unit="B0")
    assert left.time_s == pytest.approx(arrived.time_s)


def test_no_boat_is_called_where_ambulances_get_through(flooded: Any, rescue: Any) -> None:
    r = rescue(flooded)
    r.call("m", 3)
    r.until(7200)
    assert r.of("boat_called") == []
    assert r.one("handover_done").incident == "m"


def test_a_boat_is_called_when_water_comes_between(graph: Any, rescue: Any) -> None:
    network = shore_of(graph)([(k, k + 1, 60.0) for k in range(5)])
    r = rescue(network)
    r.call("first", 2)
    r.call("second", 5)
    r.until(100)
    assert r.of("boat_called") == []
    r.change("close", (3, 4), (4, 3), (4, 5), (5, 4))
    assert r.one("boat_called").incident == "second"
    r.until(7200)
    assert {e.incident for e in r.of("handover_done")} == {"first", "second"}


def test_without_boats_those_in_the_water_stay_unserved(flooded: Any, rescue: Any) -> None:
    r = rescue(flooded, boats=0)
    r.call("m", 5)
    r.call("w", 5, "water_rescue")
    r.until(7200)
    r.model.finish()
    assert {e.incident for e in r.of("incident_unserved")} == {"m", "w"}
    assert r.of("boat_called") == []


def test_a_boat_is_let_go_when_the_water_falls(flooded: Any, rescue: Any) -> None:
    r = rescue(flooded)
    r.call("m", 5)
    r.until(30)
    r.change("open", (3, 4), (4, 3), (4, 5), (5, 4))
    r.until(7200)
    assert r.one("unit_stood_down", unit="B0").detail["reason"] == "an ambulance came through"
    assert r.one("incident_closed").detail["transported"] == 1


def test_no_one_is_lost_between_the_water_and_the_shore(flooded: Any, rescue: Any) -> None:
    r = rescue(flooded, boats=3)
    for k, people in enumerate((1, 5, 2, 7)):
        r.call(f"w{k}", 4 + k % 2, "water_rescue", people=people)
    r.until(5 * 3600)
    assert sum(e.value for e in r.of("people_aboard")) == 15
    assert sum(e.value for e in r.of("people_ashore")) == 15
    assert len(r.of("incident_closed")) == 4


def test_a_unit_without_room_is_refused() -> None:
    with pytest.raises(InvalidQuantityError, match="capacity"):
        UnitSpec(id="B", service="rescue", vehicle_class=0, station="S", capacity=0)
