"""
Channels narrower than a cell, as a network over the cells that they pass.

After Neal, Schumann & Bates (2012), Water Resour. Res. 48, W11506. A channel runs from the centre
of a cell to that of one of its four neighbours. It has a rectangular section and a length of its
own between them, that of its centre line, and holds water below the ground of its cells, the
banks. Above the banks, channel and cell have one level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.domain import FloodDomain

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["SHORTEST", "Channels"]

#: Shortest reach, in cells: a shorter one would rule the time step of the whole grid.
SHORTEST = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """
    Cells that channels pass, and the reaches between them.

    Parameters
    ----------
    node_row, node_column
        Cells, each once, shape (nodes,).
    node_bed_m
        Bed of the channel in the cell, m, below the ground of the cell, shape (nodes,); NaN where
        the cell holds no channel, and those that end at it meet the water of the cell itself: a
        canal as wide as cells, a pond, or a prescribed level. In a cell of a prescribed level it
        is the sill over which channels meet it, and may lie above its ground.
    reach_a, reach_b
        Nodes that a reach joins: neighbours that share a side, shape (reaches,).
    width_m, length_m
        Width of the channel, and length along its centre line, m.
    manning
        Manning's n of the channel, s/m^⅓.
    side_friction
        Whether the water rubs on the sides of the channel too; without, the hydraulic radius is
        the depth, as where the channel is resolved by cells.

    Raises
    ------
    InvalidQuantityError
        If shapes differ, a number is not physical, a cell or a reach stands twice, or a reach does
        not join neighbours.
    """

    node_row: IntArray
    node_column: IntArray
    node_bed_m: FloatArray
    reach_a: IntArray
    reach_b: IntArray
    width_m: FloatArray
    length_m: FloatArray
    manning: FloatArray
    side_friction: bool = True

    def __post_init__(self) -> None:
        for names in (
            ("node_row", "node_column", "node_bed_m"),
            ("reach_a", "reach_b", "width_m", "length_m", "manning"),
        ):
            shapes = {getattr(self, name).shape for name in names}
            if len(shapes) > 1 or len(shapes.pop()) != 1:
                raise InvalidQuantityError(
                    "the arrays differ in length, or have more than one axis",
                    where=f"channels, {names[0]}",
                    value=[getattr(self, name).shape for name in names],
                )
        for name, highest in (("width_m", 1e4), ("length_m", 1e6), ("manning", 10.0)):
            values = getattr(self, name)
            good = (values > 0.0) & (values < highest)
            if not good.all():
                reach = int(np.argmin(good))
                raise InvalidQuantityError(
                    "must be a positive number",
                    where=f"channels, reach {reach}, {name}",
                    value=float(values[reach]),
                )
        self._check_network()

    def _check_network(self) -> None:
        cells = np.stack([self.node_row, self.node_column])
        if np.unique(cells, axis=1).shape[1] != self.nodes:
            raise InvalidQuantityError("a cell stands twice", where="channels, nodes")
        a, b = self.reach_a, self.reach_b
        if not ((a >= 0) & (a < self.nodes) & (b >= 0) & (b < self.nodes)).all():
            raise InvalidQuantityError(
                f"must lie between 0 and {self.nodes - 1}", where="channels, reaches"
            )
        apart = np.abs(cells[:, a] - cells[:, b]).sum(axis=0)
        if not (apart == 1).all():
            reach = int(np.argmax(apart != 1))
            raise InvalidQuantityError(
                "a reach does not join two cells that share a side",
                where=f"channels, reach {reach}",
                value=(cells[:, a[reach]].tolist(), cells[:, b[reach]].tolist()),
            )
        bare = np.isnan(self.node_bed_m)
        if (bare[a] & bare[b]).any():
            reach = int(np.argmax(bare[a] & bare[b]))
            raise InvalidQuantityError(
                "neither end of a reach has the bed of a channel",
                where=f"channels, reach {reach}",
                value=cells[:, a[reach]].tolist(),
                remedy="Give a bed, or leave the reach out.",
            )
        pairs = np.stack([np.minimum(a, b), np.maximum(a, b)])
        if np.unique(pairs, axis=1).shape[1] != self.reaches:
            raise InvalidQuantityError("a reach stands twice", where="channels, reaches")

    @property
    def nodes(self) -> int:
        """Number of cells."""
        return self.node_row.size

    @property
    def reaches(self) -> int:
        """Number of reaches."""
        return self.reach_a.size

    def surface_m2(self) -> FloatArray:
        """Return the surface of the channel in each cell, m²: half of that of its reaches."""
        half = 0.5 * self.width_m * self.length_m
        surface = np.zeros(self.nodes)
        np.add.at(surface, self.reach_a, half)
        np.add.at(surface, self.reach_b, half)
        return surface

    def check(self, domain: FloodDomain) -> None:
        """
        Check the channels against *domain*.

        Raises
        ------
        InvalidQuantityError
            If a cell lies off the grid or has no ground, a bed lies above it, or a reach is wider
            than a cell or too short.
        """
        rows, columns = domain.grid.shape
        row, column = self.node_row, self.node_column
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        self._require(inside, "lies off the grid", remedy="Cut the channel at the rim.")
        ground_m = domain.bed_m[row, column]
        self._require(~np.isnan(ground_m), "has no ground", remedy="Cut the channel there.")
        bed_m = self.node_bed_m
        zone = domain.level_zone
        free = np.isnan(bed_m) if zone is None else np.isnan(bed_m) | (zone[row, column] > 0)
        self._require(
            free | (bed_m < ground_m), "has its bed above the ground", bed_m,
            "Lower the bed, or leave the channel out.",
        )  # fmt: skip
        self._require(
            np.isnan(bed_m) | (bed_m > -1.0e4), "has no bed that could be", bed_m, "Give metres."
        )
        size_m = domain.grid.cell_size_m
        for name, good, what in (
            ("width_m", self.width_m <= size_m, "is wider than a cell"),
            ("length_m", self.length_m >= SHORTEST * size_m, "is shorter than half a cell"),
        ):
            if not good.all():
                reach = int(np.argmin(good))
                raise InvalidQuantityError(
                    f"the reach {what} of {size_m:g} m",
                    where=f"channels, reach {reach}",
                    value=float(getattr(self, name)[reach]),
                    remedy="Burn it into the ground." if name == "width_m" else "Join it.",
                )

    def _require(
        self,
        good: NDArray[np.bool_],
        what: str,
        values: FloatArray | None = None,
        remedy: str | None = None,
    ) -> None:
        if good.all():
            return
        node = int(np.argmin(good))
        raise InvalidQuantityError(
            f"the cell of a channel {what}",
            where=f"channels, row {self.node_row[node]}, column {self.node_column[node]}",
            value=None if values is None else float(values[node]),
            remedy=remedy,
        )
