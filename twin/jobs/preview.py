"""A small picture of the water of a run that is being computed, as it fills in."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr

from twin.store.layout import Layout

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from twin.jobs.job import Job

__all__ = ["preview", "thumbnail"]

#: Depths, m, at which the colours change, and the colours (ColorBrewer YlGnBu, Harrower & Brewer
#: 2003), of which a deeper one is darker.
_DEPTHS_M = (0.02, 0.1, 0.3, 0.5, 1.0, 2.0)
_COLOURS = ("#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84")
_LAND, _OUTSIDE = (128, 138, 148, 60), (0, 0, 0, 0)


def preview(root: Path, job: Job, *, pixels: int = 320) -> bytes | None:
    """
    Return a PNG of the newest stored depth of *job*, None where there is none yet.

    Parameters
    ----------
    root
        Folder of the store.
    job
        A job.
    pixels
        The longer side; each pixel shows the deepest of the cells that it covers.
    """
    layout = Layout(root)
    for folder in (layout.partial / job.run_id, layout.runs / job.run_id):
        flood = folder / "flood.zarr"
        if job.run_id and flood.is_dir():
            try:
                return _draw(zarr.open_group(flood, mode="r"), job.simulated_s, pixels)
            except (OSError, KeyError, ValueError):
                continue  # the run moves to its place, or lays out its files, this moment
    return None


def thumbnail(folder: Path, *, pixels: int = 320) -> bytes | None:
    """
    Return a PNG of the largest depth of a finished run, None where it has no flood.

    Parameters
    ----------
    folder
        The run's folder.
    pixels
        As in :func:`preview`.
    """
    flood = folder / "flood.zarr"
    if not flood.is_dir():
        return None
    group = zarr.open_group(flood, mode="r")
    depth = _coarse(_values(group, "max_depth", slice(None)), pixels)
    ground = _coarse(_values(group, "ground_level", slice(None)), pixels)
    return _png(_colours(depth, np.isnan(ground)))


def _draw(group: zarr.Group, simulated_s: float, pixels: int) -> bytes | None:
    elapsed = _values(group, "elapsed_s", slice(None))
    frame = int(np.searchsorted(elapsed, simulated_s, side="right")) - 1
    if frame < 0:
        return None
    depth = _coarse(_values(group, "depth", frame), pixels)
    if np.isnan(depth).all() and frame > 0:  # the newest is being written
        depth = _coarse(_values(group, "depth", frame - 1), pixels)
    ground = _coarse(_values(group, "ground_level", slice(None)), pixels)
    return _png(_colours(depth, np.isnan(ground)))


def _values(group: zarr.Group, name: str, part: Any) -> NDArray[np.float64]:  # noqa: ANN401 - an index or a slice
    return np.asarray(group[name][part], np.float64)


def _coarse(values: NDArray[np.float64], pixels: int) -> NDArray[np.float64]:
    """Return the largest value of every block of cells, NaN where a block has none."""
    step = max(1, -(-max(values.shape) // pixels))
    rows, columns = (-(-n // step) * step for n in values.shape)
    padded = np.full((rows, columns), -np.inf)
    padded[: values.shape[0], : values.shape[1]] = np.nan_to_num(values, nan=-np.inf)
    blocks = padded.reshape(rows // step, step, columns // step, step).max(axis=(1, 3))
    return np.where(np.isneginf(blocks), np.nan, blocks)


def _colours(depth_m: NDArray[np.float64], outside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    table = np.array([_LAND, *((*bytes.fromhex(c[1:]), 255) for c in _COLOURS), _OUTSIDE], np.uint8)
    kinds = np.digitize(np.nan_to_num(depth_m), _DEPTHS_M)
    return table[np.where(outside, len(table) - 1, kinds)]


def _png(pixels: NDArray[np.uint8]) -> bytes:
    from matplotlib.image import imsave  # noqa: PLC0415 - few need it

    buffer = io.BytesIO()
    imsave(buffer, np.ascontiguousarray(pixels), format="png")
    return buffer.getvalue()
