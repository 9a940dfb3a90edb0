"""
One exchange window in compiled code: step, limit, account, sample, until the time is reached.

The work of a step is shared among threads by rows. Every number is computed by one thread in an
order of its own, and sums run over fixed lists, so the result does not depend on the number of
threads.
"""

# mypy: disable-error-code="arg-type,return-value,call-arg,var-annotated,unreachable,assignment"
# (numba's integers and intrinsics are not what Python's type system takes them for)
# ruff: noqa: PLR0917, FBT003 - kernels take many arrays by position: numba compiles no keywords

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numba as nb
import numpy as np

from models.compile import kernel, parallel_kernel
from models.flood.barriers import Links, Walls, link_cells, wall_faces, wall_row
from models.flood.channel_flow import (
    Canals,
    canal_depth,
    canal_levels,
    canal_water,
    lower,
    move_canals,
)
from models.flood.growth import grow_near
from models.flood.kernels import PAD, TOO_DEEP_BITS, bits, from_bits
from models.flood.packing import Home, Packed, Runs, map_cells
from models.flood.rows import (
    FIRST,
    Edges,
    Owing,
    Shore,
    Weather,
    copy_faces,
    depth_row,
    edge_row,
    edge_sum,
    flux_row,
    limit_row,
    lose_row,
    mend_row,
    zone_faces,
)
from models.flood.sampling import Sampling, sample_row
from models.flood.tiles import (
    Marks,
    active_columns,
    fetch,
    refresh,
    settle,
    share_rows,
    unpack,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F8 = NDArray[np.float64]
    I8 = NDArray[np.int64]
    U1 = NDArray[np.uint8]

__all__ = ["QUEUE", "Constants", "Inflow", "Levels", "Parts", "Places", "advance_window"]

#: Steps that may wait for inactive ground.
QUEUE = 64
#: Samples after which ground is let go at the latest.
PATIENCE = 16


class Constants(NamedTuple):
    """Rows of kernels, cells of a padded row, and the numbers of the scheme."""

    rows: int
    w: int
    dx: float
    g: float
    th: float
    courant: float
    max_dt: float
    hd: float
    edge_slope: float
    whole: bool


class Levels(NamedTuple):
    """Level of each zone at the start and end of the window, and now, m."""

    start: F8
    end: F8
    now: F8


class Inflow(NamedTuple):
    """
    Cells that receive or give water.

    Their positions at home and packed, nodes of channels (-1 for none), discharge, m³/s, and what
    moved, m.
    """

    home: I8
    cell: I8
    node: I8
    rate: F8
    moved: F8


class Parts(NamedTuple):
    """
    Rows of each thread; largest depth and fast cells by row.

    ``came`` are the rows in which water has come to the rim of active ground, ``near`` how near
    each row is to such a one.
    """

    bounds: I8
    largest: I8
    fast: I8
    came: U1
    near: U1


class Places(NamedTuple):
    """Home positions of all that is listed in packed positions, in the order of the lists."""

    shore: I8
    face: I8
    face_zone: I8
    face_cell: I8
    copy_to: I8
    copy_from: I8
    edge_cell: I8
    edge_inner: I8
    edge_face: I8
    wall_face: I8
    wall_a: I8
    wall_b: I8
    link_a: I8
    link_b: I8
    canal_cell: I8
    canal_face: I8


@kernel
def greatest(values: I8) -> int:
    """Return the largest of *values*; a call of its own keeps it on one thread."""
    most = np.int64(0)
    for n in range(values.size):
        most = max(most, values[n])
    return most


@kernel
def map_places(
    places: Places, slot: NDArray[np.int32], shore: Shore, edges: Edges, walls: Walls,
    links: Links, canals: Canals, inflow: Inflow,
) -> None:  # fmt: skip
    """Find special cells and faces where they are packed now."""
    map_cells(places.shore, slot, shore.cell)
    map_cells(places.face, slot, shore.face)
    map_cells(places.face_zone, slot, shore.face_zone)
    map_cells(places.face_cell, slot, shore.face_cell)
    map_cells(places.copy_to, slot, shore.copy_to)
    map_cells(places.copy_from, slot, shore.copy_from)
    map_cells(places.edge_cell, slot, edges.cell)
    map_cells(places.edge_inner, slot, edges.inner)
    map_cells(places.edge_face, slot, edges.face)
    map_cells(places.wall_face, slot, walls.face)
    map_cells(places.wall_a, slot, walls.a)
    map_cells(places.wall_b, slot, walls.b)
    map_cells(places.link_a, slot, links.a)
    map_cells(places.link_b, slot, links.b)
    map_cells(places.canal_cell, slot, canals.cell)
    map_cells(places.canal_face, slot, canals.face)
    map_cells(inflow.home, slot, inflow.cell)


@kernel
def set_shore(shore: Shore, h: F8, z: F8, level: F8) -> None:
    """Set the depths of all prescribed cells."""
    for f in range(shore.cell.size):
        if shore.cell[f] >= FIRST:
            h[shore.cell[f]] = max(level[shore.zone[f]] - z[shore.cell[f]], 0.0)


@parallel_kernel
def find_largest(rows: int, h: F8, wt: U1, w: int, largest: I8) -> None:
    """Find the largest depth at home of the computed cells of each row."""
    for j in nb.prange(1, rows + 1):
        most = np.int64(0)
        for k in range(j * w, (j + 1) * w):
            most = max(most, bits(h[k] if wt[k] != 0 else 0.0) & 0x7FFFFFFFFFFFFFFF)
        largest[j] = most


@parallel_kernel
def move_water(
    runs: Runs, packed: Packed, p: int, parts: Parts, owing: Owing, shore: Shore, edges: Edges,
    walls: Walls, level: F8, weather: Weather, g: float, rdx: float, th: float, hd: float,
    slope: float,
) -> None:  # fmt: skip
    """Fluxes and depths of one step: a row's depths follow when the fluxes below it are known."""
    # Plain arrays for the loops: taking one out of a tuple counts references, on both threads.
    count, span, place, _ = runs
    z, nm, wt, top, gain, loss, _, taken, up, down, low, high, flag = packed[3:]
    h, hn = packed.h[p], packed.h[1 - p]
    qx, qxn = packed.qx[p], packed.qx[1 - p]
    qy, qyn = packed.qy[p], packed.qy[1 - p]
    bounds, largest, _, came, _ = parts
    owed, owing_block = owing
    shore_first, shore_zone, shore_cell = shore[:3]
    dt = weather.dt
    c = dt * rdx
    gt = g * dt
    for part in nb.prange(bounds.size - 1):
        for j in range(bounds[part], bounds[part + 1]):
            flux_row(
                j, count, span, place, h, z, nm, qx, qy, qxn, qyn, top, up, down, low, high,
                gt, rdx, th, hd,
            )  # fmt: skip
            edge_row(j, edges, packed, p, g, gt, rdx, slope, hd)
            wall_row(j, walls, packed, p, g)
            i = j - 1
            if i >= bounds[part]:
                came[i] = depth_row(
                    i, count, span, place, h, qxn, qyn, hn, z, wt, gain, loss, taken, down, flag,
                    c, weather, shore_first, shore_cell, shore_zone, level, largest, owed,
                    owing_block, hd,
                )  # fmt: skip
    for part in range(bounds.size - 1):
        i = bounds[part + 1] - 1
        if i >= bounds[part]:
            came[i] = depth_row(
                i, count, span, place, h, qxn, qyn, hn, z, wt, gain, loss, taken, down, flag,
                c, weather, shore_first, shore_cell, shore_zone, level, largest, owed,
                owing_block, hd,
            )  # fmt: skip


@parallel_kernel
def limit(
    runs: Runs, packed: Packed, p: int, parts: Parts, owing: Owing, shore: Shore, level: F8,
    weather: Weather, rdx: float,
) -> None:  # fmt: skip
    """Let no cell give more than it holds."""
    count, span, place, _ = runs
    z, _, wt, _, gain, loss, _, taken, up, down, _, _, flag = packed[3:]
    h, hn, qxn, qyn = packed.h[p], packed.h[1 - p], packed.qx[1 - p], packed.qy[1 - p]
    bounds, largest = parts.bounds, parts.largest
    owed, owing_block = owing
    shore_first, shore_zone, shore_cell = shore[:3]
    c = weather.dt * rdx
    for part in nb.prange(bounds.size - 1):
        for j in range(bounds[part], bounds[part + 1]):
            limit_row(j, h, qxn, qyn, down, owed, owing_block, c)
    for part in nb.prange(bounds.size - 1):
        for j in range(bounds[part], bounds[part + 1]):
            mend_row(
                j, count, span, place, h, qxn, qyn, hn, z, wt, gain, loss, taken, up, down, flag,
                c, weather, shore_first, shore_cell, shore_zone, level, largest, owed, owing_block,
            )  # fmt: skip


@parallel_kernel
def lose(runs: Runs, packed: Packed, parts: Parts) -> None:
    """Book what the step has taken from all active ground."""
    count, span, place, _ = runs
    lost, taken = packed.lost, packed.taken
    bounds = parts.bounds
    for part in nb.prange(bounds.size - 1):
        for j in range(bounds[part], bounds[part + 1]):
            lose_row(j, count, span, place, lost, taken)


@parallel_kernel
def sample(
    runs: Runs, packed: Packed, p: int, parts: Parts, home: Home, w: int, t: float, since: float,
    how: Sampling,
) -> None:  # fmt: skip
    """Sample the statistics of all active ground."""
    bounds, fast = parts.bounds, parts.fast
    for part in nb.prange(bounds.size - 1):
        for j in range(bounds[part], bounds[part + 1]):
            fast[j] = sample_row(j, runs, packed, p, home, w, t, since, how)


@kernel
def note_limiting(parts: Parts, runs: Runs, packed: Packed, p: int, home: Home, w: int) -> None:
    """Count the step for the cell that limits it: the first of the deepest."""
    deepest = greatest(parts.largest)
    if deepest == 0:
        return
    count, span, place, _ = runs
    for j in range(parts.largest.size):
        if parts.largest[j] == deepest:
            k = place[j]
            for s in range(count[j]):
                n = span[j, 2 * s + 1] - span[j, 2 * s]
                for m in range(n):
                    if bits(packed.h[p, k + m] * packed.wt[k + m]) == deepest:
                        home.limiting[j * w + span[j, 2 * s] + m] += 1
                        return
                k += n + PAD
            return


@kernel
def pour(
    inflow: Inflow, canals: Canals, packed: Packed, p: int, runs: Runs, largest: I8, dt: float,
    rdx: float, w: int,
) -> None:  # fmt: skip
    """Add what flows in at single cells, and take out what they have of what is asked for."""
    h = packed.h[p]
    for f in range(inflow.cell.size):
        k = inflow.cell[f]
        before = h[k]
        x = inflow.rate[f] * dt * rdx * rdx
        if before == 0.0 and x <= 0.0 and inflow.node[f] < 0:
            continue
        has = before
        if inflow.node[f] >= 0:  # the channel gives too; the depth is negative until it does
            has = max(canal_water(canals, inflow.node[f], before, 1.0 / (rdx * rdx)), 0.0)
            has *= rdx * rdx
        x = max(x, -has)
        h[k] = before + x
        inflow.moved[f] += x
        row = inflow.home[f] // w
        if bits(max(before, h[k])) >= largest[row]:
            lower(k, row, before, packed, p, runs, largest)


@kernel
def time_step(
    deepest: float, inflow: Inflow, canals: Canals, h: F8, left: float, con: Constants
) -> tuple[float, bool]:
    """Return the next time step, and whether it ends the window."""
    dt = con.max_dt
    area = con.dx * con.dx
    if deepest > con.hd:
        dt = min(dt, con.courant * con.dx / np.sqrt(con.g * deepest))
    for f in range(inflow.cell.size):  # the step must be right for the water it brings, too
        if inflow.rate[f] <= 0.0:
            continue
        n = inflow.node[f]
        if n >= 0:
            water = canal_water(canals, n, h[inflow.cell[f]], area) + inflow.rate[f] * dt
            x = canal_depth(canals, n, water, area)
        else:
            x = h[inflow.cell[f]] + inflow.rate[f] * dt / area
        if x > con.hd and x > deepest:
            dt = min(dt, con.courant * con.dx / np.sqrt(con.g * x))
    lands = dt >= left * (1.0 - 1e-12)
    if lands:
        dt = left
    elif 2.0 * dt > left:
        dt = 0.5 * left
    return dt, lands


@kernel
def advance_window(  # noqa: C901, PLR0912, PLR0915 - the course of a window, one thing after another
    until: float, clock: F8, terms: F8, book: I8, con: Constants, home: Home, packed: Packed,
    runs: Runs, marks: Marks, parts: Parts, owing: Owing, places: Places, shore: Shore,
    edges: Edges, walls: Walls, links: Links, canals: Canals,
    levels: Levels, inflow: Inflow, how: Sampling, qx: F8, qy: F8, queue: F8,
    raining: bool, rain_sum: float, rain_most: float,
) -> int:  # fmt: skip
    """
    Advance to ``until``; return 0, or 1 at the first depth that is NaN or absurd.

    ``clock`` holds time, last sample, smallest and last step, s, and the depth that limited the
    last step; ``terms`` the volumes of the ledger over the cell area, m; ``book`` the buffer of
    the present, the count of steps, whether all is home, whether films may have changed on
    inactive ground, and the most cells with fast flow. ``rain_sum`` and ``rain_most`` are the sum
    and the largest of the rain, m/s.
    """
    rows, w, dx, g, th, _, _, hd, slope, whole = con
    rdx = 1.0 / dx
    level = levels.now
    losing = home.lost.size > 0
    p = book[0]
    t = clock[0]
    begin = t
    last_sample = clock[1]
    queued = 0
    queued_m = 0.0
    patience = 1
    idle = 1
    status = 0
    dry_m = 0.0

    for n in range(level.size):
        level[n] = levels.start[n]
    # What is active, and the largest depths, are known from the window before, unless something
    # acts on ground that may be inactive.
    if book[2] == 1 or book[3] == 1 or raining:
        if book[2] == 0:
            unpack(rows, runs, packed, p, home, w)
        find_largest(rows, home.h, home.wt, w, parts.largest)
        dry_m = refresh(
            whole, book[2] == 1, True, raining, rows, marks, runs, packed, p, home, qx, qy, queue,
            0, w, hd,
        )  # fmt: skip
        p = 1 - p
    elif losing:
        fetch(rows, runs, packed, home, w)
    map_places(places, runs.slot, shore, edges, walls, links, canals, inflow)
    share_rows(rows, runs, parts.bounds)
    book[3] = raining
    book[2] = 0
    set_shore(shore, packed.h[p], packed.z, level)
    _, _, most_shore = zone_faces(shore, packed, p)
    most_canal, in_canal = canal_levels(canals, packed, p, level)
    if greatest(parts.largest) >= TOO_DEEP_BITS:
        return 1

    while t < until:
        deepest = max(from_bits(greatest(parts.largest)), most_shore, most_canal)
        if canals.a.size > 0 and most_canal >= deepest > 0.0:
            home.limiting[places.canal_cell[in_canal]] += 1
        else:
            note_limiting(parts, runs, packed, p, home, w)
        dt, lands = time_step(deepest, inflow, canals, packed.h[p], until - t, con)
        tn = until if lands else t + dt
        for n in range(level.size):
            level[n] = levels.start[n] + (levels.end[n] - levels.start[n]) * (
                (tn - begin) / (until - begin)
            )
        weather = Weather(raining, losing, dt)
        move_water(
            runs,
            packed,
            p,
            parts,
            owing,
            shore,
            edges,
            walls,
            level,
            weather,
            g,
            rdx,
            th,
            hd,
            slope,
        )
        overdrawn = False
        for j in range(1, rows + 1):
            overdrawn |= owing.count[j] != 0
        if overdrawn:
            limit(runs, packed, p, parts, owing, shore, level, weather, rdx)
        if losing:
            lose(runs, packed, parts)
        p = 1 - p

        c = dt * rdx
        gain, loss, most_shore = zone_faces(shore, packed, p)
        terms[0] += rain_sum * dt
        terms[1] += gain * c
        terms[2] += loss * c
        terms[3] += edge_sum(edges, packed, p) * c
        wall_faces(walls, packed, p, dt)
        copy_faces(shore, packed, p)
        pour(inflow, canals, packed, p, runs, parts.largest, dt, rdx, w)
        gain, loss = link_cells(links, canals, packed, p, runs, parts.largest, dt, dx, g)
        terms[4] += gain * rdx * rdx
        terms[5] += loss * rdx * rdx
        if canals.a.size > 0:
            gain, loss, left = move_canals(
                canals, walls, packed, p, runs, parts.largest, dt, dx, g, th, hd, slope
            )
            terms[1] += gain * rdx * rdx
            terms[2] += loss * rdx * rdx
            terms[3] += left * rdx * rdx
            most_canal, in_canal = canal_levels(canals, packed, p, level)
        t = tn
        book[1] += 1
        clock[2] = min(clock[2], dt)
        clock[3] = dt
        clock[4] = deepest
        if (raining or losing) and not whole:
            queue[queued] = dt
            queued += 1
            queued_m += rain_most * dt
        if greatest(parts.largest) >= TOO_DEEP_BITS:
            status = 1
            break

        sampled = np.floor(t / how.interval) > np.floor(last_sample / how.interval)
        if sampled:
            sample(runs, packed, p, parts, home, w, t, t - last_sample, how)
            last_sample = t
            book[4] = max(book[4], parts.fast.sum())
            idle -= 1
        grow = False
        for j in range(1, rows + 1):
            grow |= parts.came[j] != 0
        if raining and not whole:
            grow |= dry_m + queued_m > 0.999 * hd
        shrink = sampled and idle <= 0
        grown = False
        if grow and not (shrink or whole or raining or queued > 0):
            grown = grow_near(
                parts.came, parts.near, rows, marks, runs, packed, p, home, qx[:0], w, hd
            )
        if grown:
            map_places(places, runs.slot, shore, edges, walls, links, canals, inflow)
            set_shore(shore, packed.h[p], packed.z, level)
        elif (grow or shrink) and not whole:
            before = active_columns(runs)
            dry_m = refresh(
                whole, False, not shrink, raining, rows, marks, runs, packed, p, home, qx[:0],
                qy[:0], queue, queued, w, hd,
            )  # fmt: skip
            p = 1 - p
            queued = 0
            queued_m = 0.0
            map_places(places, runs.slot, shore, edges, walls, links, canals, inflow)
            set_shore(shore, packed.h[p], packed.z, level)
            share_rows(rows, runs, parts.bounds)
            if shrink:  # ground that stays wet need not be searched for dry cells at each sample
                patience = min(2 * patience, PATIENCE)
                if active_columns(runs) * 50 < before * 49:
                    patience = 1
                idle = patience
        elif queued == QUEUE or (t >= until and queued > 0):
            dry_m = settle(rows, marks, home, w, queue, queued, raining)
            queued = 0
            queued_m = 0.0

    unpack(rows, runs, packed, p, home, w)
    book[0] = p
    clock[0] = t
    clock[1] = last_sample
    return status
