"""
The digest of a run's results.

Two runs have the same digest where every number in their results is the same, however the files
were compressed, whenever they were computed, and whether or not they were interrupted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import zarr

from twin.store.layout import canonical_json

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["WALL_CLOCK_FIELDS", "digest_of_results", "results_digest", "without_wall_clock"]

#: What says how a run was computed, not what it found; left out of the digest everywhere.
WALL_CLOCK_FIELDS = frozenset(
    {
        "created",
        "digest",
        "finished",
        "machine",
        "peak_memory_mib",
        "resumed",
        "run",
        "speed_up",
        "started",
        "threads",
        "wall_s",
    }
)


def without_wall_clock(document: object) -> object:
    """Return a copy of a JSON document without the fields of ``WALL_CLOCK_FIELDS``."""
    if isinstance(document, Mapping):
        return {
            str(key): without_wall_clock(value)
            for key, value in document.items()
            if key not in WALL_CLOCK_FIELDS
        }
    if isinstance(document, Sequence) and not isinstance(document, str | bytes):
        return [without_wall_clock(value) for value in document]
    return document


def results_digest(folder: Path) -> str:
    """Return the SHA-256 over all results in a run's folder, in hexadecimal."""
    digest = _Canonical()
    for name in ("flood.zarr", "roads.zarr"):
        if (folder / name).is_dir():
            digest.add_group(name, zarr.open_group(folder / name, mode="r"))
    tables = [folder / "ledger.parquet", folder / "events.parquet"]
    tables += sorted((folder / "series").glob("*.parquet"))
    for path in tables:
        if path.is_file():
            digest.add_table(path.relative_to(folder).as_posix(), pd.read_parquet(path))
    if (folder / "kpis.json").is_file():
        digest.add_document("kpis.json", json.loads((folder / "kpis.json").read_text("utf-8")))
    if (folder / "commands.jsonl").is_file():
        lines = (folder / "commands.jsonl").read_text("utf-8").splitlines()
        digest.add_document("commands.jsonl", [json.loads(line) for line in lines])
    return digest.hexdigest()


def digest_of_results(document: object, tables: Mapping[str, pd.DataFrame]) -> str:
    """Return the SHA-256 over a JSON document and tables that are not in a folder."""
    digest = _Canonical()
    for name in sorted(tables):
        digest.add_table(name, tables[name])
    digest.add_document("document", document)
    return digest.hexdigest()


class _Canonical:
    """A SHA-256 fed with values in one agreed form."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256()

    def hexdigest(self) -> str:
        return self._sha.hexdigest()

    def _text(self, text: str) -> None:
        data = text.encode()
        self._sha.update(len(data).to_bytes(8, "little"))
        self._sha.update(data)

    def _numbers(self, values: NDArray[Any]) -> None:
        little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
        if little.dtype.kind == "f":
            missing = np.isnan(little)
            if missing.any():  # a NaN has many bit patterns, and they all mean the same
                little = np.where(missing, np.array(np.nan, little.dtype), little)
        self._sha.update(memoryview(np.ascontiguousarray(little).reshape(-1).view(np.uint8)))

    def add_document(self, name: str, document: object) -> None:
        self._text(name)
        self._text(canonical_json(without_wall_clock(document)))

    def add_group(self, name: str, group: zarr.Group) -> None:
        for key, array in sorted(group.arrays()):
            dtype = np.dtype(array.dtype)
            self._text(f"{name}/{key}|{dtype.newbyteorder('<').str}|{array.shape}")
            if array.ndim == 0:
                self._numbers(np.asarray(array[...]))
                continue
            step = array.chunks[0]
            for first in range(0, array.shape[0], step):
                self._numbers(np.asarray(array[first : first + step]))

    def add_table(self, name: str, table: pd.DataFrame) -> None:
        self._text(f"{name}|{len(table)}")
        for column in table.columns:
            if column in WALL_CLOCK_FIELDS:
                continue
            self._text(str(column))
            values = table[column].to_numpy()
            if values.dtype.kind in "biuf":
                self._text(values.dtype.newbyteorder("<").str)
                self._numbers(values)
            elif values.dtype.kind == "M":
                self._numbers(values.astype("datetime64[ns]").astype(np.int64))
            else:
                for value in values:
                    self._text("\0" if value is None or value != value else str(value))  # noqa: PLR0124 - NaN is the one value unlike itself
