from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.optimize import brentq

from models.flood import Forcing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from models.flood.finite_volume import FiniteVolumeSolver

    Make = Callable[..., FiniteVolumeSolver]
    FloatArray = NDArray[np.float64]

G = 9.81
SMOOTH = 1e-6


def centres(columns: int, cell_size_m: float) -> FloatArray:
    return (np.arange(columns) + 0.5) * cell_size_m


def relative(found: FloatArray, exact: FloatArray) -> float:
    return float(np.abs(found - exact).sum() / np.abs(exact).sum())


def ritter(x: FloatArray, t: float, depth_m: float) -> tuple[FloatArray, FloatArray]:
    """Return depth and velocity after a dam at x = 0 broke over dry ground (Ritter 1892)."""
    c = np.sqrt(G * depth_m)
    fan = np.clip(2.0 * c - x / t, 0.0, 3.0 * c)
    return fan**2 / (9.0 * G), np.where(fan > 0.0, 2.0 / 3.0 * np.maximum(x / t + c, 0.0), 0.0)


def stoker(x: FloatArray, t: float, high_m: float, low_m: float) -> tuple[FloatArray, FloatArray]:
    """Return depth and velocity after a dam broke over water at rest (Stoker 1957)."""
    c = np.sqrt(G * high_m)

    def jump(h: float) -> float:
        push = (h - low_m) * np.sqrt(0.5 * G * (h + low_m) / (h * low_m))
        return float(2.0 * (c - np.sqrt(G * h)) - push)

    middle = brentq(jump, low_m, high_m)
    speed = 2.0 * (c - np.sqrt(G * middle))
    front = speed * middle / (middle - low_m)
    h, u = ritter(x, t, high_m)
    flat = x / t > speed - np.sqrt(G * middle)
    h, u = np.where(flat, middle, h), np.where(flat, speed, u)
    return np.where(x / t > front, low_m, h), np.where(x / t > front, 0.0, u)


@pytest.mark.parametrize("turned", [False, True])
def test_dam_break_over_water_follows_stoker(volumes: Make, turned: bool) -> None:
    x = centres(1000, 1.0) - 500.0
    depth_m = np.where(x < 0.0, 2.0, 0.5)[None, :] * np.ones((2, 1))
    depth_m = depth_m.T.copy() if turned else depth_m
    solver = volumes(np.zeros(depth_m.shape), depth_m, cell_size_m=1.0, manning=SMOOTH)
    solver.advance(60.0, Forcing())
    found = solver.depth_m[:, 0] if turned else solver.depth_m[0]
    u = solver.velocity_m_s[1][:, 0] if turned else solver.velocity_m_s[0][0]
    h, exact_u = stoker(x, 60.0, 2.0, 0.5)
    assert relative(found, h) < 0.002
    assert relative(found * u, h * exact_u) < 0.01


def test_dam_break_over_dry_ground_follows_ritter(volumes: Make) -> None:
    x = centres(500, 2.0) - 500.0
    depth_m = np.where(x < 0.0, 2.0, 0.0)[None, :] * np.ones((2, 1))
    solver = volumes(np.zeros(depth_m.shape), depth_m, cell_size_m=2.0, manning=SMOOTH)
    solver.advance(50.0, Forcing())
    h, u = ritter(x, 50.0, 2.0)
    assert relative(solver.depth_m[0], h) < 0.01
    assert relative(solver.depth_m[0] * solver.velocity_m_s[0][0], h * u) < 0.03
    assert solver.max_speed_m_s.max() < 2.0 * np.sqrt(G * 2.0)


