"""
What the finite volumes need of eight cells at once, beyond :mod:`models.flood.lanes`.

Slope limiters compare and take the smaller of two numbers; Riemann fluxes choose between states.
All of it is free of branches, and exact: mirrored input gives mirrored output to the last bit.
"""

# mypy: disable-error-code="no-untyped-call"
# (llvmlite ships no types)

from __future__ import annotations

from typing import Any

from llvmlite import ir

from models.flood.lanes import WIDTH, Lanes, Pointers, same_in_all

__all__ = ["Memory", "Wide", "everywhere", "minmod"]

_INT = ir.IntType(64)


class Wide(Lanes):
    """Eight float64 side by side that can also be compared downwards."""

    __slots__ = ()

    def _new(self, value: Any) -> Wide:  # noqa: ANN401 - of llvmlite, untyped
        return Wide(self._builder, value)

    def below(self, other: Lanes | float) -> Any:  # noqa: ANN401 - eight truth values of llvmlite
        """Return in which lanes this is the smaller one."""
        return self._builder.fcmp_ordered("<", self.value, self._other(other))

    def within(self, other: Lanes | float) -> Any:  # noqa: ANN401 - as above
        """Return in which lanes this is a number, and not the larger one."""
        return self._builder.fcmp_ordered("<=", self.value, self._other(other))

    def at_most(self, other: Lanes | float) -> Wide:
        """Return the smaller one of the two."""
        return self._new(self.where(self.below(other), other).value)

    def magnitude(self) -> Wide:
        """Return the number without its sign."""
        return self._new(self._call("fabs", [self.value]).value)


class Memory(Pointers):
    """Arrays of float64 from which :class:`Wide` lanes are read."""

    def read(self, array: int, first: Any) -> Wide:  # noqa: ANN401 - an index of llvmlite
        """Return the eight numbers of array number *array* from position *first* on."""
        return Wide(self._builder, super().read(array, first).value)

    def field(self, first: Any, stride: Any, number: int) -> Any:  # noqa: ANN401 - as above
        """Return the position of field *number* of a table whose fields lie *stride* apart."""
        b = self._builder
        return b.add(first, b.mul(stride, ir.Constant(_INT, number)))

    def read_fields(self, array: int, first: Any, stride: Any, numbers: list[int]) -> list[Wide]:  # noqa: ANN401 - as above
        """Return eight numbers of each of some fields."""
        return [self.read(array, self.field(first, stride, number)) for number in numbers]


def everywhere(builder: Any, number: Any) -> Wide:  # noqa: ANN401 - of llvmlite, untyped
    """Return lanes that all hold *number*."""
    return Wide(builder, same_in_all(builder, number).value)


def minmod(a: Wide, b: Wide) -> Wide:
    """Return the one nearer to zero, or zero where the signs differ (van Leer 1979)."""
    return Wide.__add__(a.at_most(b).at_least(0.0), a.at_least(b).at_most(0.0))  # type: ignore[return-value, attr-defined]  # both stay wide


def set_bits(builder: Any, condition: Any) -> Any:  # noqa: ANN401 - as above
    """Return the truth values as the bits of one byte, the first lane lowest."""
    return builder.bitcast(condition, ir.IntType(WIDTH))
