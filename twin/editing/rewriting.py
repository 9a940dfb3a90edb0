"""
YAML with other values, and its own order and comments.

Only the lines of what differs are written again: the lines of an entry that changed, nothing else.
Whatever cannot be changed in place is written anew as a whole, and the result is read back: the
text never says anything but the document.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import yaml

from models.errors import InvalidInputError
from scenarios.loader import read_yaml, write_yaml
from twin.editing.edits import same

if TYPE_CHECKING:
    from twin.editing.edits import Document

__all__ = ["rewrite"]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def rewrite(text: str, document: Document) -> str:
    """
    Return YAML that says *document*, as like to *text* as it can be.

    Parameters
    ----------
    text
        YAML of a like document; where it cannot be read, it is not used.
    document
        What the result says.
    """
    try:
        before = read_yaml(text).data
    except InvalidInputError:
        return write_yaml(document, inline=True)
    if same(before, document):
        return text
    root = yaml.compose(text, Loader=_LOADER)
    patch = _Patch(text)
    if isinstance(root, yaml.MappingNode) and patch.mapping(root, before, document):
        result = patch.result()
        try:
            if same(read_yaml(result).data, document):
                return result
        except InvalidInputError:
            pass
    return write_yaml(document, inline=True)


@dataclass
class _Patch:
    """Collects pieces of a text that are to be replaced, and replaces them together."""

    text: str
    pieces: list[tuple[int, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.text.endswith("\n"):
            self.text += "\n"
        self._lines = self.text.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def result(self) -> str:
        """Return the text with its pieces replaced."""
        text = self.text
        for start, end, fresh in sorted(self.pieces, key=lambda piece: piece[:2], reverse=True):
            text = text[:start] + fresh + text[end:]
        return text

    def mapping(self, node: yaml.MappingNode, old: dict[str, Any], new: dict[str, Any]) -> bool:
        """Bring a group from *old* to *new*; False where that cannot be done in place."""
        if node.flow_style or not node.value or not new:
            return False
        kept = len(self.pieces)
        column = node.value[0][0].start_mark.column
        for key, value in node.value:
            name = str(key.value)
            if name in new and same(old[name], new[name]):
                continue
            if name in new and self._value(value, old[name], new[name]):
                continue
            first, end = key.start_mark.line, self._end_line(value)
            lead = self._lines[first][: key.start_mark.column]
            if lead.strip() and name not in new:  # it stands behind the dash of an entry
                del self.pieces[kept:]
                return False
            fresh = lead + _indented({name: new[name]}, column).lstrip() if name in new else ""
            self.pieces.append((self._starts[first], self._starts[end], fresh))
        added = {name: value for name, value in new.items() if name not in old}
        if added:
            end = self._starts[self._end_line(node.value[-1][1])]
            gap = "\n" if column == 0 else ""  # between the parts of a document
            self.pieces.append((end, end, gap + _indented(added, column)))
        return True

    def _value(self, node: yaml.Node, old: Any, new: Any) -> bool:  # noqa: ANN401 - any value
        if isinstance(node, yaml.MappingNode) and isinstance(new, dict):
            return self.mapping(node, old, new)
        if isinstance(node, yaml.SequenceNode) and isinstance(new, list):
            return self._sequence(node, old, new)
        if not isinstance(node, yaml.ScalarNode) or isinstance(new, dict | list):
            return False
        start, end = node.start_mark, node.end_mark
        if start.line != end.line or start.index == end.index:
            return False
        fresh = write_yaml({"x": new})[3:].rstrip("\n")
        if "\n" in fresh or fresh.startswith("|"):
            return False
        first = self._starts[start.line]
        self.pieces.append((first + start.column, first + end.column, fresh))
        return True

    def _sequence(self, node: yaml.SequenceNode, old: list[Any], new: list[Any]) -> bool:
        if node.flow_style or not node.value or not new:
            return False
        kept, column = len(self.pieces), node.start_mark.column
        spans = [(item.start_mark.line, self._end_line(item)) for item in node.value]
        if not all(re.fullmatch(r"\s*-\s+", self._lead(item)) for item in node.value):
            return False
        for kind, i1, i2, j1, j2 in _matches(old, new):
            if kind == "equal":
                continue
            pairs = min(i2 - i1, j2 - j1)
            for i, j in zip(range(i1, i1 + pairs), range(j1, j1 + pairs), strict=True):
                if not self._value(node.value[i], old[i], new[j]):
                    self._replace(spans[i], _entry(new[j], column))
            for i in range(i1 + pairs, i2):
                self._replace(spans[i], "")
            fresh = "".join(_entry(item, column) for item in new[j1 + pairs : j2])
            if fresh:
                at = spans[i2 - 1][1] if i2 else spans[0][0]
                self.pieces.append((self._starts[at], self._starts[at], fresh))
        if len({piece[:2] for piece in self.pieces[kept:]}) < len(self.pieces) - kept:
            del self.pieces[kept:]
            return False
        return True

    def _lead(self, node: yaml.Node) -> str:
        return self._lines[node.start_mark.line][: node.start_mark.column]

    def _replace(self, span: tuple[int, int], fresh: str) -> None:
        self.pieces.append((self._starts[span[0]], self._starts[span[1]], fresh))

    def _end_line(self, node: yaml.Node) -> int:
        """Return the number of the line after the last one of a value."""
        if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
            return self._end_line(node.value[-1][1])
        if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
            return self._end_line(node.value[-1])
        end = node.end_mark.line
        if node.end_mark.column > 0 or end == node.start_mark.line:
            return cast("int", end) + 1
        while end > node.start_mark.line + 1 and not self._lines[end - 1].strip():
            end -= 1  # empty lines after text of many lines
        return cast("int", end)


def _matches(old: list[Any], new: list[Any]) -> list[tuple[str, int, int, int, int]]:
    texts = [[json.dumps(item, sort_keys=True) for item in items] for items in (old, new)]
    matcher = difflib.SequenceMatcher(None, texts[0], texts[1], autojunk=False)
    return [(kind, i1, i2, j1, j2) for kind, i1, i2, j1, j2 in matcher.get_opcodes()]


def _indented(data: dict[str, Any], column: int) -> str:
    lead = " " * column
    lines = write_yaml(data, inline=True).splitlines(keepends=True)
    return "".join(lead + line if line.strip() else line for line in lines)


def _entry(item: Any, column: int) -> str:  # noqa: ANN401 - any value of a document
    if isinstance(item, dict):
        return " " * column + "- " + _indented(item, column + 2).lstrip(" ")
    text = write_yaml({"x": item}, inline=True).removeprefix("x:").strip()
    return " " * column + "- " + text + "\n"
