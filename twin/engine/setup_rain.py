"""The rain of a scenario as the models take it, and what of its data stays unused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError, ScenarioError
from models.flood import rainfall
from models.flood.intensity import IntensityCurve
from models.flood.rainfall import Hyetograph
from models.flood.rainfields import GaugeRain
from twin.engine.rain_files import read_gridded_rain
from twin.language import note

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.rainfields import RainSource
    from models.grid import Grid
    from scenarios.schema.forcing import Hyetograph as HyetographChoice
    from scenarios.schema.rain import DesignStorm, Rain, RainGauges
    from scenarios.schema.rain import IntensityCurve as CurveChoice
    from scenarios.schema.scenario import Scenario
    from twin.engine.places import PlaceFinder
    from twin.language import Note

__all__ = ["hyetograph", "set_up_rain"]

MM_H = 1e-3 / 3600.0
#: A gap of the data at either end of the period that is not worth a word, s.
_NEGLIGIBLE_S = 1.0


@dataclass(kw_only=True)
class _Data:
    """A source of rain, the span of its data, and the notes on them."""

    source: RainSource
    first_s: float
    last_s: float
    notes: list[Note] = field(default_factory=list)


def set_up_rain(
    scenario: Scenario, *, grid: Grid, needed: NDArray[np.bool_], places: PlaceFinder
) -> tuple[RainSource | None, list[Note]]:
    """
    Return the rain of a scenario without its multiplier, and notes on what is not as it seems.

    Parameters
    ----------
    scenario
        The scenario, its files written out or pinned.
    grid
        The grid of the run.
    needed
        Cells that must have rain, shape (rows, columns).
    places
        Finds the gauges.

    Raises
    ------
    ScenarioError
        If a storm or a rate is not possible, a file does not hold what it should, or the data
        end before the period and the scenario refuses that.
    """
    rain = scenario.rain
    if rain is None:
        return None, []
    try:
        if rain.design_storm is not None:
            return _storm(rain.design_storm), []
        if rain.hyetograph is not None:
            data = _uniform(rain.hyetograph, scenario)
        elif rain.gauges is not None:
            data = _gauges(rain.gauges, scenario, grid, places)
        else:
            data = _gridded(scenario, grid, needed, places)
    except InvalidQuantityError as error:
        raise ScenarioError(
            error.what, where=f"rain: {error.where}", value=error.value, remedy=error.remedy
        ) from error
    return data.source, [*data.notes, *_coverage(data, rain, scenario)]


def hyetograph(rain: Rain) -> Hyetograph:
    """
    Return rain that is the same everywhere, without its multiplier.

    Raises
    ------
    ScenarioError
        If a storm or a rate is not possible, or the rain differs from place to place.
    """
    try:
        if rain.design_storm is not None:
            return _storm(rain.design_storm)
        if rain.hyetograph is not None:
            return _steps(rain.hyetograph, "rain.hyetograph")
    except InvalidQuantityError as error:
        raise ScenarioError(
            error.what, where=f"rain: {error.where}", value=error.value, remedy=error.remedy
        ) from error
    raise ScenarioError("the rain differs from place to place", where="rain")


# What the data leave open


def _coverage(data: _Data, rain: Rain, scenario: Scenario) -> list[Note]:
    """Return notes on the part of the period without data of rain, or refuse it."""
    flood, end_s = scenario.flood, scenario.duration_s
    exchange_s = 60.0 if isinstance(flood, str) else flood.exchange_interval
    notes: list[Note] = []
    for kind, without_s in (
        ("rain_starts_late", min(data.first_s, end_s)),
        ("rain_ends_early", end_s - max(data.last_s, 0.0)),
    ):
        if without_s <= _NEGLIGIBLE_S:
            continue
        if rain.after_end == "error":
            raise ScenarioError(
                f"the data of rain go from {data.first_s / 3600:.2f} h to "
                f"{data.last_s / 3600:.2f} h, the period from 0 to {end_s / 3600:.2f} h",
                where="rain.after_end",
                value="error",
                remedy="Shorten the period, complete the data, or accept no rain then "
                "with after_end: dry.",
            )
        at_s = data.first_s if kind == "rain_starts_late" else max(data.last_s, 0.0)
        windows = int(np.ceil(without_s / exchange_s - 1e-9))
        notes.append(
            note(kind, hours=round(without_s / 3600.0, 2), windows=windows,
                 at=round(at_s / 3600.0, 2))
        )  # fmt: skip
    return notes


def _left_out(scenario: Scenario, place: str, times: NDArray[np.float64]) -> list[Note]:
    """Return a note on entries of a series that lie outside the period."""
    outside = int(((times < 0.0) | (times > scenario.duration_s)).sum())
    # One time on each side is needed to know what holds at the ends.
    spare = int(times[0] < 0.0) + int(times[-1] > scenario.duration_s)
    count = max(outside - spare, 0) + scenario.left_out.get(place, 0)
    return [note("entries_outside", count=count, place=place)] if count else []


# Each form of rain


def _uniform(choice: HyetographChoice, scenario: Scenario) -> _Data:
    where = "rain.hyetograph"
    source = _steps(choice, where)
    return _Data(
        source=source,
        first_s=float(source.times_s[0]),
        last_s=float(source.times_s[-1]),
        notes=_left_out(scenario, where, source.times_s),
    )


def _steps(choice: HyetographChoice, where: str) -> Hyetograph:
    if choice.times is None:
        raise ScenarioError(
            "the series is still in a file",
            where=where,
            remedy="Resolve the scenario before it is run.",
        )
    times = np.asarray(choice.times, np.float64)
    if choice.depths_mm is not None:
        rates = np.asarray(choice.depths_mm, np.float64)[:-1] / 1000.0 / np.diff(times)
    else:
        rates = np.asarray(choice.rates_mm_h, np.float64)[:-1] * MM_H
    return Hyetograph(times_s=times, rates_m_s=rates)


def _gauges(choice: RainGauges, scenario: Scenario, grid: Grid, places: PlaceFinder) -> _Data:
    gauges, x, y, notes = [], [], [], []
    for index, station in enumerate(choice.stations):
        where = f"rain.gauges.stations[{index}]"
        gauge = _steps(station.rain, f"{where}.rain")
        east, north = places.point(station.location, where=f"{where}.location", inside=False)
        gauges.append(gauge)
        x.append(east)
        y.append(north)
        notes += _left_out(scenario, f"{where}.rain", gauge.times_s)
    source = GaugeRain(
        gauges, x_m=np.array(x), y_m=np.array(y), grid=grid, method=choice.interpolation,
        power=choice.power,
    )  # fmt: skip
    unused = [s.name for s, used in zip(choice.stations, source.used, strict=True) if not used]
    if unused:
        notes.append(note("rain_gauges_unused", count=len(unused), names=unused[:10]))
    _, _, inside = grid.locate(x, y)
    outside = [s.name for s, within in zip(choice.stations, inside, strict=True) if not within]
    if outside:
        notes.append(note("rain_gauges_outside", count=len(outside), names=outside[:10]))
    # The span in which every gauge has data: beyond it, one that has ended counts as dry.
    return _Data(
        source=source,
        first_s=max(float(gauge.times_s[0]) for gauge in gauges),
        last_s=min(float(gauge.times_s[-1]) for gauge in gauges),
        notes=notes,
    )


def _gridded(
    scenario: Scenario, grid: Grid, needed: NDArray[np.bool_], places: PlaceFinder
) -> _Data:
    rain = scenario.rain
    if rain is None or rain.gridded is None:  # one of the four forms is there
        raise ScenarioError("there is no gridded rain", where="rain")
    source, counts, (first_s, last_s) = read_gridded_rain(
        rain.gridded,
        grid=grid,
        crs=places.city.crs,
        needed=needed,
        start=scenario.period.start,
        end_s=scenario.duration_s,
    )
    notes = [
        note(f"rain_{kind}", count=count, total=int(needed.sum())) for kind, count in counts.items()
    ]
    return _Data(source=source, first_s=first_s, last_s=last_s, notes=list(notes))


def _curve(choice: CurveChoice) -> IntensityCurve:
    return IntensityCurve.of_minutes(
        a=choice.a, b_min=choice.b_min, n=choice.n, unit=choice.unit, c=choice.c,
        return_period_years=choice.return_period_years,
    )  # fmt: skip


def _storm(storm: DesignStorm) -> Hyetograph:
    duration_s, start_s = storm.duration, storm.start
    if storm.idf is not None:
        curve = _curve(storm.idf)
    else:
        curve = IntensityCurve(a=1.0, b_s=storm.idf_offset, n=storm.idf_exponent)
    whole_m = curve.depth_m(duration_s) if storm.idf is not None else 0.0
    depth_m = whole_m if storm.depth_mm is None else storm.depth_mm / 1000.0
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
                b_s=curve.b_s,
                c=curve.n,
                peak=storm.peak_fraction,
                step_s=storm.step,
                start_s=start_s,
            )
        case "alternating_block":
            return rainfall.alternating_block(
                depth_of_duration_m=lambda t_s: (
                    depth_m * curve.depth_m(t_s) / curve.depth_m(duration_s)
                ),
                duration_s=duration_s,
                step_s=storm.step,
                start_s=start_s,
            )
