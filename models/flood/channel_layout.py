"""From channels and the ground to the lists that the kernels take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError
from models.flood.channel_flow import Canals
from models.flood.kernels import PAD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.channels import Channels
    from models.flood.domain import FloodDomain
    from models.flood.layout import Layout

    F8 = NDArray[np.float64]
    I8 = NDArray[np.int64]

__all__ = ["CanalPlaces", "Reaches", "fill_canals", "lay_canals", "lay_reaches"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CanalPlaces:
    """Home positions of nodes and of the faces of reaches, -1 for open ends."""

    cell: I8
    face: I8


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaches:
    """
    Reaches as the kernels want them: from the western or northern node to the other.

    The last are open ends, with ``b`` -1, which let water out of the grid. ``a`` and ``b`` are
    nodes, ``axis`` 0 where the face between them is a western one; see :class:`Canals`.
    """

    a: I8
    b: I8
    axis: I8
    width: F8
    length: F8
    n2: F8
    before: I8
    behind: I8
    same: F8


def lay_reaches(channels: Channels, ends: I8) -> Reaches:
    """Turn the reaches, add one for each node in *ends*, and find who follows whom."""
    row, column = channels.node_row, channels.node_column
    a, b = channels.reach_a, channels.reach_b
    turned = (row[a] > row[b]) | (column[a] > column[b])
    a, b = np.where(turned, b, a), np.where(turned, a, b)
    axis = (column[a] == column[b]).astype(np.int64)
    inner = np.array([int(np.flatnonzero((a == n) | (b == n))[0]) for n in ends], np.int64)

    def more(values: F8) -> F8:
        return np.concatenate([values, values[inner]])

    a = np.concatenate([a, ends])
    b = np.concatenate([b, np.full(ends.size, -1, np.int64)])
    count = a.size
    own = np.arange(count, dtype=np.int64)
    beside = [own.copy(), own.copy()]
    same = np.ones(2 * count)
    met: dict[int, list[int]] = {}
    for f in range(count):
        for n in (int(a[f]), int(b[f])):
            if n >= 0:
                met.setdefault(n, []).append(f)
    for n, reaches in met.items():
        if len(reaches) == 2 and not np.isnan(channels.node_bed_m[n]):
            for f, other in (reaches, reaches[::-1]):
                side = 0 if a[f] == n else 1
                beside[side][f] = other
                # They point the same way if one begins where the other ends.
                same[2 * f + side] = 1.0 if (a[f] == n) != (a[other] == n) else -1.0
    return Reaches(
        a=a, b=b, axis=np.concatenate([axis, np.zeros(ends.size, np.int64)]),
        width=more(channels.width_m), length=more(channels.length_m),
        n2=more(channels.manning**2), before=beside[0], behind=beside[1], same=same,
    )  # fmt: skip


def _open_ends(channels: Channels, domain: FloodDomain, computed: NDArray[np.bool_]) -> I8:
    """Nodes where a channel ends at an open rim."""
    if domain.open_edge is None:
        return np.empty(0, np.int64)
    joined = np.bincount(
        np.concatenate([channels.reach_a, channels.reach_b]), minlength=channels.nodes
    )
    is_open = domain.open_edge[channels.node_row, channels.node_column].astype(bool)
    return np.flatnonzero(is_open & computed & (joined == 1)).astype(np.int64)


def lay_canals(
    channels: Channels, domain: FloodDomain, layout: Layout, walled: tuple[I8, I8]
) -> tuple[Canals, CanalPlaces]:
    """
    Lay out *channels* for the kernels.

    Parameters
    ----------
    channels, domain, layout
        What is laid out, and on which ground.
    walled
        Home positions and axes of the walled faces, in the order of their list.

    Raises
    ------
    InvalidQuantityError
        If the channels do not fit the ground.
    """
    channels.check(domain)
    row, column = channels.node_row, channels.node_column
    ground = domain.bed_m[row, column]
    zone = np.full(channels.nodes, -1, np.int64)
    if domain.level_zone is not None:
        zone = domain.level_zone[row, column].astype(np.int64) - 1
    narrow = ~np.isnan(channels.node_bed_m)
    computed = narrow & (zone < 0)
    reaches = lay_reaches(channels, _open_ends(channels, domain, computed))
    a, b = reaches.a, reaches.b
    inside = b >= 0
    idle = inside & ~computed[a] & ~computed[b]
    if idle.any():
        reach = int(np.argmax(idle))
        raise InvalidQuantityError(
            "neither end of a reach is the cell of a channel whose level is computed",
            where=f"channels, reach {reach}",
            remedy="Leave it out.",
        )
    bed = np.where(narrow, channels.node_bed_m, ground)
    bank = np.where(zone < 0, ground, bed)
    # Where many channels meet, or one winds, they share what the cell has.
    most = domain.grid.cell_area_m2
    surface = np.where(computed, np.minimum(channels.surface_m2(), most), 0.0)
    stiff = _stiffness(channels, domain, computed, zone, surface)
    depth = np.where(computed, bank - bed, np.inf)
    sides = np.minimum(depth[a], np.where(inside, depth[b], np.inf))
    weight = np.maximum(stiff[a], np.where(inside, stiff[b], 0.0))
    home = layout.index(row, column)
    face = np.where(inside, home[b], -1)
    count = a.size
    canals = Canals(
        row + 1, np.full(channels.nodes, PAD, np.int64), bed, bank, surface,
        surface * (bank - bed), zone, stiff, a, b, reaches.axis, np.full(count, -1, np.int64),
        reaches.width, reaches.length, reaches.n2,
        sides if channels.side_friction else np.zeros(count), weight, reaches.before,
        reaches.behind, reaches.same, _walls_of(face, reaches.axis, walled),
        *(np.zeros(n) for n in (channels.nodes, count) + 3 * (channels.nodes,) + 2 * (count,)),
    )  # fmt: skip
    canals.level[:] = bed
    return canals, CanalPlaces(cell=home, face=face)


def _stiffness(
    channels: Channels, domain: FloodDomain, computed: NDArray[np.bool_], zone: I8, surface: F8
) -> F8:
    """
    Return what a depth beside each node counts for the time step, against one on the grid.

    By Gershgorin's theorem no wave on the network is faster than ``√(2 g h Σ(w/d) / surface)``
    at any node; on the grid it is ``2 √(g h) / dx``.
    """
    joins = channels.width_m / channels.length_m
    total = np.zeros(channels.nodes)
    np.add.at(total, channels.reach_a, joins)
    np.add.at(total, channels.reach_b, joins)
    area = domain.grid.cell_area_m2
    held = np.where(computed, np.where(surface > 0.0, surface, np.inf), area)
    return np.where(zone < 0, 0.5 * area * total / held, 0.0)


def _walls_of(face: I8, axis: I8, walled: tuple[I8, I8]) -> I8:
    """Return where each face stands in the list of walled faces, -1 for none."""
    found = {
        key: n for n, key in enumerate(zip(walled[0].tolist(), walled[1].tolist(), strict=True))
    }
    keys = zip(face.tolist(), axis.tolist(), strict=True)
    return np.array([found.get(key, -1) for key in keys], np.int64)


def fill_canals(canals: Canals, level_m: F8, depth_m: F8, area_m2: float) -> None:
    """
    Fill the channels to *level_m*, at most to the bank.

    *depth_m* is the depth over the ground of each node; what the channel has room for sinks into
    it, and *depth_m* is changed to what is left.
    """
    held = np.clip(level_m - canals.bed, 0.0, canals.bank - canals.bed) * canals.surface
    water = held + depth_m * area_m2
    sinks = canals.zone < 0
    canals.volume[:] = np.where(sinks, np.minimum(water, canals.room), 0.0)
    left = np.maximum(water - canals.room, 0.0) / area_m2
    full = held >= canals.room
    depth_m[:] = np.where(sinks & ~full, left, depth_m)
