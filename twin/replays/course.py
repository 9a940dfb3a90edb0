"""How a logged incident went: when units were asked for, and what their work took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from scenarios.schema.time import format_duration

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["known_course"]


def known_course(call: datetime, trips: pd.DataFrame, *, to_hospital: bool) -> dict[str, Any]:
    """
    Return the field ``known`` of an incident.

    Parameters
    ----------
    call
        Time of the call.
    trips
        The trips to it, in the order of their dispatch.
    to_hospital
        Whether the log says of every trip if it went to a hospital.
    """
    first = trips["dispatch"].min()
    course: dict[str, Any] = {"alert_after": _between(call, first)}
    for service, group in trips.groupby("service", sort=True):
        course[str(service)] = [
            _work(trip, call, first, to_hospital=to_hospital and service == "ambulance")
            for _, trip in group.iterrows()
        ]
    return course


def _work(trip: pd.Series, call: datetime, first: datetime, *, to_hospital: bool) -> dict[str, Any]:
    work: dict[str, Any] = {}
    if trip["dispatch"] > first:
        work["asked_after"] = _between(call, trip["dispatch"])
    if pd.notna(trip["mobile"]):
        work["turnout"] = _between(trip["dispatch"], trip["mobile"])
    hospital = pd.notna(trip["hospital"])
    if to_hospital:
        work["transported"] = bool(hospital)
    left = trip["leave"] if pd.notna(trip["leave"]) or hospital else trip["clear"]
    if pd.notna(trip["arrival"]) and pd.notna(left):
        work["on_scene"] = _between(trip["arrival"], left)
        if not hospital:
            work["clearing"] = format_duration(0.0)  # it was free when it left
    if hospital and pd.notna(trip["clear"]):
        work["handover"] = _between(trip["hospital"], trip["clear"])
        work["clearing"] = format_duration(0.0)  # it was clear then
    return work


def _between(begin: datetime, end: datetime) -> str:
    return format_duration((end - begin).total_seconds())
