"""
Checkpoints: named arrays and a document in one file that proves itself.

Layout: the magic, the length of the header (8 bytes, little endian), the header (JSON: the
document and, for each array, name, dtype, shape, offset and length), the arrays' bytes, compressed
by Blosc, and the SHA-256 of all that precedes. The two newest are kept, so that one that the disk
tore falls back to the other.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numcodecs import Blosc

from twin.store import files
from twin.store.layout import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["read_newest", "write_next"]

_MAGIC = b"TWINCKP2"
#: Quick, and small all the same: most of a city is dry, and most statistics are zero.
_CODEC = Blosc(cname="lz4", clevel=1, shuffle=Blosc.SHUFFLE)
_KEPT = 2


def write_next(folder: Path, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> Path:
    """Write the next generation durably, drop all but the two newest, and return its path."""
    files.make_folder(folder)
    existing = _generations(folder)
    number = int(existing[-1].stem) + 1 if existing else 1
    path = folder / f"{number:08d}.ckpt"
    files.write_whole(path, _pack(arrays, meta))
    for old in _generations(folder)[:-_KEPT]:
        files.remove(old)
    return path


def read_newest(folder: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]] | None:
    """Return the newest sound generation, or None where there is none."""
    for path in reversed(_generations(folder)):
        found = _unpack(path)
        if found is not None:
            return found
    return None


def _generations(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]*.ckpt")) if folder.is_dir() else []


def _pack(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> bytearray:
    table, blocks, offset = [], [], 0
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        block = _CODEC.encode(array.reshape(-1)) if array.size else b""
        table.append([name, array.dtype.str, list(np.shape(arrays[name])), offset, len(block)])
        blocks.append(block)
        offset += len(block)
    header = canonical_json({"meta": dict(meta), "arrays": table}).encode()
    packed = bytearray(_MAGIC + len(header).to_bytes(8, "little") + header)
    for block in blocks:
        packed += block
    packed += hashlib.sha256(packed).digest()
    return packed


def _unpack(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]] | None:
    try:
        packed = memoryview(path.read_bytes())
    except OSError:
        return None
    body, proof = packed[:-32], packed[-32:]
    if body[:8] != _MAGIC or hashlib.sha256(body).digest() != proof:
        return None
    start = 16 + int.from_bytes(body[8:16], "little")
    header = json.loads(bytes(body[16:start]))
    arrays = {}
    for name, dtype, shape, offset, length in header["arrays"]:
        block = body[start + offset : start + offset + length]
        flat = np.frombuffer(_CODEC.decode(block) if length else b"", np.dtype(dtype))
        arrays[name] = flat.reshape(shape).copy()
    return arrays, header["meta"]
