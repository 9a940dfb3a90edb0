"""
Rules of structures as readable data: ``inside - outside > 0.05 m``.

A rule compares quantities, and joins comparisons with ``and`` and ``or`` (``and`` binds closer).
It is parsed into a small tree; nothing in it is ever executed as code.

==================  =====================================================================  ======
quantity            meaning                                                                unit
==================  =====================================================================  ======
``inside``          water level on the inner side (of a link: at its first end)            m
``outside``         water level on the other side                                          m
``tide``            prescribed level                                                       m
``level(name)``     water level at a gauge of the scenario                                 m
``depth(name)``     water depth at a gauge                                                 m
``rain``            rain now, the mean where it varies                                     mm/h
``time``            since the start of the period                                          s
==================  =====================================================================  ======

Numbers carry their unit: m, cm, mm; mm/h; s, min, h, d. Only 0 may stand without one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from scenarios.schema.base import Text

__all__ = ["Rule", "RuleText", "parse_rule"]

_UNITS = {
    "m": ("m", 1.0), "cm": ("m", 0.01), "mm": ("m", 0.001), "mm/h": ("mm/h", 1.0),
    "s": ("s", 1.0), "min": ("s", 60.0), "h": ("s", 3600.0), "d": ("s", 86400.0),
}  # fmt: skip
_QUANTITIES = {"inside": "m", "outside": "m", "tide": "m", "rain": "mm/h", "time": "s"}
_AT_GAUGE = {"level": "m", "depth": "m"}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>mm/h|cm|mm|min|m|s|h|d)?(?![A-Za-z0-9_.])"
    r"|(?P<place>level|depth)\s*\(\s*(?P<gauge>[^()]{1,80}?)\s*\)"
    r"|(?P<word>[A-Za-z_]+)|(?P<sign>>=|<=|>|<|\+|-|−))"  # noqa: RUF001 - a minus that people type
)
_EXAMPLE = "write it as `inside - outside > 0.05 m and tide < 1.2 m`"


@dataclass(frozen=True, slots=True)
class _Sum:
    """A sum of quantities and numbers: ``(factor, name)`` with name "" for a constant."""

    terms: tuple[tuple[float, str], ...]

    def value(self, values: Mapping[str, float]) -> float:
        return sum(factor * (values[name] if name else 1.0) for factor, name in self.terms)


@dataclass(frozen=True, slots=True)
class _Comparison:
    left: _Sum
    sign: str
    right: _Sum

    def holds(self, values: Mapping[str, float]) -> bool:
        return _COMPARE[self.sign](self.left.value(values), self.right.value(values))


@dataclass(frozen=True, slots=True)
class Rule:
    """
    A condition.

    Parameters
    ----------
    text
        As it was written.
    any_of
        Groups of comparisons: it holds where all of one group hold.
    """

    text: str
    any_of: tuple[tuple[_Comparison, ...], ...]

    def holds(self, values: Mapping[str, float]) -> bool:
        """
        Return whether it holds for *values* by name; a comparison with NaN never does.

        Raises
        ------
        KeyError
            If a quantity of the rule is not among them; :attr:`names` tells which it needs.
        """
        return any(all(one.holds(values) for one in group) for group in self.any_of)

    @property
    def names(self) -> frozenset[str]:
        """Names of the quantities it needs, such as ``tide`` or ``level(Phú An)``."""
        return frozenset(
            name
            for group in self.any_of
            for one in group
            for side in (one.left, one.right)
            for _, name in side.terms
            if name
        )

    @property
    def gauges(self) -> frozenset[str]:
        """Names of the gauges it reads."""
        return frozenset(name.split("(", 1)[1][:-1] for name in self.names if "(" in name)


class _Parser:
    """Reads one rule from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[re.Match[str]] = []
        position = 0
        while text[position:].strip():
            token = _TOKEN.match(text, position)
            if token is None:
                raise ValueError(
                    f"the rule cannot be read from '{text[position:].strip()[:30]}' on; {_EXAMPLE}"
                )
            self._tokens.append(token)
            position = token.end()
        self._next = 0

    def rule(self) -> Rule:
        groups = [[self._comparison()]]
        while self._next < len(self._tokens):
            word = self._tokens[self._next]["word"]
            self._next += 1
            if word == "and":
                groups[-1].append(self._comparison())
            elif word == "or":
                groups.append([self._comparison()])
            else:
                raise ValueError(f"`and` or `or` must stand between two comparisons; {_EXAMPLE}")
        return Rule(self._text, tuple(tuple(group) for group in groups))

    def _comparison(self) -> _Comparison:
        left, left_kind = self._sum()
        sign = self._sign(_COMPARE)
        if sign is None:
            raise ValueError(f"one of > >= < <= is missing; {_EXAMPLE}")
        right, right_kind = self._sum()
        if left_kind and right_kind and left_kind != right_kind:
            raise ValueError(f"{left_kind} cannot be compared with {right_kind}")
        if not (left_kind or right_kind) or not any(n for _, n in left.terms + right.terms):
            raise ValueError(f"the comparison names no quantity; {_EXAMPLE}")
        return _Comparison(left, sign, right)

    def _sum(self) -> tuple[_Sum, str]:
        terms: list[tuple[float, str]] = []
        kind = ""
        factor = -1.0 if self._sign({"-", "−"}) else 1.0  # noqa: RUF001 - as above
        while True:
            size, name, unit = self._term()
            if kind and unit and unit != kind:
                raise ValueError(f"{kind} and {unit} cannot be added")
            kind = kind or unit
            terms.append((factor * size, name))
            sign = self._sign({"+", "-", "−"})  # noqa: RUF001 - as above
            if sign is None:
                return _Sum(tuple(terms)), kind
            factor = 1.0 if sign == "+" else -1.0

    def _sign(self, wanted: Mapping[str, object] | set[str]) -> str | None:
        if self._next < len(self._tokens):
            sign = self._tokens[self._next]["sign"]
            if sign in wanted:
                self._next += 1
                return str(sign)
        return None

    def _term(self) -> tuple[float, str, str]:
        if self._next >= len(self._tokens):
            raise ValueError(f"the rule ends too early; {_EXAMPLE}")
        token = self._tokens[self._next]
        self._next += 1
        if token["number"] is not None:
            number = float(token["number"])
            if token["unit"] is None and number != 0.0:
                raise ValueError(f"the number {token['number']} needs its unit (m, mm/h, h, …)")
            unit, scale = _UNITS[token["unit"]] if token["unit"] else ("", 1.0)
            return number * scale, "", unit
        if token["place"] is not None:
            return 1.0, f"{token['place']}({token['gauge']})", _AT_GAUGE[token["place"]]
        word = token["word"]
        if word in _QUANTITIES:
            return 1.0, word, _QUANTITIES[word]
        shown = word or token["sign"]
        raise ValueError(
            f"'{shown}' is not known; a rule speaks of {', '.join(_QUANTITIES)}, level(gauge) "
            "and depth(gauge)"
        )


def parse_rule(text: str) -> Rule:
    """
    Return the rule that *text* states.

    Raises
    ------
    ValueError
        If it cannot be read, adds or compares unlike quantities, or a number lacks its unit.
    """
    return _Parser(text).rule()


def _checked(text: str) -> str:
    parse_rule(text)
    return text


_SCHEMA: dict[str, Any] = {
    "type": "string",
    "description": "A rule: 'inside - outside > 0.05 m'.",
}

#: A rule as text that :func:`parse_rule` can read.
RuleText = Annotated[Text, AfterValidator(_checked), WithJsonSchema(_SCHEMA)]
