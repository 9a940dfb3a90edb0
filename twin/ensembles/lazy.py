"""The maps of an ensemble as one dataset, of which nothing is read before it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dask.array as da
import numpy as np
import xarray as xr
import zarr

from models.errors import InvalidInputError, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from twin.ensembles.results import Ensemble
    from twin.ensembles.store import EnsembleStore

__all__ = ["array_of", "dataset_of", "fields_of", "read_field", "template_of"]

#: Fields that are the same in every member of one city.
_SAME = ("water", "inside")
_AXES = ("x", "y", "time", "elapsed_s", "spatial_ref")


def open_fields(store: EnsembleStore, flood: str) -> zarr.Group:
    """
    Open the maps of a flood.

    Raises
    ------
    StoreError
        If it kept none: its city has no terrain.
    """
    try:
        return zarr.open_group(store.zarr(f"floods/{flood}/flood.zarr"), mode="r")
    except (OSError, KeyError, ValueError) as error:
        raise StoreError("this flood has no maps", where=f"{store.url}/floods/{flood}") from error


def read_field(store: EnsembleStore, flood: str, field: str) -> NDArray[Any]:
    """
    Return one map of one flood, shape (ny, nx).

    Raises
    ------
    InvalidInputError
        If it has no such map.
    """
    group = open_fields(store, flood)
    found = group.get(field)
    if not isinstance(found, zarr.Array) or found.ndim != 2:
        names = fields_of(group)
        raise InvalidInputError(
            "there is no such map",
            where=flood,
            value=field,
            remedy=f"There are {', '.join(names)}.",
        )
    return np.asarray(found[...])


def fields_of(group: zarr.Group) -> list[str]:
    """Return the names of the maps of a flood that do not change over time."""
    return sorted(name for name, array in group.arrays() if array.ndim == 2 and name not in _AXES)


def template_of(ensemble: Ensemble) -> tuple[str, zarr.Group]:
    """
    Return the first flood of an ensemble, with its maps.

    Raises
    ------
    StoreError
        If no finished member has a flood.
    InvalidInputError
        If the members lie on different grids.
    """
    floods = sorted(set(ensemble.table["flood"]) - {""})
    if not floods:
        raise StoreError("no finished member has a flood", where=ensemble.id)
    first = open_fields(ensemble.store, floods[0])
    points = ensemble.plan.points
    varies = {p.city for p in points} != {points[0].city} or any(
        path.split(".")[0] in {"grid", "city"} for p in points for path, _ in p.changes
    )
    if varies:
        shapes = {_extent(first)}
        shapes |= {_extent(open_fields(ensemble.store, flood)) for flood in floods[1:]}
        if len(shapes) > 1:
            raise InvalidInputError(
                "the members lie on different grids, so that their maps cannot be put together",
                where=ensemble.id,
                value=sorted(shapes)[:3],
                remedy="Look at single members with `flood(member)`.",
            )
    return floods[0], first


def _extent(group: zarr.Group) -> tuple[float, ...]:
    x, y = (np.asarray(array_of(group, name)[...]) for name in ("x", "y"))
    return (float(x.size), float(y.size), float(x[0]), float(y[0]), float(x[-1]))


def dataset_of(ensemble: Ensemble) -> xr.Dataset:
    """Return the dataset of :attr:`twin.ensembles.results.Ensemble.dataset`."""
    _, first = template_of(ensemble)
    table = ensemble.table
    floods = [str(flood) for flood in table["flood"]]
    arrays = {name: np.asarray(array_of(first, name)[...]) for name in ("x", "y")}
    shape = (arrays["y"].size, arrays["x"].size)
    coords: dict[str, Any] = {
        "member": table["member"].to_numpy(np.int64),
        **{axis: (axis, values, _attributes(first, axis)) for axis, values in arrays.items()},
    }
    for name in ("point", "replication", *ensemble.factors):
        coords[name] = ("member", _plain(table[name].to_numpy()))
    data: dict[str, Any] = {}
    for name in fields_of(first):
        attributes = _attributes(first, name)
        if name in _SAME:
            data[name] = (("y", "x"), np.asarray(array_of(first, name)[...]), attributes)
        else:
            data[name] = (
                ("member", "y", "x"),
                _lazy(ensemble.store, floods, name, shape),
                attributes,
            )
    if ensemble.plan.frames:
        data |= _frames(ensemble, first, floods, shape, coords)
    for name in ensemble.figures:
        data[f"figure/{name}"] = ("member", table[name].to_numpy(np.float64))
    dataset = xr.Dataset(data, coords=coords, attrs={"sweep": ensemble.id, **dict(first.attrs)})
    if "spatial_ref" in first:
        dataset = dataset.assign_coords(spatial_ref=((), 0, _attributes(first, "spatial_ref")))
    return dataset


def array_of(group: zarr.Group, name: str) -> zarr.Array[Any]:
    """
    Return an array that the layout of a flood promises.

    Raises
    ------
    StoreError
        If it is not there.
    """
    found = group.get(name)
    if not isinstance(found, zarr.Array):
        raise StoreError("an array of the flood is missing", where=str(group.store), value=name)
    return found


def _attributes(group: zarr.Group, name: str) -> Mapping[str, Any]:
    return {str(k): v for k, v in dict(group[name].attrs).items()}


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(str) if values.dtype.kind in "OTU" else values


def _lazy(store: EnsembleStore, floods: list[str], field: str, shape: tuple[int, int]) -> da.Array:
    def load(block_id: tuple[int, ...]) -> NDArray[np.float32]:
        flood = floods[block_id[0]]
        if not flood:
            return np.full((1, *shape), np.nan, np.float32)
        return read_field(store, flood, field).astype(np.float32)[None]

    lazy: da.Array = da.map_blocks(
        load,
        chunks=((1,) * len(floods), (shape[0],), (shape[1],)),
        dtype=np.float32,
        meta=np.empty((0, 0, 0), np.float32),
    )
    return lazy


def _frames(
    ensemble: Ensemble,
    first: zarr.Group,
    floods: list[str],
    shape: tuple[int, int],
    coords: dict[str, Any],
) -> dict[str, Any]:
    """Return depth over time, where members have the same times."""
    times = np.asarray(array_of(first, "elapsed_s")[...])
    coords["elapsed_s"] = ("elapsed_s", times, _attributes(first, "elapsed_s"))

    def load(block_id: tuple[int, ...]) -> NDArray[np.float32]:
        flood = floods[block_id[0]]
        if not flood:
            return np.full((1, 1, *shape), np.nan, np.float32)
        depth = array_of(open_fields(ensemble.store, flood), "depth")
        return np.asarray(depth[block_id[1]], np.float32)[None, None]

    depth = da.map_blocks(
        load,
        chunks=((1,) * len(floods), (1,) * times.size, (shape[0],), (shape[1],)),
        dtype=np.float32,
        meta=np.empty((0, 0, 0, 0), np.float32),
    )
    return {"depth": (("member", "elapsed_s", "y", "x"), depth, _attributes(first, "depth"))}