def smooth_wave(volumes: Make, n: int) -> FloatArray:
    """Return the depth of a smooth wave over a hump, averaged to 16 cells a side."""
    y, x = np.mgrid[:n, :n]
    y, x = (y + 0.5) / n * 160.0, (x + 0.5) / n * 160.0
    bed_m = 0.2 * np.exp(-((x - 90.0) ** 2 + (y - 80.0) ** 2) / 800.0)
    depth_m = 2.0 - bed_m + 0.1 * np.exp(-((x - 70.0) ** 2 + (y - 75.0) ** 2) / 400.0)
    solver = volumes(bed_m, depth_m, cell_size_m=160.0 / n, manning=SMOOTH)
    solver.advance(6.0, Forcing())
    return solver.depth_m.reshape(16, n // 16, 16, n // 16).mean(axis=(1, 3))


def test_smooth_waves_converge_at_second_order(volumes: Make) -> None:
    fine = smooth_wave(volumes, 512)
    errors = [np.abs(smooth_wave(volumes, n) - fine).mean() for n in (32, 64, 128)]
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert orders.min() > 1.6


def thacker(volumes: Make, n: int, t: float) -> tuple[float, FiniteVolumeSolver]:
    """Return the error of the depth of a plane that swings in a paraboloid (Thacker 1981)."""
    h0, a, b, length = 0.1, 1.0, 0.5, 4.0
    dx = length / n
    y, x = np.mgrid[:n, :n]
    x, y = (x + 0.5) * dx - 2.0, (y + 0.5) * dx - 2.0
    bed_m = -h0 * (1.0 - (x**2 + y**2) / a**2)
    omega = np.sqrt(2.0 * G * h0) / a

    def depth(time: float) -> FloatArray:
        level = (
            b * h0 / a**2 * (2.0 * x * np.cos(omega * time) + 2.0 * y * np.sin(omega * time) - b)
        )
        return np.maximum(level - bed_m, 0.0)

    solver = volumes(
        bed_m,
        depth(0.0),
        cell_size_m=dx,
        manning=SMOOTH,
        dry_depth_m=1e-6,
        statistics_interval_s=1.0,
    )
    state = solver.state
    wet = depth(0.0) > 0.0
    state.velocity_x_m_s[wet] = 0.0
    state.velocity_y_m_s[wet] = b * omega
    solver.restore(state)
    solver.advance(t, Forcing())
    return relative(solver.depth_m, depth(t)), solver


def test_planar_surface_swings_in_a_paraboloid(volumes: Make) -> None:
    period = 2.0 * np.pi / np.sqrt(2.0 * G * 0.1)
    errors = [thacker(volumes, n, period)[0] for n in (40, 80, 160)]
    assert errors[0] > 1.6 * errors[1] > 2.56 * errors[2]
    assert errors[2] < 0.02


def bump_exact(z: FloatArray, q: float, level: float) -> FloatArray:
    """Return the subcritical depth over a bed by Bernoulli, for a downstream level."""
    head = level + q**2 / (2.0 * G * level**2)
    critical = (q**2 / G) ** (1.0 / 3.0)
    return np.array(
        [brentq(lambda h, b=b: h + b + q**2 / (2.0 * G * h**2) - head, critical, 3.0) for b in z]
    )


def bump(volumes: Make, q: float, level: float, *, seconds: float) -> tuple[FloatArray, ...]:
    dx, columns = 0.1, 250
    x = centres(columns, dx)
    z = np.maximum(0.2 - 0.05 * (x - 10.0) ** 2, 0.0)
    bed_m = np.concatenate([z, [0.0, 0.0]])[None, :] * np.ones((2, 1))
    zone = np.zeros(bed_m.shape, np.int16)
    zone[:, -2:] = 1
    solver = volumes(
        bed_m, np.maximum(level - bed_m, 0.0), cell_size_m=dx, manning=SMOOTH, level_zone=zone
    )
    cells = np.array([0, columns + 2])
    solver.advance(
        seconds,
        Forcing(
            level_start_m=np.array([level]),
            level_end_m=np.array([level]),
            inflow_cells=cells,
            inflow_m3_s=np.full(2, q * dx),
        ),
    )
    h = solver.depth_m[0, :-2]
    return x, z, h, h * solver.velocity_m_s[0][0, :-2]


def test_subcritical_flow_over_a_bump_keeps_its_head(volumes: Make) -> None:
    _, z, h, q = bump(volumes, 4.42, 2.0, seconds=300.0)
    exact = bump_exact(z, 4.42, 2.0)
    assert np.abs(h - exact)[20:].max() < 0.005
    assert np.abs(q - 4.42)[20:].max() < 0.03


def test_transcritical_flow_over_a_bump_jumps_where_it_must(volumes: Make) -> None:
    x, _, h, q = bump(volumes, 0.18, 0.33, seconds=400.0)
    crest = (0.18**2 / G) ** (1.0 / 3.0)
    fast = q / h > np.sqrt(G * h)
    jump = x[fast].max()
    assert jump == pytest.approx(11.7, abs=0.25)
    assert x[fast].min() == pytest.approx(10.0, abs=0.25)
    assert h[99:101].mean() == pytest.approx(crest, rel=0.02)
    away = (x > 2.0) & (np.abs(x - jump) > 0.5)
    assert np.abs(q - 0.18)[away].max() < 0.005


@pytest.mark.parametrize(("time_s", "expected_m"), [(3600.0, 0.7326), (9000.0, 1.0850)])
def test_wave_on_a_plane_follows_the_exact_solution(
    volumes: Make, time_s: float, expected_m: float
) -> None:
    # Hunter et al. (2005): h = [(7/3) n² u² (ut - x)]^(3/7).
    u, n, dx = 0.4, 0.03, 25.0
    zone = np.zeros((2, 160), np.int16)
    zone[:, 0] = 1
    solver = volumes(np.zeros((2, 160)), cell_size_m=dx, manning=n, level_zone=zone)

    def at_inlet(t: float) -> FloatArray:
        return np.array([(7.0 / 3.0 * n**2 * u**3 * t) ** (3.0 / 7.0)])

    for t in np.arange(0.0, time_s, 60.0):
        solver.advance(t + 60.0, Forcing(level_start_m=at_inlet(t), level_end_m=at_inlet(t + 60.0)))
    assert at_inlet(time_s)[0] == pytest.approx(expected_m, abs=1e-4)
    x = np.arange(160) * dx
    exact_m = (7.0 / 3.0 * n**2 * u**2 * np.maximum(u * time_s - x, 0.0)) ** (3.0 / 7.0)
    error_m = np.abs(solver.depth_m[1] - exact_m)
    assert np.sqrt(np.mean(error_m**2)) < 0.02
    front_m = x[solver.depth_m[1] > 0.01].max()
    assert front_m == pytest.approx(u * time_s, abs=4.0 * dx)


@pytest.mark.parametrize("slope", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("rough_m", [0.0, 0.05])
def test_films_of_rain_run_down_a_slope_at_their_normal_depth(
    volumes: Make, slope: float, rough_m: float
) -> None:
    rain, n, dx, columns = 1.4e-5, 0.02, 2.0, 50
    x = centres(columns, dx)
    bed_m = slope * (x[-1] - x)[None, :] * np.ones((3, 1))
    bed_m += rough_m * (np.arange(columns) % 2)
    open_edge = np.zeros(bed_m.shape, bool)
    open_edge[:, -1] = True
    solver = volumes(bed_m, cell_size_m=dx, manning=n, open_edge=open_edge, edge_slope=slope)
    solver.advance(5000.0, Forcing(rain_m_s=rain))
    before = solver.ledger.outflow_edges_m3
    solver.advance(5300.0, Forcing(rain_m_s=rain))
    out = (solver.ledger.outflow_edges_m3 - before) / 300.0
    assert out == pytest.approx(rain * dx * dx * bed_m.size, rel=1e-3)
    if rough_m == 0.0:
        normal_m = (n * rain * x / np.sqrt(slope)) ** 0.6
        assert relative(solver.depth_m[1, 5:-1], normal_m[5:-1]) < 0.01
