"""Readers of the small text formats that the real cases come in."""

from __future__ import annotations

import gzip
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Raster", "mean_of", "read_raster", "read_series", "read_table"]


class Raster:
    """
    An ESRI ASCII grid.

    Parameters
    ----------
    values
        Row 0 north; NaN where there is no data.
    west, south, size
        Lower left corner and edge length of a cell, m.
    """

    def __init__(self, values: FloatArray, west: float, south: float, size: float) -> None:
        self.values = values
        self.west = west
        self.south = south
        self.size = size

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Return row and column of a point."""
        rows = self.values.shape[0]
        row = rows - 1 - int(np.floor((y - self.south) / self.size))
        return row, int(np.floor((x - self.west) / self.size))

    def coarser(self, factor: int) -> Raster:
        """Return means over blocks; a block is NaN where half of it is."""
        rows, columns = (n - n % factor for n in self.values.shape)
        cut = self.values.shape[0] - rows
        blocks = self.values[:rows, :columns].reshape(
            rows // factor, factor, columns // factor, factor
        )
        known = ~np.isnan(blocks)
        count = known.sum(axis=(1, 3))
        total = np.where(known, blocks, 0.0).sum(axis=(1, 3))
        mean = np.where(2 * count > factor * factor, total / np.maximum(count, 1), np.nan)
        return Raster(mean, self.west, self.south + cut * self.size, self.size * factor)


def read_raster(path: Path) -> Raster:
    """Read an ESRI ASCII grid, also a gzipped one."""
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    file = BytesIO(text)
    head: dict[str, float] = {}
    for _ in range(6):
        key, value = file.readline().split()
        head[key.decode().lower()] = float(value)
    values = np.loadtxt(file, dtype=np.float64)
    size = head["cellsize"]
    half = 0.5 * size if "xllcenter" in head else 0.0
    west = head.get("xllcorner", head.get("xllcenter", 0.0)) - half
    south = head.get("yllcorner", head.get("yllcenter", 0.0)) - half
    nothing = values == head["nodata_value"]
    return Raster(np.where(nothing, np.nan, values), west, south, size)


def read_table(path: Path, *, delimiter: str | None = None, skip: int = 1) -> FloatArray:
    """Read a table of numbers below *skip* lines."""
    return np.asarray(np.loadtxt(path, delimiter=delimiter, skiprows=skip, ndmin=2), np.float64)


def read_series(path: Path) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Return times, s, and values of each series of a LISFLOOD ``.bdy`` file."""
    lines = [text.strip() for text in path.read_text().splitlines()[1:]]
    found: dict[str, tuple[FloatArray, FloatArray]] = {}
    at = 0
    while at + 1 < len(lines):
        name, count = lines[at], int(lines[at + 1].split()[0])
        rows = np.array([text.split()[:2] for text in lines[at + 2 : at + 2 + count]], np.float64)
        found[name] = (rows[:, 1], rows[:, 0])
        at += 2 + count
    return found


def mean_of(times: FloatArray, values: FloatArray, begin: float, end: float) -> float:
    """Return the mean between two times of a series that is linear between its points."""
    inner = times[(times > begin) & (times < end)]
    at = np.concatenate([[begin], inner, [end]])
    return float(np.trapezoid(np.interp(at, times, values), at) / (end - begin))
