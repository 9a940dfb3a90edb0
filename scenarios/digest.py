"""A digest that depends on what a document says, and not on how it is written."""

from __future__ import annotations

import hashlib
import json

__all__ = ["canonical_json", "digest_of"]


def canonical_json(content: object) -> str:
    """
    Return JSON text that is the same for the same content.

    Keys are sorted, numbers that are whole are written alike whether integer or float, and no
    space depends on anybody's taste.
    """
    return json.dumps(
        _normal(content),
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
        default=str,
    )


def _normal(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _normal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_normal(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def digest_of(content: object) -> str:
    """Return the SHA-256 of *content* in hexadecimal digits."""
    return hashlib.sha256(canonical_json(content).encode("utf-8")).hexdigest()
