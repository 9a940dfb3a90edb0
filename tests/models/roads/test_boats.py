# ruff: noqa: ANN001, ANN201 - small arrays of many types; tests return nothing
"""Boats: by road on a trailer, afloat where the water is deep enough, along canals."""

from __future__ import annotations

import numpy as np
import pytest

from models.errors import InvalidQuantityError
from models.roads import (
    VEHICLE_CLASSES,
    Afloat,
    RoadConditions,
    Waterways,
    boat_ways,
    build_graph,
    shortest_path,
)

BOAT = VEHICLE_CLASSES["boat"]


def street(nodes: int = 5, length_m: float = 100.0):
    """Nodes in a row, both ways."""
    return build_graph(
        node_id=np.arange(nodes),
        node_x_m=np.arange(nodes) * length_m,
        node_y_m=np.zeros(nodes),
        from_node=np.arange(nodes - 1),
        to_node=np.arange(1, nodes),
        direction=["both"] * (nodes - 1),
        road_class=["residential"] * (nodes - 1),
        length_m=np.full(nodes - 1, length_m),
    )


def seconds_of(ways, graph, depth_m, velocity_m_s=0.0):
    conditions = RoadConditions(graph, [BOAT])
    depth = np.broadcast_to(np.asarray(depth_m, float), (graph.n_edges,)).copy()
    velocity = np.full(graph.n_edges, float(velocity_m_s))
    conditions.update(depth, edge_velocity_m_s=velocity)
    return ways.seconds(conditions.travel_time_s[0], depth, velocity, BOAT.afloat)


def by_street(graph, depths):
    """Depth on each street of a row, for both directions."""
    return np.asarray(depths, float)[np.minimum(graph.tail, graph.head)]


def test_on_dry_roads_a_boat_goes_by_trailer_alone():
    graph = street()
    ways = boat_ways(graph, None, bank_m=60.0)
    found, edges = shortest_path(ways.graph, seconds_of(ways, graph, 0.0), 0, 4)
    speed = min(25.0 / 3.6 * BOAT.emergency_speed_factor, BOAT.max_speed_m_s)
    assert found == pytest.approx(400.0 / speed)
    assert (ways.kind[edges] == 0).all()


def test_a_boat_is_launched_once_at_the_edge_of_the_water():
    graph = street()
    ways = boat_ways(graph, None, bank_m=60.0)
    depth = by_street(graph, [0.0, 0.0, 1.0, 1.0])
    found, edges = shortest_path(ways.graph, seconds_of(ways, graph, depth), 0, 4)
    speed = min(25.0 / 3.6 * BOAT.emergency_speed_factor, BOAT.max_speed_m_s)
    afloat = BOAT.afloat
    by_hand = 200.0 / speed + afloat.launch_s + 200.0 / afloat.speed_m_s + 1.0
    assert found == pytest.approx(by_hand)
    assert ways.kind[edges].tolist() == [0, 0, 2, 1, 1, 3]


def test_water_between_the_limits_of_trailer_and_draught_takes_whichever_goes():
    graph = street(2)
    ways = boat_ways(graph, None, bank_m=60.0)
    for depth_m in (0.0, 0.1, 0.31, 0.49, 0.51, 2.0):
        found, _ = shortest_path(ways.graph, seconds_of(ways, graph, depth_m), 0, 1)
        assert np.isfinite(found), depth_m


def test_a_boat_does_not_go_where_the_water_is_too_fast():
    graph = street(2)
    ways = boat_ways(graph, None, bank_m=60.0)
    found, _ = shortest_path(ways.graph, seconds_of(ways, graph, 1.0, 2.5), 0, 1)
    assert np.isinf(found)


def test_a_boat_that_is_afloat_needs_no_launch():
    graph = street()
    ways = boat_ways(graph, None, bank_m=60.0)
    found, _ = shortest_path(ways.graph, seconds_of(ways, graph, 1.0), 0, 4)
    assert found == pytest.approx(1.0 + 400.0 / BOAT.afloat.speed_m_s + 1.0)


def test_a_canal_joins_streets_that_no_road_joins():
    graph = build_graph(
        node_id=np.arange(4),
        node_x_m=np.array([0.0, 100.0, 1000.0, 1100.0]),
        node_y_m=np.zeros(4),
        from_node=np.array([0, 2]),
        to_node=np.array([1, 3]),
        direction=["both"] * 2,
        road_class=["residential"] * 2,
        length_m=np.full(2, 100.0),
    )
    canal = Waterways(
        x_m=np.array([100.0, 550.0, 1000.0]),
        y_m=np.full(3, 30.0),
        tail=np.array([0, 1]),
        head=np.array([1, 2]),
    )
    alone = boat_ways(graph, None, bank_m=60.0)
    assert np.isinf(shortest_path(alone.graph, seconds_of(alone, graph, 0.0), 0, 3)[0])
    ways = boat_ways(graph, canal, bank_m=60.0)
    found, edges = shortest_path(ways.graph, seconds_of(ways, graph, 0.0), 0, 3)
    assert ways.kind[edges].tolist() == [0, 2, 5, 4, 4, 5, 3, 0]
    bank_s = 2 * 30.0 / 0.5
    assert found > BOAT.afloat.launch_s + 900.0 / BOAT.afloat.speed_m_s + bank_s
    far = boat_ways(graph, canal, bank_m=20.0)
    assert np.isinf(shortest_path(far.graph, seconds_of(far, graph, 0.0), 0, 3)[0])


def test_a_boat_without_draught_is_refused():
    with pytest.raises(InvalidQuantityError, match="draught_m"):
        Afloat(draught_m=0.0)
