"""
Maps over an ensemble: how likely, and how deep at a chance.

One flood is read at a time, and counted as often as members share it, so that memory does not grow
with the number of members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr
import zarr

from models.errors import InvalidInputError, StoreError
from twin.city.city import open_city
from twin.ensembles.lazy import array_of, read_field, template_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from twin.ensembles.results import Ensemble

__all__ = ["exceedance", "quantiles", "streets"]

#: Largest memory, bytes, of the values of all floods that are sorted at once.
_SORTED_BYTES = 128 << 20


def _weights(ensemble: Ensemble, members: Sequence[int] | None) -> dict[str, int]:
    """Return how many of the members have each flood; a dry member has the empty one."""
    counts = ensemble.chosen(members)["flood"].value_counts()
    return {str(flood): int(count) for flood, count in sorted(counts.items())}


def _map(
    ensemble: Ensemble, values: NDArray[np.float64], name: str, unit: str, members: int
) -> xr.DataArray:
    _, first = template_of(ensemble)
    axes = {a: np.asarray(array_of(first, a)[...]) for a in ("y", "x")}
    attributes = {"units": unit, "members": members, "sweep": ensemble.id}
    return xr.DataArray(
        values.astype(np.float32), coords=axes, dims=("y", "x"), name=name, attrs=attributes
    )


def exceedance(
    ensemble: Ensemble,
    threshold: float,
    field: str = "max_depth",
    *,
    members: Sequence[int] | None = None,
) -> xr.DataArray:
    """
    Return the share of members whose *field* reaches *threshold*, shape (y, x).

    See :meth:`twin.ensembles.results.Ensemble.exceedance`. A member that stays dry reaches nothing.
    NaN where no member has ground.
    """
    weights = _weights(ensemble, members)
    total = sum(weights.values())
    template_of(ensemble)
    reached: NDArray[np.float64] | None = None
    ground: NDArray[np.bool_] | None = None
    for flood, weight in weights.items():
        if not flood:
            continue
        values = read_field(ensemble.store, flood, field)
        here = np.isfinite(read_field(ensemble.store, flood, "ground_level"))
        if reached is None or ground is None:
            reached, ground = np.zeros(values.shape), np.zeros(values.shape, np.bool_)
        reached += weight * (values >= threshold)
        ground |= here
    if reached is None or ground is None:
        raise StoreError("no member has a flood", where=ensemble.id)
    share = np.where(ground, reached / total, np.nan)
    return _map(ensemble, share, f"exceedance_{field}", "1", total).assign_attrs(
        field=field, threshold=threshold
    )


def quantiles(
    ensemble: Ensemble,
    probabilities: ArrayLike,
    field: str = "max_depth",
    *,
    members: Sequence[int] | None = None,
) -> xr.DataArray:
    """
    Return quantiles of *field* over the members, shape (quantile, y, x).

    See :meth:`twin.ensembles.results.Ensemble.quantiles`.

    Raises
    ------
    InvalidInputError
        If a probability lies outside 0 to 1.
    """
    wanted = np.atleast_1d(np.asarray(probabilities, np.float64))
    if not ((wanted >= 0.0) & (wanted <= 1.0)).all():
        raise InvalidInputError(
            "probabilities lie from 0 to 1", where="quantiles", value=wanted.tolist()
        )
    weights = {f: w for f, w in _weights(ensemble, members).items() if f}
    _, first = template_of(ensemble)
    counts = np.asarray(list(weights.values()), np.float64)
    rows, columns = read_field(ensemble.store, next(iter(weights)), field).shape
    found = np.full((wanted.size, rows, columns), np.nan)
    step = max(1, _SORTED_BYTES // (4 * max(1, counts.size) * columns))
    for top in range(0, rows, step):
        bottom = min(rows, top + step)
        values = np.empty((counts.size, bottom - top, columns), np.float32)
        for place, flood in enumerate(weights):
            values[place] = read_field(ensemble.store, flood, field)[top:bottom]
        values[np.isnan(values)] = np.inf
        for row in range(bottom - top):  # one at a time: sorting takes several times its memory
            found[:, top + row] = _weighted(values[:, row], counts, wanted)
    found[~np.isfinite(found)] = np.nan
    parts = [_map(ensemble, part, f"quantile_{field}", "", int(counts.sum())) for part in found]
    stacked = xr.concat(parts, pd.Index(wanted, name="quantile"))
    return stacked.assign_attrs(field=field, units=str(first[field].attrs.get("units", "")))


def _weighted(
    values: NDArray[np.float32], weights: NDArray[np.float64], wanted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return weighted quantiles along the first axis: the inverse of the distribution function."""
    order = np.argsort(values, axis=0, kind="stable")
    below = np.cumsum(weights[order], axis=0)
    total = weights.sum()
    result = np.empty((wanted.size, *values.shape[1:]))
    for row, probability in enumerate(wanted):
        place = (below >= probability * total * (1.0 - 1e-12)).argmax(axis=0)
        index = np.take_along_axis(order, place[None], axis=0)
        result[row] = np.take_along_axis(values, index, axis=0)[0]
    return result


