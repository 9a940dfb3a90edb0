"""A network in SWMM below two streets: conservation, backwater, surcharge, a closed-form tank."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from models.drainage.coupling import AS_IN_FILE, Coupling, SewerParameters
from models.errors import InvalidInputError, NumericalError
from twin.engine.sewer_process import SewerProcess

Start = Callable[..., SewerProcess]
Join = Callable[..., Coupling]


@dataclass
class Streets:
    """Water in the streets above a network, and what it exchanged."""

    process: SewerProcess
    volume_m3: NDArray[np.float64]
    window_s: int = 5
    outfall_m3: float = 0.0
    given_m3: float = 0.0
    head_m: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    passed: list[NDArray[np.float64]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.initial_m3 = float(self.volume_m3.sum())

    def run(self, seconds: int, tide_m: float, *, rain_m3_s: float = 0.0) -> None:
        for _ in range(seconds // self.window_s):
            depth = np.append(self.volume_m3 / 100.0, 0.0)
            result = self.process.advance(
                [(self.window_s, depth, np.zeros(3), np.full((2, 1), tide_m))]
            )
            self.volume_m3 = self.volume_m3 - result.node_m3
            self.volume_m3[0] += rain_m3_s * self.window_s
            self.given_m3 += rain_m3_s * self.window_s
            self.outfall_m3 += float(result.outfall_m3[0])
            self.head_m = result.head_m
            self.passed.append(result.node_m3 / self.window_s)

    @property
    def lost_m3(self) -> float:
        """What the streets lost less what the network says it got, m³."""
        ledger = self.process.ledger
        lost = self.initial_m3 + self.given_m3 - float(self.volume_m3.sum())
        return lost - (ledger.from_streets_m3 - ledger.to_streets_m3)


def streets(process: SewerProcess, first_m3: float = 0.0, *, window_s: int = 5) -> Streets:
    return Streets(process=process, volume_m3=np.asarray([first_m3, 0.0]), window_s=window_s)


def test_what_leaves_the_streets_enters_the_network_and_back(start: Start) -> None:
    water = streets(start(), 50.0)
    water.run(600, -1.0, rain_m3_s=0.1)
    water.run(900, 3.0)
    water.run(900, -1.0)
    ledger = water.process.ledger
    assert ledger.from_streets_m3 > 50.0
    assert ledger.to_streets_m3 > 50.0
    assert abs(water.lost_m3) < 1e-9 * ledger.from_streets_m3
    net = ledger.to_outfalls_m3 - ledger.from_outfalls_m3
    assert water.outfall_m3 == pytest.approx(net, abs=1e-9)
    assert ledger.own_inflow_m3 == 0.0
    assert ledger.lost_m3 == 0.0


def test_swmm_books_what_we_book_so_its_own_error_is_what_its_equations_make(start: Start) -> None:
    water = streets(start(), 50.0)
    water.run(1200, -1.0, rain_m3_s=0.1)
    ledger = water.process.ledger
    told = ledger.stored_m3 - ledger.initial_m3 - ledger.residual_m3
    booked = ledger.from_streets_m3 - ledger.to_outfalls_m3
    assert told == pytest.approx(booked, rel=1e-12)
    assert 0.0 < ledger.continuity < 0.05


def test_a_steady_inflow_passes_to_the_outfall(start: Start) -> None:
    water = streets(start())
    water.run(1800, -1.0, rain_m3_s=0.1)
    assert water.passed[-1][0] == pytest.approx(0.1, rel=1e-3)
    before = water.outfall_m3
    water.run(60, -1.0, rain_m3_s=0.1)
    assert water.outfall_m3 - before == pytest.approx(6.0, rel=1e-3)


@pytest.mark.parametrize("window_s", [1, 5, 10])
def test_a_tide_above_the_streets_comes_up_and_stands_at_its_own_level(
    start: Start, window_s: int
) -> None:
    water = streets(start(), window_s=window_s)
    water.run(3600, 2.5)
    assert 2.0 + water.volume_m3 / 100.0 == pytest.approx(2.5, abs=0.05)
    assert water.head_m == pytest.approx(2.5, abs=0.05)
    # At rest, not to and fro from window to window.
    late = np.asarray(water.passed[-20:])
    assert np.abs(np.diff(late, axis=0)).max() < 0.02


def test_a_flap_keeps_the_tide_out_and_the_rain_in(start: Start, two_pipes: str) -> None:
    water = streets(start(two_pipes.replace("FREE NO", "FREE YES")), 30.0)
    water.run(1800, 3.0)
    assert water.process.ledger.from_outfalls_m3 == 0.0
    assert water.outfall_m3 == 0.0
    # All that the pipes hold has gone down; the rest stands in the streets.
    assert 0.0 < water.volume_m3.sum() < 10.0


def test_the_higher_the_tide_the_slower_the_street_drains(start: Start) -> None:
    left = []
    for tide in (-1.0, 1.9, 2.1):
        water = streets(start(), 60.0)
        water.run(300, tide)
        left.append(float(water.volume_m3.sum()))
    assert left[0] < left[1] < left[2]


def test_a_street_never_gives_more_than_it_has(start: Start, coupling: Join) -> None:
    wide = coupling(weir_m=np.full(2, 500.0), opening_m2=np.full(2, 50.0))
    water = streets(start(joined=wide), 1.0, window_s=10)
    water.run(120, -1.0)
    assert water.volume_m3.min() > -1e-9
    assert water.volume_m3[0] < 0.01


def test_a_tank_fills_as_the_closed_form_says(start: Start, coupling: Join) -> None:
    area, level, crest = 40.0, 3.0, 2.0
    text = f"""[OPTIONS]
