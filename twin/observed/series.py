"""Checks of series of gauges: order, doubles, gaps, jumps, flat stretches, values beyond limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from twin.observed.parsing import ROW

if TYPE_CHECKING:
    from twin.observed.finding import Findings
    from twin.observed.mapping import Mapping

__all__ = ["check_levels", "check_rain"]

#: Levels that no gauge on land can show, m; and more rain than ever fell in an interval, mm.
LEVELS_M: Final = (-500.0, 9000.0)
RAIN_MM: Final = (0.0, 2000.0)
#: A sensor that gives one value so often, for so long, is taken to be stuck (assumed).
FLAT_COUNT: Final = 12
FLAT_S: Final = 3 * 3600.0
#: A gap is longer than so many usual steps, where the mapping does not say how long.
GAP_STEPS: Final = 3.0


def check_levels(series: pd.DataFrame, mapping: Mapping, findings: Findings) -> pd.DataFrame:
    """Return ``time``, ``station``, ``level_m`` (datum of the city) and ``row``, by time."""
    series = _cleaned(series, "level", mapping.limits or LEVELS_M, findings)
    for _, one in series.groupby("station", sort=True):
        _gaps(one, mapping, findings)
        hours = one["time"].diff().dt.total_seconds() / 3600.0
        jump = (one["level"].diff().abs() / hours) > mapping.fastest_change_m_h
        findings.add("jump", one.loc[jump, ROW], used=True, column="level")
        _flat(one, findings)
    series = series.assign(level_m=series["level"] + mapping.datum_offset_m)
    return series.loc[:, ["time", "station", "level_m", ROW]]


def check_rain(series: pd.DataFrame, mapping: Mapping, findings: Findings) -> pd.DataFrame:
    """
    Return ``time``, ``station``, ``depth_mm`` since the row before it, and ``row``, by time.

    The first row of a running total or of a rate has no depth and is NaN.
    """
    limits = mapping.limits or ((0.0, 1e6) if mapping.quantity == "total_mm" else RAIN_MM)
    series = _cleaned(series, "rain", limits, findings)
    depths = []
    for _, one in series.groupby("station", sort=True):
        _gaps(one, mapping, findings)
        depths.append(_depth_mm(one, mapping.quantity, findings))
    series = series.assign(depth_mm=pd.concat(depths) if depths else [])
    return series.loc[:, ["time", "station", "depth_mm", ROW]]


def _depth_mm(one: pd.DataFrame, quantity: str, findings: Findings) -> pd.Series[float]:
    values: pd.Series[float] = one["rain"].astype("float64")
    if quantity == "rate_mm_h":
        values = values.shift() * (one["time"].diff().dt.total_seconds() / 3600.0)
    elif quantity == "total_mm":
        rise = values.diff()
        fallen = rise < 0.0  # the counter was emptied: what fell meanwhile is not known
        findings.add("counter_reset", one.loc[fallen, ROW], used=False, column="rain")
        values = rise.mask(fallen)
    return values


def _cleaned(
    series: pd.DataFrame,
    column: str,
    limits: tuple[float, ...],
    findings: Findings,
) -> pd.DataFrame:
    """Return the rows with a time and a possible value, in order, each time once."""
    for name in ("time", column):
        lacking = series[name].isna()
        findings.add("missing", series.loc[lacking, ROW], used=False, column=name)
        series = series[~lacking]
    series = series.assign(station=series["station"].fillna("gauge"))
    low, high = limits
    beyond = ~series[column].between(low, high)
    shown = "" if not beyond.any() else f"{series.loc[beyond, column].iloc[0]:g}"
    findings.add("beyond_limits", series.loc[beyond, ROW], used=False, column=column, example=shown)
    series = series[~beyond]
    back = series.groupby("station")["time"].diff().dt.total_seconds() < 0.0
    findings.add("not_in_order", series.loc[back, ROW], used=True, column="time")
    same = series.duplicated(["station", "time", column])
    findings.add("double_row", series.loc[same, ROW], used=False)
    series = series[~same]
    conflict = series.duplicated(["station", "time"], keep=False)
    findings.add("two_values", series.loc[conflict, ROW], used=False, column=column)
    return series[~conflict].sort_values(["station", "time"]).reset_index(drop=True)


def _gaps(one: pd.DataFrame, mapping: Mapping, findings: Findings) -> None:
    steps = one["time"].diff().dt.total_seconds()
    usual = float(steps.median()) if len(steps) > 1 else np.nan
    longest = mapping.longest_gap or GAP_STEPS * usual
    gap = steps > longest
    if gap.any():
        hours = float(steps[gap].max()) / 3600.0
        after = one["time"].iloc[int(np.nanargmax(steps.to_numpy()))]
        shown = f"{after:%Y-%m-%d %H:%M} UTC, {hours:.1f} h"
        findings.add("gap", one.loc[gap, ROW], used=True, column="time", example=shown)


def _flat(one: pd.DataFrame, findings: Findings) -> None:
    """Count the stretches in which the value never changes."""
    run = (one["level"].diff() != 0.0).cumsum()
    for _, part in one.groupby(run):
        lasted_s = (part["time"].iloc[-1] - part["time"].iloc[0]).total_seconds()
        if len(part) >= FLAT_COUNT and lasted_s >= FLAT_S:
            shown = f"{part['level'].iloc[0]:g} m, {lasted_s / 3600.0:.1f} h"
            findings.add("flat", part[ROW].iloc[:1], used=True, column="level", example=shown)
