"""
The loops of the local inertial scheme: fluxes, limiter, depths, one step.

The scheme is that of Bates, Horritt & Fewtrell (2010), J. Hydrol. 387, eq. 11, with the weighting
of de Almeida et al. (2012), Water Resour. Res. 48, W05528, eq. 8, and the two-dimensional
friction of de Almeida & Bates (2013), Water Resour. Res. 49.

All arrays are flat and padded: cell (row, column) of the grid stands at
``k = (row + 1) * w + PAD + column``. Face ``qx[k]`` is the western face of cell ``k`` (positive
eastward), ``qy[k]`` its northern face (positive southward).

===========  =========================================================  =========
symbol       meaning                                                    unit
===========  =========================================================  =========
h, hn        depth now and after the step                               m
z, nm        bed level (``WALL`` where closed), Manning's n             m, s/m^⅓
wt           1 where the cell is computed, 0 elsewhere                  1
qx, qy       discharge per unit width now; ``qxn``, ``qyn`` after       m²/s
w            cells from one row to the next                             1
gt, c        g Δt and Δt/Δx                                             m/s, s/m
th           weight θ of the face's own discharge                       1
hd           depth at or below which nothing flows                      m
===========  =========================================================  =========
"""

# mypy: disable-error-code="arg-type,return-value,call-arg,var-annotated,unreachable,assignment"
# mypy: disable-error-code="no-untyped-call"
# (numba's integers and intrinsics are not what Python's type system takes them for)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from models.compile import kernel
from models.flood.lanes import Lanes, Pointers, any_bits, same_in_all
from models.flood.lanes import largest_bits as block_largest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F8 = NDArray[np.float64]
    I8 = NDArray[np.int64]
    I4 = NDArray[np.int32]
    U1 = NDArray[np.uint8]

__all__ = ["KEEP", "PAD", "WALL", "depth_row", "flux_row", "limit_row", "mend_row"]

#: Columns of padding to the west, and the width of a block of columns: one cache line.
PAD = 8
#: Level of closed ground, m: above any water, and exact when it is subtracted from itself.
WALL = 1.0e9
#: Share of its water that the limiter lets a cell give: round-off must not make it negative.
KEEP = 1.0 - 1.0e-12
#: The arrays of :func:`flux_block`, in order.
H, Z, NM, QX, QY, QXN, QYN, TOP = range(8)
I64 = ir.IntType(64)
#: Discharges below this are none, m²/s: no depth can tell, but the weighting spreads ever smaller
#: ones ahead of a wave, until the processor has to handle them as subnormal numbers.
TRICKLE = 1.0e-20
#: All bits of a float64 but the sign.
MAGNITUDE = 0x7FFFFFFFFFFFFFFF


@intrinsic
def bits(typing_context: Any, x: Any) -> Any:  # noqa: ANN401, ARG001 - numba's own types
    """Return the 64 bits of a float64 as an integer: its order is that of non-negative floats."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401, ARG001 - as above
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def from_bits(typing_context: Any, x: Any) -> Any:  # noqa: ANN401, ARG001 - numba's own types
    """Return the float64 that has these 64 bits."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401, ARG001 - as above
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), generate


