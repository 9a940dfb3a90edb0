"""Boats in a whole run: called, afloat, ashore, and the same after a stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import twin
from models.errors import ScenarioError
from models.response import KnowsDepth
from models.roads import VEHICLE_CLASSES
from scenarios import Scenario
from twin.engine.boats import WaterNetwork, waterways_of
from twin.engine.roads import lay_roads
from twin.running import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from twin.city.city import City


def scenario(**changes: Any) -> Scenario:
    """Return a city under two metres of water a quarter of an hour after the start."""
    document = {
        "schema": 1,
        "name": "boats",
        "period": {"start": "2025-10-22T00:00+07:00", "duration": "2 h"},
        "seed": 5,
        "rain": {"hyetograph": {"times": ["0 min", "20 min"], "rates_mm_h": [3500, 0]}},
        "fleet": {
            "ambulances": 2,
            "units": [
                {"id": "boat-1", "service": "rescue", "station": "hospital-1", "capacity": 4}
            ],
        },
        "incidents": {"generated": {"count": 3, "start": "30 min", "mix": {"water_rescue": 1}}},
    }
    return Scenario.from_dict({**document, **changes})


@pytest.fixture
def network(small_city: City) -> WaterNetwork:
    """Return the dry network of a small city with boats."""
    classes = [VEHICLE_CLASSES[name] for name in ("ambulance", "boat")]
    roads = lay_roads(small_city, classes, grid=None, terrain=None)
    return WaterNetwork(roads, waterways=waterways_of(small_city))


def drown(network: WaterNetwork, deep: Callable[[np.ndarray], np.ndarray]) -> None:
    """Put a metre of water on the edges that *deep* chooses by the easting of their middle."""
    roads = network._roads
    graph = roads.graph
    middle = 0.5 * (graph.x_m[graph.tail] + graph.x_m[graph.head])
    roads.depth_m = np.where(deep(middle), 1.0, 0.0).astype(np.float32)
    roads.conditions.update(roads.depth_m.astype(np.float64))
    roads.conditions.reveal()


def test_water_divides_roads_and_joins_boats(network: WaterNetwork) -> None:
    graph = network._roads.graph
    west, east = int(np.argmin(graph.x_m)), int(np.argmax(graph.x_m))
    dry = network.route(1, west, east)
    before = network.version
    assert dry is not None
    centre = float(np.median(graph.x_m))
    drown(network, lambda x: np.abs(x - centre) < 150.0)
    assert network.version > before
    assert network.route(0, west, east) is None
    wet = network.route(1, west, east)
    assert wet is not None
    assert wet.seconds > dry.seconds + VEHICLE_CLASSES["boat"].afloat.launch_s
    assert network.edge_seconds(1, wet.edges).sum() == pytest.approx(wet.seconds)
    assert (network.edge_heads(wet.edges)[:-1] == network.edge_tails(wet.edges)[1:]).all()
    roads = network.road_edges(wet.edges)
    assert ((roads >= 0) & (roads < graph.n_edges)).all()
    assert roads.size > 0


def test_the_depth_under_a_vehicle_is_that_of_its_road(network: WaterNetwork) -> None:
    assert isinstance(network, KnowsDepth)
    graph = network._roads.graph
    drown(network, lambda x: x > np.median(graph.x_m))
    depths = [network.edge_depth_m(edge) for edge in range(graph.n_edges)]
    assert depths == network._roads.depth_m.tolist()
    assert {0.0, 1.0} == set(depths)
    assert network.edge_depth_m(graph.n_edges) == 0.0  # what only boats use


def test_the_shore_is_where_ambulances_still_get_about(network: WaterNetwork) -> None:
    graph = network._roads.graph
    east = int(np.argmax(graph.x_m))
    assert network.landing(1, 0, east) is not None
    border = float(np.quantile(graph.x_m, 0.6))
    drown(network, lambda x: x > border)
    assert not network.is_ashore(0, east)
    found = network.landing(1, 0, east)
    assert found is not None
    node, seconds = found
    assert network.is_ashore(0, node)
    assert seconds > 0.0
    drown(network, lambda x: x > -np.inf)
    assert network.landing(1, 0, east) is None


def test_a_run_brings_people_out_of_the_water(small_city: City, store: Path) -> None:
    done = twin.run(scenario(), small_city, store=store)
    events = done.events
    called = events[events["kind"] == "call_received"]
    assert len(called) == 3
    aboard = events[events["kind"] == "people_aboard"]["value"].sum()
    assert aboard >= done.kpis["brought_ashore"] >= 0
    assert (events[events["service"] == "rescue"]["kind"] == "unit_stranded").sum() == 0
    assert aboard > 0


def test_a_stopped_run_with_boats_ends_like_one_that_never_stopped(
    small_city: City, store: Path
) -> None:
    chosen = scenario(outputs={"checkpoint_interval": "20 min"})
    whole = twin.run(chosen, small_city, store=store)
    left = iter(range(60))
    with pytest.raises(Interrupted) as stopped:
        twin.run(chosen, small_city, store=store, should_stop=lambda: next(left, None) is None)
    assert twin.resume(stopped.value.run_id, store=store).digest == whole.digest


def test_what_boats_alone_have_is_refused_for_others(small_city: City, store: Path) -> None:
    wrong = scenario(fleet={"ambulances": 1, "vehicle_classes": {"ambulance": {"draught_m": 0.2}}})
    with pytest.raises(ScenarioError, match="no boat"):
        twin.run(wrong, small_city, store=store)


def test_rescue_units_need_a_station(small_city: City, store: Path) -> None:
    wrong = scenario(fleet={"rescue_units": 1, "rescue_station_kinds": ["lighthouse"]})
    with pytest.raises(ScenarioError, match="lighthouse"):
        twin.run(wrong, small_city, store=store)
