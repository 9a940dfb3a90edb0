"""Inlets of given capacity: limits, flaps, and books that close."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from models.drainage.inlets import InletDrains, Outlets
from models.errors import InvalidQuantityError

AREA = 100.0


def drains(
    *, capacity: float = 0.01, outlet: float = np.inf, total: float = np.inf,
    shut: float = np.inf, flap: bool = True,
) -> InletDrains:  # fmt: skip
    return InletDrains(
        bed_m=np.asarray([2.0, 1.5, 1.8]),
        capacity_m3_s=np.full(3, capacity),
        outlet=np.asarray([0, 0, 1]),
        outlets=Outlets(
            capacity_m3_s=np.full(2, outlet),
            shut_level_m=np.full(2, shut),
            flap=np.full(2, flap),
            computed=np.asarray([True, False]),
        ),
        cell_area_m2=AREA,
        total_m3_s=total,
    )


def flow(d: InletDrains, depth: float, outside: float) -> NDArray[np.float64]:
    return d.discharge_m3_s(np.full(3, depth), np.full(2, outside), 10.0)


def test_enough_water_and_a_low_canal_give_the_full_capacity() -> None:
    assert flow(drains(), 0.2, 0.0) == pytest.approx(0.01)


def test_no_cell_gives_more_than_it_has() -> None:
    assert flow(drains(capacity=50.0), 0.02, 0.0) == pytest.approx(0.02 * AREA / 10.0)


def test_the_outlet_and_the_whole_limit_in_proportion() -> None:
    assert flow(drains(outlet=0.01), 0.2, 0.0) == pytest.approx([0.005, 0.005, 0.01])
    assert flow(drains(total=0.015), 0.2, 0.0) == pytest.approx(0.005)


def test_a_canal_above_the_street_shuts_a_flap_and_comes_up_without_one() -> None:
    assert (flow(drains(), 0.0, 3.0) == 0.0).all()
    assert flow(drains(flap=False), 0.0, 3.0) == pytest.approx(-0.01)


def test_a_shut_level_closes_over_its_range() -> None:
    d = drains(shut=1.0)
    assert flow(d, 0.5, 0.9) == pytest.approx(0.01)
    assert flow(d, 0.5, 0.975) == pytest.approx(0.005)
    assert (flow(d, 0.5, 1.0) == 0.0).all()


def test_an_outlet_out_of_the_model_is_always_open() -> None:
    assert flow(drains(), 0.5, -np.inf) == pytest.approx(0.01)


@given(
    depth=arrays(np.float64, 3, elements=st.floats(0.0, 2.0)),
    outside=arrays(np.float64, 2, elements=st.floats(-1.0, 4.0)),
    capacity=st.floats(0.001, 100.0),
    window=st.floats(1.0, 60.0),
)
def test_no_window_carries_the_street_past_the_level_outside(
    depth: NDArray[np.float64], outside: NDArray[np.float64], capacity: float, window: float
) -> None:
    d = drains(capacity=capacity, flap=False)
    q = d.discharge_m3_s(depth, outside, window)
    before = d.bed_m + depth - outside[d.outlet]
    after = before - q * window / AREA
    assert (before * after >= -1e-9).all()
    assert (q * window <= depth * AREA + 1e-9).all()


def test_what_is_taken_is_on_its_way_and_then_handed_over() -> None:
    d = drains()
    wanted = np.asarray([0.01, 0.01, 0.01])
    d.take(wanted, np.asarray([0.1, 0.05, 0.1]), np.zeros(2))
    assert d.ledger.in_pipes_m3 == pytest.approx(0.25)
    cells, outlets = d.hand_over()
    assert cells.tolist() == [0.0, 0.0, 0.0]
    assert outlets == pytest.approx([0.15, 0.1])
    assert d.ledger.to_water_m3 == pytest.approx(0.15)
    assert d.ledger.left_m3 == pytest.approx(0.1)
    assert d.ledger.in_pipes_m3 == pytest.approx(0.0, abs=1e-15)


def test_what_comes_back_goes_to_the_cells_that_asked() -> None:
    d = drains(flap=False)
    d.take(np.asarray([-0.01, -0.03, 0.0]), np.zeros(3), np.asarray([0.2, 0.0]))
    cells, _ = d.hand_over()
    assert cells == pytest.approx([0.05, 0.15, 0.0])
    assert d.ledger.from_water_m3 == pytest.approx(d.ledger.to_streets_m3)


def test_impossible_inlets_are_refused() -> None:
    with pytest.raises(InvalidQuantityError, match="not finite"):
        drains(capacity=np.nan)
    with pytest.raises(InvalidQuantityError, match="negative"):
        drains(outlet=-1.0)
