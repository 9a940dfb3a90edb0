"""Waves and rain of laboratories: Monai valley, the conical island, three humps, walls in rain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.verification.case import INERTIAL, Case, Figure, Line, Outcome, Panel, line
from benchmarks.verification.files import read_raster, read_table
from benchmarks.verification.gauges import Gauges, Outflow, arrival, closure
from benchmarks.verification.setups import SMOOTH, data_folder, domain_over, run
from models.flood import FloodParameters, Forcing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.verification.solvers import Maker

    FloatArray = NDArray[np.float64]

__all__ = ["CASES"]

_FAST = "waves as steep as these need convective acceleration"


def _western_level(times: FloatArray, levels: FloatArray) -> Callable[[float, float], Forcing]:
    """Return a forcing that prescribes the level of the western column."""

    def forcing(begin_s: float, end_s: float) -> Forcing:
        return Forcing(
            level_start_m=np.interp([begin_s], times, levels),
            level_end_m=np.interp([end_s], times, levels),
        )

    return forcing


def _west_zone(shape: tuple[int, int]) -> NDArray[np.int16]:
    zone = np.zeros(shape, np.int16)
    zone[:, 0] = 1
    return zone


#: Gauge, its place, and the largest level, mm, and its time, s, of ANUGA's own validation.
_MONAI = (
    ("5", (4.521, 1.196), 35.5, 18.40),
    ("7", (4.521, 1.696), 38.6, 17.00),
    ("9", (4.521, 2.196), 43.2, 16.85),
)


def _monai(make: Maker) -> Outcome:
    folder = data_folder("flood/okushiri_monai")
    raster = read_raster(folder / "Benchmark_2_Bathymetry.asc")
    drive = read_table(folder / "Benchmark_2_input.txt")
    measured = read_table(folder / "output_ch5-7-9.txt")
    measured = measured[measured[:, 0] <= 22.5]
    solver = make(
        domain_over(
            raster.values, cell_size_m=raster.size, manning=0.0025,
            level_zone=_west_zone(raster.values.shape),
        ),
        FloodParameters(cell_size_m=raster.size, flow_depth_m=1e-5, statistics_interval_s=1.0),
        initial_depth_m=np.maximum(-raster.values, 0.0),
    )  # fmt: skip
    cells = [raster.cell(*place) for _, place, _, _ in _MONAI]
    gauges = Gauges(cells)
    run(solver, 22.5, _western_level(drive[:, 0], drive[:, 1]), window_s=0.05, watch=gauges)
    t, depth = gauges.arrays()
    level = 1e3 * (depth + np.array([raster.values[cell] for cell in cells]))
    figures: list[Figure] = []
    panels: list[Panel] = []
    for k, (name, _, peak, at_s) in enumerate(_MONAI):
        right = np.interp(t, measured[:, 0], 10.0 * measured[:, k + 1])
        highest = int(level[:, k].argmax())
        figures += [
            Figure(name=f"highest level at gauge {name}", value=float(level[highest, k]), unit="mm",
                   at_least=0.85 * peak, at_most=1.15 * peak,
                   source=f"{peak} mm (ANUGA's validation), 15 %; measured "
                          f"{10.0 * measured[:, k + 1].max():.1f} mm"),
            Figure(name=f"time of it at gauge {name}", value=float(t[highest]), unit="s",
                   at_least=at_s - 0.5, at_most=at_s + 0.5,
                   source=f"{at_s} s (ANUGA's validation), 0.5 s"),
            Figure(name=f"RMSE at gauge {name} against the measurement", unit="mm",
                   value=float(np.sqrt(np.mean((level[:, k] - right) ** 2))), at_most=6.0,
                   source="15 % of the measured maxima"),
        ]  # fmt: skip
        panels.append(
            Panel(title=f"gauge {name}", x_label="time, s", y_label="level, mm",
                  lines=(line("measured", t, right, "measured"), line("", t, level[:, k])))
        )  # fmt: skip
    highest_m = np.where(solver.max_depth_m > 1e-3, solver.max_depth_m + raster.values, -1.0).max()
    figures.append(Figure(name="highest run-up anywhere", value=float(1e3 * highest_m), unit="mm"))
    return Outcome(figures=(*figures, closure(solver)), panels=tuple(panels))


#: Gauges around the island (Briggs et al. 1995): name and place, m.
_ISLAND = (
    ("6", (9.36, 13.80)),
    ("9", (10.36, 13.80)),
    ("16", (12.96, 11.22)),
    ("22", (15.56, 13.80)),
)
_STILL_M = 0.32


def _island(make: Maker) -> Outcome:
    folder = data_folder("flood/conical_island")
    raster = read_raster(folder / "Bathy_CI.asc")
    drive = read_table(folder / "WG0", skip=0)
    solver = make(
        domain_over(
            raster.values, cell_size_m=raster.size, manning=SMOOTH,
            level_zone=_west_zone(raster.values.shape),
        ),
        FloodParameters(cell_size_m=raster.size, flow_depth_m=1e-4, statistics_interval_s=1.0),
        initial_depth_m=np.maximum(_STILL_M - raster.values, 0.0),
    )  # fmt: skip
    cells = [raster.cell(*place) for _, place in _ISLAND]
    gauges = Gauges(cells)
    run(solver, 20.0, _western_level(drive[:, 0], drive[:, 1]), window_s=0.05, watch=gauges)
    t, depth = gauges.arrays()
    level = 1e2 * (depth + np.array([raster.values[cell] for cell in cells]) - _STILL_M)
    figures: list[Figure] = []
    lines: list[Line] = []
    panels: list[Panel] = []
    for k, (name, _) in enumerate(_ISLAND):
        known = read_table(folder / f"data_WG{name}", skip=0)
        right = 1e2 * (np.interp(t, known[:, 0], known[:, 1]) - _STILL_M)
        peak, at = float(right.max()), float(t[right.argmax()])
        figures += [
            Figure(name=f"crest at gauge {name}", value=float(level[:, k].max()), unit="cm",
                   at_least=0.8 * peak, at_most=1.2 * peak,
                   source=f"measured {peak:.2f} cm, 20 %: long-wave equations steepen the wave"),
            Figure(name=f"time of the crest at gauge {name}", unit="s",
                   value=float(t[level[:, k].argmax()]), at_least=at - 0.5, at_most=at + 0.5,
                   source=f"measured {at:.2f} s, 0.5 s"),
        ]  # fmt: skip
        panels.append(
            Panel(title=f"gauge {name}", x_label="time, s", y_label="level, cm",
                  lines=(*lines, line("measured", t, right, "measured"), line("", t, level[:, k])))
        )  # fmt: skip
    bed = raster.values
    wetted = (solver.max_depth_m > 2e-3) & (bed > _STILL_M)
    wetted[:, :3] = False
    middle = raster.cell(12.96, 13.80)[1]
    for side, part in (("front", np.s_[:, :middle]), ("lee", np.s_[:, middle:])):
        reached = np.where(wetted[part], bed[part], _STILL_M).max() - _STILL_M
        figures.append(Figure(name=f"run-up on the {side}", value=float(1e2 * reached), unit="cm"))
    return Outcome(figures=(*figures, closure(solver)), panels=tuple(panels))


def _humps(make: Maker) -> Outcome:
    folder = data_folder("flood/lisflood_uos_small/T03")
    raster = read_raster(folder / "humps.dem")
    depth = np.nan_to_num(read_raster(folder / "humps_db_orig.wd").values)
    bed = raster.values
    solver = make(
        domain_over(bed, cell_size_m=raster.size, manning=0.018),
        FloodParameters(cell_size_m=raster.size, statistics_interval_s=0.2, arrival_depth_m=0.01),
        initial_depth_m=depth.copy(),
    )
    rows, columns = bed.shape
    top_column = int(bed.argmax()) % columns
    x = (np.arange(columns) + 0.5) * raster.size
    small = np.where((bed > 0.02) & (x < 38.0)[np.newaxis, :], bed, 0.0)
    north = np.arange(rows)[:, np.newaxis] < 0.5 * rows
    cells = [divmod(int(np.where(half, small, -1).argmax()), columns) for half in (north, ~north)]
    # Beside the top of the large hump, next to the walls.
    cells += [(1, top_column), (rows - 2, top_column)]
    gauges = Gauges(cells)
    run(solver, 60.0, Forcing(), window_s=0.2, watch=gauges)
    t, seen = gauges.arrays()
    reach = solver.arrival_s[small > 0.05].min()
    over = max(arrival(t, seen[:, k], 0.01) for k in (0, 1))
    run(solver, 300.0, Forcing(), window_s=60.0)
    speed = solver.speed_m_s() * solver.depth_m
    return Outcome(
        figures=(
            Figure(name="small humps reached", value=float(reach), unit="s", at_most=2.5,
                   source="by 2 s, in pictures every 2 s (LISFLOOD-FP 8.1, case T03)"),
            Figure(name="small humps submerged", value=over, unit="s", at_most=6.5,
                   source="by 6 s, likewise"),
            Figure(name="water on both sides of the large hump", unit="s", at_most=12.5,
                   value=max(arrival(t, seen[:, k], 0.01) for k in (2, 3)),
                   source="by 12 s, likewise"),
            Figure(name="largest discharge after 300 s", value=float(speed.max()), unit="m²/s"),
            closure(solver),
        ),
        panels=tuple(
            Panel(title=f"depth {where}", x_label="time, s", y_label="m",
                  lines=(line("", t, seen[:, k]),))
            for k, where in enumerate(("on hump 1", "on hump 2", "beside hump 3"))
        ),
    )  # fmt: skip


_WALLS_RAIN_M_S = 317e-3 / 3600.0


def _walls(make: Maker) -> Outcome:
    folder = data_folder("flood/rain_cea2008")
    raster = read_raster(folder / "topo.asc")
    bed = np.where(raster.values < 0.09, raster.values, np.nan)
    bed[bed < -0.4] = np.nan  # the tank under the outlet
    wet = np.flatnonzero(~np.isnan(bed).all(axis=1))
    edge = np.zeros(bed.shape, np.bool_)
    edge[wet[-1]] = ~np.isnan(bed[wet[-1]])
    solver = make(
        domain_over(bed, cell_size_m=raster.size, manning=0.009, open_edge=edge),
        FloodParameters(
            cell_size_m=raster.size, flow_depth_m=1e-5, edge_slope=0.05, statistics_interval_s=5.0
        ),
    )
    seen = Outflow()
    run(solver, 45.0, Forcing(rain_m_s=_WALLS_RAIN_M_S), window_s=1.0, watch=seen)
    run(solver, 150.0, Forcing(), window_s=1.0, watch=seen)
    t, q = seen.arrays()
    ledger = solver.ledger
    area = float(np.isfinite(bed).sum()) * raster.size**2
    full = _WALLS_RAIN_M_S * area
    return Outcome(
        figures=(
            closure(solver),
            Figure(name="rain in the ledger, less rain that fell", unit="l",
                   value=1e3 * (ledger.rain_m3 - 45.0 * full), at_least=-1e-6, at_most=1e-6,
                   source="317 mm/h for 45 s"),
            Figure(name="smallest depth", value=float(solver.depth_m.min()), unit="m",
                   at_least=0.0, source="no depth is negative"),
            Figure(name="largest outflow over rain on the catchment", value=float(q.max() / full),
                   at_most=1.05, source="rain cannot run off faster than it falls; 5 % for waves"),
            Figure(name="time of the largest outflow", value=float(t[q.argmax()]), unit="s"),
            Figure(name="share of the rain that has run off after 150 s",
                   value=ledger.outflow_edges_m3 / ledger.rain_m3),
        ),
        panels=(
            Panel(title="outflow", x_label="time, s", y_label="l/s",
                  lines=(line("", t, 1e3 * q),
                         line("rain on the catchment", [0.0, 45.0, 45.0, 150.0],
                              [1e3 * full, 1e3 * full, 0.0, 0.0], "reference"))),
        ),
    )  # fmt: skip


CASES = (
    Case(
        name="monai",
        title="Monai valley",
        what=(
            "The 1993 Okushiri tsunami at 1:400 in a flume, 14 mm cells, n = 0.0025, driven by the "
            "incident level at the western edge; three walls."
        ),
        source="Third International Workshop on Long-Wave Runup Models (2004), benchmark 2",
        run=_monai,
        data="flood/okushiri_monai",
        not_meant_for={INERTIAL: _FAST},
    ),
    Case(
        name="conical-island",
        title="Solitary wave around a conical island",
        what=(
            "A solitary wave of 3 cm runs round an island in water of 0.32 m, 0.108 m cells, no "
            "friction. The data hold the measured gauges and not the measured run-up, which is "
            "reported without a judgement."
        ),
        source="Briggs et al. (1995), case B",
        run=_island,
        data="flood/conical_island",
        not_meant_for={INERTIAL: _FAST},
    ),
    Case(
        name="three-humps",
        title="Dam break over three humps",
        what=(
            "1.875 m of water behind a dam at 16 m in a tank of 75 by 30 m with three humps, "
            "n = 0.018, 1 m cells or finer as the data give them."
        ),
        source="Kawahara & Umetsu (1986); LISFLOOD-FP 8.1, case T03",
        run=_humps,
        data="flood/lisflood_uos_small",
        not_meant_for={INERTIAL: "a dam break passes Froude 1"},
    ),
    Case(
        name="rain-on-walls",
        title="Rain on a laboratory city",
        what=(
            "317 mm/h for 45 s on three planes of 2 by 2.5 m with walls, 10 mm cells, n = 0.009. "
            "The measured outflow is not in the data: volume and robustness only."
        ),
        source="Cea et al. (2008)",
        run=_walls,
        misses={INERTIAL: "friction rings in thin water on a slope, as in the rain on a plane"},
        data="flood/rain_cea2008",
    ),
)
