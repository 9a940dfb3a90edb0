"""Checks of logs of closed roads and bridges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from twin.observed.parsing import ROW

if TYPE_CHECKING:
    from twin.observed.finding import Findings

__all__ = ["check_closures", "road_of"]


def check_closures(closures: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Return the closures with a road and possible times."""
    lacking = closures["start"].isna()
    findings.add("missing", closures.loc[lacking, ROW], used=False, column="start")
    closures = closures[~lacking]
    placed = closures[["street", "bridge", "segment", "lon"]].notna().any(axis=1)
    findings.add("no_place", closures.loc[~placed, ROW], used=False, column="street")
    closures = closures[placed]
    backwards = (closures["end"] <= closures["start"]).fillna(value=False)
    findings.add("impossible_order", closures.loc[backwards, ROW], used=False, column="end < start")
    closures = closures[~backwards]
    findings.add("no_end", closures.loc[closures["end"].isna(), ROW], used=True, column="end")
    keys = [c for c in closures.columns if c not in {ROW, "reason"}]
    double = closures.duplicated(keys)
    findings.add("double_row", closures.loc[double, ROW], used=False)
    return closures[~double].reset_index(drop=True)


def road_of(row: pd.Series) -> dict[str, object]:
    """Return the road of one closure, as a scenario writes it."""
    if pd.notna(row["segment"]):
        return {"segments": [int(part) for part in str(row["segment"]).replace(",", " ").split()]}
    if pd.notna(row["bridge"]):
        return {"bridge": str(row["bridge"])}
    if pd.notna(row["street"]):
        street: dict[str, object] = {"street": str(row["street"])}
        if pd.notna(row["between_1"]) and pd.notna(row["between_2"]):
            street["between"] = [str(row["between_1"]), str(row["between_2"])]
        return street
    near: dict[str, object] = {"near": {"lon": float(row["lon"]), "lat": float(row["lat"])}}
    if pd.notna(row["within_m"]):
        near["within_m"] = float(row["within_m"])
    return near
