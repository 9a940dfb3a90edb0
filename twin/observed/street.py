"""Checks of reports of water on streets, and what their words are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from twin.observed.parsing import ROW
from twin.observed.words import default_words, folded, meaning_of

if TYPE_CHECKING:
    from twin.observed.finding import Findings
    from twin.observed.mapping import Mapping

__all__ = ["check_reports"]

_DRY: Final = {"dry", "kho", "khong ngap", "no", "0", "false"}
_WET: Final = {"wet", "ngap", "flooded", "yes", "1", "true", "uot"}
#: A report whose greatest depth is less than this says that the street is dry, m (assumed).
DRY_BELOW_M: Final = 0.05


def check_reports(reports: pd.DataFrame, mapping: Mapping, findings: Findings) -> pd.DataFrame:
    """
    Return the reports with a place and a time.

    Columns: the place as it was given, ``start``, ``peak`` and ``end`` (UTC, NaT where unknown),
    ``low_m`` and ``high_m`` (NaN where no depth is known), ``wet`` (whether the street is said to
    be flooded), ``said`` (the words that gave the depth), ``evidence``, ``source``, ``row``.
    """
    reports = reports.assign(peak=reports["peak"].fillna(reports["time"]))
    timed = reports[["start", "peak", "end"]].notna().any(axis=1)
    findings.add("missing", reports.loc[~timed, ROW], used=False, column="time")
    reports = reports[timed]
    backwards = pd.Series(data=False, index=reports.index)
    for begin, end in (("start", "peak"), ("peak", "end"), ("start", "end")):
        wrong = (reports[end] < reports[begin]).fillna(value=False) & ~backwards
        findings.add(
            "impossible_order", reports.loc[wrong, ROW], used=False, column=f"{end} < {begin}"
        )
        backwards |= wrong
    reports = reports[~backwards]
    placed = reports[["lon", "x_m"]].notna().any(axis=1)
    placed |= reports[["street", "facility"]].notna().any(axis=1)
    findings.add("no_place", reports.loc[~placed, ROW], used=False, column="lon, lat, street")
    reports = reports[placed]
    reports = _depths(reports, mapping, findings)
    keys = [c for c in reports.columns if c not in {ROW, "id", "evidence", "source"}]
    double = reports.duplicated(keys)
    findings.add("double_row", reports.loc[double, ROW], used=False)
    dropped = ["time", "depth", "depth_low", "depth_high", "words", "state"]
    return reports[~double].drop(columns=dropped).reset_index(drop=True)


def _depths(reports: pd.DataFrame, mapping: Mapping, findings: Findings) -> pd.DataFrame:
    words = mapping.words or default_words()
    low, high = reports["depth_low"].copy(), reports["depth_high"].copy()
    low, high = low.fillna(high), high.fillna(low)
    alone = low.isna() & reports["depth"].notna()
    half_m = mapping.depth_uncertainty_m
    low = low.mask(alone, (reports["depth"] - half_m).clip(lower=0.0))
    high = high.mask(alone, reports["depth"] + half_m)
    said = pd.Series(pd.NA, index=reports.index, dtype="string")
    for index in reports.index[low.isna() & reports["words"].notna()]:
        text = str(reports.loc[index, "words"])
        meaning = meaning_of(text, words)
        row = [int(reports.loc[index, ROW])]
        if meaning is None:
            findings.add("unknown_words", row, used=True, column="words", example=text)
            continue
        low[index], high[index], said[index] = meaning.low_m, meaning.high_m, meaning.phrase
        findings.add("depth_of_words", row, used=True, column="words", example=meaning.phrase)
    wrong = (low < 0.0) | (high < low) | (high > mapping.deepest_m)
    shown = "" if not wrong.any() else f"{low[wrong].iloc[0]:g} - {high[wrong].iloc[0]:g} m"
    findings.add("impossible_depth", reports.loc[wrong, ROW], used=True, example=shown)
    low, high = low.mask(wrong), high.mask(wrong)
    findings.add("no_depth", reports.loc[low.isna(), ROW], used=True, column="depth")
    state = reports["state"].map(_state)
    unclear = reports["state"].notna() & state.isna()
    findings.add("unknown_state", reports.loc[unclear, ROW], used=True, column="state")
    by_depth = np.where(high.isna(), np.nan, (high > DRY_BELOW_M).astype(float))
    wet = state.fillna(pd.Series(by_depth, index=reports.index)).fillna(1.0) > 0.5
    return reports.assign(low_m=low, high_m=high, said=said, wet=wet)


def _state(text: object) -> float:
    if not isinstance(text, str):
        return np.nan
    word = folded(text)
    return 1.0 if word in _WET else 0.0 if word in _DRY else np.nan