FLOW_UNITS CMS
START_DATE 01/01/2000
[STORAGE]
T 0 9 0 FUNCTIONAL 0 0 {area}
[OUTFALLS]
O 8 FREE NO
[CONDUITS]
P T O 50 0.013 8.5 0 0 0
[XSECTIONS]
P CIRCULAR 0.3 0 0 0 1
"""
    joined = coupling(
        nodes=("T",), cell=np.asarray([0]), crest_m=np.asarray([crest]),
        weir_m=np.asarray([3.83]), opening_m2=np.asarray([1.167]),
        node_area_m2=np.asarray([area]), outfall_cell=np.asarray([AS_IN_FILE]),
        cell_bed_m=np.asarray([crest]), cell_area_m2=np.asarray([100.0]),
        cell_zone=np.asarray([1]),
    )  # fmt: skip
    process = start(text, joined, SewerParameters(damping=1.0))
    rate = 0.167 * 1.167 * sqrt(2.0 * 9.81)
    # A steady orifice until the tank is full to the crest, then a falling one: d√(H-P)/dt is
    # constant, and the tank stands level with the street after a time that can be told.
    reached = crest * area / (rate * sqrt(level - crest))
    for end in range(10, 240, 10):
        result = process.advance([(10, np.zeros(1), np.zeros(1), np.full((2, 1), level))])
        falling = max(0.0, sqrt(level - crest) - rate * max(0.0, end - reached) / (2.0 * area))
        exact = rate * sqrt(level - crest) * end / area if end < reached else level - falling**2
        # SWMM lets the first inflow rise over its first step: half a second late.
        assert float(result.head_m[0]) == pytest.approx(exact, abs=0.02)
    assert float(result.head_m[0]) == pytest.approx(level, abs=1e-3)


def test_the_network_comes_back_to_the_last_digit_when_it_is_asked_again(start: Start) -> None:
    windows = [
        (5, np.asarray([0.01 * (k % 7), 0.0, 0.0]), np.zeros(3), np.full((2, 1), 0.02 * k))
        for k in range(120)
    ]
    first, second = start(), start()
    for window in windows:
        one = first.advance([window])
    again = second.advance(windows)
    assert np.array_equal(one.head_m, again.head_m)
    assert np.array_equal(one.node_m3, again.node_m3)
    assert one.ledger == again.ledger


def test_two_networks_run_at_once_without_touching_each_other(start: Start) -> None:
    wet, dry = streets(start(), 50.0), streets(start())
    wet.run(60, -1.0)
    dry.run(60, -1.0)
    assert wet.process.ledger.from_streets_m3 > 1.0
    assert dry.process.ledger.from_streets_m3 == 0.0


def test_units_do_not_change_the_water(start: Start, two_pipes: str) -> None:
    metric = streets(start(), 50.0)
    feet = two_pipes.replace("CMS", "CFS")
    for old, new in (
        ("A  0.0 2", f"A 0.0 {2 / 0.3048}"),
        ("B -0.1 2", f"B {-0.1 / 0.3048} {2 / 0.3048}"),
        ("O -0.2", f"O {-0.2 / 0.3048}"),
        ("A B 50", f"A B {50 / 0.3048}"),
        ("B O 50", f"B O {50 / 0.3048}"),
        ("CIRCULAR 0.6", f"CIRCULAR {0.6 / 0.3048}"),
    ):
        assert old in feet
        feet = feet.replace(old, new)
    imperial = streets(start(feet), 50.0)
    for water in (metric, imperial):
        water.run(600, -1.0)
    assert imperial.volume_m3 == pytest.approx(metric.volume_m3, abs=1e-3)
    assert imperial.head_m == pytest.approx(metric.head_m, abs=1e-3)


def test_a_datum_shifts_every_level(start: Start, coupling: Join) -> None:
    plain = streets(start(), 50.0)
    high = coupling(crest_m=np.full(2, 12.0), cell_bed_m=np.asarray([12.0, 12.0, 8.0]))
    shifted = streets(start(joined=high, parameters=SewerParameters(datum_m=10.0)), 50.0)
    plain.run(300, 1.0)
    shifted.run(300, 11.0)
    assert shifted.volume_m3 == pytest.approx(plain.volume_m3, abs=1e-6)
    assert shifted.head_m - 10.0 == pytest.approx(plain.head_m, abs=1e-6)


def test_inflows_of_the_file_are_counted_apart(start: Start, two_pipes: str) -> None:
    text = two_pipes + "[DWF]\nA FLOW 0.02\n"
    water = streets(start(text))
    water.run(600, -1.0)
    assert water.process.ledger.own_inflow_m3 == pytest.approx(12.0, rel=2e-3)
    assert water.process.ledger.from_streets_m3 == 0.0


def test_what_swmm_refuses_is_said_with_the_line_of_the_file(start: Start, two_pipes: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        start(two_pipes.replace("P2 B O", "P2 B X"))
    assert "undefined object X at line 12 of [CONDUIT] section: P2 B X" in str(caught.value)


def test_a_crash_of_the_library_is_an_error_and_not_the_end(start: Start) -> None:
    water = streets(start(), 10.0)
    water.run(30, -1.0)
    os.kill(water.process._process.pid, signal.SIGKILL)
    with pytest.raises(NumericalError, match="SWMM crashed"):
        water.run(30, -1.0)


def test_a_network_that_makes_water_out_of_nothing_is_stopped(start: Start) -> None:
    # SWMM's older surcharge does, beside streets: the reason why it is not used.
    water = streets(start(more="[OPTIONS]\nSURCHARGE_METHOD EXTRAN\n"))
    with pytest.raises(NumericalError, match=r"made \d+ m³ of water by themselves"):
        water.run(3600, 3.0)
