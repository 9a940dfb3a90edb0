"""
The formulae of the finite-volume scheme, for eight cells at once.

A step is that of Hancock with limited slopes (van Leer 1984; Toro 2001, ch. 11), in the form that
keeps a lake at rest: level and bed are reconstructed, and their distance is the depth; where that
would become negative level and depth, from which the bed follows (Audusse et al. 2004); and where
the level falls by more than the depth bed and depth, else the two sides of a face would meet half
way between their levels and leave no depth to flow. The half step is taken in depth and velocity.
Faces carry the flux of Harten, Lax and van Leer with the contact restored (Toro et al. 1994)
between depths above a common bed; a level that lies below the bed beside it pulls with its whole
drop, so that films run down steps at the right speed (Chen & Noelle 2017). Friction is implicit in
closed form (Xia & Liang 2018).

Momentum is balanced against the pressure of the cell's own side of each face, so the pressures of
water at rest never have to cancel: what is left is ``g h Δη`` inside the cell.

=========  =======================================================================  =========
symbol     meaning                                                                  unit
=========  =======================================================================  =========
h, u, v    depth, velocity eastward and southward                                   m, m/s
z, e       bed level (``WALL`` where closed), water level                           m
gn         g n² with Manning's n                                                    m^⅓
un, ut     velocity along and across the normal of a face                           m/s
fh, ft     flux of volume and of transverse momentum                                m²/s, m³/s²
dl, dr     flux of normal momentum less the hydrostatic one, left and right         m³/s²
c, dt      Δt/Δx and Δt                                                             s/m, s
hd         depth at or below which nothing flows                                    m
=========  =======================================================================  =========

``table`` holds the rows that a sweep works on. States at faces stand in two rows in turn: four
numbers (h, u, v, z) for each side W, E, N, S, ``2 w`` apart. Fluxes stand in four rows in turn:
four of western faces, four of northern ones, and two sources, ``4 w`` apart.
"""

# mypy: disable-error-code="no-untyped-call, no-any-return, arg-type, assignment"
# mypy: disable-error-code="attr-defined, return-value, list-item"
# (numba and llvmlite ship no types; lanes stay wide through the usual operators)
# ruff: noqa: PLR0917 - kernels take many arrays by position: numba compiles no keywords

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from models.flood.fv_lanes import Memory, Wide, everywhere, minmod, set_bits
from models.flood.lanes import any_bits, largest_bits

__all__ = [
    "FLUX", "HIGH", "KEEP", "SIDES", "STATE_FIELDS", "TABLE_ROWS", "WALL", "flux_x_block",
    "flux_y_block", "overdrawn_block", "rainy_state_block", "state_block", "update_block",
    "weather_block",
]  # fmt: skip

#: Level of closed ground, m, and a level above which ground counts as closed.
WALL, HIGH = 1.0e9, 0.5e9
#: Share of its water that the limiter lets a cell give: round-off must not make it negative.
KEEP = 1.0 - 1.0e-12
#: g n² of glass, n = 0.01 (Chow 1959, table 5-6), m^⅓; and the films that feel it, in dry depths.
GLASS, FILM = 9.81e-4, 10.0
#: Share of the slope of the bed that the level must have for the bed to be taken as it is: above a
#: half, the bed of dry ground at a shore never reaches below the water beside it.
SURE = 0.55
#: Number of the first field of each side of a cell.
SIDES = WEST, EAST, NORTH, SOUTH = (0, 4, 8, 12)
STATE_FIELDS = 16
#: Rows of the table: two for each number of a state, four for each flux and source.
TABLE_ROWS = 2 * STATE_FIELDS + 4 * 10
#: Where the fluxes begin, in rows.
FLUX = 2 * STATE_FIELDS
I64 = ir.IntType(64)


def _const(number: int) -> ir.Constant:
    return ir.Constant(I64, number)


def _whole(b: Any, numbers: Any) -> list[Any]:  # noqa: ANN401 - of llvmlite
    return [b.zext(i, I64) if i.type.width < 64 else i for i in numbers]


def friction(speed: Wide, h: Wide, gn: Wide, twice: Wide, hd: Wide) -> Wide:
    """
    Return the share of the velocity that friction leaves, implicit and in closed form.

    ``u' = u - Δt g n² |u'| u' / h^{4/3}`` (Xia & Liang 2018, eq. 20); ``twice`` is four times the
    time over which it acts. Films thinner than ``FILM`` dry depths feel glass at least: without
    friction, what is left of the water on a summit would run ever faster.
    """
    gn = gn.at_least(GLASS).where((FILM * hd).above(h), gn)
    r = h.at_least(hd).inverse_cube_root()
    r2 = r * r
    return 2.0 * _inverse(1.0 + (1.0 + (twice * gn) * ((r2 * r2) * speed)).root())


