"""The reference of scenario documents, written out of the schema itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios.schema import TIDAL_SPEEDS_DEG_H, json_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["markdown"]

_HEAD = """# Scenario reference

This page is written by `twin schema --markdown` out of the schema; change the schema, not the page.

A scenario is a YAML or JSON document. It is read strictly: a field that is not known, a value of
another type, a key that stands twice, anchors, aliases and tags are errors, and every error names
file, line, field and value. The limits are 1 MiB, 32 levels and 50,000 values; longer series
belong in CSV files.

- **Quantities** carry their unit in the name of the field: `depth_mm: 204`.
- **Lengths of time** carry it in the value: `6 h`, `90 min`, `01:30` (1 h 30 min), `1 d 2 h`.
- **Moments** are a length of time after the start of the period, or an ISO date and time with its
  zone: `2025-10-22T04:30+07:00`. Series may begin before the start: `-2 h`.
- **Words** are read as in JSON: `no` and `on` are text, only `true` and `false` are yes and no.
- **Places** are `{lon, lat}` (WGS 84), `{x_m, y_m}` (reference system of the city), `{facility}`,
  `{street, cross_street}` or `{bridge}`; **roads** are `{street, between}`, `{segments}`,
  `{near, within_m}` or `{bridge}`.

The shipped scenarios are worked examples; `twin scenarios` lists them, and `twin validate` checks
one of yours. In Python, `Scenario.load(path)` reads one, and `scenario.replace(...)` changes it.
"""


def markdown() -> str:
    """Return the reference as Markdown."""
    schema = json_schema()
    parts = schema.pop("$defs")
    lines = [_HEAD, *_section("Scenario", schema), ""]
    for name in _in_order(schema, parts):
        lines += [*_section(name, parts[name]), ""]
    lines += ["## Tidal constituents", "", "Speeds that are known by name, degrees per hour:", ""]
    lines.append(", ".join(f"{name} {speed:g}" for name, speed in TIDAL_SPEEDS_DEG_H.items()) + ".")
    return "\n".join(lines) + "\n"


def _in_order(schema: dict[str, Any], parts: dict[str, Any]) -> list[str]:
    """Return the names of the parts in the order in which the document meets them."""
    seen: list[str] = []
    waiting = list(_references(schema))
    while waiting:
        name = waiting.pop(0)
        if name not in seen:
            seen.append(name)
            waiting = [*_references(parts[name]), *waiting]
    return seen


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rsplit("/", 1)[-1]
        for key, value in node.items():
            if key != "discriminator":
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _section(name: str, schema: dict[str, Any]) -> list[str]:
    text = " ".join(str(schema.get("description", "")).split()) if name != "Scenario" else ""
    lines = [f"## {name}", ""]
    if text:
        lines += [text, ""]
    if "properties" not in schema:
        return lines
    lines += ["| field | type | default | meaning |", "| --- | --- | --- | --- |"]
    required = schema.get("required", [])
    for field, entry in schema["properties"].items():
        meaning = " ".join(str(entry.get("description", "")).split()).replace("|", "\\|")
        default = "**required**" if field in required else _default(entry)
        lines.append(f"| `{field}` | {_type(entry)} | {default} | {meaning} |")
    return lines


def _default(entry: dict[str, Any]) -> str:
    value = None if "$ref" in entry else entry.get("default")
    if value is None or value in ({}, []):
        return ""
    return f"`{value}`" if not isinstance(value, dict | list) else f"`{_flow(value)}`"


def _flow(value: object) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{k}: {_flow(v)}" for k, v in value.items() if v not in (None, {}, []))
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return str(value)


def _type(entry: dict[str, Any]) -> str:
    if "$ref" in entry:
        name = entry["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in entry:
            kinds = [_type(one) for one in entry[key] if one.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    if "const" in entry:
        return f"`{entry['const']}`"
    if "enum" in entry:
        return ", ".join(f"`{value}`" for value in entry["enum"])
    return _simple(entry)


def _simple(entry: dict[str, Any]) -> str:
    if isinstance(entry.get("type"), list):
        return "time"
    if entry.get("type") == "array":
        return f"list of {_type(entry.get('items', {}))}"
    if entry.get("type") == "object":
        return f"names with {_type(entry.get('additionalProperties', {}))}"
    if entry.get("examples") and entry.get("type") == "string":
        return "date and time"
    kind = {"number": "number", "integer": "whole number", "string": "text", "boolean": "yes or no"}
    text = kind.get(str(entry.get("type")), "anything")
    limits = [
        f"{sign} {entry[key]:g}"
        for key, sign in (
            ("minimum", "≥"),
            ("exclusiveMinimum", ">"),
            ("maximum", "≤"),
            ("exclusiveMaximum", "<"),
        )
        if isinstance(entry.get(key), int | float) and abs(entry[key]) < 1e6
    ]
    return " ".join([text, *limits])
