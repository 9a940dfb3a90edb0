"""The ground as the finite volumes want it: flat padded arrays, and gates in the walls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.flood.fv_kernels import WALL
from models.flood.lanes import WIDTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.domain import FloodDomain

    B1 = NDArray[np.bool_]
    F8 = NDArray[np.float64]
    I8 = NDArray[np.int64]

__all__ = ["VolumeLayout", "aligned_zeros", "lay_out_volumes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """
    Faces where computed cells meet a prescribed level, or an open edge, by the row of the cell.

    ``side`` is 0 west, 1 east, 2 north, 3 south of the cell; ``column`` is padded; ``zone`` counts
    from 0, and one more than the last stands for an open edge; ``bed_m`` is the bed beyond.
    """

    first: I8
    row: I8
    column: I8
    side: I8
    zone: I8
    bed_m: F8


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeLayout:
    """
    The padded ground: cell (row, column) stands at ``(row + 1) * stride + WIDTH + column``.

    Parameters
    ----------
    rows, columns
        Cells of the grid.
    stride
        Cells from one padded row to the next, a multiple of ``WIDTH``.
    bed_m
        Bed level where the depth is computed, ``WALL`` elsewhere, m.
    drag
        g n², m^⅓.
    land
        Land class.
    computed
        Whether the depth of a cell of the grid is computed, shape (rows, columns).
    zone_cells, zone_bed_m, zone_of
        All cells of a prescribed level: padded index, bed, and index of the zone from 0.
    gates
        Where water crosses the rim of the computed ground.
    """

    rows: int
    columns: int
    stride: int
    bed_m: F8
    drag: F8
    land: NDArray[np.uint8]
    computed: B1
    zone_cells: I8
    zone_bed_m: F8
    zone_of: I8
    gates: Gates

    @property
    def size(self) -> int:
        """Cells of a padded array."""
        return (self.rows + 2) * self.stride

    def view[T: np.generic](self, flat: NDArray[T]) -> NDArray[T]:
        """Return the cells of the grid in a padded array, shape (rows, columns), not copied."""
        square = flat[: self.size].reshape(self.rows + 2, self.stride)
        return square[1 : self.rows + 1, WIDTH : WIDTH + self.columns]

    def index(self, row: I8, column: I8) -> I8:
        """Return the padded index of cells."""
        return (row + 1) * self.stride + WIDTH + column


def aligned_zeros(size: int) -> F8:
    """Return zeros that begin at a cache line."""
    line = 8 * WIDTH
    raw = np.zeros(size + WIDTH)
    skip = (-raw.ctypes.data % line) // 8
    return raw[skip : skip + size]


def _gates(domain: FloodDomain, computed: B1, ground: B1, zone: I8, bed_m: F8) -> Gates:
    """Find the gates of padded squares."""
    stride = computed.shape[1]
    is_open = np.zeros(computed.shape, bool)
    if domain.open_edge is not None:
        is_open[1:-1, WIDTH : WIDTH + domain.grid.columns] = domain.open_edge
    cells = np.flatnonzero(computed.ravel())
    found: list[I8] = []
    for side, step in enumerate((-1, 1, -stride, stride)):
        beyond = cells + step
        beside = zone.ravel()[beyond] > 0
        free = is_open.ravel()[cells] & ~ground.ravel()[beyond]
        for chosen, number in ((beside, zone.ravel()[beyond] - 1), (free, domain.zones)):
            k = cells[chosen]
            numbers = np.broadcast_to(number, cells.shape)[chosen]
            found.append(np.stack([k, np.full(k.size, side), numbers, beyond[chosen]]))
    cell, side_of, zone_of, beyond = np.concatenate(found, axis=1).astype(np.int64)
    order = np.lexsort((side_of, cell))
    cell, side_of, zone_of, beyond = cell[order], side_of[order], zone_of[order], beyond[order]
    row = cell // stride
    return Gates(
        first=np.searchsorted(row, np.arange(computed.shape[0] + 1)).astype(np.int64),
        row=row,
        column=cell - row * stride,
        side=side_of,
        zone=zone_of,
        bed_m=np.where(zone_of < domain.zones, bed_m.ravel()[beyond], -WALL),
    )


def lay_out_volumes(
    domain: FloodDomain, *, gravity_m_s2: float, default_land_class: int
) -> VolumeLayout:
    """Lay out *domain* for the finite volumes."""
    rows, columns = domain.grid.shape
    stride = WIDTH * (-(-columns // WIDTH) + 2)
    shape = (rows + 2, stride)
    inside = np.s_[1 : rows + 1, WIDTH : WIDTH + columns]
    ground = np.zeros(shape, bool)
    ground[inside] = ~np.isnan(domain.bed_m)
    zone = np.zeros(shape, np.int64)
    if domain.level_zone is not None:
        zone[inside] = domain.level_zone
    zone[~ground] = 0
    computed = ground & (zone == 0)
    natural = np.full(shape, WALL)
    natural[inside] = domain.bed_m
    manning = np.ones(shape)
    manning[inside] = np.where(ground[inside], domain.manning, 1.0)
    land = np.full(shape, default_land_class, np.uint8)
    if domain.land_class is not None:
        land[inside] = domain.land_class
    bed_m, drag = aligned_zeros(zone.size), aligned_zeros(zone.size)
    bed_m[:] = np.where(computed, natural, WALL).ravel()
    drag[:] = gravity_m_s2 * manning.ravel() ** 2
    zone_cells = np.flatnonzero(zone.ravel() > 0).astype(np.int64)
    return VolumeLayout(
        rows=rows,
        columns=columns,
        stride=stride,
        bed_m=bed_m,
        drag=drag,
        land=land.ravel(),
        computed=computed[inside],
        zone_cells=zone_cells,
        zone_bed_m=natural.ravel()[zone_cells],
        zone_of=zone.ravel()[zone_cells] - 1,
        gates=_gates(domain, computed, ground, zone, natural),
    )
