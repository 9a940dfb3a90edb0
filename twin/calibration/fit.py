"""
Bounded fits by scipy, with how well the observations pin each figure down.

Least squares by the trust region reflective method (Branch, Coleman & Li 1999), or differential
evolution (Storn & Price 1997). Standard errors and correlations follow from the Jacobian at the
best point (Seber & Wild 2003, chapter 2); they take errors as independent, which neighbours in time
are not, so that they are too small rather than too large.
"""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize

from models.errors import InvalidInputError
from twin.calibration.document import Parameter, Scales
from twin.calibration.residuals import residuals_of
from twin.inputs import find_city, load_scenario
from twin.observed.read import Observed, read_observed
from twin.replays.plan import plan_replay
from twin.running import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from scenarios import Scenario
    from twin.city.city import City

    type _Floats = NDArray[np.float64]

__all__ = ["Calibration", "Fitted", "calibrate"]

#: Step of the differences of the Jacobian, as a share of the range of a parameter.
STEP = 0.05
#: Above this condition number, parameters trade off against each other (a common rule of thumb).
LARGEST_CONDITION = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """
    One figure that was fitted.

    Parameters
    ----------
    path
        Field of the scenario.
    value, low, high
        Best value and bounds.
    error
        Standard error; infinite where the observations do not depend on it.
    at_bound
        Whether the best value lies at a bound: the truth may lie beyond.
    identified
        Whether the standard error is less than a quarter of the range.
    """

    path: str
    value: float
    low: float
    high: float
    error: float
    at_bound: bool
    identified: bool


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """
    What came of a calibration.

    Parameters
    ----------
    scenario
        The scenario with the fitted figures, which names the events under ``fitted``.
    parameters
        The figures.
    correlation
        Between them, shape (n, n).
    condition
        Condition number of the Jacobian, in ranges.
    rmse_before, rmse_after
        By name of the observations, in scales, at the start and at the best point.
    residuals
        By name of the observations, at the best point, in scales.
    runs
        How many runs it took.
    converged
        Whether the search ended by itself, and not by ``most_runs``.
    """

    scenario: Scenario
    parameters: tuple[Fitted, ...]
    correlation: _Floats
    condition: float
    rmse_before: dict[str, float]
    rmse_after: dict[str, float]
    residuals: dict[str, _Floats]
    runs: int
    converged: bool


class _Enough(Exception):  # noqa: N818 - not an error: the budget is spent
    """The runs are spent."""


@dataclass(slots=True)
class _Search:
    """Runs at points of the unit cube, each once."""

    scenario: Scenario
    city: City
    observed: tuple[Observed, ...]
    parameters: dict[str, Parameter]
    scales: Scales
    most_runs: int
    store: str
    on_run: Callable[[int, dict[str, float], float], None] | None
    known: dict[tuple[float, ...], dict[str, _Floats]] = field(default_factory=dict)

    def values(self, unit: _Floats) -> dict[str, float]:
        """Return the figures at a point."""
        pairs = zip(self.parameters.items(), unit.tolist(), strict=True)
        return {path: p.low + u * (p.high - p.low) for (path, p), u in pairs}

    def parts(self, unit: _Floats) -> dict[str, _Floats]:
        """Return the errors at a point, by name of the observations."""
        key = tuple(np.round(np.clip(unit, 0.0, 1.0), 9).tolist())
        if key not in self.known:
            if len(self.known) >= self.most_runs:
                raise _Enough
            values = self.values(np.array(key))
            done = run(self.scenario.replace(**values), self.city, store=self.store)
            self.known[key] = residuals_of(done, self.observed, self.scales)
            if self.on_run is not None:
                self.on_run(len(self.known), values, _rms(_joined(self.known[key])))
        return self.known[key]

    def errors(self, unit: _Floats) -> _Floats:
        """Return all errors at a point."""
        return _joined(self.parts(unit))

    def cost(self, unit: _Floats) -> float:
        """Return the sum of squared errors at a point."""
        return float((self.errors(unit) ** 2).sum())

    def jacobian(self, unit: _Floats) -> _Floats:
        """Return the change of the errors per range of each parameter, shape (m, n)."""
        here = self.errors(unit)
        columns = []
        for k in range(unit.size):
            step = STEP if unit[k] + STEP <= 1.0 else -STEP
            there = unit.copy()
            there[k] += step
            columns.append((self.errors(there) - here) / step)
        return np.stack(columns, axis=1)

    def best(self) -> _Floats:
        """Return the best point so far."""
        return np.array(min(self.known, key=lambda key: _rms(_joined(self.known[key]))))


