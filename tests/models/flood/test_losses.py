"""Soils against their analytic integrals, and the bookkeeping of what was taken."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import lambertw

from models.errors import InvalidQuantityError
from models.flood.losses import Losses
from models.flood.soils import ConstantLoss, CurveNumber, GreenAmpt, Horton, green_ampt_depth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.soils import Soil

MM_H = 1e-3 / 3600.0
SHAPE = (2, 3)
WATER = np.full(SHAPE, 10.0)
DRY = np.zeros(SHAPE)


def losses_of(soil: Soil, **options: float | NDArray[np.float64]) -> Losses:
    """Return one soil everywhere."""
    return Losses(soils=[soil], soil_of_cell=np.zeros(SHAPE, np.int32), **options)


def flood(
    losses: Losses,
    ends_s: list[float],
    *,
    share: float = 1.0,
    rain_m_s: float = 0.0,
    depth_m: NDArray[np.float64] = WATER,
) -> NDArray[np.float64]:
    """Take *share* of the capacity in each window, and return the depth lost."""
    lost = losses.to_arrays()["lost_m"]
    for start, end in zip([0.0, *ends_s], ends_s, strict=False):
        rate = losses.capacity_m_s(start, end, depth_m=depth_m, rain_m_s=rain_m_s)
        lost = lost + share * rate * (end - start)
        losses.take(lost, depth_m)
    return lost


windows = st.lists(st.floats(1.0, 900.0), min_size=1, max_size=12).map(
    lambda steps: np.cumsum(steps).tolist()
)


@settings(max_examples=30, deadline=None)
@given(ends=windows, f0=st.floats(20, 200), fc=st.floats(0, 20), k=st.floats(0.5, 10))
def test_a_soil_under_water_takes_the_integral_of_hortons_curve(
    ends: list[float], f0: float, fc: float, k: float
) -> None:
    soil = Horton(initial_m_s=f0 * MM_H, final_m_s=fc * MM_H, decay_1_s=k / 3600.0)
    hours = ends[-1] / 3600.0
    exact_mm = fc * hours + (f0 - fc) / k * (1.0 - math.exp(-k * hours))
    assert flood(losses_of(soil), ends) == pytest.approx(exact_mm / 1000.0, rel=1e-10)


@settings(max_examples=30, deadline=None)
@given(
    ends=windows, conductivity=st.floats(0.1, 120), suction=st.floats(0.02, 0.4),
    deficit=st.floats(0.05, 0.45),
)  # fmt: skip
def test_a_soil_under_water_takes_the_depth_of_green_and_ampt(
    ends: list[float], conductivity: float, suction: float, deficit: float
) -> None:
    soil = GreenAmpt(conductivity_m_s=conductivity * MM_H, suction_m=suction, deficit=deficit)
    scale = suction * deficit
    grown = conductivity * MM_H * ends[-1] / scale
    exact_m = -scale * (1.0 + lambertw(-math.exp(-1.0 - grown), -1).real)
    assert flood(losses_of(soil), ends) == pytest.approx(exact_m, rel=1e-7)


def test_green_ampt_satisfies_its_implicit_equation_over_ten_decades() -> None:
    scale = 0.05
    for exponent in range(-8, 3):
        grown_m = scale * 10.0**exponent
        depth = green_ampt_depth(1e-6, scale, 0.0, grown_m / 1e-6)
        ratio = depth / scale
        left = (
            ratio - math.log1p(ratio)
            if ratio > 0.05
            else sum((-1) ** n * ratio**n / n for n in range(2, 14))
        )
        assert left * scale == pytest.approx(grown_m, rel=1e-11)


def test_early_green_ampt_follows_philips_two_terms() -> None:
    # Philip (1957): F = s √t + A t, with s² = 2 K S and A = 2/3 K for a sharp front.
    conductivity, scale, time_s = 1e-6, 0.05, 20.0
    depth = green_ampt_depth(conductivity, scale, 0.0, time_s)
    philip = math.sqrt(2.0 * conductivity * scale * time_s) + 2.0 / 3.0 * conductivity * time_s
    assert depth == pytest.approx(philip, rel=1e-4)
    assert depth != pytest.approx(math.sqrt(2.0 * conductivity * scale * time_s), rel=1e-3)


@settings(max_examples=40, deadline=None)
@given(
    number=st.floats(30, 100), ratio=st.floats(0.0, 0.3),
    rates=st.lists(st.floats(0, 200), min_size=1, max_size=8),
)  # fmt: skip
def test_the_rain_that_the_curve_number_leaves_is_the_scs_runoff(
    number: float, ratio: float, rates: list[float]
) -> None:
    losses = losses_of(CurveNumber(number=number, abstraction_ratio=ratio))
    lost = np.zeros(SHAPE)
    for n, rate in enumerate(rates):
        start, end = 600.0 * n, 600.0 * (n + 1)
        capacity = losses.capacity_m_s(start, end, depth_m=WATER, rain_m_s=rate * MM_H)
        assert (capacity <= rate * MM_H * (1 + 1e-12)).all()
        lost = lost + capacity * 600.0
        losses.take(lost, WATER)
    rain_mm = sum(rates) / 6.0
    retention_mm = 25400.0 / number - 254.0
    above = max(rain_mm - ratio * retention_mm, 0.0)
    runoff_mm = above**2 / (above + retention_mm) if above > 0.0 else 0.0
    assert rain_mm - lost * 1000.0 == pytest.approx(np.full(SHAPE, runoff_mm), abs=1e-9)


def test_the_curve_number_takes_no_water_that_runs_on() -> None:
    losses = losses_of(CurveNumber(number=60))
    assert (losses.capacity_m_s(0.0, 60.0, depth_m=WATER, rain_m_s=0.0) == 0.0).all()


def test_horton_moves_along_its_curve_by_depth_and_not_by_time() -> None:
    soil = Horton(initial_m_s=100 * MM_H, final_m_s=10 * MM_H, decay_1_s=4 / 3600.0)
    slow, fast = losses_of(soil), losses_of(soil)
    half = flood(slow, np.arange(60.0, 3601.0, 60.0).tolist(), share=0.4)
    # Find the time under water that takes the same depth: its rate is the slow soil's.
    seconds = np.linspace(1.0, 3600.0, 36000)
    k, f0, fc = 4 / 3600.0, 100 * MM_H, 10 * MM_H
    curve = fc * seconds + (f0 - fc) / k * (1 - np.exp(-k * seconds))
    same = float(np.interp(half[0, 0], curve, seconds))
    flood(fast, [same])
    after = [
        each.capacity_m_s(0.0, 60.0, depth_m=WATER, rain_m_s=0.0)[0, 0] for each in (slow, fast)
    ]
    assert after[0] == pytest.approx(after[1], rel=1e-5)


def test_a_dry_horton_soil_recovers_as_its_equation_says() -> None:
    soil = Horton(
        initial_m_s=100 * MM_H, final_m_s=10 * MM_H, decay_1_s=4 / 3600.0,
        recovery_1_s=0.5 / 3600.0,
    )  # fmt: skip
    losses = losses_of(soil)
    flood(losses, [1800.0])
    lost = losses.to_arrays()["lost_m"]
    for n in range(10):
        losses.capacity_m_s(n * 720.0, (n + 1) * 720.0, depth_m=DRY, rain_m_s=0.0)
        losses.take(lost, DRY)
    wet = (1 - math.exp(-2.0)) * math.exp(-0.5 * 2.0)
    expected = 100 * MM_H - 90 * MM_H * wet
    rate = losses.capacity_m_s(0.0, 1e-3, depth_m=DRY, rain_m_s=0.0)
    assert rate == pytest.approx(expected, rel=1e-6)


def test_a_soil_under_still_water_does_not_recover() -> None:
    soil = Horton(initial_m_s=1e-5, final_m_s=0.0, decay_1_s=1e-3, recovery_1_s=1e-3, most_m=0.001)
    losses = losses_of(soil)
    lost = flood(losses, [3600.0])
    assert lost == pytest.approx(0.001)
    assert flood(losses, [3600.0, 7200.0]) == pytest.approx(0.001)


@pytest.mark.parametrize(
    "soil",
    [
        ConstantLoss(rate_m_s=1e-5, most_m=0.02),
        Horton(initial_m_s=2e-5, final_m_s=1e-5, decay_1_s=1e-3, most_m=0.02),
        GreenAmpt(conductivity_m_s=1e-5, suction_m=0.1, deficit=0.3, most_m=0.02),
    ],
)
def test_a_full_soil_takes_no_more(soil: Soil) -> None:
    assert flood(losses_of(soil), [1800.0, 3600.0, 9000.0]) == pytest.approx(0.02, rel=1e-9)


def test_deep_water_presses_into_the_ground_where_asked() -> None:
    lost = {}
    for ponded in (False, True):
        soil = GreenAmpt(conductivity_m_s=1e-6, suction_m=0.1, deficit=0.3, ponded=ponded)
        lost[ponded] = flood(losses_of(soil), [600.0], depth_m=np.full(SHAPE, 0.9))[0, 0]
    deep = GreenAmpt(conductivity_m_s=1e-6, suction_m=1.0, deficit=0.3)
    assert lost[True] == pytest.approx(flood(losses_of(deep), [600.0])[0, 0], rel=1e-12)
    assert lost[True] > 2.0 * lost[False]


def test_each_cell_loses_by_its_own_soil_and_its_pervious_share() -> None:
    soils = [ConstantLoss(rate_m_s=1e-6), ConstantLoss(rate_m_s=3e-6)]
    losses = Losses(
        soils=soils, soil_of_cell=np.array([[0, 1, -1], [0, 1, 1]]),
        pervious=np.array([[1.0, 0.5, 1.0], [0.25, 1.0, 0.0]]), evaporation_m_s=1e-8,
    )  # fmt: skip
    rate = losses.capacity_m_s(0.0, 60.0, depth_m=WATER, rain_m_s=0.0)
    expected = np.array([[1e-6, 1.5e-6, 0.0], [0.25e-6, 3e-6, 0.0]]) + 1e-8
    assert rate == pytest.approx(expected, rel=1e-12)


def test_what_is_lost_is_split_between_ground_and_air() -> None:
    losses = losses_of(ConstantLoss(rate_m_s=3e-6), evaporation_m_s=1e-6)
    lost = flood(losses, [100.0, 200.0], share=0.5)
    assert losses.infiltrated_m == pytest.approx(0.75 * lost)
    assert losses.infiltrated_m + losses.evaporated_m == pytest.approx(lost, rel=1e-12)


def test_a_capacity_holds_over_the_short_windows_that_its_window_is_cut_into() -> None:
    soil = GreenAmpt(conductivity_m_s=1e-6, suction_m=0.2, deficit=0.3)
    losses, whole = losses_of(soil), losses_of(soil)
    lost = np.zeros(SHAPE)
    assert losses.held_m_s(2.0) is None
    rate = losses.capacity_m_s(0.0, 60.0, depth_m=WATER, rain_m_s=0.0)
    for end in range(2, 61, 2):
        assert losses.held_m_s(float(end)) is rate
        lost = lost + 2.0 * rate
        if losses.is_due(float(end)):
            losses.take(lost, WATER)
    assert losses.held_m_s(62.0) is None
    assert losses.infiltrated_m == pytest.approx(flood(whole, [60.0]), rel=1e-12)


def test_a_restored_soil_goes_on_to_the_same_bytes() -> None:
    soils: list[Soil] = [
        Horton(initial_m_s=2e-5, final_m_s=1e-6, decay_1_s=1e-3, recovery_1_s=1e-4),
        GreenAmpt(conductivity_m_s=1e-6, suction_m=0.2, deficit=0.3),
        CurveNumber(number=70),
    ]
    cells = np.array([[0, 1, 2], [2, 1, 0]])

    def made() -> Losses:
        return Losses(soils=soils, soil_of_cell=cells, pervious=np.full(SHAPE, 0.6))

    whole, first, second = made(), made(), made()
    ends = [60.0, 95.0, 300.0, 420.0, 421.0, 600.0]
    lost = np.zeros(SHAPE)

    def go(losses: Losses, start: float, end: float, lost: NDArray[np.float64]) -> None:
        rate = losses.capacity_m_s(start, end, depth_m=WATER, rain_m_s=2e-5)
        lost += 0.7 * rate * (end - start)
        losses.take(lost, WATER)

    parts = np.zeros(SHAPE)
    for n, (start, end) in enumerate(zip([0.0, *ends], ends, strict=False)):
        go(whole, start, end, lost)
        if n == 3:
            second.restore({name: array.copy() for name, array in first.to_arrays().items()})
        go(first if n < 3 else second, start, end, parts)
    for name, array in whole.to_arrays().items():
        assert array.tobytes() == second.to_arrays()[name].tobytes()


@pytest.mark.parametrize(
    ("soil", "said"),
    [
        (ConstantLoss(rate_m_s=-1.0), "rate_m_s"),
        (ConstantLoss(rate_m_s=math.nan), "rate_m_s"),
        (Horton(initial_m_s=1e-6, final_m_s=2e-6, decay_1_s=1e-3), "final_m_s"),
        (Horton(initial_m_s=1e-6, final_m_s=0.0, decay_1_s=0.0), "decay_1_s"),
        (GreenAmpt(conductivity_m_s=1e-6, suction_m=0.1, deficit=1.5), "deficit"),
        (CurveNumber(number=0.0), "curve number"),
        (CurveNumber(number=101.0), "curve number"),
    ],
)
def test_an_impossible_soil_is_refused_by_name(soil: Soil, said: str) -> None:
    with pytest.raises(InvalidQuantityError) as caught:
        losses_of(soil)
    assert said in str(caught.value)


def test_wrong_arrays_are_refused_by_place() -> None:
    soil = ConstantLoss(rate_m_s=1e-6)
    share = np.ones(SHAPE)
    share[1, 2] = 1.5
    with pytest.raises(InvalidQuantityError, match="between 0 and 1") as caught:
        losses_of(soil, pervious=share)
    assert caught.value.where == "pervious, row 1, column 2"
    with pytest.raises(InvalidQuantityError, match="not among"):
        Losses(soils=[soil], soil_of_cell=np.ones(SHAPE, np.int32))
    with pytest.raises(InvalidQuantityError, match="another shape"):
        losses_of(soil).restore({"progress": np.zeros((1, 1))})
    with pytest.raises(InvalidQuantityError, match="must lie between"):
        losses_of(soil, evaporation_m_s=1.0)
