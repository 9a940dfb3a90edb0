from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.flood.boundaries import Constituent, LevelSeries
from models.flood.hazard import aidr_class, debris_factor, defra_class, defra_rating
from models.flood.rainfall import Hyetograph, alternating_block, chicago, constant, triangular
from models.tides import TIDAL_SPEEDS_DEG_H


@given(
    depths_m=st.lists(st.floats(0.0, 0.2), min_size=1, max_size=12),
    cuts=st.lists(st.floats(-500.0, 8000.0), max_size=12),
)
def test_a_hyetograph_loses_nothing_between_windows(
    depths_m: list[float], cuts: list[float]
) -> None:
    times_s = np.arange(len(depths_m) + 1) * 600.0
    rain = Hyetograph.from_depths(times_s, depths_m)
    ends = sorted({-1000.0, *cuts, 10_000.0})
    fallen = sum(rain.mean_rate_m_s(a, b) * (b - a) for a, b in pairwise(ends))
    assert fallen == pytest.approx(sum(depths_m), abs=1e-12)


@given(
    depth_m=st.floats(0.001, 0.3),
    duration_s=st.floats(3000.0, 40_000.0),
    peak=st.floats(0.0, 1.0),
    step_s=st.floats(300.0, 2000.0),
)
def test_design_storms_conserve_their_depth(
    depth_m: float, duration_s: float, peak: float, step_s: float
) -> None:
    storms = [
        constant(depth_m=depth_m, duration_s=duration_s, start_s=100.0),
        triangular(depth_m=depth_m, duration_s=duration_s, peak=peak, step_s=step_s),
        chicago(
            depth_m=depth_m, duration_s=duration_s, b_s=1800.0, c=0.7, peak=peak, step_s=step_s
        ),
    ]
    for storm in storms:
        assert storm.depth_m == pytest.approx(depth_m, rel=1e-12)
        assert np.ptp(storm.times_s) == pytest.approx(duration_s)


def test_a_triangular_storm_peaks_where_it_should() -> None:
    storm = triangular(depth_m=0.1, duration_s=8000.0, peak=0.25, step_s=100.0)
    peak_s = storm.times_s[np.argmax(storm.rates_m_s)]
    assert peak_s == pytest.approx(2000.0, abs=100.0)
    assert storm.rates_m_s.max() == pytest.approx(2 * 0.1 / 8000.0, rel=0.02)


def test_alternating_blocks_hold_the_curve_in_every_duration() -> None:
    def curve(duration_s: float) -> float:
        return 0.1 * float((duration_s / 10_800.0) ** 0.4)

    storm = alternating_block(depth_of_duration_m=curve, duration_s=10_800.0, step_s=600.0)
    blocks_m = storm.rates_m_s * 600.0
    for count in (1, 2, 5, 18):
        best = max(blocks_m[i : i + count].sum() for i in range(18 - count + 1))
        assert best == pytest.approx(curve(600.0 * count), rel=1e-9)


@pytest.mark.parametrize(
    ("times", "rates", "message"),
    [
        ([0, 10, 10], [1e-6, 1e-6], "time 2"),
        ([0, 10, 20], [1e-6, -1e-6], "interval 1"),
        ([0, 10, 20], [1e-6, np.nan], "interval 1"),
        ([0, 10], [50.0], "interval 0"),
        ([0, 10], [1e-6, 1e-6], "one rate"),
    ],
)
def test_a_wrong_hyetograph_is_named(times: list[float], rates: list[float], message: str) -> None:
    with pytest.raises(InvalidQuantityError, match=message):
        Hyetograph(times_s=np.array(times, float), rates_m_s=np.array(rates, float))


def test_the_cosine_passes_through_high_and_low_waters() -> None:
    times = [0.0, 21_000.0, 45_000.0, 66_000.0]
    extremes = [1.4, -0.8, 1.2, -0.5]
    tide = LevelSeries.cosine_between_extremes(times, extremes, offset_m=0.1)
    for t, z in zip(times, extremes, strict=True):
        assert tide.level_m(t) == pytest.approx(z + 0.1)
    assert tide.level_m(10_500.0) == pytest.approx(0.3 + 0.1)
    between = [tide.level_m(t) for t in np.linspace(0.0, 66_000.0, 500)]
    assert min(between) >= -0.7 - 1e-9
    assert max(between) <= 1.5 + 1e-9


