"""Astronomical arguments and nodal corrections, against tables, the clock, and a peer."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.tides import ARGUMENTS, TIDAL_SPEEDS_DEG_H, equilibrium_deg, nodal

if TYPE_CHECKING:
    from pathlib import Path

TIMES = st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
NAMES = st.sampled_from(sorted(ARGUMENTS))


def test_speeds_are_those_of_the_tables() -> None:
    # Schureman (1958), table 2.
    table = {"M2": 28.9841042, "S2": 30.0, "N2": 28.4397295, "K2": 30.0821373, "K1": 15.0410686}
    table |= {"O1": 13.9430356, "Q1": 13.3986609, "SSA": 0.0821373, "MK3": 44.0251729}
    table |= {"T2": 29.9589333, "L2": 29.5284789, "RHO1": 13.4715145, "2SM2": 31.0158958}
    assert {name: TIDAL_SPEEDS_DEG_H[name] for name in table} == pytest.approx(table, abs=2e-7)


@given(NAMES, TIMES, st.integers(1, 20))
def test_the_argument_turns_with_the_speed(name: str, at: datetime, days: int) -> None:
    hours = 24.0 * days + 7.0
    turned = equilibrium_deg(name, at + timedelta(hours=hours)) - equilibrium_deg(name, at)
    error = (turned - TIDAL_SPEEDS_DEG_H[name] * hours + 180.0) % 360.0 - 180.0
    assert abs(error) < 0.02


@given(NAMES, TIMES)
def test_the_zone_of_the_clock_does_not_matter(name: str, at: datetime) -> None:
    here = at.astimezone(datetime.fromisoformat("2025-01-01T00:00+07:00").tzinfo)
    assert equilibrium_deg(name, here) == pytest.approx(equilibrium_deg(name, at), abs=1e-9)


def test_solar_constituents_need_no_correction_and_lunar_ones_swing_in_18_6_years() -> None:
    days = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=30 * k) for k in range(230)]
    assert {nodal("S2", day) for day in days} == {(1.0, 0.0)}
    factors = np.array([[nodal(name, day).f for name in ("M2", "K1", "O1", "K2")] for day in days])
    # Pugh & Woodworth (2014), table 4.3.
    np.testing.assert_allclose(factors.min(0), [0.963, 0.882, 0.806, 0.748], atol=0.012)
    np.testing.assert_allclose(factors.max(0), [1.038, 1.113, 1.183, 1.317], atol=0.012)
    # The moon stood highest in 2006 and 2025: K1 is largest then, M2 smallest.
    assert days[int(factors[:, 1].argmax())].year in {2006, 2007}
    assert abs(nodal("M2", datetime(2025, 1, 29, tzinfo=UTC)).u_deg) < 0.1


def test_shallow_water_constituents_follow_those_that_make_them() -> None:
    at = datetime(2025, 10, 22, tzinfo=UTC)
    m2 = nodal("M2", at)
    assert nodal("M4", at) == pytest.approx((m2.f**2, 2 * m2.u_deg))
    assert nodal("MS4", at) == pytest.approx(m2)
    assert nodal("2SM2", at) == pytest.approx((m2.f, -m2.u_deg))


def test_what_is_not_known_is_refused() -> None:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    with pytest.raises(InvalidQuantityError, match="'M1'"):
        equilibrium_deg("M1", at)
    with pytest.raises(InvalidQuantityError, match="zone"):
        nodal("M2", at.replace(tzinfo=None))


@pytest.mark.realdata
def test_published_constants_give_the_tide_of_another_programme(real_data: Path) -> None:
    stations = json.loads((real_data / "district7/vietnam_tide_stations_ticon4.json").read_text())
    station = next(s for s in stations if s["id"] == "ticon/vung_tau-383-vnm-uhslc_fd")
    path = next((real_data / "district7").glob("vung_tau_astronomical_2025-10-01*.csv"))
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    other_m = np.array([float(row["level_m_above_msl_vungtau"]) for row in rows])
    start = datetime(2025, 10, 1, tzinfo=UTC)
    hours = np.arange(other_m.size) / 6.0
    level_m = np.zeros(other_m.size)
    for constituent in station["harmonic_constituents"]:
        name = constituent["name"].upper()
        if name in ARGUMENTS:
            f, u = nodal(name, start + timedelta(days=23))
            turned = equilibrium_deg(name, start) + u + TIDAL_SPEEDS_DEG_H[name] * hours
            wave = np.cos(np.radians(turned - constituent["phase"]))
            level_m += f * constituent["amplitude"] * wave
    # A range of 3.9 m; what differs are the small constituents that only the other one knows.
    assert np.sqrt(np.mean((level_m - other_m) ** 2)) < 0.04
    assert np.abs(level_m - other_m).max() < 0.12
