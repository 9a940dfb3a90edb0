"""
The ground as the kernels want it: flat padded arrays, and lists of special cells and faces.

Cell (row, column) of the grid stands at ``k = (row + 1) * stride + PAD + column``. There is at
least one closed column to the east and one closed row to the south, which store the eastern and
southern faces of the last cells, and a rim of blocks around all that is never looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.flood.kernels import PAD, WALL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.domain import FloodDomain

    I8 = NDArray[np.int64]
    B1 = NDArray[np.bool_]

__all__ = ["EdgeFaces", "Layout", "ShoreFaces", "aligned_zeros", "lay_out"]


#: Padded rows besides those of the grid: the rim to the north, the closed row, and the rim.
SPARE_ROWS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ShoreFaces:
    """
    Where computed cells meet cells of a prescribed level.

    ``shore`` lists, by row, the cells whose depth is set in every step. ``face`` lists the faces
    between a computed cell and one of a zone, ``sign`` +1 where positive discharge enters the
    computed cell. ``copy_to`` is the face behind, which takes the same discharge, so that the
    weighting of the scheme sees no wall there.
    """

    shore_first: I8
    shore: I8
    shore_zone: I8
    face: I8
    axis: I8
    sign: NDArray[np.float64]
    zone_cell: I8
    computed_cell: I8
    copy_to: I8
    copy_from: I8
    copy_axis: I8


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeFaces:
    """
    Open faces by the row that stores them.

    ``side`` is 0 west, 1 east, 2 north, 3 south of ``cell``; ``inner`` is the cell opposite.
    """

    first: I8
    cell: I8
    inner: I8
    face: I8
    side: I8


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """
    The padded ground.

    Parameters
    ----------
    rows, columns
        Cells of the grid.
    stride
        Cells from one padded row to the next, a multiple of ``PAD``.
    bed, manning, computed, land
        Bed level, m (``WALL`` where closed), Manning's n, 1 where the cell is computed, and land
        class, shape (size,).
    idle
        1 for each block that can hold nothing and passes nothing on, shape (rows, blocks).
    zone_cells, zone_bed_m, zone_of
        All cells of a prescribed level: padded index, bed, and index of the zone from 0.
    """

    rows: int
    columns: int
    stride: int
    bed: NDArray[np.float64]
    manning: NDArray[np.float64]
    computed: NDArray[np.uint8]
    land: NDArray[np.uint8]
    idle: NDArray[np.uint8]
    zone_cells: I8
    zone_bed_m: NDArray[np.float64]
    zone_of: I8
    shore: ShoreFaces
    edge: EdgeFaces

    @property
    def size(self) -> int:
        """Cells of a padded array."""
        return (self.rows + SPARE_ROWS) * self.stride

    def view[T: np.generic](
        self, flat: NDArray[T], *, more_rows: int = 0, more_columns: int = 0
    ) -> NDArray[T]:
        """Return the cells of the grid in a padded array, shape (rows, columns), not copied."""
        square = flat.reshape(self.rows + SPARE_ROWS, self.stride)
        return square[1 : self.rows + 1 + more_rows, PAD : PAD + self.columns + more_columns]

    def index(self, row: I8, column: I8) -> I8:
        """Return the padded index of cells."""
        return (row + 1) * self.stride + PAD + column


def aligned_zeros[T: (np.float32, np.float64)](count: int, size: int, kind: type[T]) -> NDArray[T]:
    """
    Return zeros of shape (count, size) in which no block of ``PAD`` cells straddles cache lines.

    *size* must be a multiple of ``PAD``. A block that straddles two lines costs twice.
    """
    line = 8 * PAD
    bytes_each = np.dtype(kind).itemsize
    raw = np.zeros(count * size + line // bytes_each, kind)
    skip = (-raw.ctypes.data % line) // bytes_each
    return raw[skip : skip + count * size].reshape(count, size)


def _rows_of(keys: I8, stride: int, rows: int) -> I8:
    """Positions at which each row begins in a sorted list of padded indices."""
    starts = np.arange(rows + SPARE_ROWS + 1, dtype=np.int64) * stride
    return np.searchsorted(keys, starts).astype(np.int64)


def _shore(domain: FloodDomain, computed: B1, zone: I8, stride: int, ends: I8) -> ShoreFaces:
    """
    Find the faces between computed cells and cells of a prescribed level.

    *ends* are cells of which some have a prescribed level that must be known, too.
    """
    # Work on the padded square, so that every cell has four neighbours and an index.
    prescribed = zone > 0
    parts: dict[str, list[I8]] = {
        name: [] for name in ("face", "axis", "sign", "zone", "cell", "to", "behind")
    }
    flat_zone = prescribed.ravel()
    for axis, step in ((0, 1), (1, stride)):
        second = np.arange(step, flat_zone.size, dtype=np.int64)
        first = second - step
        into_second = flat_zone[first] & computed.ravel()[second]
        into_first = computed.ravel()[first] & flat_zone[second]
        for chosen, sign in ((into_second, 1), (into_first, -1)):
            face = second[chosen]
            zone_cell = first[chosen] if sign > 0 else face
            behind = zone_cell - step if sign > 0 else zone_cell + step
            parts["face"].append(face)
            parts["axis"].append(np.full(face.size, axis, np.int64))
            parts["sign"].append(np.full(face.size, sign, np.int64))
            parts["zone"].append(zone_cell)
            parts["cell"].append(face if sign > 0 else first[chosen])
            parts["to"].append(zone_cell if sign > 0 else behind)
            parts["behind"].append(behind)
    lists = {name: np.concatenate(each) for name, each in parts.items()}
    order = np.lexsort((lists["axis"], lists["face"]))
    lists = {name: each[order] for name, each in lists.items()}
    backed = ~computed.ravel()[lists["behind"]]
    # A strip of the zone two cells wide has one face behind two others: leave it alone.
    key = lists["to"] * 2 + lists["axis"]
    _, where, count = np.unique(np.where(backed, key, -1), return_inverse=True, return_counts=True)
    copied = backed & (count[where] == 1)
    shore = np.unique(np.concatenate([lists["zone"], ends[flat_zone[ends]]]))
    return ShoreFaces(
        shore_first=_rows_of(shore, stride, domain.grid.rows),
        shore=shore,
        shore_zone=zone.ravel()[shore] - 1,
        face=lists["face"],
        axis=lists["axis"],
        sign=lists["sign"].astype(np.float64),
        zone_cell=lists["zone"],
        computed_cell=lists["cell"],
        copy_to=lists["to"][copied],
        copy_from=lists["face"][copied],
        copy_axis=lists["axis"][copied],
    )


def _edges(domain: FloodDomain, computed: B1, ground: B1, stride: int) -> EdgeFaces:
    """Find the open faces."""
    cells = np.empty(0, np.int64)
    faces, sides, inner = cells, cells, cells
    if domain.open_edge is not None:
        is_open = np.zeros(computed.shape, bool)
        rows, columns = domain.grid.shape
        is_open[1 : rows + 1, PAD : PAD + columns] = domain.open_edge
        donors = np.flatnonzero((is_open & computed).ravel()).astype(np.int64)
        steps = (-1, 1, -stride, stride)
        for side, step in enumerate(steps):
            k = donors[~ground.ravel()[donors + step]]
            cells = np.concatenate([cells, k])
            inner = np.concatenate([inner, k - step])
            faces = np.concatenate([faces, k + max(step, 0)])
            sides = np.concatenate([sides, np.full(k.size, side, np.int64)])
    order = np.lexsort((sides, faces))
    return EdgeFaces(
        first=_rows_of(faces[order], stride, domain.grid.rows),
        cell=cells[order],
        inner=inner[order],
        face=faces[order],
        side=sides[order],
    )


def lay_out(
    domain: FloodDomain, *, default_land_class: int, ends: tuple[I8, I8] | None = None
) -> Layout:
    """
    Lay out *domain* for the kernels.

    *default_land_class* holds where the domain names none; *ends* are the rows and columns of
    cells that links join, whose level must be known.
    """
    rows, columns = domain.grid.shape
    blocks = columns // PAD + 1
    stride = PAD * (blocks + 2)
    shape = (rows + SPARE_ROWS, stride)
    inside = np.s_[1 : rows + 1, PAD : PAD + columns]

    ground = np.zeros(shape, bool)
    ground[inside] = ~np.isnan(domain.bed_m)
    zone = np.zeros(shape, np.int64)
    if domain.level_zone is not None:
        zone[inside] = domain.level_zone
    zone[~ground] = 0
    computed = ground & (zone == 0)
    edge = _edges(domain, computed, ground, stride)
    row, column = ends if ends is not None else (np.empty(0, np.int64), np.empty(0, np.int64))
    shore = _shore(domain, computed, zone, stride, (row + 1) * stride + PAD + column)
    touched = np.zeros(shape, bool)
    touched.ravel()[shore.shore] = True

    bed = np.full(shape, WALL)
    bed[inside] = domain.bed_m
    zone_cells = np.flatnonzero(zone.ravel() > 0).astype(np.int64)
    zone_bed_m = bed.ravel()[zone_cells].copy()
    bed[~(computed | touched)] = WALL
    manning = np.ones(shape)
    manning[inside] = np.where(ground[inside], domain.manning, 1.0)
    land = np.full(shape, default_land_class, np.uint8)
    if domain.land_class is not None:
        land[inside] = domain.land_class
    needed = bed < WALL
    for faces in (edge.face, shore.copy_to):
        needed.ravel()[faces] = True
    idle = ~needed.reshape(shape[0], blocks + 2, PAD).any(axis=2)
    idle[[0, -1], :] = True
    idle[:, [0, -1]] = True
    return Layout(
        rows=rows,
        columns=columns,
        stride=stride,
        bed=bed.ravel(),
        manning=manning.ravel(),
        computed=computed.ravel().astype(np.uint8),
        land=land.ravel(),
        idle=idle.astype(np.uint8),
        zone_cells=zone_cells,
        zone_bed_m=zone_bed_m,
        zone_of=zone.ravel()[zone_cells] - 1,
        shore=shore,
        edge=edge,
    )