def test_extremes_must_alternate() -> None:
    with pytest.raises(InvalidQuantityError, match="level 1"):
        LevelSeries.cosine_between_extremes([0.0, 10.0, 20.0], [0.0, 1.0, 2.0])


def test_the_harmonic_tide_is_the_sum_of_cosines() -> None:
    tide = LevelSeries.harmonic(
        (
            Constituent(
                name="M2", amplitude_m=0.8, speed_deg_h=TIDAL_SPEEDS_DEG_H["M2"], phase_deg=30.0
            ),
            Constituent(
                name="K1", amplitude_m=0.6, speed_deg_h=TIDAL_SPEEDS_DEG_H["K1"], phase_deg=200.0
            ),
        ),
        mean_m=0.2,
    )
    hours = 7.25
    by_hand = (
        0.2
        + 0.8 * np.cos(np.deg2rad(28.9841042 * hours - 30.0))
        + 0.6 * np.cos(np.deg2rad(15.0410686 * hours - 200.0))
    )
    assert tide.level_m(3600.0 * hours) == pytest.approx(by_hand, abs=1e-12)


def test_a_linear_series_interpolates_and_refuses_to_extrapolate() -> None:
    series = LevelSeries.linear([0.0, 100.0, 300.0], [1.0, 2.0, 0.0])
    assert [series.level_m(t) for t in (0.0, 50.0, 100.0, 200.0, 300.0)] == [1, 1.5, 2, 1, 0]
    for t in (-1.0, 301.0, float("nan")):
        with pytest.raises(InvalidQuantityError, match="known from 0 s to 300 s"):
            series.level_m(t)
    assert LevelSeries.constant(0.7).level_m(1e9) == 0.7


def test_defra_classes_change_at_their_limits() -> None:
    assert defra_class([0.0, 0.7499, 0.75, 1.2499, 1.25, 1.9999, 2.0]).tolist() == [
        0, 0, 1, 1, 2, 2, 3,
    ]  # fmt: skip
    assert defra_class(2.2, limits=(0.75, 1.25, 2.5)) == 2


def test_the_debris_factor_follows_land_and_depth() -> None:
    depth_m = [0.25, 0.26, 0.75, 0.76]
    assert debris_factor(depth_m, 0).tolist() == [0.0, 0.0, 0.0, 0.5]
    assert debris_factor(depth_m, 1).tolist() == [0.0, 0.5, 0.5, 1.0]
    assert debris_factor(depth_m, 2).tolist() == [0.0, 1.0, 1.0, 1.0]
    assert defra_rating(0.5, 1.5) == pytest.approx(0.5 * 2.0 + 1.0)


@pytest.mark.parametrize(
    ("depth_m", "speed_m_s", "expected"),
    [
        (0.0, 0.0, 1), (0.3, 1.0, 1), (0.3001, 0.1, 2), (0.5, 1.2, 2), (0.51, 0.1, 3),
        (1.2, 0.5, 3), (1.21, 0.1, 4), (2.0, 0.5, 4), (2.01, 0.1, 5), (0.1, 2.01, 5),
        (1.0, 4.0, 5), (4.01, 0.0, 6), (0.1, 4.01, 6),
    ],
)  # fmt: skip
def test_aidr_classes_change_at_their_limits(
    depth_m: float, speed_m_s: float, expected: int
) -> None:
    assert aidr_class(depth_m, speed_m_s) == expected


def test_hazard_refuses_a_depth_that_is_not_physical() -> None:
    with pytest.raises(InvalidQuantityError, match="depth_m"):
        defra_rating(-0.1, 0.0)


@given(
    depths_m=st.lists(st.floats(0.0, 5.0), min_size=1, max_size=20),
    data=st.data(),
)
def test_the_class_of_the_maxima_is_the_largest_class_of_all_times(
    depths_m: list[float], data: st.DataObject
) -> None:
    size = len(depths_m)
    depth = np.array(depths_m)
    speed = np.array(data.draw(st.lists(st.floats(0.0, 6.0), min_size=size, max_size=size)))
    of_maxima = aidr_class(depth.max(), speed.max(), (depth * speed).max())
    assert of_maxima == aidr_class(depth, speed).max()
