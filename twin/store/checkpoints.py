"""
Checkpoints: named arrays and a document in one file that proves itself.

Layout: the magic, the length of the header (8 bytes, little endian), the header (JSON: the
document and, for each array, name, dtype, shape and offset), the arrays' bytes, and the SHA-256 of
all that precedes. The two newest are kept, so that one that the disk tore falls back to the other.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from twin.store import files
from twin.store.layout import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["read_newest", "write_next"]

_MAGIC = b"TWINCKP1"
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
        shape = list(np.shape(arrays[name]))
        table.append([name, array.dtype.str, shape, offset])
        blocks.append(array)
        offset += array.nbytes
    header = canonical_json({"meta": dict(meta), "arrays": table}).encode()
    packed = bytearray(_MAGIC + len(header).to_bytes(8, "little") + header)
    for block in blocks:
        packed += memoryview(block.reshape(-1).view(np.uint8))
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
    for name, dtype, shape, offset in header["arrays"]:
        kind = np.dtype(dtype)
        size = int(np.prod(shape, dtype=np.int64))
        flat = np.frombuffer(body, kind, count=size, offset=start + offset)
        arrays[name] = flat.reshape(shape).copy()
    return arrays, header["meta"]
