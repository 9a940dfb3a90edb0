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
# (numba's integers and intrinsics are not what Python's type system takes them for)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]  # ships no types
from numba import types
from numba.extending import intrinsic

from models.compile import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F8 = NDArray[np.float64]
    I8 = NDArray[np.int64]
    I4 = NDArray[np.int32]
    U1 = NDArray[np.uint8]

__all__ = ["KEEP", "PAD", "WALL", "depth_row", "flux_row", "limit_row"]

#: Columns of padding to the west, and the width of a block of columns: one cache line.
PAD = 8
#: Level of closed ground, m: above any water, and exact when it is subtracted from itself.
WALL = 1.0e9
#: Share of its water that the limiter lets a cell give: round-off must not make it negative.
KEEP = 1.0 - 1.0e-12
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


@kernel
def face_flux(
    h0: float, h1: float, z0: float, z1: float, n0: float, n1: float,
    q: float, q_sum: float, qt: float, gt: float, rdx: float, th: float, hd: float,
) -> float:  # fmt: skip
    """Return the discharge after the step through the face from cell 0 to cell 1."""
    e0 = h0 + z0
    e1 = h1 + z1
    hf = max(e0, e1) - max(z0, z1)
    push = (gt * rdx) * hf * (e0 - e1)
    mean = th * q + (0.5 * (1.0 - th)) * q_sum
    mean = q if mean * push < 0.0 else mean
    n = 0.5 * (n0 + n1)
    r = inverse_cube_root(max(hf, hd))
    r2 = r * r
    drag = (gt * (n * n)) * np.sqrt(q * q + qt * qt) * ((r * r2) * (r2 * r2))
    return (mean + push) / (1.0 + drag) if hf > hd else 0.0


@kernel
def flux_west(
    h: F8, z: F8, nm: F8, qx: F8, qy: F8, qxn: F8,
    a: int, b: int, w: int, gt: float, rdx: float, th: float, hd: float,
) -> None:  # fmt: skip
    """Discharges through the western faces of cells ``a`` to ``b``."""
    o = np.uint64(1)
    for k in range(np.uint64(a), np.uint64(b)):
        m = k - o
        qt = 0.25 * ((qy[m] + qy[k]) + (qy[m + w] + qy[k + w]))
        qxn[k] = face_flux(
            h[m], h[k], z[m], z[k], nm[m], nm[k], qx[k], qx[m] + qx[k + o], qt, gt, rdx, th, hd
        )


@kernel
def flux_north(
    h: F8, z: F8, nm: F8, qx: F8, qy: F8, qyn: F8,
    a: int, b: int, w: int, gt: float, rdx: float, th: float, hd: float,
) -> None:  # fmt: skip
    """Discharges through the northern faces of cells ``a`` to ``b``."""
    o = np.uint64(1)
    for k in range(np.uint64(a), np.uint64(b)):
        m = k - w
        qt = 0.25 * ((qx[m] + qx[k]) + (qx[m + o] + qx[k + o]))
        qyn[k] = face_flux(
            h[m], h[k], z[m], z[k], nm[m], nm[k], qy[k], qy[m] + qy[k + w], qt, gt, rdx, th, hd
        )


@kernel
def raise_maximum(h: F8, top: F8, a: int, b: int) -> None:
    """Keep in ``top`` the deepest that was seen."""
    for k in range(np.uint64(a), np.uint64(b)):
        top[k] = h[k] if h[k] > top[k] else top[k]  # noqa: FURB136 - a select vectorises


@kernel
def move_water(h: F8, qxn: F8, qyn: F8, hn: F8, a: int, b: int, w: int, c: float) -> int:
    """Depths after the step; negative if a cell would give more than it holds."""
    o = np.uint64(1)
    sign = np.int64(0)
    for k in range(np.uint64(a), np.uint64(b)):
        west = qxn[k]
        east = qxn[k + o]
        north = qyn[k]
        south = qyn[k + w]
        out = (max(-west, 0.0) + max(east, 0.0)) + (max(-north, 0.0) + max(south, 0.0))
        sign |= bits(h[k] * KEEP - out * c)
        hn[k] = h[k] + ((west - east) + (north - south)) * c
    return sign


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
    wu = np.uint64(w)
    for s in range(count[j]):
        a = j * w + span[j, 2 * s]
        b = j * w + span[j, 2 * s + 1]
        flux_west(h, z, nm, qx, qy, qxn, a, b, wu, gt, rdx, th, hd)
        flux_north(h, z, nm, qx, qy, qyn, a, b, wu, gt, rdx, th, hd)
        raise_maximum(h, top, a, b)


@kernel
def depth_row(
    j: int, count: I4, span: I4, h: F8, qxn: F8, qyn: F8, hn: F8, z: F8, wt: F8, w: int, c: float,
    rain: float, shore_first: I8, shore: I8, shore_zone: I8, level: F8, largest: I8,
) -> int:  # fmt: skip
    """
    Depths of the active cells of row ``j`` after the step, and the largest of computed cells.

    Returns a negative number if a cell of the row would give more water than it holds.
    """
    wu = np.uint64(w)
    sign = np.int64(0)
    for s in range(count[j]):
        a = j * w + span[j, 2 * s]
        b = j * w + span[j, 2 * s + 1]
        sign |= move_water(h, qxn, qyn, hn, a, b, wu, c)
        if rain > 0.0:
            add_rain(hn, wt, a, b, rain)
    for f in range(shore_first[j], shore_first[j + 1]):
        hn[shore[f]] = 0.0
    most = np.int64(0)
    for s in range(count[j]):
        most = max(most, largest_bits(hn, j * w + span[j, 2 * s], j * w + span[j, 2 * s + 1]))
    largest[j] = most
    for f in range(shore_first[j], shore_first[j + 1]):
        k = shore[f]
        hn[k] = max(level[shore_zone[f]] - z[k], 0.0)
    return sign


@kernel
def limit_row(j: int, count: I4, span: I4, h: F8, qxn: F8, qyn: F8, w: int, c: float) -> None:
    """
    Scale the discharges out of each overdrawn cell of row ``j`` to the water that it holds.

    Every face has one donor, so the order of cells does not matter.
    """
    for s in range(count[j]):
        for k in range(j * w + span[j, 2 * s], j * w + span[j, 2 * s + 1]):
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