def _inverse(x: Wide) -> Wide:
    return (0.0 * x + 1.0) / x


def surface(h: tuple[Wide, Wide, Wide], z: tuple[Wide, Wide, Wide]) -> list[Wide]:
    """Return the slopes of depth and level in the middle one of three cells, as differences."""
    e = [h[n] + z[n] for n in range(3)]
    es = minmod(e[1] - e[0], e[2] - e[1])
    zs = minmod(z[1] - z[0], z[2] - z[1])
    rest = es - zs
    hs = rest.where(h[1].above(rest.magnitude()), minmod(h[1] - h[0], h[2] - h[1]))
    zs = zs.where((zs * es).above(SURE * (zs * zs)), minmod(zs, es))
    film = es.magnitude().above(h[1])
    return [hs, (zs + hs).where(film, es)]


def _state(*, weather: bool) -> Any:  # noqa: ANN401 - an intrinsic of numba
    """Return the intrinsic for the states at faces, with or without rain."""

    def state(
        _typing: Any, h: Any, u: Any, v: Any, z: Any, gn: Any, table: Any, rain: Any,  # noqa: ANN401 - numba's own types
        kc: Any, kn: Any, ks: Any, kz: Any, w: Any, place: Any, source: Any,  # noqa: ANN401 - as above
        c: Any, dt: Any, g: Any, hd: Any,  # noqa: ANN401 - as above
    ) -> Any:  # noqa: ANN401 - as above  # fmt: skip
        signature = types.void(
            h, u, v, z, gn, table, rain, kc, kn, ks, kz, w, place, source, c, dt, g, hd
        )

        def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401 - as above
            at = Memory(context, b, signature.args[:7], args[:7])
            kc, kn, ks, kz, w, place, source = _whole(b, args[7:14])
            c, dt, g, hd = (everywhere(b, x) for x in args[14:])
            beside = [
                (
                    b.sub(kc, _const(1)),
                    b.add(kc, _const(1)),
                    b.sub(kz, _const(1)),
                    b.add(kz, _const(1)),
                ),
                (kn, ks, b.sub(kz, w), b.add(kz, w)),
            ]
            z0 = at.read(3, kz)
            h0, u0, v0 = (at.read(i, kc) for i in range(3))
            slopes = []
            for first, second, first_z, second_z in beside:
                z1, z2 = at.read(3, first_z), at.read(3, second_z)
                ground = z1.at_least(z2).below(HIGH)
                h1, h2 = at.read(0, first), at.read(0, second)
                found = surface((h1, h0, h2), (z1, z0, z2))
                found += [
                    minmod(x - at.read(i, first), at.read(i, second) - x)
                    for i, x in ((1, u0), (2, v0))
                ]
                slopes.append([slope.where(ground, 0.0) for slope in found])
            (hx, ex, ux, vx), (hy, ey, uy, vy) = slopes
            half = 0.5 * c
            hc = h0 - half * (h0 * (ux + vy) + (u0 * hx + v0 * hy))
            uc = u0 - half * ((u0 * ux + v0 * uy) + g * ex)
            vc = v0 - half * ((u0 * vx + v0 * vy) + g * ey)
            if weather:
                fallen = (0.5 * dt) * at.read(6, kz)
                share = h0 * _inverse((h0 + fallen).at_least(hd))
                hc, uc, vc = hc + fallen, uc * share, vc * share
            speed = (uc * uc + vc * vc).root()
            left = friction(speed, h0, at.read(4, kz), 2.0 * dt, hd).where(h0.above(hd), 0.0)
            uc, vc = uc * left, vc * left
            stride = b.mul(w, _const(2))
            for axis, (hs, es, us, vs) in enumerate(slopes):
                zs = es - hs
                depths = []
                for side, sign in ((8 * axis, -0.5), (8 * axis + 4, 0.5)):
                    hf = (hc + sign * hs).at_least(0.0)
                    depths.append(hf)
                    for n, x in enumerate((hf, uc + sign * us, vc + sign * vs, z0 + sign * zs)):
                        at.write(5, at.field(place, stride, side + n), x)
                force = (0.5 * g) * ((depths[0] + depths[1]) * es)
                at.write(5, at.field(source, b.mul(w, _const(4)), 8 + axis), force)
            return context.get_dummy_value()

        return signature, generate

    return state


#: States at the four faces of eight cells half a step ahead, and the sources of momentum. The first
#: four indices say where the block, the one north and the one south of it stand in ``h``, ``u``,
#: ``v``, and the block itself in ``z``, ``gn``.
state_block = intrinsic(_state(weather=False))
#: The same while it rains.
rainy_state_block = intrinsic(_state(weather=True))


