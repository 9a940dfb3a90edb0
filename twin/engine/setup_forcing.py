"""Rain and tide as a scenario writes them, as the models take them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError, ScenarioError
from models.flood import rainfall
from models.flood.boundaries import Constituent, LevelSeries
from models.flood.rainfall import Hyetograph
from models.tides import equilibrium_deg, nodal
from twin.engine.flooding import MM_H

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from scenarios.schema.forcing import DesignStorm, Harmonic, Rain, Tide
    from scenarios.schema.forcing import Hyetograph as HyetographChoice

__all__ = ["hyetograph", "level_series"]


def level_series(tide: Tide, end_s: float, start: datetime) -> LevelSeries:
    """
    Return the tide without its offset, m above the city's datum, by seconds since *start*.

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
        raise _unresolved(f"tide.{form}")
    times = np.asarray(points.times, np.float64)
    levels = np.asarray(points.levels_m, np.float64) + datum
    if times[0] > 0.0 or times[-1] < end_s:
        raise ScenarioError(
            f"the tide covers {times[0] / 3600:.2f} h to {times[-1] / 3600:.2f} h, but the "
            f"period lasts from 0 to {end_s / 3600:.2f} h",
            where=f"tide.{form}",
            remedy="Give levels before the start and after the end, or shorten the period.",
        )
    try:
        if form == "series":
            return LevelSeries.linear(times, levels)
        return LevelSeries.cosine_between_extremes(times, levels)
    except InvalidQuantityError as error:
        raise ScenarioError(
            error.what, where=f"tide.{form}", value=error.value, remedy=error.remedy
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


def hyetograph(rain: Rain) -> Hyetograph:
    """
    Return the rain without its multiplier.

    Raises
    ------
    ScenarioError
        If a storm or a rate is not possible.
    """
    try:
        if rain.design_storm is not None:
            return _storm(rain.design_storm)
        if rain.hyetograph is None or rain.hyetograph.times is None:
            raise _unresolved("rain.hyetograph")
        return _steps(rain.hyetograph)
    except InvalidQuantityError as error:
        raise ScenarioError(
            error.what, where=f"rain: {error.where}", value=error.value, remedy=error.remedy
        ) from error


def _steps(choice: HyetographChoice) -> Hyetograph:
    times = np.asarray(choice.times, np.float64)
    if choice.depths_mm is not None:
        rates = np.asarray(choice.depths_mm, np.float64)[:-1] / 1000.0 / np.diff(times)
    else:
        rates = np.asarray(choice.rates_mm_h, np.float64)[:-1] * MM_H
    return Hyetograph(times_s=times, rates_m_s=rates)


def _storm(storm: DesignStorm) -> Hyetograph:
    depth_m, duration_s, start_s = storm.depth_mm / 1000.0, storm.duration, storm.start
    match storm.pattern:
        case "constant":
            return rainfall.constant(depth_m=depth_m, duration_s=duration_s, start_s=start_s)
        case "triangular":
            return rainfall.triangular(
                depth_m=depth_m,
                duration_s=duration_s,
                peak=storm.peak_fraction,
                step_s=storm.step,
                start_s=start_s,
            )
        case "chicago":
            return rainfall.chicago(
                depth_m=depth_m,
                duration_s=duration_s,
                b_s=storm.idf_offset,
                c=storm.idf_exponent,
                peak=storm.peak_fraction,
                step_s=storm.step,
                start_s=start_s,
            )
        case "alternating_block":

            def depth_of_duration_m(t_s: float) -> float:
                def fallen(t: float) -> float:
                    return float(t / (t + storm.idf_offset) ** storm.idf_exponent)

                return depth_m * fallen(t_s) / fallen(duration_s)

            return rainfall.alternating_block(
                depth_of_duration_m=depth_of_duration_m,
                duration_s=duration_s,
                step_s=storm.step,
                start_s=start_s,
            )


def _unresolved(where: str) -> ScenarioError:
    return ScenarioError(
        "the series is still in a file",
        where=where,
        remedy="Resolve the scenario before it is run.",
    )
