"""
How much each factor matters for a figure, by the method that goes with the design.

The figure of a point is the mean over its replications.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.errors import InvalidInputError
from twin.ensembles.designs import problem_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.ensembles.results import Ensemble

__all__ = ["indices", "point_values"]

_FEWEST_GIVEN = 20


def point_values(ensemble: Ensemble, figure: str) -> NDArray[np.float64]:
    """
    Return the figure of every point, the mean over its replications; NaN where none has it.

    Raises
    ------
    InvalidInputError
        If there is no such figure.
    """
    if figure not in ensemble.figures:
        near = [name for name in ensemble.figures if figure in name] or ensemble.figures
        raise InvalidInputError(
            "there is no such key figure", where=ensemble.id, value=figure,
            remedy=f"There are {', '.join(near[:12])}.",
        )  # fmt: skip
    means = ensemble.chosen().groupby("point")[figure].mean()
    values = np.full(len(ensemble.plan.points), np.nan)
    values[means.index.to_numpy(np.int64)] = means.to_numpy(np.float64)
    return values


def indices(ensemble: Ensemble, figure: str) -> pd.DataFrame:
    """
    Return the table of :meth:`twin.ensembles.results.Ensemble.sensitivity`.

    Columns: ``factor``, ``method``, and by method ``first_order`` and ``total`` (Sobol 2001,
    Saltelli et al. 2010; for a full factorial the exact shares of the variance over its levels),
    ``mu``, ``mu_star`` and ``sigma`` (Morris 1991, Campolongo et al. 2007), or ``delta`` (Borgonovo
    2007, Plischke et al. 2013), each with its 95 % interval as ``…_interval`` where there is one.

    Raises
    ------
    InvalidInputError
        If a point that the method needs is missing, the figure never changes, or a list of points
        is too short.
    """
    values = point_values(ensemble, figure)
    form = ensemble.sweep.design.form
    missing = np.flatnonzero(~np.isfinite(values))
    if missing.size and form not in {"points", "csv", "latin_hypercube"}:
        raise InvalidInputError(
            f"{missing.size} of {values.size} points lack this figure, and this design needs all",
            where=f"{ensemble.id}, point {missing[0]}",
            value=figure,
            remedy="Start the sweep again, or choose a figure that every member has.",
        )
    known = values[np.isfinite(values)]
    if known.size < 2 or float(np.ptp(known)) == 0.0:
        raise InvalidInputError(
            "the figure is the same at every point, so that nothing matters for it",
            where=ensemble.id,
            value=figure,
        )
    match form:
        case "sobol":
            return _sobol(ensemble, values)
        case "morris":
            return _morris(ensemble, values)
        case "full_factorial":
            return _factorial(ensemble, values)
        case _:
            return _given_data(ensemble, values)


def _names(ensemble: Ensemble, method: str) -> dict[str, Any]:
    return {"factor": ensemble.factors, "method": method}


def _unit(ensemble: Ensemble) -> NDArray[np.float64]:
    return np.asarray([point.unit for point in ensemble.plan.points], np.float64)


def _sobol(ensemble: Ensemble, values: NDArray[np.float64]) -> pd.DataFrame:
    from SALib.analyze import sobol  # noqa: PLC0415 - few readers need it

    design = ensemble.sweep.design.sobol
    second = design is not None and design.second_order
    found = sobol.analyze(
        problem_of(ensemble.sweep.factors), values, calc_second_order=second, seed=0
    )
    return pd.DataFrame(
        {
            **_names(ensemble, "sobol"),
            "first_order": found["S1"],
            "first_order_interval": found["S1_conf"],
            "total": found["ST"],
            "total_interval": found["ST_conf"],
        }
    )


def _morris(ensemble: Ensemble, values: NDArray[np.float64]) -> pd.DataFrame:
    from SALib.analyze import morris  # noqa: PLC0415 - as above

    design = ensemble.sweep.design.morris
    levels = 4 if design is None else design.levels
    found = morris.analyze(
        problem_of(ensemble.sweep.factors), _unit(ensemble), values, num_levels=levels, seed=0
    )
    return pd.DataFrame(
        {
            **_names(ensemble, "morris"),
            "mu": found["mu"],
            "mu_star": found["mu_star"],
            "mu_star_interval": found["mu_star_conf"],
            "sigma": found["sigma"],
        }
    )


def _factorial(ensemble: Ensemble, values: NDArray[np.float64]) -> pd.DataFrame:
    """Return the shares of the variance over a full grid, which are exact for its levels."""
    shape = _levels(ensemble)
    grid = values.reshape(shape)
    whole = float(grid.var())
    first, total = [], []
    for axis in range(len(shape)):
        others = tuple(a for a in range(len(shape)) if a != axis)
        first.append(float(grid.mean(axis=others).var()) / whole)
        total.append(float(grid.var(axis=axis).mean()) / whole)
    return pd.DataFrame(
        {**_names(ensemble, "full_factorial"), "first_order": first, "total": total}
    )


def _levels(ensemble: Ensemble) -> tuple[int, ...]:
    """Return how many levels each factor of a full factorial has."""
    unit = _unit(ensemble)
    return tuple(int(np.unique(unit[:, column]).size) for column in range(unit.shape[1]))


def _given_data(ensemble: Ensemble, values: NDArray[np.float64]) -> pd.DataFrame:
    from SALib.analyze import delta  # noqa: PLC0415 - as above

    places = _unit(ensemble)
    if np.isnan(places).any():
        places = _places_of_list(ensemble)
    there = np.isfinite(values)
    if int(there.sum()) < _FEWEST_GIVEN:
        raise InvalidInputError(
            f"indices from given data need at least {_FEWEST_GIVEN} points that have the figure",
            where=ensemble.id,
            value=int(there.sum()),
            remedy="Take more points, or a Morris design, which needs few.",
        )
    found = delta.analyze(problem_of(ensemble.sweep.factors), places[there], values[there], seed=0)
    return pd.DataFrame(
        {
            **_names(ensemble, "given_data"),
            "delta": found["delta"],
            "delta_interval": found["delta_conf"],
            "first_order": found["S1"],
            "first_order_interval": found["S1_conf"],
        }
    )


def _places_of_list(ensemble: Ensemble) -> NDArray[np.float64]:
    """Return places in the unit interval of listed points: numbers scaled, words in turn."""
    columns = []
    for factor in ensemble.factors:
        given = [point.chosen[factor] for point in ensemble.plan.points]
        if all(isinstance(v, int | float) and not isinstance(v, bool) for v in given):
            numbers = np.asarray(given, np.float64)
        else:
            known = sorted({str(v) for v in given})
            numbers = np.asarray([known.index(str(v)) for v in given], np.float64)
        width = float(np.ptp(numbers)) or 1.0
        columns.append((numbers - numbers.min()) / width)
    return np.column_stack(columns)
