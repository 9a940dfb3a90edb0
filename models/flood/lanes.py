"""
Arithmetic on eight cells at once, for the inner loops of the solver.

A compiler that has to vectorise a loop by itself needs long runs of cells and proof that arrays do
not overlap; wet ground in a city is neither long nor provable. So the inner loops say what they
mean: ``Lanes`` is eight float64 side by side with the usual operators, which numba passes on to
LLVM as vector instructions of whatever width the processor has. The formulae stay readable, and
every block of eight cells is computed alike, wherever it stands.

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

_FLOAT, _INT, _INT32 = ir.DoubleType(), ir.IntType(64), ir.IntType(32)
_FLOATS, _INTS = ir.VectorType(_FLOAT, WIDTH), ir.VectorType(_INT, WIDTH)
_MAGNITUDE = 0x7FFFFFFFFFFFFFFF


def _floats(number: float) -> ir.Constant:
    return ir.Constant(_FLOATS, [float(number)] * WIDTH)


def _ints(number: int) -> ir.Constant:
    return ir.Constant(_INTS, [number] * WIDTH)


class Lanes:
    """Eight float64 side by side."""

    __slots__ = ("_builder", "value")

    def __init__(self, builder: Any, value: Any) -> None:  # noqa: ANN401 - of llvmlite, untyped
        self._builder = builder
        self.value = value

    def _other(self, other: Lanes | float) -> Any:  # noqa: ANN401 - as above
        return other.value if isinstance(other, Lanes) else _floats(other)

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
        return self._new(self._builder.fsub(_floats(-0.0), self.value))

    def times_plus(self, factor: Lanes | float, term: Lanes | float) -> Lanes:
        """Return ``self * factor + term``, rounded once."""
        return self._call("fma", [self.value, self._other(factor), self._other(term)])

    def root(self) -> Lanes:
        """Return the square root."""
        return self._call("sqrt", [self.value])

    def _call(self, name: str, arguments: Sequence[Any]) -> Lanes:
        kind = ir.FunctionType(_FLOATS, [_FLOATS] * len(arguments))
        function = cgutils.get_or_insert_function(
            self._builder.module, kind, f"llvm.{name}.v{WIDTH}f64"
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
        return self._new(_floats(0.0))

    def inverse_cube_root(self) -> Lanes:
        """
        Return ``self**(-1/3)``, to 1e-9 of itself, for positive normal numbers.

        A third of the upper half of the bits from a constant gives 4 % (the idea of W. Kahan's
        cube root, 1991); one Householder step of order four and one of order three do the rest.
        """
        b = self._builder
        high = b.lshr(b.bitcast(self.value, _INTS), _ints(32))
        third = b.lshr(b.mul(high, _ints(0x55555556)), _ints(32))
        seed = b.shl(b.sub(_ints(0x553EF0FF), third), _ints(32))
        r = self._new(b.bitcast(seed, _FLOATS))
        e = 1.0 - self * (r * r * r)
        r = (r * e).times_plus(e.times_plus(14.0 / 81.0, 2.0 / 9.0).times_plus(e, 1.0 / 3.0), r)
        e = 1.0 - self * (r * r * r)
        return (r * e).times_plus(e.times_plus(2.0 / 9.0, 1.0 / 3.0), r)


class Pointers:
    """Arrays of float64, seen as memory from which lanes are read and to which they are written."""

    def __init__(self, context: Any, builder: Any, kinds: Any, values: Any) -> None:  # noqa: ANN401 - of numba, untyped
        self._builder = builder
        self._data = [
            context.make_array(kind)(context, builder, value).data
            for kind, value in zip(kinds, values, strict=True)
        ]

    def read(self, array: int, first: Any) -> Lanes:  # noqa: ANN401 - an index of llvmlite
        """Return the eight numbers of array number *array* from position *first* on."""
        return Lanes(self._builder, self._builder.load(self._place(array, first), align=8))

    def write(self, array: int, first: Any, lanes: Lanes) -> None:  # noqa: ANN401 - as above
        """Write eight numbers into array number *array* from position *first* on."""
        self._builder.store(lanes.value, self._place(array, first), align=8)

    def write_if(self, condition: Any, array: int, first: Any, lanes: Lanes) -> None:  # noqa: ANN401 - as above
        """As :meth:`write`, where *condition* holds in any lane; else memory is left in peace."""
        with self._builder.if_then(any_of(self._builder, condition)):
            self.write(array, first, lanes)

    def _place(self, array: int, first: Any) -> Any:  # noqa: ANN401 - as above
        pointer = self._builder.gep(self._data[array], [first])
        return self._builder.bitcast(pointer, _FLOATS.as_pointer())


def same_in_all(builder: Any, number: Any) -> Lanes:  # noqa: ANN401 - of llvmlite, untyped
    """Return lanes that all hold *number*."""
    undefined = ir.Constant(_FLOATS, ir.Undefined)
    first = builder.insert_element(undefined, number, ir.Constant(_INT32, 0))
    mask = ir.Constant(ir.VectorType(_INT32, WIDTH), [0] * WIDTH)
    return Lanes(builder, builder.shuffle_vector(first, undefined, mask))


def any_of(builder: Any, condition: Any) -> Any:  # noqa: ANN401 - as above
    """Return whether *condition* holds in any lane."""
    mask = builder.bitcast(condition, ir.IntType(WIDTH))
    return builder.icmp_unsigned("!=", mask, ir.Constant(ir.IntType(WIDTH), 0))


def _reduce(builder: Any, name: str, ints: Any) -> Any:  # noqa: ANN401 - as above
    kind = ir.FunctionType(_INT, [_INTS])
    function = cgutils.get_or_insert_function(
        builder.module, kind, f"llvm.vector.reduce.{name}.v{WIDTH}i64"
    )
    return builder.call(function, [ints])


def any_bits(builder: Any, lanes: Lanes) -> Any:  # noqa: ANN401 - as above
    """Return the bits that are set in any lane: negative if any lane is."""
    return _reduce(builder, "or", builder.bitcast(lanes.value, _INTS))


def largest_bits(builder: Any, lanes: Lanes) -> Any:  # noqa: ANN401 - as above
    """Return the bits of the largest magnitude; above those of infinity if there is a NaN."""
    bits = builder.and_(builder.bitcast(lanes.value, _INTS), _ints(_MAGNITUDE))
    return _reduce(builder, "smax", bits)
