"""Water levels of a run against those of gauges."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.errors import InvalidInputError
from models.skill import Estimate, block_bootstrap, kge, nse, rmse
from twin.city.city import WATER_RIVER
from twin.engine.places import PlaceFinder
from twin.evaluation.score import Part, Score, fitted_to, stream
from twin.observed.places import PLACE
from twin.observed.words import folded

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from twin.observed.read import Observed
    from twin.results.open import Run

    type _Floats = NDArray[np.float64]

__all__ = ["evaluate_levels"]

#: Blocks of the bootstrap are this long: about the time over which levels are alike.
BLOCK_S = 6 * 3600.0
#: Peaks are compared where the observed level varies by more than this, m.
LEAST_RANGE_M = 0.1


def evaluate_levels(run: Run, observed: Observed, *, seed: int = 0) -> Part:
    """
    Compare levels at every station of *observed* that the run knows.

    A station is found as a gauge of the scenario of its name, or at its place in the mapping
    (``place_of``), where the recorded depths are read. The simulated level is interpolated to
    the times of the observed one; times outside the run do not count.

    Raises
    ------
    InvalidInputError
        If no station can be found in the run.
    """
    fitted = fitted_to(run, observed)
    scores: list[Score] = []
    series: dict[str, pd.DataFrame] = {}
    missing: list[str] = []
    tables = []
    for station, group in observed.table.groupby("station", sort=True):
        simulated = _simulated(run, observed, str(station))
        if simulated is None:
            missing.append(str(station))
            continue
        time_s = _seconds(run, group["time"])
        inside = (time_s >= simulated["time_s"].iloc[0]) & (time_s <= simulated["time_s"].iloc[-1])
        if not inside.any():
            missing.append(str(station))
            continue
        pair = pd.DataFrame(
            {
                "station": str(station),
                "time_s": time_s[inside],
                "observed_m": group["level_m"].to_numpy(np.float64)[inside],
                "simulated_m": np.interp(time_s[inside], simulated["time_s"], simulated["level_m"]),
            }
        )
        pair = pair[pair["simulated_m"].notna()]
        scores += _scores(pair, str(station), fitted=fitted, generator=stream(seed, str(station)))
        series[str(station)] = simulated
        tables.append(pair)
    if not tables:
        raise InvalidInputError(
            "no station of the observations can be found in the run, at a time of the run",
            where=f"mapping {observed.mapping.name}",
            value=", ".join(missing[:8]),
            remedy="Name a gauge of the scenario as the station, or give its place under "
            "`place_of` of the mapping.",
        )
    notes: list[tuple[str, dict[str, object]]] = [("evaluate.kge_datum", {})]
    if missing:
        notes.append(("evaluate.stations_missing", {"names": ", ".join(missing)}))
    given = [name for name in series if _prescribed(run, observed, name)]
    if given:
        notes.append(("evaluate.prescribed", {"names": ", ".join(given)}))
    notes += _datum(run, observed)
    return Part(
        kind="levels",
        name=observed.mapping.name,
        scores=tuple(scores),
        table=pd.concat(tables, ignore_index=True),
        series=series,
        notes=tuple(notes),
        fitted=fitted,
    )


def _prescribed(run: Run, observed: Observed, station: str) -> bool:
    """Return whether the level at a station was given to the run, so that it proves nothing."""
    if not run.scenario.get("tide") or not run.has_flood or "water" not in run.flood:
        return False
    place = observed.mapping.place_of.get(station)
    for gauge in run.scenario.get("gauges") or ():
        if folded(str(gauge["name"])) == folded(station):
            place = PLACE.validate_python(gauge["location"])
    if place is None:
        return False
    x_m, y_m = PlaceFinder(run.city).point(place, where=f"station {station}")
    return int(run.flood["water"].sel(x=x_m, y=y_m, method="nearest")) == WATER_RIVER


def _datum(run: Run, observed: Observed) -> list[tuple[str, dict[str, object]]]:
    given, city = observed.mapping.datum, str(run.manifest["city"].get("vertical_datum") or "")
    if observed.mapping.datum_offset_m == 0.0 and folded(given or "") != folded(city):
        return [("evaluate.datum", {"given": given or "?", "city": city or "?"})]
    return []


def _seconds(run: Run, times: pd.Series[pd.Timestamp]) -> _Floats:
    return np.asarray((times - run.start).dt.total_seconds(), np.float64)


def _simulated(run: Run, observed: Observed, station: str) -> pd.DataFrame | None:
    """Return ``time_s`` and ``level_m`` at a station, None where it is not in the run."""
    gauges = run.gauges
    named = {folded(str(c).removeprefix("level_m_")): c for c in gauges if "level_m_" in str(c)}
    if folded(station) in named:
        found = gauges[["time_s", named[folded(station)]]].dropna()
        found.columns = pd.Index(["time_s", "level_m"])
        return found.reset_index(drop=True)
    place = observed.mapping.place_of.get(station)
    if place is None or not run.has_flood:
        return None
    x_m, y_m = PlaceFinder(run.city).point(place, where=f"place_of.{station}")
    column = run.flood.sel(x=x_m, y=y_m, method="nearest")
    depth_m = column["depth"].to_numpy().astype(np.float64)
    level_m = depth_m + float(column["ground_level"])
    return pd.DataFrame(
        {"time_s": run.flood["elapsed_s"].to_numpy().astype(np.float64), "level_m": level_m}
    )


def _scores(
    pair: pd.DataFrame, station: str, *, fitted: bool, generator: np.random.Generator
) -> list[Score]:
    simulated = pair["simulated_m"].to_numpy(np.float64)
    observed = pair["observed_m"].to_numpy(np.float64)
    steps = np.diff(pair["time_s"].to_numpy(np.float64))
    block = max(int(BLOCK_S / float(np.median(steps))), 1) if steps.size else 1
    wanted: list[tuple[str, str, Callable[[_Floats, _Floats], float]]] = [
        ("nse", "", nse),
        ("kge_2009", "", kge),
        ("kge_2012", "", partial(kge, year=2012)),
        ("rmse", "m", rmse),
        ("bias", "m", _bias),
    ]
    scores = [
        Score(
            part="levels",
            subject=station,
            name=name,
            unit=unit,
            estimate=block_bootstrap(score, simulated, observed, generator, block=block),
            fitted=fitted,
        )
        for name, unit, score in wanted
    ]
    if observed.size > 2 and np.ptp(observed) > LEAST_RANGE_M:
        time_s = pair["time_s"].to_numpy(np.float64)
        high_s, high_o = int(simulated.argmax()), int(observed.argmax())
        late_s = float(time_s[high_s] - time_s[high_o])
        for name, unit, value in (
            ("peak_error", "m", float(simulated[high_s] - observed[high_o])),
            ("peak_time_error", "s", late_s),
        ):
            one = Estimate(value=value, n=1)
            scores.append(
                Score(
                    part="levels",
                    subject=station,
                    name=name,
                    unit=unit,
                    estimate=one,
                    fitted=fitted,
                )
            )
    return scores


def _bias(simulated: _Floats, observed: _Floats) -> float:
    return float((simulated - observed).mean()) if observed.size else math.nan
