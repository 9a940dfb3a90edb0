"""
Arithmetic on eight cells at once, for the inner loops of the solver.

A compiler that has to vectorise a loop by itself needs long runs of cells and proof that arrays do
not overlap; wet ground in a city is neither long nor provable. So the inner loops say what they
mean: ``Lanes`` is eight float64 or float32 side by side with the usual operators, which numba
passes on to LLVM as vector instructions of whatever width the processor has. The formulae stay
readable, and every block of eight cells is computed alike, wherever it stands.

Multiplication and addition are fused where :meth:`Lanes.times_plus` says so, and nowhere else.
"""

# mypy: disable-error-code="no-untyped-call"
# (numba ships no types)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llvmlite import ir
from numba.core import cgutils

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["WIDTH", "Lanes", "Pointers", "any_bits", "any_of", "largest_bits", "same_in_all"]

#: Cells that are computed at once.
WIDTH = 8

_FLOAT, _SINGLE = ir.DoubleType(), ir.FloatType()
_INT, _INT32 = ir.IntType(64), ir.IntType(32)
_FLOATS = ir.VectorType(_FLOAT, WIDTH)
#: Integers of the size of each kind of number, and all their bits but the sign.
_BITS = {_FLOAT: (_INT, 0x7FFFFFFFFFFFFFFF), _SINGLE: (_INT32, 0x7FFFFFFF)}
#: From the bits of a number to those of a guess at its inverse cube root.
_SINGLE_SEED = 0x54A20000


def _all(kind: Any, number: float) -> ir.Constant:  # noqa: ANN401 - a vector type of llvmlite
    """Return a constant that is the same in all lanes."""
    value = int(number) if isinstance(kind.element, ir.IntType) else float(number)
    return ir.Constant(kind, [value] * WIDTH)


def _integers(kind: Any) -> Any:  # noqa: ANN401 - as above
    """Return the vector type of integers as wide as the numbers of *kind*."""
    return ir.VectorType(_BITS[kind.element][0], WIDTH)


class Lanes:
    """Eight numbers side by side, float64 or float32."""

    __slots__ = ("_builder", "value")

    def __init__(self, builder: Any, value: Any) -> None:  # noqa: ANN401 - of llvmlite, untyped
        self._builder = builder
        self.value = value

    @property
    def is_single(self) -> bool:
        """Whether the numbers are float32."""
        return bool(self.value.type.element == _SINGLE)

    def _other(self, other: Lanes | float) -> Any:  # noqa: ANN401 - as above
        return other.value if isinstance(other, Lanes) else _all(self.value.type, other)

    def _new(self, value: Any) -> Lanes:  # noqa: ANN401 - as above
        return Lanes(self._builder, value)

    def __add__(self, other: Lanes | float) -> Lanes:
        return self._new(self._builder.fadd(self.value, self._other(other)))

    def __radd__(self, other: float) -> Lanes:
        return self._new(self._builder.fadd(self._other(other), self.value))

    def __sub__(self, other: Lanes | float) -> Lanes:
        return self._new(self._builder.fsub(self.value, self._other(other)))

    def __rsub__(self, other: float) -> Lanes:
        return self._new(self._builder.fsub(self._other(other), self.value))

    def __mul__(self, other: Lanes | float) -> Lanes:
        return self._new(self._builder.fmul(self.value, self._other(other)))

    __rmul__ = __mul__

    def __truediv__(self, other: Lanes | float) -> Lanes:
        return self._new(self._builder.fdiv(self.value, self._other(other)))

    def __neg__(self) -> Lanes:
        return self._new(self._builder.fsub(_all(self.value.type, -0.0), self.value))

    def times_plus(self, factor: Lanes | float, term: Lanes | float) -> Lanes:
        """Return ``self * factor + term``, rounded once."""
        return self._call("fma", [self.value, self._other(factor), self._other(term)])

    def root(self) -> Lanes:
        """Return the square root."""
        return self._call("sqrt", [self.value])

    def _call(self, name: str, arguments: Sequence[Any]) -> Lanes:
        kind = ir.FunctionType(self.value.type, [self.value.type] * len(arguments))
        width = 32 if self.is_single else 64
        function = cgutils.get_or_insert_function(
            self._builder.module, kind, f"llvm.{name}.v{WIDTH}f{width}"
        )
        return self._new(self._builder.call(function, arguments))

    def above(self, other: Lanes | float) -> Any:  # noqa: ANN401 - eight truth values of llvmlite
        """Return in which lanes this is the larger one."""
        return self._builder.fcmp_ordered(">", self.value, self._other(other))

    def where(self, condition: Any, other: Lanes | float) -> Lanes:  # noqa: ANN401 - as above
        """Return this where *condition* holds, and *other* elsewhere."""
        return self._new(self._builder.select(condition, self.value, self._other(other)))

    def at_least(self, other: Lanes | float) -> Lanes:
        """Return the larger one of the two."""
        return self.where(self.above(other), other)

    def none(self) -> Lanes:
        """Return eight zeros."""
        return self._new(_all(self.value.type, 0.0))

    def inverse_cube_root(self) -> Lanes:
        """
        Return ``self**(-1/3)``, to 1e-9 of itself (1e-7 in single), for positive normal numbers.

        A third of the bits (of the upper half in double) from a constant gives 4 % (the idea of W.
        Kahan's cube root, 1991); one Householder step of order four and one of order three, or of
        order two in single, do the rest.
        """
        r = self._new(self._seed())
        e = 1.0 - self * (r * r * r)
        r = (r * e).times_plus(e.times_plus(14.0 / 81.0, 2.0 / 9.0).times_plus(e, 1.0 / 3.0), r)
        e = 1.0 - self * (r * r * r)
        if self.is_single:
            return (r * e).times_plus(1.0 / 3.0, r)
        return (r * e).times_plus(e.times_plus(2.0 / 9.0, 1.0 / 3.0), r)

    def _seed(self) -> Any:  # noqa: ANN401 - of llvmlite, untyped
        b = self._builder
        kind = _integers(self.value.type)
        bits = b.bitcast(self.value, kind)
        if self.is_single:
            seed = b.sub(_all(kind, _SINGLE_SEED), b.udiv(bits, _all(kind, 3)))
        else:
            high = b.lshr(bits, _all(kind, 32))
            third = b.lshr(b.mul(high, _all(kind, 0x55555556)), _all(kind, 32))
            seed = b.shl(b.sub(_all(kind, 0x553EF0FF), third), _all(kind, 32))
        return b.bitcast(seed, self.value.type)


