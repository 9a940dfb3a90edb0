"""The tide, and other levels, as a scenario writes them, as the models take them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError, ScenarioError
from models.flood.boundaries import Constituent, LevelSeries
from models.tides import equilibrium_deg, nodal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from scenarios.schema.forcing import Harmonic, WaterLevel

__all__ = ["level_series"]


def level_series(
    tide: WaterLevel, end_s: float, start: datetime, *, where: str = "tide"
) -> LevelSeries:
    """
    Return a level without its offset, m above the city's datum, by seconds since *start*.

    *where* is the field that holds it.

    Raises
    ------
    ScenarioError
        If it does not cover the period, or its extremes are not extremes.
    """
    datum = tide.datum_offset_m
    if tide.harmonic is not None:
        middle = start + timedelta(seconds=end_s / 2.0)
        return LevelSeries.harmonic(
            tuple(_constituents(tide.harmonic, start, middle)),
            mean_m=tide.harmonic.mean_level_m + datum,
        )
    form = "series" if tide.series is not None else "extremes"
    points = tide.series if tide.series is not None else tide.extremes
    if points is None or points.times is None or points.levels_m is None:
        raise _unresolved(f"{where}.{form}")
    times = np.asarray(points.times, np.float64)
    levels = np.asarray(points.levels_m, np.float64) + datum
    if times[0] > 0.0 or times[-1] < end_s:
        raise ScenarioError(
            f"the {'tide' if where == 'tide' else 'level'} covers {times[0] / 3600:.2f} h to "
            f"{times[-1] / 3600:.2f} h, but the period lasts from 0 to {end_s / 3600:.2f} h",
            where=f"{where}.{form}",
            remedy="Give levels before the start and after the end, or shorten the period.",
        )
    try:
        if form == "series":
            return LevelSeries.linear(times, levels)
        return LevelSeries.cosine_between_extremes(times, levels)
    except InvalidQuantityError as error:
        raise ScenarioError(
            error.what, where=f"{where}.{form}", value=error.value, remedy=error.remedy
        ) from error


def _constituents(harmonic: Harmonic, start: datetime, middle: datetime) -> Iterator[Constituent]:
    """Yield the constituents with their phases at *start*, with nodal corrections of *middle*."""
    for given in harmonic.constituents:
        factor, phase_deg = 1.0, given.phase_deg + given.speed * harmonic.reference / 3600.0
        if harmonic.phases == "greenwich":
            factor, turn_deg = nodal(given.name, middle)
            phase_deg = given.phase_deg - equilibrium_deg(given.name, start) - turn_deg
        yield Constituent(
            name=given.name,
            amplitude_m=factor * given.amplitude_m,
            speed_deg_h=given.speed,
            phase_deg=phase_deg,
        )


def _unresolved(where: str) -> ScenarioError:
    return ScenarioError(
        "the series is still in a file",
        where=where,
        remedy="Resolve the scenario before it is run.",
    )