def calibrate(
    scenario: Scenario | str | Path,
    city: City | str | Path | None,
    observed: Iterable[Observed | Path | str],
    parameters: Mapping[str, Parameter | tuple[float, float]],
    *,
    scales: Scales | None = None,
    method: str = "least_squares",
    most_runs: int = 60,
    seed: int = 0,
    on_run: Callable[[int, dict[str, float], float], None] | None = None,
) -> Calibration:
    """
    Fit fields of a scenario to observations.

    Parameters
    ----------
    scenario, city
        What is run; a log of responses among the observations is replayed as it went.
    observed
        Levels, street reports and logs, or the mappings of them.
    parameters
        Bounds by path of a field: ``{"ground.offset_m": (-0.3, 0.3)}``.
    scales
        How large an error counts as one.
    method
        ``least_squares`` or ``differential_evolution``.
    most_runs
        Runs after which the search ends with the best so far; the runs for the standard errors
        come on top.
    seed
        Of ``differential_evolution``.
    on_run
        Is told of every run: its number, the figures, and the root mean square error in scales.

    Raises
    ------
    InvalidInputError
        If there are more parameters than observations, or nothing that can be fitted to.
    """
    base = load_scenario(scenario)
    place = find_city(base, city)
    data = tuple(each if isinstance(each, Observed) else read_observed(each) for each in observed)
    bounds = {
        path: given if isinstance(given, Parameter) else Parameter(low=given[0], high=given[1])
        for path, given in parameters.items()
    }
    logs = [each for each in data if each.kind == "responses"]
    planned = plan_replay(base, place, logs).scenario if logs else base
    with tempfile.TemporaryDirectory(prefix="calibration-") as store:
        search = _Search(
            planned.resolve(), place, data, bounds, scales or Scales(), most_runs, store, on_run
        )
        start = np.array([(p.first - p.low) / (p.high - p.low) for p in bounds.values()])
        before = search.parts(start)
        _require_enough(before, bounds)
        converged = _find(search, start, method, seed)
        best = search.best()
        search.most_runs = len(search.known) + 2 * best.size + 1
        return _result(search, base, best, before, converged=converged)


def _find(search: _Search, start: _Floats, method: str, seed: int) -> bool:
    try:
        if method == "differential_evolution":
            everywhere = optimize.differential_evolution(
                search.cost,
                [(0.0, 1.0)] * start.size,
                rng=np.random.default_rng(seed),
                x0=start,
                popsize=8,
                tol=1e-3,
                polish=False,
            )
            return bool(everywhere.success)
        found = optimize.least_squares(
            search.errors,
            np.clip(start, 1e-6, 1.0 - 1e-6),
            jac=search.jacobian,
            bounds=(0.0, 1.0),
            xtol=1e-3,
            ftol=1e-4,
        )
    except _Enough:
        return False
    return bool(found.success)


def _result(
    search: _Search,
    base: Scenario,
    best: _Floats,
    before: dict[str, _Floats],
    *,
    converged: bool,
) -> Calibration:
    errors = search.errors(best)
    jacobian = search.jacobian(best)
    spread, correlation, condition = _identify(jacobian, errors)
    fitted = []
    for k, (path, p) in enumerate(search.parameters.items()):
        width = p.high - p.low
        fitted.append(
            Fitted(
                path=path,
                value=p.low + float(best[k]) * width,
                low=p.low,
                high=p.high,
                error=float(spread[k]) * width,
                at_bound=bool(best[k] < 0.01 or best[k] > 0.99),
                identified=bool(spread[k] < 0.25),
            )
        )
    after = search.parts(best)
    return Calibration(
        scenario=_named(search, base, fitted),
        parameters=tuple(fitted),
        correlation=correlation,
        condition=condition,
        rmse_before={name: _rms(values) for name, values in before.items()},
        rmse_after={name: _rms(values) for name, values in after.items()},
        residuals=after,
        runs=len(search.known),
        converged=converged,
    )


def _identify(jacobian: _Floats, errors: _Floats) -> tuple[_Floats, _Floats, float]:
    """Return standard errors in ranges, correlations, and the condition number."""
    count, n = jacobian.shape
    singular = np.linalg.svd(jacobian, compute_uv=False)
    condition = float(singular[0] / singular[-1]) if singular[-1] > 0.0 else math.inf
    felt = np.linalg.norm(jacobian, axis=0) > 1e-9
    spread, correlation = np.full(n, math.inf), np.eye(n)
    if felt.any() and count > n:
        variance = float((errors**2).sum()) / (count - n)
        part = jacobian[:, felt]
        covariance = variance * np.linalg.pinv(part.T @ part)
        root = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
        spread[felt] = root
        correlation[np.ix_(felt, felt)] = covariance / np.outer(root, root)
    return spread, correlation, condition


def _named(search: _Search, base: Scenario, fitted: list[Fitted]) -> Scenario:
    """Return the scenario with the figures, and the events to which they were fitted."""
    period = base.period
    events = []
    for each in search.observed:
        first = max(each.report.first or period.start, period.start)
        last = min(each.report.last or period.start, period.datetime_at(period.duration_s))
        events.append(
            {
                "name": each.mapping.name,
                "start": first.isoformat(),
                "end": max(first, last).isoformat(),
                "fields": [one.path for one in fitted],
                "files": sorted(each.files.values()),
            }
        )
    changes: dict[str, object] = {one.path: round(one.value, 6) for one in fitted}
    known = base.to_dict().get("fitted") or []
    changes["fitted"] = [*known, *events] if isinstance(known, list) else events
    changes["name"] = f"{base.name[:73]}-fitted"
    return base.replace(**changes)


def _require_enough(parts: dict[str, _Floats], parameters: Mapping[str, Parameter]) -> None:
    count = sum(values.size for values in parts.values())
    if count <= len(parameters):
        raise InvalidInputError(
            f"{len(parameters)} figures cannot be fitted to {count} observations",
            where="calibrate: parameters",
            remedy="Fit fewer figures, or give more observations.",
        )


def _joined(parts: dict[str, _Floats]) -> _Floats:
    return np.concatenate(list(parts.values()))


def _rms(values: _Floats) -> float:
    return math.sqrt(float((values**2).mean())) if values.size else math.nan