@intrinsic
def seed_inverse_cube_root(typing_context: Any, x: Any) -> Any:  # noqa: ANN401, ARG001 - numba's own types
    """
    Guess ``x**(-1/3)`` within 4 % for a positive normal ``x``.

    A third of the upper half of the bits, by a multiplication that vectorises everywhere, taken
    from a constant (the idea of W. Kahan's cube root, 1991).
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401, ARG001 - as above
        i64 = ir.IntType(64)
        high = builder.lshr(builder.bitcast(args[0], i64), ir.Constant(i64, 32))
        third = builder.lshr(builder.mul(high, ir.Constant(i64, 0x55555556)), ir.Constant(i64, 32))
        root = builder.shl(builder.sub(ir.Constant(i64, 0x553EF0FF), third), ir.Constant(i64, 32))
        return builder.bitcast(root, ir.DoubleType())

    return types.float64(types.float64), generate


@kernel
def inverse_cube_root(x: float) -> float:
    """Return ``x**(-1/3)`` to round-off: two Householder steps of order four."""
    r = seed_inverse_cube_root(x)
    e = 1.0 - x * (r * r * r)
    r = r + r * (e * (1.0 / 3.0 + e * (2.0 / 9.0 + e * (14.0 / 81.0))))
    e = 1.0 - x * (r * r * r)
    return r + r * (e * (1.0 / 3.0 + e * (2.0 / 9.0 + e * (14.0 / 81.0))))


def face_discharge(
    h: tuple[Lanes, Lanes], z: tuple[Lanes, Lanes], nm: tuple[Lanes, Lanes],
    q: Lanes, q_sum: Lanes, qt: Lanes, gt: Lanes, rdx: Lanes, th: Lanes, hd: Lanes,
) -> Lanes:  # fmt: skip
    """
    Return the discharges after the step through the faces between pairs of cells.

    ``q_sum`` is the sum of the two neighbouring discharges of the same direction, ``qt`` the mean
    of the four transverse ones.
    """
    e0 = h[0] + z[0]
    e1 = h[1] + z[1]
    hf = e0.at_least(e1) - z[0].at_least(z[1])
    push = (gt * rdx) * hf * (e0 - e1)
    mean = q.times_plus(th, (0.5 * (1.0 - th)) * q_sum)
    mean = q.where((-(mean * push)).above(0.0), mean)
    n = nm[0] + nm[1]
    r = hf.at_least(hd).inverse_cube_root()
    r2 = r * r
    drag = ((0.25 * gt) * (n * n)) * q.times_plus(q, qt * qt).root() * ((r * r2) * (r2 * r2))
    flow = ((mean + push) / (1.0 + drag)).where(hf.above(hd), 0.0)
    return flow.where((flow * flow).above(TRICKLE * TRICKLE), 0.0)


@intrinsic
def flux_block(
    _typing: Any, h: Any, z: Any, nm: Any, qx: Any, qy: Any, qxn: Any, qyn: Any, top: Any,  # noqa: ANN401 - numba's own types
    k: Any, w: Any, gt: Any, rdx: Any, th: Any, hd: Any,  # noqa: ANN401 - as above
) -> Any:  # noqa: ANN401 - as above  # fmt: skip
    """Discharges through western and northern faces of cells ``k`` to ``k + 7``; their maxima."""
    arrays = (h, z, nm, qx, qy, qxn, qyn, top)
    signature = types.void(*arrays, k, w, gt, rdx, th, hd)

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401 - as above
        at = Pointers(context, b, signature.args[:8], args[:8])
        k, w = (b.zext(i, I64) if i.type.width < 64 else i for i in args[8:10])
        gt, rdx, th, hd = (same_in_all(b, x) for x in args[10:])
        one = ir.Constant(I64, 1)
        west, east = b.sub(k, one), b.add(k, one)
        north, south = b.sub(k, w), b.add(k, w)
        h, z, nm = (at.read(i, k) for i in (H, Z, NM))
        qx, qy = at.read(QX, k), at.read(QY, k)
        for back, q, new, q_sum, qt in (
            (
                west, qx, QXN, at.read(QX, west) + at.read(QX, east),
                (at.read(QY, west) + qy) + (at.read(QY, b.add(west, w)) + at.read(QY, south)),
            ),
            (
                north, qy, QYN, at.read(QY, north) + at.read(QY, south),
                (at.read(QX, north) + qx) + (at.read(QX, b.add(north, one)) + at.read(QX, east)),
            ),
        ):  # fmt: skip
            behind = [at.read(i, back) for i in (H, Z, NM)]
            flow = face_discharge(
                (behind[0], h), (behind[1], z), (behind[2], nm),
                q, q_sum, 0.25 * qt, gt, rdx, th, hd,
            )  # fmt: skip
            at.write(new, k, flow)
        top = at.read(TOP, k)
        at.write_if(h.above(top), TOP, k, h.at_least(top))
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def depth_block(
    _typing: Any, h: Any, qxn: Any, qyn: Any, hn: Any, k: Any, w: Any, c: Any,  # noqa: ANN401 - numba's own types
) -> Any:  # noqa: ANN401 - as above  # fmt: skip
    """
    Depths of cells ``k`` to ``k + 7`` after the step.

    Returns a number that is negative if a cell would give more than it holds, and the bits of the
    largest depth.
    """
    signature = types.UniTuple(types.int64, 2)(h, qxn, qyn, hn, k, w, c)

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401 - as above
        at = Pointers(context, b, signature.args[:4], args[:4])
        k, w = (b.zext(i, I64) if i.type.width < 64 else i for i in args[4:6])
        c = same_in_all(b, args[6])
        h = at.read(0, k)
        west, east = at.read(1, k), at.read(1, b.add(k, ir.Constant(I64, 1)))
        north, south = at.read(2, k), at.read(2, b.add(k, w))
        out = ((-west).at_least(0.0) + east.at_least(0.0)) + (
            (-north).at_least(0.0) + south.at_least(0.0)
        )
        spare = h * KEEP - out * c
        hn = ((west - east) + (north - south)).times_plus(c, h)
        at.write(3, k, hn)
        found = [any_bits(b, spare), block_largest(b, hn)]
        return context.make_tuple(b, signature.return_type, found)

    return signature, generate


@kernel
def add_rain(hn: F8, wt: F8, a: int, b: int, rain: float) -> None:
    """Rain of one step on computed cells."""
    for k in range(np.uint64(a), np.uint64(b)):
        hn[k] = hn[k] + rain * wt[k]


@kernel
def largest_bits(h: F8, a: int, b: int) -> int:
    """Bits of the largest magnitude; above those of infinity if there is a NaN."""
    top = np.int64(0)
    for k in range(np.uint64(a), np.uint64(b)):
        top = max(top, bits(h[k]) & MAGNITUDE)
    return top


@kernel
def flux_row(
    j: int, count: I4, span: I4, h: F8, z: F8, nm: F8, qx: F8, qy: F8, qxn: F8, qyn: F8, top: F8,
    w: int, gt: float, rdx: float, th: float, hd: float,
) -> None:  # fmt: skip
    """Discharges through the western and northern faces of the active cells of row ``j``."""
    for s in range(count[j]):
        for k in range(j * w + span[j, 2 * s], j * w + span[j, 2 * s + 1], PAD):
            flux_block(h, z, nm, qx, qy, qxn, qyn, top, k, w, gt, rdx, th, hd)


@kernel
def finish_row(
    j: int, count: I4, span: I4, hn: F8, z: F8, w: int,
    shore_first: I8, shore: I8, shore_zone: I8, level: F8, largest: I8,
) -> None:  # fmt: skip
    """Find the largest depth of computed cells of row ``j``, and set the prescribed ones."""
    for f in range(shore_first[j], shore_first[j + 1]):
        hn[shore[f]] = 0.0  # cells of a prescribed level do not limit the step
    most = np.int64(0)
    for s in range(count[j]):
        most = max(most, largest_bits(hn, j * w + span[j, 2 * s], j * w + span[j, 2 * s + 1]))
    largest[j] = most
    for f in range(shore_first[j], shore_first[j + 1]):
        k = shore[f]
        hn[k] = max(level[shore_zone[f]] - z[k], 0.0)


@kernel
def depth_row(
    j: int, count: I4, span: I4, h: F8, qxn: F8, qyn: F8, hn: F8, z: F8, wt: F8, w: int, c: float,
    rain: float, shore_first: I8, shore: I8, shore_zone: I8, level: F8, largest: I8, owing: I4,
) -> int:  # fmt: skip
    """
    Depths of the active cells of row ``j`` after the step, and the largest of computed cells.

    Returns how many blocks hold a cell that would give more water than it holds; ``owing[j]``
    lists their first columns.
    """
    found = 0
    most = np.int64(0)
    for s in range(count[j]):
        for k in range(j * w + span[j, 2 * s], j * w + span[j, 2 * s + 1], PAD):
            sign, deep = depth_block(h, qxn, qyn, hn, k, w, c)
            most = max(most, deep)
            if sign < 0:
                owing[j, found] = k - j * w
                found += 1
    if rain > 0.0:
        for s in range(count[j]):
            add_rain(hn, wt, j * w + span[j, 2 * s], j * w + span[j, 2 * s + 1], rain)
    largest[j] = most
    if rain > 0.0 or shore_first[j + 1] > shore_first[j]:
        finish_row(j, count, span, hn, z, w, shore_first, shore, shore_zone, level, largest)
    return found


@kernel
def limit_row(j: int, owed: I4, owing: I4, h: F8, qxn: F8, qyn: F8, w: int, c: float) -> None:
    """
    Scale the discharges out of each overdrawn cell of row ``j`` to the water that it holds.

    Every face has one donor, so the order of cells does not matter.
    """
    for n in range(owed[j]):
        a = j * w + owing[j, n]
        for k in range(a, a + PAD):
            west = qxn[k]
            east = qxn[k + 1]
            north = qyn[k]
            south = qyn[k + w]
            out = (max(-west, 0.0) + max(east, 0.0)) + (max(-north, 0.0) + max(south, 0.0))
            if out * c > h[k] * KEEP:
                share = h[k] / (out * c) * KEEP
                if west < 0.0:
                    qxn[k] = west * share
                if east > 0.0:
                    qxn[k + 1] = east * share
                if north < 0.0:
                    qyn[k] = north * share
                if south > 0.0:
                    qyn[k + w] = south * share


@kernel
def mend_row(
    j: int, owed: I4, owing: I4, active: U1, count: I4, span: I4, h: F8, qxn: F8, qyn: F8, hn: F8,
    z: F8, wt: F8, w: int, c: float, rain: float,
    shore_first: I8, shore: I8, shore_zone: I8, level: F8, largest: I8,
) -> None:  # fmt: skip
    """Compute again the depths of row ``j`` beside faces that were limited."""
    if (owed[j - 1] | owed[j] | owed[j + 1]) == 0:
        return
    for i in range(j - 1, j + 2):
        reach = PAD if i == j else 0
        for n in range(owed[i]):
            for column in range(owing[i, n] - reach, owing[i, n] + reach + PAD, PAD):
                if active[j, column // PAD] != 0:
                    k = j * w + column
                    depth_block(h, qxn, qyn, hn, k, w, c)
                    if rain > 0.0:
                        add_rain(hn, wt, k, k + PAD, rain)
    finish_row(j, count, span, hn, z, w, shore_first, shore, shore_zone, level, largest)
