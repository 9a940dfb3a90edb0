"""Structures against hand calculations and published charts."""

# ruff: noqa: FBT003 - numba compiles no keywords
# mypy: disable-error-code="no-untyped-call, arg-type"
# (compiled functions in a lambda, and keyword arguments of numbers alone)

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.flood import hydraulics as hy

G = 9.81
FT = 0.3048
CFS = FT**3


def test_broad_crested_weir_is_critical_flow_over_the_crest() -> None:
    assert hy.broad_crested_weir(0.5, -1.0, G) == pytest.approx(1.705 * 0.5**1.5, rel=1e-3)


def test_broad_crested_weir_drowns_at_two_thirds_without_a_jump() -> None:
    free = hy.broad_crested_weir(0.9, 0.0, G)
    assert hy.broad_crested_weir(0.9, 0.6, G) == pytest.approx(free, rel=1e-12)
    assert hy.broad_crested_weir(0.9, 0.6 + 1e-9, G) == pytest.approx(free, rel=1e-6)
    assert hy.broad_crested_weir(0.9, 0.8, G) == pytest.approx(0.8 * math.sqrt(2 * G * 0.1))
    assert hy.broad_crested_weir(0.9, 0.9, G) == 0.0


def test_sharp_crested_weir_follows_rehbock_and_villemonte() -> None:
    free = 2 / 3 * (0.611 + 0.075 * 0.4 / 0.8) * math.sqrt(2 * G) * 0.4**1.5
    assert hy.sharp_crested_weir(0.4, -0.2, 0.8, G) == pytest.approx(free, rel=1e-12)
    drowned = free * (1 - (0.3 / 0.4) ** 1.5) ** 0.385
    assert hy.sharp_crested_weir(0.4, 0.3, 0.8, G) == pytest.approx(drowned, rel=1e-12)


def test_sluice_gate_conserves_energy_to_the_contracted_jet() -> None:
    q = hy.sluice_gate(2.0, 0.0, 0.2, G)
    jet = 0.61 * 0.2
    energy_up = 2.0 + (q / 2.0) ** 2 / (2 * G)
    energy_jet = jet + (q / jet) ** 2 / (2 * G)
    assert energy_jet == pytest.approx(energy_up, rel=1e-12)


def test_drowned_sluice_gate_lies_on_the_curve_of_henry() -> None:
    # Henry (1950), y1/a = 6, y2/a = 4: a coefficient of discharge of about 0.38.
    cd = hy.sluice_gate(6.0, 4.0, 1.0, G) / math.sqrt(2 * G * 6.0)
    assert 0.30 < cd < 0.45
    assert hy.sluice_gate(6.0, 6.0, 1.0, G) == 0.0


def test_gate_with_its_lip_out_of_the_water_is_a_weir() -> None:
    assert hy.sluice_gate(1.0, 0.2, 1.2, G) == hy.broad_crested_weir(1.0, 0.2, G)


@given(st.floats(0.01, 5.0), st.floats(0.0, 1.0), st.floats(0.05, 3.0), st.floats(0.0, 0.5))
@settings(max_examples=200, deadline=None)
def test_more_head_never_means_less_water(h1: float, share: float, a: float, more: float) -> None:
    h2 = h1 * share
    for flow in (
        lambda x: hy.broad_crested_weir(x, h2, G),
        lambda x: hy.sharp_crested_weir(x, h2, 1.0, G),
    ):
        assert flow(h1 + more) >= flow(h1) - 1e-9
    assert hy.sluice_gate(h1, h2, a, G) <= hy.broad_crested_weir(h1, h2, G) + 1e-12


# Circular concrete pipe, square edge with headwall: K 0.0098, M 2.0, c 0.0398, Y 0.67, form 1.
PIPE = {"k": 0.0098, "m": 2.0, "c": 0.0398, "y": 0.67, "form": 1.0}


def inlet(
    hw: float, d: float, b: float, *, slope: float = 0.0, circular: bool = True,
    k: float, m: float, c: float, y: float, form: float,
) -> float:  # fmt: skip
    return hy.inlet_control(hw, slope, d, b, circular, k, m, c, y, form, G)


def test_submerged_inlet_follows_hds5() -> None:
    d = 1.2
    q = inlet(3.0, d, d, slope=0.01, **PIPE)
    area = math.pi * d * d / 4
    hw = d * (0.0398 * (1.811 * q / (area * math.sqrt(d))) ** 2 + 0.67 - 0.5 * 0.01)
    assert q / (area * math.sqrt(d)) > 2.21
    assert hw == pytest.approx(3.0, rel=1e-9)


