"""Polylines on the grid are watertight, and breaches grow as they are told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import label

from models.errors import InvalidQuantityError
from models.flood.breach import Breach, froehlich_2008, von_thun_gillette
from models.flood.faces import LineFaces, faces_along
from models.grid import Grid

GRID = Grid(west_m=0.0, north_m=200.0, cell_size_m=10.0, rows=20, columns=30)
_STAR = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])


def ponds(faces: LineFaces) -> tuple[np.ndarray, int]:
    """Label the cells that water can pass between, on a grid of twice the size with walls in it."""
    fine = np.ones((2 * GRID.rows + 1, 2 * GRID.columns + 1), bool)
    fine[::2, ::2] = False
    vertical = faces.axis == 0
    fine[2 * faces.row[vertical] + 1, 2 * faces.column[vertical]] = False
    fine[2 * faces.row[~vertical], 2 * faces.column[~vertical] + 1] = False
    fine[[0, -1], :] = False
    fine[:, [0, -1]] = False
    marks, count = label(fine, _STAR)
    return marks[1::2, 1::2], count


@given(st.lists(st.tuples(st.floats(0.0, 6.283), st.floats(25.0, 85.0)), min_size=3, max_size=9))
@settings(max_examples=150, deadline=None)
def test_closed_ring_keeps_its_inside_apart(corners: list[tuple[float, float]]) -> None:
    corners = sorted({round(a, 3): r for a, r in corners}.items())
    around = np.array([0.0, 2.1, 4.2])
    angle = np.concatenate([[a for a, _ in corners], around])
    radius = np.concatenate([[r for _, r in corners], [60.0] * 3])
    order = np.argsort(angle)
    angle, radius = angle[order], radius[order]
    x, y = 150.0 + radius * np.cos(angle), 100.0 + radius * np.sin(angle)
    faces = faces_along(GRID, np.append(x, x[0]), np.append(y, y[0]))
    marks, _ = ponds(faces)
    assert marks[0, 0] == marks[-1, -1]
    if radius.min() > 40.0:
        assert marks[10, 15] != marks[0, 0]


@given(st.floats(0.0, 200.0), st.floats(0.0, 200.0), st.floats(1.0, 299.0))
@settings(max_examples=100, deadline=None)
def test_line_from_rim_to_rim_parts_the_grid(west: float, east: float, middle: float) -> None:
    faces = faces_along(GRID, [0.0, middle, 300.0], [west, 0.5 * (west + east), east])
    marks, count = ponds(faces)
    inner = (faces.row > 0) & (faces.row < GRID.rows)
    if inner.all():
        assert count == 2
        assert marks[0, 0] != marks[-1, 0]


def test_chain_follows_the_line_within_a_cell() -> None:
    x, y = np.array([12.0, 288.0]), np.array([13.0, 171.0])
    faces = faces_along(GRID, x, y)
    at_x = 10.0 * (faces.column + 0.5 * (faces.axis == 1))
    at_y = 200.0 - 10.0 * (faces.row + 0.5 * (faces.axis == 0))
    along = np.array([x[1] - x[0], y[1] - y[0]]) / np.hypot(x[1] - x[0], y[1] - y[0])
    apart = np.abs((at_x - x[0]) * along[1] - (at_y - y[0]) * along[0])
    assert apart.max() < 10.0
    assert np.all(np.diff(faces.along_m) > 0.0)


def test_left_of_a_line_is_left() -> None:
    east = faces_along(GRID, [50.0, 100.0], [100.0, 100.0])
    assert east.left_is_a.all()
    assert set(east.axis.tolist()) == {1}
    south = faces_along(GRID, [50.0, 50.0], [100.0, 50.0])
    assert not south.left_is_a.any()
    assert set(south.axis.tolist()) == {0}


def test_line_off_the_grid_is_refused() -> None:
    with pytest.raises(InvalidQuantityError, match="point 2 of the line lies off the grid"):
        faces_along(GRID, [50.0, 400.0], [100.0, 100.0])
    with pytest.raises(InvalidQuantityError, match="too short"):
        faces_along(GRID, [50.0, 52.0], [100.0, 100.0])


def test_breach_grows_evenly_to_its_final_size() -> None:
    breach = Breach(width_m=40.0, bottom_m=1.0, growth_s=1200.0)
    assert breach.width_at_m(-1.0) == 0.0
    assert breach.width_at_m(300.0) == pytest.approx(10.0)
    assert breach.bottom_at_m(300.0, 3.0) == pytest.approx(2.5)
    assert breach.bottom_at_m(1e9, 3.0) == 1.0


def test_published_breaches() -> None:
    # Teton dam, Froehlich (2008): V = 310e6 m3, h = 77.4 m, piping: measured 151 m and 1.25 h.
    width, time_s = froehlich_2008(volume_m3=310e6, height_m=77.4, overtopped=False)
    assert width == pytest.approx(168.0, rel=0.02)
    assert time_s == pytest.approx(4591.0, rel=0.02)
    width, time_s = von_thun_gillette(depth_m=10.0)
    assert width == pytest.approx(31.1)
    assert time_s == pytest.approx(540.0)
