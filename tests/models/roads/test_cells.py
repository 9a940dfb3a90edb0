from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.grid import Grid
from models.roads import (
    EdgeGeometry,
    RoadGraph,
    edge_depth_m,
    edge_velocity_m_s,
    map_edges_to_cells,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Make = Callable[..., RoadGraph]

#: The first example compiles, and the machine may be busy: time proves nothing here.
unhurried = settings(deadline=None, max_examples=100)
GRID = Grid(west_m=-20.0, north_m=50.0, cell_size_m=10.0, rows=6, columns=8)


def geometry(*lines: list[tuple[float, float]]) -> EdgeGeometry:
    points = np.array([point for line in lines for point in line], float)
    first = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
    return EdgeGeometry(first, points[:, 0], points[:, 1])


def cells_of(chain: Make, line: list[tuple[float, float]], grid: Grid = GRID) -> list[int]:
    graph = chain(1, direction=["forward"])
    return map_edges_to_cells(geometry(line), grid, graph).of_edge(0).tolist()


def box(cell: int, grid: Grid = GRID) -> shapely.Geometry:
    row, column = divmod(cell, grid.columns)
    west = grid.west_m + column * grid.cell_size_m
    north = grid.north_m - row * grid.cell_size_m
    return shapely.box(west, north - grid.cell_size_m, west + grid.cell_size_m, north)


# Tenths of a millimetre: the reference loses its way between subnormal numbers.
metres = st.floats(-60.0, 100.0).map(lambda value: round(value, 4))
places = st.tuples(metres, metres)
lattice = st.tuples(
    st.integers(-8, 20).map(lambda k: 5.0 * k), st.integers(-8, 20).map(lambda k: 5.0 * k)
)


@unhurried
@given(line=st.lists(st.one_of(places, lattice), min_size=2, max_size=6))
def test_traversal_misses_no_cell_and_invents_none(
    chain: Make, line: list[tuple[float, float]]
) -> None:
    found = cells_of(chain, line)
    assert len(found) == len(set(found))
    drawn = shapely.LineString(line)
    for cell in range(GRID.rows * GRID.columns):
        square = box(cell)
        if cell in found:
            assert square.distance(drawn) < 1e-9
        else:
            assert shapely.intersection(square.buffer(-1e-7), drawn).length == pytest.approx(0.0)


def test_diagonal_through_corners_takes_only_the_cells_on_it(chain: Make) -> None:
    assert cells_of(chain, [(-15.0, 45.0), (15.0, 15.0)]) == [0, 9, 18, 27]


def test_cells_come_in_the_order_of_the_line(chain: Make) -> None:
    assert cells_of(chain, [(15.0, 45.0), (-15.0, 45.0)]) == [3, 2, 1, 0]


def test_what_lies_off_the_grid_is_left_out_however_far(chain: Make) -> None:
    assert cells_of(chain, [(-1e9, 45.0), (1e9, 45.0)]) == list(range(8))
    assert cells_of(chain, [(200.0, 200.0), (300.0, 300.0)]) == []


def test_a_street_of_one_point_lies_in_its_cell(chain: Make) -> None:
    assert cells_of(chain, [(5.0, 5.0), (5.0, 5.0)]) == [4 * 8 + 2]


def test_both_directions_share_their_cells(chain: Make) -> None:
    line = [(-15.0, 45.0), (15.0, 45.0)]
    cells = map_edges_to_cells(geometry(line, line[::-1]), GRID, chain(1))
    assert cells.cell.size == 4
    assert cells.of_edge(0).tolist() == cells.of_edge(1).tolist()


@pytest.fixture
def across(chain: Make) -> Callable[..., float]:
    """Depth on a street over the four western cells of row 0, of depth 0, 1, 2, 3 m."""

    def depth_on(**columns: object) -> float:
        graph = chain(1, **columns)
        line = [(-15.0, 45.0), (15.0, 45.0)]
        cells = map_edges_to_cells(geometry(line, line[::-1]), GRID, graph)
        depth, bed = np.zeros(GRID.shape), np.zeros(GRID.shape)
        depth[0, :4] = [0.0, 1.0, 2.0, 3.0]
        bed[0, :4] = [5.0, 0.5, 0.5, -1.0]
        found = edge_depth_m(depth, bed, cells, graph)
        assert found[0] == found[1]
        return float(found[0])

    return depth_on


def test_depth_of_a_street_is_that_of_its_deepest_cell(across: Callable[..., float]) -> None:
    assert across() == 3.0


def test_bridge_counts_only_the_water_above_its_deck(across: Callable[..., float]) -> None:
    # The water levels of the wet cells are 1.5, 2.5 and 2.0 m.
    assert across(is_bridge=[True], deck_level_m=[2.2]) == pytest.approx(0.3)
    assert across(is_bridge=[True], deck_level_m=[2.6]) == 0.0


def test_dry_ground_above_the_deck_floods_no_bridge(across: Callable[..., float]) -> None:
    assert across(is_bridge=[True], deck_level_m=[4.0]) == 0.0


def test_bridge_of_unknown_deck_stands_above_the_water(across: Callable[..., float]) -> None:
    assert across(is_bridge=[True]) == 0.0


def test_deck_level_of_what_is_no_bridge_is_not_used(across: Callable[..., float]) -> None:
    assert across(deck_level_m=[10.0]) == 3.0


def test_tunnel_is_a_street_on_the_ground_above_it(across: Callable[..., float]) -> None:
    assert across(is_tunnel=[True]) == 3.0


def test_ignored_cells_wet_no_street(chain: Make) -> None:
    graph = chain(1)
    line = [(-15.0, 45.0), (15.0, 45.0)]
    canal = np.zeros(GRID.shape, bool)
    canal[0, 2:] = True
    cells = map_edges_to_cells(geometry(line, line[::-1]), GRID, graph, ignored=canal)
    depth = np.where(canal, 3.0, 0.2)
    assert edge_depth_m(depth, np.zeros(GRID.shape), cells, graph).tolist() == [0.2, 0.2]
    assert not cells.is_uncovered.any()
    everywhere = np.ones(GRID.shape, bool)
    blind = map_edges_to_cells(geometry(line, line[::-1]), GRID, graph, ignored=everywhere)
    assert blind.is_uncovered.all()


def test_ignored_cells_still_rise_to_the_deck_of_a_bridge(chain: Make) -> None:
    graph = chain(1, direction=["forward"], is_bridge=[True], deck_level_m=[2.0])
    canal = np.ones(GRID.shape, bool)
    line = [(-15.0, 45.0), (15.0, 45.0)]
    cells = map_edges_to_cells(geometry(line), GRID, graph, ignored=canal)
    depth, bed = np.full(GRID.shape, 5.2), np.full(GRID.shape, -3.0)
    assert edge_depth_m(depth, bed, cells, graph) == pytest.approx([0.2])


def test_cells_without_data_count_as_dry(chain: Make) -> None:
    graph = chain(1, direction=["forward"])
    cells = map_edges_to_cells(geometry([(-15.0, 45.0), (15.0, 45.0)]), GRID, graph)
    depth, bed = np.full(GRID.shape, np.nan), np.zeros(GRID.shape)
    depth[0, 1], depth[0, 2], bed[0, 2] = 0.4, 9.0, np.nan
    assert edge_depth_m(depth, bed, cells, graph).tolist() == [0.4]


def test_velocity_is_that_of_the_fastest_cell_where_the_street_is_wet(chain: Make) -> None:
    graph = chain(1, direction=["forward"])
    cells = map_edges_to_cells(geometry([(-15.0, 45.0), (15.0, 45.0)]), GRID, graph)
    speed = np.full(GRID.shape, 9.0)
    speed[0, :4] = [np.nan, 0.5, 1.5, 1.0]
    assert edge_velocity_m_s(speed, np.array([0.2]), cells, graph).tolist() == [1.5]
    assert edge_velocity_m_s(speed, np.array([0.0]), cells, graph).tolist() == [0.0]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([[(0.0, np.nan), (1.0, 1.0)]], "not finite"),
        ([[(0.0, 0.0)], [(1.0, 1.0)]], "does not fit"),
    ],
)
def test_broken_geometry_is_refused(
    chain: Make, lines: list[list[tuple[float, float]]], message: str
) -> None:
    with pytest.raises(InvalidQuantityError, match=message):
        map_edges_to_cells(geometry(*lines), GRID, chain(1, direction=["forward"]))


def test_depth_of_another_grid_is_refused(chain: Make) -> None:
    graph = chain(1, direction=["forward"])
    cells = map_edges_to_cells(geometry([(0.0, 0.0), (1.0, 1.0)]), GRID, graph)
    wrong: NDArray[np.float64] = np.zeros((2, 2))
    with pytest.raises(InvalidQuantityError, match="shape of the grid"):
        edge_depth_m(wrong, np.zeros(GRID.shape), cells, graph)