def riemann(b: Any, left: list[Wide], right: list[Wide], g: Wide, hd: Wide) -> list[Wide]:  # noqa: ANN401 - of llvmlite
    """Return ``fh``, ``dl``, ``dr``, ``ft`` between two states ``h``, ``un``, ``ut``, ``z``."""
    hl, ul, tl, zl = left
    hr, ur, tr, zr = right
    # Dry ground above the water is a wall: what comes meets its own mirror image.
    wall_r = b.not_(b.or_(hl.above(zr - zl), hr.above(hd)))
    wall_l = b.not_(b.or_(hr.above(zl - zr), hl.above(hd)))
    hl, hr = hr.where(wall_l, hl), hl.where(wall_r, hr)
    ul, ur = (-ur).where(wall_l, ul), (-ul).where(wall_r, ur)
    zl, zr = zr.where(wall_l, zl), zl.where(wall_r, zr)
    rise = zr - zl
    fall = zl - zr
    # A drop pulls until the water is as fast as one that fell down it.
    pull_l = ((g * hl) * (fall - hr).at_least(0.0)).where((2.0 * g * fall).above(ul * ul), 0.0)
    pull_r = ((g * hr) * (rise - hl).at_least(0.0)).where((2.0 * g * rise).above(ur * ur), 0.0)
    hl = (hl - rise.at_least(0.0)).at_least(0.0)
    hr = (hr - fall.at_least(0.0)).at_least(0.0)
    dry_l, dry_r = b.not_(hl.above(hd)), b.not_(hr.above(hd))
    ul, ur = ur.where(dry_l, ul), ul.where(dry_r, ur)
    cl, cr = (g * hl).root(), (g * hr).root()
    us = 0.5 * (ul + ur) + (cl - cr)
    cs = 0.5 * (cl + cr) + 0.25 * (ul - ur)
    sl = (ur - 2.0 * cr).where(dry_l, (ul - cl).at_most(us - cs)).at_most(0.0)
    sr = (ul + 2.0 * cl).where(dry_r, (ur + cr).at_least(us + cs)).at_least(0.0)
    share = _inverse(sr - sl)
    fl, fr = hl * ul, hr * ur
    ml, mr = fl * ul, fr * ur
    both = sl * sr
    press = (0.5 * g) * ((hr - hl) * (hr + hl))
    fh = ((sr * fl - sl * fr) + both * (hr - hl)) * share
    swap = both * (fr - fl)
    dl = ((sr * ml - sl * (mr + press)) + swap) * share - pull_l
    dr = ((sr * (ml - press) - sl * mr) + swap) * share - pull_r
    wet = hl.at_least(hr).above(hd)
    fh = fh.where(wet, 0.0)
    dl = dl.where(b.and_(wet, b.not_(wall_l)), 0.0)
    dr = dr.where(b.and_(wet, b.not_(wall_r)), 0.0)
    return [fh, dl, dr, fh * tl.where(fh.above(0.0), tr)]


def _flux_block(axis: int) -> Any:  # noqa: ANN401 - an intrinsic of numba
    """Return the intrinsic for faces across *axis*: 0 western, 1 northern ones."""
    across = (0, 1, 2, 3) if axis == 0 else (0, 2, 1, 3)

    def flux(
        _typing: Any, table: Any, behind: Any, place: Any, flux: Any, w: Any, g: Any, hd: Any,  # noqa: ANN401 - numba's own types
    ) -> Any:  # noqa: ANN401 - as above  # fmt: skip
        signature = types.void(table, behind, place, flux, w, g, hd)

        def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401 - as above
            at = Memory(context, b, signature.args[:1], args[:1])
            behind, place, flux, w = _whole(b, args[1:5])
            g, hd = (everywhere(b, x) for x in args[5:])
            two, four = b.mul(w, _const(2)), b.mul(w, _const(4))
            left = at.read_fields(0, behind, two, [8 * axis + 4 + n for n in across])
            right = at.read_fields(0, place, two, [8 * axis + n for n in across])
            for n, x in enumerate(riemann(b, left, right, g, hd)):
                at.write(0, at.field(flux, four, 4 * axis + n), x)
            return context.get_dummy_value()

        return signature, generate

    return flux


#: Fluxes through the western faces of eight cells: ``table, behind, place, flux, w, g, hd``.
flux_x_block = intrinsic(_flux_block(0))
#: Fluxes through the northern faces of eight cells.
flux_y_block = intrinsic(_flux_block(1))


