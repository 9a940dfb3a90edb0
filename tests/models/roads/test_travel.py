from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.roads import START, Place, advance, drive, seconds_ahead

seconds = st.one_of(st.floats(0.0, 500.0), st.just(np.inf))


@st.composite
def floods(draw: st.DrawFn, *, always_open: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Draw times of change, and travel times per period and edge."""
    gaps = draw(st.lists(st.floats(1e-3, 300.0), min_size=0, max_size=6))
    legs = draw(st.integers(1, 6))
    one = st.floats(1e-3, 500.0) if always_open else seconds
    rows = [draw(st.lists(one, min_size=legs, max_size=legs)) for _ in range(len(gaps) + 1)]
    return np.concatenate([[0.0], np.cumsum(gaps)]), np.array(rows)


@given(flood=floods(), depart_s=st.floats(0.0, 900.0), later_s=st.floats(0.0, 900.0))
def test_who_leaves_later_never_arrives_earlier(
    flood: tuple[np.ndarray, np.ndarray], depart_s: float, later_s: float
) -> None:
    times_s, edge_seconds = flood
    early = drive(times_s, edge_seconds, depart_s)
    late = drive(times_s, edge_seconds, depart_s + later_s)
    assert (late >= early - 1e-6).all()


@given(flood=floods(), depart_s=st.floats(0.0, 900.0))
def test_times_along_the_route_rise_from_the_departure(
    flood: tuple[np.ndarray, np.ndarray], depart_s: float
) -> None:
    reached = drive(*flood, depart_s)
    assert not np.isnan(reached).any()
    assert (reached >= depart_s).all()
    assert (reached[1:] >= reached[:-1]).all()


def test_taking_the_time_at_entry_would_let_the_later_one_overtake() -> None:
    # 100 s when wet until t = 10 s, then 10 s. By the time at entry: 100 s against 10.1 + 10 s.
    times_s, edge_seconds = np.array([0.0, 10.0]), np.array([[100.0], [10.0]])
    assert drive(times_s, edge_seconds, 0.0) == pytest.approx([10.0 + 0.9 * 10.0])
    assert drive(times_s, edge_seconds, 10.1) == pytest.approx([20.1])


@given(flood=floods(always_open=True), pieces=st.lists(st.floats(1e-3, 200.0), max_size=8))
def test_cutting_the_time_into_pieces_moves_a_vehicle_as_far(
    flood: tuple[np.ndarray, np.ndarray], pieces: list[float]
) -> None:
    edge_seconds = flood[1][0]
    whole, _ = advance(edge_seconds, START, sum(pieces))
    place = START
    for piece in pieces:
        place, _ = advance(edge_seconds, place, piece)
    driven = [
        edge_seconds[: p.leg].sum()
        + (p.fraction * edge_seconds[p.leg] if p.leg < edge_seconds.size else 0.0)
        for p in (whole, place)
    ]
    assert driven[0] == pytest.approx(driven[1], abs=1e-9)


@given(flood=floods(), depart_s=st.floats(0.0, 100.0))
def test_driving_is_advancing_from_change_to_change(
    flood: tuple[np.ndarray, np.ndarray], depart_s: float
) -> None:
    times_s, edge_seconds = flood
    place, clock = START, depart_s
    for k in range(times_s.size - 1):
        if times_s[k + 1] > clock:
            place, _ = advance(edge_seconds[k], place, times_s[k + 1] - clock)
            clock = times_s[k + 1]
    rest = seconds_ahead(edge_seconds[-1], place)
    reached = drive(times_s, edge_seconds, depart_s)
    expected = clock + rest[-1] if rest.size else clock
    if rest.size:
        assert reached[-1] == pytest.approx(expected, abs=1e-9)
    else:
        assert reached[-1] <= clock


def test_a_vehicle_halts_before_and_on_an_impassable_edge() -> None:
    shut = np.array([10.0, np.inf, 10.0])
    assert advance(shut, START, 25.0) == (Place(1, 0.0), 15.0)
    assert advance(shut, Place(1, 0.5), 25.0) == (Place(1, 0.5), 25.0)
    assert seconds_ahead(shut, Place(0, 0.5)).tolist() == [5.0, np.inf, np.inf]
    assert seconds_ahead(shut, Place(1, 0.5)).tolist() == [np.inf, np.inf]


def test_a_vehicle_waits_for_water_to_fall() -> None:
    reached = drive(np.array([0.0, 60.0]), np.array([[10.0, np.inf], [10.0, 20.0]]), 5.0)
    assert reached.tolist() == [15.0, 80.0]
    never = drive(np.array([0.0]), np.array([[10.0, np.inf]]), 5.0)
    assert never.tolist() == [15.0, np.inf]


def test_time_left_at_the_end_of_the_route_is_given_back() -> None:
    assert advance(np.array([10.0, 5.0]), Place(1, 0.4), 4.0) == (Place(2, 0.0), 1.0)
    assert advance(np.array([10.0]), Place(1, 0.0), 4.0) == (Place(1, 0.0), 4.0)
    assert seconds_ahead(np.array([10.0]), Place(1, 0.0)).size == 0


def test_impossible_questions_are_refused() -> None:
    legs = np.array([10.0, 5.0])
    for place in (Place(-1, 0.0), Place(0, 1.0), Place(2, 0.1), Place(3, 0.0), Place(0, np.nan)):
        with pytest.raises(InvalidQuantityError, match="not on the route"):
            advance(legs, place, 1.0)
    with pytest.raises(InvalidQuantityError, match="back in time"):
        advance(legs, START, -1.0)
    with pytest.raises(InvalidQuantityError, match="edge_seconds"):
        advance(np.array([np.nan]), START, 1.0)
    with pytest.raises(InvalidQuantityError, match="must rise"):
        drive(np.array([0.0, 0.0]), np.ones((2, 1)), 0.0)
    with pytest.raises(InvalidQuantityError, match="before the departure"):
        drive(np.array([5.0]), np.ones((1, 1)), 0.0)
    with pytest.raises(InvalidQuantityError, match="one row"):
        drive(np.array([0.0, 1.0]), np.ones((1, 1)), 0.0)
