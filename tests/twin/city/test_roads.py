from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import CityError
from models.roads import ROAD_CLASSES, shortest_path, times_from
from twin.city.city import City
from twin.city.roads import edge_geometry, road_graph

CRS = "EPSG:32648"
X, Y = 680_000.0, 1_190_000.0


def city(**columns: Any) -> City:
    """Four nodes on a bent road: 30 both to 10, 10 one-way to 20, 40 backward to 20."""
    lines = [
        shapely.LineString([(X, Y), (X + 30, Y), (X + 30, Y + 40)]),
        shapely.LineString([(X + 30, Y + 40), (X + 130, Y + 40)]),
        shapely.LineString([(X + 200, Y + 40), (X + 130, Y + 40)]),
    ]
    table: dict[str, Any] = {
        "segment_id": [7, 8, 9],
        "from_node": [30, 10, 40],
        "to_node": [10, 20, 20],
        "direction": ["both", "forward", "backward"],
        "road_class": ["residential", "primary", "alley"],
        "name": ["", "Huỳnh Tấn Phát", ""],
        "way_id": [1, 2, 3],
        "lanes": [np.nan, 4.0, np.nan],
        "max_speed_km_h": [np.nan, 20.0, np.nan],
        "is_bridge": [False, True, False],
        "is_tunnel": [False, False, False],
        "layer": [0, 1, 0],
        "access": ["yes", None, "private"],
        "deck_level_m": [np.nan, 4.5, np.nan],
    }
    places = {20: (130, 40), 30: (0, 0), 10: (30, 40), 40: (200, 40)}
    geometry = columns.pop("geometry", lines)
    points = columns.pop("points", [shapely.Point(X + x, Y + y) for x, y in places.values()])
    ids = columns.pop("node_id", list(places))
    return City(
        name="bend",
        crs=CRS,
        layers={
            "roads": gpd.GeoDataFrame(table | columns, geometry=geometry, crs=CRS),
            "road_nodes": gpd.GeoDataFrame({"node_id": ids}, geometry=points, crs=CRS),
        },
    )


def test_every_legal_direction_becomes_an_edge_between_its_nodes() -> None:
    graph = road_graph(city())
    ids = graph.node_id
    edges = {(int(ids[t]), int(ids[h])) for t, h in zip(graph.tail, graph.head, strict=True)}
    assert edges == {(30, 10), (10, 30), (10, 20), (20, 40)}


def test_attributes_follow_their_segment() -> None:
    graph = road_graph(city())
    by_segment = {int(s): e for e, s in enumerate(graph.segment)}
    assert graph.length_m[[by_segment[s] for s in range(3)]].tolist() == [70.0, 100.0, 70.0]
    assert [ROAD_CLASSES[graph.road_class[by_segment[s]]] for s in range(3)] == [
        "residential",
        "primary",
        "alley",
    ]
    assert graph.is_bridge[by_segment[1]]
    assert graph.deck_level_m[by_segment[1]] == 4.5
    assert np.isnan(graph.deck_level_m[by_segment[0]])
    assert graph.free_speed_m_s[by_segment[1]] == pytest.approx(20 / 3.6)


def test_nodes_keep_their_places_whatever_their_order() -> None:
    graph = road_graph(city())
    places = dict(zip(graph.node_id.tolist(), graph.x_m - X, strict=True))
    assert places == {20: 130.0, 30: 0.0, 10: 30.0, 40: 200.0}


