from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.roads import VEHICLE_CLASSES, RoadGraph, allowed_edges
from models.roads.classes import ROAD_CLASSES
from models.roads.exchange import from_networkx, to_networkx

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., RoadGraph]

seeds = st.integers(0, 2**32 - 1)
#: The first example compiles, and the machine may be busy: time proves nothing here.
unhurried = settings(deadline=None, max_examples=60)


@unhurried
@given(seed=seeds)
def test_both_sides_of_the_graph_list_every_edge_once(random_graph: Make, seed: int) -> None:
    graph = random_graph(seed)
    for node in range(graph.n_nodes):
        out = np.arange(graph.first_out[node], graph.first_out[node + 1])
        into = graph.in_edge[graph.first_in[node] : graph.first_in[node + 1]]
        assert (graph.tail[out] == node).all()
        assert (graph.head[into] == node).all()
    assert sorted(graph.in_edge.tolist()) == list(range(graph.n_edges))
    assert np.array_equal(graph.in_tail, graph.tail[graph.in_edge])


@unhurried
@given(seed=seeds)
def test_reverse_edge_is_the_same_street_the_other_way(random_graph: Make, seed: int) -> None:
    graph = random_graph(seed)
    for e in range(graph.n_edges):
        r = graph.reverse_edge[e]
        if r < 0:
            assert (graph.segment == graph.segment[e]).sum() == 1
        else:
            assert r != e
            assert graph.reverse_edge[r] == e
            assert graph.segment[r] == graph.segment[e]
            assert (graph.tail[r], graph.head[r]) == (graph.head[e], graph.tail[e])
            assert graph.is_along[r] != graph.is_along[e]


@pytest.mark.parametrize(
    ("direction", "edges"),
    [("both", {(0, 1), (1, 0)}), ("forward", {(0, 1)}), ("backward", {(1, 0)})],
)
def test_direction_gives_the_legal_edges(
    chain: Make, direction: str, edges: set[tuple[int, int]]
) -> None:
    graph = chain(1, direction=[direction])
    assert set(zip(graph.tail.tolist(), graph.head.tolist(), strict=True)) == edges
    assert graph.reverse_edge[0] == (1 if direction == "both" else -1)


def test_edges_against_a_one_way_street_are_for_those_who_may(chain: Make) -> None:
    graph = chain(
        2,
        direction=["forward", "backward"],
        road_class=["residential", "motorway"],
        against_one_way=True,
    )
    against = np.flatnonzero(graph.is_against_one_way)
    assert [(int(graph.tail[e]), int(graph.head[e])) for e in against] == [(1, 0)]
    car = VEHICLE_CLASSES["car"]
    bold = dataclasses.replace(car, ignores_one_way=True)
    assert not allowed_edges(graph, car)[against].any()
    assert allowed_edges(graph, bold)[against].all()


def test_signed_limit_caps_the_speed_of_the_class_and_never_raises_it(chain: Make) -> None:
    graph = chain(3, max_speed_km_h=[10.0, 500.0, np.nan], speed_km_h={"residential": 36.0})
    by_segment = {int(s): v for s, v in zip(graph.segment, graph.free_speed_m_s, strict=True)}
    assert by_segment == pytest.approx({0: 10 / 3.6, 1: 10.0, 2: 10.0})


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"direction": ["both", "sideways", "both"]}, "direction is not known"),
        ({"road_class": ["residential", "residential", "canal"]}, "road_class is not known"),
        ({"to_node": [1, 2, 77]}, "to_node is not among the nodes"),
        ({"length_m": [1.0, np.nan, 1.0]}, "length_m"),
        ({"length_m": [1.0, -5.0, 1.0]}, "length_m"),
        ({"length_m": [1.0, 1.0]}, "wrong shape"),
        ({"max_speed_km_h": [1.0, 0.0, 1.0]}, "max_speed_km_h"),
        ({"node_x_m": [0.0, 1.0, 2.0, np.inf]}, "finite coordinates"),
        ({"node_id": [0, 1, 2, 2]}, "given twice"),
        ({"from_node": [0.5, 1.0, 2.0]}, "whole numbers"),
        ({"length_m": ["a", "b", "c"]}, "numbers"),
        ({"speed_km_h": {"primary": 10.0}}, "table of speeds"),
    ],
)
def test_wrong_table_is_refused_by_name(chain: Make, columns: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidQuantityError, match=message):
        chain(3, **columns)


def test_graph_without_segments_is_refused(chain: Make) -> None:
    with pytest.raises(InvalidQuantityError, match="at least one segment"):
        chain(0)


@unhurried
@given(seed=seeds)
def test_networkx_round_trip_changes_nothing(random_graph: Make, seed: int) -> None:
    graph = random_graph(seed)
    again = from_networkx(to_networkx(graph))
    for field in dataclasses.fields(graph):
        if field.init:
            old, new = getattr(graph, field.name), getattr(again, field.name)
            np.testing.assert_array_equal(old, new, err_msg=field.name)
            assert old.dtype == new.dtype


