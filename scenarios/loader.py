"""
Reading YAML and JSON strictly, and writing it.

Plain data only: no tags, anchors or aliases, no second document, every key once, at most 1 MiB,
32 levels and 50,000 values. Plain words are read as in JSON and not as in YAML 1.1, so that
``01:30`` stays a time, ``no`` stays a word and ``1e3`` is a number. Every value keeps its line
and column for messages.
"""

from __future__ import annotations

import json
import math
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml

from models.errors import InvalidInputError, ScenarioError
from scenarios.plain import plain, put
from scenarios.validation import parse_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import JsonValue

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_VALUES",
    "Document",
    "parse_model",
    "plain",
    "put",
    "read_yaml",
    "write_yaml",
]

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_VALUES = 50_000

type Path_ = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, JsonValue] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
    ".nan": math.nan, ".NaN": math.nan, ".NAN": math.nan,
    ".inf": math.inf, ".Inf": math.inf, ".INF": math.inf,
    "-.inf": -math.inf, "-.Inf": -math.inf, "-.INF": -math.inf,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """
    A mapping that was read, with the place of every value.

    Parameters
    ----------
    name
        The file, for messages.
    data
        Plain data: dict, list, str, int, float, bool and None.
    marks
        Line and column, both from 1, by path; empty where the data did not come from text.
    """

    name: str
    data: dict[str, JsonValue]
    marks: Mapping[Path_, tuple[int, int]] = field(default_factory=dict)

    def place(self, path: Path_) -> str:
        """Return ``file:line: field`` of a value, or of the nearest one around it."""
        line, _ = self.mark(path)
        name = f"{self.name}:{line}" if line else self.name
        return ": ".join(part for part in (name, dotted(path)) if part)

    def mark(self, path: Path_) -> tuple[int, int]:
        """Return line and column of a value, or of the nearest one around it; 0 if unknown."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.marks:
                return self.marks[path[:length]]
        return 0, 0


def dotted(path: Path_) -> str:
    """Return a path as people write it: ``tide.harmonic.constituents[2].name``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_yaml(
    source: Path | str,
    *,
    name: str | None = None,
    limit: int = MAX_BYTES,
    error: type[InvalidInputError] = ScenarioError,
) -> Document:
    """
    Read a YAML or JSON document that is one mapping.

    Parameters
    ----------
    source
        A ``Path`` is a file; a ``str`` is the text itself.
    name
        What stands for the file in messages; by default the path.
    limit
        Largest size, bytes; the number of values may grow in proportion.
    error
        Class of the errors.

    Raises
    ------
    InvalidInputError
        Of the class *error*, naming file, line, column and remedy.
    """
    if isinstance(source, Path):
        name = str(source) if name is None else name
        raw = _read_file(source, name, limit, error)
    else:
        name = "document" if name is None else name
        raw = source.encode("utf-8", errors="surrogatepass")
    if len(raw) > limit:
        raise error(
            f"the document is larger than {limit} bytes",
            where=name,
            remedy="Put long series into CSV files.",
        )
    text = _decode(raw, name, error)
    most = max(MAX_VALUES, MAX_VALUES * limit // MAX_BYTES)
    is_json = isinstance(source, Path) and source.suffix.lower() == ".json"
    return (
        _from_json(text, name, error, most) if is_json else _Reader(text, name, error, most).read()
    )


def write_yaml(data: Mapping[str, JsonValue], *, inline: bool = False) -> str:
    """
    Return *data* as YAML that :func:`read_yaml` reads back to the same data.

    Parameters
    ----------
    data
        The document.
    inline
        Whether points and lists of numbers stand on one line, as people write them.
    """
    dumper = _InlineDumper if inline else _Dumper
    return yaml.dump(
        dict(data), Dumper=dumper, allow_unicode=True, sort_keys=False, width=100, indent=2
    )


class _Dumper(yaml.SafeDumper):
    """Quotes every text that could be read as something else, here or by YAML 1.1; no aliases."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - given by the base class
        return True


class _InlineDumper(_Dumper):
    """Writes lists of plain values, lists of those, and small groups of numbers on one line."""

    def represent_sequence(
        self,
        tag: str,
        sequence: Iterable[Any],
        flow_style: bool | None = None,
    ) -> yaml.SequenceNode:
        flat = all(not isinstance(item, dict) for item in sequence)
        return super().represent_sequence(tag, sequence, flow_style or flat)

    def represent_mapping(
        self,
        tag: str,
        mapping: Any,  # noqa: ANN401 - a mapping or pairs
        flow_style: bool | None = None,
    ) -> yaml.MappingNode:
        small = len(mapping) <= 2 and all(isinstance(v, int | float) for v in mapping.values())
        return super().represent_mapping(tag, mapping, flow_style or (small and len(mapping) == 2))


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    quote = value in _WORDS or _FLOAT.fullmatch(value) is not None or ":" in value
    style = "|" if "\n" in value else '"' if quote else None  # text of many lines line by line
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _number(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    text = repr(value)
    if "e" in text and "." not in text:
        text = text.replace("e", ".0e")  # else PyYAML, which reads as YAML 1.1, adds a tag
    return dumper.represent_scalar("tag:yaml.org,2002:float", text)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(float, _number)


def _read_file(path: Path, name: str, limit: int, error: type[InvalidInputError]) -> bytes:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise error("this is a folder, not a file", where=name)
        if not stat.S_ISREG(mode):
            raise error("this is not an ordinary file", where=name)
        with path.open("rb") as handle:
            return handle.read(limit + 1)
    except FileNotFoundError:
        raise error("there is no such file", where=name, remedy="Check the path.") from None
    except (OSError, ValueError) as cause:
        reason = getattr(cause, "strerror", None) or str(cause)
        raise error(f"the file cannot be read ({reason})", where=name) from cause


def _decode(raw: bytes, name: str, error: type[InvalidInputError]) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        line = raw.count(b"\n", 0, cause.start) + 1
        raise error(
            f"this is not UTF-8 text (byte 0x{raw[cause.start]:02x})",
            where=f"{name}:{line}",
            remedy="Save the file as UTF-8.",
        ) from None


class _Reader:
    """Builds plain data from YAML events, and stops at the first thing that is not allowed."""

    def __init__(self, text: str, name: str, error: type[InvalidInputError], most: int) -> None:
        self._text = text
        self._most = most
        self._name = name
        self._error = error
        self._marks: dict[Path_, tuple[int, int]] = {}
        self._values = 0

    def read(self) -> Document:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(self._text)
        try:
            return self._document(loader)
        except yaml.YAMLError as cause:
            raise self._syntax(cause) from None
        finally:
            loader.dispose()

    def _document(self, loader: Any) -> Document:  # noqa: ANN401 - PyYAML has no common base
        loader.get_event()
        if loader.check_event(yaml.StreamEndEvent):
            raise self._error(
                "the document is empty", where=self._name, remedy="Begin with `schema: 1`."
            )
        loader.get_event()
        first = loader.get_event()
        if not isinstance(first, yaml.MappingStartEvent):
            raise self._fail(first, "the document must be a group of fields, `name: value`")
        data = self._value(loader, first, (), 1)
        loader.get_event()
        if not loader.check_event(yaml.StreamEndEvent):
            raise self._fail(loader.get_event(), "a second document begins here; one is allowed")
        return Document(name=self._name, data=cast("dict[str, JsonValue]", data), marks=self._marks)

    def _value(self, loader: Any, event: Any, path: Path_, depth: int) -> JsonValue:  # noqa: ANN401
        self._admit(event, depth)
        self._marks.setdefault(path, _mark(event))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[JsonValue] = []
            while not isinstance(inner := loader.get_event(), yaml.SequenceEndEvent):
                items.append(self._value(loader, inner, (*path, len(items)), depth + 1))
            return items
        group: dict[str, JsonValue] = {}
        while not isinstance(key := loader.get_event(), yaml.MappingEndEvent):
            name = self._key(key, group)
            self._marks[*path, name] = _mark(key)
            group[name] = self._value(loader, loader.get_event(), (*path, name), depth + 1)
        return group

    def _admit(self, event: Any, depth: int) -> None:  # noqa: ANN401 - as above
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._fail(
                event, "anchors (&) and aliases (*) are not allowed", "Write the value out."
            )
        if event.tag is not None:
            raise self._fail(event, f"the tag {event.tag} is not allowed", "Remove it.")
        if depth > MAX_DEPTH and not isinstance(event, yaml.ScalarEvent):
            raise self._fail(event, f"the document is nested deeper than {MAX_DEPTH} levels")
        self._values += 1
        if self._values > self._most:
            raise self._fail(
                event,
                f"the document has more than {self._most} values",
                "Put long series into CSV files.",
            )

    def _key(self, event: Any, group: dict[str, JsonValue]) -> str:  # noqa: ANN401 - as above
        if not isinstance(event, yaml.ScalarEvent):
            raise self._fail(event, "a field's name must be a word")
        self._admit(event, 0)
        name = str(event.value)
        if len(name) > 200:
            raise self._fail(event, "a field's name is longer than 200 letters")
        if name in group:
            raise self._fail(event, f"the field {name} stands there twice", "Remove one of them.")
        return name

    def _scalar(self, event: yaml.ScalarEvent) -> JsonValue:
        text = str(event.value)
        if event.style in {"'", '"', "|", ">"}:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            if len(text) > 19:
                raise self._fail(event, "the number has too many digits")
            return int(text)
        if _FLOAT.fullmatch(text) and not re.match(r"[-+]?0[0-9]", text):
            return float(text)
        return text

    def _fail(self, event: Any, what: str, remedy: str | None = None) -> InvalidInputError:  # noqa: ANN401
        line, column = _mark(event)
        return self._error(what, where=f"{self._name}:{line}, column {column}", remedy=remedy)

    def _syntax(self, cause: yaml.YAMLError) -> InvalidInputError:
        mark = getattr(cause, "problem_mark", None)
        problem = getattr(cause, "problem", None) or getattr(cause, "reason", None) or str(cause)
        where, remedy = self._name, "Check indentation, colons and quotes around this line."
        if mark is not None:
            where = f"{self._name}:{mark.line + 1}, column {mark.column + 1}"
            lines = self._text.split("\n")
            line = lines[mark.line] if mark.line < len(lines) else ""
            if "\t" in line[: mark.column + 1]:
                remedy = "Indent with spaces, not with tabs."
        return self._error(f"this is not valid YAML ({problem})", where=where, remedy=remedy)


def _mark(event: Any) -> tuple[int, int]:  # noqa: ANN401 - as above
    return event.start_mark.line + 1, event.start_mark.column + 1


class _DuplicateError(ValueError):
    """A key that stands twice in a JSON object."""


def _pairs(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    group = dict(pairs)
    if len(group) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _DuplicateError(f"the field {twice} stands there twice")
    return group


def _from_json(text: str, name: str, error: type[InvalidInputError], most: int) -> Document:
    try:
        # The YAML reader knows lines, and JSON is nearly a part of YAML.
        return _Reader(text, name, error, most).read()
    except InvalidInputError as cause:
        if "not valid YAML" not in cause.what:
            raise
    try:
        data = json.loads(text, object_pairs_hook=_pairs)
    except json.JSONDecodeError as cause:
        raise error(
            f"this is not valid JSON ({cause.msg})",
            where=f"{name}:{cause.lineno}, column {cause.colno}",
        ) from None
    except (RecursionError, ValueError) as cause:
        raise error(f"this is not valid JSON ({cause})", where=name) from None
    if not isinstance(data, dict):
        raise error("the document must be an object", where=name)
    if _depth(data) > MAX_DEPTH:
        raise error(f"the document is nested deeper than {MAX_DEPTH} levels", where=name)
    return Document(name=name, data=data)


def _depth(data: object) -> int:
    depth, level = 0, [data]
    while level and depth <= MAX_DEPTH:
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        depth, level = depth + (1 if any(isinstance(i, dict | list) for i in level) else 0), inner
    return depth
