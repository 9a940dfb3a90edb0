"""What may be wrong with channels, and how lines become networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.flood.channel_lines import network_along
from models.flood.domain import FloodParameters
from models.flood.solver import make_solver
from models.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.flood import FloodSolver
    from models.flood.channel_lines import Network
    from models.flood.channels import Channels

    Straight = Callable[..., Channels]
    Canal = Callable[..., FloodSolver]

GRID = Grid(west_m=0.0, north_m=100.0, cell_size_m=10.0, rows=10, columns=10)


def network(*lines: tuple[list[float], list[float]], widths: list[float] | None = None) -> Network:
    return network_along(
        GRID,
        [(np.array(x, float), np.array(y, float)) for x, y in lines],
        np.array(widths or [3.0] * len(lines)),
        usable=np.ones(GRID.shape, bool),
    )


def cells(found: Network) -> list[tuple[int, int]]:
    return list(zip(found.row.tolist(), found.column.tolist(), strict=True))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"width_m": np.zeros(7)}, "reach 0, width_m: must be a positive number, got 0.0"),
        ({"width_m": np.full(7, -2.0)}, "width_m: must be a positive number, got -2.0"),
        ({"width_m": np.full(7, np.nan)}, "width_m: must be a positive number, got nan"),
        ({"width_m": np.full(7, 20.5)}, "wider than a cell of 20 m, got 20.5"),
        ({"length_m": np.full(7, np.inf)}, "length_m: must be a positive number"),
        ({"length_m": np.full(7, 9.0)}, "shorter than half a cell of 20 m, got 9.0"),
        ({"manning": np.zeros(7)}, "manning: must be a positive number"),
        ({"node_bed_m": np.full(8, 1.5)}, "row 2, column 0: the cell of a channel has its bed"),
        ({"node_bed_m": np.full(8, -np.inf)}, "has no bed that could be"),
        ({"node_bed_m": np.full(8, np.nan)}, "neither end of a reach has the bed of a channel"),
        ({"node_column": np.arange(1, 9)}, "row 2, column 8: the cell of a channel lies off"),
        ({"node_row": np.full(8, 4)}, "row 4, column 0: the cell of a channel has no ground"),
        ({"node_column": np.zeros(8, np.int64)}, "a cell stands twice"),
        ({"node_column": 2 * np.arange(8)}, "does not join two cells that share a side"),
        ({"reach_b": np.arange(2, 9)}, "must lie between 0 and 7"),
        ({"reach_a": np.ones(7, np.int64), "reach_b": np.full(7, 2)}, "a reach stands twice"),
        ({"reach_a": np.zeros(3, np.int64)}, "differ in length"),
        ({"level_m": np.full(3, 0.0)}, "channel_level_m: needs a finite level for each of 8"),
        ({"level_m": np.full(8, np.nan)}, "channel_level_m: needs a finite level"),
    ],
)
def test_bad_channels_are_named(
    canal: Canal, straight: Straight, change: dict[str, Any], message: str
) -> None:
    ground = np.full((5, 8), 1.0)
    ground[4, :] = np.nan
    level = change.pop("level_m", None) if "level_m" in change else None
    bed = change.pop("node_bed_m") if "node_bed_m" in change else np.full(8, -1.0)
    with pytest.raises(InvalidQuantityError, match=message):
        canal(ground, straight(bed, **change), level_m=level)


def test_a_state_of_other_channels_is_refused(canal: Canal, straight: Straight) -> None:
    ground = np.full((5, 8), 1.0)
    state = canal(ground, straight(np.full(8, -1.0))).state
    with pytest.raises(InvalidQuantityError, match="other channels"):
        canal(ground, straight(np.full(7, -1.0))).restore(state)


def test_the_finite_volumes_refuse_channels(canal: Canal, straight: Straight) -> None:
    channels = straight(np.full(8, -1.0))
    domain = canal(np.full((5, 8), 1.0), None).domain
    with pytest.raises(InvalidQuantityError, match="no channels narrower than a cell"):
        make_solver("finite-volume", domain, FloodParameters(cell_size_m=20.0), channels=channels)


def test_auto_stays_with_the_inertial_solver_where_there_are_channels(
    canal: Canal, straight: Straight
) -> None:
    channels = straight(np.full(8, -1.0))
    domain = canal(np.full((5, 8), 1.0), None).domain
    solver = make_solver("auto", domain, FloodParameters(cell_size_m=20.0), channels=channels)
    assert solver._may_switch is False  # type: ignore[union-attr]  # auto gives it


def test_a_straight_line_keeps_its_length() -> None:
    found = network(([0, 100], [55, 55]))
    assert cells(found) == [(4, column) for column in range(10)]
    assert found.length_m == pytest.approx([15, *[10] * 7, 15])


def test_a_line_along_the_side_of_cells_makes_no_bumps() -> None:
    found = network(([0, 20, 30, 40, 50, 100], [61, 59, 61, 59.5, 61, 61]))
    assert {row for row, _ in cells(found)} == {3}
    assert found.length_m.sum() == pytest.approx(100.0, rel=0.02)


def test_a_line_through_corners_goes_over_sides() -> None:
    found = network(([0, 100], [0, 100]))
    assert found.a.size == 18
    assert found.length_m.sum() == pytest.approx(100 * np.sqrt(2))


def test_lines_are_cut_at_the_rim_and_joined_where_they_meet() -> None:
    found = network(([-50, 150], [55, 55]), ([45, 45], [55, 150]))
    assert found.length_m.sum() == pytest.approx(100.0 + 45.0)
    ends = np.bincount(np.concatenate([found.a, found.b]))
    assert sorted(ends.tolist()).count(3) == 1
    assert cells(found)[int(np.argmax(ends))] == (4, 4)


def test_the_widest_of_two_lines_takes_a_shared_reach() -> None:
    found = network(([0, 100], [54, 54]), ([0, 100], [56, 56]), widths=[2.0, 5.0])
    assert found.line.tolist() == [1] * 9


def test_a_line_in_one_cell_gives_nothing_and_one_without_numbers_is_refused() -> None:
    assert network(([3, 4], [53, 52])).row.size == 0
    with pytest.raises(InvalidQuantityError, match="line 0: a vertex is not finite"):
        network(([3, np.nan], [53, 52]))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-20.0, 120.0), st.floats(-20.0, 120.0)), min_size=2, max_size=8)
)
def test_any_line_becomes_reaches_between_neighbours(points: list[tuple[float, float]]) -> None:
    x, y = (list(each) for each in zip(*points, strict=True))
    found = network((x, y))
    apart = np.abs(found.row[found.a] - found.row[found.b]) + np.abs(
        found.column[found.a] - found.column[found.b]
    )
    assert (apart == 1).all()
    assert len(set(cells(found))) == found.row.size
    assert (found.length_m >= 5.0).all()
    assert np.unique(np.concatenate([found.a, found.b])).size == found.row.size
