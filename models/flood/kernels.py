"""
The formulae of the local inertial scheme, for eight cells at once.

The scheme is that of Bates, Horritt & Fewtrell (2010), J. Hydrol. 387, eq. 11, with the weighting
of de Almeida et al. (2012), Water Resour. Res. 48, W05528, eq. 8, and the two-dimensional
friction of de Almeida & Bates (2013), Water Resour. Res. 49, taken at the new discharge by one
step of Newton: ``q' = (q̄ - g h Δt S + D q) / (1 + 2 D)``, with ``D = g Δt n² |q| / h^{7/3}``.

Cells stand in blocks of eight neighbours of one row: cell ``k + 1`` is the eastern neighbour of
cell ``k``, while the blocks to the north and to the south of the block at ``k`` begin at ``n``
and at ``s``, and those of their diagonal neighbours at ``low`` and ``high`` (see ``packing.py``).
Face ``qx[k]`` is the western face of cell ``k`` (positive eastward), ``qy[k]`` its northern face
(positive southward).

===========  =========================================================  =========
symbol       meaning                                                    unit
===========  =========================================================  =========
h, hn        depth now and after the step                               m
z, nm        bed level (``WALL`` where closed), Manning's n             m, s/m^⅓
wt           1 where the cell is computed, 0 elsewhere                  1
qx, qy       discharge per unit width now; ``qxn``, ``qyn`` after       m²/s
gain, loss   rain, and the most that may be lost                        m/s
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

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from models.compile import kernel
from models.flood.lanes import Lanes, Pointers, any_bits, any_of
from models.flood.lanes import largest_bits as block_largest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    F8 = NDArray[np.float64]

__all__ = [
    "KEEP", "KEEP_SINGLE", "PAD", "TOO_DEEP_BITS", "WALL", "bits", "deep_block", "depth_block",
    "flux_block", "from_bits", "inverse_cube_root", "lose_block", "mask_block", "rain_block",
]  # fmt: skip

#: Columns of a block: one cache line of float64.
PAD = 8
#: Level of closed ground, m: above any water, and exact when it is subtracted from itself.
WALL = 1.0e9
#: Share of its water that the limiter lets a cell give: round-off must not make it negative.
KEEP = 1.0 - 1.0e-12
#: The same in single precision.
KEEP_SINGLE = 1.0 - 1.0e-6
#: Bits of the depth, 10 km, beyond which, as for NaN, the computation has failed.
TOO_DEEP_BITS = 0x40C3880000000000
#: The arrays of :func:`flux_block`, in order.
H, Z, NM, QX, QY, QXN, QYN, TOP = range(8)
I64 = ir.IntType(64)
ONE = ir.Constant(I64, 1)
#: Discharges below this are none, m²/s: no depth can tell, but the weighting spreads ever smaller
#: ones ahead of a wave, until the processor has to handle them as subnormal numbers.
TRICKLE = 1.0e-20
#: The same in single precision.
TRICKLE_SINGLE = 1.0e-18


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


def face_levels(h: tuple[Lanes, Lanes], z: tuple[Lanes, Lanes], e: Lanes) -> tuple[Lanes, Lanes]:
    """
    Return the fall of the level across a face, and its depth of flow.

    ``e`` is the level on the second side. In single precision the levels are not added up: the
    difference of the beds keeps the digits that a level high above the datum would lose.
    """
    if e.is_single:
        step = z[1] - z[0]
        return (h[0] - h[1]) - step, h[0].at_least(h[1] + step) - step.at_least(0.0)
    first = h[0] + z[0]
    return first - e, first.at_least(e) - z[0].at_least(z[1])


def face_discharge(
    fall: Lanes, hf: Lanes, nm: tuple[Lanes, Lanes],
    q: Lanes, q_sum: Lanes, qt: Lanes, gt: Lanes, rdx: Lanes, th: Lanes, hd: Lanes,
) -> Lanes:  # fmt: skip
    """
    Return the discharges after the step through the faces between pairs of cells.

    ``fall`` is that of the level, ``hf`` the depth of flow, ``q_sum`` the sum of the two
    neighbouring discharges of the same direction, ``qt`` the mean of the four transverse ones.
    """
    push = (gt * rdx) * hf * fall
    mean = q.times_plus(th, (0.5 * (1.0 - th)) * q_sum)
    mean = q.where((-(mean * push)).above(0.0), mean)
    n = nm[0] + nm[1]
    r = hf.at_least(hd).inverse_cube_root()
    r2 = r * r
    drag = ((0.25 * gt) * (n * n)) * q.times_plus(q, qt * qt).root() * ((r * r2) * (r2 * r2))
    # Friction of the new discharge, by one step of Newton from the old one: with the old discharge
    # alone it rings, for ever, where a step is longer than friction takes to act.
    flow = drag.times_plus(q, mean + push) / drag.times_plus(2.0, 1.0)
    flow = flow.where(hf.above(hd), 0.0)
    trickle = TRICKLE_SINGLE if flow.is_single else TRICKLE
    return flow.where((flow * flow).above(trickle * trickle), 0.0)


def as_indices(builder: Any, args: Any) -> list[Any]:  # noqa: ANN401 - of llvmlite, untyped
    """Return positions as integers of 64 bits."""
    return [builder.zext(i, I64) if i.type.width < 64 else i for i in args]


@intrinsic
def flux_block(
    _typing: Any, h: Any, z: Any, nm: Any, qx: Any, qy: Any, qxn: Any, qyn: Any, top: Any,  # noqa: ANN401 - numba's own types
    k: Any, n: Any, s: Any, low: Any, high: Any, gt: Any, rdx: Any, th: Any, hd: Any,  # noqa: ANN401 - as above
) -> Any:  # noqa: ANN401 - as above  # fmt: skip
    """Discharges through western and northern faces of cells ``k`` to ``k + 7``; their maxima."""
    arrays = (h, z, nm, qx, qy, qxn, qyn, top)
    signature = types.void(*arrays, k, n, s, low, high, gt, rdx, th, hd)

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401 - as above
        at = Pointers(context, b, signature.args[:8], args[:8])
        k, n, s, low, high = as_indices(b, args[8:13])
        gt, rdx, th, hd = (at.all(x) for x in args[13:])
        west, east = b.sub(k, ONE), b.add(k, ONE)
        h, z = at.read(H, k), at.read(Z, k)
        e = h + z
        fall_west, h_west = face_levels((at.read(H, west), h), (at.read(Z, west), z), e)
        fall_north, h_north = face_levels((at.read(H, n), h), (at.read(Z, n), z), e)
        wet = b.or_(h_west.above(hd), h_north.above(hd))
        with b.if_else(any_of(b, wet)) as (some, none):
            with some:
                nm, qx, qy = at.read(NM, k), at.read(QX, k), at.read(QY, k)
                q_sum = at.read(QX, west) + at.read(QX, east)
                qt = (at.read(QY, west) + qy) + (at.read(QY, low) + at.read(QY, s))
                flow_x = face_discharge(
                    fall_west, h_west, (at.read(NM, west), nm), qx, q_sum, 0.25 * qt,
                    gt, rdx, th, hd,
                )  # fmt: skip
                q_sum = at.read(QY, n) + at.read(QY, s)
                qt = (at.read(QX, n) + qx) + (at.read(QX, high) + at.read(QX, east))
                flow_y = face_discharge(
                    fall_north, h_north, (at.read(NM, n), nm), qy, q_sum, 0.25 * qt,
                    gt, rdx, th, hd,
                )  # fmt: skip
                at.write(QXN, k, flow_x)
                at.write(QYN, k, flow_y)
            with none:
                at.write(QXN, k, h.none())
                at.write(QYN, k, h.none())
        top = at.read(TOP, k)
        at.write_if(h.above(top), TOP, k, h.at_least(top))
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def depth_block(
    _typing: Any, h: Any, qxn: Any, qyn: Any, hn: Any, k: Any, s: Any, c: Any,  # noqa: ANN401 - numba's own types
) -> Any:  # noqa: ANN401 - as above  # fmt: skip
    """
    Depths of cells ``k`` to ``k + 7`` after the step.

    Returns a number that is negative if a cell would give more than it holds, and the bits of the
    largest depth.
    """
    signature = types.UniTuple(types.int64, 2)(h, qxn, qyn, hn, k, s, c)

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401 - as above
        at = Pointers(context, b, signature.args[:4], args[:4])
        k, s = as_indices(b, args[4:6])
        c = at.all(args[6])
        h = at.read(0, k)
        west, east = at.read(1, k), at.read(1, b.add(k, ONE))
        north, south = at.read(2, k), at.read(2, s)
        out = ((-west).at_least(0.0) + east.at_least(0.0)) + (
            (-north).at_least(0.0) + south.at_least(0.0)
        )
        spare = h * (KEEP_SINGLE if h.is_single else KEEP) - out * c
        hn = ((west - east) + (north - south)).times_plus(c, h)
        at.write(3, k, hn)
        found = [any_bits(b, spare), block_largest(b, hn)]
        return context.make_tuple(b, signature.return_type, found)

    return signature, generate


@intrinsic
def rain_block(_typing: Any, hn: Any, gain: Any, k: Any, dt: Any) -> Any:  # noqa: ANN401 - numba's own types
    """Add the rain of a step to cells ``k`` to ``k + 7``; return the bits of the largest depth."""
    signature = types.int64(hn, gain, k, dt)

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401 - as above
        at = Pointers(context, b, signature.args[:2], args[:2])
        (k,) = as_indices(b, args[2:3])
        hn = at.read(0, k) + at.read(1, k) * at.all(args[3])
        at.write(0, k, hn)
        return block_largest(b, hn)

    return signature, generate


@intrinsic
def lose_block(_typing: Any, hn: Any, loss: Any, taken: Any, k: Any, dt: Any) -> Any:  # noqa: ANN401 - numba's own types
    """Take what the cells ``k`` to ``k + 7`` may lose; return the bits of the largest depth."""
    signature = types.int64(hn, loss, taken, k, dt)

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401 - as above
        at = Pointers(context, b, signature.args[:3], args[:3])
        (k,) = as_indices(b, args[3:4])
        hn = at.read(0, k)
        most = at.read(1, k) * at.all(args[4])
        taken = hn.where(most.above(hn), most).at_least(0.0)
        hn = hn - taken
        at.write(0, k, hn)
        at.write(2, k, taken)
        return block_largest(b, hn)

    return signature, generate


@intrinsic
def mask_block(_typing: Any, hn: Any, wt: Any, k: Any) -> Any:  # noqa: ANN401 - numba's own types
    """Empty the cells ``k`` to ``k + 7`` that are not computed; return the largest depth's bits."""
    signature = types.int64(hn, wt, k)

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401 - as above
        at = Pointers(context, b, signature.args[:2], args[:2])
        (k,) = as_indices(b, args[2:3])
        hn = at.read(0, k) * at.read(1, k)
        at.write(0, k, hn)
        return block_largest(b, hn)

    return signature, generate


@intrinsic
def deep_block(_typing: Any, hn: Any, wt: Any, k: Any) -> Any:  # noqa: ANN401 - numba's own types
    """Return the bits of the largest depth of computed cells among ``k`` to ``k + 7``."""
    signature = types.int64(hn, wt, k)

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401 - as above
        at = Pointers(context, b, signature.args[:2], args[:2])
        (k,) = as_indices(b, args[2:3])
        return block_largest(b, at.read(0, k) * at.read(1, k))

    return signature, generate