def test_lines_run_in_the_direction_of_their_edges() -> None:
    town = city()
    graph = road_graph(town)
    lines = edge_geometry(town, graph)
    for e in range(graph.n_edges):
        x = lines.x_m[lines.first[e] : lines.first[e + 1]]
        y = lines.y_m[lines.first[e] : lines.first[e + 1]]
        assert (x[0], y[0]) == (graph.x_m[graph.tail[e]], graph.y_m[graph.tail[e]])
        assert (x[-1], y[-1]) == (graph.x_m[graph.head[e]], graph.y_m[graph.head[e]])
        assert np.hypot(np.diff(x), np.diff(y)).sum() == pytest.approx(graph.length_m[e])


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_order_of_rows_changes_no_way(seed: int) -> None:
    town = city()
    rng = np.random.default_rng(seed)
    layers = {
        name: frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
        for name, frame in town.layers.items()
    }
    mixed = City(name="mixed", crs=CRS, layers=layers)
    times = []
    for each in (town, mixed):
        graph = road_graph(each)
        at = {int(node): k for k, node in enumerate(graph.node_id)}
        weight = graph.length_m / graph.free_speed_m_s
        found = times_from(graph, weight, at[30])
        times.append([found[at[node]] for node in (10, 20, 30, 40)])
    assert times[0] == times[1]


def test_edges_against_one_way_streets_on_demand() -> None:
    graph = road_graph(city(), against_one_way=True)
    assert graph.n_edges == 6
    assert graph.is_against_one_way.sum() == 2


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"to_node": [10, 99, 20]}, r"layer roads, row 1: to_node is not among .*99"),
        ({"from_node": [30, 10, -1]}, r"layer roads, row 2: from_node is not among"),
        ({"direction": ["both", "forward", "-1"]}, r"row 2: direction is not known, got '-1'"),
        ({"road_class": ["residential", "yes", "alley"]}, r"row 1: road_class is not known"),
        ({"road_class": ["residential", None, "alley"]}, r"row 1: road_class is not known"),
        ({"max_speed_km_h": [np.nan, -3.0, np.nan]}, r"segment 1: max_speed_km_h"),
        ({"max_speed_km_h": [None, "fast", None]}, r"row 1: max_speed_km_h is not a number"),
        ({"from_node": [30, None, 40]}, r"row 1: from_node is not a whole number"),
        ({"node_id": [20, 30, 10, 10]}, r"road_nodes, row 3: node_id names more than one thing"),
        ({"node_id": [20, 30, 10, 40.5]}, r"road_nodes, row 3: node_id is not a whole number"),
    ],
)
def test_wrong_tables_are_refused_by_layer_and_row(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(CityError, match=message):
        road_graph(city(**columns))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (shapely.LineString([(X, Y), (np.nan, Y)]), "row 0: a road has a coordinate"),
        (shapely.LineString(), "row 0: a road has no geometry"),
        (shapely.Point(X, Y), "row 0: a road is not a line"),
        (None, "row 0: a road is not a line"),
    ],
)
def test_broken_lines_are_refused(line: shapely.Geometry | None, message: str) -> None:
    lines = [line, *list(city().layer("roads").geometry)[1:]]
    with pytest.raises(CityError, match=message):
        road_graph(city(geometry=lines))


def test_node_without_a_position_is_refused() -> None:
    points = [shapely.Point(), *list(city().layer("road_nodes").geometry)[1:]]
    with pytest.raises(CityError, match="road_nodes, row 0: a node has no position"):
        road_graph(city(points=points))


def test_city_without_roads_is_refused() -> None:
    with pytest.raises(CityError, match="has no roads"):
        road_graph(City(name="bare", crs=CRS))


def test_graph_of_another_city_has_no_lines_here() -> None:
    graph = road_graph(city())
    short = city()
    layers = {"roads": short.layers["roads"].iloc[:1], "road_nodes": short.layers["road_nodes"]}
    with pytest.raises(CityError, match="another city"):
        edge_geometry(City(name="short", crs=CRS, layers=layers), graph)


def test_graph_survives_the_folder_of_the_city(tmp_path: Any) -> None:
    from twin.city.city import open_city  # noqa: PLC0415  # one test needs it

    city().save(tmp_path / "bend")
    town = open_city(tmp_path / "bend")
    graph = road_graph(town)
    at = {int(node): k for k, node in enumerate(graph.node_id)}
    seconds, edges = shortest_path(graph, graph.length_m.copy(), at[30], at[40])
    assert (seconds, edges.size) == (240.0, 3)
    assert pd.Series(town.layer("roads")["name"]).iloc[1] == "Huỳnh Tấn Phát"