@intrinsic
def overdrawn_block(
    _typing: Any, h: Any, z: Any, table: Any, kc: Any, kz: Any, flux: Any, south: Any, w: Any, c: Any,  # noqa: ANN401, E501 - numba's own types
) -> Any:  # noqa: ANN401 - as above  # fmt: skip
    """Return a negative number if one of eight cells would give more water than it holds."""
    signature = types.int64(h, z, table, kc, kz, flux, south, w, c)

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401 - as above
        at = Memory(context, b, signature.args[:3], args[:3])
        kc, kz, flux, south, w = _whole(b, args[3:8])
        c = everywhere(b, args[8])
        four = b.mul(w, _const(4))
        west, east = at.read(2, flux), at.read(2, b.add(flux, _const(1)))
        north, out = at.read(2, at.field(flux, four, 4)), at.read(2, at.field(south, four, 4))
        given = ((-west).at_least(0.0) + east.at_least(0.0)) + (
            (-north).at_least(0.0) + out.at_least(0.0)
        )
        spare = at.read(0, kc) * KEEP - given * c
        return any_bits(b, spare.where(at.read(1, kz).below(HIGH), 0.0))

    return signature, generate


def _update(*, weather: bool) -> Any:  # noqa: ANN401 - an intrinsic of numba
    """Return the intrinsic that updates eight cells, with or without rain and loss."""

    def update(
        _typing: Any, h: Any, u: Any, v: Any, z: Any, gn: Any, top: Any, table: Any,  # noqa: ANN401 - numba's own types
        rain: Any, loss: Any, lost: Any, wet: Any, k: Any, block: Any, flux: Any, south: Any, w: Any,  # noqa: ANN401, E501 - as above
        c: Any, dt: Any, g: Any, hd: Any, present: Any,  # noqa: ANN401 - as above
    ) -> Any:  # noqa: ANN401 - as above  # fmt: skip
        arrays = (h, u, v, z, gn, top, table, rain, loss, lost)
        signature = types.int64(*arrays, wet, k, block, flux, south, w, c, dt, g, hd, present)

        def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401 - as above
            at = Memory(context, b, signature.args[:10], args[:10])
            k, block, flux, south, w = _whole(b, args[11:16])
            c, dt, g, hd, present = (everywhere(b, x) for x in args[16:])
            four = b.mul(w, _const(4))
            east = b.add(flux, _const(1))

            def read(place: Any, number: int) -> Wide:  # noqa: ANN401 - as above
                return at.read(6, at.field(place, four, number))

            fh = (read(east, 0) - read(flux, 0)) + (read(south, 4) - read(flux, 4))
            mx = ((read(east, 1) - read(flux, 2)) + read(flux, 8)) + (
                read(south, 7) - read(flux, 7)
            )
            my = ((read(south, 5) - read(flux, 6)) + read(flux, 9)) + (
                read(east, 3) - read(flux, 3)
            )
            ground = at.read(3, k).below(HIGH)
            h0 = at.read(0, k)
            mx = h0 * at.read(1, k) - c * mx
            my = h0 * at.read(2, k) - c * my
            h1 = (h0 - c * fh).where(ground, 0.0)
            if weather:
                h1 = h1 + dt * at.read(7, k)
                taken = (dt * at.read(8, k)).at_most(h1)
                h1 = h1 - taken
                at.write(9, k, at.read(9, k) + taken)
            share = _inverse(h1.at_least(hd).at_least(0.25 * h0)).where(h1.above(hd), 0.0)
            u1, v1 = mx * share, my * share
            speed = (u1 * u1 + v1 * v1).root()
            left = friction(speed, h1, at.read(4, k), 4.0 * dt, hd)
            u1, v1 = u1 * left, v1 * left
            at.write(0, k, h1)
            at.write(1, k, u1)
            at.write(2, k, v1)
            top = at.read(5, k)
            at.write_if(h1.above(top), 5, k, h1.at_least(top))
            mask = set_bits(b, h1.above(present))
            data = context.make_array(signature.args[10])(context, b, args[10]).data
            cell = b.gep(data, [block])
            changed = b.zext(b.xor(b.load(cell), mask), I64)
            b.store(mask, cell)
            fastest = (g * h1).root() + u1.magnitude().at_least(v1.magnitude())
            fastest = (0.0 * hd).where(h1.within(hd), fastest)
            found = [largest_bits(b, fastest), changed]
            return context.make_tuple(b, signature.return_type, found)

        return types.UniTuple(types.int64, 2)(*signature.args), generate

    return update


#: Update eight cells; returns the bits of the fastest wave, and whether what is wet changed.
update_block = intrinsic(_update(weather=False))
#: The same, with rain (m/s) and a loss (the most that may be taken, m/s), added up in ``lost``.
weather_block = intrinsic(_update(weather=True))