class Pointers:
    """Arrays, seen as memory from which lanes are read and to which they are written."""

    def __init__(self, context: Any, builder: Any, kinds: Any, values: Any) -> None:  # noqa: ANN401 - of numba, untyped
        self._builder = builder
        self._data = [
            context.make_array(kind)(context, builder, value).data
            for kind, value in zip(kinds, values, strict=True)
        ]

    def read(self, array: int, first: Any) -> Lanes:  # noqa: ANN401 - an index of llvmlite
        """Return the eight numbers of array number *array* from position *first* on."""
        place = self._place(array, first)
        return Lanes(self._builder, self._builder.load(place, align=self._align(array)))

    def write(self, array: int, first: Any, lanes: Lanes) -> None:  # noqa: ANN401 - as above
        """Write eight numbers into array number *array* from position *first* on."""
        place = self._place(array, first)
        self._builder.store(lanes.value, place, align=self._align(array))

    def write_if(self, condition: Any, array: int, first: Any, lanes: Lanes) -> None:  # noqa: ANN401 - as above
        """As :meth:`write`, where *condition* holds in any lane; else memory is left in peace."""
        with self._builder.if_then(any_of(self._builder, condition)):
            self.write(array, first, lanes)

    def _place(self, array: int, first: Any) -> Any:  # noqa: ANN401 - as above
        pointer = self._builder.gep(self._data[array], [first])
        kind = ir.VectorType(self._data[array].type.pointee, WIDTH)
        return self._builder.bitcast(pointer, kind.as_pointer())

    def _align(self, array: int) -> int:
        return 4 if self._data[array].type.pointee == _SINGLE else 8

    def all(self, number: Any) -> Lanes:  # noqa: ANN401 - a float64 of llvmlite
        """Return lanes of the kind of the first array that all hold *number*."""
        if self._data[0].type.pointee == _SINGLE:
            number = self._builder.fptrunc(number, _SINGLE)
        return same_in_all(self._builder, number)


def same_in_all(builder: Any, number: Any) -> Lanes:  # noqa: ANN401 - of llvmlite, untyped
    """Return lanes that all hold *number*."""
    undefined = ir.Constant(ir.VectorType(number.type, WIDTH), ir.Undefined)
    first = builder.insert_element(undefined, number, ir.Constant(_INT32, 0))
    mask = ir.Constant(ir.VectorType(_INT32, WIDTH), [0] * WIDTH)
    return Lanes(builder, builder.shuffle_vector(first, undefined, mask))


def any_of(builder: Any, condition: Any) -> Any:  # noqa: ANN401 - as above
    """Return whether *condition* holds in any lane."""
    mask = builder.bitcast(condition, ir.IntType(WIDTH))
    return builder.icmp_unsigned("!=", mask, ir.Constant(ir.IntType(WIDTH), 0))


def _reduce(builder: Any, name: str, ints: Any) -> Any:  # noqa: ANN401 - as above
    element = ints.type.element
    kind = ir.FunctionType(element, [ints.type])
    function = cgutils.get_or_insert_function(
        builder.module, kind, f"llvm.vector.reduce.{name}.v{WIDTH}i{element.width}"
    )
    return builder.call(function, [ints])


def any_bits(builder: Any, lanes: Lanes) -> Any:  # noqa: ANN401 - as above
    """Return the bits that are set in any lane: negative if any lane is."""
    found = _reduce(builder, "or", builder.bitcast(lanes.value, _integers(lanes.value.type)))
    return builder.sext(found, _INT) if lanes.is_single else found


def largest_bits(builder: Any, lanes: Lanes) -> Any:  # noqa: ANN401 - as above
    """Return the float64 bits of the largest magnitude; above those of infinity if one is NaN."""
    kind = _integers(lanes.value.type)
    magnitude = _BITS[lanes.value.type.element][1]
    bits = builder.and_(builder.bitcast(lanes.value, kind), _all(kind, magnitude))
    most = _reduce(builder, "smax", bits)
    if not lanes.is_single:
        return most
    return builder.bitcast(builder.fpext(builder.bitcast(most, _SINGLE), _FLOAT), _INT)
