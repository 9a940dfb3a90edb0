"""The exact solutions of the verification against published figures and one another."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.verification.bumps import Bump, bump_bed
from benchmarks.verification.channels import macdonald_depth
from benchmarks.verification.formulae import (
    hydraulic_bed,
    kinematic_plane,
    normal_depth,
    ritter,
    stoker,
    thacker_planar,
    thacker_radial,
    travelling_rain,
    wave_on_plane,
)

if TYPE_CHECKING:
    from pathlib import Path


def table(real_data: Path, name: str) -> np.ndarray:
    return np.loadtxt(real_data / "flood" / "swashes" / f"{name}.txt", comments="#")


@pytest.mark.parametrize(("time_s", "depth_m"), [(3600.0, 0.7326), (9000.0, 1.0850)])
def test_wave_on_plane_has_the_published_depth_at_its_origin(time_s: float, depth_m: float) -> None:
    found = wave_on_plane(np.zeros(1), time_s, u=0.4, n=0.03)
    assert found[0] == pytest.approx(depth_m, abs=5e-5)


def test_plane_under_rain_joins_its_three_limbs() -> None:
    plane = {"length": 200.0, "n": 0.05, "s": 0.01, "i": 2.8e-5, "until": 1800.0}
    t = np.linspace(0.0, 40_000.0, 20_001)
    q = kinematic_plane(t, **plane)
    assert np.abs(np.diff(q)).max() < 0.005 * q.max()
    assert q.max() == pytest.approx(2.8e-5 * 200.0)
    assert np.trapezoid(q, t) == pytest.approx(2.8e-5 * 200.0 * 1800.0, rel=5e-3)


def test_travelling_rain_keeps_the_water_that_falls() -> None:
    xi = np.linspace(-2000.0, 2000.0, 2001)
    for convective in (True, False):
        h, q = travelling_rain(
            xi,
            rain=lambda x: 2.5e-5 if abs(x) < 500.0 else 0.0,
            total=lambda x: 2.5e-5 * float(np.clip(500.0 - x, 0.0, 1000.0)),
            speed=0.8,
            h_0=0.1,
            n=0.05,
            s=0.002,
            convective=convective,
        )
        assert h[-1] == pytest.approx(0.1, abs=1e-6)
        gained = (q[-1] - q[0]) - 0.8 * (h[-1] - h[0])
        assert gained == pytest.approx(2.5e-5 * 1000.0, rel=1e-9)
        assert normal_depth(q[0], 0.05, 0.002) == pytest.approx(h[0], rel=1e-9)


@pytest.mark.realdata
def test_dam_breaks_match_the_published_tables(real_data: Path) -> None:
    dry = table(real_data, "dambreak_ritter_dry_1d_400")
    h, u = ritter(dry[:, 0] - 5.0, 6.0, 0.005)
    assert np.abs(h - dry[:, 1]).max() < 1e-8
    assert np.abs(u - dry[:, 2]).max() < 1e-6
    wet = table(real_data, "dambreak_stoker_wet_1d_400")
    h, u = stoker(wet[:, 0] - 5.0, 6.0, 0.005, 0.001)
    assert np.abs(h - wet[:, 1]).max() < 1e-7
    assert np.abs(u - wet[:, 2]).max() < 1e-5


@pytest.mark.realdata
def test_swings_match_the_published_tables(real_data: Path) -> None:
    radial = table(real_data, "thacker_radial_2d_100")
    r = np.hypot(radial[:, 0] - 2.0, radial[:, 1] - 2.0)
    time_s = 3.0 * 2.0 * np.pi / np.sqrt(8.0 * 9.81 * 0.1)
    h = thacker_radial(r, time_s, h_0=0.1, a=1.0, r_0=0.8)
    assert np.abs(h - radial[:, 2]).max() < 1e-6
    planar = table(real_data, "thacker_planar_1d_400")
    x = planar[:, 0] - 2.0
    h = thacker_planar(x, np.zeros_like(x), 10.0303, h_0=0.5, a=1.0, shift=(-0.5, 0.0))
    assert np.abs(h - planar[:, 1]).max() < 1e-4


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "bump"),
    [
        ("bump_subcritical", Bump(q=4.42, below_m=2.0, critical=False, free=False)),
        ("bump_transcritical_noshock", Bump(q=1.53, below_m=0.66, critical=True, free=True)),
        ("bump_transcritical_shock", Bump(q=0.18, below_m=0.33, critical=True, free=False)),
    ],
)
def test_bumps_match_the_published_tables(real_data: Path, name: str, bump: Bump) -> None:
    known = table(real_data, f"{name}_1d_200")
    x = known[:, 0]
    assert np.abs(bump_bed(x) - known[:, 3]).max() < 1e-6
    away = np.abs(x - bump.shock_m()) > 0.13  # the table's cells are 0.125 m long
    assert np.abs(bump.depth(x) - known[:, 1])[away].max() < 5e-4


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "swell", "flow"),
    [
        ("macdonald_long_subcritical_manning", (0.5, 16.0), (2.0, 0.033, 0.0)),
        ("macdonald_long_supercritical_manning", (-0.2, 36.0), (2.5, 0.04, 0.0)),
        ("macdonald_rain_subcritical_manning", (0.5, 16.0), (1.0, 0.033, 1e-3)),
    ],
)
def test_beds_match_the_published_tables(
    real_data: Path, name: str, swell: tuple[float, float], flow: tuple[float, float, float]
) -> None:
    known = table(real_data, f"{name}_1d_200")
    q, n, rain = flow
    fine = np.linspace(0.0, 1000.0, 8001)
    depth = partial(macdonald_depth, crest=swell[0], width=swell[1])
    slope = (depth(fine + 1e-3) - depth(fine - 1e-3)) / 2e-3
    bed = hydraulic_bed(fine, depth(fine), slope, q + rain * fine, n, rain=rain)
    assert np.abs(depth(known[:, 0]) - known[:, 1]).max() < 1e-5
    # SWASHES sums the slope at the right end of each step of 5 m.
    steps = np.diff(known[:, 3]) / 5.0
    assert np.abs(np.interp(known[1:, 0], fine, np.gradient(bed, fine)) - steps).max() < 2e-6