def test_networkx_graph_that_lacks_a_length_is_refused() -> None:
    source: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    source.add_node(1, x=0.0, y=0.0)
    source.add_node(2, x=1.0, y=0.0)
    source.add_edge(1, 2, road_class="primary", free_speed_m_s=3.0)
    with pytest.raises(InvalidQuantityError, match="length_m"):
        from_networkx(source)


@unhurried
@given(seed=seeds)
def test_components_agree_with_networkx(random_graph: Make, seed: int) -> None:
    graph = random_graph(seed)
    parts = graph.components()
    reference = {frozenset(part) for part in nx.strongly_connected_components(to_networkx(graph))}
    ours = {frozenset(graph.node_id[parts.label == k].tolist()) for k in range(parts.n_parts)}
    assert ours == reference
    assert parts.size.tolist() == sorted(parts.size.tolist(), reverse=True)
    assert parts.in_largest.sum() == parts.size[0]


def test_nearest_node_is_one_that_can_be_left_and_reached(chain: Make) -> None:
    graph = chain(3, direction=["both", "both", "forward"])
    assert graph.nearest_node(299.0, 4.0) == (2, pytest.approx(np.hypot(99.0, 4.0)))


def test_nearest_node_depends_on_what_the_vehicle_may_use(chain: Make) -> None:
    graph = chain(3, road_class=["residential", "residential", "alley"])
    assert graph.nearest_node(300.0, 0.0) == (3, 0.0)
    engine = VEHICLE_CLASSES["fire_engine"]
    assert graph.nearest_node(300.0, 0.0, vehicle_class=engine) == (2, 100.0)
    scooter = VEHICLE_CLASSES["two_wheel_ambulance"]
    assert graph.nearest_node(300.0, 0.0, vehicle_class=scooter) == (3, 0.0)


@unhurried
@given(seed=seeds, x=st.floats(-2e3, 2e3), y=st.floats(-2e3, 2e3))
def test_nearest_node_is_the_nearest_of_the_largest_part(
    random_graph: Make, seed: int, x: float, y: float
) -> None:
    graph = random_graph(seed, segments=40)
    inside = graph.components().in_largest
    if inside.sum() < 2:
        return
    node, distance_m = graph.nearest_node(x, y)
    assert inside[node]
    assert distance_m == pytest.approx(
        np.hypot(graph.x_m - x, graph.y_m - y)[inside].min(), abs=1e-9
    )


def test_nearest_node_refuses_places_that_are_not_finite(chain: Make) -> None:
    with pytest.raises(InvalidQuantityError, match="finite"):
        chain(1).nearest_node(np.nan, 0.0)


def test_nearest_node_refuses_a_network_that_the_vehicle_cannot_use(chain: Make) -> None:
    graph = chain(2, road_class=["alley", "alley"])
    with pytest.raises(InvalidQuantityError, match="fire_engine"):
        graph.nearest_node(0.0, 0.0, vehicle_class=VEHICLE_CLASSES["fire_engine"])


def test_closed_and_private_roads_follow_the_right_of_way(chain: Make) -> None:
    graph = chain(4, access=["yes", "private", "no", "martian"])
    of = {name: set() for name in ("car", "ambulance")}
    for name, segments in of.items():
        segments.update(graph.segment[allowed_edges(graph, VEHICLE_CLASSES[name])].tolist())
    assert of == {"car": {0}, "ambulance": {0, 1, 3}}


def test_every_default_vehicle_has_roads_and_a_source() -> None:
    for name, vehicle in VEHICLE_CLASSES.items():
        assert vehicle.name == name
        assert vehicle.source
        assert set(vehicle.road_classes) <= set(ROAD_CLASSES)


@pytest.mark.parametrize(
    "change",
    [
        {"wading_limit_m": 0.0},
        {"wading_limit_m": np.nan},
        {"critical_depth_m": 0.1},
        {"emergency_speed_factor": 0.9},
        {"road_classes": ("canal",)},
        {"access": ("perhaps",)},
        {"against_one_way_speed_factor": 0.0},
        {"total_head_limit_m": -1.0},
    ],
)
def test_impossible_vehicle_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidQuantityError, match="vehicle class car"):
        dataclasses.replace(VEHICLE_CLASSES["car"], **change)


@unhurried
@given(seed=seeds, marked=st.integers(0, 2**32 - 1))
def test_a_street_counts_once_whichever_direction_is_marked(
    random_graph: Make, seed: int, marked: int
) -> None:
    graph = random_graph(seed)
    edges = np.random.default_rng(marked).random(graph.n_edges) < 0.3
    streets = dict(zip(graph.segment[edges].tolist(), graph.length_m[edges].tolist(), strict=True))
    assert graph.street_length_m(edges) == pytest.approx(sum(streets.values()))
    with pytest.raises(InvalidQuantityError, match="one value each"):
        graph.street_length_m(edges[1:])