def streets(
    ensemble: Ensemble, depth_m: float, *, members: Sequence[int] | None = None
) -> pd.DataFrame:
    """
    Return how likely each street stands under *depth_m*.

    See :meth:`twin.ensembles.results.Ensemble.streets`.

    Raises
    ------
    StoreError
        If no roads were recorded.
    InvalidInputError
        If the members lie in different cities.
    """
    if len({point.city for point in ensemble.plan.points}) > 1:
        raise InvalidInputError("the members lie in different cities", where=ensemble.id)
    weights = _weights(ensemble, members)
    total = sum(weights.values())
    depths: list[NDArray[np.float32]] = []
    counts: list[int] = []
    folder = ensemble.store.folder(f"cities/{ensemble.plan.points[0].city}")
    roads = open_city(folder).layer("roads")
    for flood, weight in weights.items():
        if flood:
            depths.append(_deepest(ensemble, flood, len(roads)))
            counts.append(weight)
    if not depths:
        raise StoreError("no member has a flood", where=ensemble.id)
    stacked = np.stack(depths)
    reached = (stacked >= depth_m).astype(np.float64).T @ np.asarray(counts, np.float64) / total
    middle = _weighted(stacked, np.asarray(counts, np.float64), np.asarray([0.5]))[0]
    table = pd.DataFrame(
        {
            "segment_id": roads["segment_id"].to_numpy(),
            "name": roads["name"].fillna("").astype(str).to_numpy(),
            "length_m": roads.geometry.length.to_numpy(),
            "probability": reached,
            "p50_depth_m": middle,
        }
    )
    order = ["probability", "p50_depth_m", "segment_id"]
    found = table.sort_values(order, ascending=[False, False, True], kind="stable")
    return found.reset_index(drop=True)


def _deepest(ensemble: Ensemble, flood: str, streets: int) -> NDArray[np.float32]:
    """Return the deepest water on every street of the city, m, shape (streets,)."""
    try:
        group = zarr.open_group(ensemble.store.zarr(f"floods/{flood}/roads.zarr"), mode="r")
    except (OSError, KeyError, ValueError) as error:
        raise StoreError("this flood has no roads", where=ensemble.id, value=flood) from error
    depth, segment = array_of(group, "depth"), np.asarray(array_of(group, "segment")[...])
    step = int(depth.chunks[0])
    deepest = np.zeros(segment.size, np.float32)
    for first in range(0, int(depth.shape[0]), step):
        block = np.asarray(depth[first : first + step])
        np.fmax(deepest, np.fmax.reduce(block, axis=0), out=deepest)
    by_street = np.zeros(streets, np.float32)
    np.maximum.at(by_street, segment, deepest)
    return by_street
