"""Walled faces and links inside the time step; what they carry stands in ``links.py``."""

# mypy: disable-error-code="arg-type,return-value,call-arg,var-annotated,unreachable,assignment"
# (numba's integers and intrinsics are not what Python's type system takes them for)
# ruff: noqa: PLR0917 - kernels take many arrays by position: numba compiles no keywords

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models.compile import kernel
from models.flood.channel_flow import canal_surface, canal_water, lower
from models.flood.kernels import PAD, WALL
from models.flood.links import limited_volume, link_flow, wall_flow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.channel_flow import Canals
    from models.flood.packing import Packed, Runs

    F8 = NDArray[np.float64]
    I8 = NDArray[np.int64]

__all__ = ["Links", "Walls", "link_cells", "wall_faces", "wall_row"]

#: Nothing below this position is a cell.
FIRST = 2 * PAD


class Walls(NamedTuple):
    """
    Walled faces by the row that stores them.

    ``first`` by row; packed positions of the face and of the cells ``a`` (west or north of it) and
    ``b``; axis and group. By group: kind, top, opening, sill, direction, and the volume over the
    length of a face that has passed, m².
    """

    first: I8
    face: I8
    a: I8
    b: I8
    axis: I8
    group: I8
    kind: I8
    crest: F8
    opening: F8
    sill: F8
    direction: I8
    moved: F8


class Links(NamedTuple):
    """
    Links between cells.

    Rows and packed positions of both ends, -1 outside; their nodes in the channels, -1 for none;
    kind, parameters, opening, running; volume that has passed, m³.
    """

    row_a: I8
    row_b: I8
    a: I8
    b: I8
    node_a: I8
    node_b: I8
    kind: I8
    params: F8
    opening: F8
    running: I8
    moved: F8


@kernel
def wall_row(j: int, walls: Walls, packed: Packed, p: int, g: float) -> None:
    """Set the discharges through the walled faces of row ``j``."""
    first = walls.first
    if first[j] == first[j + 1]:
        return
    h, z = packed.h[p], packed.z
    qxn, qyn = packed.qx[1 - p], packed.qy[1 - p]
    for f in range(first[j], first[j + 1]):
        a = walls.a[f]
        b = walls.b[f]
        if a < FIRST or b < FIRST or z[a] >= WALL or z[b] >= WALL:
            continue
        m = walls.group[f]
        q = qxn if walls.axis[f] == 0 else qyn
        k = walls.face[f]
        q[k] = wall_flow(
            walls.kind[m], walls.crest[m], walls.opening[m], walls.sill[m], walls.direction[m],
            h[a] + z[a], z[a], h[b] + z[b], z[b], q[k], g,
        )  # fmt: skip


@kernel
def wall_faces(walls: Walls, packed: Packed, p: int, dt: float) -> None:
    """Book what the step has let through the walled faces."""
    qx, qy = packed.qx[p], packed.qy[p]
    for f in range(walls.face.size):
        if walls.face[f] >= FIRST:
            q = qx[walls.face[f]] if walls.axis[f] == 0 else qy[walls.face[f]]
            walls.moved[walls.group[f]] += q * dt


@kernel
def move_depth(
    k: int, row: int, in_channel: bool, packed: Packed, p: int, runs: Runs, depth: float,
    largest: I8,
) -> None:  # fmt: skip
    """
    Change the depth of a computed cell, and the largest of its row.

    Over a channel it may fall below zero until the channel takes part in the step.
    """
    h = packed.h[p]
    before = h[k]
    h[k] = before + depth if in_channel else max(before + depth, 0.0)
    lower(k, row, before, packed, p, runs, largest)


@kernel
def link_cells(  # noqa: C901 - two ends, and what each is
    links: Links, canals: Canals, packed: Packed, p: int, runs: Runs, largest: I8, dt: float,
    dx: float, g: float,
) -> tuple[float, float]:  # fmt: skip
    """
    Let water pass through the links, one after another.

    Returns the volumes that came into computed cells from elsewhere and that went elsewhere, m³.
    """
    h, z, wt = packed.h[p], packed.z, packed.wt
    area = dx * dx
    gained = 0.0
    gone = 0.0
    for f in range(links.kind.size):
        a = links.a[f]
        b = links.b[f]
        node_a, node_b = links.node_a[f], links.node_b[f]
        ea = za = eb = zb = np.nan
        ha = hb = 0.0
        in_a = in_b = 0
        shared = area
        if a >= 0:
            ha, za = h[a], z[a]
            ea = ha + za
            in_a = int(wt[a] != 0.0)
        if b >= 0:
            hb, zb = h[b], z[b]
            eb = hb + zb
            in_b = int(wt[b] != 0.0)
        if node_a >= 0:
            ea, za = canals.level[node_a], canals.bed[node_a]
            shared = min(shared, canal_surface(canals, node_a, area))
        if node_b >= 0:
            eb, zb = canals.level[node_b], canals.bed[node_b]
            shared = min(shared, canal_surface(canals, node_b, area))
        held_a = ha * (area / shared)
        held_b = hb * (area / shared)
        if node_a >= 0:
            held_a = max(canal_water(canals, node_a, ha, area), 0.0) / shared
        if node_b >= 0:
            held_b = max(canal_water(canals, node_b, hb, area), 0.0) / shared
        volume = 0.0
        for _ in range(2):  # the second time at the levels of the middle of the step
            half = 0.5 * volume / shared
            q = link_flow(
                links.kind[f], links.params[f], links.opening[f], links.running[f],
                ea - in_a * half, za, eb + in_b * half, zb, g,
            )  # fmt: skip
            volume = limited_volume(
                links.kind[f], q, dt, shared, ea, held_a, in_a, eb, held_b, in_b
            )
        links.moved[f] += volume
        if in_a == 1:
            move_depth(a, links.row_a[f], node_a >= 0, packed, p, runs, -volume / area, largest)
        if in_b == 1:
            move_depth(b, links.row_b[f], node_b >= 0, packed, p, runs, volume / area, largest)
        if in_a + in_b == 1:
            inward = volume if in_b == 1 else -volume
            gained += max(inward, 0.0)
            gone += max(-inward, 0.0)
    return gained, gone
