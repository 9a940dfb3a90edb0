"""
Which streets flood, when, and how sure that is: what members of an ensemble agree on.

Members count alike. A share of members is a probability only as far as the members cover what is
not known; an ensemble of one uncertain number says nothing about all the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.errors import InvalidInputError
from twin.evaluation.streets import StreetCells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from twin.results.open import Run

__all__ = ["flooded_share", "street_certainty"]


def flooded_share(runs: Sequence[Run], depth_m: float) -> NDArray[np.float64]:
    """
    Return the share of members in which each cell was ever *depth_m* deep, shape (ny, nx).

    Raises
    ------
    InvalidInputError
        If there is no member, or they differ in their grids.
    """
    _require_alike(runs)
    wet = [np.nan_to_num(run.flood["max_depth"].to_numpy()) >= depth_m for run in runs]
    return np.asarray(np.mean(wet, axis=0), np.float64)


def street_certainty(
    runs: Sequence[Run], *, depth_m: float = 0.1, least_m: float = 200.0
) -> pd.DataFrame:
    """
    Return one row for every named street, the surest to flood first.

    Parameters
    ----------
    runs
        The members: one city, whose ground may differ, one period, one grid.
    depth_m
        Depth from which a street is flooded.
    least_m
        Shorter streets, by the cells that they cross, are left out.

    Returns
    -------
    DataFrame
        ``street``, ``length_m`` (about), ``members`` (share of members in which at least a tenth
        of it floods), ``flooded`` with ``flooded_low`` and ``flooded_high`` (share of its length:
        median, least, most of the members), ``deepest_m`` with ``deepest_low_m`` and
        ``deepest_high_m``, and ``from_s`` and ``until_s``: medians, over the members in which it
        floods, of when any of it is flooded.

    Raises
    ------
    InvalidInputError
        If there is no member, or they differ in their grids.
    """
    _require_alike(runs)
    cell_m = float(runs[0].flood.attrs["cell_size_m"])
    told: dict[str, list[tuple[float, float, float, float]]] = {}
    lengths: dict[str, float] = {}
    for run in runs:
        cells = StreetCells(run)
        for name, places in cells.by_name.items():
            if places.size * cell_m < least_m:
                continue
            lengths[name] = places.size * cell_m
            told.setdefault(name, []).append(_of_street(cells, places, depth_m))
    rows = []
    for name, members in told.items():
        share, deepest, start_s, end_s = np.array(members).T
        wet = share >= 0.1
        rows.append(
            {
                "street": name,
                "length_m": lengths[name],
                "members": float(wet.mean()),
                "flooded": float(np.median(share)),
                "flooded_low": float(share.min()),
                "flooded_high": float(share.max()),
                "deepest_m": float(np.median(deepest)),
                "deepest_low_m": float(deepest.min()),
                "deepest_high_m": float(deepest.max()),
                "from_s": float(np.median(start_s[wet])) if wet.any() else np.nan,
                "until_s": float(np.median(end_s[wet])) if wet.any() else np.nan,
            }
        )
    table = pd.DataFrame(rows)
    keys = ["members", "flooded", "length_m", "street"]
    return table.sort_values(keys, ascending=[False, False, False, True]).reset_index(drop=True)


def _of_street(
    cells: StreetCells, places: NDArray[np.int64], depth_m: float
) -> tuple[float, float, float, float]:
    """Return the share that was flooded, the greatest depth, m, and from when to when, s."""
    depth = cells.depth_m[:, places]
    over = depth >= depth_m
    when = np.flatnonzero(over.any(axis=1))
    start_s, end_s = (cells.time_s[when[0]], cells.time_s[when[-1]]) if when.size else (np.nan,) * 2
    return float(over.any(axis=0).mean()), float(depth.max()), float(start_s), float(end_s)


def _require_alike(runs: Sequence[Run]) -> None:
    if not runs:
        raise InvalidInputError("an ensemble needs at least one member", where="runs")
    shapes = {tuple(run.flood["max_depth"].shape) for run in runs}
    cities = {str(run.manifest["city"]["name"]) for run in runs}
    if len(shapes) > 1 or len(cities) > 1:
        raise InvalidInputError(
            "the members are not of one city and grid",
            where=", ".join(run.id for run in runs[:4]),
            remedy="Compare members of one ensemble.",
        )