def test_unsubmerged_inlet_follows_hds5_form_1() -> None:
    d, slope = 1.2, 0.01
    q = inlet(0.9, d, d, slope=slope, **PIPE)
    depths = np.linspace(1e-3, d - 1e-6, 400_000)
    half = np.arccos(1 - 2 * depths / d)
    area = d * d / 4 * (half - np.sin(half) * np.cos(half))
    critical = np.sqrt(G * area**3 / (2 * np.sqrt(depths * (d - depths))))
    at = int(np.searchsorted(critical, q))
    head = depths[at] + (q / area[at]) ** 2 / (2 * G)
    full = math.pi * d * d / 4 * math.sqrt(d)
    hw = head + d * (0.0098 * (1.811 * q / full) ** 2 - 0.5 * slope)
    assert hw == pytest.approx(0.9, abs=1e-4)


def test_unsubmerged_inlet_follows_hds5_form_2() -> None:
    # Box with flared wingwalls 30 to 75 degrees: K 0.510, M 0.667 (form 2), c 0.0309, Y 0.80.
    q = inlet(1.0, 1.5, 2.0, circular=False, k=0.510, m=0.667, c=0.0309, y=0.80, form=2.0)
    ratio = 1.811 * q / (3.0 * math.sqrt(1.5))
    assert 1.5 * 0.510 * ratio**0.667 == pytest.approx(1.0, rel=1e-9)


def test_inlet_control_agrees_with_the_chart_for_concrete_pipes() -> None:
    # The example on HDS-5, chart 1B: 42 in and 120 cfs give HW/D = 2.5 with a square edge.
    d = 3.5 * FT
    q = inlet(2.5 * d, d, d, **PIPE)
    assert q / CFS == pytest.approx(120.0, rel=0.03)


def test_full_culvert_obeys_the_energy_equation() -> None:
    d, length, n, ke = 1.0, 30.0, 0.013, 0.5
    q = hy.outlet_control(3.0, 3.0, 1.5, d, d, True, length, n, ke, 1.0, G)
    v = q / (math.pi / 4)
    loss = (1 + ke + 19.62 * n * n * length / 0.25 ** (4 / 3)) * v * v / (2 * G)
    assert loss == pytest.approx(1.5, rel=1e-9)


def test_free_full_culvert_takes_its_grade_half_way_to_the_crown() -> None:
    d = b = 1.0
    length, n, ke = 40.0, 0.013, 0.5
    q = hy.outlet_control(1.5, 1.6, 0.0, d, b, False, length, n, ke, 1.0, G)
    yc = min((q * q / G) ** (1 / 3), d)
    loss = (1 + ke + 19.62 * n * n * length / 0.25 ** (4 / 3)) * q * q / (2 * G)
    assert (yc + d) / 2 + loss == pytest.approx(1.6, rel=1e-6)


def test_low_flow_leaves_at_critical_depth() -> None:
    q = hy.outlet_control(0.5, 0.5, 0.0, 1.0, 2.0, False, 10.0, 0.013, 0.5, 1.0, G)
    yc = (q * q / 4 / G) ** (1 / 3)
    mean = (yc + 0.5) / 2
    friction = 10.0 * (0.013 * q / (2 * mean)) ** 2 / (2 * mean / (2 + 2 * mean)) ** (4 / 3)
    local = 1.5 * (q / (2 * yc)) ** 2 / (2 * G)
    assert yc + local + friction == pytest.approx(0.5, rel=1e-6)


@given(st.floats(0.01, 4.0), st.floats(-0.5, 3.0), st.booleans(), st.sampled_from([0.0, 1.0]))
@settings(max_examples=200, deadline=None)
def test_culvert_grows_with_headwater_and_falls_with_tailwater(
    up: float, down: float, circular: bool, form: float
) -> None:
    def q(high: float, low: float) -> float:
        return hy.culvert_discharge(
            high, low, 0.0, -0.1, circular, 1.0, 1.2, 20.0, 0.013, 0.5, 1.0,
            0.0098, 2.0, 0.0398, 0.67, form, G,
        )  # fmt: skip

    assert q(up, down) >= 0.0
    assert q(up + 0.05, down) >= q(up, down) - 1e-6
    assert q(up, down + 0.05) <= q(up, down) + 1e-6
    if up <= down:
        assert q(up, down) == 0.0


def test_pump_follows_its_curve_and_fails_above_it() -> None:
    heads, flows = np.array([1.0, 3.0, 5.0]), np.array([12.0, 10.0, 4.0])
    got = [hy.pump_discharge(h, heads, flows, 3) for h in (-1.0, 2.0, 4.0, 5.0, 5.1)]
    assert got == pytest.approx([12.0, 11.0, 7.0, 4.0, 0.0])
    assert hy.pump_discharge(50.0, heads, flows, 1) == 12.0


def test_siphon_pipe_obeys_the_energy_equation() -> None:
    q = hy.full_pipe_discharge(2.0, 0.5, 50.0, 0.012, 0.5, 1.0, G)
    v = q / (math.pi * 0.25 / 4)
    loss = (1.5 + 2 * G * 0.012**2 * 50.0 / 0.125 ** (4 / 3)) * v * v / (2 * G)
    assert loss == pytest.approx(2.0, rel=1e-12)
