"""
Parts of the engine against formulae worked by hand: soils, structures, drains.

A part that comes later gets a function that returns an :class:`Outcome`, and an entry in
``CASES``; the solvers of ``Case.solvers`` are none where the part needs no flood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from benchmarks.verification.case import Case, Figure, Line, Outcome, Panel, line
from benchmarks.verification.formulae import G
from models.drainage.coupling import AS_IN_FILE, Coupling, SewerParameters
from models.drainage.inp import read_inp
from models.flood.hydraulics import (
    broad_crested_weir,
    culvert_discharge,
    pump_discharge,
    sharp_crested_weir,
    sluice_gate,
)
from models.flood.losses import Losses
from models.flood.soils import ConstantLoss, CurveNumber, GreenAmpt, Horton
from twin.engine.sewer_process import SewerProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.verification.solvers import Maker
    from models.flood.soils import Soil

    FloatArray = NDArray[np.float64]

__all__ = ["CASES", "SOILS"]

_MM_H = 1e-3 / 3600.0
_HOURS = 3.0
_RAIN_M_S = 60.0 * _MM_H


def _horton(t: float) -> float:
    f_0, f_c, k = 76.0 * _MM_H, 13.0 * _MM_H, 4.14 / 3600.0
    return float(f_c * t + (f_0 - f_c) / k * (1.0 - np.exp(-k * t)))


def _green_ampt(t: float) -> float:
    conductivity, s = 10.9 * _MM_H, 0.11 * 0.25

    def gap(depth: float) -> float:
        return float(depth - s * np.log1p(depth / s) - conductivity * t)

    return float(brentq(gap, 0.0, 1.0, xtol=1e-15)) if t > 0.0 else 0.0


def _curve_number(t: float) -> float:
    rain = _RAIN_M_S * t
    kept = 25.4e-3 * (1000.0 / 80.0 - 10.0)
    first = 0.2 * kept
    runoff = (rain - first) ** 2 / (rain - first + kept) if rain > first else 0.0
    return rain - runoff


#: Name, soil and exact integral, m after a time in s.
SOILS: tuple[tuple[str, Soil, Callable[[float], float]], ...] = (
    ("constant", ConstantLoss(rate_m_s=5.0 * _MM_H), lambda t: 5.0 * _MM_H * t),
    (
        "Horton",
        Horton(initial_m_s=76.0 * _MM_H, final_m_s=13.0 * _MM_H, decay_1_s=4.14 / 3600.0),
        _horton,
    ),
    (
        "Green-Ampt",
        GreenAmpt(conductivity_m_s=10.9 * _MM_H, suction_m=0.11, deficit=0.25),
        _green_ampt,
    ),
    ("curve number", CurveNumber(number=80.0), _curve_number),
)


def _soaked(soil: Soil, window_s: float) -> tuple[FloatArray, FloatArray]:
    """Return times and depths taken by a soil under half a metre of water and steady rain."""
    losses = Losses(soils=[soil], soil_of_cell=np.zeros((1, 1), np.int32))
    water, lost = np.full((1, 1), 0.5), np.zeros((1, 1))
    times, taken = [0.0], [0.0]
    for number in range(round(_HOURS * 3600.0 / window_s)):
        begin = number * window_s
        rate = losses.capacity_m_s(begin, begin + window_s, depth_m=water, rain_m_s=_RAIN_M_S)
        lost = lost + rate * window_s
        losses.take(lost, water)
        times.append(begin + window_s)
        taken.append(float(losses.infiltrated_m[0, 0]))
    return np.array(times), np.array(taken)


def _infiltration(make: Maker) -> Outcome:
    del make
    figures: list[Figure] = []
    lines: list[Line] = []
    for name, soil, exact in SOILS:
        worst = 0.0
        for window in (10.0, 60.0, 600.0):
            t, taken = _soaked(soil, window)
            right = np.array([exact(float(time)) for time in t])
            worst = max(worst, float(np.abs(taken - right).max() / right[-1]))
        lines.append(line(f"{name}, integral", t / 60.0, right * 1e3, "reference"))
        lines.append(line(name, t / 60.0, taken * 1e3))
        figures.append(
            Figure(
                name=f"{name}: largest error over windows of 10, 60 and 600 s", value=worst,
                at_most=1e-6, source="relative to the whole; the integrals are exact",
            )
        )  # fmt: skip
    return Outcome(
        figures=tuple(figures),
        panels=(Panel(title="depth taken", x_label="time, min", y_label="mm", lines=tuple(lines)),),
    )


def _close(
    name: str, computed: float, by_hand: float, unit: str, *, share: float, how: str
) -> Figure:
    return Figure(
        name=name, value=computed, unit=unit, at_least=(1.0 - share) * by_hand,
        at_most=(1.0 + share) * by_hand, source=f"{how} = {by_hand:.4g}; {100.0 * share:g} %",
    )  # fmt: skip


#: HDS-5 chart 1: concrete pipe, square edge with headwall: K, M, c, Y, form.
_PIPE = (0.0098, 2.0, 0.0398, 0.67, 1.0)


def _culvert(up: float, down: float) -> float:
    """Return the discharge of a concrete pipe of 1.2 m over 30 m, inverts at 0.3 and 0 m."""
    return float(culvert_discharge(
        up, down, 0.3, 0.0, True, 1.2, 1.2, 30.0, 0.012, 0.5, 1.0, *_PIPE, G,  # noqa: FBT003
    ))  # fmt: skip


def _structures(make: Maker) -> Outcome:
    del make
    heads = np.linspace(0.02, 1.5, 60)
    area, diameter = np.pi * 1.2**2 / 4.0, 1.2
    # Outlet control, submerged at both ends: h = (1 + ke + 19.63 n² L / R^1.33) V² / 2g.
    losses = 1.5 + 19.63 * 0.012**2 * 30.0 / (diameter / 4.0) ** (4.0 / 3.0)
    full = area * np.sqrt(2.0 * G * 0.4 / losses)
    # Inlet control, submerged: HW/D = c (1.811 Q / (A √D))² + Y - 0.5 S, at HW = 3 m.
    ratio = np.sqrt((3.0 / diameter - 0.67 + 0.5 * 0.01) / 0.0398)
    inlet = ratio * area * np.sqrt(diameter) / 1.811
    pump_heads = np.array([0.0, 2.0, 4.0, 6.0, 6.0])
    pump_flows = np.array([1.2, 1.0, 0.6, 0.0, 0.0])
    gate = 0.2 * 0.61 / np.sqrt(1.0 + 0.61 * 0.2 / 2.0) * np.sqrt(2.0 * G * 2.0)
    return Outcome(
        figures=(
            _close("broad-crested weir, head 0.8 m", broad_crested_weir(0.8, 0.0, G),
                   1.705 * 0.8**1.5, "m²/s", share=1e-3, how="1.705 H^1.5"),
            _close("drowned broad crest, 0.8 over 0.7 m", broad_crested_weir(0.8, 0.7, G),
                   0.7 * np.sqrt(2.0 * G * 0.1), "m²/s", share=1e-6, how="h2 √(2g (h1 - h2))"),
            _close("sharp-crested weir, head 0.5 m on 1 m", sharp_crested_weir(0.5, -1.0, 1.0, G),
                   2.0 / 3.0 * (0.611 + 0.075 * 0.5) * np.sqrt(2.0 * G) * 0.5**1.5, "m²/s",
                   share=1e-6, how="Rehbock"),
            _close("drowned sharp crest, 0.5 over 0.3 m", sharp_crested_weir(0.5, 0.3, 1.0, G),
                   0.6771 * (1.0 - 0.6**1.5) ** 0.385, "m²/s", share=1e-3, how="Villemonte"),
            _close("sluice gate, 0.2 m under 2 m", sluice_gate(2.0, 0.0, 0.2, G), float(gate),
                   "m²/s", share=1e-6, how="Cd a √(2 g y1), Cd = Cc / √(1 + Cc a / y1)"),
            _close("culvert full, levels 3.0 and 2.6 m", _culvert(3.0, 2.6), float(full), "m³/s",
                   share=2e-3, how="HDS-5, eq. 3.6"),
            _close("culvert by its inlet, headwater 3 m", _culvert(3.3, 0.0), float(inlet), "m³/s",
                   share=2e-3, how="HDS-5, eq. A.3"),
            _close("pump between two points of its curve, 3 m",
                   pump_discharge(3.0, pump_heads, pump_flows, 4), 0.8, "m³/s", share=1e-12,
                   how="the curve"),
            Figure(name="pump above its curve", unit="m³/s", at_least=0.0, at_most=0.0,
                   value=pump_discharge(7.0, pump_heads, pump_flows, 4), source="nothing"),
        ),
        panels=(
            Panel(
                title="crests and gate, free", x_label="head, m", y_label="m²/s",
                lines=(
                    line("1.705 H^1.5", heads, 1.705 * heads**1.5, "reference"),
                    line("broad crest", heads, [broad_crested_weir(h, 0.0, G) for h in heads]),
                    line("sharp crest", heads,
                         [sharp_crested_weir(h, -1.0, 1.0, G) for h in heads]),
                    line("gate of 0.2 m", heads, [sluice_gate(h, 0.0, 0.2, G) for h in heads]),
                ),
            ),
            Panel(
                title="culvert, outfall free", x_label="headwater, m", y_label="m³/s",
                lines=(line("", heads * 2.0, [_culvert(0.3 + 2.0 * h, 0.0) for h in heads]),),
            ),
        ),
    )  # fmt: skip


_TANK = """[OPTIONS]
FLOW_UNITS CMS
START_DATE 01/01/2000
[STORAGE]
T 0 9 2.3 FUNCTIONAL 0 0 40
[OUTFALLS]
O 8 FREE NO
[CONDUITS]
P T O 50 0.013 8.5 0 0 0
[XSECTIONS]
P CIRCULAR 0.3 0 0 0 1
"""


def _tank(make: Maker) -> Outcome:
    """Two vessels joined by an orifice: √(H - P) falls along a straight line."""
    del make
    street, tank, opening = 100.0, 40.0, 1.167
    numbers = SewerParameters(damping=1.0)
    network = read_inp(_TANK, name="tank.inp")
    process = SewerProcess(
        text=network.run_text(start=network.start, duration_s=7200.0, routing_step_s=1.0),
        flow_units="CMS",
        name="tank.inp",
        coupling=Coupling(
            nodes=("T",), cell=np.zeros(1, np.int64), crest_m=np.array([2.0]),
            weir_m=np.array([3.83]), opening_m2=np.array([opening]), node_area_m2=np.array([tank]),
            outfalls=("O",), outfall_cell=np.array([AS_IN_FILE]), cell_bed_m=np.array([2.0]),
            cell_area_m2=np.array([street]), cell_zone=np.zeros(1, np.int64),
        ),
        parameters=numbers,
    )  # fmt: skip
    depth, times, heads, levels = np.array([1.0]), [0.0], [2.3], [3.0]
    given = 0.0
    for end in range(5, 305, 5):
        result = process.advance([(5, depth.copy(), np.zeros(1), np.zeros((2, 1)))])
        depth -= result.node_m3 / street
        given += float(result.node_m3[0])
        times.append(float(end))
        heads.append(float(result.head_m[0]))
        levels.append(2.0 + float(depth[0]))
    t = np.array(times)
    slope = 0.5 * numbers.orifice_coefficient * opening * np.sqrt(2.0 * G) * (1 / street + 1 / tank)
    drop = np.maximum(np.sqrt(0.7) - slope * t, 0.0) ** 2
    even = (3.0 * street + 2.3 * tank) / (street + tank)
    exact = even - drop * street / (street + tank)
    ledger = process.ledger
    booked = ledger.from_streets_m3 - ledger.to_streets_m3
    return Outcome(
        figures=(
            Figure(name="largest error of the tank's level", unit="m", at_most=0.01,
                   value=float(np.abs(np.array(heads) - exact).max()),
                   source="1 % of the head; SWMM lets the first inflow rise over one step"),
            Figure(name="difference of the levels at the end", value=abs(levels[-1] - heads[-1]),
                   unit="m", at_most=1e-3, source="vessels come level"),
            Figure(name="water that left the street and is not in SWMM's books, share",
                   value=abs(given - booked) / given, at_most=1e-9, source="round-off"),
        ),
        panels=(
            Panel(title="levels", x_label="time, s", y_label="m",
                  lines=(line("closed form, tank", t, exact, "reference"),
                         line("closed form, street", t, exact + drop, "reference"),
                         line("tank", t, heads), line("street", t, levels))),
        ),
    )  # fmt: skip


CASES = (
    Case(
        name="infiltration",
        title="Infiltration against the integrals of its equations",
        what=(
            "Each soil under deep water and rain of 60 mm/h for three hours, taken in windows of "
            "10, 60 and 600 s: the depth taken must not depend on the windows."
        ),
        source="Horton (1940); Green & Ampt (1911); USDA (2004), chapter 10",
        run=_infiltration,
        solvers=(),
    ),
    Case(
        name="structures",
        title="Weirs, gate, culvert and pump against hand formulae",
        what="Single structures at given levels, beside the textbook's number.",
        source="Henderson (1966); Rehbock (1929); Villemonte (1947); FHWA (2012), HDS-5",
        run=_structures,
        solvers=(),
    ),
    Case(
        name="swmm-tank",
        title="Exchange with SWMM against two vessels in closed form",
        what=(
            "A street of 100 m² under 1 m of water over a tank of 40 m² in SWMM, joined by a "
            "drowned manhole: the root of the difference of levels falls along a straight line."
        ),
        source="Torricelli's law for two vessels; coefficients of Rubinato et al. (2017)",
        run=_tank,
        solvers=(),
    ),
)
