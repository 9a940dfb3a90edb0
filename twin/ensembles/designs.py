"""
From a design to its points: which values the factors take.

Random designs are drawn by SALib (Iwanaga, Usher & Herman 2022) on the unit cube, and brought to
the law of each factor by the inverse of its distribution, so that every design works with every
law and with choices.
"""

from __future__ import annotations

import csv
import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from models.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from pydantic import JsonValue

    from scenarios.schema.sweep import Sweep
    from scenarios.schema.sweep_parts import Factor

__all__ = ["MOST_MEMBERS", "Point", "design_points", "problem_of", "shown"]

MOST_MEMBERS = 1_000_000
#: Largest size, bytes, of a file of points.
_LARGEST_FILE = 64 << 20
#: Probability that is cut off a law without a limit, on each such side: Morris' design asks for the
#: ends of the unit interval, which a normal law does not have.
_CUT = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """
    One combination of values.

    Parameters
    ----------
    chosen
        By factor: a value, or the name of a case.
    unit
        By factor: its place in the unit interval; NaN where a list gave the value.
    """

    chosen: dict[str, JsonValue]
    unit: tuple[float, ...]


def shown(value: JsonValue) -> float | str:
    """Return a value as tables hold it: a number, or text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def problem_of(factors: Sequence[Factor]) -> dict[str, Any]:
    """Return what SALib calls the problem: the factors on the unit cube."""
    return {
        "num_vars": len(factors),
        "names": [factor.name for factor in factors],
        "bounds": [[0.0, 1.0]] * len(factors),
    }


def design_points(sweep: Sweep) -> list[Point]:
    """
    Return the points of a sweep, in the order of its design.

    Raises
    ------
    ScenarioError
        If the design has too many points, or a list of points does not fit the factors.
    """
    match sweep.design.form:
        case "full_factorial":
            points = list(_factorial(sweep))
        case "points":
            rows = sweep.design.points or ()
            points = [
                _listed(sweep, dict(row), sweep.place("design", "points", index))
                for index, row in enumerate(rows)
            ]
        case "csv":
            points = list(_from_file(sweep))
        case _:
            points = _drawn(sweep)
    if len(points) * sweep.replications > MOST_MEMBERS:
        raise ScenarioError(
            f"this makes more than {MOST_MEMBERS} members",
            where=sweep.place("design"),
            value=f"{len(points)} points of {sweep.replications} replications",
            remedy="Take fewer points or replications.",
        )
    return points


def _factorial(sweep: Sweep) -> Iterator[Point]:
    axes = [list(_levels(factor)) for factor in sweep.factors]
    count = 1
    for axis in axes:
        count *= len(axis)
    if count > MOST_MEMBERS:
        raise ScenarioError(
            f"this makes more than {MOST_MEMBERS} members",
            where=sweep.place("design"),
            value=f"{count} points",
            remedy="Take fewer levels, or a Latin hypercube.",
        )
    names = [factor.name for factor in sweep.factors]
    for combination in itertools.product(*axes):
        yield Point(
            chosen=dict(zip(names, (value for _, value in combination), strict=True)),
            unit=tuple(place for place, _ in combination),
        )


def _levels(factor: Factor) -> Iterator[tuple[float, JsonValue]]:
    """Yield place in the unit interval and value of each level of a factor."""
    choices = _choices(factor)
    if choices is not None:
        for index, choice in enumerate(choices):
            yield (index + 0.5) / len(choices), choice
        return
    count = factor.levels or 2
    limited = factor.form == "uniform"
    for index in range(count):
        place = index / (count - 1) if limited else (index + 0.5) / count
        yield place, _value(factor, place)


def _drawn(sweep: Sweep) -> list[Point]:
    """Return the points of a design that SALib draws."""
    from SALib.sample import latin, morris, sobol  # noqa: PLC0415 - a second that lists do not need

    problem, design = problem_of(sweep.factors), sweep.design
    seed = int(np.random.SeedSequence(sweep.seed).generate_state(1)[0])
    if design.latin_hypercube is not None:
        unit = latin.sample(problem, design.latin_hypercube.points, seed=seed)
    elif design.sobol is not None:
        unit = sobol.sample(
            problem, design.sobol.base, calc_second_order=design.sobol.second_order, seed=seed
        )
    elif design.morris is not None:
        unit = morris.sample(
            problem, design.morris.trajectories, num_levels=design.morris.levels, seed=seed
        )
    else:
        raise ScenarioError("this design draws nothing", where=sweep.place("design"))
    names = [factor.name for factor in sweep.factors]
    places = np.asarray(unit, np.float64)
    return [
        Point(
            chosen={
                name: _value(factor, float(place))
                for name, factor, place in zip(names, sweep.factors, row, strict=True)
            },
            unit=tuple(row.tolist()),
        )
        for row in places
    ]


def _choices(factor: Factor) -> list[JsonValue] | None:
    if factor.cases is not None:
        return list(factor.cases)
    return None if factor.values is None else list(factor.values)


def _value(factor: Factor, place: float) -> JsonValue:
    """Return the value of a factor at a place in the unit interval."""
    choices = _choices(factor)
    if choices is not None:
        weights = np.asarray(factor.weights or np.ones(len(choices)), np.float64)
        ends = np.cumsum(weights) / weights.sum()
        return choices[min(int(np.searchsorted(ends, place, side="right")), len(choices) - 1)]
    value = _quantile(factor, np.asarray(place))
    return round(value) if factor.whole else value


def _quantile(factor: Factor, place: NDArray[np.float64]) -> float:
    if factor.uniform is not None:
        law = factor.uniform
        return float(law.low + place * (law.high - law.low))
    if factor.triangular is not None:
        tri = factor.triangular
        width = tri.high - tri.low
        return float(stats.triang.ppf(place, (tri.mode - tri.low) / width, tri.low, width))
    if factor.normal is None:
        raise ScenarioError("this factor has no law", where=factor.name)
    law_n = factor.normal
    mean, deviation = law_n.mean, law_n.standard_deviation
    first = _CUT if law_n.low is None else float(stats.norm.cdf(law_n.low, mean, deviation))
    last = 1.0 - _CUT if law_n.high is None else float(stats.norm.cdf(law_n.high, mean, deviation))
    found = float(stats.norm.ppf(first + place * (last - first), mean, deviation))
    low = -np.inf if law_n.low is None else law_n.low
    high = np.inf if law_n.high is None else law_n.high
    return float(min(max(found, low), high))


# Lists


def _listed(sweep: Sweep, row: dict[str, JsonValue], where: str) -> Point:
    names = [factor.name for factor in sweep.factors]
    missing = [name for name in names if name not in row]
    unknown = [name for name in row if name not in names]
    if missing or unknown:
        raise ScenarioError(
            f"the point lacks {', '.join(missing)}" if missing else "there is no such factor",
            where=where,
            value=None if missing else unknown[0],
            remedy=f"The factors are {', '.join(names)}.",
        )
    for factor in sweep.factors:
        if factor.cases is not None and row[factor.name] not in factor.cases:
            raise ScenarioError(
                f"{factor.name} has no such case",
                where=where,
                value=row[factor.name],
                remedy=f"Its cases are {', '.join(factor.cases)}.",
            )
    return Point(chosen={n: row[n] for n in names}, unit=tuple(float("nan") for _ in names))


def _from_file(sweep: Sweep) -> Iterator[Point]:
    given = sweep.design.csv
    if given is None:
        return
    where = sweep.place("design", "csv", "file")
    path = Path(given.file) if Path(given.file).is_absolute() else sweep.folder / given.file
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ScenarioError("the file is larger than 64 MiB", where=where, value=str(path))
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(
            f"the points cannot be read ({getattr(error, 'strerror', None) or error})",
            where=where,
            value=str(path),
            remedy="Name a CSV file in UTF-8 with one column for each factor.",
        ) from error
    table = csv.reader(text.splitlines(), delimiter=given.delimiter)
    header = [name.strip() for name in next(table, [])]
    if len(set(header)) != len(header) or not header:
        raise ScenarioError("the first line must name every column once", where=str(path))
    count = 0
    for line, cells in enumerate(table, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise ScenarioError(
                f"the row has {len(cells)} values for {len(header)} columns",
                where=f"{path}:{line}",
                value=given.delimiter.join(cells)[:80],
            )
        count += 1
        row = {n: _cell(c.strip()) for n, c in zip(header, cells, strict=True)}
        yield _listed(sweep, row, f"{path}:{line}")
    if not count:
        raise ScenarioError("the file holds no points", where=str(path))


def _cell(text: str) -> JsonValue:
    """Return a cell as a number, true, false or nothing where it reads as one, else as text."""
    words: dict[str, JsonValue] = {"true": True, "false": False, "null": None}
    if text in words:
        return words[text]
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        if np.isfinite(number):
            return number
    return text
