"""What every step of building a terrain needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geopandas import GeoDataFrame

    from models.grid import Grid

__all__ = ["Site"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """
    The place that a terrain is built for.

    Parameters
    ----------
    grid, crs
        The city's grid and its reference system.
    layers
        Layers of the city in *crs*; any may be absent.
    base
        Folder that relative file names start from.
    """

    grid: Grid
    crs: str
    layers: Mapping[str, GeoDataFrame]
    base: Path

    def layer(self, name: str) -> GeoDataFrame | None:
        """Return a layer, or None where it is absent or empty."""
        frame = self.layers.get(name)
        return None if frame is None or not len(frame) else frame
